//! A look over the records of a BIFF workbook before it is decoded.
//!
//! Why: the decoder lays every sheet out as a dense rectangle. Two cells in opposite corners of a
//! damaged file (row and column are 16 bits each) would ask for 4 billion cells, and a failed
//! allocation ends the program. Record = type u16, length u16, body, little endian; cell records
//! begin with row u16, column u16.

use super::ReadError;
use super::compound::{stream, u16_at};
use super::limits::{CELLS_MAX, COLUMNS_MAX};

const BOF: u16 = 0x0809;
/// FORMULA, BLANK, NUMBER, LABEL, BOOLERR, RSTRING, LABELSST, RK, MULRK, MULBLANK and BIFF2–4 forms.
const CELL_RECORDS: [u16; 16] = [
    0x0006, 0x0206, 0x0406, 0x0001, 0x0201, 0x0002, 0x0203, 0x0003, 0x0204, 0x0205, 0x00D6, 0x00FD,
    0x027E, 0x00BD, 0x00BE, 0x0007,
];

/// Checks that no sheet spans more than the limits.
///
/// # Errors
/// Too many columns or cells, or a compound file that cannot be walked.
pub(crate) fn check_extent(bytes: &[u8]) -> Result<Version, ReadError> {
    let detail = || "no workbook can be found in the compound file".to_owned();
    let stream = stream(bytes, &["Workbook", "Book"]).ok_or_else(|| ReadError::Damaged {
        kind: "workbook",
        detail: detail(),
    })?;
    check_records(&stream)?;
    // The first record is the beginning of the workbook globals; its body begins with the version.
    let biff8 = u16_at(&stream, 0) == Some(BOF) && u16_at(&stream, 4) == Some(0x0600);
    Ok(if biff8 {
        Version::Biff8
    } else {
        Version::Older
    })
}

/// What the first record says of the strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Strings are UTF-16, whatever code page the file names.
    Biff8,
    /// Strings are in the code page that the file names.
    Older,
}

fn check_records(stream: &[u8]) -> Result<(), ReadError> {
    let mut at = 0;
    let mut extent = Extent::default();
    let mut cells_total: usize = 0;
    while let (Some(kind), Some(length)) = (u16_at(stream, at), u16_at(stream, at + 2)) {
        let body = at + 4;
        if kind == BOF {
            cells_total = cells_total.saturating_add(extent.cells());
            extent = Extent::default();
        } else if CELL_RECORDS.contains(&kind)
            && length >= 4
            && let (Some(row), Some(column)) = (u16_at(stream, body), u16_at(stream, body + 2))
        {
            extent.add(row, column);
            if kind == 0x00BD || kind == 0x00BE {
                // The last two bytes of a record over several columns are the last column.
                let last = u16_at(stream, (body + usize::from(length)).saturating_sub(2));
                extent.add(row, last.unwrap_or(column));
            }
        }
        if extent.last_column >= COLUMNS_MAX {
            return Err(ReadError::TooManyColumns {
                max: COLUMNS_MAX as u64,
            });
        }
        if cells_total.saturating_add(extent.cells()) > CELLS_MAX {
            return Err(ReadError::TooManyCells {
                max: CELLS_MAX as u64,
            });
        }
        at = body + usize::from(length);
    }
    Ok(())
}

#[derive(Default)]
struct Extent {
    any: bool,
    last_row: usize,
    last_column: usize,
}

impl Extent {
    fn add(&mut self, row: u16, column: u16) {
        self.any = true;
        self.last_row = self.last_row.max(usize::from(row));
        self.last_column = self.last_column.max(usize::from(column));
    }

    fn cells(&self) -> usize {
        if self.any {
            (self.last_row + 1).saturating_mul(self.last_column + 1)
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number_record(row: u16, column: u16) -> Vec<u8> {
        let mut record = vec![0x03, 0x02, 14, 0];
        record.extend(row.to_le_bytes());
        record.extend(column.to_le_bytes());
        record.extend([0; 10]);
        record
    }

    #[test]
    fn cells_in_opposite_corners_are_refused_before_anything_is_laid_out() {
        let far = [number_record(0, 0), number_record(65_535, 65_535)].concat();
        assert_eq!(
            check_records(&far),
            Err(ReadError::TooManyColumns { max: 256 })
        );
        let tall = [number_record(0, 0), number_record(65_535, 255)].concat();
        assert_eq!(
            check_records(&tall),
            Err(ReadError::TooManyCells {
                max: CELLS_MAX as u64
            })
        );
        let usual = [
            number_record(0, 0),
            number_record(65_535, 20),
            vec![1, 2, 3],
        ]
        .concat();
        assert_eq!(check_records(&usual), Ok(()));
    }
}
