//! A start from a snapshot: the same state as a replay gives, only what came after is walked, and whatever does not fit is
//! replayed instead.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Command, Erasable};
use probity_domain::{Registry, Tagger};
use probity_format::Hash;
use probity_log::{Outcome, Snapshot, SnapshotHead, StartError, WalkError};
use probity_store::keyring::KeyState;
use probity_types::{Position, RootId};
use std::path::Path;
use support::{
    InMemory, OnDisk, Place, Request, Running, World, adoptions, begin, current, open, permits,
    report, sealed, void,
};

fn bytes(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot.write(&mut bytes).expect("memory");
    bytes
}

fn taken(running: &Running) -> Snapshot {
    let taken = running.log.snapshot_blocking(|| ());
    taken.expect("the writer runs").0
}

fn digest(running: &Running) -> Hash {
    let asked = running.log.inspect_blocking(Registry::digest);
    asked.expect("the writer runs")
}

fn from<P: Place>(world: &World<P>, bytes: &[u8]) -> Running {
    let read = |tagger: Tagger| Some(Snapshot::read(&mut &*bytes, tagger).expect("a snapshot"));
    let started = world.start_from(world.place.open(), read);
    started.unwrap_or_else(|error| panic!("{error}"))
}

fn erase(number: u64, running: &Running, person: Position) -> Request {
    let root = RootId(running.shown()[person.0 as usize].header.stream.0);
    let command = Command::Erase {
        what: Erasable::Root(root),
        authority: "test".to_owned(),
        legal_basis: "test".to_owned(),
        rows: Default::default(),
    };
    Request::new(number, command)
}

/// A log with something of everything: policies, keys, persons, records, a voided one, an erased person.
fn lived<P: Place>(world: &World<P>) -> Running {
    let running = world.begin();
    for request in adoptions() {
        running.submit(&request).expect("adopted");
    }
    for number in 1..4 {
        running.submit(&open(200 + number)).expect("issued");
        running.submit(&sealed(number)).expect("registered");
    }
    for (number, permit) in (300..).zip(permits()).take(5) {
        running.submit(&report(number, permit)).expect("recorded");
    }
    let shown = running.shown();
    let record = shown.iter().find(|entry| entry.event.recorded().is_some());
    let voided = void(400, vec![current(record.expect("recorded"))]);
    running.submit(&voided).expect("voided");
    let person = running.submit(&sealed(4)).expect("registered").first;
    let erasure = erase(401, &running, person);
    running.submit(&erasure).expect("erased");
    running
}

#[test]
fn a_start_from_a_snapshot_walks_only_what_came_after_and_gives_the_same_state() {
    let world = World::<OnDisk>::new();
    let running = lived(&world);
    let snapshot = taken(&running);
    let after = running.submit(&sealed(5)).expect("registered");
    let expected = digest(&running);
    running.stop();

    let again = from(&world, &bytes(&snapshot));
    let shown = again.shown();
    assert_eq!(shown.first().map(|e| e.header.position), Some(after.first));
    assert_eq!(digest(&again), expected);
    // A retry finds its receipt on either side of the snapshot; a known record and a known person are found.
    let retried = again.submit(&sealed(5)).expect("a receipt");
    assert_eq!((retried.first, retried.replayed), (after.first, true));
    assert!(again.submit(&begin()).expect("a receipt").replayed);
    let mut twice = report(300, permits().next().expect("many"));
    twice.id.0[15] ^= 0xff;
    let found = again.submit(&twice).expect("answered");
    assert_eq!(found.outcome, Outcome::AlreadyThere);
    again.submit(&sealed(6)).expect("registered");
    let expected = digest(&again);
    again.check();
    again.stop();
    let replayed = world.start();
    assert_eq!(digest(&replayed), expected);
}

#[test]
fn one_state_has_one_sequence_of_bytes_and_a_cut_or_foreign_one_is_none() {
    let world = World::<InMemory>::new();
    let running = lived(&world);
    let first = bytes(&taken(&running));
    let head = SnapshotHead::read(&mut first.as_slice()).expect("a head");
    assert_eq!(head.next.0, running.entries());
    running.stop();
    let again = from(&world, &first);
    assert!(bytes(&taken(&again)) == first, "read and written");
    again.stop();
    let replayed = world.start();
    assert!(bytes(&taken(&replayed)) == first, "replayed");

    let read = |bytes: &[u8]| Snapshot::read(&mut &*bytes, Tagger::new([0; 32]));
    for cut in (0..first.len()).step_by(first.len() / 40) {
        assert!(read(&first[..cut]).is_err(), "{cut}");
    }
    for at in 0..20 {
        // Magic, version, position.
        let mut other = first.clone();
        other[at] ^= 1;
        assert!(read(&other).is_err(), "{at}");
    }
}

#[test]
fn a_snapshot_of_another_past_is_ignored() {
    let (world, other) = (World::<InMemory>::new(), World::<InMemory>::new());
    let running = lived(&world);
    let expected = digest(&running);
    running.stop();
    let longer = lived(&other);
    let same_length = bytes(&taken(&longer));
    longer.submit(&open(900)).expect("issued");
    let beyond = bytes(&taken(&longer));
    for foreign in [same_length, beyond] {
        let started = from(&world, &foreign);
        let first = started.shown().first().map(|e| e.header.position);
        assert_eq!(first, Some(Position(0)), "everything is shown");
        assert_eq!(digest(&started), expected);
        let refused = Snapshot::read(&mut foreign.as_slice(), Tagger::new([0; 32]));
        let refused = refused.expect("a snapshot").check(&*started.reader);
        assert!(matches!(
            refused,
            Err(WalkError::Replaced { .. } | WalkError::Rewound { .. })
        ));
        started.stop();
    }
}

fn copy_files(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("copied");
    }
}

fn put_back<P: Place>(world: &World<P>, older: &Path) {
    for file in std::fs::read_dir(world.keys.path()).expect("a folder") {
        std::fs::remove_file(file.expect("a file").path()).expect("removed");
    }
    copy_files(older, world.keys.path());
}

#[test]
fn an_older_key_ring_put_back_loses_again_what_was_erased_before_the_snapshot() {
    let world = World::<InMemory>::new();
    let running = world.begin();
    let person = running.submit(&sealed(1)).expect("registered").first;
    let root = RootId(running.shown()[person.0 as usize].header.stream.0);
    let erasure = erase(2, &running, person);
    running.stop();
    let older = tempfile::tempdir().expect("a folder");
    copy_files(world.keys.path(), older.path());
    let running = world.start();
    running.submit(&erasure).expect("erased");
    let snapshot = bytes(&taken(&running));
    running.stop();
    put_back(&world, older.path());
    let again = from(&world, &snapshot);
    assert_eq!(again.shown().len(), 0, "nothing came after the snapshot");
    again.stop();
    let ring = world.ring();
    assert!(ring.is_destroyed(root));
    assert_eq!(ring.key(root, 0), KeyState::Erased);
}

#[test]
fn a_key_ring_older_than_the_snapshot_is_named_as_in_a_replay() {
    let world = World::<InMemory>::new();
    world.begin().stop();
    let older = tempfile::tempdir().expect("a folder");
    copy_files(world.keys.path(), older.path());
    let running = world.start();
    let person = running.submit(&sealed(1)).expect("registered").first;
    let snapshot = bytes(&taken(&running));
    running.stop();
    put_back(&world, older.path());
    let read = |tagger: Tagger| Some(Snapshot::read(&mut &*snapshot, tagger).expect("one"));
    let started = world.start_from(world.place.open(), read);
    let Err(StartError::KeysMissing { first, .. }) = started else {
        panic!("an entry that nobody can open, {:?}", started.err());
    };
    assert_eq!(first, person);
}
