//! The TOML form of an import profile, as written. Meaning is checked in [`super`].

use probity_types::{IdentifierKind, ListingProcedure, MoneyUnit, Role, SubjectKind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the rows of a file become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// Each row is a record of one of the seven categories.
    Record,
    /// Each row is a membership of a list.
    Listing,
    /// Each row is what a register says about a subject.
    Register,
    /// The file is something else: refused whole, with the reason.
    NotCreditData,
}

/// Whether a column must be there and must be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The header must be found and every row must hold a value.
    Required,
    /// The header must be found, single rows may be empty.
    Column,
    /// Neither is needed.
    #[default]
    Optional,
}

/// What a faulty identifier does to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFault {
    /// The row is refused.
    #[default]
    Refuse,
    /// The identifier is left out with a warning; another one says who it is.
    Drop,
}

/// What a space inside an identifier does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InnerSpaces {
    /// A fault; the value without spaces is suggested. Scanned lists lose characters at line breaks.
    #[default]
    Refuse,
    /// Taken out with a warning, then every check must hold.
    Remove,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileSource {
    pub id: String,
    pub version: String,
    pub title_zh: String,
    pub title_en: String,
    pub origin: String,
    #[serde(default)]
    pub notes: String,
    pub kind: ProfileKind,
    pub reason_zh: Option<String>,
    pub reason_en: Option<String>,
    pub sheet: Option<String>,
    /// Sheets that explain the file and hold no data.
    #[serde(default)]
    pub unread_sheets: Vec<String>,
    pub header_rows_max: Option<u32>,
    #[serde(default)]
    pub headers: Vec<String>,
    #[serde(default)]
    pub absent: Vec<String>,
    #[serde(default)]
    pub totals: Vec<String>,
    pub record: Option<RecordSource>,
    pub listing: Option<ListingSource>,
    pub register: Option<RegisterSource>,
    pub subject: Option<SubjectSource>,
    pub standing: Option<StandingSource>,
    #[serde(default, rename = "constant")]
    pub constants: Vec<ConstantSource>,
    #[serde(default, rename = "column")]
    pub columns: Vec<ColumnSource>,
    #[serde(default, rename = "identifier")]
    pub identifiers: Vec<IdentifierSource>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordSource {
    pub subcategory: String,
    pub role: Role,
    /// Field whose value is the role of the subject, where a row gives it.
    pub role_field: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListingSource {
    pub list: String,
    pub procedure: ListingProcedure,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterSource {
    pub says: RegisterRow,
}

/// What each row of a register says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterRow {
    /// A subject is registered.
    Registration,
    /// It bears another name.
    Rename,
    /// A person holds a practice certificate.
    Certificate,
}

impl RegisterRow {
    /// Fields of its own that every row needs.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Registration => &[],
            Self::Rename => &["new_name", "effective_on"],
            Self::Certificate => &["group", "title", "number", "issuer", "issued_on"],
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectSource {
    pub kind: Option<SubjectKind>,
    #[serde(default)]
    pub kind_by_identifier: bool,
    #[serde(default)]
    pub region_from_institution_code: bool,
}

/// Words of a column that says whether the act of a row still holds; any other word is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingSource {
    pub headers: Vec<String>,
    /// The row is read.
    pub stands: Vec<String>,
    /// The row is read, with a remark.
    #[serde(default)]
    pub disputed: Vec<String>,
    /// The row is refused.
    #[serde(default)]
    pub revoked: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConstantSource {
    pub field: String,
    #[serde(rename = "type")]
    pub field_type: Option<String>,
    pub value: String,
    pub unit: Option<MoneyUnit>,
}

/// One era of a value map, read by a date of the same row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EraSource {
    #[serde(default)]
    pub valid_from: String,
    #[serde(default)]
    pub valid_to: String,
    pub values: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnSource {
    pub field: String,
    pub headers: Vec<String>,
    #[serde(default)]
    pub else_headers: Vec<Vec<String>>,
    #[serde(default)]
    pub append_headers: Vec<Vec<String>>,
    #[serde(rename = "type")]
    pub field_type: Option<String>,
    #[serde(default)]
    pub need: Need,
    pub unit: Option<MoneyUnit>,
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    #[serde(default, rename = "era")]
    pub eras: Vec<EraSource>,
    pub dated_by: Option<String>,
    #[serde(default)]
    pub split: String,
    #[serde(default)]
    pub personal: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentifierSource {
    pub kind: Option<IdentifierKind>,
    #[serde(default)]
    pub kind_headers: Vec<String>,
    #[serde(default)]
    pub kinds: BTreeMap<String, IdentifierKind>,
    pub headers: Vec<String>,
    #[serde(default)]
    pub need: Need,
    #[serde(default)]
    pub needed_for: Vec<SubjectKind>,
    #[serde(default)]
    pub fault: OnFault,
    #[serde(default)]
    pub inner_spaces: InnerSpaces,
}

impl IdentifierSource {
    /// An identifier under a header, of no kind yet.
    pub(crate) fn under(header: &str) -> Self {
        Self {
            kind: None,
            kind_headers: Vec::new(),
            kinds: BTreeMap::new(),
            headers: vec![header.to_owned()],
            need: Need::default(),
            needed_for: Vec::new(),
            fault: OnFault::default(),
            inner_spaces: InnerSpaces::default(),
        }
    }
}
