//! Which records of a subject the public may see today, worked out once for a subject with many and kept until something
//! about it changes. The lock on the views is taken in steps: the writer never waits for a subject with 100,000 records.

use super::public::Public;
use super::visit::Visit;
use probity_project::Moment;
use probity_types::{CivilDate, Polarity, Position};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Records that are looked at under one lock.
const STEP: usize = 1_000;
/// A subject with fewer records is worked out anew for each page.
const KEPT_FROM: usize = 500;
/// Subjects that are kept at once; more, and all are worked out anew.
const KEPT_MAX: usize = 64;

/// One record that the public may see.
#[derive(Debug, Clone, Copy)]
pub struct PublicRow {
    /// Its index in the view of records.
    pub index: u32,
    /// First day after its publication; none where no end is set.
    pub end: Option<CivilDate>,
    /// Whether it counts for or against today.
    pub polarity: Polarity,
}

/// The records of a subject that the public may see.
#[derive(Debug, Default)]
pub struct RecordSet {
    /// The newest decision first.
    pub rows: Vec<PublicRow>,
    /// Positions of their first entries, ascending.
    positions: Vec<u64>,
}

impl RecordSet {
    /// Whether an entry is the first one of such a record.
    pub fn holds(&self, position: u64) -> bool {
        self.positions.binary_search(&position).is_ok()
    }
}

/// What an answer rests on: it holds as long as all of this is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Basis {
    newest_entry: Option<Position>,
    records: usize,
    packs: usize,
    today: CivilDate,
}

/// Answers that are kept, by subject.
#[derive(Debug, Default)]
pub struct Kept(Mutex<BTreeMap<u32, (Basis, Arc<RecordSet>)>>);

impl Kept {
    fn find(&self, subject: u32, basis: &Basis) -> Option<Arc<RecordSet>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&subject)
            .filter(|(known, _)| known == basis)
            .map(|(_, set)| set.clone())
    }

    fn keep(&self, subject: u32, basis: Basis, set: &Arc<RecordSet>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(subject, (basis, set.clone()));
    }
}

/// The records of a subject that the public may see today.
pub fn of_subject(visit: &Visit, subject: u32, now: Moment) -> Arc<RecordSet> {
    let (all, basis) = {
        let views = visit.ledger.views();
        let all = views.records().of_subject(subject).to_vec();
        let basis = Basis {
            newest_entry: views.timeline().of(subject).last().copied(),
            records: all.len(),
            packs: views.policies().adopted().count(),
            today: now.valid_on,
        };
        (all, basis)
    };
    if all.len() < KEPT_FROM {
        return Arc::new(work_out(visit, &all, now));
    }
    if let Some(set) = visit.kept_records().find(subject, &basis) {
        return set;
    }
    let set = Arc::new(work_out(visit, &all, now));
    visit.kept_records().keep(subject, basis, &set);
    set
}

fn work_out(visit: &Visit, all: &[u32], now: Moment) -> RecordSet {
    let mut found = Vec::new();
    let mut positions = Vec::new();
    for step in all.chunks(STEP) {
        let views = visit.ledger.views();
        let public = Public::of(visit, &views, now);
        for index in step {
            let Some(row) = views.records().row(*index) else {
                continue;
            };
            let (Some((assessment, publication)), Some(version)) =
                (public.record(row), row.version_at(&now))
            else {
                continue;
            };
            let polarity = assessment.polarity;
            let public_row = PublicRow {
                index: *index,
                end: publication.end,
                polarity,
            };
            found.push(((version.decided_on, version.position), public_row));
            positions.extend(row.versions.first().map(|version| version.position.0));
        }
    }
    found.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
    positions.sort_unstable();
    RecordSet {
        rows: found.into_iter().map(|(_, row)| row).collect(),
        positions,
    }
}
