//! Which entries a stream that belongs to no subject has, in order. Streams of subjects stand in the timeline.

use probity_domain::Entry;
use probity_format::events::StreamKind;
use probity_types::{Position, StreamId};
use std::collections::BTreeMap;

/// Positions of each stream, by kind and id.
#[derive(Debug, Default)]
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

    /// Every entry of a stream, oldest first.
    pub fn of(&self, kind: u16, stream: StreamId) -> &[Position] {
        self.entries.get(&(kind, stream)).map_or(&[], Vec::as_slice)
    }
}
