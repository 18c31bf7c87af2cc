//! Limits of what is read, checked before memory is taken where the format allows it.

use super::ReadError;

/// Largest file, 64 MiB. An import of a year of 双公示 rows of the whole city stays below 20 MiB.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most rows of a table; a worksheet of the current format ends at 1,048,576.
pub const ROWS_MAX: u32 = 1_000_000;
/// Most columns of a table; the old BIFF format ends there.
pub const COLUMNS_MAX: usize = 256;
/// Most characters of one cell; the limit of spreadsheet programs.
pub const CELL_CHARS_MAX: usize = 32_767;
/// Most cells of all tables together: bounds the memory of sparse sheets (8 million × 32 bytes).
pub const CELLS_MAX: usize = 8_000_000;
/// Most bytes of text of all tables together: one shared string may be named by a million cells.
pub const TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most bytes of a workbook after unpacking: a small archive can unpack to terabytes.
pub const UNPACKED_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Most sheets of a workbook.
pub const SHEETS_MAX: usize = 64;

/// Counts cells and bytes of text over the whole file.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    cells: usize,
    text_bytes: usize,
}

impl Budget {
    /// Takes `count` cells.
    pub(crate) fn take_cells(&mut self, count: usize) -> Result<(), ReadError> {
        self.cells = self.cells.saturating_add(count);
        if self.cells > CELLS_MAX {
            return Err(ReadError::TooManyCells {
                max: CELLS_MAX as u64,
            });
        }
        Ok(())
    }

    /// Takes the text of one cell and checks its length.
    pub(crate) fn take_text(
        &mut self,
        text: &str,
        sheet: &str,
        at: (u32, usize),
    ) -> Result<(), ReadError> {
        // Bytes bound characters from above, so short texts need no count.
        if text.len() > CELL_CHARS_MAX && text.chars().count() > CELL_CHARS_MAX {
            let (row, column) = at;
            let cell = format!("{}{row}", super::column_letters(column));
            return Err(ReadError::CellTooLong {
                sheet: sheet.to_owned(),
                cell,
                max: CELL_CHARS_MAX as u64,
            });
        }
        self.text_bytes = self.text_bytes.saturating_add(text.len());
        if self.text_bytes > TEXT_BYTES_MAX {
            return Err(ReadError::TooMuchText {
                max_bytes: TEXT_BYTES_MAX as u64,
            });
        }
        Ok(())
    }
}

/// Refuses a row number beyond [`ROWS_MAX`].
pub(crate) fn check_row(row: u32) -> Result<(), ReadError> {
    if row > ROWS_MAX {
        Err(ReadError::TooManyRows { max: ROWS_MAX })
    } else {
        Ok(())
    }
}

/// Refuses a column (counted from 0) beyond [`COLUMNS_MAX`].
pub(crate) fn check_column(column: usize) -> Result<(), ReadError> {
    if column >= COLUMNS_MAX {
        Err(ReadError::TooManyColumns {
            max: COLUMNS_MAX as u64,
        })
    } else {
        Ok(())
    }
}
