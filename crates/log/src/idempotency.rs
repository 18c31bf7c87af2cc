//! Which commands were carried out, so that a retry finds its first receipt: after a restart too.
//!
//! Memory holds eight bytes a command: half of a hash of its id, and where its unit begins. Whether it is that command, and
//! what its receipt says, is read from the log when somebody asks.

use crate::receipt::{Outcome, Receipt};
use probity_format::events::Event;
use probity_format::{Hash, Header};
use probity_types::pack::{read_one, read_rows, write_one, write_rows};
use probity_types::table::{Index, fold_key};
use probity_types::{CommandId, Position, RequestTag, Timestamp};
use std::collections::VecDeque;
use std::io::{self, Read, Write};

/// How long a key is remembered, counted back from the head: 30 days. Later retries meet the domain's duplicate rules.
pub const WINDOW_US: i64 = 30 * 86_400_000_000;
/// Commands are forgotten together by the ten days in which they came.
const PERIOD_US: i64 = 10 * 86_400_000_000;

/// What is known of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Never.
    No,
    /// The same request: its receipt.
    Same(Receipt),
    /// Another request under the same key.
    Other,
}

/// Commands of ten days.
#[derive(Debug, Clone)]
struct Period {
    /// Count of ten days since 1970.
    number: i64,
    /// Position that the slots count from.
    base: u64,
    slots: Index<u64>,
}

/// Half of the hash of a command's id.
fn mark(command: &CommandId) -> u32 {
    fold_key(&command.0) as u32
}

/// Spreads a mark over the bits that the index looks at: lowest, highest, and those that choose a shard.
fn hash_of_mark(mark: u32) -> u64 {
    let mark = u64::from(mark);
    (mark & 0x00ff_ffff) | (mark >> 24) << 40 | (mark >> 17) << 57
}

/// A slot is the mark and, in the lower half, the distance from the base.
fn hash_of_slot(slot: u64) -> u64 {
    hash_of_mark((slot >> 32) as u32)
}

/// Rebuilt from headers, or read from a snapshot. A copy is cheap.
#[derive(Debug, Clone, Default)]
pub struct Idempotency {
    /// Oldest first.
    periods: VecDeque<Period>,
    latest: Timestamp,
}

impl Idempotency {
    /// Looks a command up; `read` gives the header and the hash of an entry.
    ///
    /// # Errors
    /// Those of `read`: nothing is known then.
    pub fn look_up<E>(
        &self,
        command: &CommandId,
        request: &RequestTag,
        mut read: impl FnMut(Position) -> Result<Option<(Header, Hash)>, E>,
    ) -> Result<Seen, E> {
        let mark = mark(command);
        for period in self.periods.iter().rev() {
            let mut found = None;
            let mut failed = None;
            period.slots.find(hash_of_mark(mark), |slot| {
                if (slot >> 32) as u32 != mark {
                    return false;
                }
                match read(Position(period.base + (slot & 0xffff_ffff))) {
                    Ok(entry) => {
                        found = entry.filter(|(header, _)| header.command == *command);
                    }
                    Err(error) => failed = Some(error),
                }
                found.is_some() || failed.is_some()
            });
            if let Some(error) = failed {
                return Err(error);
            }
            let Some((first, hash)) = found else {
                continue;
            };
            if self.latest.0 - first.recorded_at.0 > WINDOW_US {
                return Ok(Seen::No);
            }
            if first.request != *request {
                return Ok(Seen::Other);
            }
            return receipt(&first, hash, read).map(Seen::Same);
        }
        Ok(Seen::No)
    }

    /// Remembers an entry's command.
    pub fn remember(&mut self, header: &Header) {
        self.latest = header.recorded_at;
        if header.unit_index != 0 {
            return;
        }
        let number = header.recorded_at.0.div_euclid(PERIOD_US);
        let position = header.position.0;
        let last = self.periods.back();
        let fits = |period: &Period| {
            period.number == number
                && position
                    .checked_sub(period.base)
                    .is_some_and(|far| u32::try_from(far).is_ok())
        };
        if !last.is_some_and(fits) {
            self.periods.push_back(Period {
                number,
                base: position,
                slots: Index::default(),
            });
            self.forget();
        }
        let mark = mark(&header.command);
        if let Some(period) = self.periods.back_mut() {
            let slot = u64::from(mark) << 32 | (position - period.base);
            period.slots.insert(hash_of_mark(mark), slot, hash_of_slot);
        }
    }

    /// Drops what lies before the window whole.
    fn forget(&mut self) {
        let latest = self.latest.0;
        let is_over = |period: &Period| latest - ((period.number + 1) * PERIOD_US - 1) > WINDOW_US;
        while self.periods.front().is_some_and(is_over) {
            self.periods.pop_front();
        }
    }

    /// Writes the state; the same commands give the same bytes.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_one(out, &(self.latest.0, self.periods.len() as u64))?;
        for period in &self.periods {
            write_one(out, &(period.number, period.base))?;
            let slots = period.slots.sorted();
            write_rows(out, slots.len(), slots)?;
        }
        Ok(())
    }

    /// Reads what [`Idempotency::write`] wrote.
    ///
    /// # Errors
    /// The reader's own, `InvalidData` for bytes that are no state.
    pub fn read(from: &mut dyn Read) -> io::Result<Self> {
        let (latest, periods): (_, u64) = read_one(from)?;
        let mut read = Self {
            periods: VecDeque::new(),
            latest: Timestamp(latest),
        };
        for _ in 0..periods {
            let (number, base) = read_one(from)?;
            let mut all: Vec<u64> = Vec::new();
            read_rows(from, |_| (), |slot| all.push(slot))?;
            let count = all.len();
            let hashes = all.into_iter().map(|slot| (hash_of_slot(slot), slot));
            let slots = Index::over(count, hashes, |one, other| one == other);
            read.periods.push_back(Period {
                number,
                base,
                slots,
            });
        }
        Ok(read)
    }
}

/// The receipt of the unit that begins with an entry.
fn receipt<E>(
    first: &Header,
    hash: Hash,
    mut read: impl FnMut(Position) -> Result<Option<(Header, Hash)>, E>,
) -> Result<Receipt, E> {
    let last = Position(first.position.0 + u64::from(first.unit_length) - 1);
    // A unit is committed whole, so its last entry is there.
    let (end, entry_hash) = match last == first.position {
        true => (*first, hash),
        false => read(last)?.unwrap_or((*first, hash)),
    };
    Ok(Receipt {
        first: first.position,
        last,
        entry_hash,
        recorded_at: end.recorded_at,
        outcome: outcome_of(end.event_type),
        replayed: true,
    })
}

fn outcome_of(event_type: u16) -> Outcome {
    let mut types = Event::TYPES.iter();
    let name = types.find(|(number, ..)| *number == event_type);
    match name {
        Some((.., "RecordParked" | "ReportQuarantined")) => Outcome::Parked,
        _ => Outcome::Appended,
    }
}
