//! Committed states: taken from a copy of the views while the writer goes on, listed where an erasure makes them uncomputable,
//! recomputed by `verify`, and written out row by row for whoever wants to compare.

mod check;
mod commit;
mod earlier;
mod file;
mod plan;
mod show;

pub(crate) use check::StateCheck;
pub use check::{StateFault, StatesChecked};
pub use commit::{CommitProblem, CommittedState};
pub(crate) use earlier::{TRIES_MAX, ToList, is_outdated};
pub use file::{Difference, RowsError, RowsFile, RowsHead, compare, read_rows, write_rows};
pub use plan::Plan;
pub use show::{Place, rows_at};

use probity_format::{Hash, KeyId};
use probity_log::Keys;
use probity_project::state_root::{ROW_KEY_LEAF, RowKey};
use probity_store::LogReader;
use probity_store::keyring::KeyState;
use probity_types::{Position, Revision, RootId, SubjectId};
use std::sync::PoisonError;

/// What a ring says of a subject now. The lock is held for one key: an erasure never waits for a whole state.
fn row_key(keys: &Keys, subject: &SubjectId) -> RowKey {
    let key = KeyId {
        root: RootId(subject.0),
        index: u64::from(ROW_KEY_LEAF),
    };
    let ring = keys.read().unwrap_or_else(PoisonError::into_inner);
    match ring.key(key.root, ROW_KEY_LEAF) {
        KeyState::Key(leaf) => RowKey::Leaf(*leaf),
        KeyState::Erased => RowKey::Erased,
        KeyState::Unknown => RowKey::Missing,
    }
}

/// Number and hash of an entry, straight from its frame.
fn entry_at(reader: &dyn LogReader, position: Position) -> Option<(Revision, Hash)> {
    let bytes = reader.entry(position).ok()??;
    let frame = probity_log::walk::decode(position, &bytes).ok()?;
    Some((frame.header.revision, frame.entry_hash))
}
