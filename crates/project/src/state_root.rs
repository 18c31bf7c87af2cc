//! The state root: one row per subject at (`as_of`, day), and two trees over them (format §15).
//!
//! The **open row** is a function of headers and open parts alone: whoever has the log can compute it. Where a subject's state
//! rests on sealed parts, the **full row** is a keyed hash, whose key only the key ring has. After the erasure of a whole person
//! it is [`ERASED`].
//!
//! A subject that nothing has changed since `as_of` is read from what the views keep ready; any other is worked out from its
//! rows as they were known then, so that later views give the rows of an earlier moment. What was erased since is the
//! exception: no view can give those rows, the erasure lists them.

use crate::heads::Head;
use crate::status::Knowledge;
use crate::{Moment, Views, periods};
use probity_format::Hash;
use probity_proof::tree::{Frontier, leaf_hash};
use probity_rules::{AnchorDates, Grade, GradeTable};
use probity_types::{
    Category, CivilDate, CodeList, ListingId, Position, Revision, SubjectId, SubjectKind,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the rows: another one is not comparable.
pub const STATE_VIEWS: u16 = 1;
/// Leaf of a subject's key tree that nothing is sealed under: full rows are keyed from it.
pub const ROW_KEY_LEAF: u32 = u32::MAX;

const ROW_CONTEXT: &str = "probity 2026 state row v1";
const ROW_KEY_CONTEXT: &str = "probity 2026 state row key v1";

/// Full row of a person who was erased: the hash of a row without bytes, which no subject has.
pub fn erased_row() -> Hash {
    Hash(blake3::derive_key(ROW_CONTEXT, &[]))
}

/// What the key ring says of a subject.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RowKey {
    /// The leaf key of [`ROW_KEY_LEAF`].
    Leaf([u8; 32]),
    /// The whole person was erased before the moment.
    Erased,
    /// No key is at hand.
    Missing,
}

impl std::fmt::Debug for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Leaf(_) => "RowKey::Leaf",
            Self::Erased => "RowKey::Erased",
            Self::Missing => "RowKey::Missing",
        })
    }
}

/// One subject's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StateRow {
    /// The subject.
    pub subject: SubjectId,
    /// From headers and open parts alone.
    pub open: Hash,
    /// From everything; none where the key is missing.
    pub full: Option<Hash>,
}

/// Roots over all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StateRoots {
    /// Subjects.
    pub subjects: u64,
    /// Over open rows.
    pub open_root: Hash,
    /// Over full rows; none where one of them is missing.
    pub full_root: Option<Hash>,
}

/// Why there is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The views have not seen the moment.
    #[error("the views stand before position {as_of}")]
    Ahead {
        /// The moment.
        as_of: Position,
    },
    /// An entry before the last one of a subject's stream is needed and cannot be read.
    #[error("the entry at position {position} cannot be read")]
    NoEntry {
        /// Which.
        position: Position,
    },
}

/// Number and hash of an entry of the log, for subjects that changed after the moment; none where it cannot be read.
pub type EntryAt<'a> = &'a dyn Fn(Position) -> Option<(Revision, Hash)>;
/// Keys of full rows.
pub type RowKeys<'a> = &'a dyn Fn(&SubjectId) -> RowKey;

/// What a row says of a subject.
struct Content<'a> {
    subject: SubjectId,
    kind: SubjectKind,
    last: (Revision, Hash),
    rests_on_sealed: bool,
    records: BTreeMap<Category, u64>,
    disputed: u64,
    listings: BTreeMap<ListingId, &'a str>,
    grade: Option<Grade>,
    published: BTreeMap<Category, (u64, u64)>,
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

impl Content<'_> {
    /// What headers and open parts say of every subject (format §15.1, first part).
    fn put_open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.subject.0);
        out.extend_from_slice(&self.kind.number().to_le_bytes());
        put_number(out, self.last.0.0);
        out.extend_from_slice(&self.last.1.0);
        out.push(u8::from(self.rests_on_sealed));
        put_number(out, self.records.len() as u64);
        for (category, count) in &self.records {
            out.extend_from_slice(&category.number().to_le_bytes());
            put_number(out, *count);
        }
        put_number(out, self.disputed);
        put_number(out, self.listings.len() as u64);
        for (id, list) in &self.listings {
            out.extend_from_slice(&id.0);
            put_text(out, list);
        }
    }

    /// What rules make of it (format §15.1, second part): of a person this rests on sealed parts.
    fn put_judged(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.grade.is_some()));
        if let Some(grade) = &self.grade {
            put_text(out, grade.grade.key());
            out.extend_from_slice(&grade.points.to_le_bytes());
            put_number(out, grade.reasons.len() as u64);
            for reason in &grade.reasons {
                put_text(out, &reason.rule);
                put_text(out, &reason.version);
                put_number(out, reason.count);
            }
        }
        put_number(out, self.published.len() as u64);
        for (category, (count, disputed)) in &self.published {
            out.extend_from_slice(&category.number().to_le_bytes());
            put_number(out, *count);
            put_number(out, *disputed);
        }
    }

    fn row(&self, key: RowKeys<'_>) -> StateRow {
        let mut bytes = Vec::with_capacity(256);
        self.put_open(&mut bytes);
        let subject = self.subject;
        if !self.rests_on_sealed {
            self.put_judged(&mut bytes);
            let open = Hash(blake3::derive_key(ROW_CONTEXT, &bytes));
            let full = Some(open);
            return StateRow {
                subject,
                open,
                full,
            };
        }
        let open = Hash(blake3::derive_key(ROW_CONTEXT, &bytes));
        let full = match key(&subject) {
            RowKey::Leaf(leaf) => {
                self.put_judged(&mut bytes);
                let key = blake3::derive_key(ROW_KEY_CONTEXT, &leaf);
                Some(Hash(*blake3::keyed_hash(&key, &bytes).as_bytes()))
            }
            RowKey::Erased => Some(erased_row()),
            RowKey::Missing => None,
        };
        StateRow {
            subject,
            open,
            full,
        }
    }
}

/// How rows of one moment are worked out.
struct Question<'a> {
    as_of: Position,
    moment: Moment,
    grades: Option<&'a GradeTable>,
    /// Whether what the views keep ready of unchanged subjects is that of the moment: no pack came since, and no rule began or
    /// ended to hold between the moment's day and the views'.
    is_kept: bool,
    entry: EntryAt<'a>,
    keys: RowKeys<'a>,
}

impl Views {
    /// Every row at a moment, in the order of subject ids: the state after the entry `as_of`, on a day.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn state_rows(
        &self,
        as_of: Position,
        date: CivilDate,
        entry: EntryAt<'_>,
        keys: RowKeys<'_>,
    ) -> Result<Vec<StateRow>, StateError> {
        let question = self.question(as_of, date, entry, keys)?;
        let numbers = self.directory().rows().numbered();
        let rows = numbers.filter_map(|(subject, _)| self.answer(subject, &question).transpose());
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.sort_unstable_by_key(|row| row.subject);
        Ok(rows)
    }

    /// One subject's row; none where it was not registered yet.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn state_row(
        &self,
        subject: &SubjectId,
        (as_of, date): (Position, CivilDate),
        entry: EntryAt<'_>,
        keys: RowKeys<'_>,
    ) -> Result<Option<StateRow>, StateError> {
        let question = self.question(as_of, date, entry, keys)?;
        let subject = self.directory().index(subject);
        subject.map_or(Ok(None), |subject| self.answer(subject, &question))
    }

    fn question<'a>(
        &'a self,
        as_of: Position,
        date: CivilDate,
        entry: EntryAt<'a>,
        keys: RowKeys<'a>,
    ) -> Result<Question<'a>, StateError> {
        if self.position() < Some(as_of) {
            return Err(StateError::Ahead { as_of });
        }
        let moment = Moment {
            valid_on: date,
            known_at: Some(as_of),
        };
        let packs = self.policies().packs(as_of, &AnchorDates::on(date));
        let is_old = |(at, ..): &(Position, _, _)| *at <= as_of;
        let (first, last) = (date.min(self.day()), date.max(self.day()));
        Ok(Question {
            as_of,
            moment,
            grades: packs.ok().map(|packs| packs.grade),
            is_kept: self.policies().adopted().all(|pack| is_old(&pack))
                && !self.turning.any_between(first, last),
            entry,
            keys,
        })
    }

    fn answer(
        &self,
        subject: u32,
        question: &Question<'_>,
    ) -> Result<Option<StateRow>, StateError> {
        let as_of = question.as_of;
        let known = self.directory().row(subject).zip(self.heads.get(subject));
        let Some((row, head)) = known.filter(|(row, _)| row.registered_at <= as_of) else {
            return Ok(None);
        };
        let is_unchanged = head.is_unchanged_since(as_of);
        let last = match is_unchanged {
            true => head.last(),
            false => self.last_at(subject, head, question)?,
        };
        let moment = question.moment;
        let knowledge = match is_unchanged && question.is_kept {
            true => Knowledge::Kept,
            false => Knowledge::Rows,
        };
        let (records, disputed) = self.record_counts(subject, moment, knowledge);
        let listed = self.listings().of_subject(subject);
        let listed = listed.filter(|row| row.is_listed(&moment));
        let grade = |table: &GradeTable| table.grade(&self.hits(subject, moment, knowledge));
        let content = Content {
            subject: row.id,
            kind: row.kind,
            last,
            rests_on_sealed: row.kind.is_person() || head.rests_on_sealed(as_of),
            records,
            disputed,
            listings: listed.map(|row| (row.id, &*row.list)).collect(),
            grade: question.grades.map(grade),
            published: match knowledge {
                Knowledge::Kept => self.published.of(subject, moment.valid_on),
                Knowledge::Rows => self.published_at(subject, moment),
            },
        };
        Ok(Some(content.row(question.keys)))
    }

    /// The last entry of a stream at a moment, by its positions among those that show and those that wait.
    fn last_at(
        &self,
        subject: u32,
        head: &Head,
        question: &Question<'_>,
    ) -> Result<(Revision, Hash), StateError> {
        let as_of = question.as_of;
        if head.is_last_at(as_of) {
            return Ok(head.last());
        }
        let shown = self.timeline().of(subject);
        let shown = &shown[..shown.partition_point(|at| *at <= as_of)];
        let id = self.directory().row(subject).map(|row| row.id);
        let waiting = id.into_iter().flat_map(|id| self.stage().waiting_of(id));
        let waiting = waiting.filter(|at| *at <= as_of).max();
        let position = shown.last().copied().max(waiting);
        let position = position.ok_or(StateError::NoEntry { position: as_of })?;
        (question.entry)(position).ok_or(StateError::NoEntry { position })
    }

    /// Published records by category as [`crate::published::PublicBook::of`] keeps them, worked out for a moment.
    fn published_at(&self, subject: u32, moment: Moment) -> BTreeMap<Category, (u64, u64)> {
        let mut counts: BTreeMap<Category, (u64, u64)> = BTreeMap::new();
        let rows = self.records().of_subject(subject).iter();
        for row in rows.filter_map(|index| self.records().row(*index)) {
            let span = periods::published(self.policies(), row, moment);
            if let Some(span) = span
                && span.from <= moment.valid_on
                && moment.valid_on < span.to
            {
                let held = counts.entry(row.category).or_default();
                held.0 += 1;
                held.1 += u64::from(span.is_disputed);
            }
        }
        counts
    }
}

/// Leaf of the tree: a row at its subject.
fn leaf(subject: SubjectId, row: Hash) -> [u8; 48] {
    let mut leaf = [0; 48];
    leaf[..16].copy_from_slice(&subject.0);
    leaf[16..].copy_from_slice(&row.0);
    leaf
}

/// Roots over rows that stand in the order of subject ids.
pub fn state_roots(rows: &[StateRow]) -> StateRoots {
    let (mut open, mut full) = (Frontier::default(), Some(Frontier::default()));
    for row in rows {
        open.push(leaf_hash(&leaf(row.subject, row.open)));
        full = full.zip(row.full).map(|(mut full, hash)| {
            full.push(leaf_hash(&leaf(row.subject, hash)));
            full
        });
    }
    StateRoots {
        subjects: open.size(),
        open_root: Hash(open.root().0),
        full_root: full.map(|full| Hash(full.root().0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_rules::GradeValue;

    /// A row written down from the specification alone.
    #[test]
    fn rows_have_the_bytes_of_the_specification() {
        let subject = SubjectId([3; 16]);
        let content = |rests_on_sealed| Content {
            subject,
            kind: SubjectKind::NaturalPerson,
            last: (Revision(5), Hash([4; 32])),
            rests_on_sealed,
            records: BTreeMap::from([(Category::CF, 2)]),
            disputed: 1,
            listings: BTreeMap::from([(ListingId([6; 16]), "tax-a")]),
            grade: Some(Grade {
                grade: GradeValue::Unrated,
                points: -1,
                reasons: Vec::new(),
                table: (String::new(), String::new()),
                explanation: probity_rules::Sentence::new("", ""),
            }),
            published: BTreeMap::from([(Category::XK, (7, 0))]),
        };
        let number = |n: u64| n.to_le_bytes().to_vec();
        let code = |n: u16| n.to_le_bytes().to_vec();
        let text = |t: &str| [number(t.len() as u64), t.as_bytes().to_vec()].concat();
        let first = |sealed: u8| {
            [
                vec![3; 16],
                code(SubjectKind::NaturalPerson.number()),
                number(5),
                vec![4; 32],
                vec![sealed],
                [number(1), code(Category::CF.number()), number(2)].concat(),
                number(1),
                [number(1), vec![6; 16], text("tax-a")].concat(),
            ]
            .concat()
        };
        let second = [
            vec![1],
            text(GradeValue::Unrated.key()),
            (-1i64).to_le_bytes().to_vec(),
            number(0),
            [number(1), code(Category::XK.number()), number(7), number(0)].concat(),
        ]
        .concat();
        let hash = |bytes: &[u8]| Hash(blake3::derive_key("probity 2026 state row v1", bytes));
        let leaf = |_: &SubjectId| RowKey::Leaf([9; 32]);

        let open = content(false).row(&leaf);
        assert_eq!(open.open, hash(&[first(0), second.clone()].concat()));
        assert_eq!(open.full, Some(open.open));

        let sealed = content(true).row(&leaf);
        assert_eq!(sealed.open, hash(&first(1)));
        let key = blake3::derive_key("probity 2026 state row key v1", &[9; 32]);
        let full = blake3::keyed_hash(&key, &[first(1), second].concat());
        assert_eq!(sealed.full, Some(Hash(*full.as_bytes())));
        let full = |key: RowKey| content(true).row(&move |_| key).full;
        assert_eq!(full(RowKey::Missing), None);
        assert_eq!(full(RowKey::Erased), Some(hash(&[])));

        // One leaf: the root is its hash.
        let roots = state_roots(&[open]);
        let leaf = [&[3; 16][..], &open.open.0].concat();
        assert_eq!(roots.open_root, Hash(leaf_hash(&leaf).0));
        assert_eq!(
            (roots.subjects, roots.full_root),
            (1, Some(roots.open_root))
        );
    }
}
