//! Views and decision state are functions of the log: whatever was decided, erased, parked or held back in a batch, those that
//! lived through it equal a replay of what is stored now.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_city::{Loaded, Scale, Step, city, command};
use probity_domain::command::{Command, Erasable, Intake};
use probity_domain::{Entry, NewEvent, Refusal};
use probity_format::events::{
    Event, HeldIdentifier, IdentifierAdded, Private, SealedName, StreamKind, SubjectRenamed,
};
use probity_project::snapshot::ReadRecords;
use probity_project::{Moment, RecordState, Views, periods};
use probity_types::{
    BatchId, CivilDate, FileTag, IdentifierKind, PendingId, RootId, SubjectId, SubjectKind, Text,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{TestLog, correction, erasure, today};

/// One thing that happens; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Happening {
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

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
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

struct Play {
    log: TestLog,
    steps: probity_city::City,
    batch: Option<BatchId>,
    batches: u8,
    pending: Vec<PendingId>,
    erasures: u64,
}

fn chosen<T: Copy>(from: &[T], number: u16) -> Option<T> {
    from.get(usize::from(number) % from.len().max(1)).copied()
}

fn text<const MAX: u32>(value: &str) -> Text<MAX> {
    Text::try_from(value).expect("short")
}

impl Play {
    fn new(seed: u64) -> Self {
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

    fn happen(&mut self, happening: &Happening) {
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

    /// Goes on from what a snapshot keeps, where one can be taken. Bytes that are cut or have one bit another way give other
    /// views or none, and never end the program.
    fn go_on_from_snapshot(&mut self, cut: usize) {
        if !self.log.views.is_settled() {
            return;
        }
        let mut bytes = Vec::new();
        self.log.views.write_records(&mut bytes).expect("memory");
        self.log.views.write(&mut bytes).expect("memory");
        let policies = self.log.registry.policies();
        let read = |bytes: &[u8]| {
            let mut from = bytes;
            let records = ReadRecords::read(&mut from)?;
            let views = Views::read(support::tagger(), &mut from)?;
            let views = views.with_records(records)?;
            let views = views.with_policies(policies.clone());
            Ok::<_, std::io::Error>((views, from.len()))
        };
        let (views, left) = read(&bytes).expect("what was written reads");
        assert_eq!(left, 0);
        assert_eq!(views.digest(), self.log.views.digest(), "after a snapshot");
        let cut = cut % bytes.len();
        assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        let mut flipped = bytes;
        flipped[cut] ^= 1;
        let _ = read(&flipped);
        self.log.views = views;
    }

    /// What was lived through equals what is replayed, and what is kept ready equals what the rows say.
    fn check(&self, days: &[i32]) {
        let (registry, views) = self.log.replayed();
        let log = &self.log;
        assert_eq!(log.registry.digest(), registry.digest(), "decision state");
        assert_eq!(log.views.digest(), views.digest(), "views");
        assert_eq!(log.views.statistics().erasures, self.erasures);
        for row in log.views.records().rows().iter() {
            let state = log.registry.record(&row.id).expect("decided once");
            assert_eq!(row.revision, state.revision, "{row:?}");
        }
        for (subject, row) in log.views.directory().rows().numbered() {
            let state = log.registry.subject(&row.id).expect("decided once");
            assert_eq!(row.revision, state.revision, "{row:?}");
            days.iter()
                .for_each(|days| self.check_status(subject, *days));
            self.check_published(subject);
        }
    }

    /// What the public may see today is kept right: by every record asked afresh.
    fn check_published(&self, subject: u32) {
        let views = &self.log.views;
        let day = views.day();
        let moment = Moment {
            valid_on: day,
            known_at: views.position(),
        };
        let mut expected = BTreeMap::new();
        for index in views.records().of_subject(subject) {
            let row = views.records().row(*index).expect("a row");
            let span = periods::published(views.policies(), row, moment);
            if let Some(span) = span.filter(|span| span.from <= day && day < span.to) {
                let counts: &mut (u64, u64) = expected.entry(row.category).or_default();
                counts.0 += 1;
                counts.1 += u64::from(span.is_disputed);
            }
        }
        assert_eq!(views.published().of(subject, day), expected, "{subject}");
    }

    fn check_status(&self, subject: u32, days: i32) {
        let views = &self.log.views;
        let moment = Moment {
            valid_on: today().plus_days(days),
            known_at: views.position(),
        };
        let ready = views.grade_input(subject, moment);
        assert_eq!(
            ready,
            views.grade_input_from_rows(subject, moment),
            "subject {subject}, {moment:?}"
        );
        let (mut counts, mut disputed) = (BTreeMap::new(), 0);
        for index in views.records().of_subject(subject) {
            let row = views.records().row(*index).expect("a row");
            if row.state_at(&moment) != Some(RecordState::Voided) {
                *counts.entry(row.category).or_insert(0) += 1;
                disputed += u64::from(row.is_disputed(&moment));
            }
        }
        let status = views.status(subject, moment);
        assert_eq!((status.records, status.disputed), (counts, disputed));
    }
}

proptest! {
    // A tenth of the usual number, since each case is a whole small log; PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: ProptestConfig::default().cases / 10, ..ProptestConfig::default()
    })]

    #[test]
    fn what_was_lived_through_equals_a_replay(
        seed in 0..1_000u64, plan in happenings(), days in proptest::collection::vec(-5_000..1_000i32, 4),
        cut in any::<usize>(),
    ) {
        let mut play = Play::new(seed);
        for happening in &plan {
            play.happen(happening);
        }
        play.check(&days);
        play.go_on_from_snapshot(cut);
        // Everything that still waits comes out, erased or not.
        play.happen(&Happening::CompleteBatch);
        play.go_on_from_snapshot(cut);
        play.happen(&Happening::Steps(200));
        play.check(&days);
    }
}

/// What is kept ready for grades equals the rules asked afresh, on days all over the years and on both sides of each
/// turning day that is kept.
#[test]
fn what_counts_is_kept_right_for_every_day() {
    let mut play = Play::new(650_200);
    play.happen(&Happening::Steps(255));
    let views = &play.log.views;
    let rows = views.records().rows();
    assert!(rows.len() >= 60, "{}", rows.len());
    for row in rows.iter() {
        let mut days: Vec<_> = (-5_000..1_000).step_by(17).collect();
        for span in row.counted.iter() {
            let around = [span.from, span.to].map(|day| day.days() - today().days());
            days.extend(around.iter().flat_map(|day| [day - 1, *day]));
        }
        // The last day of the calendar stands for "open".
        let days = days.into_iter().map(|days| today().plus_days(days));
        for valid_on in days.filter(|day| *day < CivilDate::MAX) {
            let moment = Moment {
                valid_on,
                known_at: views.position(),
            };
            let asked = periods::class_at(views.policies(), row, moment);
            let kept = row.counted.iter();
            let mut kept = kept.filter(|span| span.from <= valid_on && valid_on < span.to);
            assert_eq!(
                kept.next().map(|span| span.class),
                asked,
                "{valid_on}: {row:?}"
            );
        }
    }
}
