//! The views as bytes: for a snapshot that saves a start the replay, and for the digest that compares two replays.
//!
//! In scope: rows, and what is kept ready beside them (what counts in grades, what is published, counts), because a start
//! must not work it out again record by record; indexes are made from the rows when they are read. Records stand by
//! themselves, so that a start reads them beside the rest. The bytes hold keyed tags and facts of persons: whoever keeps
//! them seals them. They are read by the version that wrote them and by no other ([`VIEWS_VERSION`]).

mod people;
mod ready;
mod rows;

use crate::Views;
use crate::facts::{Facts, Names, Shapes};
use crate::heads::Heads;
use crate::records::Records;
use crate::search::NameIndex;
use crate::slim::Word;
use probity_domain::Tagger;
use probity_rules::PolicySet;
use probity_types::pack::{Packed, demand, read_blob, read_one, write_blob, write_one, write_rows};
use probity_types::table::ShortPosition;
use probity_types::{Category, CodeList, Database, Position};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Counts up with every change to what the views hold or how they are written.
pub const VIEWS_VERSION: u16 = 5;

/// Rows in one block.
const BLOCK_ROWS: usize = 1_024;

/// Writes rows of any width, block by block; what repeats is written once and then named by its number.
struct Sink<'a> {
    out: &'a mut dyn Write,
    block: Vec<u8>,
    words: BTreeMap<*const Box<str>, u32>,
    names: BTreeMap<*const Box<[Box<str>]>, u32>,
}

impl<'a> Sink<'a> {
    fn over(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            block: Vec::new(),
            words: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }
}

/// The number that announces something new.
const NEW: u32 = u32::MAX;

impl Sink<'_> {
    fn put<T: Packed>(&mut self, value: T) {
        value.pack(&mut self.block);
    }

    fn put_code<T: CodeList>(&mut self, code: T) {
        self.put(code.number());
    }

    fn put_position(&mut self, position: Position) {
        self.put(ShortPosition::from(position));
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        // Texts and facts of one record: the format bounds them far below this.
        self.put(bytes.len() as u32);
        self.block.extend_from_slice(bytes);
    }

    fn put_word(&mut self, word: &Word) {
        let next = self.words.len() as u32;
        let number = *self.words.entry(word.identity()).or_insert(next);
        if number == next {
            self.put(NEW);
            self.put_bytes(word.as_bytes());
        } else {
            self.put(number);
        }
    }

    fn put_facts(&mut self, facts: Option<&Facts>) {
        self.put(facts.is_some());
        let Some(facts) = facts else { return };
        let next = self.names.len() as u32;
        let number = *self.names.entry(Arc::as_ptr(facts.names())).or_insert(next);
        if number == next {
            self.put(NEW);
            self.put(facts.names().len() as u32);
            for name in facts.names().iter() {
                self.put_bytes(name.as_bytes());
            }
        } else {
            self.put(number);
        }
        self.put_bytes(facts.values());
    }

    /// Rows with their number; `each` puts one into the block.
    fn rows<'r, R: 'r>(
        &mut self,
        count: usize,
        rows: impl Iterator<Item = &'r R>,
        each: impl Fn(&mut Self, &R),
    ) -> io::Result<()> {
        write_one(self.out, &(count as u64))?;
        let mut held = 0;
        for row in rows {
            each(self, row);
            held += 1;
            if held == BLOCK_ROWS {
                self.flush()?;
                held = 0;
            }
        }
        if held > 0 {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        write_blob(self.out, &self.block)?;
        self.block.clear();
        Ok(())
    }
}

/// Reads what [`Sink`] writes.
struct Source<'a> {
    from: &'a mut dyn Read,
    words: Vec<Word>,
    names: Vec<Names>,
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the bytes are no views of this version",
    )
}

fn take<T: Packed>(block: &mut &[u8]) -> io::Result<T> {
    T::unpack(block).ok_or_else(malformed)
}

fn take_code<T: CodeList>(block: &mut &[u8]) -> io::Result<T> {
    let number: u16 = take(block)?;
    // Codes are numbered from one without gaps, or nearly so.
    let likely = T::ALL.get(usize::from(number).wrapping_sub(1));
    let found = likely.filter(|code| code.number() == number);
    let found = found.or_else(|| T::ALL.iter().find(|code| code.number() == number));
    found.copied().ok_or_else(malformed)
}

fn take_position(block: &mut &[u8]) -> io::Result<Position> {
    take::<ShortPosition>(block).map(ShortPosition::wide)
}

fn take_bytes<'b>(block: &mut &'b [u8]) -> io::Result<&'b [u8]> {
    let length = take::<u32>(block)? as usize;
    let (bytes, rest) = block.split_at_checked(length).ok_or_else(malformed)?;
    *block = rest;
    Ok(bytes)
}

fn take_text<'b>(block: &mut &'b [u8]) -> io::Result<&'b str> {
    std::str::from_utf8(take_bytes(block)?).map_err(|_| malformed())
}

impl<'a> Source<'a> {
    fn over(from: &'a mut dyn Read) -> Self {
        Self {
            from,
            words: Vec::new(),
            names: Vec::new(),
        }
    }

    fn take_word(&mut self, block: &mut &[u8], words: &mut crate::slim::Words) -> io::Result<Word> {
        let number = take::<u32>(block)?;
        if number == NEW {
            let word = words.share(take_text(block)?);
            self.words.push(word.clone());
            return Ok(word);
        }
        self.words
            .get(number as usize)
            .cloned()
            .ok_or_else(malformed)
    }

    fn take_facts(
        &mut self,
        block: &mut &[u8],
        shapes: &mut crate::facts::Shapes,
    ) -> io::Result<Option<Facts>> {
        if !take::<bool>(block)? {
            return Ok(None);
        }
        let number = take::<u32>(block)?;
        if number == NEW {
            let mut names = Vec::new();
            for _ in 0..take::<u32>(block)? {
                names.push(take_text(block)?);
            }
            self.names.push(shapes.share(names.iter().copied()));
        }
        let names = match number {
            NEW => self.names.last(),
            number => self.names.get(number as usize),
        };
        let names = names.cloned().ok_or_else(malformed)?;
        Ok(Some(Facts::from_parts(names, take_bytes(block)?)))
    }

    /// Rows, one after the other.
    fn rows(
        &mut self,
        mut each: impl FnMut(&mut Self, &mut &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let count: u64 = read_one(self.from)?;
        let mut left = usize::try_from(count).map_err(|_| malformed())?;
        demand(count < u64::from(u32::MAX))?;
        while left > 0 {
            let block = read_blob(self.from)?;
            let mut rest = block.as_slice();
            let rows = left.min(BLOCK_ROWS);
            for _ in 0..rows {
                each(self, &mut rest)?;
            }
            demand(rest.is_empty())?;
            left -= rows;
        }
        Ok(())
    }
}

/// Records that were read, for views of the same position.
#[derive(Debug)]
pub struct ReadRecords {
    position: Option<Position>,
    subjects: u32,
    records: Records,
    shapes: Shapes,
}

impl ReadRecords {
    /// Reads what [`Views::write_records`] wrote.
    ///
    /// # Errors
    /// The reader's own, `InvalidData` for bytes that are no records.
    pub fn read(from: &mut dyn Read) -> io::Result<Self> {
        let position = read_one::<ShortPosition>(from)?.known();
        let subjects = read_one(from)?;
        let (mut records, mut shapes) = (Records::default(), Shapes::default());
        let mut source = Source::over(from);
        rows::read_records(&mut records, &mut shapes, subjects, &mut source)?;
        Ok(Self {
            position,
            subjects,
            records,
            shapes,
        })
    }
}

impl Views {
    /// Whether the views can be written: not while rows of a file wait for its completion, which holds whole entries.
    pub fn is_settled(&self) -> bool {
        self.stage.is_empty()
    }

    /// Writes the views, policies and records aside: the decision state has the former, for the latter see
    /// [`Views::write_records`].
    ///
    /// # Errors
    /// The writer's own.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_head(out)?;
        let mut sink = Sink::over(out);
        people::write(&self.directory, &mut sink)?;
        let namesakes = self.directory.counted_names();
        write_rows(sink.out, namesakes.len(), namesakes)?;
        rows::write_listings(&self.listings, &mut sink)?;
        people::write_timeline(&self.timeline, &self.streams, &mut sink)?;
        ready::write(self, &mut sink)
    }

    /// Writes the records.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write_records(&self, out: &mut dyn Write) -> io::Result<()> {
        write_one(out, &ShortPosition::from(self.position))?;
        write_one(out, &self.subjects())?;
        rows::write_records(&self.records, &mut Sink::over(out))
    }

    fn subjects(&self) -> u32 {
        // Four billion rows of any table do not fit into memory.
        self.directory.rows().len() as u32
    }

    /// Every row of every view, for the digest: nothing that is kept ready beside them.
    pub(crate) fn feed_rows(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_head(out)?;
        let mut sink = Sink::over(out);
        people::write(&self.directory, &mut sink)?;
        rows::write_records(&self.records, &mut sink)?;
        rows::write_listings(&self.listings, &mut sink)?;
        people::write_timeline(&self.timeline, &self.streams, &mut sink)
    }

    fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        write_one(out, &ShortPosition::from(self.position))?;
        write_one(out, &self.day)?;
        self.write_statistics(out)?;
        self.heads.write(out)
    }

    /// Reads views; `tagger` is the one that they were made with. They have no records and no policies: see
    /// [`Views::with_records`] and [`Views::with_policies`].
    ///
    /// # Errors
    /// The reader's own, `InvalidData` for bytes that are no views.
    pub fn read(tagger: Tagger, from: &mut dyn Read) -> io::Result<Self> {
        let mut views = Self::empty(tagger);
        views.position = read_one::<ShortPosition>(from)?.known();
        views.day = read_one(from)?;
        views.read_statistics(from)?;
        views.heads = Heads::read(from)?;
        let mut source = Source::over(from);
        people::read(&mut views.directory, &mut source)?;
        rows::read_listings(&mut views.listings, &mut source)?;
        people::read_timeline(&mut views, &mut source)?;
        ready::read(&mut views, &mut source)?;
        views.names = Arc::new(NameIndex::of(&views.directory));
        Ok(views)
    }

    /// The same with the records of the same position.
    ///
    /// # Errors
    /// `InvalidData` where they are of other views.
    pub fn with_records(mut self, read: ReadRecords) -> io::Result<Self> {
        demand(self.position == read.position && self.subjects() == read.subjects)?;
        (self.records, self.shapes) = (read.records, read.shapes);
        Ok(self)
    }

    /// The same with the policies of the decision state at the same position.
    #[must_use]
    pub fn with_policies(mut self, policies: PolicySet) -> Self {
        self.policies = policies;
        if let Some(at) = self.position {
            self.turning = self.policies.turning_days(at);
        }
        self
    }

    fn write_statistics(&self, out: &mut dyn Write) -> io::Result<()> {
        let told = &self.statistics;
        for database in Database::ALL {
            write_one(out, &told.subjects.get(database).copied())?;
        }
        for category in Category::ALL {
            write_one(out, &told.records.get(category).copied())?;
        }
        for number in [
            told.listings,
            told.compensations,
            told.parked,
            told.quarantined,
            told.disclosures,
            told.batches,
            told.erasures,
        ] {
            write_one(out, &number)?;
        }
        Ok(())
    }

    fn read_statistics(&mut self, from: &mut dyn Read) -> io::Result<()> {
        let told = &mut self.statistics;
        for database in Database::ALL {
            let number: Option<u64> = read_one(from)?;
            told.subjects
                .extend(number.map(|number| (*database, number)));
        }
        for category in Category::ALL {
            let number: Option<u64> = read_one(from)?;
            told.records
                .extend(number.map(|number| (*category, number)));
        }
        for number in [
            &mut told.listings,
            &mut told.compensations,
            &mut told.parked,
            &mut told.quarantined,
            &mut told.disclosures,
            &mut told.batches,
            &mut told.erasures,
        ] {
            *number = read_one(from)?;
        }
        Ok(())
    }
}
