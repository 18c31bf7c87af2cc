//! Planted violations: the list of exceptions.

use xtask::tidy::Rule;

use crate::planted::check;

const LIST: &str = "tools/xtask/tidy-exceptions.toml";
const SOURCE: &str = "crates/domain/src/a.rs";
const FLOAT: &str = "fn a(b: f64) {}";

fn check_exception(path: &str, rule: &str, reason: &str, expected: &[(Rule, &str, usize)]) {
    let list = format!(
        "# why\n[[exception]]\npath = \"{path}\"\nrule = \"{rule}\"\nreason = \"{reason}\"\n"
    );
    check(&[(LIST, &list), (SOURCE, FLOAT)], expected);
}

#[test]
fn an_exception_with_a_reason_is_obeyed() {
    check_exception(SOURCE, "pure-float", "a reason", &[]);
    check_exception("crates/domain/", "pure-float", "a reason", &[]);
}

#[test]
fn an_exception_covers_one_rule_in_one_place() {
    let expected = [(Rule::PureFloat, SOURCE, 1), (Rule::Exception, LIST, 2)];
    check_exception(SOURCE, "pure-hash", "a reason", &expected);
    check_exception(
        "crates/domain/src/b.rs",
        "pure-float",
        "a reason",
        &expected,
    );
    check_exception("crates/dom", "pure-float", "a reason", &expected);
}

#[test]
fn an_exception_needs_a_reason() {
    check_exception(SOURCE, "pure-float", " ", &[(Rule::Exception, LIST, 2)]);
}

#[test]
fn an_unused_exception_is_a_violation() {
    let list = "[[exception]]\npath = \"a.rs\"\nrule = \"leftover\"\nreason = \"b\"\n";
    check(&[(LIST, list)], &[(Rule::Exception, LIST, 1)]);
    check(&[(LIST, "")], &[]);
}

#[test]
fn an_exception_for_no_rule_is_a_violation() {
    let expected = [(Rule::PureFloat, SOURCE, 1), (Rule::Exception, LIST, 2)];
    check_exception(SOURCE, "nothing", "a reason", &expected);
}
