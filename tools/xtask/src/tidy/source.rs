//! One Rust file as the rules see it: tokens, comments, and which lines are test code.

use super::layers::{self, Place};
use super::lexer::{self, Kind, Lexed, Token};

/// One Rust file.
#[derive(Debug)]
pub struct Source {
    /// Path from the workspace folder, with `/`.
    pub path: String,
    /// Its package's place in the layering, where it has one.
    pub place: Option<Place>,
    /// Its code and comments.
    pub lexed: Lexed,
    /// Lines of test items, from 1, both ends included.
    test_ranges: Vec<(usize, usize)>,
    /// Modules declared as `#[cfg(test)] mod name;`, as paths without `.rs`.
    pub test_modules: Vec<String>,
}

impl Source {
    /// Takes one file apart.
    pub fn new(path: &str, text: &str) -> Self {
        let mut source = Self {
            path: path.to_owned(),
            place: layers::place_of(path),
            lexed: lexer::lex(text),
            test_ranges: Vec::new(),
            test_modules: Vec::new(),
        };
        if is_test_path(path) {
            source.mark_as_test();
        }
        source.find_test_items();
        source
    }

    /// Declares the whole file test code.
    pub fn mark_as_test(&mut self) {
        self.test_ranges = vec![(0, usize::MAX)];
    }

    /// Whether the line belongs to test code.
    pub fn is_test(&self, line: usize) -> bool {
        self.test_ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&line))
    }

    /// The tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.lexed.tokens
    }

    /// Places in the token list where the given texts follow each other.
    pub fn find<'a>(&'a self, pattern: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        let windows = self.tokens().windows(pattern.len()).enumerate();
        windows
            .filter(move |(_, window)| {
                let mut pairs = window.iter().zip(pattern);
                pairs.all(|(token, text)| token.text == *text && token.kind != Kind::Text)
            })
            .map(|(at, _)| at)
    }

    /// Place of the bracket that closes the one at `open`; the last token where none does.
    pub fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (at, token) in self.tokens().iter().enumerate().skip(open) {
            match (token.kind, token.text.as_str()) {
                (Kind::Mark, "(" | "[" | "{") => depth += 1,
                (Kind::Mark, ")" | "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens().len().saturating_sub(1)
    }

    /// Place of the `{` that opens the body of the item at `from`, or of the `;` that ends it
    /// without one.
    pub fn body(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while let Some(token) = self.tokens().get(at) {
            match (token.kind, token.text.as_str()) {
                (Kind::Mark, "{" | ";") => return Some(at),
                (Kind::Mark, "(" | "[") => at = self.closing(at),
                (Kind::Mark, ")" | "]" | "}") => return None,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// How many of the lines from `first` to `last` hold code: neither blank nor comment only.
    pub fn code_lines(&self, first: usize, last: usize) -> usize {
        let (mut count, mut seen) = (0, 0);
        for token in self.tokens() {
            if token.line_end < first || token.line > last {
                continue;
            }
            for line in token.line..=token.line_end {
                if line > seen && !self.is_test(line) {
                    count += 1;
                    seen = line;
                }
            }
        }
        count
    }

    fn find_test_items(&mut self) {
        let inner = self
            .find(&["#", "!", "[", "cfg", "(", "test", ")", "]"])
            .next();
        if inner.is_some() {
            self.mark_as_test();
        }
        let attributes: Vec<usize> = self.find(&["#", "["]).collect();
        for at in attributes {
            let end = self.closing(at + 1);
            if !is_test_attribute(&self.tokens()[at + 2..end.max(at + 2)]) {
                continue;
            }
            let item = self.after_attributes(end + 1);
            let Some(body) = self.body(item) else {
                continue;
            };
            self.note_test_module(item, body);
            let last = self.tokens()[self.closing(body)].line_end;
            let first = self.tokens()[at].line;
            self.test_ranges.push((first, last));
        }
    }

    fn after_attributes(&self, from: usize) -> usize {
        let mut at = from;
        while self.tokens().get(at).is_some_and(|t| t.text == "#") {
            at = self.closing(at + 1) + 1;
        }
        at
    }

    /// `mod name;` under `#[cfg(test)]` makes another file test code.
    fn note_test_module(&mut self, item: usize, body: usize) {
        let [.., keyword, name] = &self.tokens()[item..body] else {
            return;
        };
        if keyword.text != "mod" || self.tokens()[body].text != ";" {
            return;
        }
        let (folder, file) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let module = match file {
            "lib.rs" | "main.rs" | "mod.rs" => format!("{folder}/{}", name.text),
            _ => format!("{folder}/{}/{}", file.trim_end_matches(".rs"), name.text),
        };
        self.test_modules.push(module);
    }
}

/// Whether the path alone says that the file is test code.
fn is_test_path(path: &str) -> bool {
    let mut folders = path.split('/');
    folders.next_back();
    folders.any(|folder| matches!(folder, "tests" | "benches" | "examples" | "fuzz"))
}

/// `cfg(test)`, `cfg(all(test, …))`, `test`, `tokio::test`.
fn is_test_attribute(attribute: &[Token]) -> bool {
    let words: Vec<&str> = attribute.iter().map(|t| t.text.as_str()).collect();
    words.starts_with(&["cfg", "(", "test", ")"])
        || words.starts_with(&["cfg", "(", "all", "(", "test"])
        || matches!(words[..], ["test"])
        || words.starts_with(&["tokio", "::", "test"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, test_lines: &[usize]) {
        let source = Source::new(path, text);
        let found: Vec<usize> = (1..=text.lines().count())
            .filter(|l| source.is_test(*l))
            .collect();
        assert_eq!(found, test_lines, "{text}");
    }

    #[test]
    fn a_test_module_ends_with_its_bracket() {
        check(
            "crates/log/src/a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n}\nfn b() {}",
            &[2, 3, 4],
        );
        check(
            "crates/log/src/a.rs",
            "#[test]\n#[should_panic]\nfn a() {\n}\nfn b() {}",
            &[1, 2, 3, 4],
        );
    }

    #[test]
    fn files_in_test_folders_are_test_code() {
        check("crates/log/tests/a.rs", "fn a() {}", &[1]);
        check("crates/log/src/tests.rs", "fn a() {}", &[]);
    }

    #[test]
    fn a_test_module_in_its_own_file_is_found() {
        let source = Source::new("crates/log/src/a.rs", "#[cfg(test)]\nmod tests;\n");
        assert_eq!(source.test_modules, ["crates/log/src/a/tests"]);
    }

    #[test]
    fn code_lines_leave_out_blanks_comments_and_tests() {
        let source = Source::new(
            "crates/log/src/a.rs",
            "// a\n\nfn a() {\n\n}\n#[test]\nfn b() {}\n",
        );
        assert_eq!(source.code_lines(1, usize::MAX), 2);
    }
}
