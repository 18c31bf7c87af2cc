//! XLSX and old BIFF workbooks to tables, by `calamine`, which parses; limits are checked here first.

use super::biff::{self, PassedOver};
use super::limits::{Budget, SHEETS_MAX, check_column, check_row};
use super::unpack::check_archive;
use super::{Cell, DateSerial, Number, ReadError, Row, Table};
use calamine::{Data, DataRef, ExcelDateTime, Reader, Sheet, SheetType, Xls, XlsOptions, Xlsx};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Number of UTF-16 little endian among code pages.
const CODE_PAGE_UTF16: u16 = 1200;

pub(super) fn damaged(detail: impl ToString) -> ReadError {
    let detail = detail.to_string().chars().take(200).collect();
    ReadError::Damaged {
        kind: "workbook",
        detail,
    }
}

/// The parsers below are written for well-formed files and may index out of range on damaged ones.
/// A damaged upload must be a refusal, never the end of the server; nothing is shared with the
/// closure, so no half-written state outlives the panic.
fn guarded<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(damaged("the decoder gave up")))
}

/// Reads an XLSX file.
///
/// # Errors
/// A damaged archive or a limit.
pub(crate) fn read_xlsx(bytes: &[u8]) -> Result<Vec<Table>, ReadError> {
    guarded(|| {
        check_archive(bytes)?;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
        let names = worksheet_names(book.sheets_metadata())?;
        let mut budget = Budget::default();
        names
            .iter()
            .map(|name| xlsx_sheet(&mut book, name, &mut budget))
            .collect()
    })
}

fn worksheet_names(sheets: &[Sheet]) -> Result<Vec<String>, ReadError> {
    if sheets.len() > SHEETS_MAX {
        return Err(ReadError::TooManySheets {
            max: SHEETS_MAX as u64,
        });
    }
    // Charts, dialogs and macro sheets hold no rows.
    let work = sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet);
    Ok(work.map(|sheet| sheet.name.clone()).collect())
}

fn xlsx_sheet(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    budget: &mut Budget,
) -> Result<Table, ReadError> {
    let system_1904 = book.has_1904_epoch();
    let mut cells = book.worksheet_cells_reader(name).map_err(damaged)?;
    let mut rows = Rows::new(name, budget);
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let value = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::Int(number) => Cell::Number(Number::from_i64(*number)),
            DataRef::Float(number) => number_cell(*number),
            DataRef::String(text) => text_cell(text),
            DataRef::SharedString(text) => text_cell(text),
            DataRef::Bool(value) => Cell::Boolean(*value),
            DataRef::DateTime(date) => date_cell(date, system_1904),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text_cell(text),
            DataRef::Error(error) => Cell::Error(error.to_string()),
        };
        rows.put(cell.get_position(), value)?;
    }
    Ok(rows.finish())
}

/// Reads an old `.xls` file.
///
/// # Errors
/// A damaged file or a limit.
pub(crate) fn read_xls(bytes: &[u8]) -> Result<Vec<Table>, ReadError> {
    guarded(|| {
        let scan = biff::scan(bytes)?;
        let mut options = XlsOptions::default();
        options.force_codepage = match scan.version {
            // The Java Excel API names code page 1252 in BIFF8 files full of UTF-16 (the licence feed of
            // Xinjiang); the decoder would believe it and give two wrong characters for one.
            biff::Version::Biff8 => Some(CODE_PAGE_UTF16),
            biff::Version::Older => None,
        };
        let mut book: Xls<_> =
            Xls::new_with_options(Cursor::new(bytes), options).map_err(damaged)?;
        let mut budget = Budget::default();
        let system_1904 = book.has_1904_epoch();
        let mut tables = Vec::new();
        // One entry of the scan for every sheet, charts included.
        let passed_over = book
            .sheets_metadata()
            .iter()
            .map(|s| s.name.clone())
            .zip(scan.passed_over);
        let passed_over: BTreeMap<String, Vec<PassedOver>> = passed_over.collect();
        for name in worksheet_names(book.sheets_metadata())? {
            let range = book.worksheet_range(&name).map_err(damaged)?;
            let (top, left) = range.start().unwrap_or((0, 0));
            let mut rows = Rows::new(&name, &mut budget);
            for (row, column, value) in range.used_cells() {
                let position = (
                    top.saturating_add(row as u32),
                    left.saturating_add(column as u32),
                );
                rows.put(position, xls_cell(value, system_1904))?;
            }
            for cell in passed_over.get(&name).into_iter().flatten() {
                rows.put(cell.position, formula_cell(*cell))?;
            }
            tables.push(rows.finish());
        }
        Ok(tables)
    })
}

/// A formula without a number says so: an empty cell would be a silent loss.
fn formula_cell(cell: PassedOver) -> Cell {
    match cell.number_bits {
        Some(bits) => number_cell(f64::from_bits(bits)),
        None => Cell::Error("#FORMULA".to_owned()),
    }
}

fn xls_cell(value: &Data, system_1904: bool) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::Int(number) => Cell::Number(Number::from_i64(*number)),
        Data::Float(number) => number_cell(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text_cell(text),
        Data::Bool(value) => Cell::Boolean(*value),
        Data::DateTime(date) => date_cell(date, system_1904),
        Data::Error(error) => Cell::Error(error.to_string()),
    }
}

fn text_cell(text: &str) -> Cell {
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(text.to_owned())
    }
}

fn number_cell(value: f64) -> Cell {
    Number::from_f64(value).map_or_else(|| Cell::Error("#NUM!".to_owned()), Cell::Number)
}

/// The serial stays text: a civil date is read from it without passing through an instant.
fn date_cell(date: &ExcelDateTime, system_1904: bool) -> Cell {
    match Number::from_f64(date.as_f64()) {
        Some(number) => Cell::Date(DateSerial {
            text: number.text,
            system_1904,
        }),
        None => Cell::Error("#NUM!".to_owned()),
    }
}

/// Rows of one sheet in the making. Cells may come in any order.
struct Rows<'a> {
    sheet: &'a str,
    budget: &'a mut Budget,
    rows: BTreeMap<u32, Vec<Cell>>,
}

impl<'a> Rows<'a> {
    fn new(sheet: &'a str, budget: &'a mut Budget) -> Self {
        Self {
            sheet,
            budget,
            rows: BTreeMap::new(),
        }
    }

    /// Puts a value at (row, column), both counted from 0.
    fn put(&mut self, position: (u32, u32), value: Cell) -> Result<(), ReadError> {
        if value == Cell::Empty {
            return Ok(());
        }
        let number = position.0.saturating_add(1);
        let column = usize::try_from(position.1).unwrap_or(usize::MAX);
        check_row(number)?;
        check_column(column)?;
        if let Cell::Text(text) = &value {
            self.budget.take_text(text, self.sheet, (number, column))?;
        }
        let cells = self.rows.entry(number).or_default();
        if cells.len() <= column {
            self.budget.take_cells(column + 1 - cells.len())?;
            cells.resize(column + 1, Cell::Empty);
        }
        if let Some(cell) = cells.get_mut(column) {
            *cell = value;
        }
        Ok(())
    }

    fn finish(self) -> Table {
        let rows = self
            .rows
            .into_iter()
            .map(|(number, cells)| Row { number, cells })
            .collect();
        Table {
            sheet: self.sheet.to_owned(),
            rows,
        }
    }
}
