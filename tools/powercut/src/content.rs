//! Writing and cutting to length.

use crate::hooks::{blind, bytes_of, to_int, to_size};
use crate::record::{Kind, in_order, inode_and_size, path_of, quietly, record};
use libc::{c_int, c_uint, c_void, off_t, size_t, ssize_t};

/// Makes a call that writes `bytes` at an offset, and records what the kernel took of them.
///
/// # Safety
/// `buffer` points to the bytes that `call` writes.
unsafe fn write_with(
    fd: c_int,
    buffer: *const c_void,
    at: Option<off_t>,
    call: impl FnOnce() -> ssize_t,
) -> ssize_t {
    if fd == 1 {
        let _order = in_order();
        let written = call();
        // SAFETY: the kernel has just read `written` bytes from there.
        let bytes = unsafe { bytes_of(buffer, written) };
        quietly(|| record(Kind::Said, [0; 3], [b"", b""], bytes));
        return written;
    }
    let Some(path) = quietly(|| path_of(fd)) else {
        return call();
    };
    let _order = in_order();
    let (inode, size) = quietly(|| inode_and_size(fd));
    let offset = at.map_or_else(|| quietly(|| current_offset(fd, size)), i64::unsigned_abs);
    let written = call();
    if written > 0 {
        // SAFETY: the kernel has just read `written` bytes from there.
        let bytes = unsafe { bytes_of(buffer, written) };
        quietly(|| record(Kind::Write, [inode, offset, 0], [&path, b""], bytes));
    }
    written
}

fn current_offset(fd: c_int, size: u64) -> u64 {
    // SAFETY: asks for the flags of a file; changes nothing.
    let flags = unsafe { libc::syscall(libc::SYS_fcntl, fd, libc::F_GETFL) };
    if to_int(flags) & libc::O_APPEND != 0 {
        return size;
    }
    // SAFETY: asks where the file stands; changes nothing.
    let offset = unsafe { libc::syscall(libc::SYS_lseek, fd, 0, libc::SEEK_CUR) };
    offset.unsigned_abs()
}

/// See write(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, buffer: *const c_void, length: size_t) -> ssize_t {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_size(unsafe { libc::syscall(libc::SYS_write, fd, buffer, length) });
    // SAFETY: promised by the caller.
    unsafe { write_with(fd, buffer, None, call) }
}

unsafe fn write_at(fd: c_int, buffer: *const c_void, length: size_t, at: off_t) -> ssize_t {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_size(unsafe { libc::syscall(libc::SYS_pwrite64, fd, buffer, length, at) });
    // SAFETY: promised by the caller.
    unsafe { write_with(fd, buffer, Some(at), call) }
}

/// See pwrite(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(
    fd: c_int,
    buffer: *const c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: promised by the caller.
    unsafe { write_at(fd, buffer, length, at) }
}

/// See pwrite(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    fd: c_int,
    buffer: *const c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: promised by the caller.
    unsafe { write_at(fd, buffer, length, at) }
}

/// Writes the parts one by one: a caller has to cope with less being written than it asked for.
///
/// # Safety
/// `parts` points to `count` parts, each a valid buffer.
unsafe fn write_parts(
    fd: c_int,
    parts: *const libc::iovec,
    count: c_int,
    at: Option<off_t>,
) -> ssize_t {
    for number in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: below `count`, as promised by the caller.
        let part = unsafe { *parts.add(number) };
        if part.iov_len > 0 {
            return match at {
                // SAFETY: one of the caller's buffers.
                Some(at) => unsafe { write_at(fd, part.iov_base, part.iov_len, at) },
                // SAFETY: as above.
                None => unsafe { write(fd, part.iov_base, part.iov_len) },
            };
        }
    }
    0
}

/// See writev(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(fd: c_int, parts: *const libc::iovec, count: c_int) -> ssize_t {
    // SAFETY: promised by the caller.
    unsafe { write_parts(fd, parts, count, None) }
}

/// See pwritev(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwritev(
    fd: c_int,
    parts: *const libc::iovec,
    count: c_int,
    at: off_t,
) -> ssize_t {
    // SAFETY: promised by the caller.
    unsafe { write_parts(fd, parts, count, Some(at)) }
}

/// See pwritev(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwritev64(
    fd: c_int,
    parts: *const libc::iovec,
    count: c_int,
    at: off_t,
) -> ssize_t {
    // SAFETY: promised by the caller.
    unsafe { write_parts(fd, parts, count, Some(at)) }
}

/// See `copy_file_range(2)`: refused, so that the standard library copies by reading and writing, which is seen.
///
/// # Safety
/// As the C function; nothing is touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy_file_range(
    _: c_int,
    _: *mut off_t,
    _: c_int,
    _: *mut off_t,
    _: size_t,
    _: c_uint,
) -> ssize_t {
    refuse(libc::ENOSYS)
}

/// See sendfile(2): refused, as above.
///
/// # Safety
/// As the C function; nothing is touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendfile(_: c_int, _: c_int, _: *mut off_t, _: size_t) -> ssize_t {
    refuse(libc::ENOSYS)
}

/// See sendfile(2): refused, as above.
///
/// # Safety
/// As the C function; nothing is touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendfile64(_: c_int, _: c_int, _: *mut off_t, _: size_t) -> ssize_t {
    refuse(libc::ENOSYS)
}

fn refuse(error: c_int) -> ssize_t {
    // SAFETY: the address of this thread's own error number is valid as long as the thread runs.
    unsafe { *libc::__errno_location() = error };
    -1
}

unsafe fn truncate_to(fd: c_int, length: off_t) -> c_int {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_ftruncate, fd, length) });
    let Some(path) = quietly(|| path_of(fd)) else {
        return call();
    };
    let _order = in_order();
    let answer = call();
    if answer == 0 {
        quietly(|| {
            let (inode, _) = inode_and_size(fd);
            record(
                Kind::Truncate,
                [inode, length.unsigned_abs(), 0],
                [&path, b""],
                b"",
            );
        });
    }
    answer
}

/// See ftruncate(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate(fd: c_int, length: off_t) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { truncate_to(fd, length) }
}

/// See ftruncate(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, length: off_t) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { truncate_to(fd, length) }
}

unsafe fn allocate(fd: c_int, mode: c_int, at: off_t, length: off_t) -> c_int {
    if let Some(path) = quietly(|| path_of(fd)) {
        let _order = in_order();
        blind("fallocate", &path);
    }
    // SAFETY: the arguments are those of the caller, passed on as they are.
    to_int(unsafe { libc::syscall(libc::SYS_fallocate, fd, mode, at, length) })
}

/// See fallocate(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fallocate(fd: c_int, mode: c_int, at: off_t, length: off_t) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { allocate(fd, mode, at, length) }
}

/// See fallocate(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fallocate64(fd: c_int, mode: c_int, at: off_t, length: off_t) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { allocate(fd, mode, at, length) }
}
