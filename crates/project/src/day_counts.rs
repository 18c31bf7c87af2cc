//! How many spans hold a day: by looking at each while they are few, by two binary searches however many there are.

use probity_types::CivilDate;
use probity_types::pack::write_rows;
use std::{fmt, io};

/// Spans up to which looking at each is as good as anything and takes half the room.
const FEW_MAX: usize = 32;

/// A set of spans, doubles included.
#[derive(Clone)]
pub(crate) enum DayCounts {
    /// First days and days after the last, in order.
    Few(Vec<(CivilDate, CivilDate)>),
    /// First days and days after the last, each in order.
    Many(Box<(Vec<CivilDate>, Vec<CivilDate>)>),
}

impl Default for DayCounts {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl DayCounts {
    /// A set of many spans at once.
    pub(crate) fn of(spans: impl Iterator<Item = (CivilDate, CivilDate)>) -> Self {
        let mut spans: Vec<_> = spans.collect();
        spans.sort_unstable();
        let few = Self::Few(spans);
        match &few {
            Self::Few(spans) if spans.len() > FEW_MAX => Self::Many(Box::new(few.sorted())),
            _ => few,
        }
    }

    /// Adds a span: `from` included, `to` not; `from` lies before `to`.
    pub(crate) fn add(&mut self, from: CivilDate, to: CivilDate) {
        match self {
            Self::Few(spans) if spans.len() < FEW_MAX => put(spans, (from, to)),
            Self::Few(_) => {
                let (mut begun, mut over) = self.sorted();
                put(&mut begun, from);
                put(&mut over, to);
                *self = Self::Many(Box::new((begun, over)));
            }
            Self::Many(days) => {
                put(&mut days.0, from);
                put(&mut days.1, to);
            }
        }
    }

    /// Takes a span back.
    pub(crate) fn remove(&mut self, from: CivilDate, to: CivilDate) {
        match self {
            Self::Few(spans) => take(spans, (from, to)),
            Self::Many(days) => {
                take(&mut days.0, from);
                take(&mut days.1, to);
            }
        }
    }

    /// How many spans hold a day: those that have begun, without those that are over.
    pub(crate) fn count(&self, day: CivilDate) -> u64 {
        match self {
            Self::Few(spans) => {
                let holding = spans.iter().filter(|(from, to)| *from <= day && day < *to);
                holding.count() as u64
            }
            Self::Many(days) => {
                let until = |days: &[CivilDate]| days.partition_point(|held| *held <= day) as u64;
                until(&days.0).saturating_sub(until(&days.1))
            }
        }
    }

    /// Whether there is no span.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Few(spans) => spans.is_empty(),
            Self::Many(days) => days.0.is_empty(),
        }
    }

    /// Feeds all spans into a digest, the same however they are held.
    pub(crate) fn feed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let (begun, over) = self.sorted();
        write_rows(out, begun.len(), begun)?;
        write_rows(out, over.len(), over)
    }

    /// First days and days after the last, each in order: the same however they are held.
    fn sorted(&self) -> (Vec<CivilDate>, Vec<CivilDate>) {
        match self {
            Self::Few(spans) => {
                let (mut begun, mut over): (Vec<_>, Vec<_>) = spans.iter().copied().unzip();
                begun.sort_unstable();
                over.sort_unstable();
                (begun, over)
            }
            Self::Many(days) => (**days).clone(),
        }
    }
}

// What was many and became few is held as many still; that plays no part.
impl PartialEq for DayCounts {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Eq for DayCounts {}

impl fmt::Debug for DayCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.sorted(), f)
    }
}

fn put<T: Ord>(held: &mut Vec<T>, item: T) {
    let place = held.partition_point(|other| *other <= item);
    held.insert(place, item);
}

fn take<T: Ord>(held: &mut Vec<T>, item: T) {
    if let Ok(place) = held.binary_search(&item) {
        held.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: i32) -> CivilDate {
        CivilDate::from_days(n).expect("in range")
    }

    proptest! {
        /// Beyond the change of form and back: counts are those of a plain scan, and equal sets are equal.
        #[test]
        fn counts_agree_with_a_plain_scan_on_both_sides_of_the_change(
            spans in proptest::collection::vec((0i32..50, 1i32..50), 0..3 * FEW_MAX),
            kept in 0usize..3 * FEW_MAX,
            asked in -5i32..120,
        ) {
            let spans: Vec<_> = spans.iter().map(|(from, length)| (day(*from), day(from + length))).collect();
            let (mut all, mut only) = (DayCounts::default(), DayCounts::default());
            spans.iter().for_each(|(from, to)| all.add(*from, *to));
            let kept = kept.min(spans.len());
            spans[kept..].iter().for_each(|(from, to)| all.remove(*from, *to));
            spans[..kept].iter().for_each(|(from, to)| only.add(*from, *to));
            let plain = spans[..kept].iter().filter(|(from, to)| *from <= day(asked) && day(asked) < *to).count();
            prop_assert_eq!(all.count(day(asked)), plain as u64);
            prop_assert_eq!(all.is_empty(), kept == 0);
            prop_assert_eq!(format!("{all:?}"), format!("{only:?}"));
            prop_assert_eq!(&all, &only);
            // Made at once.
            prop_assert_eq!(DayCounts::of(spans[..kept].iter().copied()), only);
        }
    }
}
