//! One unit: from a decision to entries that are ready to be sealed. Every limit is checked here, before any state moves.

use crate::receipt::SubmitError;
use probity_domain::{Entry, IdSource, NewEvent, Part, PartContent};
use probity_format::build::{PartDraft, Unlinked};
use probity_format::chain::{Chain, StreamKey};
use probity_format::frame::{ActorKind, HEADER_BYTES, Header};
use probity_format::limits::{
    FORMAT_VERSION, FRAME_BYTES_MAX, SEALED_PARTS_MAX, UNIT_BYTES_MAX, UNIT_EVENTS_MAX,
};
use probity_format::{Hash, KeyId};
use probity_store::keyring::{KeyRing, KeyState};
use probity_types::{CommandId, LogId, Position, RequestTag, Revision, RootId, Timestamp};
use std::collections::BTreeMap;

/// Bytes of a frame beyond its bodies: stored header, salt, two lengths, entry hash (format §3.2).
const FRAME_OVERHEAD_BYTES: u64 = HEADER_BYTES + 16 + 8 + 8 + 32;
/// Bytes of a sealed part beyond its content: what is stored before the ciphertext, what is sealed before the content, and
/// the authentication tag (format §3.3, §5). Compression only makes it less.
const PART_OVERHEAD_BYTES: u64 = 99 + 25 + 16;

/// Who submits what, as far as headers say so.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// Kind of actor.
    pub actor_kind: ActorKind,
    /// The actor.
    pub actor: [u8; 16],
    /// The command.
    pub command: CommandId,
    /// Keyed hash of the request.
    pub request: RequestTag,
}

/// Where the next entries go: the committed chain plus what this group has added so far.
#[derive(Debug, Default)]
pub struct Tip {
    next: u64,
    revisions: BTreeMap<StreamKey, u64>,
}

impl Tip {
    /// The tip at a committed chain.
    pub fn at(chain: &Chain) -> Self {
        Self {
            next: chain.next().0,
            revisions: BTreeMap::new(),
        }
    }

    fn take(&mut self, chain: &Chain, key: StreamKey) -> (Position, Revision) {
        let position = Position(self.next);
        self.next += 1;
        let next = self
            .revisions
            .entry(key)
            .or_insert_with(|| chain.stream(&key).next.0);
        let revision = Revision(*next);
        *next += 1;
        (position, revision)
    }
}

/// Checks a decided unit against every limit and against the rule that nothing personal stands in the open.
///
/// # Errors
/// [`SubmitError::TooLarge`], [`SubmitError::Unencodable`].
pub fn check(events: &[NewEvent]) -> Result<u64, SubmitError> {
    let count = events.len() as u64;
    if count > u64::from(UNIT_EVENTS_MAX) {
        let max = u64::from(UNIT_EVENTS_MAX);
        return Err(SubmitError::TooLarge {
            what: "events",
            found: count,
            max,
        });
    }
    let unencodable = |e: &dyn std::fmt::Display| SubmitError::Unencodable(e.to_string());
    let mut total = 0;
    for event in events {
        event.event.check_open().map_err(|e| unencodable(&e))?;
        let body = event.event.encoded_bytes().map_err(|e| unencodable(&e))?;
        let mut bytes = FRAME_OVERHEAD_BYTES + body;
        if event.parts.len() as u64 > u64::from(SEALED_PARTS_MAX) {
            let (found, max) = (event.parts.len() as u64, u64::from(SEALED_PARTS_MAX));
            return Err(SubmitError::TooLarge {
                what: "sealed parts",
                found,
                max,
            });
        }
        for part in &event.parts {
            let content = part.content.encoded_bytes().map_err(|e| unencodable(&e))?;
            bytes += PART_OVERHEAD_BYTES + content;
        }
        if bytes > FRAME_BYTES_MAX {
            return Err(SubmitError::TooLarge {
                what: "bytes of one entry",
                found: bytes,
                max: FRAME_BYTES_MAX,
            });
        }
        total += bytes;
    }
    if total > UNIT_BYTES_MAX {
        return Err(SubmitError::TooLarge {
            what: "bytes",
            found: total,
            max: UNIT_BYTES_MAX,
        });
    }
    Ok(total)
}

/// Gives each event its place. The entries still lack their hashes, which need the keys.
pub fn place(
    events: Vec<NewEvent>,
    envelope: &Envelope,
    at: Timestamp,
    tip: &mut Tip,
    chain: &Chain,
) -> Vec<Entry> {
    // Checked against UNIT_EVENTS_MAX before.
    let length = events.len() as u32;
    let place_one = |(index, new): (u32, NewEvent)| {
        let key = (new.stream_kind as u16, new.stream);
        let (position, revision) = tip.take(chain, key);
        let header = Header {
            format: FORMAT_VERSION,
            position,
            stream_kind: key.0,
            stream: new.stream,
            revision,
            recorded_at: at,
            event_type: new.event.number(),
            version: new.event.version(),
            actor_kind: envelope.actor_kind as u16,
            actor: envelope.actor,
            command: envelope.command,
            unit_index: index,
            unit_length: length,
            request: envelope.request,
            caused_by: new.caused_by,
        };
        let part = |part: probity_domain::NewPart| Part {
            kind: part.content.kind(),
            key: KeyId {
                root: part.root,
                index: revision.0,
            },
            content: PartContent::Opened(part.content),
        };
        let parts = new.parts.into_iter().map(part).collect();
        Entry {
            header,
            hash: Hash::default(),
            event: new.event,
            parts,
        }
    };
    (0..length).zip(events).map(place_one).collect()
}

/// Roots whose keys an entry needs.
pub fn roots(entry: &Entry) -> impl Iterator<Item = RootId> + '_ {
    entry.parts.iter().map(|part| part.key.root)
}

/// Everything of a placed entry's frame that does not ask the chain: encoded, committed to, sealed.
///
/// # Errors
/// What the frame says; after [`check`] only a missing key can be wrong.
pub fn prepare(
    log: LogId,
    entry: &Entry,
    mut key: impl FnMut(RootId, u64) -> Option<[u8; 32]>,
    mut salt: impl FnMut() -> [u8; 16],
) -> Result<Unlinked, String> {
    let mut drafts = Vec::with_capacity(entry.parts.len());
    for part in &entry.parts {
        let PartContent::Opened(content) = &part.content else {
            return Err("a part without content".to_owned());
        };
        let key = key(part.key.root, part.key.index).ok_or("a part without key")?;
        drafts.push(PartDraft {
            content,
            key_id: part.key,
            key,
            salt: salt(),
        });
    }
    Unlinked::prepare(log, entry.header, &entry.event, salt(), &drafts).map_err(|e| e.to_string())
}

/// Hashes a prepared entry and moves the chain on by it; the stored bytes.
pub fn finish(entry: &mut Entry, unlinked: Unlinked, chain: &mut Chain) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.hash = chain.extend(&entry.header, |links| {
        let (hash, linked) = unlinked.link(links);
        bytes = linked;
        hash
    });
    bytes
}

/// Makes the keys of a group durable, then seals, hashes and encodes its entries in order; the chain moves on by them.
///
/// A crash before this returns leaves orphan keys or none, which no entry rests on.
///
/// # Errors
/// What the key ring or a frame says; nothing may be appended to this chain then.
pub fn seal_group(
    log: LogId,
    entries: &mut [Entry],
    chain: &mut Chain,
    keys: &mut KeyRing,
    salts: &mut IdSource,
) -> Result<Vec<Vec<u8>>, String> {
    let mut needed: Vec<RootId> = entries.iter().flat_map(roots).collect();
    needed.sort_unstable();
    needed.dedup();
    keys.ensure(&needed).map_err(|e| format!("key ring: {e}"))?;
    let seal_one = |entry: &mut Entry| {
        let key = |root, index: u64| match keys.key(root, u32::try_from(index).ok()?) {
            KeyState::Key(key) => Some(*key),
            KeyState::Erased | KeyState::Unknown => None,
        };
        let unlinked = prepare(log, entry, key, || salts.draw())?;
        Ok(finish(entry, unlinked, chain))
    };
    entries.iter_mut().map(seal_one).collect()
}
