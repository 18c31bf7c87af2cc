//! Words that one place alone may use: three libraries and the wall clock.

use super::layers::CONFINED;
use super::lexer::Kind;
use super::source::Source;
use super::{Finding, Rule, Tree};

/// What reads the wall clock.
const CLOCK_TYPES: &[&str] = &["SystemTime", "Instant", "Timestamp", "Zoned"];

/// Checks every Rust file, test code included: a confined library is confined in tests as well, and
/// a pure package's tests give the same answer tomorrow.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        check_confined(source, &mut findings);
        check_clock(source, &mut findings);
    }
    findings
}

fn check_confined(source: &Source, findings: &mut Vec<Finding>) {
    for token in source.tokens().iter().filter(|t| t.kind == Kind::Word) {
        for confined in CONFINED.iter().filter(|c| c.library == token.text) {
            if !source.path.starts_with(confined.path) {
                findings.push(Finding::new(
                    Rule::Confined,
                    &source.path,
                    token.line,
                    format!("only {} names {}", confined.path, confined.library),
                    "use what that place offers",
                ));
            }
        }
    }
}

fn check_clock(source: &Source, findings: &mut Vec<Finding>) {
    let Some(place) = &source.place else {
        return;
    };
    if place.has_clock() {
        return;
    }
    for clock in CLOCK_TYPES {
        for at in source.find(&[clock, "::", "now"]) {
            let line = source.tokens()[at].line;
            if place.is_pure() || !source.is_test(line) {
                findings.push(Finding::new(
                    Rule::WallClock,
                    &source.path,
                    line,
                    format!("{clock}::now reads the wall clock"),
                    "take the time as an argument; only server and tools read it",
                ));
            }
        }
    }
}
