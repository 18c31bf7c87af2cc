//! What erasing one part of a longer story does to the rest of it.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_city::{Loaded, Scale, Step, city, command};
use probity_domain::command::{Command, Erasable, Intake};
use probity_domain::report::RecordReport;
use probity_domain::{Decision, Entry, Facts, IdSource, Refusal, decide};
use probity_format::KeyId;
use probity_format::events::Event;
use probity_project::{Moment, RecordRow};
use probity_types::{BatchId, Category, FileTag, LogId, Position, RecordId, RootId};
use support::{TestLog, correction, erasure, today};

/// A small city, with the report of each record.
fn filled() -> (TestLog, Vec<RecordReport>) {
    let mut log = TestLog::new(5);
    let mut reports = Vec::new();
    for step in city(5, Scale::for_records(80), today()) {
        let numbered = match &step {
            Step::Record(report) => {
                reports.push((**report).clone());
                Some(true)
            }
            Step::Listing(..) => Some(false),
            // Later changes would only be in the way here.
            Step::Subject(_) => None,
            _ => continue,
        };
        let command = command(step, Intake::default(), &log).expect("names nothing before it");
        let positions = log.submit(&command).expect("the city is right");
        if let Some(is_record) = numbered {
            log.note(is_record, &positions);
        }
    }
    (log, reports)
}

fn row(log: &TestLog, record: RecordId) -> &RecordRow {
    log.views.records().get(&record).expect("a row")
}

/// Ordinal of a record about a person that counts in grades.
fn counting(log: &TestLog) -> usize {
    let counts = |id: &RecordId| {
        let row = row(log, *id);
        row.subject_kind.is_person() && !row.counted.is_empty()
    };
    log.records
        .iter()
        .position(counts)
        .expect("the city has one")
}

fn correct(log: &mut TestLog, record: RecordId, note: &str) -> Position {
    let current = log.current(record).expect("there");
    let corrected = log.submit(&correction(current, note)).expect("corrected");
    corrected[0]
}

fn erase(log: &mut TestLog, what: Erasable) -> Position {
    log.submit(&erasure(what)).expect("erased")[0]
}

fn key(log: &TestLog, position: Position) -> KeyId {
    log.entries[position.0 as usize].parts[0].key
}

fn part(log: &TestLog, position: Position) -> Erasable {
    let KeyId { root, index } = key(log, position);
    Erasable::Part { root, index }
}

fn check(log: &TestLog) {
    let (registry, views) = log.replayed();
    assert_eq!(log.registry.digest(), registry.digest(), "decision state");
    assert_eq!(log.views.digest(), views.digest(), "views");
}

fn has_facts(row: &RecordRow) -> Vec<bool> {
    row.versions
        .iter()
        .map(|version| version.facts.is_some())
        .collect()
}

#[test]
fn the_content_of_a_correction_gone_the_later_ones_are_not_known_either() {
    let (mut log, _) = filled();
    let record = log.records[counting(&log)];
    let first = correct(&mut log, record, "一");
    correct(&mut log, record, "二");
    let counted = row(&log, record).counted.clone();
    assert_eq!(has_facts(row(&log, record)), [true, true, true]);
    let erasure = part(&log, first);
    let at = erase(&mut log, erasure);
    let after = row(&log, record);
    assert_eq!(has_facts(after), [true, false, false]);
    assert_eq!((after.counted.len(), after.revision), (0, at));
    // Before the correction the record is known as it was reported.
    let before = Moment {
        valid_on: counted[0].from,
        known_at: Some(Position(first.0 - 1)),
    };
    let classes = log.views.grade_input(after.subject, before).classes;
    assert!(classes.contains_key(&counted[0].class), "{classes:?}");
    check(&log);
}

#[test]
fn what_was_reported_gone_no_correction_keeps_anything_of_it() {
    let (mut log, reports) = filled();
    let ordinal = counting(&log);
    let record = log.records[ordinal];
    correct(&mut log, record, "一");
    let reported = row(&log, record).versions[0].position;
    let act = {
        let entry = &log.entries[reported.0 as usize];
        let authority = &entry.event.recorded().expect("a record").authority;
        log.views
            .act_tag(authority, &entry.details().expect("opened"))
    };
    let of_act = |log: &TestLog| act.map_or(0, |act| log.views.records().of_act(&act).count());
    let parties = of_act(&log);
    let erasure = part(&log, reported);
    erase(&mut log, erasure);
    assert_eq!(has_facts(row(&log, record)), [false, false]);
    assert_eq!(
        of_act(&log),
        parties.saturating_sub(1),
        "no act leads to it"
    );
    check(&log);
    // Reported once more it is a new record: nothing tells that it was there.
    let again = Command::ReportRecord(Box::new(reports[ordinal].clone()), Intake::default());
    assert_eq!(log.submit(&again).expect("new").len(), 1);
    check(&log);
}

/// Ordinal of a record about an organisation that names a person, with the place of that person's part.
fn naming(log: &TestLog) -> (RecordId, Position) {
    let party = |entry: &&Entry| {
        let mut roots = entry.parts.iter().map(|part| part.key.root);
        roots.any(|root| root.0 != entry.header.stream.0)
    };
    let entry = log.entries.iter().find(party).expect("the city has one");
    let record = entry.event.record().expect("a record");
    (record, entry.header.position)
}

#[test]
fn a_person_named_in_an_act_is_erased_without_touching_the_act() {
    let (mut log, _) = filled();
    let (record, position) = naming(&log);
    let before = row(&log, record).clone();
    assert_eq!(before.category, Category::CJ);
    let name = |log: &TestLog| {
        let details = log.as_stored()[position.0 as usize].details();
        let fields = details.expect("in the open").to_fields();
        ["applicant", "respondent"].map(|field| fields.get(field).map(ToString::to_string))
    };
    let named = name(&log);
    let root = key(&log, position).root;
    let at = erase(&mut log, Erasable::Root(root));
    let after = row(&log, record).clone();
    let mut expected = before;
    expected.revision = at;
    assert_eq!(after, expected);
    let gone = name(&log);
    assert_ne!(gone, named);
    let empty = |name: &Option<String>| name.as_deref() == Some("");
    assert!(gone.iter().any(empty), "{gone:?}");
    check(&log);
    // The record takes changes as before.
    correct(&mut log, record, "一");
    check(&log);
}

#[test]
fn an_erased_record_takes_every_change_but_a_correction() {
    let (mut log, _) = filled();
    let record = log.records[counting(&log)];
    let seen = log.current(record).expect("there");
    erase(&mut log, Erasable::Record(record));
    let revision = row(&log, record).revision;
    let stale = probity_domain::command::CurrentRecord { revision, ..seen };
    assert_eq!(log.submit(&correction(stale, "一")), Err(Refusal::Erased));
    let current = log.current(record).expect("the open part");
    assert_eq!(current.details, None);
    let Command::Compensate {
        ground, records, ..
    } = correction(current, "")
    else {
        unreachable!("built above")
    };
    let void = Command::Compensate {
        records,
        action: probity_domain::command::Compensation::Void,
        ground,
    };
    log.submit(&void).expect("voided");
    check(&log);
}

#[test]
fn a_row_that_waits_for_its_batch_is_erased_before_anybody_saw_it() {
    let (mut log, reports) = filled();
    let report = reports
        .iter()
        .find(|report| report.subject.kind.is_person());
    let mut report = report.expect("the city has one").clone();
    let number = probity_types::FieldValue::Text("演〔2026〕一号".try_into().expect("short"));
    for field in ["document_no", "case_no", "account_no"] {
        if let Some(value) = report.fields.get_mut(field) {
            *value = number.clone();
        }
    }
    let (batch, file) = (BatchId([1; 16]), FileTag([1; 16]));
    let submitted = Command::SubmitBatch {
        batch,
        file,
        profile: String::new(),
        source_unit: String::new(),
        rows: 1,
        refused: 0,
    };
    log.submit(&submitted).expect("a new batch");
    let intake = Intake {
        batch,
        file,
        ..Intake::default()
    };
    let rows = log
        .submit(&Command::ReportRecord(Box::new(report), intake))
        .expect("new");
    let entry = &log.entries[rows[0].0 as usize];
    let (record, root) = (
        entry.event.record().expect("a record"),
        entry.parts[0].key.root,
    );
    assert!(log.views.records().get(&record).is_none(), "it waits");
    let at = erase(&mut log, Erasable::Root(root));
    check(&log);
    let completed = Command::CompleteBatch {
        batch,
        imported: 1,
        already_there: 0,
        parked: 0,
        refused: 0,
    };
    log.submit(&completed).expect("open until now");
    let shown = row(&log, record);
    assert_eq!((has_facts(shown), shown.revision), (vec![false], at));
    assert_eq!(log.views.statistics().erasures, 1, "counted once");
    check(&log);
}

#[test]
fn a_membership_that_ends_before_its_batch_is_complete_has_ended_when_it_shows() {
    let mut log = TestLog::new(6);
    let steps = city(6, Scale::for_records(400), today());
    let mut subjects = Vec::new();
    let mut listing = None;
    for step in steps {
        match step {
            Step::Subject(_) => subjects.push(step),
            Step::Listing(report, steps) => {
                listing = Some((report, steps));
                break;
            }
            _ => {}
        }
    }
    for step in subjects {
        let command = command(step, Intake::default(), &log).expect("names nothing");
        log.submit(&command).expect("the city is right");
    }
    let (report, steps) = listing.expect("the city has one");
    let (batch, file) = (BatchId([1; 16]), FileTag([1; 16]));
    let submitted = Command::SubmitBatch {
        batch,
        file,
        profile: String::new(),
        source_unit: String::new(),
        rows: 1,
        refused: 0,
    };
    log.submit(&submitted).expect("a new batch");
    let intake = Intake {
        batch,
        file,
        ..Intake::default()
    };
    let listed = log
        .submit(&Command::ReportListing(report, steps, intake))
        .expect("listed");
    let last = listed.last().expect("one entry");
    let Event::ListingDecided(event) = &log.entries[last.0 as usize].event else {
        panic!("a listing")
    };
    let listing = event.listing;
    let end = Command::EndListing {
        listing,
        reason: probity_types::EndReason::Objection,
        authority: "演示机关".to_owned(),
        legal_basis: "演示".to_owned(),
        ended_on: today(),
    };
    log.submit(&end).expect("listed");
    assert!(log.views.listings().get(&listing).is_none(), "it waits");
    let completed = Command::CompleteBatch {
        batch,
        imported: 1,
        already_there: 0,
        parked: 0,
        refused: 0,
    };
    log.submit(&completed).expect("open until now");
    let row = log.views.listings().get(&listing).expect("it shows");
    assert!(row.ended.is_some(), "{row:?}");
    assert_eq!(log.views.statistics().listings, 1);
    check(&log);
}

#[test]
fn many_parts_are_named_by_several_events_of_one_unit() {
    let mut log = TestLog::new(7);
    let mut steps = city(7, Scale::for_records(10), today());
    let person = steps.find_map(|step| match step {
        Step::Subject(claim) if claim.kind.is_person() => Some(claim),
        _ => None,
    });
    log.submit(&Command::RegisterSubject(*person.expect("a person")))
        .expect("registered");
    let subject = log.persons()[0];
    // 4,096 positions fill one event: with the registration there are two more than that.
    for number in 0..4_097 {
        let certificate = Command::RecordCertificate {
            subject,
            group: "lawyers".to_owned(),
            title: "演示证书".to_owned(),
            number: format!("演{number:05}"),
            issuer: "演示机关".to_owned(),
            issued_on: today(),
            valid_to: None,
        };
        log.submit(&certificate).expect("recorded");
    }
    let mut ids = IdSource::new([1; 32]);
    let mut facts = Facts {
        today: today(),
        log: LogId([9; 16]),
        ids: &mut ids,
    };
    let whole = erasure(Erasable::Root(RootId(subject.0)));
    let decided = decide(&log.registry, &whole, &mut facts).expect("known");
    let Decision::Append(events) = decided else {
        panic!("{decided:?}")
    };
    let positions = events.iter().map(|new| match &new.event {
        Event::ErasureRecorded(event) => (event.index, event.positions.len()),
        other => panic!("{other:?}"),
    });
    assert_eq!(positions.collect::<Vec<_>>(), [(None, 4_096), (None, 2)]);
    log.submit(&whole).expect("erased");
    assert_eq!(log.views.statistics().erasures, 1, "one decision");
    let row = &log.views.directory().row(0).expect("there");
    assert!(row.certificates.iter().all(|held| held.number.is_none()));
    check(&log);
}
