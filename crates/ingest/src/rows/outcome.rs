//! What reading a file gives back: reports, refused rows, remarks, or the refusal of the whole.

use crate::read::FileForm;
use probity_domain::report::Report;
use std::collections::BTreeMap;

/// Most row errors and most warnings that are listed; further ones are counted only.
pub const LISTED_MAX: usize = 100_000;

/// A file as it would be taken over, for the rehearsal page and for the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Kind and encoding as guessed; to be shown before anything is committed.
    pub form: FileForm,
    /// Sheet that was read, empty for CSV.
    pub sheet: String,
    /// Row of the header, counted from 1.
    pub header_row: u32,
    /// Where each field and identifier kind stands, as far as the file has it.
    pub columns: BTreeMap<String, Place>,
    /// Data rows: all rows after the header but blank ones and totals.
    pub rows: u64,
    /// Rows among them that are refused.
    pub refused: u64,
    /// Accepted rows by row number of the file.
    pub reports: Vec<(u32, Report)>,
    /// Every fault of every refused row, at most [`LISTED_MAX`].
    pub errors: Vec<RowError>,
    /// Remarks on accepted rows and on the file, at most [`LISTED_MAX`].
    pub warnings: Vec<Warning>,
    /// Errors and warnings beyond [`LISTED_MAX`].
    pub unlisted: u64,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its letters.
    pub letters: String,
    /// Its header as it stands in the file.
    pub header: String,
}

/// One fault of one cell. A row with a fault is refused whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Sheet, empty for CSV.
    pub sheet: String,
    /// Row of the file, counted from 1.
    pub row: u32,
    /// Letters of the column, empty where the file has no such column.
    pub column: String,
    /// Header as it stands in the file.
    pub header: String,
    /// Field or identifier kind that was read.
    pub field: String,
    /// The value, masked where it may be a person's.
    pub value: String,
    /// Stable code such as `identifier.check`, `date.form`, `field.required`.
    pub rule: String,
    /// What is wrong, Simplified Chinese.
    pub zh: String,
    /// What is wrong, English.
    pub en: String,
    /// What to do, Simplified Chinese.
    pub remedy_zh: String,
    /// What to do, English.
    pub remedy_en: String,
    /// A value that may be meant; never applied. Masked where it may be a person's.
    pub suggestion: Option<String>,
}

impl RowError {
    /// Cell address such as `D7`.
    pub fn address(&self) -> String {
        format!("{}{}", self.column, self.row)
    }
}

/// A remark on an accepted value, a row that was passed over, or the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Sheet, empty for CSV.
    pub sheet: String,
    /// Row of the file, 0 for the whole file.
    pub row: u32,
    /// Letters of the column, empty where none is meant.
    pub column: String,
    /// Field or identifier kind, empty where none is meant.
    pub field: String,
    /// Stable code such as `identifier.credit-code-instead`.
    pub rule: String,
    /// Simplified Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}

/// Why no row of a file is read with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// The profile says that files of this form are no credit data.
    #[error("{reason_en}")]
    NotCreditData {
        /// Simplified Chinese reason.
        reason_zh: String,
        /// English reason.
        reason_en: String,
    },
    /// The sheet that the profile names is not there.
    #[error("no sheet {sheet:?}; found: {}", found.join(", "))]
    NoSheet {
        /// Name in the profile.
        sheet: String,
        /// Names in the file.
        found: Vec<String>,
    },
    /// No row holds all required headers.
    #[error(
        "no header row in the first {rows} rows; the closest is row {closest} without {}; it has: {}",
        missing.join(", "), found.join(", ")
    )]
    HeaderMissing {
        /// Rows that were looked at.
        rows: u32,
        /// Row with the most required headers, 0 where no row holds any cell.
        closest: u32,
        /// Required headers that it lacks, as the profile calls them.
        missing: Vec<String>,
        /// What it has.
        found: Vec<String>,
    },
    /// Two columns answer to one field.
    #[error("columns {} have headers for the same field {field}", columns.join(" and "))]
    HeaderTwice {
        /// Field or identifier header.
        field: String,
        /// Letters of the columns.
        columns: Vec<String>,
    },
}

impl FileRefusal {
    /// Stable code.
    pub fn key(&self) -> &'static str {
        match self {
            Self::NotCreditData { .. } => "file.not_credit_data",
            Self::NoSheet { .. } => "file.no_sheet",
            Self::HeaderMissing { .. } => "header.missing",
            Self::HeaderTwice { .. } => "header.twice",
        }
    }

    /// English text.
    pub fn en(&self) -> String {
        self.to_string()
    }

    /// Simplified Chinese text.
    pub fn zh(&self) -> String {
        match self {
            Self::NotCreditData { reason_zh, .. } => reason_zh.clone(),
            Self::NoSheet { sheet, found } => {
                format!("没有名为“{sheet}”的工作表；现有：{}", found.join("、"))
            }
            Self::HeaderMissing {
                rows,
                closest,
                missing,
                found,
            } => format!(
                "前{rows}行中没有表头；最接近的是第{closest}行，缺少：{}；该行有：{}",
                missing.join("、"),
                found.join("、")
            ),
            Self::HeaderTwice { field, columns } => {
                format!("{}列的表头对应同一字段{field}", columns.join("、"))
            }
        }
    }
}
