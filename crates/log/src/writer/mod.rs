//! The writer: one OS thread owns the log.
//!
//! A bounded queue in; what waits is drained into one group; each command is decided against state that already includes
//! the earlier ones of the group; keys are made durable; one append commits the group ([`Writer::commit`], the commit
//! point); only then is anybody answered and anything shown. Every answer that saw uncommitted state waits for that
//! append. A failed commit is fatal: nobody is told yes or no, and the process stops.

mod group;
mod startup;

pub use startup::{Opening, StartError, start};

use crate::clock::{Clock, ClockGuard};
use crate::idempotency::Idempotency;
use crate::opener::Keys;
use crate::receipt::{Outcome, Receipt, SubmitError};
use crate::snapshot::Snapshot;
use crate::unit::Envelope;
use probity_domain::{Command, Decision, Entry, Facts, IdSource, Refusal, Registry};
use probity_format::Chain;
use probity_format::frame::ActorKind;
use probity_format::limits::UNIT_BYTES_MAX;
use probity_store::{Head, LogReader, LogStore};
use probity_types::{CommandId, LogId, RequestTag};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use tokio::sync::{oneshot, watch};

/// Submissions that may wait; more are answered `Busy`.
pub const QUEUE_MAX: usize = 4_096;
/// Units in one group commit.
pub const GROUP_UNITS_MAX: usize = 256;
/// Bytes of a group beside its units: the entry that begins a day.
const DAY_BYTES_MAX: u64 = 4_096;

/// A command on its way to the writer.
#[derive(Debug)]
pub struct Submission {
    /// What is wanted.
    pub command: Command,
    /// Who wants it.
    pub envelope: Envelope,
}

impl Submission {
    /// A command of the program itself, with a random command id: a retry is a new command.
    pub fn internal(command: Command, actor_kind: ActorKind) -> Self {
        let mut id = [0; 16];
        // Without randomness two internal commands would share an id; the writer then answers "key reused", never harm.
        let _ = getrandom::fill(&mut id);
        let envelope = Envelope {
            actor_kind,
            actor: [0; 16],
            command: CommandId(id),
            request: RequestTag(id),
        };
        Self { command, envelope }
    }
}

type Reply = oneshot::Sender<Result<Receipt, SubmitError>>;
type Inspection = Box<dyn FnOnce(&Registry) + Send>;
type Hearing = Box<dyn FnOnce(Rehearsal) + Send>;
type Taking = Box<dyn FnOnce(Snapshot) + Send>;

pub(crate) enum Job {
    Submit(Box<Submission>, Reply),
    Rehearse(Vec<Command>, Hearing),
    Inspect(Inspection),
    Snapshot(Taking),
    Stop(oneshot::Sender<()>),
}

/// What a command would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rehearsed {
    /// It would append these events.
    Append(Vec<probity_domain::NewEvent>),
    /// It would wait for a person.
    Park(Vec<probity_domain::NewEvent>),
    /// The same is there already.
    AlreadyThere,
}

/// What many commands would do, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal {
    /// Of each command.
    pub answers: Vec<Result<Rehearsed, Refusal>>,
    /// The entries that would be appended, in order, without their hashes.
    pub entries: Vec<Entry>,
}

/// Shows committed entries to the views, in order. Called on the writer's thread, after the commit and before the answer.
pub type Sink = Box<dyn FnMut(&[Entry]) + Send>;

/// A way to the writer; cheap to clone.
#[derive(Debug, Clone)]
pub struct LogHandle {
    jobs: SyncSender<Job>,
    head: watch::Receiver<Head>,
    fault: watch::Receiver<Option<String>>,
    held: Arc<watch::Sender<Option<String>>>,
}

impl LogHandle {
    fn check_held(&self) -> Result<(), SubmitError> {
        match &*self.held.borrow() {
            Some(why) => Err(SubmitError::Held(why.clone())),
            None => Ok(()),
        }
    }

    fn send(&self, job: Job) -> Result<(), SubmitError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => SubmitError::Busy,
            TrySendError::Disconnected(_) => SubmitError::Stopped,
        })
    }

    fn submit_job(
        &self,
        submission: Submission,
    ) -> Result<oneshot::Receiver<Result<Receipt, SubmitError>>, SubmitError> {
        self.check_held()?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Submit(Box::new(submission), reply))?;
        Ok(answer)
    }

    /// Submits a command; the answer comes after the commit that it rests on.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        self.submit_job(submission)?
            .await
            .unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// The same for callers without a runtime; waits for room in the queue instead of answering `Busy`.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn submit_blocking(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        let answer = self.submit_waiting(submission)?;
        answer
            .blocking_recv()
            .unwrap_or(Err(SubmitError::OutcomeUnknown))
    }

    /// Queues a command, waiting for room, and returns where the answer will come: for pipelines of many rows.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub fn submit_waiting(
        &self,
        submission: Submission,
    ) -> Result<oneshot::Receiver<Result<Receipt, SubmitError>>, SubmitError> {
        self.check_held()?;
        let (reply, answer) = oneshot::channel();
        self.jobs
            .send(Job::Submit(Box::new(submission), reply))
            .map_err(|_| SubmitError::Stopped)?;
        Ok(answer)
    }

    /// What each command would do, one after the other, without appending anything.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub fn rehearse_blocking(
        &self,
        commands: Vec<Command>,
    ) -> Result<Vec<Result<Rehearsed, Refusal>>, SubmitError> {
        let (rehearsal, ()) = self.rehearse_beside_blocking(commands, || ())?;
        Ok(rehearsal.answers)
    }

    /// The same with the entries that would come of it, and with what `also` makes at the same moment on the writer's thread,
    /// when the views stand at the head that was rehearsed on.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub fn rehearse_beside_blocking<T: Send + 'static>(
        &self,
        commands: Vec<Command>,
        also: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(Rehearsal, T), SubmitError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Rehearse(
            commands,
            Box::new(move |rehearsal| {
                let _ = reply.send((rehearsal, also()));
            }),
        );
        self.jobs.send(job).map_err(|_| SubmitError::Stopped)?;
        answer.blocking_recv().map_err(|_| SubmitError::Stopped)
    }

    /// Asks the decision state a question, on the writer's thread. Keep it short.
    ///
    /// # Errors
    /// [`SubmitError::Busy`], [`SubmitError::Stopped`].
    pub async fn inspect<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Registry) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Inspect(Box::new(move |registry| {
            // A caller that went away needs no answer.
            let _ = reply.send(question(registry));
        })))?;
        answer.await.map_err(|_| SubmitError::Stopped)
    }

    /// The same for callers without a runtime.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub fn inspect_blocking<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Registry) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Inspect(Box::new(move |registry| {
            let _ = reply.send(question(registry));
        }));
        self.jobs.send(job).map_err(|_| SubmitError::Stopped)?;
        answer.blocking_recv().map_err(|_| SubmitError::Stopped)
    }

    /// A copy of the whole state at the committed head, and what `also` makes at the same moment on the writer's thread,
    /// when the views stand at that head too. The writer stands still for about a millisecond, and for `also`; every
    /// erasure that the state has seen is completed.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub fn snapshot_blocking<T: Send + 'static>(
        &self,
        also: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(Snapshot, T), SubmitError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Snapshot(Box::new(move |snapshot| {
            let _ = reply.send((snapshot, also()));
        }));
        self.jobs.send(job).map_err(|_| SubmitError::Stopped)?;
        answer.blocking_recv().map_err(|_| SubmitError::Stopped)
    }

    /// The committed head, and a way to wait for the next one.
    pub fn head(&self) -> watch::Receiver<Head> {
        self.head.clone()
    }

    /// Why writes are refused at present, none while all is well.
    pub fn fault(&self) -> Option<String> {
        let held = self.held.borrow().clone();
        held.or_else(|| self.fault.borrow().clone())
    }

    /// Refuses every write from now on, until it is told none.
    pub fn hold(&self, why: Option<String>) {
        self.held.send_if_modified(|held| {
            let is_new = *held != why;
            *held = why;
            is_new
        });
    }

    /// Finishes what waits, closes the store, ends the thread.
    pub fn stop_blocking(&self) {
        let (reply, done) = oneshot::channel();
        if self.jobs.send(Job::Stop(reply)).is_ok() {
            let _ = done.blocking_recv();
        }
    }
}

pub(crate) struct Writer {
    log: LogId,
    /// None only once it was closed.
    store: Option<Box<dyn LogStore>>,
    reader: Arc<dyn LogReader>,
    keys: Keys,
    registry: Registry,
    chain: Chain,
    idempotency: Idempotency,
    clock: Arc<dyn Clock>,
    guard: ClockGuard,
    sink: Sink,
    head: watch::Sender<Head>,
    fault: watch::Sender<Option<String>>,
    on_fatal: Box<dyn FnMut(&str) + Send>,
    stopped: bool,
}

/// How often an idle writer looks whether a new day began.
const IDLE_TICK: std::time::Duration = std::time::Duration::from_secs(10);

impl Writer {
    /// Serves jobs until it is stopped.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let first = match jobs.recv_timeout(IDLE_TICK) {
                Ok(job) => job,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    self.begin_day_when_idle();
                    if self.stopped {
                        return;
                    }
                    continue;
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            };
            match first {
                Job::Submit(submission, reply) => {
                    let rest = self.commit_group((submission, reply), jobs);
                    if let Some(job) = rest
                        && self.serve_other(job)
                    {
                        return;
                    }
                }
                other => {
                    if self.serve_other(other) {
                        return;
                    }
                }
            }
            if self.stopped {
                // After a fatal error nothing is answered any more: dropped replies say "outcome unknown".
                return;
            }
        }
        self.close();
    }

    /// Serves a job that appends nothing; `true` where the writer has ended.
    fn serve_other(&mut self, job: Job) -> bool {
        match job {
            // A submission never comes here: `commit_group` takes them all.
            Job::Submit(_, reply) => {
                let _ = reply.send(Err(SubmitError::Stopped));
                false
            }
            Job::Rehearse(commands, hear) => {
                hear(self.rehearse(commands));
                false
            }
            Job::Inspect(question) => {
                question(&self.registry);
                false
            }
            Job::Snapshot(take) => {
                take(Snapshot {
                    registry: self.registry.clone(),
                    chain: self.chain.clone(),
                    idempotency: self.idempotency.clone(),
                });
                false
            }
            Job::Stop(done) => {
                self.close();
                let _ = done.send(());
                self.stopped = true;
                true
            }
        }
    }

    /// Largest unit, by the estimate of [`crate::unit::check`]: the format's limit, or less where the store's appends are
    /// smaller. A group that holds as much takes no further unit, so that a group always fits into one append.
    fn unit_bytes_max(&self) -> u64 {
        let append = self
            .store
            .as_ref()
            .map_or(0, |store| store.append_bytes_max());
        UNIT_BYTES_MAX.min(append.saturating_sub(DAY_BYTES_MAX) / 2)
    }

    fn store(&mut self) -> Result<&mut Box<dyn LogStore>, String> {
        self.store
            .as_mut()
            .ok_or_else(|| "the store is closed".to_owned())
    }

    fn close(&mut self) {
        let Some(store) = self.store.take() else {
            return;
        };
        if let Err(error) = store.close() {
            tracing::error!(%error, "closing the log failed; the next start checks it");
        }
    }

    fn decide(
        &self,
        command: &Command,
        ids: &mut IdSource,
        today: probity_types::CivilDate,
    ) -> Result<Decision, Refusal> {
        let mut facts = Facts {
            today,
            log: self.log,
            ids,
        };
        probity_domain::decide(&self.registry, command, &mut facts)
    }

    /// Decides commands one after the other on a copy of the state.
    fn rehearse(&self, commands: Vec<Command>) -> Rehearsal {
        let mut registry = self.registry.clone();
        let mut ids = IdSource::new([7; 32]);
        let today = probity_types::shanghai_day(self.clock.now());
        let mut tip = crate::unit::Tip::at(&self.chain);
        let mut entries = Vec::new();
        let mut rehearse_one = |command: Command| {
            let mut facts = Facts {
                today,
                log: self.log,
                ids: &mut ids,
            };
            let decision = probity_domain::decide(&registry, &command, &mut facts)?;
            let (events, parked) = match decision {
                Decision::AlreadyThere(_) => return Ok(Rehearsed::AlreadyThere),
                Decision::Append(events) => (events, false),
                Decision::Park(events) => (events, true),
            };
            self.admit(&registry, &events).map_err(as_refusal)?;
            let envelope =
                Submission::internal(Command::StartDay(today), ActorKind::System).envelope;
            let placed = crate::unit::place(
                events.clone(),
                &envelope,
                self.clock.now(),
                &mut tip,
                &self.chain,
            );
            placed.iter().for_each(|entry| registry.evolve(entry));
            entries.extend(placed);
            Ok(if parked {
                Rehearsed::Park(events)
            } else {
                Rehearsed::Append(events)
            })
        };
        let answers = commands.into_iter().map(&mut rehearse_one).collect();
        Rehearsal { answers, entries }
    }
}

/// What the writer would refuse, as a rehearsal tells it.
fn as_refusal(error: SubmitError) -> Refusal {
    match error {
        SubmitError::Refused(refusal) => refusal,
        SubmitError::Erased => Refusal::Erased,
        other => Refusal::Value {
            field: "unit",
            why: other.to_string(),
        },
    }
}

/// The answer to a decision that appends nothing.
pub(crate) fn nothing_new(first: probity_types::Position, entry: Option<&Entry>) -> Receipt {
    Receipt {
        first,
        last: first,
        entry_hash: entry.map(|e| e.hash).unwrap_or_default(),
        recorded_at: entry.map(|e| e.header.recorded_at).unwrap_or_default(),
        outcome: Outcome::AlreadyThere,
        replayed: false,
    }
}
