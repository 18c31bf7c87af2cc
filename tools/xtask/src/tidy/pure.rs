//! What the pure packages do without: floats, hash order, `unwrap`, host byte order, I/O, unsized
//! integers in bytes.
//!
//! Their test code is exempt, except from byte order: golden files are read on every machine.

use super::lexer::{Kind, Token};
use super::source::Source;
use super::{Finding, Rule, Tree};

const ENDIAN: &[&str] = &["to_ne_bytes", "from_ne_bytes"];
const IO_MODULES: &[&str] = &["fs", "net"];

/// Checks every Rust file of a pure package.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_pure = |source: &&Source| source.place.as_ref().is_some_and(|place| place.is_pure());
    for source in tree.sources().iter().filter(is_pure) {
        for at in 0..source.tokens().len() {
            check_token(source, at, &mut findings);
        }
        if source.path.starts_with("log-format/") {
            check_encoded(source, &mut findings);
        }
    }
    findings
}

fn check_token(source: &Source, at: usize, findings: &mut Vec<Finding>) {
    let token = &source.tokens()[at];
    let Some((rule, remedy)) = judge(source, at, token) else {
        return;
    };
    if rule == Rule::PureEndian || !source.is_test(token.line) {
        let found = format!("{} in a pure package", token.text);
        findings.push(Finding::new(rule, &source.path, token.line, found, remedy));
    }
}

fn judge(source: &Source, at: usize, token: &Token) -> Option<(Rule, &'static str)> {
    let before = |back: usize| {
        let place = at.checked_sub(back)?;
        source.tokens().get(place).map(|t| t.text.as_str())
    };
    match (token.kind, token.text.as_str()) {
        (Kind::Float, _) | (Kind::Word, "f32" | "f64") => {
            Some((Rule::PureFloat, "use integers with the unit in the name"))
        }
        (Kind::Word, "HashMap" | "HashSet") => {
            Some((Rule::PureHash, "use BTreeMap, BTreeSet or a sorted list"))
        }
        (Kind::Word, "unwrap") if matches!(before(1), Some("." | "::")) => Some((
            Rule::PureUnwrap,
            "return the error, or `expect` what the program itself guarantees and say why",
        )),
        (Kind::Word, word) if ENDIAN.contains(&word) => Some((
            Rule::PureEndian,
            "use to_be_bytes or to_le_bytes as SPEC.md says",
        )),
        (Kind::Word, "tokio") => Some((Rule::PureIo, "waiting belongs to log, app and server")),
        (Kind::Word, word) if IO_MODULES.contains(&word) && is_in_std(source, at) => {
            Some((Rule::PureIo, "take bytes as an argument and return bytes"))
        }
        _ => None,
    }
}

/// Whether the word at `at` is a module of std: `std::fs`, or `fs` on the first level of
/// `std::{…}`.
fn is_in_std(source: &Source, at: usize) -> bool {
    let tokens = source.tokens();
    let text = |place: usize| tokens.get(place).map_or("", |t| t.text.as_str());
    if at >= 2 && text(at - 1) == "::" && text(at - 2) == "std" {
        return true;
    }
    if at == 0 || !matches!(text(at - 1), "{" | ",") {
        return false;
    }
    source
        .find(&["std", "::", "{"])
        .any(|group| (group + 3..=source.closing(group + 2)).contains(&at))
}

/// No `usize` in the fields of a type that is written.
fn check_encoded(source: &Source, findings: &mut Vec<Finding>) {
    for derive in source.find(&["derive", "("]) {
        let close = source.closing(derive + 1);
        let names = &source.tokens()[derive..close];
        if !names.iter().any(|token| token.text == "Serialize") {
            continue;
        }
        let keyword = (close..source.tokens().len())
            .find(|at| matches!(source.tokens()[*at].text.as_str(), "struct" | "enum"));
        let Some((keyword, body)) = keyword.and_then(|k| Some((k, source.body(k)?))) else {
            continue;
        };
        for token in &source.tokens()[keyword..=source.closing(body)] {
            let is_unsized = matches!(token.text.as_str(), "usize" | "isize");
            if token.kind == Kind::Word && is_unsized && !source.is_test(token.line) {
                findings.push(Finding::new(
                    Rule::EncodedUsize,
                    &source.path,
                    token.line,
                    format!("{} in a type that is written", token.text),
                    "use u16, u32 or u64 as SPEC.md says",
                ));
            }
        }
    }
}
