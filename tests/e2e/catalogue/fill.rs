//! A machine that fills in a form: it reads the workbook as a clerk does, the headers, the notes and the lists, and puts one
//! row under them.

use probity_ingest::form::{LISTS_SHEET, NOTES_SHEET, marked_class};
use probity_ingest::{ReadFile, Table, read};
use probity_types::identifiers::{CreditCode, OrganisationCode, ResidentId};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// One filled cell.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Field of the catalogue.
    pub field: String,
    /// Type, in the words of the notes.
    pub words: String,
    /// What was put in.
    pub value: String,
    /// How the register shows it, in words.
    pub shown: String,
}

/// A form with one row.
#[derive(Debug)]
pub struct FilledForm {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// Its row, in the order of the columns.
    pub cells: Vec<Filled>,
}

/// Day of every date that is filled in.
pub const DAY: &str = "2026-03-05";

/// Credit code that begins like this.
pub fn credit_code(head: &str) -> String {
    let organisation = OrganisationCode::with_check("TF000001").expect("a body");
    let code = CreditCode::from_parts(head, organisation).expect("a code");
    code.as_str().to_owned()
}

/// Number of a made-up adult.
pub fn resident() -> String {
    let id = ResidentId::with_check("65020319850615077").expect("a body");
    id.as_str().to_owned()
}

/// Name, kind of document and number of a subject of a kind as forms name it.
pub fn subject(kind: &str) -> (String, &'static str, String) {
    let head = match kind {
        "企业法人" => "91650203",
        "个体工商户" => "92650203",
        "非法人组织" => "31650203",
        "社会组织" => "51650203",
        "机关和事业单位" => "11650203",
        _ => return ("测试填报人".to_owned(), "公民身份号码", resident()),
    };
    (
        format!("测试填报{kind}"),
        "统一社会信用代码",
        credit_code(head),
    )
}

fn sheet<'a>(file: &'a ReadFile, name: &str) -> &'a Table {
    let found = file.tables.iter().find(|table| table.sheet == name);
    found.unwrap_or_else(|| panic!("no sheet {name}"))
}

/// Values to choose from under a header of the hidden sheet.
fn choices(lists: &Table, header: &str) -> Vec<String> {
    let Some(first) = lists.rows.first() else {
        return Vec::new();
    };
    let at = (0..first.cells.len()).find(|at| first.cell(*at).shown() == header);
    let Some(at) = at else { return Vec::new() };
    let cells = lists.rows.iter().skip(1).map(|row| row.cell(at).shown());
    cells.filter(|cell| !cell.is_empty()).collect()
}

/// What to put into a column, and how the register shows it; none for columns that are left empty.
fn value(
    code: &str,
    (field, words, header): (&str, &str, &str),
    choices: &[String],
) -> Option<(String, String)> {
    let same = |text: &str| Some((text.to_owned(), text.to_owned()));
    match field {
        "subject_birth_date" | "subject_org_code" | "subject_registration_no" => return None,
        "subject_tax_no" | "subject_institution_no" | "subject_social_org_no" => return None,
        "region_code" => return same("650203"),
        "authority_code" | "source_unit_code" => return same(&credit_code("11650203")),
        "authority" | "source_unit" => return same(&format!("测试{field}")),
        // The summary procedure is not recorded about persons.
        "procedure" => return same(choices.last()?),
        _ => {}
    }
    let first = || choices.first().map(String::as_str).unwrap_or("H62");
    match words.split('，').next().unwrap_or_default() {
        "日期" => same(DAY),
        "金额" if header.contains("万元") => {
            Some(("1.234567".to_owned(), "12,345.67 元".to_owned()))
        }
        "金额" => Some(("123.45".to_owned(), "123.45 元".to_owned())),
        "整数" => same("3"),
        "小数" => same("12.5"),
        "是或否" => same("是"),
        "单选" => same(first()),
        // The one list of this kind is that of penalties; these two names are in the law of every year.
        "可多选" => {
            assert!(
                ["警告", "罚款"]
                    .iter()
                    .all(|name| choices.iter().any(|c| c == name))
            );
            Some(("警告；罚款".to_owned(), "警告、罚款".to_owned()))
        }
        "名称" => same("测试相对方"),
        "文字" => {
            let most = words
                .chars()
                .filter(char::is_ascii_digit)
                .collect::<String>();
            let most: usize = most.parse().expect("a number of characters");
            // Acts of two classes must not share a number.
            let text: String = format!("{code}{field}").chars().take(most).collect();
            same(&text)
        }
        other => panic!("{field}: an unknown type {other}"),
    }
}

/// Fills in one row of a form.
pub fn fill(form: &[u8]) -> FilledForm {
    let file = read(form).expect("the form reads");
    let lists = sheet(&file, LISTS_SHEET);
    let notes = sheet(&file, NOTES_SHEET);
    let code = marked_class(&file.tables[0]).expect("the form says of which class it is");
    let mut cells = Vec::new();
    let mut kind = (String::new(), "", String::new());
    for note in notes.rows.iter().skip(1) {
        let cell = |at: usize| note.cell(at).shown();
        let (header, field, words) = (cell(1), cell(2), cell(5));
        let choices = choices(lists, &header);
        let found = match field.as_str() {
            "subject_kind" => {
                kind = subject(&choices[0]);
                Some((choices[0].clone(), choices[0].clone()))
            }
            "subject_name" => Some((kind.0.clone(), kind.0.clone())),
            "subject_code_type" => Some((kind.1.to_owned(), kind.1.to_owned())),
            "subject_code" => Some((kind.2.clone(), kind.2.clone())),
            _ => value(&code, (&field, &words, &header), &choices),
        };
        let (value, shown) = found.unwrap_or_default();
        cells.push(Filled {
            field,
            words,
            value,
            shown,
        });
    }
    let bytes = with_row(form, &cells);
    FilledForm { bytes, cells }
}

/// The workbook with a third row on its first sheet, every cell a text.
fn with_row(form: &[u8], cells: &[Filled]) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let cell = |(at, filled): (usize, &Filled)| {
        let letters = probity_ingest::read::column_letters(at);
        let text = escape(&filled.value);
        format!("<c r=\"{letters}3\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let filled = cells
        .iter()
        .enumerate()
        .filter(|(_, c)| !c.value.is_empty());
    let row: String = filled.map(cell).collect();
    let mut archive = ZipArchive::new(Cursor::new(form)).expect("an archive");
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).expect("reads");
        if name == "xl/worksheets/sheet1.xml" {
            let text = String::from_utf8(content).expect("XML");
            let end = "</sheetData>";
            assert!(text.contains(end));
            let with = format!("<row r=\"3\">{row}</row>{end}");
            content = text.replacen(end, &with, 1).into_bytes();
        }
        let options = SimpleFileOptions::default();
        written.start_file(name, options).expect("a part");
        written.write_all(&content).expect("writes");
    }
    written.finish().expect("an archive").into_inner()
}
