//! How often who may ask. Strangers are counted by address, holders of keys by key.
//!
//! Writes are not counted here: the queue of the writer is bounded and answers `busy`.

use crate::terms::TermLimiter;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use probity_api::RateClass;
use probity_types::AccessKeyId;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Without a key, by address.
    Stranger(IpAddr),
    /// With a key.
    Holder(AccessKeyId),
}

/// Reads a second that a stranger may sustain, and at once.
const READS: (u32, u32) = (100, 400);
/// Searches a second that one asker may sustain, and at once.
const SEARCHES: (u32, u32) = (10, 60);
/// Look-ups a minute of practitioners, and at once: name and number must not be found by trying.
const LOOKUPS_A_MINUTE: (u32, u32) = (20, 20);
/// Streams that may be open.
const STREAMS_MAX: usize = 64;
/// Imports that may run.
const IMPORTS_MAX: usize = 2;
/// Segment files that may be under way: each is held in memory whole.
const SEGMENTS_MAX: usize = 4;
/// Askers that are remembered before those who asked nothing lately are dropped.
const ASKERS_MAX: usize = 50_000;

type Counter = DefaultKeyedRateLimiter<Asker>;

/// See the module.
#[derive(Debug)]
pub struct Limits {
    reads: Counter,
    searches: Counter,
    lookups: Counter,
    /// Look-ups by name and by number, whoever asks.
    pub terms: TermLimiter,
    streams: Arc<Semaphore>,
    imports: Arc<Semaphore>,
    segments: Arc<Semaphore>,
}

fn number(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

fn per_second((rate, burst): (u32, u32)) -> Counter {
    RateLimiter::keyed(Quota::per_second(number(rate)).allow_burst(number(burst)))
}

impl Limits {
    /// Nobody has asked yet.
    pub fn new() -> Self {
        let (rate, burst) = LOOKUPS_A_MINUTE;
        Self {
            reads: per_second(READS),
            searches: per_second(SEARCHES),
            lookups: RateLimiter::keyed(Quota::per_minute(number(rate)).allow_burst(number(burst))),
            terms: TermLimiter::default(),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            imports: Arc::new(Semaphore::new(IMPORTS_MAX)),
            segments: Arc::new(Semaphore::new(SEGMENTS_MAX)),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// Seconds to wait, where it is one too many.
    pub fn count(&self, class: RateClass, asker: Asker) -> Result<(), u32> {
        let counter = match (class, asker) {
            (RateClass::Read, Asker::Stranger(_)) => &self.reads,
            (RateClass::Search, _) => &self.searches,
            (RateClass::Lookup, _) => &self.lookups,
            _ => return Ok(()),
        };
        if counter.len() > ASKERS_MAX {
            counter.retain_recent();
        }
        counter.check_key(&asker).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            u32::try_from(wait.as_secs())
                .unwrap_or(u32::MAX)
                .saturating_add(1)
        })
    }

    /// Room for one stream, while it is held.
    pub fn open_stream(&self) -> Option<OwnedSemaphorePermit> {
        self.streams.clone().try_acquire_owned().ok()
    }

    /// Room for one segment file, while it is held.
    pub fn open_segment(&self) -> Option<OwnedSemaphorePermit> {
        self.segments.clone().try_acquire_owned().ok()
    }

    /// Room for one import, while it is held.
    pub fn open_import(&self) -> Option<OwnedSemaphorePermit> {
        self.imports.clone().try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_ups_are_counted_by_asker_and_end() {
        let limits = Limits::new();
        let asker = |last| Asker::Stranger(IpAddr::from([127, 0, 0, last]));
        let allowed = (0..100)
            .take_while(|_| limits.count(RateClass::Lookup, asker(1)).is_ok())
            .count();
        assert_eq!(allowed, LOOKUPS_A_MINUTE.1 as usize);
        assert!(limits.count(RateClass::Lookup, asker(1)).unwrap_err() >= 1);
        assert!(limits.count(RateClass::Lookup, asker(2)).is_ok());
        assert!(limits.count(RateClass::Write, asker(1)).is_ok());
    }
}
