//! The grade table of a policy pack. Source: domain reference §15 (last row and engine rules); the
//! words 优良中差 are national, the figures a choice of this product.

use crate::fault::{Collector, Rest, Sentence};
use crate::head::{RawRule, RuleHead, keyed};
use crate::hits::HitClass;
use probity_types::Polarity;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

keyed! {
    /// Public credit grade, from the best to the worst, then unrated.
    GradeValue("grade") {
        /// 优.
        Excellent = "excellent",
        /// 良.
        Good = "good",
        /// 中.
        Fair = "fair",
        /// 差.
        Poor = "poor",
        /// 无记录: neither good nor bad.
        Unrated = "unrated",
    }
}

impl GradeValue {
    /// Chinese word.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Excellent => "优",
            Self::Good => "良",
            Self::Fair => "中",
            Self::Poor => "差",
            Self::Unrated => "无记录",
        }
    }
}

/// What hits of one class do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleEffect {
    /// Each hit moves the points, for at most so many hits.
    Points {
        /// Points of one hit; 10 = one point of the published honour scale.
        each: i64,
        /// Hits that count at most.
        counted_max: u32,
    },
    /// Any hit gives this grade, whatever the points.
    Direct(GradeValue),
}

/// One rule of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeRule {
    /// Its id, for example `G01`.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The class of hits that it reads.
    pub class: HitClass,
    /// What they do.
    pub effect: RuleEffect,
    /// The rule as people read it.
    pub text: Sentence,
    /// Basis in words.
    pub basis: String,
}

/// One band of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeBand {
    /// The grade it gives.
    pub grade: GradeValue,
    /// Points from which it applies; `None` = always.
    pub points_min: Option<i64>,
    /// Classes that must not occur.
    pub not_with: BTreeSet<HitClass>,
    /// The band as people read it.
    pub text: Sentence,
}

/// A grade table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeTable {
    /// Id, version, basis, interval; anchor `as_of`.
    pub head: RuleHead,
    /// Points before any hit.
    pub start_points: i64,
    /// Rules, in the order of the text.
    pub rules: Vec<GradeRule>,
    /// Bands from the best to the worst; the last one always applies.
    pub bands: Vec<GradeBand>,
    /// What an unrated subject is told.
    pub unrated: Sentence,
}

/// Largest number of points one hit may move, and of the start; sums then stay far inside 64 bits.
const POINTS_MAX: i64 = 1_000_000;
/// Largest number of hits that one rule may count.
const COUNTED_MAX: u32 = 100_000;

#[derive(Deserialize)]
pub(crate) struct RawGrade {
    #[serde(flatten)]
    head: RawRule,
    start_points: i64,
    unrated_zh: String,
    unrated_en: String,
    rule: Vec<RawGradeRule>,
    band: Vec<RawBand>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGradeRule {
    id: String,
    version: String,
    class: String,
    points_each: Option<i64>,
    counted_max: Option<u32>,
    direct: Option<String>,
    zh: String,
    en: String,
    basis: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBand {
    grade: String,
    points_min: Option<i64>,
    not_with: Vec<String>,
    zh: String,
    en: String,
}

pub(crate) fn read_grade(raw: RawGrade, faults: &mut Collector) -> GradeTable {
    let place = "grade";
    faults.no_more(place, &raw.rest);
    faults.filled(place, "unrated_zh", &raw.unrated_zh);
    faults.filled(place, "unrated_en", &raw.unrated_en);
    check_points(place, "start_points", raw.start_points, faults);
    let mut rules: BTreeMap<String, GradeRule> = BTreeMap::new();
    let mut order = Vec::new();
    for rule in raw.rule {
        let at = format!("grade.rule {}", rule.id);
        let Some(rule) = read_rule(rule, &at, faults) else {
            continue;
        };
        order.push(rule.id.clone());
        if rules.insert(rule.id.clone(), rule).is_some() {
            faults.push(&at, "id", "stands twice", "each rule once");
        }
    }
    let bands: Vec<GradeBand> = raw
        .band
        .into_iter()
        .filter_map(|band| read_band(band, faults))
        .collect();
    check_bands(&bands, faults);
    GradeTable {
        head: raw.head.check(place, faults),
        start_points: raw.start_points,
        rules: order.iter().filter_map(|id| rules.remove(id)).collect(),
        bands,
        unrated: Sentence::new(raw.unrated_zh, raw.unrated_en),
    }
}

fn check_points(place: &str, field: &str, points: i64, faults: &mut Collector) {
    if !(-POINTS_MAX..=POINTS_MAX).contains(&points) {
        faults.push(
            place,
            field,
            points.to_string(),
            format!("at most {POINTS_MAX} either way"),
        );
    }
}

fn read_rule(raw: RawGradeRule, place: &str, faults: &mut Collector) -> Option<GradeRule> {
    faults.filled(place, "zh", &raw.zh);
    faults.filled(place, "en", &raw.en);
    faults.filled(place, "basis", &raw.basis);
    let class: Option<HitClass> = faults.read(place, "class", &raw.class, "a class of hits");
    let effect = match (raw.points_each, raw.counted_max, raw.direct) {
        (Some(each), Some(counted_max), None) => {
            check_points(place, "points_each", each, faults);
            if !(1..=COUNTED_MAX).contains(&counted_max) {
                faults.push(
                    place,
                    "counted_max",
                    counted_max.to_string(),
                    format!("1 to {COUNTED_MAX}"),
                );
            }
            Some(RuleEffect::Points { each, counted_max })
        }
        (None, None, Some(grade)) => faults
            .read(place, "direct", &grade, "a grade")
            .map(RuleEffect::Direct),
        _ => {
            let right = "points_each with counted_max, or direct alone";
            faults.push(place, "points_each", "no single effect", right);
            None
        }
    };
    let (class, effect) = class.zip(effect)?;
    // A rule that rewards misconduct, punishes an honour or gives out "unrated" is a slip of the
    // pen.
    let fits = match (effect, class.polarity()) {
        (RuleEffect::Points { each, .. }, Polarity::Adverse) => each < 0,
        (RuleEffect::Points { each, .. }, Polarity::Positive | Polarity::Neutral) => each > 0,
        (RuleEffect::Direct(grade), _) => grade != GradeValue::Unrated,
    };
    if !fits {
        let right =
            "a loss for adverse classes, a gain for positive ones, a grade other than unrated";
        faults.push(
            place,
            "points_each",
            "against the sense of the class",
            right,
        );
    }
    Some(GradeRule {
        id: raw.id,
        version: raw.version,
        class,
        effect,
        text: Sentence::new(raw.zh, raw.en),
        basis: raw.basis,
    })
}

fn read_band(raw: RawBand, faults: &mut Collector) -> Option<GradeBand> {
    let place = format!("grade.band {}", raw.grade);
    faults.filled(&place, "zh", &raw.zh);
    faults.filled(&place, "en", &raw.en);
    let not_with = raw
        .not_with
        .iter()
        .filter_map(|class| faults.read(&place, "not_with", class, "a class of hits"))
        .collect();
    Some(GradeBand {
        grade: faults.read(&place, "grade", &raw.grade, "a grade")?,
        points_min: raw.points_min,
        not_with,
        text: Sentence::new(raw.zh, raw.en),
    })
}

fn check_bands(bands: &[GradeBand], faults: &mut Collector) {
    let place = "grade.band";
    if !bands.windows(2).all(|pair| pair[0].grade < pair[1].grade) {
        faults.push(
            place,
            "grade",
            "bands out of order",
            "excellent good fair poor, each once at most",
        );
    }
    let points = |band: &GradeBand| band.points_min.unwrap_or(i64::MIN);
    if !bands
        .windows(2)
        .all(|pair| points(&pair[0]) > points(&pair[1]))
    {
        faults.push(
            place,
            "points_min",
            "bands out of order",
            "fewer points from band to band",
        );
    }
    match bands.last() {
        Some(last) if last.points_min.is_none() && last.not_with.is_empty() => {}
        Some(_) | None => {
            faults.push(
                place,
                "points_min",
                "no band for everybody",
                "a last band without conditions",
            );
        }
    }
    if bands.iter().any(|band| band.grade == GradeValue::Unrated) {
        faults.push(
            place,
            "grade",
            "unrated",
            "unrated is no band: it means that nothing counts",
        );
    }
}
