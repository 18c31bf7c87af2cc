//! `cargo xtask test`: everything that must be green, in order, with the time of each step.
//!
//! A failed step does not stop the ones after it: one run shows everything that is wrong.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::error::TaskError;
use crate::{deny, setup, shell, tidy};

/// How much of the suite to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything, machine set-up included.
    Whole,
    /// Without machine set-up and supply chain.
    Fast,
}

struct Step {
    name: &'static str,
    run: fn(&Path) -> Result<(), TaskError>,
    is_fast: bool,
}

const STEPS: &[Step] = &[
    Step {
        name: "machine",
        run: setup::run,
        is_fast: false,
    },
    Step {
        name: "format",
        run: |root| shell::run(&mut shell::cargo(root, &["fmt", "--all", "--check"])),
        is_fast: true,
    },
    Step {
        name: "tidy",
        run: tidy::run,
        is_fast: true,
    },
    Step {
        name: "lint",
        run: lint,
        is_fast: true,
    },
    Step {
        name: "tests",
        run: test_workspace,
        is_fast: true,
    },
    Step {
        name: "supply chain",
        run: deny::run,
        is_fast: false,
    },
];

/// Runs the steps and prints the summary.
///
/// # Errors
/// [`TaskError::Suite`] with the names of the steps that failed.
pub fn run(root: &Path, extent: Extent) -> Result<(), TaskError> {
    let began = Instant::now();
    let mut outcomes = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| extent == Extent::Whole || step.is_fast)
    {
        println!("\n== {}", step.name);
        let step_began = Instant::now();
        let outcome = (step.run)(root);
        if let Err(error) = &outcome {
            println!("{}: {error}", step.name);
        }
        outcomes.push((step.name, outcome.is_ok(), step_began.elapsed()));
    }
    println!("\n== summary");
    for (name, is_ok, time) in &outcomes {
        let word = if *is_ok { "ok" } else { "FAILED" };
        println!("{name:<14}{word:<8}{}", minutes(*time));
    }
    println!("{:<22}{}", "all", minutes(began.elapsed()));
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|(_, ok, _)| !ok)
        .map(|(name, ..)| *name)
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(TaskError::Suite { failed })
}

fn lint(root: &Path) -> Result<(), TaskError> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ];
    shell::run(&mut shell::cargo(root, &arguments))
}

/// Runs every test of the workspace, passes its output on, and ends with one total.
fn test_workspace(root: &Path) -> Result<(), TaskError> {
    let mut command = shell::cargo(root, &["test", "--workspace", "--no-fail-fast"]);
    command.stdout(Stdio::piped());
    let start = |source| TaskError::Start {
        command: "cargo test".to_owned(),
        source,
    };
    let mut child = command.spawn().map_err(start)?;
    let mut total = Total::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            total.add(&line);
            println!("{line}");
        }
    }
    let status = child.wait().map_err(start)?;
    println!(
        "total: {} tests passed, {} failed, {} ignored",
        total.passed, total.failed, total.ignored
    );
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Failed {
        command: shell::line(&command),
        status: status.to_string(),
    })
}

/// The sum of what the test programs reported.
#[derive(Debug, Default, PartialEq, Eq)]
struct Total {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Total {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`; any other changes
    /// nothing.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let (number, word) = count.split_once(' ').unwrap_or_default();
            let number: u64 = number.parse().unwrap_or(0);
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{:>3} min {:>2} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_test_programs_are_added_up() {
        let mut total = Total::default();
        total.add("running 4 tests");
        total.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; finished in 0.00s");
        total.add("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out");
        let expected = Total {
            passed: 5,
            failed: 1,
            ignored: 1,
        };
        assert_eq!(total, expected);
    }
}
