//! How often a practitioner may be looked up: so many times within a minute, by the same name, by the same number, and over
//! all, from whatever address the questions come.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// Length of the window.
const WINDOW_US: i64 = 60_000_000;
/// Questions over all within a window: bounds memory and work, not people.
const ALL_MAX: usize = 600;
/// Questions with the same key within a window: somebody trying names for a number, or numbers for a name.
const KEY_MAX: usize = 6;

/// Counts questions. Keys are kept as hashes under a key of this process, never as they are.
#[derive(Debug, Default)]
pub struct TermLimiter {
    hasher: RandomState,
    seen: Mutex<BTreeMap<u64, VecDeque<i64>>>,
}

impl TermLimiter {
    /// Counts one question with these keys at a time of the monotonic clock.
    ///
    /// # Errors
    /// Seconds after which it may be asked again; it is not counted then.
    pub fn admit(&self, keys: &[&str], now_us: i64) -> Result<(), u64> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for times in seen.values_mut() {
            while times
                .front()
                .is_some_and(|time| *time <= now_us - WINDOW_US)
            {
                times.pop_front();
            }
        }
        seen.retain(|_, times| !times.is_empty());
        // Place and key together: the same text as a name and as a number are two keys.
        let hashes = keys.iter().enumerate().map(|key| self.hasher.hash_one(key));
        let all = self.hasher.hash_one("all");
        let limits: Vec<(u64, usize)> = hashes
            .map(|hash| (hash, KEY_MAX))
            .chain([(all, ALL_MAX)])
            .collect();
        for (hash, most) in &limits {
            let Some(times) = seen.get(hash).filter(|times| times.len() >= *most) else {
                continue;
            };
            let oldest = times.front().copied().unwrap_or(now_us);
            let wait_us = (oldest + WINDOW_US - now_us).max(0);
            return Err(u64::try_from(wait_us / 1_000_000 + 1).unwrap_or(1));
        }
        for (hash, _) in limits {
            seen.entry(hash).or_default().push_back(now_us);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_or_number_is_asked_for_a_few_times_a_minute() {
        let limiter = TermLimiter::default();
        for second in 0..6 {
            let number = format!("N{second}");
            assert_eq!(
                limiter.admit(&["张三", &number], second * 1_000_000),
                Ok(())
            );
        }
        assert_eq!(limiter.admit(&["张三", "N9"], 6_000_000), Err(55));
        assert_eq!(
            limiter.admit(&["李四", "N9"], 6_000_000),
            Ok(()),
            "a refusal is not counted"
        );
        assert_eq!(
            limiter.admit(&["N1", "张三"], 6_000_000),
            Ok(()),
            "a name is not a number"
        );
        assert_eq!(
            limiter.admit(&["张三", "N9"], 60_000_000),
            Ok(()),
            "the first of them is a minute old"
        );
    }

    #[test]
    fn a_flood_is_bounded_and_forgotten() {
        let limiter = TermLimiter::default();
        let ask = |n: i64, now| limiter.admit(&[&format!("a{n}"), &format!("b{n}")], now);
        assert!((0..600).all(|n| ask(n, 0) == Ok(())));
        assert_eq!(ask(600, 1), Err(60));
        assert_eq!(ask(601, WINDOW_US), Ok(()));
        assert_eq!(limiter.seen.lock().expect("not poisoned").len(), 3);
    }
}
