//! The decision state as bytes: for a snapshot that saves a start the replay, and for the digest that compares two replays.
//!
//! One state has one sequence of bytes. They hold keyed tags, so whoever keeps them seals them; the key of the tags is not
//! among them. They are read by the version that wrote them and by no other ([`STATE_VERSION`]): a state can always be
//! replayed.

use crate::committed::Committed;
use crate::erasure::SealedParts;
use crate::policy::AdoptedText;
use crate::registry::{BatchState, KeyState, Registry};
use crate::rows::{ListingRow, RecordRow, Records, SubjectRow, Subjects};
use crate::source::{Tag, Tagger};
use crate::submission::{SubmissionStanding, SubmissionState};
use probity_format::Hash;
use probity_types::pack::{
    Packed, demand, read_one, read_rows, read_text, write_one, write_rows, write_text,
};
use probity_types::table::{Rows, ShortPosition, Table};
use probity_types::{
    AccessKeyId, BatchId, CivilDate, CodeList, FileTag, PendingId, Position, SubjectId,
    SubmissionKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Counts up with every change to what the state holds or means, the making of its tags included.
pub const STATE_VERSION: u16 = 3;

const DIGEST_CONTEXT: &str = "probity 2026 registry v4";

impl Registry {
    /// A digest over the whole state: a replay of the log gives the same, or one of them is wrong.
    pub fn digest(&self) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key(DIGEST_CONTEXT);
        // Writing to a hasher cannot fail.
        let _ = self.write(&mut hasher);
        Hash(*hasher.finalize().as_bytes())
    }

    /// Writes the whole state.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_one(out, &self.next)?;
        write_one(out, &self.started)?;
        write_one(out, &self.day)?;
        write_policies(self, out)?;
        write_small(self, out)?;
        write_submissions(self, out)?;
        write_subjects(self, out)?;
        write_table(&self.identifiers, out)?;
        write_table(&self.namesakes, out)?;
        write_table(&self.certificates, out)?;
        let records = &self.records.rows;
        write_rows(out, records.len(), records.iter().copied())?;
        write_table(&self.parked, out)?;
        write_table(&self.pending, out)?;
        write_identity(self, out)?;
        write_listings(self, out)?;
        write_rows(out, self.erasures.len(), self.erasures.iter().copied())?;
        self.sealed.write(out)?;
        self.committed.write(out)
    }

    /// Reads a whole state; `tagger` is the one that it was made with.
    ///
    /// # Errors
    /// The reader's own, `InvalidData` for bytes that are no state.
    pub fn read(tagger: Tagger, from: &mut dyn Read) -> io::Result<Self> {
        let mut read = Self::empty(tagger);
        read.next = read_one(from)?;
        read.started = read_one(from)?;
        read.day = read_one(from)?;
        read_policies(&mut read, from)?;
        read_small(&mut read, from)?;
        read_submissions(&mut read, from)?;
        read_subjects(&mut read, from)?;
        read.identifiers = read_table(from)?;
        read.namesakes = read_table(from)?;
        read.certificates = read_table(from)?;
        read_records(&mut read, from)?;
        read.parked = read_table(from)?;
        read.pending = read_table(from)?;
        read_identity(&mut read, from)?;
        read_listings(&mut read, from)?;
        let erasures = &mut read.erasures;
        let each = |at| {
            erasures.push(at);
        };
        read_rows(from, |_| (), each)?;
        read.sealed = SealedParts::read(from)?;
        read.committed = Committed::read(from)?;
        Ok(read)
    }
}

pub(crate) fn write_table<V: Packed + Clone>(
    table: &Table<V>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_rows(out, table.len(), table.sorted())
}

pub(crate) fn read_table<V: Packed + Clone>(from: &mut dyn Read) -> io::Result<Table<V>> {
    let mut rows: Rows<(Tag, V)> = Rows::default();
    let each = |row| {
        rows.push(row);
    };
    read_rows(from, |_| (), each)?;
    Ok(Table::over(rows))
}

fn write_policies(state: &Registry, out: &mut dyn Write) -> io::Result<()> {
    write_one(out, &(state.adopted.len() as u64))?;
    for text in &state.adopted {
        write_one(out, &text.at)?;
        for word in [text.kind.key(), &text.id, &text.version, &text.text] {
            write_text(out, word)?;
        }
    }
    write_one(out, &(state.profiles.len() as u64))?;
    for (id, (version, at, text)) in &state.profiles {
        write_one(out, at)?;
        for word in [id, version, text] {
            write_text(out, word)?;
        }
    }
    Ok(())
}

fn read_policies(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    for _ in 0..read_one::<u64>(from)? {
        let at = read_one(from)?;
        let kind = read_text(from)?.parse().ok();
        demand(kind.is_some())?;
        let (id, version, text) = (read_text(from)?, read_text(from)?, read_text(from)?);
        if let Some(kind) = kind {
            let text = AdoptedText {
                at,
                kind,
                id,
                version,
                text,
            };
            text.adopt(&mut state.policies);
            state.adopted.push(Arc::new(text));
        }
    }
    for _ in 0..read_one::<u64>(from)? {
        let at = read_one(from)?;
        let (id, version, text) = (read_text(from)?, read_text(from)?, read_text(from)?);
        state.profiles.insert(id, (version, at, text));
    }
    Ok(())
}

/// What there are thousands of at most: batches, files, access keys.
fn write_small(state: &Registry, out: &mut dyn Write) -> io::Result<()> {
    let short = |at: Option<Position>| ShortPosition::from(at);
    let batches = state.batches.iter();
    let batches = batches.map(|(id, batch)| (*id, batch.submitted_at, short(batch.completed_at)));
    write_rows(out, state.batches.len(), batches)?;
    let files = state.files.iter().map(|(file, batch)| (*file, *batch));
    write_rows(out, state.files.len(), files)?;
    write_one(out, &(state.keys.len() as u64))?;
    for (id, key) in &state.keys {
        write_one(out, &(id.0, key.secret_hash))?;
        write_one(out, &(key.issued_at, short(key.revoked_at)))?;
        write_one(out, &(key.expires_on, key.demo))?;
        write_text(out, &key.label)?;
        write_text(out, &key.agency)?;
        write_one(out, &(key.scopes.len() as u64))?;
        key.scopes
            .iter()
            .try_for_each(|scope| write_text(out, scope))?;
    }
    Ok(())
}

fn read_small(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    let batches = &mut state.batches;
    let each = |(id, submitted_at, completed_at): (BatchId, Position, ShortPosition)| {
        let completed_at = completed_at.known();
        let batch = BatchState {
            submitted_at,
            completed_at,
        };
        batches.insert(id, batch);
    };
    read_rows(from, |_| (), each)?;
    let files = &mut state.files;
    let each = |(file, batch): (FileTag, BatchId)| {
        files.insert(file, batch);
    };
    read_rows(from, |_| (), each)?;
    for _ in 0..read_one::<u64>(from)? {
        let (id, secret_hash) = read_one(from)?;
        let (issued_at, revoked_at): (_, ShortPosition) = read_one(from)?;
        let (expires_on, demo) = read_one::<(Option<CivilDate>, bool)>(from)?;
        let (label, agency) = (read_text(from)?, read_text(from)?);
        let mut scopes = BTreeSet::new();
        for _ in 0..read_one::<u64>(from)? {
            scopes.insert(read_text(from)?);
        }
        let key = KeyState {
            label,
            agency,
            scopes,
            secret_hash,
            expires_on,
            issued_at,
            revoked_at: revoked_at.known(),
            demo,
        };
        state.keys.insert(AccessKeyId(id), key);
    }
    Ok(())
}

fn write_submissions(state: &Registry, out: &mut dyn Write) -> io::Result<()> {
    write_one(out, &(state.submissions.len() as u64))?;
    for (batch, it) in &state.submissions {
        write_one(out, &((*batch, it.file), (it.submitter.0, it.content)))?;
        write_one(out, &(it.kind.number(), it.standing as u8, it.platform))?;
        write_one(out, &(it.rows, it.refused, it.settled_through))?;
        write_one(out, &it.received_at)?;
        write_text(out, &it.agency)?;
        write_text(out, &it.profile)?;
        let reviews = it.reviews.iter().map(|(at, key)| (*at, key.0));
        write_rows(out, it.reviews.len(), reviews)?;
        write_rows(out, it.settled.len(), it.settled.iter().copied())?;
    }
    Ok(())
}

fn read_submissions(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    for _ in 0..read_one::<u64>(from)? {
        let ((batch, file), (submitter, content)) = read_one(from)?;
        let submitter = AccessKeyId(submitter);
        let (kind, standing, platform): (u16, u8, bool) = read_one(from)?;
        let (rows, refused, settled_through) = read_one(from)?;
        let received_at = read_one(from)?;
        let (agency, profile) = (read_text(from)?, read_text(from)?);
        let (mut reviews, mut settled) = (Vec::new(), Vec::new());
        let each = |(at, key)| reviews.push((at, AccessKeyId(key)));
        read_rows(from, |_| (), each)?;
        read_rows(from, |_| (), |at| settled.push(at))?;
        let kinds = SubmissionKind::ALL.iter();
        let kind = kinds.copied().find(|known| known.number() == kind);
        let standing = SubmissionStanding::ALL.get(usize::from(standing)).copied();
        demand(kind.is_some() && standing.is_some())?;
        if let (Some(kind), Some(standing)) = (kind, standing) {
            let it = SubmissionState {
                kind,
                file,
                submitter,
                agency,
                profile,
                rows,
                refused,
                platform,
                content,
                received_at,
                standing,
                reviews,
                settled,
                settled_through,
            };
            state.submissions.insert(batch, it);
        }
    }
    Ok(())
}

/// What persons decided about who somebody is.
fn write_identity(state: &Registry, out: &mut dyn Write) -> io::Result<()> {
    let rejected = state.rejected.iter();
    let rejected =
        rejected.map(|((act, candidate), (pending, at))| ((*act, *candidate), (*pending, *at)));
    write_rows(out, state.rejected.len(), rejected)?;
    write_one(out, &(state.confirmed.len() as u64))?;
    state.confirmed.iter().try_for_each(|(code, at)| {
        write_one(out, at)?;
        write_text(out, code)
    })
}

fn read_identity(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    let rejected = &mut state.rejected;
    let each = |((act, candidate), (pending, at)): ((Tag, SubjectId), (PendingId, Position))| {
        rejected.insert((act, candidate), (pending, at));
    };
    read_rows(from, |_| (), each)?;
    for _ in 0..read_one::<u64>(from)? {
        let at = read_one(from)?;
        state.confirmed.insert(read_text(from)?, at);
    }
    Ok(())
}

fn write_subjects(state: &Registry, out: &mut dyn Write) -> io::Result<()> {
    let subjects = &state.subjects;
    write_rows(out, subjects.rows.len(), subjects.rows.iter().copied())?;
    let later = subjects.renamed.iter().flat_map(|(row, names)| {
        let names = names.iter();
        names.map(|(since, tag)| (*row, *since, *tag))
    });
    let count = subjects.renamed.values().map(Vec::len).sum();
    write_rows(out, count, later)
}

fn read_subjects(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    let mut rows: Rows<SubjectRow> = Rows::default();
    let each = |row| {
        rows.push(row);
    };
    read_rows(from, |_| (), each)?;
    state.subjects = Subjects::over(rows);
    let mut renamed: BTreeMap<u32, Vec<(ShortPosition, Option<Tag>)>> = BTreeMap::new();
    let each = |(row, since, tag)| renamed.entry(row).or_default().push((since, tag));
    read_rows(from, |_| (), each)?;
    state.subjects.renamed = renamed;
    Ok(())
}

fn read_records(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    let mut rows: Rows<RecordRow> = Rows::default();
    let each = |row| {
        rows.push(row);
    };
    read_rows(from, |_| (), each)?;
    state.records = Records::over(rows);
    Ok(())
}

fn write_listings(state: &Registry, out: &mut dyn Write) -> io::Result<()> {
    let listings = &state.listings;
    write_one(out, &(listings.names.len() as u64))?;
    listings
        .names
        .iter()
        .try_for_each(|name| write_text(out, name))?;
    write_rows(out, listings.rows.len(), listings.rows.iter().copied())
}

fn read_listings(state: &mut Registry, from: &mut dyn Read) -> io::Result<()> {
    let listings = &mut state.listings;
    for _ in 0..read_one::<u64>(from)? {
        listings.number(&read_text(from)?);
    }
    read_rows(from, |_| (), |row: ListingRow| listings.put(row))
}
