//! An engine that panics on damage must not take the process with it before the damage is named.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs an engine call; a panic becomes an error. Whoever gets it never uses the engine again, so
/// what the panic left half done inside is not looked at.
pub(crate) fn guarded<T>(call: impl FnOnce() -> T) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| panicked(panic.as_ref()))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> io::Error {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    io::Error::other(format!("the engine panicked: {text}"))
}
