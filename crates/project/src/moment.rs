//! The two clocks of every read.

use probity_types::{CivilDate, Position};

/// What was in force on a day, as the register knew it at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Civil day in Asia/Shanghai.
    pub valid_on: CivilDate,
    /// Last entry that is known; `None` before position 0, when the register had not begun.
    pub known_at: Option<Position>,
}

impl Moment {
    /// All that is known, however late it came and whenever it takes effect.
    pub(crate) const EVERYTHING: Self = Self {
        valid_on: CivilDate::MAX,
        known_at: Some(Position(u64::MAX - 1)),
    };

    /// Whether an entry at this position is known.
    pub fn knows(&self, position: Position) -> bool {
        self.known_at.is_some_and(|known| position <= known)
    }
}
