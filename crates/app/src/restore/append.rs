//! Writing an export into a store, through the append that the writer uses: whole units, many in one group, each group durable
//! before the next. What an erasure names is not written.

use super::RestoreError;
use probity_format::Hash;
use probity_format::events::ErasureRecorded;
use probity_format::frame::Frame;
use probity_log::Opener;
use probity_log::export::{Progress, Reading};
use probity_log::redact::redacted;
use probity_store::{Head, JournalStore, LogStore};
use probity_types::Position;
use std::collections::BTreeMap;

/// Most bytes of one group: large enough that waiting for the disk is a small part, small enough for any machine.
const GROUP_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Units that wait to be appended together.
struct Group {
    store: JournalStore,
    frames: Vec<Vec<u8>>,
    bytes: u64,
    /// Frames of the unit that is not whole yet.
    unit: Vec<Vec<u8>>,
    unit_bytes: u64,
    /// Hash of the last frame of the last whole unit.
    hash: Hash,
    limit: u64,
}

/// Appends what the store does not have yet; the store, at the head of the export.
pub(super) fn append(
    store: JournalStore,
    mut reading: Reading,
    erasures: &[ErasureRecorded],
    progress: &mut dyn FnMut(Progress),
) -> Result<JournalStore, RestoreError> {
    let mut named: BTreeMap<Position, Vec<&ErasureRecorded>> = BTreeMap::new();
    for event in erasures {
        for position in event.positions.iter() {
            named.entry(*position).or_default().push(event);
        }
    }
    let (found, of) = (store.head(), reading.manifest().entries);
    let opener = Opener::sealed(reading.manifest().log);
    let limit = store.append_bytes_max().min(GROUP_BYTES_MAX);
    let mut group = Group {
        store,
        frames: Vec::new(),
        bytes: 0,
        unit: Vec::new(),
        unit_bytes: 0,
        hash: Hash(found.entry_hash),
        limit,
    };
    while let Some(entries) = reading.next_segment(&opener)? {
        for (frame, entry) in &entries {
            let position = entry.header.position;
            if position < found.next {
                agree(position, found, entry.hash)?;
            } else {
                let erasures = named.get(&position).map(Vec::as_slice);
                group.push(frame, erasures.unwrap_or_default())?;
            }
        }
        let done = reading.walked().chain().next().0;
        progress(Progress { done, of });
    }
    let (manifest, _) = reading.finish()?;
    group.flush()?;
    let (expected, end) = (manifest.entry_hash, group.store.head());
    if (end.next.0, Hash(end.entry_hash)) != (manifest.entries, expected) {
        return Err(RestoreError::OtherPrefix {
            position: Position(end.next.0.saturating_sub(1)),
            expected,
            found: Hash(end.entry_hash),
        });
    }
    Ok(group.store)
}

/// What lies there is the beginning of the export.
fn agree(position: Position, found: Head, expected: Hash) -> Result<(), RestoreError> {
    let last = Hash(found.entry_hash);
    if position.next() == found.next && last != expected {
        return Err(RestoreError::OtherPrefix {
            position,
            expected,
            found: last,
        });
    }
    Ok(())
}

impl Group {
    fn push(&mut self, frame: &Frame, erasures: &[&ErasureRecorded]) -> Result<(), RestoreError> {
        let position = frame.header.position;
        let refused = |why: String| RestoreError::Frame { position, why };
        let mut held = None;
        for event in erasures {
            let frame = held.as_ref().unwrap_or(frame);
            if let Some(without) = redacted(frame, event).map_err(|e| refused(e.to_string()))? {
                held = Some(without);
            }
        }
        let encoded = held.as_ref().unwrap_or(frame).encode();
        let bytes = encoded.map_err(|e| refused(e.to_string()))?;
        self.unit_bytes += bytes.len() as u64;
        self.unit.push(bytes);
        if frame.header.unit_index + 1 == frame.header.unit_length {
            if self.bytes + self.unit_bytes > self.limit {
                self.flush()?;
            }
            self.bytes += self.unit_bytes;
            self.frames.append(&mut self.unit);
            (self.unit_bytes, self.hash) = (0, frame.entry_hash);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), RestoreError> {
        if self.frames.is_empty() {
            return Ok(());
        }
        let expected = self.store.head();
        let new = Head {
            next: Position(expected.next.0 + self.frames.len() as u64),
            entry_hash: self.hash.0,
        };
        let appended = self.store.append(expected, &self.frames, new);
        appended.map_err(|source| RestoreError::Append {
            at: expected.next,
            source,
        })?;
        self.frames.clear();
        self.bytes = 0;
        Ok(())
    }
}
