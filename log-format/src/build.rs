//! From an event to the bytes of its frame, in two steps: everything that does not ask the chain, on any thread and in any
//! order; then the links and the entry hash, one entry after the other.

use crate::events::{Event, Private};
use crate::frame::{
    Frame, FrameError, HEADER_BYTES, Header, Links, OpenPart, SealedPart, entry_hash,
};
use crate::limits::SEALED_PARTS_MAX;
use crate::seal::{self, KeyId};
use crate::wire::{Bytes, Hash, List};
use probity_types::LogId;

/// One sealed part to be written.
#[derive(Debug, Clone, Copy)]
pub struct PartDraft<'a> {
    /// Content.
    pub content: &'a Private,
    /// Key id for the part table.
    pub key_id: KeyId,
    /// The key itself.
    pub key: [u8; 32],
    /// Random salt.
    pub salt: [u8; 16],
}

/// An entry that lacks its entry hash alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlinked {
    body: Hash,
    /// The stored bytes with zeros for the entry hash, which comes last.
    bytes: Vec<u8>,
}

impl Unlinked {
    /// Encodes, checks places, commits and seals: whatever an entry needs but its links.
    ///
    /// # Errors
    /// [`FrameError::Exposed`] for a personal value in the open part, [`FrameError::TooManyParts`], [`FrameError::Codec`].
    pub fn prepare(
        log: LogId,
        header: Header,
        event: &Event,
        salt: [u8; 16],
        parts: &[PartDraft<'_>],
    ) -> Result<Self, FrameError> {
        let frame = sealed(log, header, event, salt, parts)?;
        Ok(Self {
            body: frame.body_commitment(),
            bytes: frame.encode()?,
        })
    }

    /// The entry hash under these links, and the stored bytes with it.
    pub fn link(mut self, links: &Links) -> (Hash, Vec<u8>) {
        let hash = entry_hash(&self.bytes[..HEADER_BYTES as usize], links, &self.body);
        let end = self.bytes.len() - hash.0.len();
        self.bytes[end..].copy_from_slice(&hash.0);
        (hash, self.bytes)
    }
}

/// Builds the frame of one entry: encodes, checks places, commits, seals, hashes.
///
/// # Errors
/// As [`Unlinked::prepare`].
pub fn build(
    log: LogId,
    header: Header,
    event: &Event,
    salt: [u8; 16],
    parts: &[PartDraft<'_>],
    links: &Links,
) -> Result<Frame, FrameError> {
    let mut frame = sealed(log, header, event, salt, parts)?;
    frame.entry_hash = frame.compute_hash(links)?;
    Ok(frame)
}

/// The frame without its entry hash.
fn sealed(
    log: LogId,
    header: Header,
    event: &Event,
    salt: [u8; 16],
    parts: &[PartDraft<'_>],
) -> Result<Frame, FrameError> {
    event.check_open()?;
    let found = parts.len() as u64;
    if found > u64::from(SEALED_PARTS_MAX) {
        return Err(FrameError::TooManyParts { found });
    }
    let body = Bytes(event.encode()?);
    let mut frame = Frame {
        header,
        open: OpenPart { salt, body },
        sealed: List::default(),
        entry_hash: Hash::default(),
    };
    let mut sealed = Vec::with_capacity(parts.len());
    for (number, part) in (1u8..).zip(parts) {
        sealed.push(sealed_part(log, &frame, number, part)?);
    }
    let too_many = |_| FrameError::TooManyParts { found };
    frame.sealed = sealed.try_into().map_err(too_many)?;
    Ok(frame)
}

fn sealed_part(
    log: LogId,
    frame: &Frame,
    number: u8,
    part: &PartDraft<'_>,
) -> Result<SealedPart, FrameError> {
    part.content.check_sealed()?;
    let content = part.content.encode()?;
    let kind = part.content.kind();
    let commitment = seal::part_commitment(kind, part.key_id, &part.salt, &content);
    let place = frame.place(log, number);
    let ciphertext = seal::seal(&part.key, &place, &commitment, &part.salt, &content);
    let KeyId { root, index } = part.key_id;
    Ok(SealedPart {
        kind,
        root,
        index,
        commitment,
        sealed_hash: seal::sealed_hash(&ciphertext),
        ciphertext: Some(Bytes(ciphertext)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{DayStarted, SealedAmount, StreamKind};
    use crate::frame::ActorKind;
    use crate::limits::FORMAT_VERSION;
    use probity_types::{
        CommandId, Fen, Position, RequestTag, Revision, RootId, StreamId, Timestamp,
    };

    #[test]
    fn what_is_linked_later_has_the_bytes_of_what_is_built_at_once() {
        let event = Event::from(DayStarted {
            day: probity_types::CivilDate::new(2026, 6, 30).expect("a date"),
        });
        let header = Header {
            format: FORMAT_VERSION,
            position: Position(3),
            stream_kind: StreamKind::System as u16,
            stream: StreamId([0; 16]),
            revision: Revision(3),
            recorded_at: Timestamp(4),
            event_type: event.number(),
            version: event.version(),
            actor_kind: ActorKind::Clock as u16,
            actor: [0; 16],
            command: CommandId([1; 16]),
            unit_index: 0,
            unit_length: 1,
            request: RequestTag([2; 16]),
            caused_by: Position::NONE,
        };
        let content = Private::Amount(SealedAmount { amount: Fen(7) });
        let part = PartDraft {
            content: &content,
            key_id: KeyId {
                root: RootId([5; 16]),
                index: 3,
            },
            key: [6; 32],
            salt: [7; 16],
        };
        let links = Links {
            previous: Hash([8; 32]),
            previous_in_stream: Hash([9; 32]),
        };
        let log = LogId([4; 16]);
        for parts in [&[][..], &[part]] {
            let whole = build(log, header, &event, [3; 16], parts, &links).expect("right");
            let unlinked = Unlinked::prepare(log, header, &event, [3; 16], parts).expect("right");
            assert_eq!(
                unlinked.link(&links),
                (whole.entry_hash, whole.encode().expect("right"))
            );
        }
    }
}
