//! Questions about due dates and calendars.

use crate::problem::FieldProblem;
use crate::query::KnownAt;
use crate::schema;
use probity_types::{CivilDate, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a term counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermUnit {
    /// Nothing: it is met in the same append.
    Immediate,
    /// Working days of a calendar.
    WorkingDay,
    /// Every day; with a calendar a term that ends on a rest day moves on to the next working day.
    CalendarDay,
    /// Months; as for calendar days, and clamped to the end of the month.
    Month,
}

/// Which term, from when, and what was known. Either `clock`, or `length` with `unit` or `regime`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DueDateQuery {
    /// Id of a clock, for example `dual-publish`.
    pub clock: Option<String>,
    /// Length of a term that is not a clock's.
    #[param(minimum = 0, maximum = 3660)]
    pub length: Option<u32>,
    /// What it counts.
    pub unit: Option<TermUnit>,
    /// In place of `unit`, for a length in days: the law whose rule says whether they are working days, for example
    /// `penalty-law-2021`.
    pub regime: Option<String>,
    /// Calendar by id, for example `cn` or `cn-xj`. Default: `civil`, none.
    pub calendar: Option<String>,
    /// Civil date of the event that starts the term; it does not count.
    #[param(value_type = schema::Date)]
    pub trigger: CivilDate,
    /// Only what official notices had said by the end of this day. Default: all that the register holds.
    #[param(value_type = Option<schema::Date>)]
    pub known_on: Option<CivilDate>,
    /// What the register knew. Default: the head of the log.
    #[param(value_type = Option<schema::KnownAt>)]
    pub known_at: Option<KnownAt>,
    /// Wait shortly until views have reached this position.
    #[param(value_type = Option<u64>)]
    pub min_position: Option<Position>,
}

/// Which calendars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarsQuery {
    /// Only what official notices had said by the end of this day. Default: all that the register holds.
    #[param(value_type = Option<schema::Date>)]
    pub known_on: Option<CivilDate>,
    /// What the register knew. Default: the head of the log.
    #[param(value_type = Option<schema::KnownAt>)]
    pub known_at: Option<KnownAt>,
    /// Wait shortly until views have reached this position.
    #[param(value_type = Option<u64>)]
    pub min_position: Option<Position>,
}

/// The term that a question names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermAsked<'a> {
    /// A clock's, by its id.
    Clock(&'a str),
    /// Of a length in a unit.
    Of(u32, TermUnit),
    /// Of a length in days that the law of this name counts.
    ByLaw(u32, &'a str),
}

impl DueDateQuery {
    /// The term asked for.
    ///
    /// # Errors
    /// Not exactly one of the ways to name one.
    pub fn term(&self) -> Result<TermAsked<'_>, Vec<FieldProblem>> {
        let found = (&self.clock, self.length, self.unit, &self.regime);
        match found {
            (Some(clock), None, None, None) if self.calendar.is_none() => {
                Ok(TermAsked::Clock(clock))
            }
            (None, Some(length), Some(unit), None) => Ok(TermAsked::Of(length, unit)),
            (None, Some(length), None, Some(regime)) => Ok(TermAsked::ByLaw(length, regime)),
            _ => Err(vec![
                FieldProblem::new(
                    "clock",
                    "term.one",
                    "name a term in one way: clock alone, or length with unit, or length with regime; calendar goes with a \
                     length",
                    "请以一种方式指明期限：只给 clock，或 length 加 unit，或 length 加 regime；calendar 与 length 同用",
                )
                .expecting("clock, or length with unit or regime"),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_named_in_one_way() {
        let ask =
            |clock: Option<&str>, length, unit, regime: Option<&str>, calendar: Option<&str>| {
                let query = DueDateQuery {
                    clock: clock.map(str::to_owned),
                    length,
                    unit,
                    regime: regime.map(str::to_owned),
                    calendar: calendar.map(str::to_owned),
                    trigger: CivilDate::MIN,
                    known_on: None,
                    known_at: None,
                    min_position: None,
                };
                query.term().is_ok()
            };
        let (unit, cn) = (Some(TermUnit::WorkingDay), Some("cn"));
        assert!(ask(Some("dual-publish"), None, None, None, None));
        assert!(ask(None, Some(7), unit, None, cn));
        assert!(ask(None, Some(7), None, Some("penalty-law-2021"), cn));
        for (clock, length, unit, regime, calendar) in [
            (None, None, None, None, None),
            (Some("dual-publish"), None, None, None, cn),
            (Some("dual-publish"), Some(7), unit, None, None),
            (None, Some(7), None, None, cn),
            (None, Some(7), unit, Some("penalty-law-2021"), cn),
            (None, None, unit, None, cn),
        ] {
            assert!(
                !ask(clock, length, unit, regime, calendar),
                "{clock:?} {length:?}"
            );
        }
    }
}
