//! A digest over every row of every view: two replays of one log give the same, or one of them is wrong.

use crate::Views;
use probity_format::Hash;
use std::fmt::Write;

/// Context string of view digests.
pub const VIEWS_CONTEXT: &str = "probity 2026 views v1";

struct Feed(blake3::Hasher);

impl Write for Feed {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Views {
    /// Digest of the views at their position.
    pub fn digest(&self) -> Hash {
        let mut feed = Feed(blake3::Hasher::new_derive_key(VIEWS_CONTEXT));
        // Writing to a hasher cannot fail.
        let _ = writeln!(feed, "{:?} {:?}", self.position(), self.statistics());
        for row in self.directory().rows() {
            let _ = writeln!(feed, "{row:?}");
        }
        for row in self.records().rows() {
            let _ = writeln!(feed, "{row:?}");
        }
        for row in self.listings().rows() {
            let _ = writeln!(feed, "{row:?}");
        }
        let _ = writeln!(feed, "{:?} {:?}", self.grades(), self.published());
        let _ = writeln!(feed, "{:?}", self.directory().lookups());
        let _ = writeln!(feed, "{:?}", self.beside());
        for index in 0..self.directory().rows().len() {
            let _ = writeln!(feed, "{:?}", self.timeline().of(index as u32));
        }
        Hash(*feed.0.finalize().as_bytes())
    }
}
