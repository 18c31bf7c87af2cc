//! The published lists of `shared/data/real`, where that folder is present. They name real firms and are
//! therefore never copied into the repository; counts were measured with `check_identifiers.py`.

use probity_domain::report::Report;
use probity_ingest::{FileRefusal, Reading, builtin_profile, detect_profile, read, read_rows};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What one file holds.
struct Expected {
    file: &'static str,
    profile: &'static str,
    rows: u64,
    good: usize,
    refused: u64,
    /// Refused rows by what is wrong with the credit code: missing, length, alphabet, both checks, outer check alone.
    codes: [usize; 5],
    /// Rows whose credit code is written with spaces inside.
    spaced: usize,
}

const fn expected(
    (file, profile): (&'static str, &'static str),
    (rows, good, refused): (u64, usize, u64),
    codes: [usize; 5],
    spaced: usize,
) -> Expected {
    Expected {
        file,
        profile,
        rows,
        good,
        refused,
        codes,
        spaced,
    }
}

/// Every file of the folder but the register of trust products, which is refused whole.
const EXPECTED: [Expected; 7] = [
    expected(
        (
            "xinjiang-financial-licences.xls",
            "xinjiang-financial-licences",
        ),
        (3761, 3761, 0),
        [0; 5],
        0,
    ),
    expected(
        ("ecommerce-dishonest-91855.xlsx", "ecommerce-dishonest"),
        (500, 476, 24),
        [24, 0, 0, 0, 0],
        0,
    ),
    expected(
        ("ecommerce-dishonest-91855.gbk.csv", "ecommerce-dishonest"),
        (500, 476, 24),
        [24, 0, 0, 0, 0],
        0,
    ),
    expected(
        (
            "ecommerce-dishonest-91855.utf8bom.csv",
            "ecommerce-dishonest",
        ),
        (500, 476, 24),
        [24, 0, 0, 0, 0],
        0,
    ),
    expected(
        ("court-enforcement-ocr-93512_1.xlsx", "court-enforcement"),
        (181, 22, 159),
        [38, 14, 43, 8, 56],
        0,
    ),
    expected(
        ("finance-crime-ocr-93512_3.xlsx", "finance-crime"),
        (165, 12, 153),
        [57, 31, 21, 5, 39],
        108,
    ),
    expected(
        ("work-safety-ocr-200257.xlsx", "work-safety"),
        (35, 6, 29),
        [0, 22, 0, 0, 7],
        31,
    ),
];
const TRUST_PRODUCTS: &str = "trust-products-head150.gbk.csv";

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/real");
    if path.is_dir() {
        return Some(path);
    }
    println!(
        "shared/data/real is not here: {} files are not tested",
        EXPECTED.len() + 1
    );
    None
}

fn reading(folder: &std::path::Path, name: &str) -> Result<Reading, FileRefusal> {
    let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let file = read(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    let id =
        detect_profile(&file.tables[0]).unwrap_or_else(|| panic!("{name}: no profile is told"));
    let profile = builtin_profile(&id).expect("loads").expect("exists");
    let today = "2026-11-25".parse().expect("a date");
    read_rows(&file, &profile, today)
}

/// Refused rows by what is wrong with their credit code, in the order of [`Expected::codes`].
fn codes(reading: &Reading) -> [usize; 5] {
    let mut rules: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for error in &reading.errors {
        assert_eq!(error.field, "uscc", "{error:?}");
        rules.entry(error.row).or_default().insert(&error.rule);
    }
    let mut counts = [0; 5];
    for found in rules.values() {
        let order = [
            "field.required",
            "identifier.length",
            "identifier.alphabet",
            "identifier.inner-check",
            "identifier.check",
        ];
        let first = order.iter().position(|rule| found.contains(rule));
        counts[first.unwrap_or_else(|| panic!("{found:?}"))] += 1;
    }
    counts
}

#[test]
fn published_lists_give_the_measured_counts() {
    let Some(folder) = folder() else { return };
    for expected in EXPECTED {
        let name = expected.file;
        let reading = reading(&folder, name).unwrap_or_else(|e| panic!("{name}: {e}"));
        println!(
            "{name}: {}, {} rows, {} good, {} refused, {} errors, {} warnings",
            reading.form.name(),
            reading.rows,
            reading.reports.len(),
            reading.refused,
            reading.errors.len(),
            reading.warnings.len()
        );
        assert_eq!(
            (reading.rows, reading.reports.len(), reading.refused),
            (expected.rows, expected.good, expected.refused),
            "{name}"
        );
        assert_eq!(
            codes(&reading),
            expected.codes,
            "{name}: every refused row has its reason"
        );
        let spaced = |rule: &str| rule == "identifier.inner-space-removed";
        let spaced = reading.warnings.iter().filter(|w| spaced(&w.rule)).count();
        assert_eq!(spaced, expected.spaced, "{name}");
        for error in &reading.errors {
            assert!(
                !error.column.is_empty() && !error.remedy_zh.is_empty(),
                "{name}: {error:?}"
            );
        }
        for (_, report) in &reading.reports {
            let label = match report {
                Report::Record(record) => &record.provenance.profile,
                Report::Listing(listing) => &listing.provenance.profile,
                Report::Register(row) => &row.provenance.profile,
            };
            assert!(label.starts_with(expected.profile), "{name}: {label}");
        }
    }
}

/// Numbers beside the credit code: what does not hold is dropped with a remark, and the row stands.
#[test]
fn older_numbers_of_the_e_commerce_list_are_remarked_and_never_repaired() {
    let Some(folder) = folder() else { return };
    let reading = reading(&folder, "ecommerce-dishonest-91855.xlsx").expect("reads");
    let count = |field: &str, rule: &str| {
        let remarks = reading.warnings.iter();
        remarks
            .filter(|w| w.field == field && w.rule == rule)
            .count()
    };
    assert_eq!(count("org_code", "identifier.credit-code-instead"), 84);
    assert_eq!(count("org_code", "identifier.dropped"), 1);
    assert_eq!(count("registration_no", "identifier.legacy-13"), 10);
    assert_eq!(count("registration_no", "identifier.dropped"), 1);
}

#[test]
fn karamay_has_115_licences_and_the_row_without_a_founding_date_stands() {
    let Some(folder) = folder() else { return };
    let reading = reading(&folder, "xinjiang-financial-licences.xls").expect("reads");
    let records = reading
        .reports
        .iter()
        .filter_map(|(row, report)| match report {
            Report::Record(record) => Some((*row, record)),
            Report::Listing(_) | Report::Register(_) => None,
        });
    let karamay = records.clone().filter(|(_, r)| {
        r.subject
            .identifiers
            .iter()
            .any(|i| i.value.get(7..11) == Some("6502"))
    });
    assert_eq!(karamay.count(), 115);
    let (_, undated) = records
        .clone()
        .find(|(row, _)| *row == 2835)
        .expect("the row");
    assert_eq!(
        undated
            .fields
            .get("decision_date")
            .map(ToString::to_string)
            .as_deref(),
        Some("2013-08-31")
    );
    assert!(!undated.fields.contains_key("founded_on"));
    let unnamed = reading
        .warnings
        .iter()
        .find(|w| w.column == "A" && w.rule == "column.unused");
    assert!(
        unnamed.is_some_and(|w| w.en.contains("\"4\"")),
        "the first header cell is 4.0"
    );
    let serial = records
        .clone()
        .any(|(_, r)| r.fields["document_no"].to_string() == "348870");
    assert!(serial, "a number cell 348870.0 becomes the text 348870");
}

#[test]
fn the_register_of_trust_products_is_refused_whole() {
    let Some(folder) = folder() else { return };
    let refusal = reading(&folder, TRUST_PRODUCTS).expect_err("is refused");
    assert_eq!(refusal.key(), "file.not_credit_data");
}
