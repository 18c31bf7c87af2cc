//! The demo city: 115 real, neutral permits and a made-up city around them, marked as generated.

use probity_app::Ledger;
use probity_app::import::{ImportError, ImportOrder, Importer, import};
use probity_app::keys::{KeyOrder, PresentedKey, issue_at_console};
use probity_city::{Loaded, Scale, Step, city, command};
use probity_domain::command::{CurrentRecord, Intake};
use probity_domain::report::SubjectClaim;
use probity_format::ActorKind;
use probity_log::{Receipt, Submission, SubmitError};
use probity_types::{ListingId, RecordId, SubjectId};
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
    /// What a later step refers to is not there or does not read.
    Lost,
}

impl std::fmt::Display for DemoError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Import(error) => write!(f, "demo permits: {error}"),
            Self::Submit(error) => write!(f, "demo city: {error}"),
            Self::Lost => f.write_str("demo city: a later step does not find what it changes"),
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
pub const DEMO_KEYS: [(&str, &[&str]); 4] = [
    ("clerk", &["subjects:write", "records:write", "lists:write"]),
    ("reader", &["persons:read", "feed:read", "audit:read"]),
    ("submitter", &["records:submit"]),
    ("reviewer", &["records:review"]),
];

type Answer = oneshot::Receiver<Result<Receipt, SubmitError>>;

/// What a submission on its way is, so that its receipt finds its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Subject,
    Record,
    Listing,
    Later,
}

/// What a later step waits for: the n-th subject, record or membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Awaited {
    Subject(u64),
    Record(u64),
    Listing(u64),
}

/// Sends steps without waiting for each, so that one flush covers many. Receipts are taken in the order of submission,
/// at the same places on every machine: what refers to an earlier step is sent right after that step's receipt.
struct Loader<'a> {
    ledger: &'a Ledger,
    waiting: VecDeque<(Kind, Answer)>,
    sent: Counts,
    received: Counts,
    records: Vec<Receipt>,
    listings: Vec<Receipt>,
    later: BTreeMap<Awaited, Vec<Step>>,
}

#[derive(Debug, Default)]
struct Counts {
    subjects: u64,
    records: u64,
    listings: u64,
}

/// Loads permits, city and demo keys, telling how many subjects and records are on their way, and of how many.
///
/// # Errors
/// [`DemoError`].
pub fn load(ledger: &Ledger, progress: impl FnMut(u64, u64)) -> Result<(), DemoError> {
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
    load_city(ledger, Scale::demo(), progress)
}

/// Loads a made-up city of this scale.
fn load_city(
    ledger: &Ledger,
    scale: Scale,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), DemoError> {
    let of = scale.organisations_made() + scale.persons_made() + scale.records;
    let mut loader = Loader {
        ledger,
        waiting: VecDeque::new(),
        sent: Counts::default(),
        received: Counts::default(),
        records: Vec::new(),
        listings: Vec::new(),
        later: BTreeMap::new(),
    };
    for step in city(SEED, scale, ledger.today()) {
        loader.take(step)?;
        loader.drain(IN_FLIGHT_MAX)?;
        progress(loader.sent.subjects + loader.sent.records, of);
    }
    loader.drain(0)
}

impl Loader<'_> {
    fn take(&mut self, step: Step) -> Result<(), DemoError> {
        let kind = match &step {
            Step::Subject(_) => Kind::Subject,
            Step::Record(_) => Kind::Record,
            Step::Listing(..) => Kind::Listing,
            later => {
                let awaited = self.awaited(later);
                if !self.has_receipt(awaited) {
                    self.later.entry(awaited).or_default().push(step);
                    return Ok(());
                }
                Kind::Later
            }
        };
        self.send(kind, step)
    }

    /// A certificate follows its person; everything else names what it changes.
    fn awaited(&self, later: &Step) -> Awaited {
        match later {
            Step::Correct { record, .. }
            | Step::Annul { record, .. }
            | Step::Void { record, .. }
            | Step::Perform { record, .. } => Awaited::Record(*record),
            Step::EndListing { listing, .. } => Awaited::Listing(*listing),
            Step::Certificate(_) | Step::Subject(_) | Step::Record(_) | Step::Listing(..) => {
                Awaited::Subject(self.sent.subjects.saturating_sub(1))
            }
        }
    }

    fn has_receipt(&self, awaited: Awaited) -> bool {
        match awaited {
            Awaited::Subject(n) => n < self.received.subjects,
            Awaited::Record(n) => n < self.received.records,
            Awaited::Listing(n) => n < self.received.listings,
        }
    }

    fn send(&mut self, kind: Kind, step: Step) -> Result<(), DemoError> {
        match kind {
            Kind::Subject => self.sent.subjects += 1,
            Kind::Record => self.sent.records += 1,
            Kind::Listing | Kind::Later => {}
        }
        let command = command(step, Intake::default(), self).ok_or(DemoError::Lost)?;
        let submission = Submission::internal(command, ActorKind::Operator);
        let answer = self.ledger.log.submit_waiting(submission)?;
        self.waiting.push_back((kind, answer));
        Ok(())
    }

    /// Takes receipts until at most `keep` are outstanding.
    fn drain(&mut self, keep: usize) -> Result<(), DemoError> {
        while self.waiting.len() > keep {
            let Some((kind, answer)) = self.waiting.pop_front() else {
                break;
            };
            let receipt = answer
                .blocking_recv()
                .unwrap_or(Err(SubmitError::OutcomeUnknown))?;
            self.receive(kind, receipt)?;
        }
        Ok(())
    }

    fn receive(&mut self, kind: Kind, receipt: Receipt) -> Result<(), DemoError> {
        let (count, awaited): (_, fn(u64) -> Awaited) = match kind {
            Kind::Subject => (&mut self.received.subjects, Awaited::Subject),
            Kind::Record => {
                self.records.push(receipt);
                (&mut self.received.records, Awaited::Record)
            }
            Kind::Listing => {
                self.listings.push(receipt);
                (&mut self.received.listings, Awaited::Listing)
            }
            Kind::Later => return Ok(()),
        };
        let awaited = awaited(*count);
        *count += 1;
        for later in self.later.remove(&awaited).unwrap_or_default() {
            self.send(Kind::Later, later)?;
        }
        Ok(())
    }
}

/// The read-back of what was sent: for later steps. A fault of reading shows as a step whose target is not there.
impl Loaded for Loader<'_> {
    fn record(&self, ordinal: u64) -> Option<RecordId> {
        let receipt = self.records.get(usize::try_from(ordinal).ok()?)?;
        self.ledger.written(*receipt).ok()?.record
    }

    fn current(&self, record: RecordId) -> Option<CurrentRecord> {
        self.ledger.current_record(record).ok()?.ok()
    }

    fn listing(&self, ordinal: u64) -> Option<ListingId> {
        let receipt = self.listings.get(usize::try_from(ordinal).ok()?)?;
        self.ledger.written(*receipt).ok()?.listing
    }

    fn person(&self, claim: &SubjectClaim) -> Option<SubjectId> {
        let views = self.ledger.views();
        let held = claim.identifiers.first()?;
        views
            .directory()
            .by_identifier(views.tagger(), held.kind, &held.value)
            .map(|row| row.id)
    }
}

/// Whether a ledger holds demo keys: pages and start-up lines then say that its data is made up.
pub fn is_demo(ledger: &Ledger) -> bool {
    let found = ledger
        .log
        .inspect_blocking(|registry| registry.key(&PresentedKey::demo("clerk").id).is_some());
    found.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wall_clock::WallClock;
    use probity_app::{DataFolder, OpenOptions, SEGMENT_BYTES_MIN};
    use probity_format::events::Details;
    use probity_project::listings::ListingState;
    use probity_project::records::RecordState;
    use probity_types::{Category, CodeList as _, Database};
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn ledger(scratch: &tempfile::TempDir) -> Ledger {
        let folder = DataFolder::at(&scratch.path().join("data"));
        let clock = Arc::new(WallClock::start());
        let options = OpenOptions::default().with_segments_of(SEGMENT_BYTES_MIN);
        Ledger::create(&folder, &options, clock).expect("a new ledger")
    }

    #[test]
    fn a_small_city_has_everything_that_the_demo_is_to_show() {
        let scratch = tempfile::tempdir().expect("a folder");
        let ledger = ledger(&scratch);
        let scale = Scale::for_records(3_000);
        let mut told = (0, 0);
        load_city(&ledger, scale, |done, of| told = (done, of)).expect("every step is taken");
        assert_eq!(told.0, told.1, "progress ends at the end");

        let views = ledger.views();
        let totals = views.statistics();
        assert_eq!(totals.records.values().sum::<u64>(), scale.records);
        assert_eq!(
            totals.records.len(),
            Category::ALL.len(),
            "all seven categories: {totals:?}"
        );
        assert_eq!(
            totals.subjects.len(),
            Database::ALL.len(),
            "all four databases: {totals:?}"
        );
        let persons = totals.subjects[&Database::Person];
        assert_eq!(persons, scale.persons_made());
        assert_eq!(
            totals.subjects.values().sum::<u64>() - persons,
            scale.organisations_made()
        );
        assert_eq!(totals.parked, 0);

        let now = ledger.now();
        let rows = || views.records().rows().iter();
        let states: BTreeSet<_> = rows()
            .filter_map(|row| row.state_at(&now))
            .map(|state| format!("{state:?}"))
            .collect();
        assert!(
            rows().any(|row| row.is_corrected(&now)),
            "some are corrected"
        );
        assert!(
            rows().any(|row| row.is_performed(&now)),
            "some are performed"
        );
        for state in [
            RecordState::Annulled,
            RecordState::Voided,
            RecordState::Ended,
        ] {
            assert!(
                states.contains(&format!("{state:?}")),
                "{state:?}: {states:?}"
            );
        }
        let listings = views.listings().rows();
        let standing: Vec<_> = listings
            .iter()
            .filter_map(|row| row.state_at(&now))
            .collect();
        assert!(standing.contains(&ListingState::Listed));
        assert!(standing.contains(&ListingState::TermOver));
        let removed = |state: &ListingState| matches!(state, ListingState::Removed(_));
        assert!(standing.iter().any(removed), "{standing:?}");
        drop(views);
        every_record_says_that_it_is_made_up(&ledger);
        ledger.close();
    }

    fn every_record_says_that_it_is_made_up(ledger: &Ledger) {
        let mut records = 0;
        for position in 0..ledger.reader.head().next.0 {
            let entry = ledger.entry(probity_types::Position(position));
            let entry = entry.expect("reads").expect("is there");
            let Some(core) = entry.event.recorded() else {
                continue;
            };
            records += 1;
            let note = entry.details().as_ref().map(Details::to_fields);
            let note = note.and_then(|fields| fields.get("note").map(ToString::to_string));
            assert!(
                core.source_unit.contains("演示数据")
                    && note.is_some_and(|note| note.contains("演示数据")),
                "{position}: {core:?}"
            );
        }
        assert_eq!(records, 3_000);
    }
}
