//! Timeline index: which entries concern a subject, in order. Bodies are read from the log when shown.

use probity_types::Position;

/// Positions of each subject's entries, by the directory's index.
#[derive(Debug, Default)]
pub struct Timeline {
    entries: Vec<Vec<Position>>,
}

impl Timeline {
    pub(crate) fn add(&mut self, subject: u32, position: Position) {
        let index = subject as usize;
        if self.entries.len() <= index {
            self.entries.resize_with(index + 1, Vec::new);
        }
        let positions = &mut self.entries[index];
        let place = positions.partition_point(|held| *held < position);
        positions.insert(place, position);
    }

    /// Every entry of a subject, oldest first.
    pub fn of(&self, subject: u32) -> &[Position] {
        self.entries
            .get(subject as usize)
            .map_or(&[], Vec::as_slice)
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
