//! Why a whole file is refused before any row is looked at.

/// A file that cannot be read. Nothing of it is taken over: whole file or nothing (complaint P17).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than the limit.
    #[error("the file has {bytes} bytes, at most {max} are read")]
    TooLarge {
        /// Bytes of the file.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// No bytes, or no row with a cell.
    #[error("the file holds no rows")]
    Nothing,
    /// A text file whose bytes are neither strict UTF-8 nor strict GB18030.
    #[error(
        "byte {offset} (line {line}, column {column}) is not {encoding}: save the file again as CSV UTF-8"
    )]
    BadByte {
        /// Offset of the first bad byte, counted from 0 in the file as sent.
        offset: u64,
        /// Line, counted from 1.
        line: u64,
        /// Character in the line, counted from 1.
        column: u64,
        /// The encoding that came furthest.
        encoding: &'static str,
    },
    /// A kind of file that is not read.
    #[error("this is {found}; CSV, XLSX and XLS files are read")]
    UnknownKind {
        /// What the first bytes say.
        found: &'static str,
    },
    /// A quotation mark that is never closed swallows the rest of the file.
    #[error("the quotation mark opened in line {line} is never closed")]
    OpenQuote {
        /// Line of the mark, counted from 1.
        line: u64,
    },
    /// More rows than are read.
    #[error("more than {max} rows")]
    TooManyRows {
        /// The limit.
        max: u32,
    },
    /// More columns than are read.
    #[error("more than {max} columns")]
    TooManyColumns {
        /// The limit.
        max: u64,
    },
    /// More cells than are read.
    #[error("more than {max} cells")]
    TooManyCells {
        /// The limit.
        max: u64,
    },
    /// More sheets than are read.
    #[error("more than {max} sheets")]
    TooManySheets {
        /// The limit.
        max: u64,
    },
    /// More text than is read.
    #[error("more than {max_bytes} bytes of text")]
    TooMuchText {
        /// The limit.
        max_bytes: u64,
    },
    /// A workbook that unpacks beyond the limit.
    #[error("the workbook unpacks to more than {max_bytes} bytes")]
    UnpacksTooLarge {
        /// The limit.
        max_bytes: u64,
    },
    /// One cell with too much text.
    #[error("cell {cell} of sheet {sheet:?} has more than {max} characters")]
    CellTooLong {
        /// Sheet name, empty for CSV.
        sheet: String,
        /// Address such as `D7`.
        cell: String,
        /// The limit.
        max: u64,
    },
    /// A workbook or CSV file that is cut off or otherwise damaged.
    #[error("the {kind} is damaged: {detail}; open it and save it again")]
    Damaged {
        /// `workbook` or `CSV file`.
        kind: &'static str,
        /// What the decoder met.
        detail: String,
    },
}

impl ReadError {
    /// Stable code of the refusal.
    pub fn key(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "file.too_large",
            Self::Nothing => "file.nothing",
            Self::BadByte { .. } => "file.bad_byte",
            Self::UnknownKind { .. } => "file.kind",
            Self::OpenQuote { .. } => "file.open_quote",
            Self::TooManyRows { .. } => "file.rows_max",
            Self::TooManyColumns { .. } => "file.columns_max",
            Self::TooManyCells { .. } => "file.cells_max",
            Self::TooManySheets { .. } => "file.sheets_max",
            Self::TooMuchText { .. } => "file.text_max",
            Self::UnpacksTooLarge { .. } => "file.unpacked_max",
            Self::CellTooLong { .. } => "cell.too_long",
            Self::Damaged { .. } => "file.damaged",
        }
    }

    /// English text.
    pub fn en(&self) -> String {
        self.to_string()
    }

    /// Simplified Chinese text.
    pub fn zh(&self) -> String {
        match self {
            Self::TooLarge { bytes, max } => format!("文件共{bytes}字节，最多{max}字节"),
            Self::Nothing => "文件中没有任何数据行".to_owned(),
            Self::BadByte {
                offset,
                line,
                column,
                encoding,
            } => format!(
                "第{offset}字节（第{line}行第{column}个字符）不符合{encoding}编码，请另存为CSV UTF-8后重新上传"
            ),
            Self::UnknownKind { found } => format!("文件类型为{found}，只接受CSV、XLSX和XLS"),
            Self::OpenQuote { line } => format!("第{line}行的引号没有闭合"),
            Self::TooManyRows { max } => format!("超过{max}行"),
            Self::TooManyColumns { max } => format!("超过{max}列"),
            Self::TooManyCells { max } => format!("超过{max}个单元格"),
            Self::TooManySheets { max } => format!("超过{max}个工作表"),
            Self::TooMuchText { max_bytes } => format!("文字总量超过{max_bytes}字节"),
            Self::UnpacksTooLarge { max_bytes } => format!("工作簿解压后超过{max_bytes}字节"),
            Self::CellTooLong { sheet, cell, max } => {
                format!("工作表“{sheet}”单元格{cell}超过{max}个字符")
            }
            Self::Damaged { detail, .. } => format!("文件已损坏（{detail}），请打开后重新保存"),
        }
    }
}
