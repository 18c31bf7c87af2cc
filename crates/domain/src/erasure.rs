//! Erasure: which sealed parts lie under which key, which keys a decision destroys, and what the state forgets then.
//!
//! What is forgotten follows from the event and from what stands in the open, never from content: a state that saw the
//! content and a state replayed after its key was destroyed are the same.

use crate::command::Erasable;
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Refusal, text};
use crate::registry::Registry;
use crate::subject::required;
use crate::system::SYSTEM_STREAM;
use probity_format::events::{ErasureRecorded, Event, StreamKind};
use probity_format::wire::Set;
use probity_types::{ListingId, Position, RecordId, RootId, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Positions that one erasure names; more stand in further events of the same unit.
pub const ERASURE_POSITIONS_MAX: usize = 4_096;

/// What a sealed part says, as far as the open part tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Who a subject is: identity, name, identifier, certificate.
    Header,
    /// The details of a record about a person.
    Details(RecordId),
    /// A person named in a record about somebody else.
    Party(RecordId),
    /// The fields of a correction.
    Changes(RecordId),
    /// An amount that was paid.
    Amount(RecordId),
    /// Why somebody was listed.
    Listing(ListingId),
    /// A report that waits.
    Waiting,
}

fn holds(entry: &Entry, root: RootId) -> Holds {
    match &entry.event {
        Event::RecordParked(_) => Holds::Waiting,
        Event::ListingDecided(event) => Holds::Listing(event.listing),
        Event::RecordCorrected(event) => Holds::Changes(event.core.record),
        Event::PerformanceRecorded(event) => Holds::Amount(event.record),
        event => match event.recorded() {
            Some(core) if root.0 == entry.header.stream.0 => Holds::Details(core.record),
            Some(core) => Holds::Party(core.record),
            None => Holds::Header,
        },
    }
}

/// One key that seals parts of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leaf {
    index: u64,
    position: Position,
    holds: Holds,
}

/// Every key in use, and every key destroyed.
#[derive(Debug, Clone, Default)]
pub(crate) struct SealedParts {
    /// Leaves that were not erased, oldest first. A root once known stays known.
    living: BTreeMap<RootId, Vec<Leaf>>,
    /// Erasures of whole roots (no index) and of single leaves, with the entry that says so.
    erased: BTreeMap<(RootId, Option<u64>), Position>,
}

impl SealedParts {
    /// Notes the keys of a new entry.
    pub(crate) fn note(&mut self, entry: &Entry) {
        for part in &entry.parts {
            let leaves = self.living.entry(part.key.root).or_default();
            let leaf = Leaf {
                index: part.key.index,
                position: entry.header.position,
                holds: holds(entry, part.key.root),
            };
            if leaves.last() != Some(&leaf) {
                leaves.push(leaf);
            }
        }
    }

    /// Since when a root is erased whole.
    pub(crate) fn root_erased_at(&self, root: RootId) -> Option<Position> {
        self.erased.get(&(root, None)).copied()
    }

    fn erased_at(&self, root: RootId, index: u64) -> Option<Position> {
        let whole = self.root_erased_at(root);
        whole.or_else(|| self.erased.get(&(root, Some(index))).copied())
    }

    fn destroy(&mut self, root: RootId, index: Option<u64>, at: Position) -> Vec<Leaf> {
        self.erased.entry((root, index)).or_insert(at);
        let Some(leaves) = self.living.get_mut(&root) else {
            return Vec::new();
        };
        let covered = |leaf: &Leaf| index.is_none_or(|index| index == leaf.index);
        leaves.extract_if(.., |leaf| covered(leaf)).collect()
    }

    fn of_record(&self, record: RecordId) -> impl Iterator<Item = (RootId, Leaf)> + '_ {
        let of_it = move |leaf: &&Leaf| match leaf.holds {
            Holds::Details(id) | Holds::Party(id) | Holds::Changes(id) | Holds::Amount(id) => {
                id == record
            }
            Holds::Header | Holds::Listing(_) | Holds::Waiting => false,
        };
        self.living.iter().flat_map(move |(root, leaves)| {
            let found = leaves.iter().filter(of_it);
            found.map(|leaf| (*root, *leaf))
        })
    }
}

/// Decides which keys are destroyed. The event names every entry that has a part under them, as it stands in this moment.
pub(crate) fn decide(
    registry: &Registry,
    what: &Erasable,
    words: (&str, &str),
) -> Result<Decision, Refusal> {
    for (field, zh, value) in [
        ("authority", "决定单位", words.0),
        ("legal_basis", "法律依据", words.1),
    ] {
        if value.trim().is_empty() {
            return Err(required(field, zh));
        }
    }
    let erasures = match what {
        Erasable::Root(root) => match registry.sealed.root_erased_at(*root) {
            Some(at) => return Ok(Decision::AlreadyThere(at)),
            None => whole_root(registry, *root)?,
        },
        Erasable::Part { root, index } => match registry.sealed.erased_at(*root, *index) {
            Some(at) => return Ok(Decision::AlreadyThere(at)),
            None => one_part(registry, *root, *index)?,
        },
        Erasable::Record(record) => {
            let parts: Vec<_> = registry.sealed.of_record(*record).collect();
            if parts.is_empty() {
                return nothing_of_record(registry, *record);
            }
            let single =
                |(root, leaf): (RootId, Leaf)| (root, Some(leaf.index), vec![leaf.position]);
            parts.into_iter().map(single).collect()
        }
    };
    let events = erasures
        .into_iter()
        .map(|(root, index, positions)| event(root, index, positions, words));
    Ok(Decision::Append(events.collect::<Result<_, _>>()?))
}

type Destroyed = (RootId, Option<u64>, Vec<Position>);

fn event(
    root: RootId,
    index: Option<u64>,
    positions: Vec<Position>,
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
    };
    Ok(NewEvent::open(StreamKind::System, SYSTEM_STREAM, body))
}

fn whole_root(registry: &Registry, root: RootId) -> Result<Vec<Destroyed>, Refusal> {
    let leaves = registry.sealed.living.get(&root);
    let leaves = leaves.ok_or_else(|| Refusal::NotFound {
        what: "sealed part under root",
        id: root.to_string(),
    })?;
    let subject = registry.subjects.get(&SubjectId(root.0));
    if subject.is_some_and(|state| !state.kind.is_person()) {
        // Without its root no later correction that names a person could be sealed for it.
        return Err(Refusal::Value {
            field: "subject",
            why: "what is held about an organisation stands in the open; erase the one sealed part instead"
                .to_owned(),
        });
    }
    let positions: BTreeSet<Position> = leaves.iter().map(|leaf| leaf.position).collect();
    let positions: Vec<Position> = positions.into_iter().collect();
    if positions.is_empty() {
        // Every part was erased on its own before; now nothing more can be sealed under the root either.
        return Ok(vec![(root, None, positions)]);
    }
    let chunks = positions.chunks(ERASURE_POSITIONS_MAX);
    Ok(chunks.map(|chunk| (root, None, chunk.to_vec())).collect())
}

fn one_part(registry: &Registry, root: RootId, index: u64) -> Result<Vec<Destroyed>, Refusal> {
    let leaves = registry.sealed.living.get(&root).into_iter().flatten();
    let positions: Vec<Position> = leaves
        .filter(|leaf| leaf.index == index)
        .map(|leaf| leaf.position)
        .collect();
    if positions.is_empty() {
        return Err(Refusal::NotFound {
            what: "sealed part",
            id: format!("{root}/{index}"),
        });
    }
    Ok(vec![(root, Some(index), positions)])
}

fn nothing_of_record(registry: &Registry, record: RecordId) -> Result<Decision, Refusal> {
    let state = registry.records.get(&record);
    match state.map(|state| state.erased_at) {
        Some(Some(at)) => Ok(Decision::AlreadyThere(at)),
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
            Holds::Waiting => registry
                .parked
                .retain(|_, (_, parked_at)| *parked_at != leaf.position),
            Holds::Listing(listing) => {
                if let Some(state) = registry.listings.get_mut(&listing) {
                    state.revision = at;
                }
            }
            Holds::Details(record)
            | Holds::Party(record)
            | Holds::Changes(record)
            | Holds::Amount(record) => forget_content(registry, record, leaf.holds, at),
        }
    }
    if !headers.is_empty() {
        forget_header(registry, SubjectId(event.root.0), &headers, at);
    }
}

fn forget_content(registry: &mut Registry, record: RecordId, holds: Holds, at: Position) {
    let Some(state) = registry.records.get_mut(&record) else {
        return;
    };
    state.revision = at;
    match holds {
        Holds::Details(_) => {
            state.erased_at = Some(at);
            state.content = None;
            let key = state.key.take();
            if let Some(key) = key
                && registry.record_keys.get(&key) == Some(&record)
            {
                registry.record_keys.remove(&key);
            }
        }
        Holds::Changes(_) => {
            state.erased_at = Some(at);
            state.content = None;
        }
        Holds::Party(_) => state.content = None,
        Holds::Amount(_) | Holds::Header | Holds::Listing(_) | Holds::Waiting => {}
    }
}

fn forget_header(
    registry: &mut Registry,
    subject: SubjectId,
    entries: &BTreeSet<Position>,
    at: Position,
) {
    registry
        .identifiers
        .retain(|_, held| held.subject != subject || !entries.contains(&held.since));
    registry
        .certificates
        .retain(|_, since| !entries.contains(since));
    let Some(state) = registry.subjects.get_mut(&subject) else {
        return;
    };
    state.revision = at;
    let named = state.names.iter_mut();
    let gone: Vec<_> = named
        .filter(|name| entries.contains(&name.since))
        .filter_map(|name| name.tag.take())
        .collect();
    gone.iter().for_each(|tag| registry.uncount_name(tag));
}
