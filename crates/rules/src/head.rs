//! What every pack and every rule says about itself: id, version, basis, anchor, interval,
//! confidence. Source: design §5 ("everything legal is data", "each rule names its anchor").

use crate::fault::{Collector, Sentence};
use probity_types::CivilDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A set of civil dates, both ends inclusive, as the data files of the field state them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// First day in force; [`CivilDate::MIN`] where the text leaves it open.
    pub first: CivilDate,
    /// Last day in force; [`CivilDate::MAX`] where it is open.
    pub last: CivilDate,
}

impl Interval {
    /// Every day.
    pub const ALWAYS: Self = Self {
        first: CivilDate::MIN,
        last: CivilDate::MAX,
    };

    /// Whether the rule is in force on `day`.
    pub fn contains(&self, day: CivilDate) -> bool {
        self.first <= day && day <= self.last
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == CivilDate::MIN {
            f.write_str("…")?;
        } else {
            self.first.fmt(f)?;
        }
        f.write_str(" to ")?;
        if self.last == CivilDate::MAX {
            f.write_str("open")
        } else {
            self.last.fmt(f)
        }
    }
}

macro_rules! keyed {
    ($($(#[$doc:meta])* $name:ident($what:literal) { $($(#[$vdoc:meta])* $variant:ident = $key:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $key)] $variant,)+ }
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// The word that stands in packs and answers.
            pub fn key(self) -> &'static str { match self { $(Self::$variant => $key,)+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.key()) }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::head::UnknownWord;
            fn from_str(text: &str) -> Result<Self, $crate::head::UnknownWord> {
                match text {
                    $($key => Ok(Self::$variant),)+
                    _ => Err($crate::head::UnknownWord { what: $what, known: &[$($key,)+] }),
                }
            }
        }
    )+};
}
pub(crate) use keyed;

/// A word that its vocabulary does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such {what}; known: {}", .known.join(" "))]
pub struct UnknownWord {
    /// What was expected.
    pub what: &'static str,
    /// Every word that would be right.
    pub known: &'static [&'static str],
}

keyed! {
    /// The kinds of pack that can be adopted.
    PackKind("kind of pack") {
        /// Catalogue of record classes and their fields.
        Catalogue = "catalogue",
        /// Code lists.
        Codes = "codes",
        /// Table of lists and boards.
        Lists = "lists",
        /// Publication periods.
        PublicationPeriods = "publication-periods",
        /// Kinds of administrative penalty.
        PenaltyKinds = "penalty-kinds",
        /// Local policy: publicity, severity thresholds, grade, list criteria, heating.
        Policy = "policy",
        /// A calendar of working days.
        Calendar = "calendar",
        /// Deadlines of the laws.
        Clocks = "clocks",
        /// Source points, what each delivers, and by when.
        SourceRegister = "source-register",
    }
    /// The date that decides which rule applies.
    Anchor("anchor") {
        /// The day of the conduct; where it is unknown, the day of the decision.
        Conduct = "conduct",
        /// The day of the decision.
        Decision = "decision",
        /// The day that starts a term (recognition, listing, receipt).
        Trigger = "trigger",
        /// The day for which the answer is asked.
        AsOf = "as_of",
    }
    /// How well a rule is founded. Source: README of the field's data files.
    Confidence("confidence") {
        /// Read in the text of a law or notice.
        Read = "read",
        /// Reported by a secondary source.
        Reported = "reported",
        /// General knowledge, to be confirmed.
        General = "general",
        /// A choice of this product.
        Design = "design",
    }
}

/// The dates of one case from which each rule picks its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorDates {
    /// Day of the conduct, where known.
    pub conduct: Option<CivilDate>,
    /// Day of the decision (recognition of arrears, listing, award).
    pub decision: CivilDate,
    /// Day that starts the term in question; the decision day where nothing else is said.
    pub trigger: CivilDate,
    /// Day for which the answer is asked.
    pub as_of: CivilDate,
}

impl AnchorDates {
    /// Dates of a case of which only the decision day is known.
    pub fn new(decision: CivilDate, as_of: CivilDate) -> Self {
        Self {
            conduct: None,
            decision,
            trigger: decision,
            as_of,
        }
    }

    /// Dates of a question about one day and no record, for example a grade.
    pub fn on(as_of: CivilDate) -> Self {
        Self::new(as_of, as_of)
    }

    /// The date that a rule with this anchor goes by.
    pub fn date(&self, anchor: Anchor) -> CivilDate {
        match anchor {
            Anchor::Conduct => self.conduct.unwrap_or(self.decision),
            Anchor::Decision => self.decision,
            Anchor::Trigger => self.trigger,
            Anchor::AsOf => self.as_of,
        }
    }
}

/// What a rule says about itself; answers repeat it as their reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleHead {
    /// Id, unique within its pack.
    pub id: String,
    /// Version of the rule.
    pub version: String,
    /// Legal basis in words, or that it is a choice of this product.
    pub basis: String,
    /// The date that decides whether the rule applies.
    pub anchor: Anchor,
    /// Anchor dates for which it is in force.
    pub interval: Interval,
    /// How well founded it is.
    pub confidence: Confidence,
}

impl RuleHead {
    /// Whether the rule governs a case with these dates.
    pub fn covers(&self, dates: &AnchorDates) -> bool {
        self.interval.contains(dates.date(self.anchor))
    }
}

/// What a pack says about itself in its `[pack]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackHead {
    /// The pack's own id, version, basis, anchor, interval, confidence.
    pub rule: RuleHead,
    /// Its title.
    pub title: Sentence,
    /// Id and version of an earlier pack that this one repairs, where it repairs one.
    pub repairs: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHead {
    kind: String,
    id: String,
    version: String,
    title_zh: String,
    title_en: String,
    basis: String,
    valid_from: String,
    valid_to: String,
    anchor: String,
    confidence: String,
    repairs: Option<String>,
}

/// Always flattened into a table of its own; [`crate::fault::Rest`] beside it catches unknown keys.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RawRule {
    pub(crate) id: String,
    version: String,
    basis: String,
    valid_from: String,
    valid_to: String,
    anchor: String,
    confidence: String,
}

impl RawHead {
    pub(crate) fn check(self, kind: PackKind, faults: &mut Collector) -> PackHead {
        let place = "pack";
        if self.kind != kind.key() {
            faults.push(
                place,
                "kind",
                format!("{:?}", self.kind),
                format!("{:?}", kind.key()),
            );
        }
        faults.filled(place, "title_zh", &self.title_zh);
        faults.filled(place, "title_en", &self.title_en);
        let rule = RawRule {
            id: self.id,
            version: self.version,
            basis: self.basis,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            anchor: self.anchor,
            confidence: self.confidence,
        };
        PackHead {
            rule: rule.check(place, faults),
            title: Sentence::new(self.title_zh, self.title_en),
            repairs: self.repairs,
        }
    }
}

impl RawRule {
    pub(crate) fn check(self, place: &str, faults: &mut Collector) -> RuleHead {
        faults.filled(place, "id", &self.id);
        faults.filled(place, "version", &self.version);
        faults.filled(place, "basis", &self.basis);
        let right = "one of the known words";
        RuleHead {
            interval: faults.interval(place, &self.valid_from, &self.valid_to),
            anchor: faults
                .read(place, "anchor", &self.anchor, right)
                .unwrap_or(Anchor::Decision),
            confidence: faults
                .read(place, "confidence", &self.confidence, right)
                .unwrap_or(Confidence::Design),
            id: self.id,
            version: self.version,
            basis: self.basis,
        }
    }
}
