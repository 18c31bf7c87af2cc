//! When a record counts and when it is published, worked out from what rules read: once when it changes, for the present
//! knowledge, and again on demand for an earlier one.

use crate::Moment;
use crate::facts::Facts;
use crate::published::Published;
use crate::records::{Ending, RecordRow, Version};
use crate::slim::Few;
use probity_format::fields::FieldMap;
use probity_rules::severity::RemedyOpen;
use probity_rules::{
    AnchorDates, Assessment, Entry, FieldSource, HitClass, HitFacts, Packs, PolicySet, Publication,
    PublicationFacts, RecordClass, RecordFacts, SeverityRule, Standing, Value, hit_class,
};
use probity_types::{CivilDate, DefaultConduct, PenaltyKind, Polarity, Publicity};
use std::collections::BTreeSet;

/// A span in which a record or membership counts in grades: `from` included, `to` not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// As what it counts.
    pub class: HitClass,
    /// First day.
    pub from: CivilDate,
    /// First day after; [`CivilDate::MAX`] = open.
    pub to: CivilDate,
}

/// Whether rules can ever count a class; of one that they cannot, nothing is kept.
pub(crate) fn can_count(entry: &Entry) -> bool {
    !matches!(
        entry.severity_rule,
        SeverityRule::None | SeverityRule::NeutralOnly
    )
}

/// One record on one day, as known at a position.
struct Question<'a> {
    row: &'a RecordRow,
    version: &'a Version,
    facts: &'a dyn FieldSource,
    moment: Moment,
}

impl<'a> Question<'a> {
    fn on(row: &'a RecordRow, facts: &'a dyn FieldSource, moment: Moment) -> Option<Self> {
        Some(Self {
            row,
            version: row.version_at(&moment)?,
            facts,
            moment,
        })
    }

    fn date(&self, name: &str) -> Option<CivilDate> {
        match self.facts.value(name) {
            Some(Value::Date(date)) => Some(date),
            _ => None,
        }
    }

    fn penalty_kinds(&self) -> Vec<PenaltyKind> {
        match self.facts.value("penalty_kinds") {
            Some(Value::Codes(codes)) => codes.keys().filter_map(|key| key.parse().ok()).collect(),
            _ => Vec::new(),
        }
    }

    fn default_conduct(&self) -> Option<DefaultConduct> {
        match self.facts.value("conduct") {
            Some(Value::Code(key)) => key.parse().ok(),
            _ => None,
        }
    }

    fn packs<'p>(&self, policies: &'p PolicySet) -> Option<Packs<'p>> {
        let dates = AnchorDates::new(self.version.decided_on, self.moment.valid_on);
        policies.packs(self.moment.known_at?, &dates).ok()
    }

    fn record_facts<'p>(&'p self, packs: &Packs<'p>) -> Option<RecordFacts<'p>> {
        Some(RecordFacts {
            entry: packs.catalogue.entry(&self.row.subcategory)?,
            subject_kind: self.row.subject_kind,
            fields: self.facts,
            decided_on: self.version.decided_on,
            as_of: self.moment.valid_on,
            performed_on: self.row.performed_on(&self.moment),
            remedy: if self.row.is_disputed(&self.moment) {
                RemedyOpen::Yes
            } else {
                RemedyOpen::No
            },
            basis_severity: None,
            delisted_on: None,
        })
    }

    fn assess(&self, packs: &Packs<'_>) -> Option<Assessment> {
        Some(packs.assess(&self.record_facts(packs)?))
    }

    fn publication(&self, packs: &Packs<'_>, assessment: &Assessment) -> Publication {
        let kinds = self.penalty_kinds();
        let own_end = self.version.effective_to.map(|day| day.plus_days(1));
        packs.publication(&PublicationFacts {
            class: RecordClass::Record {
                category: self.row.category,
                entry: &self.row.subcategory,
            },
            subject_kind: self.row.subject_kind,
            polarity: if self.version.polarity == Polarity::Neutral {
                assessment.polarity
            } else {
                self.version.polarity
            },
            severity: assessment.severity,
            ground: assessment.ground,
            penalty_kinds: &kinds,
            default_conduct: self.default_conduct(),
            decided_on: self.version.decided_on,
            conduct_ended_on: self
                .date("conduct_ended_on")
                .or_else(|| self.date("conduct_date")),
            released_on: None,
            repaired_on: None,
            performed_on: self.row.performed_on(&self.moment),
            own_end,
            listed: probity_rules::publication::ListState::NotListed,
            as_of: self.moment.valid_on,
        })
    }

    fn class(&self, assessment: &Assessment, publication: &Publication) -> Option<HitClass> {
        let annulled = match self.row.ending_at(&self.moment) {
            Some(Ending::Voided) => return None,
            Some(Ending::Annulled(from)) => from.is_none_or(|day| day <= self.moment.valid_on),
            None => false,
        };
        let day = self.moment.valid_on;
        let is_over = self.version.polarity == Polarity::Positive
            && self.version.effective_to.is_some_and(|end| end < day);
        let standing = Standing {
            disputed: self.row.is_disputed(&self.moment),
            ended: is_over || publication.end.is_some_and(|end| end <= day),
            annulled,
            not_yet: day < publication.start,
            ..Standing::default()
        };
        hit_class(&HitFacts {
            assessment,
            publicity: self.version.publicity,
            standing,
        })
    }
}

/// A record of a class that never counts has no facts here.
const NO_FACTS: &FieldMap = &FieldMap::new();

fn facts_of(version: &Version) -> &dyn FieldSource {
    version
        .facts
        .as_ref()
        .map_or(NO_FACTS, |facts| facts as &dyn FieldSource)
}

/// Publication of a record at a moment, with the assessment behind it. None where the record is not known then.
pub fn publication_at(
    policies: &PolicySet,
    row: &RecordRow,
    moment: Moment,
) -> Option<(Assessment, Publication)> {
    let question = Question::on(row, facts_of(row.version_at(&moment)?), moment)?;
    let packs = question.packs(policies)?;
    let assessment = question.assess(&packs)?;
    let publication = question.publication(&packs, &assessment);
    Some((assessment, publication))
}

/// The span in which a record is open to the public by its class and by the rules of a day, settings of the profile aside.
///
/// Never about persons, never what was voided or annulled (administrative penalty law, art. 48), never a summary penalty.
pub fn published(policies: &PolicySet, row: &RecordRow, moment: Moment) -> Option<Published> {
    let version = row.version_at(&moment)?;
    let is_open = |publicity| {
        matches!(
            publicity,
            Publicity::Public | Publicity::PublicOrganisations
        )
    };
    let is_withheld = row.subject_kind.is_person() || version.summary_procedure;
    if is_withheld || !is_open(version.publicity) {
        return None;
    }
    let annulled_from = match row.ending_at(&moment) {
        Some(Ending::Voided | Ending::Annulled(None)) => return None,
        Some(Ending::Annulled(Some(day))) => day,
        None => CivilDate::MAX,
    };
    let question = Question::on(row, facts_of(version), moment)?;
    let packs = question.packs(policies)?;
    if !is_open(packs.catalogue.entry(&row.subcategory)?.publicity) {
        return None;
    }
    let assessment = question.assess(&packs)?;
    let publication = question.publication(&packs, &assessment);
    let from = publication.start;
    let to = publication.end.unwrap_or(CivilDate::MAX).min(annulled_from);
    let is_disputed = row.is_disputed(&moment);
    (publication.shown && from < to).then_some(Published {
        from,
        to,
        is_disputed,
    })
}

/// As what a record counts at a moment.
pub fn class_at(policies: &PolicySet, row: &RecordRow, moment: Moment) -> Option<HitClass> {
    let facts = row.version_at(&moment)?.facts.as_ref()?;
    let question = Question::on(row, facts, moment)?;
    let packs = question.packs(policies)?;
    let assessment = question.assess(&packs)?;
    let publication = question.publication(&packs, &assessment);
    question.class(&assessment, &publication)
}

/// Days on which the answer for a record can change, beyond those that an answer itself names.
fn turning_days(
    row: &RecordRow,
    version: &Version,
    facts: &Facts,
    moment: &Moment,
) -> BTreeSet<CivilDate> {
    let mut days = BTreeSet::from([version.decided_on, version.effective_from]);
    days.extend(version.effective_to.map(|day| day.plus_days(1)));
    days.extend(row.performed_on(moment));
    if let Some(Ending::Annulled(Some(day))) = row.ending_at(moment) {
        days.insert(day);
    }
    for (_, value) in facts.iter() {
        if let Value::Date(day) = value {
            days.insert(day);
            days.insert(day.plus_days(1));
        }
    }
    days.retain(|day| *day >= version.decided_on);
    days
}

/// All spans in which a record counts, as known at a position.
pub fn counted(
    policies: &PolicySet,
    regimes: &BTreeSet<CivilDate>,
    row: &RecordRow,
    known_at: probity_types::Position,
) -> Few<Counted> {
    let known = Moment {
        valid_on: CivilDate::MAX,
        known_at: Some(known_at),
    };
    let Some(version) = row.version_at(&known) else {
        return Few::default();
    };
    let Some(facts) = version.facts.as_ref() else {
        return Few::default();
    };
    let mut days = turning_days(row, version, facts, &known);
    days.extend(regimes.range(version.decided_on..).copied());
    let mut spans: Few<Counted> = Few::default();
    // The end of a publication and of a term in the rules are turning days as well, found only by asking.
    let mut next = days.pop_first();
    while let Some(day) = next {
        let moment = Moment {
            valid_on: day,
            known_at: Some(known_at),
        };
        let Some(question) = Question::on(row, facts, moment) else {
            break;
        };
        let class = question.packs(policies).and_then(|packs| {
            let record_facts = question.record_facts(&packs)?;
            let assessment = packs.assess(&record_facts);
            let publication = question.publication(&packs, &assessment);
            let found = packs.turning_days(&record_facts).into_iter();
            days.extend(found.chain(publication.end).filter(|found| *found > day));
            question.class(&assessment, &publication)
        });
        next = days.pop_first();
        let to = next.unwrap_or(CivilDate::MAX);
        if let Some(class) = class {
            match spans
                .iter_mut()
                .next_back()
                .filter(|last| last.class == class && last.to == day)
            {
                Some(last) => last.to = to,
                None => spans.push(Counted {
                    class,
                    from: day,
                    to,
                }),
            }
        }
    }
    spans
}

/// Whether a class of records can count at all; those that cannot keep no facts.
pub fn catalogue_entry<'a>(
    policies: &'a PolicySet,
    code: &str,
    known_at: probity_types::Position,
    on: CivilDate,
) -> Option<&'a Entry> {
    let dates = AnchorDates::new(on, on);
    policies.packs(known_at, &dates).ok()?.catalogue.entry(code)
}
