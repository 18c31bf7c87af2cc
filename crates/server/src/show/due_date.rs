//! Due dates and calendars as the interface answers them.

use super::sentence;
use probity_api::{
    CalendarView, CalendarsView, ClockView, DayView, DueDateView, NoticeView, OpenDaysView,
    PackVersionView, RevisedDueDateView, SpanView, TermUnit,
};
use probity_rules::calendar::{Calendar, CalendarVersion, Notice, PackVersion, Uncovered};
use probity_rules::clock::{CIVIL, Clock, DayNote, DueDate, Unit};
use probity_rules::{Calendars, Interval};
use probity_types::{CivilDate, Position};

/// A due date with what the question named.
pub struct Standing {
    /// The date and why.
    pub due: DueDate,
    /// The clock asked for.
    pub clock: Option<ClockView>,
    /// Article of the law asked for.
    pub counted_by: Option<String>,
}

/// The unit of the rules.
pub fn unit(unit: TermUnit) -> Unit {
    match unit {
        TermUnit::Immediate => Unit::Immediate,
        TermUnit::WorkingDay => Unit::WorkingDay,
        TermUnit::CalendarDay => Unit::CalendarDay,
        TermUnit::Month => Unit::Month,
    }
}

fn unit_view(unit: Unit) -> TermUnit {
    match unit {
        Unit::Immediate => TermUnit::Immediate,
        Unit::WorkingDay => TermUnit::WorkingDay,
        Unit::CalendarDay => TermUnit::CalendarDay,
        Unit::Month => TermUnit::Month,
    }
}

fn pack(pack: &PackVersion) -> PackVersionView {
    PackVersionView {
        id: pack.id.clone(),
        version: pack.version.clone(),
        adopted_at: pack.adopted_at,
    }
}

/// A clock and the pack that it stands in.
pub fn clock(clock: &Clock, version: &PackVersion) -> ClockView {
    ClockView {
        id: clock.id.clone(),
        regime: clock.regime.clone(),
        stage: clock.stage.clone(),
        party: clock.party.clone(),
        starts_with: clock.trigger.clone(),
        source: clock.source.clone(),
        confidence: clock.confidence.key().to_owned(),
        pack: pack(version),
    }
}

fn day(note: &DayNote) -> DayView {
    let named = note.named.as_ref();
    DayView {
        day: note.day,
        feast: named.map(|named| named.feast.clone()),
        notice: named.map(|named| named.notice.clone()),
    }
}

fn open_days(open: &Uncovered) -> OpenDaysView {
    OpenDaysView {
        calendar: open.calendar.clone(),
        first: open.first,
        last: open.last,
        why: open.why.key().to_owned(),
        text: sentence(&open.sentence()),
    }
}

fn rests_on(version: Option<&CalendarVersion>) -> (Vec<PackVersionView>, Vec<String>) {
    version.map_or_else(Default::default, |version| {
        let packs = version.packs.iter().map(pack).collect();
        (packs, version.notices.clone())
    })
}

/// A due date, and the one of now where it is another.
pub fn due_date(standing: Standing, now: Option<&DueDate>) -> DueDateView {
    let Standing {
        due,
        clock,
        counted_by,
    } = standing;
    let why = &due.explanation;
    let (calendar_versions, notices) = rests_on(why.calendar.as_ref());
    DueDateView {
        last_day: due.last_day,
        is_provisional: due.is_provisional(),
        provisional: due.provisional.iter().map(open_days).collect(),
        clock,
        length: why.term.length(),
        unit: unit_view(why.term.unit()),
        counted_by,
        calendar: why.term.calendar().unwrap_or(CIVIL).to_owned(),
        trigger: why.trigger,
        skipped: why.skipped.iter().map(day).collect(),
        made_up: why.made_up.iter().map(day).collect(),
        calendar_versions,
        notices,
        summary: sentence(&due.sentence()),
        revised: now.map(revised),
        known_on: None,
        known_at: Position::default(),
        position: Position::default(),
    }
}

fn revised(now: &DueDate) -> RevisedDueDateView {
    let (calendar_versions, notices) = rests_on(now.explanation.calendar.as_ref());
    RevisedDueDateView {
        last_day: now.last_day,
        is_provisional: now.is_provisional(),
        calendar_versions,
        notices,
        summary: sentence(&now.sentence()),
    }
}

fn span(interval: &Interval) -> SpanView {
    SpanView {
        first: interval.first,
        last: interval.last,
    }
}

fn notice(notice: &Notice) -> NoticeView {
    NoticeView {
        id: notice.id.clone(),
        known_from: notice.known_from,
        covers: notice.covers.as_ref().map(span),
        days: notice.days,
        source: notice.source.clone(),
        confidence: notice.confidence.key().to_owned(),
    }
}

fn calendar(calendar: &Calendar<'_>) -> Option<CalendarView> {
    let (adopted_at, pack) = calendar.own_pack()?;
    let (head, covered) = (&pack.head, calendar.covered());
    Some(CalendarView {
        id: head.rule.id.clone(),
        title: sentence(&head.title),
        version: head.rule.version.clone(),
        adopted_at,
        lies_over: pack.lies_over.clone(),
        basis: head.rule.basis.clone(),
        covered: covered.iter().map(span).collect(),
        provisional_from: covered.last().map(|last| last.last.plus_days(1)),
        notices: calendar.own_notices().iter().map(notice).collect(),
    })
}

/// Every calendar in force on a day.
pub fn calendars(calendars: &Calendars<'_>, on: CivilDate) -> CalendarsView {
    let ids = calendars.ids().into_iter();
    let in_force = ids.filter_map(|id| calendars.calendar(id, on).ok());
    CalendarsView {
        items: in_force.filter_map(|held| calendar(&held)).collect(),
        next: None,
        known_on: None,
        known_at: Position::default(),
        position: Position::default(),
    }
}
