use super::*;
use crate::read::read_csv;

const SMALL: &str = r#"
id = "small"
version = "1"
title_zh = "小"
title_en = "small"
origin = "a test"
kind = "record"
absent = ["valid_to"]
[record]
subcategory = "XK001"
role = "party"
[subject]
kind = "enterprise"
[[column]]
field = "subject_name"
headers = ["企业名称"]
need = "required"
[[column]]
field = "decision_date"
type = "date"
headers = ["日期"]
[[column]]
field = "fine"
type = "money"
unit = "yuan"
headers = ["金额(元)"]
[[column]]
field = "status"
type = "enum:permit_status"
headers = ["状态"]
values = { "1" = "valid" }
"#;

fn fault(changed: &str) -> String {
    Profile::parse(changed).expect_err("is refused").to_string()
}

#[test]
fn every_builtin_profile_loads() {
    let profiles = builtin_profiles().unwrap_or_else(|e| panic!("{e}"));
    let ids: Vec<&str> = profiles.iter().map(|p| p.id.as_str()).collect();
    let expected = [
        "arrears-heating",
        "court-enforcement",
        "double-publicity-penalties-2015",
        "double-publicity-penalties-2018",
        "double-publicity-permits-2015",
        "double-publicity-permits-2018",
        "ecommerce-dishonest",
        "finance-crime",
        "honours",
        "register-certificates",
        "register-names",
        "register-subjects",
        "trust-products",
        "work-safety",
        "xinjiang-financial-licences",
    ];
    assert_eq!(ids, expected);
    let listings = profiles.iter().filter_map(|p| match &p.target {
        Target::Listing { list, procedure } => Some((list.clone(), *procedure)),
        Target::Record { .. } | Target::Register { .. } | Target::NotCreditData { .. } => None,
    });
    // What an outside body put together is never a listing of the city, and own ids are explained.
    for (list, procedure) in listings {
        assert_eq!(procedure, ListingProcedure::Reported, "{list}");
        let documented = profiles
            .iter()
            .any(|p| p.notes.contains(&format!("List id {list}")));
        assert!(documented, "{list}");
    }
    assert_eq!(builtin_profile("bird"), Ok(None));
}

#[test]
fn a_profile_that_contradicts_itself_names_the_place() {
    assert!(Profile::parse(SMALL).is_ok());
    let cases = [
        ("absent = [", "filter = [", "unknown field `filter`"),
        ("\"XK001\"", "\"permit\"", "catalogue code"),
        ("id = \"small\"", "id = \"Small\"", "lower-case letters"),
        (
            "unit = \"yuan\"\n",
            "",
            "column \"fine\": unit is missing: yuan, wan_yuan or fen",
        ),
        (
            "type = \"date\"",
            "type = \"day\"",
            "\"day\" is not a field type",
        ),
        (
            "type = \"date\"",
            "",
            "column \"decision_date\": type is missing",
        ),
        (
            "\"valid\" }",
            "\"vaild\" }",
            "\"vaild\" is not a key of permit_status; allowed: valid invalid",
        ),
        (
            "absent = [\"valid_to\"]",
            "absent = [\"fine\"]",
            "\"fine\" is mapped and declared absent",
        ),
        ("field = \"status\"", "field = \"fine\"", "has two columns"),
        (
            "kind = \"enterprise\"",
            "",
            "subject.kind or a column for subject_kind",
        ),
        (
            "kind = \"record\"",
            "kind = \"listing\"",
            "listing with [listing]",
        ),
        (
            "kind = \"record\"",
            "kind = \"bird\"",
            "unknown variant `bird`",
        ),
        (
            "headers = [\"状态\"]",
            "headers = []",
            "at least one header",
        ),
        ("enum:permit_status", "enum:tax_kinds", ""),
    ];
    for (from, to, expected) in cases {
        assert!(SMALL.contains(from), "{from}");
        let changed = SMALL.replacen(from, to, 1);
        if expected.is_empty() {
            assert!(
                Profile::parse(&changed).is_ok(),
                "a list that is data is mapped by the profile"
            );
        } else {
            let found = fault(&changed);
            assert!(found.contains(expected), "{to}: {found}");
        }
    }
}

#[test]
fn headers_tell_the_profile() {
    let detect = |header: &str| detect_profile(&read_csv(header).expect("reads"));
    assert_eq!(
        detect("企业名称,工商注册号,组织机构代码,统一信用代码,失信领域\n").as_deref(),
        Some("ecommerce-dishonest")
    );
    assert_eq!(
        detect("a,trustProductName,proectIssueCode,trustCompanyName").as_deref(),
        Some("trust-products")
    );
    assert_eq!(detect("企业名称,金额"), None);
    assert_eq!(detect(""), None);
}
