//! The people of the test: who they are, and every way by which they come into the register.

use probity_app::{DataFolder, Ledger, OpenOptions};
use probity_city::{Scale, Step, city};
use probity_domain::command::{Command, Intake};
use probity_domain::{Entry, PartContent};
use probity_format::ActorKind;
use probity_format::events::Private;
use probity_log::Submission;
use probity_tests::WallClock;
use probity_types::SubjectKind;
use probity_types::identifiers::ResidentId;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::scanner::NAME_CHARACTERS_MIN;

/// A person of the test.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name, of at least three characters.
    pub name: String,
    /// Citizen number.
    pub number: String,
}

/// The `n`-th made-up person.
pub fn person(n: u32) -> Person {
    let given = ["古丽", "买买提", "铁木尔", "卓玛", "建国"][n as usize % 5];
    let number =
        ResidentId::with_check(&format!("6502041985{:02}{:02}701", n % 12 + 1, n % 28 + 1));
    Person {
        name: format!("扫描者{n}·{given}"),
        number: number.expect("a day of the calendar").as_str().to_owned(),
    }
}

/// Opens a data folder in this process.
pub fn open(data: &str) -> Ledger {
    let folder = DataFolder::at(Path::new(data));
    let clock = Arc::new(WallClock::start());
    Ledger::open(&folder, &OpenOptions::default(), clock).expect("the ledger opens")
}

/// Fills a ledger with a small made-up city: persons, certificates, records of all categories, memberships. Gives back
/// the names and numbers of its persons.
pub fn fill(ledger: &Ledger) -> BTreeSet<String> {
    let mut given = BTreeSet::new();
    let (mut commands, mut certificates) = (Vec::new(), Vec::new());
    let scale = Scale {
        organisations: 20,
        persons: 60,
        records: 250,
        key_persons: 20,
    };
    for step in city(7, scale, ledger.today()) {
        match step {
            Step::Subject(claim) => {
                if claim.kind == SubjectKind::NaturalPerson {
                    given.insert(claim.name.clone());
                    given.extend(claim.identifiers.iter().map(|i| i.value.clone()));
                }
                commands.push(Command::RegisterSubject(*claim));
            }
            Step::Certificate(held) => {
                given.insert(held.number.clone());
                certificates.push(held);
            }
            Step::Record(report) => {
                commands.push(Command::ReportRecord(report, Intake::default()));
            }
            Step::Listing(report, steps) => {
                commands.push(Command::ReportListing(report, steps, Intake::default()));
            }
            _ => {}
        }
    }
    submit(ledger, commands);
    let certificates = certificates.into_iter().map(|held| {
        let views = ledger.views();
        let number = held.person.identifiers.first().expect("a number");
        let row = views
            .directory()
            .by_identifier(views.tagger(), number.kind, &number.value);
        Command::RecordCertificate {
            subject: row.expect("registered").id,
            group: held.group,
            title: held.title,
            number: held.number,
            issuer: held.issuer,
            issued_on: held.issued_on,
            valid_to: held.valid_to,
        }
    });
    submit(ledger, certificates.collect());
    given
}

/// Many at a time: a flush for each would take a minute.
fn submit(ledger: &Ledger, commands: Vec<Command>) {
    let send = |command| {
        let submission = Submission::internal(command, ActorKind::Operator);
        ledger.log.submit_waiting(submission).expect("is queued")
    };
    let waiting: Vec<_> = commands.into_iter().map(send).collect();
    for answer in waiting {
        let receipt = answer.blocking_recv().expect("an answer");
        receipt.expect("is taken");
    }
}

/// Names and numbers of persons in one opened entry.
pub fn personal(entry: &Entry) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in &entry.parts {
        let PartContent::Opened(content) = &part.content else {
            panic!("position {}: a part does not open", entry.header.position);
        };
        match content {
            Private::Identity(identity) => {
                found.insert(identity.name.as_str().to_owned());
                let numbers = identity.identifiers.iter();
                found.extend(numbers.map(|held| held.value.as_str().to_owned()));
            }
            Private::Name(name) => drop(found.insert(name.name.as_str().to_owned())),
            Private::Identifier(held) => drop(found.insert(held.value.as_str().to_owned())),
            Private::Certificate(held) => drop(found.insert(held.number.as_str().to_owned())),
            Private::Party(party) => drop(found.insert(party.name.as_str().to_owned())),
            Private::Parked(parked) => {
                found.insert(parked.name.as_str().to_owned());
                let numbers = parked.identifiers.iter();
                found.extend(numbers.map(|held| held.value.as_str().to_owned()));
            }
            _ => {}
        }
    }
    found.retain(|text| text.chars().count() >= NAME_CHARACTERS_MIN);
    found
}

/// What an entry holds without any sealing: the bytes that would lie in the log if there were none.
pub fn unsealed(entry: &Entry) -> Vec<u8> {
    let mut bytes = entry.event.encode().expect("encodes");
    for part in &entry.parts {
        if let PartContent::Opened(content) = &part.content {
            bytes.extend(content.encode().expect("encodes"));
        }
    }
    bytes
}
