//! The lists that the public may see: their index, and one of them as of any day.

use super::asof::Asked;
use super::public::{Public, main_code};
use super::search::{first_of, paging};
use super::trouble::Trouble;
use super::values::say;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::extract::Path;
use axum::http::Response;
use probity_format::events::Event;
use probity_pages::{
    ListMember, ListSummary, ListView, ListsView, Paging, ProcedureStep, Step, StepState,
    authority_name,
};
use probity_project::{ListingRow, Moment, SubjectRow};
use probity_rules::{ListDefinition, PublicItem};
use probity_types::{Database, ListColour};

/// Members on one page.
const MEMBERS_PER_PAGE: usize = 25;

/// `GET /lists`
pub async fn show(visit: Visit) -> Response<Body> {
    visit.answer(build).await
}

/// `GET /lists/{id}`
pub async fn show_one(Path(id): Path<String>, visit: Visit) -> Response<Body> {
    visit.answer(move |visit| build_one(visit, &id)).await
}

fn build(visit: &Visit) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let lists = {
        let views = visit.ledger.views();
        summaries(visit, &Public::of(visit, &views, asked.now), &asked.moment)
    };
    let view = ListsView {
        shell: visit.shell(Some(&asked), &[]),
        lists,
    };
    visit.page(&view)
}

/// Whether a list is open to the public for any sort of organisation.
fn is_open(public: &Public<'_>, colour: ListColour) -> bool {
    [
        Database::Enterprise,
        Database::SocialOrganisation,
        Database::Government,
    ]
    .into_iter()
    .any(|database| public.sees(database, PublicItem::List(colour)))
}

/// Every list that the public may see, those with members first.
pub fn summaries(visit: &Visit, public: &Public<'_>, moment: &Moment) -> Vec<ListSummary> {
    let Some(packs) = public.packs else {
        return Vec::new();
    };
    let open = packs
        .lists
        .lists()
        .filter(|list| is_open(public, list.colour));
    let mut found: Vec<ListSummary> = open
        .map(|list| ListSummary {
            id: list.id.clone(),
            name: say(visit.lang, &list.name),
            colour: list.colour,
            authority: authority(visit, public, list),
            members: Standing::of(public, &list.id, moment).named.len() as u64,
        })
        .collect();
    found.sort_by_key(|list| std::cmp::Reverse(list.members));
    found
}

fn authority(visit: &Visit, public: &Public<'_>, list: &ListDefinition) -> String {
    let bureau = public
        .packs
        .and_then(|packs| packs.catalogue.bureau(&list.decided_by));
    match bureau {
        Some(bureau) => say(visit.lang, &bureau.name),
        None => authority_name(visit.lang, &list.decided_by)
            .unwrap_or(&list.decided_by)
            .to_owned(),
    }
}

/// Who is on a list at a moment: named where the public may see it today, counted otherwise.
struct Standing<'a> {
    named: Vec<(&'a ListingRow, &'a SubjectRow)>,
    persons: u64,
    withheld: u64,
}

impl<'a> Standing<'a> {
    fn of(public: &Public<'a>, list: &str, moment: &Moment) -> Self {
        let listings = public.views.listings();
        let mut standing = Self {
            named: Vec::new(),
            persons: 0,
            withheld: 0,
        };
        let rows = listings
            .of_list(list)
            .iter()
            .filter_map(|index| listings.row(*index));
        for row in rows.filter(|row| row.is_listed(moment)) {
            if row.subject_kind.is_person() {
                standing.persons += 1;
                continue;
            }
            match public
                .subject_at(row.subject)
                .filter(|_| public.listing(row, moment))
            {
                Some(subject) => standing.named.push((row, subject)),
                None => standing.withheld += 1,
            }
        }
        standing
            .named
            .sort_by_key(|(row, _)| std::cmp::Reverse((row.listed_on, row.position)));
        standing
    }
}

/// What the views say of one list, read under one lock.
struct Read {
    name: String,
    colour: ListColour,
    authority: String,
    basis: String,
    term_months: Option<u64>,
    paging: Paging,
    members: Vec<(ListingRow, SubjectRow)>,
    persons: u64,
    withheld: u64,
}

fn read(visit: &Visit, id: &str, asked: &Asked) -> Result<Read, Trouble> {
    let views = visit.ledger.views();
    let public = Public::of(visit, &views, asked.now);
    let list = public.packs.and_then(|packs| packs.lists.list(id));
    let list = list
        .filter(|list| is_open(&public, list.colour))
        .ok_or(Trouble::NotFound)?;
    let standing = Standing::of(&public, id, &asked.moment);
    let paging = paging(standing.named.len(), MEMBERS_PER_PAGE, visit.page_number());
    let page = standing
        .named
        .into_iter()
        .skip(first_of(&paging, MEMBERS_PER_PAGE));
    Ok(Read {
        name: say(visit.lang, &list.name),
        colour: list.colour,
        authority: authority(visit, &public, list),
        basis: list.basis.clone(),
        term_months: list
            .term_months
            .and_then(|months| u64::try_from(months).ok()),
        members: page
            .take(MEMBERS_PER_PAGE)
            .map(|(row, subject)| (row.clone(), subject.clone()))
            .collect(),
        paging,
        persons: standing.persons,
        withheld: standing.withheld,
    })
}

fn build_one(visit: &Visit, id: &str) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let read = read(visit, id, &asked)?;
    let members = read
        .members
        .iter()
        .map(|(row, subject)| member(visit, &asked, row, subject));
    let view = ListView {
        shell: visit.shell(Some(&asked), &[]),
        id: id.to_owned(),
        name: read.name,
        colour: read.colour,
        authority: read.authority,
        basis: read.basis,
        term_months: read.term_months,
        measures: Vec::new(),
        paging: read.paging,
        members: members.collect::<Result<_, _>>()?,
        persons: read.persons,
        withheld: read.withheld,
    };
    visit.page(&view)
}

fn member(
    visit: &Visit,
    asked: &Asked,
    row: &ListingRow,
    subject: &SubjectRow,
) -> Result<ListMember, Trouble> {
    let entry = visit.ledger.entry(row.position)?;
    let (mut reason, mut instrument) = (None, String::new());
    if let Some(Event::ListingDecided(event)) = entry.map(|entry| entry.event) {
        reason = event
            .reason
            .map(|text| text.as_str().to_owned())
            .filter(|text| !text.is_empty());
        instrument = event.instrument_no.as_str().to_owned();
    }
    let basis: Vec<&str> = [instrument.as_str(), &row.basis]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    let name = subject
        .name_at(&asked.moment)
        .or_else(|| subject.name())
        .unwrap_or_default();
    Ok(ListMember {
        subject_id: Some(subject.id.to_string()),
        name: name.to_owned(),
        code: main_code(subject),
        reason,
        basis: basis.join(" · "),
        since: row.listed_on.map(|day| day.to_string()),
        until: row.until.map(|day| day.to_string()),
        disputed: false,
        procedure: row.procedure,
        steps: steps(row),
        position: row.position.0,
    })
}

/// The steps that the law asks for. Statement and service are not reported to the register: they are unknown to it. A
/// list that does not speak against its members asks for the decision alone.
fn steps(row: &ListingRow) -> Vec<ProcedureStep> {
    let known = |is_known: bool, on: Option<String>| {
        if is_known {
            StepState::Done { on }
        } else {
            StepState::Unknown
        }
    };
    let notice = row.notice_served_on.map(|day| day.to_string());
    let decision = row.listed_on.map(|day| day.to_string());
    let decided = (Step::Decision, known(decision.is_some(), decision));
    let steps = match row.colour {
        Some(ListColour::Red | ListColour::Notice | ListColour::Board) => vec![decided],
        Some(ListColour::Serious | ListColour::Black) | None => vec![
            (Step::Finding, known(row.has_instrument, None)),
            (Step::Notice, known(notice.is_some(), notice)),
            (Step::Statement, StepState::Unknown),
            decided,
            (Step::Service, StepState::Unknown),
        ],
    };
    steps
        .into_iter()
        .map(|(step, state)| ProcedureStep { step, state })
        .collect()
}
