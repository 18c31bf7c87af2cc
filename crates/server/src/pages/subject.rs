//! The page of one organisation. A person's id and an id that nobody has answer alike: no such page.

use super::asof::Asked;
use super::public::Public;
use super::record_set::{self, RecordSet};
use super::records::{self, Selection};
use super::trouble::Trouble;
use super::values::{Words, say};
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::extract::Path;
use axum::http::Response;
use probity_pages::{
    DatedCode, DatedName, Grade, GradeEffect, GradeReason, GradeState, GradeWord, IdentityBlock,
    SubjectListing, SubjectView, code_name, points, region_name,
};
use probity_project::{Moment, RecordState as State, SubjectRow};
use probity_rules::{AnchorDates, Effect, GradeValue, Reason, Topic};
use probity_types::{CodeList, ListColour, Polarity, Position, SubjectId, mask};

/// `GET /subjects/{id}`
pub async fn show(Path(id): Path<String>, visit: Visit) -> Response<Body> {
    visit.answer(move |visit| build(visit, &id)).await
}

/// What the views say, read under one lock.
struct Read {
    row: SubjectRow,
    listings: Vec<SubjectListing>,
    records: Selection,
    grade: Grade,
}

fn build(visit: &Visit, id: &str) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let read = read(visit, id, &asked)?;
    let filter = records::filter(visit);
    let mut own = Vec::new();
    own.extend(filter.category.map(|category| ("category", category.key())));
    own.extend(filter.state.map(|state| ("state", state.parameter())));
    let view = SubjectView {
        shell: visit.shell(Some(&asked), &own),
        identity: identity(visit, &asked, &read.row),
        grade: read.grade,
        listings: read.listings,
        records: records::table(visit, &asked, read.records)?,
    };
    visit.page(&view)
}

fn read(visit: &Visit, id: &str, asked: &Asked) -> Result<Read, Trouble> {
    let id: SubjectId = id.parse().map_err(|_| Trouble::NotFound)?;
    let found = {
        let views = visit.ledger.views();
        Public::of(visit, &views, asked.now)
            .subject(&id)
            .map(|(index, _)| index)
    };
    let index = found.ok_or(Trouble::NotFound)?;
    let set = record_set::of_subject(visit, index, asked.now);
    let views = visit.ledger.views();
    let public = Public::of(visit, &views, asked.now);
    let row = public.subject_at(index).ok_or(Trouble::NotFound)?;
    Ok(Read {
        row: row.clone(),
        listings: listings(visit, &public, index, &asked.moment),
        grade: grade(visit, &public, (index, row), &asked.moment, &set),
        records: records::select(visit, &views, &set, &asked.moment),
    })
}

fn identity(visit: &Visit, asked: &Asked, row: &SubjectRow) -> IdentityBlock {
    let known = |position| asked.moment.knows(position);
    let name = row
        .name_at(&asked.moment)
        .or_else(|| row.name())
        .unwrap_or_default();
    let code = |held: &probity_project::directory::IdentifierRow| DatedCode {
        kind: held.kind,
        code: mask(held.kind, &held.value),
        since: None,
        until: None,
    };
    IdentityBlock {
        id: row.id.to_string(),
        name: name.to_owned(),
        kind: row.kind,
        database: row.kind.database(),
        region: region_name(visit.lang, &row.region).map(str::to_owned),
        industry: Words::of(visit, asked).industry(&row.industry),
        status: None,
        merged_into: None,
        codes: row
            .identifiers
            .iter()
            .filter(|held| known(held.position))
            .map(code)
            .collect(),
        former_names: former_names(row, &asked.moment),
    }
}

/// Names that were borne before the one of the day shown.
fn former_names(row: &SubjectRow, moment: &Moment) -> Vec<DatedName> {
    let borne =
        |since: Option<probity_types::CivilDate>| since.is_none_or(|day| day <= moment.valid_on);
    let known = row
        .names
        .iter()
        .filter(|named| moment.knows(named.position) && borne(named.since));
    let known: Vec<_> = known.collect();
    let former = known.windows(2).map(|pair| DatedName {
        name: pair[0].name.clone(),
        since: pair[0].since.map(|day| day.to_string()),
        until: pair[1].since.map(|day| day.plus_days(-1).to_string()),
    });
    former.rev().collect()
}

fn listings(
    visit: &Visit,
    public: &Public<'_>,
    subject: u32,
    moment: &Moment,
) -> Vec<SubjectListing> {
    let rows = public.views.listings().of_subject(subject);
    let shown = rows.filter(|row| public.listing(row, moment));
    let line = |row: &probity_project::ListingRow| {
        let definition = public.packs.and_then(|packs| packs.lists.list(&row.list));
        SubjectListing {
            list_id: row.list.to_string(),
            list_name: definition
                .map_or_else(|| row.list.to_string(), |list| say(visit.lang, &list.name)),
            colour: row.colour.unwrap_or(ListColour::Notice),
            authority: row.authority.to_string(),
            procedure: row.procedure,
            since: row
                .listed_on
                .map_or_else(|| "—".to_owned(), |day| day.to_string()),
            until: row.until.map(|day| day.to_string()),
            ended_on: None,
            disputed: false,
            position: row.position.0,
        }
    };
    shown.map(line).collect()
}

fn grade(
    visit: &Visit,
    public: &Public<'_>,
    (index, row): (u32, &SubjectRow),
    moment: &Moment,
    records: &RecordSet,
) -> Grade {
    let restricted = Grade {
        state: GradeState::ByAuthorisation,
        rule_set: String::new(),
        reasons: Vec::new(),
        not_counted: Vec::new(),
    };
    if !public.sees_grade(row.kind) {
        return restricted;
    }
    let Some(found) = public.views.grade(index, *moment) else {
        return Grade {
            state: GradeState::Unrated,
            ..restricted
        };
    };
    let listed = public.views.listings().of_subject(index);
    let listed: Vec<u64> = listed
        .filter(|row| public.listing(row, moment))
        .map(|row| row.position.0)
        .collect();
    let is_open = |position: u64| listed.contains(&position) || records.holds(position);
    let state = match word(found.grade) {
        None => GradeState::Unrated,
        Some(word) => GradeState::Graded {
            word: word.text(visit.lang).to_owned(),
            points: Some(points(found.points)),
            mark: word.mark(),
        },
    };
    Grade {
        state,
        rule_set: rule_set(visit, public, moment, &found.table),
        reasons: found
            .reasons
            .iter()
            .map(|reason| self::reason(visit, reason, &is_open))
            .collect(),
        not_counted: not_counted(visit, public, moment, records),
    }
}

/// Title and version of the policy pack behind a grade; the table's own id where the pack is not found any more.
fn rule_set(
    visit: &Visit,
    public: &Public<'_>,
    moment: &Moment,
    table: &(String, String),
) -> String {
    let known_at = moment.known_at.unwrap_or(Position(0));
    let dates = AnchorDates::on(moment.valid_on);
    let policies = public.views.policies();
    match policies.policy(Topic::Grade, known_at, &dates) {
        Some(pack) => say(visit.lang, &pack.head.title),
        None => format!("{} {}", table.0, table.1),
    }
}

fn word(grade: GradeValue) -> Option<GradeWord> {
    match grade {
        GradeValue::Unrated => None,
        GradeValue::Excellent => Some(GradeWord::Excellent),
        GradeValue::Good => Some(GradeWord::Good),
        GradeValue::Fair => Some(GradeWord::Fair),
        GradeValue::Poor => Some(GradeWord::Poor),
    }
}

/// Links lead to what the public may open; the rest is counted.
fn reason(visit: &Visit, reason: &Reason, is_open: &dyn Fn(u64) -> bool) -> GradeReason {
    let positions: Vec<u64> = reason
        .positions
        .iter()
        .copied()
        .filter(|position| is_open(*position))
        .collect();
    let effect = match reason.effect {
        Effect::Points(tenths) if reason.class.is_none() => GradeEffect::Start(tenths),
        Effect::Points(tenths) => GradeEffect::Tenths(tenths),
        Effect::Direct(grade) => GradeEffect::Direct(word(grade).unwrap_or(GradeWord::Poor)),
        Effect::Barred(grade) => GradeEffect::Barred(word(grade).unwrap_or(GradeWord::Excellent)),
    };
    GradeReason {
        rule: reason
            .class
            .map(|_| format!("{} · v{}", reason.rule, reason.version)),
        text: say(visit.lang, &reason.text),
        effect: effect.text(visit.lang),
        mark: effect.mark(),
        more: reason.count.saturating_sub(positions.len() as u64),
        positions,
    }
}

/// Reasons that are looked at and do not count, at most so many.
const NOT_COUNTED_MAX: usize = 5;

/// Public records that would count, were they not disputed or set aside.
fn not_counted(
    visit: &Visit,
    public: &Public<'_>,
    moment: &Moment,
    records: &RecordSet,
) -> Vec<GradeReason> {
    let adverse = records
        .rows
        .iter()
        .filter(|record| record.polarity == Polarity::Adverse);
    let found = adverse.filter_map(|record| {
        let row = public.views.records().row(record.index)?;
        let effect = match row.state_at(moment)? {
            State::Annulled => GradeEffect::Annulled,
            State::Voided => return None,
            _ if row.is_disputed(moment) => GradeEffect::Disputed,
            _ => return None,
        };
        Some(GradeReason {
            rule: None,
            text: code_name(visit.lang, row.category),
            effect: effect.text(visit.lang),
            mark: effect.mark(),
            positions: vec![row.versions.first()?.position.0],
            more: 0,
        })
    });
    found.take(NOT_COUNTED_MAX).collect()
}
