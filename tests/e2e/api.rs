//! The interface as its callers meet it: every answer here comes over a socket from the real program.

use probity_tests::{Folder, Reply, fixture, last_json, succeed};
use serde_json::{Value, json};

const FIRM: &str = "91650200MA0000015E";
const OTHER_FIRM: &str = "91650200MA00000239";
const PERSON: &str = "650203198001010014";
const PERSON_NAME: &str = "阿依古丽·买买提";

fn subject(kind: &str, name: &str, identifier: &str, value: &str) -> Value {
    json!({"kind": kind, "name": name, "identifiers": [{"kind": identifier, "value": value}]})
}

fn firm() -> Value {
    subject("enterprise", "克拉玛依演示食品有限公司", "uscc", FIRM)
}

fn person() -> Value {
    subject("natural_person", PERSON_NAME, "citizen_id", PERSON)
}

/// A penalty that is neither minor nor serious: suspension of a licence.
fn penalty(subject: &Value, number: &str) -> Value {
    json!({
        "subject": subject, "role": "party", "subcategory": "CF006",
        "authority": "克拉玛依市市场监督管理局", "source_unit": "克拉玛依市市场监督管理局",
        "fields": {
            "document_no": number, "violation_type": "销售不合格食品", "facts": "经抽检不合格",
            "grounds": "食品安全法第一百二十四条", "penalty_kinds": ["P2-02", "P2-06"], "content": "罚款并暂扣许可证",
            "procedure": "ordinary", "decision_date": "2026-09-01", "penalty_valid_to": "2027-09-01",
            "publication_end_reported": "2027-09-01", "fine": {"yuan": "60000.00"}, "licence_affected": "食品经营许可证 JY16502000000001", "conduct_date": "2026-08-20",
        },
    })
}

fn correction(fine: &str) -> Value {
    json!({
        "action": "correct", "scope": "record", "changes": {"fine": {"yuan": fine}}, "reason": "source_correction",
        "authority": "克拉玛依市市场监督管理局", "instrument_no": "克市监更〔2026〕1号", "legal_basis": "政府信息公开条例第四十一条",
    })
}

fn annulment() -> Value {
    json!({
        "action": "annul", "scope": "record", "reason": "set_aside", "authority": "克拉玛依市人民政府",
        "instrument_no": "克政复决〔2026〕3号", "legal_basis": "行政复议法第六十四条",
    })
}

fn listing(subject: &Value) -> Value {
    json!({
        "subject": subject, "list": "judgment-defaulters", "procedure": "own", "authority": "克拉玛依市中级人民法院",
        "instrument_kind": "judgment", "instrument_no": "（2026）新02执1号", "basis": "最高人民法院关于公布失信被执行人名单信息的若干规定",
        "reason": "有履行能力而拒不履行", "notice_served_on": "2026-09-01", "decider": "院长", "listed_on": "2026-10-01",
        "until": "2028-09-30", "source_unit": "克拉玛依市中级人民法院",
    })
}

fn id<'a>(reply: &'a Reply, status: u16, member: &str) -> &'a str {
    let json = reply.expect(status);
    json[member]
        .as_str()
        .unwrap_or_else(|| panic!("no {member}: {json}"))
}

const EVERYTHING: [&str; 7] = [
    "subjects:write",
    "records:write",
    "lists:write",
    "persons:read",
    "keys:manage",
    "audit:read",
    "feed:read",
];

#[test]
fn a_record_lives_through_correction_and_annulment_and_every_moment_stays_readable() {
    let folder = Folder::begin();
    let key = folder.key(&EVERYTHING);
    let server = folder.serve();
    let before = server.position();

    let reported = server.post(
        &key,
        "r1",
        "/v1/records",
        &penalty(&firm(), "克市监罚〔2026〕1号"),
    );
    let (record, firm_id) = (id(&reported, 201, "record"), id(&reported, 201, "subject"));
    assert_eq!(reported.json["outcome"], "recorded");
    let again = server.post(
        &key,
        "r1",
        "/v1/records",
        &penalty(&firm(), "克市监罚〔2026〕1号"),
    );
    assert_eq!((again.status, &again.json["replayed"]), (201, &json!(true)));
    assert_eq!(again.json["position"], reported.json["position"]);
    let same = server.post(
        &key,
        "r2",
        "/v1/records",
        &penalty(&firm(), "克市监罚〔2026〕1号"),
    );
    assert_eq!(
        (same.status, &same.json["outcome"]),
        (200, &json!("already_there"))
    );
    let other = server.post(
        &key,
        "r1",
        "/v1/records",
        &penalty(&firm(), "克市监罚〔2026〕2号"),
    );
    other.problem(422, "idempotency-key-reused");
    let mut changed = penalty(&firm(), "克市监罚〔2026〕1号");
    changed["fields"]["fine"] = json!({"yuan": "70000.00"});
    let held = server.post(&key, "r3", "/v1/records", &changed);
    assert_eq!(
        (held.status, &held.json["outcome"]),
        (202, &json!("parked"))
    );

    let read = server.get(&format!("/v1/records/{record}"));
    assert_eq!(
        read.expect(200)["fields"]["fine"]["value"],
        json!({"fen": 6_000_000})
    );
    assert_eq!(read.json["fields"]["fine"]["text"], "60,000.00 元");
    let seen = read.header("etag").to_owned();
    let path = format!("/v1/records/{record}/compensations");
    server
        .change(&key, "c1", None, &path, &correction("50000.00"))
        .problem(428, "if-match-required");
    let stale = server.change(&key, "c1", Some("\"1\""), &path, &correction("50000.00"));
    assert_eq!(
        stale.problem(412, "revision-conflict")["current"]["newer"][0]["event"],
        "PenaltyRecorded"
    );
    let corrected = server.change(&key, "c2", Some(&seen), &path, &correction("50000.00"));
    let corrected_at = corrected.expect(201)["position"]
        .as_u64()
        .expect("a position");
    let retried = server.change(&key, "c2", Some(&seen), &path, &correction("50000.00"));
    assert_eq!(
        (retried.status, &retried.json["replayed"]),
        (201, &json!(true))
    );
    server
        .change(&key, "c3", Some(&seen), &path, &annulment())
        .problem(412, "revision-conflict");

    let now = server.get(&format!("/v1/records/{record}?min_position={corrected_at}"));
    assert_eq!(
        now.expect(200)["fields"]["fine"]["value"],
        json!({"fen": 5_000_000})
    );
    assert_eq!(now.json["is_corrected"], true);
    let then = server.get(&format!(
        "/v1/records/{record}?known_at={}",
        corrected_at - 1
    ));
    assert_eq!(
        then.expect(200)["fields"]["fine"]["value"],
        json!({"fen": 6_000_000})
    );
    assert_eq!(then.json["is_corrected"], false);

    let status = |query: &str| server.get(&format!("/v1/subjects/{firm_id}/status{query}"));
    let grade = |query: &str| status(query).expect(200)["grade"]["grade"].clone();
    assert_ne!(grade(""), "unrated");
    assert_eq!(
        grade("?valid_on=2026-08-31"),
        "unrated",
        "the day before the decision"
    );
    let by_code = server.get(&format!("/v1/organisations/{FIRM}/status"));
    assert_eq!(by_code.expect(200)["grade"], status("").json["grade"]);

    let annulled = server.change(&key, "c4", Some(now.header("etag")), &path, &annulment());
    let annulled_at = annulled.expect(201)["position"]
        .as_u64()
        .expect("a position");
    assert_eq!(grade(""), "unrated", "an annulled penalty counts no more");
    assert_ne!(
        grade(&format!("?known_at={}", annulled_at - 1)),
        "unrated",
        "what was known then stays readable"
    );
    server
        .get(&format!("/v1/records/{record}"))
        .problem(404, "not-found");
    let whole = server.get_for(&key, &format!("/v1/subjects/{firm_id}/timeline"));
    let events: Vec<&str> = whole.expect(200)["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["event"].as_str())
        .collect();
    assert_eq!(
        events,
        [
            "SubjectRegistered",
            "PenaltyRecorded",
            "RecordCorrected",
            "RecordAnnulled"
        ]
    );
    assert_eq!(
        whole.json["items"][2]["caused_by"],
        whole.json["items"][1]["position"]
    );
    server
        .change(
            &key,
            "c5",
            Some(&format!("\"{annulled_at}\"")),
            &path,
            &correction("1.00"),
        )
        .problem(409, "already-compensated");
    server
        .get(&format!(
            "/v1/subjects/{firm_id}/status?known_at={}",
            annulled_at + 1000
        ))
        .problem(412, "position-ahead");
    server
        .get("/v1/subjects/x/status")
        .problem(400, "invalid-path");
    server
        .get(&format!(
            "/v1/subjects/{firm_id}/status?valid_on=2026-02-30"
        ))
        .problem(400, "invalid-query");
    server
        .get(&format!("/v1/subjects/{firm_id}/status?day=2026-02-01"))
        .problem(400, "invalid-query");
    server
        .get(&format!(
            "/v1/subjects/{firm_id}/status?known_at=1999-01-01T00:00:00Z"
        ))
        .problem(400, "invalid-query");
    assert!(server.position() > before);
    drop(server);
    folder.check_log();
}

#[test]
fn a_person_is_read_only_for_a_purpose_on_record_and_found_by_nobody_else() {
    let folder = Folder::begin();
    let key = folder.key(&EVERYTHING);
    let narrow = folder.key(&["records:write"]);
    let server = folder.serve();
    let reported = server.post(
        &key,
        "p1",
        "/v1/records",
        &penalty(&person(), "克市监罚〔2026〕9号"),
    );
    let (record, person_id) = (id(&reported, 201, "record"), id(&reported, 201, "subject"));

    let nobody = "00000000000000000000000000000000";
    for path in ["", "/status", "/timeline", "/records"] {
        let known = server.get(&format!("/v1/subjects/{person_id}{path}"));
        let unknown = server.get(&format!("/v1/subjects/{nobody}{path}"));
        known.problem(404, "not-found");
        assert_eq!(
            known.text, unknown.text,
            "{path}: a stranger learns nothing"
        );
    }
    server
        .get(&format!("/v1/records/{record}"))
        .problem(404, "not-found");
    let with = |key: &str, headers: &[(&str, &str)]| {
        let bearer = format!("Bearer {key}");
        let mut all = vec![("Authorization", bearer.as_str())];
        all.extend(headers);
        server.send(
            "GET",
            &format!("/v1/subjects/{person_id}/status"),
            &all,
            &[],
        )
    };
    with(&key, &[]).problem(400, "purpose-required");
    with(
        &key,
        &[("Probity-Purpose", "curiosity"), ("Probity-Basis", "x")],
    )
    .problem(400, "purpose-required");
    with(&key, &[("Probity-Purpose", "licence")]).problem(400, "purpose-required");
    with(&narrow, &[]).problem(403, "forbidden");
    with(
        &narrow,
        &[("Probity-Purpose", "licence"), ("Probity-Basis", "x")],
    )
    .problem(403, "forbidden");
    with("pk_00_00", &[]).problem(401, "unauthorized");

    let before = server.position();
    let read = server.get_for(&key, &format!("/v1/subjects/{person_id}"));
    assert_eq!(read.expect(200)["name"], PERSON_NAME);
    let shown = read.json["identifiers"][0]["value"]
        .as_str()
        .expect("a number");
    assert!(shown != PERSON && shown.contains('*'), "{shown}");
    assert!(!read.text.contains(PERSON));
    assert_eq!(
        server.position(),
        before + 1,
        "the disclosure is in the log before the answer"
    );
    let disclosed = server.get_for(&key, &format!("/v1/entries/{}", before + 1));
    assert_eq!(disclosed.expect(200)["event"], "DisclosureMade");
    assert_eq!(disclosed.json["body"]["scope"], "read_subject");
    assert_eq!(disclosed.json["body"]["basis"], "行政许可审查");
    let open = server.get(&format!("/v1/entries/{}", before + 1));
    assert_eq!(
        open.expect(200)["body"],
        Value::Null,
        "who read what is no public matter"
    );

    let search = |key: Option<&str>, purpose: bool, body: &Value| {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(bearer.as_deref().map(|value| ("Authorization", value)));
        if purpose {
            headers.extend([
                ("Probity-Purpose", "licence"),
                ("Probity-Basis", "行政许可"),
            ]);
        }
        server.send(
            "POST",
            "/v1/subjects/search",
            &headers,
            body.to_string().as_bytes(),
        )
    };
    let by_number = json!({"identifier": {"kind": "citizen_id", "value": PERSON}});
    search(None, false, &by_number).problem(401, "unauthorized");
    search(Some(&key), false, &by_number).problem(400, "purpose-required");
    search(Some(&narrow), true, &by_number).problem(403, "forbidden");
    let mut other_name = penalty(&person(), "克市监罚〔2026〕10号");
    other_name["subject"]["name"] = json!("欧阳某某");
    let waits = server.post(&key, "p2", "/v1/records", &other_name);
    assert_eq!(
        (waits.status, &waits.json["outcome"]),
        (202, &json!("parked")),
        "a number under another name waits for somebody to look"
    );
    let mut told = penalty(&firm(), "克市监罚〔2026〕11号");
    told["fields"]["facts"] = json!(format!("当事人{PERSON}称"));
    let refused = server.post(&key, "p3", "/v1/records", &told);
    refused.problem(422, "invalid-report");
    assert!(!refused.text.contains(PERSON));
    let mut named = firm();
    named["name"] = json!(format!("张三{PERSON}"));
    server
        .post(&key, "p4", "/v1/subjects", &named)
        .problem(422, "invalid-report");
    let found = search(Some(&key), true, &by_number);
    assert_eq!(found.expect(200)["items"][0]["id"], person_id);
    assert!(!found.text.contains(PERSON));
    let by_name = json!({"name": PERSON_NAME});
    assert_eq!(
        search(Some(&key), true, &by_name).expect(200)["items"],
        json!([]),
        "a name alone finds no person"
    );
    search(
        None,
        false,
        &json!({"name": "a", "identifier": {"kind": "uscc", "value": "1"}}),
    )
    .problem(422, "invalid-report");

    for path in [
        format!("/v1/subjects?q={PERSON}"),
        format!("/v1/organisations/{PERSON}/status"),
        "/v1/subjects?q=%EF%BC%96%EF%BC%95%EF%BC%90203198001010014".to_owned(),
    ] {
        let refused = server.get(&path);
        refused.problem(400, "identity-number-in-address");
        assert!(!refused.text.contains(&PERSON[6..14]), "{}", refused.text);
    }
    drop(server);
    folder.check_log();
}

#[test]
fn a_list_holds_those_who_were_listed_with_notice_on_the_days_they_were() {
    let folder = Folder::begin();
    let key = folder.key(&EVERYTHING);
    let server = folder.serve();
    let mut unheard = listing(&firm());
    unheard
        .as_object_mut()
        .expect("an object")
        .remove("notice_served_on");
    server
        .post(&key, "l0", "/v1/listings", &unheard)
        .problem(422, "listing-refused");
    let listed = server.post(&key, "l1", "/v1/listings", &listing(&firm()));
    let (membership, firm_id) = (id(&listed, 201, "listing"), id(&listed, 201, "subject"));
    server
        .post(&key, "l2", "/v1/listings", &listing(&person()))
        .expect(201);

    let members =
        |query: &str| server.get(&format!("/v1/lists/judgment-defaulters/members{query}"));
    let names = |query: &str| -> Vec<String> {
        let reply = members(query);
        let items = reply.expect(200)["items"]
            .as_array()
            .expect("items")
            .clone();
        items
            .iter()
            .map(|item| item["subject"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names(""), [firm_id], "persons are not public");
    assert_eq!(names("?valid_on=2026-09-30"), Vec::<String>::new());
    assert_eq!(
        names("?valid_on=2028-10-01"),
        Vec::<String>::new(),
        "the term ends without any job running"
    );
    let all = server.get_for(&key, "/v1/lists/judgment-defaulters/members");
    assert_eq!(all.expect(200)["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(all.json["items"][1]["name"], PERSON_NAME);
    server
        .get("/v1/lists/no-such-list/members")
        .problem(404, "not-found");
    let lists = server.get("/v1/lists");
    let lists = lists.expect(200)["items"]
        .as_array()
        .expect("items")
        .clone();
    let entry = lists
        .iter()
        .find(|list| list["list"]["key"] == "judgment-defaulters")
        .expect("the list");
    assert_eq!(entry["members"], 1);

    let end = json!({"reason": "condition_met", "authority": "克拉玛依市中级人民法院", "legal_basis": "规定第十条",
        "ended_on": "2026-11-01"});
    let path = format!("/v1/listings/{membership}/end");
    server
        .change(&key, "e1", Some("\"1\""), &path, &end)
        .problem(412, "revision-conflict");
    let seen = listed.header("etag").to_owned();
    let ended = server.change(&key, "e2", Some(&seen), &path, &end);
    let ended_at = ended.expect(201)["position"].as_u64().expect("a position");
    let retried = server.change(&key, "e2", Some(&seen), &path, &end);
    assert_eq!(
        (retried.status, &retried.json["replayed"]),
        (201, &json!(true))
    );
    server
        .change(&key, "e3", Some(&seen), &path, &end)
        .problem(409, "listing-ended");
    assert_eq!(names(""), Vec::<String>::new());
    assert_eq!(
        names("?valid_on=2026-10-15"),
        [firm_id],
        "on that day the firm was a member"
    );
    assert_eq!(
        names(&format!("?known_at={}", ended_at - 1)),
        [firm_id],
        "and this is what was known then"
    );
    drop(server);
    folder.check_log();
}

#[test]
fn what_is_wrong_gets_its_own_problem_and_nothing_is_written() {
    let folder = Folder::begin();
    let key = folder.key(&["records:write", "subjects:write"]);
    let reader = folder.key(&["persons:read"]);
    let server = folder.serve();
    let before = server.position();
    let good = penalty(&firm(), "克市监罚〔2026〕1号");
    let post =
        |headers: &[(&str, &str)], body: &[u8]| server.send("POST", "/v1/records", headers, body);
    let bearer = format!("Bearer {key}");
    let json_type = ("Content-Type", "application/json");
    let full = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", "b1"),
        json_type,
    ];
    let body = good.to_string();

    post(&[json_type, ("Idempotency-Key", "b1")], body.as_bytes()).problem(401, "unauthorized");
    post(
        &[("Authorization", "Bearer nonsense"), json_type],
        body.as_bytes(),
    )
    .problem(401, "unauthorized");
    let other = format!("Bearer {reader}");
    post(
        &[
            ("Authorization", &other),
            ("Idempotency-Key", "b1"),
            json_type,
        ],
        body.as_bytes(),
    )
    .problem(403, "forbidden");
    post(&[full[0], json_type], body.as_bytes()).problem(400, "idempotency-key-required");
    post(&full[..2], body.as_bytes()).problem(415, "unsupported-media-type");
    for broken in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"subject\": 1}",
        "{} trailing",
    ] {
        post(&full, broken.as_bytes()).problem(400, "malformed-json");
    }
    let mut huge = good.clone();
    huge["fields"]["facts"] = json!("x".repeat(10 << 20));
    post(&full, huge.to_string().as_bytes()).problem(413, "payload-too-large");
    post(&full, &[0xff, 0xfe, 0x7b]).problem(400, "malformed-json");

    let refused = |change: &dyn Fn(&mut Value), status: u16, code: &str, field: &str| {
        let mut body = good.clone();
        change(&mut body);
        let reply = post(&full, body.to_string().as_bytes());
        let problem = reply.problem(status, code);
        if !field.is_empty() {
            let named = problem["errors"]
                .as_array()
                .is_some_and(|errors| errors.iter().any(|e| e["field"] == field));
            assert!(named, "{field}: {problem}");
        }
    };
    refused(
        &|b| b["colour"] = json!("red"),
        400,
        "malformed-json",
        "colour",
    );
    refused(
        &|b| b["fields"] = json!([]),
        400,
        "malformed-json",
        "fields",
    );
    refused(
        &|b| b["subject"]["identifiers"][0]["kind"] = json!("horoscope"),
        400,
        "malformed-json",
        "subject.identifiers[0].kind",
    );
    refused(
        &|b| b["subcategory"] = json!("CF999"),
        422,
        "unknown-subcategory",
        "",
    );
    refused(
        &|b| b["fields"]["decision_date"] = json!("2099-01-01"),
        422,
        "invalid-report",
        "decision_date",
    );
    refused(
        &|b| b["fields"]["decision_date"] = json!("2026-02-30"),
        422,
        "invalid-report",
        "decision_date",
    );
    refused(
        &|b| b["fields"]["decision_date"] = json!(20260901),
        422,
        "invalid-report",
        "decision_date",
    );
    refused(
        &|b| b["fields"]["fine"] = json!(60000),
        422,
        "invalid-report",
        "fine",
    );
    refused(
        &|b| b["fields"]["fine"] = json!({"yuan": 1.5}),
        422,
        "invalid-report",
        "fine",
    );
    refused(
        &|b| b["fields"]["penalty_kinds"] = json!(["P9-99"]),
        422,
        "invalid-report",
        "penalty_kinds",
    );
    refused(
        &|b| b["fields"]["no_such_field"] = json!("x"),
        422,
        "invalid-report",
        "no_such_field",
    );
    refused(
        &|b| drop(b["fields"].as_object_mut().expect("fields").remove("facts")),
        422,
        "invalid-report",
        "facts",
    );
    refused(
        &|b| b["subject"]["identifiers"][0]["value"] = json!("91650200MA0000015X"),
        422,
        "invalid-report",
        "subject_code",
    );
    refused(
        &|b| b["subject"]["identifiers"][0]["value"] = json!(""),
        422,
        "invalid-report",
        "subject_code",
    );
    refused(
        &|b| b["subject"]["name"] = json!(""),
        422,
        "invalid-report",
        "subject_name",
    );
    refused(
        &|b| b["authority"] = json!("局".repeat(201)),
        422,
        "invalid-report",
        "authority",
    );

    server
        .send("DELETE", "/v1/records", &full, &[])
        .problem(405, "method-not-allowed");
    server.get("/v1/nothing").problem(404, "not-found");
    server.get("/v1/entries/999999").problem(404, "not-found");
    server.get("/v1/entries/-1").problem(400, "invalid-path");
    server.get("/v1/subjects").problem(400, "invalid-query");
    server
        .get("/v1/subjects?q=%E5%85%8B&limit=0")
        .problem(400, "invalid-query");
    server
        .get("/v1/subjects?q=%E5%85%8B&cursor=00")
        .problem(400, "invalid-query");
    assert_eq!(server.position(), before, "nothing was written");
    drop(server);
    folder.check_log();
}

#[test]
fn keys_are_issued_listed_and_revoked_and_none_gives_more_than_it_has() {
    let folder = Folder::begin();
    let manager = folder.key(&["keys:manage", "records:write"]);
    let server = folder.serve();
    let order = json!({"label": "上报", "agency": "市水务局", "scopes": ["records:write"]});
    let issued = server.post(&manager, "k1", "/v1/keys", &order);
    let (name, secret) = (
        id(&issued, 201, "key").to_owned(),
        id(&issued, 201, "secret").to_owned(),
    );
    let again = server.post(&manager, "k1", "/v1/keys", &order);
    assert_eq!(
        (&again.expect(201)["key"], &again.json["secret"]),
        (&json!(name), &Value::Null),
        "the secret is shown once"
    );
    let too_much = json!({"label": "x", "agency": "y", "scopes": ["persons:read"]});
    server
        .post(&manager, "k2", "/v1/keys", &too_much)
        .problem(403, "forbidden");
    server
        .post(
            &secret,
            "r1",
            "/v1/records",
            &penalty(&firm(), "克水罚〔2026〕1号"),
        )
        .expect(201);
    let bearer = format!("Bearer {manager}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", "k3"),
    ];
    let listed = server.send("GET", "/v1/keys", &headers, &[]);
    let keys = listed.expect(200)["items"]
        .as_array()
        .expect("items")
        .clone();
    assert_eq!(keys.len(), 2);
    assert!(
        !listed
            .text
            .contains(secret.rsplit('_').next().expect("a secret"))
    );
    server
        .send("DELETE", &format!("/v1/keys/{name}"), &headers, &[])
        .expect(201);
    server
        .post(
            &secret,
            "r2",
            "/v1/records",
            &penalty(&firm(), "克水罚〔2026〕2号"),
        )
        .problem(401, "unauthorized");
    drop(server);
    folder.check_log();
}

#[test]
fn a_file_comes_in_over_the_interface_like_over_the_command_line() {
    let folder = Folder::begin();
    let key = folder.key(&["records:write"]);
    let server = folder.serve();
    let file = std::fs::read(fixture("karamay-licences.xls")).expect("the fixture");
    let bearer = format!("Bearer {key}");
    let send = |query: &str, idempotency: &str, file: &[u8]| {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Idempotency-Key", idempotency),
        ];
        server.send("POST", &format!("/v1/imports{query}"), &headers, file)
    };
    let before = server.position();
    let rehearsed = send("?rehearse=true", "i0", &file);
    assert_eq!(rehearsed.expect(200)["ending"], "rehearsed");
    assert_eq!(server.position(), before, "a rehearsal changes nothing");
    let imported = send("", "i1", &file);
    assert_eq!(imported.expect(200)["summary"]["imported"], 115);
    assert_eq!(
        imported.json["summary"]["imported"],
        rehearsed.json["summary"]["imported"]
    );
    let again = send("", "i2", &file);
    assert_eq!(
        (
            &again.expect(200)["summary"]["already_there"],
            &again.json["batch"]
        ),
        (&json!(115), &Value::Null)
    );
    send("?profile=no-such-profile", "i3", &file).problem(422, "invalid-file");
    send("", "i4", b"not a table \xff\xfe\xfd").problem(422, "invalid-file");
    let after = server.position();
    let entry = server.get(&format!("/v1/entries/{after}"));
    assert_eq!(entry.expect(200)["event"], "BatchCompleted");
    drop(server);
    folder.check_log();
}

#[test]
fn the_feed_tells_every_entry_once_and_goes_on_where_it_was_left() {
    use std::io::{BufRead, BufReader, Write};
    let folder = Folder::begin();
    let key = folder.key(&["records:write", "feed:read"]);
    let server = folder.serve();
    server
        .post(
            &key,
            "f1",
            "/v1/records",
            &penalty(&firm(), "克市监罚〔2026〕1号"),
        )
        .expect(201);
    server
        .post(
            &key,
            "f2",
            "/v1/records",
            &penalty(&person(), "克市监罚〔2026〕2号"),
        )
        .expect(201);
    let follow = |from: u64, accept: &str| {
        let address = server.base.trim_start_matches("http://").to_owned();
        let mut stream = std::net::TcpStream::connect(&address).expect("connects");
        stream
            .set_read_timeout(Some(std::time::Duration::from_secs(20)))
            .expect("a timeout");
        write!(stream, "GET /v1/feed?from={from} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nAccept: {accept}\r\n\r\n")
            .expect("sends");
        BufReader::new(stream)
    };
    let frames = |reader: &mut BufReader<std::net::TcpStream>, wanted: usize| -> Vec<Value> {
        let mut found = Vec::new();
        let mut line = String::new();
        while found.len() < wanted {
            line.clear();
            assert!(
                reader.read_line(&mut line).expect("a line") > 0,
                "the feed ended"
            );
            let text = line.trim().trim_start_matches("data: ");
            if let Ok(frame @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                found.push(frame);
            }
        }
        found
    };
    let head = server.position();
    let mut lines = follow(0, "application/x-ndjson");
    let all = frames(&mut lines, (head + 1) as usize);
    let positions: Vec<u64> = all
        .iter()
        .filter_map(|frame| frame["position"].as_u64())
        .collect();
    assert_eq!(positions, (0..=head).collect::<Vec<_>>());
    let text = serde_json::to_string(&all).expect("text");
    assert!(!text.contains(PERSON) && !text.contains(PERSON_NAME));
    assert!(
        all.iter()
            .any(|frame| frame["body"]["core"]["subcategory"] == "CF006"),
        "what is public is told"
    );
    let personal = all.last().expect("a frame");
    assert_eq!(
        (
            &personal["event"],
            &personal["subject"],
            personal.get("body")
        ),
        (&json!("PenaltyRecorded"), &Value::Null, None)
    );

    server
        .post(
            &key,
            "f3",
            "/v1/records",
            &penalty(
                &subject("enterprise", "另一公司", "uscc", OTHER_FIRM),
                "3号",
            ),
        )
        .expect(201);
    assert_eq!(
        frames(&mut lines, 1)[0]["position"],
        head + 1,
        "what is new comes by itself"
    );
    let mut events = follow(head + 1, "text/event-stream");
    assert_eq!(frames(&mut events, 1)[0]["position"], head + 1);
    let bearer = format!("Bearer {key}");
    server
        .send(
            "GET",
            &format!("/v1/feed?from={}", head + 1000),
            &[("Authorization", &bearer)],
            &[],
        )
        .problem(412, "position-ahead");
    server.get("/v1/feed").problem(401, "unauthorized");
}

#[test]
fn the_server_says_how_it_is_and_what_it_offers() {
    let folder = Folder::begin();
    let server = folder.serve();
    assert_eq!(server.get("/healthz").expect(200)["is_alive"], true);
    let ready = server.get("/readyz");
    assert_eq!(ready.expect(200)["is_ready"], true);
    assert!(
        ready
            .text
            .contains("a rewound data folder cannot be detected")
    );
    let metrics = server.get("/metrics");
    metrics.expect(200);
    assert!(
        metrics
            .text
            .contains("probity_requests_total{operation=\"check_health\",status=\"200\"} 1"),
        "{}",
        metrics.text
    );
    assert!(metrics.text.contains("probity_log_entries"));
    assert_eq!(
        server.get("/v1/openapi.json").expect(200)["openapi"]
            .as_str()
            .map(|v| &v[..3]),
        Some("3.1")
    );
    assert_eq!(server.get("/problems/busy").expect(200)["status"], 503);
    let catalogue = server.get("/v1/catalogue");
    let categories = catalogue.expect(200)["categories"]
        .as_array()
        .expect("categories")
        .clone();
    let classes: usize = categories
        .iter()
        .filter_map(|c| c["subcategories"].as_array())
        .map(Vec::len)
        .sum();
    assert_eq!((categories.len(), classes), (7, 133));
    let lookup = |name: &str, number: &str| {
        let body = json!({"name": name, "certificate_no": number}).to_string();
        server.send(
            "POST",
            "/v1/practitioners/lookup",
            &[("Content-Type", "application/json")],
            body.as_bytes(),
        )
    };
    let nobody = lookup("某某", "Y1");
    assert_eq!(nobody.expect(200)["is_confirmed"], false);
    let refused = (0..60)
        .map(|_| lookup("某某", "Y1"))
        .find(|reply| reply.status == 429);
    let refused = refused.expect("nobody finds a number by trying");
    refused.problem(429, "too-many-requests");
    assert!(
        refused
            .header("retry-after")
            .parse::<u32>()
            .is_ok_and(|seconds| seconds >= 1)
    );
}

#[test]
fn a_server_that_is_told_to_stop_ends_its_streams_and_leaves_a_log_that_holds() {
    let folder = Folder::begin();
    let key = folder.key(&["feed:read", "records:write"]);
    let server = folder.serve();
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(&address).expect("connects");
    std::io::Write::write_all(
        &mut stream,
        format!("GET /v1/feed HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n")
            .as_bytes(),
    )
    .expect("sends");
    server
        .post(
            &key,
            "s1",
            "/v1/records",
            &penalty(&firm(), "克市监罚〔2026〕1号"),
        )
        .expect(201);
    let began = std::time::Instant::now();
    drop(server);
    assert!(
        began.elapsed() < std::time::Duration::from_secs(20),
        "an open stream does not hold the server"
    );
    let verified = folder.check_log();
    assert_eq!(verified["level"], "opened");
    succeed(&[
        "export",
        "--data",
        &folder.data(),
        "--out",
        &folder.beside("out"),
    ]);
}

#[test]
fn an_erased_person_is_gone_from_every_answer_and_the_log_still_holds() {
    let folder = Folder::begin();
    let key = folder.key(&EVERYTHING);
    let person_id = {
        let server = folder.serve();
        let reported = server.post(
            &key,
            "p1",
            "/v1/records",
            &penalty(&person(), "克市监罚〔2026〕9号"),
        );
        id(&reported, 201, "subject").to_owned()
    };
    let erased = last_json(&succeed(&[
        "erase",
        "--data",
        &folder.data(),
        "--person",
        &person_id,
        "--authority",
        "克拉玛依市信用中心",
        "--legal-basis",
        "个人信息保护法第四十七条",
        "--json",
    ]));
    assert_eq!(erased["entries"], 2, "registration and record");
    let verified = folder.check_log();
    assert_eq!(verified["level"], "opened");
    let server = folder.serve();
    let read = server.get_for(&key, &format!("/v1/subjects/{person_id}"));
    assert_eq!(
        (&read.expect(200)["is_erased"], &read.json["name"]),
        (&json!(true), &Value::Null)
    );
    let by_number = json!({"identifier": {"kind": "citizen_id", "value": PERSON}}).to_string();
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("Probity-Purpose", "licence"),
        ("Probity-Basis", "行政许可"),
    ];
    let found = server.send(
        "POST",
        "/v1/subjects/search",
        &headers,
        by_number.as_bytes(),
    );
    assert_eq!(found.expect(200)["items"], json!([]));
    let timeline = server.get_for(&key, &format!("/v1/subjects/{person_id}/timeline"));
    let items = timeline.expect(200)["items"].as_array().expect("items");
    assert!(
        items.iter().all(|item| item["state"] == "erased"),
        "{}",
        timeline.text
    );
    assert!(!timeline.text.contains(PERSON_NAME) && !timeline.text.contains("不合格"));
}
