//! Opening, naming, removing.

use crate::hooks::{blind, place, to_int};
use crate::record::{Kind, in_order, inode_and_size, quietly, record};
use libc::{c_char, c_int, c_uint, mode_t};

unsafe fn open_at(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let call = || {
        // SAFETY: the arguments are those of the caller, passed on as they are.
        to_int(unsafe { libc::syscall(libc::SYS_openat, folder, path, flags, mode) })
    };
    let changes = flags & (libc::O_CREAT | libc::O_TRUNC) != 0;
    // SAFETY: `open` requires a string that ends in zero.
    let watched = unsafe { place(folder, path) };
    let Some(name) = watched.filter(|_| changes) else {
        return call();
    };
    let _order = in_order();
    // SAFETY: the path is the caller's; nothing is written.
    let existed =
        quietly(|| unsafe { libc::syscall(libc::SYS_faccessat, folder, path, libc::F_OK) == 0 });
    let fd = call();
    if fd >= 0 {
        quietly(|| {
            let (inode, _) = inode_and_size(fd);
            if flags & libc::O_TMPFILE == libc::O_TMPFILE {
                blind("O_TMPFILE", &name);
            } else if !existed {
                record(Kind::Create, [inode, 0, 0], [&name, b""], b"");
            } else if flags & libc::O_TRUNC != 0 {
                record(Kind::Truncate, [inode, 0, 0], [&name, b""], b"");
            }
        });
    }
    fd
}

/// See open(2). The mode is read only where the flags ask for one; it is passed in a register either way.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { open_at(libc::AT_FDCWD, path, flags, mode) }
}

/// See open(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { open_at(libc::AT_FDCWD, path, flags, mode) }
}

/// See openat(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openat(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mode: c_uint,
) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { open_at(folder, path, flags, mode) }
}

/// See openat(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openat64(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mode: c_uint,
) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { open_at(folder, path, flags, mode) }
}

/// Makes a call that changes one name, and records it.
///
/// # Safety
/// `path` is a string that ends in zero.
unsafe fn change_name(
    kind: Kind,
    folder: c_int,
    path: *const c_char,
    call: impl FnOnce() -> c_int,
) -> c_int {
    // SAFETY: promised by the caller.
    let Some(name) = (unsafe { place(folder, path) }) else {
        return call();
    };
    let _order = in_order();
    let answer = call();
    if answer == 0 {
        quietly(|| record(kind, [0; 3], [&name, b""], b""));
    }
    answer
}

/// Makes a call that gives something another name, and records it.
///
/// # Safety
/// Both paths are strings that end in zero.
unsafe fn change_names(
    kind: Kind,
    from: (c_int, *const c_char),
    to: (c_int, *const c_char),
    call: impl FnOnce() -> c_int,
) -> c_int {
    // SAFETY: promised by the caller.
    let (old, new) = unsafe { (place(from.0, from.1), place(to.0, to.1)) };
    if old.is_none() && new.is_none() {
        return call();
    }
    let _order = in_order();
    let answer = call();
    if answer == 0 {
        match (old, new) {
            (Some(old), Some(new)) => quietly(|| record(kind, [0; 3], [&old, &new], b"")),
            (old, new) => blind(
                "a name from or to another place",
                &old.or(new).unwrap_or_default(),
            ),
        }
    }
    answer
}

/// See rename(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { renameat2(libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0) }
}

/// See renameat(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn renameat(
    old: c_int,
    from: *const c_char,
    new: c_int,
    to: *const c_char,
) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { renameat2(old, from, new, to, 0) }
}

/// See renameat2(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn renameat2(
    old: c_int,
    from: *const c_char,
    new: c_int,
    to: *const c_char,
    flags: c_uint,
) -> c_int {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_renameat2, old, from, new, to, flags) });
    // SAFETY: promised by the caller.
    unsafe { change_names(Kind::Rename, (old, from), (new, to), call) }
}

/// See link(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { linkat(libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0) }
}

/// See linkat(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn linkat(
    old: c_int,
    from: *const c_char,
    new: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_linkat, old, from, new, to, flags) });
    // SAFETY: promised by the caller.
    unsafe { change_names(Kind::Link, (old, from), (new, to), call) }
}

/// See unlink(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { unlinkat(libc::AT_FDCWD, path, 0) }
}

/// See rmdir(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmdir(path: *const c_char) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { unlinkat(libc::AT_FDCWD, path, libc::AT_REMOVEDIR) }
}

/// See unlinkat(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int {
    let kind = match flags & libc::AT_REMOVEDIR {
        0 => Kind::Unlink,
        _ => Kind::Rmdir,
    };
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_unlinkat, folder, path, flags) });
    // SAFETY: promised by the caller.
    unsafe { change_name(kind, folder, path, call) }
}

/// See mkdir(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: promised by the caller.
    unsafe { mkdirat(libc::AT_FDCWD, path, mode) }
}

/// See mkdirat(2).
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdirat(folder: c_int, path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let call = || to_int(unsafe { libc::syscall(libc::SYS_mkdirat, folder, path, mode) });
    // SAFETY: promised by the caller.
    unsafe { change_name(Kind::Mkdir, folder, path, call) }
}
