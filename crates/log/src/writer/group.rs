//! One group commit: decide, make keys durable, seal and chain, append once, show, answer.

use super::{GROUP_UNITS_MAX, Job, Reply, Submission, Writer, nothing_new};
use crate::idempotency::Seen;
use crate::receipt::{Outcome, Receipt, SubmitError};
use crate::redact::{destroyed_by, redacted};
use crate::unit::{self, Envelope, Tip};
use crate::walk::WalkError;
use probity_domain::{Command, Decision, Entry, IdSource, NewEvent, Refusal, Registry};
use probity_format::events::{ErasureRecorded, Event};
use probity_format::frame::ActorKind;
use probity_store::keyring::{DestroyError, Erasure};
use probity_store::{AppendError, Head};
use probity_types::{Position, RootId, Timestamp};
use std::sync::PoisonError;
use std::sync::mpsc::Receiver;

/// An answer that waits for the commit.
enum Pending {
    /// A unit of this group: entries `first..=last` of the group.
    Unit {
        first: usize,
        last: usize,
        outcome: Outcome,
        replayed: bool,
    },
    /// A receipt from before this group.
    Earlier(Receipt),
    /// The same is there already, at this position.
    There(Position),
    /// No.
    No(SubmitError),
}

/// What a group has gathered so far.
struct Group {
    entries: Vec<Entry>,
    tip: Tip,
    bytes: u64,
    ids: IdSource,
    answers: Vec<(Reply, Pending)>,
}

fn random_seed() -> Result<[u8; 32], SubmitError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|e| SubmitError::Unencodable(format!("no randomness: {e}")))?;
    Ok(seed)
}

impl Writer {
    fn new_group(&self) -> Result<Group, SubmitError> {
        let ids = IdSource::new(random_seed()?);
        Ok(Group {
            entries: Vec::new(),
            tip: Tip::at(&self.chain),
            bytes: 0,
            ids,
            answers: Vec::new(),
        })
    }

    /// Takes the first submission and what waits behind it, commits them as one group and answers. Returns the job that
    /// ended the draining, where it was no submission.
    pub(super) fn commit_group(
        &mut self,
        first: (Box<Submission>, Reply),
        jobs: &Receiver<Job>,
    ) -> Option<Job> {
        let mut group = match self.new_group() {
            Ok(group) => group,
            Err(error) => {
                let _ = first.1.send(Err(error));
                return None;
            }
        };
        let mut rest = None;
        let mut next = Some(first);
        while let Some((submission, reply)) = next.take() {
            let pending = self.decide_into(&mut group, *submission);
            group.answers.push((reply, pending));
            if group.answers.len() >= GROUP_UNITS_MAX || group.bytes >= self.unit_bytes_max() {
                break;
            }
            match jobs.try_recv() {
                Ok(Job::Submit(submission, reply)) => next = Some((submission, reply)),
                Ok(other) => rest = Some(other),
                Err(_) => {}
            }
        }
        self.finish_group(group);
        rest
    }

    /// Begins a new day while nothing else happens.
    pub(super) fn begin_day_when_idle(&mut self) {
        let Ok(mut group) = self.new_group() else {
            return;
        };
        if let Ok(at) = self.admit_time() {
            self.begin_day(&mut group, at);
            if !group.entries.is_empty() {
                self.finish_group(group);
            }
        }
    }

    fn admit_time(&mut self) -> Result<Timestamp, SubmitError> {
        let admitted = self.check_room().and_then(|()| {
            let (now, monotonic) = (self.clock.now(), self.clock.monotonic_us());
            Ok(self.guard.admit(now, monotonic)?)
        });
        let fault = admitted.as_ref().err().map(ToString::to_string);
        if *self.fault.borrow() != fault {
            self.fault.send_replace(fault);
        }
        admitted
    }

    fn check_room(&self) -> Result<(), SubmitError> {
        let store = self.store.as_ref().ok_or(SubmitError::Stopped)?;
        Ok(store.check_room()?)
    }

    fn begin_day(&mut self, group: &mut Group, at: Timestamp) {
        let today = probity_types::shanghai_day(at);
        if !self.registry.has_started() || self.registry.day() >= Some(today) {
            return;
        }
        let submission = Submission::internal(Command::StartDay(today), ActorKind::Clock);
        if let Err(error) = self.append_unit(group, &submission, at) {
            tracing::error!(%error, "the day could not be begun");
        }
    }

    fn decide_into(&mut self, group: &mut Group, submission: Submission) -> Pending {
        match self.look_up(group, &submission) {
            Ok(Seen::Same(receipt)) => return earlier(group, receipt),
            Ok(Seen::Other) => return Pending::No(SubmitError::KeyReused),
            Ok(Seen::No) => {}
            Err(error) => {
                // What was done under this key cannot be read: neither yes nor no is right.
                tracing::error!(%error, "an earlier receipt could not be read");
                return Pending::No(SubmitError::OutcomeUnknown);
            }
        }
        let at = match &submission.command {
            Command::AcceptClock { .. } => self
                .check_room()
                .and_then(|()| Ok(self.guard.admit_ahead(self.clock.now())?)),
            _ => self.admit_time(),
        };
        let at = match at {
            Ok(at) => at,
            Err(error) => return Pending::No(error),
        };
        if matches!(submission.command, Command::AcceptClock { .. }) {
            self.fault.send_replace(None);
        } else {
            self.begin_day(group, at);
        }
        match self.append_unit(group, &submission, at) {
            Ok(pending) => pending,
            Err(error) => Pending::No(error),
        }
    }

    /// Whether a command was carried out before, in this group too.
    fn look_up(&self, group: &Group, submission: &Submission) -> Result<Seen, WalkError> {
        let Envelope {
            command, request, ..
        } = &submission.envelope;
        self.idempotency.look_up(command, request, |position| {
            let here = group.entries.first();
            let here = here.and_then(|first| position.0.checked_sub(first.header.position.0));
            if let Some(entry) = here.and_then(|place| group.entries.get(place as usize)) {
                return Ok(Some((entry.header, entry.hash)));
            }
            let Some(bytes) = self.reader.entry(position)? else {
                return Ok(None);
            };
            let frame = crate::walk::decode(position, &bytes)?;
            Ok(Some((frame.header, frame.entry_hash)))
        })
    }

    /// Decides one command and adds its entries to the group. State moves only after every limit was checked.
    fn append_unit(
        &mut self,
        group: &mut Group,
        submission: &Submission,
        at: Timestamp,
    ) -> Result<Pending, SubmitError> {
        let today = probity_types::shanghai_day(at);
        let decision = self.decide(&submission.command, &mut group.ids, today)?;
        let (events, outcome) = match decision {
            Decision::AlreadyThere(position) => return Ok(Pending::There(position)),
            Decision::Append(events) => (events, Outcome::Appended),
            Decision::Park(events) => (events, Outcome::Parked),
        };
        if events.is_empty() {
            return Ok(Pending::There(Position::NONE));
        }
        let bytes = self.admit(&self.registry, &events)?;
        self.admit_erasures(&group.entries, &events)?;
        group.bytes += bytes;
        let first = group.entries.len();
        let placed = unit::place(
            events,
            &submission.envelope,
            at,
            &mut group.tip,
            &self.chain,
        );
        for entry in &placed {
            self.registry.evolve(entry);
            self.idempotency.remember(&entry.header);
        }
        self.guard.recorded(at, self.clock.monotonic_us());
        group.entries.extend(placed);
        Ok(Pending::Unit {
            first,
            last: group.entries.len() - 1,
            outcome,
            replayed: false,
        })
    }

    /// Checks a decided unit against limits and destroyed keys; its size. Rehearsals ask the same.
    pub(super) fn admit(
        &self,
        registry: &Registry,
        events: &[NewEvent],
    ) -> Result<u64, SubmitError> {
        let bytes = unit::check(events)?;
        let max = self.unit_bytes_max();
        if bytes > max {
            return Err(SubmitError::TooLarge {
                what: "bytes",
                found: bytes,
                max,
            });
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        // The ring knows what is done, the registry what was decided a moment ago.
        let is_erased =
            |root: RootId| registry.root_erased_at(root).is_some() || keys.is_destroyed(root);
        if events
            .iter()
            .flat_map(|event| &event.parts)
            .any(|part| is_erased(part.root))
        {
            return Err(SubmitError::Erased);
        }
        Ok(bytes)
    }

    /// A committed erasure has to be completed, so the ring is asked before: has it room for the holes?
    fn admit_erasures(&self, before: &[Entry], events: &[NewEvent]) -> Result<(), SubmitError> {
        let mut erasures: Vec<Erasure> = events
            .iter()
            .filter_map(|new| erasure(&new.event))
            .collect();
        if erasures.is_empty() {
            return Ok(());
        }
        // Those of this group are not in the ring yet.
        erasures.extend(before.iter().filter_map(|entry| erasure(&entry.event)));
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.check_destroy(&erasures).map_err(|error| match error {
            DestroyError::Puncture { source, .. } => SubmitError::Refused(Refusal::Value {
                field: "index",
                why: source.to_string(),
            }),
            _ => SubmitError::Stopped,
        })
    }

    fn finish_group(&mut self, mut group: Group) {
        if !group.entries.is_empty()
            && let Err(why) = self.commit_and_show(&mut group)
        {
            self.stop_at_once(&why);
            // Refusals rest on uncommitted entries too: nobody is told anything.
            for (reply, _) in group.answers {
                let _ = reply.send(Err(SubmitError::OutcomeUnknown));
            }
            return;
        }
        let answers = std::mem::take(&mut group.answers);
        for (reply, pending) in answers {
            let answer = self.answer(&group.entries, pending);
            // A client that went away finds its receipt by its key.
            let _ = reply.send(answer);
        }
    }

    /// Commits, shows, then completes the erasures of the group: they are answered only once their keys are destroyed.
    fn commit_and_show(&mut self, group: &mut Group) -> Result<(), String> {
        self.commit(group)?;
        (self.sink)(&group.entries);
        self.head.send_replace(self.reader.head());
        self.complete_erasures(&group.entries)
    }

    fn stop_at_once(&mut self, why: &str) {
        self.stopped = true;
        self.fault.send_replace(Some(why.to_owned()));
        tracing::error!(error = %why, "stopping: what is on disk is decided by the next start");
        (self.on_fatal)(why);
    }

    /// **The commit point.** Keys first, then one append; `Ok` means that everything in the group is on disk.
    ///
    /// A crash before `ensure` returns leaves orphan keys or none; between `ensure` and `append`, orphan keys; inside
    /// `append`, the whole group or nothing of it; after it, a committed group whose senders ask again with their keys.
    fn commit(&mut self, group: &mut Group) -> Result<(), String> {
        let mut salts = IdSource::new(random_seed().map_err(|e| e.to_string())?);
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let entries = &mut group.entries;
        let frames = unit::seal_group(self.log, entries, &mut self.chain, &mut keys, &mut salts)?;
        drop(keys);
        let expected = self.reader.head();
        let new = Head {
            next: self.chain.next(),
            entry_hash: self.chain.hash().0,
        };
        self.store()?
            .append(expected, &frames, new)
            .map_err(|error| match error {
                AppendError::Unknown(ref source) => format!("{error}: {source}"),
                other => other.to_string(),
            })
    }

    fn answer(&self, entries: &[Entry], pending: Pending) -> Result<Receipt, SubmitError> {
        match pending {
            Pending::No(error) => Err(error),
            Pending::Earlier(receipt) => Ok(receipt),
            Pending::Unit {
                first,
                last,
                outcome,
                replayed,
            } => {
                let (first, last) = (&entries[first], &entries[last]);
                Ok(Receipt {
                    first: first.header.position,
                    last: last.header.position,
                    entry_hash: last.hash,
                    recorded_at: last.header.recorded_at,
                    outcome,
                    replayed,
                })
            }
            Pending::There(position) => {
                let here = entries
                    .iter()
                    .find(|entry| entry.header.position == position);
                if let Some(entry) = here {
                    return Ok(nothing_new(position, Some(entry)));
                }
                let stored = self.reader.entry(position).ok().flatten();
                let frame = stored.and_then(|bytes| crate::walk::decode(position, &bytes).ok());
                let mut receipt = nothing_new(position, None);
                if let Some(frame) = frame {
                    receipt.entry_hash = frame.entry_hash;
                    receipt.recorded_at = frame.header.recorded_at;
                }
                Ok(receipt)
            }
        }
    }

    /// Destroys the keys of every committed erasure and drops the ciphertexts it names. Start-up runs the same function.
    ///
    /// A crash before the list of destroyed keys is synced: not erased, the next start does it. After it: the ring is purged
    /// when it is opened. Before the last `redact`: the next start drops the rest, which no key opens any more.
    pub(super) fn complete_erasures(&mut self, entries: &[Entry]) -> Result<(), String> {
        let destroyed: Vec<Erasure> = entries.iter().filter_map(|e| erasure(&e.event)).collect();
        if destroyed.is_empty() {
            return Ok(());
        }
        self.keys
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .destroy_all(&destroyed)
            .map_err(|e| format!("key ring: {e}"))?;
        for entry in entries {
            if let Event::ErasureRecorded(event) = &entry.event {
                for at in event.positions.iter() {
                    self.redact(*at, event)?;
                }
            }
        }
        Ok(())
    }

    /// Drops the ciphertexts under an erased key from one entry; every hash stays.
    fn redact(&mut self, at: Position, event: &ErasureRecorded) -> Result<(), String> {
        let Some(bytes) = self.reader.entry(at).map_err(|e| e.to_string())? else {
            return Ok(());
        };
        let frame = crate::walk::decode(at, &bytes).map_err(|e| e.to_string())?;
        let Some(frame) = redacted(&frame, event).map_err(|e| e.to_string())? else {
            return Ok(());
        };
        let replacement = frame.encode().map_err(|e| e.to_string())?;
        self.store()?
            .redact(at, &replacement)
            .map_err(|e| e.to_string())
    }
}

/// The keys that an event destroys; none for another event, and none for a leaf that no tree has.
fn erasure(event: &Event) -> Option<Erasure> {
    match event {
        Event::ErasureRecorded(event) => destroyed_by(event),
        _ => None,
    }
}

/// A retry inside the same group knows its entries only by position.
fn earlier(group: &Group, receipt: Receipt) -> Pending {
    let place = |position: Position| {
        group
            .entries
            .iter()
            .position(|e| e.header.position == position)
    };
    match (place(receipt.first), place(receipt.last)) {
        (Some(first), Some(last)) => Pending::Unit {
            first,
            last,
            outcome: receipt.outcome,
            replayed: true,
        },
        _ => Pending::Earlier(receipt),
    }
}
