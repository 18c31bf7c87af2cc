//! The chain and the stream chains, walked entry by entry.
//!
//! In scope: gapless positions and revisions, time that never goes back, units that are whole and within their limit, links,
//! and how a log begins. The walker keeps one hash per stream and nothing else.
//!
//! A chain can be written down and read again, so that a start needs not walk it; the bytes are no part of the format.

use crate::events::Event;
use crate::frame::{Digested, Frame, FrameError, Header, Links};
use crate::limits::UNIT_BYTES_MAX;
use crate::wire::Hash;
use probity_types::pack::{read_one, read_rows, write_one, write_rows};
use probity_types::packed_row;
use probity_types::table::{Index, Rows, fold_key};
use probity_types::{LogId, Position, Revision, StreamId, Timestamp};
use std::io::{self, Read, Write};

/// A stream: kind number and id.
pub type StreamKey = (u16, StreamId);

/// Head of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// Revision of the next entry.
    pub next: Revision,
    /// Hash of the last entry.
    pub hash: Hash,
}

/// Why an entry does not continue the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {fault}")]
pub struct ChainError {
    /// Where the walk stood.
    pub position: Position,
    /// What is wrong.
    pub fault: ChainFault,
}

/// What is wrong with an entry's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// Another position than the next one.
    #[error("field position: expected {expected}, found {found}")]
    Position {
        /// The next position.
        expected: Position,
        /// What the entry says.
        found: Position,
    },
    /// Another revision than the stream's next one.
    #[error("field revision: expected {expected}, found {found}")]
    Revision {
        /// The stream's next revision.
        expected: Revision,
        /// What the entry says.
        found: Revision,
    },
    /// Time went back.
    #[error("field recorded_at: {found} lies before {last}")]
    Time {
        /// Time of the entry before.
        last: Timestamp,
        /// Time of this entry.
        found: Timestamp,
    },
    /// A unit that is not whole.
    #[error("field unit index: expected {expected}, found {found}")]
    Unit {
        /// Index expected here.
        expected: u32,
        /// What the entry says.
        found: u32,
    },
    /// Another length than the unit began with.
    #[error("field unit length: expected {expected}, found {found}")]
    UnitLength {
        /// Length the unit began with.
        expected: u32,
        /// What the entry says.
        found: u32,
    },
    /// Frames of one unit that are too long together.
    #[error("field unit: its frames have {found} bytes so far, at most {max} are allowed", max = UNIT_BYTES_MAX)]
    UnitBytes {
        /// Bytes up to here.
        found: u64,
    },
    /// A compensating entry that points at nothing before it.
    #[error("field caused_by: {found} is not an earlier position")]
    Cause {
        /// What the entry says.
        found: Position,
    },
    /// The frame itself.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Why a log does not begin as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartFault {
    /// Position 0 says something else.
    #[error("position 0: field event type: expected LogStarted, found {found}")]
    NotStarted {
        /// Name of the event that stands there.
        found: &'static str,
    },
    /// It is another log.
    #[error("position 0: field log: expected {expected}, found {found}")]
    OtherLog {
        /// The log that was asked for.
        expected: LogId,
        /// The log that begins here.
        found: LogId,
    },
    /// The log has another name.
    #[error("position 0: field origin: expected {expected:?}, found {found:?}")]
    OtherOrigin {
        /// As the manifest says.
        expected: String,
        /// As LogStarted says.
        found: String,
    },
}

/// Checks that the event at position 0 begins this log.
///
/// # Errors
/// [`StartFault`].
pub fn check_start(event: &Event, log: LogId) -> Result<(), StartFault> {
    let Event::LogStarted(started) = event else {
        return Err(StartFault::NotStarted {
            found: event.name(),
        });
    };
    if started.log == log {
        Ok(())
    } else {
        Err(StartFault::OtherLog {
            expected: log,
            found: started.log,
        })
    }
}

packed_row! {
    /// Head of one stream, by its key.
    struct StreamRow {
        kind: u16,
        stream: StreamId,
        next: u64,
        hash: [u8; 32],
    }
}

/// Stream heads in the order in which the streams began.
#[derive(Debug, Clone, Default)]
struct Streams {
    rows: Rows<StreamRow>,
    index: Index,
}

fn hash_of(kind: u16, stream: &StreamId) -> u64 {
    // The id alone tells streams apart, but for those of kinds that have only one.
    fold_key(&stream.0).wrapping_add(u64::from(kind).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

impl PartialEq for Streams {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl Streams {
    fn over(rows: Rows<StreamRow>) -> Self {
        let key_of = |row| rows.get(row).map(|row| (row.kind, row.stream));
        let hashes = rows.numbered();
        let hashes = hashes.map(|(number, row)| (hash_of(row.kind, &row.stream), number));
        let index = Index::over(rows.len(), hashes, |one, other| {
            key_of(one) == key_of(other)
        });
        Self { rows, index }
    }

    fn find(&self, key: &StreamKey) -> Option<u32> {
        let is_it = |row| {
            let held = self.rows.get(row);
            held.is_some_and(|row| (row.kind, row.stream) == *key)
        };
        self.index.find(hash_of(key.0, &key.1), is_it)
    }

    /// Head of the stream in a row, that of an empty stream where there is none.
    fn head(&self, number: Option<u32>) -> StreamHead {
        let empty = StreamHead {
            next: Revision(0),
            hash: Hash::default(),
        };
        let row = number.and_then(|number| self.rows.get(number));
        row.map_or(empty, |row| StreamHead {
            next: Revision(row.next),
            hash: Hash(row.hash),
        })
    }

    /// Sets a stream's head: in the row with that number, or in a new one.
    fn set(&mut self, number: Option<u32>, row: StreamRow) {
        match number.and_then(|number| self.rows.get_mut(number)) {
            Some(held) => *held = row,
            None => self.add(row),
        }
    }

    fn add(&mut self, row: StreamRow) {
        let number = self.rows.push(row);
        let rows = &self.rows;
        let hash_in = |row| {
            let row = rows.get(row);
            row.map_or(0, |row| hash_of(row.kind, &row.stream))
        };
        let hash = hash_of(row.kind, &row.stream);
        self.index.insert(hash, number, hash_in);
    }
}

/// Chain state at a head. A copy is cheap: it shares its pieces until one side moves on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    next: Position,
    hash: Hash,
    time: Timestamp,
    /// Entries still missing of the open unit, and its length.
    open_unit: (u32, u32),
    /// Bytes of the frames of the open unit.
    unit_bytes: u64,
    /// What the last entry links to.
    last: Links,
    streams: Streams,
}

impl Chain {
    /// Position of the next entry.
    pub fn next(&self) -> Position {
        self.next
    }

    /// Hash of the last entry, zero when empty.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Time of the last entry.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Whether the last unit is whole.
    pub fn is_whole(&self) -> bool {
        self.open_unit.0 == 0
    }

    /// Head of a stream, revision 0 where it has no entry.
    pub fn stream(&self, key: &StreamKey) -> StreamHead {
        self.streams.head(self.streams.find(key))
    }

    /// Number of streams.
    pub fn streams(&self) -> u64 {
        self.streams.rows.len() as u64
    }

    /// What the next entry of a stream links to.
    pub fn links(&self, key: &StreamKey) -> Links {
        Links {
            previous: self.hash,
            previous_in_stream: self.stream(key).hash,
        }
    }

    /// What the last entry links to: with it that entry alone can be checked again.
    pub fn last_links(&self) -> Links {
        self.last
    }

    /// A stream's row with its head, looked up once: in a log of many streams each look-up waits for memory.
    fn place(&self, header: &Header) -> (Option<u32>, StreamHead) {
        let number = self.streams.find(&(header.stream_kind, header.stream));
        (number, self.streams.head(number))
    }

    fn check(&self, header: &Header, stream: &StreamHead) -> Result<(), ChainFault> {
        if header.position != self.next {
            return Err(ChainFault::Position {
                expected: self.next,
                found: header.position,
            });
        }
        if header.revision != stream.next {
            return Err(ChainFault::Revision {
                expected: stream.next,
                found: header.revision,
            });
        }
        if header.recorded_at < self.time {
            return Err(ChainFault::Time {
                last: self.time,
                found: header.recorded_at,
            });
        }
        let (missing, length) = self.open_unit;
        let expected = if missing == 0 { 0 } else { length - missing };
        if header.unit_index != expected {
            return Err(ChainFault::Unit {
                expected,
                found: header.unit_index,
            });
        }
        if missing > 0 && header.unit_length != length {
            return Err(ChainFault::UnitLength {
                expected: length,
                found: header.unit_length,
            });
        }
        if !header.caused_by.is_none() && header.caused_by >= header.position {
            return Err(ChainFault::Cause {
                found: header.caused_by,
            });
        }
        Ok(())
    }

    /// Checks one frame, which takes `stored_bytes` where it is stored, and moves on by it.
    ///
    /// # Errors
    /// [`ChainError`] names the position and the field; the state is unchanged then.
    pub fn push(&mut self, frame: &Frame, stored_bytes: u64) -> Result<(), ChainError> {
        self.push_digested(&frame.digested(), stored_bytes)
    }

    /// The same for a frame that was digested before, on another thread say.
    ///
    /// # Errors
    /// As [`Chain::push`].
    pub fn push_digested(&mut self, frame: &Digested, stored_bytes: u64) -> Result<(), ChainError> {
        let at = |fault| ChainError {
            position: self.next,
            fault,
        };
        let header = &frame.header;
        let (number, stream) = self.place(header);
        self.check(header, &stream).map_err(at)?;
        let before = if header.unit_index == 0 {
            0
        } else {
            self.unit_bytes
        };
        let unit_bytes = before.saturating_add(stored_bytes);
        if unit_bytes > UNIT_BYTES_MAX {
            return Err(at(ChainFault::UnitBytes { found: unit_bytes }));
        }
        let links = Links {
            previous: self.hash,
            previous_in_stream: stream.hash,
        };
        frame.check_hash(&links).map_err(|e| at(e.into()))?;
        self.move_on(header, number, links, frame.entry_hash);
        // Of a whole unit nobody asks any more.
        self.unit_bytes = if self.is_whole() { 0 } else { unit_bytes };
        Ok(())
    }

    /// Moves on by an entry whose place this process just took from this very state; `hash` makes its entry hash.
    pub fn extend(&mut self, header: &Header, hash: impl FnOnce(&Links) -> Hash) -> Hash {
        let (number, stream) = self.place(header);
        let links = Links {
            previous: self.hash,
            previous_in_stream: stream.hash,
        };
        let hash = hash(&links);
        self.move_on(header, number, links, hash);
        hash
    }

    fn move_on(&mut self, header: &Header, number: Option<u32>, links: Links, hash: Hash) {
        let row = StreamRow {
            kind: header.stream_kind,
            stream: header.stream,
            next: header.revision.next().0,
            hash: hash.0,
        };
        self.streams.set(number, row);
        self.next = header.position.next();
        self.hash = hash;
        self.time = header.recorded_at;
        self.open_unit = (
            header.unit_length - header.unit_index - 1,
            header.unit_length,
        );
        self.last = links;
    }

    /// Writes the state.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_one(out, &(self.next, self.hash.0, self.time.0))?;
        let (missing, length) = self.open_unit;
        write_one(out, &(missing, length, self.unit_bytes))?;
        let links = self.last;
        write_one(out, &(links.previous.0, links.previous_in_stream.0))?;
        let rows = &self.streams.rows;
        write_rows(out, rows.len(), rows.iter().copied())
    }

    /// Reads what [`Chain::write`] wrote.
    ///
    /// # Errors
    /// The reader's own, `InvalidData` for bytes that are no state.
    pub fn read(from: &mut dyn Read) -> io::Result<Self> {
        let (next, hash, time) = read_one(from)?;
        let (missing, length, unit_bytes) = read_one(from)?;
        let (previous, previous_in_stream) = read_one(from)?;
        let mut rows = Rows::default();
        let each = |row: StreamRow| {
            rows.push(row);
        };
        read_rows(from, |_| (), each)?;
        Ok(Self {
            next,
            hash: Hash(hash),
            time: Timestamp(time),
            open_unit: (missing, length),
            unit_bytes,
            last: Links {
                previous: Hash(previous),
                previous_in_stream: Hash(previous_in_stream),
            },
            streams: Streams::over(rows),
        })
    }
}
