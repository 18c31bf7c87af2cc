//! Where the entries of the log and the keys of persons lie.
//!
//! In scope: the interface [`LogStore`] and its implementations ([`SledStore`], [`MemoryStore`],
//! [`FaultyStore`] around either), the folder checks they share, and the key ring ([`keyring`]).
//! Out of scope: what an entry means. An entry is opaque bytes here; hashes, sealing and the order
//! "keys before entries" belong to the writer in `probity-log`.
//!
//! Only `sled_store.rs` names sled. There is no update and no delete: [`LogStore::redact`] replaces
//! one entry by the same entry without an erased ciphertext, which changes no hash.

pub mod keyring;

mod engine_files;
mod faulty_store;
mod floor;
mod folder;
mod guard;
mod journal;
mod log_store;
mod memory_store;
mod sled_store;

pub use faulty_store::{Fault, FaultPlan, FaultyStore};
pub use folder::{FolderError, copy_for_verification, create_folder, replace_file, sync_names};
pub use journal::{
    JournalOptions, JournalStore, SEGMENT_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN,
};
pub use log_store::{
    AppendError, Damage, ENTRY_BYTES_LEAST, ENTRY_BYTES_MAX, Head, LogReader, LogStore, NoRoom,
    PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, PageLimit, StoreError,
};
pub use memory_store::{MemoryDisk, MemoryStore};
pub use sled_store::{REOPEN_EVERY, SledOptions, SledStore};
