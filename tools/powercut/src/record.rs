//! The record, and what has to be known about a file to write one.

use std::ffi::{CStr, CString};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Longest path that Linux takes.
pub(crate) const PATH_MAX: usize = 4_096;

/// What happened.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Kind {
    Create = 1,
    Write = 2,
    Truncate = 3,
    Rename = 4,
    Unlink = 5,
    Mkdir = 6,
    Rmdir = 7,
    SyncBegin = 8,
    SyncEnd = 9,
    Link = 10,
    Said = 11,
    Blind = 12,
}

struct Setting {
    root: Vec<u8>,
    log: libc::c_int,
}

/// Held while a change is made and recorded.
static ORDER: Mutex<()> = Mutex::new(());

fn setting() -> Option<&'static Setting> {
    static SETTING: OnceLock<Option<Setting>> = OnceLock::new();
    SETTING
        .get_or_init(|| {
            use std::os::unix::ffi::OsStringExt;
            let root = std::env::var_os("PROBITY_POWERCUT_ROOT")?.into_vec();
            let log = std::env::var_os("PROBITY_POWERCUT_LOG")?.into_vec();
            let log = CString::new(log).ok()?;
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
            // SAFETY: `log` is a string that ends in zero and outlives the call.
            let log = unsafe {
                libc::syscall(libc::SYS_openat, libc::AT_FDCWD, log.as_ptr(), flags, 0o600)
            };
            let log = libc::c_int::try_from(log).ok().filter(|log| *log >= 0)?;
            Some(Setting { root, log })
        })
        .as_ref()
}

/// Waits until no other change is under way.
pub(crate) fn in_order() -> MutexGuard<'static, ()> {
    ORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The path below the watched folder, without the slash in front; none elsewhere.
pub(crate) fn below_root(path: &[u8]) -> Option<&[u8]> {
    let rest = path.strip_prefix(setting()?.root.as_slice())?;
    match rest {
        [] => Some(rest),
        [b'/', inside @ ..] => Some(inside),
        _ => None,
    }
}

/// Where the kernel says that an open file lies, below the watched folder.
pub(crate) fn path_of(fd: libc::c_int) -> Option<Vec<u8>> {
    setting()?;
    let name = CString::new(format!("/proc/self/fd/{fd}")).ok()?;
    let mut path = vec![0_u8; PATH_MAX];
    // SAFETY: the name ends in zero, the buffer has the length that is given, both outlive the call.
    let length = unsafe {
        let (at, to) = (name.as_ptr(), path.as_mut_ptr());
        libc::syscall(libc::SYS_readlinkat, libc::AT_FDCWD, at, to, path.len())
    };
    path.truncate(usize::try_from(length).ok()?);
    below_root(&path).map(<[u8]>::to_vec)
}

/// An absolute path for a path that a call was given, below the watched folder.
pub(crate) fn resolve(folder: libc::c_int, path: &CStr) -> Option<Vec<u8>> {
    setting()?;
    let path = path.to_bytes();
    if path.starts_with(b"/") {
        return below_root(path).map(<[u8]>::to_vec);
    }
    let base = match folder {
        libc::AT_FDCWD => {
            use std::os::unix::ffi::OsStringExt;
            below_root(&std::env::current_dir().ok()?.into_os_string().into_vec())?.to_vec()
        }
        folder => path_of(folder)?,
    };
    let mut whole = base;
    if !whole.is_empty() {
        whole.push(b'/');
    }
    whole.extend_from_slice(path);
    Some(whole)
}

/// Inode number and size of an open file.
pub(crate) fn inode_and_size(fd: libc::c_int) -> (u64, u64) {
    // SAFETY: all zero is a valid `stat`, and the kernel writes into that one alone.
    let stat = unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &raw mut stat);
        stat
    };
    (stat.st_ino, stat.st_size.unsigned_abs())
}

/// Adds one record. The caller holds [`in_order`].
pub(crate) fn record(kind: Kind, numbers: [u64; 3], paths: [&[u8]; 2], bytes: &[u8]) {
    let Some(setting) = setting() else {
        return;
    };
    let mut whole = Vec::with_capacity(64 + bytes.len());
    whole.push(kind as u8);
    for number in numbers {
        whole.extend_from_slice(&number.to_le_bytes());
    }
    for length in [paths[0].len(), paths[1].len(), bytes.len()] {
        whole.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }
    whole.extend_from_slice(paths[0]);
    whole.extend_from_slice(paths[1]);
    whole.extend_from_slice(bytes);
    let mut rest = whole.as_slice();
    while !rest.is_empty() {
        // SAFETY: pointer and length are those of one slice that outlives the call.
        let written =
            unsafe { libc::syscall(libc::SYS_write, setting.log, rest.as_ptr(), rest.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => rest = &rest[written..],
            // A record that cannot be written would make every later verdict worthless.
            // SAFETY: ends the process; nothing follows.
            _ => unsafe { libc::abort() },
        }
    }
}

/// Runs `work` without its leaving a trace in `errno`, which belongs to the call that the program made.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the address of this thread's own error number is valid as long as the thread runs.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *place };
    let answer = work();
    // SAFETY: as above.
    unsafe { *place = before };
    answer
}
