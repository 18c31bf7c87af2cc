//! The rows that an erasure lists: of every subject concerned, its full row at each committed state that saw it, taken while
//! the keys are still there.

use super::{entry_at, row_key};
use crate::ledger::Ledger;
use crate::write::WriteError;
use probity_domain::command::{Command, EarlierRows, Erasable};
use probity_domain::committed::Commitment;
use probity_domain::erasure::concerned;
use probity_domain::{Refusal, Registry};
use probity_format::Hash;
use probity_log::SubmitError;
use probity_types::{Position, SubjectId};
use std::collections::BTreeMap;

/// How often an erasure is tried again because a state was committed between taking its rows and deciding it.
pub(crate) const TRIES_MAX: u32 = 8;

/// States to list, by subject, and the last one of all.
pub(crate) struct ToList {
    through: Option<Position>,
    subjects: BTreeMap<SubjectId, Vec<Commitment>>,
}

impl ToList {
    /// What the decision will ask for. Where it will refuse, or was made before, there is nothing to list.
    pub(crate) fn of(registry: &Registry, what: &Erasable) -> Self {
        let list = |subject: SubjectId| {
            let states = registry.commitments_to_list(&subject);
            (subject, states.to_vec())
        };
        let subjects = concerned(registry, what).unwrap_or_default();
        Self {
            through: registry.commitments().last().map(|last| last.position),
            subjects: subjects.into_iter().map(list).collect(),
        }
    }
}

/// Whether a refusal says that the rows have to be taken again.
pub(crate) fn is_outdated(error: &SubmitError) -> bool {
    matches!(error, SubmitError::Refused(Refusal::RowsMissing { .. }))
}

impl Ledger {
    /// The same command with the rows that have to be listed.
    pub(crate) fn with_rows(&self, command: &Command, list: ToList) -> Result<Command, WriteError> {
        let mut command = command.clone();
        if let Command::Erase { rows, .. } = &mut command {
            *rows = self.earlier_rows(list)?;
        }
        Ok(command)
    }

    fn earlier_rows(&self, list: ToList) -> Result<EarlierRows, WriteError> {
        let views = self.views().clone();
        let entry = |at| entry_at(&*self.reader, at);
        let keys = |subject: &SubjectId| row_key(self.ring(), subject);
        let mut rows = EarlierRows {
            through: list.through,
            ..EarlierRows::default()
        };
        for (subject, states) in list.subjects {
            let mut listed: Vec<(Position, Hash)> = Vec::new();
            for state in states {
                let moment = (state.as_of, state.date);
                let row = views.state_row(&subject, moment, &entry, &keys);
                let row = row.map_err(WriteError::State)?;
                let full = row.and_then(|row| row.full);
                let full = full.ok_or(WriteError::RowKey(subject))?;
                if listed.last().is_none_or(|(_, before)| *before != full) {
                    listed.push((state.position, full));
                }
            }
            rows.rows.insert(subject, listed);
        }
        Ok(rows)
    }
}
