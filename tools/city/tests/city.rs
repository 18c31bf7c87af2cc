//! What the made-up city promises, over whole streams of steps.

use probity_city::{Books, Scale, Step, city};
use probity_domain::report::{RecordReport, SubjectClaim};
use probity_rules::FieldCheck;
use probity_types::identifiers::examine;
use probity_types::{
    Category, CivilDate, CodeList as _, FieldValue, IdentifierKind, ListColour, ListingProcedure,
    PenaltyProcedure, Polarity, Role, SubjectKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const RECORDS: u64 = 20_000;

fn today() -> CivilDate {
    CivilDate::new(2026, 6, 30).expect("a day")
}

/// One city for all tests that only look.
fn steps() -> &'static [Step] {
    static STEPS: OnceLock<Vec<Step>> = OnceLock::new();
    STEPS.get_or_init(|| city(7, Scale::for_records(RECORDS), today()).collect())
}

fn records() -> impl Iterator<Item = &'static RecordReport> {
    steps().iter().filter_map(|step| match step {
        Step::Record(report) => Some(&**report),
        _ => None,
    })
}

fn date(report: &RecordReport, name: &str) -> Option<CivilDate> {
    match report.fields.get(name) {
        Some(FieldValue::Date(date)) => Some(*date),
        _ => None,
    }
}

fn shown(report: &RecordReport, name: &str) -> Option<String> {
    report.fields.get(name).map(ToString::to_string)
}

fn decided_on(report: &RecordReport) -> CivilDate {
    let date = date(report, "decision_date").or_else(|| date(report, "recognised_on"));
    date.unwrap_or_else(|| panic!("{} has no day of decision", report.subcategory))
}

#[test]
fn the_same_seed_gives_the_same_city_and_another_seed_another() {
    let made = |seed| city(seed, Scale::for_records(2_000), today()).collect::<Vec<Step>>();
    assert!(made(1) == made(1));
    assert!(made(1) != made(2));
}

#[test]
fn counts_are_reached() {
    let scale = Scale {
        organisations: 200,
        persons: 500,
        records: 3_000,
        key_persons: 40,
    };
    let mut subjects: BTreeMap<SubjectKind, usize> = BTreeMap::new();
    let (mut reports, mut listings, mut key_persons) = (0, 0, BTreeSet::new());
    for step in city(1, scale, today()) {
        match step {
            Step::Subject(claim) => *subjects.entry(claim.kind).or_default() += 1,
            Step::Record(_) => reports += 1,
            Step::Listing(..) => listings += 1,
            Step::Certificate(held) => {
                key_persons.insert(held.person.identifiers);
            }
            _ => {}
        }
    }
    assert_eq!(subjects.len(), 6, "all six kinds");
    assert_eq!(subjects.get(&SubjectKind::NaturalPerson), Some(&500));
    assert_eq!(subjects.values().sum::<usize>(), 700);
    assert_eq!((reports, key_persons.len()), (3_000, 40));
    assert!(listings >= 55, "{listings}");
}

#[test]
fn every_class_appears_and_permits_arrears_and_penalties_are_most() {
    let books = Books::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for report in records() {
        *counts.entry(report.subcategory.clone()).or_default() += 1;
    }
    let missing: Vec<&str> = books
        .catalogue
        .entries()
        .map(|e| e.code.as_str())
        .filter(|code| !counts.contains_key(*code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let of = |category: Category| -> u64 {
        counts
            .iter()
            .filter(|(code, _)| code.starts_with(category.key()))
            .map(|(_, count)| count)
            .sum()
    };
    assert!(of(Category::XK) + of(Category::QF) + of(Category::CF) > 16_000);
    assert!(Category::ALL.iter().all(|category| of(*category) > 0));
}

#[test]
fn every_record_passes_the_checks_of_its_class() {
    let books = Books::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    let Books {
        catalogue,
        codes,
        penalties,
        ..
    } = &books;
    let check = FieldCheck {
        catalogue,
        codes,
        penalties,
        today: today(),
    };
    for report in records() {
        let entry =
            catalogue.entry_for(&report.subcategory, report.subject.kind, decided_on(report));
        let entry = entry.unwrap_or_else(|refusal| panic!("{refusal}"));
        let faults =
            check.check_fields(entry, report.subject.kind, &report.fields, &BTreeSet::new());
        assert!(faults.is_empty(), "{faults:?} in {report:?}");
        let allowed = |name: &String| {
            entry.required.contains(name)
                || entry.optional.contains(name)
                || entry.extra.contains_key(name)
                || catalogue.common_fields().any(|field| field.name == *name)
        };
        assert!(report.fields.keys().all(allowed), "{report:?}");
        assert!(entry.sources.iter().any(|code| {
            catalogue
                .bureau(code)
                .is_some_and(|b| b.name.zh == report.authority)
        }));
    }
}

#[test]
fn a_correction_leaves_a_record_that_passes_as_well() {
    let books = Books::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    let Books {
        catalogue,
        codes,
        penalties,
        ..
    } = &books;
    let check = FieldCheck {
        catalogue,
        codes,
        penalties,
        today: today(),
    };
    let (mut reported, mut corrected) = (Vec::new(), 0);
    for step in steps() {
        match step {
            Step::Record(report) => reported.push(&**report),
            Step::Correct {
                record, changes, ..
            } => {
                let report: &RecordReport = reported[*record as usize];
                let mut fields = report.fields.clone();
                for (name, value) in changes {
                    assert_ne!(fields.get(name), value.as_ref(), "{name} changes");
                    match value {
                        Some(value) => fields.insert(name.clone(), value.clone()),
                        None => fields.remove(name),
                    };
                }
                let entry = catalogue.entry(&report.subcategory).expect("a class");
                let faults =
                    check.check_fields(entry, report.subject.kind, &fields, &BTreeSet::new());
                assert!(faults.is_empty(), "{faults:?}");
                corrected += 1;
            }
            _ => {}
        }
    }
    assert!((60..150).contains(&corrected), "{corrected}");
}

fn check_identifiers(claim: &SubjectClaim) {
    assert!(!claim.identifiers.is_empty(), "{claim:?}");
    for identifier in &claim.identifiers {
        let found = examine(identifier.kind, &identifier.value, today());
        assert!(found.findings.is_empty(), "{found:?}");
        assert_eq!(identifier.kind.is_personal(), claim.kind.is_person());
        let made_up = match identifier.kind {
            IdentifierKind::Uscc => identifier.value.get(8..12) == Some("YYYY"),
            IdentifierKind::OrgCode => identifier.value.starts_with("YYYY"),
            _ => true,
        };
        assert!(made_up, "{identifier:?}");
    }
}

#[test]
fn every_identifier_passes_and_names_one_subject() {
    let mut owners: BTreeMap<(IdentifierKind, String), String> = BTreeMap::new();
    for step in steps() {
        match step {
            Step::Subject(claim) => {
                check_identifiers(claim);
                for identifier in &claim.identifiers {
                    let key = (identifier.kind, identifier.value.clone());
                    assert!(
                        owners.insert(key, claim.name.clone()).is_none(),
                        "{identifier:?} stands twice"
                    );
                }
                if !claim.kind.is_person() {
                    assert!(claim.name.contains("演示"), "{}", claim.name);
                }
            }
            Step::Record(report) => {
                check_identifiers(&report.subject);
                for identifier in &report.subject.identifiers {
                    let key = (identifier.kind, identifier.value.clone());
                    assert_eq!(owners.get(&key), Some(&report.subject.name));
                }
                for code in [&report.authority_code, &report.source_unit_code] {
                    assert!(
                        examine(IdentifierKind::Uscc, code, today())
                            .findings
                            .is_empty(),
                        "{code}"
                    );
                }
                assert!(report.source_unit.ends_with("（演示数据）"));
            }
            _ => {}
        }
    }
}

#[test]
fn a_name_stands_for_one_organisation_at_full_scale() {
    let full = Scale {
        persons: 1,
        records: 0,
        key_persons: 0,
        ..Scale::full()
    };
    let (mut enterprises, mut names) = (0, BTreeSet::new());
    for step in city(1, full, today()) {
        if let Step::Subject(claim) = step {
            enterprises += usize::from(claim.kind == SubjectKind::Enterprise);
            assert!(
                names.insert(claim.name.clone()),
                "{} stands twice",
                claim.name
            );
        }
    }
    assert_eq!(enterprises, 29_542);
}

#[test]
fn a_document_number_stands_twice_only_for_two_parties_with_two_roles() {
    let mut acts: BTreeMap<(String, String), Vec<(String, Role)>> = BTreeMap::new();
    for report in records() {
        let number = shown(report, "document_no").or_else(|| {
            let (court, case) = (shown(report, "court")?, shown(report, "case_no")?);
            Some(format!("{court}{case}"))
        });
        let number = number
            .or_else(|| shown(report, "account_no"))
            .expect("a number");
        let key = (report.authority.clone(), number);
        acts.entry(key)
            .or_default()
            .push((report.subject.name.clone(), report.role));
    }
    let shared: Vec<_> = acts.values().filter(|parties| parties.len() > 1).collect();
    assert!(shared.len() > 30, "{}", shared.len());
    for parties in shared {
        assert!(
            matches!(parties.as_slice(), [(a, x), (b, y)] if a != b && x != y),
            "{parties:?}"
        );
    }
}

#[test]
fn nothing_adverse_is_about_a_minor_and_no_summary_penalty_about_a_person() {
    let books = Books::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    let (mut about_persons, mut summary) = (0, 0);
    for report in records() {
        let is_summary =
            shown(report, "procedure").as_deref() == Some(PenaltyProcedure::Summary.key());
        summary += usize::from(is_summary);
        let Some(born) = report.subject.birth_date else {
            continue;
        };
        assert!(!is_summary, "{report:?}");
        assert!(born.plus_years(18) <= decided_on(report), "{report:?}");
        let entry = books.catalogue.entry(&report.subcategory).expect("a class");
        if entry.polarity == Polarity::Adverse {
            let conduct = date(report, "conduct_date").expect("asked of persons");
            assert!(
                born.plus_years(18) <= conduct && conduct <= decided_on(report),
                "{report:?}"
            );
            about_persons += 1;
        }
    }
    assert!(
        about_persons > 1_000 && summary > 50,
        "{about_persons} {summary}"
    );
}

#[test]
fn later_steps_name_something_that_was_reported_and_end_it_once() {
    let (mut reports, mut listings) = (0, 0);
    let (mut touched, mut ended) = (BTreeSet::new(), BTreeSet::new());
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for step in steps() {
        let (kind, record) = match step {
            Step::Record(_) => {
                reports += 1;
                continue;
            }
            Step::Listing(..) => {
                listings += 1;
                continue;
            }
            Step::EndListing {
                listing, ended_on, ..
            } => {
                assert!(*listing < listings && ended.insert(*listing) && *ended_on <= today());
                continue;
            }
            Step::Correct { record, .. } => ("corrected", *record),
            Step::Annul { record, .. } => ("annulled", *record),
            Step::Void { record, .. } => ("voided", *record),
            Step::Perform { record, on, .. } => {
                assert!(*on <= today());
                ("performed", *record)
            }
            Step::Subject(_) | Step::Certificate(_) => continue,
        };
        assert!(
            record < reports && touched.insert(record),
            "{kind} {record}"
        );
        *kinds.entry(kind).or_default() += 1;
    }
    assert!(
        ["corrected", "annulled", "voided", "performed"]
            .iter()
            .all(|kind| kinds.contains_key(kind)),
        "{kinds:?}"
    );
    assert!((60..150).contains(&kinds["corrected"]), "{kinds:?}");
    assert!(ended.len() > 20 && (ended.len() as u64) < listings);
}

#[test]
fn listings_are_of_lists_in_force_and_own_ones_have_every_step() {
    let books = Books::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    let mut procedures: BTreeMap<ListingProcedure, usize> = BTreeMap::new();
    let (mut lists, mut over) = (BTreeSet::new(), 0);
    for step in steps() {
        let Step::Listing(report, steps) = step else {
            continue;
        };
        let list = books.lists.list(&report.list).expect("a list of the table");
        let listed_on = report.listed_on.expect("a day");
        assert!(
            list.interval.contains(listed_on) && listed_on <= today(),
            "{report:?}"
        );
        assert_eq!(report.until, list.term_end(listed_on));
        over += usize::from(report.until.is_some_and(|until| until <= today()));
        *procedures.entry(report.procedure).or_default() += 1;
        match report.procedure {
            ListingProcedure::Own => {
                assert!(steps.instrument_kind.is_some() && !steps.decider.is_empty());
                assert!(
                    steps
                        .notice_served_on
                        .is_some_and(|served| served < listed_on)
                );
                assert!(!report.instrument_no.is_empty() && !report.basis.is_empty());
            }
            ListingProcedure::Historical => assert_eq!(list.colour, ListColour::Black),
            ListingProcedure::Reported => {}
        }
        if report.procedure == ListingProcedure::Historical {
            assert!((2014..=2020).contains(&listed_on.ymd().0));
        }
        lists.insert(report.list.clone());
    }
    assert_eq!(procedures.len(), 3, "{procedures:?}");
    assert!(over > 50, "{over}");
    for id in [
        "tax-a",
        "integrity-stars",
        "judgment-defaulters",
        "market-serious",
        "local-black-2014",
    ] {
        assert!(lists.contains(id), "{id} in {lists:?}");
    }
}

#[test]
fn names_are_of_many_kinds_and_some_are_shared() {
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    for step in steps() {
        if let Step::Subject(claim) = step
            && claim.kind.is_person()
        {
            *names.entry(claim.name.clone()).or_default() += 1;
        }
    }
    assert!(names.keys().any(|name| name.contains('·')));
    assert!(
        names
            .keys()
            .any(|name| name.chars().any(|c| u32::from(c) > 0x2_0000)),
        "plane 2"
    );
    assert!(names.values().any(|count| *count >= 5), "namesakes");
}

#[test]
fn the_stream_holds_only_the_changes_under_way() {
    let mut stream = city(7, Scale::for_records(RECORDS), today());
    let mut most = 0;
    while stream.next().is_some() {
        most = most.max(stream.steps_in_memory());
    }
    assert!(most < 400, "{most}");
}
