//! Erasing: keys are destroyed, ciphertexts dropped, and nothing finds or shows what they held. The decision stands in the
//! log for ever, and every hash stays as it was.
//!
//! The writer does it in one go: decide (which entries, as they stand in that moment), commit the event, forget in decision
//! state and views, destroy the keys, drop the ciphertexts, answer. A crash before the commit leaves everything as it was;
//! after it, the next start completes what is left.

use crate::ledger::Ledger;
use crate::state::{TRIES_MAX, ToList, is_outdated};
use crate::write::{Caller, WriteError};
use probity_domain::command::{EarlierRows, Erasable};
use probity_domain::{Command, Refusal};
use probity_format::events::Event;
use probity_format::frame::ActorKind;
use probity_log::{Receipt, Submission, SubmitError};
use probity_types::{PendingId, Position, RecordId, RootId, SubjectId};

/// What is to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureTarget {
    /// A natural person, with everything sealed about them.
    Person(SubjectId),
    /// The sealed content of one record, corrections and named persons included.
    Record(RecordId),
    /// A waiting report about a person.
    Pending(PendingId),
    /// A file that was handed in, by the root that seals it.
    File(RootId),
    /// One sealed part of one entry, counted from 1 as in the part table.
    Part {
        /// The entry.
        position: Position,
        /// The part.
        part: u8,
    },
}

/// A decision to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureOrder {
    /// What.
    pub target: ErasureTarget,
    /// Who decided.
    pub authority: String,
    /// Basis.
    pub legal_basis: String,
}

/// A completed erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Of the decision: the same when it is asked for again.
    pub receipt: Receipt,
    /// Entries with a part that is gone.
    pub entries: u64,
}

impl Ledger {
    /// Erases for a caller. When this returns, the keys are destroyed and the ciphertexts dropped.
    ///
    /// # Errors
    /// [`WriteError`]: refused, or, where the outcome is not known, completed by the next start if it was committed.
    pub async fn erase(&self, caller: &Caller, order: ErasureOrder) -> Result<Erased, WriteError> {
        let (command, what) = self.erase_command(order)?;
        let envelope = self.envelope(caller);
        for _ in 0..TRIES_MAX {
            let list = self.log.inspect(move |state| ToList::of(state, &what));
            let command = self.with_rows(&command, list.await?)?;
            match self.log.submit(Submission { command, envelope }).await {
                Err(error) if is_outdated(&error) => {}
                decided => return self.erased(decided?),
            }
        }
        Err(SubmitError::Busy.into())
    }

    /// The same at the machine's own command line.
    ///
    /// # Errors
    /// As [`Ledger::erase`].
    pub fn erase_at_console(&self, order: ErasureOrder) -> Result<Erased, WriteError> {
        self.erase_as(ActorKind::Operator, order)
    }

    /// The same in the name of the program or of the operator.
    pub(crate) fn erase_as(
        &self,
        actor: ActorKind,
        order: ErasureOrder,
    ) -> Result<Erased, WriteError> {
        let (command, what) = self.erase_command(order)?;
        for _ in 0..TRIES_MAX {
            let list = self
                .log
                .inspect_blocking(move |state| ToList::of(state, &what));
            let command = self.with_rows(&command, list?)?;
            let submission = Submission::internal(command, actor);
            match self.log.submit_blocking(submission) {
                Err(error) if is_outdated(&error) => {}
                decided => return self.erased(decided?),
            }
        }
        Err(SubmitError::Busy.into())
    }

    /// The command without the rows that it has to list, and what it destroys.
    fn erase_command(&self, order: ErasureOrder) -> Result<(Command, Erasable), WriteError> {
        let ErasureOrder {
            target,
            authority,
            legal_basis,
        } = order;
        let what = match target {
            ErasureTarget::Person(subject) => Erasable::Root(RootId(subject.0)),
            ErasureTarget::Pending(pending) => Erasable::Root(RootId(pending.0)),
            ErasureTarget::File(root) => Erasable::Root(root),
            ErasureTarget::Record(record) => Erasable::Record(record),
            ErasureTarget::Part { position, part } => self.part(position, part)?,
        };
        let command = Command::Erase {
            what,
            authority,
            legal_basis,
            rows: EarlierRows::default(),
        };
        Ok((command, what))
    }

    fn part(&self, position: Position, part: u8) -> Result<Erasable, WriteError> {
        let entry = self.entry(position)?;
        let sealed = entry.as_ref().and_then(|entry| {
            let place = usize::from(part).checked_sub(1)?;
            entry.parts.get(place)
        });
        let sealed = sealed.ok_or_else(|| {
            SubmitError::Refused(Refusal::NotFound {
                what: "sealed part",
                id: format!("{position}/{part}"),
            })
        })?;
        Ok(Erasable::Part {
            root: sealed.key.root,
            index: sealed.key.index,
        })
    }

    fn erased(&self, receipt: Receipt) -> Result<Erased, WriteError> {
        let mut entries = 0;
        for position in (receipt.first.0..=receipt.last.0).map(Position) {
            if let Some(entry) = self.entry(position)?
                && let Event::ErasureRecorded(event) = &entry.event
            {
                entries += event.positions.len() as u64;
            }
        }
        Ok(Erased { receipt, entries })
    }
}
