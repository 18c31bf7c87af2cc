//! Kinds of administrative penalty in both eras, and the spellings met in files.
//! Source: 行政处罚法 art. 8 (to 2021-07-14) and art. 9 (from 2021-07-15); `packs/penalty-kinds.toml`.

use crate::fault::{Collector, PackFaults, read_toml};
use crate::head::{Interval, PackHead, PackKind, RawHead, keyed};
use probity_types::{CivilDate, CodeList as _, Fen, PenaltyKind};
use serde::Deserialize;
use std::collections::BTreeMap;

keyed! {
    /// Severity of a kind under order 36 (from 2026-04-01), before thresholds are applied.
    PenaltyScale("severity of a penalty kind") {
        /// 轻微.
        Minor = "minor",
        /// 一般.
        General = "general",
        /// 严重.
        Serious = "serious",
        /// By the amount against the hearing threshold of the sector.
        ByAmount = "by_amount",
        /// By the text: suspension or revocation.
        ByContent = "by_content",
    }
    /// Class of a kind under the trial rules of 2023.
    TrialClass("class of the 2023 trial rules") {
        /// Not shown where the decision holds nothing heavier.
        WarningOrCriticismOnly = "warning_or_criticism_only",
        /// Shown.
        Other = "other",
    }
    /// What a kind needs beside it.
    Needs("need of a penalty kind") {
        /// The amount of the fine.
        Fine = "fine",
        /// The confiscated amount.
        Confiscated = "confiscated",
        /// Name and number of the licence.
        Licence = "licence",
    }
}

/// One era of the penalty law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PenaltyEra {
    /// `1996` or `2021`.
    pub id: String,
    /// Decision dates of the era.
    pub interval: Interval,
    /// Basis in words.
    pub basis: String,
    /// Largest fine of a natural person under the summary procedure.
    pub summary_limit_person: Fen,
    /// Largest fine of an organisation under the summary procedure.
    pub summary_limit_organisation: Fen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct KindRule {
    era: String,
    scale: PenaltyScale,
    trial: TrialClass,
    needs: Option<Needs>,
}

/// What a spelling stands for on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasReading {
    /// Kinds of the era; empty where the text is not a penalty; several where the text leaves it
    /// open.
    pub kinds: Vec<PenaltyKind>,
    /// What a reader should be asked, empty where nothing is doubtful.
    pub warning: String,
}

/// The penalty kinds in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PenaltyKinds {
    /// What the pack says about itself.
    pub head: PackHead,
    eras: Vec<PenaltyEra>,
    kinds: BTreeMap<PenaltyKind, KindRule>,
    aliases: BTreeMap<String, AliasReading>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPenalties {
    pack: RawHead,
    era: Vec<RawEra>,
    penalty_kind: Vec<RawKind>,
    alias: Vec<RawAlias>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEra {
    id: String,
    valid_from: String,
    valid_to: String,
    basis: String,
    summary_limit_person_fen: i64,
    summary_limit_organisation_fen: i64,
    #[serde(rename = "summary_limit_confidence")]
    _summary_limit_confidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    code: String,
    era: String,
    name_zh: String,
    name_en: String,
    #[serde(rename = "group")]
    _group: u32,
    severity_order_36: String,
    severity_trial_2023: String,
    needs_amount: Option<String>,
    needs_licence: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlias {
    text: Vec<String>,
    kinds: Vec<String>,
    #[serde(default)]
    warn: String,
}

impl PenaltyKinds {
    /// Reads and checks a pack of kind `penalty-kinds`.
    ///
    /// # Errors
    /// [`PackFaults`] for unknown kinds, words or eras, doubles and kinds that are missing.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawPenalties = read_toml(PackKind::PenaltyKinds, text)?;
        let mut faults = Collector::new(PackKind::PenaltyKinds);
        let head = raw.pack.check(PackKind::PenaltyKinds, &mut faults);
        let eras: Vec<PenaltyEra> = raw
            .era
            .into_iter()
            .map(|era| {
                let place = format!("era {}", era.id);
                PenaltyEra {
                    interval: faults.interval(&place, &era.valid_from, &era.valid_to),
                    id: era.id,
                    basis: era.basis,
                    summary_limit_person: Fen(era.summary_limit_person_fen),
                    summary_limit_organisation: Fen(era.summary_limit_organisation_fen),
                }
            })
            .collect();
        let mut kinds = BTreeMap::new();
        for kind in raw.penalty_kind {
            read_kind(kind, &eras, &mut kinds, &mut faults);
        }
        for kind in PenaltyKind::ALL {
            if !kinds.contains_key(kind) {
                faults.push(
                    &format!("penalty_kind {kind}"),
                    "code",
                    "missing",
                    "every kind once",
                );
            }
        }
        let aliases = read_aliases(raw.alias, &mut faults);
        faults.finish(Self {
            head,
            eras,
            kinds,
            aliases,
        })
    }

    /// The era of a decision date; `None` before 1996-10-01.
    pub fn era(&self, decided_on: CivilDate) -> Option<&PenaltyEra> {
        self.eras
            .iter()
            .find(|era| era.interval.contains(decided_on))
    }

    /// The eras of the law, as the pack orders them.
    pub fn eras(&self) -> &[PenaltyEra] {
        &self.eras
    }

    /// Whether the kind exists in the law of that decision date (通报批评 does not before 2021-07-15).
    pub fn in_era(&self, kind: PenaltyKind, decided_on: CivilDate) -> bool {
        let era = self.era(decided_on).map(|era| era.id.as_str());
        self.kinds
            .get(&kind)
            .is_some_and(|rule| Some(rule.era.as_str()) == era)
    }

    /// Severity of a kind under order 36.
    pub fn scale(&self, kind: PenaltyKind) -> Option<PenaltyScale> {
        self.kinds.get(&kind).map(|rule| rule.scale)
    }

    /// Class of a kind under the trial rules of 2023.
    pub fn trial_class(&self, kind: PenaltyKind) -> Option<TrialClass> {
        self.kinds.get(&kind).map(|rule| rule.trial)
    }

    /// What the kind needs beside it.
    pub fn needs(&self, kind: PenaltyKind) -> Option<Needs> {
        self.kinds.get(&kind)?.needs
    }

    /// Reads one spelling from a file (a name of the law or a known alias) with the list of the
    /// decision date; width, spaces and brackets are the caller's to fold. `None` = unknown
    /// spelling.
    pub fn read_spelling(&self, text: &str, decided_on: CivilDate) -> Option<AliasReading> {
        let era = self.era(decided_on)?;
        let of_era =
            |kind: &PenaltyKind| self.kinds.get(kind).is_some_and(|rule| rule.era == era.id);
        let named = PenaltyKind::ALL
            .iter()
            .find(|k| of_era(k) && (k.zh() == text || k.key() == text));
        let alias = self.aliases.get(text);
        match (named, alias) {
            (Some(kind), _) => Some(AliasReading {
                kinds: vec![*kind],
                warning: alias.map(|a| a.warning.clone()).unwrap_or_default(),
            }),
            (None, Some(alias)) => Some(AliasReading {
                kinds: alias.kinds.iter().copied().filter(of_era).collect(),
                warning: alias.warning.clone(),
            }),
            (None, None) => None,
        }
    }
}

fn read_kind(
    raw: RawKind,
    eras: &[PenaltyEra],
    kinds: &mut BTreeMap<PenaltyKind, KindRule>,
    faults: &mut Collector,
) {
    let place = format!("penalty_kind {}", raw.code);
    let right = "one of these";
    let kind: Option<PenaltyKind> = faults.read(&place, "code", &raw.code, "a penalty kind");
    let scale = faults.read(&place, "severity_order_36", &raw.severity_order_36, right);
    let trial = faults.read(
        &place,
        "severity_trial_2023",
        &raw.severity_trial_2023,
        right,
    );
    if !eras.iter().any(|era| era.id == raw.era) {
        faults.push(
            &place,
            "era",
            format!("{:?}", raw.era),
            "an era of this pack",
        );
    }
    faults.filled(&place, "name_en", &raw.name_en);
    if kind.is_some_and(|k| k.zh() != raw.name_zh) {
        faults.push(
            &place,
            "name_zh",
            raw.name_zh,
            "the name in the text of the law",
        );
    }
    let needs = match (raw.needs_amount, raw.needs_licence) {
        (None, None) => None,
        (Some(amount), None) => faults.read(&place, "needs_amount", &amount, "fine or confiscated"),
        (None, Some(_)) => Some(Needs::Licence),
        (Some(_), Some(_)) => {
            faults.push(
                &place,
                "needs_licence",
                "stands beside needs_amount",
                "only one of the two",
            );
            None
        }
    };
    if let (Some(kind), Some(scale), Some(trial)) = (kind, scale, trial)
        && kinds
            .insert(
                kind,
                KindRule {
                    era: raw.era,
                    scale,
                    trial,
                    needs,
                },
            )
            .is_some()
    {
        faults.push(&place, "code", "stands twice", "each kind once");
    }
}

fn read_aliases(raw: Vec<RawAlias>, faults: &mut Collector) -> BTreeMap<String, AliasReading> {
    let mut aliases = BTreeMap::new();
    for alias in raw {
        let place = format!("alias {}", alias.text.join(" "));
        let kinds: Vec<PenaltyKind> = alias
            .kinds
            .iter()
            .filter_map(|kind| faults.read(&place, "kinds", kind, "a penalty kind"))
            .collect();
        for text in alias.text {
            let reading = AliasReading {
                kinds: kinds.clone(),
                warning: alias.warn.clone(),
            };
            if aliases.insert(text, reading).is_some() {
                faults.push(
                    &place,
                    "text",
                    "a spelling stands twice",
                    "each spelling once",
                );
            }
        }
    }
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PACKS;

    fn shipped() -> PenaltyKinds {
        PenaltyKinds::parse(PACKS[1].text).unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn check(text: &str, on: &str, kinds: &[PenaltyKind]) {
        let reading = shipped().read_spelling(text, on.parse().expect("a date"));
        assert_eq!(
            reading.map(|r| r.kinds).as_deref(),
            Some(kinds),
            "{text} on {on}"
        );
    }

    #[test]
    fn a_spelling_is_read_with_the_list_of_the_decision_date() {
        check("罚款", "2021-07-14", &[PenaltyKind::P1_02]);
        check("罚款", "2021-07-15", &[PenaltyKind::P2_03]);
        check("吊销营业执照", "2013-05-01", &[PenaltyKind::P1_05]);
        check(
            "没收",
            "2022-01-01",
            &[PenaltyKind::P2_04, PenaltyKind::P2_05],
        );
        check("责令改正", "2022-01-01", &[]);
        check("通报批评", "2020-01-01", &[]);
        assert_eq!(
            shipped().read_spelling("鞭打", "2022-01-01".parse().expect("a date")),
            None
        );
    }

    #[test]
    fn a_missing_kind_is_a_fault() {
        let text = PACKS[1]
            .text
            .replacen("code = \"P2-12\"", "code = \"P2-13\"", 1);
        let said = PenaltyKinds::parse(&text)
            .expect_err("P2-12 is missing")
            .to_string();
        assert!(
            said.contains("penalty_kind P2-12, field code: missing"),
            "{said}"
        );
    }
}
