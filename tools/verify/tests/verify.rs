//! The program on real files: what holds, what does not and where, and what it remembers.

use probity_proof::key::KeyKind;
use probity_proof::tree::{EMPTY_ROOT, consistency, root_at};
use probity_proof::{Checkpoint, Note, SigningKey};
use probity_verify::fault::Failure;
use probity_verify::state::State;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "../../../crates/proof/examples/proof_vectors/generate/mod.rs"]
#[allow(dead_code)] // the keys and trees of the golden cases, without the cases
mod generate;

use generate::world::{Tree, checkpoint, log_key, signed, vkey, witness};

fn format_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../log-format")
}

/// A scratch folder with a state of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a scratch folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("written");
        self.path(name).display().to_string()
    }

    /// A copy of the golden log.
    fn log(&self) -> String {
        let (from, to) = (format_folder().join("vectors/log"), self.path("log"));
        fs::create_dir_all(&to).expect("a folder");
        for entry in fs::read_dir(from).expect("checked in") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, to.join(path.file_name().expect("a file"))).expect("copied");
        }
        to.display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probity-verify"));
        command
            .args(arguments)
            .env("XDG_STATE_HOME", self.path("state"));
        command.output().expect("it starts")
    }

    /// Exit status, and the fault where there is one.
    fn judge(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let status = output.status.code().expect("not killed");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (
            status,
            if status == 1 {
                answer["fault"].clone()
            } else {
                answer
            },
        )
    }
}

fn key() -> String {
    vkey(&log_key()).to_string()
}

fn golden_head(size: u64, witnesses: &[u8]) -> String {
    let golden = generate::golden();
    let root = root_at(&golden.tree, size).expect("stored");
    signed(&checkpoint(size, root), witnesses).to_string()
}

fn golden_size() -> u64 {
    generate::golden().tree.size()
}

/// Content of every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .map(|path| (path.clone(), fs::read(path).expect("a file")))
        .collect()
}

#[test]
fn the_golden_cases_hold_or_are_refused_in_their_field() {
    let file = fs::read(format_folder().join(generate::FILE)).expect("checked in");
    let cases: Vec<Value> = serde_json::from_slice(&file).expect("JSON");
    let text = |case: &Value, field: &str| case[field].as_str().expect("text").to_owned();
    let mut tried = 0;
    for case in cases {
        let place = Place::new();
        let (status, answer) = match case["kind"].as_str().expect("text") {
            "log" => {
                let (log, head) = (place.log(), place.write("head", &text(&case, "checkpoint")));
                place.judge(&[
                    "log",
                    &log,
                    "--checkpoint",
                    &head,
                    "--vkey",
                    &text(&case, "vkey"),
                ])
            }
            "bundle" => {
                let bundle = place.write("bundle", &case["bundle"].to_string());
                let policy = place.write("policy", &text(&case, "policy"));
                place.judge(&[
                    "bundle",
                    &bundle,
                    "--vkey",
                    &text(&case, "vkey"),
                    "--policy",
                    &policy,
                ])
            }
            "fork" => {
                let evidence = place.write("fork", &case["evidence"].to_string());
                place.judge(&["fork", &evidence, "--vkey", &text(&case, "vkey")])
            }
            _ => continue,
        };
        tried += 1;
        let expected = if case["ok"] == json!(true) { 0 } else { 1 };
        assert_eq!(status, expected, "{}: {answer}", case["name"]);
        assert_eq!(answer["field"], case["field"], "{}: {answer}", case["name"]);
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn a_log_that_holds_is_told_and_left_as_it_was() {
    let place = Place::new();
    let (log, head) = (
        place.log(),
        place.write("head", &golden_head(golden_size(), &[])),
    );
    let before = contents(Path::new(&log));
    let task = ["log", &log, "--checkpoint", &head, "--vkey", &key()];
    let (status, answer) = place.judge(&task);
    assert_eq!(
        (status, &answer["holds"], &answer["level"]),
        (0, &json!(true), &json!("sealed"))
    );
    assert_eq!(answer["entries"], json!(golden_size()));
    assert_eq!(answer["decoded"], json!(golden_size()));
    assert_eq!(answer["segments"], json!(2));
    assert_eq!(answer["erased"], json!(1));
    let (_, answer) = place.judge(&[&task[..], &["--no-bodies"]].concat());
    assert_eq!(answer["decoded"], json!(0));
    let (_, answer) = place.judge(&[&task[..], &["--from", "3", "--to", "7"]].concat());
    assert_eq!(answer["decoded"], json!(5));
    assert_eq!(contents(Path::new(&log)), before);
    let lines = place.run(&task).stdout;
    assert!(String::from_utf8_lossy(&lines).contains("level: sealed (no keys)"));
}

#[test]
fn the_witnesses_of_a_policy_are_asked_for() {
    let place = Place::new();
    let log = place.log();
    let witness = witness(1).verifier(KeyKind::Cosignature);
    let policy = place.write("policy", &format!("witness w {witness}\nquorum w\n"));
    let (seen, unseen) = (
        golden_head(golden_size(), &[1]),
        golden_head(golden_size(), &[2]),
    );
    for (head, expected) in [(seen, 0), (unseen, 1)] {
        let head = place.write("head", &head);
        let (status, _) = place.judge(&[
            "log",
            &log,
            "--checkpoint",
            &head,
            "--vkey",
            &key(),
            "--policy",
            &policy,
        ]);
        assert_eq!(status, expected);
    }
}

#[test]
fn damage_is_named_where_it_lies() {
    let place = Place::new();
    let log = place.log();
    let head = place.write("head", &golden_head(golden_size(), &[]));
    let judge = || place.judge(&["log", &log, "--checkpoint", &head, "--vkey", &key()]);
    let (first, second) = ("entries-000000000000.seg", "entries-000000000024.seg");
    let whole: BTreeMap<&str, Vec<u8>> = [first, second, "manifest.json"]
        .into_iter()
        .map(|name| (name, fs::read(Path::new(&log).join(name)).expect("copied")))
        .collect();
    let put =
        |name: &str, bytes: &[u8]| fs::write(Path::new(&log).join(name), bytes).expect("written");

    for at in (0..whole[first].len()).step_by(61) {
        let mut bytes = whole[first].clone();
        bytes[at] ^= 0x10;
        put(first, &bytes);
        let (status, fault) = judge();
        assert_eq!(status, 1, "byte {at}");
        assert!(
            fault["file"]
                .as_str()
                .is_some_and(|file| file.ends_with(first)),
            "byte {at}: {fault}"
        );
    }
    // The last byte of the frame at position 0 is in its stored hash.
    let length = u64::from_le_bytes(whole[first][72..80].try_into().expect("eight bytes")) as usize;
    let mut bytes = whole[first].clone();
    bytes[80 + length - 1] ^= 1;
    put(first, &bytes);
    let (_, fault) = judge();
    assert_eq!(
        (&fault["position"], &fault["field"]),
        (&json!(0), &json!("entry hash"))
    );

    put(first, &whole[first][..whole[first].len() - 40]);
    assert_eq!(judge().0, 1);
    put(first, &whole[second]);
    assert_eq!(judge().1["field"], json!("first"));
    put(first, &whole[first]);
    put(second, &whole[first]);
    assert_eq!(judge().1["field"], json!("first"));
    put(second, &whole[second]);
    fs::remove_file(Path::new(&log).join(second)).expect("removed");
    assert_eq!(judge().1["found"], json!("no file"));
    put(second, &whole[second]);
    let manifest = String::from_utf8(whole["manifest.json"].clone()).expect("UTF-8");
    put(
        "manifest.json",
        manifest
            .replace("\"origin\": \"v", "\"origin\": \"w")
            .as_bytes(),
    );
    assert_eq!(judge().1["field"], json!("origin"));
    put(
        "manifest.json",
        manifest
            .replace(second, &format!("../log/{second}"))
            .as_bytes(),
    );
    assert_eq!(judge().1["field"], json!("segments[1].file"));
    let (cut, _) = manifest.split_at(manifest.len() / 2);
    put("manifest.json", cut.as_bytes());
    assert_eq!(judge().1["field"], json!("JSON"));
    fs::remove_file(Path::new(&log).join("manifest.json")).expect("removed");
    assert_eq!(judge().1["field"], json!("file"));
    put("manifest.json", &whole["manifest.json"]);
    assert_eq!(judge().0, 0);
}

#[test]
fn chains_hold_or_break_as_written_down() {
    let file = fs::read(format_folder().join("vectors/chains.json")).expect("checked in");
    let vectors: Vec<Value> = serde_json::from_slice(&file).expect("JSON");
    for vector in vectors {
        let mut walk = probity_verify::walk::Walk::new(std::iter::empty(), None);
        let frames: Vec<Vec<u8>> = vector["frames"]
            .as_array()
            .expect("a list")
            .iter()
            .map(bytes_of)
            .collect();
        let mut steps = frames.iter().map(|bytes| {
            let frame = probity_format::scan::Scanned::parse(bytes).expect("a frame");
            let links = match walk.enter(&frame, bytes.len() as u64) {
                Ok(links) => links,
                Err(fault) => return Some(fault),
            };
            walk.settle(&[(frame, links)], 0, |_| Ok(())).err()
        });
        let first = steps.find_map(|fault| fault);
        match (first, vector["error"].as_str()) {
            (None, None) => assert_eq!(json!(walk.hash()), vector["head"], "{}", vector["name"]),
            (Some(fault), Some(error)) => {
                assert!(
                    error.contains(&fault.field),
                    "{}: {error}: {fault}",
                    vector["name"]
                );
            }
            (found, _) => panic!("{}: {found:?}", vector["name"]),
        }
    }
}

/// Bytes of a vector: hexadecimal text, or a list of such texts and repeats.
fn bytes_of(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => {
            let digits = (0..text.len()).step_by(2);
            digits
                .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
                .collect()
        }
        Value::Array(list) => list.iter().flat_map(bytes_of).collect(),
        other => {
            let byte = bytes_of(&other["byte"]);
            byte.repeat(other["times"].as_u64().expect("a number") as usize)
        }
    }
}

#[test]
fn a_log_that_goes_back_or_forks_is_refused_from_then_on() {
    let place = Place::new();
    let log = place.log();
    let judge = |note: &str| {
        let head = place.write("head", note);
        place.judge(&["log", &log, "--checkpoint", &head, "--vkey", &key()])
    };
    assert_eq!(judge(&golden_head(30, &[])).1["seen_before"], Value::Null);
    let size = golden_size();
    assert_eq!(judge(&golden_head(size, &[])).1["seen_before"], json!(30));
    let (status, fault) = judge(&golden_head(30, &[]));
    assert_eq!((status, &fault["field"]), (1, &json!("size")), "{fault}");
    let forked = signed(&checkpoint(size, EMPTY_ROOT), &[]).to_string();
    let (status, fault) = judge(&forked);
    assert_eq!((status, &fault["field"]), (1, &json!("root")), "{fault}");
    let evidence = place.write("fork", &fault["evidence"].to_string());
    assert_eq!(place.judge(&["fork", &evidence, "--vkey", &key()]).0, 0);
    assert_eq!(
        judge(&golden_head(size, &[])).0,
        0,
        "what was seen is still what was seen"
    );
}

#[test]
fn a_longer_log_of_another_history_is_refused() {
    let place = Place::new();
    // The same log signed another tree of 30 entries before.
    let old = place.write("old", &signed(&checkpoint(30, EMPTY_ROOT), &[]).to_string());
    assert_eq!(
        place
            .judge(&["checkpoints", &old, &old, "--vkey", &key()])
            .0,
        0
    );
    let (log, head) = (
        place.log(),
        place.write("head", &golden_head(golden_size(), &[])),
    );
    let (status, fault) = place.judge(&["log", &log, "--checkpoint", &head, "--vkey", &key()]);
    assert_eq!((status, &fault["field"]), (1, &json!("root")), "{fault}");
    assert!(
        fault["expected"]
            .as_str()
            .is_some_and(|text| text.contains("fork")),
        "{fault}"
    );
}

#[test]
fn what_another_run_has_seen_meanwhile_is_not_lost() {
    let place = Place::new();
    let path = place.path("kept");
    let log = key().parse().expect("a key");
    let note = |size| Note::parse(golden_head(size, &[]).as_bytes()).expect("a note");
    let load = || State::load(&path).expect("reads");
    let (mut slow, mut other) = (load(), load());
    other.keep(&log, &note(golden_size())).expect("kept");
    let refused = slow.keep(&log, &note(30)).expect_err("behind");
    assert!(matches!(refused, Failure::CouldNotRun(_)));
    let (_, seen) = load().seen(&log).expect("reads").expect("kept");
    assert_eq!(seen.size, golden_size());
}

#[test]
fn a_state_that_cannot_be_read_is_no_fresh_start() {
    let place = Place::new();
    let (log, head) = (
        place.log(),
        place.write("head", &golden_head(golden_size(), &[])),
    );
    let state = place.path("kept").display().to_string();
    let key = key();
    let task = [
        "log",
        &log,
        "--checkpoint",
        &head,
        "--vkey",
        &key,
        "--state",
        &state,
    ];
    assert_eq!(place.judge(&task).0, 0);
    let kept = fs::read_to_string(&state).expect("kept");
    for wrong in [
        "",
        "{}",
        &kept[..kept.len() / 2],
        &kept.replace("\"version\": 1", "\"version\": 2"),
        &kept.replacen("\\n41\\n", "\\n40\\n", 1).replacen(
            &format!("\\n{}\\n", golden_size()),
            "\\n1\\n",
            1,
        ),
    ] {
        fs::write(&state, wrong).expect("written");
        assert_eq!(place.judge(&task).0, 2, "{wrong}");
        assert_eq!(
            fs::read_to_string(&state).expect("there"),
            *wrong,
            "it is left as it was"
        );
    }
    let inside = Path::new(&log).join("state.json").display().to_string();
    let task = [
        "log",
        &log,
        "--checkpoint",
        &head,
        "--vkey",
        &key,
        "--state",
        &inside,
    ];
    assert_eq!(place.judge(&task).0, 2);
    assert!(!Path::new(&inside).exists());
}

#[test]
fn checkpoints_are_compared_with_their_proof() {
    let place = Place::new();
    let tree = Tree::counting(21);
    let head = |size: u64| {
        let root = root_at(&tree, size).expect("stored");
        place.write(
            &format!("head-{size}"),
            &signed(&checkpoint(size, root), &[]).to_string(),
        )
    };
    let (old, new, key) = (head(13), head(21), key());
    let proof = consistency(&tree, 13, 21).expect("sizes of the tree");
    let lines = |hashes: &[probity_proof::TreeHash]| {
        hashes
            .iter()
            .map(|hash| format!("{hash}\n"))
            .collect::<String>()
    };
    let right = place.write("proof", &lines(&proof));
    let short = place.write("short", &lines(&proof[1..]));
    let judge = |extra: &[&str]| {
        place.judge(&[&["checkpoints", &old, &new, "--vkey", &key][..], extra].concat())
    };
    assert_eq!(judge(&[]).0, 2, "without the proof nothing is known");
    let (status, fault) = judge(&["--proof", &short]);
    assert_eq!((status, &fault["field"]), (1, &json!("path")));
    let (status, answer) = judge(&["--proof", &right]);
    assert_eq!((status, &answer["kept"]), (0, &json!(true)), "{answer}");
    // Now 21 was seen.
    assert_eq!(
        place.judge(&["checkpoints", &new, &old, "--vkey", &key]).1["field"],
        json!("size")
    );
    let other = place.write(
        "other",
        &signed(&checkpoint(21, EMPTY_ROOT), &[]).to_string(),
    );
    let (status, fault) = place.judge(&["checkpoints", &new, &other, "--vkey", &key]);
    assert_eq!((status, &fault["field"]), (1, &json!("root")));
    assert!(fault["evidence"].is_object());
}

#[test]
fn what_cannot_be_examined_is_neither_right_nor_wrong() {
    let place = Place::new();
    let (log, head) = (
        place.log(),
        place.write("head", &golden_head(golden_size(), &[])),
    );
    let (key, no_key) = (key(), "no key".to_owned());
    let missing = place.path("missing").display().to_string();
    let of_witness = witness(1).verifier(KeyKind::Cosignature).to_string();
    for task in [
        vec!["log", &log, "--checkpoint", &missing, "--vkey", &key],
        vec!["log", &missing, "--checkpoint", &head, "--vkey", &key],
        vec!["log", &log, "--checkpoint", &head, "--vkey", &no_key],
        vec!["log", &log, "--checkpoint", &head, "--vkey", &of_witness],
        vec![
            "log",
            &log,
            "--checkpoint",
            &head,
            "--vkey",
            &key,
            "--policy",
            &head,
        ],
        vec![
            "log",
            &log,
            "--checkpoint",
            &head,
            "--vkey",
            &key,
            "--from",
            "5",
            "--to",
            "4000",
        ],
        vec![
            "log",
            &log,
            "--checkpoint",
            &head,
            "--vkey",
            &key,
            "--from",
            "5",
            "--to",
            "4",
        ],
        vec![
            "log",
            &log,
            "--checkpoint",
            &head,
            "--vkey",
            &key,
            "--from",
            "5",
        ],
        vec!["log", &log, "--vkey", &key],
        vec!["bundle", &missing, "--vkey", &key],
        vec!["fork", &missing, "--vkey", &key],
        vec!["nothing"],
    ] {
        assert_eq!(place.judge(&task).0, 2, "{task:?}");
    }
    // What is there and is no checkpoint is examined.
    let text = place.write("text", "a text\n");
    assert_eq!(
        place
            .judge(&["log", &log, "--checkpoint", &text, "--vkey", &key])
            .0,
        1
    );
    let other: SigningKey = SigningKey::from_seed("other.example", &[7; 32]).expect("a name");
    let other = vkey(&other).to_string();
    assert_eq!(
        place
            .judge(&["log", &log, "--checkpoint", &head, "--vkey", &other])
            .0,
        1
    );
    assert!(Checkpoint::parse("a text\n").is_err());
}

/// The verifier is to be carried to a machine that trusts nobody: what it links is what its reader has to trust.
#[test]
fn nothing_that_stores_or_connects_is_linked() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--package",
            "probity-verify",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(["--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let ours: std::collections::BTreeSet<&str> = names
        .iter()
        .copied()
        .filter(|name| name.starts_with("probity"))
        .collect();
    let expected = [
        "probity-format",
        "probity-proof",
        "probity-types",
        "probity-verify",
    ];
    assert_eq!(ours.into_iter().collect::<Vec<_>>(), expected);
    for banned in [
        "tokio",
        "mio",
        "socket2",
        "sled",
        "axum",
        "hyper",
        "ureq",
        "rustls",
        "openssl-sys",
    ] {
        assert!(!names.contains(&banned), "{banned} is linked:\n{text}");
    }
}
