//! The RFC 6962 tree beside the chain: follows the log's committed entries, keeps its tiles, and says when the log is no
//! longer the one whose root was signed.
//!
//! In scope: building the tree, its files, checking them against the persisted checkpoint. Out of scope: signing and
//! publishing (`checkpoint`), proofs themselves (`probity-proof`).

mod files;

pub use files::TileReader;

use files::TileFiles;
use probity_format::leaf::Leaf;
use probity_proof::tree::{Frontier, HashSource, TreeHash, leaf_hash, root_at};
use probity_store::{LogReader, PageLimit, StoreError};
use probity_types::Position;
use std::io;
use std::path::Path;

/// A size of the tree and its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves.
    pub size: u64,
    /// Root over them.
    pub root: TreeHash,
}

/// Why the tree stands still.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// A file of the tree.
    #[error("a file of the tree cannot be read or written")]
    File(#[from] io::Error),
    /// The log.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An entry that has no leaf.
    #[error("position {position}: the stored entry is too short, or says another position")]
    Entry {
        /// Where.
        position: Position,
    },
    /// The log's own entries give another root than the one that was persisted before it was signed.
    #[error(
        "tree of {size} entries: field root: expected {expected}, which was signed before, found {found} in the log; nothing more is signed"
    )]
    Diverged {
        /// Leaves.
        size: u64,
        /// As persisted.
        expected: TreeHash,
        /// As recomputed.
        found: TreeHash,
    },
    /// The log is shorter than the tree that was signed.
    #[error(
        "log: field entries: expected at least {signed}, for which a checkpoint was signed, found {found}; nothing more is signed"
    )]
    Rewound {
        /// Size that was signed.
        signed: u64,
        /// Entries there are.
        found: u64,
    },
}

impl TreeError {
    /// Whether the log contradicts what was signed, rather than that something could not be read.
    pub fn is_alarm(&self) -> bool {
        matches!(self, Self::Diverged { .. } | Self::Rewound { .. })
    }
}

/// See the module.
#[derive(Debug)]
pub struct Tree {
    files: TileFiles,
}

/// Compares every leaf and every stored hash below `size` with the log; the first leaf at which a file
/// differs, none where all of them agree.
///
/// # Errors
/// [`TreeError`]: log or files cannot be read.
pub fn check_tiles(
    reader: &dyn LogReader,
    tiles: &TileReader,
    size: u64,
) -> Result<Option<u64>, TreeError> {
    let mut frontier = Frontier::default();
    while frontier.size() < size {
        for leaf in leaves(reader, frontier.size(), size)? {
            let at = frontier.size();
            let bytes = leaf.encode();
            let mut completed = Vec::new();
            frontier.push_each(leaf_hash(&bytes), |level, index, hash| {
                if level % files::STEP as u32 == 0 {
                    completed.push((level, index, hash));
                }
            });
            let mut is_same = tiles.leaf(at)? == Some(bytes);
            for (level, index, hash) in completed {
                is_same &= tiles.subtree(level, index)? == hash;
            }
            if !is_same {
                return Ok(Some(at));
            }
        }
    }
    Ok(None)
}

/// Leaves of one page of the log from a position on, at least one.
fn leaves(reader: &dyn LogReader, from: u64, end: u64) -> Result<Vec<Leaf>, TreeError> {
    let page = reader.page(Position(from), PageLimit::MOST)?;
    if page.is_empty() && from < end {
        let found = reader.head().next.0;
        return Err(TreeError::Rewound { signed: end, found });
    }
    let leaf = |(position, bytes): (u64, Vec<u8>)| {
        let position = Position(position);
        Leaf::of_stored(&bytes)
            .filter(|leaf| leaf.position == position)
            .ok_or(TreeError::Entry { position })
    };
    (from..end).zip(page).map(leaf).collect()
}

impl Tree {
    /// The tree as far as its files bear out the persisted head; without one, or where they do not, from nothing. The
    /// caller brings it up to the log with [`Tree::follow`].
    ///
    /// # Errors
    /// [`TreeError::File`].
    pub fn open(dir: &Path, persisted: Option<TreeHead>) -> Result<Self, TreeError> {
        if let Some(head) = persisted
            && let Some(files) = TileFiles::open(dir, head.size)?
        {
            // Any other fault is found when the tree is recomputed in the background.
            let found = root_at(&files.reader(), head.size)?;
            if found == head.root {
                return Ok(Self { files });
            }
            tracing::warn!(
                size = head.size, expected = %head.root, %found,
                "the tiles do not hash to the persisted checkpoint; they are made anew from the log"
            );
        }
        Self::anew(dir)
    }

    /// An empty tree; what files there were are cut.
    ///
    /// # Errors
    /// [`TreeError::File`].
    pub fn anew(dir: &Path) -> Result<Self, TreeError> {
        let files = TileFiles::open(dir, 0)?;
        let files = files.ok_or_else(|| io::Error::other("an empty tree has no files"))?;
        Ok(Self { files })
    }

    /// A tree out of the whole log, made in a folder beside and put in the place of `dir`.
    ///
    /// # Errors
    /// [`TreeError`]; what was in `dir` stays then.
    pub fn remake(dir: &Path, reader: &dyn LogReader) -> Result<Self, TreeError> {
        let scratch = dir.with_extension("new");
        if scratch.exists() {
            std::fs::remove_dir_all(&scratch)?;
        }
        let mut tree = Self::anew(&scratch)?;
        tree.follow(reader)?;
        std::fs::remove_dir_all(dir)?;
        // The files stay open under their new name.
        std::fs::rename(&scratch, dir)?;
        Ok(tree)
    }

    /// Reads tiles and proofs.
    pub fn reader(&self) -> TileReader {
        self.files.reader()
    }

    /// Size and root.
    ///
    /// # Errors
    /// [`TreeError::File`].
    pub fn head(&self) -> Result<TreeHead, TreeError> {
        let size = self.files.size();
        let root = root_at(&self.files.reader(), size)?;
        Ok(TreeHead { size, root })
    }

    /// Whether the last leaf is the log's own. Its entry hash stands for every entry before it, so that this one look tells
    /// tiles of another history, which bear out what was signed, from tiles of this log.
    ///
    /// # Errors
    /// [`TreeError`]: [`TreeError::Rewound`] where the log ends before it.
    pub fn ends_like(&self, reader: &dyn LogReader) -> Result<bool, TreeError> {
        let size = self.files.size();
        let Some(last) = size.checked_sub(1) else {
            return Ok(true);
        };
        let leaf = leaves(reader, last, size)?;
        let tiles = self.files.reader();
        let Some(bytes) = leaf.first().map(Leaf::encode) else {
            return Ok(false);
        };
        let (stored, hash) = (tiles.leaf(last)?, tiles.subtree(0, last)?);
        Ok(stored == Some(bytes) && hash == leaf_hash(&bytes))
    }

    /// Adds one page of committed entries; `false` once the log's head is reached.
    ///
    /// # Errors
    /// [`TreeError`]: [`TreeError::Rewound`] where the log ends before the tree does.
    pub fn follow_page(&mut self, reader: &dyn LogReader) -> Result<bool, TreeError> {
        let (from, end) = (self.files.size(), reader.head().next.0);
        if from > end {
            let (signed, found) = (from, end);
            return Err(TreeError::Rewound { signed, found });
        }
        if from == end {
            return Ok(false);
        }
        let leaves = leaves(reader, from, end)?;
        self.files.append(&leaves)?;
        Ok(true)
    }

    /// Adds every committed entry up to the head at the time of the call.
    ///
    /// # Errors
    /// [`TreeError`].
    pub fn follow(&mut self, reader: &dyn LogReader) -> Result<TreeHead, TreeError> {
        let end = reader.head().next.0;
        while self.files.size() != end && self.follow_page(reader)? {}
        self.head()
    }

    /// Whether a head that was persisted earlier is one of this tree.
    ///
    /// # Errors
    /// [`TreeError::Diverged`], [`TreeError::Rewound`], [`TreeError::File`].
    pub fn check(&self, earlier: TreeHead) -> Result<(), TreeError> {
        if earlier.size > self.files.size() {
            let (signed, found) = (earlier.size, self.files.size());
            return Err(TreeError::Rewound { signed, found });
        }
        let found = root_at(&self.files.reader(), earlier.size)?;
        if found == earlier.root {
            return Ok(());
        }
        Err(TreeError::Diverged {
            size: earlier.size,
            expected: earlier.root,
            found,
        })
    }

    /// Makes the tiles durable.
    ///
    /// # Errors
    /// [`TreeError::File`].
    pub fn sync(&self) -> Result<(), TreeError> {
        Ok(self.files.sync()?)
    }
}
