//! Reading the log in order, checking everything that can be computed. Recovery, `verify`, `rebuild`, reading an export and
//! the tests walk with this one file.

use crate::ahead::{Prepared, each_page};
use crate::opener::{OpenEntryError, Opener};
use probity_domain::{Entry, PartContent};
use probity_format::chain::{Chain, ChainError, StartFault, check_start};
use probity_format::events::{ErasureRecorded, Event};
use probity_format::frame::{Frame, FrameError};
use probity_format::{Hash, KeyId};
use probity_store::{Damage, LogReader, StoreError};
use probity_types::{LogId, Position};
use std::collections::BTreeMap;

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
    /// Position 0 does not begin this log.
    #[error(transparent)]
    Start(#[from] StartFault),
    /// An event or part that cannot be read.
    #[error("position {position}: {source}")]
    Entry {
        /// Where.
        position: Position,
        /// Why.
        source: OpenEntryError,
    },
    /// A ciphertext that is gone although nobody decided so.
    #[error(
        "position {position}: field sealed part: the ciphertext under key {}/{} is missing, and no erasure names it",
        key.root, key.index
    )]
    Unexplained {
        /// Where.
        position: Position,
        /// Key of the part.
        key: KeyId,
    },
    /// A ciphertext that is still there although its erasure was recorded.
    #[error(
        "position {position}: field sealed part: the ciphertext under key {}/{} is there, its erasure was recorded at {erasure}",
        key.root, key.index
    )]
    NotErased {
        /// Where.
        position: Position,
        /// Key of the part.
        key: KeyId,
        /// The entry that orders the erasure.
        erasure: Position,
    },
    /// The head does not match the last entry.
    #[error("head: field entry hash: expected {expected}, the last entry has {found}")]
    Head {
        /// Hash in the head record.
        expected: Hash,
        /// Hash of the last entry.
        found: Hash,
    },
    /// The last unit is not whole.
    #[error("position {position}: the last unit is cut off")]
    CutUnit {
        /// The next position.
        position: Position,
    },
    /// The log ends before what was checked earlier.
    #[error(
        "head: field next: expected at least {checked}, which was checked before, found {found}"
    )]
    Rewound {
        /// Entries that were checked.
        checked: Position,
        /// Entries there are.
        found: Position,
    },
    /// An entry that was checked earlier is another one now.
    #[error(
        "position {position}: field entry hash: expected {expected}, which was checked before, found {found}"
    )]
    Replaced {
        /// Where.
        position: Position,
        /// Hash that was checked.
        expected: Hash,
        /// Hash now.
        found: Hash,
    },
}

impl WalkError {
    /// Position of the fault, where it has one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Frame { position, .. }
            | Self::Entry { position, .. }
            | Self::Unexplained { position, .. }
            | Self::NotErased { position, .. }
            | Self::Replaced { position, .. }
            | Self::CutUnit { position } => Some(*position),
            Self::Chain(error) => Some(error.position),
            Self::Start(_) => Some(Position(0)),
            Self::Store(StoreError::Damage(Damage::Missing { position })) => Some(*position),
            Self::Store(_) | Self::Head { .. } | Self::Rewound { .. } => None,
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

/// Sealed parts by what could be seen of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartCounts {
    /// Opened with their keys.
    pub opened: u64,
    /// Without a key.
    pub sealed: u64,
    /// Erased.
    pub erased: u64,
}

impl PartCounts {
    fn add(&mut self, entry: &Entry) {
        for part in &entry.parts {
            match part.content {
                PartContent::Opened(_) => self.opened += 1,
                PartContent::Sealed => self.sealed += 1,
                PartContent::Erased => self.erased += 1,
            }
        }
    }
}

/// Where a walk stands. What was walked once need not be walked again: [`walk_on`] goes on from here.
#[derive(Debug, Clone, Default)]
pub struct Walked {
    chain: Chain,
    parts: PartCounts,
    /// Ciphertexts that are gone and that no erasure has named so far: the erasure comes after them.
    unexplained: BTreeMap<Position, Vec<KeyId>>,
}

impl Walked {
    /// A walk that begins after a chain whose entries were walked before, by whoever made it.
    pub(crate) fn after(chain: Chain) -> Self {
        Self {
            chain,
            ..Self::default()
        }
    }

    /// The chain up to here.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The chain alone, to write on.
    pub fn into_chain(self) -> Chain {
        self.chain
    }

    /// Sealed parts up to here.
    pub fn parts(&self) -> PartCounts {
        self.parts
    }

    /// Checks the next entry and moves on by it: framing, chain, stream chain, unit, start, sealed hashes, commitments where
    /// keys are there.
    ///
    /// # Errors
    /// [`WalkError`]; the walk ends there.
    pub fn step(
        &mut self,
        opener: &Opener,
        frame: &Frame,
        stored_bytes: u64,
    ) -> Result<Entry, WalkError> {
        self.take(opener, Prepared::new(opener, frame, stored_bytes))
    }

    fn take(&mut self, opener: &Opener, prepared: Prepared) -> Result<Entry, WalkError> {
        let position = self.chain.next();
        self.chain
            .push_digested(&prepared.digested, prepared.stored_bytes)?;
        let opened = prepared.entry;
        let entry = opened.map_err(|source| WalkError::Entry { position, source })?;
        if position == Position(0) {
            check_start(&entry.event, opener.log())?;
        }
        if !prepared.gone.is_empty() {
            self.unexplained.insert(position, prepared.gone);
        }
        if let Event::ErasureRecorded(event) = &entry.event {
            self.explain(event);
        }
        self.parts.add(&entry);
        Ok(entry)
    }

    fn explain(&mut self, event: &ErasureRecorded) {
        for position in event.positions.iter() {
            if let Some(keys) = self.unexplained.get_mut(position) {
                keys.retain(|key| !names(event, key));
                if keys.is_empty() {
                    self.unexplained.remove(position);
                }
            }
        }
    }

    /// Checks what only the end of a log can show.
    ///
    /// # Errors
    /// [`WalkError::CutUnit`], [`WalkError::Unexplained`].
    pub fn finish(&self) -> Result<(), WalkError> {
        if !self.chain.is_whole() {
            return Err(WalkError::CutUnit {
                position: self.chain.next(),
            });
        }
        match self.unexplained.first_key_value() {
            Some((position, keys)) => Err(WalkError::Unexplained {
                position: *position,
                key: keys.first().copied().unwrap_or_default(),
            }),
            None => Ok(()),
        }
    }
}

/// Whether an erasure destroys a key.
pub fn names(event: &ErasureRecorded, key: &KeyId) -> bool {
    event.root == key.root && event.index.is_none_or(|index| index == key.index)
}

/// Walks from position 0 to the head and hands every entry on, page by page.
///
/// # Errors
/// [`WalkError`] at the first fault; nothing is skipped.
pub fn walk(
    reader: &dyn LogReader,
    opener: &Opener,
    each: impl FnMut(&[Entry]),
) -> Result<Walked, WalkError> {
    walk_on(reader, opener, Walked::default(), each)
}

/// The same from where an earlier walk ended. The log must still hold the last entry of that walk.
///
/// # Errors
/// As [`walk`]; [`WalkError::Rewound`], [`WalkError::Replaced`].
pub fn walk_on(
    reader: &dyn LogReader,
    opener: &Opener,
    walked: Walked,
    mut each: impl FnMut(&[Entry]),
) -> Result<Walked, WalkError> {
    walk_pages(reader, opener, walked, |entries| each(&entries))
}

/// The same, giving every page away.
pub(crate) fn walk_pages(
    reader: &dyn LogReader,
    opener: &Opener,
    mut walked: Walked,
    mut each: impl FnMut(Vec<Entry>),
) -> Result<Walked, WalkError> {
    let head = reader.head();
    check_still_there(reader, &walked.chain, head.next)?;
    let from = walked.chain.next();
    each_page(reader, opener, from, head.next, |page| {
        let steps = page
            .into_iter()
            .map(|prepared| walked.take(opener, prepared));
        each(steps.collect::<Result<_, _>>()?);
        Ok(())
    })?;
    let expected = Hash(head.entry_hash);
    if walked.chain.hash() != expected {
        return Err(WalkError::Head {
            expected,
            found: walked.chain.hash(),
        });
    }
    walked.finish()?;
    Ok(walked)
}

/// Whether the log still holds the last entry of a chain.
pub(crate) fn check_still_there(
    reader: &dyn LogReader,
    chain: &Chain,
    found: Position,
) -> Result<(), WalkError> {
    let checked = chain.next();
    let Some(position) = checked.0.checked_sub(1).map(Position) else {
        return Ok(());
    };
    let rewound = || WalkError::Rewound { checked, found };
    if found < checked {
        return Err(rewound());
    }
    let bytes = reader.entry(position)?.ok_or_else(rewound)?;
    let frame = decode(position, &bytes)?;
    if frame.entry_hash != chain.hash() {
        return Err(WalkError::Replaced {
            position,
            expected: chain.hash(),
            found: frame.entry_hash,
        });
    }
    let holds = frame.check_hash(&chain.last_links());
    holds.map_err(|source| WalkError::Frame { position, source })
}

/// Checks a log at rest: as [`walk_on`] from `since` (none: from the beginning), and that every erasure recorded there is
/// completed. The next check goes on from what this one returns.
///
/// # Errors
/// [`WalkError`] at the first fault.
pub fn check_log(
    reader: &dyn LogReader,
    opener: &Opener,
    since: Option<&Walked>,
) -> Result<Walked, WalkError> {
    let mut erasures = Vec::new();
    let walked = walk_on(
        reader,
        opener,
        since.cloned().unwrap_or_default(),
        |entries| {
            erasures.extend(entries.iter().filter_map(|entry| match &entry.event {
                Event::ErasureRecorded(event) => Some((entry.header.position, event.clone())),
                _ => None,
            }));
        },
    )?;
    for (erasure, event) in &erasures {
        for position in event.positions.iter() {
            check_erased(reader, *erasure, event, *position)?;
        }
    }
    Ok(walked)
}

fn check_erased(
    reader: &dyn LogReader,
    erasure: Position,
    event: &ErasureRecorded,
    position: Position,
) -> Result<(), WalkError> {
    let missing = || StoreError::from(Damage::Missing { position });
    let bytes = reader.entry(position)?.ok_or_else(missing)?;
    let frame = decode(position, &bytes)?;
    let mut held = frame.sealed.iter().filter(|p| p.ciphertext.is_some());
    match held.find(|part| names(event, &part.key())) {
        Some(part) => Err(WalkError::NotErased {
            position,
            key: part.key(),
            erasure,
        }),
        None => Ok(()),
    }
}

/// The log that a fault of its start names instead of the one asked for.
pub fn other_log(error: &WalkError) -> Option<LogId> {
    match error {
        WalkError::Start(StartFault::OtherLog { found, .. }) => Some(*found),
        _ => None,
    }
}
