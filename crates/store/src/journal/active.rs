//! The segment that is being written.

use super::applier::Shared;
use super::frame::{BLOCK, encode_frame, frame_bytes};
use super::lock;
use super::segment::{SEGMENTS, Segment};
use crate::log_store::{AppendError, ENTRY_BYTES_LEAST, Head};
use probity_types::{LogId, Position};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Where the next frame goes.
#[derive(Debug)]
struct Place {
    generation: u64,
    offset: u64,
    /// What was written last: nothing new since a seal needs no second one.
    is_sealed: bool,
    last_append: Instant,
    buffer: Vec<u8>,
}

/// Shared by the writer, and by the applier for seals.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    log: LogId,
    segments: Arc<[Segment; 3]>,
    place: Arc<Mutex<Place>>,
}

impl Active {
    /// Begins at the front of a generation whose header is on disk.
    pub(crate) fn begin(log: LogId, segments: Arc<[Segment; 3]>, generation: u64) -> Self {
        let place = Place {
            generation,
            offset: BLOCK as u64,
            is_sealed: true,
            last_append: Instant::now(),
            buffer: Vec::new(),
        };
        Self {
            log,
            segments,
            place: Arc::new(Mutex::new(place)),
        }
    }

    fn segment(&self, generation: u64) -> &Segment {
        &self.segments[(generation % SEGMENTS) as usize]
    }

    /// Whether an append fits into a segment at all.
    pub(crate) fn check_fits(&self, entries: &[Vec<u8>]) -> Result<(), AppendError> {
        let (bytes, room) = (frame_bytes(entries), self.segments[0].bytes - BLOCK as u64);
        if bytes <= room {
            Ok(())
        } else {
            Err(AppendError::TooLarge { bytes, room })
        }
    }

    /// Bytes of entries that fit into a segment whatever their number.
    pub(crate) fn append_bytes_max(&self) -> u64 {
        // One block for the frame's own fields and one for the boundary; each entry has its length before it.
        let room = self.segments[0].bytes - 3 * BLOCK as u64;
        room / (ENTRY_BYTES_LEAST + 4) * ENTRY_BYTES_LEAST
    }

    /// Bytes of all segments.
    pub(crate) fn journal_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// **The commit point of the log**: `entries` are acknowledged if and only if this returns `Ok`.
    pub(crate) fn commit(
        &self,
        shared: &Shared,
        first: Position,
        entries: &[Vec<u8>],
        head: &Head,
    ) -> io::Result<()> {
        let mut place = lock(&self.place);
        self.write(&mut place, shared, first, entries, head)?;
        place.is_sealed = false;
        place.last_append = Instant::now();
        Ok(())
    }

    fn write(
        &self,
        place: &mut Place,
        shared: &Shared,
        first: Position,
        entries: &[Vec<u8>],
        head: &Head,
    ) -> io::Result<()> {
        let segment = self.segment(place.generation);
        if place.offset + frame_bytes(entries) > segment.bytes {
            // A crash here: the next segment is empty, which a start finds to be the end.
            shared.leave(place.generation, first.0)?;
            place.generation += 1;
            place.offset = BLOCK as u64;
        }
        let mut buffer = std::mem::take(&mut place.buffer);
        encode_frame(
            self.log,
            place.generation,
            first,
            entries,
            head,
            &mut buffer,
        );
        // A crash inside the write: the hash does not fit, so nothing of the group exists. An error: nobody knows.
        self.segment(place.generation)
            .write(place.offset, &buffer)?;
        // A crash from here on: the whole group is found. A client that missed the answer retries with its key.
        place.offset += buffer.len() as u64;
        place.buffer = buffer;
        Ok(())
    }

    /// Says how far the log reaches, unless that was the last thing said.
    pub(crate) fn seal(&self, shared: &Shared) -> io::Result<()> {
        let mut place = lock(&self.place);
        if place.is_sealed {
            return Ok(());
        }
        let head = shared.head();
        self.write(&mut place, shared, head.next, &[], &head)?;
        place.is_sealed = true;
        Ok(())
    }

    /// The same, where the log has been idle for a while. Called by the applier, which never waits for the writer.
    pub(crate) fn seal_when_idle(&self, shared: &Shared) -> io::Result<()> {
        let Ok(mut place) = self.place.try_lock() else {
            return Ok(());
        };
        let room = self.segment(place.generation).bytes - place.offset;
        // A seal is no reason to rotate: waiting for a free segment would be waiting for the applier itself.
        let is_due = !place.is_sealed && place.last_append.elapsed() >= super::IDLE;
        if !is_due || room < BLOCK as u64 {
            return Ok(());
        }
        let head = shared.head();
        self.write(&mut place, shared, head.next, &[], &head)?;
        place.is_sealed = true;
        Ok(())
    }

    /// Begins a new generation and wipes the others. Everything has to be in sled.
    pub(crate) fn forget_all(&self, shared: &Shared) -> io::Result<()> {
        let _held = shared.hold_rotation();
        let mut place = lock(&self.place);
        let old = place.generation;
        // A crash between these steps: headers make the old frames stale one file at a time, oldest first, so that what
        // is left is always a run of frames that sled has.
        for generation in old + 1..old + 1 + SEGMENTS {
            self.segment(generation).recycle(self.log, generation)?;
        }
        for segment in self.segments.iter() {
            segment.wipe()?;
        }
        place.generation = old + 1;
        place.offset = BLOCK as u64;
        place.is_sealed = true;
        shared.forget_generations(old + 1);
        Ok(())
    }

    /// Gives a freed segment to a later generation. Called by the applier.
    pub(crate) fn recycle(&self, generation: u64) -> io::Result<()> {
        self.segment(generation).recycle(self.log, generation)
    }
}
