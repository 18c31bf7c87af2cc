//! Committing to the present state.

use super::{entry_at, row_key};
use crate::ledger::Ledger;
use probity_domain::Command;
use probity_domain::command::CommitState;
use probity_format::frame::ActorKind;
use probity_log::{Submission, SubmitError};
use probity_project::state_root::{STATE_VIEWS, StateError, state_roots};
use probity_rules::EVALUATOR_VERSION;
use probity_types::{Position, SubjectId};

/// A state that was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommittedState {
    /// The entry that commits to it.
    pub position: Position,
    /// The last entry that it has seen.
    pub as_of: Position,
    /// Subjects in it.
    pub subjects: u64,
}

/// Why no state was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitProblem {
    /// The writer said so: a state that was overtaken by an erasure is taken anew the next time.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The views do not give the rows.
    #[error(transparent)]
    State(#[from] StateError),
    /// The key ring lacks a key.
    #[error("the key ring holds no key of subject {0}")]
    KeyMissing(SubjectId),
}

impl Ledger {
    /// Commits to the present state where `every` entries came since the last committed one, or a day began.
    ///
    /// # Errors
    /// [`CommitProblem`].
    pub fn commit_state_if_due(&self, every: u64) -> Result<Option<CommittedState>, CommitProblem> {
        let (as_of, date) = {
            let views = self.views();
            (views.position(), views.day())
        };
        let Some(as_of) = as_of else { return Ok(None) };
        let last = self.log.inspect_blocking(|registry| {
            let last = registry.commitments().last();
            let first = (None, registry.first_day());
            last.map_or(first, |last| (Some(last.as_of), Some(last.date)))
        })?;
        let (seen, day) = (last.0.map_or(0, |at| at.next().0), last.1);
        let is_due =
            as_of.next().0.saturating_sub(seen) >= every || day.is_some_and(|day| day < date);
        if is_due {
            self.commit_state().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Commits to the present state. Rows are computed from a copy of the views; nobody waits for it.
    ///
    /// # Errors
    /// [`CommitProblem`].
    pub fn commit_state(&self) -> Result<CommittedState, CommitProblem> {
        let views = self.views().clone();
        let (as_of, date) = (views.position().unwrap_or(Position::NONE), views.day());
        let entry = |at| entry_at(&*self.reader, at);
        let keys = |subject: &SubjectId| row_key(self.ring(), subject);
        let rows = views.state_rows(as_of, date, &entry, &keys)?;
        let roots = state_roots(&rows);
        let Some(full_root) = roots.full_root else {
            let missing = rows.iter().find(|row| row.full.is_none());
            let subject = missing.map(|row| row.subject).unwrap_or_default();
            return Err(CommitProblem::KeyMissing(subject));
        };
        let command = Command::CommitState(Box::new(CommitState {
            as_of,
            date,
            views: STATE_VIEWS,
            evaluator: EVALUATOR_VERSION,
            subjects: roots.subjects,
            open_root: roots.open_root,
            full_root,
        }));
        let submission = Submission::internal(command, ActorKind::System);
        let receipt = self.log.submit_blocking(submission)?;
        Ok(CommittedState {
            position: receipt.first,
            as_of,
            subjects: roots.subjects,
        })
    }
}
