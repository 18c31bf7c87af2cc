//! `rebuild`: derived files go, the views come from the log alone.
//!
//! Views lie in memory, so opening a ledger rebuilds them; what lies in `views/` only says what they were. That is
//! removed here, after it was compared.

use crate::folder::FolderProblem;
use crate::ledger::Ledger;
use crate::verify::read_digest;
use probity_format::Hash;
use probity_types::Position;
use serde::Serialize;
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
