//! What a decider hands to the writer: events without position, hash, salt or key.

use probity_format::events::{Event, Private, StreamKind};
use probity_types::{Position, RootId, StreamId};

/// A sealed part to be written under `root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPart {
    /// Whose key seals it.
    pub root: RootId,
    /// Content.
    pub content: Private,
}

/// An event to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Kind of its stream.
    pub stream_kind: StreamKind,
    /// Its stream.
    pub stream: StreamId,
    /// Open body.
    pub event: Event,
    /// Sealed parts.
    pub parts: Vec<NewPart>,
    /// The entry that it answers, [`Position::NONE`] where there is none.
    pub caused_by: Position,
}

impl NewEvent {
    /// An event without sealed parts and without a cause.
    pub fn open(stream_kind: StreamKind, stream: [u8; 16], event: impl Into<Event>) -> Self {
        let event = event.into();
        Self {
            stream_kind,
            stream: StreamId(stream),
            event,
            parts: Vec::new(),
            caused_by: Position::NONE,
        }
    }

    /// The same with one sealed part more.
    #[must_use]
    pub fn with_part(mut self, root: RootId, content: Private) -> Self {
        self.parts.push(NewPart { root, content });
        self
    }

    /// The same, answering an earlier entry.
    #[must_use]
    pub fn caused_by(mut self, position: Position) -> Self {
        self.caused_by = position;
        self
    }
}

/// What came of a command that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// These events, whole or not at all. Never empty.
    Append(Vec<NewEvent>),
    /// The same report waits for a person: these events park it.
    Park(Vec<NewEvent>),
    /// The same is there already, since this position; nothing changes.
    AlreadyThere(Position),
}

impl Decision {
    /// The events to append.
    pub fn events(self) -> Vec<NewEvent> {
        match self {
            Self::Append(events) | Self::Park(events) => events,
            Self::AlreadyThere(_) => Vec::new(),
        }
    }
}
