//! Committed entries that sled does not have yet.

use std::collections::VecDeque;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    first: u64,
    entries: VecDeque<Vec<u8>>,
}

impl Tail {
    /// An empty tail behind everything that sled has.
    pub(crate) fn after(next: u64) -> Self {
        Self {
            first: next,
            entries: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, entries: &[Vec<u8>]) {
        self.entries.extend(entries.iter().cloned());
    }

    /// One entry, none where sled has it or nobody does.
    pub(crate) fn get(&self, position: u64) -> Option<&Vec<u8>> {
        let place = position.checked_sub(self.first)?;
        self.entries.get(usize::try_from(place).ok()?)
    }

    /// The first `count` entries.
    pub(crate) fn front(&self, count: usize) -> Vec<Vec<u8>> {
        self.entries.iter().take(count).cloned().collect()
    }

    /// Drops what sled has by now.
    pub(crate) fn drop_before(&mut self, next: u64) {
        let count = usize::try_from(next.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.entries.drain(..count.min(self.entries.len()));
        self.first = self.first.max(next);
    }

    /// Position of the first entry that sled does not have.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }
}
