//! Rows of a file show only once its batch is complete: until then their entries wait here.

use probity_domain::Entry;
use probity_format::events::{Event, Origin};
use probity_types::{BatchId, RecordId};
use std::collections::BTreeMap;

/// Entries of batches that are not complete.
#[derive(Debug, Default)]
pub struct Stage {
    waiting: BTreeMap<BatchId, Vec<Entry>>,
    records: BTreeMap<RecordId, BatchId>,
}

fn origin(event: &Event) -> Option<&Origin> {
    match event {
        Event::RecordParked(event) => Some(&event.origin),
        Event::ListingDecided(event) => Some(&event.origin),
        _ => event.recorded().map(|core| &core.origin),
    }
}

impl Stage {
    /// Takes an entry that must wait, or gives back what is to be shown now.
    pub(crate) fn pass(&mut self, entry: &Entry) -> Vec<Entry> {
        if let Event::BatchCompleted(event) = &entry.event {
            let mut released = self.waiting.remove(&event.batch).unwrap_or_default();
            self.records.retain(|_, batch| *batch != event.batch);
            released.push(entry.clone());
            return released;
        }
        if let Some(batch) = origin(&entry.event)
            .map(|o| o.batch)
            .filter(|batch| !batch.is_none())
        {
            if let Some(record) = entry.event.record() {
                self.records.insert(record, batch);
            }
            self.waiting.entry(batch).or_default().push(entry.clone());
            return Vec::new();
        }
        // What changes a waiting record waits behind it.
        let behind = entry
            .event
            .record()
            .and_then(|record| self.records.get(&record).copied());
        if let Some(batch) = behind {
            self.waiting.entry(batch).or_default().push(entry.clone());
            return Vec::new();
        }
        vec![entry.clone()]
    }

    /// Batches that are not complete, with the number of entries that wait.
    pub fn open_batches(&self) -> impl Iterator<Item = (BatchId, u64)> + '_ {
        self.waiting
            .iter()
            .map(|(batch, entries)| (*batch, entries.len() as u64))
    }
}
