//! Folding and comparing names.
//!
//! In scope: the match key of a name, the parts of an organisation's name, why two names belong together or not, keys
//! for search and for table headers. Out of scope: which name a subject bore when (the subject directory), and any link:
//! a name alone never links a record (complaint P01). Nothing here changes a name that is shown.

mod affixes;
mod compare;
mod fold;
mod organisation;

pub use compare::{NameComparison, PartAgreement, compare, compare_persons};
pub use fold::{MIDDLE_DOT, fold, fold_header, search_key, subject_key};
pub use organisation::{OrganisationName, split};
