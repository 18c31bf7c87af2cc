//! One entry as it is hashed and as it is stored.
//!
//! ```text
//! header bytes (hashed)   format 1 ‖ position 8 ‖ stream kind 2 ‖ stream id 16 ‖ revision 8 ‖ recorded_at 8 ‖ type 2 ‖
//!                         version 2 ‖ actor kind 2 ‖ actor id 16 ‖ command id 16 ‖ unit index 4 ‖ unit length 4 ‖
//!                         request tag 16 ‖ caused_by 8 ‖ previous 32 ‖ previous in stream 32 ‖ body commitment 32
//! frame (stored)          the header without its last three fields ‖ open part ‖ sealed parts ‖ entry hash
//! ```
//! The three hashes are not stored: the reader recomputes them from its own chain state. The entry hash is stored so that
//! damage is named at its own position instead of at the head.

use crate::codec::{self, CodecError};
use crate::context::Context;
use crate::events::{Event, Private, StreamKind};
use crate::limits::{FORMAT_VERSION, FRAME_BYTES_MAX, SEALED_PARTS_MAX, UNIT_EVENTS_MAX};
use crate::seal::{self, KeyId, OpenError, SealPlace};
use crate::upcast;
use crate::wire::{Bytes, Exposed, Hash, List};
use probity_types::{CommandId, LogId, Position, RequestTag, Revision, StreamId, Timestamp};
use serde::{Deserialize, Serialize};

/// Context string of entry hashes.
pub const ENTRY_CONTEXT: &str = "probity 2026 entry v1";
/// Context string of body commitments.
pub const BODY_CONTEXT: &str = "probity 2026 body v1";
pub(crate) static ENTRY: Context = Context::new(ENTRY_CONTEXT);
pub(crate) static BODY: Context = Context::new(BODY_CONTEXT);
/// Stored bytes of a header.
pub const HEADER_BYTES: u64 = 113;
/// Kind number of the open part in the part table.
pub const OPEN_PART_KIND: u16 = 0;

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum ActorKind {
    /// The program itself, for example at creation.
    System = 1,
    /// An access key.
    AccessKey = 2,
    /// The clock: the day changed.
    Clock = 3,
    /// The operator at the command line of the machine.
    Operator = 4,
}

impl ActorKind {
    /// The kind with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        [Self::System, Self::AccessKey, Self::Clock, Self::Operator]
            .into_iter()
            .find(|kind| *kind as u16 == number)
    }

    /// The word shown to people.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::AccessKey => "access_key",
            Self::Clock => "clock",
            Self::Operator => "operator",
        }
    }
}

/// The stored part of the header: everything but the three hashes. Field order is the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT_VERSION`], first byte of every entry.
    pub format: u8,
    /// Place in the log.
    pub position: Position,
    /// Number of a [`StreamKind`].
    pub stream_kind: u16,
    /// The stream within its kind.
    pub stream: StreamId,
    /// Place in the stream.
    pub revision: Revision,
    /// When it was recorded; never decreases along the log.
    pub recorded_at: Timestamp,
    /// Event type number.
    pub event_type: u16,
    /// Schema version of the body.
    pub version: u16,
    /// Number of an [`ActorKind`].
    pub actor_kind: u16,
    /// The actor within its kind, zero for the system.
    #[serde(with = "probity_types::fixed")]
    pub actor: [u8; 16],
    /// The command this entry answers.
    pub command: CommandId,
    /// Place in the unit, from 0.
    pub unit_index: u32,
    /// Entries in the unit.
    pub unit_length: u32,
    /// Keyed hash of the request.
    pub request: RequestTag,
    /// The entry that this one answers or compensates, [`Position::NONE`] where there is none.
    pub caused_by: Position,
}

/// Chain state: what the next entry links to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Links {
    /// Entry hash of position − 1, zero at position 0.
    pub previous: Hash,
    /// Entry hash of revision − 1 in the stream, zero at revision 0.
    pub previous_in_stream: Hash,
}

/// What the chain asks of a frame, made without the chain: header, body commitment and the stored entry hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digested {
    /// Header.
    pub header: Header,
    /// As [`Frame::body_commitment`] computes it.
    pub body: Hash,
    /// The stored hash, to be compared.
    pub entry_hash: Hash,
}

impl Digested {
    /// Entry hash over the full header bytes.
    ///
    /// # Errors
    /// [`CodecError`] only where the header itself does not encode.
    pub fn compute_hash(&self, links: &Links) -> Result<Hash, CodecError> {
        let header = codec::encode(&self.header, HEADER_BYTES)?;
        Ok(entry_hash(&header, links, &self.body))
    }

    /// Checks the stored entry hash against the chain.
    ///
    /// # Errors
    /// [`FrameError::EntryHash`].
    pub fn check_hash(&self, links: &Links) -> Result<(), FrameError> {
        let recomputed = self.compute_hash(links)?;
        if recomputed == self.entry_hash {
            Ok(())
        } else {
            Err(FrameError::EntryHash {
                stored: self.entry_hash,
                recomputed,
            })
        }
    }
}

/// Entry hash over a header as it is stored, its links and its body.
pub(crate) fn entry_hash(header: &[u8], links: &Links, body: &Hash) -> Hash {
    let mut linked = [0; 3 * 32];
    let hashes = [links.previous, links.previous_in_stream, *body];
    for (place, hash) in linked.chunks_exact_mut(32).zip(hashes) {
        place.copy_from_slice(&hash.0);
    }
    let mut hasher = ENTRY.hasher();
    Hash(*hasher.update(header).update(&linked).finalize().as_bytes())
}

/// The open part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPart {
    /// Random salt.
    #[serde(with = "probity_types::fixed")]
    pub salt: [u8; 16],
    /// The event's open body.
    pub body: Bytes,
}

/// One sealed part. The table entries stay for ever; the ciphertext may be redacted after an erasure, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedPart {
    /// Kind of its content, see `events::parts`.
    pub kind: u16,
    /// Root of its key.
    pub root: probity_types::RootId,
    /// Leaf of its key.
    pub index: u64,
    /// Commitment over the content.
    pub commitment: Hash,
    /// Hash over the ciphertext as first stored.
    pub sealed_hash: Hash,
    /// The ciphertext, none once redacted.
    pub ciphertext: Option<Bytes>,
}

impl SealedPart {
    /// The key that opens it.
    pub fn key(&self) -> KeyId {
        KeyId {
            root: self.root,
            index: self.index,
        }
    }
}

/// One row of the part table: what the body commitment binds of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRow {
    /// Kind of its content, [`OPEN_PART_KIND`] for the open part.
    pub kind: u16,
    /// Its key, zero for the open part.
    pub key: KeyId,
    /// Commitment over its content.
    pub commitment: Hash,
    /// Hash over its ciphertext, zero for the open part.
    pub sealed_hash: Hash,
}

impl OpenPart {
    /// Its row, with the commitment recomputed.
    pub fn row(&self) -> PartRow {
        let none = KeyId::default();
        PartRow::open(seal::part_commitment(
            OPEN_PART_KIND,
            none,
            &self.salt,
            &self.body.0,
        ))
    }
}

impl SealedPart {
    /// Its row.
    pub fn row(&self) -> PartRow {
        PartRow {
            kind: self.kind,
            key: self.key(),
            commitment: self.commitment,
            sealed_hash: self.sealed_hash,
        }
    }
}

/// Bytes of one row of the part table.
const ROW_BYTES: usize = 90;

impl PartRow {
    /// The row of an open part.
    pub(crate) fn open(commitment: Hash) -> Self {
        Self {
            kind: OPEN_PART_KIND,
            key: KeyId::default(),
            commitment,
            sealed_hash: Hash::default(),
        }
    }

    /// Kind, key id, commitment and sealed hash as they are hashed.
    pub(crate) fn bytes(&self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        bytes[..2].copy_from_slice(&self.kind.to_le_bytes());
        bytes[2..18].copy_from_slice(&self.key.root.0);
        bytes[18..26].copy_from_slice(&self.key.index.to_le_bytes());
        bytes[26..58].copy_from_slice(&self.commitment.0);
        bytes[58..].copy_from_slice(&self.sealed_hash.0);
        bytes
    }
}

/// Body commitment: number of parts, then the row of each.
pub fn body_commitment(open: PartRow, sealed: impl ExactSizeIterator<Item = PartRow>) -> Hash {
    let mut hasher = BODY.hasher();
    // At most eight sealed parts, so the count fits a byte.
    hasher.update(&[1 + sealed.len() as u8]);
    hasher.update(&open.bytes());
    sealed.for_each(|row| {
        hasher.update(&row.bytes());
    });
    Hash(*hasher.finalize().as_bytes())
}

/// One entry as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Header without hashes.
    pub header: Header,
    /// Open part.
    pub open: OpenPart,
    /// Sealed parts.
    pub sealed: List<SealedPart, SEALED_PARTS_MAX>,
    /// The entry's hash.
    pub entry_hash: Hash,
}

/// Why a frame is not a right entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes are not a frame.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A header number outside its range.
    #[error("{field} is {found}, which this format does not know")]
    Header {
        /// Field.
        field: &'static str,
        /// What stood there.
        found: u64,
    },
    /// The recomputed entry hash differs from the stored one.
    #[error("entry hash: stored {stored}, recomputed {recomputed}")]
    EntryHash {
        /// As stored.
        stored: Hash,
        /// As recomputed.
        recomputed: Hash,
    },
    /// A ciphertext does not match its hash in the part table.
    #[error(
        "sealed part {part}: hash of the ciphertext {recomputed} differs from the part table's {stored}"
    )]
    SealedHash {
        /// Part number.
        part: u8,
        /// As stored.
        stored: Hash,
        /// As recomputed.
        recomputed: Hash,
    },
    /// A personal value in the open part.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// More sealed parts than allowed.
    #[error("{found} sealed parts, at most {max} are allowed", max = SEALED_PARTS_MAX)]
    TooManyParts {
        /// Parts found.
        found: u64,
    },
}

impl Frame {
    /// Body commitment over the part table, the open part first.
    pub fn body_commitment(&self) -> Hash {
        let sealed = self.sealed.iter().map(SealedPart::row);
        body_commitment(self.open.row(), sealed)
    }

    /// What the chain asks of it.
    pub fn digested(&self) -> Digested {
        Digested {
            header: self.header,
            body: self.body_commitment(),
            entry_hash: self.entry_hash,
        }
    }

    /// Entry hash over the full header bytes.
    ///
    /// # Errors
    /// [`CodecError`] only where the header itself does not encode.
    pub fn compute_hash(&self, links: &Links) -> Result<Hash, CodecError> {
        self.digested().compute_hash(links)
    }

    /// The stored bytes.
    ///
    /// # Errors
    /// [`CodecError::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        codec::encode(self, FRAME_BYTES_MAX)
    }

    /// Reads stored bytes and checks what needs no chain state: canonical form, header ranges, sealed hashes.
    ///
    /// # Errors
    /// [`FrameError`] names the fault.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let unknown = |field, found| Err(FrameError::Header { field, found });
        // The first byte alone says how to read the rest, so it is looked at before anything else.
        if let Some(format) = bytes.first().filter(|format| **format != FORMAT_VERSION) {
            return unknown("format", u64::from(*format));
        }
        let frame: Self = codec::decode(bytes, FRAME_BYTES_MAX)?;
        let header = &frame.header;
        if StreamKind::from_number(header.stream_kind).is_none() {
            return unknown("stream kind", u64::from(header.stream_kind));
        }
        if ActorKind::from_number(header.actor_kind).is_none() {
            return unknown("actor kind", u64::from(header.actor_kind));
        }
        if header.unit_length > UNIT_EVENTS_MAX {
            return unknown("unit length", u64::from(header.unit_length));
        }
        if header.unit_index >= header.unit_length {
            return unknown("unit index", u64::from(header.unit_index));
        }
        for (number, part) in (1u8..).zip(frame.sealed.iter()) {
            if let Some(ciphertext) = &part.ciphertext {
                let recomputed = seal::sealed_hash(&ciphertext.0);
                if recomputed != part.sealed_hash {
                    return Err(FrameError::SealedHash {
                        part: number,
                        stored: part.sealed_hash,
                        recomputed,
                    });
                }
            }
        }
        Ok(frame)
    }

    /// Checks the stored entry hash against the chain.
    ///
    /// # Errors
    /// [`FrameError::EntryHash`].
    pub fn check_hash(&self, links: &Links) -> Result<(), FrameError> {
        self.digested().check_hash(links)
    }

    /// The event in the open part; checks as well that nothing personal stands there.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn event(&self) -> Result<Event, FrameError> {
        let event = upcast::read_event(
            self.header.event_type,
            self.header.version,
            &self.open.body.0,
        )?;
        event.check_open()?;
        Ok(event)
    }

    pub(crate) fn place(&self, log: LogId, part: u8) -> SealPlace {
        SealPlace {
            log,
            stream_kind: self.header.stream_kind,
            stream: self.header.stream,
            event_type: self.header.event_type,
            version: self.header.version,
            part,
        }
    }

    /// Opens sealed part `number` (from 1) with its key and checks the commitment.
    ///
    /// # Errors
    /// [`PartError`].
    pub fn open_part(&self, log: LogId, number: u8, key: &[u8; 32]) -> Result<Private, PartError> {
        let part = self.sealed_part(number)?;
        let (_, content) = self.open_part_bytes(log, number, key)?;
        Ok(Private::decode(part.kind, &content)?)
    }

    /// The same, undecoded and with the salt: with both, others check the commitment without the key.
    ///
    /// # Errors
    /// [`PartError`].
    pub fn open_part_bytes(
        &self,
        log: LogId,
        number: u8,
        key: &[u8; 32],
    ) -> Result<([u8; 16], Vec<u8>), PartError> {
        let part = self.sealed_part(number)?;
        let ciphertext = part.ciphertext.as_ref().ok_or(PartError::Redacted)?;
        let place = self.place(log, number);
        Ok(seal::open_salted(
            key,
            &place,
            part.kind,
            part.key(),
            &part.commitment,
            &ciphertext.0,
        )?)
    }

    fn sealed_part(&self, number: u8) -> Result<&SealedPart, PartError> {
        let part = usize::from(number).checked_sub(1);
        part.and_then(|i| self.sealed.get(i))
            .ok_or(PartError::NoSuchPart)
    }
}

/// Why a sealed part gives no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// The entry has no part of that number.
    #[error("the entry has no such part")]
    NoSuchPart,
    /// The ciphertext was dropped after an erasure.
    #[error("the part was redacted after an erasure")]
    Redacted,
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It opens, but does not decode.
    #[error(transparent)]
    Codec(#[from] CodecError),
}
