//! When a term ends, and why: the day of the trigger does not count, the term ends at the end of its last day in Asia/Shanghai.
//!
//! - Working days are counted by a calendar as known at a position of the log and on a day.
//! - Calendar days and months count every day; with a calendar, a term that ends on a rest day moves on to the next working day.
//!   With none (`civil`) it does not move. Months keep the day or clamp to the end of the month.
//! - An immediate term ends on the day of its trigger: it is met in the same append.
//!
//! Each answer says what it rests on and every day that it left out. Where the calendar knew nothing about days that matter, the
//! answer is provisional and says which days those are. Source: domain reference §9.

mod book;
mod lateness;
mod revise;
mod words;

pub use book::{Clock, ClockBook, ClockQuestion, Counting, CountingRule};
pub use lateness::{Lateness, lateness};
pub use revise::{Revised, RunningTerm, revised};

use crate::calendar::{Calendar, CalendarVersion, Calendars, NoCalendar, PackVersion, Uncovered};
use crate::head::{Confidence, Interval, keyed};
use crate::pack::{NoPack, PolicySet};
use probity_types::{CivilDate, Position};
use serde::Serialize;

/// How packs write that a term uses no calendar.
pub const CIVIL: &str = "civil";
/// Longest term in days of either kind, ten years.
pub const TERM_DAYS_MAX: u32 = 3_660;
/// Longest term in months.
pub const TERM_MONTHS_MAX: u32 = 1_200;

keyed! {
    /// What a term counts.
    Unit("unit of a term") {
        /// Nothing: it is met in the same append.
        Immediate = "immediate",
        /// Working days of a calendar.
        WorkingDay = "working_day",
        /// Every day.
        CalendarDay = "calendar_day",
        /// Months.
        Month = "month",
    }
}

impl Unit {
    /// Whether a term of this unit is so many days.
    pub fn is_days(self) -> bool {
        matches!(self, Self::WorkingDay | Self::CalendarDay)
    }
}

/// How long something may take. A term that exists can be counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TermLength {
    length: u32,
    unit: Unit,
    calendar: Option<String>,
}

/// Why there is no due date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// A length that the unit does not have.
    #[error("{length} is no length of a term in {unit}; right is {least} to {most}")]
    Length {
        /// Length given.
        length: u32,
        /// Its unit.
        unit: Unit,
        /// Least that is right.
        least: u32,
        /// Most that is right.
        most: u32,
    },
    /// Working days without a calendar.
    #[error("working days are counted by a calendar; `civil` is none")]
    NeedsCalendar,
    /// A clock on a day on which its law was not in force.
    #[error("clock {clock} is in force {interval}, not on the trigger date {trigger}")]
    NotInForce {
        /// Id of the clock.
        clock: String,
        /// When it is in force.
        interval: Interval,
        /// The day asked for.
        trigger: CivilDate,
    },
    /// An acceptance before the decision that it accepts.
    #[error("accepted on {accepted_on}, before the decision of {decided_on}")]
    BeforeDecision {
        /// Day of the decision.
        decided_on: CivilDate,
        /// Day of the acceptance.
        accepted_on: CivilDate,
    },
    /// A last day that no date can hold.
    #[error("a term that begins on {trigger} ends after {}", CivilDate::MAX)]
    BeyondDates {
        /// The day that starts it.
        trigger: CivilDate,
    },
    /// A calendar that is not adopted.
    #[error(transparent)]
    Calendar(#[from] NoCalendar),
}

impl TermLength {
    /// A length; `calendar` is a calendar's id, none for civil days.
    ///
    /// # Errors
    /// [`TermError::Length`] for 0, unless the term is immediate, and for what is too long; [`TermError::NeedsCalendar`].
    pub fn new(length: u32, unit: Unit, calendar: Option<String>) -> Result<Self, TermError> {
        let (least, most) = match unit {
            Unit::Immediate => (0, 0),
            Unit::WorkingDay | Unit::CalendarDay => (1, TERM_DAYS_MAX),
            Unit::Month => (1, TERM_MONTHS_MAX),
        };
        if !(least..=most).contains(&length) {
            return Err(TermError::Length {
                length,
                unit,
                least,
                most,
            });
        }
        if unit == Unit::WorkingDay && calendar.is_none() {
            return Err(TermError::NeedsCalendar);
        }
        Ok(Self {
            length,
            unit,
            calendar,
        })
    }

    /// How many of the unit.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// What it counts.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Id of the calendar; none for civil days.
    pub fn calendar(&self) -> Option<&str> {
        self.calendar.as_deref()
    }
}

/// The clock that a due date follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockRule {
    /// Id of the clock.
    pub id: String,
    /// Its law.
    pub regime: String,
    /// Its legal source.
    pub source: String,
    /// How well founded it is.
    pub confidence: Confidence,
}

/// A day that a notice names, or a weekend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayNote {
    /// The day.
    pub day: CivilDate,
    /// Feast and notice; none for a weekend that no notice names.
    pub named: Option<NamedBy>,
}

/// The feast of a day and the notice that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedBy {
    /// Name of the feast.
    pub feast: String,
    /// Id of the notice.
    pub notice: String,
}

/// Why a term ends when it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The clock, where one was asked for rather than a bare term.
    pub rule: Option<ClockRule>,
    /// The term.
    pub term: TermLength,
    /// The day of the trigger, which does not count.
    pub trigger: CivilDate,
    /// What of the calendar it rests on; none for civil days.
    pub calendar: Option<CalendarVersion>,
    /// Rest days that did not count, or past which the end moved, in order.
    pub skipped: Vec<DayNote>,
    /// Weekend days that counted because they make up for a holiday, in order.
    pub made_up: Vec<DayNote>,
}

/// When a term ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueDate {
    /// Last day of the term; it ends at 24:00 in Asia/Shanghai.
    pub last_day: CivilDate,
    /// Days that matter and that the calendar knew nothing about; empty where the date is final.
    pub provisional: Vec<Uncovered>,
    /// Why.
    pub explanation: Explanation,
}

impl DueDate {
    /// Whether a notice that is not known can still change it.
    pub fn is_provisional(&self) -> bool {
        !self.provisional.is_empty()
    }
}

fn note(day: CivilDate, named: Option<(&str, &str)>) -> DayNote {
    DayNote {
        day,
        named: named.map(|(feast, notice)| NamedBy {
            feast: feast.to_owned(),
            notice: notice.to_owned(),
        }),
    }
}

/// Days that a walk through a calendar left out and took in.
#[derive(Default)]
struct Walk {
    skipped: Vec<DayNote>,
    made_up: Vec<DayNote>,
}

impl Walk {
    /// The `count`-th working day from `day` on.
    fn go(
        &mut self,
        calendar: &Calendar<'_>,
        mut day: CivilDate,
        mut count: u32,
    ) -> Option<CivilDate> {
        while day < CivilDate::MAX {
            let found = calendar.day(day);
            if found.works {
                if found.is_weekend {
                    self.made_up.push(note(day, found.named));
                }
                count = count.saturating_sub(1);
                if count == 0 {
                    return Some(day);
                }
            } else {
                self.skipped.push(note(day, found.named));
            }
            day = day.plus_days(1);
        }
        None
    }
}

/// The last day of a term that `trigger` starts.
///
/// # Errors
/// [`TermError::Calendar`], [`TermError::BeyondDates`].
pub fn due(
    term: &TermLength,
    trigger: CivilDate,
    calendars: &Calendars<'_>,
) -> Result<DueDate, TermError> {
    let calendar = match term.calendar() {
        Some(id) => Some(calendars.calendar(id, trigger)?),
        None => None,
    };
    let beyond = || TermError::BeyondDates { trigger };
    // Lengths are bounded, so that they fit.
    let length = i32::try_from(term.length).map_err(|_| beyond())?;
    let mut walk = Walk::default();
    // From where on days of the calendar matter, and where the term ends.
    let (from, last_day) = match (term.unit, &calendar) {
        (Unit::WorkingDay, Some(calendar)) => {
            let first = trigger.plus_days(1);
            (first, walk.go(calendar, first, term.length))
        }
        (Unit::CalendarDay, _) => {
            let end = trigger.plus_days(length);
            (end, moved(&mut walk, calendar.as_ref(), end))
        }
        (Unit::Month, _) => {
            let end = trigger.plus_months(length);
            (end, moved(&mut walk, calendar.as_ref(), end))
        }
        (Unit::Immediate, _) => (trigger, Some(trigger)),
        (Unit::WorkingDay, None) => return Err(TermError::NeedsCalendar),
    };
    let last_day = last_day.ok_or_else(beyond)?;
    Ok(DueDate {
        last_day,
        provisional: calendar
            .as_ref()
            .map_or_else(Vec::new, |calendar| calendar.uncovered(from, last_day)),
        explanation: Explanation {
            rule: None,
            term: term.clone(),
            trigger,
            calendar: calendar.map(|calendar| calendar.version(from, last_day)),
            skipped: walk.skipped,
            made_up: walk.made_up,
        },
    })
}

/// The day itself, or with a calendar the next working day. A day at the end of all dates is none: it was clamped there.
fn moved(walk: &mut Walk, calendar: Option<&Calendar<'_>>, end: CivilDate) -> Option<CivilDate> {
    match calendar {
        Some(calendar) => {
            let end = walk.go(calendar, end, 1);
            // Nothing is counted here, so nothing makes up for a holiday.
            walk.made_up.clear();
            end
        }
        None => (end < CivilDate::MAX).then_some(end),
    }
}

impl Clock {
    /// What a due date says about the clock that it follows.
    pub fn rule(&self) -> ClockRule {
        ClockRule {
            id: self.id.clone(),
            regime: self.regime.clone(),
            source: self.source.clone(),
            confidence: self.confidence,
        }
    }

    /// Whether a term that this day starts follows the clock: a case keeps the clock of its trigger date.
    ///
    /// # Errors
    /// [`TermError::NotInForce`].
    pub fn check_in_force(&self, trigger: CivilDate) -> Result<(), TermError> {
        if self.interval.contains(trigger) {
            return Ok(());
        }
        Err(TermError::NotInForce {
            clock: self.id.clone(),
            interval: self.interval,
            trigger,
        })
    }

    /// The last day of the clock's term; with `extended` of the term in all, where the law allows an extension.
    ///
    /// # Errors
    /// As [`due`], and [`TermError::NotInForce`].
    pub fn due(
        &self,
        trigger: CivilDate,
        extended: bool,
        calendars: &Calendars<'_>,
    ) -> Result<DueDate, TermError> {
        self.check_in_force(trigger)?;
        let longer = self.extended.as_ref().filter(|_| extended);
        let mut due = due(longer.unwrap_or(&self.term), trigger, calendars)?;
        due.explanation.rule = Some(self.rule());
        Ok(due)
    }
}

impl PolicySet {
    /// The clocks that apply to terms which `trigger` starts, as known at a position, and the pack that they stand in.
    ///
    /// # Errors
    /// [`NoPack`].
    pub fn clocks(
        &self,
        known_at: Position,
        trigger: CivilDate,
    ) -> Result<(&ClockBook, PackVersion), NoPack> {
        let found = self
            .clocks_known_at(known_at)
            .filter(|(_, book)| book.head.rule.interval.contains(trigger))
            .last();
        let (adopted_at, book) = found.ok_or(NoPack {
            what: crate::head::PackKind::Clocks.key(),
            known_at,
            date: trigger,
        })?;
        let rule = &book.head.rule;
        let version = PackVersion {
            id: rule.id.clone(),
            version: rule.version.clone(),
            adopted_at,
        };
        Ok((book, version))
    }
}

#[cfg(test)]
mod tests;
