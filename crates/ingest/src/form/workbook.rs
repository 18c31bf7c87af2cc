//! The workbook of a form: a sheet to fill in, one that explains it, a hidden one with the values to choose from.
//!
//! Every column is text, so that no spreadsheet rounds a number or takes a code for a date. The same form always gives the
//! same bytes.

use super::plan::{Form, FormColumn, Kind, need_zh, unit_zh};
use super::{LISTS_SHEET, MARKER, NOTES_SHEET};
use crate::read::column_letters;
use probity_rules::Requirement;
use probity_types::FieldType;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, Formula,
    Workbook, Worksheet, XlsxError,
};

/// First row that is filled in, counted from 0: the marker and the headers stand above it.
const FIRST_ROW: u32 = 2;
/// Last row of a sheet, counted from 0.
const LAST_ROW: u32 = 1_048_575;
/// Values that an explanation spells out; of longer lists it says where they are.
const SPELT_OUT_MAX: usize = 12;
/// Most characters of a message beside a cell.
const MESSAGE_CHARS_MAX: usize = 255;
/// Characters of a sheet's name.
const SHEET_CHARS_MAX: usize = 31;
/// Width of a column in characters.
const WIDTH: u32 = 22;

/// A form that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook of the form cannot be written: {0}")]
pub struct FormError(#[from] XlsxError);

impl Form {
    /// Name of the sheet that is filled in.
    pub fn sheet(&self) -> String {
        let name = format!("{} {}", self.code, self.name_zh);
        let fits = |c: char| if "[]:*?/\\'".contains(c) { ' ' } else { c };
        name.chars().map(fits).take(SHEET_CHARS_MAX).collect()
    }

    /// The form as an XLSX file.
    ///
    /// # Errors
    /// [`FormError`] where the workbook cannot be written.
    pub fn workbook(&self) -> Result<Vec<u8>, FormError> {
        let mut book = Workbook::new();
        // The time of writing would make every copy another file.
        let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
        let title = format!("{} {}", self.code, self.name_zh);
        let properties = DocProperties::new()
            .set_title(title)
            .set_comment(format!("{} {}", self.catalogue, self.version))
            .set_creation_datetime(&created);
        book.set_properties(&properties);
        self.fill_in(book.add_worksheet())?;
        self.explain(book.add_worksheet())?;
        self.list(book.add_worksheet())?;
        Ok(book.save_to_buffer()?)
    }

    fn fill_in(&self, sheet: &mut Worksheet) -> Result<(), FormError> {
        sheet.set_name(self.sheet())?;
        let text = Format::new().set_num_format("@");
        let plain = text.clone().set_bold().set_text_wrap();
        let optional = plain.clone().set_background_color(Color::RGB(0x00E8_EDF3));
        let required = plain
            .set_background_color(Color::RGB(0x001F_3A5F))
            .set_font_color(Color::White);
        let version = format!("目录 {} {}", self.catalogue, self.version);
        let about = format!("深色表头为必填；各栏说明见“{NOTES_SHEET}”；从第3行起填写，每行一条");
        let marker = [MARKER, &self.code, &self.name_zh, &version, &about];
        for (at, said) in (0_u16..).zip(marker) {
            sheet.write_string_with_format(0, at, said, &text)?;
        }
        let mut listed = 0;
        for (at, column) in (0_u16..).zip(&self.columns) {
            sheet.set_column_format(at, &text)?;
            sheet.set_column_width(at, WIDTH)?;
            let format = match column.need {
                Requirement::Required => &required,
                Requirement::Conditional | Requirement::Optional => &optional,
            };
            sheet.write_string_with_format(1, at, &column.header, format)?;
            let mut checks = DataValidation::new().show_error_message(false);
            if !column.choices.is_empty() {
                checks = choose(column, listed)?;
                listed += 1;
            }
            let message: String = hint(column).chars().take(MESSAGE_CHARS_MAX).collect();
            let checks = checks.set_input_message(message)?;
            sheet.add_data_validation(FIRST_ROW, at, LAST_ROW, at, &checks)?;
        }
        sheet.set_freeze_panes(FIRST_ROW, 0)?;
        Ok(())
    }

    fn explain(&self, sheet: &mut Worksheet) -> Result<(), FormError> {
        sheet.set_name(NOTES_SHEET)?;
        let text = Format::new().set_num_format("@").set_text_wrap();
        let bold = text.clone().set_bold();
        let heads = [
            "列",
            "栏目",
            "字段",
            "English",
            "是否必填",
            "类型",
            "单位",
            "填写条件",
            "可填值",
            "示例",
        ];
        for (at, head) in (0_u16..).zip(heads) {
            sheet.write_string_with_format(0, at, head, &bold)?;
            sheet.set_column_width(at, if at == 8 { 60 } else { WIDTH })?;
        }
        for ((row, letters), column) in (1_u32..).zip((0..).map(column_letters)).zip(&self.columns)
        {
            let cells = [
                letters,
                column.header.clone(),
                column.field.clone(),
                column.name_en.clone(),
                need_zh(column.need).to_owned(),
                type_zh(&column.field_type),
                unit(column),
                column.condition.clone(),
                allowed(column),
                example(column),
            ];
            for (at, cell) in (0_u16..).zip(&cells) {
                sheet.write_string_with_format(row, at, cell, &text)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }

    fn list(&self, sheet: &mut Worksheet) -> Result<(), FormError> {
        sheet.set_name(LISTS_SHEET)?.set_hidden(true);
        let listed = self.columns.iter().filter(|c| !c.choices.is_empty());
        for (at, column) in (0_u16..).zip(listed) {
            sheet.write_string(0, at, &column.header)?;
            for (row, choice) in (1_u32..).zip(&column.choices) {
                sheet.write_string(row, at, choice)?;
            }
        }
        Ok(())
    }
}

/// The drop-down of a column, from the hidden sheet: a list in the cell itself may have 255 characters only.
fn choose(column: &FormColumn, listed: usize) -> Result<DataValidation, XlsxError> {
    let (letters, last) = (column_letters(listed), column.choices.len() + 1);
    let range = format!("='{LISTS_SHEET}'!${letters}$2:${letters}${last}");
    let checks = DataValidation::new().allow_list_formula(Formula::new(range));
    // Several codes in one cell are no entry of the list.
    if matches!(column.field_type, FieldType::Codes(_)) {
        return Ok(checks.show_error_message(false));
    }
    checks
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("不在可填值之内")?
        .set_error_message("请从下拉列表中选择")
}

fn hint(column: &FormColumn) -> String {
    let parts = [
        need_zh(column.need).to_owned(),
        column.condition.clone(),
        type_zh(&column.field_type),
        unit(column),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("；")
}

/// A type in words.
fn type_zh(field_type: &FieldType) -> String {
    match field_type {
        FieldType::Text(max) => format!("文字，最多{max}个字符"),
        FieldType::Date => "日期".to_owned(),
        FieldType::Money => "金额".to_owned(),
        FieldType::Integer => "整数".to_owned(),
        FieldType::Decimal => "小数".to_owned(),
        FieldType::Boolean => "是或否".to_owned(),
        FieldType::Code(_) => "单选".to_owned(),
        FieldType::Codes(_) => "可多选，以“；”分隔".to_owned(),
        FieldType::Party => "名称，最多200个字符".to_owned(),
    }
}

fn unit(column: &FormColumn) -> String {
    match column.money_unit {
        Some(unit) => format!("单位：{}", unit_zh(unit)),
        None if column.unit == "characters" => String::new(),
        None => column.unit.clone(),
    }
}

fn allowed(column: &FormColumn) -> String {
    match (column.choices.len(), &column.field_type) {
        (0, FieldType::Code(list)) => match list.as_str() {
            "gbt2260" => "GB/T 2260 代码，6或9位数字".to_owned(),
            "gbt4754" => "GB/T 4754 代码，如 H62".to_owned(),
            _ => String::new(),
        },
        (0, _) => String::new(),
        (1..=SPELT_OUT_MAX, _) => column.choices.join("；"),
        (count, _) => {
            let first = column.choices.iter().take(SPELT_OUT_MAX).cloned();
            let first = first.collect::<Vec<_>>().join("；");
            format!("{first} 等{count}项，见下拉列表")
        }
    }
}

fn example(column: &FormColumn) -> String {
    let first = || column.choices.first().cloned().unwrap_or_default();
    match (&column.kind, &column.field_type) {
        (Kind::Identifier(_) | Kind::DocumentNumber, _) => "按证照原件填写".to_owned(),
        (_, FieldType::Date) => "2026-03-05".to_owned(),
        (_, FieldType::Money) => "12345.67".to_owned(),
        (_, FieldType::Integer) => "3".to_owned(),
        (_, FieldType::Decimal) => "12.5".to_owned(),
        (_, FieldType::Boolean | FieldType::Code(_)) => first(),
        (_, FieldType::Codes(_)) => {
            let two = column.choices.iter().take(2).cloned();
            two.collect::<Vec<_>>().join("；")
        }
        (_, FieldType::Party) => "某某有限公司".to_owned(),
        (_, FieldType::Text(_)) => String::new(),
    }
}
