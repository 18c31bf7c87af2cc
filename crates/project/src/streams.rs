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

    /// Every stream of a kind with its entries, by id.
    pub fn of_kind(&self, kind: u16) -> impl Iterator<Item = (StreamId, &[Position])> {
        let first = (kind, StreamId([0; 16]));
        let last = (kind, StreamId([u8::MAX; 16]));
        let streams = self.entries.range(first..=last);
        streams.map(|((_, stream), positions)| (*stream, positions.as_slice()))
    }

    /// Every entry of a stream, oldest first.
    pub fn of(&self, kind: u16, stream: StreamId) -> &[Position] {
        self.entries.get(&(kind, stream)).map_or(&[], Vec::as_slice)
    }
}
