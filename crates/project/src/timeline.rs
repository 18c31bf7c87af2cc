//! Timeline index: which entries concern a subject, in order. Bodies are read from the log when shown.

use crate::slim::row_at;
use probity_types::Position;
use probity_types::table::Rows;

/// Positions of each subject's entries, by the directory's index.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    entries: Rows<Vec<Position>>,
}

impl Timeline {
    pub(crate) fn add(&mut self, subject: u32, position: Position) {
        let Some(positions) = row_at(&mut self.entries, subject) else {
            return;
        };
        let place = positions.partition_point(|held| *held < position);
        positions.insert(place, position);
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Vec<Position>> {
        self.entries.iter()
    }

    pub(crate) fn push(&mut self, positions: Vec<Position>) {
        self.entries.push(positions);
    }

    /// Every entry of a subject, oldest first.
    pub fn of(&self, subject: u32) -> &[Position] {
        self.entries.get(subject).map_or(&[], Vec::as_slice)
    }

    /// One page: at most `most` entries of positions in `from..=known_at`.
    pub fn page(
        &self,
        subject: u32,
        from: Position,
        known_at: Position,
        most: usize,
    ) -> &[Position] {
        let all = self.of(subject);
        let start = all.partition_point(|p| *p < from);
        let end = all.partition_point(|p| *p <= known_at);
        let page = all.get(start..end.max(start)).unwrap_or(&[]);
        &page[..page.len().min(most)]
    }
}
