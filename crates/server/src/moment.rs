//! The moment that a read asks for, and for whom its answer is made.

use crate::call::Call;
use crate::errors::Trouble;
use probity_api::{
    AsOfPageQuery, AsOfQuery, BASIS_CHARS_MAX, CurrentState, Cursor, FieldProblem, KnownAt,
    PROBITY_BASIS, PROBITY_PURPOSE, Problem, ProblemType, RecordsQuery, Scope, page_items,
};
use probity_app::{Caller, Ledger, Sight};
use probity_project::Moment;
use probity_types::{CivilDate, Position, QueryPurpose, SubjectId, shanghai_day};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a read waits for the views to reach a position.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How often it looks.
const WAIT_STEP: Duration = Duration::from_millis(5);

/// What a read says about time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// What was in force on that day.
    pub valid_on: Option<CivilDate>,
    /// What the register knew.
    pub known_at: Option<KnownAt>,
    /// Position that the answer has to include.
    pub min_position: Option<Position>,
}

impl From<AsOfQuery> for Asked {
    fn from(query: AsOfQuery) -> Self {
        Self {
            valid_on: query.valid_on,
            known_at: query.known_at,
            min_position: query.min_position,
        }
    }
}

impl From<&AsOfPageQuery> for Asked {
    fn from(query: &AsOfPageQuery) -> Self {
        Self {
            valid_on: query.valid_on,
            known_at: query.known_at,
            min_position: query.min_position,
        }
    }
}

impl From<&RecordsQuery> for Asked {
    fn from(query: &RecordsQuery) -> Self {
        Self {
            valid_on: query.valid_on,
            known_at: query.known_at,
            min_position: query.min_position,
        }
    }
}

fn ahead(ledger: &Ledger) -> Trouble {
    let position = ledger.views().position().unwrap_or(Position(0));
    let current = CurrentState {
        position,
        revision: None,
        newer: Vec::new(),
    };
    Trouble(Box::new(
        Problem::new(ProblemType::PositionAhead).current(current),
    ))
}

/// Waits until the views have reached a position.
///
/// # Errors
/// [`ProblemType::PositionAhead`] where they have not within [`WAIT_MAX`].
pub async fn reach(ledger: &Ledger, wanted: Option<Position>) -> Result<(), Trouble> {
    let Some(wanted) = wanted else { return Ok(()) };
    let reached = || ledger.views().position() >= Some(wanted);
    let mut waited = Duration::ZERO;
    while !reached() {
        if waited >= WAIT_MAX {
            return Err(ahead(ledger));
        }
        tokio::time::sleep(WAIT_STEP).await;
        waited += WAIT_STEP;
    }
    Ok(())
}

/// The moment that a read asks for: today and the head unless it says otherwise.
///
/// # Errors
/// The position lies ahead of the log, or the instant before it.
pub async fn moment(ledger: &Ledger, asked: Asked) -> Result<Moment, Trouble> {
    reach(ledger, asked.min_position).await?;
    let mut moment = ledger.now();
    if let Some(day) = asked.valid_on {
        moment.valid_on = day;
    }
    match asked.known_at {
        None => {}
        Some(KnownAt::Position(position)) if Some(position) > moment.known_at => {
            return Err(ahead(ledger));
        }
        Some(KnownAt::Position(position)) => moment.known_at = Some(position),
        Some(KnownAt::Instant(instant)) => moment.known_at = ledger.position_at(instant)?,
    }
    if moment.known_at.is_some() {
        return Ok(moment);
    }
    let first = ledger.frame(Position(0))?;
    let began = first.map_or_else(
        || "…".to_owned(),
        |first| shanghai_day(first.header.recorded_at).to_string(),
    );
    let en = format!(
        "this register began on {began}: nothing was known before, which is not the same as no record"
    );
    let zh = format!("本登记系统自 {began} 启用：此前尚无任何信息，这不等于没有记录");
    Err(Trouble::saying(ProblemType::InvalidQuery, en, zh))
}

/// Where a page begins and how many items it holds.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// First item, in the order of the list.
    pub offset: usize,
    /// Items.
    pub items: usize,
}

/// The page that a read asks for; later pages are read at the position of the first.
///
/// # Errors
/// A limit out of range, or a cursor of another list.
pub fn page(
    list: probity_api::cursor::CursorList,
    cursor: Option<Cursor>,
    limit: Option<u32>,
    asked: &mut Asked,
) -> Result<Page, Trouble> {
    let invalid = |problems: Vec<FieldProblem>| {
        Trouble(Box::new(Problem::fields(
            ProblemType::InvalidQuery,
            problems,
        )))
    };
    let items = page_items(limit).map_err(invalid)?;
    let mut offset = 0;
    if let Some(cursor) = cursor {
        let cursor = cursor.of(list).map_err(|error| {
            let zh = "该游标属于其他列表，请原样使用本列表上一页的 next";
            Trouble::saying(ProblemType::InvalidQuery, error.to_string(), zh)
        })?;
        asked.known_at = Some(KnownAt::Position(Position(cursor.known_at)));
        offset = cursor.offset;
    }
    let clamp = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Ok(Page {
        offset: clamp(offset),
        items: clamp(u64::from(items)),
    })
}

impl Page {
    /// Cursor of the next page of a list of `of` items, none at its end.
    pub fn next(
        self,
        list: probity_api::cursor::CursorList,
        moment: &Moment,
        of: usize,
    ) -> Option<Cursor> {
        let end = self.offset.saturating_add(self.items);
        (end < of).then(|| Cursor {
            list,
            known_at: moment.known_at.map_or(0, |position| position.0),
            offset: end as u64,
        })
    }
}

/// Purpose and basis of a restricted read, where the request names either.
fn purpose(call: &Call) -> Result<Option<(QueryPurpose, String)>, Trouble> {
    let text = |name: &str| {
        let value = call.headers.get(name)?;
        // A basis is written in Chinese: the header holds it as UTF-8.
        let text = std::str::from_utf8(value.as_bytes()).ok()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let named =
        call.headers.contains_key(PROBITY_PURPOSE) || call.headers.contains_key(PROBITY_BASIS);
    if !named {
        return Ok(None);
    }
    let required = || Trouble::of(ProblemType::PurposeRequired);
    let purpose = text(PROBITY_PURPOSE).and_then(|key| key.parse().ok());
    let basis = text(PROBITY_BASIS).filter(|basis| basis.chars().count() <= BASIS_CHARS_MAX);
    Ok(Some((
        purpose.ok_or_else(required)?,
        basis.ok_or_else(required)?,
    )))
}

/// Whether the caller may read what is restricted; none where the request names no purpose.
///
/// # Errors
/// A purpose without a key, a key without the scope, a purpose or basis that does not read.
pub fn clearance(call: &Call, scope: Scope) -> Result<Option<(QueryPurpose, String)>, Trouble> {
    let Some(named) = purpose(call)? else {
        return Ok(None);
    };
    // Whoever may change records may read them for it, with a purpose on record like everybody.
    let writes_records = call.route.operation == "read_record"
        && call.holder()?.scopes.contains(Scope::RecordsWrite.word());
    if writes_records || call.holder()?.scopes.contains(scope.word()) {
        Ok(Some(named))
    } else {
        Err(Trouble::of(ProblemType::Forbidden))
    }
}

/// The answer where nothing public is there: the same whether there is something restricted or nothing at all.
pub fn withheld(call: &Call, scope: Scope) -> Trouble {
    match &call.principal {
        None => Trouble::of(ProblemType::NotFound),
        Some(holder) if holder.scopes.contains(scope.word()) => {
            Trouble::of(ProblemType::PurposeRequired)
        }
        Some(_) => Trouble::of(ProblemType::Forbidden),
    }
}

/// Records that restricted data about subjects is about to leave.
///
/// # Errors
/// It could not be recorded: nothing may be shown then.
pub async fn disclose(
    call: &Call,
    (purpose, basis): (QueryPurpose, &str),
    subjects: BTreeSet<SubjectId>,
) -> Result<(), Trouble> {
    let caller = Caller {
        principal: call.holder()?.clone(),
        idempotency_key: String::new(),
        request: Vec::new(),
    };
    let ledger = &call.service.ledger;
    let operation = call.route.operation;
    ledger
        .disclose(&caller, (purpose, basis), operation, subjects)
        .await?;
    Ok(())
}

/// For whom an answer about one subject is made: the public, or a recipient whose disclosure is on record by now.
///
/// # Errors
/// Nothing about the subject is public and the caller may not read what is restricted, or there is no such subject.
pub async fn sight(call: &Call, subject: SubjectId) -> Result<Sight, Trouble> {
    let ledger = &call.service.ledger;
    let (is_known, is_public) = {
        let views = ledger.views();
        let row = views.directory().get(&subject);
        let screen = ledger.screen(&views, Sight::Public);
        (row.is_some(), row.is_some_and(|row| screen.shows(row)))
    };
    match clearance(call, Scope::PersonsRead)? {
        Some(_) if !is_known => Err(Trouble::of(ProblemType::NotFound)),
        Some((purpose, basis)) => {
            disclose(call, (purpose, &basis), BTreeSet::from([subject])).await?;
            Ok(Sight::Disclosed)
        }
        None if is_public => Ok(Sight::Public),
        None => Err(withheld(call, Scope::PersonsRead)),
    }
}
