//! Days on which the answer for a record changes by itself: nothing happens, but a rule begins or ends, or a term runs out.
//! Whoever keeps answers ready for every day asks here where one answer stops and the next begins.

use crate::catalogue::SeverityRule;
use crate::head::Interval;
use crate::pack::{Packs, PolicySet};
use crate::severity::RecordFacts;
use crate::values::Values;
use probity_types::{CivilDate, Position};
use std::collections::BTreeSet;

fn bounds(interval: &Interval) -> [CivilDate; 2] {
    [interval.first, interval.last.plus_days(1)]
}

impl PolicySet {
    /// Days on which a rule adopted by `known_at` begins or ends.
    pub fn turning_days(&self, known_at: Position) -> BTreeSet<CivilDate> {
        let mut days = BTreeSet::new();
        for (position, _, head) in self.adopted() {
            if position <= known_at {
                days.extend(bounds(&head.rule.interval));
            }
        }
        for periods in self.periods_known_at(known_at) {
            for period in periods.periods().chain([&periods.ceiling]) {
                days.extend(bounds(&period.interval));
            }
        }
        for policy in self.policies_known_at(known_at) {
            days.extend(bounds(&policy.severity.head.interval));
            let heating = policy.heating.as_ref().map(|rule| &rule.head);
            let fund_loan = policy.severity.fund_loan.as_ref().map(|rule| &rule.head);
            for head in heating.into_iter().chain(fund_loan) {
                days.extend(bounds(&head.interval));
            }
        }
        // Before the first and after the last day there is no question.
        days.remove(&CivilDate::MIN);
        days.remove(&CivilDate::MAX);
        days
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
        assert!(days.contains(&day("2014-12-26")), "{days:?}");
        assert!(days.contains(&day("2020-12-07")), "{days:?}");
        assert!(!days.contains(&CivilDate::MIN) && !days.contains(&CivilDate::MAX));
    }
}
