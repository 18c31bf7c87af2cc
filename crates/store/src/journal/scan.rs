//! What a start finds in the journal: the frames in order, or the place where they contradict each other.
//!
//! A bad block is a torn tail only where nothing valid follows it. Everything else is damage and is named: a journal that
//! simply stopped at its first bad frame would drop committed entries in silence.

use super::frame::{BLOCK, Frame, decode_frame, decode_header};
use super::segment::SEGMENTS;
use crate::log_store::Damage;
use probity_types::{LogId, Position};

/// What the segments hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Frames in order; their positions follow each other.
    pub(crate) frames: Vec<Frame>,
    /// Newest generation whose header stands.
    pub(crate) newest: u64,
}

fn damage(place: usize, offset: usize, what: &str) -> Damage {
    Damage::Journal {
        segment: place as u64,
        offset: offset as u64,
        what: what.to_owned(),
    }
}

/// Generations by file; the one file that may be without is the next to be recycled.
fn generations(log: LogId, files: &[Vec<u8>]) -> Result<Vec<(usize, u64)>, Damage> {
    let (mut found, mut expected) = (Vec::<(usize, u64)>::new(), None);
    for (place, bytes) in files.iter().enumerate() {
        if let Some((generation, length)) = decode_header(log, bytes) {
            if generation % SEGMENTS != place as u64 {
                return Err(damage(place, 0, "the header belongs to another file"));
            }
            found.push((place, generation));
            expected = Some(length);
        }
    }
    for (place, bytes) in files.iter().enumerate() {
        let length = bytes.len() as u64;
        if let Some(expected) = expected.filter(|expected| *expected != length) {
            let what = format!("the file has {length} bytes, made with {expected}");
            return Err(damage(place, bytes.len(), &what));
        }
    }
    found.sort_by_key(|(_, generation)| *generation);
    let follow = found.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
    if !follow || (found.len() as u64) + 1 < SEGMENTS {
        let place = (0..files.len())
            .find(|place| found.iter().all(|(known, _)| known != place))
            .unwrap_or_default();
        return Err(damage(
            place,
            0,
            "the header of a segment in use does not read",
        ));
    }
    Ok(found)
}

/// Frames of one generation from the front, and the offset behind them.
fn front(log: LogId, bytes: &[u8], generation: u64) -> (Vec<(usize, Frame)>, usize) {
    let (mut frames, mut offset) = (Vec::new(), BLOCK);
    while let Some((frame, taken)) = bytes.get(offset..).and_then(|rest| decode_frame(log, rest)) {
        if frame.generation != generation {
            break;
        }
        frames.push((offset, frame));
        offset += taken;
    }
    (frames, offset)
}

/// The first frame at a later boundary that `is_wrong` there.
fn later(
    log: LogId,
    bytes: &[u8],
    from: usize,
    is_wrong: impl Fn(&Frame) -> bool,
) -> Option<(usize, Frame)> {
    let mut boundaries = (from..bytes.len()).step_by(BLOCK);
    boundaries.find_map(|offset| {
        let (frame, _) = decode_frame(log, bytes.get(offset..)?)?;
        is_wrong(&frame).then_some((offset, frame))
    })
}

/// A file without a header is one that was being recycled, and a segment is recycled only after the flush that covers it: what
/// stands in it is in sled. A frame beyond sled's head says that the header of a segment in use was lost.
///
/// # Errors
/// [`Damage::Journal`] names the file.
pub(crate) fn check_headless(log: LogId, files: &[Vec<u8>], head: Position) -> Result<(), Damage> {
    for (place, bytes) in files.iter().enumerate() {
        if decode_header(log, bytes).is_some() {
            continue;
        }
        if let Some((_, frame)) = later(log, bytes, BLOCK, |frame| frame.next() > head.0) {
            let what = format!(
                "the header of a segment in use does not read: position {} follows in it, which the store behind does not have",
                frame.next() - 1
            );
            return Err(damage(place, 0, &what));
        }
    }
    Ok(())
}

/// Reads the three files.
///
/// # Errors
/// [`Damage::Journal`] names file, offset and contradiction.
pub(crate) fn scan(log: LogId, files: &[Vec<u8>]) -> Result<Found, Damage> {
    let generations = generations(log, files)?;
    let newest = generations.last().map_or(0, |(_, generation)| *generation);
    for (place, bytes) in files.iter().enumerate() {
        // A frame newer than every header that stands: the header of its own file was lost.
        if let Some((offset, _)) = later(log, bytes, BLOCK, |frame| frame.generation > newest) {
            let what = "a frame of a generation that no header names";
            return Err(damage(place, offset, what));
        }
    }
    let mut frames: Vec<Frame> = Vec::new();
    for (place, generation) in generations {
        let bytes = &files[place];
        let (found, end) = front(log, bytes, generation);
        for (offset, frame) in found {
            let expected = frames.last().map(Frame::next);
            if let Some(expected) = expected.filter(|expected| *expected != frame.first.0) {
                let what = format!(
                    "entries from position {expected} are missing before position {}",
                    frame.first
                );
                return Err(damage(place, offset, &what));
            }
            frames.push(frame);
        }
        if let Some((offset, frame)) =
            later(log, bytes, end, |frame| frame.generation == generation)
        {
            let missing = frames
                .last()
                .map_or(Position(0), |last| Position(last.next()));
            let what = format!(
                "entries from position {missing} do not read at offset {end}, but position {} follows",
                frame.first
            );
            return Err(damage(place, offset, &what));
        }
    }
    Ok(Found { frames, newest })
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
