//! The newest checkpoint seen of each log: what makes going back visible.
//!
//! A state that is there and cannot be read is no fresh start: nothing is confirmed until somebody has looked at it.

use crate::fault::{Failure, Fault};
use crate::input::Signed;
use probity_proof::{Checkpoint, ForkEvidence, Note, VerifierKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const STATE_VERSION: u8 = 1;
const FILE: &str = "checkpoints.json";
const FOLDER: &str = "probity-verify";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u8,
    /// Signed checkpoints by the verifier key of their log.
    logs: BTreeMap<String, String>,
}

/// What was seen.
#[derive(Debug)]
pub struct State {
    path: PathBuf,
    stored: Stored,
}

/// Where the state lies unless told otherwise: below `$XDG_STATE_HOME`, or `~/.local/state`.
///
/// # Errors
/// [`Failure::CouldNotRun`] where neither is known.
pub fn default_path() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    let base = base.ok_or_else(|| {
        Failure::CouldNotRun("no place for the state: name one with --state".to_owned())
    })?;
    Ok(base.join(FOLDER).join(FILE))
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Takes the lock beside the state, in a folder that is made where it is missing.
fn lock(path: &Path) -> std::io::Result<File> {
    fs::create_dir_all(folder_of(path))?;
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = File::options();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(name)?;
    file.lock()?;
    Ok(file)
}

impl State {
    /// Reads the state, empty where there is no file yet.
    ///
    /// # Errors
    /// [`Failure::CouldNotRun`].
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let not_run =
            |why: String| Failure::CouldNotRun(format!("state {}: {why}", path.display()));
        let stored = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| not_run(e.to_string()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Stored {
                version: STATE_VERSION,
                logs: BTreeMap::new(),
            },
            Err(error) => return Err(not_run(error.to_string())),
        };
        if stored.version != STATE_VERSION {
            return Err(not_run(format!(
                "version {}, this program knows {STATE_VERSION}",
                stored.version
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            stored,
        })
    }

    /// Refuses a state that lies in the folder that is examined: nothing is written there.
    ///
    /// # Errors
    /// [`Failure::CouldNotRun`].
    pub fn check_outside(&self, folder: &Path) -> Result<(), Failure> {
        let Ok(folder) = folder.canonicalize() else {
            return Ok(());
        };
        let near = self.path.ancestors().skip(1).find_map(|parent| {
            let parent = if parent.as_os_str().is_empty() {
                Path::new(".")
            } else {
                parent
            };
            parent.canonicalize().ok()
        });
        if near.is_some_and(|near| near.starts_with(&folder)) {
            return Err(Failure::CouldNotRun(format!(
                "state {}: it lies in the folder that is examined, where nothing is written",
                self.path.display()
            )));
        }
        Ok(())
    }

    /// The checkpoint of a log that was seen last, its signature checked again.
    ///
    /// # Errors
    /// [`Failure::CouldNotRun`] where the state does not hold.
    pub fn seen(&self, log: &VerifierKey) -> Result<Option<(Note, Checkpoint)>, Failure> {
        let Some(text) = self.stored.logs.get(&log.to_string()) else {
            return Ok(None);
        };
        let opened = Note::parse(text.as_bytes()).and_then(|note| {
            let opened = Checkpoint::open(&note, log, &[])?;
            Ok((note, opened.checkpoint))
        });
        let opened = opened
            .map_err(|e| Failure::CouldNotRun(format!("state {}: {e}", self.path.display())))?;
        Ok(Some(opened))
    }

    /// Refuses a checkpoint of the size that was seen with another root: a fork, with its evidence.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn check_fork(&self, log: &VerifierKey, new: &Signed) -> Result<(), Failure> {
        let Some((note, seen)) = self.seen(log)? else {
            return Ok(());
        };
        let found = &new.opened.checkpoint;
        if seen.size != found.size || seen.root == found.root {
            return Ok(());
        }
        let expected = format!(
            "{}, which the log signed for this size before: a fork",
            seen.root
        );
        let mut fault = Fault::new("root", expected, found.root);
        let evidence = ForkEvidence::new(&note, &new.note, None, log).map_err(Fault::from)?;
        fault.evidence = serde_json::to_value(&evidence).ok().map(Box::new);
        Err(fault.into())
    }

    /// Refuses a checkpoint that is smaller than the one that was seen.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn check_growth(&self, log: &VerifierKey, new: &Checkpoint) -> Result<(), Failure> {
        match self.seen(log)? {
            Some((_, seen)) if new.size < seen.size => {
                let expected = format!(
                    "at least {}, which was seen before ({})",
                    seen.size,
                    self.path.display()
                );
                Err(Fault::new("size", expected, new.size).into())
            }
            _ => Ok(()),
        }
    }

    /// Keeps a checkpoint that continues what was seen. What other runs saw meanwhile stays.
    ///
    /// # Errors
    /// [`Failure::CouldNotRun`] where it cannot be written, or another run has seen more of this log since the state was read.
    pub fn keep(&mut self, log: &VerifierKey, note: &Note) -> Result<(), Failure> {
        let (key, path) = (log.to_string(), self.path.clone());
        let not_run =
            |why: String| Failure::CouldNotRun(format!("state {}: {why}", path.display()));
        let _lock = lock(&path).map_err(|e| not_run(format!("its lock: {e}")))?;
        let now = Self::load(&path)?;
        if now.stored.logs.get(&key) != self.stored.logs.get(&key) {
            return Err(not_run(
                "another run has seen this log meanwhile: run again".to_owned(),
            ));
        }
        self.stored = now.stored;
        self.stored.logs.insert(key, note.to_string());
        let text = serde_json::to_string_pretty(&self.stored).unwrap_or_default() + "\n";
        let write = || {
            let folder = folder_of(&self.path);
            let scratch = self
                .path
                .with_extension(format!("new-{}", std::process::id()));
            let mut file = File::create(&scratch)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&scratch, &self.path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|e: std::io::Error| {
            Failure::CouldNotRun(format!("state {}: {e}", self.path.display()))
        })
    }
}
