//! Copying a ring while its owner works with it, and placing a copy where there is none.
//!
//! A ring file is appended to or replaced whole, and the newest name wins: reading it is consistent if its name is still the
//! newest afterwards. The list of destroyed keys is read last, so that it is never older than the ring beside it. A copy made
//! at some moment holds every key that was ensured before, and a torn last frame is cut off when it is opened: no entry rests
//! on it. No master key is needed to copy, and none is ever in a copy.

use super::error::KeyRingError;
use super::ring_file::{header_of, overwrite_header};
use super::{FILE_DESTROYED, damaged, destroyed, generations, ring_path};
use crate::folder::{create_folder, failed, sync_folder};
use probity_types::LogId;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// How often a copy is begun again because the ring was replaced meanwhile.
const TRIES_MAX: u32 = 100;

/// A ring as it was at one moment, still sealed under the master key of its instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingCopy {
    /// Its log.
    pub log: LogId,
    /// Generation of the ring file.
    pub generation: u64,
    /// The ring file.
    pub ring: Vec<u8>,
    /// The list of destroyed keys.
    pub destroyed: Vec<u8>,
}

impl RingCopy {
    /// Copies the ring in `dir`, whoever holds it. Nothing there is changed or locked.
    ///
    /// # Errors
    /// `NoRing`, `WrongLog`, `Damaged` (a header that does not hold), `Folder`.
    pub fn of(dir: &Path, log_id: LogId) -> Result<Self, KeyRingError> {
        for _ in 0..TRIES_MAX {
            if let Some(copy) = Self::try_of(dir, log_id)? {
                return Ok(copy);
            }
        }
        let why = io::Error::other("the ring was replaced again and again while it was read");
        Err(failed("copy", dir)(why).into())
    }

    fn try_of(dir: &Path, log_id: LogId) -> Result<Option<Self>, KeyRingError> {
        let no_ring = || KeyRingError::NoRing {
            path: dir.display().to_string(),
        };
        if !dir.is_dir() {
            return Err(no_ring());
        }
        let newest = || -> Result<u64, KeyRingError> {
            generations(dir)?.last().copied().ok_or_else(no_ring)
        };
        let generation = newest()?;
        let path = ring_path(dir, generation);
        let ring = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(failed("read", &path))?,
        };
        if newest()? != generation {
            return Ok(None);
        }
        let list = dir.join(FILE_DESTROYED);
        let destroyed = fs::read(&list).map_err(failed("read", &list))?;
        let copy = Self {
            log: log_id,
            generation,
            ring,
            destroyed,
        };
        copy.check(&path, &list)?;
        Ok(Some(copy))
    }

    /// Checks what can be seen without a master key: the heads of both files. `ring` and `list` name them in errors.
    ///
    /// # Errors
    /// `WrongLog`, `Damaged`.
    pub fn check(&self, ring: &Path, list: &Path) -> Result<(), KeyRingError> {
        let (log, generation) = header_of(&self.ring, ring)?;
        if log != self.log {
            return Err(KeyRingError::WrongLog {
                file: ring.display().to_string(),
                expected: self.log,
                found: log,
            });
        }
        if generation != self.generation {
            return Err(damaged(
                ring,
                24,
                "the generation is not the one in the file's name",
            ));
        }
        destroyed::check_header(&self.destroyed, list, self.log)
    }

    /// Writes the copy into `dir`, which holds no ring; durable before it returns.
    ///
    /// # Errors
    /// `RingExists`, `Folder`.
    pub fn place(&self, dir: &Path) -> Result<(), KeyRingError> {
        create_folder(dir)?;
        if !generations(dir)?.is_empty() {
            return Err(KeyRingError::RingExists {
                path: dir.display().to_string(),
            });
        }
        // The list first: a ring without it does not open.
        write_private(&dir.join(FILE_DESTROYED), &self.destroyed)?;
        write_private(&ring_path(dir, self.generation), &self.ring)?;
        sync_folder(dir)?;
        Ok(())
    }
}

/// Writes a file that only its owner may read, whole and durable; its name is durable once its folder is synced.
///
/// # Errors
/// `Folder`.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), KeyRingError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let scratch = Path::new(&name);
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(scratch)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(scratch, path)
    };
    Ok(write().map_err(failed("write", path))?)
}

/// Removes a copy of a ring file, its wrapped ring key overwritten first: a name that is gone says nothing about the blocks.
///
/// # Errors
/// `Folder`.
pub fn remove_copy(path: &Path) -> Result<(), KeyRingError> {
    overwrite_header(path).map_err(failed("overwrite", path))?;
    Ok(fs::remove_file(path).map_err(failed("remove", path))?)
}
