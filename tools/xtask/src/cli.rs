//! The command line of `cargo xtask`.

use clap::{CommandFactory, Parser, Subcommand};

/// House tasks of the Probity workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

/// One house task.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Format, tidy, lint, all tests, supply chain: what must be green before a change lands.
    Test {
        /// Leave out installing what the browser tests need and the supply-chain check.
        #[arg(long)]
        fast: bool,
    },
    /// House rules that neither the compiler nor clippy knows.
    Tidy,
    /// Write api/openapi/v1.json from the interface types.
    Openapi {
        /// Compare only; fail when the checked-in file differs.
        #[arg(long)]
        check: bool,
    },
    /// Write log-format/vectors and log-format/schema from the codec.
    Vectors {
        /// Compare only; fail when a checked-in file differs.
        #[arg(long)]
        check: bool,
    },
    /// Measure on this machine, in a release build, whether a subject with many records costs more than one with few.
    Measure {
        /// Records of the large subject.
        #[arg(long, default_value_t = 100_000)]
        records: u32,
    },
    /// Measure on this machine, in a release build, each figure beside its baseline; writes docs/benchmarks.md.
    Bench {
        /// Small sizes, within 50 s after the build; writes no document.
        #[arg(long)]
        quick: bool,
        /// One JSON object a row on standard output.
        #[arg(long)]
        json: bool,
        /// Only these families: append, disk, verify, import, submit, http, start; writes no document.
        #[arg(long, value_name = "FAMILIES")]
        only: Option<String>,
        /// Append load on the embedded log for that many minutes instead; writes docs/soak.svg.
        #[arg(long, value_name = "MINUTES", conflicts_with_all = ["quick", "json", "only", "soak_http"])]
        soak: Option<u64>,
        /// The same over HTTP; writes docs/soak-http.svg.
        #[arg(long, value_name = "MINUTES", conflicts_with_all = ["quick", "json", "only"])]
        soak_http: Option<u64>,
        /// Events a second of the soak on the log at most, where the disk has no room for all that could be written.
        #[arg(long, value_name = "EVENTS", requires = "soak")]
        pace: Option<u32>,
    },
    /// Licences, bans and sources of every dependency; advisories where the database can be
    /// reached.
    Deny,
}

/// Names of all tasks, for the check that documents name only tasks that exist.
pub fn task_names() -> Vec<String> {
    Cli::command()
        .get_subcommands()
        .map(|task| task.get_name().to_owned())
        .collect()
}
