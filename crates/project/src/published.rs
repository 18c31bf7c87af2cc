//! How many records of a subject the public may see today, kept as spans of days: the answer for a firm with 100,000
//! records costs what it costs for one with ten.
//!
//! A span holds by the rules of the day on which it was worked out. When a rule begins or ends to hold, and when a pack is
//! adopted, all spans are worked out anew.

use crate::day_counts::DayCounts;
use crate::slim::row_at;
use probity_types::pack::write_one;
use probity_types::table::Rows;
use probity_types::{Category, CivilDate};
use std::collections::BTreeMap;
use std::io;

/// A span in which a record is published: `from` included, `to` not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// First day.
    pub from: CivilDate,
    /// First day after; [`CivilDate::MAX`] = open.
    pub to: CivilDate,
    /// Whether a review or lawsuit is open.
    pub is_disputed: bool,
}

/// Spans of every subject, by the directory's index; of each by category, disputed ones apart.
#[derive(Debug, Clone, Default)]
pub struct PublicBook {
    subjects: Rows<Vec<Kept>>,
}

/// Spans of one category, disputed ones apart.
pub(crate) type Kept = ((Category, bool), DayCounts);

impl PublicBook {
    /// Adds a span, or takes one back.
    pub(crate) fn change(
        &mut self,
        subject: u32,
        category: Category,
        span: &Published,
        is_more: bool,
    ) {
        let Some(categories) = row_at(&mut self.subjects, subject) else {
            return;
        };
        let key = (category, span.is_disputed);
        let place = categories.partition_point(|(held, _)| *held < key);
        if categories.get(place).is_none_or(|(held, _)| *held != key) {
            categories.reserve_exact(1);
            categories.insert(place, (key, DayCounts::default()));
        }
        let days = &mut categories[place].1;
        if is_more {
            days.add(span.from, span.to);
        } else {
            days.remove(span.from, span.to);
        }
        // What was taken back leaves no trace: a replay that never saw it is the same.
        if days.is_empty() {
            categories.remove(place);
        }
    }

    /// Feeds everything into a digest; a subject of which nothing is published plays no part.
    pub(crate) fn feed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let some = self.subjects.numbered();
        for (subject, categories) in some.filter(|(_, categories)| !categories.is_empty()) {
            write_one(out, &subject)?;
            for (key, days) in categories {
                write!(out, "{key:?}")?;
                days.feed(out)?;
            }
        }
        Ok(())
    }

    /// Number of subjects.
    pub(crate) fn len(&self) -> usize {
        self.subjects.len()
    }

    /// What is kept of every subject.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Vec<Kept>> {
        self.subjects.iter()
    }

    /// Adds the next subject.
    pub(crate) fn push(&mut self, kept: Vec<Kept>) {
        self.subjects.push(kept);
    }

    /// Published records of a subject on a day, by category, and how many of them are disputed.
    pub fn of(&self, subject: u32, day: CivilDate) -> BTreeMap<Category, (u64, u64)> {
        let mut counts: BTreeMap<Category, (u64, u64)> = BTreeMap::new();
        for ((category, is_disputed), days) in self.subjects.get(subject).into_iter().flatten() {
            let count = days.count(day);
            if count > 0 {
                let held = counts.entry(*category).or_default();
                held.0 += count;
                held.1 += if *is_disputed { count } else { 0 };
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32) -> CivilDate {
        CivilDate::from_days(n).expect("in range")
    }

    #[test]
    fn spans_are_counted_by_day_and_leave_no_trace_when_taken_back() {
        let mut book = PublicBook::default();
        let span = |from, to, is_disputed| Published {
            from: day(from),
            to: day(to),
            is_disputed,
        };
        let spans = [span(0, 10, false), span(5, 20, true), span(5, 20, false)];
        for span in &spans {
            book.change(3, Category::CF, span, true);
        }
        let on = |book: &PublicBook, n| {
            book.of(3, day(n))
                .get(&Category::CF)
                .copied()
                .unwrap_or_default()
        };
        assert_eq!(
            [on(&book, -1), on(&book, 0), on(&book, 5)],
            [(0, 0), (1, 0), (3, 1)]
        );
        assert_eq!(
            [on(&book, 9), on(&book, 10), on(&book, 20)],
            [(3, 1), (2, 1), (0, 0)]
        );
        for span in &spans {
            book.change(3, Category::CF, span, false);
        }
        let fed = |book: &PublicBook| {
            let mut bytes = Vec::new();
            book.feed(&mut bytes).expect("memory");
            bytes
        };
        assert_eq!(fed(&book), fed(&PublicBook::default()));
    }
}
