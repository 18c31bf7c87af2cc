//! Committed entries that sled does not have yet.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Entries of one append, in one piece of memory: they are shared, not copied, on their way into sled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    first: u64,
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
}

impl Group {
    pub(crate) fn new(first: u64, entries: &[Vec<u8>]) -> Self {
        let ends = entries.iter().scan(0, |end, entry| {
            *end += entry.len();
            Some(*end)
        });
        Self {
            first,
            ends: ends.collect(),
            bytes: entries.concat(),
        }
    }

    fn next(&self) -> u64 {
        self.first + self.ends.len() as u64
    }

    fn place(&self, number: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(number)?;
        let before = number.checked_sub(1);
        Some(before.map_or(0, |before| self.ends[before])..end)
    }

    /// Its entries in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let places = (0..self.ends.len()).filter_map(|number| self.place(number));
        places.map(|place| &self.bytes[place])
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    first: u64,
    groups: VecDeque<Arc<Group>>,
}

impl Tail {
    /// An empty tail behind everything that sled has.
    pub(crate) fn after(next: u64) -> Self {
        Self {
            first: next,
            groups: VecDeque::new(),
        }
    }

    /// Adds what was appended behind the rest.
    pub(crate) fn push(&mut self, group: Group) {
        self.groups.push_back(Arc::new(group));
    }

    /// One entry, none where sled has it or nobody does.
    pub(crate) fn get(&self, position: u64) -> Option<&[u8]> {
        let after = self.groups.partition_point(|group| group.first <= position);
        let group = self.groups.get(after.checked_sub(1)?)?;
        let number = usize::try_from(position - group.first).ok()?;
        Some(&group.bytes[group.place(number)?])
    }

    /// The groups that end at or before `next`.
    pub(crate) fn before(&self, next: u64) -> Vec<Arc<Group>> {
        let whole = self.groups.iter().take_while(|group| group.next() <= next);
        whole.map(Arc::clone).collect()
    }

    /// Drops the groups that sled has by now: those that end at or before `next`.
    pub(crate) fn drop_before(&mut self, next: u64) -> Vec<Arc<Group>> {
        let count = self.groups.partition_point(|group| group.next() <= next);
        self.first = self.first.max(next);
        self.groups.drain(..count).collect()
    }

    /// Position of the first entry that sled does not have.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(first: u64, entries: &[&str]) -> Group {
        let entries: Vec<Vec<u8>> = entries
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect();
        Group::new(first, &entries)
    }

    #[test]
    fn every_entry_is_found_until_its_group_is_dropped() {
        let mut tail = Tail::after(5);
        tail.push(group(5, &["a", "", "ccc"]));
        tail.push(group(8, &["d"]));
        let all = |tail: &Tail| -> Vec<Option<String>> {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (4..10).map(|at| tail.get(at).map(text)).collect()
        };
        let some = |text: &str| Some(text.to_owned());
        let whole = vec![None, some("a"), some(""), some("ccc"), some("d"), None];
        assert_eq!(all(&tail), whole);
        assert_eq!(tail.before(8), [Arc::new(group(5, &["a", "", "ccc"]))]);
        tail.drop_before(8);
        assert_eq!(tail.first(), 8);
        assert_eq!(all(&tail), [None, None, None, None, some("d"), None]);
        tail.drop_before(9);
        assert_eq!((tail.first(), tail.get(8)), (9, None));
    }
}
