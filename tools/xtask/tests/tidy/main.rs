//! The workspace keeps the house rules, and a planted violation of each rule is caught.

mod documents;
mod exceptions;
mod layers;
mod planted;
mod words;

use std::path::Path;

#[test]
fn the_workspace_keeps_the_house_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap();
    let report = xtask::tidy::check(root).unwrap();
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn every_rule_has_its_own_name() {
    let rules = xtask::tidy::Rule::ALL;
    for (at, rule) in rules.iter().enumerate() {
        assert!(rules[..at].iter().all(|other| other.name() != rule.name()));
    }
}
