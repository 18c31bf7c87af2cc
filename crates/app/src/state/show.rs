//! The rows of one state, from the log alone.

use super::check::present_rows;
use super::file::RowsHead;
use crate::folder::DataFolder;
use crate::ledger::OpenOptions;
use crate::source::{Source, no_tagger, with_source};
use crate::verify::VerifyError;
use probity_domain::Registry;
use probity_domain::source::Tagger;
use probity_log::Opener;
use probity_project::state_root::STATE_VIEWS;
use probity_project::{StateRow, Views};
use probity_rules::EVALUATOR_VERSION;
use probity_store::keyring::KeyRing;
use probity_types::{CivilDate, LogId, Position};
use std::path::Path;
use std::sync::{Arc, RwLock};

/// Where a log is read from.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// A data folder; a private copy is read.
    Folder(&'a DataFolder),
    /// An exported folder, and the data folder whose key ring opens it, where there is one.
    Export(&'a Path, Option<&'a DataFolder>),
}

/// Rows after an entry, as far as the keys at hand give them; full rows of whom something was erased since only where the
/// log commits to this very state.
///
/// # Errors
/// [`VerifyError`]: the log does not hold, or ends before.
pub fn rows_at(
    place: Place<'_>,
    options: &OpenOptions,
    at: Position,
) -> Result<(RowsHead, Vec<StateRow>), VerifyError> {
    with_source(place, options, |source, id, ring| {
        take(source, id, ring, at)
    })
}

fn take(
    source: &Source<'_>,
    log: LogId,
    ring: Option<KeyRing>,
    at: Position,
) -> Result<(RowsHead, Vec<StateRow>), VerifyError> {
    let plan = source.plan(log)?;
    let secret = ring.as_ref().map(|ring| ring.secret("look-up"));
    let tagger = secret.map_or_else(no_tagger, |secret| Tagger::new(*secret));
    let keys = ring.map(|ring| Arc::new(RwLock::new(ring)));
    let sealed = || Opener::sealed(log);
    let opener = keys
        .clone()
        .map_or_else(sealed, |keys| Opener::with_keys(log, keys));
    let commitment = plan.state_at(at).map(|(position, _)| *position);
    let (mut registry, mut views) = (Registry::empty(tagger.clone()), Views::empty(tagger));
    let mut found = None;
    source.walk(&opener, |entry| {
        if found.is_some() {
            return;
        }
        registry.evolve(entry);
        views.apply(entry);
        if entry.header.position == at {
            let date = registry.day_at(at).unwrap_or(CivilDate::MIN);
            let head = RowsHead {
                log,
                as_of: at,
                date,
                views: STATE_VIEWS,
                evaluator: EVALUATOR_VERSION,
            };
            let rows = present_rows(&views, (at, date), &plan, commitment, keys.as_ref());
            found = Some(rows.map(|rows| (head, rows)));
        }
    })?;
    match found {
        Some(rows) => Ok(rows?),
        None => Err(VerifyError::NoEntry(at)),
    }
}
