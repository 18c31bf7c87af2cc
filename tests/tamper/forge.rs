//! The attacker's tools: whoever holds the files can make everything right again that needs no key.

use crate::base::{Base, SEGMENT, copy};
use probity_format::segment::{self, Manifest, SegmentName};
use probity_format::{Chain, Frame, Hash};
use probity_store::{Head, JournalOptions, JournalStore, LogStore};
use probity_tests::succeed;
use probity_types::Position;
use std::path::{Path, PathBuf};

/// Smallest segments that the journal takes.
const JOURNAL_BYTES: u64 = probity_app::SEGMENT_BYTES_MIN;

/// Entries that are about to be written somewhere.
pub struct Forged {
    manifest: Manifest,
    /// As stored.
    pub frames: Vec<Vec<u8>>,
}

/// An entry's bytes.
pub fn encode(frame: &Frame) -> Vec<u8> {
    frame.encode().expect("an entry")
}

fn hash_of(frame: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(&frame[frame.len() - 32..]);
    Hash(hash)
}

impl Forged {
    /// The true entries, to be changed.
    pub fn of(base: &Base) -> Self {
        Self {
            manifest: base.manifest.clone(),
            frames: base.frames.clone(),
        }
    }

    /// Changes one entry.
    pub fn change(&mut self, at: usize, change: impl FnOnce(&mut Frame)) {
        let mut frame = Frame::decode(&self.frames[at]).expect("an entry");
        change(&mut frame);
        self.frames[at] = encode(&frame);
    }

    /// Gives every entry from `first` on the place, revision and hash that a right chain has there. No key is needed.
    pub fn rechain(&mut self, first: usize) {
        let mut chain = Chain::default();
        for (position, bytes) in (0..).zip(&mut self.frames) {
            let mut frame = Frame::decode(bytes).expect("an entry");
            let key = (frame.header.stream_kind, frame.header.stream);
            if position >= first as u64 {
                frame.header.position = Position(position);
                frame.header.revision = chain.stream(&key).next;
                frame.entry_hash = frame.compute_hash(&chain.links(&key)).expect("a header");
                *bytes = encode(&frame);
            }
            chain
                .push(&frame, bytes.len() as u64)
                .expect("a right chain");
        }
    }

    /// Writes an export whose own hashes, sums and names are all right.
    pub fn export(&self, to: &Path) -> PathBuf {
        std::fs::create_dir_all(to).expect("a folder");
        let mut manifest = self.manifest.clone();
        manifest.segments.clear();
        let mut previous = Hash::default();
        for (number, frames) in self.frames.chunks(SEGMENT).enumerate() {
            let first = (number * SEGMENT) as u64;
            let bytes = segment::write(manifest.log, Position(first), previous, frames);
            let bytes = bytes.expect("a segment");
            let file = format!("entries-{first:012}.seg");
            std::fs::write(to.join(&file), &bytes).expect("written");
            previous = hash_of(frames.last().expect("an entry"));
            manifest.segments.push(SegmentName {
                file,
                first: Position(first),
                entries: frames.len() as u64,
                hash: hash_of(&bytes),
            });
        }
        manifest.entries = self.frames.len() as u64;
        manifest.entry_hash = previous;
        let text = serde_json::to_vec(&manifest).expect("JSON");
        std::fs::write(to.join("manifest.json"), text).expect("written");
        to.to_owned()
    }

    /// Puts the entries into a copy of the data folder. Keys, views and what was signed stay as they are.
    pub fn folder(&self, base: &Base, to: &Path) -> PathBuf {
        copy(&base.data, to);
        std::fs::remove_dir_all(to.join("log")).expect("removed");
        let options = JournalOptions::with_segments_of(JOURNAL_BYTES);
        let mut store =
            JournalStore::create(&to.join("log"), self.manifest.log, options).expect("a log");
        let last = hash_of(self.frames.last().expect("an entry"));
        let head = Head {
            next: Position(self.frames.len() as u64),
            entry_hash: last.0,
        };
        store
            .append(Head::EMPTY, &self.frames, head)
            .expect("written");
        Box::new(store).close().expect("closed");
        to.to_owned()
    }
}

/// Removes what the folder itself remembers of views and of what was signed.
pub fn forget(data: &Path) {
    for name in ["views", "checkpoint"] {
        let _ = std::fs::remove_dir_all(data.join(name));
    }
}

/// A checkpoint of a forged folder, signed with the log's own key: whoever holds the data folder and its master key has it.
pub fn sign(data: &Path, out: &Path) {
    forget(data);
    let (data, out) = (data.display().to_string(), out.display().to_string());
    succeed(&["checkpoint", "--data", &data, "--out", &out]);
}
