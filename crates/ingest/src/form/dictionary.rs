//! The data dictionary: every field of every class as the catalogue in force has it.

use super::plan::{Form, FormColumn, need_zh};
use probity_rules::{Entry, Packs};
use probity_types::CodeList as _;

/// Heads of the columns of [`dictionary_csv`].
const HEADS: [&str; 23] = [
    "类别代码",
    "类别",
    "子类代码",
    "子类",
    "subcategory",
    "字段",
    "栏目",
    "field",
    "类型",
    "需要",
    "条件",
    "单位",
    "双公示代码",
    "字段可见范围",
    "子类公开范围",
    "来源单位",
    "依据",
    "依据核对情况",
    "施行起",
    "施行止",
    "替代子类",
    "目录",
    "状态",
];

/// The dictionary as CSV in UTF-8 with a byte order mark, one line for each field of each class.
///
/// # Errors
/// The text cannot be written.
pub fn dictionary_csv(packs: &Packs<'_>) -> Result<Vec<u8>, csv::Error> {
    let mut written = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    written.write_record(HEADS)?;
    for entry in packs.catalogue.entries() {
        let Some(form) = Form::of(packs, &entry.code) else {
            continue;
        };
        for column in &form.columns {
            written.write_record(line(packs, entry, column))?;
        }
    }
    written.into_inner().map_err(|e| e.into_error().into())
}

fn line(packs: &Packs<'_>, entry: &Entry, column: &FormColumn) -> [String; 23] {
    let field = packs.catalogue.field_of(entry, &column.field);
    let (code, visibility) = field.map_or_else(Default::default, |field| {
        (field.standard_code.clone(), field.visibility.clone())
    });
    let head = &packs.catalogue.head.rule;
    [
        entry.category.key().to_owned(),
        entry.category.zh().to_owned(),
        entry.code.clone(),
        entry.name.zh.clone(),
        entry.name.en.clone(),
        column.field.clone(),
        column.header.clone(),
        column.name_en.clone(),
        column.field_type.to_string(),
        need_zh(column.need).to_owned(),
        column.condition.clone(),
        column.unit.clone(),
        code,
        visibility,
        entry.publicity.zh().to_owned(),
        sources(packs, entry),
        entry.legal_basis.clone(),
        entry.basis_status.clone(),
        open_or(
            entry.interval.first.to_string(),
            entry.interval.first == probity_types::CivilDate::MIN,
        ),
        open_or(
            entry.interval.last.to_string(),
            entry.interval.last == probity_types::CivilDate::MAX,
        ),
        entry.replaced_by.clone().unwrap_or_default(),
        format!("{} {}", head.id, head.version),
        packs.catalogue.status.clone(),
    ]
}

fn open_or(day: String, is_open: bool) -> String {
    if is_open { String::new() } else { day }
}

fn sources(packs: &Packs<'_>, entry: &Entry) -> String {
    let name = |code: &String| {
        let bureau = packs.catalogue.bureau(code);
        bureau.map_or_else(|| code.clone(), |bureau| bureau.name.zh.clone())
    };
    let names: Vec<String> = entry.sources.iter().map(name).collect();
    names.join("；")
}

/// The dictionary as Markdown: a section for each class with a table of its fields.
pub fn dictionary_markdown(packs: &Packs<'_>) -> String {
    let head = &packs.catalogue.head;
    let mut text = format!(
        "# 数据字典 · Data dictionary\n\n{} {} {}，{}。由目录自动生成。\n\
         Generated from the catalogue {} {} ({}).\n",
        head.title.zh,
        head.rule.id,
        head.rule.version,
        packs.catalogue.status,
        head.rule.id,
        head.rule.version,
        packs.catalogue.status,
    );
    let mut category = None;
    for entry in packs.catalogue.entries() {
        let Some(form) = Form::of(packs, &entry.code) else {
            continue;
        };
        if category != Some(entry.category) {
            category = Some(entry.category);
            let (code, zh, en) = (
                entry.category.key(),
                entry.category.zh(),
                entry.category.en(),
            );
            text.push_str(&format!("\n## {code} {zh} · {en}\n"));
        }
        text.push_str(&section(packs, entry, &form));
    }
    text
}

fn section(packs: &Packs<'_>, entry: &Entry, form: &Form) -> String {
    let mut text = format!(
        "\n### {} {} · {}\n\n来源 {}；公开范围 {}；依据 {}（{}）\n\n\
         |字段|栏目|field|类型|需要|条件|单位|双公示代码|\n|-|-|-|-|-|-|-|-|\n",
        entry.code,
        entry.name.zh,
        entry.name.en,
        sources(packs, entry),
        entry.publicity.zh(),
        entry.legal_basis,
        entry.basis_status,
    );
    for column in &form.columns {
        let cells = line(packs, entry, column);
        let cells: Vec<String> = cells[5..13]
            .iter()
            .map(|cell| cell.replace('|', "\\|"))
            .collect();
        text.push_str(&format!("|{}|\n", cells.join("|")));
    }
    text
}
