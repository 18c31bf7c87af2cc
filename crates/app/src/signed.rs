//! Whether the log is still the one whose head the folder says was signed last.

use crate::folder::DataFolder;
use probity_domain::Entry;
use probity_format::leaf::Leaf;
use probity_log::checkpoint::{PersistedError, PersistedHead};
use probity_log::tree::{TreeError, TreeHead};
use probity_proof::tree::{Frontier, TreeHash, leaf_hash};
use probity_types::LogId;

/// The head that was signed, and the tree over the entries that were noted.
#[derive(Debug, Default)]
pub(crate) struct SignedHead {
    signed: Option<TreeHead>,
    unreadable: Option<PersistedError>,
    tree: Frontier,
    found: Option<TreeHash>,
}

/// Why the log is not the one that was signed, or why nobody can say so.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum SignedError {
    /// The log contradicts the signed head.
    Log(#[from] TreeError),
    /// The signed head does not read.
    Head(#[from] PersistedError),
}

impl SignedHead {
    /// Of a data folder. It is read before the log is copied: what was signed is never ahead of the log. What is wrong with
    /// the file is told at the end, since a fault of the log matters more.
    pub(crate) fn of(folder: &DataFolder, log: LogId) -> Self {
        let (signed, unreadable) = match PersistedHead::read(&folder.checkpoint(), log) {
            Ok(persisted) => (persisted.map(|persisted| persisted.head), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            signed,
            unreadable,
            ..Self::default()
        }
    }

    /// Adds the next entry to the tree, as far as it was signed.
    pub(crate) fn note(&mut self, entry: &Entry) {
        let Some(signed) = self.signed else { return };
        if self.tree.size() >= signed.size {
            return;
        }
        let leaf = Leaf {
            position: entry.header.position,
            recorded_at: entry.header.recorded_at,
            entry_hash: entry.hash,
        };
        self.tree.push(leaf_hash(&leaf.encode()));
        if self.tree.size() == signed.size {
            self.found = Some(self.tree.root());
        }
    }

    /// Compares, once every entry was noted.
    ///
    /// # Errors
    /// [`SignedError`].
    pub(crate) fn finish(self) -> Result<(), SignedError> {
        if let Some(error) = self.unreadable {
            return Err(error.into());
        }
        let Some(TreeHead {
            size,
            root: expected,
        }) = self.signed.filter(|head| head.size > 0)
        else {
            return Ok(());
        };
        let contradiction = match self.found {
            Some(found) if found == expected => return Ok(()),
            Some(found) => TreeError::Diverged {
                size,
                expected,
                found,
            },
            None => TreeError::Rewound {
                signed: size,
                found: self.tree.size(),
            },
        };
        Err(contradiction.into())
    }
}
