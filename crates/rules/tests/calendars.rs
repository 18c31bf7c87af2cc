//! The shipped calendars against the verified files and the notes on them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own values must stop"
)]

mod support;

use probity_rules::calendar::{Calendar, Calendars, UncoveredWhy};
use probity_types::{CivilDate, Position};
use std::collections::BTreeMap;
use support::*;

/// What the table of working-day calendars (`README.md` of the field's data) says: year, days listed, working days.
const YEARS: [(&str, &str, usize, usize); 15] = [
    ("2012", include_str!("fixtures/calendar/2012.csv"), 33, 249),
    ("2013", include_str!("fixtures/calendar/2013.csv"), 41, 250),
    ("2014", include_str!("fixtures/calendar/2014.csv"), 27, 250),
    ("2015", include_str!("fixtures/calendar/2015.csv"), 31, 249),
    ("2016", include_str!("fixtures/calendar/2016.csv"), 30, 250),
    ("2017", include_str!("fixtures/calendar/2017.csv"), 29, 249),
    ("2018", include_str!("fixtures/calendar/2018.csv"), 32, 250),
    ("2019", include_str!("fixtures/calendar/2019.csv"), 28, 250),
    ("2020", include_str!("fixtures/calendar/2020.csv"), 37, 249),
    ("2021", include_str!("fixtures/calendar/2021.csv"), 38, 250),
    ("2022", include_str!("fixtures/calendar/2022.csv"), 39, 249),
    ("2023", include_str!("fixtures/calendar/2023.csv"), 33, 249),
    ("2024", include_str!("fixtures/calendar/2024.csv"), 36, 251),
    ("2025", include_str!("fixtures/calendar/2025.csv"), 33, 248),
    ("2026", include_str!("fixtures/calendar/2026.csv"), 39, 248),
];
const XINJIANG: &str = include_str!("fixtures/calendar/xinjiang.csv");
const REVISIONS: &str = include_str!("fixtures/calendar/revisions.csv");

/// 1970-01-01 was a Thursday.
fn plain_week(day: CivilDate) -> bool {
    (day.days() + 3).rem_euclid(7) < 5
}

#[test]
fn the_national_calendar_is_the_verified_one_day_by_day() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let calendar = calendars.calendar("cn", date("2026-01-01")).unwrap();
    for (year, text, listed, working) in YEARS {
        let kinds: BTreeMap<CivilDate, Vec<String>> = rows(text)
            .into_iter()
            .map(|row| (date(&row[0]), row))
            .collect();
        assert_eq!(kinds.len(), listed, "{year}");
        let mut works = 0;
        for day in days(&format!("{year}-01-01"), &format!("{year}-12-31")) {
            let found = calendar.day(day);
            works += usize::from(found.works);
            match kinds.get(&day) {
                Some(row) => {
                    assert_eq!(found.works, row[1] == "workday", "{row:?}");
                    assert_eq!(
                        found.named.map(|named| named.0),
                        Some(row[2].as_str()),
                        "{day}"
                    );
                }
                None => assert_eq!((found.works, found.named), (plain_week(day), None), "{day}"),
            }
        }
        assert_eq!(works, working, "{year}");
    }
}

/// A file holds the days of its year, a notice those that it named: 2018-12-29 to 31 and 2022-12-31 come from the next year's notice.
#[test]
fn last_days_of_a_year_that_the_next_notice_names_change_when_it_comes_out() {
    let set = shipped();
    let works = |day: &str, known_on: &str| {
        let calendars = set.calendars(Position(0), Some(date(known_on)));
        calendars
            .calendar("cn", date(day))
            .unwrap()
            .day(date(day))
            .works
    };
    assert!(works("2018-12-31", "2018-12-05") && !works("2018-12-31", "2018-12-06"));
    assert!(!works("2018-12-29", "2018-12-05") && works("2018-12-29", "2018-12-06"));
    let calendars = set.calendars(Position(0), None);
    let calendar = calendars.calendar("cn", date("2022-01-01")).unwrap();
    assert_eq!(
        calendar.day(date("2022-12-31")).named,
        Some(("元旦", "cn-2023"))
    );
}

/// The one other source that differed was wrong about these two days of 2016.
#[test]
fn the_two_disputed_days_of_2016_are_as_the_notice_says() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let calendar = calendars.calendar("cn", date("2016-01-01")).unwrap();
    assert!(calendar.day(date("2016-10-09")).works);
    let plain = calendar.day(date("2016-12-30"));
    assert_eq!((plain.works, plain.named), (true, None));
}

#[test]
fn every_revision_shows_from_its_announcement_on_and_not_before() {
    let set = shipped();
    let revisions = rows(REVISIONS);
    assert_eq!(revisions.len(), 9);
    for row in revisions {
        let (day, announced) = (date(&row[0]), date(&row[3]));
        let works = |known_on| {
            let calendars = set.calendars(Position(0), known_on);
            calendars.calendar("cn", day).unwrap().day(day).works
        };
        let kind = |works: bool| if works { "workday" } else { "rest" };
        assert_eq!(
            kind(works(Some(announced.plus_days(-1)))),
            row[1],
            "{row:?}"
        );
        let after = if row[2] == "workday" {
            "workday"
        } else {
            "rest"
        };
        assert_eq!(kind(works(Some(announced))), after, "{row:?}");
        assert_eq!(kind(works(None)), after, "{row:?}");
    }
}

fn both<'a>(calendars: &Calendars<'a>, day: CivilDate) -> [Calendar<'a>; 2] {
    ["cn", "cn-xj"].map(|id| calendars.calendar(id, day).unwrap())
}

/// Of the 24 days of the overlay 17 change a working day.
#[test]
fn the_region_changes_exactly_the_days_that_the_notes_name() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let [national, regional] = both(&calendars, date("2026-01-01"));
    let overlay: BTreeMap<CivilDate, String> = rows(XINJIANG)
        .into_iter()
        .map(|row| (date(&row[0]), row[1].clone()))
        .collect();
    assert_eq!(overlay.len(), 24);
    let mut changed = Vec::new();
    for day in days("2012-01-01", "2026-12-31") {
        let found = regional.day(day);
        match overlay.get(&day) {
            Some(kind) => assert_eq!(found.works, kind == "workday", "{day}"),
            None => assert_eq!(found, national.day(day), "{day}"),
        }
        if found.works != national.day(day).works {
            changed.push(format!("{day}{}", if found.works { " works" } else { "" }));
        }
    }
    let expected = "2013-08-08, 2016-09-10 works, 2016-09-12, 2016-09-13, 2016-09-14, 2022-05-05, 2022-07-11, \
        2022-07-12, 2022-07-13, 2023-04-21, 2023-06-28, 2023-06-29, 2023-06-30, 2025-03-31, 2025-06-06, 2025-06-09, 2025-06-10";
    assert_eq!(changed.join(", "), expected);
}

/// In 2016 the feast was moved by a day in a supplementary notice of 7 September while the days off stayed.
#[test]
fn the_supplementary_notice_of_2016_left_the_days_off_where_they_were() {
    let set = shipped();
    let found = working(&set, 3, "cn-xj", "2016-09-08");
    let skipped: Vec<String> = found
        .explanation
        .skipped
        .iter()
        .map(|note| note.day.to_string())
        .collect();
    assert_eq!(
        skipped,
        [
            "2016-09-11",
            "2016-09-12",
            "2016-09-13",
            "2016-09-14",
            "2016-09-15",
            "2016-09-16",
            "2016-09-17"
        ]
    );
    let made_up: Vec<String> = found
        .explanation
        .made_up
        .iter()
        .map(|note| note.day.to_string())
        .collect();
    assert_eq!(made_up, ["2016-09-10", "2016-09-18"]);
}

/// A term that touches a year without overlay is provisional under `cn-xj`; under `cn` it is final.
#[test]
fn a_term_through_a_gap_of_the_region_is_provisional_and_says_where() {
    let set = shipped();
    for year in [2012, 2014, 2015, 2017, 2018, 2019, 2020, 2021, 2024, 2026] {
        let trigger = format!("{year}-06-12");
        assert!(!working(&set, 5, "cn", &trigger).is_provisional(), "{year}");
        let found = working(&set, 5, "cn-xj", &trigger);
        let [open] = &found.provisional[..] else {
            panic!("{year}: {found:?}");
        };
        assert_eq!(
            (open.calendar.as_str(), open.first),
            ("cn-xj", date(&trigger).plus_days(1))
        );
        let why = match year {
            2012 => UncoveredWhy::Before,
            2026 => UncoveredWhy::Beyond,
            _ => UncoveredWhy::Gap,
        };
        assert_eq!((open.last, open.why), (found.last_day, why));
    }
    for year in [2022, 2023, 2025] {
        assert!(!working(&set, 5, "cn-xj", &format!("{year}-06-12")).is_provisional());
    }
    // Of these two years one feast is known: the part of the year in which the other one lay is a gap.
    for (trigger, is_open) in [
        ("2013-07-31", false),
        ("2013-10-10", true),
        ("2016-07-01", true),
        ("2016-09-08", false),
    ] {
        assert_eq!(
            working(&set, 3, "cn-xj", trigger).is_provisional(),
            is_open,
            "{trigger}"
        );
    }
    // From a year that is covered into one that is not.
    let found = working(&set, 5, "cn-xj", "2023-12-28");
    assert_eq!(
        (found.provisional[0].first, found.provisional[0].why),
        (date("2024-01-01"), UncoveredWhy::Gap)
    );
}
