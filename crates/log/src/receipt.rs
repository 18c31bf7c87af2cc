//! What a submitter is told.

use crate::clock::ClockFault;
use probity_domain::Refusal;
use probity_format::Hash;
use probity_store::NoRoom;
use probity_types::{Position, Timestamp};

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Recorded.
    Appended,
    /// It waits for a person.
    Parked,
    /// The same was there already; nothing was appended.
    AlreadyThere,
}

/// Proof that a command is on disk. The same command under the same key gives the same receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// First entry.
    pub first: Position,
    /// Last entry.
    pub last: Position,
    /// Hash of the last entry.
    pub entry_hash: Hash,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether an earlier submission under the same key is answered again.
    pub replayed: bool,
}

/// Why there is no receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The rules say no; concerns this sender alone.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used before, for another request; use a new key")]
    KeyReused,
    /// The queue is full.
    #[error("the writer's queue is full; try again shortly")]
    Busy,
    /// The clock is not to be trusted.
    #[error(transparent)]
    Clock(#[from] ClockFault),
    /// The disk is nearly full.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// More than a unit holds.
    #[error("{what}: {found}, at most {max} in one unit; split the request")]
    TooLarge {
        /// What is too much.
        what: &'static str,
        /// Found.
        found: u64,
        /// Limit.
        max: u64,
    },
    /// The content cannot be written as it is, for example a personal value in an open part.
    #[error("the event cannot be encoded: {0}")]
    Unencodable(String),
    /// The key of this person was destroyed.
    #[error("the personal data of this subject was erased; nothing more is sealed for it")]
    Erased,
    /// The commit was not confirmed: nobody is told yes or no, the process stops, a new start decides.
    #[error("the outcome is not known; ask again with the same idempotency key after the restart")]
    OutcomeUnknown,
    /// Writes are held, by decision of the operator's settings.
    #[error("writes are held: {0}")]
    Held(String),
    /// The writer has stopped.
    #[error("the ledger is stopping")]
    Stopped,
}
