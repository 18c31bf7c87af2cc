//! Reading the whole log in order, checking everything that can be computed. Recovery, `verify`, `rebuild` and the tests
//! walk with this one function.

use crate::opener::{OpenEntryError, Opener};
use probity_domain::Entry;
use probity_format::chain::{Chain, ChainError};
use probity_format::frame::{Frame, FrameError};
use probity_store::{LogReader, PageLimit, StoreError};
use probity_types::Position;

/// What is wrong, and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalkError {
    /// The store itself.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A frame that does not decode.
    #[error("position {position}: {source}")]
    Frame {
        /// Where.
        position: Position,
        /// Why.
        source: FrameError,
    },
    /// An entry that does not continue the chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// An event or part that cannot be read.
    #[error("position {position}: {source}")]
    Entry {
        /// Where.
        position: Position,
        /// Why.
        source: OpenEntryError,
    },
    /// The head does not match the last entry.
    #[error("head: field entry hash: expected {expected}, the last entry has {found}")]
    Head {
        /// Hash in the head record.
        expected: probity_format::Hash,
        /// Hash of the last entry.
        found: probity_format::Hash,
    },
    /// The last unit is not whole.
    #[error("position {position}: the last unit is cut off")]
    CutUnit {
        /// The next position.
        position: Position,
    },
}

impl WalkError {
    /// Position of the fault, where it has one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Frame { position, .. }
            | Self::Entry { position, .. }
            | Self::CutUnit { position } => Some(*position),
            Self::Chain(error) => Some(error.position),
            Self::Store(StoreError::Damage(probity_store::Damage::Missing { position })) => {
                Some(*position)
            }
            Self::Store(_) | Self::Head { .. } => None,
        }
    }
}

/// Decodes one stored frame.
///
/// # Errors
/// [`WalkError::Frame`].
pub fn decode(position: Position, bytes: &[u8]) -> Result<Frame, WalkError> {
    Frame::decode(bytes).map_err(|source| WalkError::Frame { position, source })
}

/// Walks from position 0 to the head and hands every entry on, page by page.
///
/// # Errors
/// [`WalkError`] at the first fault; nothing is skipped.
pub fn walk(
    reader: &dyn LogReader,
    opener: &Opener,
    mut each: impl FnMut(&[Entry]),
) -> Result<Chain, WalkError> {
    let head = reader.head();
    let mut chain = Chain::default();
    while chain.next() < head.next {
        let page = reader.page(chain.next(), PageLimit::MOST)?;
        let mut entries = Vec::with_capacity(page.len());
        for bytes in page {
            let position = chain.next();
            if position >= head.next {
                break;
            }
            let frame = decode(position, &bytes)?;
            chain.push(&frame)?;
            entries.push(
                opener
                    .open(&frame)
                    .map_err(|source| WalkError::Entry { position, source })?,
            );
        }
        if entries.is_empty() {
            return Err(StoreError::from(probity_store::Damage::Missing {
                position: chain.next(),
            })
            .into());
        }
        each(&entries);
    }
    let expected = probity_format::Hash(head.entry_hash);
    if chain.hash() != expected {
        return Err(WalkError::Head {
            expected,
            found: chain.hash(),
        });
    }
    if !chain.is_whole() {
        return Err(WalkError::CutUnit {
            position: chain.next(),
        });
    }
    Ok(chain)
}
