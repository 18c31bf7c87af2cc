//! The form of a record class: the workbook that a source fills in, and the profile that reads it back.
//!
//! Both come from one plan of columns, and the plan from the catalogue in force: a class that a new version of the catalogue
//! adds has its form without any code. In scope: which columns, under which headers, with which values to choose from. Out of
//! scope: whether a record is right (`probity-rules`).

mod dictionary;
mod plan;
mod profile;
mod workbook;

pub use dictionary::{dictionary_csv, dictionary_markdown};
pub use plan::{Form, FormColumn, Kind, need_zh};
pub use workbook::FormError;

use crate::read::Table;
use probity_names::fold_header;

/// First cell of the line that says which class a form is for; the class's code stands beside it.
pub const MARKER: &str = "子类代码";
/// Sheet that explains the columns.
pub const NOTES_SHEET: &str = "填写说明";
/// Hidden sheet that holds the values to choose from.
pub const LISTS_SHEET: &str = "代码表";
/// Rows in which the marker is looked for.
const MARKER_ROWS_MAX: u32 = 10;

/// Begin of the ids of profiles that come from forms; the class's code follows in lower case.
pub const PROFILE_PREFIX: &str = "form-";

/// The class whose form a table is, as its marker says; none where it has no marker.
pub fn marked_class(table: &Table) -> Option<String> {
    let rows = table.rows.iter();
    let mut looked_at = rows.take_while(|row| row.number <= MARKER_ROWS_MAX);
    let row = looked_at.find(|row| fold_header(&row.cell(0).shown()) == MARKER)?;
    let code = row.cell(1).shown().trim().to_owned();
    is_code(&code).then_some(code)
}

/// Two letters and three digits, as every class of the catalogue is called.
fn is_code(text: &str) -> bool {
    let (letters, digits) = text.as_bytes().split_at(text.len().min(2));
    text.len() == 5
        && letters.iter().all(u8::is_ascii_uppercase)
        && digits.iter().all(u8::is_ascii_digit)
}

/// The class that a profile's id names; none where it is no profile of a form.
pub fn class_of_profile(id: &str) -> Option<String> {
    let code = id.strip_prefix(PROFILE_PREFIX)?.to_ascii_uppercase();
    is_code(&code).then_some(code)
}

#[cfg(test)]
mod tests;
