//! Databases share with the register and take from it: a real PostgreSQL, the real program, killed in the middle again and
//! again. Nothing comes twice, nothing is missing, and what is taken back is taken back.

mod city;
mod postgres;

use city::{BROKEN, City, Dice, GOOD, PUSHES, RECIPIENTS, ROWS, code, said, shared};
use probity_tests::{probity, succeed};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::Command;

/// How often each run is killed before it may end.
const KILLS: u32 = 4;

/// What a recipient holds of the taxpayers, beside what the tax office has: account and current amount, sorted.
fn arrears(city: &City) -> (String, String) {
    let held = city.postgres.ask(
        "central-bank",
        "SELECT fields->>'account_no', fields->'amount_current'->>'fen' FROM credit_records
         WHERE subcategory = 'QF001' AND state IN ('in_force', 'corrected') ORDER BY 1",
    );
    let source = city.postgres.ask(
        "source",
        "SELECT account_no, (owed_yuan * 100)::bigint FROM local_tax.arrears WHERE id % 50 <> 0 ORDER BY 1",
    );
    (held, source)
}

#[test]
fn both_ways_end_without_a_double_or_a_gap_however_often_they_are_killed() {
    let mut dice = Dice::new();
    let mut city = City::begin();
    city.admit_all();
    city.push_all(&mut dice, KILLS);
    let events = city.events();
    let count = |event: &str| events.get(event).copied().unwrap_or(0);
    assert_eq!(count("PenaltyRecorded"), GOOD, "{events:?}");
    assert_eq!(count("PermitRecorded"), GOOD, "{events:?}");
    assert_eq!(count("ArrearRecorded"), 2 * GOOD, "{events:?}");
    for profile in PUSHES {
        let rejects = city.rejects(profile);
        let keys: BTreeSet<_> = rejects.iter().map(|row| row["key"].as_u64()).collect();
        let expected: BTreeSet<_> = (1..=BROKEN).map(|n| Some(n * 50)).collect();
        assert_eq!(
            (keys, rejects.len() as u64),
            (expected, BROKEN),
            "{profile}"
        );
        let fault = &rejects[0]["faults"][0];
        assert!(
            fault["rule"].as_str().is_some_and(|rule| !rule.is_empty()),
            "{fault}"
        );
        assert!(
            fault["remedy"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{fault}"
        );
    }

    city.follow_all(&mut dice, KILLS);
    for (recipient, class, rows) in [
        ("central-bank", "QF001", GOOD),
        ("central-bank", "QF007", GOOD),
        ("district", "CF025", GOOD),
        ("district", "XK003", GOOD),
        ("social-insurance", "QF007", GOOD),
        ("tax", "QF001", GOOD),
        ("tax", "XK003", GOOD),
        ("food-drug", "XK003", GOOD),
    ] {
        let wanted = format!("subcategory = '{class}' AND state = 'in_force'");
        assert_eq!(
            city.records(recipient, &wanted),
            rows,
            "{recipient} {class}"
        );
    }
    // What a recipient is not admitted to does not reach it.
    assert_eq!(
        city.records("central-bank", "subcategory NOT IN ('QF001', 'QF007')"),
        0
    );
    assert_eq!(city.records("food-drug", "subcategory <> 'XK003'"), 0);
    let (held, source) = arrears(&city);
    assert_eq!(held, source);
    let first = city.recipient("central-bank");
    assert!(first["acknowledged"].is_u64(), "{first}");
    assert_eq!(first["open_withdrawals"], 0);

    take_back(&mut city, &mut dice);
    city.server = None;
    city.folder.check_log();
    no_number_is_printed(&city);
}

/// Corrections, a withdrawal and an erasure, and how they reach who holds what they concern.
fn take_back(city: &mut City, dice: &mut Dice) {
    city.postgres.ask(
        "source",
        "UPDATE local_tax.arrears SET owed_yuan = owed_yuan + 5 WHERE id IN (3, 7, 11)",
    );
    let output = city.run(dice, KILLS, |city| city.push("local-tax"));
    assert_eq!(code(&output), 0, "{}", said(&output));
    let events = city.events();
    assert_eq!(events.get("RecordCorrected"), Some(&3), "{events:?}");
    city.void(&city.record_of("central-bank", "fields->>'account_no' = 'T00000021'"));
    let erased = city.postgres.ask("district", "SELECT subject_id FROM credit_records WHERE subcategory = 'CF025' AND fields->>'document_no' = '克公（治）行罚决字〔2025〕13号'");
    // Erasures are decided where the keys are.
    city.server = None;
    let data = city.folder.data();
    succeed(&[
        "erase",
        "--data",
        &data,
        "--person",
        &erased,
        "--authority",
        "信用办",
        "--legal-basis",
        "个人信息保护法第四十七条",
    ]);
    city.server = Some(city.folder.serve());

    for (recipient, open) in [
        ("central-bank", 5),
        ("tax", 4),
        ("district", 1),
        ("food-drug", 0),
    ] {
        assert_eq!(
            city.recipient(recipient)["open_withdrawals"],
            open,
            "{recipient}"
        );
    }
    let bank = city.keys["central-bank"].clone();
    let position = city.server().position();
    let short = json!({"position": position, "withdrawals": []});
    let refused = city
        .server()
        .post(&bank, "short", "/v1/feed/acknowledgements", &short);
    assert_eq!(
        refused.problem(422, "invalid-report")["errors"][0]["rule"],
        "withdrawal.left_out"
    );

    city.follow_all(dice, KILLS);
    for recipient in RECIPIENTS {
        let now = city.recipient(recipient);
        assert_eq!(
            (&now["open_withdrawals"], &now["is_overdue"]),
            (&json!(0), &json!(false)),
            "{now}"
        );
    }
    for recipient in ["central-bank", "tax"] {
        assert_eq!(
            city.records(recipient, "state = 'corrected'"),
            3,
            "{recipient}"
        );
        assert_eq!(
            city.records(
                recipient,
                "state = 'voided' AND fields = '{}' AND subject_name IS NULL"
            ),
            1
        );
    }
    let gone = format!(
        "subject_id = '{erased}' AND state = 'erased' AND fields = '{{}}' AND subject_name IS NULL AND subject_code IS NULL"
    );
    assert_eq!(city.records("district", &gone), 1);
    let (held, source) = arrears(city);
    let source: Vec<_> = source
        .lines()
        .filter(|row| !row.starts_with("T00000021|"))
        .collect();
    assert_eq!(held.lines().collect::<Vec<_>>(), source);
}

/// No number of a person stands in what the program printed, or in what it keeps beside the source.
fn no_number_is_printed(city: &City) {
    let numbers = city.postgres.ask("source", "SELECT citizen_no FROM police.penalties UNION SELECT citizen_no FROM mining_services.heating WHERE citizen_no IS NOT NULL");
    let numbers: Vec<&str> = numbers.lines().collect();
    assert!(numbers.len() as u64 >= ROWS);
    let search = aho_corasick::AhoCorasick::new(&numbers).expect("patterns");
    assert!(
        search.is_match(numbers[0]),
        "the search finds what is there"
    );
    assert!(!search.is_match(&city.printed), "a number was printed");
    for profile in PUSHES {
        for file in ["cursor.json", "rows.jsonl", "rejects.jsonl"] {
            let path = city.folder.beside(&format!("{profile}/{file}"));
            let text = std::fs::read(&path).unwrap_or_default();
            assert!(!search.is_match(&text), "{path}");
        }
    }
}

#[test]
fn what_cannot_work_says_what_is_wrong() {
    let city = City::begin();
    let base = city.server().base.clone();
    let wrong = city.postgres.address_with("source", "another");
    let state = city.folder.beside("state");
    let push = |profile: &str, database: &str| {
        let output = Command::new(probity())
            .args([
                "push",
                "--profile",
                profile,
                "--database",
                database,
                "--server",
                &base,
                "--state",
                &state,
            ])
            .env("PROBITY_KEY", &city.keys["push"])
            .output();
        output.expect("it starts")
    };
    let output = push(&shared("push", "local-tax"), &wrong);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("28P01") && !said(&output).contains("another"),
        "{}",
        said(&output)
    );

    let text = std::fs::read_to_string(shared("push", "local-tax")).expect("the profile");
    let edited = city.folder.beside("edited.toml");
    std::fs::write(&edited, text.replace("\"owed_yuan\"", "\"owed\"")).expect("a file");
    let output = push(&edited, &city.postgres.address("source"));
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("owed (record.fields.amount_current)"),
        "{}",
        said(&output)
    );

    let output = city.follow("tax").output().expect("it starts");
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("/v1/recipients"),
        "not admitted: {}",
        said(&output)
    );

    city.admit_all();
    let bearer = format!("Bearer {}", city.keys["tax"]);
    let other = [
        ("Authorization", bearer.as_str()),
        ("Probity-Purpose", "award"),
        ("Probity-Basis", "test"),
    ];
    let answer = city
        .server()
        .send("GET", "/v1/feed/pages?from=0", &other, &[]);
    answer.problem(403, "forbidden");
    let answer = city
        .server()
        .send("GET", "/v1/feed/pages?from=0", &other[..1], &[]);
    answer.problem(400, "purpose-required");
}
