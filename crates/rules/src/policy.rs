//! A policy pack: local choices that an officer adopts by event. Each topic has its own rule head,
//! so each is selected by its own anchor date ([`crate::pack::PolicySet::packs`]).

use crate::fault::{Collector, PackFaults, Rest, Sentence, read_toml};
use crate::grade_table::{GradeTable, RawGrade, read_grade};
use crate::head::{PackHead, PackKind, RawHead, RawRule, RuleHead, keyed};
use crate::heating::HeatingRule;
use crate::listing::{ListCriteria, RawCriteria, read_criteria};
use crate::publicity::{PublicityProfile, RawProfile, read_profile};
use crate::review::{RawReview, ReviewRule, read_review};
use probity_types::{CivilDate, Fen, SubjectKind};
use serde::Deserialize;
use std::collections::BTreeMap;

keyed! {
    /// What a policy pack rules on.
    Topic("topic of a policy pack") {
        /// Who may see what.
        Publicity = "publicity",
        /// Severity thresholds.
        Severity = "severity",
        /// Heating tiers of 2014.
        Heating = "heating",
        /// List criteria.
        Listing = "listing",
        /// Public credit grade.
        Grade = "grade",
        /// Which files the platform reviews as well.
        Review = "review",
    }
}

/// From which fine on a penalty is serious.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FineThreshold {
    /// For natural persons.
    pub person: Fen,
    /// For everybody else.
    pub organisation: Fen,
}

impl FineThreshold {
    /// The threshold for this kind of subject.
    pub fn of(&self, kind: SubjectKind) -> Fen {
        if kind.is_person() {
            self.person
        } else {
            self.organisation
        }
    }
}

/// Local tiers of overdue housing-fund loans, replay only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundLoanRule {
    /// Id, version, basis, interval.
    pub head: RuleHead,
    /// Overdue instalments from which a loan is more serious.
    pub general_from_instalments: i64,
    /// Overdue instalments from which it is serious.
    pub serious_from_instalments: i64,
}

/// Thresholds that the severity rules of the catalogue need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityPolicy {
    /// Id, version, basis, interval.
    pub head: RuleHead,
    /// First decision date with statutory grades (order 36).
    pub graded_from: CivilDate,
    /// Where no sector has its own.
    pub fine: FineThreshold,
    /// Days after a judgment took effect from which an unperformed duty counts as past its term.
    pub judgment_term_days: i32,
    /// Tax arrears that count as general without an instrument; `None` = never.
    pub tax_notice_threshold: Option<Fen>,
    /// Housing-fund tiers, where the pack has them.
    pub fund_loan: Option<FundLoanRule>,
    sectors: BTreeMap<String, FineThreshold>,
}

impl SeverityPolicy {
    /// The fine from which a penalty of this class is serious.
    pub fn serious_fine(&self, entry_code: &str, kind: SubjectKind) -> Fen {
        self.sectors.get(entry_code).unwrap_or(&self.fine).of(kind)
    }
}

/// A policy pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPack {
    /// What the pack says about itself.
    pub head: PackHead,
    /// Publicity profiles, in the order of the text.
    pub publicity: Vec<PublicityProfile>,
    /// Severity thresholds.
    pub severity: SeverityPolicy,
    /// Heating tiers of 2014, where the pack carries them.
    pub heating: Option<HeatingRule>,
    /// List criteria.
    pub listing: ListCriteria,
    /// Grade table.
    pub grade: GradeTable,
    /// Which files the platform reviews as well, where the pack says so.
    pub review: Option<ReviewRule>,
}

impl PolicyPack {
    /// Reads and checks a pack of kind `policy`.
    ///
    /// # Errors
    /// [`PackFaults`] names the table, the key and what would be right, for every fault.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawPolicy = read_toml(PackKind::Policy, text)?;
        let mut faults = Collector::new(PackKind::Policy);
        let mut publicity: Vec<PublicityProfile> = Vec::new();
        for profile in raw.publicity {
            let profile = read_profile(profile, &mut faults);
            if publicity.iter().any(|p| p.head.id == profile.head.id) {
                let place = format!("publicity {}", profile.head.id);
                faults.push(&place, "id", "stands twice", "each profile once");
            }
            publicity.push(profile);
        }
        if publicity.is_empty() {
            faults.push("publicity", "id", "no profile", "at least one profile");
        }
        let pack = Self {
            head: raw.pack.check(PackKind::Policy, &mut faults),
            publicity,
            severity: read_severity(raw.severity, &mut faults),
            heating: raw
                .heating
                .map(|heating| read_heating(heating, &mut faults)),
            listing: read_criteria(raw.listing, &mut faults),
            grade: read_grade(raw.grade, &mut faults),
            review: raw.review.map(|review| read_review(review, &mut faults)),
        };
        faults.finish(pack)
    }

    /// A publicity profile by its id: `karamay-2012`, `default`, `open-organisations`.
    pub fn profile(&self, id: &str) -> Option<&PublicityProfile> {
        self.publicity.iter().find(|profile| profile.head.id == id)
    }

    /// The rule head that selects this pack for a topic; `None` where the pack is silent on it.
    /// Publicity is selected by the pack's own interval on the as-of day, its settings carry dates.
    pub fn topic(&self, topic: Topic) -> Option<&RuleHead> {
        match topic {
            Topic::Publicity => self.publicity.first().map(|_| &self.head.rule),
            Topic::Severity => Some(&self.severity.head),
            Topic::Heating => self.heating.as_ref().map(|heating| &heating.head),
            Topic::Listing => Some(&self.listing.head),
            Topic::Grade => Some(&self.grade.head),
            Topic::Review => self.review.as_ref().map(|review| &review.head),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    pack: RawHead,
    publicity: Vec<RawProfile>,
    severity: RawSeverity,
    heating: Option<RawHeating>,
    listing: RawCriteria,
    grade: RawGrade,
    review: Option<RawReview>,
}

#[derive(Deserialize)]
struct RawSeverity {
    #[serde(flatten)]
    head: RawRule,
    graded_from: String,
    serious_fine_person_fen: i64,
    serious_fine_organisation_fen: i64,
    judgment_term_days: i32,
    tax_notice_threshold_fen: Option<i64>,
    #[serde(default)]
    sector: Vec<RawSector>,
    fund_loan: Option<RawFundLoan>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSector {
    entries: Vec<String>,
    serious_fine_person_fen: i64,
    serious_fine_organisation_fen: i64,
    basis: String,
}

#[derive(Deserialize)]
struct RawFundLoan {
    #[serde(flatten)]
    head: RawRule,
    general_from_instalments: i64,
    serious_from_instalments: i64,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct RawHeating {
    #[serde(flatten)]
    head: RawRule,
    ordinary_to_months: i32,
    more_serious_to_months: i32,
    note_zh: String,
    note_en: String,
    #[serde(flatten)]
    rest: Rest,
}

/// Longest term that a severity rule may set, in days.
const TERM_DAYS_MAX: i32 = 3650;
/// Longest tier, in months.
const TIER_MONTHS_MAX: i32 = 1200;

fn read_severity(raw: RawSeverity, faults: &mut Collector) -> SeverityPolicy {
    let place = "severity";
    faults.no_more(place, &raw.rest);
    let mut sectors = BTreeMap::new();
    for sector in raw.sector {
        faults.filled("severity.sector", "basis", &sector.basis);
        let person = positive(
            "serious_fine_person_fen",
            sector.serious_fine_person_fen,
            faults,
        );
        let organisation = positive(
            "serious_fine_organisation_fen",
            sector.serious_fine_organisation_fen,
            faults,
        );
        for entry in sector.entries {
            if sectors
                .insert(
                    entry.clone(),
                    FineThreshold {
                        person,
                        organisation,
                    },
                )
                .is_some()
            {
                faults.push(
                    "severity.sector",
                    "entries",
                    entry,
                    "each class in one sector",
                );
            }
        }
    }
    if !(0..=TERM_DAYS_MAX).contains(&raw.judgment_term_days) {
        let right = format!("0 to {TERM_DAYS_MAX}");
        faults.push(
            place,
            "judgment_term_days",
            raw.judgment_term_days.to_string(),
            right,
        );
    }
    let graded_from = faults.read(place, "graded_from", &raw.graded_from, "YYYY-MM-DD");
    SeverityPolicy {
        graded_from: graded_from.unwrap_or(CivilDate::MAX),
        fine: FineThreshold {
            person: positive(
                "serious_fine_person_fen",
                raw.serious_fine_person_fen,
                faults,
            ),
            organisation: positive(
                "serious_fine_organisation_fen",
                raw.serious_fine_organisation_fen,
                faults,
            ),
        },
        judgment_term_days: raw.judgment_term_days,
        tax_notice_threshold: raw.tax_notice_threshold_fen.map(Fen),
        fund_loan: raw.fund_loan.map(|rule| read_fund_loan(rule, faults)),
        head: raw.head.check(place, faults),
        sectors,
    }
}

fn positive(field: &str, fen: i64, faults: &mut Collector) -> Fen {
    if fen <= 0 {
        faults.push(
            "severity",
            field,
            fen.to_string(),
            "an amount above 0, in fen",
        );
    }
    Fen(fen)
}

fn read_fund_loan(raw: RawFundLoan, faults: &mut Collector) -> FundLoanRule {
    let place = "severity.fund_loan";
    faults.no_more(place, &raw.rest);
    if raw.general_from_instalments < 1
        || raw.serious_from_instalments < raw.general_from_instalments
    {
        faults.push(
            place,
            "serious_from_instalments",
            "tiers out of order",
            "1 ≤ general ≤ serious",
        );
    }
    FundLoanRule {
        head: raw.head.check(place, faults),
        general_from_instalments: raw.general_from_instalments,
        serious_from_instalments: raw.serious_from_instalments,
    }
}

fn read_heating(raw: RawHeating, faults: &mut Collector) -> HeatingRule {
    let place = "heating";
    faults.no_more(place, &raw.rest);
    let ordered = 1 <= raw.ordinary_to_months
        && raw.ordinary_to_months < raw.more_serious_to_months
        && raw.more_serious_to_months <= TIER_MONTHS_MAX;
    if !ordered {
        faults.push(
            place,
            "more_serious_to_months",
            "tiers out of order",
            "1 ≤ ordinary < more serious",
        );
    }
    faults.filled(place, "note_zh", &raw.note_zh);
    faults.filled(place, "note_en", &raw.note_en);
    HeatingRule {
        head: raw.head.check(place, faults),
        ordinary_to_months: raw.ordinary_to_months,
        more_serious_to_months: raw.more_serious_to_months,
        note: Sentence::new(raw.note_zh, raw.note_en),
    }
}

#[cfg(test)]
pub(crate) fn shipped_policy() -> PolicyPack {
    PolicyPack::parse(crate::builtin::PACKS[5].text).unwrap_or_else(|faults| panic!("{faults}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PACKS;

    fn check_fault(from: &str, to: &str, expected: &str) {
        let text = PACKS[5].text.replacen(from, to, 1);
        assert_ne!(text, PACKS[5].text, "{from} stands in the pack");
        let said = PolicyPack::parse(&text)
            .expect_err("the change is a fault")
            .to_string();
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn the_first_pack_rules_on_every_topic() {
        let pack = shipped_policy();
        for topic in Topic::ALL {
            assert!(pack.topic(*topic).is_some(), "{topic}");
        }
        let heating = pack.topic(Topic::Heating).expect("heating");
        assert_eq!(heating.interval.to_string(), "2014-12-26 to 2020-12-06");
        assert_eq!(heating.anchor, crate::Anchor::AsOf);
    }

    #[test]
    fn faults_name_the_table_the_key_and_the_remedy() {
        check_fault("judgment_term_days", "judgement_term_days", "missing field");
        check_fault(
            "graded_from = \"2026-04-01\"",
            "graded_from = \"2026-04-01\"\ngrace = 1",
            "field grace: an unknown key",
        );
        check_fault(
            "anchor = \"as_of\"",
            "anchor = \"today\"",
            "known: conduct decision trigger as_of",
        );
        check_fault(
            "ordinary_to_months = 6",
            "ordinary_to_months = 12",
            "1 ≤ ordinary < more serious",
        );
        check_fault("\"basic\"", "\"basics\"", "field items");
        check_fault(
            "serious_fine_person_fen = 1000000",
            "serious_fine_person_fen = 0",
            "above 0",
        );
        check_fault(
            "points_each = -50",
            "points_each = -50\ndirect = \"poor\"",
            "grade.rule G01",
        );
        check_fault(
            "class = \"unperformed\"",
            "class = \"unperforming\"",
            "field class",
        );
    }

    #[test]
    fn no_pack_switches_off_the_rule_that_a_sanction_needs_an_instrument() {
        check_fault(
            "steps = [\"instrument\", \"notice\"",
            "steps = [\"notice\"",
            "listing, field steps: a step is missing",
        );
    }

    #[test]
    fn a_sector_threshold_overrides_the_general_one() {
        let text = PACKS[5].text.replacen(
            "[severity.fund_loan]",
            "[[severity.sector]]\nentries = [\"CF026\"]\nserious_fine_person_fen = 1\n\
             serious_fine_organisation_fen = 2\nbasis = \"a ministry\"\n\n[severity.fund_loan]",
            1,
        );
        let policy = PolicyPack::parse(&text).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(
            policy
                .severity
                .serious_fine("CF026", SubjectKind::Enterprise),
            Fen(2)
        );
        assert_eq!(
            policy
                .severity
                .serious_fine("CF001", SubjectKind::Enterprise),
            Fen(10_000_000)
        );
        assert_eq!(
            policy
                .severity
                .serious_fine("CF001", SubjectKind::NaturalPerson),
            Fen(1_000_000)
        );
    }
}
