//! Which commands were carried out, so that a retry finds its first receipt: after a restart too.

use crate::receipt::{Outcome, Receipt};
use probity_domain::Entry;
use probity_format::events::Event;
use probity_types::{CommandId, Position, RequestTag, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// How long a key is remembered, counted back from the head: 30 days. Later retries meet the domain's duplicate rules.
pub const WINDOW_US: i64 = 30 * 86_400_000_000;

#[derive(Debug, Clone, Copy)]
struct Done {
    request: RequestTag,
    receipt: Receipt,
}

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

/// In memory only, rebuilt from headers.
#[derive(Debug, Default)]
pub struct Idempotency {
    done: BTreeMap<CommandId, Done>,
    order: VecDeque<(Timestamp, CommandId)>,
}

impl Idempotency {
    /// Looks a command up.
    pub fn look_up(&self, command: &CommandId, request: &RequestTag) -> Seen {
        match self.done.get(command) {
            None => Seen::No,
            Some(done) if done.request == *request => Seen::Same(Receipt {
                replayed: true,
                ..done.receipt
            }),
            Some(_) => Seen::Other,
        }
    }

    /// Puts the entry hash in, once it is known: the decision comes before the chain.
    pub fn remember_hash(&mut self, entry: &Entry) {
        if let Some(done) = self.done.get_mut(&entry.header.command)
            && done.receipt.last == entry.header.position
        {
            done.receipt.entry_hash = entry.hash;
        }
    }

    /// Remembers one entry; entries of one unit share a command and widen its receipt.
    pub fn remember(&mut self, entry: &Entry) {
        let header = &entry.header;
        let outcome = if matches!(entry.event, Event::RecordParked(_)) {
            Outcome::Parked
        } else {
            Outcome::Appended
        };
        let first = Position(header.position.0 - u64::from(header.unit_index));
        let receipt = Receipt {
            first,
            last: header.position,
            entry_hash: entry.hash,
            recorded_at: header.recorded_at,
            outcome,
            replayed: false,
        };
        if header.unit_index == 0 {
            self.order.push_back((header.recorded_at, header.command));
        }
        self.done.insert(
            header.command,
            Done {
                request: header.request,
                receipt,
            },
        );
        while let Some((at, command)) = self.order.front().copied() {
            if header.recorded_at.0 - at.0 <= WINDOW_US {
                break;
            }
            self.order.pop_front();
            self.done.remove(&command);
        }
    }
}
