//! A library to preload (`LD_PRELOAD`): it records every change that a program makes below one folder, and every sync, in
//! the order in which the kernel took them, so that a test can build each folder that a power cut might have left.
//!
//! ```text
//! PROBITY_POWERCUT_ROOT   the folder that is watched, absolute and without links
//! PROBITY_POWERCUT_LOG    where the record goes, outside that folder
//! record = kind u8 ‖ inode u64 ‖ a u64 ‖ b u64 ‖ length of path u32 ‖ of second path u32 ‖ of bytes u32 ‖ path ‖ path ‖ bytes
//! ```
//!
//! - A change is made and recorded under one lock: the record has the order of the page cache. It is recorded after it was
//!   made; a process killed in between leaves one change that was made and is not known, as if it had not been synced.
//! - A sync is recorded twice: when it begins and when it has returned. It covers what was recorded before it began.
//! - `sync_file_range`, `sync` and `syncfs` are no barriers here, and the last two do nothing: stricter than the truth.
//! - What a program says on its standard output is recorded too: what it promised before which change.
//! - Changes that are not understood (shared writable maps, special opens) are recorded as such, for the test to fail on.
//!
//! Besides, it moves the clock of a program, see [`clock`].
//!
//! Paths are found anew for each call, from `/proc/self/fd`: no table of open files can be wrong. Nothing of the standard
//! library's input and output is used, since that would come back here.

mod barriers;
mod clock;
mod content;
mod hooks;
mod names;
mod record;
