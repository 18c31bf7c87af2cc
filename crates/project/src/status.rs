//! The answer to "how does this subject stand?", for any day and any knowledge.

use crate::listings::{ListingRow, ListingState};
use crate::records::RecordState;
use crate::{Moment, Views, periods};
use probity_rules::hits::{Standing, listing_class};
use probity_rules::{AnchorDates, Grade, GradeInput, Hit};
use probity_types::Category;
use std::collections::BTreeMap;

/// How a subject stands.
#[derive(Debug, Clone)]
pub struct Status<'a> {
    /// The moment it speaks of.
    pub moment: Moment,
    /// The grade with its reasons; none where no grade table is in force.
    pub grade: Option<Grade>,
    /// Memberships known at the moment, in force or over.
    pub listings: Vec<(&'a ListingRow, ListingState)>,
    /// Known records by category.
    pub records: BTreeMap<Category, u64>,
    /// Records with an open review or lawsuit.
    pub disputed: u64,
}

/// Where an answer about a subject comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knowledge {
    /// What is kept ready: the present, and what nothing has changed since.
    Kept,
    /// The rows, as they were known at the moment.
    Rows,
}

impl Views {
    /// What counts about a subject at a moment.
    pub fn grade_input(&self, subject: u32, moment: Moment) -> GradeInput {
        self.hits(subject, moment, self.knowledge(moment))
    }

    pub(crate) fn hits(&self, subject: u32, moment: Moment, knowledge: Knowledge) -> GradeInput {
        match knowledge {
            Knowledge::Kept => self.grades().input(subject, moment.valid_on),
            Knowledge::Rows => self.grade_input_from_rows(subject, moment),
        }
    }

    fn knowledge(&self, moment: Moment) -> Knowledge {
        match moment.known_at == self.position() {
            true => Knowledge::Kept,
            false => Knowledge::Rows,
        }
    }

    /// The same worked out row by row: for earlier knowledge, and for checking what is kept ready.
    pub fn grade_input_from_rows(&self, subject: u32, moment: Moment) -> GradeInput {
        let mut input = GradeInput::default();
        for index in self.records().of_subject(subject) {
            let Some(row) = self.records().row(*index) else {
                continue;
            };
            if let Some(class) = periods::class_at(self.policies(), row, moment)
                && let Some(version) = row.versions.first()
            {
                input.add(
                    class,
                    Hit {
                        position: version.position.0,
                    },
                );
            }
        }
        for row in self.listings().of_subject(subject) {
            let standing = Standing {
                ended: !row.is_listed(&moment),
                ..Standing::default()
            };
            if let Some(class) = listing_class(row.colour, standing) {
                input.add(
                    class,
                    Hit {
                        position: row.position.0,
                    },
                );
            }
        }
        input
    }

    /// The grade of a subject at a moment.
    pub fn grade(&self, subject: u32, moment: Moment) -> Option<Grade> {
        let known_at = moment.known_at?;
        let packs = self
            .policies()
            .packs(known_at, &AnchorDates::on(moment.valid_on))
            .ok()?;
        Some(packs.grade.grade(&self.grade_input(subject, moment)))
    }

    /// How a subject stands.
    pub fn status(&self, subject: u32, moment: Moment) -> Status<'_> {
        let listings = self.listings().of_subject(subject);
        let listings = listings
            .filter_map(|row| Some((row, row.state_at(&moment)?)))
            .collect();
        let (records, disputed) = self.record_counts(subject, moment, self.knowledge(moment));
        Status {
            moment,
            grade: self.grade(subject, moment),
            listings,
            records,
            disputed,
        }
    }

    /// Known records by category, and how many of them are disputed.
    pub(crate) fn record_counts(
        &self,
        subject: u32,
        moment: Moment,
        knowledge: Knowledge,
    ) -> (BTreeMap<Category, u64>, u64) {
        if knowledge == Knowledge::Kept {
            return self.counts_of(subject);
        }
        let (mut records, mut disputed) = (BTreeMap::new(), 0);
        let rows = self
            .records()
            .of_subject(subject)
            .iter()
            .filter_map(|index| self.records().row(*index));
        for row in rows {
            match row.state_at(&moment) {
                None | Some(RecordState::Voided) => {}
                Some(_) => {
                    *records.entry(row.category).or_insert(0) += 1;
                    disputed += u64::from(row.is_disputed(&moment));
                }
            }
        }
        (records, disputed)
    }
}
