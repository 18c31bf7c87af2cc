//! When a conditional field must be given: the catalogue's own words, read into something that can
//! be evaluated. Words that need a person's judgment ("before any sanction") stay words.

use crate::penalties::{Needs, PenaltyKinds};
use crate::values::{FieldMap, Values};
use probity_types::{ArrearsKind, CoercionMeasure, CoercionNature, Polarity, SubjectKind};

use crate::catalogue::Entry;

/// A condition that can be evaluated on one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// A penalty kind carries this need: an amount of a fine, a confiscated amount, a licence.
    PenaltyNeeds(Needs),
    /// The record is adverse by its class and about a natural person.
    AdverseAboutPerson,
    /// The coercion measure has an amount: freezing, transfer, extra fine, late fee.
    MeasureWithAmount,
    /// The coercion measure has an end: sealing, seizure, freezing.
    MeasureWithEnd,
    /// The coercion enforces an unperformed decision.
    Enforcement,
    /// A duty is given.
    DutyImposed,
    /// The class records court enforcement: PJ008 to PJ011.
    CourtEnforcement,
    /// The class is a court's list: PJ009.
    ListEntry,
    /// The arrears are those of a utility or a fund.
    UtilityOrFund,
    /// A quantity is given.
    QuantityGiven,
    /// The honour was revoked.
    Revoked,
}

impl Condition {
    /// Reads the catalogue's words; `None` where they cannot be evaluated on one record.
    pub fn read(words: &str) -> Option<Self> {
        match words {
            "kind includes fine" => Some(Self::PenaltyNeeds(Needs::Fine)),
            "kind includes confiscation" => Some(Self::PenaltyNeeds(Needs::Confiscated)),
            "kind is suspension, downgrade or revocation" => {
                Some(Self::PenaltyNeeds(Needs::Licence))
            }
            "adverse records about natural persons: age at conduct" => {
                Some(Self::AdverseAboutPerson)
            }
            "freezing, transfer, extra fine, late fee" => Some(Self::MeasureWithAmount),
            "sealing, seizure, freezing" => Some(Self::MeasureWithEnd),
            "nature is enforcement" => Some(Self::Enforcement),
            "a duty was imposed" => Some(Self::DutyImposed),
            "enforcement records" => Some(Self::CourtEnforcement),
            "list entries" => Some(Self::ListEntry),
            "utilities and funds" => Some(Self::UtilityOrFund),
            "quantity given" => Some(Self::QuantityGiven),
            "revoked" => Some(Self::Revoked),
            _ => None,
        }
    }

    /// The condition in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::PenaltyNeeds(Needs::Fine) => "处罚类别含罚款",
            Self::PenaltyNeeds(Needs::Confiscated) => "处罚类别含没收",
            Self::PenaltyNeeds(Needs::Licence) => "处罚类别为暂扣、降低等级或吊销",
            Self::AdverseAboutPerson => "自然人的失信信息，用于核对行为发生时的年龄",
            Self::MeasureWithAmount => "冻结、划拨、加处罚款或滞纳金",
            Self::MeasureWithEnd => "查封、扣押或冻结",
            Self::Enforcement => "性质为行政强制执行",
            Self::DutyImposed => "已规定履行义务",
            Self::CourtEnforcement => "法院执行信息",
            Self::ListEntry => "名单信息",
            Self::UtilityOrFund => "公用事业费和基金",
            Self::QuantityGiven => "已填写数量",
            Self::Revoked => "已撤销",
        }
    }

    /// Whether the condition holds for this record. What is not known does not hold: a field is
    /// never demanded on a guess.
    pub fn holds(
        self,
        entry: &Entry,
        subject_kind: SubjectKind,
        fields: &FieldMap,
        penalties: &PenaltyKinds,
    ) -> bool {
        let values = Values(fields);
        match self {
            Self::PenaltyNeeds(needs) => {
                let kinds = values.codes("penalty_kinds");
                kinds
                    .into_iter()
                    .any(|kind| penalties.needs(kind) == Some(needs))
            }
            Self::AdverseAboutPerson => {
                entry.polarity == Polarity::Adverse && subject_kind.is_person()
            }
            Self::MeasureWithAmount => matches!(
                values.code("measure"),
                Some(
                    CoercionMeasure::Freeze
                        | CoercionMeasure::Transfer
                        | CoercionMeasure::ExtraFine
                )
            ),
            Self::MeasureWithEnd => matches!(
                values.code("measure"),
                Some(CoercionMeasure::Seal | CoercionMeasure::Seize | CoercionMeasure::Freeze)
            ),
            Self::Enforcement => values.code("nature") == Some(CoercionNature::Enforcement),
            Self::DutyImposed => values.given("duty"),
            Self::CourtEnforcement => {
                matches!(entry.code.as_str(), "PJ008" | "PJ009" | "PJ010" | "PJ011")
            }
            Self::ListEntry => entry.code == "PJ009",
            Self::UtilityOrFund => values.code("arrears_kind").is_some_and(is_utility_or_fund),
            Self::QuantityGiven => values.given("quantity"),
            Self::Revoked => values.given("revoked_on"),
        }
    }
}

fn is_utility_or_fund(kind: ArrearsKind) -> bool {
    match kind {
        ArrearsKind::FundContribution
        | ArrearsKind::FundLoan
        | ArrearsKind::Heating
        | ArrearsKind::Water
        | ArrearsKind::Electricity
        | ArrearsKind::Gas
        | ArrearsKind::Property
        | ArrearsKind::Waste
        | ArrearsKind::Rent => true,
        ArrearsKind::Tax
        | ArrearsKind::NonTax
        | ArrearsKind::Social
        | ArrearsKind::Medical
        | ArrearsKind::Fine => false,
    }
}
