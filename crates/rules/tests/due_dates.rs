//! Due dates against the field's verified examples and the public complaints.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own values must stop"
)]

mod support;

use probity_rules::calendar::UncoveredWhy;
use probity_rules::clock::{CIVIL, RunningTerm, revised};
use probity_rules::{AdoptError, DueDate, PackKind, PolicySet, TermError, due, lateness};
use probity_types::{Position, Timestamp, shanghai_day};
use support::*;

#[test]
fn every_example_holds_to_the_day() {
    let set = shipped();
    let examples = rows(include_str!("fixtures/clock-examples.csv"));
    assert_eq!(examples.len(), 22);
    for row in examples {
        let [trigger, count, unit, calendar, last_day, provisional, _] = &row[..] else {
            panic!("{row:?}");
        };
        let (calendar, known_on) = match calendar.split_once('@') {
            Some((calendar, on)) => (calendar, Some(date(on))),
            None => (calendar.as_str(), None),
        };
        let term = length(count.parse().unwrap(), unit, calendar);
        let calendars = set.calendars(Position(0), known_on);
        let found = due(&term, date(trigger), &calendars).unwrap();
        assert_eq!(found.last_day, date(last_day), "{row:?}");
        assert_eq!(found.is_provisional(), provisional == "yes", "{row:?}");
    }
}

/// Legal days end at 24:00 Asia/Shanghai: an electronic filing at 23:59 of the last day is in time.
#[test]
fn a_filing_a_minute_before_midnight_is_in_time() {
    let set = shipped();
    let (book, _) = set.clocks(Position(0), date("2026-04-01")).unwrap();
    let calendars = set.calendars(Position(0), None);
    let clock = book.clock("dual-publish").unwrap();
    let filed = |instant: &str| {
        let instant: Timestamp = instant.parse().unwrap();
        lateness(clock, date("2026-04-01"), shanghai_day(instant), &calendars).unwrap()
    };
    let in_time = filed("2026-04-13T15:59:59Z");
    assert_eq!(
        (in_time.due.last_day, in_time.is_late),
        (date("2026-04-13"), false)
    );
    assert_eq!(
        (in_time.working_days_taken, in_time.working_days_late),
        (7, 0)
    );
    let late = filed("2026-04-13T16:00:00Z");
    assert_eq!(
        (
            late.is_late,
            late.working_days_taken,
            late.working_days_late
        ),
        (true, 8, 1)
    );
}

/// P22: the trigger is a civil day of Shanghai, whatever the hour in UTC; a term over the days of a change to or from summer time
/// counts days, not hours.
#[test]
fn terms_count_civil_days_of_shanghai() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let from = |instant: &str, days| {
        let instant: Timestamp = instant.parse().unwrap();
        let term = length(days, "calendar_day", CIVIL);
        due(&term, shanghai_day(instant), &calendars)
            .unwrap()
            .last_day
    };
    // Half past midnight of 1 April in Shanghai.
    assert_eq!(from("2026-03-31T16:30:00Z", 15), date("2026-04-16"));
    assert_eq!(from("2026-03-31T15:59:59Z", 15), date("2026-04-15"));
    // Summer time ended on 1991-09-15 and ran over 1988-07-01; 23:30 of 30 June is an hour earlier in UTC then.
    let civil = |trigger, days| {
        due(
            &length(days, "calendar_day", CIVIL),
            date(trigger),
            &calendars,
        )
        .unwrap()
        .last_day
    };
    assert_eq!(civil("1991-09-14", 1), date("1991-09-15"));
    assert_eq!(civil("1991-09-14", 2), date("1991-09-16"));
    assert_eq!(civil("1988-07-01", 1), date("1988-07-02"));
    assert_eq!(from("1988-06-30T15:00:00Z", 1), date("1988-07-02"));
    assert_eq!(from("1988-06-30T14:59:59Z", 1), date("1988-07-01"));
}

/// P23: make-up days of 2026 are working days, and Spring Festival rests from 15 to 23 February.
#[test]
fn make_up_days_count_and_the_spring_festival_of_2026_does_not() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let calendar = calendars.calendar("cn", date("2026-01-01")).unwrap();
    for day in ["2026-09-20", "2026-10-10", "2026-02-14", "2026-02-28"] {
        let found = calendar.day(date(day));
        assert!(found.works && found.is_weekend, "{day}");
    }
    assert!(days("2026-02-15", "2026-02-23").all(|day| !calendar.day(day).works));
    let found = working(&set, 7, "cn", "2026-02-12");
    let why = &found.explanation;
    assert_eq!(found.last_day, date("2026-02-28"));
    assert_eq!(why.skipped.len(), 9);
    let rested = why.skipped.iter().map(|note| note.named.as_ref().unwrap());
    assert!(
        rested
            .into_iter()
            .all(|named| (named.feast.as_str(), named.notice.as_str()) == ("春节", "cn-2026"))
    );
    let version = why.calendar.as_ref().unwrap();
    assert_eq!(version.notices, ["cn-2026"]);
    assert_eq!(
        (
            version.packs[0].id.as_str(),
            version.packs[0].version.as_str()
        ),
        ("cn", "1")
    );
    let said = found.sentence();
    assert_eq!(
        said.en,
        "7 working days from the day after 2026-02-12: to the end of 2026-02-28, rest days left out: 9, make-up working days counted: 2"
    );
    assert!(
        said.zh
            .contains("自 2026-02-12 的次日起算 7个工作日，至 2026-02-28 24时止"),
        "{}",
        said.zh
    );
}

/// P23: the revisions of 2019 and 2020 recompute, and both results are there to be told.
#[test]
fn a_revised_notice_gives_both_results() {
    let set = shipped();
    let term = |key, trigger, days| RunningTerm {
        key,
        rule: None,
        term: length(days, "working_day", "cn"),
        trigger: date(trigger),
    };
    let running = || {
        [
            term("over the festival", "2020-01-21", 7),
            term("before it", "2020-01-13", 3),
            term("long after it", "2020-03-02", 5),
        ]
    };
    let known = |on| set.calendars(Position(0), Some(date(on)));
    let changed = revised(running(), &known("2020-01-26"), &known("2020-01-27")).unwrap();
    let [(key, both)] = &changed[..] else {
        panic!("{changed:?}");
    };
    assert_eq!(*key, "over the festival");
    assert!(both.moves());
    assert_eq!(
        (both.before.last_day, both.after.last_day),
        (date("2020-02-05"), date("2020-02-07"))
    );
    let notices = |due: &DueDate| due.explanation.calendar.clone().unwrap().notices;
    assert_eq!(notices(&both.before), ["cn-2020"]);
    assert_eq!(notices(&both.after), ["cn-2020", "cn-2020-revised"]);
    let may = [term("labour day", "2019-04-26", 3)];
    let changed = revised(may, &known("2019-03-21"), &known("2019-03-22")).unwrap();
    let both = &changed[0].1;
    assert_eq!(
        (both.before.last_day, both.after.last_day),
        (date("2019-05-02"), date("2019-04-30"))
    );
}

/// The national calendar with the notice of 2027 that is not out yet.
fn with_2027() -> String {
    let text = pack("cn")
        .text
        .replacen("version = \"1\"", "version = \"2\"", 1);
    text + "
[[notice]]
id = \"cn-2027\"
known_from = \"2026-11-10\"
covers_from = \"2027-01-01\"
covers_to = \"2027-12-31\"
source = \"made up for this test\"
confidence = \"design\"
[notice.rest]
\"元旦\" = [\"2027-01-01\", \"2027-01-02\", \"2027-01-03\"]
"
}

/// P23: a term into 2027 is provisional until the notice is adopted, and then final under the new version; the old answer stays.
#[test]
fn a_term_into_2027_becomes_final_when_the_notice_is_adopted() {
    let mut set = shipped();
    set.adopt(Position(70), PackKind::Calendar, "cn", "2", &with_2027())
        .unwrap();
    let (book, _) = set.clocks(Position(70), date("2026-12-28")).unwrap();
    let clock = book.clock("dual-publish").unwrap();
    let running = [
        clock.running("into 2027", date("2026-12-28")).unwrap(),
        clock.running("within 2026", date("2026-12-01")).unwrap(),
    ];
    let (before, after) = (
        set.calendars(Position(69), None),
        set.calendars(Position(70), None),
    );
    let changed = revised(running, &before, &after).unwrap();
    let [("into 2027", both)] = &changed[..] else {
        panic!("{changed:?}");
    };
    assert_eq!(
        (both.before.last_day, both.after.last_day),
        (date("2027-01-06"), date("2027-01-07"))
    );
    let open = &both.before.provisional[0];
    assert_eq!(
        (open.first, open.last, open.why),
        (date("2027-01-01"), date("2027-01-06"), UncoveredWhy::Beyond)
    );
    assert!(
        both.before
            .sentence()
            .en
            .contains("no notice about these days is known yet")
    );
    assert!(!both.after.is_provisional());
    assert_eq!(
        both.after.explanation.rule.as_ref().unwrap().id,
        "dual-publish"
    );
    let version = both.after.explanation.calendar.clone().unwrap();
    assert_eq!(
        (
            version.packs[0].version.as_str(),
            version.packs[0].adopted_at
        ),
        ("2", Position(70))
    );
    assert_eq!(version.notices, ["cn-2026", "cn-2027"]);
    // What was known on a day before the notice came out is still the old answer.
    let then = set.calendars(Position(70), Some(date("2026-11-09")));
    let then = clock.due(date("2026-12-28"), false, &then).unwrap();
    assert_eq!(
        (then.last_day, then.is_provisional()),
        (date("2027-01-06"), true)
    );
}

#[test]
fn a_calendar_that_does_not_fit_is_not_adopted() {
    let mut set = PolicySet::default();
    let regional = pack("cn-xj");
    let adopted = set.adopt(Position(0), PackKind::Calendar, "cn-xj", "1", regional.text);
    assert!(
        matches!(adopted, Err(AdoptError::NoBase { .. })),
        "{adopted:?}"
    );
    set.adopt(Position(0), PackKind::Calendar, "cn", "1", pack("cn").text)
        .unwrap();
    set.adopt(Position(1), PackKind::Calendar, "cn-xj", "1", regional.text)
        .unwrap();
    let third = regional
        .text
        .replacen("id = \"cn-xj\"", "id = \"city\"", 1)
        .replacen("lies_over = \"cn\"", "lies_over = \"cn-xj\"", 1);
    let adopted = set.adopt(Position(2), PackKind::Calendar, "city", "1", &third);
    assert!(
        matches!(adopted, Err(AdoptError::NoBase { .. })),
        "{adopted:?}"
    );
    // The one below turned into one above later on: the answer says so, and does not go round.
    let turned = pack("cn")
        .text
        .replacen("version = \"1\"", "version = \"2\"", 1)
        .replacen(
            "[[notice]]",
            "[calendar]\nlies_over = \"cn-xj\"\n[[notice]]",
            1,
        );
    let adopted = set.adopt(Position(3), PackKind::Calendar, "cn", "2", &turned);
    assert!(
        matches!(adopted, Err(AdoptError::NoBase { .. })),
        "{adopted:?}"
    );
    assert_eq!(set.adopted().count(), 2);
}

#[test]
fn a_calendar_term_that_ends_on_a_rest_day_moves_on_and_a_civil_one_does_not() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let last = |count, unit, calendar, trigger| {
        due(&length(count, unit, calendar), date(trigger), &calendars).unwrap()
    };
    let found = last(15, "calendar_day", "cn", "2026-09-16");
    assert_eq!(found.last_day, date("2026-10-08"));
    let named = found
        .explanation
        .skipped
        .iter()
        .map(|note| note.named.as_ref().unwrap());
    assert_eq!(
        named.map(|named| named.feast.as_str()).collect::<Vec<_>>(),
        ["国庆节"; 7]
    );
    assert_eq!(
        last(15, "calendar_day", CIVIL, "2026-09-16").last_day,
        date("2026-10-01")
    );
    // 10 October 2026 is a Saturday that works.
    assert_eq!(
        last(1, "month", "cn", "2026-09-10").last_day,
        date("2026-10-10")
    );
    assert_eq!(
        last(1, "month", "cn", "2026-09-01").last_day,
        date("2026-10-08")
    );
    assert_eq!(
        last(1, "month", CIVIL, "2026-09-01").last_day,
        date("2026-10-01")
    );
    // Only where it ends matters: the plain end of this one lies in 2027.
    let found = last(90, "calendar_day", "cn", "2026-10-04");
    assert_eq!(
        (found.last_day, found.provisional[0].first),
        (date("2027-01-04"), date("2027-01-02"))
    );
}

#[test]
fn lateness_counts_working_days_and_says_what_is_still_open() {
    let set = shipped();
    let calendars = set.calendars(Position(0), None);
    let (book, _) = set.clocks(Position(0), date("2026-04-01")).unwrap();
    let clock = book.clock("dual-publish").unwrap();
    let late = |decided, accepted| lateness(clock, date(decided), date(accepted), &calendars);
    let numbers = |decided, accepted| {
        let found = late(decided, accepted).unwrap();
        (
            found.working_days_taken,
            found.working_days_late,
            found.is_late,
        )
    };
    assert_eq!(numbers("2026-02-12", "2026-02-12"), (0, 0, false));
    assert_eq!(numbers("2026-02-12", "2026-02-28"), (7, 0, false));
    // Sunday 1 March: the term is over, but no working day has passed since.
    assert_eq!(numbers("2026-02-12", "2026-03-01"), (7, 0, true));
    assert_eq!(numbers("2026-02-12", "2026-03-03"), (9, 2, true));
    assert!(
        late("2026-02-12", "2026-03-03")
            .unwrap()
            .provisional
            .is_empty()
    );
    let open = late("2026-12-21", "2027-01-20").unwrap();
    assert!(!open.due.is_provisional() && !open.provisional.is_empty());
    assert!(matches!(
        late("2026-02-12", "2026-02-11"),
        Err(TermError::BeforeDecision { .. })
    ));
    // The clock came into force on 2018-07-01.
    assert!(matches!(
        late("2018-06-30", "2018-07-20"),
        Err(TermError::NotInForce { .. })
    ));
    let months = book.clock("cl-court").unwrap();
    let refused = lateness(months, date("2026-02-12"), date("2026-02-13"), &calendars);
    assert_eq!(refused, Err(TermError::NeedsCalendar));
}
