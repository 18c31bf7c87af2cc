//! `cargo xtask <task>`: parses the command line and runs one task. Exit code 0 = fine, 1 = a check
//! failed, 2 = usage.

use std::process::ExitCode;

use clap::Parser;
use xtask::cli::{Cli, Task};
use xtask::error::TaskError;
use xtask::generate::Mode;
use xtask::suite::Extent;
use xtask::{bench, deny, generate, measure, shell, suite, tidy};

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                eprintln!("  because: {inner}");
                source = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), TaskError> {
    let root = shell::workspace_root();
    match task {
        Task::Test { fast } => suite::run(&root, if fast { Extent::Fast } else { Extent::Whole }),
        Task::Tidy => tidy::run(&root),
        Task::Openapi { check } => generate::openapi(&root, Mode::from_check(check)),
        Task::Vectors { check } => generate::vectors(&root, Mode::from_check(check)),
        Task::Measure { records } => measure::run(&root, records),
        Task::Bench {
            quick,
            json,
            only,
            soak,
            soak_http,
            pace,
        } => bench::run(
            &root,
            &bench::Order {
                quick,
                json,
                only,
                soak,
                soak_http,
                pace,
            },
        ),
        Task::Deny => deny::run(&root),
    }
}
