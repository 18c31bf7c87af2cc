//! Nothing unfinished and nothing switched off is committed.

use super::lexer::Comment;
use super::source::Source;
use super::{Finding, Rule, Tree};

const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];
const MARKERS: &[&str] = &["TODO", "FIXME"];
/// Files other than Rust in which markers are looked for, comments and all.
const MARKED_FILES: &[&str] = &[".css", ".html", ".js", ".py", ".sh", ".toml", "/run"];
/// Consecutive comment lines that end like statements from which on they are code.
const COMMENTED_LINES_MIN: usize = 3;

/// Checks every Rust file, test code included, and the markers in the other sources.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        check_code(source, &mut findings);
        for comment in &source.lexed.comments {
            check_markers(&source.path, &comment.text, comment.line, &mut findings);
        }
        check_commented_code(source, &mut findings);
    }
    let is_marked = |path: &&str| MARKED_FILES.iter().any(|end| path.ends_with(end));
    for path in tree.paths().filter(is_marked) {
        for (line, text) in (1..).zip(tree.text(path).unwrap_or_default().lines()) {
            check_markers(path, text, line, &mut findings);
        }
    }
    findings
}

fn check_code(source: &Source, findings: &mut Vec<Finding>) {
    let mut leftover = |at: usize, found: String, remedy| {
        let line = source.tokens()[at].line;
        findings.push(Finding::new(
            Rule::Leftover,
            &source.path,
            line,
            found,
            remedy,
        ));
    };
    for name in MACROS {
        for at in source.find(&[name, "!"]) {
            leftover(at, format!("{name}!"), "finish it or leave it out");
        }
    }
    for at in source.find(&["#", "[", "ignore"]) {
        leftover(at, "#[ignore]".to_owned(), "repair the test or delete it");
    }
}

fn check_markers(path: &str, text: &str, line: usize, findings: &mut Vec<Finding>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for word in text.split(|c| !is_word(c)) {
        if MARKERS.contains(&word) {
            findings.push(Finding::new(
                Rule::Leftover,
                path,
                line,
                word.to_owned(),
                "do it, or write an issue and say here why the code is right as it is",
            ));
        }
    }
}

fn check_commented_code(source: &Source, findings: &mut Vec<Finding>) {
    let mut streak: Vec<&Comment> = Vec::new();
    for comment in &source.lexed.comments {
        let follows = streak
            .last()
            .is_some_and(|last| last.line + 1 == comment.line);
        if !follows {
            streak.clear();
        }
        if !is_like_code(&comment.text) {
            streak.clear();
            continue;
        }
        streak.push(comment);
        if streak.len() == COMMENTED_LINES_MIN {
            findings.push(Finding::new(
                Rule::CommentedCode,
                &source.path,
                streak[0].line,
                "code in a comment".to_owned(),
                "delete it; git remembers",
            ));
        }
    }
}

/// A plain comment line that ends as statements and blocks do.
fn is_like_code(comment: &str) -> bool {
    let is_plain = !comment.starts_with("///") && !comment.starts_with("//!");
    is_plain && comment.starts_with("//") && comment.trim_end().ends_with([';', '{', '}'])
}
