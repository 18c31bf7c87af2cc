//! A data folder: `log/` is the record, `keys/` opens it, `views/` may be deleted at any time.

pub use probity_log::describe;
use probity_store::create_folder;
use probity_store::keyring::MasterKey;
use probity_types::LogId;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where everything of one ledger lies.
#[derive(Debug, Clone)]
pub struct DataFolder {
    root: PathBuf,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderProblem {
    /// A file.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no ledger.
    #[error(
        "{path} holds no ledger; create one with `probity init --data {path}`, or start `probity serve --demo`"
    )]
    NoLedger {
        /// The folder.
        path: PathBuf,
    },
    /// There is one already.
    #[error("{path} already holds a ledger")]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A restore was begun here and not finished.
    #[error(
        "{path} holds a restore that was not finished: run the same `probity import-log` again, or remove the folder"
    )]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// The log id file is not what it was.
    #[error("{path} does not hold a log id (32 hexadecimal digits)")]
    LogId {
        /// The file.
        path: PathBuf,
    },
    /// The master key.
    #[error("the master key cannot be read: {0}")]
    Master(String),
}

/// Environment variable that may hold the master key as 64 hexadecimal digits.
pub const MASTER_KEY_ENV: &str = "PROBITY_MASTER_KEY";
const LOG_ID_FILE: &str = "log-id";
/// There from before the first byte of a restore until after its last: nothing is served beside it.
pub(crate) const RESTORE_FILE: &str = "restore.json";
/// Name of the master key file where the operator names none.
pub(crate) const MASTER_KEY_FILE: &str = "master.key";

impl DataFolder {
    /// A folder, existing or not.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The record.
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// The key ring.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Derived files, disposable.
    pub fn views(&self) -> PathBuf {
        self.root.join("views")
    }

    /// Whether a ledger was begun here, or a restore of one.
    pub fn is_ledger(&self) -> bool {
        self.root.join(LOG_ID_FILE).is_file() || self.is_unfinished()
    }

    /// Whether a restore was begun here and not finished.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.root.join(RESTORE_FILE).exists()
    }

    fn refuse_unfinished(&self) -> Result<(), FolderProblem> {
        if self.is_unfinished() {
            return Err(FolderProblem::Unfinished {
                path: self.root.clone(),
            });
        }
        Ok(())
    }

    /// The log's id, written before anything else.
    ///
    /// # Errors
    /// [`FolderProblem::NoLedger`], [`FolderProblem::LogId`], [`FolderProblem::Unfinished`].
    pub fn log_id(&self) -> Result<LogId, FolderProblem> {
        self.refuse_unfinished()?;
        let path = self.root.join(LOG_ID_FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => FolderProblem::NoLedger {
                path: self.root.clone(),
            },
            _ => FolderProblem::File {
                path: path.clone(),
                source,
            },
        })?;
        text.trim()
            .parse()
            .map_err(|_| FolderProblem::LogId { path })
    }

    /// Begins a folder: chooses the log's id and makes it durable.
    ///
    /// # Errors
    /// [`FolderProblem`].
    pub fn begin(&self) -> Result<LogId, FolderProblem> {
        self.refuse_unfinished()?;
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|e| FolderProblem::Master(e.to_string()))?;
        self.begin_as(LogId(id))?;
        Ok(LogId(id))
    }

    /// The same with the id of a log that there is already.
    pub(crate) fn begin_as(&self, id: LogId) -> Result<(), FolderProblem> {
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderProblem::File { path, source }
        };
        // The name of a new folder has to outlive a power cut as well.
        create_folder(&self.root)
            .map_err(|error| file(&self.root)(std::io::Error::other(error)))?;
        let path = self.root.join(LOG_ID_FILE);
        let mut written =
            std::fs::File::create_new(&path).map_err(|source| match source.kind() {
                std::io::ErrorKind::AlreadyExists => FolderProblem::Exists {
                    path: self.root.clone(),
                },
                _ => FolderProblem::File {
                    path: path.clone(),
                    source,
                },
            })?;
        writeln!(written, "{id}").map_err(file(&path))?;
        written.sync_all().map_err(file(&path))?;
        let folder = std::fs::File::open(&self.root).map_err(file(&self.root))?;
        folder.sync_all().map_err(file(&self.root))?;
        Ok(())
    }

    /// Whether the environment or the folder holds a master key, whatever it is worth.
    pub fn has_master_key(&self) -> bool {
        std::env::var_os(MASTER_KEY_ENV).is_some() || self.root.join(MASTER_KEY_FILE).exists()
    }

    /// The master key: from the environment, else from `file`, else from `master.key` in the folder.
    ///
    /// # Errors
    /// [`FolderProblem::Master`].
    pub fn master_key(
        &self,
        file: Option<&Path>,
        create: bool,
    ) -> Result<MasterKey, FolderProblem> {
        use probity_store::keyring::IfAbsent;
        let failed =
            |e: probity_store::keyring::MasterKeyError| FolderProblem::Master(describe(&e));
        if std::env::var_os(MASTER_KEY_ENV).is_some() {
            return MasterKey::from_env(MASTER_KEY_ENV).map_err(failed);
        }
        let beside = self.root.join(MASTER_KEY_FILE);
        let if_absent = if create {
            IfAbsent::Create
        } else {
            IfAbsent::Fail
        };
        MasterKey::from_file(file.unwrap_or(&beside), if_absent).map_err(failed)
    }
}
