//! `cargo xtask measure`: what takes minutes and depends on the machine, and is therefore no test.

use std::path::Path;

use crate::error::TaskError;
use crate::shell;

/// Runs the measurement of a large subject against a small one.
///
/// # Errors
/// [`TaskError::Failed`] where it does not build, or the large one costs too much.
pub fn run(root: &Path, records: u32) -> Result<(), TaskError> {
    let records = records.to_string();
    let arguments = [
        "run",
        "--quiet",
        "--release",
        "--package",
        "probity-tests",
        "--example",
        "subject",
        "--",
        &records,
    ];
    shell::run(&mut shell::cargo(root, &arguments))
}
