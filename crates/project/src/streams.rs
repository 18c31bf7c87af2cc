//! Which entries a stream that belongs to no subject has, in order. Streams of subjects stand in the timeline.

use probity_domain::Entry;
use probity_format::events::StreamKind;
use probity_types::{Position, StreamId};
use std::collections::BTreeMap;

/// Positions of each stream, by kind and id.
#[derive(Debug, Clone, Default)]
pub struct Streams {
    entries: BTreeMap<(u16, StreamId), Vec<Position>>,
}

impl Streams {
    pub(crate) fn add(&mut self, entry: &Entry) {
        let header = &entry.header;
        if header.stream_kind != StreamKind::Subject as u16 {
            self.entries
                .entry((header.stream_kind, header.stream))
                .or_default()
                .push(header.position);
        }
    }

    /// Every stream with its entries.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u16, StreamId, &[Position])> {
        let all = self.entries.iter();
        all.map(|((kind, stream), positions)| (*kind, *stream, positions.as_slice()))
    }

    pub(crate) fn put(&mut self, kind: u16, stream: StreamId, positions: Vec<Position>) {
        self.entries.insert((kind, stream), positions);
    }

    /// Every entry of a stream, oldest first.
    pub fn of(&self, kind: u16, stream: StreamId) -> &[Position] {
        self.entries.get(&(kind, stream)).map_or(&[], Vec::as_slice)
    }
}
