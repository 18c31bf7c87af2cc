//! What happens in the made-up city, one step at a time.

use probity_domain::command::ListingSteps;
use probity_domain::report::{ListingReport, RecordReport, SubjectClaim};
use probity_types::{CivilDate, CompensationReason, EndReason, Fen, FieldValue, PerformanceState};
use std::collections::BTreeMap;

/// One step. Records and listings are counted from 0 in the order in which they are reported; later steps name them by
/// that ordinal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A subject of the register.
    Subject(Box<SubjectClaim>),
    /// A practice certificate of a person registered before.
    Certificate(Box<Certificate>),
    /// A record of the seven categories; the n-th of these has ordinal n.
    Record(Box<RecordReport>),
    /// A membership of a list; the n-th of these has ordinal n.
    Listing(Box<ListingReport>, ListingSteps),
    /// A record is corrected.
    Correct {
        /// Ordinal of the record.
        record: u64,
        /// New value by field, none to empty the field.
        changes: BTreeMap<String, Option<FieldValue>>,
        /// Who, why, on what basis.
        grounds: Box<Grounds>,
    },
    /// The act behind a record is set aside.
    Annul {
        /// Ordinal of the record.
        record: u64,
        /// From when; none = from the start.
        from: Option<CivilDate>,
        /// Who, why, on what basis.
        grounds: Box<Grounds>,
    },
    /// A record was entered wrongly.
    Void {
        /// Ordinal of the record.
        record: u64,
        /// Who, why, on what basis.
        grounds: Box<Grounds>,
    },
    /// A duty was performed.
    Perform {
        /// Ordinal of the record.
        record: u64,
        /// How far.
        performance: PerformanceState,
        /// When.
        on: CivilDate,
        /// Amount paid, where money was owed.
        amount: Option<Fen>,
    },
    /// A membership ends.
    EndListing {
        /// Ordinal of the listing.
        listing: u64,
        /// Why.
        reason: EndReason,
        /// Who decided.
        authority: String,
        /// Basis.
        legal_basis: String,
        /// From when.
        ended_on: CivilDate,
    },
}

/// A practice certificate (执业证书).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The person as registered; its identifiers name one subject.
    pub person: SubjectClaim,
    /// Key-person group of the catalogue.
    pub group: String,
    /// Title of the certificate.
    pub title: String,
    /// Its number.
    pub number: String,
    /// Issuer.
    pub issuer: String,
    /// Issued on.
    pub issued_on: CivilDate,
    /// Valid to; none = open.
    pub valid_to: Option<CivilDate>,
}

/// Who compensates a record, why and on what basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// Why.
    pub reason: CompensationReason,
    /// Who decided.
    pub authority: String,
    /// By which instrument.
    pub instrument_no: String,
    /// Legal basis.
    pub legal_basis: String,
}
