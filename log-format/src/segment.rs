//! Segment files and their manifest: the log as it is exported.
//!
//! ```text
//! magic "PROBSEG1" 8 ‖ log id 16 ‖ first position 8 ‖ entries 8 ‖ previous entry hash 32      (72 bytes)
//! entries times: length 8 ‖ frame
//! hash 32: derive_key("probity 2026 segment v1") over everything before
//! ```

use crate::chain::{Chain, StartFault, check_start};
use crate::codec::CodecError;
use crate::events::Event;
use crate::frame::{Frame, FrameError};
use crate::limits::{FORMAT_VERSION, FRAME_BYTES_MAX, SEGMENT_ENTRIES_MAX};
use crate::wire::Hash;
use probity_types::{LogId, Position};
use serde::{Deserialize, Serialize};

/// Context string of segment hashes.
pub const SEGMENT_CONTEXT: &str = "probity 2026 segment v1";
/// First bytes of a segment.
pub const SEGMENT_MAGIC: &[u8; 8] = b"PROBSEG1";
const HEAD_BYTES: usize = 72;
const HASH_BYTES: usize = 32;

/// The manifest beside the segments, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always 1.
    pub format: u8,
    /// The log.
    pub log: LogId,
    /// Its name.
    pub origin: String,
    /// Number of entries.
    pub entries: u64,
    /// Hash of the last entry.
    pub entry_hash: Hash,
    /// Segments in order.
    pub segments: Vec<SegmentName>,
}

/// One segment in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentName {
    /// File name beside the manifest.
    pub file: String,
    /// First position.
    pub first: Position,
    /// Entries.
    pub entries: u64,
    /// Last 32 bytes of the file.
    pub hash: Hash,
}

/// Why a segment is not right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// Too short, wrong magic, a length past the end, bytes left over.
    #[error("byte {offset}: {why}")]
    Layout {
        /// Offset in the file.
        offset: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// The file's hash differs.
    #[error("segment hash: stored {stored}, recomputed {recomputed}")]
    Hash {
        /// As stored.
        stored: Hash,
        /// As recomputed.
        recomputed: Hash,
    },
    /// One frame is not right.
    #[error("position {position}, byte {offset}: {source}")]
    Frame {
        /// Position of the frame.
        position: Position,
        /// Offset of its first byte.
        offset: u64,
        /// What is wrong.
        source: FrameError,
    },
}

/// Writes one segment.
///
/// # Errors
/// [`CodecError::TooLarge`] past [`SEGMENT_ENTRIES_MAX`].
pub fn write(
    log: LogId,
    first: Position,
    previous: Hash,
    frames: &[Vec<u8>],
) -> Result<Vec<u8>, CodecError> {
    let entries = frames.len() as u64;
    if entries > SEGMENT_ENTRIES_MAX {
        return Err(CodecError::TooLarge {
            found: entries,
            max: SEGMENT_ENTRIES_MAX,
        });
    }
    let mut bytes = Vec::with_capacity(
        HEAD_BYTES + HASH_BYTES + frames.iter().map(|f| f.len() + 8).sum::<usize>(),
    );
    bytes.extend_from_slice(SEGMENT_MAGIC);
    bytes.extend_from_slice(&log.0);
    bytes.extend_from_slice(&first.0.to_le_bytes());
    bytes.extend_from_slice(&entries.to_le_bytes());
    bytes.extend_from_slice(&previous.0);
    for frame in frames {
        bytes.extend_from_slice(&(frame.len() as u64).to_le_bytes());
        bytes.extend_from_slice(frame);
    }
    bytes.extend_from_slice(&hash(&bytes).0);
    Ok(bytes)
}

fn hash(bytes: &[u8]) -> Hash {
    Hash(
        *blake3::Hasher::new_derive_key(SEGMENT_CONTEXT)
            .update(bytes)
            .finalize()
            .as_bytes(),
    )
}

/// A segment that was read: layout and file hash hold, frames are decoded, the chain is not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The log.
    pub log: LogId,
    /// First position.
    pub first: Position,
    /// Entry hash before the first position.
    pub previous: Hash,
    /// The file's own hash.
    pub hash: Hash,
    /// Frames in order.
    pub frames: Vec<StoredFrame>,
}

/// A frame as a segment holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFrame {
    /// The frame.
    pub frame: Frame,
    /// Its length in the file: units are limited by it.
    pub bytes: u64,
}

/// Why a manifest is not right, or not the one of these segments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestFault {
    /// A field that says something else than what it is about.
    #[error("field {field}: expected {expected}, found {found}")]
    Field {
        /// The field: of the manifest, or of the segment's head.
        field: &'static str,
        /// What would be right.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A name that leads out of the folder, or hides.
    #[error("segments[{number}]: field file: expected a plain file name, found {found:?}")]
    FileName {
        /// Which segment, from 0.
        number: usize,
        /// What stands there.
        found: String,
    },
    /// The last unit is not whole.
    #[error("position {next}: the last unit is cut off")]
    CutUnit {
        /// The position that is missing.
        next: Position,
    },
}

fn same(
    field: &'static str,
    expected: impl std::fmt::Display,
    found: impl std::fmt::Display,
) -> Result<(), ManifestFault> {
    let (expected, found) = (expected.to_string(), found.to_string());
    if expected == found {
        Ok(())
    } else {
        Err(ManifestFault::Field {
            field,
            expected,
            found,
        })
    }
}

impl Manifest {
    /// Checks what the manifest alone can be wrong in.
    ///
    /// # Errors
    /// [`ManifestFault`].
    pub fn check_form(&self) -> Result<(), ManifestFault> {
        same("format", FORMAT_VERSION, self.format)?;
        for (number, segment) in self.segments.iter().enumerate() {
            let name = &segment.file;
            let leads_out = name.contains(['/', '\\', '\0']);
            if name.is_empty() || name.starts_with('.') || leads_out {
                return Err(ManifestFault::FileName {
                    number,
                    found: name.clone(),
                });
            }
        }
        Ok(())
    }

    /// Checks that a segment is the one that is named here, and that it goes on where the walk stands.
    ///
    /// # Errors
    /// [`ManifestFault`].
    pub fn check_segment(
        &self,
        named: &SegmentName,
        segment: &Segment,
        walked: &Chain,
    ) -> Result<(), ManifestFault> {
        same("log", self.log, segment.log)?;
        same("first", named.first, segment.first)?;
        same("entries", named.entries, segment.frames.len())?;
        same("first", walked.next(), segment.first)?;
        same("previous", walked.hash(), segment.previous)?;
        same("hash", named.hash, segment.hash)
    }

    /// Checks that position 0 begins the log that the manifest names.
    ///
    /// # Errors
    /// [`StartFault`].
    pub fn check_start(&self, event: &Event) -> Result<(), StartFault> {
        check_start(event, self.log)?;
        match event {
            Event::LogStarted(started) if started.origin.as_str() != self.origin => {
                Err(StartFault::OtherOrigin {
                    expected: self.origin.clone(),
                    found: started.origin.as_str().to_owned(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Checks the manifest's own sums against a walk over all its segments.
    ///
    /// # Errors
    /// [`ManifestFault`].
    pub fn check_end(&self, walked: &Chain) -> Result<(), ManifestFault> {
        same("entries", walked.next(), self.entries)?;
        same("entry_hash", walked.hash(), self.entry_hash)?;
        if walked.is_whole() {
            Ok(())
        } else {
            Err(ManifestFault::CutUnit {
                next: walked.next(),
            })
        }
    }
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*chunk))
}

fn layout(offset: usize, why: &'static str) -> SegmentError {
    SegmentError::Layout {
        offset: offset as u64,
        why,
    }
}

/// A segment's bytes taken apart: the head is read, frames and file hash are not yet checked.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// The log.
    pub log: LogId,
    /// First position.
    pub first: Position,
    /// Number of entries.
    pub entries: u64,
    /// Entry hash before the first position.
    pub previous: Hash,
    /// The file's own hash, as it stands there.
    pub hash: Hash,
    body: &'a [u8],
}

/// A frame's bytes in a segment.
#[derive(Debug, Clone, Copy)]
pub struct RawFrame<'a> {
    /// Its position by its place in the segment.
    pub position: Position,
    /// Offset of its first byte in the file.
    pub offset: u64,
    /// The frame.
    pub bytes: &'a [u8],
}

impl<'a> Layout<'a> {
    /// Takes a segment apart.
    ///
    /// # Errors
    /// [`SegmentError::Layout`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SegmentError> {
        let short = || layout(bytes.len(), "too short for a segment");
        let (body, tail) = bytes.split_last_chunk::<HASH_BYTES>().ok_or_else(short)?;
        let (head, _) = body.split_first_chunk::<HEAD_BYTES>().ok_or_else(short)?;
        if !head.starts_with(SEGMENT_MAGIC) {
            return Err(layout(0, "not a segment: the magic is missing"));
        }
        let entries = u64_at(head, 32).unwrap_or_default();
        if entries > SEGMENT_ENTRIES_MAX {
            return Err(layout(32, "more entries than a segment holds"));
        }
        let (mut log, mut previous) = ([0; 16], [0; 32]);
        log.copy_from_slice(&head[8..24]);
        previous.copy_from_slice(&head[40..]);
        Ok(Self {
            log: LogId(log),
            first: Position(u64_at(head, 24).unwrap_or_default()),
            entries,
            previous: Hash(previous),
            hash: Hash(*tail),
            body,
        })
    }

    /// The frames in order. After a fault comes nothing more; bytes left over after the last frame are a fault.
    pub fn frames(&self) -> impl Iterator<Item = Result<RawFrame<'a>, SegmentError>> {
        let (body, entries, first) = (self.body, self.entries, self.first.0);
        let (mut number, mut at, mut is_over) = (0, HEAD_BYTES, false);
        std::iter::from_fn(move || {
            if is_over {
                return None;
            }
            if number == entries {
                is_over = true;
                let is_end = at == body.len();
                return (!is_end).then(|| Err(layout(at, "bytes left over after the last frame")));
            }
            let found = raw_frame(body, at);
            is_over = found.is_err();
            Some(found.map(|bytes| {
                let raw = RawFrame {
                    position: Position(first.saturating_add(number)),
                    offset: (at + 8) as u64,
                    bytes,
                };
                number += 1;
                at += 8 + bytes.len();
                raw
            }))
        })
    }

    /// Checks the file's own hash.
    ///
    /// # Errors
    /// [`SegmentError::Hash`].
    pub fn check_hash(&self) -> Result<(), SegmentError> {
        let (stored, recomputed) = (self.hash, hash(self.body));
        if stored == recomputed {
            Ok(())
        } else {
            Err(SegmentError::Hash { stored, recomputed })
        }
    }
}

/// The frame whose length stands at `at`.
fn raw_frame(body: &[u8], at: usize) -> Result<&[u8], SegmentError> {
    let length = u64_at(body, at).ok_or(layout(at, "cut off before a frame's length"))?;
    if length > FRAME_BYTES_MAX {
        return Err(layout(at, "a frame longer than the limit"));
    }
    let start = at + 8;
    body.get(start..start + length as usize)
        .ok_or(layout(at, "cut off inside a frame"))
}

/// Reads one segment. The frames are decoded before the file hash is compared, so that a fault is named as closely as
/// can be.
///
/// # Errors
/// [`SegmentError`] names offset or position.
pub fn read(bytes: &[u8]) -> Result<Segment, SegmentError> {
    let layout = Layout::parse(bytes)?;
    let mut frames = Vec::new();
    for raw in layout.frames() {
        let raw = raw?;
        let frame = Frame::decode(raw.bytes).map_err(|source| SegmentError::Frame {
            position: raw.position,
            offset: raw.offset,
            source,
        })?;
        frames.push(StoredFrame {
            frame,
            bytes: raw.bytes.len() as u64,
        });
    }
    layout.check_hash()?;
    Ok(Segment {
        log: layout.log,
        first: layout.first,
        previous: layout.previous,
        hash: layout.hash,
        frames,
    })
}
