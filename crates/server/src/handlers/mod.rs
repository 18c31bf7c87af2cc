//! Handlers: what a request asks for, one use case, one view. Each bears the name of its operation in the table of
//! routes.

pub mod bundles;
pub mod catalogue;
pub mod due_dates;
pub mod feed;
pub mod identity;
pub mod imports;
pub mod keys;
pub mod listings;
pub mod log;
pub mod lookup;
pub mod operations;
pub mod persons;
pub mod proofs;
pub mod recipients;
pub mod records;
pub mod segments;
pub mod subjects;
pub mod submissions;
pub mod writes;
