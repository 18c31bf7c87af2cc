//! The walk over entries: rules of the chain (SPEC.md §3.5), stream chains, erasures, the tree.
//!
//! Written for speed: nothing is allocated for an entry, and hashes are recomputed for many entries at once, which is why
//! entries are taken up first and settled later. Streams are found by a hash that is keyed at random, because
//! whoever made the log chose their ids.

use crate::fault::Fault;
use probity_format::events::Event;
use probity_format::leaf::Leaf;
use probity_format::limits::{OPEN_PART_BYTES_MAX, UNIT_BYTES_MAX};
use probity_format::many::EntryHashes;
use probity_format::scan::Scanned;
use probity_format::{Hash, KeyId, Links, upcast};
use probity_proof::tree::leaf_hash;
use probity_proof::{Frontier, TreeHash};
use probity_types::{StreamId, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

/// Number of the event that orders an erasure: it is read whatever else is.
const ERASURE: u16 = 103;

/// Head of one stream.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    next: u64,
    hash: Hash,
}

/// A walk and where it stands.
#[derive(Debug, Default)]
pub struct Walk {
    next: u64,
    hash: Hash,
    time: Timestamp,
    /// Index that the next entry of the open unit has, and its length; zeros where none is open.
    unit: (u32, u32),
    unit_bytes: u64,
    streams: HashMap<(u16, StreamId), Head>,
    hashing: EntryHashes,
    recomputed: Vec<Hash>,
    ciphertexts: Vec<Hash>,
    tree: Frontier,
    /// Roots at the sizes that were asked for.
    roots: BTreeMap<u64, Option<TreeHash>>,
    /// Positions whose open bodies are decoded.
    decode: Option<RangeInclusive<u64>>,
    decoded: u64,
    sealed: u64,
    erased: u64,
    /// Keys whose ciphertexts are missing and not yet explained, with the number of their segment.
    unexplained: BTreeMap<u64, (usize, Vec<KeyId>)>,
}

impl Walk {
    /// A walk that keeps the roots at some sizes and decodes the bodies at some positions.
    pub fn new(sizes: impl Iterator<Item = u64>, decode: Option<RangeInclusive<u64>>) -> Self {
        let mut walk = Self {
            roots: sizes.map(|size| (size, None)).collect(),
            decode,
            ..Self::default()
        };
        walk.keep_root();
        walk
    }

    /// Position of the next entry.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Hash of the last entry, zero where there is none.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Whether the last unit is whole.
    pub fn is_whole(&self) -> bool {
        self.unit == (0, 0)
    }

    /// Number of streams.
    pub fn streams(&self) -> u64 {
        self.streams.len() as u64
    }

    /// Sealed parts whose ciphertext is there, and those whose ciphertext was erased.
    pub fn sealed_and_erased(&self) -> (u64, u64) {
        (self.sealed, self.erased)
    }

    /// Bodies that were decoded because they were asked for.
    pub fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Root of the tree at a size that was asked for and reached.
    pub fn root_at(&self, size: u64) -> Option<TreeHash> {
        self.roots.get(&size).copied().flatten()
    }

    /// Looks up the streams of entries that are about to be entered. Where streams are many, each is a wait for memory, and
    /// these waits overlap here as they cannot between the checks.
    pub fn look_up<'a>(&self, frames: impl Iterator<Item = &'a Scanned<'a>>) {
        let heads =
            frames.filter_map(|frame| self.streams.get(&(frame.stream_kind(), frame.stream())));
        std::hint::black_box(heads.fold(0u64, |sum, head| sum.wrapping_add(head.next)));
    }

    /// Takes up an entry of `stored` bytes by what its header says, and moves on by its stored hash, which
    /// [`Walk::settle`] checks: what the entry links to.
    ///
    /// # Errors
    /// [`Fault`]; the walk cannot go on then.
    pub fn enter(&mut self, frame: &Scanned<'_>, stored: u64) -> Result<Links, Fault> {
        self.check_place(frame)?;
        self.check_unit(frame, stored)?;
        let head = self
            .streams
            .entry((frame.stream_kind(), frame.stream()))
            .or_default();
        let revision = frame.revision().0;
        if revision != head.next {
            return Err(Fault::new("revision", head.next, revision));
        }
        let links = Links {
            previous: self.hash,
            previous_in_stream: head.hash,
        };
        self.hash = frame.entry_hash();
        *head = Head {
            next: revision + 1,
            hash: self.hash,
        };
        self.time = frame.recorded_at();
        self.next += 1;
        Ok(links)
    }

    /// Checks the hashes and contents of the entries that were entered last, in order, and adds them to the tree. Every
    /// event that is decoded is handed to `each`.
    ///
    /// # Errors
    /// [`Fault`] of the first entry that does not hold.
    pub fn settle(
        &mut self,
        entries: &[(Scanned<'_>, Links)],
        segment: usize,
        mut each: impl FnMut(&Event) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut hashes = std::mem::take(&mut self.recomputed);
        let mut ciphertexts = std::mem::take(&mut self.ciphertexts);
        self.hashing.compute(entries, &mut hashes);
        self.hashing.compute_sealed(entries, &mut ciphertexts);
        let mut hashed = ciphertexts.iter().copied();
        for ((frame, _), recomputed) in entries.iter().zip(&hashes) {
            let at = |fault: Fault| fault.at(frame.position().0);
            // By reference: what one frame does not take is the next one's.
            frame
                .check_sealed_as(hashed.by_ref())
                .map_err(|e| at(e.into()))?;
            let stored = frame.entry_hash();
            if stored != *recomputed {
                return Err(at(Fault::new("entry hash", recomputed, stored)));
            }
            self.add_leaf(frame);
            self.note_erased(frame, segment);
            if let Some(event) = self.read_event(frame).map_err(at)? {
                each(&event).map_err(at)?;
            }
        }
        self.recomputed = hashes;
        self.ciphertexts = ciphertexts;
        Ok(())
    }

    fn check_place(&self, frame: &Scanned<'_>) -> Result<(), Fault> {
        let position = frame.position().0;
        if position != self.next {
            return Err(Fault::new("position", self.next, position));
        }
        let time = frame.recorded_at();
        if time < self.time {
            return Err(Fault::new(
                "recorded_at",
                format!("not before {}", self.time),
                time,
            ));
        }
        let cause = frame.caused_by();
        if !cause.is_none() && cause.0 >= position {
            return Err(Fault::new("caused_by", "an earlier position", cause));
        }
        Ok(())
    }

    fn check_unit(&mut self, frame: &Scanned<'_>, stored: u64) -> Result<(), Fault> {
        let (index, length) = self.unit;
        if frame.unit_index() != index {
            return Err(Fault::new("unit index", index, frame.unit_index()));
        }
        if index > 0 && frame.unit_length() != length {
            return Err(Fault::new("unit length", length, frame.unit_length()));
        }
        self.unit_bytes = if index == 0 {
            stored
        } else {
            self.unit_bytes.saturating_add(stored)
        };
        if self.unit_bytes > UNIT_BYTES_MAX {
            return Err(Fault::new(
                "unit",
                format!("at most {UNIT_BYTES_MAX} bytes"),
                self.unit_bytes,
            ));
        }
        let is_last = index + 1 == frame.unit_length();
        self.unit = if is_last {
            (0, 0)
        } else {
            (index + 1, frame.unit_length())
        };
        Ok(())
    }

    fn add_leaf(&mut self, frame: &Scanned<'_>) {
        let leaf = Leaf {
            position: frame.position(),
            recorded_at: frame.recorded_at(),
            entry_hash: frame.entry_hash(),
        };
        self.tree.push(leaf_hash(&leaf.encode()));
        self.keep_root();
    }

    fn keep_root(&mut self) {
        if let Some(root) = self.roots.get_mut(&self.tree.size()) {
            *root = Some(self.tree.root());
        }
    }

    fn note_erased(&mut self, frame: &Scanned<'_>, segment: usize) {
        for part in frame.sealed() {
            if part.ciphertext.is_some() {
                self.sealed += 1;
                continue;
            }
            self.erased += 1;
            let row = self
                .unexplained
                .entry(frame.position().0)
                .or_insert((segment, Vec::new()));
            row.1.push(part.row.key);
        }
    }

    fn read_event(&mut self, frame: &Scanned<'_>) -> Result<Option<Event>, Fault> {
        let (body, number) = (frame.body(), frame.event_type());
        if body.len() as u64 > OPEN_PART_BYTES_MAX {
            return Err(Fault::new(
                "open part",
                format!("at most {OPEN_PART_BYTES_MAX} bytes"),
                body.len(),
            ));
        }
        let is_asked_for = self
            .decode
            .as_ref()
            .is_some_and(|range| range.contains(&frame.position().0));
        // The first entry says which log this is.
        if !is_asked_for && frame.position().0 > 0 && number != ERASURE {
            return Ok(None);
        }
        let event = upcast::read_event(number, frame.version(), body)?;
        event
            .check_open()
            .map_err(probity_format::frame::FrameError::from)?;
        self.decoded += u64::from(is_asked_for);
        if let Event::ErasureRecorded(erasure) = &event {
            for position in erasure.positions.iter() {
                let Some((_, keys)) = self.unexplained.get_mut(&position.0) else {
                    continue;
                };
                keys.retain(|key| {
                    key.root != erasure.root
                        || erasure.index.is_some_and(|index| index != key.index)
                });
                if keys.is_empty() {
                    self.unexplained.remove(&position.0);
                }
            }
        }
        Ok(Some(event))
    }

    /// Where the log ends, every missing ciphertext is explained: the first one that is not, with its segment's number.
    pub fn first_unexplained(&self) -> Option<(usize, Fault)> {
        let (position, (segment, keys)) = self.unexplained.first_key_value()?;
        let key = keys.first().copied().unwrap_or_default();
        let expected = format!("an erasure that names key {}/{}", key.root, key.index);
        let fault = Fault::new("sealed part", expected, "no ciphertext");
        Some((*segment, fault.at(*position)))
    }
}
