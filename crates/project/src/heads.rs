//! Where each subject's stream ends, and since which entry its state looks as it does: what a state root needs beside the
//! rows of the other views.

use probity_domain::Entry;
use probity_format::Hash;
use probity_types::pack::{Packed, read_rows, write_rows};
use probity_types::packed_row;
use probity_types::table::{Rows, ShortPosition};
use probity_types::{Position, Revision};
use std::io::{self, Read, Write};

packed_row! {
    /// The end of one subject's stream.
    pub(crate) struct Head {
        /// The last entry, shown or waiting for its batch.
        position: ShortPosition,
        revision: u64,
        hash: [u8; 32],
        /// The last entry that changed what is shown: the subject's own, or the completion of a batch.
        shown: ShortPosition,
        /// Since when the state rests on sealed parts as well; none while it rests on open ones alone.
        sealed_since: ShortPosition,
    }
}

const NONE: Head = Head {
    position: ShortPosition::NONE,
    revision: 0,
    hash: [0; 32],
    shown: ShortPosition::NONE,
    sealed_since: ShortPosition::NONE,
};

impl Head {
    /// Number and hash of the last entry.
    pub(crate) fn last(&self) -> (Revision, Hash) {
        (Revision(self.revision), Hash(self.hash))
    }

    /// Whether its last entry lies at or before a position.
    pub(crate) fn is_last_at(&self, as_of: Position) -> bool {
        self.position.known().is_some_and(|at| at <= as_of)
    }

    /// Whether nothing came and nothing began to show after a position.
    pub(crate) fn is_unchanged_since(&self, as_of: Position) -> bool {
        let is_later = |at: ShortPosition| at.known().is_some_and(|at| at > as_of);
        !is_later(self.position) && !is_later(self.shown)
    }

    /// Whether the state at a position rests on sealed parts.
    pub(crate) fn rests_on_sealed(&self, as_of: Position) -> bool {
        self.sealed_since.known().is_some_and(|at| at <= as_of)
    }
}

/// Every subject, by the directory's index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heads(Rows<Head>);

impl Heads {
    pub(crate) fn get(&self, subject: u32) -> Option<&Head> {
        self.0.get(subject)
    }

    fn row(&mut self, subject: u32) -> Option<&mut Head> {
        while self.0.len() <= subject as usize {
            self.0.push(NONE);
        }
        self.0.get_mut(subject)
    }

    /// Notes an entry of the subject's stream, also one that waits.
    pub(crate) fn append(&mut self, subject: u32, entry: &Entry) {
        if let Some(head) = self.row(subject) {
            head.position = entry.header.position.into();
            head.revision = entry.header.revision.0;
            head.hash = entry.hash.0;
        }
    }

    /// Notes that an entry of the subject's stream shows from a position on.
    pub(crate) fn show(&mut self, subject: u32, entry: &Entry, shown_from: Position) {
        let own = |key: &probity_format::KeyId| key.root.0 == entry.header.stream.0;
        let is_sealed = entry.parts.iter().any(|part| own(&part.key));
        let shown = entry.header.position.max(shown_from);
        if let Some(head) = self.row(subject) {
            head.shown = shown.into();
            if is_sealed && head.sealed_since == ShortPosition::NONE {
                head.sealed_since = shown.into();
            }
        }
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_rows(out, self.0.len(), self.0.iter().copied())
    }

    pub(crate) fn read(from: &mut dyn Read) -> io::Result<Self> {
        let mut rows = Rows::default();
        let each = |head: Head| {
            rows.push(head);
        };
        read_rows(from, |_| (), each)?;
        Ok(Self(rows))
    }
}

// A row is packed; nothing else may make it wide.
const _: () = assert!(Head::BYTES == 55);
