//! Cells, rows and tables as read, before any meaning is given to them.
//!
//! A cell keeps its kind: an 18-digit number that stood in a numeric cell has lost digits, the same
//! digits in a text cell have not (complaints P14, P15).

/// The value of one cell with the kind it had in the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// Nothing, or only white space of length zero.
    #[default]
    Empty,
    /// Text as it stands, nothing trimmed.
    Text(String),
    /// A number cell of a workbook.
    Number(Number),
    /// A cell shown as a date: serial of the 1900 or 1904 system.
    Date(DateSerial),
    /// A logical cell.
    Boolean(bool),
    /// An error such as `#N/A`.
    Error(String),
}

/// A number cell, as plain decimal text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Shortest decimal text that reads back as the stored double, never with an exponent.
    pub text: String,
    /// Whether the text is surely what was typed: at most 15 significant digits. A double holds every
    /// decimal of 15 digits; from 16 digits on the last ones may be invented.
    pub exact: bool,
}

/// Days in the date system of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateSerial {
    /// Whole days and, after a point, the part of the day, as decimal text.
    pub text: String,
    /// Whether day 0 is 1904-01-01 (old Macintosh workbooks) in place of the 1900 system.
    pub system_1904: bool,
}

/// Significant decimal digits that a double always holds (`DBL_DIG`).
pub const EXACT_DIGITS_MAX: usize = 15;

impl Number {
    /// The number of a double; none for infinities and NaN.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let text = format!("{value}");
        let text = if text == "-0" { "0".to_owned() } else { text };
        let exact = significant_digits(&text) <= EXACT_DIGITS_MAX;
        Some(Self { text, exact })
    }

    /// The number of a whole number, always exact.
    pub fn from_i64(value: i64) -> Self {
        Self {
            text: value.to_string(),
            exact: true,
        }
    }

    /// Digits before the decimal point.
    pub fn whole_digits(&self) -> usize {
        self.text
            .split('.')
            .next()
            .unwrap_or("")
            .bytes()
            .filter(u8::is_ascii_digit)
            .count()
    }
}

/// Digits from the first to the last that is not a zero. Zeros at the end of a whole number count: a
/// double that prints as 650202199003070080 says nothing about its last digits.
fn significant_digits(text: &str) -> usize {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').len()
}

impl Cell {
    /// Whether the cell holds nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Date(_) | Self::Boolean(_) | Self::Error(_) => false,
        }
    }

    /// The cell as it would be shown in a message: the text, the digits, `TRUE`, `#N/A`.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Number(number) => number.text.clone(),
            Self::Date(serial) => serial.text.clone(),
            Self::Boolean(true) => "TRUE".to_owned(),
            Self::Boolean(false) => "FALSE".to_owned(),
        }
    }
}

/// One row that holds at least one cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Row number of the file, counted from 1 with the header and with blank rows.
    pub number: u32,
    /// Cells from column A on; cells after the last are empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column counted from 0; empty beyond the end.
    pub fn cell(&self, column: usize) -> &Cell {
        const EMPTY: &Cell = &Cell::Empty;
        self.cells.get(column).unwrap_or(EMPTY)
    }

    /// Whether every cell is blank.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// One sheet of a workbook, or the whole of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Sheet name, empty for CSV.
    pub sheet: String,
    /// Rows in order; rows without any cell are left out, so numbers may jump.
    pub rows: Vec<Row>,
}

/// The letters of a column counted from 0: A, B … Z, AA.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        // Always below 26, so it fits a byte.
        letters.push(b'A' + (rest % 26) as u8);
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_carry_the_letters_of_a_spreadsheet() {
        for (column, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (255, "IV"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn a_number_of_sixteen_digits_is_not_exact() {
        let number = |v: f64| Number::from_f64(v).map(|n| (n.text, n.exact));
        assert_eq!(number(348_870.0), Some(("348870".to_owned(), true)));
        assert_eq!(number(0.5), Some(("0.5".to_owned(), true)));
        assert_eq!(
            number(110_105_010_247_558.0),
            Some(("110105010247558".to_owned(), true))
        );
        assert_eq!(number(650_202_199_003_070_019.0).map(|n| n.1), Some(false));
        assert_eq!(
            number(4.40981E+17),
            Some(("440981000000000000".to_owned(), false))
        );
        assert_eq!(number(0.30000000000000004).map(|n| n.1), Some(false));
        assert_eq!(number(f64::NAN), None);
        assert_eq!(number(-0.0), Some(("0".to_owned(), true)));
    }
}
