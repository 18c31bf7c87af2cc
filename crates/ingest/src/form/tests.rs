use super::*;
use crate::read::{Cell, read};
use probity_rules::{AnchorDates, Packs, PolicySet};
use probity_types::Position;

fn with_packs(work: impl FnOnce(&Packs<'_>)) {
    let set = PolicySet::builtin().expect("shipped packs load");
    let day = "2026-11-25".parse().expect("a day");
    let packs = set.packs(Position(0), &AnchorDates::on(day));
    work(&packs.expect("shipped packs cover the day"));
}

fn form(packs: &Packs<'_>, code: &str) -> Form {
    Form::of(packs, code).unwrap_or_else(|| panic!("no class {code}"))
}

#[test]
fn every_class_has_a_form_that_its_own_profile_reads() {
    with_packs(|packs| {
        let mut forms = 0;
        for entry in packs.catalogue.entries() {
            let form = form(packs, &entry.code);
            let file = read(&form.workbook().expect("writes")).expect("reads");
            let table = &file.tables[0];
            assert_eq!(marked_class(table).as_deref(), Some(entry.code.as_str()));
            let profile = form.profile(Some(&table.sheet));
            let profile = profile.unwrap_or_else(|e| panic!("{}: {e}", entry.code));
            let today = "2026-11-25".parse().expect("a day");
            let reading = crate::read_rows(&file, &profile, today).expect("the headers fit");
            assert_eq!((reading.rows, reading.header_row), (0, 2), "{}", entry.code);
            assert_eq!(reading.warnings, [], "{}", entry.code);
            forms += 1;
        }
        assert_eq!(forms, 133);
    });
}

#[test]
fn the_same_form_is_the_same_file() {
    with_packs(|packs| {
        let form = form(packs, "CF006");
        let one = form.workbook().expect("writes");
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert!(form.workbook().expect("writes") == one);
    });
}

#[test]
fn amounts_name_their_unit_and_penalty_kinds_are_those_of_the_day() {
    with_packs(|packs| {
        let form = form(packs, "CF006");
        let column = |field: &str| {
            let found = form.columns.iter().find(|column| column.field == field);
            found.unwrap_or_else(|| panic!("no column {field}"))
        };
        assert_eq!(column("fine").header, "罚款金额（万元）");
        let kinds = column("penalty_kinds");
        assert_eq!(kinds.dated_by.as_deref(), Some("decision_date"));
        let eras: Vec<Option<&str>> = kinds
            .names
            .iter()
            .map(|names| names.keys.get("警告").map(String::as_str))
            .collect();
        assert_eq!(eras, [Some("P1-01"), Some("P2-01")]);
        let firm = kinds.choices.iter().filter(|name| *name == "警告").count();
        assert_eq!(firm, 1, "offered once");
    });
}

#[test]
fn only_a_code_behind_the_marker_makes_a_form() {
    let table = |second: &str| Table {
        sheet: String::new(),
        rows: vec![crate::read::Row {
            number: 1,
            cells: vec![
                Cell::Text(" 子类代码 ".to_owned()),
                Cell::Text(second.to_owned()),
            ],
        }],
    };
    assert_eq!(marked_class(&table("CF006")).as_deref(), Some("CF006"));
    assert_eq!(marked_class(&table("子类名称")), None);
    assert_eq!(marked_class(&table("CF06")), None);
    assert_eq!(class_of_profile("form-cf006").as_deref(), Some("CF006"));
    assert_eq!(class_of_profile("form-letters"), None);
    assert_eq!(class_of_profile("honours"), None);
}
