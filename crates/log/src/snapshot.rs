//! The writer's state at one head, as a copy and as bytes: a start that has it walks only what came after.
//!
//! ```text
//! magic 8 "probity\x01" ‖ version u32 ‖ next u64 ‖ entry hash 32 ‖ decision state ‖ chain ‖ commands
//! ```
//!
//! One state has one sequence of bytes; only the version that wrote them reads them. They hold keyed tags of personal
//! content, also of content that is erased later, so whoever keeps them seals them, and writes a new one and removes the
//! old ones after an erasure. A snapshot is never needed: without one everything is replayed.

use crate::idempotency::Idempotency;
use crate::walk::{WalkError, check_still_there};
use probity_domain::snapshot::STATE_VERSION;
use probity_domain::{Registry, Tagger};
use probity_format::Hash;
use probity_format::chain::Chain;
use probity_store::LogReader;
use probity_types::Position;
use probity_types::pack::{demand, read_one, write_one};
use std::io::{self, Read, Write};

const MAGIC: [u8; 8] = *b"probity\x01";
/// Counts up with every change to the bytes that the decision state's own version does not tell.
const SNAPSHOT_VERSION: u16 = 1;

fn version() -> u32 {
    u32::from(SNAPSHOT_VERSION) << 16 | u32::from(STATE_VERSION)
}

/// The head that a snapshot stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotHead {
    /// Position of the next entry.
    pub next: Position,
    /// Hash of the last entry.
    pub entry_hash: Hash,
}

impl SnapshotHead {
    /// Reads the first 52 bytes of a snapshot, which tell whether the rest is worth reading.
    ///
    /// # Errors
    /// The reader's own; `InvalidData` for the bytes of another version.
    pub fn read(from: &mut dyn Read) -> io::Result<Self> {
        demand(read_one::<[u8; 8]>(from)? == MAGIC)?;
        demand(read_one::<u32>(from)? == version())?;
        let (next, hash) = read_one(from)?;
        let entry_hash = Hash(hash);
        Ok(Self { next, entry_hash })
    }
}

/// Decision state, chain and commands at one head. A copy costs about a millisecond, whatever the size.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) registry: Registry,
    pub(crate) chain: Chain,
    pub(crate) idempotency: Idempotency,
}

impl Snapshot {
    /// The state before position 0.
    pub fn empty(tagger: Tagger) -> Self {
        Self {
            registry: Registry::empty(tagger),
            chain: Chain::default(),
            idempotency: Idempotency::default(),
        }
    }

    /// The head it stands for.
    pub fn head(&self) -> SnapshotHead {
        SnapshotHead {
            next: self.chain.next(),
            entry_hash: self.chain.hash(),
        }
    }

    /// The decision state.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whether the log still holds the last entry that this state has seen, unchanged.
    ///
    /// # Errors
    /// [`WalkError::Rewound`], [`WalkError::Replaced`], or what is wrong with that entry.
    pub fn check(&self, reader: &dyn LogReader) -> Result<(), WalkError> {
        check_still_there(reader, &self.chain, reader.head().next)
    }

    /// Writes the bytes, in many small pieces: give it something buffered.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let SnapshotHead { next, entry_hash } = self.head();
        write_one(out, &MAGIC)?;
        write_one(out, &version())?;
        write_one(out, &(next, entry_hash.0))?;
        self.registry.write(out)?;
        self.chain.write(out)?;
        self.idempotency.write(out)
    }

    /// Reads the bytes, in many small pieces; `tagger` is the one that the state was made with.
    ///
    /// # Errors
    /// The reader's own; `InvalidData` for bytes that are no snapshot of this version.
    pub fn read(from: &mut dyn Read, tagger: Tagger) -> io::Result<Self> {
        let head = SnapshotHead::read(from)?;
        let read = Self {
            registry: Registry::read(tagger, from)?,
            chain: Chain::read(from)?,
            idempotency: Idempotency::read(from)?,
        };
        let is_one = read.head() == head && read.registry.next() == head.next;
        demand(is_one && read.chain.is_whole())?;
        Ok(read)
    }
}
