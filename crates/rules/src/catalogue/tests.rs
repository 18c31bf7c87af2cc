use super::*;
use crate::Codebook;
use crate::builtin::PACKS;

fn shipped() -> Catalogue {
    Catalogue::parse(PACKS[2].text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// First fault of the shipped text after one replacement.
fn check_fault(from: &str, to: &str, expected: &str) {
    let text = PACKS[2].text.replacen(from, to, 1);
    assert_ne!(text, PACKS[2].text, "{from} stands in the pack");
    let faults = Catalogue::parse(&text).expect_err("the change is a fault");
    let said: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|s| s.contains(expected)), "{said:?}");
}

#[test]
fn the_shipped_catalogue_holds_the_published_totals() {
    let catalogue = shipped();
    assert_eq!(catalogue.entries().count(), 133);
    assert_eq!(catalogue.categories.len(), 7);
    assert_eq!(catalogue.industries().count(), 18);
    assert_eq!(catalogue.key_person_groups().count(), 13);
    assert_eq!(catalogue.bureaus.len(), 38);
    assert_eq!(catalogue.common_fields().count(), 19);
    let fields: usize = catalogue.fields.values().map(BTreeMap::len).sum();
    assert_eq!(fields, 121);
    assert_eq!(catalogue.severity_rules.len(), 13);
    assert_eq!(catalogue.status, "proposed, editable list");
    let of = |c| catalogue.entries().filter(|e| e.category == c).count();
    let counts: Vec<usize> = <Category as probity_types::CodeList>::ALL
        .iter()
        .map(|c| of(*c))
        .collect();
    assert_eq!(counts, [40, 34, 12, 6, 13, 14, 14]);
}

#[test]
fn every_code_list_that_a_field_names_exists() {
    let catalogue = shipped();
    let codes = Codebook::parse(PACKS[0].text).expect("shipped code lists load");
    catalogue
        .check_lists(&codes)
        .unwrap_or_else(|faults| panic!("{faults}"));
    let text = PACKS[2]
        .text
        .replacen("enum:permit_kind", "enum:permit_kinds", 1);
    let other = Catalogue::parse(&text).expect("the form is right");
    let faults = other.check_lists(&codes).expect_err("no such list");
    assert_eq!(
        (faults.0[0].place.as_str(), faults.0[0].field.as_str()),
        ("field XK.permit_kind", "type")
    );
}

#[test]
fn a_field_is_looked_up_from_the_class_to_the_common_ones() {
    let catalogue = shipped();
    let entry = catalogue.entry("QF007").expect("heating arrears");
    let kind = |name| {
        catalogue
            .field_of(entry, name)
            .map(|f| f.field_type.to_string())
    };
    assert_eq!(kind("season").as_deref(), Some("text:16"));
    assert_eq!(kind("due_date").as_deref(), Some("date"));
    assert_eq!(kind("remedy_state").as_deref(), Some("enum:remedy_state"));
    assert_eq!(kind("penalty_kinds"), None);
    assert!(catalogue.field(Category::CF, "fine").is_some());
}

#[test]
fn a_class_is_refused_with_what_would_be_right() {
    let text = PACKS[2].text.replacen(
        "code = \"CF001\"",
        "code = \"CF001\"\nvalid_to = \"2020-12-31\"\nreplaced_by = \"CF002\"",
        1,
    );
    let catalogue = Catalogue::parse(&text).expect("an interval is allowed");
    let refuse = |code, kind, on| {
        catalogue
            .entry_for(code, kind, date(on))
            .expect_err("refused")
            .to_string()
    };
    let firm = SubjectKind::Enterprise;
    assert!(refuse("CF001", firm, "2021-01-01").ends_with("report it as CF002"));
    assert!(
        catalogue
            .entry_for("CF001", firm, date("2020-12-31"))
            .is_ok()
    );
    assert!(refuse("CF999", firm, "2021-01-01").contains("XK001 to RY014"));
    assert!(refuse("QZ004", firm, "2021-01-01").contains("natural_person"));
}

#[test]
fn faults_name_the_entry_the_field_and_the_remedy() {
    check_fault(
        "severity_rule = \"none\"",
        "severity_rule = \"nune\"",
        "entry XK001, field severity_rule",
    );
    check_fault(
        "sources = [\"MSA\"]",
        "sources = [\"MSX\"]",
        "a bureau of this pack",
    );
    check_fault(
        "type = \"text:200\"",
        "type = \"txt:200\"",
        "is not a field type",
    );
    check_fault(
        "entries = 133",
        "entries = 134",
        "field entries: 133 stand in the pack",
    );
    check_fault(
        "category = \"XK\"\nsubjects",
        "category = \"CF\"\nsubjects",
        "field category",
    );
    check_fault(
        "required = [\"document_name\"",
        "required = [\"doc_name\"",
        "a field of category XK",
    );
    check_fault(
        "polarity = \"neutral\"",
        "polarity = \"meh\"",
        "adverse neutral positive",
    );
    check_fault("code = \"XK002\"", "code = \"XK001\"", "stands twice");
    check_fault("[meta]", "[meta", "line ");
}

#[test]
fn each_fault_over_the_whole_catalogue_says_its_own() {
    check_fault(
        "[[category]]\ncode = \"CF\"",
        "[[category]]\ncode = \"XK\"",
        "category XK, field code: stands twice",
    );
    check_fault(
        "code = \"XK002\"",
        "code = \"XK02\"",
        "the first two letters of the code, then 3 digits",
    );
    check_fault(
        "code = \"XK001\"",
        "code = \"XK001\"\nsurplus = 1",
        "unknown field `surplus`",
    );
    check_fault(
        "sources = [\"MSA\"]",
        "sources = [\"MSA\", \"MSA\"]",
        "field sources: \"MSA\" twice; right would be each once",
    );
    check_fault(
        "optional = [\"certificate_name\"",
        "optional = [\"document_name\", \"certificate_name\"",
        "\"document_name\" is required and optional; right would be one of the two",
    );
    check_fault(
        "id = \"neutral_only\"",
        "id = \"none\"",
        "severity_rule none, field valid_from: … to open overlaps … to open",
    );
    check_fault(
        "id = \"neutral_only\"",
        "id = \"none\"",
        "field severity_rule: \"neutral_only\"; right would be a severity rule of this pack",
    );
    check_fault(
        "code = \"XK001\"",
        "code = \"XK001\"\nvalid_from = \"2021-01-01\"\nvalid_to = \"2020-01-01\"",
        "2021-01-01 lies after 2020-01-01",
    );
    check_fault(
        "code = \"XK001\"",
        "code = \"XK001\"\nreplaced_by = \"XK002\"",
        "field valid_to: empty; right would be the last day of a class that was replaced",
    );
    check_fault(
        "code = \"XK001\"",
        "code = \"XK001\"\nvalid_to = \"2020-12-31\"\nreplaced_by = \"XK999\"",
        "field replaced_by: \"XK999\"; right would be another entry of this pack",
    );
    let text = PACKS[2].text.replacen(
        "code = \"XK001\"",
        "code = \"XK001\"\nvalid_to = \"2020-12-31\"\nreplaced_by = \"XK002\"",
        1,
    );
    let late = "code = \"XK002\"\nvalid_from = \"2022-01-01\"";
    let gap = Catalogue::parse(&text.replacen("code = \"XK002\"", late, 1));
    assert!(
        gap.expect_err("a gap")
            .to_string()
            .contains("XK002 is in force 2022-01-01 to open, not on 2021-01-01"),
    );
}

/// The same name may follow itself; on common days it would stand for two classes.
#[test]
fn two_classes_of_one_name_share_no_day() {
    let catalogue = shipped();
    let name = |code: &str| catalogue.entry(code).expect("there").name.zh.clone();
    let (first, second) = (name("CF001"), name("CF002"));
    let text = PACKS[2].text.replacen(
        &format!("name_zh = \"{second}\""),
        &format!("name_zh = \"{first}\""),
        1,
    );
    let faults = Catalogue::parse(&text)
        .expect_err("one name for two")
        .to_string();
    assert!(
        faults.contains("entry CF002, field name_zh") && faults.contains("without a common day"),
        "{faults}"
    );
    let apart = text
        .replacen(
            "code = \"CF001\"",
            "code = \"CF001\"\nvalid_to = \"2020-12-31\"\nreplaced_by = \"CF002\"",
            1,
        )
        .replacen(
            "code = \"CF002\"",
            "code = \"CF002\"\nvalid_from = \"2021-01-01\"",
            1,
        );
    assert_eq!(Catalogue::parse(&apart).map(|_| ()), Ok(()));
}

#[test]
fn a_form_asks_in_the_order_of_the_pack() {
    let catalogue = shipped();
    let entry = catalogue.entry("CF006").expect("food safety");
    let fields = catalogue.form_fields(entry);
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names[..3],
        ["subject_kind", "subject_name", "subject_code_type"]
    );
    assert_eq!(names[19..22], ["document_no", "violation_type", "facts"]);
    assert_eq!(names[names.len() - 2..], ["food", "batch"]);
    let need = |name: &str| {
        let field = catalogue.field_of(entry, name).expect("there");
        catalogue.need(entry, field)
    };
    assert_eq!(need("facts"), Requirement::Required);
    assert_eq!(need("fine"), Requirement::Conditional);
    assert_eq!(need("batch"), Requirement::Optional);
}
