//! The interface of every store, and what can go wrong behind it.
//!
//! Promises that the conformance suite (`tests/conformance.rs`) holds every implementation to:
//! an append that returned `Ok` survives a crash; positions are gapless from 0; a reader never sees
//! past the committed head; a missing entry is named, never skipped; after an unconfirmed commit the
//! store answers nothing more until it is opened again.

use crate::folder::FolderError;
use probity_types::Position;
use std::io;
use std::sync::Arc;

/// Longest entry: one unit of the writer (8 MiB) always fits, however it is cut into entries.
pub const ENTRY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Shortest entry that [`LogStore::append_bytes_max`] reckons with: a frame has 177 bytes before its bodies.
pub const ENTRY_BYTES_LEAST: u64 = 128;
/// Most entries of one page, so that no reader holds a store's handle for long.
pub const PAGE_ENTRIES_MAX: u16 = 1_024;
/// A page ends early once it holds this many bytes (it always holds at least one entry).
pub const PAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The committed end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the entry that comes next, which is the number of entries.
    pub next: Position,
    /// Hash of the entry at `next − 1`, as the caller computed it; all zero in an empty log.
    pub entry_hash: [u8; 32],
}

impl Head {
    /// The head of a log without entries.
    pub const EMPTY: Self = Self {
        next: Position(0),
        entry_hash: [0; 32],
    };

    /// Whether an append of `entries` entries leads from this head to `new`.
    pub(crate) fn leads_to(&self, entries: usize, new: &Self) -> bool {
        match entries {
            0 => self == new,
            _ => self.next.0.checked_add(entries as u64) == Some(new.next.0),
        }
    }
}

/// How many entries a page may hold: 1 to [`PAGE_ENTRIES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u16);

impl PageLimit {
    /// The largest page.
    pub const MOST: Self = Self(PAGE_ENTRIES_MAX);

    /// The nearest allowed limit to `entries`.
    #[must_use]
    pub fn at_most(entries: u16) -> Self {
        Self(entries.clamp(1, PAGE_ENTRIES_MAX))
    }

    /// The number of entries.
    #[must_use]
    pub fn entries(self) -> u16 {
        self.0
    }

    /// Positions `from..end` that a page starting at `from` may read below `head`.
    pub(crate) fn range(self, from: Position, head: &Head) -> std::ops::Range<u64> {
        from.0..from.0.saturating_add(u64::from(self.0)).min(head.next.0)
    }
}

/// Less is free on the disk than what is committed already may still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the disk is nearly full: {free} bytes free, writes need {least}; make room")]
pub struct NoRoom {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that have to be.
    pub least: u64,
}

/// What an append can answer instead of `Ok`.
///
/// [`Unknown`](Self::Unknown) and [`Poisoned`](Self::Poisoned) are fatal: the process stops and a
/// new start decides what is true. All others left the log as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Somebody else appended, or the caller's head is stale. Nothing was written.
    #[error("the log stands at position {}, not where the append expected it", actual.next)]
    Conflict {
        /// The committed head.
        actual: Head,
    },
    /// `new_head` does not follow from `expected` and the number of entries. Nothing was written.
    #[error("{entries} entries after position {from} do not end at position {to}")]
    HeadMismatch {
        /// Where the append starts.
        from: Position,
        /// Entries given.
        entries: usize,
        /// Where the given new head ends.
        to: Position,
    },
    /// One entry is longer than [`ENTRY_BYTES_MAX`]. Nothing was written.
    #[error("entry {place} of the append has {bytes} bytes; at most {ENTRY_BYTES_MAX}")]
    EntryTooLarge {
        /// Index within the append, from 0.
        place: usize,
        /// Its length.
        bytes: usize,
    },
    /// All entries together do not fit into a segment of the journal. Nothing was written.
    #[error("the append takes {bytes} bytes; a segment of the journal holds {room}")]
    TooLarge {
        /// Bytes of the append.
        bytes: u64,
        /// Bytes of a segment.
        room: u64,
    },
    /// Fatal: what the disk holds is not known. Nobody is told yes or no.
    #[error("the store did not confirm the commit")]
    Unknown(#[source] io::Error),
    /// An earlier failure left the store's state unknown; the process has to be restarted.
    #[error("the store stopped after an unconfirmed write; restart the process")]
    Poisoned,
}

/// What opening, reading, redacting or closing a store can answer instead of `Ok`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or another store in this one, holds the folder.
    #[error(
        "{path} is in use by another process; stop it, or work on a copy (copy_for_verification)"
    )]
    InUse {
        /// The folder.
        path: String,
    },
    /// The folder cannot carry a log (network file system, missing, unreadable).
    #[error("the folder cannot be used")]
    Folder(#[from] FolderError),
    /// There is no log in this folder.
    #[error("{path} holds no log; create one first, or correct the path")]
    NoLog {
        /// The folder.
        path: String,
    },
    /// A log exists where one was to be created.
    #[error("{path} already holds a log of {entries} entries")]
    LogExists {
        /// The folder.
        path: String,
        /// Its length.
        entries: u64,
    },
    /// What is stored is not what was stored.
    #[error("the log is damaged")]
    Damage(#[from] Damage),
    /// A redaction beyond the committed head.
    #[error("there is no entry at position {position}; the log ends before {head}")]
    NoSuchEntry {
        /// The position asked for.
        position: Position,
        /// The first position without an entry.
        head: Position,
    },
    /// The replacement is longer than [`ENTRY_BYTES_MAX`].
    #[error("the replacement has {bytes} bytes; at most {ENTRY_BYTES_MAX}")]
    EntryTooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Fatal, as [`AppendError::Unknown`]: whether the redaction is on disk is not known.
    #[error("the store did not confirm the write")]
    Unknown(#[source] io::Error),
    /// An earlier failure left the store's state unknown; the process has to be restarted.
    #[error("the store stopped after an unconfirmed write; restart the process")]
    Poisoned,
    /// The store behind this reader was closed.
    #[error("the store is closed")]
    Closed,
    /// The engine's files have another layout, which an earlier version of this program made.
    #[error(
        "the storage engine's files in {path} were laid out by an earlier version: export the log with that version, then \
         `probity import-log` it into a new folder"
    )]
    OtherLayout {
        /// The folder.
        path: String,
    },
    /// The engine failed for a reason that is not damage (no space, no rights).
    #[error("the storage engine failed to open {path}")]
    Engine {
        /// The folder.
        path: String,
        /// What the engine said.
        #[source]
        source: io::Error,
    },
}

/// A named contradiction in what is stored. Never repaired here: a person decides, from a backup.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// An entry below the head is not there.
    #[error("the entry at position {position} is missing")]
    Missing {
        /// Where the gap is.
        position: Position,
    },
    /// Entries exist, but no head record.
    #[error("entries exist (the last at position {last}), but the head record is missing")]
    HeadMissing {
        /// Position of the last entry found.
        last: Position,
    },
    /// The head counts more entries than there are.
    #[error("the head expects {next} entries, but the last one found is at position {last}")]
    HeadAboveEntries {
        /// Entries according to the head record.
        next: Position,
        /// Position of the last entry found, [`Position::NONE`] where there is none.
        last: Position,
    },
    /// Entries lie past the head, which no append leaves behind.
    #[error("an entry at position {last} lies past the head at {next}")]
    HeadBelowEntries {
        /// Entries according to the head record.
        next: Position,
        /// Position of the last entry found.
        last: Position,
    },
    /// The log ends before a head that was once committed: an older copy was put back, or the
    /// engine lost its newest records.
    #[error("the log holds {found} entries, but {floor} were committed once, or others")]
    Rewound {
        /// Entries found.
        found: Position,
        /// Entries known to have been committed.
        floor: Position,
    },
    /// The head record or a key is not of the form this store writes.
    #[error("{what} is not of the form this store writes")]
    Malformed {
        /// Which record.
        what: String,
    },
    /// The journal contradicts itself.
    #[error("journal segment-{segment} at offset {offset}: {what}")]
    Journal {
        /// Number of the file.
        segment: u64,
        /// Where in it.
        offset: u64,
        /// What was found.
        what: String,
    },
    /// There are entries, but no journal.
    #[error("the journal is missing; what was committed last may lie in it alone")]
    JournalMissing,
    /// The journal ends before the store behind it.
    #[error("the journal ends before position {next}, but the log holds entries before {head}")]
    JournalShort {
        /// Position after the journal's last frame.
        next: Position,
        /// Position after the last entry.
        head: Position,
    },
    /// The journal and the store behind it hold different entries.
    #[error("the entry at position {position} is another one in the journal")]
    Differs {
        /// Where.
        position: Position,
    },
    /// The engine could not read what it wrote (checksum, short file, broken invariant).
    #[error("the engine cannot read {what}: {reason}")]
    Unreadable {
        /// What was being read.
        what: String,
        /// What the engine said.
        reason: String,
    },
}

/// The one writer's side of a log. The implementation owns its folder exclusively.
pub trait LogStore: Send {
    /// The committed head.
    fn head(&self) -> Head;

    /// Bytes of entries that one append can always take, however it is cut into entries of at least
    /// [`ENTRY_BYTES_LEAST`]: what a caller gathers has to stay below it.
    fn append_bytes_max(&self) -> u64;

    /// Whether there is room to go on. Asked before anything is decided: a disk that fills up in the
    /// middle of a write stops the process.
    ///
    /// # Errors
    /// [`NoRoom`], until somebody makes some.
    fn check_room(&self) -> Result<(), NoRoom> {
        Ok(())
    }

    /// Appends all of `entries` durably, or none of them. `Ok` means: on disk.
    ///
    /// An empty append with `new_head == expected` succeeds and writes nothing.
    ///
    /// # Errors
    /// See [`AppendError`]; after `Unknown` every call answers `Poisoned`.
    fn append(
        &mut self,
        expected: Head,
        entries: &[Vec<u8>],
        new_head: Head,
    ) -> Result<(), AppendError>;

    /// Replaces one committed entry, durably. The caller guarantees that a committed erasure names
    /// this position and that the replacement has the same entry hash. Repeating it is harmless.
    ///
    /// Readers may see the replacement before it is durable; its key is destroyed by then anyway.
    ///
    /// # Errors
    /// `NoSuchEntry`, `EntryTooLarge` (nothing changed), `Unknown` (fatal), `Poisoned`.
    fn redact(&mut self, position: Position, replacement: &[u8]) -> Result<(), StoreError>;

    /// A reader that may be used from other threads; it stays valid until the store is closed.
    fn reader(&self) -> Arc<dyn LogReader>;

    /// Releases the folder. Readers answer [`StoreError::Closed`] afterwards.
    ///
    /// # Errors
    /// `Unknown` where the engine could not confirm its last write.
    fn close(self: Box<Self>) -> Result<(), StoreError>;
}

/// The readers' side: sees every committed entry, and nothing else.
pub trait LogReader: Send + Sync {
    /// The committed head.
    fn head(&self) -> Head;

    /// One entry, or `None` at or past the head.
    ///
    /// # Errors
    /// [`Damage::Missing`] where an entry below the head is not there; `Poisoned`, `Closed`.
    fn entry(&self, position: Position) -> Result<Option<Vec<u8>>, StoreError>;

    /// Entries from `from` on, gapless, at most `most` of them and about [`PAGE_BYTES_MAX`] bytes.
    /// Empty exactly where `from` is at or past the head: go on at `from + len` until then.
    ///
    /// # Errors
    /// As [`entry`](Self::entry).
    fn page(&self, from: Position, most: PageLimit) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Committed entries that the store behind a journal does not have yet: how far it lags.
    fn waiting(&self) -> u64 {
        0
    }
}

/// Checks that every implementation makes before it writes.
pub(crate) fn check_append(
    actual: Head,
    expected: Head,
    entries: &[impl AsRef<[u8]>],
    new_head: Head,
) -> Result<(), AppendError> {
    if expected != actual {
        return Err(AppendError::Conflict { actual });
    }
    if !expected.leads_to(entries.len(), &new_head) {
        return Err(AppendError::HeadMismatch {
            from: expected.next,
            entries: entries.len(),
            to: new_head.next,
        });
    }
    let bytes = |entry: &dyn AsRef<[u8]>| entry.as_ref().len();
    match entries.iter().position(|e| bytes(e) > ENTRY_BYTES_MAX) {
        Some(place) => Err(AppendError::EntryTooLarge {
            place,
            bytes: bytes(&entries[place]),
        }),
        None => Ok(()),
    }
}

/// Checks that every implementation makes before it redacts.
pub(crate) fn check_redact(head: Head, position: Position, bytes: usize) -> Result<(), StoreError> {
    if position >= head.next {
        return Err(StoreError::NoSuchEntry {
            position,
            head: head.next,
        });
    }
    if bytes > ENTRY_BYTES_MAX {
        return Err(StoreError::EntryTooLarge { bytes });
    }
    Ok(())
}

/// Collects a page from single look-ups. Look-ups rather than an engine's range: a gap cannot hide.
pub(crate) fn collect_page(
    range: std::ops::Range<u64>,
    mut look_up: impl FnMut(Position) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let (mut page, mut bytes) = (Vec::new(), 0);
    for position in range.map(Position) {
        let entry = look_up(position)?.ok_or(Damage::Missing { position })?;
        bytes += entry.len();
        if bytes > PAGE_BYTES_MAX && !page.is_empty() {
            break;
        }
        page.push(entry);
    }
    Ok(page)
}
