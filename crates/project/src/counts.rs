//! How many records of a subject are known, by category: kept as records come.

use crate::slim::row_at;
use probity_types::pack::Packed;
use probity_types::table::Rows;
use probity_types::{Category, CodeList as _};
use std::collections::BTreeMap;

/// Categories of records.
const CATEGORIES: usize = Category::ALL.len();

/// One subject.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    // Records are counted in u32: four thousand million of them.
    records: [u32; CATEGORIES],
    disputed: u32,
}

impl Packed for Count {
    const BYTES: usize = 4 * (CATEGORIES + 1);
    fn pack(&self, out: &mut Vec<u8>) {
        self.records.iter().for_each(|number| number.pack(out));
        self.disputed.pack(out);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let mut count = Self::default();
        for number in &mut count.records {
            *number = u32::unpack(bytes)?;
        }
        count.disputed = u32::unpack(bytes)?;
        Some(count)
    }
}

/// Every subject, by the directory's index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts(pub(crate) Rows<Count>);

impl Counts {
    /// Counts a record in, or out.
    pub(crate) fn change(
        &mut self,
        subject: u32,
        category: Category,
        is_disputed: bool,
        is_more: bool,
    ) {
        let Some(count) = row_at(&mut self.0, subject) else {
            return;
        };
        let place = Category::ALL.iter().position(|known| *known == category);
        let records = place.and_then(|place| count.records.get_mut(place));
        let disputed = is_disputed.then_some(&mut count.disputed);
        for number in records.into_iter().chain(disputed) {
            *number = match is_more {
                true => number.saturating_add(1),
                false => number.saturating_sub(1),
            };
        }
    }

    /// Records by category without those that have none, and how many records are disputed.
    pub(crate) fn of(&self, subject: u32) -> (BTreeMap<Category, u64>, u64) {
        let Some(count) = self.0.get(subject) else {
            return Default::default();
        };
        let records = Category::ALL.iter().copied().zip(count.records);
        let some = records.filter(|(_, number)| *number > 0);
        let records = some.map(|(category, number)| (category, u64::from(number)));
        (records.collect(), u64::from(count.disputed))
    }
}
