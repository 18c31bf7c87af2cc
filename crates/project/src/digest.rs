//! A digest over every row of every view: two replays of one log give the same, or one of them is wrong.

use crate::Views;
use probity_format::Hash;
use std::io::{self, Write};

/// Context string of view digests.
pub const VIEWS_CONTEXT: &str = "probity 2026 views v2";

impl Views {
    /// Digest of the views at their position.
    pub fn digest(&self) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key(VIEWS_CONTEXT);
        // Writing to a hasher cannot fail.
        let _ = self.feed(&mut hasher);
        Hash(*hasher.finalize().as_bytes())
    }

    /// Everything that is written, and everything that moves beside the rows and must agree with them.
    fn feed(&self, out: &mut dyn Write) -> io::Result<()> {
        self.feed_rows(out)?;
        self.grades.feed(out)?;
        self.published.feed(out)?;
        self.directory.feed(out)?;
        write!(out, "{:?}", self.stage)?;
        for (subject, row) in self.directory.rows().numbered() {
            write!(out, "{subject} {:?}", self.counts.of(subject))?;
            debug_assert!(self.directory.index(&row.id) == Some(subject));
        }
        Ok(())
    }
}
