//! Records with their life: recorded, corrected, performed, voided, annulled. Compact rows; texts stay in the log.

use crate::Moment;
use crate::facts::Facts;
use crate::periods::Counted;
use crate::published::Published;
use crate::slim::{Few, Rare, Word, Words, random_hash};
use hashbrown::HashTable;
use probity_domain::Entry;
use probity_domain::source::Tag;
use probity_format::events::{Event, RecordCore};
use probity_types::{
    Category, CivilDate, PerformanceState, Polarity, Position, Publicity, RecordId, RemedyState,
    Role, Severity, SubjectKind,
};
use std::collections::BTreeSet;

/// A record as it reads from one entry on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The entry that says so.
    pub position: Position,
    /// From which entry on it shows: the completion of its batch, else its own.
    pub shown_from: Position,
    /// Deciding authority.
    pub authority: Word,
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
    pub facts: Option<Facts>,
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
    pub subcategory: Word,
    /// Versions, oldest first; never empty.
    pub versions: Few<Version>,
    /// Performances: entry, day, how far.
    pub performed: Rare<(Position, CivilDate, PerformanceState)>,
    /// Its end, and the entry that says so.
    pub ending: Option<Box<(Position, Ending)>>,
    /// Last entry that changed it.
    pub revision: Position,
    /// Periods in which it counts in grades, as known now.
    pub counted: Few<Counted>,
    /// Span in which it is published, by the rules of the day and as known now.
    pub published: Option<Published>,
    /// Tag of its act, none where the act has no number or is erased.
    act: Option<Tag>,
    /// The next record of the same act.
    next_of_act: Option<u32>,
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

    /// The entry that ended it as a record.
    pub fn ended_at(&self) -> Option<Position> {
        self.ending.as_ref().map(|ending| ending.0)
    }

    /// The ending known at a moment.
    pub fn ending_at(&self, moment: &Moment) -> Option<Ending> {
        let (position, ending) = **self.ending.as_ref()?;
        moment.knows(position).then_some(ending)
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

/// Every record, by id, by subject, by act.
#[derive(Debug, Default)]
pub struct Records {
    rows: Vec<RecordRow>,
    by_id: HashTable<u32>,
    by_subject: Vec<Vec<u32>>,
    /// First record of each act.
    acts: HashTable<u32>,
    words: Words,
}

fn version(
    words: &mut Words,
    core: &RecordCore,
    facts: Option<Facts>,
    position: Position,
    shown_from: Position,
) -> Version {
    Version {
        position,
        shown_from,
        authority: words.share(core.authority.as_str()),
        role: core.role,
        decided_on: core.decided_on,
        effective_from: core.effective_from,
        effective_to: core.effective_to,
        severity: core.severity,
        polarity: core.polarity,
        publicity: core.publicity,
        summary_procedure: core.summary_procedure,
        remedy_state: core.remedy_state,
        facts,
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
        let is_it = |index: &u32| self.row(*index).is_some_and(|row| row.id == *id);
        self.by_id.find(random_hash(&id.0), is_it).copied()
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

    /// Records of the same act, oldest first: one per party.
    pub fn of_act(&self, act: &Tag) -> impl Iterator<Item = &RecordRow> {
        let mut next = self.first_of_act(act);
        std::iter::from_fn(move || {
            let row = self.row(next?)?;
            next = row.next_of_act;
            Some(row)
        })
    }

    fn first_of_act(&self, act: &Tag) -> Option<u32> {
        let is_it = |index: &u32| self.row(*index).and_then(|row| row.act) == Some(*act);
        self.acts.find(random_hash(act), is_it).copied()
    }

    /// Puts a row that has its tag behind the others of its act.
    fn join_act(&mut self, index: u32) {
        let Some(act) = self.row(index).and_then(|row| row.act) else {
            return;
        };
        let Some(mut last) = self.first_of_act(&act) else {
            let rows = &self.rows;
            let hash = |index: &u32| {
                let act = rows.get(*index as usize).and_then(|row| row.act);
                random_hash(&act.unwrap_or_default())
            };
            self.acts.insert_unique(random_hash(&act), index, hash);
            return;
        };
        while let Some(next) = self.row(last).and_then(|row| row.next_of_act) {
            last = next;
        }
        if let Some(row) = self.row_mut(last) {
            row.next_of_act = Some(index);
        }
    }

    /// Takes a row out of its act, of which nothing is known any more.
    fn leave_act(&mut self, index: u32) {
        let Some(act) = self.row(index).and_then(|row| row.act) else {
            return;
        };
        let mut members = Vec::new();
        let mut next = self.first_of_act(&act);
        while let Some(member) = next {
            members.push(member);
            next = self.row(member).and_then(|row| row.next_of_act);
        }
        if let Some(first) = members.first()
            && let Ok(held) = self
                .acts
                .find_entry(random_hash(&act), |held| held == first)
        {
            held.remove();
        }
        for member in &members {
            if let Some(row) = self.row_mut(*member) {
                row.next_of_act = None;
                row.act = row.act.filter(|_| *member != index);
            }
        }
        for member in members.into_iter().filter(|member| *member != index) {
            self.join_act(member);
        }
    }

    /// Moves on by a record event; the index of the record that changed.
    pub(crate) fn apply(
        &mut self,
        subject: u32,
        entry: &Entry,
        shown_from: Position,
        facts: Option<Facts>,
        act: Option<Tag>,
    ) -> Option<u32> {
        let at = entry.header.position;
        if let (Some(core), Some(category)) = (entry.event.recorded(), entry.event.category()) {
            // Records are counted in u32: four thousand million of them.
            let index = self.rows.len() as u32;
            let slot = subject as usize;
            if self.by_subject.len() <= slot {
                self.by_subject.resize_with(slot + 1, Vec::new);
            }
            self.by_subject[slot].push(index);
            self.rows.push(RecordRow {
                id: core.record,
                subject,
                subject_kind: core.subject_kind,
                category,
                subcategory: self.words.share(core.subcategory.as_str()),
                versions: Few::One(version(&mut self.words, core, facts, at, shown_from)),
                performed: Rare::default(),
                ending: None,
                revision: at,
                counted: Few::default(),
                published: None,
                act,
                next_of_act: None,
            });
            if let (Some(day), Some(row)) = (core.performed_on, self.rows.last_mut()) {
                row.performed.push((at, day, PerformanceState::Full));
            }
            let rows = &self.rows;
            let hash = |index: &u32| {
                let id = rows.get(*index as usize).map(|row| row.id.0);
                random_hash(&id.unwrap_or_default())
            };
            self.by_id
                .insert_unique(random_hash(&core.record.0), index, hash);
            self.join_act(index);
            return Some(index);
        }
        let index = self.index(&entry.event.record()?)?;
        let row = self.rows.get_mut(index as usize)?;
        row.revision = at;
        match &entry.event {
            Event::RecordCorrected(event) => {
                row.versions.push(version(
                    &mut self.words,
                    &event.core,
                    facts,
                    at,
                    at.max(shown_from),
                ));
                if let Some(day) = event.core.performed_on {
                    row.performed.push((at, day, PerformanceState::Full));
                }
            }
            Event::RecordVoided(_) => row.ending = Some(Box::new((at, Ending::Voided))),
            Event::RecordAnnulled(event) => {
                row.ending = Some(Box::new((at, Ending::Annulled(event.from))));
            }
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
        without_act
            .into_iter()
            .for_each(|index| self.leave_act(index));
        changed
    }

    /// After the erasure of somebody named in other subjects' records: nothing of them is held here, only the records read
    /// differently from now on.
    pub(crate) fn touch(&mut self, entries: &[Position], at: Position) {
        for row in &mut self.rows {
            row.touch_erased(entries, at);
        }
    }
}
