//! Records with their life: recorded, corrected, performed, voided, annulled. Compact rows; texts stay in the log.

use crate::Moment;
use crate::periods::{Counted, Facts};
use crate::published::Published;
use probity_domain::Entry;
use probity_format::events::{Event, RecordCore};
use probity_types::{
    Category, CivilDate, PerformanceState, Polarity, Position, Publicity, RecordId, RemedyState,
    Role, Severity, SubjectKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// A record as it reads from one entry on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The entry that says so.
    pub position: Position,
    /// From which entry on it shows: the completion of its batch, else its own.
    pub shown_from: Position,
    /// Deciding authority.
    pub authority: Box<str>,
    /// Role of the subject.
    pub role: Role,
    /// Day of the decision.
    pub decided_on: CivilDate,
    /// In effect from.
    pub effective_from: CivilDate,
    /// In effect to (the day itself included); none = open.
    pub effective_to: Option<CivilDate>,
    /// Severity at intake.
    pub severity: Severity,
    /// Polarity at intake.
    pub polarity: Polarity,
    /// Who may see the class.
    pub publicity: Publicity,
    /// A penalty of the summary procedure.
    pub summary_procedure: bool,
    /// Review or litigation.
    pub remedy_state: Option<RemedyState>,
    /// What rules read beyond the core; none for records that never count.
    pub facts: Option<Box<Facts>>,
}

/// How a record ended as a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Entered wrongly.
    Voided,
    /// Set aside from the start (none) or from a day.
    Annulled(Option<CivilDate>),
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Id.
    pub id: RecordId,
    /// Index of its subject.
    pub subject: u32,
    /// Kind of its subject.
    pub subject_kind: SubjectKind,
    /// Category.
    pub category: Category,
    /// Subcategory code.
    pub subcategory: Box<str>,
    /// Versions, oldest first; never empty.
    pub versions: Vec<Version>,
    /// Performances: entry, day, how far.
    pub performed: Vec<(Position, CivilDate, PerformanceState)>,
    /// Its end, and the entry that says so.
    pub ending: Option<(Position, Ending)>,
    /// Last entry that changed it.
    pub revision: Position,
    /// Periods in which it counts in grades, as known now.
    pub counted: Vec<Counted>,
    /// Span in which it is published, by the rules of the day and as known now.
    pub published: Option<Published>,
}

/// Where a record stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    /// In effect.
    InForce,
    /// Not yet in effect on the day.
    NotYet,
    /// Its effect is over.
    Ended,
    /// What it demanded is done.
    Performed,
    /// Entered wrongly.
    Voided,
    /// The act was set aside.
    Annulled,
}

impl RecordRow {
    /// The version that is known at a moment; none where the record is not known yet.
    pub fn version_at(&self, moment: &Moment) -> Option<&Version> {
        self.versions
            .iter()
            .rev()
            .find(|version| moment.knows(version.shown_from))
    }

    /// Whether it was corrected, as known at a moment.
    pub fn is_corrected(&self, moment: &Moment) -> bool {
        self.versions
            .iter()
            .skip(1)
            .any(|version| moment.knows(version.shown_from))
    }

    /// The ending known at a moment.
    pub fn ending_at(&self, moment: &Moment) -> Option<Ending> {
        self.ending
            .filter(|(position, _)| moment.knows(*position))
            .map(|(_, ending)| ending)
    }

    /// Whether full performance is known and past at a moment.
    pub fn is_performed(&self, moment: &Moment) -> bool {
        self.performed_on(moment)
            .is_some_and(|day| day <= moment.valid_on)
    }

    /// The day of full performance that is known at a moment.
    pub fn performed_on(&self, moment: &Moment) -> Option<CivilDate> {
        let known = self.performed.iter().filter(|(position, _, state)| {
            moment.knows(*position) && *state == PerformanceState::Full
        });
        known.map(|(_, day, _)| *day).min()
    }

    /// Where the record stands.
    pub fn state_at(&self, moment: &Moment) -> Option<RecordState> {
        let version = self.version_at(moment)?;
        match self.ending_at(moment) {
            Some(Ending::Voided) => return Some(RecordState::Voided),
            Some(Ending::Annulled(from)) if from.is_none_or(|day| day <= moment.valid_on) => {
                return Some(RecordState::Annulled);
            }
            Some(Ending::Annulled(_)) | None => {}
        }
        if moment.valid_on < version.effective_from {
            return Some(RecordState::NotYet);
        }
        if version
            .effective_to
            .is_some_and(|end| end < moment.valid_on)
        {
            return Some(RecordState::Ended);
        }
        if self.is_performed(moment) {
            return Some(RecordState::Performed);
        }
        Some(RecordState::InForce)
    }

    /// Moves the revision on where one of these entries (ascending) belongs to the record; the place of the first version
    /// among them.
    fn touch_erased(&mut self, entries: &[Position], at: Position) -> Option<usize> {
        let erased = |position: &Position| entries.binary_search(position).is_ok();
        let first = self.versions.iter().position(|v| erased(&v.position));
        if first.is_some() || self.performed.iter().any(|(position, ..)| erased(position)) {
            self.revision = self.revision.max(at);
        }
        first
    }

    /// Whether a review or lawsuit is open, as known at a moment.
    pub fn is_disputed(&self, moment: &Moment) -> bool {
        let state = self
            .version_at(moment)
            .and_then(|version| version.remedy_state);
        matches!(
            state,
            Some(RemedyState::ReviewOpen | RemedyState::LitigationOpen)
        )
    }
}

/// Every record, by id and by subject.
#[derive(Debug, Default)]
pub struct Records {
    rows: Vec<RecordRow>,
    by_id: BTreeMap<RecordId, u32>,
    by_subject: Vec<Vec<u32>>,
    acts: BTreeMap<[u8; 16], Vec<u32>>,
}

fn version(
    core: &RecordCore,
    facts: Option<Facts>,
    position: Position,
    shown_from: Position,
) -> Version {
    Version {
        position,
        shown_from,
        authority: core.authority.as_str().into(),
        role: core.role,
        decided_on: core.decided_on,
        effective_from: core.effective_from,
        effective_to: core.effective_to,
        severity: core.severity,
        polarity: core.polarity,
        publicity: core.publicity,
        summary_procedure: core.summary_procedure,
        remedy_state: core.remedy_state,
        facts: facts.map(Box::new),
    }
}

impl Records {
    /// Every row, in the order in which they came to show.
    pub fn rows(&self) -> &[RecordRow] {
        &self.rows
    }

    /// One row by index.
    pub fn row(&self, index: u32) -> Option<&RecordRow> {
        self.rows.get(index as usize)
    }

    /// Index of a record.
    pub fn index(&self, id: &RecordId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// One record.
    pub fn get(&self, id: &RecordId) -> Option<&RecordRow> {
        self.row(self.index(id)?)
    }

    pub(crate) fn row_mut(&mut self, index: u32) -> Option<&mut RecordRow> {
        self.rows.get_mut(index as usize)
    }

    /// Indices of a subject's records, oldest first.
    pub fn of_subject(&self, subject: u32) -> &[u32] {
        self.by_subject
            .get(subject as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// Records of the same act: one per party.
    pub fn of_act(&self, act: &[u8; 16]) -> impl Iterator<Item = &RecordRow> {
        self.acts
            .get(act)
            .into_iter()
            .flatten()
            .filter_map(|index| self.row(*index))
    }

    /// Moves on by a record event; the index of the record that changed.
    pub(crate) fn apply(
        &mut self,
        subject: u32,
        entry: &Entry,
        shown_from: Position,
        facts: Option<Facts>,
        act: Option<[u8; 16]>,
    ) -> Option<u32> {
        let at = entry.header.position;
        if let (Some(core), Some(category)) = (entry.event.recorded(), entry.event.category()) {
            // Records are counted in u32: four thousand million of them.
            let index = self.rows.len() as u32;
            self.by_id.insert(core.record, index);
            let slot = subject as usize;
            if self.by_subject.len() <= slot {
                self.by_subject.resize_with(slot + 1, Vec::new);
            }
            self.by_subject[slot].push(index);
            if let Some(act) = act {
                self.acts.entry(act).or_default().push(index);
            }
            self.rows.push(RecordRow {
                id: core.record,
                subject,
                subject_kind: core.subject_kind,
                category,
                subcategory: core.subcategory.as_str().into(),
                versions: vec![version(core, facts, at, shown_from)],
                performed: core
                    .performed_on
                    .map(|day| (at, day, PerformanceState::Full))
                    .into_iter()
                    .collect(),
                ending: None,
                revision: at,
                counted: Vec::new(),
                published: None,
            });
            return Some(index);
        }
        let index = self.index(&entry.event.record()?)?;
        let row = self.rows.get_mut(index as usize)?;
        row.revision = at;
        match &entry.event {
            Event::RecordCorrected(event) => {
                row.versions
                    .push(version(&event.core, facts, at, at.max(shown_from)));
                if let Some(day) = event.core.performed_on {
                    row.performed.push((at, day, PerformanceState::Full));
                }
            }
            Event::RecordVoided(_) => row.ending = Some((at, Ending::Voided)),
            Event::RecordAnnulled(event) => row.ending = Some((at, Ending::Annulled(event.from))),
            Event::PerformanceRecorded(event) => {
                row.performed.push((at, event.on, event.performance))
            }
            _ => {}
        }
        Some(index)
    }

    /// After an erasure nothing is held of what these entries (ascending) sealed about a subject. A version whose content is
    /// gone, and every later one, has no facts: a correction of something unknown is not known either. Gives the records
    /// whose facts changed.
    pub(crate) fn forget(&mut self, subject: u32, entries: &[Position], at: Position) -> Vec<u32> {
        let (mut changed, mut without_act) = (Vec::new(), BTreeSet::new());
        for index in self.of_subject(subject).to_vec() {
            let Some(row) = self.rows.get_mut(index as usize) else {
                continue;
            };
            let first = row.touch_erased(entries, at);
            let Some(first) = first else { continue };
            for version in row.versions.iter_mut().skip(first) {
                version.facts = None;
            }
            if first == 0 {
                without_act.insert(index);
            }
            changed.push(index);
        }
        if !without_act.is_empty() {
            self.acts.retain(|_, rows| {
                rows.retain(|index| !without_act.contains(index));
                !rows.is_empty()
            });
        }
        changed
    }

    /// After the erasure of somebody named in other subjects' records: nothing of them is held here, only the records read
    /// differently from now on.
    pub(crate) fn touch(&mut self, entries: &[Position], at: Position) {
        for row in &mut self.rows {
            row.touch_erased(entries, at);
        }
    }

    /// Records by act, beside the rows.
    pub(crate) fn acts(&self) -> &BTreeMap<[u8; 16], Vec<u32>> {
        &self.acts
    }
}
