//! What the functions that this stands in for have in common. Each makes the system call itself.
//!
//! Names with `64` at the end are what Rust's standard library calls; on 64-bit systems they are the same functions.

use crate::record::{Kind, quietly, record, resolve};
use libc::{c_char, c_int, c_long, c_void, ssize_t};
use std::ffi::CStr;

pub(crate) fn to_int(answer: c_long) -> c_int {
    c_int::try_from(answer).unwrap_or(-1)
}

pub(crate) fn to_size(answer: c_long) -> ssize_t {
    ssize_t::try_from(answer).unwrap_or(-1)
}

/// The bytes of a call that the kernel has just accepted.
///
/// # Safety
/// `buffer` points to at least `length` bytes, as the kernel has just read them from there.
pub(crate) unsafe fn bytes_of<'a>(buffer: *const c_void, length: ssize_t) -> &'a [u8] {
    let length = usize::try_from(length).unwrap_or(0);
    if length == 0 {
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), length) }
}

/// The path of a call.
///
/// # Safety
/// `path` is a string that ends in zero, as the call that is being made requires.
pub(crate) unsafe fn place(folder: c_int, path: *const c_char) -> Option<Vec<u8>> {
    if path.is_null() {
        return None;
    }
    // SAFETY: promised by the caller; it is not null.
    let path = unsafe { CStr::from_ptr(path) };
    quietly(|| resolve(folder, path))
}

pub(crate) fn blind(what: &str, path: &[u8]) {
    quietly(|| record(Kind::Blind, [0; 3], [path, b""], what.as_bytes()));
}
