//! Persons by name and birth date: candidates for somebody with a purpose on record, never an answer by themselves.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::{clearance, disclose, withheld};
use crate::show;
use probity_api::{ProblemType, Resolution, Scope, SubjectHit, SubjectsView};
use probity_project::{Hit, MatchField, Moment, directory, search};
use probity_types::{CivilDate, SubjectId};
use std::collections::BTreeSet;

/// Bearers of a name that are looked at; of a name with more, birth dates tell nobody apart.
const BEARERS_MAX: usize = 200;

/// Who bears a name, as many as are looked at and one more.
fn bearers(call: &Call, name: &str) -> BTreeSet<SubjectId> {
    let views = call.service.ledger.views();
    let (tagger, rows) = (views.tagger(), views.directory().rows());
    let persons = rows.iter().filter(|row| row.kind.is_person());
    let bearing = persons.filter(|row| directory::bears_name(tagger, row, name));
    bearing.map(|row| row.id).take(BEARERS_MAX + 1).collect()
}

/// Persons of this name and birth date. Every bearer of the name is disclosed to the asker before a birth date is read.
pub async fn find_persons(
    call: &Call,
    (name, born): (&str, CivilDate),
    moment: &Moment,
) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let Some((purpose, basis)) = clearance(call, Scope::PersonsRead)? else {
        return Err(match &call.principal {
            None => Trouble::of(ProblemType::Unauthorized),
            Some(_) => withheld(call, Scope::PersonsRead),
        });
    };
    let bearers = bearers(call, name);
    let is_common = bearers.len() > BEARERS_MAX;
    let mut items = Vec::new();
    if !bearers.is_empty() && !is_common {
        disclose(call, (purpose, &basis), bearers.clone()).await?;
        for id in bearers {
            items.extend(candidate(call, id, born, moment)?);
        }
    }
    let resolution = match items.len() {
        _ if is_common => Resolution::Unresolved,
        0 => Resolution::NotFound,
        1 => Resolution::OneCandidate,
        _ => Resolution::Unresolved,
    };
    Ok(Answer::of(&SubjectsView {
        items,
        resolution: Some(resolution),
        next: None,
        position: ledger.views().position().unwrap_or_default(),
    }))
}

fn candidate(
    call: &Call,
    id: SubjectId,
    born: CivilDate,
    moment: &Moment,
) -> Result<Option<SubjectHit>, Trouble> {
    let ledger = &call.service.ledger;
    let views = ledger.views();
    let (Some(row), Some(subject)) = (views.directory().get(&id), views.directory().index(&id))
    else {
        return Ok(None);
    };
    let person = ledger.person(row, moment)?;
    if person.birth_date != Some(born) {
        return Ok(None);
    }
    let hit = Hit {
        subject,
        field: MatchField::Name,
        how: search::MatchHow::Same,
        value: person.name.clone().unwrap_or_default(),
        since: row.registered_at,
    };
    let mut item = show::subject::hit(&views, row, &hit, moment);
    item.namesakes = show::subject::namesakes(&views, row, person.name.as_deref());
    item.name = person.name;
    Ok(Some(item))
}
