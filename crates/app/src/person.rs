//! Who a person is: read from the log when a disclosure is on record, held in no view.

use crate::ledger::Ledger;
use probity_format::events::{Event, HeldIdentifier};
use probity_log::WalkError;
use probity_project::{Moment, SubjectRow};
use probity_types::CivilDate;

/// A person's identity at a moment.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Name on the day; none where it was erased.
    pub name: Option<String>,
    /// Names borne before, each with the first day on which it no longer was.
    pub former: Vec<(String, CivilDate)>,
    /// Identifiers.
    pub identifiers: Vec<HeldIdentifier>,
    /// Birth date, as registered or as an identity number says it.
    pub birth_date: Option<CivilDate>,
}

/// Shows nothing: all of it is personal.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

impl Ledger {
    /// Who a person is at a moment. Call it only for somebody whose disclosure is on record.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn person(&self, row: &SubjectRow, moment: &Moment) -> Result<Person, WalkError> {
        let mut person = Person::default();
        for position in row.identity_at().iter().filter(|at| moment.knows(**at)) {
            let Some(entry) = self.entry(*position)? else {
                continue;
            };
            if let Some(identity) = entry.identity() {
                person.name = Some(identity.name.to_string());
                person.identifiers = identity.identifiers.iter().cloned().collect();
                person.birth_date = identity.birth_date;
            }
            person.identifiers.extend(entry.identifier().cloned());
            if let (Event::SubjectRenamed(event), Some(name)) = (&entry.event, entry.new_name())
                && event.effective_on <= moment.valid_on
                && let Some(before) = person.name.replace(name.to_owned())
            {
                person.former.push((before, event.effective_on));
            }
        }
        if person.birth_date.is_none() {
            let numbers = person.identifiers.iter();
            let mut stated = numbers.filter_map(|held| {
                probity_domain::subject::stated_birth_date(held.kind, &held.value, moment.valid_on)
            });
            person.birth_date = stated.next();
        }
        Ok(person)
    }
}
