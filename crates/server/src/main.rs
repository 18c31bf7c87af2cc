//! Probity: a tamper-evident public-credit ledger. With no arguments it serves the demo city.

mod answers;
mod command;
mod demo;
mod errors;
mod extract;
mod handlers;
mod pages;
mod router;
mod serve;
mod wall_clock;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    command::run(command::Cli::parse())
}
