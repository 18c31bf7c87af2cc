//! A recipient: which agency, what for, which classes, and the tables of its own database.

use crate::command::Failed;
use crate::command::push::profile::read_toml;
use probity_types::QueryPurpose;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// Most characters of a table's name: PostgreSQL cuts longer ones off.
const TABLE_CHARS_MAX: usize = 48;

/// A recipient's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipient {
    /// Names the recipient in its own database.
    pub(super) id: String,
    /// What it is, Chinese.
    pub(super) title_zh: String,
    /// The same in English.
    pub(super) title_en: String,
    /// Table of records.
    pub(super) records_table: String,
    /// Table of memberships of lists.
    pub(super) listings_table: String,
    /// Positions of a page, 1 to 200.
    pub(super) page: u32,
    /// What the register admits it to.
    pub(super) admission: Admission,
}

/// What the register admits it to: the request, word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admission {
    pub(super) agency: String,
    pub(super) purpose: QueryPurpose,
    pub(super) basis: String,
    pub(super) subcategories: BTreeSet<String>,
    pub(super) lists: BTreeSet<String>,
    pub(super) acknowledge_days: u32,
}

impl Recipient {
    /// Reads a recipient's file.
    ///
    /// # Errors
    /// It does not read, or a table's name is none.
    pub(super) fn read(path: &Path) -> Result<Self, Failed> {
        let recipient: Self = read_toml(path)?;
        for table in [&recipient.records_table, &recipient.listings_table] {
            let is_plain = |c: char| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit();
            let is_name = table.starts_with(|c: char| c.is_ascii_lowercase())
                && table.chars().all(is_plain)
                && table.len() <= TABLE_CHARS_MAX;
            if !is_name {
                return Err(Failed::not_run(format!(
                    "{}：表名应为小写字母、数字与下划线 · a table's name has lower-case letters, digits and _, not {table}",
                    path.display()
                )));
            }
        }
        Ok(recipient)
    }
}
