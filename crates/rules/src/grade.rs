//! Public credit grade 公共信用等级: the evaluation of a [`GradeTable`] over counted hits.
//!
//! Same hits, same table, same grade: order plays no part, nothing is a float, and every point can
//! be traced to a rule and to log positions. Direct grades beat points and the worst direct grade
//! wins.
//!
//! **Unrated.** A subject without any positive or adverse hit is unrated (无记录), however many
//! neutral records it has: "no record" is not "good" (domain rule 6), and a licence or a judgment
//! performed in time says nothing about credit. [`Grade::explanation`] is the sentence shown to
//! people.
//!
//! What counts is decided before: [`crate::hits::hit_class`] lets nothing through that is disputed,
//! repaired, ended, suspended, voided, annulled, internal or of the summary procedure.

use crate::fault::Sentence;
use crate::grade_table::{GradeBand, GradeTable, GradeValue, RuleEffect};
use crate::hits::HitClass;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Positions that one class keeps for its reasons; the count goes on.
pub const POSITIONS_MAX: usize = 16;

/// One hit: where in the log the fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hit {
    /// Position of the event that recorded the fact.
    pub position: u64,
}

/// The hits of one class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClassHits {
    /// How many there are.
    pub count: u64,
    /// The newest of them, at most [`POSITIONS_MAX`], newest first.
    pub newest: Vec<Hit>,
}

/// What counts about one subject, kept by a view and changed hit by hit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GradeInput {
    /// Hits by class; a class without hits may be missing.
    pub classes: BTreeMap<HitClass, ClassHits>,
}

impl GradeInput {
    /// Counts one hit. The order of calls does not matter.
    pub fn add(&mut self, class: HitClass, hit: Hit) {
        let hits = self.classes.entry(class).or_default();
        hits.count = hits.count.saturating_add(1);
        let place = hits.newest.partition_point(|held| *held > hit);
        hits.newest.insert(place, hit);
        hits.newest.truncate(POSITIONS_MAX);
    }

    /// Hits of a class.
    fn count(&self, class: HitClass) -> u64 {
        self.classes.get(&class).map_or(0, |hits| hits.count)
    }
}

/// What a rule did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Moved the points by so many.
    Points(i64),
    /// Gave this grade at once.
    Direct(GradeValue),
    /// Kept the subject out of this band, whose points were reached.
    Barred(GradeValue),
}

/// Why the grade is what it is: one rule and what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Rule id; the table's own id for start points and bands.
    pub rule: String,
    /// Rule version.
    pub version: String,
    /// What the rule did.
    pub effect: Effect,
    /// The class it read; `None` for the start points.
    pub class: Option<HitClass>,
    /// Hits of that class.
    pub count: u64,
    /// Hits that moved points: at most the rule's maximum.
    pub counted: u64,
    /// Log positions of the newest hits, newest first, at most [`POSITIONS_MAX`].
    pub positions: Vec<u64>,
    /// The rule as people read it.
    pub text: Sentence,
}

/// A grade with everything that produced it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grade {
    /// The grade.
    pub grade: GradeValue,
    /// The points: the sum of all [`Effect::Points`]. 0 where unrated.
    pub points: i64,
    /// Every rule that had an effect, in the order of the table. Empty where unrated.
    pub reasons: Vec<Reason>,
    /// Id and version of the table.
    pub table: (String, String),
    /// The result as people read it.
    pub explanation: Sentence,
}

impl GradeTable {
    /// The grade of a subject with these hits.
    pub fn grade(&self, input: &GradeInput) -> Grade {
        let table = (self.head.id.clone(), self.head.version.clone());
        if input.classes.values().all(|hits| hits.count == 0) {
            let explanation = self.unrated.clone();
            let grade = GradeValue::Unrated;
            return Grade {
                grade,
                points: 0,
                reasons: Vec::new(),
                table,
                explanation,
            };
        }
        let mut reasons = vec![self.start_reason()];
        let mut points = self.start_points;
        let mut direct: Option<(GradeValue, &Sentence)> = None;
        for rule in &self.rules {
            let Some(hits) = input.classes.get(&rule.class).filter(|hits| hits.count > 0) else {
                continue;
            };
            let (effect, counted) = match rule.effect {
                RuleEffect::Points { each, counted_max } => {
                    let counted = hits.count.min(u64::from(counted_max));
                    // At most 100,000 hits of 1,000,000 points: far inside 64 bits.
                    let delta = each.saturating_mul(counted as i64);
                    points = points.saturating_add(delta);
                    (Effect::Points(delta), counted)
                }
                RuleEffect::Direct(grade) => {
                    if direct.is_none_or(|(worst, _)| grade > worst) {
                        direct = Some((grade, &rule.text));
                    }
                    (Effect::Direct(grade), hits.count)
                }
            };
            reasons.push(Reason {
                rule: rule.id.clone(),
                version: rule.version.clone(),
                effect,
                class: Some(rule.class),
                count: hits.count,
                counted,
                positions: newest_positions(hits),
                text: rule.text.clone(),
            });
        }
        let (grade, explanation) = match direct {
            Some((grade, text)) => (grade, text.clone()),
            None => self.band(input, points, &mut reasons),
        };
        Grade {
            grade,
            points,
            reasons,
            table,
            explanation,
        }
    }

    /// The first band whose points are reached and whose forbidden classes do not occur.
    fn band(
        &self,
        input: &GradeInput,
        points: i64,
        reasons: &mut Vec<Reason>,
    ) -> (GradeValue, Sentence) {
        for band in self
            .bands
            .iter()
            .filter(|band| band.points_min.is_none_or(|min| points >= min))
        {
            let barred = band
                .not_with
                .iter()
                .copied()
                .find(|class| input.count(*class) > 0);
            match barred {
                None => return (band.grade, band.text.clone()),
                Some(class) => reasons.push(self.barred_reason(band, class, input)),
            }
        }
        // A table without a last band for everybody is refused when it is read.
        (GradeValue::Unrated, self.unrated.clone())
    }

    fn start_reason(&self) -> Reason {
        Reason {
            rule: self.head.id.clone(),
            version: self.head.version.clone(),
            effect: Effect::Points(self.start_points),
            class: None,
            count: 0,
            counted: 0,
            positions: Vec::new(),
            text: Sentence::new("起始点数", "points at the start"),
        }
    }

    fn barred_reason(&self, band: &GradeBand, class: HitClass, input: &GradeInput) -> Reason {
        let hits = input.classes.get(&class);
        Reason {
            rule: self.head.id.clone(),
            version: self.head.version.clone(),
            effect: Effect::Barred(band.grade),
            class: Some(class),
            count: input.count(class),
            counted: 0,
            positions: hits.map(newest_positions).unwrap_or_default(),
            text: band.text.clone(),
        }
    }
}

/// Sorted here once more: an input read from a snapshot may come from elsewhere.
fn newest_positions(hits: &ClassHits) -> Vec<u64> {
    let mut positions: Vec<u64> = hits.newest.iter().map(|hit| hit.position).collect();
    positions.sort_unstable_by(|a, b| b.cmp(a));
    positions.truncate(POSITIONS_MAX);
    positions
}

#[cfg(test)]
mod tests;
