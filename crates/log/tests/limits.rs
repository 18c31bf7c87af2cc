//! Limits of a unit, and decisions that overtake each other: refused before any state moves, and nothing is written.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Adopt, Command, PolicyKind};
use probity_domain::{NewEvent, Refusal};
use probity_format::events::{
    Adoption, Event, LogStarted, PolicyPackAdopted, Private, SealedReason, StreamKind,
};
use probity_format::limits::{
    FRAME_BYTES_MAX, POLICY_TEXT_CHARS_MAX, SEALED_PARTS_MAX, UNIT_BYTES_MAX, UNIT_EVENTS_MAX,
};
use probity_log::writer::Rehearsed;
use probity_log::{SubmitError, unit};
use probity_types::{CivilDate, LogId, Position, RootId, Text};
use support::{InMemory, Request, Running, World, adoptions, current, permits, report, void};

fn small() -> NewEvent {
    let body = LogStarted {
        log: LogId([1; 16]),
        origin: Text::default(),
    };
    NewEvent::open(StreamKind::System, [0; 16], body)
}

/// An open body of some 1.5 MB.
fn large() -> NewEvent {
    let body = PolicyPackAdopted {
        kind: Text::default(),
        adoption: Adoption {
            id: Text::default(),
            version: Text::default(),
            officer: Text::default(),
            effective_from: CivilDate::MIN,
            effective_to: None,
            text_hash: Default::default(),
            text: Text::try_from("条".repeat(POLICY_TEXT_CHARS_MAX as usize))
                .expect("at the limit"),
        },
    };
    NewEvent::open(StreamKind::Policy, [0; 16], body)
}

fn reason() -> Private {
    let reason = Text::try_from("由".repeat(4_000)).expect("at the limit");
    Private::Reason(SealedReason { reason })
}

fn too_large(found: Result<u64, SubmitError>) -> (&'static str, u64) {
    match found {
        Err(SubmitError::TooLarge { what, max, .. }) => (what, max),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_unit_has_its_limits_and_what_is_at_them_is_right() {
    let events = |count: u32| -> Vec<NewEvent> { (0..count).map(|_| small()).collect() };
    assert!(unit::check(&events(UNIT_EVENTS_MAX)).is_ok());
    let found = too_large(unit::check(&events(UNIT_EVENTS_MAX + 1)));
    assert_eq!(found, ("events", u64::from(UNIT_EVENTS_MAX)));

    let one = unit::check(&[large()]).expect("one is right");
    let fitting = (UNIT_BYTES_MAX / one) as usize;
    assert!(fitting >= 2);
    let many = |count: usize| -> Vec<NewEvent> { (0..count).map(|_| large()).collect() };
    assert_eq!(unit::check(&many(fitting)), Ok(one * fitting as u64));
    let found = too_large(unit::check(&many(fitting + 1)));
    assert_eq!(found, ("bytes", UNIT_BYTES_MAX));

    let with_parts = |count: u32| {
        let part = |event: NewEvent, n: u32| event.with_part(RootId([n as u8; 16]), reason());
        (0..count).fold(small(), part)
    };
    assert!(unit::check(&[with_parts(SEALED_PARTS_MAX)]).is_ok());
    let found = too_large(unit::check(&[with_parts(SEALED_PARTS_MAX + 1)]));
    assert_eq!(found, ("sealed parts", u64::from(SEALED_PARTS_MAX)));
    assert!(
        one < FRAME_BYTES_MAX,
        "a frame is bounded by its parts: {one}"
    );
}

fn with_policies() -> (World<InMemory>, Running) {
    let world = World::new();
    let running = world.begin();
    for request in adoptions() {
        running.submit(&request).expect("shipped packs load");
    }
    (world, running)
}

#[test]
fn more_events_than_a_unit_holds_are_refused_and_nothing_is_written() {
    let (_world, running) = with_policies();
    let count = u64::from(UNIT_EVENTS_MAX) + 1;
    let requests = (1_000..).zip(permits().take(count as usize));
    let waiting: Vec<_> = requests
        .map(|(number, permit)| {
            let submission = report(number, permit).submission();
            running.log.submit_waiting(submission).expect("room")
        })
        .collect();
    for answer in waiting {
        answer.blocking_recv().expect("answered").expect("new");
    }
    let shown = running.shown();
    let records = shown
        .iter()
        .filter(|entry| entry.event.recorded().is_some());
    let mut records: Vec<_> = records.map(current).collect();
    assert_eq!(records.len() as u64, count);
    let (entries, hash) = (running.entries(), running.reader.head().entry_hash);
    let refused = running.submit(&void(1, records.clone()));
    assert_eq!(
        refused,
        Err(SubmitError::TooLarge {
            what: "events",
            found: count,
            max: count - 1
        })
    );
    let rehearsed = running
        .log
        .rehearse_blocking(vec![void(1, records.clone()).command]);
    let rehearsed = rehearsed.expect("answers").pop().expect("one answer");
    assert!(
        matches!(rehearsed, Err(Refusal::Value { field: "unit", .. })),
        "{rehearsed:?}"
    );
    assert_eq!(
        (running.entries(), running.reader.head().entry_hash),
        (entries, hash)
    );
    // One less fits: the refused unit left no trace in the decision state either.
    let last = records.pop().expect("many");
    let receipt = running.submit(&void(2, records)).expect("at the limit");
    assert_eq!(receipt.last.0 - receipt.first.0, count - 2);
    running
        .submit(&void(3, vec![last]))
        .expect("untouched so far");
    running.check();
    running.stop();
}

#[test]
fn a_text_too_long_for_its_field_is_refused_and_nothing_is_written() {
    let (_world, running) = with_policies();
    let entries = running.entries();
    let adopt = Adopt {
        kind: PolicyKind::ImportProfile,
        id: "large".to_owned(),
        version: "1".to_owned(),
        officer: "test".to_owned(),
        text: "x".repeat(POLICY_TEXT_CHARS_MAX as usize + 1),
    };
    let refused = running.submit(&Request::new(1, Command::Adopt(Box::new(adopt))));
    assert!(
        matches!(refused, Err(SubmitError::Refused(Refusal::Value { .. }))),
        "{refused:?}"
    );
    assert_eq!(running.entries(), entries);
    running.stop();
}

#[test]
fn of_two_changes_to_one_revision_the_second_is_told_who_was_first() {
    let (_world, running) = with_policies();
    let permit = permits().next().expect("endless");
    let receipt = running.submit(&report(1, permit)).expect("new");
    let seen = current(&running.shown()[receipt.last.0 as usize]);
    let record = seen.core.record;
    let held = running.hold();
    let performed = Command::RecordPerformance {
        record,
        performance: probity_types::PerformanceState::Full,
        on: "2026-06-01".parse().expect("a day"),
        amount: None,
    };
    // Both saw the same revision; they wait together and are decided one after the other.
    let first = running
        .log
        .submit_waiting(Request::new(2, performed).submission());
    let second = running
        .log
        .submit_waiting(void(3, vec![seen.clone()]).submission());
    drop(held);
    let first = first
        .expect("room")
        .blocking_recv()
        .expect("answered")
        .expect("first");
    let second = second.expect("room").blocking_recv().expect("answered");
    let conflict = Refusal::Conflict {
        record,
        expected: seen.revision,
        actual: first.last,
    };
    assert_eq!(second, Err(SubmitError::Refused(conflict)));
    let revision = first.last;
    let fresh = probity_domain::command::CurrentRecord { revision, ..seen };
    running
        .submit(&void(4, vec![fresh.clone()]))
        .expect("as it stands");
    let twice = running.submit(&void(5, vec![fresh]));
    assert!(
        matches!(
            twice,
            Err(SubmitError::Refused(Refusal::AlreadyCompensated { .. }))
        ),
        "{twice:?}"
    );
    running.stop();
}

#[test]
fn a_rehearsal_changes_nothing_and_says_what_the_writer_would_do() {
    let (_world, running) = with_policies();
    let permit = permits().next().expect("endless");
    let mut unknown = permit.clone();
    unknown.subcategory = "XK999".to_owned();
    let mut waits = permit.clone();
    waits.subject.identifiers.clear();
    let commands: Vec<Command> = [permit.clone(), permit, unknown, waits]
        .into_iter()
        .map(|permit| report(1, permit).command)
        .collect();
    let entries = running.entries();
    let rehearsed = running
        .log
        .rehearse_blocking(commands.clone())
        .expect("answers");
    assert_eq!(running.entries(), entries);
    let [
        Ok(Rehearsed::Append(new)),
        Ok(Rehearsed::AlreadyThere),
        Err(refused),
        Ok(Rehearsed::Park(_)),
    ] = &rehearsed[..]
    else {
        panic!("{rehearsed:?}")
    };
    assert_eq!(refused.code(), "unknown-subcategory");
    assert_eq!(new.len(), 2, "the organisation and its permit");
    // The same once more: the rehearsal left nothing behind.
    let again = running.log.rehearse_blocking(commands).expect("answers");
    assert_eq!(format!("{again:?}"), format!("{rehearsed:?}"));
    running.stop();
}

/// The bytes that a unit takes are never more than the estimate by which it was let in: otherwise a log could be written
/// that cannot be read again.
#[test]
fn no_frame_is_larger_than_its_estimate() {
    let (_world, running) = with_policies();
    let held = probity_types::Text::<200>::try_from("名".repeat(200)).expect("at the limit");
    let named = Private::Name(probity_format::events::SealedName { name: held });
    let mut event = NewEvent::open(
        StreamKind::System,
        [0; 16],
        LogStarted {
            log: support::LOG,
            origin: Text::default(),
        },
    );
    for number in 0..SEALED_PARTS_MAX as u8 {
        // Short parts do not compress: these take the most beyond their content.
        let content = if number == 0 { named.clone() } else { short() };
        event = event.with_part(RootId([number; 16]), content);
    }
    let estimate = unit::check(&[event.clone()]).expect("right");
    let chain = probity_format::Chain::default();
    let envelope = support::begin().submission().envelope;
    let mut tip = unit::Tip::at(&chain);
    let at = probity_types::Timestamp(0);
    let mut placed = unit::place(vec![event], &envelope, at, &mut tip, &chain);
    let mut chain = chain;
    let key = |_, _| Some([5; 32]);
    let unlinked = unit::prepare(support::LOG, &placed[0], key, || [6; 16]).expect("sealed");
    let frame = unit::finish(&mut placed[0], unlinked, &mut chain);
    let bytes = frame.len() as u64;
    assert!(bytes <= estimate, "{bytes} bytes, estimated {estimate}");
    assert_eq!(chain.next(), Position(1));
    let Event::LogStarted(_) = &placed[0].event else {
        panic!("as given")
    };
    running.stop();
}

fn short() -> Private {
    Private::Amount(probity_format::events::SealedAmount {
        amount: probity_types::Fen(1),
    })
}
