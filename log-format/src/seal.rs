//! Commitments and sealing of body parts.
//!
//! A part's commitment binds its content and is salted, so that it says nothing about the content. A sealed part is
//! ChaCha20-Poly1305 over `salt ‖ method ‖ length ‖ content`, compressed where that helps. Out of scope: where keys come
//! from and lie (`keytree`, the key ring).

use crate::context::Context;
use crate::deflate::{SHORT_BYTES_MAX, deflate_short};
use crate::limits::SEALED_PART_BYTES_MAX;
use crate::wire::Hash;
use probity_types::{LogId, RootId, StreamId};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::error::Unspecified;

/// Context string of part commitments.
pub const PART_CONTEXT: &str = "probity 2026 part v1";
/// Context string of hashes over ciphertexts.
pub const SEALED_CONTEXT: &str = "probity 2026 sealed v1";
pub(crate) static PART: Context = Context::new(PART_CONTEXT);
pub(crate) static SEALED: Context = Context::new(SEALED_CONTEXT);
/// Content stands as it is.
const METHOD_PLAIN: u8 = 0;
/// Content is a raw DEFLATE stream (RFC 1951).
const METHOD_DEFLATE: u8 = 1;
/// Where the method stands in what is sealed: behind the salt.
const METHOD_AT: usize = 16;
/// Below this, compression costs more than it saves.
const DEFLATE_FROM_BYTES: usize = 96;

/// Which key seals a part: a root in the key ring and the leaf under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct KeyId {
    /// The root.
    pub root: RootId,
    /// The leaf.
    pub index: u64,
}

/// Why a sealed part cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another key, another place, or changed bytes.
    #[error("the sealed part does not open with this key at this place")]
    Authentication,
    /// It opens, but what is inside is not of the format.
    #[error("the sealed part opens, but its content is malformed")]
    Malformed,
    /// It opens, but the content does not match the commitment in the part table.
    #[error("the opened content does not match its commitment")]
    Commitment,
}

/// Where a sealed part stands; part of what is authenticated, so that a ciphertext cannot be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealPlace {
    /// The log.
    pub log: LogId,
    /// Number of the stream's kind.
    pub stream_kind: u16,
    /// The stream.
    pub stream: StreamId,
    /// Event type.
    pub event_type: u16,
    /// Schema version.
    pub version: u16,
    /// Part number, the open part being 0.
    pub part: u8,
}

impl SealPlace {
    fn associated_data(&self, commitment: &Hash) -> [u8; 71] {
        let mut data = [0; 71];
        data[..16].copy_from_slice(&self.log.0);
        data[16..18].copy_from_slice(&self.stream_kind.to_le_bytes());
        data[18..34].copy_from_slice(&self.stream.0);
        data[34..36].copy_from_slice(&self.event_type.to_le_bytes());
        data[36..38].copy_from_slice(&self.version.to_le_bytes());
        data[38] = self.part;
        data[39..].copy_from_slice(&commitment.0);
        data
    }
}

/// Commitment of one part: kind, key id, length, salt, content.
pub fn part_commitment(kind: u16, key: KeyId, salt: &[u8; 16], content: &[u8]) -> Hash {
    let mut hasher = PART.hasher();
    hasher.update(&part_head(kind, key, salt, content.len()));
    hasher.update(content);
    Hash(*hasher.finalize().as_bytes())
}

/// Bytes before the content where a part is committed to.
pub(crate) const PART_HEAD_BYTES: usize = 50;

/// Kind, key id, length and salt as they are hashed.
pub(crate) fn part_head(
    kind: u16,
    key: KeyId,
    salt: &[u8; 16],
    length: usize,
) -> [u8; PART_HEAD_BYTES] {
    let mut head = [0; PART_HEAD_BYTES];
    head[..2].copy_from_slice(&kind.to_le_bytes());
    head[2..18].copy_from_slice(&key.root.0);
    head[18..26].copy_from_slice(&key.index.to_le_bytes());
    head[26..34].copy_from_slice(&(length as u64).to_le_bytes());
    head[34..].copy_from_slice(salt);
    head
}

/// Hash over a ciphertext as stored.
pub fn sealed_hash(ciphertext: &[u8]) -> Hash {
    Hash(*SEALED.hasher().update(ciphertext).finalize().as_bytes())
}

fn nonce(commitment: &Hash) -> Nonce {
    let mut first = [0; 12];
    first.copy_from_slice(&commitment.0[..12]);
    Nonce::assume_unique_for_key(first)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new)
}

/// Appends `content`, compressed where that helps, and returns the method.
fn pack(content: &[u8], out: &mut Vec<u8>) -> u8 {
    let start = out.len();
    match content.len() {
        ..DEFLATE_FROM_BYTES => {}
        DEFLATE_FROM_BYTES..=SHORT_BYTES_MAX => deflate_short(content, out),
        _ => out.extend(miniz_oxide::deflate::compress_to_vec(content, 6)),
    }
    let packed = out.len() - start;
    if (1..content.len()).contains(&packed) {
        return METHOD_DEFLATE;
    }
    out.truncate(start);
    out.extend_from_slice(content);
    METHOD_PLAIN
}

/// Seals a part's content. The nonce comes from the salted commitment, so the same content never gives the same bytes.
pub fn seal(
    key: &[u8; 32],
    place: &SealPlace,
    commitment: &Hash,
    salt: &[u8; 16],
    content: &[u8],
) -> Vec<u8> {
    // The fixed codes make a byte at most nine bits; with that and the tag nothing grows on the way.
    let mut bytes = Vec::with_capacity(content.len() / 8 * 9 + 64);
    bytes.extend_from_slice(salt);
    bytes.push(METHOD_PLAIN);
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes[METHOD_AT] = pack(content, &mut bytes);
    let aad = Aad::from(place.associated_data(commitment));
    let sealed = cipher(key)
        .and_then(|cipher| cipher.seal_in_place_append_tag(nonce(commitment), aad, &mut bytes));
    // The cipher refuses only messages of more than 256 GiB, and keys of another length; a part is bounded far below.
    sealed.map_or_else(|_| Vec::new(), |()| bytes)
}

/// Opens a sealed part and checks its commitment; its salt and its content.
///
/// # Errors
/// [`OpenError`] tells a wrong key or place from damaged content.
pub fn open(
    key: &[u8; 32],
    place: &SealPlace,
    kind: u16,
    id: KeyId,
    commitment: &Hash,
    ciphertext: &[u8],
) -> Result<Vec<u8>, OpenError> {
    open_salted(key, place, kind, id, commitment, ciphertext).map(|(_, content)| content)
}

/// The same with the salt of the commitment: with both, others can check the commitment without the key.
///
/// # Errors
/// As [`open`].
pub fn open_salted(
    key: &[u8; 32],
    place: &SealPlace,
    kind: u16,
    id: KeyId,
    commitment: &Hash,
    ciphertext: &[u8],
) -> Result<([u8; 16], Vec<u8>), OpenError> {
    let aad = Aad::from(place.associated_data(commitment));
    let mut bytes = ciphertext.to_vec();
    let plain = cipher(key)
        .and_then(|cipher| cipher.open_in_place(nonce(commitment), aad, &mut bytes))
        .map_err(|_| OpenError::Authentication)?;
    let (salt, rest) = plain
        .split_first_chunk::<16>()
        .ok_or(OpenError::Malformed)?;
    let (method, rest) = rest.split_first().ok_or(OpenError::Malformed)?;
    let (length, body) = rest.split_first_chunk::<8>().ok_or(OpenError::Malformed)?;
    let length = u64::from_le_bytes(*length);
    if length > SEALED_PART_BYTES_MAX {
        return Err(OpenError::Malformed);
    }
    let content = match *method {
        METHOD_PLAIN => body.to_vec(),
        METHOD_DEFLATE => miniz_oxide::inflate::decompress_to_vec_with_limit(body, length as usize)
            .map_err(|_| OpenError::Malformed)?,
        _ => return Err(OpenError::Malformed),
    };
    if content.len() as u64 != length {
        return Err(OpenError::Malformed);
    }
    if part_commitment(kind, id, salt, &content) != *commitment {
        return Err(OpenError::Commitment);
    }
    Ok((*salt, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACE: SealPlace = SealPlace {
        log: LogId([1; 16]),
        stream_kind: 3,
        stream: StreamId([2; 16]),
        event_type: 10,
        version: 1,
        part: 1,
    };
    const ID: KeyId = KeyId {
        root: RootId([2; 16]),
        index: 7,
    };

    fn sealed(content: &[u8]) -> (Hash, Vec<u8>) {
        let commitment = part_commitment(1, ID, &[9; 16], content);
        (
            commitment,
            seal(&[5; 32], &PLACE, &commitment, &[9; 16], content),
        )
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_to_the_same_content(content in proptest::collection::vec(any::<u8>(), 0..400)) {
            let (commitment, bytes) = sealed(&content);
            prop_assert_eq!(open(&[5; 32], &PLACE, 1, ID, &commitment, &bytes), Ok(content));
        }

        #[test]
        fn a_flipped_bit_does_not_open(content in proptest::collection::vec(any::<u8>(), 0..200), at: u16, bit in 0u8..8) {
            let (commitment, mut bytes) = sealed(&content);
            let at = usize::from(at) % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert_eq!(open(&[5; 32], &PLACE, 1, ID, &commitment, &bytes), Err(OpenError::Authentication));
        }
    }

    #[test]
    fn a_sealed_part_cannot_be_moved_or_opened_with_another_key() {
        let (commitment, bytes) = sealed(b"content");
        let moved = SealPlace {
            stream: StreamId([3; 16]),
            ..PLACE
        };
        assert_eq!(
            open(&[5; 32], &moved, 1, ID, &commitment, &bytes),
            Err(OpenError::Authentication)
        );
        assert_eq!(
            open(&[6; 32], &PLACE, 1, ID, &commitment, &bytes),
            Err(OpenError::Authentication)
        );
    }

    #[test]
    fn long_content_is_compressed_before_it_is_sealed() {
        let (_, bytes) = sealed(&[b'a'; 4000]);
        assert!(bytes.len() < 200, "{}", bytes.len());
    }
}
