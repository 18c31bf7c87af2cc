//! Subjects, records and memberships as rows: the part of the decision state that there are millions of.

use crate::registry::{NameState, Standing, SubjectState};
use crate::source::{ShortTag, Tag};
use probity_types::packed_row;
use probity_types::table::{Index, Rows, ShortPosition, fold_key};
use probity_types::{CivilDate, ListingId, PendingId, Position, RecordId, SubjectId, SubjectKind};
use std::collections::BTreeMap;
use std::sync::Arc;

packed_row! {
    /// A subject's row.
    pub(crate) struct SubjectRow {
        pub(crate) id: SubjectId,
        /// None where a log speaks of a subject that it never registered.
        pub(crate) kind: Option<SubjectKind>,
        /// The entry that brought the subject and its first name.
        pub(crate) registered_at: ShortPosition,
        pub(crate) revision: ShortPosition,
        /// Tag of the first name.
        pub(crate) name: Option<Tag>,
    }

    /// Who holds an identifier.
    pub(crate) struct Holder {
        /// Row of the subject.
        pub(crate) subject: u32,
        /// The entry that brought the identifier.
        pub(crate) since: ShortPosition,
    }

    /// A report that waits.
    pub(crate) struct Waits {
        pub(crate) pending: PendingId,
        pub(crate) parked_at: ShortPosition,
    }

    /// A waiting or quarantined report by its id.
    pub(crate) struct PendingRow {
        pub(crate) since: ShortPosition,
        /// Tag of act, role and name; none where the content is not known to this process or erased.
        pub(crate) act: Option<Tag>,
        pub(crate) kind: Option<SubjectKind>,
        /// Whether it waits because of its name alone.
        pub(crate) name_only: bool,
        pub(crate) quarantined: bool,
        pub(crate) settled_at: ShortPosition,
        /// The record that it became; none where it did not.
        pub(crate) record: RecordId,
    }

    /// A record's row.
    pub(crate) struct RecordRow {
        pub(crate) id: RecordId,
        /// Tag of the record key, none where the content is not known to this process or erased.
        key: Option<Tag>,
        pub(crate) content: Option<ShortTag>,
        /// Row of the subject.
        pub(crate) subject: u32,
        pub(crate) kind: SubjectKind,
        pub(crate) recorded_at: ShortPosition,
        pub(crate) revision: ShortPosition,
        pub(crate) voided_at: ShortPosition,
        pub(crate) annulled_at: ShortPosition,
        pub(crate) erased_at: ShortPosition,
    }

    /// A membership's row.
    pub(crate) struct ListingRow {
        pub(crate) id: ListingId,
        pub(crate) key: Tag,
        /// Row of the subject.
        pub(crate) subject: u32,
        /// Number of the list's name.
        pub(crate) list: u32,
        pub(crate) decided_at: ShortPosition,
        pub(crate) revision: ShortPosition,
        pub(crate) ended_on: Option<CivilDate>,
    }
}

/// Subjects in the order of the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subjects {
    pub(crate) rows: Rows<SubjectRow>,
    by_id: Index,
    /// Names after the first one, oldest first, by row.
    pub(crate) renamed: BTreeMap<u32, Vec<(ShortPosition, Option<Tag>)>>,
}

impl Subjects {
    pub(crate) fn find(&self, id: &SubjectId) -> Option<u32> {
        let is_it = |row| self.rows.get(row).is_some_and(|row| row.id == *id);
        self.by_id.find(fold_key(&id.0), is_it)
    }

    pub(crate) fn id(&self, row: u32) -> Option<SubjectId> {
        self.rows.get(row).map(|row| row.id)
    }

    pub(crate) fn state(&self, id: &SubjectId) -> Option<SubjectState> {
        let row = self.rows.get(self.find(id)?)?;
        Some(SubjectState {
            kind: row.kind?,
            revision: row.revision.wide(),
        })
    }

    /// Every name it bore, oldest first.
    pub(crate) fn names(&self, id: &SubjectId) -> Vec<NameState> {
        let Some(number) = self.find(id) else {
            return Vec::new();
        };
        let first = self.rows.get(number).filter(|row| row.kind.is_some());
        let first = first.map(|row| (row.registered_at, row.name));
        let later = self.renamed.get(&number).into_iter().flatten().copied();
        let names = first.into_iter().chain(later);
        let name = |(since, tag): (ShortPosition, _)| NameState {
            since: since.wide(),
            tag,
        };
        names.map(name).collect()
    }

    fn add(&mut self, row: SubjectRow) -> u32 {
        let number = self.rows.push(row);
        let hash_of = |row| self.rows.get(row).map_or(0, |row| fold_key(&row.id.0));
        self.by_id.insert(fold_key(&row.id.0), number, hash_of);
        number
    }

    /// Subjects read from a snapshot.
    pub(crate) fn over(rows: Rows<SubjectRow>) -> Self {
        Self {
            by_id: rows.index(|row| Some(row.id.0)),
            rows,
            renamed: BTreeMap::new(),
        }
    }

    /// Registers a subject, with its first name.
    pub(crate) fn register(
        &mut self,
        id: SubjectId,
        kind: SubjectKind,
        at: Position,
        name: Option<Tag>,
    ) -> u32 {
        let row = SubjectRow {
            id,
            kind: Some(kind),
            registered_at: at.into(),
            revision: at.into(),
            name,
        };
        match self.find(&id) {
            Some(number) => {
                self.renamed.remove(&number);
                if let Some(held) = self.rows.get_mut(number) {
                    *held = row;
                }
                number
            }
            None => self.add(row),
        }
    }

    /// Row of the subject that a stream is about; a log that never registered it gets a row without kind.
    pub(crate) fn of_stream(&mut self, id: SubjectId) -> u32 {
        let none = ShortPosition::NONE;
        let unknown = SubjectRow {
            id,
            kind: None,
            registered_at: none,
            revision: none,
            name: None,
        };
        self.find(&id).unwrap_or_else(|| self.add(unknown))
    }

    /// The row of a registered subject.
    pub(crate) fn registered_mut(&mut self, number: u32) -> Option<&mut SubjectRow> {
        self.rows.get(number).filter(|row| row.kind.is_some())?;
        self.rows.get_mut(number)
    }

    /// Forgets the names that these entries brought; their tags.
    pub(crate) fn forget_names(
        &mut self,
        number: u32,
        is_gone: impl Fn(ShortPosition) -> bool,
    ) -> Vec<Tag> {
        let first = self.registered_mut(number);
        let first = first.filter(|row| is_gone(row.registered_at));
        let first = first.and_then(|row| row.name.take());
        let later = self.renamed.get_mut(&number).into_iter().flatten();
        let later = later.filter(|(since, _)| is_gone(*since));
        let later = later.filter_map(|(_, tag)| tag.take());
        first.into_iter().chain(later).collect()
    }
}

/// Records in the order of the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    pub(crate) rows: Rows<RecordRow>,
    by_id: Index,
    by_key: Index,
}

impl RecordRow {
    pub(crate) fn new(
        id: RecordId,
        subject: u32,
        kind: SubjectKind,
        at: Position,
        (key, content): (Option<Tag>, Option<ShortTag>),
    ) -> Self {
        let none = ShortPosition::NONE;
        Self {
            id,
            key,
            content,
            subject,
            kind,
            recorded_at: at.into(),
            revision: at.into(),
            voided_at: none,
            annulled_at: none,
            erased_at: none,
        }
    }

    /// Where it stands. The later of two compensations would count; there is never more than one.
    pub(crate) fn standing(&self) -> Standing {
        match (self.voided_at.known(), self.annulled_at.known()) {
            (Some(at), _) => Standing::Voided(at),
            (None, Some(at)) => Standing::Annulled(at),
            (None, None) => Standing::Holds,
        }
    }

    pub(crate) fn key(&self) -> Option<Tag> {
        self.key
    }
}

impl Records {
    pub(crate) fn find(&self, id: &RecordId) -> Option<u32> {
        let is_it = |row| self.rows.get(row).is_some_and(|row| row.id == *id);
        self.by_id.find(fold_key(&id.0), is_it)
    }

    /// The row that holds a key: the last one that brought it.
    pub(crate) fn find_key(&self, key: &Tag) -> Option<u32> {
        let is_it = |row| self.rows.get(row).is_some_and(|row| row.key == Some(*key));
        self.by_key.find(fold_key(key), is_it)
    }

    pub(crate) fn get(&self, row: u32) -> Option<&RecordRow> {
        self.rows.get(row)
    }

    pub(crate) fn get_mut(&mut self, row: u32) -> Option<&mut RecordRow> {
        self.rows.get_mut(row)
    }

    /// Adds a record, or puts it in the place of the one that has its id.
    pub(crate) fn put(&mut self, row: RecordRow) {
        match self.find(&row.id) {
            Some(number) => {
                self.release(number);
                if let Some(held) = self.rows.get_mut(number) {
                    *held = row;
                }
                self.hold(number);
            }
            None => self.add(row),
        }
    }

    fn add(&mut self, row: RecordRow) {
        let number = self.rows.push(row);
        let hash_of = |row| self.rows.get(row).map_or(0, |row| fold_key(&row.id.0));
        self.by_id.insert(fold_key(&row.id.0), number, hash_of);
        self.hold(number);
    }

    /// Records read from a snapshot.
    pub(crate) fn over(rows: Rows<RecordRow>) -> Self {
        Self {
            by_id: rows.index(|row| Some(row.id.0)),
            by_key: rows.index(|row| row.key),
            rows,
        }
    }

    fn hold(&mut self, number: u32) {
        let Some(key) = self.rows.get(number).and_then(|row| row.key) else {
            return;
        };
        let rows = &self.rows;
        let has_key = |row| rows.get(row).is_some_and(|row| row.key == Some(key));
        self.by_key.remove(fold_key(&key), has_key);
        let hash_of = |row| {
            let key = rows.get(row).and_then(|row| row.key);
            key.map_or(0, |key| fold_key(&key))
        };
        self.by_key.insert(fold_key(&key), number, hash_of);
    }

    /// Forgets a record's key.
    pub(crate) fn release(&mut self, number: u32) {
        let key = self.rows.get(number).and_then(|row| row.key);
        if let Some(key) = key {
            // While the row still has its key: growing the index asks for it.
            self.by_key.remove(fold_key(&key), |row| row == number);
            if let Some(row) = self.rows.get_mut(number) {
                row.key = None;
            }
        }
    }
}

/// Memberships in the order of the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listings {
    pub(crate) rows: Rows<ListingRow>,
    by_id: Index,
    by_key: Index,
    /// Names of lists in the order of their first use.
    pub(crate) names: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u32>,
}

impl Listings {
    pub(crate) fn find(&self, id: &ListingId) -> Option<u32> {
        let is_it = |row| self.rows.get(row).is_some_and(|row| row.id == *id);
        self.by_id.find(fold_key(&id.0), is_it)
    }

    pub(crate) fn find_key(&self, key: &Tag) -> Option<u32> {
        let is_it = |row| self.rows.get(row).is_some_and(|row| row.key == *key);
        self.by_key.find(fold_key(key), is_it)
    }

    pub(crate) fn get(&self, row: u32) -> Option<&ListingRow> {
        self.rows.get(row)
    }

    pub(crate) fn get_mut(&mut self, row: u32) -> Option<&mut ListingRow> {
        self.rows.get_mut(row)
    }

    /// Name of a list.
    pub(crate) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    /// Number of a list's name.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        let name: Arc<str> = name.into();
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// Adds a membership, or puts it in the place of the one that has its id.
    pub(crate) fn put(&mut self, row: ListingRow) {
        let number = match self.find(&row.id) {
            Some(number) => {
                if let Some(held) = self.rows.get_mut(number) {
                    let before = std::mem::replace(held, row);
                    self.by_key
                        .remove(fold_key(&before.key), |row| row == number);
                }
                number
            }
            None => {
                let number = self.rows.push(row);
                let hash_of = |row| self.rows.get(row).map_or(0, |row| fold_key(&row.id.0));
                self.by_id.insert(fold_key(&row.id.0), number, hash_of);
                number
            }
        };
        let rows = &self.rows;
        let has_key = |other| rows.get(other).is_some_and(|other| other.key == row.key);
        self.by_key.remove(fold_key(&row.key), has_key);
        let hash_of = |row| rows.get(row).map_or(0, |row| fold_key(&row.key));
        self.by_key.insert(fold_key(&row.key), number, hash_of);
    }
}
