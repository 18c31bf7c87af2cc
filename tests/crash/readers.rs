//! Eight readers scan pages while the applier moves entries into sled, segments turn and sled is reopened under them.
//!
//! Each reader sees every entry that an append has returned for, at once, and never a gap. `PROBITY_SECONDS=60 cargo test -p
//! probity-tests --test crash readers -- --nocapture` is the long run.

use crate::support::scratch;
use probity_store::{Head, JournalOptions, JournalStore, LogStore, PageLimit, SEGMENT_BYTES_MIN};
use probity_types::{LogId, Position};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const READERS: u64 = 8;
const SECONDS: u64 = 5;

fn entry(position: u64) -> Vec<u8> {
    position.to_le_bytes().repeat(8 + (position % 60) as usize)
}

#[test]
fn eight_readers_see_every_committed_entry_at_once_and_no_gap() {
    let seconds = std::env::var("PROBITY_SECONDS").map_or(SECONDS, |text| text.parse().unwrap());
    let dir = scratch();
    let mut options = JournalOptions::with_segments_of(SEGMENT_BYTES_MIN);
    options.engine.reopen_every = 5_000;
    let mut store = JournalStore::create(dir.path(), LogId([4; 16]), options).unwrap();
    let (committed, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let read: u64 = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|number| {
                let (reader, committed, is_over) = (store.reader(), &committed, &is_over);
                scope.spawn(move || {
                    let (mut at, mut read) = (0, 0);
                    while !is_over.load(Ordering::SeqCst) {
                        // What is committed by now is there, and is the right one.
                        let known = committed.load(Ordering::SeqCst);
                        if let Some(last) = known.checked_sub(1) {
                            assert_eq!(reader.entry(Position(last)).unwrap(), Some(entry(last)));
                        }
                        let page = reader.page(Position(at), PageLimit::at_most(500)).unwrap();
                        assert!(
                            !page.is_empty() || at >= known,
                            "nothing at {at}, {known} committed"
                        );
                        for (position, found) in (at..).zip(&page) {
                            assert_eq!(*found, entry(position));
                        }
                        at += page.len() as u64;
                        read += page.len() as u64;
                        // Some follow the head, some begin again: old pages come from sled, new ones from the tail.
                        if number % 2 == 0 && page.is_empty() {
                            at = 0;
                        }
                    }
                    read
                })
            })
            .collect();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds) {
            let head = store.head();
            let entries: Vec<_> = (head.next.0..head.next.0 + 12).map(entry).collect();
            let next = Position(head.next.0 + 12);
            store
                .append(
                    head,
                    &entries,
                    Head {
                        next,
                        entry_hash: [1; 32],
                    },
                )
                .unwrap();
            committed.store(next.0, Ordering::SeqCst);
        }
        is_over.store(true, Ordering::SeqCst);
        readers
            .into_iter()
            .map(|reader| reader.join().unwrap())
            .sum()
    });
    let written = store.head().next.0;
    println!("{written} entries written, {read} read by {READERS} readers in {seconds} s");
    assert!(written > 5_000 && read > written, "too little happened");
    Box::new(store).close().unwrap();
}
