//! Writes `vectors/proofs.json` below a folder, or compares what is there with what would be written.
//!
//! `cargo run -p probity-proof --example proof_vectors -- <log-format folder> [--check]`

mod generate;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_check = arguments.iter().any(|a| a == "--check");
    let Some(folder) = arguments.iter().find(|a| !a.starts_with("--")) else {
        eprintln!("usage: vectors <log-format folder> [--check]");
        return ExitCode::from(2);
    };
    let path = PathBuf::from(folder).join(generate::FILE);
    let text = generate::text();
    if is_check {
        let is_same = std::fs::read(&path).is_ok_and(|found| found == text.as_bytes());
        if !is_same {
            eprintln!(
                "{} differs; write it again with: cargo xtask vectors",
                path.display()
            );
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    match std::fs::write(&path, text) {
        Ok(()) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            ExitCode::from(2)
        }
    }
}
