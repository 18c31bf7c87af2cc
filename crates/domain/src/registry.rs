//! What deciders need to know: per resource, never per stream. `evolve` is total: an event was judged once, when it was
//! appended, and replay never refuses it.
//!
//! Everything personal is held as keyed tags, in memory only.

use crate::committed::Committed;
use crate::entry::Entry;
use crate::erasure::{self, SealedParts};
use crate::policy::AdoptedText;
use crate::rows::{Holder, Listings, PendingRow, Records, Subjects, Waits};
use crate::source::{ShortTag, Tag, Tagger};
use crate::submission::SubmissionState;
use crate::{policy, record, subject};
use probity_format::events::{Event, HeldIdentifier};
use probity_rules::PolicySet;
use probity_types::table::{Rows, ShortPosition, Table};
use probity_types::{
    AccessKeyId, BatchId, CivilDate, FileTag, ListingId, PendingId, Position, RecordId, RootId,
    SubjectId, SubjectKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A subject's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectState {
    /// Kind.
    pub kind: SubjectKind,
    /// Last entry that changed the header.
    pub revision: Position,
}

/// One name of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameState {
    /// The entry that brought it.
    pub since: Position,
    /// Tag of the folded name, none where it is not known to this process or erased.
    pub tag: Option<Tag>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The entry that erased the content, or the content of a correction.
    pub erased_at: Option<Position>,
    /// First half of the tag of the content that holds, none where it is not known to this process or erased.
    pub(crate) content: Option<ShortTag>,
}

/// A membership's decision state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListingState<'a> {
    /// Whose it is.
    pub subject: SubjectId,
    /// List.
    pub list: &'a str,
    /// The entry that listed it.
    pub decided_at: Position,
    /// Last entry that changed it.
    pub revision: Position,
    /// End, none while it lasts.
    pub ended_on: Option<CivilDate>,
}

/// Where a waiting report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingState {
    /// The entry that holds it.
    pub since: Position,
    /// Whether it is kept apart: its content never shows before it is decided.
    pub quarantined: bool,
    /// The entry that linked or decided it.
    pub settled_at: Option<Position>,
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

/// Decision state of the whole ledger at a head. A copy costs about a millisecond whatever the size: it shares its pieces
/// with the original until one of them changes.
#[derive(Clone)]
pub struct Registry {
    pub(crate) tagger: Tagger,
    pub(crate) started: bool,
    pub(crate) day: Option<CivilDate>,
    pub(crate) subjects: Subjects,
    pub(crate) identifiers: Table<Holder>,
    pub(crate) namesakes: Table<u32>,
    pub(crate) certificates: Table<ShortPosition>,
    pub(crate) records: Records,
    pub(crate) parked: Table<Waits>,
    /// Waiting and quarantined reports by their ids.
    pub(crate) pending: Table<PendingRow>,
    /// Subjects that the party to an act is not: by the act's tag, with the report that was looked at and the decision.
    pub(crate) rejected: BTreeMap<(Tag, SubjectId), (PendingId, Position)>,
    /// Credit codes that a reviewer found in their register.
    pub(crate) confirmed: BTreeMap<String, Position>,
    pub(crate) listings: Listings,
    pub(crate) batches: BTreeMap<BatchId, BatchState>,
    pub(crate) files: BTreeMap<FileTag, BatchId>,
    pub(crate) submissions: BTreeMap<BatchId, SubmissionState>,
    pub(crate) policies: PolicySet,
    /// What the policies were adopted from, also where nothing came of it.
    pub(crate) adopted: Vec<Arc<AdoptedText>>,
    pub(crate) profiles: BTreeMap<String, (String, Position, String)>,
    pub(crate) keys: BTreeMap<AccessKeyId, KeyState>,
    pub(crate) sealed: SealedParts,
    pub(crate) erasures: Rows<ShortPosition>,
    pub(crate) committed: Committed,
    pub(crate) next: Position,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("next", &self.next)
            .field("day", &self.day)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// The state before position 0.
    pub fn empty(tagger: Tagger) -> Self {
        Self {
            tagger,
            started: false,
            day: None,
            subjects: Subjects::default(),
            identifiers: Table::default(),
            namesakes: Table::default(),
            certificates: Table::default(),
            records: Records::default(),
            parked: Table::default(),
            pending: Table::default(),
            rejected: BTreeMap::new(),
            confirmed: BTreeMap::new(),
            listings: Listings::default(),
            batches: BTreeMap::new(),
            files: BTreeMap::new(),
            submissions: BTreeMap::new(),
            policies: PolicySet::default(),
            adopted: Vec::new(),
            profiles: BTreeMap::new(),
            keys: BTreeMap::new(),
            sealed: SealedParts::default(),
            erasures: Rows::default(),
            committed: Committed::default(),
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
    pub fn record(&self, id: &RecordId) -> Option<RecordState> {
        self.record_in(self.records.find(id)?)
    }

    /// The record that holds a key.
    pub(crate) fn record_of_key(&self, key: &Tag) -> Option<(RecordId, RecordState)> {
        let row = self.records.find_key(key)?;
        Some((self.records.get(row)?.id, self.record_in(row)?))
    }

    fn record_in(&self, row: u32) -> Option<RecordState> {
        let row = self.records.get(row)?;
        Some(RecordState {
            subject: self.subjects.id(row.subject)?,
            kind: row.kind,
            recorded_at: row.recorded_at.wide(),
            revision: row.revision.wide(),
            standing: row.standing(),
            erased_at: row.erased_at.known(),
            content: row.content,
        })
    }

    /// One subject.
    pub fn subject(&self, id: &SubjectId) -> Option<SubjectState> {
        self.subjects.state(id)
    }

    /// One membership.
    pub fn listing(&self, id: &ListingId) -> Option<ListingState<'_>> {
        let row = self.listings.get(self.listings.find(id)?)?;
        Some(ListingState {
            subject: self.subjects.id(row.subject)?,
            list: self.listings.name(row.list),
            decided_at: row.decided_at.wide(),
            revision: row.revision.wide(),
            ended_on: row.ended_on,
        })
    }

    /// A waiting or quarantined report: its entry, and the entry that settled it.
    pub fn pending(&self, id: &PendingId) -> Option<PendingState> {
        let row = self.pending.get(&id.0)?;
        Some(PendingState {
            since: row.since.wide(),
            quarantined: row.quarantined,
            settled_at: row.settled_at.known(),
        })
    }

    /// Whether a reviewer found this credit code in its register.
    pub fn is_confirmed(&self, credit_code: &str) -> bool {
        self.confirmed.contains_key(credit_code)
    }

    /// Every credit code that a reviewer confirmed.
    pub fn confirmed_codes(&self) -> impl Iterator<Item = &str> {
        self.confirmed.keys().map(String::as_str)
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
            Event::DayStarted(event) => {
                self.day = Some(event.day);
                self.committed.begin_day(event.day, at);
            }
            Event::StateCommitted(event) => self.committed.commit(event, at),
            Event::SigningKeyRotated(event) => self.committed.rotate(event, at),
            Event::ClockAccepted(_)
            | Event::DisclosureMade(_)
            | Event::RecipientAdmitted(_)
            | Event::RecipientAcknowledged(_) => {}
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
            Event::RecordParked(_) | Event::ReportQuarantined(_) => {
                crate::pending::evolve(self, entry)
            }
            Event::CandidateRejected(_) | Event::RecordLinked(_) | Event::CodeConfirmed(_) => {
                crate::identity::evolve(self, entry)
            }
            Event::QuarantineDecided(_) => crate::quarantine::evolve(self, entry),
            Event::ListingDecided(_) | Event::ListingEnded(_) => {
                crate::listing::evolve(self, entry)
            }
            Event::BatchSubmitted(_) | Event::BatchCompleted(_) => {
                crate::batch::evolve(self, entry)
            }
            Event::SubmissionReceived(_)
            | Event::SubmissionContinued(_)
            | Event::SubmissionReviewed(_)
            | Event::SubmissionWithdrawn(_)
            | Event::RowsSettled(_) => crate::submission::evolve(self, entry),
            Event::CatalogueAdopted(_)
            | Event::PolicyPackAdopted(_)
            | Event::ImportProfileAdopted(_) => {
                policy::evolve(self, entry);
            }
            Event::AccessKeyIssued(_) | Event::AccessKeyRevoked(_) => {
                crate::system::evolve(self, entry)
            }
            Event::ErasureRecorded(event) => {
                self.erasures.push(at.into());
                let subject = SubjectId(event.root.0);
                if self.subjects.state(&subject).is_some() {
                    self.committed.erase(subject, at);
                }
                erasure::evolve(self, event, at);
            }
        }
        erasure::note(self, entry);
    }

    /// Every entry that orders an erasure, oldest first.
    pub fn erasures(&self) -> impl Iterator<Item = Position> {
        self.erasures.iter().map(|at| at.wide())
    }

    /// The newest entry that orders an erasure.
    pub fn last_erasure(&self) -> Option<Position> {
        let last = self.erasures.len().checked_sub(1)?;
        let last = self.erasures.get(u32::try_from(last).ok()?)?;
        last.known()
    }

    /// Roots that open something which was not erased, ascending.
    pub fn living_roots(&self) -> Vec<RootId> {
        self.sealed.living_roots()
    }

    /// Since when nothing more is sealed under a root: the person, or the report, was erased whole.
    pub fn root_erased_at(&self, root: RootId) -> Option<Position> {
        self.sealed.root_erased_at(root)
    }

    pub(crate) fn count_name(&mut self, tag: Tag) {
        match self.namesakes.get_mut(&tag) {
            Some(count) => *count += 1,
            None => drop(self.namesakes.insert(tag, 1)),
        }
    }

    /// Takes back what [`Registry::count_name`] counted; a name that nobody bears leaves no trace.
    pub(crate) fn uncount_name(&mut self, tag: &Tag) {
        if let Some(count) = self.namesakes.get_mut(tag) {
            *count -= 1;
            if *count == 0 {
                self.namesakes.remove(tag);
            }
        }
    }

    /// Who holds an identifier.
    pub(crate) fn holder(&self, tag: &Tag) -> Option<SubjectId> {
        self.subjects.id(self.identifiers.get(tag)?.subject)
    }

    pub(crate) fn hold(&mut self, subject: u32, identifiers: &[HeldIdentifier], since: Position) {
        for held in identifiers {
            let tag = self.tagger.identifier(held.kind, &held.value);
            if self.identifiers.get(&tag).is_none() {
                let since = since.into();
                self.identifiers.insert(tag, Holder { subject, since });
            }
        }
    }
}
