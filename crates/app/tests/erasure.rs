//! Erasing, end to end: what is erased is found and shown by nothing any more, every hash stays, and a crash at any point
//! leaves it either not erased or completed by the next start.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_app::WriteError;
use probity_app::keys::Principal;
use probity_app::verify::{Level, ViewsCheck, check_at_rest, verify};
use probity_app::{Caller, DataFolder, ErasureOrder, ErasureTarget, Ledger, OpenOptions};
use probity_domain::command::{Compensation, CurrentRecord};
use probity_domain::report::{IdentifierClaim, SubjectClaim};
use probity_domain::{Command, PartContent, Refusal};
use probity_format::events::{Event, Ground};
use probity_log::writer::Rehearsed;
use probity_log::{Opener, Outcome, SubmitError, check_log};
use probity_project::Moment;
use probity_types::identifiers::ResidentId;
use probity_types::{
    AccessKeyId, CompensationReason, FieldValue, IdentifierKind, Position, RecordId, SubjectId,
    SubjectKind, Text,
};
use std::collections::{BTreeMap, BTreeSet};
use support::{Home, Loader, find, submit};

fn order(target: ErasureTarget) -> ErasureOrder {
    ErasureOrder {
        target,
        authority: "克拉玛依市信用中心".to_owned(),
        legal_basis: "个人信息保护法第四十七条".to_owned(),
    }
}

fn person() -> SubjectClaim {
    let number = ResidentId::with_check("65020319900307001").expect("a made-up number");
    SubjectClaim {
        kind: SubjectKind::NaturalPerson,
        name: "测试张三".to_owned(),
        identifiers: vec![IdentifierClaim {
            kind: IdentifierKind::CitizenId,
            value: number.as_str().to_owned(),
        }],
        birth_date: None,
        region: None,
        industry: None,
    }
}

const CERTIFICATE: &str = "演证650200001";

/// A ledger with a small city and one person more, who holds a certificate.
fn filled(home: &Home) -> (Ledger, Vec<RecordId>, SubjectId) {
    let ledger = home.create();
    let records = Loader::new(&ledger, 11, 60).load();
    submit(&ledger, Command::RegisterSubject(person())).expect("registered");
    let subject = find(&ledger, &person()).expect("there");
    let certificate = Command::RecordCertificate {
        subject,
        group: "lawyers".to_owned(),
        title: "律师执业证".to_owned(),
        number: CERTIFICATE.to_owned(),
        issuer: "演示司法局".to_owned(),
        issued_on: support::day("2020-01-01"),
        valid_to: None,
    };
    submit(&ledger, certificate).expect("recorded");
    (ledger, records, subject)
}

/// Name of a person as the log still says it.
fn name_of(ledger: &Ledger, subject: &SubjectId) -> Option<String> {
    let row = ledger.views().directory().get(subject).cloned();
    let person = ledger.person(&row.expect("the id stays"), &ledger.now());
    person.expect("readable").name
}

fn entries(ledger: &Ledger) -> Vec<probity_domain::Entry> {
    let head = ledger.reader.head().next.0;
    (0..head)
        .map(|p| ledger.entry(Position(p)).expect("readable").expect("there"))
        .collect()
}

/// A record about a person with details under the person's own key.
fn sealed_record(ledger: &Ledger, records: &[RecordId]) -> RecordId {
    let views = ledger.views();
    let of_person = |id: &&RecordId| {
        let row = views.records().get(id);
        row.is_some_and(|row| row.subject_kind.is_person() && !row.counted.is_empty())
    };
    *records.iter().find(of_person).expect("the city has one")
}

#[test]
fn an_erased_person_is_found_by_nothing_and_every_hash_stays() {
    let home = Home::new();
    let (ledger, _, subject) = filled(&home);
    let checked = check_at_rest(&ledger, None).expect("holds");
    let hashes: Vec<_> = entries(&ledger).iter().map(|e| e.hash).collect();
    let before = ledger.views().statistics().subjects.clone();
    let erased = ledger
        .erase_at_console(order(ErasureTarget::Person(subject)))
        .expect("erased");
    assert_eq!(
        (erased.entries, erased.receipt.outcome),
        (2, Outcome::Appended)
    );

    assert_eq!(find(&ledger, &person()), None, "not by number");
    {
        let views = ledger.views();
        let (directory, tagger) = (views.directory(), views.tagger());
        assert_eq!(directory.by_certificate(tagger, CERTIFICATE).count(), 0);
        assert_eq!(directory.namesakes(tagger, true, &person().name), 0);
        assert!(views.search(&person().name).is_empty());
        assert!(views.search(&person().identifiers[0].value).is_empty());
        let row = directory.get(&subject).expect("the id stays");
        assert_eq!(row.erased_at, Some(erased.receipt.first));
        assert_eq!(row.name_tag(), None);
        let person = SubjectKind::NaturalPerson.database();
        assert_eq!(views.statistics().subjects[&person] + 1, before[&person]);
    }
    assert_eq!(name_of(&ledger, &subject), None);
    let again = ledger
        .log
        .rehearse_blocking(vec![Command::RegisterSubject(person())])
        .expect("answers");
    assert!(
        matches!(&again[..], [Ok(Rehearsed::Append(_))]),
        "nobody is known by it: {again:?}"
    );

    let after = entries(&ledger);
    assert_eq!(
        after
            .iter()
            .map(|e| e.hash)
            .take(hashes.len())
            .collect::<Vec<_>>(),
        hashes
    );
    let of_person = after
        .iter()
        .filter(|entry| entry.header.stream.0 == subject.0);
    for entry in of_person {
        assert!(entry.is_erased(), "{:?}", entry.event);
        let bytes = ledger.reader.entry(entry.header.position);
        let bytes = bytes.expect("readable").expect("there");
        let frame = probity_log::walk::decode(entry.header.position, &bytes).expect("decodes");
        assert!(frame.sealed.iter().all(|part| part.ciphertext.is_none()));
    }
    check_at_rest(&ledger, Some(&checked)).expect("the new part holds");
    check_at_rest(&ledger, None).expect("all of it holds");
    ledger.close();
}

#[test]
fn verify_says_how_much_is_erased_with_keys_and_without() {
    let home = Home::new();
    let (ledger, records, subject) = filled(&home);
    let record = sealed_record(&ledger, &records);
    let first = ledger.erase_at_console(order(ErasureTarget::Person(subject)));
    let second = ledger.erase_at_console(order(ErasureTarget::Record(record)));
    let erased = first.expect("erased").entries + second.expect("erased").entries;
    ledger.close();
    drop(ledger);

    let opened = verify(&home.folder(), &OpenOptions::default()).expect("holds");
    assert_eq!(
        (opened.level, opened.views),
        (Level::Opened, ViewsCheck::Equal)
    );
    assert_eq!((opened.erased_parts, opened.sealed_parts), (erased, 0));

    let without_keys = tempfile::tempdir().expect("a folder");
    support::copy(home.path(), without_keys.path());
    std::fs::remove_dir_all(without_keys.path().join("keys")).expect("removed");
    let folder = DataFolder::at(without_keys.path());
    let sealed = verify(&folder, &OpenOptions::default()).expect("holds");
    assert_eq!(
        (sealed.level, sealed.views),
        (Level::Sealed, ViewsCheck::NotOpened)
    );
    assert_eq!(sealed.erased_parts, erased);
    assert_eq!(sealed.sealed_parts, opened.opened_parts);
    assert_eq!(sealed.entry_hash, opened.entry_hash);

    // What was served after a new start is what was served before.
    let ledger = home.open();
    check_at_rest(&ledger, None).expect("holds");
    ledger.close();
    drop(ledger);
    let again = verify(&home.folder(), &OpenOptions::default()).expect("holds");
    assert_eq!(again.views_digest, opened.views_digest);
}

fn correction(current: CurrentRecord) -> Command {
    let text = |t: &str| Text::try_from(t).expect("short");
    let note = FieldValue::Text(Text::try_from("更正一次").expect("short"));
    Command::Compensate {
        records: vec![current],
        action: Compensation::Correct(BTreeMap::from([("note".to_owned(), Some(note))])),
        ground: Ground {
            reason: CompensationReason::SourceCorrection,
            authority: text("演示机关"),
            instrument_no: Text::default(),
            legal_basis: Text::default(),
            evidence: Default::default(),
        },
    }
}

#[test]
fn an_erased_record_shows_nothing_counts_nowhere_and_takes_no_correction() {
    let home = Home::new();
    let (ledger, records, _) = filled(&home);
    let record = sealed_record(&ledger, &records);
    let current = ledger
        .current_record(record)
        .expect("readable")
        .expect("there");
    let corrected = submit(&ledger, correction(current)).expect("corrected");
    let seen = ledger
        .current_record(record)
        .expect("readable")
        .expect("there");
    let counted_on = |ledger: &Ledger, day| {
        let views = ledger.views();
        let row = views.records().get(&record).expect("a row");
        let known_at = views.position();
        let moment = Moment {
            valid_on: day,
            known_at,
        };
        views.grade_input(row.subject, moment)
    };
    let day = ledger
        .views()
        .records()
        .get(&record)
        .expect("a row")
        .counted[0]
        .from;
    let counted = counted_on(&ledger, day);
    let erased = ledger
        .erase_at_console(order(ErasureTarget::Record(record)))
        .expect("erased");
    assert!(erased.entries >= 2, "the correction is part of it");
    assert!(erased.receipt.first > corrected.last);

    let row = ledger
        .views()
        .records()
        .get(&record)
        .cloned()
        .expect("stays");
    assert!(row.versions.iter().all(|version| version.facts.is_none()));
    assert_eq!((row.counted.len(), row.revision), (0, erased.receipt.last));
    let content = ledger
        .record_content(&row, &ledger.now())
        .expect("readable");
    let content = content.expect("the open part stays");
    assert_eq!((content.is_erased, content.details), (true, None));
    assert_ne!(counted_on(&ledger, day), counted, "it counted before");

    // Whoever read it before the erasure brings nothing of it back.
    let stale = submit(&ledger, correction(seen.clone()));
    assert!(
        matches!(stale, Err(SubmitError::Refused(Refusal::Conflict { .. }))),
        "{stale:?}"
    );
    let revision = row.revision;
    let stale = submit(&ledger, correction(CurrentRecord { revision, ..seen }));
    assert_eq!(stale, Err(SubmitError::Refused(Refusal::Erased)));
    check_at_rest(&ledger, None).expect("holds");
    ledger.close();
}

fn caller(key: &str) -> Caller {
    Caller {
        principal: Principal {
            key: AccessKeyId([9; 16]),
            agency: "test".to_owned(),
            scopes: BTreeSet::new(),
        },
        idempotency_key: key.to_owned(),
        request: b"erase".to_vec(),
    }
}

#[test]
fn an_erasure_asked_for_again_has_one_answer() {
    let home = Home::new();
    let (ledger, _, subject) = filled(&home);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let ask = |key: &str| {
        let person = order(ErasureTarget::Person(subject));
        let erased = runtime.block_on(ledger.erase(&caller(key), person));
        erased.expect("erased")
    };
    let first = ask("one");
    let retried = ask("one");
    assert!(retried.receipt.replayed && !first.receipt.replayed);
    assert_eq!(
        (retried.receipt.first, retried.entries),
        (first.receipt.first, 2)
    );
    let another = ask("two");
    assert_eq!(another.receipt.outcome, Outcome::AlreadyThere);
    assert_eq!(another.receipt.first, first.receipt.first);
    assert_eq!(ledger.views().statistics().erasures, 1);
    ledger.close();
}

#[test]
fn what_cannot_be_erased_is_refused_and_nothing_is_appended() {
    let home = Home::new();
    let (ledger, records, subject) = filled(&home);
    let (organisation, open_record) = {
        let views = ledger.views();
        let rows = views.directory().rows().iter();
        let organisation = rows
            .filter(|row| !row.kind.is_person())
            .map(|row| row.id)
            .next();
        let open = records.iter().copied().find(|id| {
            let row = views.records().get(id).expect("a row");
            let entry = ledger.entry(row.versions[0].position).expect("readable");
            entry.is_some_and(|entry| entry.parts.is_empty())
        });
        (organisation.expect("there"), open.expect("there"))
    };
    let head = ledger.head();
    let refused = |order: ErasureOrder, code: &str| {
        let error = ledger.erase_at_console(order).expect_err(code);
        let WriteError::Submit(SubmitError::Refused(refusal)) = &error else {
            panic!("{error}")
        };
        assert_eq!(refusal.code(), code, "{refusal}");
    };
    refused(order(ErasureTarget::Person(organisation)), "not-found");
    refused(
        order(ErasureTarget::Person(SubjectId([1; 16]))),
        "not-found",
    );
    refused(order(ErasureTarget::Record(RecordId([1; 16]))), "not-found");
    refused(order(ErasureTarget::Record(open_record)), "not-found");
    let part = |position, part| order(ErasureTarget::Part { position, part });
    refused(part(Position(0), 1), "not-found");
    refused(part(Position(0), 0), "not-found");
    refused(part(Position(u64::MAX - 1), 1), "not-found");
    let mut nobody = order(ErasureTarget::Person(subject));
    nobody.authority = " ".to_owned();
    refused(nobody, "invalid-report");
    assert_eq!(ledger.head(), head);
    ledger.close();
}

#[test]
fn a_part_is_erased_alone_and_the_rest_of_the_person_stays() {
    let home = Home::new();
    let (ledger, _, subject) = filled(&home);
    let certificate = entries(&ledger).into_iter().find(|entry| {
        matches!(entry.event, Event::CertificateRecorded(_)) && entry.header.stream.0 == subject.0
    });
    let position = certificate.expect("there").header.position;
    let target = ErasureTarget::Part { position, part: 1 };
    let erased = ledger.erase_at_console(order(target)).expect("erased");
    assert_eq!(erased.entries, 1);
    assert_eq!(
        find(&ledger, &person()),
        Some(subject),
        "still known by number"
    );
    {
        let views = ledger.views();
        let found = views
            .directory()
            .by_certificate(views.tagger(), CERTIFICATE);
        assert_eq!(found.count(), 0);
        assert_eq!(
            views.directory().get(&subject).expect("there").erased_at,
            None
        );
    }
    assert!(name_of(&ledger, &subject).is_some());
    check_at_rest(&ledger, None).expect("holds");
    // Then the whole person: what was erased before is not named again.
    let whole = ledger.erase_at_console(order(ErasureTarget::Person(subject)));
    assert_eq!(whole.expect("erased").entries, 1);
    assert!(name_of(&ledger, &subject).is_none());
    check_at_rest(&ledger, None).expect("holds");
    ledger.close();
}

/// The state after a crash between the commit and the destruction of the key: the event is in the log, the key still in the
/// ring, its list knows nothing.
#[test]
fn an_erasure_whose_keys_survived_a_crash_is_completed_by_the_next_start() {
    let home = Home::new();
    let (ledger, records, subject) = filled(&home);
    let record = sealed_record(&ledger, &records);
    ledger.close();
    drop(ledger);
    let keys_before = tempfile::tempdir().expect("a folder");
    support::copy(&home.folder().keys(), keys_before.path());

    let ledger = home.open();
    ledger
        .erase_at_console(order(ErasureTarget::Person(subject)))
        .expect("erased");
    ledger
        .erase_at_console(order(ErasureTarget::Record(record)))
        .expect("erased");
    ledger.close();
    let served = ledger.views().digest();
    drop(ledger);
    std::fs::remove_dir_all(home.folder().keys()).expect("removed");
    support::copy(keys_before.path(), &home.folder().keys());

    let ledger = home.open();
    assert_eq!(ledger.views().digest(), served);
    let erased = |entry: &probity_domain::Entry| {
        entry
            .parts
            .iter()
            .any(|part| part.content == PartContent::Erased)
    };
    let gone = entries(&ledger)
        .iter()
        .filter(|entry| erased(entry))
        .count();
    assert!(gone >= 3, "{gone}");
    check_at_rest(&ledger, None).expect("completed");
    // Without the ring as well: the ciphertexts are dropped, not merely locked.
    let walked = check_log(&*ledger.reader, &Opener::sealed(ledger.id), None).expect("holds");
    assert_eq!(walked.parts().erased, gone as u64);
    ledger.close();
}
