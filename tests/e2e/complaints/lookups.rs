//! Numbers in addresses, and many questions at once.

use super::reports::*;
use probity_tests::{Folder, Server};
use serde_json::{Value, json};
use std::process::Stdio;

/// P29. A citizen number in an address is refused with a hint to ask in a body, and it stands in no log and no metric.
#[test]
fn p29_an_identity_number_in_an_address_is_refused_and_in_no_log() {
    let folder = Folder::begin();
    let log = folder.beside("server.log");
    let file = std::fs::File::create(&log).expect("a file");
    let server = Server::start_logging(&folder.data(), &[], "debug", Stdio::from(file));
    let wide: String = FIRST
        .chars()
        .map(|c| char::from_u32(c as u32 + 0xfee0).unwrap_or(c))
        .collect();
    let encoded: String = wide.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for path in [
        format!("/v1/subjects?q={FIRST}"),
        format!("/v1/organisations/{FIRST}/status"),
        format!("/v1/subjects/{FIRST}"),
        format!("/v1/subjects?q={encoded}"),
        format!("/v1/pending/{FIRST}"),
    ] {
        let refused = server.get(&path);
        if path.starts_with("/v1/pending") {
            assert!(refused.status >= 400, "{}", refused.text);
        } else {
            let problem = refused.problem(400, "identity-number-in-address");
            assert!(
                problem["detail"]
                    .as_str()
                    .is_some_and(|text| text.contains("POST")),
                "{problem}"
            );
        }
        assert!(!refused.text.contains(&FIRST[6..14]), "{}", refused.text);
    }
    let metrics = server.get("/metrics").text;
    drop(server);
    let said = std::fs::read_to_string(&log).expect("the log");
    assert!(!said.is_empty(), "the server logs at this level");
    for text in [&said, &metrics] {
        assert!(!text.contains(FIRST) && !text.contains(&wide) && !text.contains(&encoded));
    }
}

/// P30. A batch of a hundred with two malformed items: one call, one answer or its own errors for every item.
#[test]
fn p30_a_hundred_names_are_one_call() {
    let town = Town::begin();
    let code = "91650203YYYY0008X2";
    let id = town.register(&firm("虚构甲商贸有限公司", code));
    let mut items: Vec<Value> = (0..98)
        .map(|n| json!({"name": format!("查无此企业{n}")}))
        .collect();
    items[0] = json!({"kind": "uscc", "value": code});
    items[1] = json!({"name": "虚构甲商贸"});
    items.insert(40, json!({"kind": "horoscope", "value": "1"}));
    items.insert(41, json!({"kind": "uscc", "value": "91650203YYYY0008XO"}));
    assert_eq!(items.len(), 100);
    let ask = |items: &Value| {
        let headers = [("Content-Type", "application/json")];
        let body = json!({"items": items}).to_string();
        town.server.send(
            "POST",
            "/v1/organisations/lookup",
            &headers,
            body.as_bytes(),
        )
    };
    let reply = ask(&json!(items));
    let answers = reply.expect(200)["items"]
        .as_array()
        .expect("items")
        .clone();
    assert_eq!((answers.len(), &reply.json["faulty"]), (100, &json!(2)));
    for (place, answer) in answers.iter().enumerate() {
        assert_eq!(answer["item"], place + 1, "in the order of the items");
        let outcome = match place {
            0 | 1 => "found",
            40 | 41 => "faulty",
            _ => "not_found",
        };
        assert_eq!(answer["outcome"], outcome, "{answer}");
    }
    assert_eq!(answers[0]["items"][0]["id"], id.as_str());
    assert_eq!(answers[1]["items"][0]["match"]["how"], "same_core");
    assert_eq!(rules(&answers[40]["errors"]), ["lookup.form"]);
    assert_eq!(rules(&answers[41]["errors"]), ["identifier.alphabet"]);
    assert_eq!(answers[41]["errors"][0]["row"], 42);
    let persons = ask(&json!([{"kind": "citizen_id", "value": FIRST}]));
    assert_eq!(
        rules(&persons.expect(200)["items"][0]["errors"]),
        ["lookup.person"]
    );
    assert!(!persons.text.contains(FIRST));
    ask(&json!([])).problem(422, "invalid-report");
    items.push(json!({"name": "一"}));
    ask(&json!(items)).problem(422, "invalid-report");
    town.close();
}
