//! Stores that fail, in pairs: whether the failed write is on disk or not, nothing acknowledged is lost, nobody is told what is
//! not known, and whoever asks again with the same key gets the same in the end.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{Command, Erasable};
use probity_format::events::Event;
use probity_log::{Receipt, SubmitError};
use probity_store::{Fault, FaultPlan};
use probity_types::{Position, RootId};
use support::{InMemory, OnDisk, Place, Request, Running, World, begin, open, sealed};

const BOTH: [Fault; 2] = [Fault::FailedNotPersisted, Fault::FailedButPersisted];

/// Everything that is wanted, in order.
fn script() -> Vec<Request> {
    vec![begin(), open(1), sealed(2), open(3), sealed(4), open(5)]
}

/// What comes a moment before the end gets into the queue and no answer; later the door is closed.
fn takes_nothing_more(running: &Running) {
    let told = running.submit(&open(99));
    let unanswered = [SubmitError::Stopped, SubmitError::OutcomeUnknown];
    assert!(unanswered.map(Err).contains(&told), "{told:?}");
}

/// Carries the script out over a store that fails as planned, asking again after each restart with the same keys, as a client
/// does; how often the writer stopped.
fn carry_out<P: Place>(world: &World<P>, plan: &FaultPlan, script: &[Request]) -> u64 {
    let mut stops = 0;
    let mut told: Vec<Option<Receipt>> = vec![None; script.len()];
    'start: loop {
        let running = world.start_faulty(plan);
        for (request, told) in script.iter().zip(&mut told) {
            let entries = running.entries();
            match running.submit(request) {
                Ok(receipt) => {
                    if let Some(before) = told {
                        let replayed = true;
                        assert_eq!(
                            receipt,
                            Receipt {
                                replayed,
                                ..*before
                            },
                            "told otherwise before"
                        );
                    }
                    *told = Some(receipt);
                }
                Err(SubmitError::OutcomeUnknown) => {
                    assert_eq!(running.fatal().len(), 1, "told to be fatal, once");
                    assert_eq!(running.entries(), entries, "no reader sees it");
                    takes_nothing_more(&running);
                    running.crashed();
                    stops += 1;
                    assert!(stops < 10, "it stops for ever");
                    continue 'start;
                }
                Err(other) => panic!("{other}"),
            }
        }
        running.check();
        running.stop();
        return stops;
    }
}

fn any_fault_ends_where_no_fault_ends<P: Place>() {
    let whole = {
        let world = World::<P>::new();
        carry_out(&world, &FaultPlan::default(), &script());
        world.check()
    };
    for after in 0..script().len() {
        for fault in BOTH {
            let (world, plan) = (World::<P>::new(), FaultPlan::default());
            plan.fail_after(after, fault);
            assert_eq!(carry_out(&world, &plan, &script()), 1, "{after} {fault:?}");
            let walked = world.check();
            assert_eq!(
                walked.chain().next(),
                whole.chain().next(),
                "{after} {fault:?}"
            );
            assert_eq!(walked.parts(), whole.parts());
        }
    }
}

fn two_faults_in_a_row_end_there_too<P: Place>() {
    let entries = 7;
    for first in BOTH {
        for second in BOTH {
            for (after, then) in [(0, 0), (1, 0), (2, 0), (2, 1), (3, 1)] {
                let (world, plan) = (World::<P>::new(), FaultPlan::default());
                plan.fail_after(after, first);
                plan.fail_after(then, second);
                assert_eq!(carry_out(&world, &plan, &script()), 2);
                assert_eq!(
                    world.check().chain().next(),
                    Position(entries),
                    "{after} {then}"
                );
            }
        }
    }
}

fn everybody_in_a_failed_group_is_told_that_nothing_is_known<P: Place>() {
    for fault in BOTH {
        let (world, plan) = (World::<P>::new(), FaultPlan::default());
        let running = world.start_faulty(&plan);
        running.submit(&begin()).expect("begins");
        let known = running.submit(&open(1)).expect("new");
        let entries = running.entries();
        plan.fail_next(fault);
        let held = running.hold();
        // New, a retry of something old, a refusal, and one that waits behind them.
        let mut refused = open(1);
        refused.id.0[15] ^= 0xff;
        let requests = [sealed(2), open(1), refused, open(3)];
        let waiting: Vec<_> = requests
            .iter()
            .map(|request| {
                running
                    .log
                    .submit_waiting(request.submission())
                    .expect("room")
            })
            .collect();
        drop(held);
        for answer in waiting {
            let told = answer
                .blocking_recv()
                .unwrap_or(Err(SubmitError::OutcomeUnknown));
            assert_eq!(told, Err(SubmitError::OutcomeUnknown));
        }
        assert!(running.log.fault().is_some());
        takes_nothing_more(&running);
        running.crashed();
        let running = world.start();
        let persisted = fault == Fault::FailedButPersisted;
        let expected = entries + if persisted { 2 } else { 0 };
        assert_eq!(running.entries(), expected, "{fault:?}");
        let again = running.submit(&open(1)).expect("acknowledged before");
        assert_eq!((again.first, again.replayed), (known.first, true));
        let person = running.submit(&sealed(2)).expect("now or then");
        assert_eq!(person.replayed, persisted);
        running.check();
        running.stop();
    }
}

fn erase(number: u64, root: RootId) -> Request {
    let command = Command::Erase {
        what: Erasable::Root(root),
        authority: "test".to_owned(),
        legal_basis: "test".to_owned(),
        rows: Default::default(),
    };
    Request::new(number, command)
}

/// The erasure is one append and one redaction for each entry; each of them fails in turn, in both ways.
fn an_erasure_that_fails_anywhere_is_not_done_or_done_whole<P: Place>() {
    for after in 0..3 {
        for fault in BOTH {
            let (world, plan) = (World::<P>::new(), FaultPlan::default());
            let running = world.start_faulty(&plan);
            running.submit(&begin()).expect("begins");
            let person = running.submit(&sealed(1)).expect("new");
            let stream = running.shown()[person.first.0 as usize].header.stream;
            let certificate = Command::RecordCertificate {
                subject: probity_types::SubjectId(stream.0),
                group: "lawyers".to_owned(),
                title: "test".to_owned(),
                number: "N1".to_owned(),
                issuer: "test".to_owned(),
                issued_on: "2020-01-01".parse().expect("a day"),
                valid_to: None,
            };
            running.submit(&Request::new(2, certificate)).expect("new");
            let request = erase(3, RootId(stream.0));
            plan.fail_after(after, fault);
            assert_eq!(running.submit(&request), Err(SubmitError::OutcomeUnknown));
            running.crashed();

            let running = world.start();
            let committed = after > 0 || fault == Fault::FailedButPersisted;
            let recovered = running.shown();
            let erasures = recovered
                .iter()
                .filter(|e| matches!(e.event, Event::ErasureRecorded(_)));
            assert_eq!(erasures.count() == 1, committed, "{after} {fault:?}");
            let erased = if committed { 2 } else { 0 };
            // Completed before anything is served, whatever was left of it.
            assert_eq!(running.check().parts().erased, erased, "{after} {fault:?}");
            let receipt = running.submit(&request).expect("now or then");
            assert_eq!(receipt.replayed, committed);
            assert_eq!(running.check().parts().erased, 2);
            running.stop();
            let again = world.start();
            assert_eq!(again.check().parts().erased, 2);
            again.stop();
        }
    }
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
    any_fault_ends_where_no_fault_ends
    two_faults_in_a_row_end_there_too
    everybody_in_a_failed_group_is_told_that_nothing_is_known
    an_erasure_that_fails_anywhere_is_not_done_or_done_whole
}
