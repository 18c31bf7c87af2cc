//! Recomputing committed states while a walk moves views on: each one at the moment when it was the present.

use super::file::{RowsFile, differs_from};
use super::plan::{Listed, Plan};
use super::row_key;
use probity_domain::Registry;
use probity_format::Hash;
use probity_format::events::StateCommitted;
use probity_log::Keys;
use probity_project::state_root::{RowKey, STATE_VIEWS, StateError};
use probity_project::{StateRow, Views, state_roots};
use probity_rules::EVALUATOR_VERSION;
use probity_types::{CivilDate, Position, SubjectId};
use serde::Serialize;
use std::collections::BTreeSet;

/// How many committed states were recomputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StatesChecked {
    /// Recomputed, and equal to the root over open rows; where keys were at hand, to that over full rows too.
    pub checked: u64,
    /// Committed by another version of rows or rules: neither equal nor different.
    pub not_comparable: u64,
    /// Subjects in them of whom something was erased: their rows are the constant, or those that an erasure lists.
    pub erased_subjects: u64,
}

/// A committed state that does not follow from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFault {
    /// The entry that commits to it.
    pub position: Position,
    /// Field of the entry, or `rows` of an erasure.
    pub field: &'static str,
    /// As recomputed.
    pub expected: String,
    /// As committed.
    pub found: String,
    /// The subject concerned: the first that differs where that can be told; otherwise, of those whose rows nobody can
    /// compute any more, the first.
    pub subject: Option<SubjectId>,
    /// Subjects whose row is the one that an erasure lists: where a full root differs, it may be any of them.
    pub listed: u64,
}

impl std::fmt::Display for StateFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            position,
            field,
            expected,
            found,
            ..
        } = self;
        write!(
            f,
            "position {position}: field {field}: expected {expected} (recomputed), found {found}"
        )?;
        match (self.subject, self.listed) {
            (Some(subject), 0 | 1) => write!(f, "; subject {subject}"),
            (Some(subject), listed) => write!(
                f,
                "; {listed} rows are those that erasures list, first of subject {subject}: a file of rows tells which one differs"
            ),
            (None, _) => Ok(()),
        }
    }
}

/// See the module.
pub(crate) struct StateCheck {
    plan: Plan,
    keys: Option<Keys>,
    known: Option<RowsFile>,
    /// The next commitment of the plan.
    next: usize,
    erased: BTreeSet<SubjectId>,
    counts: StatesChecked,
    fault: Option<StateFault>,
}

/// Rows of a state with what was listed of them.
struct Taken {
    rows: Vec<StateRow>,
    /// Subjects whose row is one that an erasure lists.
    listed: Vec<SubjectId>,
    /// The first subject without a row.
    missing: Option<SubjectId>,
}

/// Rows of the present of these views, as far as keys and erasures give them.
pub(crate) fn present_rows(
    views: &Views,
    (as_of, date): (Position, CivilDate),
    plan: &Plan,
    commitment: Option<Position>,
    keys: Option<&Keys>,
) -> Result<Vec<StateRow>, StateError> {
    take(views, (as_of, date), plan, commitment, keys).map(|taken| taken.rows)
}

fn take(
    views: &Views,
    (as_of, date): (Position, CivilDate),
    plan: &Plan,
    commitment: Option<Position>,
    keys: Option<&Keys>,
) -> Result<Taken, StateError> {
    let key = |subject: &SubjectId| match (keys, plan.listed(subject, as_of, commitment)) {
        (Some(_), Listed::Erased) => RowKey::Erased,
        (Some(keys), Listed::Computed) => match row_key(keys, subject) {
            // A key that was destroyed by an erasure which this log does not have yet: the ring is newer.
            RowKey::Erased => RowKey::Missing,
            key => key,
        },
        (Some(_), Listed::Row(_) | Listed::Missing) | (None, _) => RowKey::Missing,
    };
    let mut rows = views.state_rows(as_of, date, &|_| None, &key)?;
    let (mut listed, mut missing) = (Vec::new(), None);
    for row in rows.iter_mut().filter(|_| keys.is_some()) {
        match plan.listed(&row.subject, as_of, commitment) {
            Listed::Row(hash) => {
                row.full = Some(hash);
                listed.push(row.subject);
            }
            Listed::Missing => row.full = None,
            Listed::Computed | Listed::Erased => {}
        }
        if row.full.is_none() {
            missing = missing.or(Some(row.subject));
        }
    }
    Ok(Taken {
        rows,
        listed,
        missing,
    })
}

impl StateCheck {
    /// Begins a check; `keys` of the ring where full rows are to be checked as well, `known` rows to compare with.
    pub(crate) fn new(plan: Plan, keys: Option<Keys>, known: Option<RowsFile>) -> Self {
        Self {
            plan,
            keys,
            known,
            next: 0,
            erased: BTreeSet::new(),
            counts: StatesChecked::default(),
            fault: None,
        }
    }

    /// Looks at views and decision state that have just moved on to an entry.
    pub(crate) fn after(&mut self, views: &Views, registry: &Registry, at: Position) {
        if self.fault.is_some() {
            return;
        }
        if let Some(known) = self.known.take_if(|known| known.head.as_of == at) {
            self.fault = self.compare(views, at, &known);
        }
        while let Some((position, state)) = self.plan.states().get(self.next).cloned() {
            if state.as_of > at || self.fault.is_some() {
                return;
            }
            self.next += 1;
            self.fault = self.check(views, registry, at, (position, &state));
        }
    }

    /// What was checked, or the first fault.
    pub(crate) fn finish(self) -> Result<StatesChecked, StateFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if let Some((position, state)) = self.plan.states().get(self.next) {
            let found = state.as_of.to_string();
            let expected = format!("below {position}");
            return Err(fault(*position, "as_of", expected, found));
        }
        Ok(StatesChecked {
            erased_subjects: self.erased.len() as u64,
            ..self.counts
        })
    }

    fn check(
        &mut self,
        views: &Views,
        registry: &Registry,
        at: Position,
        (position, state): (Position, &StateCommitted),
    ) -> Option<StateFault> {
        let differs = |field, expected: String, found: String| {
            (expected != found).then(|| fault(position, field, expected, found))
        };
        if state.as_of != at || state.as_of >= position {
            let expected = format!("above that of the state before, below {position}");
            return Some(fault(position, "as_of", expected, state.as_of.to_string()));
        }
        if (state.views, state.evaluator) != (STATE_VIEWS, EVALUATOR_VERSION) {
            self.counts.not_comparable += 1;
            return None;
        }
        let day = registry.day_at(at).unwrap_or(CivilDate::MIN);
        let packs = registry.packs_in_force(at, state.date);
        let found = differs("date", day.to_string(), state.date.to_string())
            .or_else(|| differs("packs", packs.to_string(), state.packs.to_string()));
        if found.is_some() {
            return found;
        }
        let keys = self.keys.as_ref();
        let taken = match take(views, (at, state.date), &self.plan, Some(position), keys) {
            Ok(taken) => taken,
            Err(error) => return Some(fault(position, "as_of", error.to_string(), at.to_string())),
        };
        let roots = state_roots(&taken.rows);
        let subjects = (roots.subjects.to_string(), state.subjects.to_string());
        let open = (roots.open_root.to_string(), state.open_root.to_string());
        let found = differs("subjects", subjects.0, subjects.1)
            .or_else(|| differs("open_root", open.0, open.1))
            .or_else(|| self.check_full(&taken, roots.full_root, (position, state)));
        let erased = taken.rows.iter().map(|row| row.subject);
        self.erased
            .extend(erased.filter(|subject| self.plan.is_erased(subject)));
        self.counts.checked += 1;
        found
    }

    fn check_full(
        &self,
        taken: &Taken,
        full: Option<Hash>,
        (position, state): (Position, &StateCommitted),
    ) -> Option<StateFault> {
        self.keys.as_ref()?;
        let found = state.full_root.to_string();
        let Some(full) = full else {
            let subject = taken.missing;
            let field = match subject {
                Some(subject) if self.plan.is_erased(&subject) => "rows",
                _ => "key",
            };
            let fault = fault(
                position,
                field,
                "a row of the subject".to_owned(),
                "none".to_owned(),
            );
            return Some(StateFault { subject, ..fault });
        };
        (full != state.full_root).then(|| StateFault {
            subject: taken.listed.first().copied(),
            listed: taken.listed.len() as u64,
            ..fault(position, "full_root", full.to_string(), found)
        })
    }

    /// Compares with rows that somebody kept: the one way to tell which subject it is.
    fn compare(&self, views: &Views, at: Position, known: &RowsFile) -> Option<StateFault> {
        let commitment = self.plan.state_at(at).map(|(position, _)| *position);
        let moment = (at, known.head.date);
        let taken = take(views, moment, &self.plan, commitment, self.keys.as_ref());
        let rows = taken.map(|taken| taken.rows).unwrap_or_default();
        let difference = differs_from(&rows, &known.rows)?;
        let position = commitment.unwrap_or(at);
        let (expected, found) = (difference.first, difference.second);
        Some(StateFault {
            subject: Some(difference.subject),
            ..fault(position, difference.field, expected, found)
        })
    }
}

fn fault(position: Position, field: &'static str, expected: String, found: String) -> StateFault {
    StateFault {
        position,
        field,
        expected,
        found,
        subject: None,
        listed: 0,
    }
}
