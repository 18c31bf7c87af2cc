//! Entries as a reader may see them, with what one needs to check them.

use crate::ledger::Ledger;
use crate::sight::Sight;
use probity_domain::{Entry, PartContent};
use probity_format::events::{Event, StreamKind};
use probity_format::frame::{Frame, Links};
use probity_log::WalkError;
use probity_types::{Position, RootId, SubjectId, Timestamp};

impl Ledger {
    /// One entry as stored; none past the head.
    ///
    /// # Errors
    /// [`WalkError`] where the stored entry does not hold.
    pub fn frame(&self, position: Position) -> Result<Option<Frame>, WalkError> {
        let bytes = self.reader.entry(position)?;
        bytes
            .map(|bytes| probity_log::walk::decode(position, &bytes))
            .transpose()
    }

    /// Name of the log, as its first entry says.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn origin(&self) -> Result<String, WalkError> {
        let first = self.entry(Position(0))?;
        Ok(match first.map(|entry| entry.event) {
            Some(Event::LogStarted(event)) => event.origin.to_string(),
            _ => String::new(),
        })
    }

    /// One entry as this reader may see it: for the public nothing sealed is opened; for a recipient the parts of the
    /// subject that was disclosed are, never those of other people whom the entry names.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn entry_seen(&self, position: Position, sight: Sight) -> Result<Option<Entry>, WalkError> {
        let Some(mut entry) = self.entry(position)? else {
            return Ok(None);
        };
        let own = RootId(entry.header.stream.0);
        for part in &mut entry.parts {
            let is_open = sight == Sight::Disclosed && part.key.root == own;
            if !is_open && matches!(part.content, PartContent::Opened(_)) {
                part.content = PartContent::Sealed;
            }
        }
        Ok(Some(entry))
    }

    /// The hashes that an entry links to, looked up where they stand.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn links(&self, frame: &Frame) -> Result<Links, WalkError> {
        let header = &frame.header;
        let hash_at = |position: Option<Position>| -> Result<_, WalkError> {
            let Some(position) = position else {
                return Ok(probity_format::Hash::default());
            };
            Ok(self
                .frame(position)?
                .map(|frame| frame.entry_hash)
                .unwrap_or_default())
        };
        let before = header.position.0.checked_sub(1).map(Position);
        let links = Links {
            previous: hash_at(before)?,
            previous_in_stream: hash_at(self.before_in_stream(frame))?,
        };
        if frame.check_hash(&links).is_ok() {
            return Ok(links);
        }
        // Rows of a batch that is not complete stand in no view yet: the log itself is asked.
        let mut place = before;
        while let Some(position) = place {
            let Some(other) = self.frame(position)? else {
                break;
            };
            let same = (other.header.stream_kind, other.header.stream);
            if same == (header.stream_kind, header.stream) {
                return Ok(Links {
                    previous_in_stream: other.entry_hash,
                    ..links
                });
            }
            place = position.0.checked_sub(1).map(Position);
        }
        Ok(links)
    }

    fn before_in_stream(&self, frame: &Frame) -> Option<Position> {
        let header = &frame.header;
        let views = self.views();
        let positions = if header.stream_kind == StreamKind::Subject as u16 {
            let subject = views.directory().index(&SubjectId(header.stream.0))?;
            views.timeline().of(subject)
        } else {
            views.streams().of(header.stream_kind, header.stream)
        };
        let place = positions.partition_point(|position| *position < header.position);
        positions.get(place.checked_sub(1)?).copied()
    }

    /// The last entry recorded at or before an instant; none where the register had not begun.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn position_at(&self, instant: Timestamp) -> Result<Option<Position>, WalkError> {
        // Recorded times never go back along the log: a binary search finds the place.
        let (mut low, mut high) = (0, self.views().position().map_or(0, |last| last.0 + 1));
        while low < high {
            let middle = low + (high - low) / 2;
            let frame = self.frame(Position(middle))?;
            if frame.is_some_and(|frame| frame.header.recorded_at <= instant) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low.checked_sub(1).map(Position))
    }
}
