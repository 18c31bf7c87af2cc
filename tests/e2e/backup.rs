//! Taking a ledger out and putting it back: export while the server takes writes, incremental export, key ring apart,
//! restore, and everything that can be wrong with any of them. The real program, real folders, real kills.

use probity_format::segment::{self, Manifest};
use probity_tests::{Folder, Server, last_json, root, run, succeed};
use probity_types::identifiers::ResidentId;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Entries of a segment here: several of them hold what a test writes.
const SEGMENT: &str = "16";

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn person(number: u64) -> Value {
    let (day, sequence) = (number / 900 % 28 + 1, number % 900 + 1);
    let body = format!("650203199003{day:02}{sequence:03}");
    let id = ResidentId::with_check(&body).expect("a made-up number");
    json!({
        "kind": "natural_person", "name": format!("备份{number}"),
        "identifiers": [{"kind": "citizen_id", "value": id.as_str()}],
    })
}

/// Registers persons from..to over HTTP; their ids.
fn register(server: &Server, key: &str, numbers: std::ops::Range<u64>) -> Vec<String> {
    let one = |number: u64| {
        let reply = server.post(key, &format!("p{number}"), "/v1/subjects", &person(number));
        reply.expect(201)["subject"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    numbers.map(one).collect()
}

/// A ledger with so many persons, not served any more; their ids.
fn ledger(persons: u64) -> (Folder, Vec<String>) {
    let folder = Folder::begin();
    let key = folder.key(&["subjects:write"]);
    let ids = {
        let server = folder.serve();
        register(&server, &key, 0..persons)
    };
    (folder, ids)
}

fn more(folder: &Folder, numbers: std::ops::Range<u64>) -> Vec<String> {
    let key = folder.key(&["subjects:write"]);
    let server = folder.serve();
    register(&server, &key, numbers)
}

fn export(folder: &Folder, out: &str) -> Value {
    let data = folder.data();
    let arguments = ["export", "--data", &data, "--out", out];
    let more = ["--segment-entries", SEGMENT, "--json"];
    last_json(&succeed(&[&arguments[..], &more].concat()))
}

fn keys_backup(folder: &Folder, out: &str) -> Value {
    let data = folder.data();
    last_json(&succeed(&[
        "keys", "backup", "--data", &data, "--out", out, "--json",
    ]))
}

fn erase(folder: &Folder, person: &str) {
    succeed(&[
        "erase",
        "--data",
        &folder.data(),
        "--person",
        person,
        "--authority",
        "测试机关",
        "--legal-basis",
        "个人信息保护法第四十七条",
    ]);
}

fn master(folder: &Folder) -> String {
    format!("{}/master.key", folder.data())
}

/// Arguments of an import-log into a folder beside the first one's.
fn import_log(folder: &Folder, export: &str, keys: &str, to: &str) -> Vec<String> {
    [
        "import-log",
        export,
        "--keys",
        keys,
        "--data",
        to,
        "--master-key",
        &master(folder),
        "--segment-bytes",
        "1048576",
        "--json",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn run_all(arguments: &[String]) -> Output {
    run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn verified(folder: &Folder, data: &str) -> Value {
    let master = master(folder);
    let arguments = ["verify", "--data", data, "--master-key", &master, "--json"];
    last_json(&succeed(&arguments))
}

/// What `reader.py`, which shares no code with the program, says.
fn independent_reader(export: &str) -> (bool, String) {
    let reader = root().join("log-format/reader.py");
    let output = Command::new("python3")
        .arg(reader)
        .args([export, "--quiet"])
        .output()
        .expect("python3 runs");
    (output.status.success(), said(&output))
}

fn manifest(export: &str) -> Manifest {
    let text = std::fs::read(format!("{export}/manifest.json")).expect("a manifest");
    serde_json::from_slice(&text).expect("JSON")
}

/// Every ciphertext of a subject's entries in an export.
fn ciphertexts(export: &str, subject: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for named in manifest(export).segments {
        let bytes = std::fs::read(format!("{export}/{}", named.file)).expect("readable");
        for stored in segment::read(&bytes).expect("a segment").frames {
            if stored.frame.header.stream.to_string() == subject {
                let parts = stored.frame.sealed.iter();
                found.extend(parts.filter_map(|p| p.ciphertext.as_ref().map(|c| c.0.to_vec())));
            }
        }
    }
    found
}

/// Whether bytes lie in any file under a folder, whatever it is called.
fn lies_in(folder: &Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return lies_in(&path, wanted);
        }
        let bytes = std::fs::read(&path).expect("readable");
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

fn copy_folder(from: &str, to: &str) {
    let status = Command::new("cp").args(["-r", from, to]).status();
    assert!(status.expect("cp runs").success());
}

#[test]
fn a_backup_made_under_load_restores_to_the_same_log() {
    let folder = Folder::begin();
    let writer = folder.key(&["subjects:write"]);
    let auditor = folder.key(&["audit:read"]);
    let key_file = folder.beside("auditor");
    std::fs::write(&key_file, format!("{auditor}\n")).expect("written");
    let (data, out) = (folder.data(), folder.beside("backup"));
    let server = folder.serve();
    let arguments = [
        "backup",
        "--data",
        &data,
        "--out",
        &out,
        "--server",
        &server.base,
        "--key-file",
        &key_file,
        "--segment-entries",
        SEGMENT,
        "--json",
    ];
    let (is_done, next) = (AtomicBool::new(false), AtomicU64::new(0));
    let backups: Vec<Value> = std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_done.load(Ordering::SeqCst) {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    register(&server, &writer, number..number + 1);
                }
            });
        }
        let backups = (0..4).map(|_| {
            let before = server.position();
            while server.position() < before + 40 {
                std::thread::sleep(Duration::from_millis(5));
            }
            last_json(&succeed(&arguments))
        });
        let backups = backups.collect();
        is_done.store(true, Ordering::SeqCst);
        backups
    });
    let mut before = 0;
    for backup in &backups {
        let entries = backup["entries"].as_u64().expect("a number");
        assert!(entries > before, "each one goes on: {backups:?}");
        before = entries;
        let served = server.get(&format!("/v1/entries/{}", entries - 1));
        assert_eq!(served.expect(200)["entry_hash"], backup["entry_hash"]);
    }
    let last = &backups[3];
    assert!(last["kept_segments"].as_u64() > Some(2), "{last}");
    assert_eq!(last["is_ring_opened"], true);
    assert!(server.position() >= before, "the server went on meanwhile");
    // Quiet now: the last backup is of the whole log, but for the entries that record the backup itself.
    let whole = last_json(&succeed(&arguments));
    drop(server);
    let (holds, said) = independent_reader(&format!("{out}/log"));
    assert!(holds, "{said}");
    let head = format!(
        "{}:{}",
        whole["entries"].as_u64().expect("a number") - 1,
        whole["entry_hash"].as_str().expect("a hash")
    );
    let (to, master) = (folder.beside("restored"), master(&folder));
    let restored = last_json(&succeed(&[
        "restore",
        &out,
        "--data",
        &to,
        "--master-key",
        &master,
        "--checkpoint-head",
        &head,
        "--segment-bytes",
        "1048576",
        "--json",
    ]));
    assert_eq!(restored["entry_hash"], whole["entry_hash"]);
    let there = verified(&folder, &to);
    assert_eq!(
        (&there["level"], &there["views"]),
        (&json!("opened"), &json!("equal"))
    );
    assert_eq!(there["entry_hash"], whole["entry_hash"]);
    assert_eq!(there["views_digest"], restored["views_digest"]);
    folder.check_log();
    // The restored folder is a ledger like any other.
    let served = Server::start(&to, &["--master-key", &master]);
    let again = register(&served, &writer, 0..1);
    assert_eq!(again.len(), 1, "keys of the log open there too");
}

#[test]
fn a_quiet_ledger_restores_to_the_same_verify_result() {
    let (folder, ids) = ledger(30);
    erase(&folder, &ids[3]);
    let (export_to, keys, to) = (
        folder.beside("log"),
        folder.beside("keys"),
        folder.beside("new"),
    );
    export(&folder, &export_to);
    keys_backup(&folder, &keys);
    let output = run_all(&import_log(&folder, &export_to, &keys, &to));
    assert_eq!(code(&output), 0, "{}", said(&output));
    let (here, there) = (folder.check_log(), verified(&folder, &to));
    assert_eq!(here, there);
    assert!(here["opened_parts"].as_u64() > Some(20), "{here}");
    // And back again: the export of the restored folder is the same, byte for byte.
    let (back, master) = (folder.beside("back"), master(&folder));
    let arguments = [
        "export",
        "--data",
        &to,
        "--master-key",
        &master,
        "--out",
        &back,
    ];
    succeed(&[&arguments[..], &["--segment-entries", SEGMENT]].concat());
    assert_eq!(manifest(&back), manifest(&export_to));
}

#[test]
fn an_erasure_after_the_key_backup_is_applied_again_before_anything_opens() {
    let (folder, ids) = ledger(12);
    let (keys, log, to) = (
        folder.beside("keys"),
        folder.beside("log"),
        folder.beside("new"),
    );
    let older = folder.beside("older");
    export(&folder, &older);
    keys_backup(&folder, &keys);
    let before = folder.check_log();
    erase(&folder, &ids[5]);
    export(&folder, &log);
    let output = run_all(&import_log(&folder, &log, &keys, &to));
    assert_eq!(code(&output), 0, "{}", said(&output));
    let restored = last_json(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(restored["erasures_applied_again"], 1);
    assert_eq!(verified(&folder, &to), folder.check_log());
    // The ring that was restored opens nothing of that person, not even in an older log that still has the ciphertext and
    // knows of no erasure.
    let (ring, again) = (folder.beside("ring"), folder.beside("again"));
    succeed(&[
        "keys", "backup", "--data", &to, "--log", &log, "--out", &ring,
    ]);
    assert!(!ciphertexts(&older, &ids[5]).is_empty());
    let output = run_all(&import_log(&folder, &older, &ring, &again));
    let restored = last_json(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(
        (
            &restored["erasures_applied_again"],
            &restored["erased_parts"]
        ),
        (&json!(0), &json!(1)),
        "the list came with the ring"
    );
    let opened = before["opened_parts"].as_u64().expect("a number");
    assert_eq!(restored["opened_parts"], opened - 1);
}

#[test]
fn a_key_backup_older_than_the_log_is_refused_in_so_many_words() {
    let (folder, _) = ledger(6);
    let (keys, log, to) = (
        folder.beside("keys"),
        folder.beside("log"),
        folder.beside("new"),
    );
    let copied = keys_backup(&folder, &keys);
    more(&folder, 100..103);
    export(&folder, &log);
    let output = run_all(&import_log(&folder, &log, &keys, &to));
    let text = said(&output);
    assert_eq!(code(&output), 1, "{text}");
    for words in [
        "which the key backup does not hold",
        "3 sealed parts of 3 roots would stay unreadable",
        &format!("made at {} entries", copied["entries"]),
        "nothing was restored",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!Path::new(&to).exists(), "nothing was written");
    // Put in place by hand it is refused as well, instead of new keys being made under old names.
    let (data, aside) = (folder.data(), folder.beside("aside"));
    std::fs::rename(format!("{data}/keys"), &aside).expect("moved");
    let copied: Value =
        serde_json::from_slice(&std::fs::read(format!("{keys}/keys.json")).expect("there"))
            .expect("JSON");
    std::fs::create_dir(format!("{data}/keys")).expect("a folder");
    for (member, name) in [("ring", "ring-0000000001"), ("destroyed", "destroyed")] {
        let file = copied[member]["file"].as_str().expect("a name");
        std::fs::copy(format!("{keys}/{file}"), format!("{data}/keys/{name}")).expect("copied");
    }
    let started = run(&["keys", "list", "--data", &data]);
    assert_eq!(code(&started), 2, "{}", said(&started));
    assert!(
        said(&started).contains("the key ring does not hold"),
        "{}",
        said(&started)
    );
    assert_eq!(code(&run(&["verify", "--data", &data])), 1);
    std::fs::remove_dir_all(format!("{data}/keys")).expect("removed");
    // So does the command that restores keys alone; a newer copy is taken.
    let refused = run(&["keys", "restore", &keys, "--data", &data]);
    assert_eq!(code(&refused), 1, "{}", said(&refused));
    assert!(!Path::new(&format!("{data}/keys")).exists());
    std::fs::rename(&aside, format!("{data}/keys")).expect("moved back");
    let newer = folder.beside("newer");
    keys_backup(&folder, &newer);
    let in_place = run(&["keys", "restore", &newer, "--data", &data]);
    assert_eq!(
        code(&in_place),
        2,
        "a ring is never written over: {}",
        said(&in_place)
    );
    std::fs::remove_dir_all(format!("{data}/keys")).expect("lost");
    let arguments = ["keys", "restore", &newer, "--data", &data, "--json"];
    let restored = last_json(&succeed(&arguments));
    assert_eq!(restored["erasures_applied_again"], 0);
    folder.check_log();
}

#[test]
fn an_incremental_export_keeps_full_segments_and_holds_no_erased_ciphertext() {
    let (folder, ids) = ledger(40);
    let log = folder.beside("log");
    let nothing = run(&[
        "export",
        "--data",
        &folder.data(),
        "--out",
        &log,
        "--incremental",
    ]);
    assert_eq!(code(&nothing), 2, "{}", said(&nothing));
    let first = export(&folder, &log);
    assert_eq!(first["kept_segments"], 0);
    more(&folder, 100..120);
    let second = export(&folder, &log);
    assert!(second["kept_segments"].as_u64() >= Some(2), "{second}");
    assert_eq!(second["rewritten_segments"], 0);
    let erased = ciphertexts(&log, &ids[1]);
    let stays = ciphertexts(&log, &ids[2]);
    assert!(!erased.is_empty() && !stays.is_empty());
    erase(&folder, &ids[1]);
    assert!(
        lies_in(Path::new(&log), &erased[0]),
        "the earlier export has it"
    );
    let third = export(&folder, &log);
    assert_eq!(third["rewritten_segments"], 1, "{third}");
    for text in &erased {
        assert!(
            !lies_in(Path::new(&log), text),
            "in no file of the new export"
        );
    }
    assert!(
        lies_in(Path::new(&log), &stays[0]),
        "the scan finds what is there"
    );
    let (holds, said) = independent_reader(&log);
    assert!(holds && said.contains("1 erased"), "{said}");
    let verified = folder.check_log();
    assert_eq!(third["entry_hash"], verified["entry_hash"]);
}

/// Says that a restore is refused: exit code 1, the words, and nothing written.
fn refused(folder: &Folder, export: &str, keys: &str, words: &str) {
    let to = folder.beside("refused");
    let output = run_all(&import_log(folder, export, keys, &to));
    let text = said(&output);
    assert_eq!(code(&output), 1, "{words}: {text}");
    assert!(text.contains(words), "{words}: {text}");
    assert!(!Path::new(&to).exists(), "{words}: nothing was written");
}

#[test]
fn every_kind_of_damaged_export_is_refused_and_named() {
    let (folder, _) = ledger(30);
    let (other, _) = ledger(30);
    let (log, keys) = (folder.beside("log"), folder.beside("keys"));
    let other_log = other.beside("log");
    export(&folder, &log);
    export(&other, &other_log);
    keys_backup(&folder, &keys);
    let segments = manifest(&log).segments;
    assert!(segments.len() >= 3);
    let path = |number: usize| format!("{log}/{}", segments[number].file);
    let read = |path: &str| std::fs::read(path).expect("readable");
    let name = |number: usize| segments[number].file.clone();
    for number in [0, 1, segments.len() - 1] {
        let good = read(&path(number));
        for at in [3, 30, 90, good.len() / 2, good.len() - 5] {
            let mut bytes = good.clone();
            bytes[at] ^= 0x10;
            std::fs::write(path(number), bytes).expect("written");
            refused(&folder, &log, &keys, &name(number));
        }
        for length in [50, good.len() - 1] {
            std::fs::write(path(number), &good[..length]).expect("written");
            refused(&folder, &log, &keys, &name(number));
        }
        std::fs::remove_file(path(number)).expect("removed");
        refused(&folder, &log, &keys, &name(number));
        std::fs::write(path(number), good).expect("written");
    }
    let (first, second) = (read(&path(0)), read(&path(1)));
    std::fs::write(path(0), &second).expect("written");
    std::fs::write(path(1), &first).expect("written");
    refused(&folder, &log, &keys, &name(0));
    std::fs::write(path(0), &first).expect("written");
    std::fs::write(path(1), &second).expect("written");

    let text = read(&format!("{log}/manifest.json"));
    let mut swapped = manifest(&log);
    swapped.segments.swap(0, 1);
    let write = |bytes: &[u8]| std::fs::write(format!("{log}/manifest.json"), bytes);
    write(&serde_json::to_vec(&swapped).expect("JSON")).expect("written");
    refused(&folder, &log, &keys, "field first");
    let mut shorter = manifest(&log);
    shorter.segments = segments[..2].to_vec();
    write(&serde_json::to_vec(&shorter).expect("JSON")).expect("written");
    refused(&folder, &log, &keys, "manifest.json: field entries");
    write(&read(&format!("{other_log}/manifest.json"))).expect("written");
    refused(&folder, &log, &keys, "keys.json: field log");
    write(b"{").expect("written");
    refused(&folder, &log, &keys, "manifest.json");
    std::fs::remove_file(format!("{log}/manifest.json")).expect("removed");
    refused(&folder, &log, &keys, "manifest.json is missing");
    write(&text).expect("written");
    assert_eq!(
        code(&run(&["verify", "--data", &folder.beside("refused")])),
        2
    );
    let to = folder.beside("refused");
    let output = run_all(&import_log(&folder, &log, &keys, &to));
    assert_eq!(code(&output), 0, "undamaged it is taken: {}", said(&output));
}

#[test]
fn a_damaged_key_backup_or_another_history_is_refused() {
    let (folder, _) = ledger(10);
    let (log, keys) = (folder.beside("log"), folder.beside("keys"));
    export(&folder, &log);
    let copied = keys_backup(&folder, &keys);
    for member in ["ring", "destroyed"] {
        let file = copied[member]["file"].as_str().expect("a name");
        let path = format!("{keys}/{file}");
        let good = std::fs::read(&path).expect("readable");
        let mut bytes = good.clone();
        let at = bytes.len() - 3;
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).expect("written");
        refused(&folder, &log, &keys, &format!("{file}: field hash"));
        std::fs::write(&path, &good[..good.len() - 1]).expect("written");
        refused(&folder, &log, &keys, &format!("{file}: field bytes"));
        std::fs::remove_file(&path).expect("removed");
        refused(&folder, &log, &keys, file);
        std::fs::write(&path, &good).expect("written");
    }
    let to = folder.beside("refused");
    for (mark, words) in [
        (
            format!("3:{}", "0".repeat(64)),
            "position 3: field entry hash",
        ),
        (format!("999999:{}", "0".repeat(64)), "position 999999"),
    ] {
        let mut arguments = import_log(&folder, &log, &keys, &to);
        arguments.extend(["--checkpoint-head".to_owned(), mark]);
        let output = run_all(&arguments);
        assert_eq!(code(&output), 1, "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    // Another master key, none at all, a folder with something in it: could not be tried.
    let (other, _) = ledger(1);
    for (arguments, words) in [
        (import_log(&other, &log, &keys, &to), "does not open"),
        (
            import_log(&folder, &log, &keys, &folder.data()),
            "is not empty",
        ),
        (
            import_log(&folder, "/nowhere", &keys, &to),
            "manifest.json is missing",
        ),
        (
            import_log(&folder, &log, "/nowhere", &to),
            "keys.json is missing",
        ),
    ] {
        let output = run_all(&arguments);
        assert_eq!(code(&output), 2, "{}", said(&output));
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
        assert!(!Path::new(&to).exists());
    }
    folder.check_log();
}

/// Starts a restore and kills it once `is_time` says so; whether it was killed before its end.
fn kill_when(arguments: &[String], mut is_time: impl FnMut() -> bool) -> bool {
    let mut child = Command::new(probity_tests::probity())
        .args(arguments)
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let began = Instant::now();
    while !is_time() && began.elapsed() < Duration::from_secs(60) {
        if child.try_wait().expect("asked").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().expect("killed");
    !child.wait().expect("gone").success()
}

#[test]
fn a_restore_that_was_killed_is_no_ledger_and_goes_on_with_the_same_command() {
    let (folder, ids) = ledger(150);
    erase(&folder, &ids[7]);
    let (log, keys, to) = (
        folder.beside("log"),
        folder.beside("keys"),
        folder.beside("new"),
    );
    export(&folder, &log);
    keys_backup(&folder, &keys);
    let arguments = import_log(&folder, &log, &keys, &to);
    let here = folder.check_log();
    let note = Path::new(&to).join("restore.json");
    let master = master(&folder);
    // At the note, at the ring, at the store, and ever later after each.
    let (mut killed, mut seen) = (0, 0);
    for (number, place) in ["restore.json", "keys", "log", "log/journal", "views"]
        .iter()
        .enumerate()
    {
        for wait_ms in [0, 3, 12, 40] {
            if number % 2 == 0 && Path::new(&to).exists() {
                std::fs::remove_dir_all(&to).expect("begun anew");
            }
            let mark = Path::new(&to).join(place);
            let mut since = None;
            killed += u32::from(kill_when(&arguments, || {
                if since.is_none() && mark.exists() {
                    since = Some(Instant::now());
                }
                since.is_some_and(|at: Instant| at.elapsed() >= Duration::from_millis(wait_ms))
            }));
            if !note.exists() {
                continue;
            }
            seen += 1;
            for command in [
                vec!["verify", "--data", &to, "--master-key", &master],
                vec!["serve", "--data", &to, "--master-key", &master, "--demo"],
                vec!["init", "--data", &to, "--master-key", &master],
            ] {
                let output = run(&command);
                assert_eq!(code(&output), 2, "{command:?}: {}", said(&output));
                assert!(said(&output).contains("not finished"), "{}", said(&output));
            }
        }
    }
    eprintln!("killed {killed} of 20, {seen} of them in the middle");
    assert!(seen >= 5, "{seen} of {killed} kills came in the middle");
    if !Path::new(&to).join("log-id").exists() || note.exists() {
        let output = run_all(&arguments);
        assert_eq!(code(&output), 0, "{}", said(&output));
    }
    assert!(!note.exists());
    assert_eq!(verified(&folder, &to), here);
    // Another export does not go on where this one stopped.
    std::fs::remove_dir_all(&to).expect("begun anew");
    kill_when(&arguments, || note.exists());
    more(&folder, 500..501);
    let (longer, newer) = (folder.beside("longer"), folder.beside("newer"));
    export(&folder, &longer);
    keys_backup(&folder, &newer);
    if note.exists() {
        let output = run_all(&import_log(&folder, &longer, &newer, &to));
        assert_eq!(code(&output), 1, "{}", said(&output));
        assert!(
            said(&output).contains("another restore was begun here"),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn an_export_that_was_killed_never_looks_whole_and_goes_on() {
    let (folder, _) = ledger(150);
    let (log, data) = (folder.beside("log"), folder.data());
    let arguments = [
        "export",
        "--data",
        &data,
        "--out",
        &log,
        "--segment-entries",
        "2",
    ];
    let arguments = arguments.map(str::to_owned);
    let files = || std::fs::read_dir(&log).map_or(0, |files| files.count());
    let mut unfinished = 0;
    for wanted in [1, 20, 60, 120] {
        kill_when(&arguments, || files() >= wanted);
        if Path::new(&log).join("manifest.json").exists() {
            let (holds, said) = independent_reader(&log);
            assert!(holds, "where there is a manifest it is whole: {said}");
            continue;
        }
        unfinished += 1;
        let (holds, said) = independent_reader(&log);
        assert!(!holds, "{said}");
    }
    assert!(unfinished >= 1, "no kill came in the middle");
    let text: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = last_json(&succeed(&[&text[..], &["--json"]].concat()));
    assert!(
        done["kept_segments"].as_u64() >= Some(1),
        "taken up: {done}"
    );
    let (holds, said) = independent_reader(&log);
    assert!(holds, "{said}");
    assert_eq!(done["entry_hash"], folder.check_log()["entry_hash"]);
}

#[test]
fn an_export_shows_that_the_folder_was_put_back_to_an_earlier_state() {
    let (folder, _) = ledger(5);
    let (log, data) = (folder.beside("log"), folder.data());
    let earlier = folder.beside("earlier");
    copy_folder(&data, &earlier);
    more(&folder, 50..55);
    export(&folder, &log);
    std::fs::remove_dir_all(&data).expect("gone");
    copy_folder(&earlier, &data);
    let output = run(&["export", "--data", &data, "--out", &log]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert!(
        said(&output).contains("the log was rewound"),
        "{}",
        said(&output)
    );
    // It grows past the export again, with another history.
    more(&folder, 60..72);
    let output = run(&["export", "--data", &data, "--out", &log]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert!(
        said(&output).contains("field entry hash"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_backup_with_an_older_log_put_into_it_is_refused() {
    let (folder, _) = ledger(5);
    let (data, out, to) = (folder.data(), folder.beside("backup"), folder.beside("new"));
    let arguments = ["backup", "--data", &data, "--out", &out];
    succeed(&arguments);
    let old = folder.beside("old");
    copy_folder(&format!("{out}/log"), &old);
    more(&folder, 50..55);
    succeed(&arguments);
    assert!(!lies_in(
        Path::new(&out),
        &std::fs::read(master(&folder)).expect("a key")
    ));
    std::fs::remove_dir_all(format!("{out}/log")).expect("gone");
    copy_folder(&old, &format!("{out}/log"));
    let master = master(&folder);
    let arguments = ["restore", &out, "--data", &to, "--master-key", &master];
    let output = run(&arguments);
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert!(
        said(&output).contains("manifest.json: field entries"),
        "{}",
        said(&output)
    );
    let elsewhere = run(&["backup", "--data", &data, "--out", &data]);
    assert_eq!(code(&elsewhere), 2, "{}", said(&elsewhere));
}

#[test]
fn segments_are_served_to_auditors_with_a_purpose_on_record() {
    let (folder, _) = ledger(3);
    let auditor = folder.key(&["audit:read"]);
    let other = folder.key(&["persons:read"]);
    let server = folder.serve();
    let file = "/v1/segments/entries-000000000000.seg";
    for path in ["/v1/segments", file] {
        server.get(path).problem(401, "unauthorized");
        server.get_for(&other, path).problem(403, "forbidden");
    }
    let bearer = format!("Bearer {auditor}");
    let headers = [("Authorization", bearer.as_str())];
    let list = server.send("GET", "/v1/segments", &headers, &[]);
    assert_eq!(
        list.expect(200)["items"][0]["file"],
        "entries-000000000000.seg"
    );
    assert_eq!(list.json["items"][0]["is_sealed"], false);
    let entries = list.json["entries"].as_u64().expect("a number");
    server
        .send("GET", file, &headers, &[])
        .problem(400, "purpose-required");
    assert_eq!(
        server.position() + 1,
        entries,
        "nothing was read, nothing is recorded"
    );
    let missing = "/v1/segments/entries-000000000001.seg";
    server.get_for(&auditor, missing).problem(404, "not-found");
    let read = Command::new("curl")
        .args([
            "--silent",
            "--output",
            &folder.beside("seg"),
            "-w",
            "%{http_code}",
        ])
        .args(["-H", &format!("Authorization: {bearer}")])
        .args(["-H", "Probity-Purpose: audit", "-H", "Probity-Basis: test"])
        .arg(format!("{}{file}", server.base))
        .output()
        .expect("curl runs");
    assert_eq!(String::from_utf8_lossy(&read.stdout), "200");
    let bytes = std::fs::read(folder.beside("seg")).expect("written");
    let segment = segment::read(&bytes).expect("a segment");
    assert_eq!(segment.frames.len() as u64, entries);
    let recorded = server.get_for(&auditor, &format!("/v1/entries/{entries}"));
    assert_eq!(recorded.expect(200)["event"], "DisclosureMade");
    // A ledger that is served says how to reach it.
    let data = folder.data();
    let output = run(&["export", "--data", &data, "--out", &folder.beside("x")]);
    assert_eq!(code(&output), 2);
    assert!(said(&output).contains("--server"), "{}", said(&output));
}
