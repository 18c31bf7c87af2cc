//! Registers as files: registrations, changes of name, practice certificates.

use super::reports::*;
use serde_json::Value;

fn import(town: &Town, key: &str, file: &str) -> probity_tests::Reply {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let (bearer, idempotency) = (format!("Bearer {key}"), format!("r{next}"));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", idempotency.as_str()),
        ("Content-Type", "application/octet-stream"),
    ];
    town.server
        .send("POST", "/v1/imports", &headers, file.as_bytes())
}

fn summary(reply: &probity_tests::Reply) -> Value {
    reply.expect(200)["summary"].clone()
}

/// A register comes as files: subjects first, then changes of name and certificates, each found by its identifier. Sent again they
/// change nothing; whoever may only report records may not send them.
#[test]
fn registers_come_as_files_and_find_their_subjects_by_identifier() {
    let town = Town::begin();
    let subjects = format!(
        "主体类别,名称,统一社会信用代码,证件类型,证件号码,行政区划代码,行业代码\n\
         企业,虚构甲商贸有限公司,91650203YYYY0008X2,,,650203,I03\n\
         自然人,古丽娜尔·艾合买提,,身份证,{FIRST},650202,\n"
    );
    import(&town, &town.narrow, &subjects).problem(422, "invalid-file");
    let first = import(&town, &town.key, &subjects);
    assert_eq!(first.expect(200)["profile"], "register-subjects 1");
    assert_eq!(summary(&first)["imported"], 2, "{}", first.text);
    let again = import(&town, &town.key, &subjects);
    assert_eq!(summary(&again)["already_there"], 2, "{}", again.text);
    let id = town.find("虚构甲商贸有限公司")[0]["id"]
        .as_str()
        .expect("found")
        .to_owned();

    let names = "主体类别,变更前名称,变更后名称,变更日期,统一社会信用代码,证件类型,证件号码\n\
                 企业,虚构甲商贸有限公司,虚构新名实业有限公司,2026-10-01,91650203YYYY0008X2,,\n";
    assert_eq!(summary(&import(&town, &town.key, names))["imported"], 1);
    assert_eq!(
        summary(&import(&town, &town.key, names))["already_there"],
        1
    );
    let found = town.find("虚构甲商贸有限公司");
    assert_eq!(
        (&found[0]["id"], &found[0]["match"]["field"]),
        (&id.clone().into(), &"former_name".into())
    );
    assert_eq!(town.history(&id), ["SubjectRegistered", "SubjectRenamed"]);

    let certificates = format!(
        "姓名,证件类型,证件号码,重点人群代码,证书名称,证书编号,发证机关,发证日期,证书有效期至\n\
         古丽娜尔·艾合买提,身份证,{FIRST},KP02,监理工程师,JL-1,自治区住房和城乡建设厅,2024-03-01,\n\
         古丽娜尔·艾合买提,身份证,{FIRST},KP01,会计师,KJ-2,财政厅,2024-03-01,2030-03-01\n"
    );
    assert_eq!(
        summary(&import(&town, &town.key, &certificates))["imported"],
        2
    );

    let unknown = names.replace("91650203YYYY0008X2", "91650205YYYY00098Y");
    let refused = import(&town, &town.key, &unknown);
    assert_eq!(summary(&refused)["imported"], 0);
    assert_eq!(rules(&refused.json["errors"]), ["register.unknown"]);
    let other = certificates.replace("古丽娜尔·艾合买提", "别的姓名");
    let refused = import(&town, &town.key, &other);
    assert_eq!(
        rules(&refused.json["errors"]),
        ["subject.name_differs", "subject.name_differs"],
        "a number under another name is looked at by somebody"
    );
    assert!(!refused.text.contains(FIRST));
    town.close();
}
