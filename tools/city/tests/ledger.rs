//! The ledger takes the whole city: no step is refused, parked or found to be there already.

use probity_city::{Grounds, Scale, Step, city};
use probity_domain::command::{Adopt, Command, Compensation, CurrentRecord, Intake, PolicyKind};
use probity_domain::{
    Decision, Entry, Facts, IdSource, Part, PartContent, Registry, Tagger, decide,
};
use probity_format::events::{Event, Ground};
use probity_format::{Hash, Header, KeyId};
use probity_rules::builtin::PACKS;
use probity_types::{
    CivilDate, CommandId, LogId, Position, RequestTag, Revision, SubjectId, SubjectKind, Timestamp,
};

/// Just enough of a log: it numbers entries, encodes every part and lets the registry move on.
struct TestLog {
    registry: Registry,
    ids: IdSource,
    today: CivilDate,
}

impl TestLog {
    fn new(today: CivilDate) -> Self {
        let registry = Registry::empty(Tagger::new([7; 32]));
        Self {
            registry,
            ids: IdSource::new([8; 32]),
            today,
        }
    }

    fn submit(&mut self, command: &Command) -> Vec<Entry> {
        let mut facts = Facts {
            today: self.today,
            log: LogId([9; 16]),
            ids: &mut self.ids,
        };
        let decision = decide(&self.registry, command, &mut facts);
        match decision.unwrap_or_else(|refusal| panic!("{refusal}: {command:?}")) {
            Decision::Append(events) => {
                events.into_iter().map(|event| self.append(event)).collect()
            }
            other @ (Decision::Park(_) | Decision::AlreadyThere(_)) => {
                panic!("{other:?}: {command:?}")
            }
        }
    }

    fn append(&mut self, new: probity_domain::NewEvent) -> Entry {
        new.event
            .encode()
            .unwrap_or_else(|error| panic!("{error}: {new:?}"));
        let header = Header {
            format: probity_format::limits::FORMAT_VERSION,
            position: self.registry.next(),
            stream_kind: 0,
            stream: new.stream,
            revision: Revision(0),
            recorded_at: Timestamp(0),
            event_type: new.event.number(),
            version: new.event.version(),
            actor_kind: 0,
            actor: [0; 16],
            command: CommandId([0; 16]),
            unit_index: 0,
            unit_length: 1,
            request: RequestTag::default(),
            caused_by: new.caused_by,
        };
        let part = |part: probity_domain::NewPart| {
            part.content
                .encode()
                .unwrap_or_else(|error| panic!("{error}"));
            let key = KeyId {
                root: part.root,
                index: 0,
            };
            Part {
                kind: 0,
                key,
                content: PartContent::Opened(part.content),
            }
        };
        let parts = new.parts.into_iter().map(part).collect();
        let entry = Entry {
            header,
            hash: Hash::default(),
            event: new.event,
            parts,
        };
        self.registry.evolve(&entry);
        entry
    }

    fn begin(&mut self) {
        let origin = "test".to_owned();
        self.submit(&Command::StartLog { origin });
        for pack in PACKS {
            self.submit(&Command::Adopt(Box::new(Adopt {
                kind: PolicyKind::Pack(pack.kind),
                id: pack.id.to_owned(),
                version: pack.version.to_owned(),
                officer: "演示岗位".to_owned(),
                text: pack.text.to_owned(),
            })));
        }
    }
}

fn ground(grounds: &Grounds) -> Ground {
    let text = |t: &str| probity_types::Text::try_from(t).expect("short");
    Ground {
        reason: grounds.reason,
        authority: text(&grounds.authority),
        instrument_no: probity_types::Text::try_from(grounds.instrument_no.as_str())
            .expect("short"),
        legal_basis: probity_types::Text::try_from(grounds.legal_basis.as_str()).expect("short"),
        evidence: Default::default(),
    }
}

fn current(entry: &Entry) -> CurrentRecord {
    let at: Position = entry.header.position;
    let core = entry.event.recorded().expect("a record").clone();
    CurrentRecord {
        revision: at,
        recorded_at: at,
        core,
        details: entry.details(),
    }
}

/// The one entry of a report: its subject stands in the register already.
fn only(entries: Vec<Entry>) -> Entry {
    let [entry] = <[Entry; 1]>::try_from(entries).unwrap_or_else(|many| panic!("{many:?}"));
    entry
}

#[test]
fn every_step_is_taken() {
    let today = CivilDate::new(2026, 6, 30).expect("a day");
    let mut log = TestLog::new(today);
    log.begin();
    let (mut records, mut listings, mut person) = (Vec::new(), Vec::new(), None);
    for step in city(3, Scale::for_records(6_000), today) {
        match step {
            Step::Subject(claim) => {
                let is_person = claim.kind == SubjectKind::NaturalPerson;
                let entry = only(log.submit(&Command::RegisterSubject(*claim)));
                person = is_person.then_some(SubjectId(entry.header.stream.0));
            }
            Step::Certificate(held) => {
                log.submit(&Command::RecordCertificate {
                    subject: person.expect("follows its person"),
                    group: held.group,
                    title: held.title,
                    number: held.number,
                    issuer: held.issuer,
                    issued_on: held.issued_on,
                    valid_to: held.valid_to,
                });
            }
            Step::Record(report) => {
                records.push(only(
                    log.submit(&Command::ReportRecord(report, Intake::default())),
                ));
            }
            Step::Listing(report, steps) => {
                let entry =
                    only(log.submit(&Command::ReportListing(report, steps, Intake::default())));
                let Event::ListingDecided(event) = &entry.event else {
                    panic!("{entry:?}")
                };
                listings.push(event.listing);
            }
            Step::Correct {
                record,
                changes,
                grounds,
            } => {
                let action = Compensation::Correct(changes);
                let records = vec![current(&records[record as usize])];
                log.submit(&Command::Compensate {
                    records,
                    action,
                    ground: ground(&grounds),
                });
            }
            Step::Annul {
                record,
                from,
                grounds,
            } => {
                let records = vec![current(&records[record as usize])];
                log.submit(&Command::Compensate {
                    records,
                    action: Compensation::Annul(from),
                    ground: ground(&grounds),
                });
            }
            Step::Void { record, grounds } => {
                let records = vec![current(&records[record as usize])];
                log.submit(&Command::Compensate {
                    records,
                    action: Compensation::Void,
                    ground: ground(&grounds),
                });
            }
            Step::Perform {
                record,
                performance,
                on,
                amount,
            } => {
                let record = current(&records[record as usize]).core.record;
                log.submit(&Command::RecordPerformance {
                    record,
                    performance,
                    on,
                    amount,
                });
            }
            Step::EndListing {
                listing,
                reason,
                authority,
                legal_basis,
                ended_on,
            } => {
                let listing = listings[listing as usize];
                log.submit(&Command::EndListing {
                    listing,
                    reason,
                    authority,
                    legal_basis,
                    ended_on,
                });
            }
        }
    }
    assert_eq!(records.len(), 6_000);
    assert!(listings.len() > 100);
}
