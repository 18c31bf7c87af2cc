//! `cargo xtask bench`: builds server and benchmarks in release mode, then measures.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::{setup, shell};

/// What is to be measured.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Small sizes.
    pub quick: bool,
    /// For machines.
    pub json: bool,
    /// Only some families.
    pub only: Option<String>,
    /// A long load on the log instead, for that many minutes.
    pub soak: Option<u64>,
    /// The same over HTTP.
    pub soak_http: Option<u64>,
    /// Events a second of a soak at most.
    pub pace: Option<u32>,
}

/// Builds and measures.
///
/// # Errors
/// [`TaskError::Failed`] where it does not build, or a measurement breaks off.
pub fn run(root: &Path, order: &Order) -> Result<(), TaskError> {
    let build = ["build", "--release", "-p", "probity", "-p", "probity-bench"];
    shell::run(&mut shell::cargo(root, &build))?;
    if !order.quick && order.soak.or(order.soak_http).is_none() {
        setup::offer("postgresql-15", "/usr/lib/postgresql/15/bin/postgres");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let release = target.join("release");
    let day = shell::output(Command::new("date").arg("+%Y-%m-%d"))?;
    let day = String::from_utf8_lossy(&day);
    let mut bench = Command::new(release.join("probity-bench"));
    bench
        .args(["run", "--day", day.trim(), "--program"])
        .arg(release.join("probity"))
        .arg("--folder")
        .arg(target.join("bench"))
        .arg("--docs")
        .arg(root.join("docs"));
    if order.quick {
        bench.arg("--quick");
    }
    if order.json {
        bench.arg("--json");
    }
    if let Some(only) = &order.only {
        bench.args(["--only", only]);
    }
    let numbers = [
        ("--soak", order.soak),
        ("--soak-http", order.soak_http),
        ("--pace", order.pace.map(u64::from)),
    ];
    for (option, number) in numbers {
        if let Some(number) = number {
            bench.args([option, &number.to_string()]);
        }
    }
    shell::run(&mut bench)
}
