//! Every store against a plain vector: random walks of append, conflict, retry, read, page, redaction, reopening and crash.
//!
//! A crash of the journalled store is one of two: dropped without a last word, or *rewound*: the journal as it lies there
//! beside a sled as it was when it was opened, which is what a process leaves that dies before anything was applied.
//!
//! `PROBITY_SEED` repeats a run, `PROBITY_ROUNDS` sets how many walks: the long run is
//! `PROBITY_ROUNDS=2000 cargo test -p probity-store --test model`.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod support;

use probity_store::{
    AppendError, Head, JournalOptions, JournalStore, LogStore, MemoryDisk, MemoryStore, PageLimit,
    SEGMENT_BYTES_MIN, SledOptions, SledStore, StoreError,
};
use probity_types::{LogId, Position};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::path::Path;
use std::time::Duration;
use support::{copy_folder, rounds, scratch};

const LOG: LogId = LogId([3; 16]);
/// Walks of the ordinary run, per store on disk.
const WALKS: u64 = 24;

/// What the log must hold: nothing more than a vector.
#[derive(Debug, Clone, Default)]
struct Model {
    entries: Vec<Vec<u8>>,
    hash: [u8; 32],
    /// The head before the last append, and that append: what a client repeats that missed the answer.
    last: Option<(Head, Vec<Vec<u8>>, Head)>,
}

impl Model {
    fn head(&self) -> Head {
        Head {
            next: Position(self.entries.len() as u64),
            entry_hash: self.hash,
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<u32>),
    /// An append that expects a head this many entries away from the true one.
    Conflict(i8),
    Retry,
    Read(u64),
    Page(u64, u16),
    Redact(prop::sample::Index, u16),
    Reopen,
    Crash(Crash),
}

#[derive(Debug, Clone, Copy)]
enum Crash {
    Dropped,
    Rewound,
}

/// Bytes that no other entry has.
fn entry(position: u64, length: u32) -> Vec<u8> {
    let mut bytes = vec![0; length as usize];
    let mut stream = blake3::Hasher::new()
        .update(&position.to_le_bytes())
        .update(&length.to_le_bytes())
        .finalize_xof();
    stream.fill(&mut bytes);
    bytes
}

fn batch(model: &Model, lengths: &[u32]) -> (Vec<Vec<u8>>, Head) {
    let first = model.entries.len() as u64;
    let entries: Vec<_> = (first..)
        .zip(lengths)
        .map(|(position, length)| entry(position, *length))
        .collect();
    let last = entries
        .last()
        .map_or(model.hash, |entry| *blake3::hash(entry).as_bytes());
    let head = Head {
        next: Position(first + entries.len() as u64),
        entry_hash: last,
    };
    (entries, head)
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let length = prop_oneof![8 => 0u32..900, 2 => 3_000u32..9_000, 1 => 100_000u32..260_000];
        prop_oneof![
            12 => prop::collection::vec(length, 0..4).prop_map(Step::Append),
            2 => prop_oneof![-3i8..0, 1i8..4].prop_map(Step::Conflict),
            2 => Just(Step::Retry),
            2 => (0u64..200).prop_map(Step::Read),
            2 => (0u64..200, 0u16..80).prop_map(|(from, most)| Step::Page(from, most)),
            1 => (any::<prop::sample::Index>(), 0u16..300).prop_map(|(i, n)| Step::Redact(i, n)),
            1 => Just(Step::Reopen),
            2 => prop_oneof![Just(Crash::Dropped), Just(Crash::Rewound)].prop_map(Step::Crash),
        ]
        .boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match step {
            Step::Append(lengths) => {
                let (entries, head) = batch(&state, lengths);
                state.last = Some((state.head(), entries.clone(), head));
                state.entries.extend(entries);
                state.hash = head.entry_hash;
            }
            Step::Redact(place, length) if !state.entries.is_empty() => {
                let place = place.index(state.entries.len());
                state.entries[place] = vec![0xee; usize::from(*length)];
            }
            _ => {}
        }
        state
    }
}

/// A place that outlives its store.
trait Place: std::fmt::Debug + Sized {
    fn new() -> Self;
    fn open(&mut self) -> Box<dyn LogStore>;
    /// What is to be opened after a crash; `store` is gone then.
    fn crash(&mut self, store: Box<dyn LogStore>, _: Crash) {
        drop(store);
    }
    /// Bytes were written, or everything was rewritten.
    fn note(&mut self, _: Option<&[Vec<u8>]>) {}
}

#[derive(Debug)]
struct InMemory(MemoryDisk);

impl Place for InMemory {
    fn new() -> Self {
        Self(MemoryDisk::default())
    }

    fn open(&mut self) -> Box<dyn LogStore> {
        Box::new(MemoryStore::open(&self.0).unwrap())
    }
}

/// Small enough that a walk meets it.
const SLED: SledOptions = SledOptions {
    cache_capacity_bytes: 1 << 20,
    reopen_every: 40,
    open_patience: Duration::from_secs(60),
};

#[derive(Debug)]
struct InSled(tempfile::TempDir);

impl Place for InSled {
    fn new() -> Self {
        let dir = scratch();
        Box::new(SledStore::create(dir.path(), SLED).unwrap())
            .close()
            .unwrap();
        Self(dir)
    }

    fn open(&mut self) -> Box<dyn LogStore> {
        Box::new(SledStore::open(self.0.path(), SLED).unwrap())
    }
}

fn options() -> JournalOptions {
    JournalOptions {
        segment_bytes: SEGMENT_BYTES_MIN,
        engine: SLED,
    }
}

#[derive(Debug)]
struct Journalled {
    dir: tempfile::TempDir,
    /// Everything but the journal, as it was when the store was opened last.
    opened: tempfile::TempDir,
    /// What the frames written since then take; none once the journal alone cannot bring it all back.
    since: Option<u64>,
}

const BEHIND: [&str; 2] = ["sled", "floor"];

fn take(from: &Path, to: &Path) {
    for name in BEHIND {
        let (from, to) = (from.join(name), to.join(name));
        if from.is_dir() {
            let _ = std::fs::remove_dir_all(&to);
            copy_folder(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

impl Place for Journalled {
    fn new() -> Self {
        let dir = scratch();
        Box::new(JournalStore::create(dir.path(), LOG, options()).unwrap())
            .close()
            .unwrap();
        Self {
            dir,
            opened: scratch(),
            since: None,
        }
    }

    fn open(&mut self) -> Box<dyn LogStore> {
        let store = JournalStore::open(self.dir.path(), LOG, options()).unwrap();
        // Nothing waits to be applied, so nothing moves here.
        take(self.dir.path(), self.opened.path());
        self.since = Some(0);
        Box::new(store)
    }

    fn note(&mut self, entries: Option<&[Vec<u8>]>) {
        let bytes = entries.map(|entries| {
            let payload: usize = entries.iter().map(|entry| entry.len() + 4).sum();
            // More than frame and seal take.
            payload as u64 + 3 * 4_096
        });
        self.since = match (self.since, bytes) {
            (Some(since), Some(bytes)) => Some(since + bytes),
            _ => None,
        };
    }

    fn crash(&mut self, store: Box<dyn LogStore>, crash: Crash) {
        let first_segment_only = self
            .since
            .is_some_and(|bytes| bytes < SEGMENT_BYTES_MIN - 8_192);
        match crash {
            Crash::Rewound if first_segment_only => {
                // The journal at this moment; what the drop applies afterwards does not count.
                let journal = scratch();
                copy_folder(&self.dir.path().join("journal"), journal.path());
                drop(store);
                take(self.opened.path(), self.dir.path());
                copy_folder(journal.path(), &self.dir.path().join("journal"));
            }
            _ => drop(store),
        }
    }
}

struct Real<P> {
    place: P,
    store: Option<Box<dyn LogStore>>,
}

impl<P: Place> Real<P> {
    fn store(&mut self) -> &mut dyn LogStore {
        self.store.as_deref_mut().unwrap()
    }

    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        head: Head,
    ) -> Result<(), AppendError> {
        self.store().append(expected, entries, head)
    }

    fn check_conflict(&mut self, expected: Head, entries: &[Vec<u8>], head: Head, true_head: Head) {
        match self.append(expected, entries, head) {
            Err(AppendError::Conflict { actual }) => assert_eq!(actual, true_head),
            other => panic!("{other:?} instead of a conflict"),
        }
    }
}

struct Against<P>(std::marker::PhantomData<P>);

impl<P: Place> StateMachineTest for Against<P> {
    type SystemUnderTest = Real<P>;
    type Reference = Model;

    fn init_test(_: &Model) -> Real<P> {
        let mut place = P::new();
        let store = Some(place.open());
        Real { place, store }
    }

    fn apply(mut real: Real<P>, model: &Model, step: Step) -> Real<P> {
        match step {
            Step::Append(_) => {
                let (before, entries, head) = model.last.clone().unwrap();
                real.append(before, &entries, head).unwrap();
                real.place.note(Some(&entries));
            }
            Step::Conflict(by) => {
                let head = model.head();
                let next = Position(head.next.0.saturating_add_signed(by.into()));
                let entry_hash = if next == head.next {
                    [1; 32]
                } else {
                    head.entry_hash
                };
                let stale = Head { next, entry_hash };
                let after = Head {
                    next: stale.next.next(),
                    ..stale
                };
                real.check_conflict(stale, &[vec![1]], after, head);
            }
            Step::Retry => match &model.last {
                Some((before, entries, head)) if !entries.is_empty() => {
                    real.check_conflict(*before, entries, *head, model.head());
                }
                _ => {}
            },
            Step::Read(position) => {
                let found = real.store().reader().entry(Position(position)).unwrap();
                assert_eq!(found.as_ref(), model.entries.get(position as usize));
            }
            Step::Page(from, most) => {
                let limit = PageLimit::at_most(most);
                let page = real.store().reader().page(Position(from), limit).unwrap();
                let rest = model.entries.get(from as usize..).unwrap_or_default();
                // No walk writes as much as the bytes that end a page early.
                assert_eq!(page, rest[..rest.len().min(limit.entries().into())]);
            }
            Step::Redact(..) if model.entries.is_empty() => {
                let error = real.store().redact(Position(0), b"").unwrap_err();
                assert!(matches!(error, StoreError::NoSuchEntry { .. }), "{error}");
            }
            Step::Redact(place, _) => {
                let place = place.index(model.entries.len());
                let replacement = &model.entries[place];
                real.store()
                    .redact(Position(place as u64), replacement)
                    .unwrap();
                real.place.note(None);
            }
            Step::Reopen => {
                real.store.take().unwrap().close().unwrap();
                real.store = Some(real.place.open());
            }
            Step::Crash(crash) => {
                let store = real.store.take().unwrap();
                real.place.crash(store, crash);
                real.store = Some(real.place.open());
            }
        }
        real
    }

    fn check_invariants(real: &Real<P>, model: &Model) {
        let store = real.store.as_deref().unwrap();
        assert_eq!(store.head(), model.head());
        let reader = store.reader();
        let (mut at, end) = (0, model.entries.len());
        while at < end {
            let page = reader.page(Position(at as u64), PageLimit::MOST).unwrap();
            assert!(
                !page.is_empty() && page[..] == model.entries[at..at + page.len()],
                "{at}"
            );
            at += page.len();
        }
        assert_eq!(reader.entry(model.head().next).unwrap(), None);
    }
}

fn config(walks: u64) -> Config {
    Config {
        cases: u32::try_from(rounds(walks)).unwrap(),
        rng_seed: RngSeed::Fixed(support::seed()),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    }
}

prop_state_machine! {
    #![proptest_config(config(4 * WALKS))]

    #[test]
    fn the_store_in_memory_is_a_vector(sequential 1..60 => Against<InMemory>);
}

prop_state_machine! {
    #![proptest_config(config(WALKS / 2))]

    #[test]
    fn the_store_in_sled_is_a_vector(sequential 1..60 => Against<InSled>);
}

prop_state_machine! {
    #![proptest_config(config(WALKS))]

    #[test]
    fn the_journalled_store_is_a_vector_whatever_crashes(sequential 1..80 => Against<Journalled>);
}
