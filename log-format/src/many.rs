//! Entry hashes of many frames at once, on as many lanes as the machine has.
//!
//! One BLAKE3 compression waits for itself: about 60 ns, however wide the machine. A walk through millions of entries has
//! always more messages at hand, so their whole blocks are compressed side by side, and only the last block of each by
//! itself. blake3 offers that in its `platform` module alone, which it does not promise to keep: this is the only file that
//! names it, and a test compares every length with the hash that the public interface gives.

use crate::context::Context;
use crate::frame::{BODY, ENTRY, HEADER_BYTES, Links, OPEN_PART_KIND, PartRow};
use crate::scan::Scanned;
use crate::seal::{KeyId, PART, SEALED, part_head};
use crate::wire::Hash;
use blake3::IncrementCounter;
use blake3::platform::Platform;

const BLOCK: usize = blake3::BLOCK_LEN;
/// Lanes of the widest machine.
const LANES: usize = 16;
const CHUNK_START: u8 = 1;
const CHUNK_END: u8 = 2;
const ROOT: u8 = 8;
const DERIVE_KEY_MATERIAL: u8 = 64;
const HASHED: usize = HEADER_BYTES as usize + 96;

/// Hashes under one context string.
#[derive(Debug)]
struct Lanes {
    platform: Platform,
    context: &'static Context,
    key: [u32; 8],
    /// Numbers of the messages by their whole blocks before the last.
    by_blocks: [Vec<usize>; LANES],
}

/// Where a message lies in a buffer of many.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
}

fn words(bytes: &[u8; 32]) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*chunk);
    }
    words
}

impl Lanes {
    fn new(context: &'static Context) -> Self {
        Self {
            platform: Platform::detect(),
            key: words(context.key()),
            context,
            by_blocks: Default::default(),
        }
    }

    /// Hashes of the messages that lie in `buffer` at `places`.
    fn hash(&mut self, buffer: &[u8], places: &[Place], hashes: &mut Vec<Hash>) {
        hashes.clear();
        hashes.resize(places.len(), Hash::default());
        self.by_blocks.iter_mut().for_each(Vec::clear);
        for (number, place) in places.iter().enumerate() {
            let before_last = (place.end - place.start).saturating_sub(1) / BLOCK;
            match self.by_blocks.get_mut(before_last) {
                Some(numbers) => numbers.push(number),
                // More than a chunk: the tree over its chunks is the library's own business.
                None => {
                    let message = &buffer[place.start..place.end];
                    let hash = self.context.hasher().update(message).finalize();
                    hashes[number] = Hash(*hash.as_bytes());
                }
            }
        }
        macro_rules! groups {
            ($($blocks:literal)+) => {$(self.group::<{ $blocks * BLOCK }>($blocks, buffer, places, hashes);)+};
        }
        groups!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    }

    /// Messages of `N` bytes in whole blocks and a last block.
    fn group<const N: usize>(
        &self,
        blocks: usize,
        buffer: &[u8],
        places: &[Place],
        hashes: &mut [Hash],
    ) {
        for numbers in self.by_blocks[blocks].chunks(LANES) {
            let mut states = [0; 32 * LANES];
            if N == 0 {
                let key = self.context.key();
                states.as_chunks_mut::<32>().0.fill(*key);
            } else {
                let mut inputs: [&[u8; N]; LANES] = [&[0; N]; LANES];
                for (input, number) in inputs.iter_mut().zip(numbers) {
                    if let Some(whole) = buffer[places[*number].start..].first_chunk() {
                        *input = whole;
                    }
                }
                self.platform.hash_many(
                    &inputs[..numbers.len()],
                    &self.key,
                    0,
                    IncrementCounter::No,
                    DERIVE_KEY_MATERIAL,
                    CHUNK_START,
                    0,
                    &mut states[..32 * numbers.len()],
                );
            }
            let start = if N == 0 { CHUNK_START } else { 0 };
            for (number, state) in numbers.iter().zip(states.as_chunks::<32>().0) {
                let place = places[*number];
                let last = &buffer[place.start + N..place.end];
                let mut block = [0; BLOCK];
                block[..last.len()].copy_from_slice(last);
                let mut state = words(state);
                let flags = DERIVE_KEY_MATERIAL | start | CHUNK_END | ROOT;
                self.platform
                    .compress_in_place(&mut state, &block, last.len() as u8, 0, flags);
                for (bytes, word) in hashes[*number]
                    .0
                    .as_chunks_mut::<4>()
                    .0
                    .iter_mut()
                    .zip(state)
                {
                    *bytes = word.to_le_bytes();
                }
            }
        }
    }
}

/// Recomputes entry hashes; its buffers are used again.
#[derive(Debug)]
pub struct EntryHashes {
    part: Lanes,
    body: Lanes,
    entry: Lanes,
    sealed: Lanes,
    buffer: Vec<u8>,
    places: Vec<Place>,
    between: Vec<Hash>,
    bodies: Vec<Hash>,
}

impl Default for EntryHashes {
    fn default() -> Self {
        Self {
            part: Lanes::new(&PART),
            body: Lanes::new(&BODY),
            entry: Lanes::new(&ENTRY),
            sealed: Lanes::new(&SEALED),
            buffer: Vec::new(),
            places: Vec::new(),
            between: Vec::new(),
            bodies: Vec::new(),
        }
    }
}

impl EntryHashes {
    /// The entry hash of each frame with its links, recomputed from content, part table and header.
    pub fn compute(&mut self, entries: &[(Scanned<'_>, Links)], hashes: &mut Vec<Hash>) {
        self.start();
        for (frame, _) in entries {
            let head = part_head(
                OPEN_PART_KIND,
                KeyId::default(),
                frame.salt(),
                frame.body().len(),
            );
            self.message(|buffer| {
                buffer.extend_from_slice(&head);
                buffer.extend_from_slice(frame.body());
            });
        }
        self.part
            .hash(&self.buffer, &self.places, &mut self.between);

        self.start();
        let commitments = std::mem::take(&mut self.between);
        for ((frame, _), commitment) in entries.iter().zip(&commitments) {
            let open = PartRow::open(*commitment);
            self.message(|buffer| {
                buffer.push(1 + frame.sealed_count());
                buffer.extend_from_slice(&open.bytes());
                for part in frame.sealed() {
                    buffer.extend_from_slice(&part.row.bytes());
                }
            });
        }
        self.between = commitments;
        self.body.hash(&self.buffer, &self.places, &mut self.bodies);

        self.start();
        let bodies = std::mem::take(&mut self.bodies);
        for ((frame, links), body) in entries.iter().zip(&bodies) {
            self.message(|buffer| buffer.extend_from_slice(&hashed(frame, links, body)));
        }
        self.bodies = bodies;
        self.entry.hash(&self.buffer, &self.places, hashes);
    }

    /// The hash of every ciphertext that is there, frame by frame and part by part; [`Scanned::check_sealed_as`] compares
    /// them with what is stored.
    pub fn compute_sealed(&mut self, entries: &[(Scanned<'_>, Links)], hashes: &mut Vec<Hash>) {
        self.start();
        for (frame, _) in entries {
            for ciphertext in frame.sealed().filter_map(|part| part.ciphertext) {
                self.message(|buffer| buffer.extend_from_slice(ciphertext));
            }
        }
        self.sealed.hash(&self.buffer, &self.places, hashes);
    }

    fn start(&mut self) {
        self.buffer.clear();
        self.places.clear();
    }

    fn message(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.buffer.len();
        write(&mut self.buffer);
        let end = self.buffer.len();
        self.places.push(Place { start, end });
    }
}

fn hashed(frame: &Scanned<'_>, links: &Links, body: &Hash) -> [u8; HASHED] {
    const HEADER: usize = HEADER_BYTES as usize;
    let mut hashed = [0; HASHED];
    hashed[..HEADER].copy_from_slice(frame.header());
    hashed[HEADER..HEADER + 32].copy_from_slice(&links.previous.0);
    hashed[HEADER + 32..HEADER + 64].copy_from_slice(&links.previous_in_stream.0);
    hashed[HEADER + 64..].copy_from_slice(&body.0);
    hashed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_once_hash_as_one_by_one() {
        let bytes: Vec<u8> = (0..3_000u32).map(|i| (i * 7 % 251) as u8).collect();
        // Every length up to two chunks, then many of the same lengths, so that all lanes are full.
        let lengths = (0..2_100).chain((0..400).map(|i| 40 + i % 90));
        let places: Vec<Place> = lengths
            .map(|length| Place {
                start: length % 13,
                end: length % 13 + length,
            })
            .collect();
        let (mut lanes, mut hashes) = (Lanes::new(&PART), Vec::new());
        lanes.hash(&bytes, &places, &mut hashes);
        assert_eq!(hashes.len(), places.len());
        for (place, hash) in places.iter().zip(&hashes) {
            let message = &bytes[place.start..place.end];
            let one = PART.hasher().update(message).finalize();
            assert_eq!(hash.0, *one.as_bytes(), "{} bytes", message.len());
        }
        lanes.hash(&bytes, &[], &mut hashes);
        assert_eq!(hashes, []);
    }
}
