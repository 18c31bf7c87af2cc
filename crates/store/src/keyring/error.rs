//! What opening, filling and emptying a key ring can answer instead of `Ok`.

use crate::folder::FolderError;
use probity_format::keytree::PunctureError;
use probity_types::{LogId, RootId};
use std::io;

/// Why a key ring cannot be created, opened or rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// The folder cannot be used, or is in use.
    #[error("the folder of the key ring cannot be used")]
    Folder(#[from] FolderError),
    /// No ring where one was to be opened.
    #[error("{path} holds no key ring; correct the path or restore the keys from a backup")]
    NoRing {
        /// The folder.
        path: String,
    },
    /// A ring where one was to be created.
    #[error("{path} already holds a key ring")]
    RingExists {
        /// The folder.
        path: String,
    },
    /// The ring is whole, but this master key does not open it.
    #[error("the master key does not open {file}; it was wrapped under another one")]
    WrongMasterKey {
        /// The ring file.
        file: String,
    },
    /// The ring belongs to another log.
    #[error("{file} holds the keys of log {found}, not of log {expected}")]
    WrongLog {
        /// The file.
        file: String,
        /// The log asked for.
        expected: LogId,
        /// The log the file names.
        found: LogId,
    },
    /// Bytes are not what was written. Never repaired, never skipped.
    #[error("{file} is damaged at byte {offset}: {what}")]
    Damaged {
        /// The file.
        file: String,
        /// Where, from the start of the file.
        offset: u64,
        /// What was found.
        what: &'static str,
    },
    /// A puncture that the list of destroyed keys asks for does not fit the limits.
    #[error("a destroyed key of {root} cannot be punctured")]
    Puncture {
        /// Whose.
        root: RootId,
        /// The limit.
        #[source]
        source: PunctureError,
    },
    /// No random bytes for a new key.
    #[error("the system gave no random bytes")]
    Random(#[source] getrandom::Error),
}

/// Why keys were not created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnsureError {
    /// A destroyed root is never created again under its id. Nothing was created.
    #[error("the keys of {root} were destroyed")]
    Erased {
        /// Whose.
        root: RootId,
    },
    /// No random bytes for a new key. Nothing was created.
    #[error("the system gave no random bytes")]
    Random(#[source] getrandom::Error),
    /// Fatal: whether the keys are on disk is not known. No entry may rest on them; open again.
    #[error("the key ring did not confirm the new keys")]
    Unknown(#[source] io::Error),
    /// An earlier failure left the ring's state unknown; open it again.
    #[error("the key ring stopped after an unconfirmed write; restart the process")]
    Poisoned,
}

/// Why keys were not destroyed, or not certainly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DestroyError {
    /// Too many single erasures under one root. Nothing was destroyed.
    #[error("no more single keys of {root} can be destroyed")]
    Puncture {
        /// Whose.
        root: RootId,
        /// The limit.
        #[source]
        source: PunctureError,
    },
    /// Fatal: whether the destruction is on disk is not known. Opening the ring completes it if
    /// the list has it; otherwise the caller repeats it from the committed erasure.
    #[error("the key ring did not confirm the destruction")]
    Unknown(#[source] KeyRingError),
    /// An earlier failure left the ring's state unknown; open it again.
    #[error("the key ring stopped after an unconfirmed write; restart the process")]
    Poisoned,
}
