//! Text of a CSV file to one table. Comma, double quotes, CRLF or LF; the separator is never guessed.

use super::limits::{Budget, check_column, check_row};
use super::{Cell, ReadError, Row, Table};

/// Reads CSV text.
///
/// # Errors
/// An open quotation mark, a limit, or a fault of the CSV reader; never half a file.
pub fn read_csv(text: &str) -> Result<Table, ReadError> {
    if let Some(line) = open_quote(text) {
        return Err(ReadError::OpenQuote { line });
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut budget = Budget::default();
    let mut table = Table::default();
    let mut record = csv::StringRecord::new();
    let mut number: u32 = 0;
    loop {
        let start = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let more = reader
            .read_record(&mut record)
            .map_err(|error| ReadError::Damaged {
                kind: "CSV file",
                detail: error.to_string(),
            })?;
        if !more {
            return Ok(table);
        }
        // The reader passes over blank lines without a word; a spreadsheet counts them as rows.
        number = number
            .saturating_add(blank_lines(text, start))
            .saturating_add(1);
        check_row(number)?;
        check_column(record.len().saturating_sub(1))?;
        budget.take_cells(record.len())?;
        let mut cells = Vec::with_capacity(record.len());
        for (column, value) in record.iter().enumerate() {
            budget.take_text(value, "", (number, column))?;
            cells.push(if value.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(value.to_owned())
            });
        }
        table.rows.push(Row { number, cells });
    }
}

/// Line ends that stand at `start`, where the reader stopped after a record.
fn blank_lines(text: &str, start: usize) -> u32 {
    let bytes = text.as_bytes();
    let mut at = start;
    // A record that ended with CR leaves its LF behind.
    if at > 0 && bytes.get(at - 1) == Some(&b'\r') && bytes.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut lines: u32 = 0;
    loop {
        at += match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => return lines,
        };
        lines = lines.saturating_add(1);
    }
}

/// Line of a quotation mark that opens a field and is never closed.
fn open_quote(text: &str) -> Option<u64> {
    let mut bytes = text.bytes().peekable();
    let (mut line, mut opened, mut field_start) = (1_u64, None, true);
    while let Some(byte) = bytes.next() {
        if byte == b'\n' {
            line += 1;
        }
        if opened.is_some() {
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                opened = None;
            }
            continue;
        }
        if byte == b'"' && field_start {
            opened = Some(line);
        }
        field_start = matches!(byte, b',' | b'\n' | b'\r');
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(u32, Vec<String>)> {
        let table = read_csv(text).expect("reads");
        table
            .rows
            .iter()
            .map(|r| (r.number, r.cells.iter().map(Cell::shown).collect()))
            .collect()
    }

    #[test]
    fn quoted_commas_line_ends_and_blank_lines_are_read() {
        let rows = shown("a,b\r\n\r\n\"x, y\",\"say \"\"so\"\"\"\r\n\n\nlast\n");
        let expected = [
            (1, vec!["a".to_owned(), "b".to_owned()]),
            (3, vec!["x, y".to_owned(), "say \"so\"".to_owned()]),
            (6, vec!["last".to_owned()]),
        ];
        assert_eq!(rows, expected);
        assert_eq!(
            shown("\n\"two\nlines\"\nnext")
                .iter()
                .map(|r| r.0)
                .collect::<Vec<_>>(),
            [2, 3]
        );
        assert_eq!(shown(""), []);
    }

    #[test]
    fn an_open_quotation_mark_is_not_allowed_to_swallow_the_file() {
        assert_eq!(
            read_csv("a,b\nc,\"d\ne,f\n"),
            Err(ReadError::OpenQuote { line: 2 })
        );
        assert!(read_csv("a,5\"\nb,c\n").is_ok());
    }

    #[test]
    fn limits_are_kept() {
        let wide = ",".repeat(256);
        assert_eq!(read_csv(&wide), Err(ReadError::TooManyColumns { max: 256 }));
        assert!(read_csv(&",".repeat(255)).is_ok());
        let long = "长".repeat(32_768);
        assert!(
            matches!(read_csv(&long), Err(ReadError::CellTooLong { cell, .. }) if cell == "A1")
        );
        assert!(read_csv(&"长".repeat(32_767)).is_ok());
    }
}
