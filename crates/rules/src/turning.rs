//! Days on which the answer for a record changes by itself: nothing happens, but a rule begins or ends, or a term runs out.
//! Whoever keeps answers ready for every day asks here where one answer stops and the next begins.

use crate::catalogue::SeverityRule;
use crate::head::Interval;
use crate::pack::{Packs, PolicySet};
use crate::policy::Topic;
use crate::severity::RecordFacts;
use crate::values::Values;
use probity_types::{CivilDate, Position};
use std::collections::BTreeSet;

fn bounds(interval: &Interval) -> [CivilDate; 2] {
    [interval.first, interval.last.plus_days(1)]
}

/// Days on which answers change because a rule begins or ends, each list ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurningDays {
    /// Days on which another pack or another rule of severity applies: every answer can change.
    pub rules: Vec<CivilDate>,
    /// Days on which a publication period begins or ends: only when a record is published can change.
    pub periods: Vec<CivilDate>,
}

impl TurningDays {
    /// Whether one of the days lies after the first and not after the last of two days.
    pub fn any_between(&self, before: CivilDate, day: CivilDate) -> bool {
        let is_between = |days: &[CivilDate]| {
            let next = days.partition_point(|held| *held <= before);
            days.get(next).is_some_and(|held| *held <= day)
        };
        is_between(&self.rules) || is_between(&self.periods)
    }
}

/// Before the first and after the last day there is no question.
fn within(days: BTreeSet<CivilDate>) -> Vec<CivilDate> {
    let ends = [CivilDate::MIN, CivilDate::MAX];
    days.into_iter().filter(|day| !ends.contains(day)).collect()
}

impl PolicySet {
    /// Days on which a rule adopted by `known_at` begins or ends.
    pub fn turning_days(&self, known_at: Position) -> TurningDays {
        let (mut rules, mut in_periods) = (BTreeSet::new(), BTreeSet::new());
        for (position, _, head) in self.adopted() {
            if position <= known_at {
                rules.extend(bounds(&head.rule.interval));
            }
        }
        for periods in self.periods_known_at(known_at) {
            for period in periods.periods().chain([&periods.ceiling]) {
                in_periods.extend(bounds(&period.interval));
            }
        }
        for policy in self.policies_known_at(known_at) {
            let topics = Topic::ALL.iter().filter_map(|topic| policy.topic(*topic));
            let fund_loan = policy.severity.fund_loan.as_ref().map(|rule| &rule.head);
            for head in topics.chain(fund_loan) {
                rules.extend(bounds(&head.interval));
            }
        }
        TurningDays {
            rules: within(rules),
            periods: within(in_periods),
        }
    }
}

impl Packs<'_> {
    /// First days after a term of these rules ran out for a record, beyond the days among its own values.
    pub fn turning_days(&self, facts: &RecordFacts<'_>) -> Vec<CivilDate> {
        let date = |name: &str| Values(facts.fields).date(name);
        match facts.entry.severity_rule {
            SeverityRule::JudgmentUnperformed => {
                let from = date("effective_on").unwrap_or(facts.decided_on);
                vec![from.plus_days(self.severity.judgment_term_days + 1)]
            }
            SeverityRule::Heating2014 => match (self.heating, date("due_date")) {
                (Some(rule), Some(due)) => [rule.ordinary_to_months, rule.more_serious_to_months]
                    .map(|months| due.plus_months(months).plus_days(1))
                    .to_vec(),
                _ => Vec::new(),
            },
            SeverityRule::None
            | SeverityRule::NeutralOnly
            | SeverityRule::PositiveLevel
            | SeverityRule::ByPenaltyKind
            | SeverityRule::ByPenaltyKindMinOneYear
            | SeverityRule::EnforcementNonperformance
            | SeverityRule::NonperformanceAfterDeadline
            | SeverityRule::Criminal
            | SeverityRule::SeriousList
            | SeverityRule::ArrearsInstrument
            | SeverityRule::FundLoan2016 => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heating_tiers_that_are_long_closed_still_have_their_bounds() {
        let set = PolicySet::builtin().expect("shipped packs load");
        let days = set.turning_days(Position(0));
        let day = |text: &str| text.parse::<CivilDate>().expect("a day");
        assert!(days.rules.contains(&day("2014-12-26")), "{days:?}");
        assert!(days.rules.contains(&day("2020-12-07")), "{days:?}");
        for list in [&days.rules, &days.periods] {
            assert!(!list.contains(&CivilDate::MIN) && !list.contains(&CivilDate::MAX));
            assert!(list.is_sorted_by(|one, next| one < next));
        }
    }

    #[test]
    fn a_turning_day_counts_once_it_began() {
        let day = |n| CivilDate::from_days(n).expect("in range");
        let days = TurningDays {
            rules: vec![day(10)],
            periods: vec![day(3), day(20)],
        };
        let asked = [
            (0, 2),
            (0, 3),
            (3, 9),
            (9, 10),
            (10, 19),
            (10, 40),
            (20, 40),
        ];
        let found = asked.map(|(before, today)| days.any_between(day(before), day(today)));
        assert_eq!(found, [false, true, false, true, false, true, false]);
    }
}
