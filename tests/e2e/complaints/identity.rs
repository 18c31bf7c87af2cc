//! Who is it?

use super::reports::*;
use serde_json::{Value, json};

fn link(subject: &str, attributes: &[&str], reasons: &str) -> Value {
    json!({"subject": subject, "attributes": attributes, "decider": "审核岗07", "reasons": reasons})
}

fn reject(candidate: &str) -> Value {
    json!({"candidate": candidate, "decider": "审核岗09", "reasons": "身份证号码与住址均不相符，不是同一人"})
}

/// P01. A judgment with name and court and no number; two persons of that name are in the register. Nobody is linked: the report
/// waits with the number of namesakes, and a link takes two independent attributes and a decision with reasons.
#[test]
fn p01_a_namesake_in_another_city_is_not_linked() {
    let town = Town::begin();
    let name = "王建设";
    let (one, two) = (
        town.register(&person(name, FIRST)),
        town.register(&person(name, THIRD)),
    );
    let nameless = subject("natural_person", name, None);
    let reported = town.report(&judgment(&nameless, "（2026）新02民初81号"));
    assert_eq!(
        (reported.status, &reported.json["outcome"]),
        (202, &json!("parked")),
        "{}",
        reported.text
    );
    let pending = member(&reported, "pending");
    let waits = || {
        town.server.send(
            "GET",
            &format!("/v1/pending/{pending}"),
            &[("Authorization", &format!("Bearer {}", town.key))],
            &[],
        )
    };
    let read = waits();
    assert_eq!(read.expect(200)["namesakes"], 2);
    assert_eq!(read.json["standing"], "waiting");
    assert_eq!(read.json["reason"], "name_only");
    assert!(!read.text.contains(name), "what it says stays sealed");
    for id in [&one, &two] {
        assert_eq!(town.history(id), ["SubjectRegistered"], "nobody has it");
    }

    let path = format!("/v1/pending/{pending}/link");
    for (attributes, why) in [
        (&["birth_date"][..], "one attribute"),
        (&["birth_date", "name"][..], "a name is no attribute"),
        (&["birth_date", "pinyin"][..], "nor is its sound"),
        (&["birth_date", "birth_date"][..], "the same one twice"),
    ] {
        let refused = town.post(&path, &link(&one, attributes, "核对无误"));
        assert!(
            rules(&refused.problem(422, "invalid-report")["errors"])
                .contains(&"link.attributes".to_owned()),
            "{why}: {}",
            refused.text
        );
    }
    town.post(&path, &link(&one, &["birth_date", "address"], " "))
        .problem(422, "invalid-report");
    let linked = town.post(
        &path,
        &link(
            &one,
            &["birth_date", "address"],
            "判决书所载出生日期和住址相符",
        ),
    );
    assert_eq!(linked.expect(201)["subject"], one.as_str());
    assert_eq!(
        town.history(&one),
        ["SubjectRegistered", "JudgmentRecorded"]
    );
    assert_eq!(town.history(&two), ["SubjectRegistered"]);
    assert_eq!(waits().expect(200)["standing"], "settled");
    assert_eq!(waits().json["record"], linked.json["record"]);
    town.post(&path, &link(&two, &["birth_date", "address"], "再次认领"))
        .problem(409, "pending-state");
    town.close();
}

/// P02. A clerk links by the sound of the surname; later "not the same person" is confirmed. That is a fact: the record is
/// voided, the next report of the act is not linked and says so, by interface and by file, and no link to that person is taken.
#[test]
fn p02_not_the_same_person_is_remembered() {
    let town = Town::begin();
    let sounds_alike = town.register(&person("闫军", FIRST));
    let number = "克市监罚〔2026〕77号";
    let nameless = subject("natural_person", "颜军", None);
    let report = penalty(&nameless, number);
    let reported = town.report(&report);
    assert_eq!(reported.status, 202, "{}", reported.text);
    let pending = member(&reported, "pending");
    let linked = town.post(
        &format!("/v1/pending/{pending}/link"),
        &link(
            &sounds_alike,
            &["phone", "employer"],
            "同音，电话和单位相符",
        ),
    );
    linked.expect(201);
    let rejections = format!("/v1/pending/{pending}/rejections");
    town.post(&rejections, &reject(&sounds_alike)).expect(201);
    town.post(&rejections, &reject(&sounds_alike)).expect(200);
    assert_eq!(
        town.history(&sounds_alike),
        ["SubjectRegistered", "PenaltyRecorded", "RecordVoided"]
    );

    let again = town.report(&report);
    assert_eq!(
        (again.status, &again.json["outcome"]),
        (200, &json!("already_there")),
        "{}",
        again.text
    );
    assert!(
        warnings(&again).contains(&"candidate.ruled_out".to_owned()),
        "{}",
        again.text
    );
    let mut other = report.clone();
    other["fields"]["facts"] = json!("经复检仍不合格");
    let parked = town.report(&other);
    assert_eq!(
        (parked.status, &parked.json["outcome"]),
        (202, &json!("parked"))
    );
    assert!(
        warnings(&parked).contains(&"candidate.ruled_out".to_owned()),
        "{}",
        parked.text
    );
    let next = member(&parked, "pending");
    town.post(
        &format!("/v1/pending/{next}/link"),
        &link(&sounds_alike, &["phone", "employer"], "同音"),
    )
    .problem(409, "candidate-rejected");

    by_file(&town, number);
    assert_eq!(
        town.history(&sounds_alike).len(),
        3,
        "nothing more was linked"
    );
    town.close();
}

/// The same act comes once more, in a file.
fn by_file(town: &Town, number: &str) {
    let file = town.folder.beside("again.csv");
    let header = "行政相对人类别,行政相对人名称,统一社会信用代码,证件类型,证件号码,行政处罚决定书文号,违法行为类型,违法事实,\
        处罚依据,处罚类别,处罚内容,罚款金额（万元）,处罚决定日期,处罚有效期,公示截止期,处罚机关,处罚机关统一社会信用代码,\
        数据来源单位,数据来源单位统一社会信用代码";
    let row = format!(
        "自然人,颜军,,,,{number},销售不合格食品,经抽检不合格,食品安全法第一百二十四条,罚款,罚款,6.0,2026-09-01,2027-09-01,2027-09-01,\
         {OFFICE},,{OFFICE},"
    );
    std::fs::write(&file, format!("{header}\n{row}\n")).expect("written");
    let bytes = std::fs::read(&file).expect("read");
    let bearer = format!("Bearer {}", town.key);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", "file"),
        ("Content-Type", "application/octet-stream"),
    ];
    let imported = town.server.send("POST", "/v1/imports", &headers, &bytes);
    assert_eq!(
        imported.expect(200)["summary"]["parked"],
        1,
        "{}",
        imported.text
    );
    assert!(
        rules(&imported.json["warnings"]).contains(&"candidate.ruled_out".to_owned()),
        "{}",
        imported.text
    );
}

/// P04. Two persons share name and birth date: the answer is "unresolved, two candidates", never a hit.
#[test]
fn p04_the_same_name_and_birthday_is_unresolved() {
    let town = Town::begin();
    let name = "李小龙";
    let mut ids = vec![
        town.register(&person(name, FIRST)),
        town.register(&person(name, SECOND)),
    ];
    let other = town.register(&person(name, THIRD));
    let ask = |born: &str| town.search_for(&json!({"name": name, "birth_date": born}));
    let both = ask("1980-01-01");
    assert_eq!(both.expect(200)["resolution"], "unresolved");
    let mut found: Vec<String> = both.json["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["id"].as_str().unwrap_or_default().to_owned())
        .collect();
    found.sort();
    ids.sort();
    assert_eq!(found, ids);
    assert!(
        !both.text.contains("listed") && !both.text.contains(FIRST),
        "{}",
        both.text
    );
    let one = ask("1985-05-05");
    assert_eq!(one.expect(200)["resolution"], "one_candidate");
    assert_eq!(one.json["items"][0]["id"], other.as_str());
    assert_eq!(ask("1990-01-01").expect(200)["resolution"], "not_found");
    let nobody = town.server.send(
        "POST",
        "/v1/subjects/search",
        &[("Content-Type", "application/json")],
        json!({"name": name, "birth_date": "1980-01-01"})
            .to_string()
            .as_bytes(),
    );
    nobody.problem(401, "unauthorized");
    town.close();
}

/// P05. A practitioner with two certificates and one citizen number is one subject; both certificates answer.
#[test]
fn p05_two_certificates_of_one_person_are_one_subject() {
    let town = Town::begin();
    let name = "古丽娜尔·艾合买提";
    let id = town.register(&person(name, FIRST));
    let certificate = |group: &str, title: &str, number: &str| json!({"group": group, "title": title, "number": number, "issuer": "自治区住房和城乡建设厅", "issued_on": "2024-03-01"});
    let path = format!("/v1/subjects/{id}/certificates");
    for (group, title, number) in [
        ("KP02", "监理工程师", "JL-2024-001"),
        ("KP01", "会计师", "KJ-2024-002"),
    ] {
        let recorded = town.post(&path, &certificate(group, title, number));
        assert_eq!(recorded.expect(201)["subject"], id.as_str());
        let look_up = |name: &str| {
            let body = json!({"name": name, "certificate_no": number}).to_string();
            let headers = [("Content-Type", "application/json")];
            town.server.send(
                "POST",
                "/v1/practitioners/lookup",
                &headers,
                body.as_bytes(),
            )
        };
        let confirmed = look_up(name);
        assert_eq!(confirmed.expect(200)["is_confirmed"], true);
        assert_eq!(confirmed.json["title"], title);
        assert_eq!(look_up("古丽娜尔").expect(200)["is_confirmed"], false);
    }
    assert_eq!(
        town.register(&person(name, FIRST)),
        id,
        "the number finds the same subject in every register"
    );
    assert_eq!(
        town.history(&id),
        [
            "SubjectRegistered",
            "CertificateRecorded",
            "CertificateRecorded"
        ]
    );
    town.close();
}

/// P06. A name that matches only a former name: the hit says which name matched, how, and since when; the current name first.
#[test]
fn p06_every_hit_says_why_it_is_one() {
    let town = Town::begin();
    let id = town.register(&firm("虚构甲商贸有限公司", "91650203YYYY0008X2"));
    let other = town.register(&firm("虚构甲商贸城有限公司", "91650205YYYY00098Y"));
    let renamed = town.post(
        &format!("/v1/subjects/{id}/names"),
        &json!({"name": "虚构新名实业有限公司", "effective_on": "2026-10-01"}),
    );
    let at = renamed.expect(201)["position"].clone();
    let found = town.find("虚构甲商贸有限公司");
    assert_eq!(
        found[0]["id"],
        id.as_str(),
        "the whole name comes before a part: {found:?}"
    );
    assert_eq!(found[0]["match"]["field"], "former_name");
    assert_eq!(found[0]["match"]["value"], "虚构甲商贸有限公司");
    assert_eq!(found[0]["match"]["how"], "same");
    assert!(found[0]["match"]["since"].as_u64().is_some());
    assert_eq!(
        found[0]["name"], "虚构新名实业有限公司",
        "and shows the name of today"
    );
    let part = town.find("虚构甲商贸");
    let ids: Vec<&Value> = part.iter().map(|hit| &hit["id"]).collect();
    assert!(
        ids.contains(&&json!(other)) && ids.contains(&&json!(id)),
        "{part:?}"
    );
    let current = town.find("虚构新名实业有限公司");
    assert_eq!(current[0]["match"]["field"], "name");
    assert_eq!(current[0]["match"]["since"], at);
    // A report under the former name is taken and says both names and since when.
    let reported = town.report(&penalty(
        &firm("虚构甲商贸有限公司", "91650203YYYY0008X2"),
        "克市监罚〔2026〕6号",
    ));
    reported.expect(201);
    let said = reported.json["warnings"].as_array().expect("warnings");
    let said = said
        .iter()
        .find(|w| w["rule"] == "name.former")
        .expect("a warning");
    for word in ["虚构甲商贸有限公司", "虚构新名实业有限公司", "2026-10-01"] {
        assert!(
            said["detail_zh"]
                .as_str()
                .is_some_and(|text| text.contains(word)),
            "{said}"
        );
        assert!(
            said["detail"]
                .as_str()
                .is_some_and(|text| text.contains(word)),
            "{said}"
        );
    }
    town.close();
}

/// P07. Legal form and region are split off and the core is compared: a missing form costs nothing, a shared one is worth nothing.
#[test]
fn p07_company_names_are_compared_by_their_core() {
    let town = Town::begin();
    let wanted = town.register(&firm("测试甲能源有限公司", "91650203YYYY0008X2"));
    town.register(&firm("测试乙能源有限公司", "91650205YYYY00098Y"));
    let found = town.find("测试甲能源");
    assert_eq!(found.len(), 1, "an unrelated firm is no hit: {found:?}");
    assert_eq!(found[0]["id"], wanted.as_str());
    assert_eq!(found[0]["match"]["how"], "same_core");
    let whole = town.find("克拉玛依测试甲能源股份有限公司");
    assert_eq!(whole[0]["id"], wanted.as_str(), "{whole:?}");
    assert_eq!(
        whole[0]["match"]["how"], "same_core",
        "a candidate, not an equal"
    );
    assert!(
        town.find("有限公司")
            .iter()
            .all(|hit| hit["match"]["how"] != "same")
    );
    town.close();
}
