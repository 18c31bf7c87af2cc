//! Use cases: one file each. Clock, ids, log and views are what [`Ledger`] holds; nothing here knows HTTP.

pub mod backup;
pub mod bundles;
pub mod catalogue;
pub mod checkpoints;
pub mod entries;
pub mod erase;
pub mod folder;
pub mod identity;
pub mod import;
pub mod keys;
pub mod ledger;
pub mod lent;
pub mod person;
pub mod policy;
pub mod read;
pub mod rebuild;
pub mod recipients;
pub mod remarks;
pub mod restore;
pub mod sight;
mod signed;
pub mod snapshot;
mod source;
pub mod state;
pub mod submission;
pub mod verify;
pub mod write;

pub use erase::{Erased, ErasureOrder, ErasureTarget};
pub use folder::{DataFolder, FolderProblem};
pub use ledger::{Ledger, OpenError, OpenOptions};
pub use probity_store::{SEGMENT_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
pub use sight::{Screen, Sight};
pub use signed::SignedError;
pub use write::{Caller, WriteError};
