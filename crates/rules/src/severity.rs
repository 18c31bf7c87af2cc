//! How severe one record is on a day, and whether it speaks against or for its subject.
//!
//! The severity rule of the record's class decides; reasons say which rule, of which pack. The
//! answer holds for one day: a duty can fall due, a debt can be paid, a list term can end.

use crate::catalogue::{Entry, SeverityRule};
use crate::fault::Sentence;
use crate::heating::{HeatingRule, HeatingTier};
use crate::penalties::PenaltyKinds;
use crate::policy::SeverityPolicy;
use crate::severity_rules;
use crate::values::FieldSource;
use probity_types::{AwardLevel, CivilDate, Polarity, Severity, SubjectKind};
use serde::Serialize;

/// One record and what is known about it on the day of the question.
#[derive(Debug, Clone, Copy)]
pub struct RecordFacts<'a> {
    /// Its class.
    pub entry: &'a Entry,
    /// Kind of subject.
    pub subject_kind: SubjectKind,
    /// Its values, by catalogue field name.
    pub fields: &'a dyn FieldSource,
    /// Day of the decision (recognition of arrears, listing, award).
    pub decided_on: CivilDate,
    /// Day for which the answer is asked.
    pub as_of: CivilDate,
    /// Day of full performance or payment from a later event; the fields' own days count beside it.
    pub performed_on: Option<CivilDate>,
    /// Whether a review or lawsuit about it is open.
    pub remedy: RemedyOpen,
    /// Severity of the decision that an enforcement rests on, where that record is known.
    pub basis_severity: Option<Severity>,
    /// First day off the list, for a record that is a list entry.
    pub delisted_on: Option<CivilDate>,
}

/// Whether a legal remedy is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemedyOpen {
    /// None that the register knows of.
    No,
    /// 行政复议 or litigation is open.
    Yes,
}

/// On what ground a record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// It says nothing about credit today.
    Neutral,
    /// A penalty of the ordinary procedure.
    Penalty,
    /// A penalty of the summary procedure: internal, for the special report only, never counted.
    SummaryPenalty,
    /// Coercion that enforces an unperformed decision.
    Enforcement,
    /// An effective duty left unperformed.
    Unperformed,
    /// A criminal judgment.
    Criminal,
    /// A membership of a serious-dishonesty list.
    SeriousList,
    /// A local tier of the years 2014 to 2020.
    LocalTier(HeatingTier),
    /// An honour.
    Honour(AwardLevel),
}

/// One rule that had a say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReason {
    /// Rule id, as in the catalogue or the policy pack.
    pub rule: String,
    /// Version of the rule or of its pack.
    pub version: String,
    /// What it said, for people.
    pub text: Sentence,
}

/// Severity and polarity of one record on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// How severe; [`Severity::None`] where it is not adverse.
    pub severity: Severity,
    /// Against, for, or neither.
    pub polarity: Polarity,
    /// On what ground.
    pub ground: Ground,
    /// Why, in the order of thought; never empty where it was asked for.
    pub reasons: Vec<RuleReason>,
}

/// An [`Assessment`] without its reasons: what is worked out for every day of every record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How severe; [`Severity::None`] where it is not adverse.
    pub severity: Severity,
    /// Against, for, or neither.
    pub polarity: Polarity,
    /// On what ground.
    pub ground: Ground,
}

/// The rules that severity goes by, selected for the record's dates.
#[derive(Debug, Clone, Copy)]
pub struct SeverityRules<'a> {
    /// Penalty kinds of both eras.
    pub penalties: &'a PenaltyKinds,
    /// Thresholds of the policy pack.
    pub policy: &'a SeverityPolicy,
    /// Heating tiers, where a pack in force on the as-of day carries them.
    pub heating: Option<&'a HeatingRule>,
    /// Whether anybody reads the reasons; otherwise there are none.
    pub explains: bool,
}

impl SeverityRules<'_> {
    /// Severity and polarity of a record.
    pub fn assess(&self, facts: &RecordFacts<'_>) -> Assessment {
        match facts.entry.severity_rule {
            SeverityRule::None | SeverityRule::NeutralOnly => severity_rules::neutral(self, facts),
            SeverityRule::PositiveLevel => severity_rules::honour(self, facts),
            SeverityRule::ByPenaltyKind | SeverityRule::ByPenaltyKindMinOneYear => {
                severity_rules::penalty(self, facts)
            }
            SeverityRule::EnforcementNonperformance => severity_rules::enforcement(self, facts),
            SeverityRule::NonperformanceAfterDeadline => severity_rules::duty(self, facts),
            SeverityRule::JudgmentUnperformed => severity_rules::judgment(self, facts),
            SeverityRule::Criminal => severity_rules::criminal(self, facts),
            SeverityRule::SeriousList => severity_rules::serious_list(self, facts),
            SeverityRule::ArrearsInstrument => severity_rules::arrears(self, facts),
            SeverityRule::Heating2014 => severity_rules::heating(self, facts),
            SeverityRule::FundLoan2016 => severity_rules::fund_loan(self, facts),
        }
    }
}

impl Assessment {
    pub(crate) fn new(
        severity: Severity,
        polarity: Polarity,
        ground: Ground,
        reason: Option<RuleReason>,
    ) -> Self {
        Self {
            severity,
            polarity,
            ground,
            reasons: reason.into_iter().collect(),
        }
    }

    /// The same without its reasons.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            severity: self.severity,
            polarity: self.polarity,
            ground: self.ground,
        }
    }

    pub(crate) fn neutral(reason: Option<RuleReason>) -> Self {
        Self::new(Severity::None, Polarity::Neutral, Ground::Neutral, reason)
    }

    pub(crate) fn adverse(severity: Severity, ground: Ground, reason: Option<RuleReason>) -> Self {
        Self::new(severity, Polarity::Adverse, ground, reason)
    }
}

#[cfg(test)]
mod tests;
