//! Lists and memberships.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::writes::{receipt, subject_claim};
use crate::moment::{Asked, clearance, disclose, moment, page};
use crate::show;
use probity_api::cursor::CursorList;
use probity_api::{
    AsOfPageQuery, AsOfQuery, CurrentState, ListMember, ListView, ListingEndRequest,
    ListingRequest, ListsView, MembersView, Problem, ProblemType, Scope,
};
use probity_app::{Ledger, Sight};
use probity_domain::Command;
use probity_domain::command::{Intake, ListingSteps};
use probity_domain::report::{ListingReport, Provenance};
use probity_project::{ListingRow, Moment};
use probity_rules::{AnchorDates, Audience, PublicItem};
use probity_types::{Database, IdentifierKind, ListingId, Position, SubjectId};
use std::collections::BTreeSet;

/// Every list that the policy in force knows.
pub async fn list_lists(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let moment = moment(ledger, Asked::from(call.query::<AsOfQuery>()?)).await?;
    let views = ledger.views();
    let dates = AnchorDates::on(moment.valid_on);
    let packs = views.policies().packs(show::known_at(&moment), &dates);
    let packs = packs.map_err(|none| {
        Trouble::saying(
            ProblemType::NoPolicy,
            none.to_string(),
            "没有已发布的名单政策",
        )
    })?;
    let screen = ledger.screen(&views, Sight::Public);
    let view = |list: &probity_rules::ListDefinition| {
        let is_public = packs.profile(ledger.publicity()).is_some_and(|profile| {
            let item = PublicItem::List(list.colour);
            profile.audience(Database::Enterprise, item, ledger.today()) == Audience::Public
        });
        let rows = views.listings().of_list(&list.id).iter();
        let members = rows
            .filter_map(|index| views.listings().row(*index))
            .filter(|row| screen.shows_listing(row, &moment))
            .count() as u64;
        ListView {
            list: show::term(&list.id, &list.name),
            colour: list.colour,
            basis: list.basis.clone(),
            authority: list.decided_by.clone(),
            is_public,
            members: is_public.then_some(members),
        }
    };
    Ok(Answer::of(&ListsView {
        items: packs.lists.lists().map(view).collect(),
        next: None,
        valid_on: moment.valid_on,
        known_at: show::known_at(&moment),
        position: views.position().unwrap_or_default(),
    }))
}

fn member(
    ledger: &Ledger,
    row: &ListingRow,
    sight: Sight,
    moment: &Moment,
) -> Result<Option<ListMember>, Trouble> {
    let views = ledger.views();
    let (Some(subject), Some(listing)) = (
        views.directory().row(row.subject),
        show::listing::listing(&views, row, moment),
    ) else {
        return Ok(None);
    };
    let name = match (subject.kind.is_person(), sight) {
        (true, Sight::Disclosed) => ledger.person(subject, moment)?.name,
        (true, Sight::Public) => None,
        (false, _) => subject.name_at(moment).map(str::to_owned),
    };
    let code = subject
        .identifiers
        .iter()
        .find(|held| held.kind == IdentifierKind::Uscc && moment.knows(held.position));
    Ok(Some(ListMember {
        subject: subject.id,
        kind: subject.kind,
        name,
        credit_code: code.map(|held| held.value.clone()),
        listing,
    }))
}

/// Members of a list on a day. In public: organisations on lists that the profile opens; for a recipient whose purpose
/// is on record, everybody.
pub async fn list_members(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let list = call.text("list").to_owned();
    let query: AsOfPageQuery = call.query()?;
    let mut asked = Asked::from(&query);
    let page = page(CursorList::Members, query.cursor, query.limit, &mut asked)?;
    let moment = moment(&ledger, asked).await?;
    let cleared = clearance(&call, Scope::PersonsRead)?;
    let sight = match cleared {
        Some(_) => Sight::Disclosed,
        None => Sight::Public,
    };
    let (known, rows) = members(&ledger, &list, sight, &moment);
    if !known {
        return Err(Trouble::of(ProblemType::NotFound));
    }
    let shown: Vec<&ListingRow> = rows.iter().skip(page.offset).take(page.items).collect();
    if let Some((purpose, basis)) = &cleared {
        let subjects: BTreeSet<SubjectId> = {
            let views = ledger.views();
            let id = |row: &&ListingRow| Some(views.directory().row(row.subject)?.id);
            shown.iter().filter_map(id).collect()
        };
        disclose(&call, (*purpose, basis), subjects).await?;
    }
    let mut items = Vec::with_capacity(shown.len());
    for row in shown {
        items.extend(member(&ledger, row, sight, &moment)?);
    }
    let views = ledger.views();
    Ok(Answer::of(&MembersView {
        list: show::listing::list_term(&views, &list, &moment),
        items,
        next: page.next(CursorList::Members, &moment, rows.len()),
        valid_on: moment.valid_on,
        known_at: show::known_at(&moment),
        position: views.position().unwrap_or_default(),
    }))
}

/// Whether a list is known, and its memberships in force at a moment as far as they are shown.
fn members(ledger: &Ledger, list: &str, sight: Sight, moment: &Moment) -> (bool, Vec<ListingRow>) {
    let views = ledger.views();
    let screen = ledger.screen(&views, sight);
    let dates = AnchorDates::on(moment.valid_on);
    let packs = views.policies().packs(show::known_at(moment), &dates);
    let in_policy = packs.is_ok_and(|packs| packs.lists.list(list).is_some());
    let rows = views.listings().of_list(list).iter();
    let rows: Vec<ListingRow> = rows
        .filter_map(|index| views.listings().row(*index))
        .filter(|row| row.is_listed(moment) && screen.shows_listing(row, moment))
        .cloned()
        .collect();
    (in_policy || !rows.is_empty(), rows)
}

/// Puts a subject on a list.
pub async fn report_listing(call: Call) -> Result<Answer, Trouble> {
    let request: ListingRequest = call.json()?;
    let steps = ListingSteps {
        instrument_kind: request.instrument_kind,
        notice_served_on: request.notice_served_on,
        decider: request.decider,
    };
    let report = ListingReport {
        subject: subject_claim(request.subject)?,
        list: request.list,
        procedure: request.procedure,
        authority: request.authority,
        instrument_no: request.instrument_no,
        basis: request.basis,
        reason: request.reason,
        listed_on: request.listed_on,
        until: request.until,
        source_unit: request.source_unit,
        provenance: Provenance::default(),
    };
    let command = Command::ReportListing(Box::new(report), steps, Intake::default());
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// Ends a membership.
pub async fn end_listing(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: ListingId = call.parameter("id")?;
    let seen = call.seen_revision()?;
    let request: ListingEndRequest = call.json()?;
    let stands = {
        let views = ledger.views();
        let row = views.listings().get(&id);
        row.filter(|row| row.ended.is_none())
            .map(|row| row.position)
    };
    // One that has ended is left to the writer: a retry gets the first receipt, anybody else hears that it ended.
    if let Some(revision) = stands.filter(|revision| *revision != seen) {
        let current = CurrentState {
            position: ledger.views().position().unwrap_or(Position(0)),
            revision: Some(revision),
            newer: Vec::new(),
        };
        let problem = Problem::new(ProblemType::RevisionConflict).current(current);
        return Err(Trouble(Box::new(problem)));
    }
    let command = Command::EndListing {
        listing: id,
        reason: request.reason,
        authority: request.authority,
        legal_basis: request.legal_basis,
        ended_on: request.ended_on,
    };
    let written = ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}
