//! A writer over any store, with a clock that stands still and places that outlive it.

use probity_city::{Scale, Step, city};
use probity_domain::command::{
    Adopt, Command, Compensation, CurrentRecord, Intake, IssueKey, PolicyKind,
};
use probity_domain::report::{IdentifierClaim, RecordReport, SubjectClaim};
use probity_domain::{Entry, Registry, Tagger};
use probity_format::events::Ground;
use probity_format::frame::ActorKind;
use probity_log::unit::Envelope;
use probity_log::{
    Clock, LogHandle, Opener, Opening, Receipt, Snapshot, StartError, Submission, SubmitError,
    Walked, check_log, start,
};
use probity_rules::builtin::{BuiltinPack, PACKS};
use probity_store::keyring::{KeyRing, MasterKey};
use probity_store::{
    FaultPlan, FaultyStore, JournalOptions, JournalStore, LogReader, LogStore, MemoryDisk,
    MemoryStore, SEGMENT_BYTES_MIN,
};
use probity_types::identifiers::ResidentId;
use probity_types::{
    AccessKeyId, CommandId, CompensationReason, FieldValue, IdentifierKind, LogId, RequestTag,
    SubjectKind, Text, Timestamp,
};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;

/// The log of every test.
pub const LOG: LogId = LogId([0x1d; 16]);
/// 2026-06-30, noon in Asia/Shanghai.
pub const NOON_US: i64 = 1_782_792_000_000_000;
/// One second.
pub const SECOND_US: i64 = 1_000_000;

/// Wall time and monotonic time, each put where the test wants it.
pub struct TestClock {
    wall: AtomicI64,
    monotonic: AtomicI64,
}

impl TestClock {
    fn new() -> Self {
        Self {
            wall: AtomicI64::new(NOON_US),
            monotonic: AtomicI64::new(0),
        }
    }

    /// Time passes: both clocks go on.
    pub fn pass(&self, by_us: i64) {
        self.wall.fetch_add(by_us, Ordering::SeqCst);
        self.monotonic.fetch_add(by_us, Ordering::SeqCst);
    }

    /// Somebody puts the wall clock elsewhere; no time passes.
    pub fn jump(&self, by_us: i64) {
        self.wall.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall.load(Ordering::SeqCst))
    }
    fn monotonic_us(&self) -> i64 {
        self.monotonic.load(Ordering::SeqCst)
    }
}

/// A place that outlives its store.
pub trait Place: Default {
    /// Opens what lies there; an unused place holds an empty log.
    fn open(&self) -> Box<dyn LogStore>;
    /// The same, failing as planned.
    fn open_faulty(&self, plan: FaultPlan) -> Box<dyn LogStore>;
}

/// See [`MemoryDisk`].
#[derive(Default)]
pub struct InMemory(pub MemoryDisk);

impl InMemory {
    fn store(&self) -> MemoryStore {
        MemoryStore::open(&self.0).expect("nobody else has it")
    }
}

impl Place for InMemory {
    fn open(&self) -> Box<dyn LogStore> {
        Box::new(self.store())
    }
    fn open_faulty(&self, plan: FaultPlan) -> Box<dyn LogStore> {
        Box::new(FaultyStore::new(self.store(), plan))
    }
}

/// Small segments, so that tests rotate and begin fast.
pub fn small() -> JournalOptions {
    JournalOptions::with_segments_of(SEGMENT_BYTES_MIN)
}

/// A folder with a log in it.
pub struct OnDisk(pub tempfile::TempDir);

impl Default for OnDisk {
    fn default() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = JournalStore::create(dir.path(), LOG, small()).expect("a new log");
        Box::new(store).close().expect("flushed");
        Self(dir)
    }
}

impl OnDisk {
    fn store(&self) -> JournalStore {
        JournalStore::open(self.0.path(), LOG, small()).expect("opens")
    }
}

impl Place for OnDisk {
    fn open(&self) -> Box<dyn LogStore> {
        Box::new(self.store())
    }
    fn open_faulty(&self, plan: FaultPlan) -> Box<dyn LogStore> {
        Box::new(FaultyStore::new(self.store(), plan))
    }
}

/// Place of a log with its keys and its clock.
pub struct World<P> {
    /// Where the log lies.
    pub place: P,
    /// Where the keys lie.
    pub keys: tempfile::TempDir,
    /// What time it is.
    pub clock: Arc<TestClock>,
}

impl<P: Place> World<P> {
    /// An empty log.
    pub fn new() -> Self {
        Self {
            place: P::default(),
            keys: tempfile::tempdir().expect("a folder"),
            clock: Arc::new(TestClock::new()),
        }
    }

    /// Its key ring, while no writer has it.
    pub fn ring(&self) -> KeyRing {
        let master = || MasterKey::from_bytes([3; 32]);
        KeyRing::open(self.keys.path(), LOG, master())
            .or_else(|_| KeyRing::create(self.keys.path(), LOG, master()))
            .expect("a key ring")
    }

    /// Starts a writer over any store.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start_over(&self, store: Box<dyn LogStore>) -> Result<Running, StartError> {
        self.start_from(store, |_| None)
    }

    /// Starts a writer from a snapshot, which is read with the tagger of this log.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start_from(
        &self,
        store: Box<dyn LogStore>,
        snapshot: impl FnOnce(Tagger) -> Option<Snapshot>,
    ) -> Result<Running, StartError> {
        let reader = store.reader();
        let keys = Arc::new(RwLock::new(self.ring()));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let fatal = Arc::new(Mutex::new(Vec::new()));
        let (to_show, to_tell) = (shown.clone(), fatal.clone());
        let tagger = Tagger::new(*keys.read().expect("nobody else").secret("look-up"));
        let opening = Opening {
            log: LOG,
            store,
            keys: keys.clone(),
            clock: self.clock.clone(),
            snapshot: snapshot(tagger),
            sink: Box::new(move |entries| lock(&to_show).extend_from_slice(entries)),
            on_fatal: Box::new(move |why| lock(&to_tell).push(why.to_owned())),
        };
        let (log, thread) = start(opening)?;
        Ok(Running {
            log,
            thread: Some(thread),
            reader,
            opener: Opener::with_keys(LOG, keys),
            shown,
            fatal,
        })
    }

    /// Starts a writer.
    pub fn start(&self) -> Running {
        self.start_over(self.place.open()).expect("starts")
    }

    /// Starts a writer whose store fails as planned.
    pub fn start_faulty(&self, plan: &FaultPlan) -> Running {
        let store = self.place.open_faulty(plan.clone());
        self.start_over(store).expect("starts")
    }

    /// Starts a writer and begins the log.
    pub fn begin(&self) -> Running {
        let running = self.start();
        running.submit(&begin()).expect("begins");
        running
    }

    /// Checks what lies there, as an auditor with the keys would.
    pub fn check(&self) -> Walked {
        let store = self.place.open();
        let keys = Arc::new(RwLock::new(self.ring()));
        let opener = Opener::with_keys(LOG, keys);
        check_log(&*store.reader(), &opener, None).unwrap_or_else(|e| panic!("{e}"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no panic under it")
}

/// A running writer.
pub struct Running {
    /// The way to it.
    pub log: LogHandle,
    thread: Option<JoinHandle<()>>,
    /// Reads what is committed.
    pub reader: Arc<dyn LogReader>,
    /// Opens it.
    pub opener: Opener,
    shown: Arc<Mutex<Vec<Entry>>>,
    fatal: Arc<Mutex<Vec<String>>>,
}

impl Running {
    /// Submits and waits for the answer.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn submit(&self, request: &Request) -> Result<Receipt, SubmitError> {
        self.log.submit_blocking(request.submission())
    }

    /// Entries in the log.
    pub fn entries(&self) -> u64 {
        self.reader.head().next.0
    }

    /// Entries that were shown to the views since the start, recovered ones included.
    pub fn shown(&self) -> Vec<Entry> {
        lock(&self.shown).clone()
    }

    /// What was told to be fatal.
    pub fn fatal(&self) -> Vec<String> {
        lock(&self.fatal).clone()
    }

    /// Holds the writer still until the returned sender is dropped or used: what is submitted meanwhile waits together.
    pub fn hold(&self) -> Sender<()> {
        let (release, wait): (Sender<()>, Receiver<()>) = channel();
        let (began, begun) = channel();
        let log = self.log.clone();
        std::thread::spawn(move || {
            let held = log.inspect_blocking(move |_: &Registry| {
                began.send(()).expect("somebody waits");
                let _ = wait.recv();
            });
            drop(held);
        });
        begun.recv().expect("the writer answers");
        release
    }

    /// Checks the log from the beginning.
    pub fn check(&self) -> Walked {
        check_log(&*self.reader, &self.opener, None).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Stops in good order and lets go of log and keys.
    pub fn stop(mut self) {
        self.log.stop_blocking();
        self.join();
    }

    /// Waits for the thread of a writer that stopped by itself, as the end of the process would.
    pub fn crashed(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no panic in the writer");
        }
    }
}

/// A command with what tells it from others.
#[derive(Clone)]
pub struct Request {
    /// What is wanted.
    pub command: Command,
    /// Under which key.
    pub id: CommandId,
    /// Its request tag.
    pub tag: RequestTag,
}

impl Request {
    /// A command with this number as key and tag.
    pub fn new(number: u64, command: Command) -> Self {
        let mut id = [0x50; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        Self {
            command,
            id: CommandId(id),
            tag: RequestTag(id),
        }
    }

    /// The same key for another request.
    pub fn with_other_tag(&self) -> Self {
        let mut other = self.clone();
        other.tag.0[15] ^= 1;
        other
    }

    /// As the writer takes it.
    pub fn submission(&self) -> Submission {
        Submission {
            command: self.command.clone(),
            envelope: Envelope {
                actor_kind: ActorKind::Operator,
                actor: [0; 16],
                command: self.id,
                request: self.tag,
            },
        }
    }
}

/// Begins the log.
pub fn begin() -> Request {
    let origin = "test".to_owned();
    Request::new(0, Command::StartLog { origin })
}

/// An entry without sealed parts; each number once.
pub fn open(number: u64) -> Request {
    let mut key = [0x0a; 16];
    key[..8].copy_from_slice(&number.to_be_bytes());
    let issue = IssueKey {
        key: AccessKeyId(key),
        label: format!("key {number}"),
        agency: "test".to_owned(),
        scopes: Default::default(),
        secret_hash: [1; 32],
        expires_on: None,
        demo: false,
    };
    Request::new(number, Command::IssueKey(Box::new(issue)))
}

/// A person by number.
pub fn claim(number: u64) -> SubjectClaim {
    let (day, sequence) = (number / 900 % 28 + 1, number % 900 + 1);
    let body = format!("650203199003{day:02}{sequence:03}");
    let id = ResidentId::with_check(&body).expect("a made-up number");
    SubjectClaim {
        kind: SubjectKind::NaturalPerson,
        name: format!("测试{number}"),
        identifiers: vec![IdentifierClaim {
            kind: IdentifierKind::CitizenId,
            value: id.as_str().to_owned(),
        }],
        birth_date: None,
        region: None,
        industry: None,
    }
}

/// An entry with one sealed part; each number once.
pub fn sealed(number: u64) -> Request {
    Request::new(number, Command::RegisterSubject(claim(number)))
}

/// The shipped packs, adopted.
pub fn adoptions() -> Vec<Request> {
    let adopt = |(number, pack): (u64, BuiltinPack)| {
        let adopt = Adopt {
            kind: PolicyKind::Pack(pack.kind),
            id: pack.id.to_owned(),
            version: pack.version.to_owned(),
            officer: "test".to_owned(),
            text: pack.text.to_owned(),
        };
        Request::new(100 + number, Command::Adopt(Box::new(adopt)))
    };
    (0..).zip(PACKS).map(adopt).collect()
}

/// Permits of one organisation, each with a number of its own.
pub fn permits() -> impl Iterator<Item = RecordReport> {
    let today = "2026-06-30".parse().expect("a day");
    let mut steps = city(1, Scale::for_records(200), today);
    let report = steps.find_map(|step| match step {
        Step::Record(report) if report.subcategory.starts_with("XK") => Some(report),
        _ => None,
    });
    let report = *report.expect("the city has permits");
    (0u64..).map(move |number| {
        let mut report = report.clone();
        let text = Text::try_from(format!("克演许〔2026〕{number}号")).expect("short");
        let field = "document_no".to_owned();
        report.fields.insert(field, FieldValue::Text(text));
        report
    })
}

/// Reports a record.
pub fn report(number: u64, report: RecordReport) -> Request {
    let report = Command::ReportRecord(Box::new(report), Intake::default());
    Request::new(number, report)
}

/// The record that an entry brought, as it stands right after it.
pub fn current(entry: &Entry) -> CurrentRecord {
    CurrentRecord {
        revision: entry.header.position,
        recorded_at: entry.header.position,
        core: entry.event.recorded().expect("a record").clone(),
        details: entry.details(),
    }
}

/// Voids records.
pub fn void(number: u64, records: Vec<CurrentRecord>) -> Request {
    let text = |t: &str| Text::try_from(t).expect("short");
    let command = Command::Compensate {
        records,
        action: Compensation::Void,
        ground: Ground {
            reason: CompensationReason::EnteredWrongly,
            authority: text("test"),
            instrument_no: Text::default(),
            legal_basis: Text::default(),
            evidence: Default::default(),
        },
    };
    Request::new(number, command)
}
