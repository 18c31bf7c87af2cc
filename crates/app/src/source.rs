//! A log to be examined, wherever it lies, with the keys that are at hand.

use crate::folder::{DataFolder, FolderProblem};
use crate::ledger::OpenOptions;
use crate::state::{Place, Plan};
use crate::verify::VerifyError;
use probity_domain::Entry;
use probity_domain::source::Tagger;
use probity_format::chain::StartFault;
use probity_log::export::{read_export, read_manifest};
use probity_log::{Opener, WalkError, Walked, walk};
use probity_store::keyring::{KeyRing, MasterKey};
use probity_store::{JournalStore, LogReader, LogStore, copy_for_verification};
use probity_types::LogId;
use std::path::Path;

/// A log that is read from its beginning.
pub(crate) enum Source<'a> {
    /// Of a ledger.
    Log(&'a dyn LogReader),
    /// An exported folder.
    Export(&'a Path),
}

impl Source<'_> {
    /// Walks all of it.
    pub(crate) fn walk(
        &self,
        opener: &Opener,
        mut each: impl FnMut(&Entry),
    ) -> Result<Walked, VerifyError> {
        match self {
            Self::Log(reader) => {
                let walked = walk(*reader, opener, |entries| {
                    entries.iter().for_each(&mut each)
                });
                walked.map_err(as_verify_error)
            }
            Self::Export(folder) => {
                let (_, walked) = read_export(folder, opener, each)?;
                Ok(walked)
            }
        }
    }

    /// What a check of committed states has to know before.
    pub(crate) fn plan(&self, log: LogId) -> Result<Plan, VerifyError> {
        match self {
            Self::Log(reader) => Ok(Plan::of_log(*reader)?),
            Self::Export(_) => {
                let mut plan = Plan::default();
                self.walk(&Opener::sealed(log), |entry| plan.note_entry(entry))?;
                Ok(plan)
            }
        }
    }
}

/// Tags of a replay without keys: nothing personal is ever seen by it.
pub(crate) fn no_tagger() -> Tagger {
    Tagger::new([0; 32])
}

/// Opens a log for reading, and the keys at hand: private copies where a store or ring has to be opened.
pub(crate) fn with_source<T>(
    place: Place<'_>,
    options: &OpenOptions,
    work: impl FnOnce(&Source<'_>, LogId, Option<KeyRing>) -> Result<T, VerifyError>,
) -> Result<T, VerifyError> {
    let scratch = tempfile::tempdir().map_err(VerifyError::Scratch)?;
    match place {
        Place::Folder(folder) => {
            let id = folder.log_id()?;
            let copy = copy_for_verification(&folder.log(), scratch.path())?;
            let store = JournalStore::open(copy.path(), id, options.journal)?;
            let reader = store.reader();
            // The copy of the ring lives as long as the ring reads from it.
            let master = folder.master_key(options.master_key.as_deref(), false);
            let keys = copied_keys(folder, id, scratch.path(), (options, master))?;
            let (ring, _copy) = keys.unzip();
            work(&Source::Log(&*reader), id, ring)
        }
        Place::Export(export, keys) => {
            let id = read_manifest(export)?.log;
            let source = Source::Export(export);
            let Some(folder) = keys else {
                return work(&source, id, None);
            };
            // Only beside an export: keys that were lent are no ledger's own.
            let master = crate::lent::ring_key(folder, options.master_key.as_deref());
            let keys = copied_keys(folder, id, scratch.path(), (options, master))?;
            let none = || VerifyError::Keys("no key ring, or no master key".to_owned());
            let (ring, _copy) = keys.ok_or_else(none)?;
            work(&source, id, Some(ring))
        }
    }
}

/// Opens a copy of the key ring, if there is one and its master key is at hand.
fn copied_keys(
    folder: &DataFolder,
    id: LogId,
    scratch: &Path,
    (options, master): (&OpenOptions, Result<MasterKey, FolderProblem>),
) -> Result<Option<(KeyRing, tempfile::TempDir)>, VerifyError> {
    if !folder.keys().is_dir() {
        return Ok(None);
    }
    let master = match master {
        Ok(master) => master,
        // A key that somebody named has to open: a mistyped name must not turn into a weaker check.
        Err(problem) if options.master_key.is_some() => return Err(problem.into()),
        // So does one that is there and does not read; only where there is none at all the check does without.
        Err(problem) if folder.has_master_key() => {
            return Err(VerifyError::Keys(crate::folder::describe(&problem)));
        }
        Err(_) => return Ok(None),
    };
    let copy = copy_for_verification(&folder.keys(), scratch)?;
    let ring = KeyRing::open(copy.path(), id, master);
    ring.map(|ring| Some((ring, copy)))
        .map_err(|e| VerifyError::Keys(crate::folder::describe(&e)))
}

/// The log names another id than the folder: told as a fault of the folder's own file.
fn as_verify_error(error: WalkError) -> VerifyError {
    match error {
        WalkError::Start(StartFault::OtherLog { expected, found }) => VerifyError::OtherLog {
            expected: found,
            found: expected,
        },
        other => other.into(),
    }
}
