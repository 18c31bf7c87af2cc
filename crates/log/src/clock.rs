//! Clock rules (design of the log): time never goes back, and one wrong jump of the machine's clock must not expire every
//! publication of a city.

use probity_types::Timestamp;

/// Backward steps up to this are answered with the last time again: 5 s.
pub const BACK_TOLERATED_US: i64 = 5_000_000;
/// Running ahead of the monotonic clock by more than this is refused: 1 h.
pub const AHEAD_RUNNING_US: i64 = 3_600_000_000;
/// At start, more than this after the last entry is refused: 7 days.
pub const AHEAD_AT_START_US: i64 = 7 * 86_400_000_000;

/// Where time comes from. Implemented by the server and by tests; nothing else reads a clock.
pub trait Clock: Send + Sync {
    /// Wall time, UTC.
    fn now(&self) -> Timestamp;
    /// Microseconds since some fixed moment of this process; never goes back.
    fn monotonic_us(&self) -> i64;
}

/// Why a time is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The clock went back.
    #[error("the clock shows {now}, the last entry was recorded at {last}; set the clock right")]
    Back {
        /// Wall time.
        now: Timestamp,
        /// Time of the last entry.
        last: Timestamp,
    },
    /// The clock jumped ahead.
    #[error(
        "the clock shows {now}, far after the last entry at {last}; set the clock right, or have an officer accept the time"
    )]
    Ahead {
        /// Wall time.
        now: Timestamp,
        /// Time of the last entry.
        last: Timestamp,
    },
}

/// Judges each time before it is written.
#[derive(Debug, Clone, Copy)]
pub struct ClockGuard {
    last: Option<Timestamp>,
    last_monotonic: Option<i64>,
}

impl ClockGuard {
    /// A guard after recovery; `last` is the time of the last entry, none in an empty log.
    pub fn after_start(last: Option<Timestamp>) -> Self {
        Self {
            last,
            last_monotonic: None,
        }
    }

    /// The time to record, without moving on.
    ///
    /// # Errors
    /// [`ClockFault`].
    pub fn admit(&self, now: Timestamp, monotonic_us: i64) -> Result<Timestamp, ClockFault> {
        let Some(last) = self.last else {
            return Ok(now);
        };
        if now < last {
            return if last.0 - now.0 <= BACK_TOLERATED_US {
                Ok(last)
            } else {
                Err(ClockFault::Back { now, last })
            };
        }
        let allowed = match self.last_monotonic {
            Some(then) => (monotonic_us - then).saturating_add(AHEAD_RUNNING_US),
            None => AHEAD_AT_START_US,
        };
        if now.0.saturating_sub(last.0) > allowed {
            Err(ClockFault::Ahead { now, last })
        } else {
            Ok(now)
        }
    }

    /// The machine's clock, with the backward rule alone: what an officer accepts.
    ///
    /// # Errors
    /// [`ClockFault::Back`]: nobody can accept a time before the last entry.
    pub fn admit_ahead(&self, now: Timestamp) -> Result<Timestamp, ClockFault> {
        match self.last {
            Some(last) if now < last => Err(ClockFault::Back { now, last }),
            _ => Ok(now),
        }
    }

    /// Moves on after an entry.
    pub fn recorded(&mut self, at: Timestamp, monotonic_us: i64) {
        self.last = Some(at);
        self.last_monotonic = Some(monotonic_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn a_small_step_back_reuses_the_last_time_and_a_large_one_is_refused() {
        let mut guard = ClockGuard::after_start(None);
        guard.recorded(Timestamp(100 * HOUR), 0);
        assert_eq!(
            guard.admit(Timestamp(100 * HOUR - 5_000_000), 1),
            Ok(Timestamp(100 * HOUR))
        );
        let back = guard.admit(Timestamp(100 * HOUR - 5_000_001), 1);
        assert!(matches!(back, Err(ClockFault::Back { .. })), "{back:?}");
    }

    #[test]
    fn a_jump_ahead_is_refused_while_running_but_idle_time_is_not_a_jump() {
        let mut guard = ClockGuard::after_start(None);
        guard.recorded(Timestamp(0), 0);
        assert!(guard.admit(Timestamp(HOUR), 1).is_ok());
        assert!(matches!(
            guard.admit(Timestamp(HOUR + 2), 1),
            Err(ClockFault::Ahead { .. })
        ));
        assert!(guard.admit(Timestamp(30 * HOUR), 29 * HOUR).is_ok());
        assert_eq!(
            guard.admit_ahead(Timestamp(1000 * HOUR)),
            Ok(Timestamp(1000 * HOUR))
        );
    }

    #[test]
    fn a_start_more_than_seven_days_later_wants_an_officer() {
        let guard = ClockGuard::after_start(Some(Timestamp(0)));
        assert!(guard.admit(Timestamp(7 * 24 * HOUR), 5).is_ok());
        assert!(guard.admit(Timestamp(7 * 24 * HOUR + 1), 5).is_err());
    }
}
