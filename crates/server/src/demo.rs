//! The demo city: 115 real, neutral permits and a made-up city around them, marked as generated.

use probity_app::Ledger;
use probity_app::import::{ImportError, ImportOrder, Importer, import};
use probity_app::keys::{KeyOrder, PresentedKey, issue_at_console};
use probity_city::{Scale, Step, city};
use probity_domain::Command;
use probity_domain::command::{Compensation, Intake};
use probity_domain::report::SubjectClaim;
use probity_format::ActorKind;
use probity_format::events::Ground;
use probity_format::wire::Set;
use probity_log::{Receipt, Submission, SubmitError};
use probity_types::{ListingId, RecordId, Text};
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::oneshot;

/// The 115 Karamay rows of a published licence feed; origin in `tests/fixtures/README.md`.
const PERMITS: &[u8] = include_bytes!("../../../tests/fixtures/karamay-licences.xls");
/// Every start gives the same city.
const SEED: u64 = 650_200;
const IN_FLIGHT_MAX: usize = 2_048;

/// Why the demo city does not load.
#[derive(Debug)]
pub enum DemoError {
    /// The permits.
    Import(ImportError),
    /// A step.
    Submit(SubmitError),
}

impl std::fmt::Display for DemoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Import(error) => write!(f, "demo permits: {error}"),
            Self::Submit(error) => write!(f, "demo city: {error}"),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<SubmitError> for DemoError {
    fn from(error: SubmitError) -> Self {
        Self::Submit(error)
    }
}

/// Demo keys with their scopes.
pub const DEMO_KEYS: [(&str, &[&str]); 2] = [
    ("clerk", &["subjects:write", "records:write", "lists:write"]),
    ("reader", &["persons:read", "feed:read", "audit:read"]),
];

type Answer = oneshot::Receiver<Result<Receipt, SubmitError>>;

struct Loader<'a> {
    ledger: &'a Ledger,
    waiting: VecDeque<(Kind, Answer)>,
    records: BTreeMap<u64, Receipt>,
    listings: BTreeMap<u64, Receipt>,
    later: Vec<Step>,
}

#[derive(Clone, Copy)]
enum Kind {
    Other,
    Record(u64),
    Listing(u64),
}

/// Loads permits, city and demo keys.
///
/// # Errors
/// [`DemoError`].
pub fn load(ledger: &Ledger) -> Result<(), DemoError> {
    for (name, scopes) in DEMO_KEYS {
        let order = KeyOrder {
            label: format!("demo {name}"),
            agency: "演示 demo".to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expires_on: None,
        };
        issue_at_console(ledger, &PresentedKey::demo(name), order, true)?;
    }
    let importer = Importer {
        kind: ActorKind::Operator,
        id: [0; 16],
    };
    let order = ImportOrder {
        profile: Some("xinjiang-financial-licences".to_owned()),
        ..ImportOrder::default()
    };
    import(ledger, importer, PERMITS, &order, |_| {}).map_err(DemoError::Import)?;
    let (waiting, later) = (VecDeque::new(), Vec::new());
    let mut loader = Loader {
        ledger,
        waiting,
        records: BTreeMap::new(),
        listings: BTreeMap::new(),
        later,
    };
    let (mut records, mut listings) = (0, 0);
    for step in city(SEED, Scale::demo(), ledger.today()) {
        loader.take(step, &mut records, &mut listings)?;
    }
    loader.drain(0)?;
    loader.finish()
}

impl Loader<'_> {
    fn take(&mut self, step: Step, records: &mut u64, listings: &mut u64) -> Result<(), DemoError> {
        match step {
            Step::Subject(claim) => self.send(Kind::Other, Command::RegisterSubject(*claim)),
            Step::Record(report) => {
                *records += 1;
                self.send(
                    Kind::Record(*records - 1),
                    Command::ReportRecord(report, Intake::default()),
                )
            }
            Step::Listing(report, steps) => {
                *listings += 1;
                let command = Command::ReportListing(report, steps, Intake::default());
                self.send(Kind::Listing(*listings - 1), command)
            }
            later => {
                // What refers to earlier steps waits until all of those have their receipts.
                self.later.push(later);
                Ok(())
            }
        }
    }

    fn send(&mut self, kind: Kind, command: Command) -> Result<(), DemoError> {
        let submission = Submission::internal(command, ActorKind::Operator);
        self.waiting
            .push_back((kind, self.ledger.log.submit_waiting(submission)?));
        self.drain(IN_FLIGHT_MAX)
    }

    fn drain(&mut self, keep: usize) -> Result<(), DemoError> {
        while self.waiting.len() > keep {
            let Some((kind, answer)) = self.waiting.pop_front() else {
                break;
            };
            let receipt = answer
                .blocking_recv()
                .unwrap_or(Err(SubmitError::OutcomeUnknown))?;
            match kind {
                Kind::Record(n) => drop(self.records.insert(n, receipt)),
                Kind::Listing(n) => drop(self.listings.insert(n, receipt)),
                Kind::Other => {}
            }
        }
        Ok(())
    }

    fn record(&self, ordinal: u64) -> Option<RecordId> {
        self.ledger
            .written(*self.records.get(&ordinal)?)
            .ok()?
            .record
    }

    fn listing(&self, ordinal: u64) -> Option<ListingId> {
        self.ledger
            .written(*self.listings.get(&ordinal)?)
            .ok()?
            .listing
    }

    fn finish(&mut self) -> Result<(), DemoError> {
        for step in std::mem::take(&mut self.later) {
            if let Some(command) = self.later_command(step) {
                // One after the other: a compensation is decided against the record as it stands.
                self.ledger
                    .log
                    .submit_blocking(Submission::internal(command, ActorKind::Operator))?;
            }
        }
        Ok(())
    }

    fn compensate(
        &self,
        record: u64,
        action: Compensation,
        grounds: &probity_city::Grounds,
    ) -> Option<Command> {
        let current = self
            .ledger
            .current_record(self.record(record)?)
            .ok()?
            .ok()?;
        let ground = Ground {
            reason: grounds.reason,
            authority: Text::try_from(grounds.authority.as_str()).ok()?,
            instrument_no: Text::try_from(grounds.instrument_no.as_str()).ok()?,
            legal_basis: Text::try_from(grounds.legal_basis.as_str()).ok()?,
            evidence: Set::default(),
        };
        Some(Command::Compensate {
            records: vec![current],
            action,
            ground,
        })
    }

    fn person(&self, claim: &SubjectClaim) -> Option<probity_types::SubjectId> {
        let views = self.ledger.views();
        let held = claim.identifiers.first()?;
        views
            .directory()
            .by_identifier(views.tagger(), held.kind, &held.value)
            .map(|row| row.id)
    }

    fn later_command(&self, step: Step) -> Option<Command> {
        match step {
            Step::Correct {
                record,
                changes,
                grounds,
            } => self.compensate(record, Compensation::Correct(changes), &grounds),
            Step::Annul {
                record,
                from,
                grounds,
            } => self.compensate(record, Compensation::Annul(from), &grounds),
            Step::Void { record, grounds } => self.compensate(record, Compensation::Void, &grounds),
            Step::Perform {
                record,
                performance,
                on,
                amount,
            } => Some(Command::RecordPerformance {
                record: self.record(record)?,
                performance,
                on,
                amount,
            }),
            Step::EndListing {
                listing,
                reason,
                authority,
                legal_basis,
                ended_on,
            } => {
                let listing = self.listing(listing)?;
                Some(Command::EndListing {
                    listing,
                    reason,
                    authority,
                    legal_basis,
                    ended_on,
                })
            }
            Step::Certificate(certificate) => {
                let probity_city::Certificate {
                    person,
                    group,
                    title,
                    number,
                    issuer,
                    issued_on,
                    valid_to,
                } = *certificate;
                let subject = self.person(&person)?;
                Some(Command::RecordCertificate {
                    subject,
                    group,
                    title,
                    number,
                    issuer,
                    issued_on,
                    valid_to,
                })
            }
            Step::Subject(_) | Step::Record(_) | Step::Listing(..) => None,
        }
    }
}

/// Whether a ledger holds demo keys: pages and start-up lines then say that its data is made up.
pub fn is_demo(ledger: &Ledger) -> bool {
    let found = ledger
        .log
        .inspect_blocking(|registry| registry.key(&PresentedKey::demo("clerk").id).is_some());
    found.unwrap_or(false)
}
