//! Happenings by chance: the made-up city goes on, and in between things are corrected, renamed, held back in batches, erased.

use super::{TestLog, correction, erasure, today};
use probity_city::{Loaded, Scale, Step, city, command};
use probity_domain::command::{Command, Erasable, Intake};
use probity_domain::{Entry, NewEvent, Refusal};
use probity_format::events::{
    Event, HeldIdentifier, IdentifierAdded, Private, SealedName, StreamKind, SubjectRenamed,
};
use probity_types::{
    BatchId, FileTag, IdentifierKind, PendingId, RootId, SubjectId, SubjectKind, Text,
};
use proptest::prelude::*;

/// One thing that happens; numbers choose among what is there.
#[derive(Debug, Clone)]
pub enum Happening {
    /// The next steps of the made-up city.
    Steps(u8),
    /// The next report comes without an identifier, or a second time with other content.
    NameOnly,
    OtherContent,
    /// A record is corrected once more.
    Correct(u16),
    Rename(u16),
    FurtherIdentifier(u16),
    BeginBatch,
    CompleteBatch,
    ErasePerson(u16),
    EraseRecord(u16),
    ErasePart(u16),
    /// A part of the rarer kinds: a correction, or a person named in somebody else's record.
    EraseRare(u16),
    ErasePending(u16),
}

/// Plans of happenings.
pub fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let one = prop_oneof![
        8 => (1..16u8).prop_map(Happening::Steps),
        1 => Just(Happening::NameOnly),
        1 => Just(Happening::OtherContent),
        3 => any::<u16>().prop_map(Happening::Correct),
        1 => any::<u16>().prop_map(Happening::Rename),
        1 => any::<u16>().prop_map(Happening::FurtherIdentifier),
        1 => Just(Happening::BeginBatch),
        1 => Just(Happening::CompleteBatch),
        2 => any::<u16>().prop_map(Happening::ErasePerson),
        2 => any::<u16>().prop_map(Happening::EraseRecord),
        3 => any::<u16>().prop_map(Happening::ErasePart),
        2 => any::<u16>().prop_map(Happening::EraseRare),
        1 => any::<u16>().prop_map(Happening::ErasePending),
    ];
    proptest::collection::vec(one, 8..40)
}

/// A log to which things happen.
pub struct Play {
    /// The log.
    pub log: TestLog,
    steps: probity_city::City,
    batch: Option<BatchId>,
    batches: u8,
    pending: Vec<PendingId>,
    /// Erasures that took place.
    pub erasures: u64,
}

fn chosen<T: Copy>(from: &[T], number: u16) -> Option<T> {
    from.get(usize::from(number) % from.len().max(1)).copied()
}

fn text<const MAX: u32>(value: &str) -> Text<MAX> {
    Text::try_from(value).expect("short")
}

impl Play {
    /// A log with the shipped packs, before anything happened.
    pub fn new(seed: u64) -> Self {
        Self {
            log: TestLog::new(seed as u8),
            steps: city(seed, Scale::for_records(60), today()),
            batch: None,
            batches: 0,
            pending: Vec::new(),
            erasures: 0,
        }
    }

    fn intake(&self) -> Intake {
        Intake {
            batch: self.batch.unwrap_or(BatchId::NONE),
            file: FileTag([self.batches; 16]),
            ..Intake::default()
        }
    }

    /// Submits what a report or step asks for; what the rules refuse after an erasure is refused.
    fn take(&mut self, step: Step) {
        let (is_record, is_listing) = (
            matches!(step, Step::Record(_)),
            matches!(step, Step::Listing(..)),
        );
        let Some(command) = command(step, self.intake(), &self.log) else {
            return;
        };
        let positions = match self.log.submit(&command) {
            Ok(positions) => positions,
            Err(
                Refusal::Erased | Refusal::AlreadyCompensated { .. } | Refusal::ListingEnded { .. },
            ) => Vec::new(),
            Err(other) => panic!("{other}: {command:?}"),
        };
        if !positions.is_empty() {
            self.note_pending();
        }
        if is_record || is_listing {
            self.log.note(is_record, &positions);
        }
    }

    fn note_pending(&mut self) {
        if let Some(Event::RecordParked(event)) = self.log.entries.last().map(|e| &e.event) {
            self.pending.push(event.pending);
        }
    }

    /// The next report of a record.
    fn report(&mut self) -> Option<Box<probity_domain::report::RecordReport>> {
        loop {
            match self.steps.next()? {
                Step::Record(report) => return Some(report),
                other => self.take(other),
            }
        }
    }

    fn erase(&mut self, what: Erasable) {
        match self.log.submit(&erasure(what)) {
            Ok(positions) => self.erasures += u64::from(!positions.is_empty()),
            // A record about an organisation that names nobody has nothing sealed.
            Err(Refusal::NotFound { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }

    fn subject_of(&self, number: u16) -> Option<(SubjectId, SubjectKind)> {
        let rows = self.log.views.directory().rows();
        let row = rows.get(u32::from(number) % (rows.len() as u32).max(1))?;
        let root = RootId(row.id.0);
        let gone = self.log.registry.root_erased_at(root).is_some();
        (!gone).then_some((row.id, row.kind))
    }

    fn erase_part(&mut self, number: u16, which: impl Fn(&Entry, RootId) -> bool) {
        let parts = self.log.entries.iter().flat_map(|entry| {
            let keys = entry.parts.iter().map(|part| part.key);
            keys.filter(|key| which(entry, key.root))
        });
        let keys: Vec<_> = parts.collect();
        if let Some(key) = chosen(&keys, number) {
            let (root, index) = (key.root, key.index);
            self.erase(Erasable::Part { root, index });
        }
    }

    fn correct(&mut self, number: u16) {
        // Among few, so that some are corrected several times.
        let few = &self.log.records[..self.log.records.len().min(12)];
        let current = chosen(few, number).and_then(|record| self.log.current(record));
        let Some(current) = current else { return };
        let note = format!("第 {} 次", self.log.entries.len());
        let corrected = self.log.submit(&correction(current, &note));
        match corrected {
            Ok(_) | Err(Refusal::Erased | Refusal::AlreadyCompensated { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }

    fn rename(&mut self, number: u16) {
        let Some((subject, kind)) = self.subject_of(number) else {
            return;
        };
        let name: Text<200> = text(&format!("更名{}", number % 5));
        let mut body = SubjectRenamed {
            subject_kind: kind,
            effective_on: today(),
            name: None,
        };
        let event = if kind.is_person() {
            NewEvent::open(StreamKind::Subject, subject.0, body)
                .with_part(RootId(subject.0), Private::Name(SealedName { name }))
        } else {
            body.name = Some(name);
            NewEvent::open(StreamKind::Subject, subject.0, body)
        };
        self.log.append(vec![event]);
    }

    fn further_identifier(&mut self, number: u16) {
        let Some((subject, kind)) = self.subject_of(number) else {
            return;
        };
        let person = kind.is_person();
        let held = HeldIdentifier {
            kind: if person {
                IdentifierKind::Passport
            } else {
                IdentifierKind::TaxNo
            },
            value: text(&format!("E{:08}", self.log.entries.len())),
            verified: false,
        };
        let mut body = IdentifierAdded {
            subject_kind: kind,
            identifier: None,
        };
        let event = if person {
            NewEvent::open(StreamKind::Subject, subject.0, body)
                .with_part(RootId(subject.0), Private::Identifier(held))
        } else {
            body.identifier = Some(held);
            NewEvent::open(StreamKind::Subject, subject.0, body)
        };
        self.log.append(vec![event]);
    }

    /// Lets one thing happen.
    pub fn happen(&mut self, happening: &Happening) {
        match happening {
            Happening::Steps(count) => {
                for _ in 0..*count {
                    let Some(step) = self.steps.next() else {
                        return;
                    };
                    self.take(step);
                }
            }
            Happening::NameOnly => {
                if let Some(mut report) = self.report() {
                    report.subject.identifiers.clear();
                    self.take(Step::Record(report));
                }
            }
            Happening::OtherContent => {
                if let Some(report) = self.report() {
                    let mut other = report.clone();
                    self.take(Step::Record(report));
                    other.source_unit.push('二');
                    self.take_again(other);
                }
            }
            Happening::Correct(number) => self.correct(*number),
            Happening::Rename(number) => self.rename(*number),
            Happening::FurtherIdentifier(number) => self.further_identifier(*number),
            Happening::BeginBatch if self.batch.is_none() => {
                self.batches += 1;
                let batch = BatchId([self.batches; 16]);
                let submitted = self.log.submit(&Command::SubmitBatch {
                    batch,
                    file: FileTag([self.batches; 16]),
                    profile: "test".to_owned(),
                    source_unit: "test".to_owned(),
                    rows: 1,
                    refused: 0,
                });
                submitted.expect("a new batch");
                self.batch = Some(batch);
            }
            Happening::BeginBatch => {}
            Happening::CompleteBatch => {
                if let Some(batch) = self.batch.take() {
                    let completed = self.log.submit(&Command::CompleteBatch {
                        batch,
                        imported: 1,
                        already_there: 0,
                        parked: 0,
                        refused: 0,
                    });
                    completed.expect("an open batch");
                }
            }
            Happening::ErasePerson(number) => {
                if let Some(person) = chosen(&self.log.persons(), *number) {
                    self.erase(Erasable::Root(RootId(person.0)));
                }
            }
            Happening::EraseRecord(number) => {
                if let Some(record) = chosen(&self.log.records.clone(), *number)
                    && !record.is_none()
                {
                    self.erase(Erasable::Record(record));
                }
            }
            Happening::ErasePart(number) => self.erase_part(*number, |_, _| true),
            Happening::EraseRare(number) => self.erase_part(*number, |entry, root| {
                matches!(entry.event, Event::RecordCorrected(_)) || root.0 != entry.header.stream.0
            }),
            Happening::ErasePending(number) => {
                if let Some(pending) = chosen(&self.pending.clone(), *number) {
                    self.erase(Erasable::Root(RootId(pending.0)));
                }
            }
        }
    }

    /// The same act again, with other content: it waits, or the first one was erased and this is a new one.
    fn take_again(&mut self, report: Box<probity_domain::report::RecordReport>) {
        let command = Command::ReportRecord(report, self.intake());
        match self.log.submit(&command) {
            Ok(_) => self.note_pending(),
            Err(other) => panic!("{other}"),
        }
    }
}
