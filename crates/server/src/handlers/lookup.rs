//! Many organisations in one call: each item has its own answer or its own errors.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::{Asked, moment};
use crate::show;
use probity_api::{
    FieldProblem, IdentifierRequest, LOOKUP_ITEMS_MAX, LookupItem, LookupOutcome, LookupRequest,
    LookupView, SEARCH_CHARS_MAX,
};
use probity_app::{Screen, Sight};
use probity_project::{Hit, Moment, Views};
use probity_types::identifiers::examine;
use serde::Deserialize;
use serde_json::Value;

/// Hits that one name gives at most.
const HITS_MAX: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

/// What an item asks for.
enum Term {
    Identifier(IdentifierRequest),
    Name(String),
}

fn problem(rule: &str, zh: &str, en: &str) -> Vec<FieldProblem> {
    vec![FieldProblem::new("items", rule, en, zh)]
}

fn term(item: &Value) -> Result<Term, Vec<FieldProblem>> {
    if let Ok(named) = Named::deserialize(item) {
        let length = named.name.trim().chars().count();
        if !(1..=SEARCH_CHARS_MAX).contains(&length) {
            let en = format!("a name has 1 to {SEARCH_CHARS_MAX} characters");
            let zh = format!("名称为 1 至 {SEARCH_CHARS_MAX} 个字符");
            return Err(problem("lookup.name", &zh, &en));
        }
        return Ok(Term::Name(named.name));
    }
    // Nothing of the item is repeated: it may be a person's number in a wrong place.
    IdentifierRequest::deserialize(item)
        .map(Term::Identifier)
        .map_err(|_| {
            problem(
                "lookup.form",
                "应为带 kind 和 value 的对象，或带 name 的对象",
                "an object with kind and value, or with name, is right here",
            )
        })
}

fn check(identifier: &IdentifierRequest, moment: &Moment) -> Result<String, Vec<FieldProblem>> {
    if identifier.kind.is_personal() {
        return Err(problem(
            "lookup.person",
            "批量查询只查组织；个人请在 /v1/subjects/search 中说明用途",
            "only organisations are looked up here; ask for a person at /v1/subjects/search with a purpose",
        ));
    }
    let found = examine(identifier.kind, &identifier.value, moment.valid_on);
    // A code that fails its outer check alone may stand in the register all the same.
    if found.is_accepted() || found.only_outer_check() {
        return Ok(found.normalised);
    }
    let key = found.keys().first().copied().unwrap_or_default();
    Err(vec![FieldProblem::new(
        "items",
        &format!("identifier.{key}"),
        found.en().join("; "),
        found.zh().join("；"),
    )])
}

fn hits(views: &Views, term: &Term, value: &str) -> Vec<Hit> {
    let all = views.search(value);
    match term {
        Term::Name(_) => all,
        Term::Identifier(_) => {
            let is_code = |hit: &Hit| hit.field == probity_project::MatchField::Identifier;
            all.into_iter().filter(is_code).collect()
        }
    }
}

fn answer(screen: &Screen<'_>, number: u32, item: &Value, moment: &Moment) -> LookupItem {
    let views = screen.views();
    let read = term(item).and_then(|term| {
        let value = match &term {
            Term::Name(name) => name.trim().to_owned(),
            Term::Identifier(identifier) => check(identifier, moment)?,
        };
        Ok((term, value))
    });
    let (outcome, items, errors) = match read {
        Err(errors) => (LookupOutcome::Faulty, Vec::new(), errors),
        Ok((term, value)) => {
            let hits = hits(views, &term, &value);
            let shown = hits.iter().filter(|hit| moment.knows(hit.since));
            let shown = shown.filter_map(|hit| {
                let row = views.directory().row(hit.subject)?;
                let is_shown = screen.shows(row);
                is_shown.then(|| show::subject::hit(views, row, hit, moment))
            });
            let items: Vec<_> = shown.take(HITS_MAX).collect();
            let outcome = match items.is_empty() {
                true => LookupOutcome::NotFound,
                false => LookupOutcome::Found,
            };
            (outcome, items, Vec::new())
        }
    };
    let at_item = |mut problem: FieldProblem| {
        problem.row = Some(number);
        problem
    };
    LookupItem {
        item: number,
        outcome,
        items,
        errors: errors.into_iter().map(at_item).collect(),
    }
}

/// Up to a hundred organisations, at one position.
pub async fn lookup_organisations(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let request: LookupRequest = call.json()?;
    if !(1..=LOOKUP_ITEMS_MAX).contains(&request.items.len()) {
        let en = format!("a batch has 1 to {LOOKUP_ITEMS_MAX} items");
        let zh = format!("每批 1 至 {LOOKUP_ITEMS_MAX} 项");
        return Err(Call::invalid(vec![FieldProblem::new(
            "items",
            "list.length",
            en,
            zh,
        )]));
    }
    let moment = moment(ledger, Asked::default()).await?;
    let views = ledger.views();
    let screen = ledger.screen(&views, Sight::Public);
    let numbered = (1u32..).zip(&request.items);
    let items: Vec<LookupItem> = numbered
        .map(|(number, item)| answer(&screen, number, item, &moment))
        .collect();
    let faulty = items.iter();
    let faulty = faulty.filter(|item| item.outcome == LookupOutcome::Faulty);
    Ok(Answer::of(&LookupView {
        faulty: u32::try_from(faulty.count()).unwrap_or(u32::MAX),
        items,
        position: views.position().unwrap_or_default(),
    }))
}
