//! From frames to entries: sealed parts are opened as far as keys are at hand.

use probity_domain::{Entry, Part, PartContent};
use probity_format::Frame;
use probity_format::frame::{FrameError, PartError};
use probity_store::keyring::{KeyRing, KeyState};
use probity_types::{LogId, RootId};
use std::sync::{Arc, PoisonError, RwLock};

/// The key ring, shared by the writer (which adds and destroys) and readers.
pub type Keys = Arc<RwLock<KeyRing>>;

/// Why a frame cannot be read as an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenEntryError {
    /// The frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A sealed part that its own key does not open.
    #[error("field sealed part {part}: {source}")]
    Part {
        /// Number of the part, from 1.
        part: u8,
        /// Why.
        source: PartError,
    },
}

/// Salt and encoded content of a part, as its commitment binds them.
pub type Salted = ([u8; 16], Vec<u8>);

/// Opens entries of one log.
#[derive(Debug, Clone)]
pub struct Opener {
    log: LogId,
    keys: Option<Keys>,
}

impl Opener {
    /// With keys: parts open unless they were erased.
    pub fn with_keys(log: LogId, keys: Keys) -> Self {
        Self {
            log,
            keys: Some(keys),
        }
    }

    /// Without keys: every part stays sealed.
    pub fn sealed(log: LogId) -> Self {
        Self { log, keys: None }
    }

    /// The log whose entries it opens.
    pub fn log(&self) -> LogId {
        self.log
    }

    /// Whether this opener has keys at all.
    pub fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    fn key(&self, root: RootId, index: u64) -> KeyState {
        match (&self.keys, u32::try_from(index)) {
            (Some(keys), Ok(index)) => keys
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .key(root, index),
            _ => KeyState::Unknown,
        }
    }

    /// Salt and encoded content of a sealed part, as they were committed to; none without its key.
    ///
    /// # Errors
    /// [`OpenEntryError::Part`] where an existing key does not open it.
    pub fn content(&self, frame: &Frame, part: u8) -> Result<Option<Salted>, OpenEntryError> {
        let row = frame.sealed.get(usize::from(part).wrapping_sub(1));
        let Some(row) = row.filter(|row| row.ciphertext.is_some()) else {
            return Ok(None);
        };
        let KeyState::Key(key) = self.key(row.root, row.index) else {
            return Ok(None);
        };
        let opened = frame.open_part_bytes(self.log, part, &key);
        opened
            .map(Some)
            .map_err(|source| OpenEntryError::Part { part, source })
    }

    /// Reads one frame as an entry.
    ///
    /// # Errors
    /// [`OpenEntryError`] where the event does not decode or an existing key does not open a part.
    pub fn open(&self, frame: &Frame) -> Result<Entry, OpenEntryError> {
        let event = frame.event()?;
        let mut parts = Vec::with_capacity(frame.sealed.len());
        for (number, part) in (1u8..).zip(frame.sealed.iter()) {
            let content = match (self.key(part.root, part.index), &part.ciphertext) {
                (KeyState::Erased, _) | (_, None) => PartContent::Erased,
                (KeyState::Unknown, Some(_)) => PartContent::Sealed,
                (KeyState::Key(key), Some(_)) => {
                    let opened = frame.open_part(self.log, number, &key);
                    PartContent::Opened(opened.map_err(|source| OpenEntryError::Part {
                        part: number,
                        source,
                    })?)
                }
            };
            parts.push(Part {
                kind: part.kind,
                key: part.key(),
                content,
            });
        }
        Ok(Entry {
            header: frame.header,
            hash: frame.entry_hash,
            event,
            parts,
        })
    }
}
