//! What counts, kept per subject and class as spans of days, so that a grade for any day needs neither the subject's
//! stream nor its records: a firm with 100,000 records is answered like one with ten.

use crate::periods::Counted;
use probity_rules::{ClassHits, GradeInput, Hit, HitClass, POSITIONS_MAX};
use probity_types::CivilDate;
use std::collections::{BTreeMap, BTreeSet};

/// Spans of one class of one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spans {
    from: BTreeMap<CivilDate, u64>,
    to: BTreeMap<CivilDate, u64>,
    /// Newest last: position, from, to.
    by_position: BTreeSet<(u64, CivilDate, CivilDate)>,
}

impl Spans {
    fn add(&mut self, position: u64, span: &Counted) {
        if self.by_position.insert((position, span.from, span.to)) {
            *self.from.entry(span.from).or_insert(0) += 1;
            *self.to.entry(span.to).or_insert(0) += 1;
        }
    }

    fn remove(&mut self, position: u64, span: &Counted) {
        if self.by_position.remove(&(position, span.from, span.to)) {
            take_one(&mut self.from, span.from);
            take_one(&mut self.to, span.to);
        }
    }

    /// How many spans hold a day: those that end later, without those that begin later.
    fn count(&self, day: CivilDate) -> u64 {
        let after = (std::ops::Bound::Excluded(day), std::ops::Bound::Unbounded);
        let ends_later: u64 = self.to.range(after).map(|(_, n)| n).sum();
        let begins_later: u64 = self.from.range(after).map(|(_, n)| n).sum();
        ends_later - begins_later
    }

    fn newest(&self, day: CivilDate) -> Vec<Hit> {
        let holds = |(_, from, to): &&(u64, CivilDate, CivilDate)| *from <= day && day < *to;
        let newest = self
            .by_position
            .iter()
            .rev()
            .filter(holds)
            .take(POSITIONS_MAX);
        newest
            .map(|(position, ..)| Hit {
                position: *position,
            })
            .collect()
    }
}

fn take_one(counts: &mut BTreeMap<CivilDate, u64>, day: CivilDate) {
    if let Some(count) = counts.get_mut(&day) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&day);
        }
    }
}

/// Spans of every subject that has any.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct GradeBook {
    subjects: BTreeMap<u32, BTreeMap<HitClass, Spans>>,
}

impl GradeBook {
    pub(crate) fn add(&mut self, subject: u32, position: u64, spans: &[Counted]) {
        for span in spans {
            self.subjects
                .entry(subject)
                .or_default()
                .entry(span.class)
                .or_default()
                .add(position, span);
        }
    }

    pub(crate) fn remove(&mut self, subject: u32, position: u64, spans: &[Counted]) {
        let Some(classes) = self.subjects.get_mut(&subject) else {
            return;
        };
        for span in spans {
            if let Some(held) = classes.get_mut(&span.class) {
                held.remove(position, span);
                // What was taken back leaves no trace: a replay that never saw it is the same.
                if held.by_position.is_empty() {
                    classes.remove(&span.class);
                }
            }
        }
        if classes.is_empty() {
            self.subjects.remove(&subject);
        }
    }

    /// What counts about a subject on a day.
    pub fn input(&self, subject: u32, day: CivilDate) -> GradeInput {
        let mut input = GradeInput::default();
        for (class, spans) in self.subjects.get(&subject).into_iter().flatten() {
            let count = spans.count(day);
            if count > 0 {
                input.classes.insert(
                    *class,
                    ClassHits {
                        count,
                        newest: spans.newest(day),
                    },
                );
            }
        }
        input
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
        /// Counting by sums over days agrees with looking at every span; order and removals play no part.
        #[test]
        fn counts_agree_with_a_plain_scan(
            spans in proptest::collection::vec((0i32..50, 1i32..50), 0..40),
            asked in -5i32..120,
            removed in 0usize..40,
        ) {
            let mut book = GradeBook::default();
            let spans: Vec<Counted> = spans.iter()
                .map(|(from, length)| Counted { class: HitClass::AdverseGeneral, from: day(*from), to: day(from + length) })
                .collect();
            for place in (0..spans.len()).rev() {
                book.add(7, place as u64, std::slice::from_ref(&spans[place]));
            }
            for (position, span) in (0u64..).zip(&spans).take(removed) {
                book.remove(7, position, std::slice::from_ref(span));
            }
            let mut expected: Vec<u64> = (0u64..).zip(&spans).skip(removed)
                .filter(|(_, s)| s.from <= day(asked) && day(asked) < s.to).map(|(p, _)| p).collect();
            expected.reverse();
            let input = book.input(7, day(asked));
            let found = input.classes.get(&HitClass::AdverseGeneral).cloned().unwrap_or_default();
            prop_assert_eq!(found.count, expected.len() as u64);
            let newest: Vec<u64> = found.newest.iter().map(|hit| hit.position).collect();
            prop_assert_eq!(newest, expected.into_iter().take(POSITIONS_MAX).collect::<Vec<_>>());
        }
    }
}
