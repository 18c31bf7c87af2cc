//! What counts, kept per subject and class as spans of days, so that a grade for any day needs neither the subject's
//! stream nor its records: a firm with 100,000 records is answered like one with ten.

use crate::day_counts::DayCounts;
use crate::periods::Counted;
use probity_rules::{ClassHits, GradeInput, Hit, HitClass, POSITIONS_MAX};
use probity_types::CivilDate;
use std::collections::{BTreeMap, BTreeSet};

/// Spans of one class of one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Spans {
    days: DayCounts,
    /// Newest last: position, from, to.
    by_position: BTreeSet<(u64, CivilDate, CivilDate)>,
}

impl Spans {
    fn add(&mut self, position: u64, span: &Counted) {
        if self.by_position.insert((position, span.from, span.to)) {
            self.days.add(span.from, span.to);
        }
    }

    fn remove(&mut self, position: u64, span: &Counted) {
        if self.by_position.remove(&(position, span.from, span.to)) {
            self.days.remove(span.from, span.to);
        }
    }

    /// The newest of the `count` spans that hold a day; what comes after the last of them is not looked at.
    fn newest(&self, day: CivilDate, count: u64) -> Vec<Hit> {
        let holds = |(_, from, to): &&(u64, CivilDate, CivilDate)| *from <= day && day < *to;
        let wanted = usize::try_from(count).map_or(POSITIONS_MAX, |n| n.min(POSITIONS_MAX));
        let newest = self.by_position.iter().rev().filter(holds).take(wanted);
        newest
            .map(|(position, ..)| Hit {
                position: *position,
            })
            .collect()
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
            let count = spans.days.count(day);
            if count > 0 {
                input.classes.insert(
                    *class,
                    ClassHits {
                        count,
                        newest: spans.newest(day, count),
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
