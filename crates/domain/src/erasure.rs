//! Erasure: which sealed parts lie under which key, which keys a decision destroys, and what the state forgets then.
//!
//! What is forgotten follows from the event and from what stands in the open, never from content: a state that saw the
//! content and a state replayed after its key was destroyed are the same.

use crate::command::{EarlierRows, Erasable};
use crate::committed::{ERASURE_ROWS_MAX, rows_to_list};
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::identity;
use crate::refusal::{Refusal, text};
use crate::registry::Registry;
use crate::snapshot::{read_table, write_table};
use crate::subject::required;
use crate::system::SYSTEM_STREAM;
use probity_format::events::{CommittedRow, ErasureRecorded, Event, StreamKind};
use probity_format::wire::Set;
use probity_types::pack::{Packed, demand, read_rows, write_rows};
use probity_types::packed_row;
use probity_types::table::{Rows, ShortPosition, Table};
use probity_types::{PendingId, Position, RecordId, RootId, SubjectId};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

/// Positions that one erasure names; more stand in further events of the same unit.
pub const ERASURE_POSITIONS_MAX: usize = 4_096;

/// What a sealed part says, as far as the open part tells; with the row of what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Who a subject is: identity, name, identifier, certificate.
    Header,
    /// The details of a record about a person.
    Details,
    /// A person named in a record about somebody else.
    Party,
    /// The fields of a correction.
    Changes,
    /// An amount that was paid.
    Amount,
    /// Why somebody was listed.
    Listing,
    /// A report that waits.
    Waiting,
    /// A file that was handed in.
    File,
}

impl Packed for Holds {
    const BYTES: usize = 1;
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        const ALL: [Holds; 8] = [
            Holds::Header,
            Holds::Details,
            Holds::Party,
            Holds::Changes,
            Holds::Amount,
            Holds::Listing,
            Holds::Waiting,
            Holds::File,
        ];
        ALL.get(usize::from(u8::unpack(bytes)?)).copied()
    }
}

/// No row.
const NONE: u32 = u32::MAX;

/// What the parts of an entry hold under a root, and the row of the record or membership.
fn holds(registry: &Registry, entry: &Entry, root: RootId) -> (Holds, u32) {
    let row = |record: &RecordId| registry.records.find(record).unwrap_or(NONE);
    match &entry.event {
        Event::RecordParked(_)
        | Event::ReportQuarantined(_)
        | Event::CandidateRejected(_)
        | Event::RecordLinked(_) => (Holds::Waiting, NONE),
        Event::SubmissionReceived(_) | Event::SubmissionContinued(_) => (Holds::File, NONE),
        Event::ListingDecided(event) => {
            let row = registry.listings.find(&event.listing);
            (Holds::Listing, row.unwrap_or(NONE))
        }
        Event::RecordCorrected(event) => (Holds::Changes, row(&event.core.record)),
        Event::PerformanceRecorded(event) => (Holds::Amount, row(&event.record)),
        event => match event.recorded() {
            Some(core) if root.0 == entry.header.stream.0 => (Holds::Details, row(&core.record)),
            Some(core) => (Holds::Party, row(&core.record)),
            None => (Holds::Header, NONE),
        },
    }
}

packed_row! {
    /// One key that seals parts of one entry. The leaves of a root hang together, newest first.
    struct Leaf {
        index: u64,
        position: ShortPosition,
        holds: Holds,
        /// Row of the record or membership.
        about: u32,
        /// The leaf before it under the same root.
        before: u32,
    }

    /// A root of keys.
    struct Root {
        /// Whether anything was ever sealed under it.
        used: bool,
        /// Its newest leaf that was not erased.
        newest: u32,
        /// Since when it is erased whole.
        erased_at: ShortPosition,
    }
}

const UNUSED: Root = Root {
    used: false,
    newest: NONE,
    erased_at: ShortPosition::NONE,
};

/// Every key in use, and every key destroyed.
#[derive(Debug, Clone, Default)]
pub(crate) struct SealedParts {
    roots: Table<Root>,
    /// Leaves in the order of the log, erased ones among them; those hang under no root any more.
    leaves: Rows<Leaf>,
    /// Erasures of single leaves, with the entry that says so.
    erased: BTreeMap<(RootId, u64), Position>,
}

/// Notes the keys of a new entry.
pub(crate) fn note(registry: &mut Registry, entry: &Entry) {
    for part in &entry.parts {
        let (holds, about) = holds(registry, entry, part.key.root);
        let leaf = Leaf {
            index: part.key.index,
            position: entry.header.position.into(),
            holds,
            about,
            before: NONE,
        };
        registry.sealed.add(part.key.root, leaf);
    }
}

impl SealedParts {
    fn add(&mut self, id: RootId, leaf: Leaf) {
        let root = self.roots.get(&id.0).copied().unwrap_or(UNUSED);
        let leaf = Leaf {
            before: root.newest,
            ..leaf
        };
        let newest = self.leaves.get(root.newest);
        let is_known = newest.is_some_and(|held| {
            let before = held.before;
            Leaf { before, ..leaf } == *held
        });
        if !is_known {
            let newest = self.leaves.push(leaf);
            let used = true;
            let root = Root {
                used,
                newest,
                ..root
            };
            self.roots.insert(id.0, root);
        }
    }

    /// Since when a root is erased whole.
    pub(crate) fn root_erased_at(&self, root: RootId) -> Option<Position> {
        self.roots.get(&root.0)?.erased_at.known()
    }

    pub(crate) fn living_roots(&self) -> Vec<RootId> {
        let roots = self.roots.sorted().into_iter();
        let living = roots.filter(|(_, root)| root.newest != NONE);
        living.map(|(id, _)| RootId(id)).collect()
    }

    fn erased_at(&self, root: RootId, index: u64) -> Option<Position> {
        let whole = self.root_erased_at(root);
        whole.or_else(|| self.erased.get(&(root, index)).copied())
    }

    /// Leaves of a root that were not erased, newest first, with their rows. None for a root that nothing was sealed under.
    fn living(&self, root: RootId) -> Option<impl Iterator<Item = (u32, Leaf)> + '_> {
        let root = self.roots.get(&root.0).filter(|root| root.used)?;
        let leaf = |row: u32| Some((row, *self.leaves.get(row)?));
        let first = leaf(root.newest);
        Some(std::iter::successors(first, move |(_, newer)| {
            leaf(newer.before)
        }))
    }

    /// Destroys leaves of a root; what they held, oldest first.
    fn destroy(&mut self, id: RootId, index: Option<u64>, at: Position) -> Vec<Leaf> {
        let mut root = self.roots.get(&id.0).copied().unwrap_or(UNUSED);
        match index {
            Some(index) => {
                self.erased.entry((id, index)).or_insert(at);
            }
            None if root.erased_at == ShortPosition::NONE => root.erased_at = at.into(),
            None => {}
        }
        let living = self.living(id).into_iter().flatten();
        let (gone, kept): (Vec<_>, Vec<_>) =
            living.partition(|(_, leaf)| index.is_none_or(|index| index == leaf.index));
        // What is kept hangs together again, from the oldest on.
        root.newest = NONE;
        for (row, _) in kept.iter().rev() {
            if let Some(leaf) = self.leaves.get_mut(*row) {
                leaf.before = root.newest;
            }
            root.newest = *row;
        }
        self.roots.insert(id.0, root);
        gone.into_iter().rev().map(|(_, leaf)| leaf).collect()
    }

    fn of_record(&self, row: u32) -> Vec<(RootId, Leaf)> {
        let is_of_it = |leaf: &Leaf| {
            leaf.about == row
                && match leaf.holds {
                    Holds::Details | Holds::Party | Holds::Changes | Holds::Amount => true,
                    Holds::Header | Holds::Listing | Holds::Waiting | Holds::File => false,
                }
        };
        let mut found = Vec::new();
        for (root, _) in self.roots.sorted() {
            let root = RootId(root);
            let first = found.len();
            let living = self.living(root).into_iter().flatten();
            found.extend(
                living
                    .filter(|(_, leaf)| is_of_it(leaf))
                    .map(|(_, leaf)| (root, leaf)),
            );
            found[first..].reverse();
        }
        found
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_table(&self.roots, out)?;
        write_rows(out, self.leaves.len(), self.leaves.iter().copied())?;
        let erased = self.erased.iter();
        let erased = erased.map(|((root, index), at)| (*root, *index, *at));
        write_rows(out, self.erased.len(), erased)
    }

    pub(crate) fn read(from: &mut dyn Read) -> io::Result<Self> {
        let mut read = Self {
            roots: read_table(from)?,
            ..Self::default()
        };
        let leaves = &mut read.leaves;
        let each = |leaf| {
            leaves.push(leaf);
        };
        read_rows(from, |_| (), each)?;
        let erased = &mut read.erased;
        let each = |(root, index, at)| {
            erased.insert((root, index), at);
        };
        read_rows(from, |_| (), each)?;
        // A leaf hangs on an older one: no walk over them goes round in a circle.
        let ordered = |(row, leaf): (u32, &Leaf)| leaf.before == NONE || leaf.before < row;
        demand(read.leaves.numbered().all(ordered))?;
        Ok(read)
    }
}

/// Decides which keys are destroyed. The event names every entry that has a part under them, as it stands in this moment.
pub(crate) fn decide(
    registry: &Registry,
    what: &Erasable,
    words: (&str, &str),
    rows: &EarlierRows,
) -> Result<Decision, Refusal> {
    for (field, zh, value) in [
        ("authority", "决定单位", words.0),
        ("legal_basis", "法律依据", words.1),
    ] {
        if value.trim().is_empty() {
            return Err(required(field, zh));
        }
    }
    let erasures = match destroyed(registry, what)? {
        Ok(erasures) => erasures,
        Err(at) => return Ok(Decision::AlreadyThere(at)),
    };
    let roots = erasures.iter().map(|(root, ..)| *root).collect();
    let mut rows = rows_to_list(registry, &roots, rows)?;
    let mut events = Vec::new();
    for (number, (root, index, positions)) in erasures.iter().enumerate() {
        let is_last = erasures[number + 1..]
            .iter()
            .all(|(other, ..)| other != root);
        loop {
            let mut listed = rows.remove(root).unwrap_or_default();
            let rest = listed.split_off(listed.len().min(ERASURE_ROWS_MAX));
            events.push(event(*root, *index, positions.clone(), listed, words)?);
            let is_done = rest.is_empty() || !is_last;
            rows.insert(*root, rest);
            if is_done {
                break;
            }
        }
    }
    Ok(Decision::Append(events))
}

/// Registered subjects whose keys an erasure would destroy: their rows in committed states rest on them.
///
/// # Errors
/// As the decision itself.
pub fn concerned(registry: &Registry, what: &Erasable) -> Result<BTreeSet<SubjectId>, Refusal> {
    let erasures = destroyed(registry, what)?.unwrap_or_default();
    let subjects = erasures.iter().map(|(root, ..)| SubjectId(root.0));
    Ok(subjects
        .filter(|subject| registry.subject(subject).is_some())
        .collect())
}

/// Keys that an order destroys, with the entries that have parts under them; or since when they are destroyed.
fn destroyed(
    registry: &Registry,
    what: &Erasable,
) -> Result<Result<Vec<Destroyed>, Position>, Refusal> {
    Ok(match what {
        Erasable::Root(root) => match registry.sealed.root_erased_at(*root) {
            Some(at) => Err(at),
            None => Ok(whole_root(registry, *root)?),
        },
        Erasable::Part { root, index } => match registry.sealed.erased_at(*root, *index) {
            Some(at) => Err(at),
            None => Ok(one_part(registry, *root, *index)?),
        },
        Erasable::Record(record) => {
            let row = registry.records.find(record);
            let parts = row.map_or_else(Vec::new, |row| registry.sealed.of_record(row));
            if parts.is_empty() {
                return nothing_of_record(registry, *record).map(Err);
            }
            let single =
                |(root, leaf): (RootId, Leaf)| (root, Some(leaf.index), vec![leaf.position.wide()]);
            Ok(parts.into_iter().map(single).collect())
        }
    })
}

type Destroyed = (RootId, Option<u64>, Vec<Position>);

fn event(
    root: RootId,
    index: Option<u64>,
    positions: Vec<Position>,
    rows: Vec<CommittedRow>,
    words: (&str, &str),
) -> Result<NewEvent, Refusal> {
    let body = ErasureRecorded {
        root,
        index,
        positions: Set::from_unsorted(positions).map_err(|e| Refusal::Value {
            field: "positions",
            why: e.to_string(),
        })?,
        authority: text("authority", words.0)?,
        legal_basis: text("legal_basis", words.1)?,
        rows: rows.try_into().map_err(|_| Refusal::Value {
            field: "rows",
            why: format!("at most {ERASURE_ROWS_MAX} in one event"),
        })?,
    };
    Ok(NewEvent::open(StreamKind::System, SYSTEM_STREAM, body))
}

fn whole_root(registry: &Registry, root: RootId) -> Result<Vec<Destroyed>, Refusal> {
    let leaves = registry.sealed.living(root);
    let leaves = leaves.ok_or_else(|| Refusal::NotFound {
        what: "sealed part under root",
        id: root.to_string(),
    })?;
    let subject = registry.subject(&SubjectId(root.0));
    if subject.is_some_and(|state| !state.kind.is_person()) {
        // Without its root no later correction that names a person could be sealed for it.
        return Err(Refusal::Value {
            field: "subject",
            why: "what is held about an organisation stands in the open; erase the one sealed part instead"
                .to_owned(),
        });
    }
    let positions: BTreeSet<Position> = leaves.map(|(_, leaf)| leaf.position.wide()).collect();
    let positions: Vec<Position> = positions.into_iter().collect();
    if positions.is_empty() {
        // Every part was erased on its own before; now nothing more can be sealed under the root either.
        return Ok(vec![(root, None, positions)]);
    }
    let chunks = positions.chunks(ERASURE_POSITIONS_MAX);
    Ok(chunks.map(|chunk| (root, None, chunk.to_vec())).collect())
}

fn one_part(registry: &Registry, root: RootId, index: u64) -> Result<Vec<Destroyed>, Refusal> {
    let leaves = registry.sealed.living(root).into_iter().flatten();
    let mut positions: Vec<Position> = leaves
        .filter(|(_, leaf)| leaf.index == index)
        .map(|(_, leaf)| leaf.position.wide())
        .collect();
    positions.reverse();
    if positions.is_empty() {
        return Err(Refusal::NotFound {
            what: "sealed part",
            id: format!("{root}/{index}"),
        });
    }
    Ok(vec![(root, Some(index), positions)])
}

fn nothing_of_record(registry: &Registry, record: RecordId) -> Result<Position, Refusal> {
    let state = registry.record(&record);
    match state.map(|state| state.erased_at) {
        Some(Some(at)) => Ok(at),
        Some(None) => Err(Refusal::NotFound {
            what: "sealed part of record",
            id: record.to_string(),
        }),
        None => Err(Refusal::NotFound {
            what: "record",
            id: record.to_string(),
        }),
    }
}

/// Forgets what the destroyed keys opened.
pub(crate) fn evolve(registry: &mut Registry, event: &ErasureRecorded, at: Position) {
    let covered = registry.sealed.destroy(event.root, event.index, at);
    let mut headers = BTreeSet::new();
    for leaf in covered {
        match leaf.holds {
            Holds::Header => {
                headers.insert(leaf.position);
            }
            Holds::Waiting => {
                registry
                    .parked
                    .retain(|waits| waits.parked_at != leaf.position);
                identity::forget(registry, PendingId(event.root.0), leaf.position);
            }
            Holds::File => {}
            Holds::Listing => {
                if let Some(row) = registry.listings.get_mut(leaf.about) {
                    row.revision = at.into();
                }
            }
            Holds::Details | Holds::Party | Holds::Changes | Holds::Amount => {
                forget_content(registry, leaf.about, leaf.holds, at);
            }
        }
    }
    if !headers.is_empty() {
        forget_header(registry, SubjectId(event.root.0), &headers, at);
    }
}

fn forget_content(registry: &mut Registry, number: u32, holds: Holds, at: Position) {
    let Some(row) = registry.records.get_mut(number) else {
        return;
    };
    row.revision = at.into();
    match holds {
        Holds::Details => {
            row.erased_at = at.into();
            row.content = None;
            registry.records.release(number);
        }
        Holds::Changes => {
            row.erased_at = at.into();
            row.content = None;
        }
        Holds::Party => row.content = None,
        Holds::Amount | Holds::Header | Holds::Listing | Holds::Waiting | Holds::File => {}
    }
}

fn forget_header(
    registry: &mut Registry,
    subject: SubjectId,
    entries: &BTreeSet<ShortPosition>,
    at: Position,
) {
    let number = registry.subjects.find(&subject);
    registry
        .identifiers
        .retain(|held| Some(held.subject) != number || !entries.contains(&held.since));
    registry
        .certificates
        .retain(|since| !entries.contains(since));
    let Some(number) = number else {
        return;
    };
    let Some(row) = registry.subjects.registered_mut(number) else {
        return;
    };
    row.revision = at.into();
    let is_gone = |since| entries.contains(&since);
    for tag in registry.subjects.forget_names(number, is_gone) {
        registry.uncount_name(&tag);
    }
}
