//! `rebuild`: derived files go, the views come from the log alone; at rest, or beside the live views.
//!
//! Views lie in memory, so opening a ledger without its snapshot rebuilds them; what lies in `views/` only says what they
//! were. That is removed here, after it was compared.

use crate::folder::FolderProblem;
use crate::ledger::Ledger;
use crate::verify::read_digest;
use probity_domain::Entry;
use probity_format::Hash;
use probity_log::walk::walk_on;
use probity_log::{WalkError, Walked};
use probity_project::Views;
use probity_types::Position;
use serde::Serialize;
use std::collections::VecDeque;
use std::io::ErrorKind;

/// How the rebuilt views compare with those that were served before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The same digest at the same position.
    Equal,
    /// The same position and another digest.
    Different,
    /// None were kept for this position.
    Nothing,
}

/// What was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Entries of the log.
    pub entries: u64,
    /// Position of the views.
    pub position: Option<Position>,
    /// Digest of the views.
    pub digest: Hash,
    /// Derived files that were removed.
    pub removed: u64,
    /// Against those before.
    pub compared: Compared,
}

/// Removes the derived files of an opened ledger, whose views were just replayed. Closing it writes them anew.
///
/// # Errors
/// [`FolderProblem::File`]: the folder of derived files cannot be read or removed.
pub fn rebuild(ledger: &Ledger) -> Result<Rebuilt, FolderProblem> {
    let (position, digest) = {
        let views = ledger.views();
        (views.position(), views.digest())
    };
    let compared = match read_digest(ledger.folder()) {
        Some(before) if Some(before.position) == position => {
            if before.digest == digest {
                Compared::Equal
            } else {
                Compared::Different
            }
        }
        _ => Compared::Nothing,
    };
    let path = ledger.folder().views();
    let file = |source| FolderProblem::File {
        path: path.clone(),
        source,
    };
    let removed = match std::fs::read_dir(&path) {
        Ok(files) => {
            let count = files.count() as u64;
            std::fs::remove_dir_all(&path).map_err(file)?;
            count
        }
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        Err(error) => return Err(file(error)),
    };
    Ok(Rebuilt {
        entries: ledger.reader.head().next.0,
        position,
        digest,
        removed,
        compared,
    })
}

/// Rebuilds the views from the log while the others are served, compares, and lets the new ones take their place. Appends
/// and reads go on; both wait at the end for the last entries that came meanwhile.
///
/// # Errors
/// [`WalkError`] where the log does not hold: the old views stay.
pub fn rebuild_beside(ledger: &Ledger) -> Result<Rebuilt, WalkError> {
    let mut beside = Beside {
        views: Views::empty(ledger.tagger.clone()),
        ahead: VecDeque::new(),
    };
    let mut walked = Walked::default();
    // The first walk takes long, the next ones catch up with what came meanwhile.
    for _ in 0..3 {
        walked = walk_on(&*ledger.reader, &ledger.opener, walked, |entries| {
            beside.ahead.extend(entries.iter().cloned());
            let shown = ledger.views().position();
            beside.catch_up(shown);
        })?;
    }
    let mut served = ledger.views_mut();
    let shown = served.position();
    walk_on(&*ledger.reader, &ledger.opener, walked, |entries| {
        beside.ahead.extend(entries.iter().cloned());
    })?;
    beside.catch_up(shown);
    let rebuilt = beside.views;
    let before = std::mem::replace(&mut *served, rebuilt.clone());
    drop(served);
    let digest = rebuilt.digest();
    Ok(Rebuilt {
        entries: shown.map_or(0, |shown| shown.next().0),
        position: shown,
        digest,
        removed: 0,
        compared: match digest == before.digest() {
            true => Compared::Equal,
            false => Compared::Different,
        },
    })
}

/// Views on their way to take over.
struct Beside {
    views: Views,
    /// Entries that were committed but not shown when they were read: the writer shows them itself, to whichever views are
    /// served then.
    ahead: VecDeque<Entry>,
}

impl Beside {
    fn catch_up(&mut self, shown: Option<Position>) {
        while let Some(entry) = self
            .ahead
            .pop_front_if(|entry| Some(entry.header.position) <= shown)
        {
            self.views.apply(&entry);
        }
    }
}
