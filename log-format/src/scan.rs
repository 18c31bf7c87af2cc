//! A frame read where it lies: no copy, no allocation. For whoever walks through millions of them.
//!
//! The layout is fixed (SPEC.md §3.2, §3.3), so every field has its place. What [`Scanned::parse`] takes,
//! [`crate::Frame::decode`] takes as well, once [`Scanned::check_sealed`] has passed; what it refuses is refused there.

use crate::codec::CodecError;
use crate::events::StreamKind;
use crate::frame::{ActorKind, FrameError, HEADER_BYTES, PartRow};
use crate::limits::{FORMAT_VERSION, FRAME_BYTES_MAX, SEALED_PARTS_MAX, UNIT_EVENTS_MAX};
use crate::seal::{self, KeyId};
use crate::wire::Hash;
use probity_types::{Position, Revision, RootId, StreamId, Timestamp};

const HEADER: usize = HEADER_BYTES as usize;

/// A frame's fields, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Scanned<'a> {
    header: &'a [u8; HEADER],
    salt: &'a [u8; 16],
    body: &'a [u8],
    sealed: &'a [u8],
    sealed_count: u8,
    entry_hash: &'a [u8; 32],
}

/// A sealed part's fields, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct ScannedPart<'a> {
    /// Its row of the part table.
    pub row: PartRow,
    /// The ciphertext, none once redacted.
    pub ciphertext: Option<&'a [u8]>,
}

fn short() -> FrameError {
    FrameError::Codec(CodecError::Malformed {
        what: "Frame",
        why: "the bytes end too early".to_owned(),
    })
}

fn malformed(why: String) -> FrameError {
    FrameError::Codec(CodecError::Malformed { what: "Frame", why })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], FrameError> {
    let (taken, after) = rest.split_first_chunk::<N>().ok_or_else(short)?;
    *rest = after;
    Ok(taken)
}

fn take_u64(rest: &mut &[u8]) -> Result<u64, FrameError> {
    take::<8>(rest).map(|bytes| u64::from_le_bytes(*bytes))
}

/// A length, and as many bytes.
fn take_bytes<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], FrameError> {
    let length = usize::try_from(take_u64(rest)?).map_err(|_| short())?;
    let (taken, after) = rest.split_at_checked(length).ok_or_else(short)?;
    *rest = after;
    Ok(taken)
}

fn take_part<'a>(rest: &mut &'a [u8]) -> Result<ScannedPart<'a>, FrameError> {
    let kind = u16::from_le_bytes(*take(rest)?);
    let root = RootId(*take(rest)?);
    let index = take_u64(rest)?;
    let row = PartRow {
        kind,
        key: KeyId { root, index },
        commitment: Hash(*take(rest)?),
        sealed_hash: Hash(*take(rest)?),
    };
    let ciphertext = match take::<1>(rest)? {
        [0] => None,
        [1] => Some(take_bytes(rest)?),
        [tag] => return Err(malformed(format!("the tag {tag} of a sealed part"))),
    };
    Ok(ScannedPart { row, ciphertext })
}

impl<'a> Scanned<'a> {
    /// Reads the layout and checks what needs neither hashes nor the chain.
    ///
    /// # Errors
    /// [`FrameError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let found = bytes.len() as u64;
        if let Some(format) = bytes.first().filter(|format| **format != FORMAT_VERSION) {
            return Err(unknown("format", u64::from(*format)));
        }
        if found > FRAME_BYTES_MAX {
            let max = FRAME_BYTES_MAX;
            return Err(CodecError::TooLarge { found, max }.into());
        }
        let mut rest = bytes;
        let header = take::<HEADER>(&mut rest)?;
        let salt = take(&mut rest)?;
        let body = take_bytes(&mut rest)?;
        let count = take_u64(&mut rest)?;
        if count > u64::from(SEALED_PARTS_MAX) {
            return Err(FrameError::TooManyParts { found: count });
        }
        let sealed = rest;
        for _ in 0..count {
            take_part(&mut rest)?;
        }
        let entry_hash = take(&mut rest)?;
        if !rest.is_empty() {
            return Err(malformed("bytes left over".to_owned()));
        }
        let scanned = Self {
            header,
            salt,
            body,
            sealed,
            sealed_count: count as u8,
            entry_hash,
        };
        scanned.check_ranges()?;
        Ok(scanned)
    }

    fn check_ranges(&self) -> Result<(), FrameError> {
        let (kind, actor) = (self.stream_kind(), u16::from_le_bytes(self.field(47)));
        if StreamKind::from_number(kind).is_none() {
            return Err(unknown("stream kind", u64::from(kind)));
        }
        if ActorKind::from_number(actor).is_none() {
            return Err(unknown("actor kind", u64::from(actor)));
        }
        let (index, length) = (self.unit_index(), self.unit_length());
        if length > UNIT_EVENTS_MAX {
            return Err(unknown("unit length", u64::from(length)));
        }
        if index >= length {
            return Err(unknown("unit index", u64::from(index)));
        }
        Ok(())
    }

    fn field<const N: usize>(&self, offset: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.header[offset..offset + N]);
        bytes
    }

    /// Place in the log.
    pub fn position(&self) -> Position {
        Position(u64::from_le_bytes(self.field(1)))
    }

    /// Number of the stream's kind.
    pub fn stream_kind(&self) -> u16 {
        u16::from_le_bytes(self.field(9))
    }

    /// The stream within its kind.
    pub fn stream(&self) -> StreamId {
        StreamId(self.field(11))
    }

    /// Place in the stream.
    pub fn revision(&self) -> Revision {
        Revision(u64::from_le_bytes(self.field(27)))
    }

    /// When it was recorded.
    pub fn recorded_at(&self) -> Timestamp {
        Timestamp(i64::from_le_bytes(self.field(35)))
    }

    /// Event type number.
    pub fn event_type(&self) -> u16 {
        u16::from_le_bytes(self.field(43))
    }

    /// Schema version of the body.
    pub fn version(&self) -> u16 {
        u16::from_le_bytes(self.field(45))
    }

    /// Place in the unit.
    pub fn unit_index(&self) -> u32 {
        u32::from_le_bytes(self.field(81))
    }

    /// Entries in the unit.
    pub fn unit_length(&self) -> u32 {
        u32::from_le_bytes(self.field(85))
    }

    /// The entry that this one answers or compensates.
    pub fn caused_by(&self) -> Position {
        Position(u64::from_le_bytes(self.field(105)))
    }

    /// Every header field, as stored.
    pub(crate) fn header(&self) -> &'a [u8; HEADER] {
        self.header
    }

    /// Salt of the open part.
    pub(crate) fn salt(&self) -> &'a [u8; 16] {
        self.salt
    }

    /// Number of sealed parts.
    pub(crate) fn sealed_count(&self) -> u8 {
        self.sealed_count
    }

    /// The open body.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The stored entry hash.
    pub fn entry_hash(&self) -> Hash {
        Hash(*self.entry_hash)
    }

    /// The sealed parts in order.
    pub fn sealed(&self) -> impl Iterator<Item = ScannedPart<'a>> {
        let mut rest = self.sealed;
        // The layout was read to its end before.
        (0..self.sealed_count).map_while(move |_| take_part(&mut rest).ok())
    }

    /// Checks every ciphertext that is there against its hash in the part table.
    ///
    /// # Errors
    /// [`FrameError::SealedHash`].
    pub fn check_sealed(&self) -> Result<(), FrameError> {
        let ciphertexts = self.sealed().filter_map(|part| part.ciphertext);
        self.check_sealed_as(ciphertexts.map(seal::sealed_hash))
    }

    /// The same, where the ciphertexts that are there were hashed before ([`crate::many::EntryHashes`]): their hashes in order.
    ///
    /// # Errors
    /// [`FrameError::SealedHash`]; a ciphertext without a hash does not hold either.
    pub fn check_sealed_as(
        &self,
        recomputed: impl IntoIterator<Item = Hash>,
    ) -> Result<(), FrameError> {
        let mut recomputed = recomputed.into_iter();
        for (number, part) in (1u8..).zip(self.sealed()) {
            if part.ciphertext.is_none() {
                continue;
            }
            let (stored, recomputed) = (part.row.sealed_hash, recomputed.next());
            if recomputed != Some(stored) {
                return Err(FrameError::SealedHash {
                    part: number,
                    stored,
                    recomputed: recomputed.unwrap_or_default(),
                });
            }
        }
        Ok(())
    }
}

fn unknown(field: &'static str, found: u64) -> FrameError {
    FrameError::Header { field, found }
}
