//! Views and decision state are functions of the log: whatever was decided, erased, parked or held back in a batch, those that
//! lived through it equal a replay of what is stored now.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_project::snapshot::ReadRecords;
use probity_project::{Moment, RecordState, Views, periods};
use probity_types::CivilDate;
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::play::{Happening, Play, happenings};
use support::today;

impl Play {
    /// Goes on from what a snapshot keeps, where one can be taken. Bytes that are cut or have one bit another way give other
    /// views or none, and never end the program.
    fn go_on_from_snapshot(&mut self, cut: usize) {
        if !self.log.views.is_settled() {
            return;
        }
        let mut bytes = Vec::new();
        self.log.views.write_records(&mut bytes).expect("memory");
        self.log.views.write(&mut bytes).expect("memory");
        let policies = self.log.registry.policies();
        let read = |bytes: &[u8]| {
            let mut from = bytes;
            let records = ReadRecords::read(&mut from)?;
            let views = Views::read(support::tagger(), &mut from)?;
            let views = views.with_records(records)?;
            let views = views.with_policies(policies.clone());
            Ok::<_, std::io::Error>((views, from.len()))
        };
        let (views, left) = read(&bytes).expect("what was written reads");
        assert_eq!(left, 0);
        assert_eq!(views.digest(), self.log.views.digest(), "after a snapshot");
        let cut = cut % bytes.len();
        assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        let mut flipped = bytes;
        flipped[cut] ^= 1;
        let _ = read(&flipped);
        self.log.views = views;
    }

    /// What was lived through equals what is replayed, and what is kept ready equals what the rows say.
    fn check(&self, days: &[i32]) {
        let (registry, views) = self.log.replayed();
        let log = &self.log;
        assert_eq!(log.registry.digest(), registry.digest(), "decision state");
        assert_eq!(log.views.digest(), views.digest(), "views");
        assert_eq!(log.views.statistics().erasures, self.erasures);
        for row in log.views.records().rows().iter() {
            let state = log.registry.record(&row.id).expect("decided once");
            assert_eq!(row.revision, state.revision, "{row:?}");
        }
        for (subject, row) in log.views.directory().rows().numbered() {
            let state = log.registry.subject(&row.id).expect("decided once");
            assert_eq!(row.revision, state.revision, "{row:?}");
            days.iter()
                .for_each(|days| self.check_status(subject, *days));
            self.check_published(subject);
        }
    }

    /// What the public may see today is kept right: by every record asked afresh.
    fn check_published(&self, subject: u32) {
        let views = &self.log.views;
        let day = views.day();
        let moment = Moment {
            valid_on: day,
            known_at: views.position(),
        };
        let mut expected = BTreeMap::new();
        for index in views.records().of_subject(subject) {
            let row = views.records().row(*index).expect("a row");
            let span = periods::published(views.policies(), row, moment);
            if let Some(span) = span.filter(|span| span.from <= day && day < span.to) {
                let counts: &mut (u64, u64) = expected.entry(row.category).or_default();
                counts.0 += 1;
                counts.1 += u64::from(span.is_disputed);
            }
        }
        assert_eq!(views.published().of(subject, day), expected, "{subject}");
    }

    fn check_status(&self, subject: u32, days: i32) {
        let views = &self.log.views;
        let moment = Moment {
            valid_on: today().plus_days(days),
            known_at: views.position(),
        };
        let ready = views.grade_input(subject, moment);
        assert_eq!(
            ready,
            views.grade_input_from_rows(subject, moment),
            "subject {subject}, {moment:?}"
        );
        let (mut counts, mut disputed) = (BTreeMap::new(), 0);
        for index in views.records().of_subject(subject) {
            let row = views.records().row(*index).expect("a row");
            if row.state_at(&moment) != Some(RecordState::Voided) {
                *counts.entry(row.category).or_insert(0) += 1;
                disputed += u64::from(row.is_disputed(&moment));
            }
        }
        let status = views.status(subject, moment);
        assert_eq!((status.records, status.disputed), (counts, disputed));
    }
}

proptest! {
    // A tenth of the usual number, since each case is a whole small log; PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: ProptestConfig::default().cases / 10, ..ProptestConfig::default()
    })]

    #[test]
    fn what_was_lived_through_equals_a_replay(
        seed in 0..1_000u64, plan in happenings(), days in proptest::collection::vec(-5_000..1_000i32, 4),
        cut in any::<usize>(),
    ) {
        let mut play = Play::new(seed);
        for happening in &plan {
            play.happen(happening);
        }
        play.check(&days);
        play.go_on_from_snapshot(cut);
        // Everything that still waits comes out, erased or not.
        play.happen(&Happening::CompleteBatch);
        play.go_on_from_snapshot(cut);
        play.happen(&Happening::Steps(200));
        play.check(&days);
    }
}

/// What is kept ready for grades equals the rules asked afresh, on days all over the years and on both sides of each
/// turning day that is kept.
#[test]
fn what_counts_is_kept_right_for_every_day() {
    let mut play = Play::new(650_200);
    play.happen(&Happening::Steps(255));
    let views = &play.log.views;
    let rows = views.records().rows();
    assert!(rows.len() >= 60, "{}", rows.len());
    for row in rows.iter() {
        let mut days: Vec<_> = (-5_000..1_000).step_by(17).collect();
        for span in row.counted.iter() {
            let around = [span.from, span.to].map(|day| day.days() - today().days());
            days.extend(around.iter().flat_map(|day| [day - 1, *day]));
        }
        // The last day of the calendar stands for "open".
        let days = days.into_iter().map(|days| today().plus_days(days));
        for valid_on in days.filter(|day| *day < CivilDate::MAX) {
            let moment = Moment {
                valid_on,
                known_at: views.position(),
            };
            let asked = periods::class_at(views.policies(), row, moment);
            let kept = row.counted.iter();
            let mut kept = kept.filter(|span| span.from <= valid_on && valid_on < span.to);
            assert_eq!(
                kept.next().map(|span| span.class),
                asked,
                "{valid_on}: {row:?}"
            );
        }
    }
}
