//! One idea per file and per function.
//!
//! Lines of code count: neither blanks nor comments nor test code. Width is rustfmt's business.

use super::lexer::Kind;
use super::source::Source;
use super::{Finding, Rule, Tree};

/// Lines of code a file should stay within.
pub const FILE_LINES_WANTED: usize = 500;
/// Lines of code at which a file fails.
pub const FILE_LINES_MAX: usize = 600;
/// Lines of code a function should stay within.
pub const FUNCTION_LINES_WANTED: usize = 70;
/// Lines of code at which a function fails.
pub const FUNCTION_LINES_MAX: usize = 90;

/// Checks every Rust file that is not test code.
pub fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.sources() {
        check_file(source, notes, &mut findings);
        check_functions(source, notes, &mut findings);
    }
    findings
}

fn check_file(source: &Source, notes: &mut Vec<String>, findings: &mut Vec<Finding>) {
    let lines = source.code_lines(1, usize::MAX);
    if lines > FILE_LINES_MAX {
        findings.push(Finding::new(
            Rule::FileLength,
            &source.path,
            1,
            format!("{lines} lines of code, at most {FILE_LINES_MAX}"),
            "look for the second idea in the file and give it its own",
        ));
    } else if lines > FILE_LINES_WANTED {
        notes.push(format!(
            "{}: {lines} lines of code, wanted: {FILE_LINES_WANTED}",
            source.path
        ));
    }
}

fn check_functions(source: &Source, notes: &mut Vec<String>, findings: &mut Vec<Finding>) {
    for at in source.find(&["fn"]) {
        let first = &source.tokens()[at];
        let name = source.tokens().get(at + 1).filter(|t| t.kind == Kind::Word);
        let (Some(name), Some(body)) = (name, source.body(at)) else {
            continue;
        };
        if source.is_test(first.line) {
            continue;
        }
        let last = source.tokens()[source.closing(body)].line_end;
        let lines = source.code_lines(first.line, last);
        if lines > FUNCTION_LINES_MAX {
            findings.push(Finding::new(
                Rule::FunctionLength,
                &source.path,
                first.line,
                format!(
                    "{} has {lines} lines of code, at most {FUNCTION_LINES_MAX}",
                    name.text
                ),
                "look for the second idea in the function and name it",
            ));
        } else if lines > FUNCTION_LINES_WANTED {
            notes.push(format!(
                "{}:{}: {} has {lines} lines of code, wanted: {FUNCTION_LINES_WANTED}",
                source.path, first.line, name.text
            ));
        }
    }
}
