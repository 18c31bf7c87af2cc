//! All views of one ledger, moved on entry by entry under one lock. A copy takes a moment: it shares its rows with the
//! original until one of them changes.

use crate::Moment;
use crate::counts::Counts;
use crate::directory::Directory;
use crate::facts::{Facts, Shapes};
use crate::grade::GradeBook;
use crate::heads::Heads;
use crate::listings::{ListingRow, Listings};
use crate::periods::{self, Counted};
use crate::published::PublicBook;
use crate::records::Records;
use crate::search::{self, Hit, NameIndex};
use crate::stage::{Passed, Stage};
use crate::statistics::Statistics;
use crate::streams::Streams;
use crate::timeline::Timeline;
use probity_domain::Entry;
use probity_domain::source::{Tag, Tagger};
use probity_format::events::{Details, DetailsRef, ErasureRecorded, Event, StreamKind};
use probity_rules::hits::{Standing, listing_class};
use probity_rules::{PolicySet, TurningDays};
use probity_types::{Category, CivilDate, Position, SubjectId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Clone)]
pub struct Views {
    tagger: Tagger,
    pub(crate) position: Option<Position>,
    pub(crate) day: CivilDate,
    pub(crate) directory: Directory,
    pub(crate) names: Arc<NameIndex>,
    pub(crate) records: Records,
    pub(crate) listings: Listings,
    pub(crate) grades: GradeBook,
    pub(crate) published: PublicBook,
    pub(crate) timeline: Timeline,
    pub(crate) heads: Heads,
    pub(crate) streams: Streams,
    pub(crate) statistics: Statistics,
    pub(crate) counts: Counts,
    pub(crate) policies: PolicySet,
    /// Days on which rules begin or end to hold.
    pub(crate) turning: TurningDays,
    pub(crate) stage: Stage,
    /// Which fields records have, held once.
    pub(crate) shapes: Shapes,
}

impl Views {
    /// Views of an empty log.
    pub fn empty(tagger: Tagger) -> Self {
        Self {
            tagger,
            position: None,
            day: CivilDate::MIN,
            directory: Directory::default(),
            names: Arc::default(),
            records: Records::default(),
            listings: Listings::default(),
            grades: GradeBook::default(),
            published: PublicBook::default(),
            timeline: Timeline::default(),
            heads: Heads::default(),
            streams: Streams::default(),
            statistics: Statistics::default(),
            counts: Counts::default(),
            shapes: Shapes::default(),
            policies: PolicySet::default(),
            turning: TurningDays::default(),
            stage: Stage::default(),
        }
    }

    /// Last position that is in the views.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Last day that began.
    pub fn day(&self) -> CivilDate {
        self.day
    }

    /// Makes look-up tags.
    pub fn tagger(&self) -> &Tagger {
        &self.tagger
    }

    /// Subjects.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Records.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Memberships of lists.
    pub fn listings(&self) -> &Listings {
        &self.listings
    }

    /// What counts.
    pub fn grades(&self) -> &GradeBook {
        &self.grades
    }

    /// What the public may see today, settings of the profile aside.
    pub fn published(&self) -> &PublicBook {
        &self.published
    }

    /// Timeline index.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Streams that belong to no subject.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Totals.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Policies adopted so far.
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// Batches whose rows do not show yet.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Organisations by name or identifier, best first.
    pub fn search(&self, question: &str) -> Vec<Hit> {
        search::search(&self.directory, &self.names, &self.tagger, question)
    }

    /// Tag of an act: records of its parties share it. None where the act has no number.
    pub fn act_tag(&self, authority: &str, details: &Details) -> Option<Tag> {
        self.act_tag_of(authority, details.lent())
    }

    fn act_tag_of(&self, authority: &str, details: DetailsRef<'_>) -> Option<Tag> {
        let number = details.value("document_no");
        let number = number.or_else(|| details.value("case_no"))?.to_string();
        Some(self.tagger.tag(
            "act",
            &[probity_names::fold(authority).as_bytes(), number.as_bytes()],
        ))
    }

    /// Known records of a subject by category, and how many are disputed, at the present knowledge.
    pub(crate) fn counts_of(&self, subject: u32) -> (BTreeMap<Category, u64>, u64) {
        self.counts.of(subject)
    }

    /// Moves on by one entry.
    pub fn apply(&mut self, entry: &Entry) {
        let at = entry.header.position;
        self.streams.add(entry);
        match self.stage.pass(entry) {
            Passed::Now(entry) => self.show(entry, at),
            Passed::Later => {}
            Passed::Released(entries) => entries.iter().for_each(|entry| self.show(entry, at)),
        }
        if let Some(subject) = self.subject_of(entry) {
            self.heads.append(subject, entry);
        }
        self.position = Some(at);
    }

    fn show(&mut self, entry: &Entry, shown_from: Position) {
        match &entry.event {
            Event::DayStarted(event) => self.begin_day(event.day, entry.header.position),
            Event::BatchCompleted(_) => self.statistics.batches += 1,
            Event::RecordParked(_) => self.statistics.parked += 1,
            Event::ReportQuarantined(_) => self.statistics.quarantined += 1,
            Event::DisclosureMade(_) => self.statistics.disclosures += 1,
            Event::ErasureRecorded(event) => {
                // Behind a batch it comes a second time, for what waited: counted once. So is one of many events.
                let is_first = shown_from == entry.header.position;
                self.statistics.erasures += u64::from(is_first && entry.header.unit_index == 0);
                self.erase(event, entry.header.position);
            }
            Event::CatalogueAdopted(_) | Event::PolicyPackAdopted(_) => self.adopt(entry),
            Event::LogStarted(_)
            | Event::ClockAccepted(_)
            | Event::StateCommitted(_)
            | Event::SigningKeyRotated(_)
            | Event::BatchSubmitted(_)
            | Event::ImportProfileAdopted(_)
            | Event::AccessKeyIssued(_)
            | Event::AccessKeyRevoked(_)
            | Event::RecipientAdmitted(_)
            | Event::RecipientAcknowledged(_) => {}
            _ => self.show_subject(entry, shown_from),
        }
    }

    fn show_subject(&mut self, entry: &Entry, shown_from: Position) {
        if entry.header.stream_kind != StreamKind::Subject as u16 {
            return;
        }
        if let Some(named) = self.directory.apply(&self.tagger, entry)
            && let Some(name) = self.directory.row(named).and_then(|row| row.names.last())
        {
            Arc::make_mut(&mut self.names).add(named, &name.folded);
        }
        let Some(subject) = self.subject_of(entry) else {
            return;
        };
        self.timeline.add(subject, entry.header.position);
        self.heads.show(subject, entry, shown_from);
        match &entry.event {
            Event::SubjectRegistered(event) => {
                *self
                    .statistics
                    .subjects
                    .entry(event.subject_kind.database())
                    .or_insert(0) += 1;
            }
            Event::ListingDecided(_) | Event::ListingEnded(_) => {
                self.show_listing(subject, entry, shown_from)
            }
            _ if entry.event.record().is_some() => self.show_record(subject, entry, shown_from),
            _ => {}
        }
    }

    /// Index of the subject whose stream an entry stands in.
    fn subject_of(&self, entry: &Entry) -> Option<u32> {
        let is_subject = entry.header.stream_kind == StreamKind::Subject as u16;
        let index = |()| self.directory.index(&SubjectId(entry.header.stream.0));
        is_subject.then_some(()).and_then(index)
    }

    fn show_listing(&mut self, subject: u32, entry: &Entry, shown_from: Position) {
        if let Event::ListingEnded(event) = &entry.event {
            if let Some(row) = self.listings.get(&event.listing) {
                let (position, spans) = (row.position.0, listing_spans(row));
                self.grades.remove(subject, position, &spans);
            }
        } else {
            self.statistics.listings += 1;
        }
        if let Some(index) = self.listings.apply(subject, entry, shown_from)
            && let Some(row) = self.listings.row(index)
        {
            let (position, spans) = (row.position.0, listing_spans(row));
            self.grades.add(subject, position, &spans);
        }
    }

    fn show_record(&mut self, subject: u32, entry: &Entry, shown_from: Position) {
        self.count(subject, entry, false);
        // Names of persons among the parties play no part here: an erasure of one changes no fact.
        let details = entry.own_details_ref();
        let facts = self.facts(entry, details);
        let act = entry.event.recorded().zip(details);
        let act = act.and_then(|(core, details)| self.act_tag_of(&core.authority, details));
        match (&entry.event, entry.event.category()) {
            (_, Some(category)) => *self.statistics.records.entry(category).or_insert(0) += 1,
            (
                Event::RecordCorrected(_) | Event::RecordVoided(_) | Event::RecordAnnulled(_),
                None,
            ) => {
                self.statistics.compensations += 1;
            }
            _ => {}
        }
        if let Some(index) = self.records.apply(subject, entry, shown_from, facts, act) {
            self.recount(index, entry.header.position.max(shown_from));
        }
        self.count(subject, entry, true);
    }

    /// Forgets what the destroyed keys opened, so that these views equal a replay that never saw it.
    fn erase(&mut self, event: &ErasureRecorded, at: Position) {
        let Some(subject) = self.directory.index(&SubjectId(event.root.0)) else {
            self.records.touch(&event.positions, at);
            return;
        };
        if self.directory.forget(subject, &event.positions, at)
            && let Some(row) = self.directory.row(subject)
        {
            let count = self.statistics.subjects.entry(row.kind.database());
            count.and_modify(|count| *count = count.saturating_sub(1));
        }
        for index in self.records.forget(subject, &event.positions, at) {
            self.recount(index, at);
        }
    }

    /// Takes a record out of the subject's counts before a change and puts it back after.
    fn count(&mut self, subject: u32, entry: &Entry, after: bool) {
        let Some(row) = entry.event.record().and_then(|id| self.records.get(&id)) else {
            return;
        };
        if row.is_voided() {
            return;
        }
        let (category, disputed) = (row.category, row.is_disputed_now());
        self.counts.change(subject, category, disputed, after);
    }

    fn facts(&mut self, entry: &Entry, details: Option<DetailsRef<'_>>) -> Option<Facts> {
        if let Some(core) = entry.event.recorded() {
            let at = entry.header.position;
            let class =
                periods::catalogue_entry(&self.policies, &core.subcategory, at, core.decided_on)?;
            if !periods::can_count(class) {
                return None;
            }
            return Some(Facts::pack(&mut self.shapes, &details?.to_fields()));
        }
        let row = self.records.get(&entry.event.record()?)?;
        let held = row.versions.last()?.facts.as_ref()?;
        // Without the changes the corrected facts are not known.
        Some(held.corrected(&mut self.shapes, entry.changes()?))
    }

    /// A new day: where a rule begins or ends to hold with it, publications are worked out anew.
    fn begin_day(&mut self, day: CivilDate, at: Position) {
        let before = std::mem::replace(&mut self.day, day);
        if self.turning.any_between(before, day) {
            for index in 0..self.records.rows().len() {
                self.republish(index as u32, at);
            }
        }
    }

    /// Works out anew when a record is published.
    fn republish(&mut self, index: u32, known_at: Position) {
        let Some(row) = self.records.row(index) else {
            return;
        };
        let moment = Moment {
            valid_on: self.day,
            known_at: Some(known_at),
        };
        let (subject, category, before) = (row.subject, row.category, row.published);
        let after = periods::published(&self.policies, row, moment);
        if after == before {
            return;
        }
        for (span, is_more) in [(before, false), (after, true)] {
            if let Some(span) = span {
                self.published.change(subject, category, &span, is_more);
            }
        }
        if let Some(row) = self.records.row_mut(index) {
            row.published = after;
        }
    }

    /// Works out anew when a record counts.
    fn recount(&mut self, index: u32, known_at: Position) {
        self.republish(index, known_at);
        let Some(row) = self.records.row(index) else {
            return;
        };
        let Some(position) = row.versions.first().map(|version| version.position.0) else {
            return;
        };
        let (subject, before) = (row.subject, row.counted.clone());
        let counted = periods::counted(&self.policies, &self.turning, row, known_at);
        if counted == before {
            return;
        }
        self.grades.remove(subject, position, &before);
        self.grades.add(subject, position, &counted);
        if let Some(row) = self.records.row_mut(index) {
            row.counted = counted;
        }
    }

    /// A new pack can change every answer: all records are worked out anew.
    fn adopt(&mut self, entry: &Entry) {
        let at = entry.header.position;
        probity_domain::policy::adopt_from(&mut self.policies, &entry.event, at);
        self.turning = self.policies.turning_days(at);
        for index in 0..self.records.rows().len() {
            self.recount(index as u32, at);
        }
    }
}

/// Spans in which a membership counts.
pub(crate) fn listing_spans(row: &ListingRow) -> Vec<Counted> {
    let Some(class) = listing_class(row.colour, Standing::default()) else {
        return Vec::new();
    };
    let from = row.listed_on.unwrap_or(CivilDate::MIN);
    let term = row.until.map_or(CivilDate::MAX, |day| day.plus_days(1));
    let to = row.ended.map_or(term, |(_, day, _)| day.min(term));
    if from < to {
        vec![Counted { class, from, to }]
    } else {
        Vec::new()
    }
}
