//! A look over the records of a BIFF workbook before it is decoded.
//!
//! Why: the decoder lays every sheet out as a dense rectangle and takes memory for the dimensions that
//! a sheet states. Two cells in opposite corners of a damaged file (row and column are 16 bits each)
//! would ask for 4 billion cells, and a failed allocation ends the program. Record = type u16, length
//! u16, body, little endian; cell records begin with row u16, column u16. A sheet is walked from the
//! offset that its BOUNDSHEET record names to its EOF, as the decoder does.

use super::ReadError;
use super::compound::{stream, u16_at, u32_at};
use super::limits::{CELLS_MAX, COLUMNS_MAX, SHEETS_MAX};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const BOUNDSHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const MULRK: u16 = 0x00BD;
/// FORMULA of BIFF3 and BIFF4. The Java Excel API writes the latter into BIFF8 files, where the decoder
/// passes over it: the cell would read as empty.
const OLD_FORMULAS: [u16; 2] = [0x0206, 0x0406];
/// FORMULA, NUMBER, LABEL, RSTRING, BOOLERR, LABELSST, RK, MULRK.
const CELL_RECORDS: [u16; 8] = [
    0x0006, 0x0203, 0x0204, 0x00D6, 0x0205, 0x00FD, 0x027E, MULRK,
];

/// What the look over found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    /// What the first record says of the strings.
    pub version: Version,
    /// Per sheet in file order, formula cells that the decoder passes over.
    pub passed_over: Vec<Vec<PassedOver>>,
}

/// Form of the strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Strings are UTF-16, whatever code page the file names.
    Biff8,
    /// Strings are in the code page that the file names.
    Older,
}

/// A formula cell in a record of an older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PassedOver {
    /// Row and column, counted from 0.
    pub position: (u32, u32),
    /// Bits of the double that was computed last; none for text, logical values and errors.
    pub number_bits: Option<u64>,
}

/// Checks that the sheets together stay below the limits.
///
/// # Errors
/// Too many sheets, columns or cells, or a file that cannot be walked.
pub(crate) fn scan(bytes: &[u8]) -> Result<Scan, ReadError> {
    let stream = stream(bytes, &["Workbook", "Book"]).ok_or_else(no_workbook)?;
    scan_stream(&stream)
}

fn no_workbook() -> ReadError {
    let detail = "no workbook can be found in the compound file".to_owned();
    ReadError::Damaged {
        kind: "workbook",
        detail,
    }
}

fn scan_stream(stream: &[u8]) -> Result<Scan, ReadError> {
    // The version is the first word of the body of the first record.
    let biff8 = u16_at(stream, 0) == Some(BOF) && u16_at(stream, 4) == Some(0x0600);
    let version = if biff8 {
        Version::Biff8
    } else {
        Version::Older
    };
    let sheets = Records { stream, at: 0 }.take_while(|record| record.kind != EOF);
    let offsets: Vec<u32> = sheets
        .filter(|r| r.kind == BOUNDSHEET)
        .filter_map(|r| u32_at(r.body, 0))
        .collect();
    if offsets.len() > SHEETS_MAX {
        return Err(ReadError::TooManySheets {
            max: SHEETS_MAX as u64,
        });
    }
    let mut cells_total: usize = 0;
    let mut passed_over = Vec::new();
    for offset in offsets {
        let at = usize::try_from(offset)
            .ok()
            .filter(|at| *at <= stream.len())
            .ok_or_else(no_workbook)?;
        let (extent, passed) = scan_sheet(Records { stream, at })?;
        cells_total = cells_total.saturating_add(extent.cells());
        if cells_total > CELLS_MAX {
            return Err(ReadError::TooManyCells {
                max: CELLS_MAX as u64,
            });
        }
        passed_over.push(passed);
    }
    Ok(Scan {
        version,
        passed_over,
    })
}

fn scan_sheet(records: Records<'_>) -> Result<(Extent, Vec<PassedOver>), ReadError> {
    let mut extent = Extent::default();
    let mut passed = Vec::new();
    let (mut begun, mut nested) = (false, 0_usize);
    for Record { kind, body } in records {
        match (kind, nested, begun) {
            (BOF, 0, false) => begun = true,
            // An embedded chart has records of its own.
            (BOF, ..) => nested += 1,
            (EOF, 0, _) => break,
            (EOF, ..) => nested -= 1,
            (_, 0, _) => look_at(kind, body, &mut extent, &mut passed)?,
            _ => {}
        }
    }
    Ok((extent, passed))
}

fn look_at(
    kind: u16,
    body: &[u8],
    extent: &mut Extent,
    passed: &mut Vec<PassedOver>,
) -> Result<(), ReadError> {
    if kind == DIMENSIONS {
        return check_dimensions(body);
    }
    let old_formula = OLD_FORMULAS.contains(&kind);
    if !old_formula && !CELL_RECORDS.contains(&kind) {
        return Ok(());
    }
    let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2)) else {
        return Ok(());
    };
    // The last two bytes of a record over several columns are the last column.
    let last = if kind == MULRK {
        u16_at(body, body.len().saturating_sub(2))
    } else {
        None
    };
    extent.add(row, usize::from(column.max(last.unwrap_or(0))));
    if extent.last_column >= COLUMNS_MAX {
        return Err(ReadError::TooManyColumns {
            max: COLUMNS_MAX as u64,
        });
    }
    if old_formula {
        // Six bytes of position and format, then the value; 0xFFFF at its end marks what is no number.
        let number = body
            .get(6..14)
            .and_then(|b| b.try_into().ok())
            .map(u64::from_le_bytes);
        let number_bits = number.filter(|bits| bits >> 48 != 0xFFFF);
        passed.push(PassedOver {
            position: (u32::from(row), u32::from(column)),
            number_bits,
        });
    }
    Ok(())
}

/// First row, row after the last, first column, column after the last: rows of 32 bits in BIFF8.
fn check_dimensions(body: &[u8]) -> Result<(), ReadError> {
    let narrow = |at| u16_at(body, at).map(u32::from);
    let read = match body.len() {
        10 => (narrow(0), narrow(2), narrow(4), narrow(6)),
        _ => (u32_at(body, 0), u32_at(body, 4), narrow(8), narrow(10)),
    };
    let (Some(top), Some(bottom), Some(left), Some(right)) = read else {
        return Err(no_workbook());
    };
    // The decoder subtracts: the wrong way round it would ask for 4 billion rows.
    if bottom > 0 && right > 0 && top >= bottom {
        return Err(no_workbook());
    }
    let columns = if left > 0xFF || right < left {
        right
    } else {
        right - left
    };
    let cells = u64::from(bottom.saturating_sub(top)).saturating_mul(u64::from(columns));
    if cells > CELLS_MAX as u64 {
        return Err(ReadError::TooManyCells {
            max: CELLS_MAX as u64,
        });
    }
    Ok(())
}

struct Record<'a> {
    kind: u16,
    body: &'a [u8],
}

struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (kind, length) = (
            u16_at(self.stream, self.at)?,
            u16_at(self.stream, self.at + 2)?,
        );
        let end = self.at + 4 + usize::from(length);
        let body = self.stream.get(self.at + 4..end)?;
        self.at = end;
        Some(Record { kind, body })
    }
}

#[derive(Default)]
struct Extent {
    any: bool,
    last_row: usize,
    last_column: usize,
}

impl Extent {
    fn add(&mut self, row: u16, column: usize) {
        self.any = true;
        self.last_row = self.last_row.max(usize::from(row));
        self.last_column = self.last_column.max(column);
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

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("short");
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), body].concat()
    }

    fn cell(kind: u16, row: u16, column: u16, value: f64) -> Vec<u8> {
        let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
        record(kind, &[&place[..], &value.to_le_bytes()].concat())
    }

    /// A workbook whose sheets all begin at the same records.
    fn workbook(sheets: usize, cells: &[Vec<u8>]) -> Vec<u8> {
        let begin = record(BOF, &[0, 6, 5, 0]);
        let globals = begin.len() + sheets * 12 + 4;
        let offset = u32::try_from(globals).expect("short").to_le_bytes();
        let bound = record(BOUNDSHEET, &[&offset[..], &[0, 0, 1, 0]].concat());
        [
            begin,
            bound.repeat(sheets),
            record(EOF, &[]),
            record(BOF, &[0, 6, 16, 0]),
            cells.concat(),
            record(EOF, &[]),
        ]
        .concat()
    }

    fn verdict(sheets: usize, cells: &[Vec<u8>]) -> Result<(), ReadError> {
        scan_stream(&workbook(sheets, cells)).map(|_| ())
    }

    #[test]
    fn cells_in_opposite_corners_are_refused_before_anything_is_laid_out() {
        let number = |row, column| cell(0x0203, row, column, 1.0);
        let wide = Err(ReadError::TooManyColumns { max: 256 });
        let many = Err(ReadError::TooManyCells {
            max: CELLS_MAX as u64,
        });
        assert_eq!(verdict(1, &[number(0, 0), number(65_535, 65_535)]), wide);
        assert_eq!(verdict(1, &[number(0, 0), number(65_535, 255)]), many);
        let usual = [number(0, 0), number(65_535, 20)];
        assert_eq!(verdict(1, &usual), Ok(()));
        assert_eq!(
            verdict(9, &usual),
            many,
            "nine sheets that share the records of one"
        );
        assert_eq!(verdict(65, &[]), Err(ReadError::TooManySheets { max: 64 }));
    }

    #[test]
    fn dimensions_that_ask_for_billions_are_refused() {
        let stated = |rows: [u32; 2], columns: [u16; 2]| {
            let rows = rows.map(u32::to_le_bytes).concat();
            record(
                DIMENSIONS,
                &[&rows[..], &columns.map(u16::to_le_bytes).concat(), &[0, 0]].concat(),
            )
        };
        let many = Err(ReadError::TooManyCells {
            max: CELLS_MAX as u64,
        });
        assert_eq!(verdict(1, &[stated([0, u32::MAX], [0, 256])]), many);
        assert_eq!(verdict(1, &[stated([9, 3], [0, 5])]), Err(no_workbook()));
        assert_eq!(verdict(1, &[stated([0, 3762], [0, 12])]), Ok(()));
        assert_eq!(
            verdict(1, &[stated([0, 0], [0, 0])]),
            Ok(()),
            "an empty sheet"
        );
    }

    /// The licence feed of Xinjiang holds `4.0` in A1 in such a record; the decoder saw an empty cell.
    #[test]
    fn formula_records_of_older_versions_are_kept() {
        let found = scan_stream(&workbook(1, &[cell(0x0406, 0, 0, 4.0)])).expect("scans");
        assert_eq!(found.version, Version::Biff8);
        let cell = PassedOver {
            position: (0, 0),
            number_bits: Some(4.0_f64.to_bits()),
        };
        assert_eq!(found.passed_over, [vec![cell]]);
    }
}
