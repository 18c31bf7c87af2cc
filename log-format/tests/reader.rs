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

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("probity-reader-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("scratch folder");
    folder
}

fn proofs() -> Vec<Value> {
    let text = std::fs::read(folder().join("vectors/proofs.json")).expect("checked in");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn the_independent_reader_judges_every_case_about_proofs_alike() {
    let file = folder().join("vectors/proofs.json");
    let Some(output) = reader(&["vectors", &file.to_string_lossy()]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    // The other way round each of them is an error: the reader does look at them.
    let scratch = scratch("cases");
    let turned = scratch.join("proofs.json");
    for kind in [
        "leaf",
        "inclusion",
        "consistency",
        "vkey",
        "note",
        "cosignature",
        "policy",
        "proof_text",
        "bundle",
        "fork",
    ] {
        for ok in [true, false] {
            let cases = proofs();
            let mut case = cases
                .into_iter()
                .find(|c| c["kind"] == kind && c["ok"] == ok)
                .expect("both");
            case["ok"] = Value::from(!ok);
            case["field"] = Value::from("root");
            std::fs::write(&turned, Value::from(vec![case]).to_string()).expect("written");
            let output = reader(&["vectors", &turned.to_string_lossy()]).expect("it ran before");
            assert_eq!(output.status.code(), Some(1), "{kind}, {ok}");
        }
    }
    std::fs::remove_dir_all(&scratch).expect("removed");
}

#[test]
fn the_independent_reader_checks_a_log_against_its_checkpoint() {
    let scratch = scratch("verify");
    let (log, head) = (folder().join("vectors/log"), scratch.join("checkpoint"));
    let text = |case: &Value, field: &str| case[field].as_str().expect("text").to_owned();
    let cases: Vec<Value> = proofs()
        .into_iter()
        .filter(|case| case["kind"] == "log")
        .collect();
    assert!(cases.len() >= 5);
    for case in &cases {
        std::fs::write(&head, text(case, "checkpoint")).expect("written");
        let arguments = [
            "verify",
            &log.to_string_lossy(),
            "--checkpoint",
            &head.to_string_lossy(),
            "--vkey",
        ];
        let Some(output) = reader(&[&arguments[..], &[&text(case, "vkey")]].concat()) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let expected = if case["ok"] == true { 0 } else { 1 };
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{}: {said}",
            case["name"]
        );
        if expected == 1 {
            let field = format!("field {}:", text(case, "field"));
            assert!(said.contains(&field), "{}: {said}", case["name"]);
        }
    }
    let (good, key) = (text(&cases[0], "checkpoint"), text(&cases[0], "vkey"));
    let status = |log: &str, head: &Path, key: &str| {
        let arguments = [
            "verify",
            log,
            "--checkpoint",
            &head.to_string_lossy(),
            "--vkey",
            key,
        ];
        reader(&arguments).and_then(|output| output.status.code())
    };
    let here = log.to_string_lossy().into_owned();
    std::fs::write(&head, good.replacen("\n\n", "\nmore\n\n", 1)).expect("written");
    assert_eq!(
        status(&here, &head, &key),
        Some(1),
        "the text was changed after it was signed"
    );
    std::fs::write(&head, &good).expect("written");
    assert_eq!(status(&here, &head, &key), Some(0));
    assert_eq!(status(&here, &head, "no key"), Some(2));
    assert_eq!(status(&here, &scratch.join("missing"), &key), Some(2));
    assert_eq!(status("/nonexistent/export", &head, &key), Some(2));
    let output = reader(&["verify", &here]).expect("it ran before");
    assert_eq!(output.status.code(), Some(2));

    let copy = scratch.join("log");
    std::fs::create_dir_all(&copy).expect("a folder");
    for name in [
        "manifest.json",
        "entries-000000000000.seg",
        "entries-000000000024.seg",
    ] {
        std::fs::copy(log.join(name), copy.join(name)).expect("copied");
    }
    let segment = copy.join("entries-000000000024.seg");
    let mut bytes = std::fs::read(&segment).expect("copied");
    bytes[300] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    assert_eq!(status(&copy.to_string_lossy(), &head, &key), Some(1));
    std::fs::remove_dir_all(&scratch).expect("removed");
}
