//! The limits in the specification equal the limits in the code, both ways.
//!
//! `log-format/SPEC.md` has rows `| NAME | value | … |`, `log-format/src/limits.rs` has `pub const
//! NAME: T = value;`. A value is a number, a product, a sum, a shift, or another constant of the
//! same file.

use std::collections::BTreeMap;

use super::lexer::{self, Kind, Token};
use super::source::Source;
use super::{Finding, Rule, Tree};

const SPEC: &str = "log-format/SPEC.md";
const LIMITS: &str = "log-format/src/limits.rs";

/// A constant's value and line.
type Constants = BTreeMap<String, (u128, usize)>;

/// Compares the two files; a note where one is not there yet.
pub fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let limits = tree.sources().iter().find(|source| source.path == LIMITS);
    let (Some(limits), Some(spec)) = (limits, tree.text(SPEC)) else {
        notes.push(format!(
            "{SPEC} or {LIMITS} is not there yet: constants not compared"
        ));
        return Vec::new();
    };
    let in_code = constants_in_code(limits);
    let in_spec = constants_in_spec(&spec, &in_code);
    let mut findings = Vec::new();
    for (name, (value, line)) in &in_spec {
        let found = match in_code.get(name) {
            Some((other, _)) if other == value => continue,
            Some((other, _)) => format!("{name} is {value} here and {other} in {LIMITS}"),
            None => format!("{name} is not a constant of {LIMITS}"),
        };
        findings.push(Finding::new(
            Rule::SpecConstant,
            SPEC,
            *line,
            found,
            "the specification decides; repair the code, or change the format version",
        ));
    }
    for (name, (_, line)) in &in_code {
        if !in_spec.contains_key(name) {
            findings.push(Finding::new(
                Rule::SpecConstant,
                LIMITS,
                *line,
                format!("{name} is not in a table of {SPEC}"),
                "add the row `| NAME | value | meaning |` to the table of limits",
            ));
        }
    }
    findings
}

/// Every `pub const NAME: T = value;` whose value is a whole number.
fn constants_in_code(source: &Source) -> Constants {
    let mut constants = Constants::new();
    for at in source.find(&["pub", "const"]) {
        let tokens = &source.tokens()[at..];
        let Some(name) = tokens.get(2).filter(|name| name.kind == Kind::Word) else {
            continue;
        };
        let equals = tokens.iter().position(|token| token.text == "=");
        let end = tokens.iter().position(|token| token.text == ";");
        let (Some(equals), Some(end)) = (equals, end) else {
            continue;
        };
        if let Some(value) = tokens
            .get(equals + 1..end)
            .and_then(|v| evaluate(v, &constants))
        {
            constants.insert(name.text.clone(), (value, name.line));
        }
    }
    constants
}

/// Every row whose first cell is a constant's name and whose second is a whole number.
fn constants_in_spec(spec: &str, known: &Constants) -> Constants {
    let mut constants = Constants::new();
    for (line, row) in (1..).zip(spec.lines()) {
        let mut cells = row
            .trim()
            .split('|')
            .skip(1)
            .map(|cell| cell.trim().trim_matches('`'));
        let (Some(name), Some(value)) = (cells.next(), cells.next()) else {
            continue;
        };
        let value = lexer::lex(&value.replace([',', '`'], "").replace('×', "*")).tokens;
        if is_constant_name(name)
            && let Some(value) = evaluate(&value, known)
        {
            constants.insert(name.to_owned(), (value, line));
        }
    }
    constants
}

fn is_constant_name(name: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.contains('_') && name.chars().all(is_upper) && !name.starts_with('_')
}

/// The value of an expression of whole numbers with `<<`, `+`, `-`, `*`, brackets and `as T`. A
/// word after a complete value ends the expression, so that a cell may say `1024 bytes`.
fn evaluate(tokens: &[Token], known: &Constants) -> Option<u128> {
    let mut reader = Reader {
        tokens,
        at: 0,
        known,
    };
    let value = reader.shift()?;
    let rest = reader.tokens.get(reader.at);
    rest.is_none_or(|token| token.kind == Kind::Word)
        .then_some(value)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    known: &'a Constants,
}

impl Reader<'_> {
    fn takes(&mut self, text: &str) -> bool {
        let found = self
            .tokens
            .get(self.at)
            .is_some_and(|token| token.text == text);
        self.at += usize::from(found);
        found
    }

    fn shift(&mut self) -> Option<u128> {
        let mut value = self.sum()?;
        while self.takes("<") {
            if !self.takes("<") {
                return None;
            }
            let places = u32::try_from(self.sum()?).ok()?;
            value = value.checked_shl(places)?;
        }
        Some(value)
    }

    fn sum(&mut self) -> Option<u128> {
        let mut value = self.product()?;
        loop {
            if self.takes("+") {
                value = value.checked_add(self.product()?)?;
            } else if self.takes("-") {
                value = value.checked_sub(self.product()?)?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<u128> {
        let mut value = self.single()?;
        while self.takes("*") {
            value = value.checked_mul(self.single()?)?;
        }
        Some(value)
    }

    fn single(&mut self) -> Option<u128> {
        let value = if self.takes("(") {
            let value = self.shift()?;
            if !self.takes(")") {
                return None;
            }
            value
        } else {
            let token = self.tokens.get(self.at)?;
            self.at += 1;
            match token.kind {
                Kind::Integer => number(&token.text)?,
                Kind::Word => self.known.get(&token.text)?.0,
                Kind::Float | Kind::Text | Kind::Lifetime | Kind::Mark => return None,
            }
        };
        if self.takes("as") {
            self.at += 1;
        }
        Some(value)
    }
}

/// `1_000`, `0x10`, `0b11`, `7u32`.
fn number(text: &str) -> Option<u128> {
    let text = text.replace('_', "");
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0b") => (&text[2..], 2),
        Some("0o") => (&text[2..], 8),
        _ => (text.as_str(), 10),
    };
    let end = digits.find(['u', 'i']).unwrap_or(digits.len());
    u128::from_str_radix(&digits[..end], radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Option<u128>) {
        let known = Constants::from([("KNOWN_MAX".to_owned(), (9, 1))]);
        assert_eq!(
            evaluate(&lexer::lex(expression).tokens, &known),
            expected,
            "{expression}"
        );
    }

    #[test]
    fn expressions_of_whole_numbers_have_a_value() {
        check("1_048_576", Some(1 << 20));
        check("1 << 20", Some(1 << 20));
        check("4 * 1024 * 1024 - 1", Some(4_194_303));
        check("(1 << 3) * KNOWN_MAX as usize", Some(72));
        check("0xFFu32", Some(255));
        check("1048576 bytes", Some(1 << 20));
    }

    #[test]
    fn other_expressions_have_none() {
        check("Duration::from_secs(1)", None);
        check("UNKNOWN_MAX", None);
        check("1.5", None);
        check("", None);
    }
}
