//! Rows of a waiting file as they stand in it, for whoever reviews them.

use super::content::read_content;
use super::{SubmissionError, SubmissionInfo};
use crate::import::ImportError;
use crate::ledger::Ledger;
use probity_ingest::read;
use probity_ingest::read::column_letters;

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledRow {
    /// Its number.
    pub row: u32,
    /// Cells that are not blank: address, header, text.
    pub cells: Vec<(String, String, String)>,
}

/// Rows of the sheet that was read: those `wanted`, and from the others every so many that about `most` are shown.
///
/// # Errors
/// [`SubmissionError::ContentGone`] once the submission is over.
pub fn sample(
    ledger: &Ledger,
    info: &SubmissionInfo,
    (sheet, header_row): (&str, u32),
    wanted: &[u32],
    most: usize,
) -> Result<Vec<SampledRow>, SubmissionError> {
    let bytes = read_content(ledger, &info.state)?;
    let file = read(&bytes).map_err(ImportError::from)?;
    let Some(table) = file.tables.iter().find(|table| table.sheet == sheet) else {
        return Ok(Vec::new());
    };
    let header = table.rows.iter().find(|row| row.number == header_row);
    let rows: Vec<_> = table
        .rows
        .iter()
        .filter(|row| row.number > header_row && !row.is_blank())
        .collect();
    let step = rows.len().div_ceil(most.max(1)).max(1);
    let is_sampled = |(at, row): &(usize, &&probity_ingest::read::Row)| {
        at % step == 0 || wanted.contains(&row.number)
    };
    let sampled = rows.iter().enumerate().filter(is_sampled);
    let cells = |row: &probity_ingest::read::Row| {
        let filled = row.cells.iter().enumerate();
        let filled = filled.filter(|(_, cell)| !cell.is_blank());
        filled
            .map(|(column, cell)| {
                let named = header.map(|header| header.cell(column).shown());
                let address = format!("{}{}", column_letters(column), row.number);
                (address, named.unwrap_or_default(), cell.shown())
            })
            .collect()
    };
    Ok(sampled
        .map(|(_, row)| SampledRow {
            row: row.number,
            cells: cells(row),
        })
        .collect())
}
