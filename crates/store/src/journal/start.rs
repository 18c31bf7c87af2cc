//! Start-up: recover, compare, apply, flush, and only then serve.

use super::active::Active;
use super::applier::{Applier, Shared, spawn};
use super::frame::Frame;
use super::scan::{check_headless, scan};
use super::segment::{self, SEGMENTS, Segment};
use super::{JournalOptions, JournalStore, SEGMENT_BYTES_MIN};
use crate::log_store::{Damage, Head, LogReader, LogStore, StoreError};
use crate::sled_store::SledStore;
use probity_types::{LogId, Position};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

fn engine(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.display().to_string();
    move |source| StoreError::Engine {
        path: path.clone(),
        source,
    }
}

/// Recovers and serves.
pub(crate) fn start(
    dir: &Path,
    log: LogId,
    options: JournalOptions,
    mut sled: SledStore,
) -> Result<JournalStore, StoreError> {
    let folder = dir.join("journal");
    let failed = engine(&folder);
    if !folder.is_dir() {
        if sled.head() != Head::EMPTY {
            return Err(Damage::JournalMissing.into());
        }
        // A creation that a crash cut short is completed here.
        let bytes = options.segment_bytes.max(SEGMENT_BYTES_MIN);
        segment::create(&folder, log, bytes).map_err(&failed)?;
    }
    let open = |place| Segment::open(&folder, place).map_err(&failed);
    let segments = Arc::new([open(0)?, open(1)?, open(2)?]);
    let mut files = Vec::with_capacity(segments.len());
    for segment in segments.iter() {
        files.push(segment.read().map_err(&failed)?);
    }
    let found = scan(log, &files)?;
    check_headless(log, &files, sled.head().next)?;
    drop(files);
    compare(sled.reader().as_ref(), sled.head(), &found.frames)?;
    apply(&mut sled, &found.frames)?;
    // Everything is in sled and flushed: every segment is free. The torn end of an old generation is left as it is; its
    // positions are written again under a new one.
    let newest = found.newest;
    for generation in newest + 1..newest + 1 + SEGMENTS {
        let segment = &segments[(generation % SEGMENTS) as usize];
        segment.recycle(log, generation).map_err(&failed)?;
    }
    let active = Active::begin(log, segments, newest + 1);
    let shared = Arc::new(Shared::over(sled, newest + SEGMENTS));
    let applier = Applier {
        shared: shared.clone(),
        active: active.clone(),
    };
    let thread = spawn(applier).map_err(&failed)?;
    Ok(JournalStore {
        shared,
        active,
        applier: Some(thread),
        folder: File::open(&folder).map_err(&failed)?,
    })
}

/// Frames that sled has by its own account must be what it has.
fn compare(sled: &dyn LogReader, head: Head, frames: &[Frame]) -> Result<(), StoreError> {
    let Some(first) = frames.first() else {
        return Ok(());
    };
    if first.first > head.next {
        return Err(Damage::Missing {
            position: head.next,
        }
        .into());
    }
    let end = frames.last().map_or(0, Frame::next);
    if end < head.next.0 {
        return Err(Damage::JournalShort {
            next: Position(end),
            head: head.next,
        }
        .into());
    }
    for frame in frames {
        for (position, entry) in (frame.first.0..).map(Position).zip(&frame.entries) {
            if position >= head.next {
                return Ok(());
            }
            if sled.entry(position)?.as_ref() != Some(entry) {
                return Err(Damage::Differs { position }.into());
            }
        }
        if frame.next() == head.next.0 && frame.entry_hash != head.entry_hash {
            return Err(Damage::Differs {
                position: Position(head.next.0.saturating_sub(1)),
            }
            .into());
        }
    }
    Ok(())
}

/// Applies what sled does not have, by the way that the applier takes, and flushes it.
fn apply(sled: &mut SledStore, frames: &[Frame]) -> Result<(), StoreError> {
    for frame in frames {
        let expected = sled.head();
        if frame.next() <= expected.next.0 {
            continue;
        }
        // A frame is applied whole or not at all, so it begins where sled ends.
        if frame.first != expected.next {
            return Err(Damage::Missing {
                position: expected.next,
            }
            .into());
        }
        sled.append(expected, &frame.entries, frame.head())
            .map_err(|error| StoreError::Unknown(io::Error::other(error)))?;
    }
    Ok(())
}
