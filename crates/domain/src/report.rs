//! What a reporter says, before anything is decided: the one shape in which files, API and generators hand in facts.

use probity_types::{CivilDate, FieldValue, IdentifierKind, ListingProcedure, Role, SubjectKind};
use std::collections::BTreeMap;

/// One identifier as declared: its kind is the sender's word, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdentifierClaim {
    /// The declared kind.
    pub kind: IdentifierKind,
    /// The value, normalised (NFKC, upper case, outer space trimmed), not yet checked.
    pub value: String,
}

/// Whom a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectClaim {
    /// Declared kind of subject.
    pub kind: SubjectKind,
    /// Name as filed.
    pub name: String,
    /// Declared identifiers, none for a name-only row.
    pub identifiers: Vec<IdentifierClaim>,
    /// Birth date, natural persons only.
    pub birth_date: Option<CivilDate>,
    /// Region, 6 or 9 digits of GB/T 2260.
    pub region: Option<String>,
    /// Industry id of the catalogue.
    pub industry: Option<String>,
}

/// Where in a file a report came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Sheet name, empty for CSV and API.
    pub sheet: String,
    /// Row in the file counted from 1 with the header, 0 where there is no file.
    pub row: u32,
    /// Import profile id and version, empty where there is none.
    pub profile: String,
}

/// One record of the seven categories, one party's share of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordReport {
    /// Whom it is about.
    pub subject: SubjectClaim,
    /// Role of the subject in the act.
    pub role: Role,
    /// Subcategory of the catalogue, for example `XK001`.
    pub subcategory: String,
    /// Name of the deciding authority.
    pub authority: String,
    /// Its credit code, empty where the source lacks it.
    pub authority_code: String,
    /// Name of the reporting agency.
    pub source_unit: String,
    /// Its credit code, empty where the source lacks it.
    pub source_unit_code: String,
    /// Values by catalogue field name (`document_no`, `decision_date`, `fine` …), common and extra fields included.
    pub fields: BTreeMap<String, FieldValue>,
    /// Where it stood.
    pub provenance: Provenance,
}

/// One membership of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingReport {
    /// Whom it is about.
    pub subject: SubjectClaim,
    /// List id, for example `judgment-defaulters`.
    pub list: String,
    /// How the listing came about.
    pub procedure: ListingProcedure,
    /// Deciding authority, empty where unknown.
    pub authority: String,
    /// Instrument (decision, judgment) by number, empty where unknown.
    pub instrument_no: String,
    /// Legal basis, empty where unknown.
    pub basis: String,
    /// Reason as reported.
    pub reason: String,
    /// Date of listing; none where unknown.
    pub listed_on: Option<CivilDate>,
    /// End of the term; none = open.
    pub until: Option<CivilDate>,
    /// Name of the reporting agency.
    pub source_unit: String,
    /// Where it stood.
    pub provenance: Provenance,
}

/// What a register says about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterChange {
    /// It is registered, with what is known about it.
    Registration,
    /// From a day on it bears another name.
    Rename {
        /// The new name.
        name: String,
        /// From this day.
        effective_on: CivilDate,
    },
    /// A person holds a practice certificate.
    Certificate(CertificateClaim),
}

/// A practice certificate as reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateClaim {
    /// Key-person group of the catalogue.
    pub group: String,
    /// Title.
    pub title: String,
    /// Number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued_on: CivilDate,
    /// Last day; none = open.
    pub valid_to: Option<CivilDate>,
}

/// One row of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterReport {
    /// Whom it is about; with a change of name, under the name before.
    pub subject: SubjectClaim,
    /// What it says.
    pub change: RegisterChange,
    /// Where it stood.
    pub provenance: Provenance,
}

/// One row of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A record.
    Record(Box<RecordReport>),
    /// A list membership.
    Listing(Box<ListingReport>),
    /// What a register says about a subject.
    Register(Box<RegisterReport>),
}
