//! What holds of every due date.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own values must stop"
)]

mod support;

use probity_rules::clock::Unit;
use probity_rules::{PackKind, TermLength, due};
use probity_types::{CivilDate, Position};
use proptest::prelude::*;
use support::*;

fn a_day() -> impl Strategy<Value = CivilDate> {
    (date("2011-06-01").days()..date("2028-06-01").days())
        .prop_map(|n| CivilDate::from_days(n).unwrap())
}

fn a_calendar() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("cn"), Just("cn-xj")]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_longer_term_ends_later(trigger in a_day(), calendar in a_calendar(), days in 1_u32..400) {
        let set = calendars_alone();
        let calendars = set.calendars(Position(0), None);
        for (unit, is_strict) in [("working_day", true), ("calendar_day", false)] {
            let end = |days| due(&length(days, unit, calendar), trigger, &calendars).unwrap().last_day;
            let (shorter, longer) = (end(days), end(days + 1));
            prop_assert!(shorter < longer || (!is_strict && shorter == longer));
        }
    }

    #[test]
    fn what_the_explanation_counts_is_the_length(
        trigger in a_day(), calendar in a_calendar(), days in 1_u32..400, known_on in proptest::option::of(a_day()),
    ) {
        let set = calendars_alone();
        let calendars = set.calendars(Position(0), known_on);
        for unit in [Unit::WorkingDay, Unit::CalendarDay] {
            let term = TermLength::new(days, unit, Some(calendar.to_owned())).unwrap();
            let found = due(&term, trigger, &calendars).unwrap();
            let skipped: Vec<_> = found.explanation.skipped.iter().map(|note| note.day).collect();
            let span = usize::try_from(found.last_day.days() - trigger.days()).unwrap();
            prop_assert_eq!(span - skipped.len(), usize::try_from(days).unwrap());
            prop_assert!(skipped.is_sorted_by(|one, next| one < next));
            let calendar = calendars.calendar(calendar, trigger).unwrap();
            prop_assert!(skipped.iter().all(|day| !calendar.day(*day).works));
            prop_assert!(calendar.day(found.last_day).works);
        }
    }

    #[test]
    fn one_more_rest_day_never_makes_a_term_end_earlier(
        trigger in a_day(), days in 1_u32..120, more in 0_i32..200, is_working in any::<bool>(),
    ) {
        let rest = trigger.plus_days(more);
        let text = pack("cn").text.replacen("version = \"1\"", "version = \"2\"", 1) + &format!(
            "\n[[notice]]\nid = \"more\"\nknown_from = \"2030-01-01\"\ncovers_from = \"\"\ncovers_to = \"\"\n\
            source = \"a test\"\nconfidence = \"design\"\n[notice.rest]\n\"more\" = [\"{rest}\"]\n");
        let mut set = calendars_alone();
        set.adopt(Position(1), PackKind::Calendar, "cn", "2", &text).unwrap();
        let unit = if is_working { "working_day" } else { "calendar_day" };
        let end = |at| {
            due(&length(days, unit, "cn"), trigger, &set.calendars(Position(at), None)).unwrap().last_day
        };
        prop_assert!(end(0) <= end(1));
    }
}
