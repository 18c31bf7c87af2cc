//! When terms end, and the calendars that say so.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::{Asked, moment};
use crate::show;
use crate::show::due_date::Standing;
use probity_api::{CalendarsQuery, DueDateQuery, FieldProblem, Problem, ProblemType, TermAsked};
use probity_rules::clock::CIVIL;
use probity_rules::{PolicySet, Revised, TermError, TermLength, due};
use probity_types::{CivilDate, Position};

/// What cannot be answered, each as the caller's own: a name that is not there, a length that does not exist.
fn refused(error: &TermError) -> Trouble {
    let zh = match error {
        TermError::Length {
            length,
            least,
            most,
            ..
        } => {
            format!("期限长度 {length} 无效，应为 {least} 至 {most}")
        }
        TermError::NeedsCalendar => "工作日须按日历计算，请指明 calendar".to_owned(),
        TermError::NotInForce {
            clock,
            interval,
            trigger,
        } => {
            format!("期限规则 {clock} 的施行期间为 {interval}，不含起算日 {trigger}")
        }
        TermError::BeforeDecision { .. } => "受理日早于决定日".to_owned(),
        TermError::BeyondDates { trigger } => {
            format!("自 {trigger} 起的期限超出可表示的日期")
        }
        TermError::Calendar(none) => format!("{} 没有已发布的日历 {:?}", none.on, none.id),
    };
    Trouble::saying(ProblemType::InvalidQuery, error.to_string(), zh)
}

fn invalid(problems: Vec<FieldProblem>) -> Trouble {
    let kind = ProblemType::InvalidQuery;
    Trouble(Box::new(Problem::fields(kind, problems)))
}

fn unknown(what: (&str, &str), id: &str) -> Trouble {
    let en = format!("no {} {id:?} is adopted", what.0);
    let zh = format!("没有已发布的{} {id:?}", what.1);
    Trouble::saying(ProblemType::InvalidQuery, en, zh)
}

/// The answer from what was known at a position and, where a day is given, on that day.
fn standing(
    policies: &PolicySet,
    query: &DueDateQuery,
    known_at: Position,
    known_on: Option<CivilDate>,
) -> Result<Standing, Trouble> {
    let (trigger, calendars) = (query.trigger, policies.calendars(known_at, known_on));
    let clocks = || {
        policies.clocks(known_at, trigger).map_err(|none| {
            let zh = "该日期没有已发布的期限规则";
            Trouble::saying(ProblemType::NotFound, none.to_string(), zh)
        })
    };
    let calendar = query.calendar.clone().filter(|id| id != CIVIL);
    let bare = |length, unit| {
        let term = TermLength::new(length, unit, calendar).map_err(|error| refused(&error))?;
        due(&term, trigger, &calendars).map_err(|error| refused(&error))
    };
    match query.term().map_err(invalid)? {
        TermAsked::Clock(id) => {
            let (book, pack) = clocks()?;
            let clock = book
                .clock(id)
                .ok_or_else(|| unknown(("clock", "期限规则"), id))?;
            let due = clock.due(trigger, false, &calendars);
            Ok(Standing {
                due: due.map_err(|error| refused(&error))?,
                clock: Some(show::due_date::clock(clock, &pack)),
                counted_by: None,
            })
        }
        TermAsked::Of(length, unit) => Ok(Standing {
            due: bare(length, show::due_date::unit(unit))?,
            clock: None,
            counted_by: None,
        }),
        TermAsked::ByLaw(length, regime) => {
            let (book, _) = clocks()?;
            let rule = book.counting(regime, trigger).ok_or_else(|| {
                unknown(
                    (
                        "rule of counting in force on the trigger date for",
                        "在起算日施行的期间计算规则",
                    ),
                    regime,
                )
            })?;
            Ok(Standing {
                due: bare(length, rule.unit(length))?,
                clock: None,
                counted_by: Some(rule.source.clone()),
            })
        }
    }
}

/// When a term ends, and why.
pub async fn read_due_date(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let query: DueDateQuery = call.query()?;
    let asked = Asked {
        known_at: query.known_at,
        min_position: query.min_position,
        ..Asked::default()
    };
    let moment = moment(ledger, asked).await?;
    let views = ledger.views();
    let (known_at, position) = (
        show::known_at(&moment),
        views.position().unwrap_or_default(),
    );
    let then = standing(views.policies(), &query, known_at, query.known_on)?;
    let asks_of_the_past = query.known_on.is_some() || known_at < position;
    // A clock or calendar that is gone by now leaves the earlier answer alone.
    let now = asks_of_the_past
        .then(|| standing(views.policies(), &query, position, None).ok())
        .flatten();
    let revised = now.and_then(|now| Revised::of(then.due.clone(), now.due));
    let mut view = show::due_date::due_date(then, revised.as_ref().map(|both| &both.after));
    view.known_on = query.known_on;
    (view.known_at, view.position) = (known_at, position);
    Ok(Answer::of(&view))
}

/// The calendars of working days.
pub async fn list_calendars(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let query: CalendarsQuery = call.query()?;
    let asked = Asked {
        known_at: query.known_at,
        min_position: query.min_position,
        ..Asked::default()
    };
    let moment = moment(ledger, asked).await?;
    let views = ledger.views();
    let (known_at, position) = (
        show::known_at(&moment),
        views.position().unwrap_or_default(),
    );
    let calendars = views.policies().calendars(known_at, query.known_on);
    let on = query.known_on.unwrap_or(moment.valid_on);
    let mut view = show::due_date::calendars(&calendars, on);
    view.known_on = query.known_on;
    (view.known_at, view.position) = (known_at, position);
    Ok(Answer::of(&view))
}
