//! Import profiles: which header means which field, in which unit, with which constants.
//!
//! A profile is data (TOML) and is checked whole when it is loaded: an unknown key, an unknown field
//! type or a field that is both mapped and declared absent is an error of the profile, not of the
//! file that comes later. A profile has no filter: every data row is read, or refused by name.
//!
//! ```toml
//! id = "…"            version = "1"       kind = "record" | "listing" | "register" | "not_credit_data"
//! absent = ["…"]      # fields the source lacks, declared
//! [record]            # subcategory, role, role_field; or [listing] list, procedure; or [register] says
//! [subject]           # kind, or kind_by_identifier; region_from_institution_code
//! [standing]          # headers, stands, disputed, revoked: whether the act of a row still holds
//! [[constant]]        # field, type, value, unit
//! [[column]]          # field, headers, else_headers, append_headers, type, need, unit, values, era, split
//! [[identifier]]      # kind (or kind_headers + kinds), headers, need, needed_for, fault, inner_spaces
//! ```

mod aliases;
mod builtin;
mod source;
mod validate;

pub(crate) use aliases::aliases;
pub use builtin::{builtin_profile, builtin_profiles, builtin_texts, detect_among, detect_profile};
pub(crate) use source::{ColumnSource, EraSource, IdentifierSource, ProfileSource, RecordSource};
pub use source::{InnerSpaces, Need, OnFault, ProfileKind, RegisterRow};

use probity_types::{
    CivilDate, FieldType, FieldValue, IdentifierKind, ListingProcedure, MoneyUnit, Role,
    SubjectKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a field of a record has a place of its own in a report, and with it a type that no profile gives.
pub(crate) fn is_reserved(field: &str) -> bool {
    let target = Target::Record {
        subcategory: String::new(),
        role: Role::Party,
    };
    crate::fields::reserved_type(field, &target).is_some()
}

/// Rows looked at for the header when the profile does not say.
pub const HEADER_ROWS_MAX: u32 = 10;

/// A profile that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, an unknown key, or a key of the wrong type.
    #[error("import profile: {0}")]
    Form(String),
    /// A statement that contradicts itself or names something unknown.
    #[error("import profile {profile:?}, {at}: {fault}")]
    Meaning {
        /// Id of the profile.
        profile: String,
        /// Which part.
        at: String,
        /// What is wrong and what would be right.
        fault: String,
    },
}

/// A checked import profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Stable id, lower case with hyphens.
    pub id: String,
    /// Version; changes whenever the meaning of a row changes.
    pub version: String,
    /// Simplified Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Where files of this form come from.
    pub origin: String,
    /// Remarks for the reader of the profile, for example which list ids are this product's own.
    pub notes: String,
    /// Sheet by name; none = the first sheet that has rows.
    pub sheet: Option<String>,
    /// Rows looked at for the header.
    pub header_rows_max: u32,
    /// Fields the source lacks.
    pub absent: BTreeSet<String>,
    /// What the rows become.
    pub target: Target,
    pub(crate) totals: Vec<String>,
    pub(crate) marker_headers: Vec<String>,
    pub(crate) unread_sheets: BTreeSet<String>,
    pub(crate) role_field: Option<String>,
    pub(crate) subject_kind: Option<SubjectKind>,
    /// The source has no column for the kind of subject: the kinds of its identifiers tell it, row by row.
    pub(crate) kind_by_identifier: bool,
    pub(crate) standing: Option<StandingRule>,
    pub(crate) region_from_institution_code: bool,
    pub(crate) constants: BTreeMap<String, FieldValue>,
    pub(crate) columns: Vec<ColumnRule>,
    pub(crate) identifiers: Vec<IdentifierRule>,
}

/// What the rows of a file become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Records of a subcategory, the subject in this role.
    Record {
        /// Catalogue code such as `XK040`.
        subcategory: String,
        /// Role of the subject.
        role: Role,
    },
    /// Memberships of a list.
    Listing {
        /// List id.
        list: String,
        /// How the listing came about.
        procedure: ListingProcedure,
    },
    /// What a register says about subjects.
    Register {
        /// What each row says.
        says: RegisterRow,
    },
    /// Nothing: the file is refused whole.
    NotCreditData {
        /// Simplified Chinese reason.
        reason_zh: String,
        /// English reason.
        reason_en: String,
    },
}

/// How one field is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnRule {
    pub field: String,
    /// Alternatives in order, each a list of folded header names; the first filled one counts.
    pub sources: Vec<Vec<String>>,
    /// Further columns whose text is added after `；`.
    pub append: Vec<Vec<String>>,
    /// First header as written, for messages.
    pub title: String,
    pub field_type: FieldType,
    pub need: Need,
    pub unit: MoneyUnit,
    pub eras: Vec<Era>,
    pub dated_by: Option<String>,
    pub split: String,
    pub personal: bool,
}

/// A value map and the days it holds for. Keys are folded; an empty value means "no code, say so".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Era {
    pub valid_from: CivilDate,
    pub valid_to: CivilDate,
    pub values: BTreeMap<String, String>,
}

/// A column that says whether the act of a row still holds. Words are folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StandingRule {
    pub headers: Vec<String>,
    pub title: String,
    pub stands: BTreeSet<String>,
    pub disputed: BTreeSet<String>,
    pub revoked: BTreeSet<String>,
}

/// How one identifier column is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdentifierRule {
    pub kind: KindRule,
    pub headers: Vec<String>,
    pub title: String,
    pub need: Need,
    pub needed_for: Vec<SubjectKind>,
    pub fault: OnFault,
    pub inner_spaces: InnerSpaces,
}

/// Where the declared kind of an identifier comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KindRule {
    /// The profile says it for the whole column.
    Fixed(IdentifierKind),
    /// Another column says it row by row.
    Column {
        headers: Vec<String>,
        kinds: BTreeMap<String, IdentifierKind>,
    },
}

impl Profile {
    /// Reads and checks a profile.
    ///
    /// # Errors
    /// [`ProfileError`] names the part of the profile and what would be right.
    pub fn parse(toml_text: &str) -> Result<Self, ProfileError> {
        let source = toml::from_str(toml_text).map_err(|e| ProfileError::Form(e.to_string()))?;
        validate::checked(source)
    }

    /// Checks a profile that was put together, not written.
    pub(crate) fn checked(source: ProfileSource) -> Result<Self, ProfileError> {
        validate::checked(source)
    }

    /// Id and version as they stand in a report's provenance: `honours 1`.
    pub fn label(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// Groups of folded headers of which each must be met by one header of the file.
    pub(crate) fn required_headers(&self) -> Vec<(&str, Vec<&str>)> {
        let column = |rule: &ColumnRule| rule.need != Need::Optional;
        let columns = self.columns.iter().filter(|r| column(r)).map(|rule| {
            let names = rule.sources.iter().flatten().map(String::as_str).collect();
            (rule.title.as_str(), names)
        });
        let identifiers = self
            .identifiers
            .iter()
            .filter(|r| r.need != Need::Optional)
            .map(|rule| {
                (
                    rule.title.as_str(),
                    rule.headers.iter().map(String::as_str).collect(),
                )
            });
        let markers = self
            .marker_headers
            .iter()
            .map(|h| (h.as_str(), vec![h.as_str()]));
        columns.chain(identifiers).chain(markers).collect()
    }

    /// Every folded header the profile knows.
    pub(crate) fn known_headers(&self) -> BTreeSet<&str> {
        let columns = self
            .columns
            .iter()
            .flat_map(|r| r.sources.iter().chain(&r.append).flatten());
        let identifiers = self.identifiers.iter().flat_map(|rule| {
            let kind_headers: &[String] = match &rule.kind {
                KindRule::Fixed(_) => &[],
                KindRule::Column { headers, .. } => headers,
            };
            rule.headers.iter().chain(kind_headers)
        });
        let standing = self.standing.iter().flat_map(|rule| &rule.headers);
        columns
            .chain(identifiers)
            .chain(standing)
            .chain(&self.marker_headers)
            .map(String::as_str)
            .collect()
    }
}

#[cfg(test)]
mod tests;
