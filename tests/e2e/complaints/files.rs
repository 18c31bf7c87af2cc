//! Files as spreadsheets leave them.

use probity_tests::{Folder, fixture, last_json, run, succeed};
use serde_json::Value;

/// Runs an import at the command line: whether it succeeded, every line, and the summary.
fn import(folder: &Folder, file: &str, more: &[&str]) -> (bool, Vec<Value>, Value) {
    let data = folder.data();
    let mut arguments = vec!["import", file, "--data", &data, "--json"];
    arguments.extend(more);
    let output = run(&arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    (output.status.success(), lines, last_json(&text))
}

fn faults_of<'a>(lines: &'a [Value], rule: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["rule"] == rule).collect()
}

/// P14. A number that a spreadsheet wrote with an exponent: the row is refused by cell, and with it the file.
#[test]
fn p14_a_number_with_an_exponent_refuses_its_row() {
    let folder = Folder::begin();
    let (done, lines, summary) = import(&folder, &fixture("penalties-2018.gbk.csv"), &[]);
    assert!(
        !done && summary["imported"] == 0,
        "whole or not at all: {summary}"
    );
    let found = faults_of(&lines, "identifier.exponent-or-zeros");
    assert_eq!(found.len(), 1, "{lines:?}");
    assert_eq!(
        (&found[0]["row"], &found[0]["column"]),
        (&6.into(), &"E".into())
    );
    // Zeros at the end are what a spreadsheet leaves of the last three digits.
    let file = folder.beside("zeros.csv");
    let text = "获奖者类别,获奖者名称,统一社会信用代码,公民身份号码,荣誉名称,荣誉级别,表彰文件号,认定机关,认定日期\n\
                自然人,虚构辛,,650202199003070000,诚信市民,市级,虚政发〔2018〕1号,虚构市人民政府,2018-03-05\n";
    std::fs::write(&file, text).expect("written");
    let (done, lines, _) = import(&folder, &file, &["--profile", "honours"]);
    assert!(!done);
    assert_eq!(
        faults_of(&lines, "identifier.exponent-or-zeros").len(),
        1,
        "{lines:?}"
    );
}

/// P15. A citizen number in a number cell has lost its last digits: sheet, cell, reason and remedy are named.
#[test]
fn p15_digits_lost_in_a_number_cell_are_named_by_cell() {
    let folder = Folder::begin();
    let (done, lines, summary) = import(&folder, &fixture("honours.xlsx"), &[]);
    assert!(!done && summary["imported"] == 0, "{summary}");
    let found = faults_of(&lines, "cell.digits_lost");
    assert_eq!(found.len(), 1, "{lines:?}");
    assert_eq!(
        (&found[0]["sheet"], &found[0]["row"], &found[0]["column"]),
        (&"荣誉".into(), &3.into(), &"D".into())
    );
    let said = found[0].to_string();
    assert!(
        said.contains("format the column as text") && said.contains("文本格式"),
        "{said}"
    );
    assert!(!said.contains("19900307"), "{said}");
}

/// P16. A GBK file of a Chinese spreadsheet is read as what it is, and the guess is shown before anything is recorded.
#[test]
fn p16_gbk_is_read_and_the_guess_shown_first() {
    let folder = Folder::begin();
    let (data, file) = (folder.data(), fixture("penalties-2018.gbk.csv"));
    let before = folder.check_log();
    let output = run(&["import", &file, "--data", &data, "--rehearse"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("GB18030"), "{said}");
    assert_eq!(
        folder.check_log()["entry_hash"],
        before["entry_hash"],
        "nothing was recorded"
    );
    let good = succeed(&[
        "import",
        &file,
        "--data",
        &data,
        "--accept-good-rows",
        "--json",
    ]);
    assert_eq!(last_json(&good)["imported"], 3, "{good}");
}

/// P17. The mark at the beginning of a UTF-8 file is no part of its first header; a broken byte refuses the whole file and is
/// named with line and column.
#[test]
fn p17_a_mark_is_no_header_and_a_broken_byte_refuses_the_file() {
    let folder = Folder::begin();
    let (_, lines, summary) = import(
        &folder,
        &fixture("permits-2018.utf8bom.csv"),
        &["--accept-good-rows"],
    );
    assert_eq!(
        summary["imported"], 3,
        "the first column was found: {lines:?}"
    );
    let text = std::fs::read(fixture("permits-2018.utf8bom.csv")).expect("the fixture");
    let text = String::from_utf8(text).expect("UTF-8");
    let mut rows: Vec<&str> = text.lines().collect();
    let good = rows[1].to_owned();
    rows.truncate(1);
    rows.extend(std::iter::repeat_n(good.as_str(), 298));
    let mut bytes = rows.join("\r\n").into_bytes();
    bytes.extend_from_slice("\r\n法人及非法人组织,虚构".as_bytes());
    bytes.push(0xFF);
    bytes.extend_from_slice(b",\r\n");
    let file = folder.beside("broken.csv");
    std::fs::write(&file, bytes).expect("written");
    let before = folder.check_log();
    let output = run(&["import", &file, "--data", &folder.data(), "--json"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("300"), "the line: {said}");
    assert_eq!(
        folder.check_log()["entry_hash"],
        before["entry_hash"],
        "whole file or nothing"
    );
}
