//! Records with their life: recorded, corrected, performed, voided, annulled. Compact rows; texts stay in the log.

use crate::Moment;
use crate::facts::Facts;
use crate::periods::Counted;
use crate::published::Published;
use crate::slim::{Few, Rare, Word, Words, row_at};
use probity_domain::Entry;
use probity_domain::source::Tag;
use probity_format::events::{Event, RecordCore};
use probity_types::table::{Index, Rows, fold_key};
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
    /// A row of which only this is known.
    pub(crate) fn begin(
        id: RecordId,
        subject: u32,
        subject_kind: SubjectKind,
        category: Category,
        subcategory: Word,
        revision: Position,
    ) -> Self {
        Self {
            id,
            subject,
            subject_kind,
            category,
            subcategory,
            versions: Few::default(),
            performed: Rare::default(),
            ending: None,
            revision,
            counted: Few::default(),
            published: None,
            act: None,
            next_of_act: None,
        }
    }

    pub(crate) fn act(&self) -> Option<Tag> {
        self.act
    }

    pub(crate) fn next_of_act(&self) -> Option<u32> {
        self.next_of_act
    }

    pub(crate) fn set_act(&mut self, act: Option<Tag>, next_of_act: Option<u32>) {
        (self.act, self.next_of_act) = (act, next_of_act);
    }

    /// Whether it was entered wrongly, by all that is known.
    pub(crate) fn is_voided(&self) -> bool {
        self.ending_at(&Moment::EVERYTHING) == Some(Ending::Voided)
    }

    /// Whether a review or lawsuit is open, by all that is known.
    pub(crate) fn is_disputed_now(&self) -> bool {
        self.is_disputed(&Moment::EVERYTHING)
    }

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

    /// Whether one of these entries (ascending) belongs to the record.
    fn names_any(&self, entries: &[Position]) -> bool {
        let named = |position: &Position| entries.binary_search(position).is_ok();
        self.versions.iter().any(|v| named(&v.position))
            || self.performed.iter().any(|(position, ..)| named(position))
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
#[derive(Debug, Clone, Default)]
pub struct Records {
    rows: Rows<RecordRow>,
    by_id: Index,
    by_subject: Rows<Vec<u32>>,
    /// First record of each act.
    acts: Index,
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

fn act_hash(rows: &Rows<RecordRow>, index: u32) -> u64 {
    let act = rows.get(index).and_then(|row| row.act);
    act.map_or(0, |act| fold_key(&act))
}

impl Records {
    /// Every row, in the order in which they came to show.
    pub fn rows(&self) -> &Rows<RecordRow> {
        &self.rows
    }

    /// One row by index.
    pub fn row(&self, index: u32) -> Option<&RecordRow> {
        self.rows.get(index)
    }

    /// Index of a record.
    pub fn index(&self, id: &RecordId) -> Option<u32> {
        let is_it = |index| self.row(index).is_some_and(|row| row.id == *id);
        self.by_id.find(fold_key(&id.0), is_it)
    }

    /// One record.
    pub fn get(&self, id: &RecordId) -> Option<&RecordRow> {
        self.row(self.index(id)?)
    }

    pub(crate) fn row_mut(&mut self, index: u32) -> Option<&mut RecordRow> {
        self.rows.get_mut(index)
    }

    /// Indices of a subject's records, oldest first.
    pub fn of_subject(&self, subject: u32) -> &[u32] {
        self.by_subject.get(subject).map_or(&[], Vec::as_slice)
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
        let is_it = |index| self.row(index).and_then(|row| row.act) == Some(*act);
        self.acts.find(fold_key(act), is_it)
    }

    /// Puts a row that has its tag behind the others of its act.
    fn join_act(&mut self, index: u32) {
        let Some(act) = self.row(index).and_then(|row| row.act) else {
            return;
        };
        let Some(mut last) = self.first_of_act(&act) else {
            let rows = &self.rows;
            let hash = |index| act_hash(rows, index);
            self.acts.insert(fold_key(&act), index, hash);
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
        if let Some(first) = members.first() {
            self.acts.remove(fold_key(&act), |held| held == *first);
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

    /// Adds a row and finds it from now on; its index.
    pub(crate) fn add(&mut self, row: RecordRow) -> u32 {
        let (id, subject) = (row.id, row.subject);
        let index = self.rows.push(row);
        let rows = &self.rows;
        let hash = |index| rows.get(index).map_or(0, |row| fold_key(&row.id.0));
        self.by_id.insert(fold_key(&id.0), index, hash);
        if let Some(records) = row_at(&mut self.by_subject, subject) {
            records.push(index);
        }
        self.join_act(index);
        index
    }

    /// Adds a row that nothing finds before [`Records::find_again`].
    pub(crate) fn push(&mut self, row: RecordRow) {
        self.rows.push(row);
    }

    /// Finds the rows that were pushed, by everything that there is of them.
    pub(crate) fn find_again(&mut self) {
        self.by_id = self.rows.index(|row| Some(row.id.0));
        let rows = &self.rows;
        let mut follows = vec![false; rows.len()];
        let mut numbers: Vec<u32> = Vec::new();
        for row in rows.iter() {
            let place = row.subject as usize;
            if numbers.len() <= place {
                numbers.resize(place + 1, 0);
            }
            numbers[place] += 1;
            let next = row.next_of_act;
            let next = next.and_then(|next| follows.get_mut(next as usize));
            next.into_iter().for_each(|follows| *follows = true);
        }
        let mut by_subject: Vec<Vec<u32>> = Vec::with_capacity(numbers.len());
        by_subject.extend(
            numbers
                .iter()
                .map(|number| Vec::with_capacity(*number as usize)),
        );
        for (index, row) in rows.numbered() {
            if let Some(records) = by_subject.get_mut(row.subject as usize) {
                records.push(index);
            }
        }
        self.by_subject = Rows::default();
        by_subject.into_iter().for_each(|records| {
            self.by_subject.push(records);
        });
        let acts = rows.numbered().zip(follows).filter(|(_, follows)| !follows);
        let acts = acts.filter_map(|((index, row), _)| Some((fold_key(&row.act?), index)));
        let act_of = |index| rows.get(index).and_then(|row| row.act);
        self.acts = Index::over(rows.len(), acts, |one, other| act_of(one) == act_of(other));
    }

    pub(crate) fn words_mut(&mut self) -> &mut Words {
        &mut self.words
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
            let subcategory = self.words.share(core.subcategory.as_str());
            let kind = core.subject_kind;
            let mut row = RecordRow::begin(core.record, subject, kind, category, subcategory, at);
            row.act = act;
            row.versions
                .push(version(&mut self.words, core, facts, at, shown_from));
            if let Some(day) = core.performed_on {
                row.performed.push((at, day, PerformanceState::Full));
            }
            let index = self.add(row);
            return Some(index);
        }
        let index = self.index(&entry.event.record()?)?;
        let row = self.rows.get_mut(index)?;
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
            let Some(row) = self.rows.get_mut(index) else {
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
        for index in 0..self.rows.len() as u32 {
            // Looked at first: a row that is changed is copied where a snapshot shares it.
            if self.row(index).is_some_and(|row| row.names_any(entries))
                && let Some(row) = self.row_mut(index)
            {
                row.touch_erased(entries, at);
            }
        }
    }
}
