use super::*;
use crate::profile::builtin_profile;
use crate::read::read;
use probity_domain::report::{ListingReport, RecordReport, Report};
use probity_types::{FieldValue, IdentifierKind, SubjectKind};

pub(super) fn fixture(name: &str) -> ReadFile {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    read(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub(super) fn today() -> CivilDate {
    "2026-11-25".parse().expect("a date")
}

pub(super) fn reading(name: &str, profile: &str) -> Reading {
    let file = fixture(name);
    let detected = crate::detect_profile(&file.tables[0]);
    assert_eq!(
        detected.as_deref(),
        Some(profile),
        "{name} is told by its headers"
    );
    reading_by(
        name,
        &builtin_profile(profile).expect("loads").expect("exists"),
    )
}

fn reading_by(name: &str, profile: &Profile) -> Reading {
    let reading =
        read_rows(&fixture(name), profile, today()).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(
        reading.rows,
        reading.reports.len() as u64 + reading.refused,
        "every row ends one way"
    );
    reading
}

pub(super) fn faults(reading: &Reading) -> Vec<(String, &str)> {
    reading
        .errors
        .iter()
        .map(|e| (e.address(), e.rule.as_str()))
        .collect()
}

pub(super) fn record(reading: &Reading, row: u32) -> &RecordReport {
    match reading.reports.iter().find(|(n, _)| *n == row) {
        Some((_, Report::Record(record))) => record,
        other => panic!("row {row}: {other:?}"),
    }
}

fn listing(reading: &Reading, row: u32) -> &ListingReport {
    match reading.reports.iter().find(|(n, _)| *n == row) {
        Some((_, Report::Listing(listing))) => listing,
        other => panic!("row {row}: {other:?}"),
    }
}

pub(super) fn shown(record: &RecordReport, field: &str) -> String {
    record
        .fields
        .get(field)
        .map_or_else(String::new, FieldValue::to_string)
}

#[test]
fn a_gbk_penalty_list_is_read_by_label_with_every_fault_named() {
    let reading = reading("penalties-2018.gbk.csv", "double-publicity-penalties-2018");
    assert_eq!(
        (reading.form.name().as_str(), reading.header_row),
        ("CSV, GB18030", 2)
    );
    assert_eq!((reading.rows, reading.reports.len()), (6, 3));
    let first = record(&reading, 3);
    assert_eq!(first.subject.kind, SubjectKind::Enterprise);
    assert_eq!(shown(first, "penalty_kinds"), "P1-01;P1-02");
    assert_eq!(shown(first, "fine"), "5,000.00", "0.5 万元");
    assert_eq!(shown(first, "decision_date"), "2018-03-05");
    assert_eq!(first.authority_code, "11650200YYYY000124");
    assert!(
        shown(first, "facts").contains("未提供依据, 经责令"),
        "a quoted comma stays"
    );
    assert_eq!(first.provenance.row, 3);
    let person = record(&reading, 4);
    assert_eq!(person.subject.name, "艾力·虚构买提", "shown as filed");
    assert_eq!(
        person.subject.identifiers[0].kind,
        IdentifierKind::CitizenId
    );
    let trader = record(&reading, 8);
    assert_eq!(
        shown(trader, "penalty_kinds"),
        "P2-03",
        "the list in force on the day; 责令改正 is no kind"
    );
    let expected = [
        ("M5".to_owned(), "date.no_such_day"),
        ("E6".to_owned(), "identifier.exponent-or-zeros"),
        ("L9".to_owned(), "money.form"),
        ("M9".to_owned(), "date.ambiguous"),
        ("C9".to_owned(), "identifier.alphabet"),
    ];
    assert_eq!(
        faults(&reading),
        expected,
        "all faults of a row, not only the first"
    );
    let letter = reading.errors.last().expect("an error");
    assert_eq!(letter.suggestion.as_deref(), Some("91650203YYYY0008X2"));
    assert_eq!(
        letter.value, "9165O203YYYY0008X2",
        "suggested, never repaired"
    );
    let rules: Vec<&str> = reading.warnings.iter().map(|w| w.rule.as_str()).collect();
    assert!(
        rules.contains(&"row.totals") && rules.contains(&"column.unused"),
        "{rules:?}"
    );
}

/// A stray separator moves every value after it by one column: the row is named, never read as it stands.
#[test]
fn a_row_with_more_cells_than_the_header_is_refused() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/permits-2018.utf8bom.csv");
    let text = std::fs::read_to_string(path).expect("the fixture");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[1].push_str(",x");
    let id = crate::detect_profile(&fixture("permits-2018.utf8bom.csv").tables[0]).expect("told");
    let profile = builtin_profile(&id).expect("loads").expect("exists");
    let read = |lines: &[String]| {
        let file = read(lines.join("\r\n").as_bytes()).expect("reads");
        read_rows(&file, &profile, today()).expect("fits")
    };
    let reading = read(&lines);
    assert!(
        faults(&reading).contains(&("R2".to_owned(), "row.too_many_cells")),
        "{:?}",
        faults(&reading)
    );
    lines[1].pop();
    let reading = read(&lines);
    assert!(
        !faults(&reading)
            .iter()
            .any(|(_, rule)| *rule == "row.too_many_cells"),
        "an empty cell is none"
    );
}

#[test]
fn messages_never_show_a_persons_number_whole() {
    let reading = reading("honours.xlsx", "honours");
    assert_eq!(faults(&reading), [("D3".to_owned(), "cell.digits_lost")]);
    let error = &reading.errors[0];
    assert_eq!(
        (error.sheet.as_str(), error.header.as_str()),
        ("荣誉", "公民身份号码")
    );
    assert!(
        error.value.contains("****") && !error.value.contains("19900307"),
        "{}",
        error.value
    );
    assert!(error.remedy_en.contains("format the column as text"));
    let name_only = record(&reading, 2);
    assert!(
        name_only.subject.identifiers.is_empty(),
        "parked later, not refused here"
    );
    assert_eq!(shown(name_only, "score"), "89.5");
    assert_eq!(shown(name_only, "decision_date"), "2018-03-05");
    assert_eq!(shown(name_only, "award_level"), "city");
    assert_eq!(
        shown(record(&reading, 4), "decision_date"),
        "2018-03-05",
        "a time of day is left out"
    );
    assert!(
        reading
            .warnings
            .iter()
            .any(|w| w.rule == "date.time_dropped")
    );
}

#[test]
fn field_codes_serve_as_headers_and_codes_are_re_routed() {
    let reading = reading("permits-2018.utf8bom.csv", "double-publicity-permits-2018");
    assert_eq!(reading.form.name(), "CSV, UTF-8 (BOM)");
    assert_eq!(faults(&reading), [("C5".to_owned(), "field.required")]);
    let second = record(&reading, 3);
    let kinds: Vec<_> = second.subject.identifiers.iter().map(|i| i.kind).collect();
    assert_eq!(
        kinds,
        [IdentifierKind::RegistrationNo, IdentifierKind::Uscc]
    );
    assert_eq!(
        record(&reading, 4).subject.kind,
        SubjectKind::Unincorporated,
        "31 is a law firm"
    );
    assert_eq!(shown(record(&reading, 2), "valid_to"), "2099-12-31");
    assert_eq!(
        record(&reading, 6).subject.identifiers[0].value,
        "91650205YYYY00098Y",
        "folded width and case"
    );
    let rules: Vec<(u32, &str)> = reading
        .warnings
        .iter()
        .map(|w| (w.row, w.rule.as_str()))
        .collect();
    for rule in ["identifier.credit-code-instead", "identifier.legacy-13"] {
        assert!(rules.contains(&(3, rule)), "{rule}: {rules:?}");
    }
    for rule in ["text.private_use", "identifier.org-code-differs"] {
        assert!(rules.contains(&(6, rule)), "{rule}: {rules:?}");
    }
}

#[test]
fn a_scanned_list_is_refused_by_cell_with_suggestions_and_never_repaired() {
    let reading = reading("ocr-list.xlsx", "finance-crime");
    assert_eq!(
        (reading.rows, reading.reports.len(), reading.refused),
        (7, 3, 4)
    );
    let expected = [
        ("D4".to_owned(), "identifier.alphabet"),
        ("D5".to_owned(), "field.required"),
        ("D8".to_owned(), "identifier.length"),
        ("D9".to_owned(), "identifier.department"),
    ];
    assert_eq!(faults(&reading), expected);
    let suggestions: Vec<_> = reading
        .errors
        .iter()
        .map(|e| e.suggestion.as_deref())
        .collect();
    assert_eq!(suggestions[..2], [Some("91650203YYYY0008X2"), None]);
    // Complaint P09: the value of a citizen number in the wrong column never shows.
    assert!(
        !reading.errors[3].value.contains("19810615"),
        "{}",
        reading.errors[3].value
    );
    assert!(
        reading
            .warnings
            .iter()
            .any(|w| w.row == 9 && w.rule == "identifier.citizen-number")
    );
    let good = listing(&reading, 2);
    assert_eq!(
        (good.list.as_str(), good.reason.as_str()),
        ("reported-finance-crime", "保险诈谝罪")
    );
    assert_eq!(
        good.subject.name, "虚构甲实业有眼公 司",
        "names stay as filed"
    );
    assert_eq!(
        listing(&reading, 7).subject.identifiers[0].kind,
        IdentifierKind::Uscc
    );
    assert!(
        reading
            .warnings
            .iter()
            .any(|w| w.row == 4 && w.rule == "identifier.dropped")
    );
}

#[test]
fn spaces_inside_a_credit_code_go_only_where_the_profile_calls_them_the_way_of_the_source() {
    let declared = reading("ocr-list.xlsx", "finance-crime");
    assert_eq!(
        listing(&declared, 3).subject.identifiers[0].value,
        "91650205YYYY00098Y"
    );
    let removed = |w: &Warning| w.row == 3 && w.rule == "identifier.inner-space-removed";
    assert!(declared.warnings.iter().any(removed));

    let text = include_str!("../../profiles/finance-crime.toml");
    let line = "inner_spaces = \"remove\"\n";
    assert!(text.contains(line));
    let profile = Profile::parse(&text.replace(line, "")).expect("loads");
    let strict = reading_by("ocr-list.xlsx", &profile);
    let fault = strict.errors.iter().find(|error| error.row == 3);
    let fault = fault.expect("refused");
    assert_eq!(fault.rule, "identifier.inner-space");
    assert_eq!(fault.suggestion.as_deref(), Some("91650205YYYY00098Y"));
}

#[test]
fn amounts_in_number_cells_are_exact_or_refused() {
    let reading = reading("arrears-heating.xls", "arrears-heating");
    assert_eq!((reading.rows, reading.reports.len()), (3, 2));
    assert_eq!(shown(record(&reading, 2), "amount_current"), "1,234.50");
    assert_eq!(shown(record(&reading, 2), "amount_total"), "1,234.50");
    assert_eq!(shown(record(&reading, 2), "quantity"), "80.25");
    assert_eq!(shown(record(&reading, 3), "amount_current"), "0.10");
    assert_eq!(shown(record(&reading, 3), "account_no"), "12345679");
    assert_eq!(record(&reading, 2).subject.kind, SubjectKind::NaturalPerson);
    assert_eq!(
        faults(&reading),
        [
            ("K4".to_owned(), "money.decimals"),
            ("C4".to_owned(), "field.required")
        ]
    );
}

#[test]
fn the_karamay_licences_are_read_whole() {
    let reading = reading("karamay-licences.xls", "xinjiang-financial-licences");
    assert_eq!(
        (reading.rows, reading.reports.len(), reading.refused),
        (115, 115, 0)
    );
    let first = record(&reading, 2);
    assert_eq!(
        (first.subcategory.as_str(), first.subject.region.as_deref()),
        ("XK040", Some("650200"))
    );
    assert_eq!(
        first.subject.identifiers[0].kind,
        IdentifierKind::FinancialInstitution
    );
    assert!(
        shown(first, "document_no")
            .bytes()
            .all(|b| b.is_ascii_digit())
    );
    let unnamed = reading
        .warnings
        .iter()
        .find(|w| w.column == "A")
        .expect("column A is said to be unused");
    assert!(unnamed.en.contains("\"4\""), "{}", unnamed.en);
}

#[test]
fn a_file_without_a_required_header_says_what_was_found() {
    let file = read("说明\n企业名称,案号,执行法院\n甲,1,乙\n".as_bytes()).expect("reads");
    let profile = builtin_profile("court-enforcement")
        .expect("loads")
        .expect("exists");
    let refusal = read_rows(&file, &profile, today()).expect_err("is refused");
    assert_eq!(
        refusal.en(),
        "no header row in the first 10 rows; the closest is row 2 without 统一社会信用代码; \
         it has: 企业名称, 案号, 执行法院"
    );
    let twice =
        read("企业名称,企让名称,统一社会信用代码,案号,执行法院\n".as_bytes()).expect("reads");
    assert_eq!(
        read_rows(&twice, &profile, today()).map_err(|e| e.key()),
        Err("header.twice")
    );
    let empty = read("企业名称,统一社会信用代码,案号,执行法院\n".as_bytes()).expect("reads");
    assert_eq!(
        read_rows(&empty, &profile, today()).map(|r| r.rows),
        Ok(0),
        "a header alone is no fault"
    );
}

#[test]
fn a_file_that_is_no_credit_data_is_refused_whole() {
    let file = read(b"projectId,trustProductName,proectIssueCode,trustCompanyName\n1,a,b,c\n")
        .expect("reads");
    let profile = builtin_profile("trust-products")
        .expect("loads")
        .expect("exists");
    let refusal = read_rows(&file, &profile, today()).expect_err("is refused");
    assert_eq!(refusal.key(), "file.not_credit_data");
    assert!(
        refusal.zh().contains("不是公共信用信息")
            && refusal.en().contains("not public credit information")
    );
}
