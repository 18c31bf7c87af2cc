//! What does not hold: which file, which entry, which field, what would be right, what stands there.

use probity_format::chain::StartFault;
use probity_format::codec::CodecError;
use probity_format::frame::FrameError;
use probity_format::segment::{ManifestFault, SegmentError};
use probity_proof::ProofError;
use serde::Serialize;
use std::fmt::{self, Display};
use std::path::Path;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// File.
    pub file: String,
    /// Position of the entry, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Field.
    pub field: String,
    /// What would be right.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// Two signed checkpoints that cannot both be true, where the fault is a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<serde_json::Value>>,
}

/// Why nothing was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It was examined and does not hold.
    DoesNotHold(Box<Fault>),
    /// It could not be examined.
    CouldNotRun(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::DoesNotHold(Box::new(fault))
    }
}

impl Fault {
    /// A fault without its place.
    pub fn new(field: impl Into<String>, expected: impl Display, found: impl Display) -> Self {
        Self {
            file: String::new(),
            position: None,
            field: field.into(),
            expected: expected.to_string(),
            found: found.to_string(),
            evidence: None,
        }
    }

    /// Says in which file, unless that was said before.
    pub fn in_file(mut self, file: &Path) -> Self {
        if self.file.is_empty() {
            self.file = file.display().to_string();
        }
        self
    }

    /// Says at which position, unless that was said before.
    pub fn at(mut self, position: u64) -> Self {
        self.position = self.position.or(Some(position));
        self
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(position) = self.position {
            write!(f, "position {position}: ")?;
        }
        let Self {
            field,
            expected,
            found,
            ..
        } = self;
        write!(f, "field {field}: expected {expected}, found {found}")
    }
}

impl From<ProofError> for Fault {
    fn from(error: ProofError) -> Self {
        Self::new(error.field, error.expected, error.found)
    }
}

impl From<CodecError> for Fault {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::TooLarge { found, max } => Self::new(
                "length",
                format!("at most {max} bytes"),
                format!("{found} bytes"),
            ),
            CodecError::NotCanonical { what } => Self::new(what, "its one encoding", "another one"),
            CodecError::Malformed { what, why } => Self::new(what, "bytes of this format", why),
            other => Self::new("bytes", "bytes of this format", other),
        }
    }
}

impl From<FrameError> for Fault {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Codec(error) => error.into(),
            FrameError::Header { field, found } => {
                Self::new(field, "a value that this format knows", found)
            }
            FrameError::EntryHash { stored, recomputed } => {
                Self::new("entry hash", recomputed, stored)
            }
            FrameError::SealedHash {
                stored, recomputed, ..
            } => Self::new("sealed hash", stored, recomputed),
            FrameError::Exposed(exposed) => {
                Self::new(exposed.field, "no personal value in an open part", "one")
            }
            other => Self::new("frame", "a frame of this format", other),
        }
    }
}

impl From<SegmentError> for Fault {
    fn from(error: SegmentError) -> Self {
        match error {
            SegmentError::Layout { offset, why } => {
                Self::new(format!("byte {offset}"), "a segment", why)
            }
            SegmentError::Hash { stored, recomputed } => {
                Self::new("segment hash", recomputed, stored)
            }
            SegmentError::Frame {
                position, source, ..
            } => Self::from(source).at(position.0),
            other => Self::new("segment", "a segment", other),
        }
    }
}

impl From<ManifestFault> for Fault {
    fn from(fault: ManifestFault) -> Self {
        match fault {
            ManifestFault::Field {
                field,
                expected,
                found,
            } => Self::new(field, expected, found),
            ManifestFault::FileName { number, found } => Self::new(
                format!("segments[{number}].file"),
                "a plain file name",
                format!("{found:?}"),
            ),
            ManifestFault::CutUnit { next } => {
                Self::new("last unit", "whole", "cut short").at(next.0)
            }
            other => Self::new("manifest", "a manifest of these segments", other),
        }
    }
}

impl From<StartFault> for Fault {
    fn from(fault: StartFault) -> Self {
        let fault = match fault {
            StartFault::NotStarted { found } => Self::new("event type", "LogStarted", found),
            StartFault::OtherLog { expected, found } => {
                Self::new("LogStarted.log", expected, found)
            }
            StartFault::OtherOrigin { expected, found } => Self::new(
                "LogStarted.origin",
                format!("{expected:?}"),
                format!("{found:?}"),
            ),
            other => Self::new("event", "the start of this log", other),
        };
        fault.at(0)
    }
}
