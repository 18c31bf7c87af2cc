//! The city's own source of chance: SplitMix64 (Steele, Lea, Flood 2014), small, fixed, the same on every machine.
//!
//! Each thing that is made up gets dice of its own from the seed, a purpose and a number, so that a change in one place
//! leaves all others as they were, and the n-th of anything can be made without the ones before it.

use probity_types::CivilDate;

/// Step of the SplitMix64 counter: the golden ratio in 64 bits.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What a throw is for; part of the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Purpose {
    Organisation = 1,
    Person = 2,
    Certificate = 3,
    Record = 4,
    Companion = 5,
    Later = 6,
    Listing = 7,
}

/// One stream of throws.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    /// Dice for the `number`-th thing of a purpose.
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let purposed = mix(seed ^ GOLDEN.wrapping_mul(purpose as u64));
        Self(mix(purposed ^ mix(number.wrapping_add(GOLDEN))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 to `bound - 1`; 0 for a bound of 0. The bias is below bound/2⁶⁴.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        // The upper half of a product of two 64-bit numbers fits 64 bits.
        (wide >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs();
        low.saturating_add_unsigned(self.below(span.saturating_add(1)))
    }

    /// Whether something that happens `times` in `of` cases happens.
    pub(crate) fn chance(&mut self, times: u64, of: u64) -> bool {
        self.below(of) < times
    }

    /// One of the choices.
    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        const { assert!(N > 0, "nothing to choose from") };
        choices[self.below(N as u64) as usize]
    }

    /// One of the choices, none where there is none.
    pub(crate) fn pick_from<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len() as u64) as usize)
    }

    /// Place of one of the weights, each as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut left = self.below(weights.clone().sum());
        for (at, weight) in weights.enumerate() {
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        0
    }

    /// A day `low` to `high` days after `day`.
    pub(crate) fn day_after(&mut self, day: CivilDate, low: i32, high: i32) -> CivilDate {
        let days = self.between(i64::from(low), i64::from(high));
        day.plus_days(i32::try_from(days).unwrap_or(low))
    }

    /// An amount in yuan from 1 to 10 times `low`, sometimes 100 times: most are small, few are large.
    pub(crate) fn yuan(&mut self, low: i64) -> i64 {
        let factor = self.between(10, 100);
        let tail = if self.chance(1, 12) {
            self.between(2, 10)
        } else {
            1
        };
        low.saturating_mul(factor).saturating_mul(tail) / 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_and_another_purpose_does_not() {
        let throw = |seed, purpose, number| {
            let mut dice = Dice::new(seed, purpose, number);
            [dice.below(1 << 40), dice.below(1 << 40)]
        };
        assert_eq!(throw(1, Purpose::Record, 7), throw(1, Purpose::Record, 7));
        for other in [
            throw(2, Purpose::Record, 7),
            throw(1, Purpose::Later, 7),
            throw(1, Purpose::Record, 8),
        ] {
            assert_ne!(throw(1, Purpose::Record, 7), other);
        }
    }

    #[test]
    fn throws_stay_inside_their_bounds_and_reach_both_ends() {
        let mut dice = Dice::new(1, Purpose::Person, 0);
        let throws: Vec<i64> = (0..200).map(|_| dice.between(-2, 2)).collect();
        assert!(throws.iter().all(|t| (-2..=2).contains(t)));
        assert!([-2, -1, 0, 1, 2].iter().all(|t| throws.contains(t)));
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.weighted([0, 5, 0].into_iter()), 1);
    }
}
