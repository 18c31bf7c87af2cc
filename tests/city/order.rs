//! Small made-up cities as files in any order: grades never depend on it, and what a rehearsal says of whole files is what
//! their approval brings.

use crate::city_day;
use crate::desk::Desk;
use crate::form::{head, row};
use probity_app::SEGMENT_BYTES_MIN;
use probity_app::import::effects::Stand;
use probity_city::{Scale, Step, city};
use probity_domain::report::{RecordReport, SubjectClaim};
use probity_project::Moment;
use proptest::prelude::*;
use std::collections::BTreeMap;

const RECORDS: u64 = 40;

/// The subjects of a city by their first identifier, and its records.
struct Town {
    subjects: BTreeMap<String, SubjectClaim>,
    registrations: Vec<Step>,
    records: Vec<RecordReport>,
}

fn number(claim: &SubjectClaim) -> String {
    let first = claim.identifiers.first();
    first.expect("every subject has one").value.clone()
}

impl Town {
    fn of(seed: u64, desk: &Desk) -> Self {
        // Few subjects with many records each, so that grades move.
        let scale = Scale {
            organisations: 12,
            persons: 6,
            records: RECORDS,
            key_persons: 1,
        };
        let mut town = Self {
            subjects: BTreeMap::new(),
            registrations: Vec::new(),
            records: Vec::new(),
        };
        for step in city(seed, scale, city_day(desk.ledger.today())) {
            match step {
                Step::Record(report) => town.records.push(*report),
                Step::Subject(claim) => {
                    town.subjects.insert(number(&claim), (*claim).clone());
                    town.registrations.push(Step::Subject(claim));
                }
                _ => {}
            }
        }
        town
    }

    /// The first identifier of the subject of a record as it was registered; old records name it by an older one.
    fn number_of(&self, desk: &Desk, report: &RecordReport) -> String {
        let id = desk.find(&report.subject).expect("registered");
        let mut subjects = self.subjects.iter();
        let found = subjects.find(|(_, claim)| desk.find(claim) == Some(id));
        found.expect("one of the town").0.clone()
    }

    /// How each subject stands.
    fn stands(&self, desk: &Desk) -> BTreeMap<String, Stand> {
        let stand = |(number, claim): (&String, &SubjectClaim)| {
            (number.clone(), stand(desk, claim).expect("registered"))
        };
        self.subjects.iter().map(stand).collect()
    }
}

fn stand(desk: &Desk, claim: &SubjectClaim) -> Option<Stand> {
    let id = desk.find(claim)?;
    let views = desk.ledger.views();
    let index = views.directory().index(&id)?;
    let moment = Moment {
        valid_on: desk.ledger.today(),
        known_at: views.position(),
    };
    let grade = views.grade(index, moment);
    let listed = views.listings().of_subject(index);
    Some(Stand {
        grade: grade.map(|grade| grade.grade.key().to_owned()),
        lists: listed
            .filter(|row| row.is_listed(&moment))
            .map(|row| row.list.to_string())
            .collect(),
    })
}

/// The records as files of one class each, in the order of each file's first record, at most so many rows a file.
fn files(
    desk: &Desk,
    town: &Town,
    records: &[&RecordReport],
    rows_max: usize,
) -> Vec<(String, Vec<String>)> {
    let mut files: Vec<(String, String, Vec<String>)> = Vec::new();
    for report in records {
        let code = &report.subcategory;
        let form = desk.ledger.form(code).expect("every class has its form");
        let has_room = |(of, _, rows): &&mut (String, String, Vec<String>)| {
            of == code && rows.len() < rows_max
        };
        let at = match files.iter_mut().find(has_room) {
            Some((_, text, rows)) => {
                text.push_str(&row(&form, report));
                rows.push(town.number_of(desk, report));
                continue;
            }
            None => head(&form) + &row(&form, report),
        };
        files.push((code.clone(), at, vec![town.number_of(desk, report)]));
    }
    files
        .into_iter()
        .map(|(_, text, rows)| (text, rows))
        .collect()
}

/// Brings the files in one by one; whose standing a rehearsal says would change is whose standing changes.
fn bring_in(desk: &Desk, town: &Town, records: &[&RecordReport], rows_max: usize) {
    for (text, subjects) in files(desk, town, records, rows_max) {
        let before = town.stands(desk);
        let told = desk.hand_in(text.as_bytes());
        let settled = desk.approve(told.batch.expect("received"));
        assert_eq!(settled.len(), subjects.len());
        assert_eq!(told.summary.imported, subjects.len() as u64);
        let after = town.stands(desk);
        let mut changed: BTreeMap<String, Option<(Stand, Stand)>> = BTreeMap::new();
        for change in &told.effects.changes {
            // The marker and the header stand above the first row.
            let of = change.rows.iter().map(|row| &subjects[*row as usize - 3]);
            for number in of {
                changed.insert(number.clone(), change.stands.clone());
            }
        }
        for (number, was) in &before {
            let is = &after[number];
            match changed.get(number) {
                Some(Some(said)) => assert_eq!(said, &(was.clone(), is.clone())),
                // Of a person only that something changes is told.
                Some(None) => assert!(town.subjects[number].kind.is_person() && was != is),
                None => assert_eq!(was, is, "{number} changed unforeseen"),
            }
        }
    }
}

fn stands_after(seed: u64, order: Option<&[usize]>, rows_max: usize) -> BTreeMap<String, Stand> {
    let scratch = tempfile::tempdir().expect("a folder");
    let desk = Desk::begin(&scratch.path().join("data"), SEGMENT_BYTES_MIN);
    let town = Town::of(seed, &desk);
    desk.register(town.registrations.iter().cloned());
    let records: Vec<&RecordReport> = match order {
        Some(order) => order.iter().map(|at| &town.records[*at]).collect(),
        None => town.records.iter().collect(),
    };
    bring_in(&desk, &town, &records, rows_max);
    let stands = town.stands(&desk);
    desk.ledger.close();
    stands
}

proptest! {
    // Each case is two whole small ledgers; PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: ProptestConfig::default().cases / 256, ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_of_a_citys_files_and_rows_never_changes_a_grade(
        seed in 0..1_000u64,
        order in Just((0..RECORDS as usize).collect::<Vec<_>>()).prop_shuffle(),
        rows_max in 1..9usize,
    ) {
        let expected = stands_after(seed, None, 8);
        let graded = |stand: &Stand| stand.grade.as_deref().is_some_and(|grade| grade != "unrated");
        prop_assert!(expected.values().any(graded));
        prop_assert_eq!(stands_after(seed, Some(&order), rows_max), expected);
    }
}
