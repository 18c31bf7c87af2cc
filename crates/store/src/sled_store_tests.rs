//! What only this engine can get wrong: damage at the ends, reopening, refusals on open.

use super::*;
use crate::copy_for_verification;

fn entries(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count)
        .map(|p| format!("entry {p}").into_bytes())
        .collect()
}

fn head(next: u64) -> Head {
    Head {
        next: Position(next),
        entry_hash: [next as u8; 32],
    }
}

fn grown(dir: &Path, count: u64) -> Box<SledStore> {
    let mut store = SledStore::create(dir, SledOptions::default()).unwrap();
    store
        .append(Head::EMPTY, &entries(0, count), head(count))
        .unwrap();
    Box::new(store)
}

/// Changes the engine's content behind the store's back, then opens the store.
fn open_after(change: impl FnOnce(&Db)) -> Damage {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path(), 600).close().unwrap();
    let db = open_engine(dir.path(), SledOptions::default()).unwrap();
    change(&db);
    db.flush().unwrap();
    drop(db);
    match SledStore::open(dir.path(), SledOptions::default()) {
        Err(StoreError::Damage(damage)) => damage,
        other => panic!("opened, or failed otherwise: {other:?}"),
    }
}

#[test]
fn a_head_that_does_not_fit_the_entries_is_named() {
    let next = Position(600);
    assert_eq!(
        open_after(|db| drop(db.remove(entry_key(599)))),
        Damage::HeadAboveEntries {
            next,
            last: Position(598)
        }
    );
    assert_eq!(
        open_after(|db| drop(db.insert(entry_key(600), b"x"))),
        Damage::HeadBelowEntries {
            next,
            last: Position(600)
        }
    );
    assert_eq!(
        open_after(|db| drop(db.remove(HEAD_KEY))),
        Damage::HeadMissing {
            last: Position(599)
        }
    );
    assert_eq!(
        open_after(|db| drop(db.remove(entry_key(0)))),
        Damage::Missing {
            position: Position(0)
        }
    );
    let malformed = open_after(|db| drop(db.insert(HEAD_KEY, b"short")));
    assert!(matches!(malformed, Damage::Malformed { .. }));
    let empty = open_after(|db| (0..600).for_each(|p| drop(db.remove(entry_key(p)))));
    assert_eq!(
        empty,
        Damage::HeadAboveEntries {
            next,
            last: Position::NONE
        }
    );
}

#[test]
fn a_missing_entry_below_the_head_is_named_by_entry_and_page() {
    let dir = tempfile::tempdir().unwrap();
    let store = grown(dir.path(), 100);
    let db = store.db.as_ref().unwrap();
    db.remove(entry_key(42)).unwrap();
    let reader = store.reader();
    let missing = |error| matches!(error, StoreError::Damage(Damage::Missing { position }) if position.0 == 42);
    assert!(missing(reader.entry(Position(42)).unwrap_err()));
    assert!(missing(
        reader.page(Position(0), PageLimit::MOST).unwrap_err()
    ));
    assert_eq!(
        reader.page(Position(43), PageLimit::MOST).unwrap(),
        entries(43, 57)
    );
}

#[test]
fn an_older_copy_of_the_engine_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path(), 10).close().unwrap();
    let into = tempfile::tempdir().unwrap();
    let old = copy_for_verification(dir.path(), into.path()).unwrap();
    let mut store = Box::new(SledStore::open(dir.path(), SledOptions::default()).unwrap());
    store.append(head(10), &entries(10, 5), head(15)).unwrap();
    store.close().unwrap();
    let engine = dir.path().join(ENGINE_FOLDER);
    std::fs::remove_dir_all(&engine).unwrap();
    std::fs::rename(old.path().join(ENGINE_FOLDER), &engine).unwrap();
    let error = SledStore::open(dir.path(), SledOptions::default()).unwrap_err();
    let (found, floor) = (Position(10), Position(15));
    assert!(matches!(error, StoreError::Damage(d) if d == Damage::Rewound { found, floor }));
}

#[test]
fn leaves_of_another_size_are_refused_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path(), 20).close().unwrap();
    let engine = dir.path().join(ENGINE_FOLDER);
    std::fs::remove_dir_all(&engine).unwrap();
    let config = sled::Config::new().path(&engine);
    let db = config.open::<256>().unwrap();
    db.insert(entry_key(0), b"x").unwrap();
    db.flush().unwrap();
    drop(db);
    let error = SledStore::open(dir.path(), SledOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::OtherLayout { .. }), "{error:?}");
    assert!(error.to_string().contains("import-log"), "{error}");
}

#[test]
fn a_second_opening_is_refused_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    let store = grown(dir.path(), 1);
    let error = SledStore::open(dir.path(), SledOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }));
    assert!(
        error
            .to_string()
            .contains("in use by another process; stop it"),
        "{error}"
    );
    store.close().unwrap();
    SledStore::open(dir.path(), SledOptions::default()).unwrap();
}

#[test]
fn opening_creates_nothing_and_creating_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("mistyped");
    let error = SledStore::open(&missing, SledOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::NoLog { .. }));
    assert!(!missing.exists());
    let log = dir.path().join("log");
    grown(&log, 3).close().unwrap();
    let error = SledStore::create(&log, SledOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::LogExists { entries: 3, .. }));
    assert_eq!(
        SledStore::open(&log, SledOptions::default())
            .unwrap()
            .head(),
        head(3)
    );
}

#[test]
fn a_creation_that_a_crash_interrupted_can_be_completed() {
    let dir = tempfile::tempdir().unwrap();
    drop(open_engine(dir.path(), SledOptions::default()).unwrap()); // neither head nor entries
    let store = SledStore::open(dir.path(), SledOptions::default()).unwrap();
    assert_eq!(store.head(), Head::EMPTY);
}

#[test]
fn reopening_the_engine_is_invisible_to_readers_and_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let options = SledOptions {
        reopen_every: 1_000,
        ..SledOptions::default()
    };
    let mut store = SledStore::create(dir.path(), options).unwrap();
    let reader = store.reader();
    let (mut at, mut reopenings) = (Head::EMPTY, 0);
    for round in 0..25 {
        let before = store.appended_since_open;
        let new = head(at.next.0 + 200);
        store.append(at, &entries(at.next.0, 200), new).unwrap();
        reopenings += u32::from(store.appended_since_open < before);
        at = new;
        let page = reader
            .page(Position(at.next.0 - 200), PageLimit::MOST)
            .unwrap();
        assert_eq!(page, entries(at.next.0 - 200, 200), "round {round}");
    }
    assert!(reopenings >= 3, "{reopenings} reopenings");
    assert_eq!(
        reader.page(Position(0), PageLimit::MOST).unwrap(),
        entries(0, 1_024)
    );
}

#[test]
fn a_copy_for_verification_is_refused_while_open_and_leaves_no_trace() {
    let (dir, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = grown(dir.path(), 50);
    let error = copy_for_verification(dir.path(), into.path()).unwrap_err();
    assert!(matches!(error, FolderError::InUse { .. }));
    store.close().unwrap();
    let before = listing(dir.path());
    let copy = copy_for_verification(dir.path(), into.path()).unwrap();
    let opened = SledStore::open(copy.path(), SledOptions::default()).unwrap();
    assert_eq!(
        opened.reader().page(Position(0), PageLimit::MOST).unwrap(),
        entries(0, 50)
    );
    assert_eq!(listing(dir.path()), before);
    assert!(before.len() > 70, "the listing sees the engine's files");
}

/// Every path with its length, content hash and time of change.
fn listing(dir: &Path) -> Vec<(PathBuf, u64, Option<blake3::Hash>, std::time::SystemTime)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let meta = path.metadata().unwrap();
        if meta.is_dir() {
            found.extend(listing(&path));
        }
        let hash = meta
            .is_file()
            .then(|| blake3::hash(&std::fs::read(&path).unwrap()));
        found.push((path, meta.len(), hash, meta.modified().unwrap()));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Flips one bit in every file in turn: the store says so, or answers what was stored. Never
/// something else, never less.
#[test]
fn a_flipped_bit_is_named_or_harmless_never_a_wrong_answer() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path(), 600).close().unwrap();
    let files = listing(dir.path());
    let (mut named, mut harmless) = (0, 0);
    for (path, length, _, _) in files.into_iter().filter(|f| f.2.is_some() && f.1 > 0) {
        let into = tempfile::tempdir().unwrap();
        let copy = copy_for_verification(dir.path(), into.path()).unwrap();
        let target = copy.path().join(path.strip_prefix(dir.path()).unwrap());
        let mut bytes = std::fs::read(&target).unwrap();
        bytes[length as usize / 2] ^= 1;
        std::fs::write(&target, bytes).unwrap();
        let read = SledStore::open(copy.path(), SledOptions::default())
            .and_then(|store| store.reader().page(Position(0), PageLimit::MOST));
        match read {
            Err(StoreError::Damage(_)) => named += 1,
            Err(other) => panic!("{}: not named as damage: {other:?}", path.display()),
            Ok(page) => {
                assert!(
                    page == entries(0, 600),
                    "{}: {} entries",
                    path.display(),
                    page.len()
                );
                harmless += 1;
            }
        }
    }
    println!("{named} flips named, {harmless} harmless");
    assert!(named > 0);
}

/// Files of the engine's metadata whose names begin so, in order.
fn metadata(dir: &Path, prefix: &str) -> Vec<PathBuf> {
    let folder = dir.join(ENGINE_FOLDER).join("metadata");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(prefix)
    });
    paths.sort();
    paths
}

/// The folder as it lies there; the store that holds it has to be at rest.
fn copy_of(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let copied = std::process::Command::new("cp")
        .args(["-r", &format!("{}/.", dir.display())])
        .arg(copy.path())
        .status();
    assert!(copied.unwrap().success());
    copy
}

#[test]
fn a_crash_inside_an_opening_costs_nothing_at_the_opening_after_the_next() {
    // The story: an opening writes a snapshot, removes the logs and only then makes a new one. A crash in between left no log,
    // and without any log the engine wrote its snapshot again and then removed it; the next opening found nothing.
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path(), 600).close().unwrap();
    let opened = SledStore::open(dir.path(), SledOptions::default()).unwrap();
    let dir = copy_of(dir.path());
    drop(opened);
    for log in metadata(dir.path(), "log_") {
        std::fs::remove_file(log).unwrap();
    }
    for _ in 0..3 {
        let store = SledStore::open(dir.path(), SledOptions::default()).unwrap();
        assert_eq!(store.head(), head(600));
        assert_eq!(
            store.reader().entry(Position(599)).unwrap(),
            entries(599, 1).pop()
        );
        Box::new(store).close().unwrap();
    }
}

#[test]
fn a_flush_that_does_not_read_is_named_unless_it_may_be_torn() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = grown(dir.path(), 10);
    let mut ends = Vec::new();
    for next in [20, 30, 40] {
        store
            .append(head(next - 10), &entries(next - 10, 10), head(next))
            .unwrap();
        ends.push(
            metadata(dir.path(), "log_")
                .last()
                .unwrap()
                .metadata()
                .unwrap()
                .len(),
        );
    }
    let copy = |change: &dyn Fn(&mut Vec<u8>)| {
        let copy = copy_of(dir.path());
        let log = metadata(copy.path(), "log_").pop().unwrap();
        let mut bytes = std::fs::read(&log).unwrap();
        change(&mut bytes);
        std::fs::write(log, bytes).unwrap();
        SledStore::open(copy.path(), SledOptions::default()).map(|store| store.head())
    };
    let (second, third) = (ends[0] as usize, ends[1] as usize);
    assert_eq!(copy(&|_| {}).unwrap(), head(40));
    assert_eq!(
        copy(&|bytes| bytes.truncate(bytes.len() - 1)).unwrap(),
        head(30),
        "torn"
    );
    assert_eq!(
        copy(&|bytes| bytes[third + 20] ^= 1).unwrap(),
        head(30),
        "may be torn"
    );
    for change in [second, second + 7, second + 12, third - 1] {
        let error = copy(&|bytes| bytes[change] ^= 1).unwrap_err();
        assert!(
            matches!(error, StoreError::Damage(Damage::Unreadable { .. })),
            "{error:?}"
        );
    }
    let error = copy(&|bytes| bytes.splice(third.., *b"\0\0\0\0\0\x40").for_each(drop));
    assert_eq!(error.unwrap(), head(30), "torn within the length");
}
