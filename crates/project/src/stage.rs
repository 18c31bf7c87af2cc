//! Rows of a file show only once its batch is complete: until then their entries wait here.

use probity_domain::{Entry, PartContent};
use probity_format::events::{ErasureRecorded, Event, Origin, StreamKind};
use probity_types::{BatchId, ListingId, Position, RecordId, SubjectId};
use std::collections::BTreeMap;

/// Entries of batches that are not complete.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    waiting: BTreeMap<BatchId, Vec<Entry>>,
    records: BTreeMap<RecordId, BatchId>,
    listings: BTreeMap<ListingId, BatchId>,
}

/// What is to be shown now.
#[derive(Debug)]
pub(crate) enum Passed<'a> {
    /// This entry.
    Now(&'a Entry),
    /// Nothing: it waits.
    Later,
    /// All that waited for the completion of a batch, in order, the completion last.
    Released(Vec<Entry>),
}

fn origin(event: &Event) -> Option<&Origin> {
    match event {
        Event::RecordParked(event) => Some(&event.origin),
        Event::ReportQuarantined(event) => Some(&event.origin),
        Event::ListingDecided(event) => Some(&event.origin),
        _ => event.recorded().map(|core| &core.origin),
    }
}

fn listing(event: &Event) -> Option<ListingId> {
    match event {
        Event::ListingDecided(event) => Some(event.listing),
        Event::ListingEnded(event) => Some(event.listing),
        _ => None,
    }
}

impl Stage {
    /// Takes an entry that must wait, or gives back what is to be shown now.
    pub(crate) fn pass<'a>(&mut self, entry: &'a Entry) -> Passed<'a> {
        match &entry.event {
            Event::BatchCompleted(event) => {
                let mut released = self.waiting.remove(&event.batch).unwrap_or_default();
                self.records.retain(|_, batch| *batch != event.batch);
                self.listings.retain(|_, batch| *batch != event.batch);
                released.push(entry.clone());
                return Passed::Released(released);
            }
            Event::ErasureRecorded(event) => {
                self.erase(entry, event);
                return Passed::Now(entry);
            }
            _ => {}
        }
        let (record, listing) = (entry.event.record(), listing(&entry.event));
        let own = origin(&entry.event)
            .map(|o| o.batch)
            .filter(|batch| !batch.is_none());
        if let Some(batch) = own {
            self.records.extend(record.map(|record| (record, batch)));
            self.listings
                .extend(listing.map(|listing| (listing, batch)));
        }
        // What changes a waiting record or membership waits behind it.
        let behind = || {
            let record = record.and_then(|record| self.records.get(&record));
            record.or_else(|| self.listings.get(&listing?)).copied()
        };
        match own.or_else(behind) {
            Some(batch) => {
                self.waiting.entry(batch).or_default().push(entry.clone());
                Passed::Later
            }
            None => Passed::Now(entry),
        }
    }

    /// Forgets erased content that waits. The erasure itself waits behind it, to be applied to what it becomes.
    fn erase(&mut self, entry: &Entry, event: &ErasureRecorded) {
        for waiting in self.waiting.values_mut() {
            let mut found = false;
            for part in waiting.iter_mut().flat_map(|held| held.parts.iter_mut()) {
                let index = event.index.unwrap_or(part.key.index);
                if part.key.root == event.root && part.key.index == index {
                    part.content = PartContent::Erased;
                    found = true;
                }
            }
            if found {
                waiting.push(entry.clone());
            }
        }
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.records.is_empty() && self.listings.is_empty()
    }

    /// Positions of a subject's entries that wait.
    pub(crate) fn waiting_of(&self, subject: SubjectId) -> impl Iterator<Item = Position> + '_ {
        let waiting = self.waiting.values().flatten();
        let is_own = move |entry: &&Entry| {
            let header = &entry.header;
            header.stream_kind == StreamKind::Subject as u16 && header.stream.0 == subject.0
        };
        waiting.filter(is_own).map(|entry| entry.header.position)
    }

    /// Batches that are not complete, with the number of entries that wait.
    pub fn open_batches(&self) -> impl Iterator<Item = (BatchId, u64)> + '_ {
        self.waiting
            .iter()
            .map(|(batch, entries)| (*batch, entries.len() as u64))
    }
}
