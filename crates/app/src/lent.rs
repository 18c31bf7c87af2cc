//! Keys lent to an auditor: a key ring that opens every sealed part for a time, with the grant that says so.
//!
//! ```text
//! <dir>/grant.json    to whom, what for, on which basis, until when, and the entry that discloses it
//! <dir>/master.key    half of the key to the ring; the other half is the grant, byte for byte
//! <dir>/keys/         the ring, see probity_store::keyring
//! ```
//! The log says that keys were lent before the first of these files is written. A changed grant opens nothing, because the
//! ring is wrapped under a key derived from it, so its last day cannot be moved. What this does not do: whoever sets the own
//! clock back, or copies what was opened, still has it; that is what the entry in the log is for.

use crate::folder::{DataFolder, FolderProblem};
use crate::ledger::Ledger;
use probity_domain::Command;
use probity_domain::command::Disclose;
use probity_format::frame::ActorKind;
use probity_log::{Submission, SubmitError};
use probity_store::keyring::{IfAbsent, KeyRingError, MasterKey, MasterKeyError, write_private};
use probity_store::{FolderError, create_folder, sync_names};
use probity_types::time::shanghai_day;
use probity_types::{CivilDate, LogId, Position, QueryPurpose, RecipientId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Name of the grant in the folder.
pub const GRANT_FILE: &str = "grant.json";
const MASTER_FILE: &str = "master.key";
const FORMAT: u8 = 1;
const GRANT_BYTES_MAX: u64 = 16_384;

/// To whom keys are lent, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LendOrder {
    /// Name of who gets them.
    pub recipient: String,
    /// What for.
    pub purpose: QueryPurpose,
    /// Legal basis.
    pub basis: String,
    /// Last day on which they open anything.
    pub until: CivilDate,
}

/// What stands beside lent keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Always 1.
    pub format: u8,
    /// The log.
    pub log: LogId,
    /// Name of who got them.
    pub recipient: String,
    /// What for.
    pub purpose: QueryPurpose,
    /// Legal basis.
    pub basis: String,
    /// Last day on which they open anything, in Shanghai.
    pub until: CivilDate,
    /// Entry of the log that discloses it.
    pub disclosed_at: Position,
}

/// Why keys are not lent, or lent keys are not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LendError {
    /// The last day has passed already.
    #[error("the last day {until} is before today, {today}")]
    Past {
        /// As ordered.
        until: CivilDate,
        /// Today.
        today: CivilDate,
    },
    /// The folder holds something.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The entry that discloses it was not written: nothing was lent.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The ring.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    /// The secret beside it.
    #[error(transparent)]
    Master(#[from] MasterKeyError),
    /// The folder cannot be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The grant is none.
    #[error("{}: not a grant: {why}", path.display())]
    Grant {
        /// Its file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The keys were lent until an earlier day.
    #[error("{}: the keys were lent until {until}, today is {today}: ask for new ones", path.display())]
    Ended {
        /// The grant's file.
        path: PathBuf,
        /// Last day.
        until: CivilDate,
        /// Today.
        today: CivilDate,
    },
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> LendError {
    let path = path.to_owned();
    move |source| LendError::File { path, source }
}

impl Ledger {
    /// Discloses in the log that keys are lent, then writes them into `out`, a new or empty folder.
    ///
    /// # Errors
    /// [`LendError`].
    pub fn lend_keys(&self, order: LendOrder, out: &Path) -> Result<Grant, LendError> {
        let today = shanghai_day(self.clock.now());
        let until = order.until;
        if until < today {
            return Err(LendError::Past { until, today });
        }
        create_folder(out)?;
        let mut found = std::fs::read_dir(out).map_err(file_error(out))?;
        if found.next().is_some() {
            let path = out.to_owned();
            return Err(LendError::NotEmpty { path });
        }
        let disclosed_at = self.disclose_loan(&order)?;
        let grant = Grant {
            format: FORMAT,
            log: self.id,
            recipient: order.recipient,
            purpose: order.purpose,
            basis: order.basis,
            until,
            disclosed_at,
        };
        let text = serde_json::to_vec_pretty(&grant).unwrap_or_default();
        let secret = MasterKey::from_file(&out.join(MASTER_FILE), IfAbsent::Create)?;
        let ring = self.ring();
        // A poisoned lock is a writer that panicked: what it held is not lent.
        let ring = ring.read().map_err(|_| SubmitError::Stopped)?;
        ring.lend(&out.join("keys"), secret.bound_to(&text))?;
        write_private(&out.join(GRANT_FILE), &text)?;
        sync_names(out)?;
        Ok(grant)
    }

    fn disclose_loan(&self, order: &LendOrder) -> Result<Position, SubmitError> {
        let mut recipient = [0; 16];
        let digest = blake3::derive_key("probity 2026 borrower v1", order.recipient.as_bytes());
        recipient.copy_from_slice(&digest[..16]);
        let command = Command::Disclose(Box::new(Disclose {
            recipient: RecipientId(recipient),
            purpose: order.purpose,
            basis: format!("{}: {}", order.recipient, order.basis),
            scope: format!("keys of all sealed parts until {}", order.until),
            subjects: BTreeSet::new(),
            read_at: self.head().map_or(Position(0), |(position, _)| position),
        }));
        let submission = Submission::internal(command, ActorKind::Operator);
        Ok(self.log.submit_blocking(submission)?.last)
    }
}

/// The grant in a folder, as it stands there; none where its keys are not lent ones.
fn read_grant(folder: &DataFolder) -> Result<Option<(Grant, Vec<u8>)>, LendError> {
    let path = folder.root().join(GRANT_FILE);
    let wrong = |why: String| LendError::Grant {
        path: path.clone(),
        why,
    };
    let bytes = match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(file_error(&path))?.len(),
    };
    if bytes > GRANT_BYTES_MAX {
        return Err(wrong(format!("more than {GRANT_BYTES_MAX} bytes")));
    }
    let text = std::fs::read(&path).map_err(file_error(&path))?;
    let grant: Grant = serde_json::from_slice(&text).map_err(|e| wrong(e.to_string()))?;
    if grant.format != FORMAT {
        return Err(wrong(format!("format {}", grant.format)));
    }
    Ok(Some((grant, text)))
}

/// The grant of lent keys, if it still runs at `now`; none where the keys are the ledger's own.
///
/// # Errors
/// [`LendError::Ended`], [`LendError::Grant`], [`LendError::File`].
pub fn check_term(folder: &DataFolder, now: Timestamp) -> Result<Option<Grant>, LendError> {
    let Some((grant, _)) = read_grant(folder)? else {
        return Ok(None);
    };
    let today = shanghai_day(now);
    if today > grant.until {
        return Err(LendError::Ended {
            path: folder.root().join(GRANT_FILE),
            until: grant.until,
            today,
        });
    }
    Ok(Some(grant))
}

/// The key that opens the ring of a folder, lent or its own.
pub(crate) fn ring_key(
    folder: &DataFolder,
    file: Option<&Path>,
) -> Result<MasterKey, FolderProblem> {
    let failed = |error: LendError| FolderProblem::Master(crate::folder::describe(&error));
    let Some((_, text)) = read_grant(folder).map_err(failed)? else {
        return folder.master_key(file, false);
    };
    // Whatever key the environment holds is that of a ledger, not of what it lent.
    let beside = folder.root().join(MASTER_FILE);
    let secret = MasterKey::from_file(file.unwrap_or(&beside), IfAbsent::Fail);
    let secret = secret.map_err(|error| failed(error.into()))?;
    Ok(secret.bound_to(&text))
}
