//! What is allowed in spite of a rule, with the reason. An exception that nothing needs is a
//! violation itself.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Finding, Rule, Tree};
use crate::error::TaskError;

/// The list of exceptions.
pub const FILE: &str = "tools/xtask/tidy-exceptions.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    exception: Vec<Exception>,
}

/// One exception: one rule in one file, or in one folder where the path ends with `/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    path: String,
    rule: String,
    reason: String,
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let in_folder = self.path.ends_with('/') && finding.path.starts_with(&self.path);
        finding.rule.name() == self.rule && (in_folder || finding.path == self.path)
    }
}

/// Takes away what is excepted and adds what is wrong with the exceptions.
///
/// # Errors
/// [`TaskError::Toml`] where the list cannot be read.
pub fn apply(tree: &Tree, findings: Vec<Finding>) -> Result<Vec<Finding>, TaskError> {
    let text = tree.text(FILE).unwrap_or_default();
    let list: List = toml::from_str(&text).map_err(|source| TaskError::Toml {
        path: PathBuf::from(FILE),
        source: Box::new(source),
    })?;
    let (excepted, mut left): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| {
            list.exception
                .iter()
                .any(|exception| exception.covers(finding))
        });
    for (number, exception) in list.exception.iter().enumerate() {
        let is_rule = Rule::ALL.iter().any(|rule| rule.name() == exception.rule);
        let is_used = excepted.iter().any(|finding| exception.covers(finding));
        let fault = if !is_rule {
            "there is no such rule"
        } else if exception.reason.trim().is_empty() {
            "the reason is missing"
        } else if !is_used {
            "nothing needs it any more"
        } else {
            continue;
        };
        left.push(Finding::new(
            Rule::Exception,
            FILE,
            line_of(&text, number),
            format!("{} for {}: {fault}", exception.rule, exception.path),
            "delete the exception, or say what it is for",
        ));
    }
    Ok(left)
}

/// Line of the exception with the given number, from 0.
fn line_of(text: &str, number: usize) -> usize {
    let headers = (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.trim() == "[[exception]]");
    headers.map(|(line, _)| line).nth(number).unwrap_or(1)
}
