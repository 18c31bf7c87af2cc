//! Request bodies. Every one refuses members it does not know, so that a misspelt name is never dropped in silence.

mod identity;
mod key;
mod listing;
mod recipient;
mod record;
mod search;
mod subject;
mod submission;

pub use identity::{
    CertificateRequest, ConfirmationRequest, LOOKUP_ITEMS_MAX, LinkRequest, LookupRequest,
    QuarantineRequest, RejectionRequest, RenameRequest,
};
pub use key::KeyRequest;
pub use listing::{ListingEndRequest, ListingRequest};
pub use recipient::{ACKNOWLEDGE_DAYS_MAX, AcknowledgementRequest, RecipientRequest};
pub use record::{
    Change, CompensationAction, CompensationRequest, CompensationScope, EVIDENCE_MAX, RecordRequest,
};
pub use search::{PractitionerLookupRequest, SearchFor, SubjectSearchRequest};
pub use subject::{IDENTIFIERS_MAX, IdentifierRequest, SubjectRequest};
pub use submission::{
    RejectedRowRequest, ReviewDecision, ReviewRequest, SubmissionWithdrawRequest,
};
