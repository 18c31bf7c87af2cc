//! A ledger in a folder of its own, with a clock that stands still and a made-up city to load.

use probity_app::policy::adopt_builtin;
use probity_app::{DataFolder, Ledger, OpenOptions, SEGMENT_BYTES_MIN};
use probity_city::{Loaded, Scale, Step, city, command};
use probity_domain::Command;
use probity_domain::command::{CurrentRecord, Intake};
use probity_domain::report::SubjectClaim;
use probity_format::frame::ActorKind;
use probity_log::{Clock, Receipt, Submission, SubmitError};
use probity_store::keyring::{KeyRing, MasterKey};
use probity_store::{MemoryDisk, MemoryStore};
use probity_types::{CivilDate, ListingId, LogId, RecordId, SubjectId, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Noon in Asia/Shanghai on 2026-06-30.
const NOON_US: i64 = 1_782_792_000_000_000;

/// A clock that goes only where it is put.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Puts it on by microseconds.
    pub fn advance(&self, by_us: i64) {
        self.0.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    fn monotonic_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// See the module.
pub struct Home {
    dir: tempfile::TempDir,
    /// The clock of every ledger opened here.
    pub clock: Arc<TestClock>,
}

impl Home {
    /// A new folder, without a ledger.
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            clock: Arc::new(TestClock(AtomicI64::new(NOON_US))),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The folder as a data folder.
    pub fn folder(&self) -> DataFolder {
        DataFolder::at(self.path())
    }

    /// Begins a ledger.
    pub fn create(&self) -> Ledger {
        let clock = self.clock.clone();
        let options = OpenOptions::default().with_segments_of(SEGMENT_BYTES_MIN);
        Ledger::create(&self.folder(), &options, clock).expect("begins")
    }

    /// Begins a ledger whose log lies in memory, with the built-in policies adopted.
    pub fn in_memory(&self) -> Ledger {
        let id = LogId([0x1d; 16]);
        let keys = KeyRing::create(&self.folder().keys(), id, MasterKey::from_bytes([3; 32]));
        let store = MemoryStore::open(&MemoryDisk::default()).expect("new");
        let (keys, clock) = (keys.expect("new"), self.clock.clone());
        let ledger = Ledger::start(&self.folder(), id, keys, Box::new(store), clock);
        let ledger = ledger.expect("starts");
        let origin = "test".to_owned();
        submit(&ledger, Command::StartLog { origin }).expect("begins");
        adopt_builtin(&ledger).expect("shipped packs load");
        ledger
    }

    /// Opens it again.
    pub fn open(&self) -> Ledger {
        let clock = self.clock.clone();
        Ledger::open(&self.folder(), &OpenOptions::default(), clock).expect("opens")
    }
}

/// Copies a folder with everything in it, over what is there.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("readable").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Submits a command as the operator.
///
/// # Errors
/// [`SubmitError`].
pub fn submit(ledger: &Ledger, command: Command) -> Result<Receipt, SubmitError> {
    ledger
        .log
        .submit_blocking(Submission::internal(command, ActorKind::Operator))
}

/// Loads a city step by step.
pub struct Loader<'a> {
    /// Where it goes.
    pub ledger: &'a Ledger,
    /// Steps to come.
    pub steps: probity_city::City,
    /// Records by ordinal.
    pub records: Vec<RecordId>,
    listings: Vec<ListingId>,
}

impl<'a> Loader<'a> {
    /// A city with this many records.
    pub fn new(ledger: &'a Ledger, seed: u64, records: u64) -> Self {
        Self {
            ledger,
            steps: city(seed, Scale::for_records(records), ledger.today()),
            records: Vec::new(),
            listings: Vec::new(),
        }
    }

    /// The next step as a command, with what it brings.
    pub fn next(&mut self) -> Option<(Brings, Command)> {
        loop {
            let step = self.steps.next()?;
            let brings = match &step {
                Step::Record(_) => Brings::Record,
                Step::Listing(..) => Brings::Listing,
                _ => Brings::Nothing,
            };
            if let Some(command) = command(step, Intake::default(), self) {
                return Some((brings, command));
            }
        }
    }

    /// Notes what a step brought.
    pub fn note(&mut self, brings: Brings, receipt: Receipt) {
        let written = self.ledger.written(receipt).expect("readable");
        match brings {
            Brings::Record => self.records.push(written.record.unwrap_or_default()),
            Brings::Listing => self.listings.push(written.listing.unwrap_or_default()),
            Brings::Nothing => {}
        }
    }

    /// Loads all of it.
    pub fn load(mut self) -> Vec<RecordId> {
        while let Some((brings, command)) = self.next() {
            let receipt = submit(self.ledger, command).expect("the city is right");
            self.note(brings, receipt);
        }
        self.records
    }
}

/// What a step brings that later steps name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brings {
    /// A record.
    Record,
    /// A membership.
    Listing,
    /// Nothing that is named by an ordinal.
    Nothing,
}

impl Loaded for Loader<'_> {
    fn record(&self, ordinal: u64) -> Option<RecordId> {
        let record = self.records.get(ordinal as usize).copied();
        record.filter(|record| !record.is_none())
    }
    fn current(&self, record: RecordId) -> Option<CurrentRecord> {
        self.ledger.current_record(record).expect("readable").ok()
    }
    fn listing(&self, ordinal: u64) -> Option<ListingId> {
        let listing = self.listings.get(ordinal as usize).copied();
        listing.filter(|listing| !listing.is_none())
    }
    fn person(&self, claim: &SubjectClaim) -> Option<SubjectId> {
        find(self.ledger, claim)
    }
}

/// The subject that a claim's first identifier names.
pub fn find(ledger: &Ledger, claim: &SubjectClaim) -> Option<SubjectId> {
    let views = ledger.views();
    let held = claim.identifiers.first()?;
    let row = views
        .directory()
        .by_identifier(views.tagger(), held.kind, &held.value)?;
    Some(row.id)
}

/// A day of the test's present.
pub fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}
