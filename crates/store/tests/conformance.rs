//! One suite for every store: what `LogStore` promises, whoever keeps it.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use probity_store::{
    AppendError, Damage, Fault, FaultPlan, FaultyStore, Head, JournalOptions, JournalStore,
    LogReader, LogStore, MemoryDisk, MemoryStore, PAGE_BYTES_MAX, PageLimit, SEGMENT_BYTES_MIN,
    SledOptions, SledStore, StoreError,
};
use probity_types::{LogId, Position};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A place that outlives its store.
trait Place: Default {
    fn open(&self) -> Box<dyn LogStore>;
}

#[derive(Default)]
struct InMemory(MemoryDisk);

impl Place for InMemory {
    fn open(&self) -> Box<dyn LogStore> {
        Box::new(MemoryStore::open(&self.0).unwrap())
    }
}

struct OnDisk(tempfile::TempDir);

impl Default for OnDisk {
    fn default() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Box::new(SledStore::create(dir.path(), SledOptions::default()).unwrap())
            .close()
            .unwrap();
        Self(dir)
    }
}

impl Place for OnDisk {
    fn open(&self) -> Box<dyn LogStore> {
        Box::new(SledStore::open(self.0.path(), SledOptions::default()).unwrap())
    }
}

const LOG: LogId = LogId([9; 16]);

/// Small segments, just large enough for the largest append of the suite.
fn journal_options() -> JournalOptions {
    JournalOptions {
        segment_bytes: 17 * SEGMENT_BYTES_MIN,
        ..JournalOptions::default()
    }
}

struct Journalled(tempfile::TempDir);

impl Default for Journalled {
    fn default() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Box::new(JournalStore::create(dir.path(), LOG, journal_options()).unwrap())
            .close()
            .unwrap();
        Self(dir)
    }
}

impl Place for Journalled {
    fn open(&self) -> Box<dyn LogStore> {
        Box::new(JournalStore::open(self.0.path(), LOG, journal_options()).unwrap())
    }
}

fn entry(position: u64) -> Vec<u8> {
    let length = 1 + (position * 37 % 700) as usize;
    format!("{position:08}")
        .into_bytes()
        .into_iter()
        .cycle()
        .take(length.max(8))
        .collect()
}

fn batch(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count).map(entry).collect()
}

fn after(head: Head, entries: &[Vec<u8>]) -> Head {
    let entry_hash = entries
        .last()
        .map_or(head.entry_hash, |e| *blake3::hash(e).as_bytes());
    Head {
        next: Position(head.next.0 + entries.len() as u64),
        entry_hash,
    }
}

fn grow(store: &mut dyn LogStore, count: u64) -> Head {
    let head = store.head();
    let entries = batch(head.next.0, count);
    let new = after(head, &entries);
    store.append(head, &entries, new).unwrap();
    assert_eq!(store.head(), new);
    new
}

/// Reads everything page by page, as every follower does.
fn read_all(reader: &dyn LogReader, most: PageLimit) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let page = reader.page(Position(all.len() as u64), most).unwrap();
        assert!(page.len() <= usize::from(most.entries()));
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn appended_entries_read_back<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    let reader = store.reader();
    assert_eq!(store.head(), Head::EMPTY);
    assert_eq!(reader.entry(Position(0)).unwrap(), None);
    assert!(
        reader
            .page(Position(0), PageLimit::MOST)
            .unwrap()
            .is_empty()
    );
    assert_eq!(grow(&mut *store, 1).next, Position(1));
    assert_eq!(grow(&mut *store, 3).next, Position(4));
    assert_eq!(reader.head(), store.head());
    assert_eq!(reader.entry(Position(3)).unwrap(), Some(entry(3)));
    assert_eq!(
        reader.entry(Position(4)).unwrap(),
        None,
        "nothing past the head"
    );
    assert_eq!(reader.entry(Position::NONE).unwrap(), None);
    assert_eq!(read_all(&*reader, PageLimit::MOST), batch(0, 4));
}

fn a_stale_head_is_a_conflict_that_changes_nothing<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    let head = grow(&mut *store, 5);
    let entries = batch(5, 2);
    let forked = Head {
        entry_hash: [9; 32],
        ..head
    };
    for stale in [
        Head::EMPTY,
        forked,
        Head {
            next: Position(6),
            ..head
        },
    ] {
        let error = store
            .append(stale, &entries, after(stale, &entries))
            .unwrap_err();
        assert!(
            matches!(error, AppendError::Conflict { actual } if actual == head),
            "{error}"
        );
    }
    let skipping = Head {
        next: Position(8),
        ..head
    };
    let error = store.append(head, &entries, skipping).unwrap_err();
    assert!(
        matches!(error, AppendError::HeadMismatch { entries: 2, .. }),
        "{error}"
    );
    assert_eq!(read_all(&*store.reader(), PageLimit::MOST), batch(0, 5));
    grow(&mut *store, 2);
}

fn an_empty_append_changes_nothing<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    let head = grow(&mut *store, 2);
    store.append(head, &[], head).unwrap();
    let other = Head {
        entry_hash: [1; 32],
        ..head
    };
    let error = store.append(head, &[], other).unwrap_err();
    assert!(
        matches!(error, AppendError::HeadMismatch { .. }),
        "the hash of no entry changed"
    );
    assert_eq!(store.head(), head);
}

fn pages_keep_their_limits<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    grow(&mut *store, 1_500);
    let reader = store.reader();
    let page = |from, most| {
        reader
            .page(Position(from), PageLimit::at_most(most))
            .unwrap()
            .len()
    };
    assert_eq!(page(0, u16::MAX), 1_024, "never more than the largest page");
    assert_eq!(page(0, 0), 1, "never an empty page below the head");
    assert_eq!(page(1_000, 1_024), 500, "never beyond the head");
    assert_eq!((page(1_500, 10), page(u64::MAX, 10)), (0, 0));
    assert_eq!(read_all(&*reader, PageLimit::at_most(7)), batch(0, 1_500));
    let head = store.head();
    let large: Vec<Vec<u8>> = (0..4).map(|n| vec![n; PAGE_BYTES_MAX / 2 - 1]).collect();
    store.append(head, &large, after(head, &large)).unwrap();
    assert_eq!(
        page(1_500, 4),
        2,
        "a page ends before it outgrows its bytes"
    );
    let head = store.head();
    let error = store.append(head, &[vec![0; PAGE_BYTES_MAX + 1]], head_plus_one(head));
    assert!(matches!(
        error,
        Err(AppendError::EntryTooLarge { place: 0, .. })
    ));
}

fn head_plus_one(head: Head) -> Head {
    Head {
        next: head.next.next(),
        ..head
    }
}

fn reopening_keeps_everything<P: Place>() {
    let place = P::default();
    let mut expected = 0;
    for count in [1, 300, 2] {
        let mut store = place.open();
        assert_eq!(
            read_all(&*store.reader(), PageLimit::MOST),
            batch(0, expected)
        );
        let head = grow(&mut *store, count);
        expected += count;
        let reader = store.reader();
        store.close().unwrap();
        assert!(matches!(reader.entry(Position(0)), Err(StoreError::Closed)));
        let store = place.open();
        assert_eq!(store.head(), head);
    }
}

fn a_redaction_changes_one_entry_and_survives_reopening<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    let head = grow(&mut *store, 600);
    let mut expected = batch(0, 600);
    for position in [0, 255, 599] {
        store
            .redact(Position(position), b"without the sealed part")
            .unwrap();
        store
            .redact(Position(position), b"without the sealed part")
            .unwrap();
        expected[position as usize] = b"without the sealed part".to_vec();
    }
    let error = store.redact(Position(600), b"").unwrap_err();
    assert!(matches!(error, StoreError::NoSuchEntry { .. }), "{error}");
    let too_large = vec![0; PAGE_BYTES_MAX + 1];
    let error = store.redact(Position(0), &too_large).unwrap_err();
    assert!(matches!(error, StoreError::EntryTooLarge { .. }), "{error}");
    assert_eq!(read_all(&*store.reader(), PageLimit::MOST), expected);
    store.close().unwrap();
    let mut store = place.open();
    assert_eq!(store.head(), head, "a redaction moves no head");
    assert_eq!(read_all(&*store.reader(), PageLimit::MOST), expected);
    grow(&mut *store, 1);
}

fn readers_never_pass_the_head<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (reader, stop) = (store.reader(), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut pages = 0_u64;
                while !stop.load(Ordering::SeqCst) || pages == 0 {
                    let head = reader.head();
                    let from = head.next.0.saturating_sub(5);
                    let page = reader.page(Position(from), PageLimit::MOST).unwrap();
                    let after = reader.head();
                    let end = from + page.len() as u64;
                    assert!(
                        head.next.0 <= end && end <= after.next.0,
                        "{head:?} {end} {after:?}"
                    );
                    assert!((from..).zip(&page).all(|(p, e)| *e == entry(p)));
                    assert_eq!(reader.entry(Position(after.next.0 + 1_000)).unwrap(), None);
                    pages += 1;
                }
                pages
            })
        })
        .collect();
    for count in (1..60).chain(1..20) {
        grow(&mut *store, count % 23 + 1);
    }
    stop.store(true, Ordering::SeqCst);
    let pages: u64 = readers.into_iter().map(|r| r.join().unwrap()).sum();
    assert!(pages >= 3);
    assert_eq!(
        read_all(&*store.reader(), PageLimit::MOST),
        batch(0, store.head().next.0)
    );
}

fn ten_thousand_entries<P: Place>() {
    let place = P::default();
    let mut store = place.open();
    while store.head().next.0 < 10_000 {
        grow(&mut *store, 250);
    }
    assert_eq!(
        read_all(&*store.reader(), PageLimit::MOST),
        batch(0, 10_000)
    );
    store.close().unwrap();
    assert_eq!(
        read_all(&*place.open().reader(), PageLimit::MOST),
        batch(0, 10_000)
    );
}

macro_rules! conformance {
    ($store:ident, $place:ty, $($test:ident),+ $(,)?) => {
        mod $store {
            use super::*;
            $(#[test] fn $test() { super::$test::<$place>(); })+
        }
    };
    ($($store:ident: $place:ty),+) => {$(
        conformance!($store, $place,
            appended_entries_read_back,
            a_stale_head_is_a_conflict_that_changes_nothing,
            an_empty_append_changes_nothing,
            pages_keep_their_limits,
            reopening_keeps_everything,
            a_redaction_changes_one_entry_and_survives_reopening,
            readers_never_pass_the_head,
            ten_thousand_entries,
        );
    )+};
}
conformance!(in_memory: InMemory, on_disk: OnDisk, journalled: Journalled);

#[test]
fn one_memory_disk_serves_one_store_at_a_time() {
    let disk = MemoryDisk::default();
    let store = MemoryStore::open(&disk).unwrap();
    assert!(matches!(
        MemoryStore::open(&disk),
        Err(StoreError::InUse { .. })
    ));
    drop(store);
    MemoryStore::open(&disk).unwrap();
}

#[test]
fn a_failed_append_is_on_disk_or_not_and_the_store_says_nothing_more() {
    for (fault, found) in [
        (Fault::FailedNotPersisted, 3),
        (Fault::FailedButPersisted, 5),
    ] {
        let (disk, plan) = (MemoryDisk::default(), FaultPlan::default());
        let mut store = FaultyStore::new(MemoryStore::open(&disk).unwrap(), plan.clone());
        plan.fail_after(1, fault);
        let head = grow(&mut store, 3);
        let entries = batch(3, 2);
        let new = after(head, &entries);
        let error = store.append(head, &entries, new).unwrap_err();
        assert!(matches!(error, AppendError::Unknown(_)), "{fault:?}");
        assert_eq!(store.head(), head, "{fault:?}: nobody was told");
        assert!(matches!(
            store.append(head, &entries, new),
            Err(AppendError::Poisoned)
        ));
        assert!(matches!(
            store.redact(Position(0), b""),
            Err(StoreError::Poisoned)
        ));
        assert!(matches!(
            store.reader().entry(Position(0)),
            Err(StoreError::Poisoned)
        ));
        drop(store);
        let store = MemoryStore::open(&disk).unwrap();
        assert_eq!(store.head().next, Position(found), "{fault:?}");
    }
}

#[test]
fn a_failed_redaction_is_on_disk_or_not() {
    for (fault, found) in [
        (Fault::FailedNotPersisted, entry(0)),
        (Fault::FailedButPersisted, vec![]),
    ] {
        let (disk, plan) = (MemoryDisk::default(), FaultPlan::default());
        let mut store = FaultyStore::new(MemoryStore::open(&disk).unwrap(), plan.clone());
        grow(&mut store, 1);
        plan.fail_next(fault);
        assert!(matches!(
            store.redact(Position(0), b""),
            Err(StoreError::Unknown(_))
        ));
        Box::new(store).close().unwrap();
        let store = MemoryStore::open(&disk).unwrap();
        assert_eq!(
            store.reader().entry(Position(0)).unwrap(),
            Some(found),
            "{fault:?}"
        );
    }
}

#[test]
fn damage_names_the_position() {
    let damage = Damage::Missing {
        position: Position(7),
    };
    assert_eq!(damage.to_string(), "the entry at position 7 is missing");
}
