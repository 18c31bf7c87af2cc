//! What the command line prints about a file.

use probity_app::import::{Ending, ImportReport, bad_rows};
use probity_ingest::RowError;
use serde_json::{Value, json};

/// One row error as JSON.
pub fn row_error(error: &RowError) -> Value {
    json!({
        "sheet": error.sheet, "row": error.row, "column": error.column, "header": error.header, "field": error.field,
        "value": error.value, "rule": error.rule, "zh": error.zh, "en": error.en,
        "remedy_zh": error.remedy_zh, "remedy_en": error.remedy_en, "suggestion": error.suggestion,
    })
}

/// What became of a file, in one line.
pub fn summary_line(report: &ImportReport) -> String {
    let s = &report.summary;
    let ending = match report.ending {
        Ending::Imported if s.imported + s.parked == 0 => "nothing new 无新增",
        Ending::Imported => "imported 已入库",
        Ending::Rehearsed => "rehearsed, nothing changed 预演，未变更",
        Ending::Refused => "refused, nothing appended 已拒绝，未入库",
    };
    format!(
        "{ending}: rows {} = imported {} + refused {} + already there {} + parked {} (bad rows named: {}), position {}",
        s.rows,
        s.imported,
        s.refused,
        s.already_there,
        s.parked,
        bad_rows(&report.errors),
        s.position
    )
}
