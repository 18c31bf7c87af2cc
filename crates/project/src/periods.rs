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
    PublicationFacts, RecordClass, RecordFacts, SeverityRule, Standing, Term, TurningDays, Value,
    Verdict, hit_class,
};
use probity_types::{CivilDate, DefaultConduct, PenaltyKind, Polarity, Publicity};

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

    /// Facts for the publication of a record with such a verdict.
    fn publication_facts<'p>(
        &'p self,
        verdict: Verdict,
        penalty_kinds: &'p [PenaltyKind],
    ) -> PublicationFacts<'p> {
        let own_end = self.version.effective_to.map(|day| day.plus_days(1));
        PublicationFacts {
            class: RecordClass::Record {
                category: self.row.category,
                entry: &self.row.subcategory,
            },
            subject_kind: self.row.subject_kind,
            polarity: if self.version.polarity == Polarity::Neutral {
                verdict.polarity
            } else {
                self.version.polarity
            },
            severity: verdict.severity,
            ground: verdict.ground,
            penalty_kinds,
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
        }
    }

    /// Verdict and term of publication.
    fn answer<'p>(&self, packs: &Packs<'p>) -> Option<(Verdict, Term<'p>)> {
        let verdict = packs.judge(&self.record_facts(packs)?);
        Some((verdict, self.term(packs, verdict)))
    }

    fn term<'p>(&self, packs: &Packs<'p>, verdict: Verdict) -> Term<'p> {
        packs.term(&self.publication_facts(verdict, &self.penalty_kinds()))
    }

    fn class(&self, verdict: Verdict, term: &Term<'_>) -> Option<HitClass> {
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
            ended: is_over || term.end_on(day).is_some_and(|end| end <= day),
            annulled,
            not_yet: day < term.start,
            ..Standing::default()
        };
        hit_class(&HitFacts {
            verdict,
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
    let assessment = packs.assess(&question.record_facts(&packs)?);
    let kinds = question.penalty_kinds();
    let publication = packs.publication(&question.publication_facts(assessment.verdict(), &kinds));
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
    let (_, term) = question.answer(&packs)?;
    let day = moment.valid_on;
    let from = term.start;
    let to = term
        .end_on(day)
        .unwrap_or(CivilDate::MAX)
        .min(annulled_from);
    let is_disputed = row.is_disputed(&moment);
    (term.shown_on(day) && from < to).then_some(Published {
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
    let (verdict, term) = question.answer(&packs)?;
    question.class(verdict, &term)
}

/// Days on which the answer for a record can change, in order.
struct Days<'a> {
    /// Days on which everything is asked, latest first.
    asked: Vec<CivilDate>,
    /// Days on which only when it is published can change, ascending.
    periods: &'a [CivilDate],
}

impl<'a> Days<'a> {
    fn of(
        row: &RecordRow,
        version: &Version,
        facts: &Facts,
        turning: &'a TurningDays,
        known: &Moment,
    ) -> Self {
        let first = version.decided_on;
        let since = |days: &'a [CivilDate]| {
            let from = days.partition_point(|day| *day < first);
            days.get(from..).unwrap_or_default()
        };
        let mut asked = since(&turning.rules).to_vec();
        asked.extend([first, version.effective_from]);
        asked.extend(version.effective_to.map(|day| day.plus_days(1)));
        asked.extend(row.performed_on(known));
        if let Some(Ending::Annulled(Some(day))) = row.ending_at(known) {
            asked.push(day);
        }
        for (_, value) in facts.iter() {
            if let Value::Date(day) = value {
                asked.extend([day, day.plus_days(1)]);
            }
        }
        asked.retain(|day| *day >= first);
        asked.sort_unstable_by(|one, other| other.cmp(one));
        asked.dedup();
        Self {
            asked,
            periods: since(&turning.periods),
        }
    }

    /// Another day on which everything is to be asked.
    fn add(&mut self, day: CivilDate) {
        if let Err(place) = self.asked.binary_search_by(|held| day.cmp(held)) {
            self.asked.insert(place, day);
        }
    }

    fn peek(&self) -> Option<CivilDate> {
        let next = [self.asked.last(), self.periods.first()];
        next.into_iter().flatten().min().copied()
    }

    /// The next day, and whether everything is asked on it.
    fn next(&mut self) -> Option<(CivilDate, bool)> {
        let day = self.peek()?;
        let is_asked = self.asked.pop_if(|held| *held == day).is_some();
        if let Some((first, rest)) = self.periods.split_first()
            && *first == day
        {
            self.periods = rest;
        }
        Some((day, is_asked))
    }
}

/// What holds of a record from one day until another is asked.
struct Answer<'p> {
    packs: Packs<'p>,
    verdict: Verdict,
    term: Term<'p>,
}

impl<'p> Answer<'p> {
    /// The same for another day; the term is worked out anew only where the verdict or the rules are others.
    fn on(
        question: &Question<'_>,
        packs: Packs<'p>,
        verdict: Verdict,
        before: Option<Self>,
    ) -> Self {
        let same = before.filter(|before| {
            before.verdict == verdict
                && std::ptr::eq(before.packs.periods, packs.periods)
                && std::ptr::eq(before.packs.penalties, packs.penalties)
        });
        let term = match same {
            Some(before) => before.term,
            None => question.term(&packs, verdict),
        };
        Self {
            packs,
            verdict,
            term,
        }
    }
}

fn add_span(spans: &mut Few<Counted>, span: Counted) {
    let last = spans.iter_mut().next_back();
    match last.filter(|last| last.class == span.class && last.to == span.from) {
        Some(last) => last.to = span.to,
        None => spans.push(span),
    }
}

/// All spans in which a record counts, as known at a position.
pub fn counted(
    policies: &PolicySet,
    turning: &TurningDays,
    row: &RecordRow,
    known_at: probity_types::Position,
) -> Few<Counted> {
    let known = Moment {
        valid_on: CivilDate::MAX,
        known_at: Some(known_at),
    };
    let mut spans: Few<Counted> = Few::default();
    let Some(version) = row.version_at(&known) else {
        return spans;
    };
    let Some(facts) = version.facts.as_ref() else {
        return spans;
    };
    let Some(mut question) = Question::on(row, facts, known) else {
        return spans;
    };
    let mut days = Days::of(row, version, facts, turning, &known);
    let mut answer: Option<Answer<'_>> = None;
    while let Some((day, is_asked)) = days.next() {
        question.moment.valid_on = day;
        if is_asked {
            answer = question.packs(policies).and_then(|packs| {
                let record_facts = question.record_facts(&packs)?;
                let verdict = packs.judge(&record_facts);
                // The end of a term in the rules is a turning day as well, found only by asking.
                let found = packs.turning_days(&record_facts).into_iter();
                found
                    .filter(|found| *found > day)
                    .for_each(|found| days.add(found));
                Some(Answer::on(&question, packs, verdict, answer.take()))
            });
        }
        let Some(Answer { verdict, term, .. }) = &answer else {
            continue;
        };
        // So is the end of the publication.
        if let Some(end) = term.end_on(day).filter(|end| *end > day) {
            days.add(end);
        }
        if let Some(class) = question.class(*verdict, term) {
            let to = days.peek().unwrap_or(CivilDate::MAX);
            add_span(
                &mut spans,
                Counted {
                    class,
                    from: day,
                    to,
                },
            );
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
