//! Power cuts: kill −9 leaves the page cache behind, a power cut does not.
//!
//! A child appends under a preloaded library that records each change and each sync (tools/powercut). From the record a test
//! builds folders that a power cut may have left ([`disk`]): at the moment of the kill, and at random moments before it.
//! Each must open, hold every acknowledged entry once and in order, verify, take more, and open once again after that.
//!
//! `PROBITY_SEED` repeats the choices (not the threads' interleaving, which is in the record of the run that failed), and
//! `PROBITY_ROUNDS=1000 cargo test -p probity-tests --test crash power -- --nocapture` is the long run.

//!
//! A sync that a test cannot switch off alone with a loss, by construction: that of the header when *one* segment is recycled
//! while the log runs. Header and frames lie in one file, so the fdatasync of its first frame carries the header; before that
//! the old header stands over frames that sled has. It is noticed where several headers are written in a row (each start).

mod disk;
mod ledger;
mod record;
mod store;

pub use ledger::killed_ledger;
use record::Happened;
pub use record::{child, library};

fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PBJFRM01")
}

/// How often the journal went on to its next segment, and how often sled was reopened.
fn turns(happened: &[Happened], floor: &str) -> (usize, usize) {
    let frames = happened.iter().filter_map(|happened| match happened {
        Happened::Write { path, bytes, .. } if is_frame(bytes) => Some(path),
        _ => None,
    });
    let frames: Vec<_> = frames.collect();
    let rotations = frames.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let is_floor =
        |happened: &&Happened| matches!(happened, Happened::Rename { to, .. } if to == floor);
    // The first one belongs to the opening.
    (
        rotations,
        happened.iter().filter(is_floor).count().saturating_sub(1),
    )
}
