//! A log without bytes: commands are decided, their entries move decision state and views on, and everything can be replayed
//! as if the keys that were destroyed since had never been there.

pub mod play;

use probity_city::Loaded;
use probity_domain::command::{Adopt, Command, Compensation, CurrentRecord, Erasable, PolicyKind};
use probity_domain::record::apply_changes;
use probity_domain::report::SubjectClaim;
use probity_domain::{
    Entry, Facts, IdSource, NewEvent, Part, PartContent, Refusal, Registry, Tagger, decide,
};
use probity_format::events::{Event, Ground};
use probity_format::limits::FORMAT_VERSION;
use probity_format::{Hash, Header, KeyId};
use probity_project::Views;
use probity_rules::builtin::PACKS;
use probity_types::{
    CivilDate, CommandId, CompensationReason, FieldValue, ListingId, LogId, Position, RecordId,
    RequestTag, Revision, RootId, StreamId, SubjectId, Text, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// The day of every test.
pub fn today() -> CivilDate {
    CivilDate::new(2026, 6, 30).expect("a day")
}

/// Makes the tags of every log here.
pub fn tagger() -> Tagger {
    Tagger::new([7; 32])
}

/// See the module.
pub struct TestLog {
    /// Decision state.
    pub registry: Registry,
    /// Views.
    pub views: Views,
    /// Every entry, with all its parts opened.
    pub entries: Vec<Entry>,
    revisions: BTreeMap<(u16, StreamId), u64>,
    ids: IdSource,
    /// Records of the city by ordinal.
    pub records: Vec<RecordId>,
    /// Memberships of the city by ordinal.
    pub listings: Vec<ListingId>,
}

impl TestLog {
    /// A log with the shipped packs adopted.
    pub fn new(seed: u8) -> Self {
        let mut log = Self {
            registry: Registry::empty(tagger()),
            views: Views::empty(tagger()),
            entries: Vec::new(),
            revisions: BTreeMap::new(),
            ids: IdSource::new([seed; 32]),
            records: Vec::new(),
            listings: Vec::new(),
        };
        let origin = "test".to_owned();
        log.submit(&Command::StartLog { origin }).expect("begins");
        log.submit(&Command::StartDay(today())).expect("a day");
        for pack in PACKS {
            let adopt = Adopt {
                kind: PolicyKind::Pack(pack.kind),
                id: pack.id.to_owned(),
                version: pack.version.to_owned(),
                officer: "test".to_owned(),
                text: pack.text.to_owned(),
            };
            log.submit(&Command::Adopt(Box::new(adopt)))
                .expect("shipped packs load");
        }
        log
    }

    /// Decides a command and appends what it decides; the positions.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn submit(&mut self, command: &Command) -> Result<Vec<Position>, Refusal> {
        let mut facts = Facts {
            today: today(),
            log: LogId([9; 16]),
            ids: &mut self.ids,
        };
        let events = decide(&self.registry, command, &mut facts)?.events();
        let erased = |event: &NewEvent| {
            let mut roots = event.parts.iter().map(|part| part.root);
            roots.any(|root| self.registry.root_erased_at(root).is_some())
        };
        if events.iter().any(erased) {
            // The writer's own rule: nothing is sealed under a destroyed key.
            return Err(Refusal::Erased);
        }
        Ok(self.append(events))
    }

    /// Appends one unit.
    pub fn append(&mut self, events: Vec<NewEvent>) -> Vec<Position> {
        let length = events.len() as u32;
        let mut positions = Vec::new();
        for (index, new) in (0..length).zip(events) {
            new.event
                .check_open()
                .expect("nothing personal in the open");
            let stream = (new.stream_kind as u16, new.stream);
            let next = self.revisions.entry(stream).or_insert(0);
            let revision = Revision(*next);
            *next += 1;
            let position = self.registry.next();
            let header = Header {
                format: FORMAT_VERSION,
                position,
                stream_kind: stream.0,
                stream: stream.1,
                revision,
                recorded_at: Timestamp(0),
                event_type: new.event.number(),
                version: new.event.version(),
                actor_kind: 1,
                actor: [0; 16],
                command: CommandId([0; 16]),
                unit_index: index,
                unit_length: length,
                request: RequestTag::default(),
                caused_by: new.caused_by,
            };
            let part = |part: probity_domain::NewPart| Part {
                kind: part.content.kind(),
                key: KeyId {
                    root: part.root,
                    index: revision.0,
                },
                content: PartContent::Opened(part.content),
            };
            let entry = Entry {
                header,
                hash: Hash(*blake3::hash(&position.0.to_le_bytes()).as_bytes()),
                event: new.event,
                parts: new.parts.into_iter().map(part).collect(),
            };
            self.registry.evolve(&entry);
            self.views.apply(&entry);
            self.entries.push(entry);
            positions.push(position);
        }
        positions
    }

    /// What a replay reads today: every part whose key was destroyed is erased from the beginning.
    pub fn as_stored(&self) -> Vec<Entry> {
        let destroyed: BTreeSet<(RootId, Option<u64>)> = self
            .entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::ErasureRecorded(event) => Some((event.root, event.index)),
                _ => None,
            })
            .collect();
        let mut entries = self.entries.clone();
        for part in entries.iter_mut().flat_map(|entry| entry.parts.iter_mut()) {
            let KeyId { root, index } = part.key;
            if destroyed.contains(&(root, None)) || destroyed.contains(&(root, Some(index))) {
                part.content = PartContent::Erased;
            }
        }
        entries
    }

    /// Decision state and views of such a replay.
    pub fn replayed(&self) -> (Registry, Views) {
        let (mut registry, mut views) = (Registry::empty(tagger()), Views::empty(tagger()));
        for entry in &self.as_stored() {
            registry.evolve(entry);
            views.apply(entry);
        }
        (registry, views)
    }

    /// Notes the id that a report of the city brought, none where it brought none, so that later steps can name it.
    pub fn note(&mut self, is_record: bool, positions: &[Position]) {
        let events = positions
            .iter()
            .map(|position| &self.entries[position.0 as usize].event);
        if is_record {
            let mut ids = events.filter_map(|event| Some(event.recorded()?.record));
            self.records.push(ids.next().unwrap_or_default());
        } else {
            let mut ids = events.filter_map(|event| match event {
                Event::ListingDecided(event) => Some(event.listing),
                _ => None,
            });
            self.listings.push(ids.next().unwrap_or_default());
        }
    }

    /// Persons of the register, in order of registration.
    pub fn persons(&self) -> Vec<SubjectId> {
        let rows = self.views.directory().rows().iter();
        rows.filter(|row| row.kind.is_person())
            .map(|row| row.id)
            .collect()
    }
}

impl Loaded for TestLog {
    fn record(&self, ordinal: u64) -> Option<RecordId> {
        let record = self.records.get(ordinal as usize).copied();
        record.filter(|record| !record.is_none())
    }

    // Read as the application reads it.
    fn current(&self, record: RecordId) -> Option<CurrentRecord> {
        let row = self.views.records().get(&record)?;
        let entries = self.as_stored();
        let entry_of = |position: Position| entries.get(position.0 as usize);
        let first = entry_of(row.versions.first()?.position)?;
        let mut core = first.event.recorded()?.clone();
        let mut details = first.details();
        for version in row.versions.iter().skip(1) {
            let entry = entry_of(version.position)?;
            if let Event::RecordCorrected(event) = &entry.event {
                core = event.core.clone();
                details = match (details, entry.changes()) {
                    (Some(details), Some(changes)) => {
                        apply_changes(row.category, &details, changes)
                    }
                    _ => None,
                };
            }
        }
        Some(CurrentRecord {
            revision: row.revision,
            recorded_at: first.header.position,
            core,
            details,
        })
    }

    fn listing(&self, ordinal: u64) -> Option<ListingId> {
        let listing = self.listings.get(ordinal as usize).copied();
        listing.filter(|listing| !listing.is_none())
    }

    fn person(&self, claim: &SubjectClaim) -> Option<SubjectId> {
        let claimed = claim.identifiers.first()?;
        let directory = self.views.directory();
        let row = directory.by_identifier(self.views.tagger(), claimed.kind, &claimed.value);
        row.map(|row| row.id)
    }
}

/// The decision to erase something.
pub fn erasure(what: Erasable) -> Command {
    Command::Erase {
        what,
        authority: "克拉玛依市信用中心".to_owned(),
        legal_basis: "个人信息保护法第四十七条".to_owned(),
        rows: Default::default(),
    }
}

/// A correction of a record's note.
pub fn correction(current: CurrentRecord, note: &str) -> Command {
    let text = |t: &str| Text::try_from(t).expect("short");
    let note = FieldValue::Text(Text::try_from(note).expect("short"));
    Command::Compensate {
        records: vec![current],
        action: Compensation::Correct(BTreeMap::from([("note".to_owned(), Some(note))])),
        ground: Ground {
            reason: CompensationReason::SourceCorrection,
            authority: text("演示机关"),
            instrument_no: Text::default(),
            legal_basis: Text::default(),
            evidence: Default::default(),
        },
    }
}
