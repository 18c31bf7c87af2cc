//! A quick start shows what a replay shows; a snapshot that is not whole, or not of this log, changes nothing.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_app::rebuild::{Compared, rebuild_beside};
use probity_app::verify::verify;
use probity_app::{Ledger, OpenOptions};
use probity_domain::Command;
use probity_domain::command::Erasable;
use probity_types::RootId;
use std::path::PathBuf;
use support::{Home, Loader, submit};

fn fill(ledger: &Ledger, seed: u64, records: u64) {
    Loader::new(ledger, seed, records).load();
}

fn files(home: &Home) -> [PathBuf; 3] {
    ["state", "records", "views"].map(|name| home.folder().views().join(name))
}

fn digests(ledger: &Ledger) -> [probity_format::Hash; 2] {
    let state = ledger
        .log
        .inspect_blocking(probity_domain::Registry::digest);
    [ledger.views().digest(), state.expect("runs")]
}

/// A home with a snapshot, entries after it, and the digests at the head.
fn home() -> (Home, [probity_format::Hash; 2]) {
    let home = Home::new();
    let ledger = home.create();
    fill(&ledger, 3, 120);
    let saved = ledger.save_snapshot().expect("saves").expect("settled");
    assert_eq!(
        (saved.entries, ledger.unsaved_entries()),
        (ledger.reader.head().next.0, 0)
    );
    fill(&ledger, 4, 40);
    let digests = digests(&ledger);
    ledger.close();
    (home, digests)
}

#[test]
fn a_start_from_a_snapshot_walks_what_came_after_and_shows_what_a_replay_shows() {
    let (home, expected) = home();
    let quick = home.open();
    assert_eq!(digests(&quick), expected);
    // Only what came after the snapshot was shown again.
    assert!(quick.unsaved_entries() > 0 && quick.unsaved_entries() < quick.reader.head().next.0);
    // And it is a ledger like any other.
    fill(&quick, 5, 30);
    let expected = digests(&quick);
    quick.close();
    drop(quick);
    verify(&home.folder(), &OpenOptions::default()).expect("holds");
    let options = OpenOptions {
        ignores_snapshot: true,
        ..OpenOptions::default()
    };
    let replayed = Ledger::open(&home.folder(), &options, home.clock.clone()).expect("opens");
    assert_eq!(digests(&replayed), expected);
    replayed.close();
}

#[test]
fn a_snapshot_that_is_torn_changed_or_half_there_is_ignored() {
    let (home, expected) = home();
    let whole = files(&home).map(|path| std::fs::read(path).expect("reads"));
    let broken = |bytes: &[u8], how: usize| match how {
        0 => bytes[..bytes.len() / 2].to_vec(),
        1 => Vec::new(),
        2 => {
            let mut other = bytes.to_vec();
            other[bytes.len() / 3] ^= 4;
            other
        }
        _ => [bytes, b"more"].concat(),
    };
    for how in 0..4 {
        for (path, whole) in files(&home).iter().zip(&whole) {
            std::fs::write(path, broken(whole, how)).expect("writes");
            let ledger = home.open();
            assert_eq!(digests(&ledger), expected, "{how} {}", path.display());
            assert_eq!(
                ledger.unsaved_entries(),
                ledger.reader.head().next.0,
                "replayed"
            );
            ledger.log.stop_blocking();
            drop(ledger);
            std::fs::write(path, whole).expect("writes");
        }
    }
    for (path, whole) in files(&home).iter().zip(&whole) {
        std::fs::remove_file(path).expect("removes");
        let ledger = home.open();
        assert_eq!(digests(&ledger), expected, "without {}", path.display());
        ledger.log.stop_blocking();
        drop(ledger);
        std::fs::write(path, whole).expect("writes");
    }
}

#[test]
fn a_snapshot_from_the_future_of_an_older_log_is_ignored() {
    let (home, _) = home();
    let other = Home::new();
    // The same log before the snapshot: a folder that was put back.
    support::copy(home.path(), other.path());
    let ledger = home.open();
    fill(&ledger, 6, 30);
    ledger.save_snapshot().expect("saves").expect("settled");
    ledger.close();
    for (from, to) in files(&home).iter().zip(files(&other)) {
        std::fs::copy(from, to).expect("copies");
    }
    let older = other.open();
    assert_eq!(
        older.unsaved_entries(),
        older.reader.head().next.0,
        "replayed"
    );
    older.close();
    drop(older);
    verify(&other.folder(), &OpenOptions::default()).expect("holds");
}

#[test]
fn an_erasure_takes_the_snapshot_away_before_it_is_answered() {
    let (home, _) = home();
    let ledger = home.open();
    let person = {
        let views = ledger.views();
        let mut rows = views.directory().rows().iter();
        rows.find(|row| row.kind.is_person())
            .map(|row| row.id)
            .expect("a person")
    };
    let erase = Command::Erase {
        what: Erasable::Root(RootId(person.0)),
        authority: "测试机关".to_owned(),
        legal_basis: "测试".to_owned(),
        rows: Default::default(),
    };
    submit(&ledger, erase).expect("is erased");
    assert!(files(&home).iter().all(|path| !path.exists()));
    ledger.save_snapshot().expect("saves").expect("settled");
    let expected = digests(&ledger);
    ledger.log.stop_blocking();
    drop(ledger);
    let quick = home.open();
    assert_eq!(quick.unsaved_entries(), 0);
    assert_eq!(digests(&quick), expected);
    quick.close();
    drop(quick);
    verify(&home.folder(), &OpenOptions::default()).expect("holds");
}

#[test]
fn views_are_rebuilt_beside_the_live_ones_while_entries_come() {
    let (home, _) = home();
    let ledger = home.open();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| fill(&ledger, 7, 200));
        let mut rebuilt = 0;
        while !writer.is_finished() || rebuilt < 2 {
            let beside = rebuild_beside(&ledger).expect("the log holds");
            assert_eq!(beside.compared, Compared::Equal, "{beside:?}");
            rebuilt += 1;
        }
    });
    let head = ledger.head().map(|(position, _)| position);
    assert_eq!(ledger.views().position(), head);
    ledger.close();
    drop(ledger);
    verify(&home.folder(), &OpenOptions::default()).expect("holds");
}
