//! Heating arrears of 2014: tiers by the age of the debt. Replay only, never for new decisions.
//!
//! Source: 《克拉玛依市自然人与社会法人失信惩戒办法（试行）》 as reported 2014-12-26. The text leaves exactly 6 and 12
//! months open; (0,6], (6,12], (12,∞) is a choice of this product (domain reference §14), and every
//! explanation says so. Age runs in civil months from the due date, clamped to the month's end;
//! payment ends the tier at once.

use crate::fault::Sentence;
use crate::head::{Interval, RuleHead, keyed};
use probity_types::{CivilDate, Severity};
use serde::Serialize;

keyed! {
    /// Tier of a heating debt.
    HeatingTier("heating tier") {
        /// Not overdue, or paid.
        None = "none",
        /// 一般失信: a reminder.
        Ordinary = "ordinary",
        /// 较严重失信: bar on public-post exams, cuts of welfare and policy.
        MoreSerious = "more_serious",
        /// 严重失信: honours revoked, limits on loans and transfers.
        Serious = "serious",
    }
}

impl HeatingTier {
    /// The tier on the scale of severities that all records share.
    pub fn severity(self) -> Severity {
        match self {
            Self::None => Severity::None,
            Self::Ordinary => Severity::Minor,
            Self::MoreSerious => Severity::General,
            Self::Serious => Severity::Serious,
        }
    }
}

/// The tier rule of a policy pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeatingRule {
    /// Id, version, basis, interval (2014-12-26 to 2020-12-06).
    pub head: RuleHead,
    /// Last month of the ordinary tier, counted from the due date.
    pub ordinary_to_months: i32,
    /// Last month of the more serious tier.
    pub more_serious_to_months: i32,
    /// What an explanation says about the open boundaries.
    pub note: Sentence,
}

/// Why no tier is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeatingRefusal {
    /// The question is about a day outside the rule's interval.
    #[error(
        "the heating tiers hold {interval} for replay only; on {as_of} a debt is a \
         neutral record until an instrument exists"
    )]
    NotInForce {
        /// When the rule held.
        interval: Interval,
        /// The day asked for.
        as_of: CivilDate,
    },
}

impl HeatingRule {
    /// The tier by age alone, on any day: (0,6] ordinary, (6,12] more serious, (12,∞) serious.
    pub fn age_tier(&self, due_date: CivilDate, as_of: CivilDate) -> HeatingTier {
        if as_of <= due_date {
            HeatingTier::None
        } else if as_of <= due_date.plus_months(self.ordinary_to_months) {
            HeatingTier::Ordinary
        } else if as_of <= due_date.plus_months(self.more_serious_to_months) {
            HeatingTier::MoreSerious
        } else {
            HeatingTier::Serious
        }
    }

    /// The tier that the register showed on `as_of`; none from the day of full payment.
    ///
    /// # Errors
    /// [`HeatingRefusal::NotInForce`] outside the rule's interval.
    pub fn tier_on(
        &self,
        due_date: CivilDate,
        paid_on: Option<CivilDate>,
        as_of: CivilDate,
    ) -> Result<HeatingTier, HeatingRefusal> {
        if !self.head.interval.contains(as_of) {
            return Err(HeatingRefusal::NotInForce {
                interval: self.head.interval,
                as_of,
            });
        }
        match paid_on {
            Some(paid_on) if paid_on <= as_of => Ok(HeatingTier::None),
            Some(_) | None => Ok(self.age_tier(due_date, as_of)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::shipped_policy;

    fn date(text: &str) -> CivilDate {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn the_golden_tiers_hold() {
        let policy = shipped_policy();
        let rule = policy
            .heating
            .as_ref()
            .expect("the first pack carries the tiers");
        let golden = include_str!("../tests/fixtures/heating-tier-examples.csv");
        let mut lines = golden.lines();
        assert_eq!(lines.next(), Some("due_date,as_of,tier"));
        let mut checked = 0;
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let tier = rule.age_tier(date(cells[0]), date(cells[1]));
            assert_eq!(tier.key(), cells[2], "{line}");
            checked += 1;
        }
        assert_eq!(checked, 12);
    }

    #[test]
    fn payment_ends_the_tier_at_once() {
        let policy = shipped_policy();
        let rule = policy
            .heating
            .as_ref()
            .expect("the first pack carries the tiers");
        let tier = |paid: Option<&str>| {
            rule.tier_on(date("2014-04-30"), paid.map(date), date("2016-01-10"))
        };
        assert_eq!(tier(None), Ok(HeatingTier::Serious));
        assert_eq!(tier(Some("2016-01-10")), Ok(HeatingTier::None));
        assert_eq!(tier(Some("2016-01-11")), Ok(HeatingTier::Serious));
    }

    #[test]
    fn the_tiers_are_for_replay_only() {
        let policy = shipped_policy();
        let rule = policy
            .heating
            .as_ref()
            .expect("the first pack carries the tiers");
        let on = |day| rule.tier_on(date("2014-01-31"), None, date(day));
        assert!(on("2014-12-25").is_err() && on("2020-12-07").is_err());
        assert!(on("2014-12-26").is_ok() && on("2020-12-06").is_ok());
        assert!(
            on("2026-01-01")
                .expect_err("closed")
                .to_string()
                .contains("until an instrument exists")
        );
    }
}
