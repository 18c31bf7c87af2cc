//! Power cuts: kill −9 leaves the page cache behind, a power cut does not.
//!
//! A child appends under a preloaded library that records each change and each sync (tools/powercut). From the record a test
//! builds folders that a power cut may have left ([`disk`]): at the moment of the kill, and at random moments before it.
//! Each must open, hold every acknowledged entry once and in order, verify, take more, and open once again after that.
//!
//! `PROBITY_SEED` repeats the choices (not the threads' interleaving, which is in the record of the run that failed), and
//! `PROBITY_ROUNDS=1000 cargo test -p probity-tests --test crash power -- --nocapture` is the long run.

mod disk;
mod record;
mod store;
