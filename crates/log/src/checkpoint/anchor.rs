//! The anchor: the last head that was signed, in a file outside the data folder, on a file system that nobody rewinds
//! together with it. A folder put back from an old copy, and a second server on a copied folder, meet their own future here.
//!
//! ```text
//! probity anchor v1
//! <origin>
//! <size>
//! <root, base64>
//! ```
//! It is compared and replaced under a lock on `<path>.lock`, before each signature.

use crate::tree::{Tree, TreeError, TreeHead};
use probity_proof::tree::TreeHash;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FIRST_LINE: &str = "probity anchor v1";
/// How often a lock that another server holds is tried again, and how long between.
const LOCK_TRIES: u32 = 50;
const LOCK_WAIT: Duration = Duration::from_millis(10);

/// Why nothing may be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// It does not answer.
    #[error("the anchor {path} does not answer")]
    Silent {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It was there and is gone.
    #[error(
        "the anchor {path} is gone, though checkpoints were signed beside it: put it back, or say --new-anchor once you know that this folder is the newest"
    )]
    Gone {
        /// Where.
        path: PathBuf,
    },
    /// It is no anchor of this log.
    #[error("the anchor {path}: field {field}: expected {expected}, found {found}")]
    Other {
        /// Where.
        path: PathBuf,
        /// Field.
        field: &'static str,
        /// What would be right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// This folder is behind, or has gone another way.
    #[error(
        "the anchor {path} knows a tree of {size} entries that this folder does not have: the folder was rewound, or another server runs on a copy of it; restore the newest backup, or find the other server"
    )]
    Ahead {
        /// Where.
        path: PathBuf,
        /// Size there.
        size: u64,
        /// Why it does not fit.
        #[source]
        source: TreeError,
    },
}

impl AnchorError {
    /// Whether the anchor contradicts the folder, rather than that it cannot be asked.
    pub fn is_alarm(&self) -> bool {
        !matches!(self, Self::Silent { .. })
    }
}

/// See the module.
#[derive(Debug)]
pub struct Anchor {
    path: PathBuf,
    origin: String,
    /// A missing file is a beginning.
    may_begin: bool,
}

impl Anchor {
    /// The anchor at `path`. A missing file counts as a beginning only where no anchor was in use before, or an operator
    /// says so.
    pub fn at(path: &Path, origin: &str, may_begin: bool) -> Self {
        Self {
            path: path.to_owned(),
            origin: origin.to_owned(),
            may_begin,
        }
    }

    /// Where it lies.
    pub fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn silent(&self, source: io::Error) -> AnchorError {
        AnchorError::Silent {
            path: self.path.clone(),
            source,
        }
    }

    fn lock(&self) -> io::Result<File> {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(name)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::WouldBlock,
            "another server holds its lock",
        ))
    }

    fn read(&self) -> Result<Option<TreeHead>, AnchorError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.may_begin => {
                return Ok(None);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(AnchorError::Gone {
                    path: self.path.clone(),
                });
            }
            Err(error) => return Err(self.silent(error)),
        };
        let other = |field, expected: &str, found: &str| AnchorError::Other {
            path: self.path.clone(),
            field,
            expected: expected.to_owned(),
            found: found.chars().take(80).collect(),
        };
        let lines: Vec<&str> = text.lines().collect();
        let [first, origin, size, root] = lines[..] else {
            return Err(other("lines", "4", &lines.len().to_string()));
        };
        if first != FIRST_LINE {
            return Err(other("first line", FIRST_LINE, first));
        }
        if origin != self.origin {
            return Err(other("origin", &self.origin, origin));
        }
        let size_read = size.parse().map_err(|_| other("size", "a number", size))?;
        let root_read =
            TreeHash::parse("root", root).map_err(|_| other("root", "32 bytes in base64", root))?;
        Ok(Some(TreeHead {
            size: size_read,
            root: root_read,
        }))
    }

    fn write(&self, head: TreeHead) -> io::Result<()> {
        let mut scratch = self.path.clone().into_os_string();
        scratch.push(".new");
        let mut file = File::create(&scratch)?;
        let TreeHead { size, root } = head;
        writeln!(file, "{FIRST_LINE}\n{}\n{size}\n{root}", self.origin)?;
        file.sync_all()?;
        std::fs::rename(&scratch, &self.path)?;
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// Asks whether this tree goes on from what the anchor knows.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn ask(&self, tree: &Tree) -> Result<(), AnchorError> {
        let Some(known) = self.read()? else {
            return Ok(());
        };
        tree.check(known).map_err(|source| match source {
            TreeError::File(source) => self.silent(source),
            source => AnchorError::Ahead {
                path: self.path.clone(),
                size: known.size,
                source,
            },
        })
    }

    /// Asks, and moves the anchor on to `head`, in one step that no other server can come between.
    ///
    /// # Errors
    /// [`AnchorError`]; nothing may be signed then.
    pub fn advance(&mut self, tree: &Tree, head: TreeHead) -> Result<(), AnchorError> {
        let _held = self.lock().map_err(|error| self.silent(error))?;
        self.ask(tree)?;
        self.write(head).map_err(|error| self.silent(error))?;
        self.may_begin = false;
        Ok(())
    }
}
