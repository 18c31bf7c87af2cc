//! The receipt of a submission: what became of each row, with position and hash of the entry that records it.

use super::{SubmissionError, SubmissionInfo};
use crate::ledger::Ledger;
use probity_format::Hash;
use probity_format::events::Event;
use probity_types::{CivilDate, Position, RecordId, RowOutcome};
use std::collections::BTreeMap;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    /// Row of the file.
    pub row: u32,
    /// What became of it.
    pub outcome: RowOutcome,
    /// Whether a reviewer took it out.
    pub is_rejected: bool,
    /// Rule or reason, where it did not go in.
    pub why: String,
    /// The entry that records it, or the earlier one that did.
    pub entry: Option<(Position, Hash)>,
    /// The record.
    pub record: Option<RecordId>,
    /// When its act was decided, where it was recorded now.
    pub decided_on: Option<CivilDate>,
}

/// The rows that are settled so far, ascending; rows that a review took out among them.
///
/// # Errors
/// [`SubmissionError::Read`].
pub fn receipt(ledger: &Ledger, info: &SubmissionInfo) -> Result<Vec<ReceiptRow>, SubmissionError> {
    let mut rows: BTreeMap<u32, ReceiptRow> = BTreeMap::new();
    for (at, _) in &info.state.reviews {
        let Some(entry) = ledger.entry(*at)? else {
            continue;
        };
        if let Event::SubmissionReviewed(event) = &entry.event {
            for row in event.rejected.iter() {
                let rejected = ReceiptRow {
                    row: row.row,
                    outcome: RowOutcome::Refused,
                    is_rejected: true,
                    why: match row.rule.is_empty() {
                        true => row.reason.as_str().to_owned(),
                        false => format!("{}: {}", row.rule.as_str(), row.reason.as_str()),
                    },
                    entry: None,
                    record: None,
                    decided_on: None,
                };
                rows.insert(row.row, rejected);
            }
        }
    }
    for at in &info.state.settled {
        let Some(entry) = ledger.entry(*at)? else {
            continue;
        };
        if let Event::RowsSettled(event) = &entry.event {
            for row in event.rows.iter() {
                let found = match row.position.is_none() {
                    true => None,
                    false => ledger.entry(row.position)?,
                };
                let settled = ReceiptRow {
                    row: row.row,
                    outcome: row.outcome,
                    is_rejected: false,
                    why: row.rule.as_str().to_owned(),
                    entry: found.as_ref().map(|entry| (row.position, entry.hash)),
                    record: found.and_then(|entry| entry.event.record()),
                    decided_on: row.decided_on,
                };
                rows.insert(row.row, settled);
            }
        }
    }
    Ok(rows.into_values().collect())
}
