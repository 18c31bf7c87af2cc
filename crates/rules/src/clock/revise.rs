//! What a revised calendar does to terms that run: both results, so that both sides can be told.

use super::{Clock, ClockRule, DueDate, TermError, TermLength, due};
use crate::calendar::Calendars;
use probity_types::CivilDate;
use serde::Serialize;

/// A due date before and after calendars changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revised {
    /// As computed from what was known before: right when it was computed.
    pub before: DueDate,
    /// As computed from what is known now.
    pub after: DueDate,
}

impl Revised {
    /// The two results, where they differ in the last day or in what is still open.
    pub fn of(before: DueDate, after: DueDate) -> Option<Self> {
        let differs =
            before.last_day != after.last_day || before.is_provisional() != after.is_provisional();
        differs.then_some(Self { before, after })
    }

    /// Whether the last day is another one; where it is not, a provisional date became final or the reverse.
    pub fn moves(&self) -> bool {
        self.before.last_day != self.after.last_day
    }
}

/// A term that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningTerm<K> {
    /// What it belongs to, in the caller's terms.
    pub key: K,
    /// The clock, where it follows one.
    pub rule: Option<ClockRule>,
    /// Its length.
    pub term: TermLength,
    /// The day that started it.
    pub trigger: CivilDate,
}

impl<K> RunningTerm<K> {
    fn due(&self, calendars: &Calendars<'_>) -> Result<DueDate, TermError> {
        let mut due = due(&self.term, self.trigger, calendars)?;
        due.explanation.rule = self.rule.clone();
        Ok(due)
    }
}

impl Clock {
    /// A term of this clock that began on `trigger`.
    ///
    /// # Errors
    /// [`TermError::NotInForce`].
    pub fn running<K>(&self, key: K, trigger: CivilDate) -> Result<RunningTerm<K>, TermError> {
        self.check_in_force(trigger)?;
        Ok(RunningTerm {
            key,
            rule: Some(self.rule()),
            term: self.term.clone(),
            trigger,
        })
    }
}

/// The terms whose due date is another one by the calendars `after` than by those `before`, in the order given.
///
/// # Errors
/// As [`due`] for the first term that cannot be computed.
pub fn revised<K>(
    terms: impl IntoIterator<Item = RunningTerm<K>>,
    before: &Calendars<'_>,
    after: &Calendars<'_>,
) -> Result<Vec<(K, Revised)>, TermError> {
    let mut changed = Vec::new();
    for term in terms {
        let revised = Revised::of(term.due(before)?, term.due(after)?);
        changed.extend(revised.map(|revised| (term.key, revised)));
    }
    Ok(changed)
}
