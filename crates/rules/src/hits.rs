//! What counts in a grade: the pure classification of one record or list membership.
//!
//! Disputed, repaired, ended, suspended, voided and annulled records, penalties of the summary
//! procedure and internal classes never count (domain reference §15, engine rules). A view keeps
//! one counter per class and calls [`hit_class`] whenever a record's standing or the day changes.

use crate::severity::{Ground, Verdict};
use probity_types::{AwardLevel, ListColour, Polarity, Publicity, Severity};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One class of hits that the grade table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum HitClass {
    /// Minor adverse record.
    AdverseMinor,
    /// General adverse record.
    AdverseGeneral,
    /// Serious adverse record.
    AdverseSerious,
    /// An effective duty left unperformed.
    Unperformed,
    /// Member of a serious-dishonesty list.
    SeriousList,
    /// Member of a historical city blacklist.
    BlackList,
    /// Member of a red list.
    RedList,
    /// Honour of a level.
    Honour(AwardLevel),
}

impl HitClass {
    /// Every class, in the order in which reasons are listed.
    pub const ALL: [Self; 15] = [
        Self::AdverseMinor,
        Self::AdverseGeneral,
        Self::AdverseSerious,
        Self::Unperformed,
        Self::SeriousList,
        Self::BlackList,
        Self::RedList,
        Self::Honour(AwardLevel::National),
        Self::Honour(AwardLevel::Regional),
        Self::Honour(AwardLevel::City),
        Self::Honour(AwardLevel::District),
        Self::Honour(AwardLevel::Township),
        Self::Honour(AwardLevel::Community),
        Self::Honour(AwardLevel::Unit),
        Self::Honour(AwardLevel::Social),
    ];

    /// The word that stands in grade tables and answers.
    pub fn key(self) -> &'static str {
        match self {
            Self::AdverseMinor => "adverse_minor",
            Self::AdverseGeneral => "adverse_general",
            Self::AdverseSerious => "adverse_serious",
            Self::Unperformed => "unperformed",
            Self::SeriousList => "serious_list",
            Self::BlackList => "black_list",
            Self::RedList => "red_list",
            Self::Honour(AwardLevel::National) => "honour_national",
            Self::Honour(AwardLevel::Regional) => "honour_regional",
            Self::Honour(AwardLevel::City) => "honour_city",
            Self::Honour(AwardLevel::District) => "honour_district",
            Self::Honour(AwardLevel::Township) => "honour_township",
            Self::Honour(AwardLevel::Community) => "honour_community",
            Self::Honour(AwardLevel::Unit) => "honour_unit",
            Self::Honour(AwardLevel::Social) => "honour_social",
        }
    }

    /// Whether hits of this class speak against, or for, the subject.
    pub fn polarity(self) -> Polarity {
        match self {
            Self::AdverseMinor
            | Self::AdverseGeneral
            | Self::AdverseSerious
            | Self::Unperformed
            | Self::SeriousList
            | Self::BlackList => Polarity::Adverse,
            Self::RedList | Self::Honour(_) => Polarity::Positive,
        }
    }
}

impl fmt::Display for HitClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A word that names no class of hits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such class of hits; known: {}", HitClass::ALL.map(HitClass::key).join(" "))]
pub struct UnknownHitClass;

impl FromStr for HitClass {
    type Err = UnknownHitClass;
    fn from_str(text: &str) -> Result<Self, UnknownHitClass> {
        Self::ALL
            .into_iter()
            .find(|class| class.key() == text)
            .ok_or(UnknownHitClass)
    }
}

impl TryFrom<String> for HitClass {
    type Error = UnknownHitClass;
    fn try_from(text: String) -> Result<Self, UnknownHitClass> {
        text.parse()
    }
}

impl From<HitClass> for String {
    fn from(class: HitClass) -> Self {
        class.key().to_owned()
    }
}

/// Where a record or listing stands on the day of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// An objection, review or lawsuit is open about it.
    pub disputed: bool,
    /// A repair is in effect.
    pub repaired: bool,
    /// Its publication or term is over, or it was withdrawn.
    pub ended: bool,
    /// Suspended: a stay, a bankruptcy shield.
    pub suspended: bool,
    /// Entered wrongly.
    pub voided: bool,
    /// The act itself was set aside.
    pub annulled: bool,
    /// It begins only after the day of the question.
    pub not_yet: bool,
}

impl Standing {
    /// Whether something in this standing may count in a grade at all. This is the predicate that
    /// keeps everything else out; the grade table never sees what it excludes.
    pub fn counts(self) -> bool {
        let Self {
            disputed,
            repaired,
            ended,
            suspended,
            voided,
            annulled,
            not_yet,
        } = self;
        !(disputed || repaired || ended || suspended || voided || annulled || not_yet)
    }
}

/// What the classification of one record needs.
#[derive(Debug, Clone, Copy)]
pub struct HitFacts {
    /// Its severity, polarity and ground on the day.
    pub verdict: Verdict,
    /// Publicity of its class; what is internal never counts.
    pub publicity: Publicity,
    /// Where it stands.
    pub standing: Standing,
}

/// The class in which a record counts; `None` where it does not count.
pub fn hit_class(facts: &HitFacts) -> Option<HitClass> {
    if !facts.standing.counts() || facts.publicity == Publicity::Internal {
        return None;
    }
    let by_severity = match facts.verdict.severity {
        Severity::None => None,
        Severity::Minor => Some(HitClass::AdverseMinor),
        Severity::General => Some(HitClass::AdverseGeneral),
        Severity::Serious => Some(HitClass::AdverseSerious),
    };
    match facts.verdict.polarity {
        Polarity::Neutral => None,
        Polarity::Positive => match facts.verdict.ground {
            Ground::Honour(level) => Some(HitClass::Honour(level)),
            Ground::Neutral
            | Ground::Penalty
            | Ground::SummaryPenalty
            | Ground::Enforcement
            | Ground::Unperformed
            | Ground::Criminal
            | Ground::SeriousList
            | Ground::LocalTier(_) => None,
        },
        Polarity::Adverse => match facts.verdict.ground {
            Ground::Neutral | Ground::SummaryPenalty | Ground::Honour(_) => None,
            Ground::Unperformed => Some(HitClass::Unperformed),
            Ground::SeriousList => Some(HitClass::SeriousList),
            Ground::Penalty | Ground::Enforcement | Ground::Criminal | Ground::LocalTier(_) => {
                by_severity
            }
        },
    }
}

/// The class in which a list membership counts. A notice list is a notice and a board is the score
/// of one scheme (domain reference §12): neither counts, and neither does a list outside the table.
pub fn listing_class(colour: Option<ListColour>, standing: Standing) -> Option<HitClass> {
    if !standing.counts() {
        return None;
    }
    match colour? {
        ListColour::Red => Some(HitClass::RedList),
        ListColour::Serious => Some(HitClass::SeriousList),
        ListColour::Black => Some(HitClass::BlackList),
        ListColour::Notice | ListColour::Board => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_types::CodeList as _;

    fn penalty(severity: Severity, ground: Ground) -> Verdict {
        Verdict {
            severity,
            polarity: Polarity::Adverse,
            ground,
        }
    }

    fn class(verdict: Verdict, publicity: Publicity, standing: Standing) -> Option<HitClass> {
        hit_class(&HitFacts {
            verdict,
            publicity,
            standing,
        })
    }

    #[test]
    fn every_class_reads_back_from_its_key() {
        assert_eq!(HitClass::ALL.len(), 7 + AwardLevel::ALL.len());
        for class in HitClass::ALL {
            assert_eq!(class.key().parse(), Ok(class));
        }
        assert!("honour".parse::<HitClass>().is_err());
    }

    #[test]
    fn a_record_counts_only_while_nothing_speaks_against_it() {
        let record = penalty(Severity::General, Ground::Penalty);
        let plain = Standing::default();
        let seen = |standing| class(record, Publicity::Public, standing);
        assert_eq!(seen(plain), Some(HitClass::AdverseGeneral));
        for standing in [
            Standing {
                disputed: true,
                ..plain
            },
            Standing {
                repaired: true,
                ..plain
            },
            Standing {
                ended: true,
                ..plain
            },
            Standing {
                suspended: true,
                ..plain
            },
            Standing {
                voided: true,
                ..plain
            },
            Standing {
                annulled: true,
                ..plain
            },
            Standing {
                not_yet: true,
                ..plain
            },
        ] {
            assert_eq!(seen(standing), None, "{standing:?}");
            assert_eq!(
                listing_class(Some(ListColour::Serious), standing),
                None,
                "{standing:?}"
            );
        }
        assert_eq!(class(record, Publicity::Internal, plain), None);
    }

    #[test]
    fn summary_penalties_and_neutral_records_never_count() {
        let summary = penalty(Severity::Minor, Ground::SummaryPenalty);
        assert_eq!(class(summary, Publicity::Public, Standing::default()), None);
        let neutral = Verdict {
            polarity: Polarity::Neutral,
            ..penalty(Severity::None, Ground::Neutral)
        };
        assert_eq!(class(neutral, Publicity::Public, Standing::default()), None);
    }

    #[test]
    fn notices_and_boards_are_no_credit_lists() {
        let plain = Standing::default();
        assert_eq!(
            listing_class(Some(ListColour::Red), plain),
            Some(HitClass::RedList)
        );
        assert_eq!(listing_class(Some(ListColour::Notice), plain), None);
        assert_eq!(listing_class(Some(ListColour::Board), plain), None);
        assert_eq!(listing_class(None, plain), None);
    }
}
