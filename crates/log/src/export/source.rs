//! Where an export gets its entries from: the store of this process, or a server that runs.

use super::ExportError;
use crate::walk::decode;
use probity_format::Hash;
use probity_format::segment;
use probity_store::{Head, LogReader, PageLimit};
use probity_types::{LogId, Position};

/// A log that is exported. What it gives is checked as it comes; nothing is believed.
pub trait Source {
    /// The log.
    fn log(&self) -> LogId;

    /// Its name.
    fn origin(&self) -> &str;

    /// How far it reaches now.
    ///
    /// # Errors
    /// [`ExportError::Remote`], [`ExportError::Store`].
    fn head(&mut self) -> Result<Head, ExportError>;

    /// Stored frames from `first` on, at least one, none at or past `end`. `end` is at most the head.
    ///
    /// # Errors
    /// As [`head`](Self::head).
    fn frames(&mut self, first: Position, end: Position) -> Result<Vec<Vec<u8>>, ExportError>;

    /// Hash of the entry at a position below the head.
    ///
    /// # Errors
    /// As [`head`](Self::head).
    fn entry_hash(&mut self, position: Position) -> Result<Hash, ExportError>;
}

/// The store of this process.
pub struct LocalSource<'a> {
    reader: &'a dyn LogReader,
    log: LogId,
    origin: String,
}

impl std::fmt::Debug for LocalSource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalSource({})", self.log)
    }
}

impl<'a> LocalSource<'a> {
    /// A reader of a log of this id and name.
    pub fn new(reader: &'a dyn LogReader, log: LogId, origin: &str) -> Self {
        let origin = origin.to_owned();
        Self {
            reader,
            log,
            origin,
        }
    }
}

impl LocalSource<'_> {
    /// One segment file as it stands now: entries from `first` to before `end`.
    ///
    /// # Errors
    /// [`ExportError::Store`], [`ExportError::Walk`], [`ExportError::Codec`].
    pub fn segment(&mut self, first: Position, end: Position) -> Result<Vec<u8>, ExportError> {
        let previous = match first.0.checked_sub(1) {
            Some(before) => self.entry_hash(Position(before))?,
            None => Hash::default(),
        };
        let mut frames = Vec::new();
        while first.0 + (frames.len() as u64) < end.0 {
            let next = Position(first.0 + frames.len() as u64);
            let page = self.frames(next, end)?;
            if page.is_empty() {
                break;
            }
            frames.extend(page);
        }
        Ok(segment::write(self.log, first, previous, &frames)?)
    }
}

impl Source for LocalSource<'_> {
    fn log(&self) -> LogId {
        self.log
    }

    fn origin(&self) -> &str {
        &self.origin
    }

    fn head(&mut self) -> Result<Head, ExportError> {
        Ok(self.reader.head())
    }

    fn frames(&mut self, first: Position, end: Position) -> Result<Vec<Vec<u8>>, ExportError> {
        let left = end.0.saturating_sub(first.0);
        let most = u16::try_from(left).unwrap_or(u16::MAX);
        Ok(self.reader.page(first, PageLimit::at_most(most))?)
    }

    fn entry_hash(&mut self, position: Position) -> Result<Hash, ExportError> {
        let frames = self.frames(position, position.next())?;
        let bytes = frames.first().map(Vec::as_slice).unwrap_or_default();
        Ok(decode(position, bytes)?.entry_hash)
    }
}
