//! Due dates with their reasons, and the calendars behind them.

use super::Bilingual;
use crate::due_dates::TermUnit;
use crate::schema::Date;
use probity_types::{CivilDate, Position};
use serde::Serialize;
use utoipa::ToSchema;

/// When a term ends, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DueDateView {
    /// Last day of the term; it ends at 24:00 in Asia/Shanghai.
    #[schema(value_type = Date)]
    pub last_day: CivilDate,
    /// Whether a notice that is not known can still change it.
    pub is_provisional: bool,
    /// Days that matter and about which nothing is known.
    pub provisional: Vec<OpenDaysView>,
    /// The clock, null for a bare length.
    pub clock: Option<ClockView>,
    /// Length of the term.
    pub length: u32,
    /// What it counts.
    pub unit: TermUnit,
    /// Article that makes days working days or not, where a law was asked for in place of a unit.
    pub counted_by: Option<String>,
    /// Calendar by id, `civil` for none.
    pub calendar: String,
    /// Day of the event that starts the term; it does not count.
    #[schema(value_type = Date)]
    pub trigger: CivilDate,
    /// Rest days that did not count, or past which the end moved.
    pub skipped: Vec<DayView>,
    /// Weekend days that counted because they make up for a holiday.
    pub made_up: Vec<DayView>,
    /// Packs of the calendar that it rests on, the calendar's own first.
    pub calendar_versions: Vec<PackVersionView>,
    /// Notices that it rests on.
    pub notices: Vec<String>,
    /// All of it in a sentence.
    pub summary: Bilingual,
    /// The date as it is known now, where the question was about an earlier knowledge and the answer is another one now.
    pub revised: Option<RevisedDueDateView>,
    /// What official notices had said by the end of this day; null = all that the register held.
    #[schema(value_type = Option<Date>)]
    pub known_on: Option<CivilDate>,
    /// What the register knew.
    #[schema(value_type = u64)]
    pub known_at: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// A due date as it is known now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevisedDueDateView {
    /// Last day of the term.
    #[schema(value_type = Date)]
    pub last_day: CivilDate,
    /// Whether it can still change.
    pub is_provisional: bool,
    /// Packs of the calendar that it rests on.
    pub calendar_versions: Vec<PackVersionView>,
    /// Notices that it rests on.
    pub notices: Vec<String>,
    /// All of it in a sentence.
    pub summary: Bilingual,
}

/// A deadline of a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockView {
    /// Id.
    pub id: String,
    /// The law.
    pub regime: String,
    /// What has to be done.
    pub stage: String,
    /// Who has to do it.
    pub party: String,
    /// What starts the term, in words.
    pub starts_with: String,
    /// Legal source.
    pub source: String,
    /// How well founded it is: `read`, `reported`, `general` or `design`.
    pub confidence: String,
    /// The pack that it stands in.
    pub pack: PackVersionView,
}

/// An adopted pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackVersionView {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Position of its adoption.
    #[schema(value_type = u64)]
    pub adopted_at: Position,
}

/// A day that is left out or taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayView {
    /// The day.
    #[schema(value_type = Date)]
    pub day: CivilDate,
    /// Feast, null for a weekend that no notice names.
    pub feast: Option<String>,
    /// The notice that names it.
    pub notice: Option<String>,
}

/// Days about which a calendar knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenDaysView {
    /// The calendar that lacks them.
    pub calendar: String,
    /// First of them.
    #[schema(value_type = Date)]
    pub first: CivilDate,
    /// Last of them.
    #[schema(value_type = Date)]
    pub last: CivilDate,
    /// `beyond` the last day covered, in a `gap`, or `before` the first.
    pub why: String,
    /// The reason in words.
    pub text: Bilingual,
}

/// The calendars of working days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarsView {
    /// In the order of their first adoption.
    pub items: Vec<CalendarView>,
    /// Always null: there are few.
    #[schema(value_type = Option<crate::schema::PageCursor>)]
    pub next: Option<crate::Cursor>,
    /// What official notices had said by the end of this day; null = all that the register held.
    #[schema(value_type = Option<Date>)]
    pub known_on: Option<CivilDate>,
    /// What the register knew.
    #[schema(value_type = u64)]
    pub known_at: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// A calendar of working days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarView {
    /// Its id, as clocks name it.
    pub id: String,
    /// Its title.
    pub title: Bilingual,
    /// Its version.
    pub version: String,
    /// Where that was adopted.
    #[schema(value_type = u64)]
    pub adopted_at: Position,
    /// The calendar below, for days that no notice here names.
    pub lies_over: Option<String>,
    /// Legal basis.
    pub basis: String,
    /// Days about which nothing is open.
    pub covered: Vec<SpanView>,
    /// First day after all of them: what ends on it or later is provisional. Null where nothing is covered.
    #[schema(value_type = Option<Date>)]
    pub provisional_from: Option<CivilDate>,
    /// Its own notices, in the order in which they became known.
    pub notices: Vec<NoticeView>,
}

/// Days from one to another, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpanView {
    /// First day.
    #[schema(value_type = Date)]
    pub first: CivilDate,
    /// Last day.
    #[schema(value_type = Date)]
    pub last: CivilDate,
}

/// An official notice about days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeView {
    /// Id.
    pub id: String,
    /// First day on which it was known.
    #[schema(value_type = Date)]
    pub known_from: CivilDate,
    /// Days that it covers, null where it changes days of an earlier one.
    pub covers: Option<SpanView>,
    /// Days that it names.
    pub days: usize,
    /// Where it was read.
    pub source: String,
    /// How well founded it is.
    pub confidence: String,
}
