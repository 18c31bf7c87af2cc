//! What counts, kept per subject and class as spans of days, so that a grade for any day needs neither the subject's
//! stream nor its records: a firm with 100,000 records is answered like one with ten.

use crate::day_counts::DayCounts;
use crate::periods::Counted;
use crate::slim::row_at;
use probity_rules::{ClassHits, GradeInput, Hit, HitClass, POSITIONS_MAX};
use probity_types::CivilDate;
use probity_types::pack::{write_one, write_rows};
use probity_types::table::Rows;
use std::io;

/// Spans up to which looking at each is as good as counting by day.
const FEW_MAX: usize = 64;

/// Spans of one class of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spans {
    pub(crate) class: HitClass,
    /// Newest last: position, from, to.
    pub(crate) by_position: Vec<(u64, CivilDate, CivilDate)>,
    /// Counts by day once the spans are many.
    days: Option<Box<DayCounts>>,
}

impl Spans {
    fn of(class: HitClass) -> Self {
        Self {
            class,
            by_position: Vec::new(),
            days: None,
        }
    }

    /// From what the fields of another say.
    pub(crate) fn from_parts(
        class: HitClass,
        by_position: Vec<(u64, CivilDate, CivilDate)>,
    ) -> Self {
        let mut spans = Self {
            by_position,
            ..Self::of(class)
        };
        spans.count_days();
        spans
    }

    fn add(&mut self, position: u64, span: &Counted) {
        let item = (position, span.from, span.to);
        let Err(place) = self.by_position.binary_search(&item) else {
            return;
        };
        self.by_position.insert(place, item);
        match &mut self.days {
            Some(days) => days.add(span.from, span.to),
            None => self.count_days(),
        }
    }

    /// Counts by day from now on, where the spans are many.
    fn count_days(&mut self) {
        if self.by_position.len() > FEW_MAX {
            let spans = self.by_position.iter().map(|(_, from, to)| (*from, *to));
            self.days = Some(Box::new(DayCounts::of(spans)));
        }
    }

    fn remove(&mut self, position: u64, span: &Counted) {
        let item = (position, span.from, span.to);
        let Ok(place) = self.by_position.binary_search(&item) else {
            return;
        };
        self.by_position.remove(place);
        // Few again: held as a replay would that never saw the others.
        if self.by_position.len() <= FEW_MAX {
            self.days = None;
        }
        if let Some(days) = &mut self.days {
            days.remove(span.from, span.to);
        }
    }

    fn count(&self, day: CivilDate) -> u64 {
        match &self.days {
            Some(days) => days.count(day),
            None => {
                let holds =
                    |(_, from, to): &&(u64, CivilDate, CivilDate)| *from <= day && day < *to;
                self.by_position.iter().filter(holds).count() as u64
            }
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

/// Spans of every subject, by the directory's index and by class.
#[derive(Debug, Clone, Default)]
pub struct GradeBook {
    subjects: Rows<Vec<Spans>>,
}

impl GradeBook {
    pub(crate) fn add(&mut self, subject: u32, position: u64, spans: &[Counted]) {
        if spans.is_empty() {
            return;
        }
        let Some(classes) = row_at(&mut self.subjects, subject) else {
            return;
        };
        for span in spans {
            let place = classes.partition_point(|held| held.class < span.class);
            if classes
                .get(place)
                .is_none_or(|held| held.class != span.class)
            {
                // Most subjects have one class or two.
                classes.reserve_exact(1);
                classes.insert(place, Spans::of(span.class));
            }
            classes[place].add(position, span);
        }
    }

    pub(crate) fn remove(&mut self, subject: u32, position: u64, spans: &[Counted]) {
        let Some(classes) = self.subjects.get_mut(subject) else {
            return;
        };
        for span in spans {
            if let Some(place) = classes.iter().position(|held| held.class == span.class) {
                classes[place].remove(position, span);
                // What was taken back leaves no trace: a replay that never saw it is the same.
                if classes[place].by_position.is_empty() {
                    classes.remove(place);
                }
            }
        }
    }

    /// Feeds everything into a digest; a subject of which nothing counts plays no part.
    pub(crate) fn feed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let some = self.subjects.numbered();
        for (subject, classes) in some.filter(|(_, classes)| !classes.is_empty()) {
            write_one(out, &subject)?;
            for spans in classes {
                write!(out, "{:?}", spans.class)?;
                let held = spans.by_position.iter().copied();
                write_rows(out, spans.by_position.len(), held)?;
            }
        }
        Ok(())
    }

    /// Number of subjects.
    pub(crate) fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Spans of every subject, class by class, each newest last.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Vec<Spans>> {
        self.subjects.iter()
    }

    /// Adds the next subject.
    pub(crate) fn push(&mut self, classes: Vec<Spans>) {
        self.subjects.push(classes);
    }

    /// What counts about a subject on a day.
    pub fn input(&self, subject: u32, day: CivilDate) -> GradeInput {
        let mut input = GradeInput::default();
        for spans in self.subjects.get(subject).into_iter().flatten() {
            let count = spans.count(day);
            if count > 0 {
                input.classes.insert(
                    spans.class,
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
            spans in proptest::collection::vec((0i32..50, 1i32..50), 0..3 * FEW_MAX),
            asked in -5i32..120,
            removed in 0usize..3 * FEW_MAX,
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
