//! A commit whose flush fails inside the engine, at every place where it can.
//!
//! The story: after one failed fsync the engine's next flush waits for ever, and dropping a handle
//! flushes. A store that merely returned the error would hang the writer on its way out.
//!
//! Faults are injected through the engine's own hook, which is global: so one test in its own file.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use fault_injection::FAULT_INJECT_COUNTER;
use probity_store::{AppendError, Head, LogReader, LogStore, PageLimit, SledOptions, SledStore};
use probity_store::{StoreError, copy_for_verification};
use probity_types::Position;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::Duration;

const NO_FAULT: u64 = u64::MAX;
/// Longer than any honest disk, shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(60);

fn batch(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count)
        .map(|p| p.to_be_bytes().repeat(40))
        .collect()
}

fn head(next: u64) -> Head {
    Head {
        next: Position(next),
        entry_hash: [3; 32],
    }
}

/// Whether the append failed; with everything a caller may do afterwards.
fn append_with_fault_at(operation: u64, store: Box<SledStore>) -> bool {
    let mut store = store;
    let reader: Arc<dyn LogReader> = store.reader();
    FAULT_INJECT_COUNTER.store(operation, Ordering::SeqCst);
    let result = store.append(head(600), &batch(600, 300), head(900));
    FAULT_INJECT_COUNTER.store(NO_FAULT, Ordering::SeqCst);
    let Err(error) = result else { return false };
    assert!(matches!(error, AppendError::Unknown(_)), "{error:?}");
    assert_eq!(
        (store.head(), reader.head()),
        (head(600), head(600)),
        "nobody was told"
    );
    let again = store
        .append(head(600), &batch(600, 1), head(601))
        .unwrap_err();
    assert!(matches!(again, AppendError::Poisoned), "{again:?}");
    assert!(matches!(
        store.redact(Position(0), b""),
        Err(StoreError::Poisoned)
    ));
    assert!(matches!(
        reader.page(Position(0), PageLimit::MOST),
        Err(StoreError::Poisoned)
    ));
    assert!(matches!(store.close(), Err(StoreError::Poisoned)));
    true
}

#[test]
fn a_failed_flush_is_unknown_and_poisons_the_store_without_hanging_it() {
    let source = tempfile::tempdir().unwrap();
    let mut store = SledStore::create(source.path(), SledOptions::default()).unwrap();
    store
        .append(Head::EMPTY, &batch(0, 600), head(600))
        .unwrap();
    Box::new(store).close().unwrap();
    let (mut failed, mut persisted) = (0, 0);
    for operation in 1.. {
        let into = tempfile::tempdir().unwrap();
        // A poisoned store keeps its folder until the process ends, so each round has its own.
        let dir = copy_for_verification(source.path(), into.path()).unwrap();
        let store = Box::new(SledStore::open(dir.path(), SledOptions::default()).unwrap());
        let (done, answer) = mpsc::channel();
        std::thread::spawn(move || done.send(append_with_fault_at(operation, store)));
        let hit = answer
            .recv_timeout(PATIENCE)
            .expect("hung, or failed, after a failed flush");
        // What a start after the crash would find: a whole append or none.
        let crashed = tempfile::tempdir().unwrap();
        copy_all(dir.path(), crashed.path());
        let store = SledStore::open(crashed.path(), SledOptions::default()).unwrap();
        let next = store.head().next.0;
        assert!(
            next == 900 || (hit && next == 600),
            "operation {operation}: found {next}"
        );
        let page = store.reader().page(Position(0), PageLimit::MOST).unwrap();
        assert_eq!(page, batch(0, next));
        if !hit {
            break;
        }
        failed += 1;
        persisted += u32::from(next == 900);
    }
    println!("{failed} places to fail, {persisted} of them with the append on disk");
    assert!(failed >= 3);
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (source, target) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
        if source.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_all(&source, &target);
        } else {
            std::fs::copy(&source, &target).unwrap();
        }
    }
}
