//! Who a subject is.

use super::known_at;
use probity_api::{
    FormerNameView, IdentifierView, MatchField, MatchHow, MatchView, SubjectHit, SubjectView,
};
use probity_app::person::Person;
use probity_app::{Ledger, Screen};
use probity_log::WalkError;
use probity_project::{Hit, Moment, SubjectRow, Views, search};
use probity_types::identifiers::mask;

/// Other subjects of the same name.
pub fn namesakes(views: &Views, row: &SubjectRow, name: Option<&str>) -> u64 {
    let name = name.unwrap_or_default();
    let bearers = views
        .directory()
        .namesakes(views.tagger(), row.kind.is_person(), name);
    u64::from(bearers.saturating_sub(1))
}

/// Identifiers of an organisation, as known at a moment.
pub fn identifiers(row: &SubjectRow, moment: &Moment) -> Vec<IdentifierView> {
    let known = row
        .identifiers
        .iter()
        .filter(|held| moment.knows(held.position));
    let view = |held: &probity_project::directory::IdentifierRow| IdentifierView {
        kind: held.kind,
        value: held.value.clone(),
        is_verified: probity_types::identifiers::examine(held.kind, &held.value, moment.valid_on)
            .is_accepted(),
    };
    known.map(view).collect()
}

/// Identifiers of a person, masked: whoever asked by number knows it, and nobody else needs it.
pub fn masked(person: &Person) -> Vec<IdentifierView> {
    let view = |held: &probity_format::events::HeldIdentifier| IdentifierView {
        kind: held.kind,
        value: mask(held.kind, &held.value),
        is_verified: held.verified,
    };
    person.identifiers.iter().map(view).collect()
}

fn former_names(row: &SubjectRow, moment: &Moment) -> Vec<FormerNameView> {
    let current = row.name_at(moment);
    let known: Vec<_> = row
        .names
        .iter()
        .filter(|name| moment.knows(name.position))
        .collect();
    let pairs = known.windows(2).map(|pair| FormerNameView {
        name: pair[0].name.clone(),
        until: pair[1].since,
    });
    pairs
        .filter(|former| Some(former.name.as_str()) != current)
        .collect()
}

/// A person or organisation, as far as the screen shows it.
///
/// # Errors
/// [`WalkError`].
pub fn subject(
    ledger: &Ledger,
    screen: &Screen<'_>,
    (index, row): (u32, &SubjectRow),
    person: Option<&Person>,
    moment: &Moment,
) -> Result<SubjectView, WalkError> {
    let views = screen.views();
    let name = match person {
        Some(person) => person.name.clone(),
        None => row.name_at(moment).map(str::to_owned),
    };
    let registered = ledger.frame(row.registered_at)?;
    Ok(SubjectView {
        id: row.id,
        kind: row.kind,
        database: row.kind.database(),
        former_names: match person {
            Some(person) => person
                .former
                .iter()
                .map(|(name, until)| FormerNameView {
                    name: name.clone(),
                    until: Some(*until),
                })
                .collect(),
            None => former_names(row, moment),
        },
        identifiers: person.map_or_else(|| identifiers(row, moment), masked),
        region: row.region.to_string(),
        industry: row.industry.to_string(),
        namesakes: namesakes(views, row, name.as_deref()),
        name,
        is_erased: row.erased_at.is_some_and(|at| moment.knows(at)),
        revision: row.revision,
        registered_position: row.registered_at,
        registered_at: registered.map_or_else(Default::default, |frame| frame.header.recorded_at),
        lists: screen
            .listings(index, moment)
            .filter_map(|row| super::listing::listing(views, row, moment))
            .collect(),
        valid_on: moment.valid_on,
        known_at: known_at(moment),
        position: views.position().unwrap_or_default(),
    })
}

/// A subject that a search found.
pub fn hit(views: &Views, row: &SubjectRow, hit: &Hit, moment: &Moment) -> SubjectHit {
    let name = row.name_at(moment).map(str::to_owned);
    SubjectHit {
        id: row.id,
        kind: row.kind,
        database: row.kind.database(),
        identifiers: identifiers(row, moment),
        matched: MatchView {
            field: match hit.field {
                search::MatchField::Name => MatchField::Name,
                search::MatchField::FormerName => MatchField::FormerName,
                search::MatchField::Identifier => MatchField::Identifier,
            },
            value: hit.value.clone(),
            since: hit.since,
            how: match hit.how {
                search::MatchHow::Same => MatchHow::Same,
                search::MatchHow::SameCore => MatchHow::SameCore,
                search::MatchHow::Begins => MatchHow::Begins,
                search::MatchHow::Contains => MatchHow::Contains,
            },
        },
        namesakes: namesakes(views, row, name.as_deref()),
        name,
    }
}
