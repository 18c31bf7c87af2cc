//! What deciders need to know: per resource, never per stream. `evolve` is total: an event was judged once, when it was
//! appended, and replay never refuses it.
//!
//! Everything personal is held as keyed tags, in memory only.

use crate::entry::Entry;
use crate::source::{Tag, Tagger};
use crate::{policy, record, subject};
use probity_format::events::{Event, HeldIdentifier};
use probity_rules::PolicySet;
use probity_types::{
    AccessKeyId, BatchId, CivilDate, FileTag, ListingId, PendingId, Position, RecordId, SubjectId,
    SubjectKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// A subject's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectState {
    /// Kind.
    pub kind: SubjectKind,
    /// Last entry that changed the header.
    pub revision: Position,
    /// Tag of the current folded name, none once erased.
    pub name: Option<Tag>,
}

/// Where a record stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Holds,
    /// Entered wrongly, since this position.
    Voided(Position),
    /// Set aside, since this position.
    Annulled(Position),
}

/// A record's decision state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordState {
    /// Whose it is.
    pub subject: SubjectId,
    /// Kind of that subject.
    pub kind: SubjectKind,
    /// The entry that recorded it.
    pub recorded_at: Position,
    /// Last entry that changed it.
    pub revision: Position,
    /// Standing.
    pub standing: Standing,
    /// Tag of the record key.
    pub key: Tag,
    /// Tag of the content that holds.
    pub content: Tag,
}

/// A membership's decision state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingState {
    /// Whose it is.
    pub subject: SubjectId,
    /// List.
    pub list: String,
    /// The entry that listed it.
    pub decided_at: Position,
    /// Last entry that changed it.
    pub revision: Position,
    /// End, none while it lasts.
    pub ended_on: Option<CivilDate>,
}

/// A batch's decision state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchState {
    /// The entry that submitted it.
    pub submitted_at: Position,
    /// The entry that completed it.
    pub completed_at: Option<Position>,
}

/// An access key's decision state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    /// What it is for.
    pub label: String,
    /// Whose it is.
    pub agency: String,
    /// Scopes by word.
    pub scopes: BTreeSet<String>,
    /// Hash of its secret.
    pub secret_hash: [u8; 32],
    /// Last day, none = open.
    pub expires_on: Option<CivilDate>,
    /// Issued at.
    pub issued_at: Position,
    /// Revoked at.
    pub revoked_at: Option<Position>,
    /// A key of the demo.
    pub demo: bool,
}

/// Decision state of the whole ledger at a head.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) tagger: Tagger,
    pub(crate) started: bool,
    pub(crate) day: Option<CivilDate>,
    pub(crate) subjects: BTreeMap<SubjectId, SubjectState>,
    pub(crate) identifiers: BTreeMap<Tag, SubjectId>,
    pub(crate) namesakes: BTreeMap<Tag, u32>,
    pub(crate) certificates: BTreeMap<Tag, Position>,
    pub(crate) records: BTreeMap<RecordId, RecordState>,
    pub(crate) record_keys: BTreeMap<Tag, RecordId>,
    pub(crate) parked: BTreeMap<Tag, (PendingId, Position)>,
    pub(crate) listings: BTreeMap<ListingId, ListingState>,
    pub(crate) listing_keys: BTreeMap<Tag, ListingId>,
    pub(crate) batches: BTreeMap<BatchId, BatchState>,
    pub(crate) files: BTreeMap<FileTag, BatchId>,
    pub(crate) policies: PolicySet,
    pub(crate) profiles: BTreeMap<String, (String, Position, String)>,
    pub(crate) keys: BTreeMap<AccessKeyId, KeyState>,
    next: Position,
}

impl Registry {
    /// The state before position 0.
    pub fn empty(tagger: Tagger) -> Self {
        Self {
            tagger,
            started: false,
            day: None,
            subjects: BTreeMap::new(),
            identifiers: BTreeMap::new(),
            namesakes: BTreeMap::new(),
            certificates: BTreeMap::new(),
            records: BTreeMap::new(),
            record_keys: BTreeMap::new(),
            parked: BTreeMap::new(),
            listings: BTreeMap::new(),
            listing_keys: BTreeMap::new(),
            batches: BTreeMap::new(),
            files: BTreeMap::new(),
            policies: PolicySet::default(),
            profiles: BTreeMap::new(),
            keys: BTreeMap::new(),
            next: Position(0),
        }
    }

    /// Position of the next entry.
    pub fn next(&self) -> Position {
        self.next
    }

    /// The last day that began.
    pub fn day(&self) -> Option<CivilDate> {
        self.day
    }

    /// Whether the log has begun.
    pub fn has_started(&self) -> bool {
        self.started
    }

    /// One record.
    pub fn record(&self, id: &RecordId) -> Option<&RecordState> {
        self.records.get(id)
    }

    /// One subject.
    pub fn subject(&self, id: &SubjectId) -> Option<&SubjectState> {
        self.subjects.get(id)
    }

    /// One batch.
    pub fn batch(&self, id: &BatchId) -> Option<&BatchState> {
        self.batches.get(id)
    }

    /// The batch that a file came in, where it was submitted before.
    pub fn batch_of_file(&self, file: &FileTag) -> Option<(BatchId, BatchState)> {
        let batch = self.files.get(file)?;
        Some((*batch, *self.batches.get(batch)?))
    }

    /// One access key.
    pub fn key(&self, id: &AccessKeyId) -> Option<&KeyState> {
        self.keys.get(id)
    }

    /// Every access key, by id.
    pub fn keys(&self) -> impl Iterator<Item = (&AccessKeyId, &KeyState)> {
        self.keys.iter()
    }

    /// Policies in force.
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// The newest text of an import profile, with its version.
    pub fn profile(&self, id: &str) -> Option<(&str, &str)> {
        self.profiles
            .get(id)
            .map(|(version, _, text)| (version.as_str(), text.as_str()))
    }

    /// Ids of every import profile.
    pub fn profile_ids(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// Moves on by one entry.
    pub fn evolve(&mut self, entry: &Entry) {
        let at = entry.header.position;
        self.next = at.next();
        match &entry.event {
            Event::LogStarted(_) => self.started = true,
            Event::DayStarted(event) => self.day = Some(event.day),
            Event::ClockAccepted(_) | Event::DisclosureMade(_) => {}
            Event::SubjectRegistered(_)
            | Event::SubjectRenamed(_)
            | Event::IdentifierAdded(_)
            | Event::CertificateRecorded(_) => subject::evolve(self, entry),
            Event::PermitRecorded(_)
            | Event::PenaltyRecorded(_)
            | Event::CoercionRecorded(_)
            | Event::AdjudicationRecorded(_)
            | Event::JudgmentRecorded(_)
            | Event::ArrearRecorded(_)
            | Event::HonourRecorded(_)
            | Event::PerformanceRecorded(_)
            | Event::RecordCorrected(_)
            | Event::RecordVoided(_)
            | Event::RecordAnnulled(_) => record::evolve(self, entry),
            Event::RecordParked(_) => crate::pending::evolve(self, entry),
            Event::ListingDecided(_) | Event::ListingEnded(_) => {
                crate::listing::evolve(self, entry)
            }
            Event::BatchSubmitted(_) | Event::BatchCompleted(_) => {
                crate::batch::evolve(self, entry)
            }
            Event::CatalogueAdopted(_)
            | Event::PolicyPackAdopted(_)
            | Event::ImportProfileAdopted(_) => {
                policy::evolve(self, entry);
            }
            Event::AccessKeyIssued(_) | Event::AccessKeyRevoked(_) => {
                crate::system::evolve(self, entry)
            }
            Event::ErasureRecorded(event) => {
                self.forget(&SubjectId(event.root.0), event.index.is_none())
            }
        }
    }

    /// After a whole person was erased, no tag finds them any more.
    fn forget(&mut self, subject: &SubjectId, whole: bool) {
        if !whole || !self.subjects.contains_key(subject) {
            return;
        }
        self.identifiers.retain(|_, owner| owner != subject);
        if let Some(state) = self.subjects.get_mut(subject)
            && let Some(name) = state.name.take()
            && let Some(count) = self.namesakes.get_mut(&name)
        {
            *count = count.saturating_sub(1);
        }
    }

    pub(crate) fn hold(&mut self, subject: SubjectId, identifiers: &[HeldIdentifier]) {
        for held in identifiers {
            let tag = self.tagger.identifier(held.kind, &held.value);
            self.identifiers.entry(tag).or_insert(subject);
        }
    }
}
