//! The log's one writer and its readers.
//!
//! In scope: opening entries with keys, walking and checking the whole log, recovery, the single writer thread (decide,
//! seal, chain, commit, publish), idempotency, clock rules, completing erasures. Out of scope: where bytes lie
//! (`probity-store`), what may be recorded (`probity-domain`), what people see (`probity-project`).

mod ahead;
pub mod checkpoint;
pub mod clock;
pub mod export;
pub mod idempotency;
pub mod missing;
pub mod opener;
pub mod receipt;
pub mod redact;
pub mod snapshot;
pub mod tree;
pub mod unit;
pub mod walk;
pub mod writer;

pub use clock::{Clock, ClockFault};
pub use missing::MissingKeys;
pub use opener::{Keys, Opener};
pub use receipt::{Outcome, Receipt, SubmitError};
pub use snapshot::{Snapshot, SnapshotHead};
pub use walk::{WalkError, Walked, check_log, walk};
pub use writer::{LogHandle, Opening, StartError, Submission, start};

/// An error with everything behind it, in one line.
pub fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
