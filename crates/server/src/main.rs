//! Probity: a tamper-evident public-credit ledger. With no arguments it serves the demo city.

mod address;
mod answer;
mod call;
mod command;
mod demo;
mod errors;
mod handlers;
mod keeper;
mod limits;
mod metrics;
mod moment;
mod pages;
mod router;
mod serve;
mod service;
mod show;
mod terms;
mod wall_clock;
mod witness_client;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(command::Cli::parse())
}
