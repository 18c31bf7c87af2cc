//! The published lists of `shared/data/real`, where that folder is present. They name real firms and are
//! therefore never copied into the repository; counts were measured with `check_identifiers.py`.

use probity_domain::report::Report;
use probity_ingest::{
    FileRefusal, Profile, Reading, builtin_profile, detect_profile, read, read_rows,
};
use std::path::PathBuf;

/// (file, profile, data rows, accepted rows). Of the credit codes of the two last scanned lists 12 and 6 are right
/// once the spaces inside are taken out; as filed nearly all hold spaces, which refuse the row.
const EXPECTED: [(&str, &str, u64, usize); 7] = [
    (
        "ecommerce-dishonest-91855.xlsx",
        "ecommerce-dishonest",
        500,
        476,
    ),
    (
        "ecommerce-dishonest-91855.gbk.csv",
        "ecommerce-dishonest",
        500,
        476,
    ),
    (
        "ecommerce-dishonest-91855.utf8bom.csv",
        "ecommerce-dishonest",
        500,
        476,
    ),
    (
        "court-enforcement-ocr-93512_1.xlsx",
        "court-enforcement",
        181,
        22,
    ),
    ("finance-crime-ocr-93512_3.xlsx", "finance-crime", 165, 0),
    ("work-safety-ocr-200257.xlsx", "work-safety", 35, 0),
    (
        "xinjiang-financial-licences.xls",
        "xinjiang-financial-licences",
        3761,
        3761,
    ),
];

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/real");
    if path.is_dir() {
        return Some(path);
    }
    println!(
        "shared/data/real is not here: skipped {} files",
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

#[test]
fn published_lists_give_the_measured_counts() {
    let Some(folder) = folder() else { return };
    for (name, profile, rows, good) in EXPECTED {
        let reading = reading(&folder, name).unwrap_or_else(|e| panic!("{name}: {e}"));
        println!(
            "{name}: {}, {} rows, {} reports, {} refused, {} errors, {} warnings",
            reading.form.name(),
            reading.rows,
            reading.reports.len(),
            reading.refused,
            reading.errors.len(),
            reading.warnings.len()
        );
        assert_eq!(
            (reading.rows, reading.reports.len()),
            (rows, good),
            "{name}"
        );
        assert_eq!(reading.refused, rows - good as u64, "{name}");
        let mut refused: Vec<u32> = reading.errors.iter().map(|e| e.row).collect();
        refused.dedup();
        assert_eq!(
            refused.len() as u64,
            reading.refused,
            "{name}: every refused row has its reason"
        );
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
            };
            assert!(label.starts_with(profile), "{name}: {label}");
        }
    }
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
            Report::Listing(_) => None,
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
    let refusal = reading(&folder, "trust-products-head150.gbk.csv").expect_err("is refused");
    assert_eq!(refusal.key(), "file.not_credit_data");
}

/// Rows that nothing but spaces inside the credit code keeps out, and rows without any fault.
#[test]
fn without_inner_spaces_the_scanned_lists_hold_the_measured_number_of_right_codes() {
    let Some(folder) = folder() else { return };
    for (name, measured) in [
        ("finance-crime-ocr-93512_3.xlsx", 12),
        ("work-safety-ocr-200257.xlsx", 6),
    ] {
        let reading = reading(&folder, name).unwrap_or_else(|e| panic!("{name}: {e}"));
        let spaced = reading
            .errors
            .iter()
            .filter(|e| e.rule == "identifier.inner-space");
        let only_spaced = spaced.filter(|e| {
            reading
                .errors
                .iter()
                .filter(|other| other.row == e.row)
                .count()
                == 1
        });
        let mut right = 0;
        for error in only_spaced {
            assert!(
                error.suggestion.as_ref().is_some_and(|s| s.len() == 18),
                "{name}: {error:?}"
            );
            right += 1;
        }
        assert_eq!(right + reading.reports.len(), measured, "{name}");
    }
}

#[test]
fn a_profile_may_take_inner_spaces_out_and_then_gets_the_measured_counts() {
    let Some(folder) = folder() else { return };
    let cases = [
        (
            "finance-crime-ocr-93512_3.xlsx",
            include_str!("../profiles/finance-crime.toml"),
            12,
        ),
        (
            "work-safety-ocr-200257.xlsx",
            include_str!("../profiles/work-safety.toml"),
            6,
        ),
    ];
    for (name, text, good) in cases {
        let needed = "kind = \"uscc\"";
        let text = text.replacen(needed, &format!("{needed}\ninner_spaces = \"remove\""), 1);
        let profile = Profile::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let file = read(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let today = "2026-11-25".parse().expect("a date");
        let reading = read_rows(&file, &profile, today).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(reading.reports.len(), good, "{name}");
        assert!(
            reading
                .warnings
                .iter()
                .any(|w| w.rule == "identifier.inner-space-removed")
        );
    }
}
