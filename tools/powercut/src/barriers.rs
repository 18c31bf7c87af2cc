//! Syncs, and what would go round them.

use crate::hooks::{blind, to_int};
use crate::record::{Kind, in_order, inode_and_size, path_of, quietly, record};
use libc::{c_int, c_void, off_t, size_t};

/// Makes a call that syncs a file or a folder; recorded as begun before, and as done only where it succeeded.
fn sync_with(fd: c_int, call: impl FnOnce() -> c_int) -> c_int {
    let Some(path) = quietly(|| path_of(fd)) else {
        return call();
    };
    // SAFETY: asks for the number of this thread, which tells its own two records apart from others'.
    let thread = unsafe { libc::syscall(libc::SYS_gettid) }.unsigned_abs();
    let (inode, _) = quietly(|| inode_and_size(fd));
    let begun = in_order();
    quietly(|| record(Kind::SyncBegin, [inode, thread, 0], [&path, b""], b""));
    drop(begun);
    let answer = call();
    if answer == 0 {
        let _done = in_order();
        quietly(|| record(Kind::SyncEnd, [inode, thread, 0], [&path, b""], b""));
    }
    answer
}

/// See fsync(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: takes a number and touches no memory.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_fsync, fd) });
    sync_with(fd, call)
}

/// See fdatasync(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: takes a number and touches no memory.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_fdatasync, fd) });
    sync_with(fd, call)
}

/// See sync(2): does nothing, so that nothing here rests on it.
///
/// # Safety
/// As the C function; nothing is touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sync() {}

/// See syncfs(2): does nothing, as above.
///
/// # Safety
/// As the C function; nothing is touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn syncfs(_: c_int) -> c_int {
    0
}

unsafe fn map(
    place: *mut c_void,
    length: size_t,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    at: off_t,
) -> *mut c_void {
    let writes = protection & libc::PROT_WRITE != 0 && flags & libc::MAP_SHARED != 0;
    if writes
        && fd >= 0
        && let Some(path) = quietly(|| path_of(fd))
    {
        let _order = in_order();
        blind("mmap", &path);
    }
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let answer = unsafe { libc::syscall(libc::SYS_mmap, place, length, protection, flags, fd, at) };
    std::ptr::with_exposed_provenance_mut(answer as usize)
}

/// See mmap(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mmap(
    place: *mut c_void,
    length: size_t,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    at: off_t,
) -> *mut c_void {
    // SAFETY: promised by the caller.
    unsafe { map(place, length, protection, flags, fd, at) }
}

/// See mmap(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mmap64(
    place: *mut c_void,
    length: size_t,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    at: off_t,
) -> *mut c_void {
    // SAFETY: promised by the caller.
    unsafe { map(place, length, protection, flags, fd, at) }
}
