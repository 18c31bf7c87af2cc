//! Search results. Organisations only, and nothing that looks like an identity number is looked for or repeated.

use super::front::organisations;
use super::public::{Public, main_code};
use super::trouble::Trouble;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use probity_pages::{BadValue, Match, Paging, SearchHit, SearchState, SearchView, region_name};
use probity_project::search::MatchHow;
use probity_project::{Hit, MatchField, SubjectRow};
use probity_types::identifiers::{examine, normalise};
use probity_types::{CivilDate, IdentifierKind};

/// Hits on one page.
const HITS_PER_PAGE: usize = 20;
/// A search needs so many characters: one alone is in thousands of names.
const ASKED_CHARS_MIN: usize = 2;
/// Longest question that is looked for; the form takes no longer one either.
const ASKED_CHARS_MAX: usize = 200;

/// `GET /search?q=`
pub async fn show(visit: Visit) -> Response<Body> {
    visit.answer(build).await
}

fn build(visit: &Visit) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let question = visit.parameter("q").unwrap_or_default();
    if looks_personal(question) {
        let view = SearchView {
            shell: visit.shell(Some(&asked), &[]),
            asked: String::new(),
            state: SearchState::LooksPersonal,
            searched: 0,
            paging: Paging::default(),
            hits: Vec::new(),
        };
        return Ok(visit
            .page(&view)?
            .with_status(StatusCode::BAD_REQUEST)
            .never_kept());
    }
    let length = question.chars().count();
    if length > ASKED_CHARS_MAX {
        return Err(Trouble::BadRequest(BadValue::QuestionLength));
    }
    let mut view = SearchView {
        shell: visit.shell(Some(&asked), &[("q", question)]),
        asked: question.to_owned(),
        state: SearchState::TooShort {
            least: ASKED_CHARS_MIN as u64,
        },
        searched: 0,
        paging: Paging::default(),
        hits: Vec::new(),
    };
    if length >= ASKED_CHARS_MIN {
        search(visit, &mut view);
    }
    visit.page(&view)
}

fn search(visit: &Visit, view: &mut SearchView) {
    let now = visit.ledger.now();
    let views = visit.ledger.views();
    let public = Public::of(visit, &views, now);
    view.searched = organisations(&views);
    let found: Vec<(Hit, &SubjectRow)> = views
        .search(&view.asked)
        .into_iter()
        .filter_map(|hit| {
            let row = public.subject_at(hit.subject)?;
            Some((hit, row))
        })
        .collect();
    view.state = if found.is_empty() {
        SearchState::NotFound
    } else {
        SearchState::Found
    };
    view.paging = paging(found.len(), HITS_PER_PAGE, visit.page_number());
    let skipped = first_of(&view.paging, HITS_PER_PAGE);
    let shown = found.iter().skip(skipped).take(HITS_PER_PAGE);
    view.hits = shown
        .map(|(hit, row)| self::hit(visit, &public, hit, row))
        .collect();
}

fn hit(visit: &Visit, public: &Public<'_>, hit: &Hit, row: &SubjectRow) -> SearchHit {
    let directory = public.views.directory();
    let name = row.name().unwrap_or_default().to_owned();
    let namesakes = directory.namesakes(public.views.tagger(), false, &name);
    SearchHit {
        subject_id: row.id.to_string(),
        code: main_code(row),
        kind: row.kind,
        database: row.kind.database(),
        region: region_name(visit.lang, &row.region).map(str::to_owned),
        status: None,
        matched: matched(hit, row),
        namesakes: u64::from(namesakes.saturating_sub(1)),
        name,
    }
}

fn matched(hit: &Hit, row: &SubjectRow) -> Match {
    match (hit.field, hit.how) {
        (MatchField::Identifier, _) => Match::Code,
        (MatchField::FormerName, _) => {
            let place = row
                .names
                .iter()
                .position(|named| named.position == hit.since);
            let next = place.and_then(|place| row.names.get(place + 1));
            let until = next
                .and_then(|next| next.since)
                .map(|day| day.plus_days(-1).to_string());
            Match::FormerName {
                name: hit.value.clone(),
                until,
            }
        }
        (MatchField::Name, MatchHow::Same) => Match::Name,
        (MatchField::Name, MatchHow::SameCore) => Match::NameCore,
        (MatchField::Name, MatchHow::Begins | MatchHow::Contains) => Match::NamePart,
    }
}

/// Where page `page` of a result of `total` rows stands; a page past the end is the last one.
pub fn paging(total: usize, per_page: usize, page: u64) -> Paging {
    let pages = total.div_ceil(per_page).max(1) as u64;
    Paging {
        page: page.min(pages),
        pages,
        total: total as u64,
    }
}

/// How many rows lie before the page.
pub fn first_of(paging: &Paging, per_page: usize) -> usize {
    usize::try_from(paging.page.saturating_sub(1))
        .unwrap_or(0)
        .saturating_mul(per_page)
}

/// Whether a text holds what looks like the identity number of a person: 15 or 18 digits on end, the last of 18 perhaps
/// an X, that are no code of an organisation.
pub fn looks_personal(text: &str) -> bool {
    let plain = normalise(text);
    let is_gap = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '_' | '·');
    let joined: String = plain.chars().filter(|c| !is_gap(*c)).collect();
    let words = |text: &str| {
        // Letters before and after are no part of a number; an id of ours mixes both and is none.
        let core = |word: &str| {
            let word = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            word.trim_end_matches(|c: char| c.is_ascii_alphabetic() && c != 'X')
                .to_owned()
        };
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.map(core).any(|word| is_identity_number(&word))
    };
    words(&plain) || words(&joined)
}

fn is_identity_number(run: &str) -> bool {
    let body = run.strip_suffix('X').unwrap_or(run);
    let digits_only = body.bytes().all(|b| b.is_ascii_digit());
    let holds = |kind| examine(kind, run, CivilDate::MAX).is_accepted();
    match run.len() {
        18 => digits_only && (holds(IdentifierKind::CitizenId) || !holds(IdentifierKind::Uscc)),
        // The tax number of a sole trader is the owner's identity number with two digits more.
        20 => run.get(..18).is_some_and(|owner| {
            examine(IdentifierKind::CitizenId, owner, CivilDate::MAX).is_accepted()
        }),
        15 => digits_only && body.len() == 15 && !holds(IdentifierKind::RegistrationNo),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_identity_number_is_recognised() {
        for text in [
            "650202199003070019",
            "65020219900307001X",
            "650202 19900307 0019",
            "６５０２０２１９９００３０７００１９",
            "张三650202199003070019",
            "65020219900307001901",
            "/subjects/650202199003070019",
            // P09: passes the check of a credit code as well.
            "650203198106150312",
        ] {
            assert!(looks_personal(text), "{text}");
        }
    }

    #[test]
    fn codes_of_organisations_and_names_are_no_identity_numbers() {
        for text in [
            "916502031000000240",
            "91650200MA7757QH2R",
            "克拉玛依市商业银行",
            "650200",
            "",
            "X",
        ] {
            assert!(!looks_personal(text), "{text}");
        }
    }
}
