//! Publication periods as regime data. Evaluation is in [`crate::publication`].
//! Source: `packs/publication-periods.toml`, domain reference §8.

use crate::catalogue::Entry;
use crate::fault::{Collector, PackFaults, read_toml};
use crate::head::{Confidence, Interval, PackHead, PackKind, RawHead, keyed};
use probity_types::{Category, Polarity, SubjectKind};
use serde::Deserialize;
use std::collections::BTreeSet;

keyed! {
    /// Which records of a class a period is about, in the words of its regime.
    PeriodClass("severity of a period") {
        /// Every record.
        Any = "any",
        /// Heating: up to six months.
        Ordinary = "ordinary",
        /// Heating: up to twelve months.
        MoreSerious = "more_serious",
        /// Serious.
        Serious = "serious",
        /// General; in a regime without a minor class also what is minor.
        General = "general",
        /// Minor.
        Minor = "minor",
        /// Summary procedure.
        Summary = "summary",
        /// Nothing heavier than a warning or public criticism.
        WarningOrCriticismOnly = "warning_or_criticism_only",
        /// What the regime's other classes do not take.
        Other = "other",
        /// A warning and nothing else.
        WarningOnly = "warning_only",
        /// Public criticism or a fine below the threshold, and nothing heavier.
        CriticismOrLowerFine = "criticism_or_lower_fine",
        /// Able to perform but refuses.
        CanPayRefuses = "can_pay_refuses",
        /// Any other ground for the court's list.
        OtherGrounds = "other_grounds",
        /// Positive.
        Positive = "positive",
        /// Adverse.
        Adverse = "adverse",
        /// Neutral.
        Neutral = "neutral",
    }
    /// Subjects that a period is about.
    SubjectScope("subjects of a period") {
        /// Everybody.
        Any = "any",
        /// Everybody but natural persons.
        Organisations = "organisations",
        /// Natural persons.
        NaturalPerson = "natural_person",
    }
    /// What ends publication before the term.
    EndsWith("early end") {
        /// Full performance or payment.
        Performance = "performance",
        /// Removal from the list.
        Removal = "removal",
        /// The end of the record's own validity, or its revocation.
        Validity = "validity",
    }
    /// What carries publication past the term.
    RunsOn("extension") {
        /// The subject is still listed.
        Removal = "removal",
        /// The penalty itself lasts longer.
        OwnTerm = "own_term",
    }
}

/// Which classes of record a period names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClassScope {
    /// Any record.
    Every,
    /// Any adverse record.
    Adverse,
    /// List memberships.
    List,
    /// Data of private agencies; never one of our records.
    Market,
    /// A category.
    Category(Category),
}

/// One publication period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Rule id, for example `o36-general`.
    pub id: String,
    /// Regime it belongs to.
    pub regime: String,
    /// Trigger dates for which it is in force.
    pub interval: Interval,
    pub(crate) scopes: BTreeSet<ClassScope>,
    pub(crate) entries: BTreeSet<String>,
    pub(crate) list: Option<String>,
    /// Which of them.
    pub class: PeriodClass,
    /// Whose.
    pub subjects: SubjectScope,
    /// Publicity in words.
    pub publicity: String,
    /// Whether the public may see the class while the period runs.
    pub shown: bool,
    /// Months before which repair is not possible.
    pub min_months: i32,
    /// Months after which publication ends; `None` = no fixed term.
    pub max_months: Option<i32>,
    /// What ends it early.
    pub ends_with: BTreeSet<EndsWith>,
    /// What carries it on.
    pub runs_on: Option<RunsOn>,
    /// Extension, early end and rule on several kinds, in words.
    pub notes: Vec<String>,
    /// Source.
    pub source: String,
    /// How well founded it is.
    pub confidence: Confidence,
}

impl Period {
    /// Whether a subject of this kind is meant.
    pub(crate) fn concerns(&self, kind: SubjectKind) -> bool {
        match self.subjects {
            SubjectScope::Any => true,
            SubjectScope::Organisations => !kind.is_person(),
            SubjectScope::NaturalPerson => kind.is_person(),
        }
    }
}

/// The publication periods of all regimes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationPeriods {
    /// What the pack says about itself.
    pub head: PackHead,
    pub(crate) periods: Vec<Period>,
    /// The retention ceiling, one for all regimes.
    pub ceiling: Period,
}

/// Regime of the retention ceiling in the pack.
const CEILING_REGIME: &str = "retention-ceiling";
/// Longest period, in months.
const PERIOD_MONTHS_MAX: i32 = 1200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPeriods {
    pack: RawHead,
    period: Vec<RawPeriod>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPeriod {
    id: String,
    regime: String,
    valid_from: String,
    valid_to: String,
    record_class: Vec<String>,
    severity: String,
    subject_kinds: String,
    publicity: String,
    shown: bool,
    #[serde(default)]
    ends_with: Vec<String>,
    runs_on: Option<String>,
    list: Option<String>,
    trigger: String,
    min_length: i32,
    max_length: i32,
    unit: String,
    several_kinds: Option<String>,
    extension: Option<String>,
    early_end: Option<String>,
    calendar: String,
    source: String,
    confidence: String,
}

impl PublicationPeriods {
    /// Reads and checks a pack of kind `publication-periods`.
    ///
    /// # Errors
    /// [`PackFaults`]; a pack without exactly one retention ceiling is refused.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawPeriods = read_toml(PackKind::PublicationPeriods, text)?;
        let mut faults = Collector::new(PackKind::PublicationPeriods);
        let head = raw.pack.check(PackKind::PublicationPeriods, &mut faults);
        let mut periods: Vec<Period> = Vec::new();
        for period in raw.period {
            let place = format!("period {}", period.id);
            if periods.iter().any(|known| known.id == period.id) {
                faults.push(&place, "id", "stands twice", "each period once");
            }
            periods.extend(read_period(period, &place, &mut faults));
        }
        let (mut ceilings, periods): (Vec<_>, Vec<_>) = periods
            .into_iter()
            .partition(|p| p.regime == CEILING_REGIME);
        let right = "exactly one period of regime retention-ceiling, with a length";
        if ceilings.len() != 1 || ceilings.iter().any(|c| c.max_months.is_none()) {
            faults.push(
                "period",
                "regime",
                format!("{} ceilings", ceilings.len()),
                right,
            );
        }
        let Some(ceiling) = ceilings.pop() else {
            faults.push("period", "regime", "no retention ceiling", right);
            return Err(faults.into_faults());
        };
        faults.finish(Self {
            head,
            periods,
            ceiling,
        })
    }

    /// Every period but the ceiling, in the order of the text.
    pub fn periods(&self) -> impl Iterator<Item = &Period> {
        self.periods.iter()
    }

    /// The periods that a class of records may come under, by what they name: everything, its category, adverse records,
    /// the class itself. Which of them holds for a record is a matter of that record.
    pub fn of_class<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a Period> {
        self.periods.iter().filter(move |period| {
            let names = |scope: ClassScope| period.scopes.contains(&scope);
            let is_adverse = entry.polarity == Polarity::Adverse;
            names(ClassScope::Every)
                || names(ClassScope::Category(entry.category))
                || (is_adverse && names(ClassScope::Adverse))
                || period.entries.contains(&entry.code)
        })
    }

    /// One period by its id; the ceiling is among them.
    pub fn period(&self, id: &str) -> Option<&Period> {
        self.periods
            .iter()
            .chain([&self.ceiling])
            .find(|period| period.id == id)
    }
}

/// Classes of a period: scopes (a category, lists, everything) and entries of the catalogue.
pub(crate) fn read_classes(
    classes: &[String],
    place: &str,
    faults: &mut Collector,
) -> (BTreeSet<ClassScope>, BTreeSet<String>) {
    let (mut scopes, mut entries) = (BTreeSet::new(), BTreeSet::new());
    for class in classes {
        match class.as_str() {
            "*" => drop(scopes.insert(ClassScope::Every)),
            "adverse" => drop(scopes.insert(ClassScope::Adverse)),
            "list" => drop(scopes.insert(ClassScope::List)),
            "market" => drop(scopes.insert(ClassScope::Market)),
            code if code.len() == 5 => drop(entries.insert(code.to_owned())),
            code => {
                let category = faults.read(
                    place,
                    "record_class",
                    code,
                    "* adverse list, a category or entry",
                );
                scopes.extend(category.map(ClassScope::Category));
            }
        }
    }
    (scopes, entries)
}

fn read_period(raw: RawPeriod, place: &str, faults: &mut Collector) -> Option<Period> {
    let right = "one of these";
    faults.filled(place, "source", &raw.source);
    faults.filled(place, "trigger", &raw.trigger);
    let lengths = 0..=PERIOD_MONTHS_MAX;
    if !lengths.contains(&raw.min_length) || !lengths.contains(&raw.max_length) {
        faults.push(
            place,
            "max_length",
            raw.max_length.to_string(),
            format!("0 to {PERIOD_MONTHS_MAX}"),
        );
    }
    if raw.max_length < raw.min_length {
        faults.push(
            place,
            "min_length",
            "above max_length",
            "at most max_length",
        );
    }
    if raw.unit != "month" {
        faults.push(place, "unit", format!("{:?}", raw.unit), "month");
    }
    if raw.calendar != "civil" {
        faults.push(place, "calendar", format!("{:?}", raw.calendar), "civil");
    }
    let (scopes, entries) = read_classes(&raw.record_class, place, faults);
    let ends_with = raw
        .ends_with
        .iter()
        .filter_map(|word| faults.read(place, "ends_with", word, right))
        .collect();
    let runs_on = raw
        .runs_on
        .and_then(|word| faults.read(place, "runs_on", &word, right));
    let class: Option<PeriodClass> = faults.read(place, "severity", &raw.severity, right);
    let subjects: Option<SubjectScope> =
        faults.read(place, "subject_kinds", &raw.subject_kinds, right);
    let interval = faults.interval(place, &raw.valid_from, &raw.valid_to);
    let confidence = faults.read(place, "confidence", &raw.confidence, right);
    Some(Period {
        interval,
        scopes,
        entries,
        class: class?,
        subjects: subjects?,
        confidence: confidence?,
        id: raw.id,
        regime: raw.regime,
        list: raw.list,
        publicity: raw.publicity,
        shown: raw.shown,
        min_months: raw.min_length,
        max_months: (raw.max_length > 0).then_some(raw.max_length),
        ends_with,
        runs_on,
        notes: [raw.extension, raw.early_end, raw.several_kinds]
            .into_iter()
            .flatten()
            .collect(),
        source: raw.source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PACKS;

    #[test]
    fn the_shipped_periods_load() {
        let periods =
            PublicationPeriods::parse(PACKS[4].text).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(periods.periods().count() + 1, 28);
        assert_eq!(periods.ceiling.max_months, Some(60));
        assert_eq!(
            periods.period("o36-serious").and_then(|p| p.runs_on),
            Some(RunsOn::Removal)
        );
    }

    #[test]
    fn a_pack_without_its_ceiling_is_refused() {
        let text = PACKS[4]
            .text
            .replace("regime = \"retention-ceiling\"", "regime = \"none\"");
        let said = PublicationPeriods::parse(&text)
            .expect_err("no ceiling")
            .to_string();
        assert!(said.contains("no retention ceiling"), "{said}");
    }

    #[test]
    fn faults_name_the_period_and_the_field() {
        for (from, to, expected) in [
            (
                "severity = \"minor\"",
                "severity = \"tiny\"",
                "period o36-minor, field severity",
            ),
            (
                "unit = \"month\"",
                "unit = \"moon\"",
                "period l14-ordinary, field unit",
            ),
            (
                "record_class = [\"CF\"]",
                "record_class = [\"CX\"]",
                "period n527-general, field record_class",
            ),
            (
                "min_length = 36",
                "min_length = 37",
                "field min_length: above max_length",
            ),
        ] {
            let text = PACKS[4].text.replacen(from, to, 1);
            let said = PublicationPeriods::parse(&text)
                .expect_err("a fault")
                .to_string();
            assert!(said.contains(expected), "{said}");
        }
    }
}
