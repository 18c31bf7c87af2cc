//! Committed states and signing keys: what the log has promised about itself, and when a new promise is right.
//!
//! Out of scope: rows and roots (the views'), signatures (the server's).

use crate::command::{CommitState, EarlierRows, RotateSigningKey};
use crate::draft::{Decision, NewEvent};
use crate::refusal::{Refusal, text};
use crate::registry::Registry;
use crate::system::SYSTEM_STREAM;
use probity_format::Hash;
use probity_format::events::{CommittedRow, SigningKeyRotated, StateCommitted, StreamKind};
use probity_types::pack::{read_rows, write_rows};
use probity_types::{CivilDate, Position, RootId, SubjectId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

/// Rows that one erasure names; more stand in further events of the same unit.
pub const ERASURE_ROWS_MAX: usize = 4_096;

/// One committed state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// The entry that commits to it.
    pub position: Position,
    /// The last entry that the state has seen.
    pub as_of: Position,
    /// The day that it speaks of.
    pub date: CivilDate,
}

/// One key that signs checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its number, from 1.
    pub number: u32,
    /// Ed25519 public key.
    pub key: Hash,
    /// The entry that brought it.
    pub position: Position,
    /// Until when the key before it signs as well.
    pub overlap_until: Timestamp,
}

/// What the log has promised so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Committed {
    states: Vec<Commitment>,
    /// Days with the entry that began them.
    days: Vec<(Position, CivilDate)>,
    keys: Vec<SigningKey>,
    /// Last erasure under the root of each subject.
    erased: BTreeMap<SubjectId, Position>,
}

impl Committed {
    pub(crate) fn begin_day(&mut self, day: CivilDate, at: Position) {
        self.days.push((at, day));
    }

    pub(crate) fn commit(&mut self, event: &StateCommitted, at: Position) {
        self.states.push(Commitment {
            position: at,
            as_of: event.as_of,
            date: event.date,
        });
    }

    pub(crate) fn rotate(&mut self, event: &SigningKeyRotated, at: Position) {
        self.keys.push(SigningKey {
            number: event.number,
            key: event.key,
            position: at,
            overlap_until: event.overlap_until,
        });
    }

    pub(crate) fn erase(&mut self, subject: SubjectId, at: Position) {
        self.erased.insert(subject, at);
    }

    fn day_at(&self, position: Position) -> Option<CivilDate> {
        let begun = self.days.partition_point(|(at, _)| *at <= position);
        Some(self.days.get(begun.checked_sub(1)?)?.1)
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let states = self.states.iter();
        let states = states.map(|state| (state.position, state.as_of, state.date));
        write_rows(out, self.states.len(), states)?;
        write_rows(out, self.days.len(), self.days.iter().copied())?;
        let keys = self.keys.iter();
        let keys = keys.map(|key| ((key.number, key.key.0), (key.position, key.overlap_until.0)));
        write_rows(out, self.keys.len(), keys)?;
        let erased = self.erased.iter().map(|(id, at)| (*id, *at));
        write_rows(out, self.erased.len(), erased)
    }

    pub(crate) fn read(from: &mut dyn Read) -> io::Result<Self> {
        let mut read = Self::default();
        let each = |(position, as_of, date)| {
            let state = Commitment {
                position,
                as_of,
                date,
            };
            read.states.push(state);
        };
        read_rows(from, |_| (), each)?;
        read_rows(from, |_| (), |day| read.days.push(day))?;
        let each = |((number, key), (position, overlap)): ((u32, [u8; 32]), (Position, i64))| {
            let key = SigningKey {
                number,
                key: Hash(key),
                position,
                overlap_until: Timestamp(overlap),
            };
            read.keys.push(key);
        };
        read_rows(from, |_| (), each)?;
        let each = |(id, at): (SubjectId, Position)| {
            read.erased.insert(id, at);
        };
        read_rows(from, |_| (), each)?;
        Ok(read)
    }
}

impl Registry {
    /// Committed states, oldest first.
    pub fn commitments(&self) -> &[Commitment] {
        &self.committed.states
    }

    /// Keys that sign or signed checkpoints, oldest first.
    pub fn signing_keys(&self) -> &[SigningKey] {
        &self.committed.keys
    }

    /// The first day that began.
    pub fn first_day(&self) -> Option<CivilDate> {
        self.committed.days.first().map(|(_, day)| *day)
    }

    /// The day that had begun when an entry was appended.
    pub fn day_at(&self, position: Position) -> Option<CivilDate> {
        self.committed.day_at(position)
    }

    /// Commitments at which an erasure now has to list a subject's full row: those that saw the subject, without those that
    /// an earlier erasure of the subject has seen to. Empty for an id that is no registered subject.
    pub fn commitments_to_list(&self, subject: &SubjectId) -> &[Commitment] {
        let states = &self.committed.states;
        let row = self.subjects.find(subject);
        let row = row.and_then(|row| self.subjects.rows.get(row));
        let known = row.and_then(|row| row.registered_at.known());
        let Some(registered) = known else { return &[] };
        let erased = self.committed.erased.get(subject);
        let is_seen_to = |state: &Commitment| {
            state.as_of < registered || erased.is_some_and(|at| state.position < *at)
        };
        &states[states.partition_point(is_seen_to)..]
    }
}

fn refused(field: &'static str, why: String) -> Refusal {
    Refusal::Value { field, why }
}

/// Decides whether a state may be committed: it lies in the past of the entry, after every state before it, on its own day,
/// and nothing that it rests on was erased since.
pub(crate) fn decide_commit(
    registry: &Registry,
    command: &CommitState,
) -> Result<Decision, Refusal> {
    let (as_of, next) = (command.as_of, registry.next());
    if as_of >= next {
        let why = format!("{as_of} does not lie below {next}, the position of the commitment");
        return Err(refused("as_of", why));
    }
    if let Some(last) = registry.commitments().last()
        && as_of <= last.as_of
    {
        let why = format!(
            "{as_of} is not newer than {}, committed at {}",
            last.as_of, last.position
        );
        return Err(refused("as_of", why));
    }
    if registry.day_at(as_of) != Some(command.date) {
        let why = match registry.day_at(as_of) {
            Some(day) => format!("the day at {as_of} is {day}, not {}", command.date),
            None => format!("no day had begun at {as_of}"),
        };
        return Err(refused("date", why));
    }
    if let Some(erased) = registry.last_erasure().filter(|erased| *erased > as_of) {
        let why =
            format!("{erased} erased what the state at {as_of} may rest on; take a newer state");
        return Err(refused("as_of", why));
    }
    let body = StateCommitted {
        as_of,
        date: command.date,
        views: command.views,
        evaluator: command.evaluator,
        packs: registry.packs_in_force(as_of, command.date),
        subjects: command.subjects,
        open_root: command.open_root,
        full_root: command.full_root,
    };
    let event = NewEvent::open(StreamKind::System, SYSTEM_STREAM, body);
    Ok(Decision::Append(vec![event]))
}

/// Decides whether a key takes over.
pub(crate) fn decide_rotate(
    registry: &Registry,
    command: &RotateSigningKey,
) -> Result<Decision, Refusal> {
    let keys = registry.signing_keys();
    let number = keys.last().map_or(1, |key| key.number.saturating_add(1));
    if command.number != number {
        let why = format!("the next key is number {number}, not {}", command.number);
        return Err(refused("number", why));
    }
    if let Some(held) = keys.iter().find(|held| held.key.0 == command.key) {
        let why = format!("key {} was this one already", held.number);
        return Err(refused("key", why));
    }
    let body = SigningKeyRotated {
        number,
        key: Hash(command.key),
        overlap_until: command.overlap_until,
        reason: text("reason", &command.reason)?,
        officer: text("officer", &command.officer)?,
    };
    let event = NewEvent::open(StreamKind::System, SYSTEM_STREAM, body);
    Ok(Decision::Append(vec![event]))
}

/// Rows to list with the erasure of these roots.
///
/// # Errors
/// [`Refusal::RowsMissing`] unless they cover exactly the commitments so far, and [`Refusal::Value`] for rows of somebody
/// whose keys stay.
pub(crate) fn rows_to_list(
    registry: &Registry,
    roots: &BTreeSet<RootId>,
    rows: &EarlierRows,
) -> Result<BTreeMap<RootId, Vec<CommittedRow>>, Refusal> {
    let last = registry.commitments().last().map(|state| state.position);
    let missing = |commitment| Refusal::RowsMissing { commitment };
    if rows.through != last {
        return Err(missing(last.unwrap_or(Position::NONE)));
    }
    if let Some(other) = rows.rows.keys().find(|id| !roots.contains(&RootId(id.0))) {
        let why = format!("the erasure destroys no key of {other}");
        return Err(refused("rows", why));
    }
    let mut listed = BTreeMap::new();
    for root in roots {
        let subject = SubjectId(root.0);
        let wanted = registry.commitments_to_list(&subject);
        let given = rows.rows.get(&subject).map_or(&[][..], Vec::as_slice);
        let first = wanted.first().map(|state| state.position);
        if given.first().map(|(at, _)| *at) != first {
            return Err(missing(first.unwrap_or(Position::NONE)));
        }
        let is_known = |at: &Position| wanted.binary_search_by_key(at, |s| s.position).is_ok();
        let is_ordered = given.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if let Some((at, _)) = given.iter().find(|(at, _)| !is_known(at)) {
            return Err(refused(
                "rows",
                format!("no state to be listed was committed at {at}"),
            ));
        }
        if !is_ordered {
            return Err(refused("rows", "commitments do not ascend".to_owned()));
        }
        let row = |(commitment, row): &(Position, Hash)| CommittedRow {
            commitment: *commitment,
            row: *row,
        };
        listed.insert(*root, given.iter().map(row).collect());
    }
    Ok(listed)
}
