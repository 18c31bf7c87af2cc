//! Writes `schema/` and `vectors/`, or compares what is there with what would be written.
//!
//! `cargo run -p probity-format --example vectors -- <log-format folder> [--check]`

mod generate;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_check = arguments.iter().any(|a| a == "--check");
    let Some(folder) = arguments.iter().find(|a| !a.starts_with("--")) else {
        eprintln!("usage: vectors <log-format folder> [--check]");
        return ExitCode::from(2);
    };
    let folder = PathBuf::from(folder);
    if is_check {
        let differences = generate::differences(&folder);
        for difference in &differences {
            eprintln!("{difference}; write it again with: cargo xtask vectors");
        }
        return if differences.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    match write(&folder) {
        Ok(count) => {
            println!("{count} files below {}", folder.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::from(2)
        }
    }
}

fn write(folder: &Path) -> std::io::Result<usize> {
    let files = generate::files();
    for (path, bytes) in &files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(files.len())
}
