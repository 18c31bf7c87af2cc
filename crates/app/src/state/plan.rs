//! What a check has to know before it begins: which states the log commits to, and which rows its erasures list. A state is
//! recomputed when the walk comes past it, long before the erasures that took away what it rested on.

use probity_domain::Entry;
use probity_format::Hash;
use probity_format::events::{ErasureRecorded, Event, StateCommitted};
use probity_log::walk::decode;
use probity_store::{LogReader, PageLimit, StoreError};
use probity_types::{Position, SubjectId};
use std::collections::BTreeMap;

/// Where a frame's header has the type of its event (format §3.1).
const EVENT_TYPE: std::ops::Range<usize> = 43..45;
const STATE_COMMITTED: u16 = 4;
const ERASURE_RECORDED: u16 = 103;

/// One erasure of one subject, which may fill several events of one unit.
#[derive(Debug, Clone)]
pub(super) struct Erasure {
    /// Its first event.
    position: Position,
    is_whole: bool,
    rows: Vec<(Position, Hash)>,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Commitments with their positions, oldest first.
    states: Vec<(Position, StateCommitted)>,
    erasures: BTreeMap<SubjectId, Vec<Erasure>>,
}

/// What the log says of a subject's full row at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    /// Nothing was erased since, and not the whole person before: it is computed.
    Computed,
    /// The whole person had been erased.
    Erased,
    /// An erasure since lists this row.
    Row(Hash),
    /// An erasure since should list a row and does not.
    Missing,
}

impl Plan {
    /// Reads the whole log for commitments and erasures, and nothing else of it. What does not read is left to the walk that
    /// follows, which names it.
    ///
    /// # Errors
    /// The store's own.
    pub fn of_log(reader: &dyn LogReader) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        let mut next = Position(0);
        loop {
            let page = reader.page(next, PageLimit::MOST)?;
            if page.is_empty() {
                return Ok(plan);
            }
            for bytes in page {
                let number = bytes.get(EVENT_TYPE).and_then(|two| two.try_into().ok());
                let number = number.map(u16::from_le_bytes);
                let is_wanted = matches!(number, Some(STATE_COMMITTED | ERASURE_RECORDED));
                let frame = is_wanted.then(|| decode(next, &bytes).ok()).flatten();
                if let Some(frame) = frame
                    && let Ok(event) = frame.event()
                {
                    plan.note(&event, next, frame.header.unit_index);
                }
                next = next.next();
            }
        }
    }

    /// Takes note of an entry.
    pub fn note_entry(&mut self, entry: &Entry) {
        self.note(&entry.event, entry.header.position, entry.header.unit_index);
    }

    fn note(&mut self, event: &Event, at: Position, unit_index: u32) {
        match event {
            Event::StateCommitted(event) => self.states.push((at, event.clone())),
            Event::ErasureRecorded(event) => self.erase(event, at, unit_index),
            _ => {}
        }
    }

    fn erase(&mut self, event: &ErasureRecorded, at: Position, unit_index: u32) {
        let unit = Position(at.0.saturating_sub(u64::from(unit_index)));
        let held = self.erasures.entry(SubjectId(event.root.0)).or_default();
        let rows = event.rows.iter().map(|row| (row.commitment, row.row));
        match held.last_mut().filter(|last| last.position >= unit) {
            Some(last) => last.rows.extend(rows),
            None => held.push(Erasure {
                position: at,
                is_whole: event.index.is_none(),
                rows: rows.collect(),
            }),
        }
    }

    /// Commitments, oldest first.
    pub fn states(&self) -> &[(Position, StateCommitted)] {
        &self.states
    }

    /// The commitment to the state at a position.
    pub fn state_at(&self, as_of: Position) -> Option<&(Position, StateCommitted)> {
        self.states.iter().find(|(_, state)| state.as_of == as_of)
    }

    /// Whether something of a subject was ever erased.
    pub(super) fn is_erased(&self, subject: &SubjectId) -> bool {
        self.erasures.contains_key(subject)
    }

    /// What is listed of a subject at a state: after `as_of`, committed to at `commitment`, if it was.
    pub(super) fn listed(
        &self,
        subject: &SubjectId,
        as_of: Position,
        commitment: Option<Position>,
    ) -> Listed {
        let Some(erasures) = self.erasures.get(subject) else {
            return Listed::Computed;
        };
        let past = erasures
            .iter()
            .take_while(|erasure| erasure.position <= as_of);
        if past.into_iter().any(|erasure| erasure.is_whole) {
            return Listed::Erased;
        }
        let Some(next) = erasures.iter().find(|erasure| erasure.position > as_of) else {
            return Listed::Computed;
        };
        let mut known = next.rows.iter().filter(|(at, _)| Some(*at) <= commitment);
        match known.next_back() {
            Some((_, row)) => Listed::Row(*row),
            None => Listed::Missing,
        }
    }
}
