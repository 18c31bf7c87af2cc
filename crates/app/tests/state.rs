//! Committed states, end to end: they are recomputed from a data folder and from an export, with keys and without, also after
//! erasures; what was changed is named.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_app::state::{Place, RowsFile, StateFault, compare, read_rows, rows_at, write_rows};
use probity_app::verify::{Level, Verified, VerifyError, check_at_rest, verify, verify_at};
use probity_app::{DataFolder, ErasureOrder, ErasureTarget, Ledger, OpenOptions};
use probity_domain::Command;
use probity_domain::report::{IdentifierClaim, SubjectClaim};
use probity_format::events::{CommittedRow, ErasureRecorded, Event};
use probity_format::segment::{self, Manifest, SegmentName};
use probity_format::{Chain, Frame, Hash};
use probity_types::identifiers::ResidentId;
use probity_types::{IdentifierKind, Position, SubjectId, SubjectKind};
use std::path::Path;
use support::{Home, Loader, find, submit};

fn order(target: ErasureTarget) -> ErasureOrder {
    ErasureOrder {
        target,
        authority: "克拉玛依市信用中心".to_owned(),
        legal_basis: "个人信息保护法第四十七条".to_owned(),
    }
}

fn person(number: u32) -> SubjectClaim {
    // None ends in zeros: a spreadsheet may have made those.
    let (day, last) = (number / 99, 101 + number % 99);
    let digits = format!("6502031990{:02}{:02}{last}", 1 + day / 28, 1 + day % 28);
    let id = ResidentId::with_check(&digits).expect("a made-up number");
    SubjectClaim {
        kind: SubjectKind::NaturalPerson,
        name: format!("测试{number}"),
        identifiers: vec![IdentifierClaim {
            kind: IdentifierKind::CitizenId,
            value: id.as_str().to_owned(),
        }],
        birth_date: None,
        region: None,
        industry: None,
    }
}

/// Registers persons, many at a time so that they share commits.
fn register(ledger: &Ledger, persons: u32) {
    const AT_ONCE: u32 = 32;
    std::thread::scope(|scope| {
        for first in 0..AT_ONCE {
            scope.spawn(move || {
                for number in (first..persons).step_by(AT_ONCE as usize) {
                    submit(ledger, Command::RegisterSubject(person(number))).expect("registered");
                }
            });
        }
    });
}

fn erase(ledger: &Ledger, number: u32) -> SubjectId {
    let subject = find(ledger, &person(number)).expect("there");
    let order = order(ErasureTarget::Person(subject));
    ledger.erase_at_console(order).expect("erased");
    subject
}

fn opened(home: &Home) -> Result<Verified, VerifyError> {
    verify(&home.folder(), &OpenOptions::default())
}

fn export(ledger: &Ledger, out: &Path) {
    let origin = "probity.invalid/log";
    probity_log::export::export(&*ledger.reader, ledger.id, origin, out, |_| {}).expect("written");
}

fn examine(out: &Path, keys: Option<&DataFolder>) -> Result<Verified, VerifyError> {
    let place = Place::Export(out, keys);
    verify_at(place, &OpenOptions::default(), None)
}

fn fault(said: Result<Verified, VerifyError>) -> StateFault {
    let error = said.expect_err("does not hold");
    assert!(error.is_broken(), "{error}");
    match error {
        VerifyError::CommittedState(fault) => *fault,
        other => panic!("{other}"),
    }
}

/// Rows at a committed state as a file has them.
fn rows(place: Place<'_>, at: Position) -> RowsFile {
    let (head, rows) = rows_at(place, &OpenOptions::default(), at).expect("in the log");
    let mut bytes = Vec::new();
    write_rows(&mut bytes, &head, &rows).expect("memory");
    read_rows(&mut bytes.as_slice()).expect("what was written")
}

/// Writes an export anew with erasures changed, every hash behind them as it has to be then: what somebody would forge who
/// holds the whole log.
fn forge(out: &Path, mut change: impl FnMut(&mut ErasureRecorded)) {
    let path = out.join("manifest.json");
    let mut manifest: Manifest =
        serde_json::from_slice(&std::fs::read(&path).expect("there")).expect("a manifest");
    let (mut chain, mut names) = (Chain::default(), Vec::new());
    for named in &manifest.segments {
        let bytes = std::fs::read(out.join(&named.file)).expect("there");
        let read = segment::read(&bytes).expect("whole");
        let previous = chain.hash();
        let mut frames = Vec::new();
        for stored in read.frames {
            let mut frame: Frame = stored.frame;
            if let Ok(Event::ErasureRecorded(mut event)) = frame.event() {
                change(&mut event);
                frame.open.body.0 = Event::from(event).encode().expect("small");
            }
            let header = &frame.header;
            let links = chain.links(&(header.stream_kind, header.stream));
            frame.entry_hash = frame.compute_hash(&links).expect("small");
            let bytes = frame.encode().expect("small");
            chain.push(&frame, bytes.len() as u64).expect("chained");
            frames.push(bytes);
        }
        let bytes = segment::write(manifest.log, named.first, previous, &frames).expect("small");
        std::fs::write(out.join(&named.file), &bytes).expect("written");
        let hash = segment::read(&bytes).expect("whole").hash;
        names.push(SegmentName {
            hash,
            ..named.clone()
        });
    }
    manifest.segments = names;
    manifest.entry_hash = chain.hash();
    std::fs::write(path, serde_json::to_vec(&manifest).expect("plain")).expect("written");
}

#[test]
fn a_hundred_of_ten_thousand_are_erased_between_two_states() {
    let home = Home::new();
    let ledger = home.create();
    Loader::new(&ledger, 11, 60).load();
    register(&ledger, 10_000);
    let first = ledger.commit_state().expect("committed");
    assert!(first.subjects >= 10_000, "{first:?}");
    ledger.close();
    drop(ledger);
    let folder = home.folder();
    let kept = rows(Place::Folder(&folder), first.as_of);
    let ledger = home.open();
    let erased: Vec<SubjectId> = (0..100).map(|n| erase(&ledger, n * 97)).collect();
    let second = ledger.commit_state().expect("committed");
    let out = tempfile::tempdir().expect("a folder");
    let out = out.path().join("export");
    export(&ledger, &out);
    ledger.close();
    drop(ledger);

    let found = opened(&home).expect("holds");
    let states = (found.states.checked, found.states.erased_subjects);
    assert_eq!((found.level, states), (Level::Opened, (2, 100)));
    let sealed = examine(&out, None).expect("holds");
    let states = (sealed.states.checked, sealed.states.erased_subjects);
    assert_eq!((sealed.level, states), (Level::Sealed, (2, 100)));
    let second_place = examine(&out, Some(&folder)).expect("holds");
    assert_eq!(
        (second_place.level, second_place.states),
        (Level::Opened, found.states)
    );

    // What somebody wrote down before the erasures is what the log gives after them.
    let again = rows(Place::Folder(&folder), first.as_of);
    assert_eq!(compare(&kept, &again).expect("comparable"), None);
    let public = rows(Place::Export(&out, None), first.as_of);
    assert!(public.rows.iter().any(|row| row.full.is_none()));
    assert_eq!(compare(&kept, &public).expect("comparable"), None);
    let later = rows(Place::Folder(&folder), second.as_of);
    assert!(compare(&kept, &later).is_err(), "another moment");

    // One row of one erasure is another one.
    let victim = erased[41];
    forge(&out, |event| {
        if event.root.0 == victim.0 {
            let rows = event.rows.iter().map(|row| CommittedRow {
                row: Hash([7; 32]),
                ..row.clone()
            });
            event.rows = rows.collect::<Vec<_>>().try_into().expect("as many");
        }
    });
    examine(&out, None).expect("open rows are as they were");
    let said = fault(examine(&out, Some(&folder)));
    assert_eq!(
        (said.position, said.field, said.listed),
        (first.position, "full_root", 100)
    );
    assert!(erased.contains(&said.subject.expect("one of them")));
    let place = Place::Export(&out, Some(&folder));
    let said = verify_at(place, &OpenOptions::default(), Some(kept.clone()));
    let said = fault(said);
    assert_eq!((said.field, said.subject), ("full", Some(victim)));
    let forged = rows(place, first.as_of);
    let difference = compare(&kept, &forged)
        .expect("comparable")
        .expect("one differs");
    assert_eq!((difference.subject, difference.field), (victim, "full"));
}

#[test]
fn a_row_that_an_erasure_does_not_list_is_named() {
    let home = Home::new();
    let ledger = home.create();
    register(&ledger, 40);
    ledger.commit_state().expect("committed");
    let victim = erase(&ledger, 7);
    let out = tempfile::tempdir().expect("a folder");
    let out = out.path().join("export");
    export(&ledger, &out);
    ledger.close();
    drop(ledger);
    let folder = home.folder();
    forge(&out, |event| {
        event.rows = Vec::new().try_into().expect("none")
    });
    let said = fault(examine(&out, Some(&folder)));
    assert_eq!((said.field, said.subject), ("rows", Some(victim)));
    // One listed row alone: it is this one.
    let ledger = home.open();
    std::fs::remove_dir_all(&out).expect("there");
    export(&ledger, &out);
    ledger.close();
    drop(ledger);
    forge(&out, |event| {
        let rows = event.rows.iter().map(|row| CommittedRow {
            row: Hash([7; 32]),
            ..row.clone()
        });
        event.rows = rows.collect::<Vec<_>>().try_into().expect("as many");
    });
    let said = fault(examine(&out, Some(&folder)));
    assert_eq!(
        (said.field, said.subject, said.listed),
        ("full_root", Some(victim), 1)
    );
}

#[test]
fn parts_of_a_person_are_erased_one_after_another_between_states() {
    let home = Home::new();
    let ledger = home.create();
    let records = Loader::new(&ledger, 11, 120).load();
    let about_persons: Vec<_> = records
        .iter()
        .filter(|record| {
            let views = ledger.views();
            views
                .records()
                .get(record)
                .is_some_and(|row| row.subject_kind.is_person())
        })
        .copied()
        .collect();
    assert!(about_persons.len() >= 4, "{}", about_persons.len());
    ledger.commit_state().expect("committed");
    for record in &about_persons {
        ledger
            .erase_at_console(order(ErasureTarget::Record(*record)))
            .expect("erased");
        ledger.commit_state().expect("committed");
    }
    check_at_rest(&ledger, None).expect("holds");
    let index = ledger
        .views()
        .records()
        .get(&about_persons[0])
        .expect("there")
        .subject;
    let subject = ledger.views().directory().row(index).expect("there").id;
    ledger
        .erase_at_console(order(ErasureTarget::Person(subject)))
        .expect("erased");
    ledger.commit_state().expect("committed");
    check_at_rest(&ledger, None).expect("holds");
    ledger.close();
    drop(ledger);
    let found = opened(&home).expect("holds");
    assert_eq!(found.states.checked, about_persons.len() as u64 + 2);
}

#[test]
fn a_state_is_due_after_so_many_entries_and_with_a_new_day() {
    let home = Home::new();
    let ledger = home.create();
    assert_eq!(ledger.commit_state_if_due(1_000).expect("works"), None);
    register(&ledger, 50);
    let first = ledger.commit_state_if_due(50).expect("works").expect("due");
    assert_eq!(ledger.commit_state_if_due(50).expect("works"), None);
    home.clock.advance(86_400_000_000);
    assert_eq!(
        ledger.commit_state_if_due(50).expect("works"),
        None,
        "no entry began the day"
    );
    submit(&ledger, Command::RegisterSubject(person(50))).expect("registered");
    let second = ledger
        .commit_state_if_due(50)
        .expect("works")
        .expect("a day began");
    assert!(first.position < second.as_of);
    assert_eq!(second.subjects, 51);
    // A restart from a snapshot commits to the same state as a replay would.
    ledger.save_snapshot().expect("saved");
    ledger.close();
    drop(ledger);
    let ledger = home.open();
    ledger.commit_state().expect("committed");
    check_at_rest(&ledger, None).expect("holds");
    ledger.close();
}

#[test]
fn a_state_of_other_rules_is_not_comparable_and_one_that_differs_is_named() {
    let home = Home::new();
    let ledger = home.create();
    register(&ledger, 10);
    let state = ledger.commit_state().expect("committed");
    let views = ledger.views().position().expect("begun");
    let command = |evaluator, as_of| {
        Command::CommitState(Box::new(probity_domain::command::CommitState {
            as_of,
            date: ledger.today(),
            views: probity_project::state_root::STATE_VIEWS,
            evaluator,
            subjects: state.subjects,
            open_root: Hash([1; 32]),
            full_root: Hash([2; 32]),
        }))
    };
    let other = probity_rules::EVALUATOR_VERSION + 1;
    submit(&ledger, command(other, views)).expect("in order");
    check_at_rest(&ledger, None).expect("nothing differs");
    let head = ledger.views().position().expect("begun");
    submit(&ledger, command(probity_rules::EVALUATOR_VERSION, head)).expect("in order");
    let said = check_at_rest(&ledger, None).expect_err("no such root");
    let VerifyError::CommittedState(said) = said else {
        panic!("{said}")
    };
    assert_eq!((said.position, said.field), (head.next(), "open_root"));
    ledger.close();
}
