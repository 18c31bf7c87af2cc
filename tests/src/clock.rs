//! The machine's clock, for tests that open a ledger in their own process.

use probity_log::Clock;
use probity_types::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Wall and monotonic time of this machine.
#[derive(Debug)]
pub struct WallClock(Instant);

impl WallClock {
    /// A clock whose monotonic time begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = since.expect("after 1970").as_micros();
        Timestamp(i64::try_from(micros).expect("before the year 200000"))
    }

    fn monotonic_us(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_micros()).expect("a short run")
    }
}
