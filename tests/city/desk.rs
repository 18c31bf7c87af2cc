//! A ledger in a folder of its own, with a clerk who hands in, a colleague who reviews, and the platform that decides last.

use probity_app::keys::{KeyOrder, PresentedKey, Principal, issue_at_console};
use probity_app::submission::receipt::{ReceiptRow, receipt};
use probity_app::submission::{
    ReviewOrder, SubmissionEnding, SubmissionInfo, SubmissionOrder, SubmissionReport, review,
    submit,
};
use probity_app::{Caller, DataFolder, Ledger, OpenOptions};
use probity_city::{Certificate, Step};
use probity_domain::Command;
use probity_domain::report::SubjectClaim;
use probity_domain::submission::SubmissionStanding;
use probity_format::frame::ActorKind;
use probity_log::{Receipt, Submission, SubmitError};
use probity_tests::WallClock;
use probity_types::{BatchId, SubjectId, SubmissionKind};
use std::cell::Cell;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::oneshot;

const AGENCY: &str = "演示数据报送单位";
const PLATFORM: &str = "演示信用平台";
/// Registrations on their way to the writer at once.
const IN_FLIGHT_MAX: usize = 1_024;

/// A person with a key.
pub struct Person {
    /// As the interface knows it.
    pub secret: String,
    caller: Caller,
}

/// See the module.
pub struct Desk {
    /// The ledger.
    pub ledger: Ledger,
    /// Hands in.
    pub clerk: Person,
    /// Reviews for the agency.
    pub reviewer: Person,
    /// Reviews for the platform.
    pub platform: Person,
    asked: Cell<u32>,
}

fn person(ledger: &Ledger, label: &str, agency: &str, scope: &str) -> Person {
    let key = PresentedKey::random().expect("randomness");
    let order = KeyOrder {
        label: label.to_owned(),
        agency: agency.to_owned(),
        scopes: [scope.to_owned()].into(),
        expires_on: None,
    };
    let principal = Principal {
        key: key.id,
        agency: agency.to_owned(),
        scopes: order.scopes.clone(),
    };
    issue_at_console(ledger, &key, order, false).expect("issued");
    let caller = Caller {
        principal,
        idempotency_key: String::new(),
        request: Vec::new(),
    };
    Person {
        secret: key.reveal(),
        caller,
    }
}

impl Desk {
    /// Begins a ledger in a folder.
    pub fn begin(data: &Path, segment_bytes: u64) -> Self {
        let options = OpenOptions::default().with_segments_of(segment_bytes);
        let clock = Arc::new(WallClock::start());
        let ledger = Ledger::create(&DataFolder::at(data), &options, clock).expect("begins");
        Self {
            clerk: person(&ledger, "甲", AGENCY, "records:submit"),
            reviewer: person(&ledger, "乙", AGENCY, "records:review"),
            platform: person(&ledger, "丙", PLATFORM, "records:review-platform"),
            asked: Cell::new(0),
            ledger,
        }
    }

    /// The same person with a request of its own.
    fn next(&self, person: &Person) -> Caller {
        self.asked.set(self.asked.get() + 1);
        let request = format!("request {}", self.asked.get());
        Caller {
            request: request.clone().into_bytes(),
            idempotency_key: request,
            ..person.caller.clone()
        }
    }

    /// Registers subjects and certificates, in their order; how many there were.
    pub fn register(&self, steps: impl Iterator<Item = Step>) -> u64 {
        let mut waiting = VecDeque::new();
        let mut count = 0;
        for step in steps {
            let command = match step {
                Step::Subject(claim) => Command::RegisterSubject(*claim),
                Step::Certificate(held) => {
                    // Its person has to be there first.
                    waiting.drain(..).for_each(settle);
                    self.certificate(*held)
                }
                other => panic!("no registration: {other:?}"),
            };
            let submission = Submission::internal(command, ActorKind::Operator);
            let answer = self.ledger.log.submit_waiting(submission);
            waiting.push_back(answer.expect("taken"));
            count += 1;
            if waiting.len() >= IN_FLIGHT_MAX
                && let Some(answer) = waiting.pop_front()
            {
                settle(answer);
            }
        }
        waiting.into_iter().for_each(settle);
        count
    }

    fn certificate(&self, held: Certificate) -> Command {
        Command::RecordCertificate {
            subject: self.find(&held.person).expect("registered before"),
            group: held.group,
            title: held.title,
            number: held.number,
            issuer: held.issuer,
            issued_on: held.issued_on,
            valid_to: held.valid_to,
        }
    }

    /// The subject that the first identifier of a claim names.
    pub fn find(&self, claim: &SubjectClaim) -> Option<SubjectId> {
        let views = self.ledger.views();
        let held = claim.identifiers.first()?;
        let directory = views.directory();
        let row = directory.by_identifier(views.tagger(), held.kind, &held.value)?;
        Some(row.id)
    }

    /// Hands in a file; it must be received.
    pub fn hand_in(&self, file: &[u8]) -> SubmissionReport {
        let order = SubmissionOrder {
            kind: SubmissionKind::Report,
            profile: None,
            rehearse: false,
            accept_good_rows: false,
            may_list: false,
        };
        let report = submit(&self.ledger, &self.next(&self.clerk), file, &order);
        let report = report.expect("the file reads");
        let faults: Vec<_> = report.errors.iter().take(3).collect();
        assert_eq!(report.ending, SubmissionEnding::Received, "{faults:?}");
        report
    }

    /// Approves whatever may still be decided on; the rows of the receipt.
    pub fn approve(&self, batch: BatchId) -> Vec<ReceiptRow> {
        let mut info = self.decide(batch, &self.reviewer);
        if info.state.standing == SubmissionStanding::WaitsForPlatform {
            info = self.decide(batch, &self.platform);
        }
        assert_eq!(info.state.standing, SubmissionStanding::Approved);
        receipt(&self.ledger, &info).expect("reads")
    }

    fn decide(&self, batch: BatchId, person: &Person) -> SubmissionInfo {
        let order = ReviewOrder {
            batch,
            ..ReviewOrder::default()
        };
        let reviewed = review(&self.ledger, &self.next(person), &order);
        reviewed.expect("approved").info
    }
}

fn settle(answer: oneshot::Receiver<Result<Receipt, SubmitError>>) {
    let answer = answer.blocking_recv().expect("the writer answers");
    answer.expect("the city is right");
}
