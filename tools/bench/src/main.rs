//! Benchmarks of Probity: every figure beside its baseline in the same run. Called by `cargo xtask bench`.
//!
//! In scope: the rows of the performance targets, peers with the same workload, a soak. Out of scope: whether the result is
//! right, which the tests say.
#![allow(
    clippy::float_arithmetic,
    reason = "rates and ratios for people to read; nothing that is hashed, stored or decided"
)]

mod appends;
mod bare;
mod client;
mod contenders;
mod follower;
mod graph;
mod lab;
mod ledger;
mod load;
mod over_http;
mod program;
mod proofs;
mod report;
mod reports;
mod row;
mod soak;
mod verify;
mod workload;

use clap::{Args, Parser, Subcommand};
use lab::{Lab, Run, Size};
use row::Row;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Measures this machine.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Measure.
    Run(Arguments),
    /// The bare server that a measurement compares with; started by the measurement.
    #[command(hide = true)]
    Bare {
        /// What a GET is answered.
        read: PathBuf,
        /// What a POST is answered.
        written: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Arguments {
    /// Small sizes, within 50 s.
    #[arg(long)]
    quick: bool,
    /// One JSON object a row on standard output.
    #[arg(long)]
    json: bool,
    /// Only rows of these families: append, disk, verify, import, submit, http, start.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Append load on the embedded log for that many minutes instead of the rows.
    #[arg(long, value_name = "MINUTES")]
    soak: Option<u64>,
    /// The same over HTTP.
    #[arg(long, value_name = "MINUTES")]
    soak_http: Option<u64>,
    /// Events a second of a soak at most, where the disk has no room for all that could be written.
    #[arg(long, value_name = "EVENTS")]
    pace: Option<u32>,
    /// The server's program.
    #[arg(long)]
    program: PathBuf,
    /// Folder for what is written; prepared cities stay there.
    #[arg(long)]
    folder: PathBuf,
    /// Folder of the documents.
    #[arg(long)]
    docs: PathBuf,
    /// Day of the run, for the document.
    #[arg(long)]
    day: String,
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Run(arguments) => run(&arguments),
        Task::Bare { read, written } => bare::serve(&read, &written),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            let mut source = error.source();
            while let Some(inner) = source {
                eprintln!("  because: {inner}");
                source = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Run<()> {
    let began = Instant::now();
    std::fs::create_dir_all(&arguments.folder)?;
    let lab = Lab {
        folder: arguments.folder.canonicalize()?,
        program: arguments.program.clone(),
        size: if arguments.quick {
            Size::quick()
        } else {
            Size::full()
        },
    };
    let document = soak::Document {
        docs: &arguments.docs,
        day: &arguments.day,
    };
    if let Some(minutes) = arguments.soak {
        return soak::log(&lab, minutes, arguments.pace, &document);
    }
    if let Some(minutes) = arguments.soak_http {
        return soak::http(&lab, minutes, &document);
    }
    let rows = measure(&lab, arguments)?;
    lab.say(&format!("{} s in all", began.elapsed().as_secs()));
    if arguments.json {
        rows.iter().for_each(|row| println!("{}", row.json()));
    } else {
        report::print(&rows);
    }
    if !arguments.quick && arguments.only.is_empty() {
        let command = "cargo xtask bench";
        let part = report::rows_part(&rows, &lab.size, command, &arguments.day);
        report::write_part(&arguments.docs.join("benchmarks.md"), "rows", &part)?;
    }
    Ok(())
}

fn measure(lab: &Lab, arguments: &Arguments) -> Run<Vec<Row>> {
    let wants = |family: &str| {
        arguments.only.is_empty() || arguments.only.iter().any(|only| only == family)
    };
    let mut rows = Vec::new();
    let workload = workload::Workload::make()?;
    let mut postgres = None;
    if wants("append") {
        let (more, clients) = appends::rows(lab, &workload)?;
        rows.extend(more);
        rows.push(appends::cpu_row(lab, &workload)?);
        postgres = clients;
    }
    if wants("disk") {
        rows.extend(appends::disk_rows(lab, &workload)?);
    }
    if wants("verify") {
        rows.extend(verify::rows(lab, &workload)?);
    }
    if wants("import") {
        rows.push(ledger::import_row(lab)?);
    }
    if !(wants("http") || wants("start") || wants("submit")) {
        return Ok(rows);
    }
    let prepared = load::prepared(lab)?;
    if lab.size.has_peers {
        rows.push(ledger::import_row_of(&prepared.load, "_whole"));
    }
    rows.extend(ledger::folder_rows(&prepared)?);
    let city = load::copy(lab, &prepared)?;
    if wants("start") {
        rows.push(ledger::rebuild_row(lab, &city)?);
    }
    let (restart, server) = ledger::restart(lab, &city)?;
    rows.extend([restart, ledger::memory_row(&server, &city)?]);
    if wants("http") {
        rows.extend(over_http::rows(lab, &server, &city, postgres)?);
    }
    drop(server);
    // An extra row of its own length: a quick run has no time for it unless it is asked for.
    if wants("submit") && !(arguments.quick && arguments.only.is_empty()) {
        rows.extend(ledger::submit_rows(lab, &city, workload.frame_bytes())?);
    }
    std::fs::remove_dir_all(lab.folder.join("work"))?;
    Ok(rows)
}
