//! What the rules of the field ask of every record (双公示, domain reference §6): one row a check, each with its own code, a Chinese
//! and an English text, and what to do.

use super::reports::*;
use serde_json::{Value, json};

const FIRM: &str = "91650203YYYY0008X2";

/// Whether the check refuses the report or is said beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Weight {
    Refuses,
    Warns,
}
use Weight::{Refuses, Warns};

/// One check: what is wrong, its code, the field that it names, and a word that both texts hold.
struct Check {
    name: &'static str,
    change: fn(&mut Value),
    weight: Weight,
    rule: &'static str,
    field: &'static str,
    zh: &'static str,
    en: &'static str,
    /// What to do, in both languages.
    remedy: (&'static str, &'static str),
}

fn code(report: &mut Value, kind: &str, value: &str) {
    report["subject"]["identifiers"] = json!([{"kind": kind, "value": value}]);
}

fn set(report: &mut Value, field: &str, value: Value) {
    report["fields"][field] = value;
}

const REMEDY: (&str, &str) = ("请对照证照原件填写", "as on the original document");

const CHECKS: &[Check] = &[
    Check {
        name: "form of a code",
        change: |report| code(report, "uscc", "91650203YYYY0008X"),
        weight: Refuses,
        rule: "identifier.length",
        field: "subject_code",
        zh: "个字符",
        en: "characters",
        remedy: REMEDY,
    },
    Check {
        name: "outer check",
        change: |report| code(report, "uscc", "91650203YYYY0008X3"),
        weight: Refuses,
        rule: "identifier.check",
        field: "subject_code",
        zh: "校验",
        en: "check",
        remedy: REMEDY,
    },
    Check {
        name: "inner check",
        change: |report| code(report, "uscc", "111111111111111111"),
        weight: Refuses,
        rule: "identifier.inner-check",
        field: "subject_code",
        zh: "组织机构代码",
        en: "organisation code",
        remedy: REMEDY,
    },
    Check {
        name: "declared type",
        change: |report| code(report, "uscc", "650203198106150312"),
        weight: Refuses,
        rule: "identifier.department",
        field: "subject_code",
        zh: "登记管理部门",
        en: "department",
        remedy: REMEDY,
    },
    Check {
        name: "placeholder",
        change: |report| code(report, "uscc", "00000000000000000X"),
        weight: Refuses,
        rule: "identifier.placeholder",
        field: "subject_code",
        zh: "尚未赋码",
        en: "not yet assigned",
        remedy: REMEDY,
    },
    Check {
        name: "decision before 1949-10-01",
        change: |report| set(report, "decision_date", json!("1949-09-30")),
        weight: Refuses,
        rule: "field.decision_date",
        field: "decision_date",
        zh: "1949-09-30",
        en: "1949-09-30",
        remedy: ("1949-10-01", "1949-10-01"),
    },
    Check {
        name: "decision after today",
        change: |report| set(report, "decision_date", json!("2099-01-01")),
        weight: Refuses,
        rule: "field.decision_date",
        field: "decision_date",
        zh: "2099-01-01",
        en: "2099-01-01",
        remedy: ("之间", "from 1949-10-01"),
    },
    Check {
        name: "beginning after end",
        change: |report| set(report, "conduct_ended_on", json!("2026-08-01")),
        weight: Refuses,
        rule: "field.interval",
        field: "conduct_date",
        zh: "晚于",
        en: "lies after",
        remedy: ("不晚于", "not after"),
    },
    Check {
        name: "required",
        change: |report| {
            drop(
                report["fields"]
                    .as_object_mut()
                    .map(|fields| fields.remove("facts")),
            )
        },
        weight: Refuses,
        rule: "field.missing",
        field: "facts",
        zh: "必填项缺失",
        en: "required and missing",
        remedy: ("填写违法事实", "give it"),
    },
    Check {
        name: "required if: a fine without its amount",
        change: |report| {
            drop(
                report["fields"]
                    .as_object_mut()
                    .map(|fields| fields.remove("fine")),
            )
        },
        weight: Refuses,
        rule: "field.missing_conditional",
        field: "fine",
        zh: "条件必填项缺失",
        en: "required here",
        remedy: ("填写罚款金额", "give it"),
    },
    Check {
        name: "kind of penalty that the law of the day does not know",
        change: |report| set(report, "penalty_kinds", json!(["P1-02", "P2-06"])),
        weight: Refuses,
        rule: "field.era",
        field: "penalty_kinds",
        zh: "没有处罚种类",
        en: "knows no penalty kind",
        remedy: ("P2 开头", "begins P2"),
    },
    Check {
        name: "authority and subject are one, by code",
        change: |report| report["authority_code"] = json!(FIRM),
        weight: Refuses,
        rule: "authority.is_subject",
        field: "authority_code",
        zh: "同一主体",
        en: "the subject itself",
        remedy: ("不得相同", "nobody decides about themselves"),
    },
    Check {
        name: "authority and subject are one, by name",
        change: |report| report["authority"] = json!("虚构甲商贸有限公司"),
        weight: Refuses,
        rule: "authority.is_subject",
        field: "authority",
        zh: "同一主体",
        en: "the subject itself",
        remedy: ("不得相同", "nobody decides about themselves"),
    },
    Check {
        name: "unit of an amount is declared",
        change: |report| set(report, "fine", json!("5万元")),
        weight: Refuses,
        rule: "money.unit",
        field: "fine",
        zh: "金额须写明单位",
        en: "an amount names its unit",
        remedy: ("wan_yuan", "wan_yuan"),
    },
    Check {
        name: "name against dated names",
        change: |report| report["subject"]["name"] = json!("虚构别名商贸有限公司"),
        weight: Warns,
        rule: "name.differs",
        field: "subject_name",
        zh: "虚构甲商贸有限公司",
        en: "虚构甲商贸有限公司",
        remedy: ("请核对名称", "check the name"),
    },
    Check {
        name: "authority that the catalogue does not expect",
        change: |report| report["authority"] = json!("克拉玛依市税务局"),
        weight: Warns,
        rule: "authority.not_expected",
        field: "authority",
        zh: "市市场监督管理局",
        en: "market supervision",
        remedy: ("请核对决定机关和子类", "check authority and class"),
    },
    Check {
        name: "code of the authority",
        change: |report| report["authority_code"] = json!("11650200YYYY000125"),
        weight: Warns,
        rule: "unit_code.faulty",
        field: "authority_code",
        zh: "校验",
        en: "check",
        remedy: ("请对照证照原件核对", "compare it with the original"),
    },
    Check {
        name: "reported end outside minimum and end of the regime",
        change: |report| set(report, "publication_end_reported", json!("2035-09-01")),
        weight: Warns,
        rule: "publication.reported_end",
        field: "publication_end_reported",
        zh: "2035-09-01",
        en: "2035-09-01",
        remedy: ("请核对公示截止期", "check the reported end"),
    },
];

#[test]
fn every_check_has_its_code_its_words_and_its_remedy() {
    let town = Town::begin();
    town.register(&firm("虚构甲商贸有限公司", FIRM));
    let base = penalty(&firm("虚构甲商贸有限公司", FIRM), "克市监罚〔2026〕100号");
    for (number, check) in CHECKS.iter().enumerate() {
        let mut report = base.clone();
        set(
            &mut report,
            "document_no",
            json!(format!("克市监罚〔2026〕{}号", 200 + number)),
        );
        (check.change)(&mut report);
        let reply = town.report(&report);
        let (list, name) = match check.weight {
            Refuses => (&reply.json["errors"], check.name),
            Warns => (&reply.json["warnings"], check.name),
        };
        let status = match check.weight {
            Refuses => 422,
            Warns => 201,
        };
        assert_eq!(reply.status, status, "{name}: {}", reply.text);
        rules(list);
        let found = list.as_array().and_then(|list| {
            list.iter()
                .find(|fault| fault["rule"] == check.rule && fault["field"] == check.field)
        });
        let found = found.unwrap_or_else(|| panic!("{name}: {}", reply.text));
        let text = |member: &str| found[member].as_str().unwrap_or_default().to_owned();
        let (zh, en) = (text("detail_zh"), text("detail"));
        for word in [check.zh, check.remedy.0] {
            assert!(zh.contains(word), "{name}: {word:?} in {zh}");
        }
        for word in [check.en, check.remedy.1] {
            assert!(en.contains(word), "{name}: {word:?} in {en}");
        }
    }
    town.close();
}

/// What is right is said nothing about; of several faults every one is named at once.
#[test]
fn a_right_report_has_no_warning_and_a_wrong_one_every_fault() {
    let town = Town::begin();
    let who = firm("虚构甲商贸有限公司", FIRM);
    let right = town.report(&penalty(&who, "克市监罚〔2026〕1号"));
    right.expect(201);
    assert_eq!(warnings(&right), Vec::<String>::new(), "{}", right.text);
    let mut wrong = penalty(&who, "克市监罚〔2026〕2号");
    wrong["authority_code"] = json!(FIRM);
    set(&mut wrong, "decision_date", json!("2099-01-01"));
    drop(
        wrong["fields"]
            .as_object_mut()
            .map(|fields| fields.remove("facts")),
    );
    let refused = town.report(&wrong);
    let found = rules(&refused.problem(422, "invalid-report")["errors"]);
    for rule in [
        "field.decision_date",
        "field.missing",
        "authority.is_subject",
    ] {
        assert!(found.contains(&rule.to_owned()), "{rule}: {found:?}");
    }
    town.close();
}
