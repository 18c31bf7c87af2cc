//! Reading ahead: one thread reads, decodes and opens entries while another checks the chain and moves state on.
//!
//! Order stays: entries come in the order of the log, and a fault comes after every entry before it.

use crate::opener::{OpenEntryError, Opener};
use crate::walk::{WalkError, decode};
use probity_domain::Entry;
use probity_format::KeyId;
use probity_format::frame::{Digested, Frame};
use probity_store::{Damage, LogReader, PAGE_ENTRIES_MAX, PageLimit, StoreError};
use probity_types::Position;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Pages that may lie ready: about four thousand entries.
const PAGES_AHEAD: usize = 4;

/// An entry as far as it can be read without the chain.
pub(crate) struct Prepared {
    pub(crate) digested: Digested,
    pub(crate) stored_bytes: u64,
    /// Keys of the parts whose ciphertext is gone.
    pub(crate) gone: Vec<KeyId>,
    pub(crate) entry: Result<Entry, OpenEntryError>,
}

impl Prepared {
    pub(crate) fn new(opener: &Opener, frame: &Frame, stored_bytes: u64) -> Self {
        let gone = frame.sealed.iter().filter(|p| p.ciphertext.is_none());
        Self {
            digested: frame.digested(),
            stored_bytes,
            gone: gone.map(|part| part.key()).collect(),
            entry: opener.open(frame),
        }
    }
}

/// What one page gave: entries, then the fault that ends it.
struct Page {
    entries: Vec<Prepared>,
    fault: Option<WalkError>,
}

fn read_page(reader: &dyn LogReader, opener: &Opener, from: Position, end: Position) -> Page {
    let mut entries = Vec::new();
    let fault = read_into(&mut entries, reader, opener, from, end).err();
    Page { entries, fault }
}

fn read_into(
    entries: &mut Vec<Prepared>,
    reader: &dyn LogReader,
    opener: &Opener,
    from: Position,
    end: Position,
) -> Result<(), WalkError> {
    let page = reader.page(from, PageLimit::MOST)?;
    entries.reserve(page.len());
    for (position, bytes) in (from.0..end.0).zip(page) {
        let frame = decode(Position(position), &bytes)?;
        entries.push(Prepared::new(opener, &frame, bytes.len() as u64));
    }
    if entries.is_empty() {
        return Err(StoreError::from(Damage::Missing { position: from }).into());
    }
    Ok(())
}

fn read_on(
    reader: &dyn LogReader,
    opener: &Opener,
    mut from: Position,
    end: Position,
    pages: &SyncSender<Page>,
) {
    while from < end {
        let page = read_page(reader, opener, from, end);
        from.0 += page.entries.len() as u64;
        let is_last = page.fault.is_some();
        // Nobody takes pages any more once a fault was found in one.
        if pages.send(page).is_err() || is_last {
            return;
        }
    }
}

/// Hands every page of `from..end` to `take`, reading ahead where there is more than one.
///
/// # Errors
/// The first fault, of the log or of `take`.
pub(crate) fn each_page(
    reader: &dyn LogReader,
    opener: &Opener,
    from: Position,
    end: Position,
    mut take: impl FnMut(Vec<Prepared>) -> Result<(), WalkError>,
) -> Result<(), WalkError> {
    let mut take_page = |page: Page| {
        take(page.entries)?;
        page.fault.map_or(Ok(()), Err)
    };
    if from >= end {
        return Ok(());
    }
    if end.0 - from.0 <= u64::from(PAGE_ENTRIES_MAX) {
        let mut at = from;
        while at < end {
            let page = read_page(reader, opener, at, end);
            at.0 += page.entries.len() as u64;
            take_page(page)?;
        }
        return Ok(());
    }
    std::thread::scope(|scope| {
        let (send, pages) = sync_channel(PAGES_AHEAD);
        scope.spawn(move || read_on(reader, opener, from, end, &send));
        pages.into_iter().try_for_each(take_page)
    })
}
