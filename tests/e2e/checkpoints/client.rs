//! The independent client against a running server.

use probity_app::{DataFolder, Ledger, OpenOptions, SEGMENT_BYTES_MIN};
use probity_domain::Command;
use probity_domain::command::Disclose;
use probity_format::frame::ActorKind;
use probity_log::Submission;
use probity_tests::tools::{check, register, said, until};
use probity_tests::{Folder, Server, WallClock};
use probity_types::{Position, QueryPurpose, RecipientId};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Entries of the large log.
const ENTRIES: u64 = 100_000;

/// A folder with a log of at least so many entries, made by the ledger itself.
fn large(folder: &Path) {
    let clock = Arc::new(WallClock::start());
    let options = OpenOptions {
        origin: "example.org/large".to_owned(),
        ..OpenOptions::default().with_segments_of(16 * SEGMENT_BYTES_MIN)
    };
    let ledger = Ledger::create(&DataFolder::at(folder), &options, clock).expect("begins");
    let waiting: Vec<_> = (0..ENTRIES)
        .map(|number| {
            let command = Command::Disclose(Box::new(Disclose {
                recipient: RecipientId((u128::from(number % 500) + 1).to_be_bytes()),
                purpose: QueryPurpose::Audit,
                basis: format!("核查第 {number} 号"),
                scope: "test".to_owned(),
                subjects: BTreeSet::new(),
                read_at: Position(0),
            }));
            let submission = Submission::internal(command, ActorKind::Operator);
            ledger.log.submit_waiting(submission).expect("queued")
        })
        .collect();
    for answer in waiting {
        answer.blocking_recv().expect("answered").expect("recorded");
    }
    ledger.close();
}

fn size_of(checkpoint: &str) -> u64 {
    let size = checkpoint.lines().nth(1).and_then(|line| line.parse().ok());
    size.unwrap_or_else(|| panic!("no checkpoint: {checkpoint}"))
}

/// The checkpoint once it covers so many entries.
fn checkpoint(server: &Server, entries: u64) -> String {
    until("a checkpoint of everything", || {
        let reply = server.get("/log/checkpoint");
        reply.status == 200 && size_of(&reply.text) >= entries
    });
    server.get("/log/checkpoint").text
}

fn vkey(server: &Server) -> String {
    server.get("/log/vkey").text.trim().to_owned()
}

#[test]
fn the_independent_client_verifies_a_hundred_thousand_entries() {
    // In memory: what a disk does under load is not the question here.
    let scratch = tempfile::tempdir_in("/dev/shm").expect("a folder");
    let data = scratch.path().join("data");
    large(&data);
    let data = data.display().to_string();
    let server = Server::start(&data, &[]);
    let note = checkpoint(&server, ENTRIES);
    let (vkey, size) = (vkey(&server), size_of(&note));
    let (middle, last) = ((size / 2).to_string(), (size - 1).to_string());
    let more = ["-index", "0", "-index", &middle, "-index", &last, "-all"];
    let checked = check(&server.base, &vkey, &more);
    assert!(checked.status.success(), "{}", said(&checked));
    let all = format!("all ok: {size} entries hash to the root");
    assert!(said(&checked).contains(&all), "{}", said(&checked));
    // Another key, or a newer checkpoint than the server has: refused.
    let other = "example.org/large+c556bd64+BEE+1/EpsT57Hgo4pSftPOOhP2O5QdJt1FrPyIAHZMN+";
    assert!(!check(&server.base, other, &[]).status.success());
}

#[test]
fn a_growing_log_stays_consistent_and_a_shorter_one_is_refused() {
    let folder = Folder::begin();
    let key = folder.key(&["subjects:write"]);
    let server = folder.serve();
    let head = |server: &Server| {
        let head = server.get("/v1/head");
        head.expect(200)["entries"].as_u64().expect("a number")
    };
    let vkey = vkey(&server);
    let mut kept: Vec<String> = Vec::new();
    for round in 0..4 {
        for number in 0..=3 * round {
            register(&server, &key, 100 * round + number).expect(201);
        }
        let note = checkpoint(&server, head(&server));
        let path = folder.beside(&format!("checkpoint-{round}"));
        std::fs::write(&path, note).expect("written");
        for old in &kept {
            let checked = check(&server.base, &vkey, &["-old", old.as_str(), "-all"]);
            assert!(checked.status.success(), "{}", said(&checked));
        }
        kept.push(path);
    }
    // A checkpoint that this log never had.
    let newest = std::fs::read_to_string(&kept[3]).expect("read");
    let forged = newest.replacen("probity.invalid/log\n", "probity.invalid/log\n1", 1);
    let path = folder.beside("forged");
    std::fs::write(&path, forged).expect("written");
    assert!(
        !check(&server.base, &vkey, &["-old", &path])
            .status
            .success()
    );
    drop(server);
    folder.check_log();
}

#[test]
fn every_partial_tile_is_there_and_no_other() {
    let folder = Folder::begin();
    let server = folder.serve();
    let note = checkpoint(&server, 1);
    let size = size_of(&note);
    assert!(size < 256, "a small log");
    for width in 1..=size {
        for (level, each) in [("0", 32), ("entries", 51)] {
            let path = format!("/log/tile/{level}/000.p/{width}");
            let reply = server.get(&path);
            assert_eq!(reply.status, 200);
            assert_eq!(reply.bytes.len() as u64, width * each);
            assert_eq!(
                reply.header("cache-control"),
                "public, max-age=31536000, immutable"
            );
            assert_eq!(reply.header("content-type"), "application/octet-stream");
        }
    }
    for path in [
        format!("/log/tile/0/000.p/{}", size + 1),
        "/log/tile/0/000".to_owned(),
        "/log/tile/0/001.p/1".to_owned(),
        "/log/tile/1/000.p/1".to_owned(),
        "/log/tile/63/000.p/1".to_owned(),
    ] {
        let reply = server.get(&path);
        assert_eq!(
            (reply.status, reply.header("cache-control")),
            (404, ""),
            "{path}"
        );
    }
    for path in [
        "/log/tile/0/000.p/0",
        "/log/tile/0/000.p/256",
        "/log/tile/0/0",
        "/log/tile/64/000",
        "/log/tile/00/000",
        "/log/tile/0/x000/000",
        "/log/tile/entries/000.p/01",
    ] {
        let reply = server.get(path);
        assert_eq!(
            (reply.status, reply.header("cache-control")),
            (400, ""),
            "{path}"
        );
    }
}
