//! Exporting again into the same folder: sealed segments stay, an erasure goes through all of them, and what was interrupted
//! is taken up; a log that was rewound or is another one is named.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Command, Erasable};
use probity_format::segment::Manifest;
use probity_format::{Frame, Hash};
use probity_log::Opener;
use probity_log::export::{
    ExportError, LocalSource, MANIFEST, Prepared, Source, Start, prepare, read_export,
};
use probity_store::{Head, LogReader, LogStore, MemoryDisk, MemoryStore};
use probity_types::{LogId, Position, RootId};
use std::collections::BTreeSet;
use std::path::Path;
use support::{InMemory, LOG, Request, Running, World, begin, open, sealed};

const SMALL: Start = Start {
    must_go_on: false,
    segment_entries: 4,
};

fn prepared(reader: &dyn LogReader, out: &Path) -> Result<Prepared, ExportError> {
    let mut source = LocalSource::new(reader, LOG, "test");
    prepare(&mut source, out, SMALL, &mut |_| {})
}

fn exported(running: &Running, out: &Path) -> Manifest {
    let prepared = prepared(&*running.reader, out).expect("prepared");
    let manifest = prepared.publish().expect("published");
    holds(out, &manifest);
    manifest
}

fn holds(out: &Path, manifest: &Manifest) {
    let (read, _) = read_export(out, &Opener::sealed(LOG), |_| {}).expect("holds");
    assert_eq!(&read, manifest);
    let named: BTreeSet<String> = manifest.segments.iter().map(|s| s.file.clone()).collect();
    let mut found = files(out);
    assert!(found.remove(MANIFEST));
    assert_eq!(found, named, "nothing else lies there");
}

fn files(out: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(out).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    entries
        .map(|entry| name(entry).into_string().expect("text"))
        .collect()
}

/// Begin, day, then keys and persons: every even number is a person.
fn world(to: u64) -> (World<InMemory>, Running) {
    let world = World::new();
    let running = world.begin();
    more(&running, 1, to);
    (world, running)
}

fn more(running: &Running, from: u64, to: u64) {
    for number in from..=to {
        let request = if number % 2 == 0 {
            sealed(number)
        } else {
            open(number)
        };
        running.submit(&request).expect("new");
    }
}

fn erase(number: u64, root: RootId) -> Request {
    let command = Command::Erase {
        what: Erasable::Root(root),
        authority: "test".to_owned(),
        legal_basis: "test".to_owned(),
        rows: Default::default(),
    };
    Request::new(number, command)
}

/// The first sealed part of an entry, if it is still there.
fn ciphertext(running: &Running, at: u64) -> (RootId, Vec<u8>) {
    let bytes = running.reader.entry(Position(at)).expect("readable");
    let frame = Frame::decode(&bytes.expect("there")).expect("right");
    let part = frame.sealed.iter().next().expect("a sealed part");
    let text = part.ciphertext.as_ref().expect("not erased");
    (part.root, text.0.to_vec())
}

fn is_in_any_file(out: &Path, wanted: &[u8]) -> bool {
    files(out).iter().any(|name| {
        let bytes = std::fs::read(out.join(name)).expect("readable");
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[test]
fn a_second_export_keeps_sealed_segments_and_replaces_the_last_one() {
    let (_world, running) = world(8);
    let out = tempfile::tempdir().expect("a folder");
    let out = out.path().join("export");
    let first = exported(&running, &out);
    assert_eq!(first.entries, 10);
    let same = exported(&running, &out);
    assert_eq!(same, first, "nothing new, nothing changed");
    more(&running, 9, 14);
    let again = prepared(&*running.reader, &out).expect("prepared");
    assert_eq!((again.kept, again.written, again.rewritten), (2, 2, 0));
    holds_still(&out, &first);
    let second = again.publish().expect("published");
    holds(&out, &second);
    assert_eq!(second.segments[..2], first.segments[..2]);
    let anew = out.with_file_name("anew");
    assert_eq!(exported(&running, &anew), second, "as if made at once");
    running.stop();
}

/// Before it is published the earlier export is still whole, whatever lies beside it.
fn holds_still(out: &Path, manifest: &Manifest) {
    let (read, _) = read_export(out, &Opener::sealed(LOG), |_| {}).expect("still holds");
    assert_eq!(&read, manifest);
}

#[test]
fn an_erasure_goes_through_segments_that_were_exported_before() {
    let (_world, running) = world(8);
    let out = tempfile::tempdir().expect("a folder");
    let out = out.path().join("export");
    let first = exported(&running, &out);
    let (root, held) = ciphertext(&running, 3);
    let (_, other) = ciphertext(&running, 5);
    assert!(is_in_any_file(&out, &held) && is_in_any_file(&out, &other));
    running.submit(&erase(20, root)).expect("erased");
    let again = prepared(&*running.reader, &out).expect("prepared");
    assert_eq!((again.kept, again.rewritten), (1, 1));
    holds_still(&out, &first);
    assert!(is_in_any_file(&out, &held), "until it is published");
    let second = again.publish().expect("published");
    holds(&out, &second);
    assert!(!is_in_any_file(&out, &held), "the erased one is in no file");
    assert!(is_in_any_file(&out, &other), "the other one is");
    assert_eq!(second.segments[1], first.segments[1]);
    let anew = out.with_file_name("anew");
    assert_eq!(exported(&running, &anew), second);
    running.stop();
}

/// A log in which an erasure is recorded between two looks at it, as under a server that runs.
struct ErasesMeanwhile<'a> {
    running: &'a Running,
    root: Option<RootId>,
    source: LocalSource<'a>,
}

impl Source for ErasesMeanwhile<'_> {
    fn log(&self) -> LogId {
        LOG
    }
    fn origin(&self) -> &str {
        "test"
    }
    fn head(&mut self) -> Result<Head, ExportError> {
        let head = self.source.head();
        if let Some(root) = self.root.take() {
            self.running.submit(&erase(20, root)).expect("erased");
        }
        head
    }
    fn frames(&mut self, first: Position, end: Position) -> Result<Vec<Vec<u8>>, ExportError> {
        self.source.frames(first, end)
    }
    fn entry_hash(&mut self, position: Position) -> Result<Hash, ExportError> {
        self.source.entry_hash(position)
    }
}

#[test]
fn an_erasure_during_the_export_is_part_of_it() {
    let (_world, running) = world(8);
    let out = tempfile::tempdir().expect("a folder");
    let (root, held) = ciphertext(&running, 3);
    let mut source = ErasesMeanwhile {
        running: &running,
        root: Some(root),
        source: LocalSource::new(&*running.reader, LOG, "test"),
    };
    let prepared = prepare(&mut source, out.path(), SMALL, &mut |_| {}).expect("prepared");
    assert_eq!(prepared.manifest().entries, 11, "the erasure too");
    let manifest = prepared.publish().expect("published");
    holds(out.path(), &manifest);
    assert!(!is_in_any_file(out.path(), &held));
    running.stop();
}

#[test]
fn what_was_not_finished_is_no_export_and_is_taken_up() {
    let (_world, running) = world(8);
    let out = tempfile::tempdir().expect("a folder");
    let first = prepared(&*running.reader, out.path()).expect("prepared");
    let manifest = first.manifest().clone();
    drop(first);
    let error = read_export(out.path(), &Opener::sealed(LOG), |_| {}).expect_err("unnamed");
    assert!(
        error.to_string().contains("manifest.json is missing"),
        "{error}"
    );
    assert!(error.is_broken());
    // A torn one beside it, as a crash leaves it.
    std::fs::write(out.path().join("entries-000000000008-x.seg.new"), b"torn").expect("written");
    let flipped = out.path().join(&manifest.segments[1].file);
    let mut bytes = std::fs::read(&flipped).expect("readable");
    bytes[100] ^= 1;
    std::fs::write(&flipped, bytes).expect("written");
    let again = prepared(&*running.reader, out.path()).expect("prepared");
    assert_eq!(
        (again.kept, again.written),
        (1, 2),
        "the flipped one is not taken up"
    );
    let published = again.publish().expect("published");
    assert_eq!(published, manifest);
    holds(out.path(), &manifest);
    running.stop();
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let (_world, running) = world(2);
    let out = tempfile::tempdir().expect("a folder");
    let nothing = Start {
        must_go_on: true,
        ..SMALL
    };
    let mut source = LocalSource::new(&*running.reader, LOG, "test");
    let error = prepare(&mut source, out.path(), nothing, &mut |_| {}).expect_err("nothing there");
    assert!(matches!(error, ExportError::Nothing { .. }), "{error}");
    std::fs::write(out.path().join("letter.txt"), b"mine").expect("written");
    let error = prepared(&*running.reader, out.path()).expect_err("taken");
    assert!(matches!(error, ExportError::NotEmpty { .. }), "{error}");
    assert_eq!(files(out.path()).len(), 1);
    running.stop();
}

#[test]
fn an_earlier_export_that_does_not_hold_is_named_and_not_repaired() {
    let (_world, running) = world(8);
    let out = tempfile::tempdir().expect("a folder");
    let manifest = exported(&running, out.path());
    for (number, at) in [(0, 90), (1, 200), (2, 120)] {
        let path = out.path().join(&manifest.segments[number].file);
        let good = std::fs::read(&path).expect("readable");
        let mut bytes = good.clone();
        bytes[at] ^= 4;
        std::fs::write(&path, bytes).expect("written");
        let error = prepared(&*running.reader, out.path()).expect_err("flipped");
        let ExportError::Earlier(inner) = &error else {
            panic!("{error}")
        };
        assert!(
            inner.to_string().contains(&manifest.segments[number].file),
            "{inner}"
        );
        assert!(error.is_broken());
        std::fs::write(&path, good).expect("written");
    }
    holds(out.path(), &manifest);
    running.stop();
}

/// An export is an anchor outside the data folder: it shows that a log was rewound or rewritten.
#[test]
fn a_log_that_was_rewound_or_is_another_one_is_named() {
    let (_world, running) = world(8);
    let out = tempfile::tempdir().expect("a folder");
    exported(&running, out.path());
    let frames = running
        .reader
        .page(Position(0), probity_store::PageLimit::MOST)
        .expect("readable");
    let rewound = stored(&frames[..6]);
    let error = prepared(&*rewound.reader(), out.path()).expect_err("rewound");
    assert!(
        matches!(error, ExportError::Behind { .. }) && error.is_broken(),
        "{error}"
    );

    let (_other_world, other) = world(9);
    let error = prepared(&*other.reader, out.path()).expect_err("another history");
    let ExportError::Diverges { position, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(position, Position(9));

    let mut source = LocalSource::new(&*running.reader, LogId([7; 16]), "test");
    let error = prepare(&mut source, out.path(), SMALL, &mut |_| {}).expect_err("another log");
    assert!(
        matches!(error, ExportError::OtherLog { .. }) && error.is_broken(),
        "{error}"
    );
    let begun = running.submit(&begin()).expect("remembered");
    assert!(begun.replayed);
    running.stop();
    other.stop();
}

fn stored(frames: &[Vec<u8>]) -> MemoryStore {
    let mut store = MemoryStore::open(&MemoryDisk::default()).expect("new");
    let last = frames.last().and_then(|bytes| bytes.last_chunk::<32>());
    let head = Head {
        next: Position(frames.len() as u64),
        entry_hash: last.copied().unwrap_or_default(),
    };
    store
        .append(Head::EMPTY, frames, head)
        .expect("an empty store");
    store
}
