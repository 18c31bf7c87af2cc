#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use super::*;
use crate::log_store::Damage;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

const LOG: LogId = LogId([7; 16]);

fn options() -> JournalOptions {
    JournalOptions {
        segment_bytes: SEGMENT_BYTES_MIN,
        ..JournalOptions::default()
    }
}

fn entry(position: u64) -> Vec<u8> {
    position.to_le_bytes().repeat(1 + (position % 90) as usize)
}

fn grow(store: &mut JournalStore, count: u64) -> Head {
    let head = store.head();
    let entries: Vec<_> = (head.next.0..head.next.0 + count).map(entry).collect();
    let new = Head {
        next: Position(head.next.0 + count),
        entry_hash: *blake3::hash(entries.last().unwrap()).as_bytes(),
    };
    store.append(head, &entries, new).unwrap();
    new
}

fn check_all(store: &JournalStore, head: Head) {
    assert_eq!(store.head(), head);
    let reader = store.reader();
    for position in 0..head.next.0 {
        let found = reader.entry(Position(position)).unwrap();
        assert_eq!(found, Some(entry(position)), "{position}");
    }
}

/// What a crash leaves: the folder at one moment, while the store still holds it and nothing moves in it.
fn crash(store: &JournalStore, dir: &Path) -> tempfile::TempDir {
    let _sled = lock(&store.shared.sled);
    let _rotation = store.shared.hold_rotation();
    copy(dir)
}

fn copy(dir: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("cp")
        .arg("-r")
        .arg(format!("{}/.", dir.display()))
        .arg(to.path())
        .status()
        .unwrap();
    assert!(status.success());
    to
}

fn segment(dir: &Path, place: u64) -> PathBuf {
    dir.join("journal").join(format!("segment-{place}"))
}

#[test]
fn what_is_not_in_sled_yet_is_found_in_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    let mut head = store.head();
    for _ in 0..20 {
        head = grow(&mut store, 3);
    }
    // Within the applier's patience: nothing, or little, has reached sled.
    let crashed = crash(&store, dir.path());
    check_all(&store, head);
    let recovered = JournalStore::open(crashed.path(), LOG, options()).unwrap();
    check_all(&recovered, head);
}

#[test]
fn the_log_goes_round_its_segments_many_times_and_survives_a_crash_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    let mut head = store.head();
    for round in 0..1_500_u64 {
        head = grow(&mut store, round % 7 + 1);
        if round % 250 == 249 {
            let crashed = crash(&store, dir.path());
            let mut recovered = JournalStore::open(crashed.path(), LOG, options()).unwrap();
            check_all(&recovered, head);
            let after = grow(&mut recovered, 5);
            Box::new(recovered).close().unwrap();
            let again = JournalStore::open(crashed.path(), LOG, options()).unwrap();
            check_all(&again, after);
        }
    }
    Box::new(store).close().unwrap();
    check_all(
        &JournalStore::open(dir.path(), LOG, options()).unwrap(),
        head,
    );
}

#[test]
fn an_idle_log_is_sealed_so_that_its_last_group_is_not_taken_for_torn() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    grow(&mut store, 2);
    grow(&mut store, 2);
    std::thread::sleep(IDLE * 5);
    let crashed = crash(&store, dir.path());
    // The second group, at the third block of the first generation after a start.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(segment(crashed.path(), 0))
        .unwrap();
    file.write_all_at(&[0xff; 8], 2 * 4_096 + 80).unwrap();
    let error = JournalStore::open(crashed.path(), LOG, options()).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Damage(Damage::Journal { segment: 0, .. })
        ),
        "{error:?}"
    );
}

#[test]
fn a_journal_that_is_gone_of_another_log_or_older_than_sled_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    let before = copy(dir.path());
    let head = grow(&mut store, 9);
    Box::new(store).close().unwrap();
    let other = JournalStore::open(dir.path(), LogId([8; 16]), options()).unwrap_err();
    assert!(
        matches!(other, StoreError::Damage(Damage::Journal { .. })),
        "{other:?}"
    );
    check_all(
        &JournalStore::open(dir.path(), LOG, options()).unwrap(),
        head,
    );

    let gone = copy(dir.path());
    std::fs::remove_dir_all(gone.path().join("journal")).unwrap();
    let error = JournalStore::open(gone.path(), LOG, options()).unwrap_err();
    assert!(
        matches!(error, StoreError::Damage(Damage::JournalMissing)),
        "{error:?}"
    );

    // An older journal beside a newer sled holds no frame that contradicts it, and loses nothing.
    let older = copy(dir.path());
    std::fs::remove_dir_all(older.path().join("journal")).unwrap();
    let from = before.path().join("journal");
    std::process::Command::new("cp")
        .arg("-r")
        .arg(from)
        .arg(older.path())
        .status()
        .unwrap();
    check_all(
        &JournalStore::open(older.path(), LOG, options()).unwrap(),
        head,
    );
}

#[test]
fn a_lost_header_of_the_segment_in_use_is_named_and_one_of_a_free_segment_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    grow(&mut store, 40);
    let left = crash(&store, dir.path());
    for place in 0..3 {
        let broken = copy(left.path());
        let path = broken.path().join(format!("journal/segment-{place}"));
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.write_all_at(b"?", 20).unwrap();
        let opened = JournalStore::open(broken.path(), LOG, options());
        // The store may have applied all of it before the copy was made: then nothing is lost with the header.
        match opened {
            Ok(store) => assert_eq!(store.head().next, Position(40), "segment {place}"),
            Err(StoreError::Damage(Damage::Journal { segment, what, .. })) => {
                assert_eq!(segment, place, "{what}");
            }
            Err(other) => panic!("segment {place}: {other:?}"),
        }
    }
}

#[test]
fn an_entry_that_differs_between_journal_and_sled_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    grow(&mut store, 4);
    store.drain().unwrap();
    let crashed = crash(&store, dir.path());
    let mut sled = SledStore::open(crashed.path(), SledOptions::default()).unwrap();
    sled.redact(Position(2), b"forged").unwrap();
    Box::new(sled).close().unwrap();
    let error = JournalStore::open(crashed.path(), LOG, options()).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Damage(Damage::Differs {
                position: Position(2)
            })
        ),
        "{error:?}"
    );
}

#[test]
fn a_redaction_leaves_nothing_of_the_old_entry_in_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    let head = store.head();
    let secret = b"ciphertext-of-somebody".to_vec();
    let new = Head {
        next: Position(1),
        entry_hash: [5; 32],
    };
    store
        .append(head, std::slice::from_ref(&secret), new)
        .unwrap();
    let holds = || {
        (0..3).any(|place| {
            let bytes = std::fs::read(segment(dir.path(), place)).unwrap();
            bytes.windows(secret.len()).any(|window| window == secret)
        })
    };
    assert!(holds(), "the scan can find it");
    store.redact(Position(0), b"redacted").unwrap();
    assert!(!holds());
    let head = store.head();
    for _ in 0..600 {
        let head = store.head();
        let new = Head {
            next: head.next.next(),
            entry_hash: [6; 32],
        };
        store.append(head, &[vec![1; 3_000]], new).unwrap();
    }
    let crashed = crash(&store, dir.path());
    let recovered = JournalStore::open(crashed.path(), LOG, options()).unwrap();
    assert_eq!(recovered.head().next.0, head.next.0 + 600);
    assert_eq!(
        recovered.reader().entry(Position(0)).unwrap(),
        Some(b"redacted".to_vec())
    );
}

#[test]
fn an_append_that_no_segment_holds_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = JournalStore::create(dir.path(), LOG, options()).unwrap();
    let head = store.head();
    let new = Head {
        next: Position(1),
        entry_hash: [5; 32],
    };
    let error = store.append(head, &[vec![0; 2 << 20]], new).unwrap_err();
    assert!(matches!(error, AppendError::TooLarge { .. }), "{error:?}");
    check_all(&store, head);
    grow(&mut store, 1);
}
