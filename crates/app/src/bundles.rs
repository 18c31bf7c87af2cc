//! Bundles: one entry with what a reader may see of it and everything that proves it.

use crate::checkpoints::{ProveError, prove_inclusion};
use crate::ledger::Ledger;
use crate::sight::Sight;
use probity_log::WalkError;
use probity_project::RecordRow;
use probity_proof::Bundle;
use probity_proof::bundle::{BUNDLE_VERSION, BundlePart};
use probity_types::{Position, RootId};

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The log.
    #[error(transparent)]
    Log(#[from] WalkError),
    /// The proof.
    #[error(transparent)]
    Proof(#[from] ProveError),
}

impl Ledger {
    /// Whether an entry is one of a record's: it recorded, corrected, performed or ended it.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn is_entry_of(&self, row: &RecordRow, position: Position) -> Result<bool, WalkError> {
        let entry = self.entry(position)?;
        Ok(entry.is_some_and(|entry| entry.event.record() == Some(row.id)))
    }

    /// The bundle of an entry: its open part, and of its sealed parts those of the subject that was disclosed. None past the
    /// head.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn bundle(&self, position: Position, sight: Sight) -> Result<Option<Bundle>, BundleError> {
        let Some(frame) = self.frame(position)? else {
            return Ok(None);
        };
        let links = self.links(&frame)?;
        let (published, tiles) = self.proven()?;
        if position.0 >= published.head.size {
            return Err(ProveError::NotYet.into());
        }
        let own = RootId(frame.header.stream.0);
        let mut parts = vec![BundlePart::open(&frame.open)];
        for (number, part) in (1_u8..).zip(frame.sealed.iter()) {
            let is_shown = sight == Sight::Disclosed && part.root == own;
            let content = match is_shown {
                true => self.opener.content(&frame, number),
                false => Ok(None),
            };
            let content = content.map_err(|source| WalkError::Entry { position, source })?;
            let shown = content.as_ref();
            parts.push(BundlePart::sealed(
                part,
                shown.map(|(salt, content)| (salt, content.as_slice())),
            ));
        }
        let header = Bundle::header_text(&frame.header);
        Ok(Some(Bundle {
            version: BUNDLE_VERSION,
            header: header.map_err(|error| ProveError::Tiles(error.to_string()))?,
            previous: links.previous,
            previous_in_stream: links.previous_in_stream,
            parts,
            index: position.0,
            size: published.head.size,
            path: prove_inclusion(&tiles, position, published.head.size)?,
            checkpoint: published.note.clone(),
        }))
    }
}
