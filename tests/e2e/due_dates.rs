//! Due dates as callers ask for them, over the socket of the real program.

use probity_tests::{Folder, Server};
use serde_json::{Value, json};

fn ask(server: &Server, query: &str) -> Value {
    let reply = server.get(&format!("/v1/due-dates?{query}"));
    reply.expect(200).clone()
}

fn days(answer: &Value, member: &str) -> Vec<String> {
    let notes = answer[member].as_array().expect("a list");
    let day = |note: &Value| note["day"].as_str().expect("a day").to_owned();
    notes.iter().map(day).collect()
}

/// P22, P23
#[test]
fn due_dates_explain_themselves_and_are_recomputed_when_a_notice_is_revised() {
    let folder = Folder::begin();
    let server = folder.serve();

    // Make-up days count: Sunday 20 September 2026.
    let found = ask(
        &server,
        "length=3&unit=working_day&calendar=cn&trigger=2026-09-18",
    );
    assert_eq!(
        (&found["last_day"], &found["is_provisional"]),
        (&json!("2026-09-22"), &json!(false))
    );
    assert_eq!(
        (days(&found, "skipped"), days(&found, "made_up")),
        (vec!["2026-09-19".to_owned()], vec!["2026-09-20".to_owned()])
    );
    assert_eq!(
        found["skipped"][0]["feast"],
        Value::Null,
        "a plain Saturday"
    );
    assert_eq!(found["notices"], json!(["cn-2026"]));

    // Spring Festival, by the clock of the law, with its source and the calendar's version.
    let found = ask(&server, "clock=dual-publish&trigger=2026-02-12");
    assert_eq!(found["last_day"], "2026-02-28");
    assert_eq!(days(&found, "skipped").len(), 9);
    assert_eq!(
        found["skipped"][0],
        json!({"day": "2026-02-15", "feast": "春节", "notice": "cn-2026"})
    );
    assert_eq!(found["clock"]["source"], "发改办财金〔2018〕424号");
    assert_eq!(
        (
            &found["clock"]["pack"]["id"],
            &found["calendar_versions"][0]["version"]
        ),
        (&json!("clocks"), &json!("1"))
    );
    assert_eq!(found["revised"], Value::Null);

    // The calendar of the region, and of the nation.
    let region = ask(
        &server,
        "length=3&unit=working_day&calendar=cn-xj&trigger=2025-06-04",
    );
    let nation = ask(
        &server,
        "length=3&unit=working_day&calendar=cn&trigger=2025-06-04",
    );
    assert_eq!(
        (&region["last_day"], &nation["last_day"]),
        (&json!("2025-06-12"), &json!("2025-06-09"))
    );

    // The revision of 2020: as computed before it, and as it is known now, side by side.
    let query = "length=7&unit=working_day&calendar=cn&trigger=2020-01-21";
    let then = ask(&server, &format!("{query}&known_on=2020-01-20"));
    assert_eq!(
        (&then["last_day"], &then["revised"]["last_day"]),
        (&json!("2020-02-05"), &json!("2020-02-07"))
    );
    assert_eq!(
        then["revised"]["notices"],
        json!(["cn-2020", "cn-2020-revised"])
    );
    let now = ask(&server, query);
    assert_eq!(
        (&now["last_day"], &now["revised"]),
        (&json!("2020-02-07"), &Value::Null)
    );

    // A term into 2027 says that it is provisional, and through which days.
    let found = ask(&server, "clock=dual-publish&trigger=2026-12-28");
    assert_eq!(
        (&found["last_day"], &found["is_provisional"]),
        (&json!("2027-01-06"), &json!(true))
    );
    let open = &found["provisional"][0];
    assert_eq!(
        (&open["first"], &open["last"], &open["why"]),
        (&json!("2027-01-01"), &json!("2027-01-06"), &json!("beyond"))
    );

    // Civil days carry no zone; days on which summer time began or ended are days like others.
    for (trigger, expected) in [
        ("1991-09-14", "1991-09-15"),
        ("1988-07-01", "1988-07-02"),
        ("2026-03-31", "2026-04-01"),
    ] {
        let found = ask(
            &server,
            &format!("length=1&unit=calendar_day&trigger={trigger}"),
        );
        assert_eq!(
            (&found["last_day"], &found["calendar"]),
            (&json!(expected), &json!("civil"))
        );
    }

    // Which terms count working days is a rule of each law.
    let by_law = |length| {
        ask(
            &server,
            &format!("length={length}&regime=penalty-law-2021&calendar=cn&trigger=2026-09-16"),
        )
    };
    let (seven, fifteen) = (by_law(7), by_law(15));
    assert_eq!(
        (&seven["unit"], &fifteen["unit"]),
        (&json!("working_day"), &json!("calendar_day"))
    );
    assert_eq!(
        (&fifteen["last_day"], &fifteen["counted_by"]),
        (&json!("2026-10-08"), &json!("行政处罚法 (2021) art. 85"))
    );
}

#[test]
fn a_term_that_cannot_be_counted_is_refused_with_what_would_be_right() {
    let folder = Folder::begin();
    let server = folder.serve();
    for (query, said) in [
        ("trigger=2026-09-18", "clock alone, or length with unit"),
        (
            "clock=dual-publish&calendar=cn&trigger=2026-09-18",
            "calendar goes with a length",
        ),
        (
            "clock=none&trigger=2026-09-18",
            "no clock \"none\" is adopted",
        ),
        (
            "clock=t58-accept&trigger=2026-04-01",
            "in force 2023-05-01 to 2026-03-31",
        ),
        (
            "length=7&unit=working_day&trigger=2026-09-18",
            "working days are counted by a calendar",
        ),
        (
            "length=0&unit=working_day&calendar=cn&trigger=2026-09-18",
            "right is 1 to 3660",
        ),
        (
            "length=7&unit=working_day&calendar=xz&trigger=2026-09-18",
            "no calendar \"xz\"",
        ),
        (
            "length=7&unit=fortnight&calendar=cn&trigger=2026-09-18",
            "fortnight",
        ),
        (
            "length=7&regime=none&calendar=cn&trigger=2026-09-18",
            "no rule of counting",
        ),
        (
            "length=1&unit=month&trigger=9999-12-31",
            "ends after 9999-12-31",
        ),
        ("clock=dual-publish&trigger=2026-02-30", "no such day"),
        ("clock=dual-publish&trigger=2026-09-18&zone=utc", "zone"),
    ] {
        let reply = server.get(&format!("/v1/due-dates?{query}"));
        let problem = reply.problem(400, "invalid-query");
        assert!(
            problem.to_string().contains(&said.replace('"', "\\\"")),
            "{query}: {problem}"
        );
    }
    // Before the packs were adopted there was no clock.
    let reply = server.get("/v1/due-dates?clock=dual-publish&trigger=2026-09-18&known_at=0");
    reply.problem(404, "not-found");
}

/// P23
#[test]
fn calendars_say_what_they_cover_and_from_where_dates_are_provisional() {
    let folder = Folder::begin();
    let server = folder.serve();
    let reply = server.get("/v1/calendars");
    let items = reply.expect(200)["items"].as_array().expect("items");
    let [nation, region] = &items[..] else {
        panic!("{items:?}");
    };
    assert_eq!(
        (&nation["id"], &nation["version"], &nation["lies_over"]),
        (&json!("cn"), &json!("1"), &Value::Null)
    );
    assert_eq!(
        nation["covered"],
        json!([{"first": "2012-01-01", "last": "2026-12-31"}])
    );
    assert_eq!(nation["provisional_from"], "2027-01-01");
    assert_eq!(nation["notices"].as_array().map(Vec::len), Some(18));
    assert_eq!(
        (&region["id"], &region["lies_over"]),
        (&json!("cn-xj"), &json!("cn"))
    );
    assert_eq!(region["provisional_from"], "2026-01-01");
    assert_eq!(
        region["covered"].as_array().map(Vec::len),
        Some(4),
        "2022 and 2023 are one"
    );
    let then = server.get("/v1/calendars?known_on=2020-01-26");
    let nation = &then.expect(200)["items"][0];
    assert_eq!(nation["provisional_from"], "2021-01-01");
    assert_eq!(nation["notices"].as_array().map(Vec::len), Some(11));
}
