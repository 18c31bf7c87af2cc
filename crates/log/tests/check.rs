//! Checking a log: every way in which what is stored can differ from what was written is named at its place, from the
//! beginning and on from an earlier check; and an export is held against its manifest.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Command, Erasable};
use probity_format::segment::{self, Manifest, SegmentName};
use probity_format::{Frame, Hash};
use probity_log::export::{ReadExportError, export, read_export};
use probity_log::{Opener, StartError, WalkError, Walked, check_log};
use probity_store::{Head, LogReader, LogStore, MemoryDisk, MemoryStore, PageLimit};
use probity_types::{LogId, Position, RootId};
use std::path::Path;
use support::{InMemory, LOG, Request, Running, World, open, sealed};

fn frames(reader: &dyn LogReader) -> Vec<Vec<u8>> {
    reader.page(Position(0), PageLimit::MOST).expect("readable")
}

/// A log that holds these frames and says that this is its head.
fn stored(frames: &[Vec<u8>], head: Option<[u8; 32]>) -> MemoryStore {
    let mut store = MemoryStore::open(&MemoryDisk::default()).expect("new");
    let last = frames.last().and_then(|bytes| bytes.last_chunk::<32>());
    let entry_hash = head.or(last.copied()).unwrap_or_default();
    let next = Position(frames.len() as u64);
    store
        .append(Head::EMPTY, frames, Head { next, entry_hash })
        .expect("an empty store");
    store
}

fn check(frames: &[Vec<u8>], since: Option<&Walked>) -> Result<Walked, WalkError> {
    check_log(&*stored(frames, None).reader(), &Opener::sealed(LOG), since)
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

/// Begin, day, key, person, key, person: six entries.
fn six(world: &World<InMemory>) -> Running {
    let running = world.begin();
    for request in [open(1), sealed(2), open(3), sealed(4)] {
        running.submit(&request).expect("new");
    }
    assert_eq!(running.entries(), 6);
    running
}

const PERSON: usize = 3;

fn root(frame: &[u8]) -> RootId {
    Frame::decode(frame).expect("right").sealed[0].root
}

/// The frame without its ciphertext.
fn redacted(frame: &[u8]) -> Vec<u8> {
    let mut frame = Frame::decode(frame).expect("right");
    let mut parts = frame.sealed.to_vec();
    parts.iter_mut().for_each(|part| part.ciphertext = None);
    frame.sealed = parts.try_into().expect("as many");
    frame.encode().expect("smaller")
}

#[test]
fn every_changed_missing_doubled_or_moved_entry_is_named_at_its_position() {
    let world = World::new();
    let running = six(&world);
    let right = frames(&*running.reader);
    let checked = check(&right[..4], None).expect("holds");
    check(&right, None).expect("holds");
    check(&right, Some(&checked)).expect("goes on");
    for at in 0..right.len() {
        let mut flipped = right.clone();
        let middle = flipped[at].len() / 2;
        flipped[at][middle] ^= 0x10;
        let mut missing = right.clone();
        missing.remove(at);
        let mut doubled = right.clone();
        doubled.insert(at, doubled[at].clone());
        let mut cases = vec![flipped, doubled];
        if at + 1 < right.len() {
            cases.push(missing);
            let mut swapped = right.clone();
            swapped.swap(at, at + 1);
            cases.push(swapped);
        }
        for (case, frames) in cases.iter().enumerate() {
            let error = check(frames, None).expect_err("changed");
            // A doubled entry is right once.
            let named = Position((at + usize::from(case == 1)) as u64);
            assert_eq!(
                error.position(),
                Some(named),
                "case {case} at {at}: {error}"
            );
            // An earlier check of four entries covers what lies before; where everything moves it shows all the same.
            let later = check(frames, Some(&checked));
            let is_covered = case == 0 && at < 3 || case == 3 && at < 2;
            assert_eq!(later.is_ok(), is_covered, "case {case} at {at}");
        }
    }
    running.stop();
}

#[test]
fn a_log_that_is_shorter_or_another_than_before_is_named() {
    let world = World::new();
    let running = six(&world);
    let right = frames(&*running.reader);
    let checked = check(&right, None).expect("holds");
    let error = check(&right[..5], Some(&checked)).expect_err("shorter");
    assert!(
        matches!(
            error,
            WalkError::Rewound {
                checked: Position(6),
                found: Position(5)
            }
        ),
        "{error}"
    );
    // Another history of the same length.
    let other_world = World::new();
    let other = six(&other_world);
    let error = check(&frames(&*other.reader), Some(&checked)).expect_err("another");
    assert!(
        matches!(
            error,
            WalkError::Replaced {
                position: Position(5),
                ..
            }
        ),
        "{error}"
    );
    // The store's head says something else than its last entry.
    let store = stored(&right, Some([7; 32]));
    let error = check_log(&*store.reader(), &Opener::sealed(LOG), None).expect_err("the head");
    assert!(matches!(error, WalkError::Head { .. }), "{error}");
    running.stop();
    other.stop();
}

#[test]
fn a_unit_that_is_cut_off_is_named() {
    let world = World::<InMemory>::new();
    let running = world.begin();
    running.submit(&open(1)).expect("new");
    let to_midnight = 13 * 3_600 * support::SECOND_US;
    world
        .clock
        .pass(to_midnight + 2 * 24 * 3_600 * support::SECOND_US);
    // Three missed days are one unit.
    running.submit(&open(2)).expect("new");
    let right = frames(&*running.reader);
    let frame = Frame::decode(&right[4]).expect("right");
    assert_eq!((frame.header.unit_index, frame.header.unit_length), (1, 3));
    let error = check(&right[..5], None).expect_err("cut");
    assert!(
        matches!(
            error,
            WalkError::CutUnit {
                position: Position(5)
            }
        ),
        "{error}"
    );
    running.stop();
}

#[test]
fn a_ciphertext_may_be_missing_only_where_an_erasure_names_it() {
    let world = World::new();
    let running = six(&world);
    let before = frames(&*running.reader);
    let mut gone = before.clone();
    gone[PERSON] = redacted(&gone[PERSON]);
    let error = check(&gone, None).expect_err("nobody decided so");
    let WalkError::Unexplained { position, key } = &error else {
        panic!("{error}")
    };
    assert_eq!((*position, key.root), (Position(3), root(&before[PERSON])));
    assert!(error.to_string().contains("no erasure names it"), "{error}");
    // The writer does not start over it either: what is missing is damage, not an erasure.
    running.stop();
    let world = World::<InMemory>::new();
    let refused = world.start_over(Box::new(stored(&gone, None)));
    assert!(
        matches!(
            refused,
            Err(StartError::Walk(WalkError::Unexplained { .. }))
        ),
        "{:?}",
        refused.map(|_| ())
    );
}

#[test]
fn an_erasure_that_names_another_key_explains_nothing() {
    let world = World::new();
    let running = six(&world);
    let before = frames(&*running.reader);
    running
        .submit(&erase(9, root(&before[PERSON])))
        .expect("erased");
    let mut after = frames(&*running.reader);
    let walked = check(&after, None).expect("holds");
    assert_eq!((walked.parts().erased, walked.parts().sealed), (1, 1));
    // The other person's part is missing as well.
    after[5] = redacted(&after[5]);
    let error = check(&after, None).expect_err("not this one");
    assert!(
        matches!(
            error,
            WalkError::Unexplained {
                position: Position(5),
                ..
            }
        ),
        "{error}"
    );
    // And an erasure that is not completed is told at rest.
    let mut not_done = frames(&*running.reader);
    not_done[PERSON] = before[PERSON].clone();
    let error = check(&not_done, None).expect_err("still there");
    let erasure = Position(6);
    assert!(
        matches!(&error, WalkError::NotErased { position: Position(3), erasure: at, .. } if *at == erasure),
        "{error}"
    );
    running.stop();
}

#[test]
fn a_log_begins_with_its_own_start() {
    let world = World::new();
    let running = six(&world);
    let right = frames(&*running.reader);
    let store = stored(&right, None);
    let other = Opener::sealed(LogId([0x66; 16]));
    let error = check_log(&*store.reader(), &other, None).expect_err("another log");
    assert_eq!(
        error.to_string(),
        "position 0: field log: expected 66666666666666666666666666666666, found 1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d"
    );
    assert_eq!(error.position(), Some(Position(0)));
    running.stop();
}

#[test]
fn with_keys_a_part_that_does_not_open_is_named_and_without_them_it_stays_sealed() {
    let world = World::new();
    let running = six(&world);
    let reader = running.reader.clone();
    let opened = check_log(&*reader, &running.opener, None)
        .expect("holds")
        .parts();
    assert_eq!((opened.opened, opened.sealed), (2, 0));
    let sealed = check_log(&*reader, &Opener::sealed(LOG), None)
        .expect("holds")
        .parts();
    assert_eq!((sealed.opened, sealed.sealed), (0, 2));
    // Keys of another ring know none of these roots.
    let other_world = World::<InMemory>::new();
    let other = other_world.begin();
    let unknown = check_log(&*reader, &other.opener, None)
        .expect("holds")
        .parts();
    assert_eq!((unknown.opened, unknown.sealed), (0, 2));
    running.stop();
    other.stop();
}

/// Exports a small log with one erased part.
fn exported(world: &World<InMemory>, out: &Path) -> (Manifest, Running) {
    let running = six(world);
    running
        .submit(&erase(9, root(&frames(&*running.reader)[PERSON])))
        .expect("erased");
    let manifest = export(&*running.reader, LOG, "test", out, |_| {}).expect("exported");
    (manifest, running)
}

#[test]
fn an_export_reads_back_as_what_was_exported() {
    let (world, out) = (World::new(), tempfile::tempdir().expect("a folder"));
    let folder = out.path().join("export");
    let (manifest, running) = exported(&world, &folder);
    let mut entries = Vec::new();
    let (read, walked) = read_export(&folder, &running.opener, |entry| {
        entries.push(entry.clone())
    })
    .expect("holds");
    assert_eq!(read, manifest);
    assert_eq!(walked.chain(), running.check().chain());
    assert_eq!(walked.parts(), running.check().parts());
    assert_eq!((walked.parts().opened, walked.parts().erased), (1, 1));
    assert_eq!(entries.len() as u64, running.entries());
    running.stop();
}

/// What `reader.py`, which shares no code with this, says about an export; none where this machine has no `python3`.
fn independent_reader(folder: &Path) -> Option<(bool, String)> {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../log-format/reader.py");
    let mut command = std::process::Command::new("python3");
    let output = match command.arg(reader).arg(folder).arg("--quiet").output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: there is no python3 on this machine");
            return None;
        }
        Err(error) => panic!("python3: {error}"),
    };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    Some((output.status.success(), said))
}

/// An export of these frames, whatever they are: this program writes none that does not hold.
fn write_unchecked(frames: &[Vec<u8>], out: &Path) {
    let (first, file) = (Position(0), "entries-000000000000.seg".to_owned());
    let bytes = segment::write(LOG, first, Hash::default(), frames).expect("few");
    let last = frames.last().expect("one at least");
    let tail = |bytes: &[u8]| Hash(*bytes.last_chunk::<32>().expect("long enough"));
    let manifest = Manifest {
        format: 1,
        log: LOG,
        origin: "test".to_owned(),
        entries: frames.len() as u64,
        entry_hash: tail(last),
        segments: vec![SegmentName {
            file: file.clone(),
            first,
            entries: frames.len() as u64,
            hash: tail(&bytes),
        }],
    };
    std::fs::create_dir_all(out).expect("a folder");
    std::fs::write(out.join(file), bytes).expect("written");
    let text = serde_json::to_vec(&manifest).expect("JSON");
    std::fs::write(out.join("manifest.json"), text).expect("written");
}

#[test]
fn both_readers_refuse_an_export_with_a_ciphertext_that_nobody_erased() {
    let (world, out) = (World::new(), tempfile::tempdir().expect("a folder"));
    let running = six(&world);
    let mut held = frames(&*running.reader);
    held[PERSON] = redacted(&held[PERSON]);
    let (wrong, right) = (out.path().join("wrong"), out.path().join("right"));
    write_unchecked(&held, &wrong);
    running
        .submit(&erase(9, root(&frames(&*running.reader)[PERSON])))
        .expect("erased");
    export(&*running.reader, LOG, "test", &right, |_| {}).expect("written");

    let error = read_export(&wrong, &Opener::sealed(LOG), |_| {}).expect_err("nobody decided so");
    assert!(
        error.to_string().contains("position 3: field sealed part"),
        "{error}"
    );
    read_export(&right, &Opener::sealed(LOG), |_| {}).expect("decided");
    if let Some((holds, said)) = independent_reader(&wrong) {
        assert!(
            !holds && said.contains("an erasure that names key"),
            "{said}"
        );
    }
    if let Some((holds, said)) = independent_reader(&right) {
        assert!(holds && said.contains("1 erased"), "{said}");
    }
    running.stop();
}

/// The example that is published with the format, with its one erased part.
#[test]
fn the_published_example_reads_as_well() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../log-format/vectors/log");
    let text = std::fs::read(folder.join("manifest.json")).expect("readable");
    let manifest: Manifest = serde_json::from_slice(&text).expect("a manifest");
    let opener = Opener::sealed(manifest.log);
    let (read, walked) = read_export(&folder, &opener, |_| {}).expect("holds");
    assert_eq!(read, manifest);
    assert_eq!(walked.parts().erased, 1);
}

#[test]
fn a_changed_export_is_named_by_file_and_field() {
    let (world, out) = (World::new(), tempfile::tempdir().expect("a folder"));
    let folder = out.path().join("export");
    let (manifest, running) = exported(&world, &folder);
    let opener = Opener::sealed(LOG);
    let segment = folder.join(&manifest.segments[0].file);
    let bytes = std::fs::read(&segment).expect("readable");
    let said = |expected: &str| {
        let error = read_export(&folder, &opener, |_| {}).expect_err(expected);
        let text = error.to_string();
        assert!(text.contains(expected), "{text} instead of {expected}");
        error
    };
    let write_manifest = |manifest: &Manifest| {
        let text = serde_json::to_vec(manifest).expect("JSON");
        std::fs::write(folder.join("manifest.json"), text).expect("written");
    };
    let changed = |change: fn(&mut Manifest)| {
        let mut manifest = manifest.clone();
        change(&mut manifest);
        write_manifest(&manifest);
    };
    changed(|m| m.entries += 1);
    said("manifest.json: field entries: expected 7, found 8");
    changed(|m| m.entry_hash.0[0] ^= 1);
    said("manifest.json: field entry_hash");
    changed(|m| m.origin = "other".to_owned());
    said("position 0: field origin");
    changed(|m| m.segments[0].hash.0[0] ^= 1);
    said(".seg: field hash");
    changed(|m| m.segments[0].file = "../x".to_owned());
    said("manifest.json: segments[0]: field file");
    changed(|m| m.segments[0].file = "missing.seg".to_owned());
    assert!(matches!(said("missing.seg"), ReadExportError::File { .. }));
    changed(|m| m.format = 2);
    said("manifest.json: field format: expected 1, found 2");
    std::fs::write(folder.join("manifest.json"), b"{\"format\": 1}").expect("written");
    said("manifest.json: missing field");
    write_manifest(&manifest);
    read_export(&folder, &opener, |_| {}).expect("as it was");

    let mut flipped = bytes.clone();
    let at = bytes.len() - 40;
    flipped[at] ^= 1;
    std::fs::write(&segment, &flipped).expect("written");
    said(".seg: ");
    std::fs::write(&segment, &bytes[..bytes.len() - 1]).expect("written");
    said(".seg: ");
    std::fs::remove_file(&segment).expect("removed");
    said("entries-000000000000-");
    std::fs::remove_file(folder.join("manifest.json")).expect("removed");
    said("manifest.json");
    running.stop();
}
