//! Persons under age: their adverse records are kept apart, sealed, and a person decides.

use super::reports::*;
use serde_json::{Value, json};

/// Born 2011-06-01: fifteen at the conduct. Made up.
const FIFTEEN: &str = "650203201106010015";
/// Born 2009-03-10: seventeen at the conduct. Made up.
const SEVENTEEN: &str = "650203200903100027";

fn standing(town: &Town, pending: &str) -> Value {
    let bearer = format!("Bearer {}", town.key);
    let headers = [("Authorization", bearer.as_str())];
    let path = format!("/v1/pending/{pending}");
    town.server.send("GET", &path, &headers, &[]).expect(200)["standing"].clone()
}

/// Whether a text stands anywhere in the data folder, as it is.
fn stands_in_the_folder(town: &Town, text: &str) -> bool {
    fn walk(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(std::path::Path::new(&town.folder.data()), &mut files);
    files.iter().any(|file| {
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

#[test]
fn adverse_records_about_minors_are_kept_apart_and_nothing_of_them_shows() {
    let town = Town::begin();
    for (name, number) in [("虚构小明", FIFTEEN), ("虚构小红", SEVENTEEN)] {
        let document = format!("克市监罚〔2026〕{}号", &number[14..]);
        let report = penalty(&person(name, number), &document);
        let reported = town.report(&report);
        assert_eq!(
            (reported.status, &reported.json["outcome"]),
            (202, &json!("parked")),
            "{}",
            reported.text
        );
        assert_eq!(warnings(&reported), ["minor.quarantined"]);
        let pending = member(&reported, "pending");
        assert_eq!(standing(&town, &pending), "quarantined");
        let again = town.report(&report);
        assert_eq!(
            again.json["pending"],
            pending.as_str(),
            "sent again it is the same: {}",
            again.text
        );

        let at = reported.json["position"].as_u64().expect("a position");
        let entry = town.server.get_for(&town.key, &format!("/v1/entries/{at}"));
        assert_eq!(entry.expect(200)["event"], "ReportQuarantined");
        for word in [name, number, &document, "CF006", "销售不合格食品"] {
            assert!(!entry.text.contains(word), "{word}: {}", entry.text);
            assert!(
                !stands_in_the_folder(&town, word) || word == "CF006" || word == "销售不合格食品",
                "{word}"
            );
        }
        let found =
            town.search_for(&json!({"identifier": {"kind": "citizen_id", "value": number}}));
        assert_eq!(
            found.expect(200)["items"],
            json!([]),
            "nobody came into the register by it"
        );
    }
    // An honour is no harm to anybody.
    let kept = town.report(&honour(&person("虚构小明", FIFTEEN), "克文明〔2026〕1号"));
    kept.expect(201);
    assert_eq!(
        town.history(&member(&kept, "subject")),
        ["SubjectRegistered", "HonourRecorded"]
    );
    town.close();
}

#[test]
fn a_person_decides_about_what_is_kept_apart() {
    let town = Town::begin();
    let quarantined = |number: &str, document: &str| {
        let reported = town.report(&penalty(&person("虚构小红", number), document));
        member(&reported, "pending")
    };
    let decide = |pending: &str, admit: bool, basis: &str| {
        let body = json!({"admit": admit, "decider": "审核岗03", "legal_basis": basis});
        town.post(&format!("/v1/pending/{pending}/decision"), &body)
    };
    let working = quarantined(SEVENTEEN, "克市监罚〔2026〕21号");
    decide(&working, true, " ").problem(422, "invalid-report");
    let admitted = decide(&working, true, "民法典第十八条第二款");
    let id = member(&admitted, "subject");
    assert_eq!(admitted.status, 201, "{}", admitted.text);
    assert_eq!(town.history(&id), ["SubjectRegistered", "PenaltyRecorded"]);
    assert_eq!(standing(&town, &working), "settled");
    decide(&working, false, "民法典第十八条").problem(409, "pending-state");

    let child = quarantined(FIFTEEN, "克市监罚〔2026〕22号");
    decide(&child, true, "民法典第十八条第二款").problem(422, "minor");
    let refused = decide(&child, false, "未成年人保护法");
    refused.expect(201);
    assert_eq!(standing(&town, &child), "settled");
    decide(&child, true, "民法典第十八条第二款").problem(410, "erased");
    let unknown = "00000000000000000000000000000001";
    decide(unknown, false, "未成年人保护法").problem(404, "not-found");
    town.close();
}
