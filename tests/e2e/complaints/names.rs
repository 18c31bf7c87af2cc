//! Names: dots, rare characters, spellings.

use super::reports::*;
use encoding_rs::GB18030;
use serde_json::{Value, json};

const HEADER: &str = "行政相对人类别,行政相对人名称,统一社会信用代码,证件类型,证件号码,行政处罚决定书文号,违法行为类型,违法事实,\
    处罚依据,处罚类别,处罚内容,罚款金额（万元）,处罚决定日期,处罚有效期,公示截止期,处罚机关,处罚机关统一社会信用代码,\
    数据来源单位,数据来源单位统一社会信用代码";

/// A row of the file about a person.
fn row(name: &str, number: &str, document: &str) -> String {
    format!(
        "自然人,{name},,身份证,{number},{document},虚假宣传,张贴不实广告,《广告法》第九条,罚款,罚款,0.5,2018-03-05,2019-03-05,2019-03-05,\
         {OFFICE},,{OFFICE},"
    )
}

fn import(town: &Town, key: &str, bytes: &[u8]) -> Value {
    let bearer = format!("Bearer {}", town.key);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", key),
        ("Content-Type", "application/octet-stream"),
    ];
    let reply = town.server.send("POST", "/v1/imports", &headers, bytes);
    reply.expect(200).clone()
}

/// The name as an entitled reader sees it.
fn name_of(town: &Town, id: &str) -> String {
    let reply = town
        .server
        .get_for(&town.key, &format!("/v1/subjects/{id}"));
    reply.expect(200)["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn is_confirmed(town: &Town, name: &str, number: &str) -> bool {
    let headers = [("Content-Type", "application/json")];
    let body = json!({"name": name, "certificate_no": number}).to_string();
    let reply = town.server.send(
        "POST",
        "/v1/practitioners/lookup",
        &headers,
        body.as_bytes(),
    );
    reply.expect(200)["is_confirmed"] == true
}

/// P18. One name with every form of the dot and without: all are taken, they meet, and each shows as filed.
#[test]
fn p18_every_form_of_the_middle_dot_is_one_name() {
    let town = Town::begin();
    let forms = ["·", "•", "・", "．", "‧", "∙", "⋅"];
    let id = town.register(&person("阿布都·买买提", FIRST));
    let certificate = json!({"group": "KP01", "title": "会计师", "number": "KJ-7", "issuer": "财政厅", "issued_on": "2024-03-01"});
    town.post(&format!("/v1/subjects/{id}/certificates"), &certificate)
        .expect(201);
    for dot in forms {
        let name = format!("阿布都{dot}买买提");
        let filed = person(&name, FIRST);
        assert_eq!(
            town.register(&filed),
            id,
            "{name} is the same name under the same number"
        );
    }
    // Few look-ups of one number are answered a minute.
    for dot in ["•", "．"] {
        let name = format!("阿布都{dot}买买提");
        assert!(is_confirmed(&town, &name, "KJ-7"), "{name}");
    }
    let mut codes = [
        "91650203YYYY0008X2",
        "91650205YYYY00098Y",
        "916502031000000240",
    ]
    .into_iter();
    for dot in ["•", "．", ""] {
        let name = format!("阿布都{dot}买买提餐饮有限公司");
        town.register(&firm(&name, codes.next().expect("a code")));
    }
    for dot in forms.into_iter().chain([""]) {
        let found = town.find(&format!("阿布都{dot}买买提餐饮"));
        let names: Vec<&str> = found
            .iter()
            .filter_map(|hit| hit["name"].as_str())
            .collect();
        assert_eq!(names.len(), 3, "{dot:?}: {names:?}");
        for filed in ["•", "．", ""] {
            let wanted = format!("阿布都{filed}买买提餐饮有限公司");
            assert!(
                names.contains(&wanted.as_str()),
                "shown as filed: {names:?}"
            );
        }
    }
    town.close();
}

/// P19. A Uyghur name of 25 Han characters with dots, in GB18030 bytes A1A4: stored whole; 阿布都 and 阿不都 are no equals.
#[test]
fn p19_a_long_name_in_gb18030_is_stored_whole() {
    let town = Town::begin();
    let name = "阿布都热合曼·阿布都克里木·买买提艾力·吐尔逊江买合木提";
    assert!(name.chars().filter(|c| *c != '·').count() >= 25);
    let text = format!(
        "{HEADER}\r\n{}\r\n",
        row(name, FIRST, "克市监罚〔2018〕19号")
    );
    let (bytes, _, lost) = GB18030.encode(&text);
    assert!(!lost && bytes.windows(2).any(|pair| pair == [0xA1, 0xA4]));
    let imported = import(&town, "p19", &bytes);
    assert_eq!(imported["form"], "CSV, GB18030");
    assert_eq!(imported["summary"]["imported"], 1, "{imported}");
    let found = town.search_for(&json!({"identifier": {"kind": "citizen_id", "value": FIRST}}));
    let id = found.expect(200)["items"][0]["id"]
        .as_str()
        .expect("a person")
        .to_owned();
    assert_eq!(name_of(&town, &id), name, "whole, with the dots as filed");
    let certificate = json!({"group": "KP01", "title": "会计师", "number": "KJ-19", "issuer": "财政厅", "issued_on": "2024-03-01"});
    town.post(&format!("/v1/subjects/{id}/certificates"), &certificate)
        .expect(201);
    assert!(is_confirmed(&town, name, "KJ-19"));
    assert!(
        !is_confirmed(&town, &name.replacen("阿布都", "阿不都", 1), "KJ-19"),
        "another spelling is no equal"
    );
    town.close();
}

/// P20. A rare character as a private-use code, as a question mark of a wrong decoding, as pinyin: what came stays, what cannot be
/// trusted is flagged with its place, and a change of name links the forms.
#[test]
fn p20_rare_characters_are_kept_flagged_and_linked() {
    let town = Town::begin();
    for (key, name, number, rule) in [
        ("p20a", "虚构\u{e863}", FIRST, Some("text.private_use")),
        ("p20b", "虚构\u{fffd}", SECOND, Some("text.replacement")),
        ("p20c", "虚构Cheng", THIRD, None),
    ] {
        let text = format!(
            "{HEADER}\n{}\n",
            row(name, number, &format!("克市监罚〔2018〕{key}号"))
        );
        let imported = import(&town, key, text.as_bytes());
        assert_eq!(imported["summary"]["imported"], 1, "{imported}");
        let said = rules(&imported["warnings"]);
        if let Some(rule) = rule {
            assert!(said.contains(&rule.to_owned()), "{said:?}");
        }
        let found =
            town.search_for(&json!({"identifier": {"kind": "citizen_id", "value": number}}));
        let id = found.expect(200)["items"][0]["id"]
            .as_str()
            .expect("a person")
            .to_owned();
        assert_eq!(name_of(&town, &id), name, "what came stays");
        let alias = json!({"name": "虚构\u{20bb7}", "effective_on": "2026-10-01"});
        town.post(&format!("/v1/subjects/{id}/names"), &alias)
            .expect(201);
        let read = town
            .server
            .get_for(&town.key, &format!("/v1/subjects/{id}"));
        assert_eq!(read.expect(200)["name"], "虚构\u{20bb7}");
        assert_eq!(
            read.json["former_names"][0]["name"], name,
            "and is linked to what it means"
        );
    }
    town.close();
}

/// P21. Names with characters outside the common blocks, also of plane 2, are taken, found and shown as they are; compatibility
/// ideographs are not swapped for their look-alikes.
#[test]
fn p21_a_rare_surname_is_taken_found_and_shown() {
    let town = Town::begin();
    let names = [
        ("\u{20bb7}野家餐饮有限公司", "91650203YYYY0008X2"),
        ("\u{4dae}记商贸有限公司", "91650205YYYY00098Y"),
        ("\u{fa10}氏实业有限公司", "916502031000000240"),
    ];
    for (name, code) in names {
        let id = town.register(&firm(name, code));
        let found = town.find(name);
        assert_eq!(found[0]["id"], id.as_str(), "{name}: {found:?}");
        assert_eq!(found[0]["name"], name, "no look-alike");
        let first: String = name.chars().take(2).collect();
        assert!(
            town.find(&first).iter().any(|hit| hit["id"] == id.as_str()),
            "{first}"
        );
    }
    let id = town.register(&person("\u{20bb7}\u{4dae}", FIRST));
    assert_eq!(name_of(&town, &id), "\u{20bb7}\u{4dae}");
    town.close();
}
