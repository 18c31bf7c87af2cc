//! Rows.

use crate::table::Row;

/// The rows.
pub fn rows() -> Vec<Row> {
    Vec::new()
}
