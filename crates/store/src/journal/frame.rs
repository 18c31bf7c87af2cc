//! Bytes of the journal: header blocks and frames. Pure.
//!
//! ```text
//! segment = header block (4096) ‖ frames, each beginning on a 4096-byte boundary
//! header  = "PBJSEG02" ‖ log id 16 ‖ generation u64 ‖ bytes of the file u64 ‖ hash 32 ‖ zeros
//! frame   = "PBJFRM01" ‖ generation u64 ‖ first position u64 ‖ entries u32 ‖ payload bytes u64
//!           ‖ entry hash after the frame 32 ‖ payload ‖ hash 32 ‖ zeros to the boundary
//! payload = per entry: length u32 ‖ bytes
//! ```
//!
//! Little-endian. Hashes are BLAKE3 over the log id and everything before them, so that a frame of another log, of an older
//! generation or of another place never passes for one of this. A frame without entries is a *seal*: it says how far the
//! log reached when it was written.

use crate::log_store::Head;
use probity_types::{LogId, Position};

/// Size of a block: no frame rewrites the sector of an acknowledged one.
pub(crate) const BLOCK: usize = 4_096;

const SEGMENT_MAGIC: &[u8; 8] = b"PBJSEG02";
const FRAME_MAGIC: &[u8; 8] = b"PBJFRM01";
const CONTEXT: &str = "probity 2026 journal v1";
const HEADER_BYTES: usize = 8 + 16 + 8 + 8;
const FIXED_BYTES: usize = 8 + 8 + 8 + 4 + 8 + 32;
const HASH_BYTES: usize = 32;

/// One group commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Generation of the segment it was written to.
    pub(crate) generation: u64,
    /// Position of its first entry; of the entry to come where it has none.
    pub(crate) first: Position,
    /// Hash of the last entry at or before its end.
    pub(crate) entry_hash: [u8; 32],
    /// Entries, none in a seal.
    pub(crate) entries: Vec<Vec<u8>>,
}

fn hash(log: LogId, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&log.0).update(bytes);
    *hasher.finalize().as_bytes()
}

/// The header block of a segment. It says how long the file is: a file that was cut short must not pass for one whose last
/// frames were never written.
pub(crate) fn encode_header(log: LogId, generation: u64, bytes: u64) -> Vec<u8> {
    let mut block = Vec::with_capacity(BLOCK);
    block.extend_from_slice(SEGMENT_MAGIC);
    block.extend_from_slice(&log.0);
    block.extend_from_slice(&generation.to_le_bytes());
    block.extend_from_slice(&bytes.to_le_bytes());
    let hash = hash(log, &block);
    block.extend_from_slice(&hash);
    block.resize(BLOCK, 0);
    block
}

/// Generation and length of the file by a header block; none where it is not a whole one of this log.
pub(crate) fn decode_header(log: LogId, block: &[u8]) -> Option<(u64, u64)> {
    let body = block.get(..HEADER_BYTES)?;
    let stored = block.get(HEADER_BYTES..HEADER_BYTES + HASH_BYTES)?;
    let (generation, bytes) = (u64_at(body, 24)?, u64_at(body, 32)?);
    let is_ours = body.starts_with(SEGMENT_MAGIC) && body.get(8..24)? == log.0;
    (is_ours && hash(log, body) == stored).then_some((generation, bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
    Some(u64::from_le_bytes(bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

/// Bytes that a frame of these entries takes, boundaries included.
pub(crate) fn frame_bytes(entries: &[Vec<u8>]) -> u64 {
    let payload: usize = entries.iter().map(|entry| 4 + entry.len()).sum();
    let bytes = FIXED_BYTES + payload + HASH_BYTES;
    bytes.next_multiple_of(BLOCK) as u64
}

/// Writes a frame into `out`, which is emptied first.
pub(crate) fn encode_frame(
    log: LogId,
    generation: u64,
    first: Position,
    entries: &[Vec<u8>],
    head: &Head,
    out: &mut Vec<u8>,
) {
    out.clear();
    let payload: usize = entries.iter().map(|entry| 4 + entry.len()).sum();
    out.extend_from_slice(FRAME_MAGIC);
    out.extend_from_slice(&generation.to_le_bytes());
    out.extend_from_slice(&first.0.to_le_bytes());
    // An append is bounded by the writer's group, far below u32; so is every entry.
    out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    out.extend_from_slice(&(payload as u64).to_le_bytes());
    out.extend_from_slice(&head.entry_hash);
    for entry in entries {
        out.extend_from_slice(&(entry.len() as u32).to_le_bytes());
        out.extend_from_slice(entry);
    }
    let hash = hash(log, out);
    out.extend_from_slice(&hash);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

/// The frame at the beginning of `bytes`, with the bytes it takes; none where there is no whole one of this log.
pub(crate) fn decode_frame(log: LogId, bytes: &[u8]) -> Option<(Frame, usize)> {
    if !bytes.starts_with(FRAME_MAGIC) {
        return None;
    }
    let generation = u64_at(bytes, 8)?;
    let first = Position(u64_at(bytes, 16)?);
    let count = u32_at(bytes, 24)?;
    let payload = usize::try_from(u64_at(bytes, 28)?).ok()?;
    let end = FIXED_BYTES.checked_add(payload)?;
    let body = bytes.get(..end)?;
    let stored = bytes.get(end..end.checked_add(HASH_BYTES)?)?;
    if hash(log, body) != stored {
        return None;
    }
    let entry_hash: [u8; 32] = body.get(36..FIXED_BYTES)?.try_into().ok()?;
    let mut rest = body.get(FIXED_BYTES..)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let length = u32_at(rest, 0)? as usize;
        entries.push(rest.get(4..4 + length)?.to_vec());
        rest = rest.get(4 + length..)?;
    }
    let frame = Frame {
        generation,
        first,
        entry_hash,
        entries,
    };
    let taken = (end + HASH_BYTES).next_multiple_of(BLOCK);
    rest.is_empty().then_some((frame, taken))
}

impl Frame {
    /// Position after its last entry.
    pub(crate) fn next(&self) -> u64 {
        self.first.0 + self.entries.len() as u64
    }

    /// The head that it led to.
    pub(crate) fn head(&self) -> Head {
        Head {
            next: Position(self.next()),
            entry_hash: self.entry_hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: LogId = LogId([7; 16]);

    #[test]
    fn a_header_reads_back_for_its_own_log_only() {
        let block = encode_header(LOG, 41, 1 << 20);
        assert_eq!(block.len(), BLOCK);
        assert_eq!(decode_header(LOG, &block), Some((41, 1 << 20)));
        assert_eq!(decode_header(LogId([8; 16]), &block), None);
        assert_eq!(decode_header(LOG, &[0; BLOCK]), None);
        assert_eq!(decode_header(LOG, &block[..20]), None);
    }

    proptest! {
        #[test]
        fn a_frame_reads_back_and_no_flipped_bit_passes(
            entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600), 0..12),
            first in 0u64..1 << 40,
            flip in any::<proptest::sample::Index>(),
        ) {
            let head = Head { next: Position(first + entries.len() as u64), entry_hash: [3; 32] };
            let mut bytes = Vec::new();
            encode_frame(LOG, 5, Position(first), &entries, &head, &mut bytes);
            prop_assert_eq!(bytes.len() as u64, frame_bytes(&entries));
            let (frame, taken) = decode_frame(LOG, &bytes).expect("reads back");
            prop_assert_eq!(taken, bytes.len());
            prop_assert_eq!(frame.head(), head);
            prop_assert_eq!(&frame.entries, &entries);
            prop_assert!(decode_frame(LogId([8; 16]), &bytes).is_none());
            let payload: usize = entries.iter().map(|entry| 4 + entry.len()).sum();
            let bit = flip.index((FIXED_BYTES + payload + HASH_BYTES) * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(decode_frame(LOG, &bytes).is_none());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(decode_frame(LOG, &bytes).is_none());
            prop_assert!(decode_header(LOG, &bytes).is_none());
            bytes.splice(0..0, *FRAME_MAGIC);
            prop_assert!(decode_frame(LOG, &bytes).is_none());
        }
    }
}
