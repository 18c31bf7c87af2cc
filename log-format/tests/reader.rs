//! `reader.py`, which shares no code with this crate, reads the exported log to the same entries.

#[path = "../examples/vectors/generate/mod.rs"]
#[allow(dead_code)] // this test needs the small log alone
mod generate;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Runs the reader; nothing where this machine has no `python3`.
fn reader(arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new("python3");
    command.arg(folder().join("reader.py")).args(arguments);
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: there is no python3 on this machine");
            None
        }
        Err(error) => panic!("python3: {error}"),
    }
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("one JSON object a line"))
        .collect()
}

#[test]
fn the_independent_reader_reads_the_same_entries() {
    let log = folder().join("vectors/log");
    let Some(output) = reader(&["--json", &log.to_string_lossy()]) else {
        return;
    };
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let world = generate::log::world();
    let mut expected: Vec<Value> = world.frames.iter().map(generate::log::line).collect();
    expected.push(generate::log::summary(&world.frames, 2));
    let found = lines(&output);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn the_independent_reader_knows_the_hash_and_every_vector() {
    let Some(output) = reader(&["selftest"]) else {
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{errors}{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn the_independent_reader_refuses_every_flipped_byte_it_is_shown() {
    let log = folder().join("vectors/log");
    let copy = std::env::temp_dir().join(format!("probity-reader-{}", std::process::id()));
    std::fs::create_dir_all(&copy).expect("scratch folder");
    for entry in std::fs::read_dir(&log).expect("vectors") {
        let path = entry.expect("entry").path();
        std::fs::copy(&path, copy.join(path.file_name().expect("a file"))).expect("copied");
    }
    let segment = copy.join("entries-000000000024.seg");
    let good = std::fs::read(&segment).expect("copied");
    for at in [
        0,
        12,
        30,
        33,
        50,
        75,
        90,
        110,
        200,
        260,
        400,
        good.len() - 40,
        good.len() - 1,
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x20;
        std::fs::write(&segment, &bytes).expect("written");
        let Some(output) = reader(&["--quiet", &copy.to_string_lossy()]) else {
            break;
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "byte {at}: {said}");
        assert!(
            said.contains("entries-000000000024.seg"),
            "byte {at}: {said}"
        );
    }
    std::fs::remove_dir_all(&copy).expect("removed");
}

#[test]
fn a_folder_that_is_not_there_could_not_be_read() {
    let Some(output) = reader(&["/nonexistent/export"]) else {
        return;
    };
    assert_eq!(output.status.code(), Some(2));
}
