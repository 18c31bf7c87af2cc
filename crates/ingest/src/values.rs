//! One cell to one [`FieldValue`] of the declared type.
//!
//! Nothing is rounded and nothing repaired: a value either is what the cell says, or the row is refused
//! with a reason and a remedy. A number cell gives its digits only where they are surely those typed.

use crate::codes::{code_names, is_known_by_form};
use crate::dates::{DateNote, ReadDate, read_date, read_serial};
use crate::read::{Cell, Number};
use probity_names::fold_header;
use probity_types::{Fen, FieldType, FieldValue, MoneyError, MoneyUnit, Text};
use std::collections::BTreeMap;

/// Why a cell is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueFault {
    /// Stable code such as `date.form`.
    pub rule: &'static str,
    /// What is wrong, Simplified Chinese. Never holds the value itself.
    pub zh: Box<str>,
    /// What is wrong, English.
    pub en: Box<str>,
    /// What to do, Simplified Chinese.
    pub remedy_zh: Box<str>,
    /// What to do, English.
    pub remedy_en: Box<str>,
    /// A reading that may be meant; shown, never applied.
    pub suggestion: Option<Box<str>>,
}

/// What is said beside an accepted value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueNote {
    /// Stable code such as `text.private_use`.
    pub rule: &'static str,
    /// Simplified Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}

/// An accepted value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadValue {
    /// The value.
    pub value: FieldValue,
    /// Remarks for the sender.
    pub notes: Vec<ValueNote>,
}

/// How a column is read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Declared type.
    pub field_type: &'a FieldType,
    /// Declared unit of money; without meaning for other types.
    pub unit: MoneyUnit,
    /// Value map of the profile, folded keys; an empty value stands for "no code".
    pub values: Option<&'a BTreeMap<String, String>>,
    /// Characters at which a cell with several codes is split; empty = one code.
    pub split: &'a str,
}

impl<'a> Reader<'a> {
    /// A reader without value map and split characters.
    pub fn of(field_type: &'a FieldType, unit: MoneyUnit) -> Self {
        Self {
            field_type,
            unit,
            values: None,
            split: "",
        }
    }
}

pub(crate) fn fault(rule: &'static str, texts: [&str; 4]) -> ValueFault {
    let [zh, en, remedy_zh, remedy_en] = texts.map(Box::from);
    ValueFault {
        rule,
        zh,
        en,
        remedy_zh,
        remedy_en,
        suggestion: None,
    }
}

fn note(rule: &'static str, zh: impl Into<String>, en: impl Into<String>) -> ValueNote {
    ValueNote {
        rule,
        zh: zh.into(),
        en: en.into(),
    }
}

/// Digits lost in a number cell (complaint P15).
pub(crate) fn digits_lost() -> ValueFault {
    let zh = "数字单元格最多保存15位有效数字，后面的数字已经丢失";
    let en = "a number cell holds 15 digits, the ones after them are lost";
    let remedy_zh = "请将该列设为文本格式后，从原始材料重新填写";
    fault(
        "cell.digits_lost",
        [
            zh,
            en,
            remedy_zh,
            "format the column as text and enter it again from the source",
        ],
    )
}

/// The text of a cell for a text or identifier column; none for a blank cell.
///
/// # Errors
/// Lost digits, error cells, and cells that a spreadsheet turned into a date or a logical value.
pub fn cell_text(cell: &Cell) -> Result<Option<String>, ValueFault> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Text(text) if text.trim().is_empty() => Ok(None),
        Cell::Text(text) => Ok(Some(text.trim().to_owned())),
        Cell::Number(Number { text, exact: true }) => Ok(Some(text.clone())),
        Cell::Number(Number { exact: false, .. }) => Err(digits_lost()),
        Cell::Date(_) => Err(fault(
            "cell.kind",
            [
                "电子表格已将该值转为日期",
                "the spreadsheet turned the value into a date",
                "请将该列设为文本格式后重新填写",
                "format the column as text and enter it again",
            ],
        )),
        Cell::Boolean(_) => Err(fault(
            "cell.kind",
            [
                "单元格为逻辑值",
                "the cell holds a logical value",
                "请填写文本",
                "enter text",
            ],
        )),
        Cell::Error(_) => Err(fault(
            "cell.error",
            [
                "单元格为公式错误",
                "the cell holds a formula error",
                "请改正公式或填写结果",
                "mend the formula or enter the result",
            ],
        )),
    }
}

/// Reads one cell; none for a blank one.
///
/// # Errors
/// [`ValueFault`] with a stable code.
pub fn read_cell(cell: &Cell, reader: &Reader<'_>) -> Result<Option<ReadValue>, ValueFault> {
    match (cell, reader.field_type) {
        (Cell::Date(serial), FieldType::Date) => {
            read_serial(serial).map(|read| Some(date_value(read)))
        }
        (Cell::Boolean(value), FieldType::Boolean) => Ok(Some(ReadValue {
            value: FieldValue::Boolean(*value),
            notes: Vec::new(),
        })),
        _ => match cell_text(cell)? {
            None => Ok(None),
            Some(text) => read_text(&text, reader).map(Some),
        },
    }
}

/// Reads text that is not blank.
///
/// # Errors
/// [`ValueFault`] with a stable code.
pub fn read_text(text: &str, reader: &Reader<'_>) -> Result<ReadValue, ValueFault> {
    let plain = |value: FieldValue| ReadValue {
        value,
        notes: character_notes(text),
    };
    match reader.field_type {
        FieldType::Text(max) => {
            let mapped = match reader.values {
                None => text.to_owned(),
                Some(values) => mapped(text, values)?.to_owned(),
            };
            text_value(&mapped, *max).map(plain)
        }
        FieldType::Party => text_value(text, 200).map(plain),
        FieldType::Date => read_date(text).map(date_value),
        FieldType::Money => money(text, reader.unit).map(|fen| plain(FieldValue::Fen(fen))),
        FieldType::Integer => {
            let wrong = [
                "不是整数",
                "not a whole number",
                "请只填写数字",
                "give digits only",
            ];
            let number = text.parse().map_err(|_| fault("integer.form", wrong))?;
            Ok(plain(FieldValue::Integer(number)))
        }
        FieldType::Decimal => decimal(text).map(|t| plain(FieldValue::Decimal(t))),
        FieldType::Boolean => boolean(text).map(|b| plain(FieldValue::Boolean(b))),
        FieldType::Code(list) => {
            let key = code(text, list, reader.values)?;
            if key.is_empty() {
                return Err(no_code(list));
            }
            Ok(plain(FieldValue::Code(short(&key)?)))
        }
        FieldType::Codes(list) => codes(text, list, reader),
    }
}

fn date_value(read: ReadDate) -> ReadValue {
    let notes = match read.note {
        DateNote::Plain => Vec::new(),
        DateNote::TimeDropped => {
            vec![note(
                "date.time_dropped",
                "已略去时间，只取日期",
                "the time of day was left out",
            )]
        }
        DateNote::Serial => vec![note(
            "date.serial",
            "五位数字按电子表格日期序号（1900系统）读取",
            "five digits were read as a spreadsheet serial of the 1900 system",
        )],
    };
    ReadValue {
        value: FieldValue::Date(read.date),
        notes,
    }
}

fn text_value(text: &str, max: u32) -> Result<FieldValue, ValueFault> {
    let found = text.chars().count();
    let long = || {
        let zh = format!("共{found}个字符，最多{max}个");
        let en = format!("{found} characters, at most {max} are allowed");
        fault("text.too_long", [&zh, &en, "请缩短", "shorten it"])
    };
    if found > max as usize {
        return Err(long());
    }
    Text::try_from(text)
        .map(FieldValue::Text)
        .map_err(|_| long())
}

fn short(key: &str) -> Result<Text<32>, ValueFault> {
    let wrong = [
        "代码过长",
        "the code is too long",
        "请核对代码",
        "check the code",
    ];
    Text::try_from(key).map_err(|_| fault("code.unknown", wrong))
}

fn money(text: &str, unit: MoneyUnit) -> Result<Fen, ValueFault> {
    Fen::parse(text, unit).map_err(|error| match error {
        MoneyError::Form => fault(
            "money.form",
            [
                "金额只能是数字和一个小数点，单位由列声明",
                "an amount is digits with at most one decimal point; the column declares the unit",
                "请去掉单位和文字",
                "take out units and words",
            ],
        ),
        MoneyError::Decimals { max } => {
            let zh = format!("小数超过{max}位，无法精确到分");
            let en = format!("more than {max} decimals cannot be held in fen");
            fault(
                "money.decimals",
                [
                    &zh,
                    &en,
                    "请按原文书填写",
                    "give the amount of the document",
                ],
            )
        }
        MoneyError::TooLarge => fault(
            "money.too_large",
            [
                "金额过大",
                "the amount is too large",
                "请核对单位",
                "check the unit",
            ],
        ),
    })
}

fn decimal(text: &str) -> Result<Text<32>, ValueFault> {
    let wrong = || {
        fault(
            "decimal.form",
            [
                "不是数字",
                "not a decimal number",
                "请只填写数字",
                "give digits only",
            ],
        )
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let right = match unsigned.split_once('.') {
        None => digits(unsigned),
        Some((whole, part)) => digits(whole) && digits(part),
    };
    if !right {
        return Err(wrong());
    }
    Text::try_from(text).map_err(|_| wrong())
}

fn boolean(text: &str) -> Result<bool, ValueFault> {
    match fold_header(text).to_ascii_uppercase().as_str() {
        "是" | "有" | "TRUE" | "YES" | "Y" | "1" => Ok(true),
        "否" | "无" | "FALSE" | "NO" | "N" | "0" => Ok(false),
        _ => Err(fault(
            "boolean.form",
            [
                "应为是或否",
                "yes or no is right",
                "请填写是或否",
                "give 是 or 否",
            ],
        )),
    }
}

fn mapped<'v>(text: &str, values: &'v BTreeMap<String, String>) -> Result<&'v str, ValueFault> {
    values
        .get(&fold_header(text))
        .map(String::as_str)
        .ok_or_else(|| {
            let known = values.keys().cloned().collect::<Vec<_>>().join("、");
            unknown_code(&known)
        })
}

fn unknown_code(known: &str) -> ValueFault {
    let zh = format!("不在允许的取值之内；允许：{known}");
    let en = format!("not one of the allowed values; allowed: {known}");
    fault(
        "code.unknown",
        [
            &zh,
            &en,
            "请按允许的取值填写",
            "give one of the allowed values",
        ],
    )
}

fn no_code(list: &str) -> ValueFault {
    let zh = "该值不对应任何代码";
    let en = format!("this value stands for no code of {list}");
    fault("code.none", [zh, &en, "请核对原文书", "check the document"])
}

/// A key of the list: by the profile's map, by the key itself or by the list's Chinese name.
fn code(
    text: &str,
    list: &str,
    values: Option<&BTreeMap<String, String>>,
) -> Result<String, ValueFault> {
    let folded = fold_header(text);
    if let Some(value) = values.and_then(|v| v.get(&folded)) {
        return Ok(value.clone());
    }
    if values.is_none() && is_known_by_form(list) {
        return Ok(text.to_owned());
    }
    let names = code_names(list).unwrap_or_default();
    let by_key = || names.iter().find(|(key, _)| *key == text);
    // Two eras of penalty kinds share names; there only the map may decide.
    let by_name = || {
        names
            .iter()
            .find(|(_, zh)| values.is_none() && fold_header(zh) == folded)
    };
    if let Some((key, _)) = by_key().or_else(by_name) {
        return Ok((*key).to_owned());
    }
    let known = match values {
        Some(values) => values.keys().cloned().collect::<Vec<_>>().join("、"),
        None => names
            .iter()
            .map(|(_, zh)| *zh)
            .collect::<Vec<_>>()
            .join("、"),
    };
    Err(unknown_code(&known))
}

fn codes(text: &str, list: &str, reader: &Reader<'_>) -> Result<ReadValue, ValueFault> {
    let mut keys = Vec::new();
    let mut notes = character_notes(text);
    let parts = text
        .split(|c: char| reader.split.contains(c))
        .map(str::trim)
        .filter(|p| !p.is_empty());
    for part in parts {
        let key = code(part, list, reader.values)?;
        if key.is_empty() {
            let zh = format!("“{part}”不计入代码，仅保留在文字内容中");
            notes.push(note(
                "code.none",
                zh,
                format!("{part:?} counts as no code and is kept as text only"),
            ));
        } else {
            keys.push(short(&key)?);
        }
    }
    if keys.is_empty() {
        return Err(no_code(list));
    }
    keys.sort();
    keys.dedup();
    Ok(ReadValue {
        value: FieldValue::Codes(keys),
        notes,
    })
}

/// Characters that no font shows: private use (rare characters of older systems) and U+FFFD, the mark
/// of an earlier wrong decoding. The text is kept as it is (complaint P20).
pub(crate) fn character_notes(text: &str) -> Vec<ValueNote> {
    let mut notes = Vec::new();
    for (place, c) in text.chars().enumerate() {
        let rule = match c {
            '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}' => {
                "text.private_use"
            }
            '\u{FFFD}' => "text.replacement",
            _ => continue,
        };
        let (code, place) = (u32::from(c), place + 1);
        let zh = format!("第{place}个字符（U+{code:04X}）无法显示，请核对原件");
        notes.push(note(
            rule,
            zh,
            format!("character {place} (U+{code:04X}) cannot be shown, check the original"),
        ));
    }
    notes
}

#[cfg(test)]
mod tests;
