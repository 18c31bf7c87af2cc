//! The 双公示 feeds of 2015 and 2018, by label and by field code.

use super::tests::{faults, fixture, reading, record, shown, today};
use super::*;
use crate::profile::builtin_profile;
use crate::read::read;
use probity_domain::report::Report;
use probity_types::{IdentifierKind, SubjectKind};

/// The same file under other headers.
fn renamed(name: &str, headers: &[&str]) -> ReadFile {
    let mut file = fixture(name);
    let row = &mut file.tables[0].rows[0];
    assert_eq!(row.cells.len(), headers.len());
    row.cells = headers
        .iter()
        .map(|header| crate::read::Cell::Text((*header).to_owned()))
        .collect();
    file
}

fn by(file: &ReadFile, profile: &str) -> Reading {
    let profile = builtin_profile(profile).expect("loads").expect("exists");
    read_rows(file, &profile, today()).unwrap_or_else(|e| panic!("{e}"))
}

fn identifiers(reading: &Reading, row: u32) -> Vec<(IdentifierKind, String)> {
    let claims = &record(reading, row).subject.identifiers;
    claims.iter().map(|c| (c.kind, c.value.clone())).collect()
}

/// Code_2 is the organisation code and code_3 the registration number in the files of 2015, the other way round in those of
/// 2018: label and field code tell them, the number never does.
#[test]
fn the_files_of_2015_are_read_by_label_although_their_codes_are_swapped() {
    let reading = reading("penalties-2015.gbk.csv", "double-publicity-penalties-2015");
    assert_eq!((reading.rows, reading.reports.len()), (6, 3));
    let first = record(&reading, 2);
    assert_eq!(first.subject.kind, SubjectKind::Enterprise);
    assert_eq!(
        identifiers(&reading, 2),
        [
            (IdentifierKind::Uscc, "91650203YYYY0008X2".to_owned()),
            (IdentifierKind::OrgCode, "YYYY0008X".to_owned()),
            (IdentifierKind::RegistrationNo, "650200050000013".to_owned()),
        ]
    );
    assert_eq!(
        shown(first, "penalty_kinds"),
        "P1-02;P1-03",
        "处罚类别1 and 处罚类别2"
    );
    assert_eq!(shown(first, "violation_type"), "虚假宣传");
    assert_eq!(shown(first, "content"), "罚款五百元");
    assert_eq!(
        (first.authority.as_str(), first.source_unit.as_str()),
        ("虚构市市场监督管理局", "虚构市市场监督管理局")
    );
    assert_eq!(first.subject.region.as_deref(), Some("650203"));
    let person = record(&reading, 3);
    assert_eq!(
        person.subject.kind,
        SubjectKind::NaturalPerson,
        "a citizen number says so"
    );
    assert_eq!(
        record(&reading, 4).subject.kind,
        SubjectKind::Enterprise,
        "assumed, and said so"
    );
    let expected = [
        ("Q5".to_owned(), "act.revoked"),
        ("6".to_owned(), "subject_kind.untold"),
        ("Q7".to_owned(), "act.standing"),
    ];
    assert_eq!(faults(&reading), expected);
    for error in &reading.errors {
        assert!(!error.zh.is_empty() && !error.en.is_empty());
        assert!(!error.remedy_zh.is_empty() && !error.remedy_en.is_empty());
    }
    let warned = |row, rule: &str| {
        reading
            .warnings
            .iter()
            .any(|w| w.row == row && w.rule == rule)
    };
    assert!(warned(4, "act.disputed") && warned(4, "subject_kind.assumed"));
    let unused: Vec<&str> = reading
        .warnings
        .iter()
        .filter(|w| w.rule == "column.unused")
        .map(|w| w.column.as_str())
        .collect();
    assert_eq!(
        unused,
        ["M", "S"],
        "the name of the representative and the time stamp are not read"
    );
}

#[test]
fn field_codes_of_2015_give_the_same_as_its_labels() {
    let codes = [
        "CF_WSH",
        "CF_CFMC",
        "CF_CFLB1",
        "CF_CFLB2",
        "CF_SY",
        "CF_YJ",
        "CF_XDR_MC",
        "CF_XDR_SHXYM",
        "CF_XDR_ZDM",
        "CF_XDR_GSDJ",
        "CF_XDR_SWDJ",
        "CF_XDR_SFZ",
        "CF_FR",
        "CF_JG",
        "CF_JDRQ",
        "CF_XZJG",
        "CF_ZT",
        "DFBM",
        "SJC",
        "BZ",
    ];
    let file = renamed("penalties-2015.gbk.csv", &codes);
    let profile = crate::detect_profile(&file.tables[0]);
    assert_eq!(profile.as_deref(), Some("double-publicity-penalties-2015"));
    let (labels, codes) = (
        by(
            &fixture("penalties-2015.gbk.csv"),
            "double-publicity-penalties-2015",
        ),
        by(&file, "double-publicity-penalties-2015"),
    );
    assert_eq!(codes.reports, labels.reports);
    assert_eq!(codes.errors.len(), labels.errors.len());
    let permits = reading("permits-2015.csv", "double-publicity-permits-2015");
    assert_eq!(shown(record(&permits, 2), "status"), "valid");
    assert_eq!(
        shown(record(&permits, 3), "status"),
        "invalid",
        "a revoked permit is recorded as such"
    );
    assert_eq!(
        record(&permits, 3).subject.kind,
        SubjectKind::Unincorporated
    );
    assert_eq!(identifiers(&permits, 2)[1].0, IdentifierKind::OrgCode);
    assert!(
        faults(&permits).contains(&("O4".to_owned(), "code.unknown")),
        "{:?}",
        faults(&permits)
    );
    let labels = [
        "行政许可决定书文号",
        "项目名称",
        "审批类别",
        "许可内容",
        "行政相对人名称",
        "行政相对人代码_1（统一社会信用代码）",
        "行政相对人代码_2（组织机构代码）",
        "行政相对人代码_3（工商登记码）",
        "行政相对人代码_4（税务登记号）",
        "行政相对人代码_5（居民身份证号）",
        "法定代表人姓名",
        "许可决定日期",
        "许可截止期",
        "许可机关",
        "当前状态",
        "地方编码",
        "数据更新时间戳",
        "备注",
    ];
    let labelled = by(
        &renamed("permits-2015.csv", &labels),
        "double-publicity-permits-2015",
    );
    assert_eq!(labelled.reports, permits.reports);
}

/// A header that gives nothing but the number of the code could mean either: the column is not read, and that is said.
#[test]
fn a_code_column_is_never_told_by_its_number() {
    let headers = [
        "CF_WSH",
        "CF_CFMC",
        "CF_CFLB1",
        "CF_CFLB2",
        "CF_SY",
        "CF_YJ",
        "CF_XDR_MC",
        "CF_XDR_SHXYM",
        "行政相对人代码_2",
        "行政相对人代码_3",
        "CF_XDR_SWDJ",
        "CF_XDR_SFZ",
        "CF_FR",
        "CF_JG",
        "CF_JDRQ",
        "CF_XZJG",
        "CF_ZT",
        "DFBM",
        "SJC",
        "BZ",
    ];
    let reading = by(
        &renamed("penalties-2015.gbk.csv", &headers),
        "double-publicity-penalties-2015",
    );
    assert_eq!(identifiers(&reading, 2).len(), 1, "the credit code alone");
    let unused = |column: &str| {
        reading
            .warnings
            .iter()
            .any(|w| w.rule == "column.unused" && w.column == column)
    };
    assert!(unused("I") && unused("J"));
}

#[test]
fn labels_of_2018_give_the_same_as_its_field_codes() {
    let codes = reading("permits-2018.utf8bom.csv", "double-publicity-permits-2018");
    let labels = [
        "行政相对人类别",
        "行政相对人名称",
        "行政相对人代码_1（统一社会信用代码）",
        "行政相对人代码_3（组织机构代码）",
        "行政相对人代码_2（工商注册号）",
        "行政许可决定文书名称",
        "行政许可决定文书号",
        "许可类别",
        "许可内容",
        "许可决定日期",
        "有效期自",
        "有效期至",
        "许可机关",
        "许可机关统一社会信用代码",
        "当前状态",
        "数据来源单位",
        "数据来源单位统一社会信用代码",
    ];
    let labelled = by(
        &renamed("permits-2018.utf8bom.csv", &labels),
        "double-publicity-permits-2018",
    );
    assert_eq!(labelled.reports, codes.reports);
    let field_codes = [
        "CF_XDR_LB",
        "CF_XDR_MC",
        "CF_XDR_SHXYM",
        "CF_XDR_ZJLX",
        "CF_XDR_ZJHM",
        "CF_WSH",
        "CF_WFXW",
        "CF_SY",
        "CF_YJ",
        "CF_CFLB",
        "CF_NR",
        "CF_NR_FK",
        "CF_JDRQ",
        "CF_YXQ",
        "CF_GSJZQ",
        "CF_CFJG",
        "CF_CFJGDM",
        "CF_SJLY",
        "CF_SJLYDM",
        "x",
    ];
    let mut file = fixture("penalties-2018.gbk.csv");
    file.tables[0].rows.remove(0);
    file.tables[0].rows[0].cells = field_codes
        .iter()
        .map(|header| crate::read::Cell::Text((*header).to_owned()))
        .collect();
    let by_code = by(&file, "double-publicity-penalties-2018");
    let by_label = by(
        &fixture("penalties-2018.gbk.csv"),
        "double-publicity-penalties-2018",
    );
    assert_eq!(by_code.reports, by_label.reports);
}

/// Published files call one column by several names. Width, brackets and spaces are folded in headers; values stay as filed.
#[test]
fn other_names_of_a_header_are_found_and_the_profiles_own_names_come_first() {
    let read_as = |headers: &str, values: &str, profile: &str| {
        let text = format!("{headers}\n{values}\n");
        by(&read(text.as_bytes()).expect("reads"), profile)
    };
    let report = |reading: &Reading| match &reading.reports[..] {
        [(_, Report::Listing(listing))] => (**listing).clone(),
        other => panic!("{other:?} {:?}", reading.errors),
    };
    let plain = read_as(
        "企业名称,统一社会信用代码,组织机构代码,案号,执行法院",
        "虚构（甲）有限公司,91650203YYYY0008X2,YYYY0008X,1,虚构法院",
        "court-enforcement",
    );
    let other = read_as(
        "单位 名称,社会信用代码（纳税人识别号）,机构代码,案号,执行法院",
        "虚构（甲）有限公司,91650203YYYY0008X2,YYYY0008X,1,虚构法院",
        "court-enforcement",
    );
    assert_eq!(report(&other).subject, report(&plain).subject);
    assert_eq!(
        report(&plain).subject.name,
        "虚构（甲）有限公司",
        "brackets of values are not folded"
    );
    // Both names in one file: the profile's own is the field, the other one is not read.
    let both = read_as(
        "企业名称,机构名称,统一社会信用代码,案号,执行法院",
        "虚构甲有限公司,别的名称,91650203YYYY0008X2,1,虚构法院",
        "court-enforcement",
    );
    assert_eq!(report(&both).subject.name, "虚构甲有限公司");
    assert!(
        both.warnings
            .iter()
            .any(|w| w.rule == "column.unused" && w.column == "B")
    );
}
