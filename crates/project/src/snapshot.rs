//! The views as bytes: for a snapshot that saves a start the replay, and for the digest that compares two replays.
//!
//! In scope: what cannot be worked out from the rest. Indexes, counts, what counts in grades and what is published are put
//! together again from the rows when they are read. The bytes hold keyed tags and facts of persons: whoever keeps them seals
//! them. They are read by the version that wrote them and by no other ([`VIEWS_VERSION`]).

mod people;
mod rows;

use crate::Views;
use crate::facts::{Facts, Names};
use crate::heads::Heads;
use crate::slim::Word;
use probity_domain::Tagger;
use probity_rules::PolicySet;
use probity_types::pack::{Packed, demand, read_blob, read_one, write_blob, write_one};
use probity_types::table::ShortPosition;
use probity_types::{Category, CodeList, Database, Position};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::Arc;

/// Counts up with every change to what the views hold or how they are written.
pub const VIEWS_VERSION: u16 = 3;

/// Rows in one block.
const BLOCK_ROWS: usize = 1_024;

/// Writes rows of any width, block by block; what repeats is written once and then named by its number.
struct Sink<'a> {
    out: &'a mut dyn Write,
    block: Vec<u8>,
    words: BTreeMap<*const Box<str>, u32>,
    names: BTreeMap<*const Box<[Box<str>]>, u32>,
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

impl Source<'_> {
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

    /// Rows; `begin` is told how many come.
    fn rows(
        &mut self,
        begin: impl FnOnce(usize),
        mut each: impl FnMut(&mut Self, &mut &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let count: u64 = read_one(self.from)?;
        let mut left = usize::try_from(count).map_err(|_| malformed())?;
        demand(count < u64::from(u32::MAX))?;
        begin(left);
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

impl Views {
    /// Whether the views can be written: not while rows of a file wait for its completion, which holds whole entries.
    pub fn is_settled(&self) -> bool {
        self.stage.is_empty()
    }

    /// Writes the views, policies aside: the decision state has the same.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_one(out, &ShortPosition::from(self.position))?;
        write_one(out, &self.day)?;
        self.write_statistics(out)?;
        self.heads.write(out)?;
        let mut sink = Sink {
            out,
            block: Vec::new(),
            words: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        people::write(&self.directory, &mut sink)?;
        rows::write_records(&self.records, &mut sink)?;
        rows::write_listings(&self.listings, &mut sink)?;
        people::write_timeline(&self.timeline, &self.streams, &mut sink)
    }

    /// Reads views; `tagger` is the one that they were made with. They have no policies: see [`Views::with_policies`].
    ///
    /// # Errors
    /// The reader's own, `InvalidData` for bytes that are no views.
    pub fn read(tagger: Tagger, from: &mut dyn Read) -> io::Result<Self> {
        let mut views = Self::empty(tagger);
        views.position = read_one::<ShortPosition>(from)?.known();
        views.day = read_one(from)?;
        views.read_statistics(from)?;
        views.heads = Heads::read(from)?;
        let mut source = Source {
            from,
            words: Vec::new(),
            names: Vec::new(),
        };
        people::read(&mut views, &mut source)?;
        rows::read_records(&mut views, &mut source)?;
        rows::read_listings(&mut views, &mut source)?;
        people::read_timeline(&mut views, &mut source)?;
        Ok(views)
    }

    /// The same with the policies of the decision state at the same position.
    #[must_use]
    pub fn with_policies(mut self, policies: PolicySet) -> Self {
        self.policies = policies;
        if let Some(at) = self.position {
            self.regimes = self.policies.turning_days(at);
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
            &mut told.disclosures,
            &mut told.batches,
            &mut told.erasures,
        ] {
            *number = read_one(from)?;
        }
        Ok(())
    }
}
