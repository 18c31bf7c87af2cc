//! Bytes of a file to tables of cells.
//!
//! In scope: CSV in UTF-8 or GB18030, XLSX, old BIFF `.xls`; the kind is told by the first bytes, never
//! by the file's name. Out of scope: what the cells mean (see [`crate::rows`]), XLSB, ODS, UTF-16.

mod biff;
mod cell;
mod compound;
mod csv_text;
mod encoding;
mod error;
pub mod limits;
mod unpack;
mod workbook;

pub use cell::{Cell, DateSerial, EXACT_DIGITS_MAX, Number, Row, Table, column_letters};
pub use csv_text::read_csv;
pub use encoding::{Encoding, decode};
pub use error::ReadError;

/// What kind of file was met; a guess shown to the sender before anything is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// Comma-separated text in this encoding.
    Csv(Encoding),
    /// Office Open XML workbook.
    Xlsx,
    /// BIFF workbook in a compound file.
    Xls,
}

impl FileForm {
    /// Name for messages: `CSV, GB18030`, `XLSX`, `XLS`.
    pub fn name(self) -> String {
        match self {
            Self::Csv(encoding) => format!("CSV, {}", encoding.name()),
            Self::Xlsx => "XLSX".to_owned(),
            Self::Xls => "XLS".to_owned(),
        }
    }
}

/// A file as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// Kind and encoding.
    pub form: FileForm,
    /// Tables in the order of the file: one for CSV, one per sheet of a workbook.
    pub tables: Vec<Table>,
}

const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const COMPOUND_MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Reads a file whole.
///
/// # Errors
/// [`ReadError`]: the file is refused as a whole. Never panics, whatever the bytes.
pub fn read(bytes: &[u8]) -> Result<ReadFile, ReadError> {
    if bytes.len() > limits::FILE_BYTES_MAX {
        return Err(ReadError::TooLarge {
            bytes: bytes.len() as u64,
            max: limits::FILE_BYTES_MAX as u64,
        });
    }
    if bytes.is_empty() {
        return Err(ReadError::Nothing);
    }
    let file = if bytes.starts_with(ZIP_MAGIC) {
        ReadFile {
            form: FileForm::Xlsx,
            tables: workbook::read_xlsx(bytes)?,
        }
    } else if bytes.starts_with(COMPOUND_MAGIC) {
        ReadFile {
            form: FileForm::Xls,
            tables: workbook::read_xls(bytes)?,
        }
    } else {
        if let Some(found) = unreadable_kind(bytes) {
            return Err(ReadError::UnknownKind { found });
        }
        let (text, encoding) = decode(bytes)?;
        ReadFile {
            form: FileForm::Csv(encoding),
            tables: vec![read_csv(&text)?],
        }
    };
    if file.tables.iter().all(|t| t.rows.iter().all(Row::is_blank)) {
        return Err(ReadError::Nothing);
    }
    Ok(file)
}

/// Kinds that would only give puzzling messages further on.
fn unreadable_kind(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 5] = [
        (b"\xFF\xFE", "UTF-16 text"),
        (b"\xFE\xFF", "UTF-16 text"),
        (b"%PDF", "PDF"),
        (b"<!DOCTYPE html", "HTML"),
        (b"<html", "HTML"),
    ];
    kinds
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests;
