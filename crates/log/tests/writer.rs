//! What the writer promises, over every store: answers rest on what is on disk, a command is carried out once, limits and
//! clock rules hold before anything is written.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Command, Erasable};
use probity_domain::{PartContent, Refusal};
use probity_format::events::Event;
use probity_log::writer::QUEUE_MAX;
use probity_log::{ClockFault, Outcome, Receipt, SubmitError};
use probity_store::{AppendError, Head, LogReader, LogStore, StoreError};
use probity_types::{Position, RootId, Timestamp};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use support::{InMemory, NOON_US, OnDisk, Place, Request, SECOND_US, World, begin, open, sealed};

const HOUR_US: i64 = 3_600 * SECOND_US;
const DAY_US: i64 = 24 * HOUR_US;

fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T>>>) -> Poll<T> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn what_is_recorded_is_shown_and_read_back<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    // The log begins, and with the next command the day.
    let receipt = running.submit(&open(1)).expect("new");
    assert_eq!((receipt.first, receipt.last), (Position(2), Position(2)));
    assert_eq!(receipt.outcome, Outcome::Appended);
    let person = running.submit(&sealed(2)).expect("new");
    let shown = running.shown();
    assert_eq!(shown.len() as u64, running.entries());
    let entry = &shown[person.first.0 as usize];
    assert_eq!(
        (entry.hash, entry.header.recorded_at),
        (person.entry_hash, Timestamp(NOON_US))
    );
    assert!(matches!(entry.parts[0].content, PartContent::Opened(_)));
    running.check();
    running.stop();
    // A new writer shows the same entries, opened with the same keys, and goes on behind them.
    let running = world.start();
    assert_eq!(running.shown(), shown);
    let next = running.submit(&open(3)).expect("new");
    assert_eq!(next.first, Position(4));
    let walked = running.check();
    assert_eq!((walked.parts().opened, walked.parts().sealed), (1, 0));
    running.stop();
    assert_eq!(world.check().chain().hash(), next.entry_hash);
}

fn a_command_is_carried_out_once_across_restarts<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    let first = running.submit(&open(1)).expect("new");
    let person = running.submit(&sealed(2)).expect("new");
    let again = |receipt: Receipt| Receipt {
        replayed: true,
        ..receipt
    };
    let retry = |running: &support::Running| {
        let entries = running.entries();
        assert_eq!(running.submit(&open(1)), Ok(again(first)));
        assert_eq!(running.submit(&sealed(2)), Ok(again(person)));
        let other = running.submit(&open(1).with_other_tag());
        assert_eq!(other, Err(SubmitError::KeyReused));
        assert_eq!(running.entries(), entries, "nothing is appended");
    };
    retry(&running);
    running.stop();
    let running = world.start();
    retry(&running);
    running.stop();
}

fn a_key_is_remembered_for_30_days_and_then_the_rules_decide<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    let first = running.submit(&open(1)).expect("new");
    world.clock.pass(30 * DAY_US);
    running.submit(&open(2)).expect("new");
    let within = running.submit(&open(1)).expect("remembered");
    assert_eq!((within.first, within.replayed), (first.first, true));
    world.clock.pass(SECOND_US);
    running.submit(&open(3)).expect("new");
    let refused = |running: &support::Running| {
        let late = running.submit(&open(1));
        let SubmitError::Refused(refusal) = late.expect_err("the key is there") else {
            panic!("refused")
        };
        assert_eq!(refusal.code(), "key-exists");
    };
    refused(&running);
    running.stop();
    let running = world.start();
    refused(&running);
    running.stop();
}

fn a_refused_command_is_decided_again_and_an_old_fact_is_found<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    let person = running.submit(&sealed(1)).expect("new");
    // The same person under another key: there already, no entry.
    let mut other = sealed(1);
    other.id.0[15] ^= 0xff;
    let found = running.submit(&other).expect("there");
    assert_eq!(
        (found.outcome, found.first),
        (Outcome::AlreadyThere, person.first)
    );
    assert_eq!(
        (found.entry_hash, found.replayed),
        (person.entry_hash, false)
    );
    let key = probity_types::AccessKeyId([7; 16]);
    let reason = String::new();
    let revoke = Request::new(9, Command::RevokeKey { key, reason });
    for _ in 0..2 {
        let refused = running.submit(&revoke);
        assert!(
            matches!(refused, Err(SubmitError::Refused(Refusal::NotFound { .. }))),
            "{refused:?}"
        );
    }
    running.stop();
}

fn commands_that_wait_together_are_decided_in_order_and_equal_keys_once<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    running.submit(&open(1)).expect("new");
    let held = running.hold();
    let mut person_again = sealed(2);
    person_again.id.0[15] ^= 0xff;
    let requests = [
        open(5),
        open(5),
        open(5).with_other_tag(),
        sealed(2),
        person_again,
        open(6),
    ];
    let waiting: Vec<_> = requests
        .iter()
        .map(|request| {
            running
                .log
                .submit_waiting(request.submission())
                .expect("room")
        })
        .collect();
    let entries = running.entries();
    drop(held);
    let answers: Vec<_> = waiting
        .into_iter()
        .map(|answer| answer.blocking_recv().expect("answered"))
        .collect();
    let [first, same, other, person, found, last] = &answers[..] else {
        panic!("{answers:?}")
    };
    let first = first.as_ref().expect("new");
    assert_eq!(first.first, Position(entries));
    let replayed = Receipt {
        replayed: true,
        ..*first
    };
    assert_eq!(same.as_ref(), Ok(&replayed));
    assert_eq!(other, &Err(SubmitError::KeyReused));
    let (person, found) = (
        person.as_ref().expect("new"),
        found.as_ref().expect("there"),
    );
    assert_eq!(
        (found.outcome, found.first),
        (Outcome::AlreadyThere, person.first)
    );
    assert_eq!(
        found.entry_hash, person.entry_hash,
        "known although it was decided before"
    );
    assert_eq!(last.as_ref().expect("new").last, Position(entries + 2));
    running.check();
    running.stop();
}

fn nothing_begins_before_the_log_does<P: Place>() {
    let world = World::<P>::new();
    let running = world.start();
    let early = running.submit(&open(1));
    assert_eq!(
        early,
        Err(SubmitError::Refused(Refusal::LogState("not begun")))
    );
    assert_eq!(running.entries(), 0);
    running.submit(&begin()).expect("begins");
    let mut twice = begin();
    twice.id.0[15] ^= 0xff;
    let twice = running.submit(&twice);
    assert_eq!(
        twice,
        Err(SubmitError::Refused(Refusal::LogState("begun already")))
    );
    running.stop();
}

fn clock_rules_hold_before_anything_is_written<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    let first = running.submit(&open(1)).expect("new");
    let entries = running.entries();
    // Back a little: the last time once more.
    world.clock.jump(-5 * SECOND_US);
    let second = running.submit(&open(2)).expect("tolerated");
    assert_eq!(second.recorded_at, first.recorded_at);
    // Back by more: refused, and told to whoever asks for health.
    world.clock.jump(-SECOND_US);
    let back = running.submit(&open(3));
    assert!(
        matches!(back, Err(SubmitError::Clock(ClockFault::Back { .. }))),
        "{back:?}"
    );
    assert!(
        running
            .log
            .fault()
            .is_some_and(|fault| fault.contains("set the clock right"))
    );
    assert_eq!(running.entries(), entries + 1);
    world.clock.jump(6 * SECOND_US);
    running.submit(&open(3)).expect("right again");
    assert_eq!(running.log.fault(), None);
    // Ahead by a year at once: refused until an officer accepts it.
    world.clock.jump(365 * DAY_US);
    let ahead = running.submit(&open(4));
    assert!(
        matches!(ahead, Err(SubmitError::Clock(ClockFault::Ahead { .. }))),
        "{ahead:?}"
    );
    let accept = Command::AcceptClock {
        offered: Timestamp(NOON_US + 365 * DAY_US),
        officer: "test".to_owned(),
    };
    running.submit(&Request::new(90, accept)).expect("accepted");
    let after = running.submit(&open(4)).expect("accepted before");
    assert_eq!(after.recorded_at, Timestamp(NOON_US + 365 * DAY_US));
    let days = running.shown();
    let days = days
        .iter()
        .filter(|entry| matches!(entry.event, Event::DayStarted(_)));
    assert_eq!(days.count(), 1 + 365, "every missed day begins");
    running.check();
    running.stop();
}

fn a_long_pause_is_no_jump_but_a_start_after_it_wants_an_officer<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    world.clock.pass(3 * DAY_US);
    running.submit(&open(1)).expect("time passed while it ran");
    running.stop();
    world.clock.pass(7 * DAY_US + SECOND_US);
    let running = world.start();
    let ahead = running.submit(&open(2));
    assert!(
        matches!(ahead, Err(SubmitError::Clock(ClockFault::Ahead { .. }))),
        "{ahead:?}"
    );
    running.stop();
    world.clock.jump(-2 * SECOND_US);
    let running = world.start();
    running.submit(&open(2)).expect("within seven days");
    running.stop();
}

fn a_key_destroyed_in_the_same_group_seals_nothing_more<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    let person = running.submit(&sealed(1)).expect("new");
    let stream = running.shown()[person.first.0 as usize].header.stream;
    let subject = probity_types::SubjectId(stream.0);
    let erase = Command::Erase {
        what: Erasable::Root(RootId(stream.0)),
        authority: "test".to_owned(),
        legal_basis: "test".to_owned(),
        rows: Default::default(),
    };
    let certificate = |number: u64| {
        let command = Command::RecordCertificate {
            subject,
            group: "lawyers".to_owned(),
            title: "test".to_owned(),
            number: format!("N{number}"),
            issuer: "test".to_owned(),
            issued_on: "2020-01-01".parse().expect("a day"),
            valid_to: None,
        };
        Request::new(number, command)
    };
    let held = running.hold();
    let requests = [
        certificate(20),
        Request::new(21, erase),
        certificate(22),
        sealed(1),
    ];
    let mut once_more = requests[3].clone();
    once_more.id.0[15] ^= 0xff;
    let mut waiting = Vec::new();
    for request in requests[..3].iter().chain([&once_more]) {
        waiting.push(
            running
                .log
                .submit_waiting(request.submission())
                .expect("room"),
        );
    }
    drop(held);
    let answers: Vec<_> = waiting
        .into_iter()
        .map(|answer| answer.blocking_recv().expect("answered"))
        .collect();
    assert_eq!(
        answers[0].as_ref().map(|receipt| receipt.outcome),
        Ok(Outcome::Appended)
    );
    let erasure = answers[1].as_ref().expect("erased");
    assert_eq!(answers[2], Err(SubmitError::Erased));
    let new = answers[3]
        .as_ref()
        .expect("nobody is known by the number any more");
    assert_eq!(new.outcome, Outcome::Appended);
    // The certificate of the same group is gone with the rest.
    let shown = running.shown();
    let Event::ErasureRecorded(event) = &shown[erasure.first.0 as usize].event else {
        panic!("an erasure")
    };
    let certified = answers[0].as_ref().expect("recorded").first;
    assert_eq!(event.positions.to_vec(), [person.first, certified]);
    let walked = running.check();
    assert_eq!((walked.parts().erased, walked.parts().opened), (2, 1));
    running.stop();
    world.check();
}

/// A store that commits only when it is told to.
struct Gated {
    inner: Box<dyn LogStore>,
    arrived: Sender<()>,
    open: Arc<Mutex<Receiver<()>>>,
}

impl LogStore for Gated {
    fn head(&self) -> Head {
        self.inner.head()
    }
    fn append_bytes_max(&self) -> u64 {
        self.inner.append_bytes_max()
    }
    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        new_head: Head,
    ) -> Result<(), AppendError> {
        let _ = self.arrived.send(());
        let _ = self.open.lock().expect("no panic under it").recv();
        self.inner.append(expected, entries, new_head)
    }
    fn redact(&mut self, position: Position, replacement: &[u8]) -> Result<(), StoreError> {
        self.inner.redact(position, replacement)
    }
    fn reader(&self) -> Arc<dyn LogReader> {
        self.inner.reader()
    }
    fn close(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.close()
    }
}

fn nobody_is_answered_before_the_commit_that_the_answer_rests_on<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    running.submit(&sealed(1)).expect("new");
    running.stop();
    let (arrived, at_the_gate) = channel();
    let (opener, open_gate) = channel();
    let store = Gated {
        inner: world.place.open(),
        arrived,
        open: Arc::new(Mutex::new(open_gate)),
    };
    let running = world.start_over(Box::new(store)).expect("starts");
    let (entries, shown) = (running.entries(), running.shown().len());
    let held = running.hold();
    // New, a duplicate of something uncommitted, a duplicate of old, and a refusal: all saw the group.
    let mut same_person = sealed(2);
    same_person.id.0[15] ^= 0xff;
    let mut refused = open(3);
    refused.id.0[15] ^= 0xff;
    let requests = [sealed(2), same_person, sealed(1), open(3), refused];
    let mut answers: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
    for request in &requests {
        let log = running.log.clone();
        let submission = request.submission();
        answers.push(Box::pin(async move { log.submit(submission).await }));
    }
    assert!(answers.iter_mut().all(|answer| poll(answer).is_pending()));
    drop(held);
    at_the_gate.recv().expect("a group arrives");
    assert!(
        answers.iter_mut().all(|answer| poll(answer).is_pending()),
        "nothing is on disk"
    );
    assert_eq!((running.entries(), running.shown().len()), (entries, shown));
    opener.send(()).expect("the store waits");
    let wait = |answer: Pin<Box<dyn Future<Output = _>>>| block_on(answer);
    let told: Vec<Result<Receipt, SubmitError>> = answers.into_iter().map(wait).collect();
    assert_eq!(told[0].as_ref().map(|r| r.outcome), Ok(Outcome::Appended));
    assert_eq!(
        told[1].as_ref().map(|r| r.outcome),
        Ok(Outcome::AlreadyThere)
    );
    assert_eq!(told[2].as_ref().map(|r| r.replayed), Ok(true));
    assert_eq!(told[3].as_ref().map(|r| r.outcome), Ok(Outcome::Appended));
    assert!(
        matches!(told[4], Err(SubmitError::Refused(_))),
        "{:?}",
        told[4]
    );
    assert_eq!(running.entries(), entries + 2);
    drop(opener);
    running.stop();
}

/// Waits for an answer without a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

fn a_full_queue_answers_busy_and_loses_nothing<P: Place>() {
    let world = World::<P>::new();
    let running = world.begin();
    running.submit(&open(1)).expect("new");
    let entries = running.entries();
    let held = running.hold();
    let mut answers: Vec<Pin<Box<dyn Future<Output = _>>>> = Vec::new();
    for number in 0..QUEUE_MAX as u64 {
        let (log, submission) = (running.log.clone(), open(1_000 + number).submission());
        answers.push(Box::pin(async move { log.submit(submission).await }));
    }
    assert!(
        answers.iter_mut().all(|answer| poll(answer).is_pending()),
        "there is room"
    );
    let mut one_more: Pin<Box<dyn Future<Output = _>>> = {
        let (log, submission) = (running.log.clone(), open(9).submission());
        Box::pin(async move { log.submit(submission).await })
    };
    let busy: Poll<Result<Receipt, SubmitError>> = poll(&mut one_more);
    assert_eq!(busy, Poll::Ready(Err(SubmitError::Busy)));
    drop(held);
    for answer in answers {
        let receipt: Result<Receipt, SubmitError> = block_on(answer);
        receipt.expect("its turn came");
    }
    assert_eq!(running.entries(), entries + QUEUE_MAX as u64);
    running.submit(&open(9)).expect("room again");
    running.stop();
}

macro_rules! over_every_store {
    ($($test:ident)+) => {
        mod in_memory {
            use super::*;
            $(#[test] fn $test() { super::$test::<InMemory>(); })+
        }
        mod on_disk {
            use super::*;
            $(#[test] fn $test() { super::$test::<OnDisk>(); })+
        }
    };
}

over_every_store! {
    what_is_recorded_is_shown_and_read_back
    a_command_is_carried_out_once_across_restarts
    a_key_is_remembered_for_30_days_and_then_the_rules_decide
    a_refused_command_is_decided_again_and_an_old_fact_is_found
    commands_that_wait_together_are_decided_in_order_and_equal_keys_once
    nothing_begins_before_the_log_does
    clock_rules_hold_before_anything_is_written
    a_long_pause_is_no_jump_but_a_start_after_it_wants_an_officer
    a_key_destroyed_in_the_same_group_seals_nothing_more
    nobody_is_answered_before_the_commit_that_the_answer_rests_on
    a_full_queue_answers_busy_and_loses_nothing
}

#[test]
fn one_folder_has_one_writer() {
    let world = World::<OnDisk>::new();
    let running = world.begin();
    let again =
        probity_store::JournalStore::open(world.place.0.path(), support::LOG, support::small());
    assert!(matches!(again, Err(StoreError::InUse { .. })), "{again:?}");
    let master = probity_store::keyring::MasterKey::from_bytes([3; 32]);
    let ring = probity_store::keyring::KeyRing::open(world.keys.path(), support::LOG, master);
    let said = ring.expect_err("in use").to_string();
    assert!(said.contains("cannot be used"), "{said}");
    running.stop();
    let running = world.start();
    running.submit(&open(1)).expect("released");
    running.stop();
}
