//! What every folder of record needs: one owner, a file system that keeps its word, and directory
//! entries that survive a power cut.
//!
//! An fsync of a file does not make its *name* durable: the folder that holds the name has to be
//! synced as well, and for a new folder its parent too.

use rustix::fs::{FlockOperation, flock, fstatfs};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Name of the lock file inside a folder of record. Its content is empty; the lock is the kernel's.
pub(crate) const LOCK_FILE: &str = "LOCK";

/// File systems on which `flock` or `fsync` may not mean what this store relies on: the lock may
/// not reach other hosts, a write may be acknowledged by a cache elsewhere. Magic numbers from
/// statfs(2). FUSE stands for "unknown": sshfs, s3fs and others answer with it.
const REFUSED_FILE_SYSTEMS: [(u32, &str); 9] = [
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x0bd0_0bd0, "Lustre"),
];

/// How long a held lock is asked for again before the folder counts as in use.
///
/// The kernel's lock belongs to the open file, and a process being started by another thread of
/// ours shares all open files between fork and exec (the engine starts `sync`, a key command is a
/// process too). So a lock that was released may be seen held for a moment longer.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// Asks `try_take` until it answers something, or [`LOCK_PATIENCE`] is over.
pub(crate) fn patiently<T>(mut try_take: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let taken = try_take();
        if taken.is_some() || start.elapsed() > LOCK_PATIENCE {
            return taken;
        }
        std::thread::sleep(LOCK_PATIENCE / 200);
    }
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The folder is locked by a running process.
    #[error("{path} is in use by another process; stop it first")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The folder lies on a file system that cannot keep the promises of the store.
    #[error("{path} is on {kind}; the log and the keys need a local disk")]
    NetworkFileSystem {
        /// The folder.
        path: String,
        /// The file system's name.
        kind: &'static str,
    },
    /// Something in the folder is neither a file nor a folder.
    #[error("{path} is neither a plain file nor a folder; a copy would not be the same")]
    NotPlain {
        /// The offending path.
        path: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: String,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

/// Names the action and the path of a failed call.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.display().to_string();
    move |source| FolderError::Io {
        action,
        path,
        source,
    }
}

/// Holds a folder exclusively for as long as it lives; the kernel releases it on any kind of death.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of `dir`, creating the lock file; refuses network file systems before it
    /// writes anything.
    ///
    /// # Errors
    /// `InUse`, `NetworkFileSystem`, `Io`.
    pub(crate) fn take(dir: &Path) -> Result<Self, FolderError> {
        refuse_network_file_system(dir)?;
        let path = dir.join(LOCK_FILE);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let file = options.open(&path).map_err(failed("open", &path))?;
        match lock(&file, FlockOperation::NonBlockingLockExclusive, dir)? {
            true => Ok(Self { _file: file }),
            false => Err(FolderError::InUse {
                path: dir.display().to_string(),
            }),
        }
    }
}

/// Whether the lock was taken.
fn lock(file: &File, operation: FlockOperation, dir: &Path) -> Result<bool, FolderError> {
    let taken = patiently(|| match flock(file, operation) {
        Err(Errno::WOULDBLOCK) => None,
        other => Some(other),
    });
    match taken {
        Some(Ok(())) => Ok(true),
        Some(Err(errno)) => Err(failed("lock", dir)(errno.into())),
        None => Ok(false),
    }
}

/// Refuses the file systems listed above.
pub(crate) fn refuse_network_file_system(dir: &Path) -> Result<(), FolderError> {
    let folder = File::open(dir).map_err(failed("open", dir))?;
    let stat = fstatfs(&folder).map_err(|e| failed("examine", dir)(e.into()))?;
    match refused_kind(stat.f_type as u64) {
        Some(kind) => Err(FolderError::NetworkFileSystem {
            path: dir.display().to_string(),
            kind,
        }),
        None => Ok(()),
    }
}

fn refused_kind(magic: u64) -> Option<&'static str> {
    // f_type is signed on some systems: CIFS comes back sign-extended, so only 32 bits count.
    let magic = magic & 0xffff_ffff;
    REFUSED_FILE_SYSTEMS
        .iter()
        .find(|(m, _)| u64::from(*m) == magic)
        .map(|(_, kind)| *kind)
}

/// Makes the names inside `dir` durable.
pub(crate) fn sync_folder(dir: &Path) -> Result<(), FolderError> {
    File::open(dir)
        .and_then(|f| f.sync_all())
        .map_err(failed("sync", dir))
}

/// Creates `dir` and its missing ancestors, each name durable before the next is created.
///
/// # Errors
/// `Io`.
pub fn create_folder(dir: &Path) -> Result<(), FolderError> {
    let missing: Vec<&Path> = dir
        .ancestors()
        .take_while(|a| !a.as_os_str().is_empty() && !a.exists())
        .collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder).map_err(failed("create", folder))?;
        sync_parent(folder)?;
    }
    Ok(())
}

/// Makes the names inside `dir` durable.
///
/// # Errors
/// `Io`.
pub fn sync_names(dir: &Path) -> Result<(), FolderError> {
    sync_folder(dir)
}

/// Puts a whole file under a name, in place of what is there, durable before it returns. A crash leaves the one or the other,
/// and perhaps a file `<name>.new` that nothing names.
///
/// # Errors
/// `Io`.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let scratch = PathBuf::from(name);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .open(&scratch)
        .map_err(failed("create", &scratch))?;
    file.write_all(bytes).map_err(failed("write", &scratch))?;
    file.sync_all().map_err(failed("sync", &scratch))?;
    fs::rename(&scratch, path).map_err(failed("rename", &scratch))?;
    sync_parent(path)
}

/// Makes the name of `path` itself durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), FolderError> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync_folder(Path::new(".")),
        Some(parent) => sync_folder(parent),
        None => Ok(()), // the root of the file system has no name
    }
}

/// Copies a folder of record to a temporary folder under `into`, for an examination that must not
/// change what it examines: opening a store writes (lock files, recovery, compaction).
///
/// Nothing is created or changed under `dir`: its locks are probed, shared, on read-only handles
/// and held while the copy runs. The copy is removed when the returned value is dropped.
///
/// # Errors
/// `InUse` while a process holds the folder: a copy of a live folder is not one state of it.
/// `NotPlain` for links and devices inside; `Io`.
pub fn copy_for_verification(dir: &Path, into: &Path) -> Result<tempfile::TempDir, FolderError> {
    let mut held = Vec::new();
    // Our own lock file, and every folder: engines lock their folder itself.
    let mut places = vec![dir.to_owned()];
    places.extend(folders_below(dir)?);
    places.extend(Some(dir.join(LOCK_FILE)).filter(|p| p.exists()));
    for place in places {
        let file = File::open(&place).map_err(failed("open", &place))?;
        if !lock(&file, FlockOperation::NonBlockingLockShared, &place)? {
            return Err(FolderError::InUse {
                path: dir.display().to_string(),
            });
        }
        held.push(file);
    }
    let copy = tempfile::Builder::new()
        .prefix("probity-verify-")
        .tempdir_in(into)
        .map_err(failed("create a folder in", into))?;
    copy_folder(dir, copy.path())?;
    Ok(copy)
}

fn folders_below(dir: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed("list", dir))? {
        let entry = entry.map_err(failed("list", dir))?;
        if entry
            .file_type()
            .map_err(failed("examine", &entry.path()))?
            .is_dir()
        {
            folders.extend(folders_below(&entry.path())?);
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), FolderError> {
    for entry in fs::read_dir(from).map_err(failed("list", from))? {
        let entry = entry.map_err(failed("list", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(failed("examine", &source))?;
        if kind.is_dir() {
            fs::create_dir(&target).map_err(failed("create", &target))?;
            copy_folder(&source, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target).map_err(failed("copy", &source))?;
        } else {
            return Err(FolderError::NotPlain {
                path: source.display().to_string(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_magic_number_even_sign_extended() {
        assert_eq!(refused_kind(0x6969), Some("NFS"));
        assert_eq!(refused_kind(0xffff_ffff_ff53_4d42), Some("CIFS"));
        assert_eq!(refused_kind(0x6573_5546), Some("FUSE"));
        assert_eq!(refused_kind(0xef53), None, "ext4 is a local disk");
    }

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let first = FolderLock::take(dir.path()).unwrap();
        let error = FolderLock::take(dir.path()).unwrap_err();
        assert!(matches!(error, FolderError::InUse { .. }), "{error}");
        drop(first);
        FolderLock::take(dir.path()).unwrap();
    }

    #[test]
    fn missing_ancestors_are_created() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        create_folder(&deep).unwrap();
        create_folder(&deep).unwrap();
        assert!(deep.is_dir());
    }
}
