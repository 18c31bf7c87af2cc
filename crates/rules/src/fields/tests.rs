use super::*;
use crate::builtin::PACKS;
use probity_types::{Fen, Text};

struct Shipped {
    catalogue: Catalogue,
    codes: Codebook,
    penalties: PenaltyKinds,
}

fn shipped() -> Shipped {
    Shipped {
        catalogue: Catalogue::parse(PACKS[2].text).expect("shipped catalogue loads"),
        codes: Codebook::parse(PACKS[0].text).expect("shipped codes load"),
        penalties: PenaltyKinds::parse(PACKS[1].text).expect("shipped kinds load"),
    }
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(Text::try_from(value).expect("short"))
}

fn date(value: &str) -> FieldValue {
    FieldValue::Date(value.parse().expect("a date"))
}

fn code(value: &str) -> FieldValue {
    FieldValue::Code(Text::try_from(value).expect("short"))
}

fn codes(values: &[&str]) -> FieldValue {
    FieldValue::Codes(
        values
            .iter()
            .map(|v| Text::try_from(*v).expect("short"))
            .collect(),
    )
}

fn penalty() -> FieldMap {
    FieldMap::from([
        ("document_no".into(), text("克市监罚〔2024〕1号")),
        ("violation_type".into(), text("无证经营")),
        ("facts".into(), text("经查实")),
        ("grounds".into(), text("食品安全法")),
        ("penalty_kinds".into(), codes(&["P2-01"])),
        ("content".into(), text("警告")),
        ("procedure".into(), code("ordinary")),
        ("decision_date".into(), date("2024-05-06")),
        ("penalty_valid_to".into(), date("2099-12-31")),
        ("publication_end_reported".into(), date("2025-05-06")),
    ])
}

/// Faults of a class's values as `rule field`, one a line.
fn check(code: &str, kind: SubjectKind, fields: &FieldMap, absent: &[&str], expected: &[&str]) {
    let packs = shipped();
    let today = "2024-06-01".parse().expect("a date");
    let check = FieldCheck {
        catalogue: &packs.catalogue,
        codes: &packs.codes,
        penalties: &packs.penalties,
        today,
    };
    let entry = packs.catalogue.entry(code).expect("a class");
    let absent = absent.iter().map(|s| (*s).to_owned()).collect();
    let faults = check.check_fields(entry, kind, fields, &absent);
    let said: Vec<String> = faults
        .iter()
        .map(|f| format!("{} {}", f.rule, f.field))
        .collect();
    assert_eq!(said, expected, "{faults:#?}");
    for fault in faults {
        let sentences = [
            fault.fault.zh,
            fault.fault.en,
            fault.right.zh,
            fault.right.en,
        ];
        assert!(sentences.iter().all(|s| !s.is_empty()));
    }
}

const FIRM: SubjectKind = SubjectKind::Enterprise;

#[test]
fn a_complete_record_has_no_fault() {
    check("CF001", FIRM, &penalty(), &[], &[]);
}

#[test]
fn a_missing_field_is_named_unless_the_source_lacks_the_column() {
    let mut fields = penalty();
    fields.remove("facts");
    fields.insert("grounds".into(), text("  "));
    check(
        "CF001",
        FIRM,
        &fields,
        &[],
        &["field.missing facts", "field.missing grounds"],
    );
    check("CF001", FIRM, &fields, &["facts", "grounds"], &[]);
}

#[test]
fn a_fine_needs_its_amount_and_a_revocation_its_licence() {
    let mut fields = penalty();
    fields.insert("penalty_kinds".into(), codes(&["P2-03", "P2-04", "P2-08"]));
    let missing = [
        "field.missing_conditional confiscated",
        "field.missing_conditional fine",
        "field.missing_conditional licence_affected",
    ];
    check("CF001", FIRM, &fields, &[], &missing);
    fields.insert("fine".into(), FieldValue::Fen(Fen(5_000_000)));
    fields.insert("confiscated".into(), FieldValue::Fen(Fen(-1)));
    fields.insert("licence_affected".into(), text("食品经营许可证"));
    check("CF001", FIRM, &fields, &[], &["field.negative confiscated"]);
}

#[test]
fn an_adverse_record_about_a_person_needs_the_day_of_the_conduct() {
    let person = SubjectKind::NaturalPerson;
    check(
        "CF002",
        person,
        &penalty(),
        &[],
        &["field.missing_conditional conduct_date"],
    );
    check("CF002", person, &penalty(), &["conduct_date"], &[]);
}

#[test]
fn wrong_types_unknown_fields_and_foreign_codes_are_named() {
    let mut fields = penalty();
    fields.insert("decision_date".into(), text("2024-05-06"));
    fields.insert("procedure".into(), code("650203198106150312"));
    fields.insert("colour".into(), text("red"));
    fields.insert("document_no".into(), text(&"号".repeat(129)));
    let faults = [
        "field.unknown colour",
        "field.type decision_date",
        "field.too_long document_no",
        "field.not_in_list procedure",
    ];
    check("CF001", FIRM, &fields, &[], &faults);
}

#[test]
fn no_sentence_repeats_a_misplaced_identity_number() {
    let packs = shipped();
    let mut fields = penalty();
    fields.insert("procedure".into(), code("650203198106150312"));
    let today = "2024-06-01".parse().expect("a date");
    let check = FieldCheck {
        catalogue: &packs.catalogue,
        codes: &packs.codes,
        penalties: &packs.penalties,
        today,
    };
    let entry = packs.catalogue.entry("CF001").expect("a class");
    let faults = check.check_fields(entry, FIRM, &fields, &BTreeSet::new());
    assert_eq!(faults.len(), 1);
    assert!(!format!("{faults:?}").contains("650203198106150312"));
}

#[test]
fn a_decision_lies_between_1949_and_today() {
    for (day, faults) in [
        ("1949-09-30", &["field.decision_date decision_date"][..]),
        ("2024-06-01", &[]),
        ("2024-06-02", &["field.decision_date decision_date"]),
    ] {
        let mut fields = penalty();
        fields.insert("decision_date".into(), date(day));
        check("CF001", FIRM, &fields, &[], faults);
    }
}

#[test]
fn an_end_before_its_beginning_is_a_fault() {
    let mut fields = penalty();
    fields.insert("conduct_date".into(), date("2024-02-02"));
    fields.insert("conduct_ended_on".into(), date("2024-02-01"));
    check(
        "CF001",
        FIRM,
        &fields,
        &[],
        &["field.interval conduct_date"],
    );
}

#[test]
fn public_criticism_is_no_penalty_before_2021_07_15() {
    let mut fields = penalty();
    fields.insert("penalty_kinds".into(), codes(&["P2-02"]));
    fields.insert("decision_date".into(), date("2021-07-14"));
    check("CF001", FIRM, &fields, &[], &["field.era penalty_kinds"]);
    fields.insert("decision_date".into(), date("2021-07-15"));
    check("CF001", FIRM, &fields, &[], &[]);
}

#[test]
fn a_quantity_needs_its_unit_and_a_utility_its_account() {
    let fields = FieldMap::from([
        ("arrears_kind".into(), code("heating")),
        ("period_from".into(), date("2023-10-15")),
        ("period_to".into(), date("2024-04-15")),
        ("due_date".into(), date("2023-12-31")),
        ("amount_current".into(), FieldValue::Fen(Fen(100))),
        ("amount_total".into(), FieldValue::Fen(Fen(100))),
        ("recognised_by".into(), text("热力公司")),
        ("recognised_on".into(), date("2024-05-01")),
        (
            "quantity".into(),
            FieldValue::Decimal(Text::try_from("090.50").expect("short")),
        ),
    ]);
    let faults = [
        "field.missing_conditional account_no",
        "field.decimal quantity",
        "field.missing_conditional quantity_unit",
    ];
    check("QF007", FIRM, &fields, &[], &faults);
}

#[test]
fn keys_of_a_list_are_sorted_and_stand_once() {
    let mut fields = penalty();
    fields.insert("penalty_kinds".into(), codes(&["P2-02", "P2-01"]));
    check("CF001", FIRM, &fields, &[], &["field.order penalty_kinds"]);
}
