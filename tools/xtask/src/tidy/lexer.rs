//! Rust source to tokens and comments, each with its line.
//!
//! In scope: enough to tell code from comments and text, so that a comment that mentions a
//! forbidden word is no violation. Out of scope: grammar. Total: any bytes give some token list,
//! none gives an error.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Identifier or keyword.
    Word,
    /// Number without fraction, exponent or float suffix.
    Integer,
    /// Number with fraction, exponent or float suffix.
    Float,
    /// String or character literal; the token's text is what stands between the quotes.
    Text,
    /// `'a`.
    Lifetime,
    /// `::` or any other single character.
    Mark,
}

/// One token of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its characters; literals without quotes.
    pub text: String,
    /// Line on which it starts, from 1.
    pub line: usize,
    /// Line on which it ends, from 1.
    pub line_end: usize,
}

/// One comment, or one line of a block comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its characters with the leading slashes.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

/// A source text taken apart.
#[derive(Debug, Default)]
pub struct Lexed {
    /// The code, in order.
    pub tokens: Vec<Token>,
    /// The comments, in order, doc comments included.
    pub comments: Vec<Comment>,
}

/// Takes a source text apart.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        lexed: Lexed::default(),
    };
    while lexer.step() {}
    lexer.lexed
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    lexed: Lexed,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Moves one character on, counting lines.
    fn advance(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn slice(&self, from: usize, to: usize) -> String {
        let end = to.min(self.chars.len());
        self.chars[from.min(end)..end].iter().collect()
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.lexed.tokens.push(Token {
            kind,
            text,
            line,
            line_end: self.line,
        });
    }

    /// Takes one token, comment or blank; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.peek(0) else {
            return false;
        };
        match (first, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.quoted(0),
            ('\'', _) => self.quote_or_lifetime(),
            (first, _) if first.is_whitespace() => self.advance(),
            (first, _) if first.is_ascii_digit() => self.number(),
            (first, _) if is_word(first) => self.word(),
            (':', Some(':')) => {
                self.push(Kind::Mark, "::".to_owned(), self.line);
                self.at += 2;
            }
            (mark, _) => {
                self.push(Kind::Mark, mark.to_string(), self.line);
                self.at += 1;
            }
        }
        true
    }

    fn line_comment(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        let text = self.slice(start, self.at);
        self.lexed.comments.push(Comment {
            text,
            line: self.line,
        });
    }

    fn block_comment(&mut self) {
        let (start, line) = (self.at, self.line);
        let mut depth = 0_usize;
        while let Some(first) = self.peek(0) {
            let opens = first == '/' && self.peek(1) == Some('*');
            let closes = first == '*' && self.peek(1) == Some('/');
            self.advance();
            if opens || closes {
                self.advance();
                depth = if opens { depth + 1 } else { depth - 1 };
            }
            if depth == 0 {
                break;
            }
        }
        let text = self.slice(start, self.at);
        for (line, text) in (line..).zip(text.lines().map(str::to_owned)) {
            self.lexed.comments.push(Comment { text, line });
        }
    }

    /// A literal with escapes whose opening quote stands `prefix` characters ahead.
    fn quoted(&mut self, prefix: usize) {
        let line = self.line;
        self.at += prefix;
        let quote = self.peek(0);
        self.advance();
        let start = self.at;
        while let Some(next) = self.peek(0) {
            if Some(next) == quote {
                break;
            }
            if next == '\\' {
                self.advance();
            }
            self.advance();
        }
        let text = self.slice(start, self.at);
        self.push(Kind::Text, text, line);
        self.at += 1;
    }

    /// A raw literal whose first `#` or quote stands `prefix` characters ahead.
    fn raw(&mut self, prefix: usize, hashes: usize) {
        let line = self.line;
        self.at += prefix + hashes + 1;
        let start = self.at;
        while self.peek(0).is_some() && !self.closes_raw(hashes) {
            self.advance();
        }
        let text = self.slice(start, self.at);
        self.push(Kind::Text, text, line);
        self.at += hashes + 1;
    }

    fn closes_raw(&self, hashes: usize) -> bool {
        self.peek(0) == Some('"') && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'))
    }

    fn quote_or_lifetime(&mut self) {
        let is_literal = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        if is_literal {
            return self.quoted(0);
        }
        let start = self.at;
        self.at += 1;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let text = self.slice(start, self.at);
        self.push(Kind::Lifetime, text, self.line);
    }

    fn word(&mut self) {
        let mut length = 0;
        while self.peek(length).is_some_and(is_word) {
            length += 1;
        }
        let text = self.slice(self.at, self.at + length);
        let mut hashes = 0;
        while self.peek(length + hashes) == Some('#') {
            hashes += 1;
        }
        let quote = self.peek(length + hashes);
        match text.as_str() {
            "r" | "br" | "cr" if quote == Some('"') => return self.raw(length, hashes),
            "b" | "c" if hashes == 0 && quote == Some('"') => return self.quoted(length),
            "b" if hashes == 0 && quote == Some('\'') => return self.quoted(length),
            _ => {}
        }
        self.at += length;
        self.push(Kind::Word, text, self.line);
    }

    fn number(&mut self) {
        let start = self.at;
        // After a full stop this is a tuple place: `pair.0.1` holds no fraction.
        let is_place = self.lexed.tokens.last().is_some_and(|t| t.text == ".");
        self.digits();
        if !is_place && self.peek(0) == Some('.') {
            let next = self.peek(1);
            if next.is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                self.digits();
            } else if !next.is_some_and(|c| c == '.' || is_word(c)) {
                self.at += 1;
            }
        }
        let text = self.slice(start, self.at);
        let kind = if is_float(&text) {
            Kind::Float
        } else {
            Kind::Integer
        };
        self.push(kind, text, self.line);
    }

    fn digits(&mut self) {
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_float(number: &str) -> bool {
    if number.starts_with("0x") || number.starts_with("0b") || number.starts_with("0o") {
        return false;
    }
    let suffix = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    number.contains('.')
        || ["e", "E", "f32", "f64"]
            .iter()
            .any(|s| suffix.starts_with(s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let lexed = lex(source);
        let found: Vec<&str> = lexed.tokens.iter().map(|t| t.text.as_str()).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn comments_are_no_code() {
        check("a // f64\n/* sled /* axum */ */ b", &["a", "b"]);
        assert_eq!(lex("/// one\n/* two\nthree */").comments.len(), 3);
    }

    #[test]
    fn literals_are_one_token_whatever_they_hold() {
        check(
            r##"x(r#"a " b"#, b"c\"d", '"')"##,
            &["x", "(", "a \" b", ",", "c\\\"d", ",", "\"", ")"],
        );
        check("r\"// no comment\" y", &["// no comment", "y"]);
        check(r"'\'' z", &["\\'", "z"]);
    }

    #[test]
    fn a_lifetime_is_no_character() {
        check("&'a str", &["&", "'a", "str"]);
        check("'a'", &["a"]);
    }

    #[test]
    fn fractions_are_told_from_ranges_and_tuple_places() {
        let kinds = |source: &str| -> Vec<Kind> {
            let tokens = lex(source).tokens;
            tokens
                .iter()
                .map(|t| t.kind)
                .filter(|k| *k != Kind::Mark && *k != Kind::Word)
                .collect()
        };
        assert_eq!(kinds("1.5 2. 1e9 3f64 1_0f32"), [Kind::Float; 5]);
        assert_eq!(
            kinds("1..5 p.0.1 0x1e5 7usize 9.max(2)"),
            [Kind::Integer; 8]
        );
    }

    #[test]
    fn lines_are_counted_through_literals() {
        let tokens = lex("a\n\"x\ny\" b").tokens;
        let lines: Vec<(usize, usize)> = tokens.iter().map(|t| (t.line, t.line_end)).collect();
        assert_eq!(lines, [(1, 1), (2, 3), (3, 3)]);
    }
}
