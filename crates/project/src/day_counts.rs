//! How many spans hold a day, found by two binary searches however many spans there are.

use probity_types::CivilDate;

/// First days and days after the last of a set of spans, each sorted, doubles included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayCounts {
    from: Vec<CivilDate>,
    to: Vec<CivilDate>,
}

impl DayCounts {
    /// Adds a span: `from` included, `to` not; `from` lies before `to`.
    pub(crate) fn add(&mut self, from: CivilDate, to: CivilDate) {
        put(&mut self.from, from);
        put(&mut self.to, to);
    }

    /// Takes a span back.
    pub(crate) fn remove(&mut self, from: CivilDate, to: CivilDate) {
        take(&mut self.from, from);
        take(&mut self.to, to);
    }

    /// How many spans hold a day: those that have begun, without those that are over.
    pub(crate) fn count(&self, day: CivilDate) -> u64 {
        let until = |days: &[CivilDate]| days.partition_point(|held| *held <= day) as u64;
        until(&self.from).saturating_sub(until(&self.to))
    }

    /// Whether there is no span.
    pub(crate) fn is_empty(&self) -> bool {
        self.from.is_empty()
    }
}

fn put(days: &mut Vec<CivilDate>, day: CivilDate) {
    let place = days.partition_point(|held| *held <= day);
    days.insert(place, day);
}

fn take(days: &mut Vec<CivilDate>, day: CivilDate) {
    if let Ok(place) = days.binary_search(&day) {
        days.remove(place);
    }
}
