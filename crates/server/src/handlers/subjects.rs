//! Subjects: found, read, and how they stand.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::persons::find_persons;
use crate::moment::{Asked, Page, clearance, disclose, moment, page, reach, sight};
use crate::show;
use probity_api::cursor::CursorList;
use probity_api::{
    AsOfPageQuery, AsOfQuery, Bilingual, Cursor, MatchField, MatchHow, MatchView,
    PractitionerLookupRequest, PractitionerView, ProblemType, RecordsQuery, RecordsView,
    SEARCH_CHARS_MAX, Scope, SearchFor, SubjectHit, SubjectSearchRequest, SubjectsQuery,
    SubjectsView, TimelineView,
};
use probity_app::person::Person;
use probity_app::{Ledger, Sight};
use probity_format::events::Event;
use probity_project::{Hit, Moment, directory};
use probity_types::identifiers::normalise;
use probity_types::{CivilDate, IdentifierKind, Position, SubjectId};
use std::collections::BTreeSet;

fn not_found() -> Trouble {
    Trouble::of(ProblemType::NotFound)
}

fn check_length(text: &str) -> Result<(), Trouble> {
    let found = text.chars().count();
    if (1..=SEARCH_CHARS_MAX).contains(&found) {
        return Ok(());
    }
    let en = format!("a search text has 1 to {SEARCH_CHARS_MAX} characters");
    let zh = format!("查询内容为 1 至 {SEARCH_CHARS_MAX} 个字符");
    Err(Trouble::saying(ProblemType::InvalidQuery, en, zh))
}

/// One page of what a question finds among organisations.
fn found(ledger: &Ledger, question: &str, page: Page, moment: &Moment) -> SubjectsView {
    let views = ledger.views();
    let screen = ledger.screen(&views, Sight::Public);
    let row = |hit: &Hit| {
        views
            .directory()
            .row(hit.subject)
            .filter(|row| screen.shows(row))
    };
    let hits = views.search(question);
    let known = hits
        .iter()
        .filter(|hit| moment.knows(hit.since) && row(hit).is_some())
        .collect::<Vec<_>>();
    let items = known
        .iter()
        .skip(page.offset)
        .take(page.items)
        .filter_map(|hit| Some(show::subject::hit(&views, row(hit)?, hit, moment)));
    SubjectsView {
        items: items.collect(),
        resolution: None,
        next: page.next(CursorList::Subjects, moment, known.len()),
        position: views.position().unwrap_or_default(),
    }
}

/// Organisations by name or code.
pub async fn list_subjects(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let query: SubjectsQuery = call.query()?;
    check_length(query.q.trim())?;
    let mut asked = Asked {
        min_position: query.min_position,
        ..Asked::default()
    };
    let page = page(CursorList::Subjects, query.cursor, query.limit, &mut asked)?;
    let moment = moment(ledger, asked).await?;
    Ok(Answer::of(&found(ledger, query.q.trim(), page, &moment)))
}

/// Subjects by identifier or name, asked for in the body. By identifier also persons, for a recipient whose purpose is
/// on record; a name alone never finds a person.
pub async fn search_subjects(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let request: SubjectSearchRequest = call.json()?;
    let mut asked = Asked::default();
    let page = page(
        CursorList::Subjects,
        request.cursor,
        request.limit,
        &mut asked,
    )?;
    let moment = moment(ledger, asked).await?;
    let identifier = match request.term().map_err(Call::invalid)? {
        SearchFor::Name(name) => {
            check_length(name.trim())?;
            return Ok(Answer::of(&found(ledger, name.trim(), page, &moment)));
        }
        SearchFor::Person(name, born) => {
            check_length(name.trim())?;
            return find_persons(&call, (name.trim(), born), &moment).await;
        }
        SearchFor::Identifier(identifier) => identifier,
    };
    let cleared = clearance(&call, Scope::PersonsRead)?;
    if identifier.kind.is_personal() && cleared.is_none() {
        // The same whether the person is in the register or not.
        let scope = Scope::PersonsRead;
        return Err(match &call.principal {
            None => Trouble::of(ProblemType::Unauthorized),
            Some(_) => crate::moment::withheld(&call, scope),
        });
    }
    let value = normalise(&identifier.value);
    let holder = {
        let views = ledger.views();
        let found = views
            .directory()
            .by_identifier(views.tagger(), identifier.kind, &value);
        found.map(|row| (row.id, row.kind.is_person()))
    };
    let subject = match (holder, &cleared) {
        (Some((id, false)), _) => Some(id),
        (Some((id, true)), Some((purpose, basis))) => {
            disclose(&call, (*purpose, basis), BTreeSet::from([id])).await?;
            Some(id)
        }
        // Without clearance the answer is the same whether the person is in the register or not.
        (Some((_, true)), None) | (None, _) => None,
    };
    let items = match subject {
        Some(id) => vec![by_identifier(ledger, id, identifier.kind, &value, &moment)?],
        None => Vec::new(),
    };
    Ok(Answer::of(&SubjectsView {
        items,
        resolution: None,
        next: None,
        position: ledger.views().position().unwrap_or_default(),
    }))
}

fn by_identifier(
    ledger: &Ledger,
    id: SubjectId,
    kind: IdentifierKind,
    value: &str,
    moment: &Moment,
) -> Result<SubjectHit, Trouble> {
    let views = ledger.views();
    let row = views.directory().get(&id).ok_or_else(not_found)?;
    let held = row.identifiers.iter().find(|held| held.value == value);
    let hit = Hit {
        subject: views.directory().index(&id).ok_or_else(not_found)?,
        field: probity_project::MatchField::Identifier,
        how: probity_project::search::MatchHow::Same,
        value: value.to_owned(),
        since: held.map_or(row.registered_at, |held| held.position),
    };
    let mut item = show::subject::hit(&views, row, &hit, moment);
    if row.kind.is_person() {
        let person = ledger.person(row, moment)?;
        item.namesakes = show::subject::namesakes(&views, row, person.name.as_deref());
        item.name = person.name;
        item.matched = MatchView {
            field: MatchField::Identifier,
            value: probity_types::identifiers::mask(kind, value),
            since: hit.since,
            how: MatchHow::Same,
        };
    }
    Ok(item)
}

/// The certificate that belongs to a name and a number, and nothing else about its holder.
pub fn certificate(
    ledger: &Ledger,
    name: &str,
    number: &str,
    moment: &Moment,
) -> Result<Option<probity_format::events::CertificateRecorded>, Trouble> {
    let position = {
        let views = ledger.views();
        let tagger = views.tagger();
        let number = normalise(number);
        let holder = views
            .directory()
            .by_certificate(tagger, &number)
            .find(|row| directory::bears_name(tagger, row, name));
        holder.and_then(|row| {
            let tag = directory::certificate_tag(tagger, &number);
            let mut held = row.certificates.iter().rev();
            held.find(|held| held.number == Some(tag) && moment.knows(held.position))
                .map(|held| held.position)
        })
    };
    let Some(position) = position else {
        return Ok(None);
    };
    Ok(match ledger.entry(position)?.map(|entry| entry.event) {
        Some(Event::CertificateRecorded(event)) => Some(event),
        _ => None,
    })
}

/// Whether name and certificate number belong together.
pub async fn lookup_practitioner(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let request: PractitionerLookupRequest = call.json()?;
    let terms = [request.name.trim(), &normalise(&request.certificate_no)];
    let now_us = ledger.clock.monotonic_us();
    let admitted = call.service.limits.terms.admit(&terms, now_us);
    admitted.map_err(|seconds| Trouble::later(u32::try_from(seconds).unwrap_or(u32::MAX)))?;
    let moment = moment(ledger, Asked::default()).await?;
    let found = certificate(ledger, &request.name, &request.certificate_no, &moment)?;
    let summary = match &found {
        Some(_) => Bilingual::new(
            "姓名与证书编号相符",
            "name and certificate number belong together",
        ),
        None => Bilingual::new(
            "未查到姓名与证书编号相符的证书，请核对后重试",
            "no certificate was found with this name and number; check both and try again",
        ),
    };
    let text =
        |of: fn(&probity_format::events::CertificateRecorded) -> String| found.as_ref().map(of);
    Ok(Answer::of(&PractitionerView {
        is_confirmed: found.is_some(),
        title: text(|event| event.title.to_string()),
        group: text(|event| event.group.to_string()),
        issuer: text(|event| event.issuer.to_string()),
        issued_on: found.as_ref().map(|event| event.issued_on),
        valid_to: found.as_ref().and_then(|event| event.valid_to),
        summary,
        valid_on: moment.valid_on,
        known_at: show::known_at(&moment),
        position: ledger.views().position().unwrap_or_default(),
    }))
}

/// Who a person is, where the answer is for a recipient; nothing for organisations, whose names stand in the views.
fn person(
    ledger: &Ledger,
    id: &SubjectId,
    sight: Sight,
    moment: &Moment,
) -> Result<Option<Person>, Trouble> {
    let row = ledger.views().directory().get(id).cloned();
    match row {
        Some(row) if row.kind.is_person() && sight == Sight::Disclosed => {
            Ok(Some(ledger.person(&row, moment)?))
        }
        _ => Ok(None),
    }
}

/// A person or organisation.
pub async fn read_subject(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: SubjectId = call.parameter("id")?;
    let moment = moment(ledger, Asked::from(call.query::<AsOfQuery>()?)).await?;
    let sight = sight(&call, id).await?;
    let person = person(ledger, &id, sight, &moment)?;
    let views = ledger.views();
    let screen = ledger.screen(&views, sight);
    let index = views.directory().index(&id).ok_or_else(not_found)?;
    let row = views.directory().row(index).ok_or_else(not_found)?;
    let view = show::subject::subject(ledger, &screen, (index, row), person.as_ref(), &moment)?;
    Ok(Answer::of(&view).revision(row.revision))
}

/// How a subject stands.
pub async fn read_status(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: SubjectId = call.parameter("id")?;
    let moment = moment(ledger, Asked::from(call.query::<AsOfQuery>()?)).await?;
    let sight = sight(&call, id).await?;
    status(ledger, &id, sight, &moment)
}

/// How an organisation stands, by credit code.
pub async fn read_organisation_status(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let moment = moment(ledger, Asked::from(call.query::<AsOfQuery>()?)).await?;
    let code = normalise(call.text("credit_code"));
    let id = {
        let views = ledger.views();
        let found = views
            .directory()
            .by_identifier(views.tagger(), IdentifierKind::Uscc, &code);
        let screen = ledger.screen(&views, Sight::Public);
        found.filter(|row| screen.shows(row)).map(|row| row.id)
    };
    status(ledger, &id.ok_or_else(not_found)?, Sight::Public, &moment)
}

fn status(
    ledger: &Ledger,
    id: &SubjectId,
    sight: Sight,
    moment: &Moment,
) -> Result<Answer, Trouble> {
    let person = person(ledger, id, sight, moment)?;
    let views = ledger.views();
    let screen = ledger.screen(&views, sight);
    let index = views.directory().index(id).ok_or_else(not_found)?;
    let row = views.directory().row(index).ok_or_else(not_found)?;
    let name = match person {
        Some(person) => person.name,
        None => row.name_at(moment).map(str::to_owned),
    };
    Ok(Answer::of(&show::status::status(
        &screen, index, row, name, moment,
    )))
}

/// A subject's records, newest decision first.
pub async fn list_records(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: SubjectId = call.parameter("id")?;
    let query: RecordsQuery = call.query()?;
    let mut asked = Asked::from(&query);
    let page = page(CursorList::Records, query.cursor, query.limit, &mut asked)?;
    let moment = moment(ledger, asked).await?;
    let sight = sight(&call, id).await?;
    let views = ledger.views();
    let screen = ledger.screen(&views, sight);
    let index = views.directory().index(&id).ok_or_else(not_found)?;
    let mut rows: Vec<(CivilDate, Position, _)> = screen
        .records(index, &moment)
        .filter(|row| query.category.is_none_or(|wanted| row.category == wanted))
        .filter_map(|row| {
            let version = row.version_at(&moment)?;
            let recorded = row.versions.first()?.position;
            Some((version.decided_on, recorded, row))
        })
        .collect();
    rows.sort_by_key(|(decided_on, recorded, _)| std::cmp::Reverse((*decided_on, *recorded)));
    let items = rows
        .iter()
        .skip(page.offset)
        .take(page.items)
        .filter_map(|(_, _, row)| show::record::summary(&views, row, &moment));
    Ok(Answer::of(&RecordsView {
        items: items.collect(),
        next: page.next(CursorList::Records, &moment, rows.len()),
        valid_on: moment.valid_on,
        known_at: show::known_at(&moment),
        position: views.position().unwrap_or_default(),
    }))
}

/// A subject's history, entry by entry, with corrections in place.
pub async fn read_timeline(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: SubjectId = call.parameter("id")?;
    let query: AsOfPageQuery = call.query()?;
    let mut asked = Asked::from(&query);
    let page = page(CursorList::Timeline, query.cursor, query.limit, &mut asked)?;
    reach(ledger, query.min_position).await?;
    let moment = moment(ledger, asked).await?;
    let sight = sight(&call, id).await?;
    let view = timeline(ledger, id, sight, page, &moment)?;
    Ok(Answer::of(&view))
}

/// One page of a timeline; the cursor's offset is the position at which the next one begins.
fn timeline(
    ledger: &Ledger,
    id: SubjectId,
    sight: Sight,
    page: Page,
    moment: &Moment,
) -> Result<TimelineView, Trouble> {
    let views = ledger.views();
    let screen = ledger.screen(&views, sight);
    let index = views.directory().index(&id).ok_or_else(not_found)?;
    let from = Position(page.offset as u64);
    let known = views
        .timeline()
        .page(index, from, show::known_at(moment), usize::MAX);
    let (mut items, mut next) = (Vec::new(), None);
    for position in known {
        let Some(entry) = ledger.entry_seen(*position, sight)? else {
            continue;
        };
        let is_shown = match (
            entry.event.record(),
            show::timeline::listing_of(&entry.event),
        ) {
            (Some(record), _) => views
                .records()
                .get(&record)
                .is_some_and(|row| row.version_at(moment).is_some() && screen.shows_record(row)),
            (None, Some(listing)) => views
                .listings()
                .get(&listing)
                .is_some_and(|row| screen.shows_listing(row, moment)),
            (None, None) => true,
        };
        if !is_shown {
            continue;
        }
        if items.len() == page.items {
            next = Some(Cursor {
                list: CursorList::Timeline,
                known_at: show::known_at(moment).0,
                offset: position.0,
            });
            break;
        }
        items.push(show::timeline::item(&views, &entry, moment));
    }
    Ok(TimelineView {
        subject: id,
        items,
        next,
        valid_on: moment.valid_on,
        known_at: show::known_at(moment),
        position: views.position().unwrap_or_default(),
    })
}
