//! State roots: later views give the rows of an earlier moment, and the open root needs no key.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Command, CommitState, EarlierRows, Erasable, RotateSigningKey};
use probity_domain::{Entry, PartContent, Refusal, Registry};
use probity_format::Hash;
use probity_format::events::Event;
use probity_project::state_root::{RowKey, STATE_VIEWS, StateError, erased_row};
use probity_project::{StateRow, Views, state_roots};
use probity_types::{CivilDate, Position, Revision, RootId, SubjectId, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;
use support::play::{Happening, Play, happenings};
use support::{TestLog, erasure, tagger, today};

/// Keys as a ring would give them at a moment.
fn keys(registry: &Registry, as_of: Position) -> impl Fn(&SubjectId) -> RowKey {
    move |id| match registry.root_erased_at(RootId(id.0)) {
        Some(at) if at <= as_of => RowKey::Erased,
        _ => RowKey::Leaf(*blake3::hash(&id.0).as_bytes()),
    }
}

fn entry_at(entries: &[Entry]) -> impl Fn(Position) -> Option<(Revision, Hash)> {
    |at| {
        let entry = entries.get(at.0 as usize)?;
        Some((entry.header.revision, entry.hash))
    }
}

/// A state as it was when it was the present.
struct Taken {
    as_of: Position,
    date: CivilDate,
    rows: Vec<StateRow>,
}

fn no_entry(position: Position) -> Option<(Revision, Hash)> {
    panic!("the present needs no entry, asked for {position}")
}

fn take(log: &TestLog) -> Taken {
    let as_of = log.views.position().expect("begun");
    let date = log.views.day();
    let keys = keys(&log.registry, as_of);
    let rows = log.views.state_rows(as_of, date, &no_entry, &keys);
    Taken {
        as_of,
        date,
        rows: rows.expect("the present"),
    }
}

/// Subjects with something erased after a position.
fn erased_since(log: &TestLog, as_of: Position) -> BTreeSet<SubjectId> {
    let later = log.entries.iter().skip(as_of.0 as usize + 1);
    later
        .filter_map(|entry| match &entry.event {
            Event::ErasureRecorded(event) => Some(SubjectId(event.root.0)),
            _ => None,
        })
        .collect()
}

/// Views of somebody who has the log and no key.
fn sealed_views(log: &TestLog) -> Views {
    let mut views = Views::empty(tagger());
    for mut entry in log.entries.iter().cloned() {
        for part in &mut entry.parts {
            part.content = PartContent::Sealed;
        }
        views.apply(&entry);
    }
    views
}

fn check(log: &TestLog, taken: &Taken) {
    let (as_of, date) = (taken.as_of, taken.date);
    let (entries, keys) = (entry_at(&log.entries), keys(&log.registry, as_of));
    let later = log.views.state_rows(as_of, date, &entries, &keys);
    let later = later.expect("a moment that is past");
    let gone = erased_since(log, as_of);
    assert_eq!(later.len(), taken.rows.len());
    for (was, is) in taken.rows.iter().zip(&later) {
        assert_eq!((was.subject, was.open), (is.subject, is.open));
        if !gone.contains(&was.subject) {
            assert_eq!(was.full, is.full, "{} at {as_of}", was.subject);
        }
    }
    let no_key = |_: &SubjectId| RowKey::Missing;
    let sealed = sealed_views(log);
    let sealed = sealed.state_rows(as_of, date, &entries, &no_key);
    let (open, sealed) = (
        state_roots(&taken.rows),
        state_roots(&sealed.expect("past")),
    );
    assert_eq!(
        (open.subjects, open.open_root),
        (sealed.subjects, sealed.open_root)
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: ProptestConfig::default().cases / 10, ..ProptestConfig::default()
    })]

    #[test]
    fn later_views_give_the_rows_of_every_earlier_moment(
        seed in 0..1_000u64, plan in happenings(), days in proptest::collection::vec(1..400i32, 0..3),
    ) {
        let mut play = Play::new(seed);
        play.happen(&Happening::Steps(60));
        let mut taken = vec![take(&play.log)];
        let mut days = days.into_iter();
        for (number, happening) in plan.iter().enumerate() {
            play.happen(happening);
            if number % 5 == 4 {
                taken.push(take(&play.log));
                if let Some(days) = days.next() {
                    let day = play.log.views.day().plus_days(days);
                    play.log.submit(&Command::StartDay(day)).expect("a day");
                }
            }
        }
        play.happen(&Happening::CompleteBatch);
        taken.push(take(&play.log));
        for taken in &taken {
            check(&play.log, taken);
        }
    }
}

#[test]
fn a_pack_that_came_later_plays_no_part() {
    let mut play = Play::new(3);
    play.happen(&Happening::Steps(120));
    let taken = take(&play.log);
    let pack = probity_rules::builtin::PACKS
        .iter()
        .find(|pack| pack.kind == probity_rules::PackKind::Policy)
        .expect("shipped");
    let version = format!("{}-next", pack.version);
    let text = pack.text.replacen(
        &format!("version = \"{}\"", pack.version),
        &format!("version = \"{version}\""),
        1,
    );
    let text = text.replacen("start_points = ", "start_points = 1", 1);
    assert_ne!(text, pack.text);
    let adopt = probity_domain::command::Adopt {
        kind: probity_domain::command::PolicyKind::Pack(pack.kind),
        id: pack.id.to_owned(),
        version,
        officer: "test".to_owned(),
        text,
    };
    play.log
        .submit(&Command::Adopt(Box::new(adopt)))
        .expect("it loads");
    let next = take(&play.log);
    assert_ne!(
        state_roots(&next.rows).open_root,
        state_roots(&taken.rows).open_root
    );
    check(&play.log, &taken);
}

#[test]
fn a_person_who_was_erased_has_the_constant_row_and_keeps_the_open_one() {
    let mut play = Play::new(5);
    play.happen(&Happening::Steps(120));
    let person = play.log.persons()[0];
    let before = take(&play.log);
    play.log
        .submit(&erasure(Erasable::Root(RootId(person.0))))
        .expect("erased");
    let after = take(&play.log);
    let row = |taken: &Taken| {
        *taken
            .rows
            .iter()
            .find(|row| row.subject == person)
            .expect("there")
    };
    assert_eq!(row(&after).full, Some(erased_row()));
    assert_eq!(row(&after).open, row(&before).open);
    assert_ne!(row(&before).full, Some(erased_row()));
    assert_eq!(after.rows.len(), before.rows.len());
    let full = |taken: &Taken| state_roots(&taken.rows).full_root;
    assert_ne!(full(&before), full(&after));
}

#[test]
fn a_moment_that_the_views_have_not_seen_is_refused() {
    let log = TestLog::new(1);
    let as_of = log.registry.next();
    let no_key = |_: &SubjectId| RowKey::Missing;
    let rows = log.views.state_rows(as_of, today(), &no_entry, &no_key);
    assert_eq!(rows.expect_err("not seen"), StateError::Ahead { as_of });
}

fn commit(log: &TestLog, as_of: Position, date: CivilDate) -> Command {
    Command::CommitState(Box::new(CommitState {
        as_of,
        date,
        views: STATE_VIEWS,
        evaluator: probity_rules::EVALUATOR_VERSION,
        subjects: log.views.directory().rows().len() as u64,
        open_root: Hash([1; 32]),
        full_root: Hash([2; 32]),
    }))
}

fn refused_field(said: Result<Vec<Position>, Refusal>) -> &'static str {
    match said {
        Err(Refusal::Value { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_state_is_committed_behind_the_head_forwards_and_on_its_own_day() {
    let mut play = Play::new(8);
    play.happen(&Happening::Steps(60));
    let log = &mut play.log;
    let as_of = log.views.position().expect("begun");
    let tomorrow = today().plus_days(1);
    let ahead = commit(log, as_of.next(), today());
    assert_eq!(refused_field(log.submit(&ahead)), "as_of");
    let other_day = commit(log, as_of, tomorrow);
    assert_eq!(refused_field(log.submit(&other_day)), "date");
    let right = commit(log, as_of, today());
    let committed = log.submit(&right).expect("right")[0];
    assert_eq!(refused_field(log.submit(&right)), "as_of");
    let held = log.registry.commitments()[0];
    assert_eq!(
        (held.position, held.as_of, held.date),
        (committed, as_of, today())
    );
    // The day of a state is the one that had begun by then, not the one that has begun since.
    let as_of = log.views.position().expect("begun");
    log.submit(&Command::StartDay(tomorrow)).expect("a day");
    let late = commit(log, as_of, today());
    log.submit(&late).expect("the day before");
    let (replayed, _) = log.replayed();
    assert_eq!(replayed.digest(), log.registry.digest());
    assert_eq!(replayed.commitments(), log.registry.commitments());
    let mut bytes = Vec::new();
    log.registry.write(&mut bytes).expect("memory");
    let read = Registry::read(tagger(), &mut bytes.as_slice()).expect("what was written");
    assert_eq!(read.digest(), log.registry.digest());
    assert_eq!(read.commitments().len(), 2);
}

#[test]
fn an_erasure_lists_every_state_that_saw_the_subject_or_is_refused() {
    let mut play = Play::new(8);
    play.happen(&Happening::Steps(60));
    let log = &mut play.log;
    let person = log.persons()[0];
    let mut positions = Vec::new();
    for _ in 0..2 {
        let as_of = log.views.position().expect("begun");
        let command = commit(log, as_of, today());
        positions.push(log.submit(&command).expect("right")[0]);
    }
    let order = |rows: EarlierRows| {
        let Command::Erase {
            what,
            authority,
            legal_basis,
            ..
        } = erasure(Erasable::Root(RootId(person.0)))
        else {
            panic!("an erasure")
        };
        Command::Erase {
            what,
            authority,
            legal_basis,
            rows,
        }
    };
    let rows = |through: Position, listed: &[Position]| EarlierRows {
        through: Some(through),
        rows: [(
            person,
            listed.iter().map(|at| (*at, Hash([7; 32]))).collect(),
        )]
        .into(),
    };
    let missing = |said: Result<Vec<Position>, Refusal>| match said {
        Err(Refusal::RowsMissing { commitment }) => commitment,
        other => panic!("{other:?}"),
    };
    let (first, last) = (positions[0], positions[1]);
    assert_eq!(missing(log.submit(&order(EarlierRows::default()))), last);
    assert_eq!(missing(log.submit(&order(rows(first, &[first])))), last);
    assert_eq!(missing(log.submit(&order(rows(last, &[])))), first);
    assert_eq!(missing(log.submit(&order(rows(last, &[last])))), first);
    assert_eq!(
        refused_field(log.submit(&order(rows(last, &[first, Position(0)])))),
        "rows"
    );
    log.submit(&order(rows(last, &[first])))
        .expect("unchanged at the second");
    // A state from before the erasure cannot be committed any more: its rows would never be listed.
    let stale = commit(log, last, today());
    assert_eq!(refused_field(log.submit(&stale)), "as_of");
}

#[test]
fn signing_keys_follow_each_other_and_come_once() {
    let mut log = TestLog::new(1);
    let rotate = |number, key| {
        Command::RotateSigningKey(Box::new(RotateSigningKey {
            number,
            key: [key; 32],
            overlap_until: Timestamp(5),
            reason: "年度更换".to_owned(),
            officer: "001".to_owned(),
        }))
    };
    assert_eq!(refused_field(log.submit(&rotate(2, 1))), "number");
    log.submit(&rotate(1, 1)).expect("the first");
    assert_eq!(refused_field(log.submit(&rotate(1, 2))), "number");
    assert_eq!(refused_field(log.submit(&rotate(2, 1))), "key");
    log.submit(&rotate(2, 2)).expect("the second");
    let held: Vec<_> = log
        .registry
        .signing_keys()
        .iter()
        .map(|key| (key.number, key.key.0[0]))
        .collect();
    assert_eq!(held, [(1, 1), (2, 2)]);
    let (replayed, _) = log.replayed();
    assert_eq!(replayed.signing_keys(), log.registry.signing_keys());
}
