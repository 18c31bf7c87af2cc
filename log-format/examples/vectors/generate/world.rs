//! A small log with fixed ids, times, salts and test keys.

use probity_format::build::{PartDraft, build};
use probity_format::events::{Event, Private, StreamKind};
use probity_format::frame::{ActorKind, Header};
use probity_format::limits::FORMAT_VERSION;
use probity_format::{Chain, Frame, KeyId, keytree};
use probity_types::{CommandId, LogId, Position, RequestTag, RootId, StreamId, Timestamp};

/// The log of every vector.
pub const LOG: LogId = LogId([0x10; 16]);
/// Its name.
pub const ORIGIN: &str = "vectors.probity.example/log";
/// 2026-01-01T00:00:00Z.
const START_US: i64 = 1_767_225_600_000_000;

/// An id whose bytes are all the same.
pub fn stream(byte: u8) -> StreamId {
    StreamId([byte; 16])
}

/// Key of a test root: its first byte, changed, in every place.
pub fn root_key(root: RootId) -> [u8; 32] {
    [root.0[0] ^ 0xff; 32]
}

/// Key of one leaf under a test root.
pub fn leaf_key(id: KeyId) -> [u8; 32] {
    let index = u32::try_from(id.index).expect("leaves are numbered by u32");
    keytree::leaf_key_of_root(&root_key(id.root), index)
}

/// Bytes that a frame takes where it is stored.
pub fn stored_bytes(frame: &Frame) -> u64 {
    frame.encode().expect("within limits").len() as u64
}

/// One entry to come.
pub struct Draft {
    /// Its stream.
    pub stream: (StreamKind, StreamId),
    /// Its open body.
    pub event: Event,
    /// Sealed parts with the root that each is sealed under; the leaf is the entry's revision.
    pub parts: Vec<(RootId, Private)>,
    /// What it answers.
    pub caused_by: Position,
}

impl Draft {
    /// An entry without sealed parts that answers nothing.
    pub fn new(kind: StreamKind, id: u8, event: impl Into<Event>) -> Self {
        let event = event.into();
        Self {
            stream: (kind, stream(id)),
            event,
            parts: Vec::new(),
            caused_by: Position::NONE,
        }
    }

    /// With one more sealed part.
    pub fn with_part(mut self, root: u8, content: Private) -> Self {
        self.parts.push((RootId([root; 16]), content));
        self
    }

    /// With the entry it answers.
    pub fn caused_by(mut self, position: u64) -> Self {
        self.caused_by = Position(position);
        self
    }
}

/// The log so far.
#[derive(Debug, Default)]
pub struct World {
    /// Chain at the head.
    pub chain: Chain,
    /// Every frame.
    pub frames: Vec<Frame>,
    salts: u64,
}

impl World {
    /// A log with this many days begun, one unit each.
    pub fn of_days(days: u64) -> Self {
        let mut world = Self::default();
        for _ in 0..days {
            world.append(vec![day()]);
        }
        world
    }

    fn salt(&mut self) -> [u8; 16] {
        self.salts += 1;
        u128::from(self.salts).to_be_bytes()
    }

    /// Header of the next entry.
    pub fn header(&self, draft: &Draft, unit: (u32, u32)) -> Header {
        let (kind, stream) = draft.stream;
        let position = self.chain.next();
        let first = position.0 - u64::from(unit.0);
        let (actor_kind, actor) = match kind {
            StreamKind::System if position.0 == 0 => (ActorKind::System, [0; 16]),
            StreamKind::System => (ActorKind::Clock, [0; 16]),
            StreamKind::Policy => (ActorKind::Operator, [0x0f; 16]),
            StreamKind::Subject
            | StreamKind::Batch
            | StreamKind::Pending
            | StreamKind::Recipient
            | StreamKind::Account => (ActorKind::AccessKey, [0x0a; 16]),
        };
        Header {
            format: FORMAT_VERSION,
            position,
            stream_kind: kind as u16,
            stream,
            revision: self.chain.stream(&(kind as u16, stream)).next,
            recorded_at: Timestamp(START_US + first as i64 * 1_500_001),
            event_type: draft.event.number(),
            version: draft.event.version(),
            actor_kind: actor_kind as u16,
            actor,
            command: CommandId((0xc0_0000 + u128::from(first)).to_be_bytes()),
            unit_index: unit.0,
            unit_length: unit.1,
            request: RequestTag((0x7a_0000 + u128::from(first)).to_be_bytes()),
            caused_by: draft.caused_by,
        }
    }

    /// The next frame, not yet in the log.
    pub fn build(&mut self, draft: &Draft, unit: (u32, u32)) -> Frame {
        let header = self.header(draft, unit);
        self.build_with(header, draft)
    }

    /// A frame under this header, not yet in the log.
    pub fn build_with(&mut self, header: Header, draft: &Draft) -> Frame {
        let mut parts = Vec::new();
        for (root, content) in &draft.parts {
            let key_id = KeyId {
                root: *root,
                index: header.revision.0,
            };
            parts.push(PartDraft {
                content,
                key_id,
                key: leaf_key(key_id),
                salt: self.salt(),
            });
        }
        let salt = self.salt();
        let links = self.chain.links(&(header.stream_kind, header.stream));
        build(LOG, header, &draft.event, salt, &parts, &links).expect("a right draft")
    }

    /// Appends one unit.
    pub fn append(&mut self, unit: Vec<Draft>) {
        let length = unit.len() as u32;
        for (index, draft) in (0..).zip(&unit) {
            let frame = self.build(draft, (index, length));
            self.chain
                .push(&frame, stored_bytes(&frame))
                .expect("continues the chain");
            self.frames.push(frame);
        }
    }

    /// Encoded frames of a range of positions.
    pub fn encoded(&self, range: std::ops::Range<usize>) -> Vec<Vec<u8>> {
        self.frames[range]
            .iter()
            .map(|frame| frame.encode().expect("within limits"))
            .collect()
    }
}

/// A day begins: the smallest entry there is.
pub fn day() -> Draft {
    Draft::new(
        StreamKind::System,
        0,
        super::bodies::event(2, super::sample::Form::Organisation),
    )
}
