//! A clock that a test moves: seconds in the file that `PROBITY_CLOCK_FILE` names are added to the time of day.

use crate::record::quietly;
use libc::{c_int, clockid_t, timespec};
use std::ffi::CString;
use std::sync::OnceLock;

/// Longest number that is read.
const DIGITS_MAX: usize = 32;

fn offset_s() -> i64 {
    static FILE: OnceLock<Option<CString>> = OnceLock::new();
    let file = FILE.get_or_init(|| {
        use std::os::unix::ffi::OsStringExt;
        CString::new(std::env::var_os("PROBITY_CLOCK_FILE")?.into_vec()).ok()
    });
    let Some(file) = file else {
        return 0;
    };
    let mut text = [0_u8; DIGITS_MAX];
    // SAFETY: the name ends in zero, the buffer has the length that is given, both outlive the calls.
    let length = unsafe {
        let fd = libc::syscall(
            libc::SYS_openat,
            libc::AT_FDCWD,
            file.as_ptr(),
            libc::O_RDONLY | libc::O_CLOEXEC,
            0,
        );
        let length = libc::syscall(libc::SYS_read, fd, text.as_mut_ptr(), text.len());
        libc::syscall(libc::SYS_close, fd);
        length
    };
    let text = usize::try_from(length)
        .ok()
        .and_then(|length| text.get(..length));
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// See `clock_gettime(2)`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    // SAFETY: the arguments are those of the caller, passed on as they are.
    let answer = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if answer == 0 && clock == libc::CLOCK_REALTIME {
        let offset = quietly(offset_s);
        // SAFETY: the kernel has just written there.
        unsafe { (*time).tv_sec += offset };
    }
    c_int::try_from(answer).unwrap_or(-1)
}
