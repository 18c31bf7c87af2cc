use super::*;
use crate::builtin::PACKS;
use crate::publication::RecordClass;
use probity_types::{Category, Polarity};

fn book() -> ClockBook {
    ClockBook::parse(PACKS[8].text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn the_shipped_clocks_load() {
    let book = book();
    assert_eq!(book.clocks().count(), 75);
    let dual = book.clock("dual-publish").expect("a clock");
    let term = TermLength::new(7, Unit::WorkingDay, Some("cn".to_owned())).expect("a length");
    assert_eq!((&dual.term, &dual.extended), (&term, &None));
    let source = book.clock("def-obj-source").expect("a clock");
    assert_eq!(source.extended.as_ref().map(TermLength::length), Some(10));
    assert!(source.tolling.is_some() && source.on_breach.is_some());
}

#[test]
fn faults_name_the_clock_and_the_field() {
    for (from, to, expected) in [
        (
            "unit = \"immediate\"",
            "unit = \"soon\"",
            "clock def-obj-mark, field unit",
        ),
        (
            "length = 0\nunit = \"immediate\"",
            "length = 1\nunit = \"immediate\"",
            "clock def-obj-mark, field length: 1 is no length of a term in immediate",
        ),
        (
            "length = 1\nunit = \"working_day\"",
            "length = 0\nunit = \"working_day\"",
            "clock def-obj-accept, field length: 0 is no length",
        ),
        (
            "calendar = \"cn-xj\"",
            "calendar = \"civil\"",
            "clock def-obj-accept, field length: working days are counted by a calendar",
        ),
        (
            "extension_unit = \"working_day\"",
            "extension_unit = \"calendar_day\"",
            "clock def-obj-source, field extension_unit",
        ),
        (
            "length = 60\nunit = \"calendar_day\"",
            "length = 7\nunit = \"calendar_day\"",
            "clock rl-apply, field unit: calendar_day; right would be working_day, by 行政复议法 (2023) art. 88",
        ),
        (
            "lengths = [10]",
            "lengths = [10, 11]",
            "counting coercion-law-2012, field lengths",
        ),
        (
            "id = \"def-obj-accept\"",
            "id = \"def-obj-mark\"",
            "clock def-obj-mark, field id: stands twice",
        ),
    ] {
        let text = PACKS[8].text.replacen(from, to, 1);
        assert_ne!(text, PACKS[8].text, "{from}");
        let said = ClockBook::parse(&text).expect_err("a fault").to_string();
        assert!(said.contains(expected), "{said}");
    }
}

/// Domain reference §9: which terms count working days is itself a rule of each law.
#[test]
fn each_law_says_which_of_its_terms_count_working_days() {
    let book = book();
    let unit = |regime, days| {
        let rule = book.counting(regime, date("2026-11-25")).expect("a rule");
        rule.unit(days)
    };
    let (working, every) = (Unit::WorkingDay, Unit::CalendarDay);
    let penalties = [2, 3, 5, 7, 1, 4, 10, 15, 90].map(|days| unit("penalty-law-2021", days));
    assert_eq!(penalties[..4], [working; 4]);
    assert_eq!(penalties[4..], [every; 5]);
    let coercion = [1, 3, 10, 11, 30].map(|days| unit("coercion-law-2012", days));
    assert_eq!(coercion, [working, working, working, every, every]);
    let review = [3, 5, 7, 10, 2, 30, 60].map(|days| unit("review-law-2023", days));
    assert_eq!(review[..4], [working; 4]);
    assert_eq!(review[4..], [every; 3]);
    assert_eq!(
        [10, 20, 90].map(|days| unit("licence-law-2004", days)),
        [working; 3]
    );
    assert_eq!(
        [3, 20, 30].map(|days| unit("credit-industry-2013", days)),
        [every; 3]
    );
    assert!(
        book.counting("penalty-law-2021", date("2021-07-14"))
            .is_none()
    );
    assert!(book.counting("shanghai-2017", date("2026-11-25")).is_none());
}

#[test]
fn the_clock_that_runs_is_the_one_of_law_class_stage_and_trigger_date() {
    let book = book();
    let asked = |regime, entry: &'static str, stage, trigger| {
        let question = ClockQuestion {
            regime,
            class: RecordClass::Record {
                category: if entry.starts_with("QZ") {
                    Category::QZ
                } else {
                    Category::CF
                },
                entry,
            },
            polarity: Polarity::Adverse,
            stage,
            trigger: date(trigger),
        };
        let clocks = book.applying(&question);
        clocks
            .iter()
            .map(|clock| clock.id.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        asked("dual-publicity-2018", "CF006", "publish", "2018-07-01"),
        ["dual-publish"]
    );
    assert_eq!(
        asked("dual-publicity-2018", "CF006", "publish", "2018-06-30"),
        [""; 0]
    );
    assert_eq!(
        asked("dual-publicity-2018", "QZ001", "publish", "2018-07-01"),
        [""; 0]
    );
    // A case keeps the clock of its trigger date: the last day of the trial rules and the first of order 36.
    assert_eq!(
        asked("repair-trial-2023", "CF006", "repair.accept", "2026-03-31"),
        ["t58-accept"]
    );
    assert_eq!(
        asked("repair-trial-2023", "CF006", "repair.accept", "2026-04-01"),
        [""; 0]
    );
    assert_eq!(
        asked("repair-order-36", "CF006", "repair.accept", "2026-04-01"),
        ["rp-accept"]
    );
    // Terms of several parties and triggers run at once.
    assert_eq!(
        asked("market-supervision-2021", "CF006", "publish", "2026-04-01"),
        ["ms-publish", "ms-publish-out", "ms-publish-in"]
    );
    assert_eq!(
        asked(
            "coercion-law-2012",
            "QZ003",
            "coercion.max_term",
            "2026-04-01"
        ),
        ["cl-freeze"]
    );
    // Data of private agencies are never records of ours.
    assert_eq!(
        asked(
            "shanghai-2017",
            "CF006",
            "objection.decide_own",
            "2026-04-01"
        ),
        ["sh-own"]
    );
    let listing = ClockQuestion {
        regime: "product-default",
        class: RecordClass::List {
            id: "judgment-defaulters",
        },
        polarity: Polarity::Adverse,
        stage: "listing.statement",
        trigger: date("2026-04-01"),
    };
    assert_eq!(book.applying(&listing)[0].id, "def-list-statement");
}

#[test]
fn a_clock_named_outside_its_time_is_refused_with_its_time() {
    let set = PolicySet::builtin().expect("shipped packs load");
    let calendars = set.calendars(Position(0), None);
    let book = book();
    let clock = book.clock("t58-accept").expect("a clock");
    let refused = clock
        .due(date("2026-04-01"), false, &calendars)
        .expect_err("out of force");
    assert_eq!(
        refused.to_string(),
        "clock t58-accept is in force 2023-05-01 to 2026-03-31, not on the trigger date 2026-04-01"
    );
    assert!(clock.running((), date("2023-04-30")).is_err());
}

#[test]
fn a_length_that_cannot_be_counted_is_refused() {
    let make = |length, unit, calendar: &str| {
        let calendar = (calendar != CIVIL).then(|| calendar.to_owned());
        TermLength::new(length, unit, calendar)
    };
    for (length, unit) in [
        (0, Unit::WorkingDay),
        (0, Unit::CalendarDay),
        (0, Unit::Month),
        (TERM_DAYS_MAX + 1, Unit::WorkingDay),
        (TERM_DAYS_MAX + 1, Unit::CalendarDay),
        (TERM_MONTHS_MAX + 1, Unit::Month),
        (1, Unit::Immediate),
    ] {
        let refused = make(length, unit, "cn");
        assert!(
            matches!(refused, Err(TermError::Length { .. })),
            "{length} {unit}"
        );
    }
    assert_eq!(
        make(1, Unit::WorkingDay, CIVIL),
        Err(TermError::NeedsCalendar)
    );
    let set = PolicySet::builtin().expect("shipped packs load");
    let calendars = set.calendars(Position(0), None);
    let at = |text, length, unit, calendar: &str| {
        due(
            &make(length, unit, calendar).expect("a length"),
            date(text),
            &calendars,
        )
    };
    let beyond = |text| {
        Err(TermError::BeyondDates {
            trigger: date(text),
        })
    };
    for (unit, calendar) in [
        (Unit::WorkingDay, "cn"),
        (Unit::CalendarDay, "cn"),
        (Unit::CalendarDay, CIVIL),
        (Unit::Month, CIVIL),
        (Unit::Month, "cn-xj"),
    ] {
        assert_eq!(at("9999-12-30", 20, unit, calendar), beyond("9999-12-30"));
        assert_eq!(at("9999-12-31", 1, unit, calendar), beyond("9999-12-31"));
    }
    let unknown = at("2026-04-01", 1, Unit::WorkingDay, "cn-xz").expect_err("no such calendar");
    assert!(matches!(unknown, TermError::Calendar(NoCalendar { ref id, .. }) if id == "cn-xz"));
}

#[test]
fn an_immediate_term_ends_on_the_day_of_its_trigger() {
    let set = PolicySet::builtin().expect("shipped packs load");
    let calendars = set.calendars(Position(0), None);
    let book = book();
    let clock = book.clock("def-obj-mark").expect("a clock");
    // A Sunday: what happens in the same append needs no working day.
    let found = clock
        .due(date("2026-11-22"), false, &calendars)
        .expect("a date");
    assert_eq!(
        (found.last_day, found.is_provisional()),
        (date("2026-11-22"), false)
    );
    assert_eq!(found.sentence().en, "at once, on 2026-11-22");
}

#[test]
fn an_extension_lengthens_the_term_in_all() {
    let set = PolicySet::builtin().expect("shipped packs load");
    let calendars = set.calendars(Position(0), None);
    let book = book();
    let due = |id: &str, extended| {
        let clock = book.clock(id).expect("a clock");
        let found = clock.due(date("2025-08-01"), extended, &calendars);
        found.unwrap_or_else(|e| panic!("{e}")).last_day.to_string()
    };
    assert_eq!(
        (due("def-obj-source", false), due("def-obj-source", true)),
        ("2025-08-12".to_owned(), "2025-08-15".to_owned())
    );
    assert_eq!(
        due("def-obj-own", true),
        due("def-obj-own", false),
        "no extension there"
    );
}

#[test]
fn clocks_are_those_known_at_the_position() {
    let mut set = PolicySet::builtin().expect("shipped packs load");
    let text = PACKS[8]
        .text
        .replacen("version = \"1\"", "version = \"2\"", 1)
        .replacen("id = \"def-obj-own\"", "id = \"def-obj-self\"", 1);
    set.adopt(
        Position(50),
        crate::head::PackKind::Clocks,
        "clocks",
        "2",
        &text,
    )
    .expect("adopted");
    let known = |at| {
        set.clocks(Position(at), date("2026-04-01"))
            .expect("clocks")
    };
    assert!(
        known(49).0.clock("def-obj-own").is_some() && known(49).0.clock("def-obj-self").is_none()
    );
    assert!(
        known(50).0.clock("def-obj-own").is_none() && known(50).0.clock("def-obj-self").is_some()
    );
    assert_eq!(
        (known(50).1.version.as_str(), known(50).1.adopted_at),
        ("2", Position(50))
    );
    assert!(
        PolicySet::default()
            .clocks(Position(9), date("2026-04-01"))
            .is_err()
    );
}
