//! How long a record is published and used: `end = min(term of the class, repair, five-year
//! ceiling)`, half-open, start = decision date.
//!
//! Three rules stand above a single period (domain reference §8):
//! - The most specific period of the trigger date governs (entry before category before "adverse"),
//!   among equals the newest regime.
//! - Where a later regime is milder, both are listed and the milder one applies, from the day on
//!   which it came into force and never before.
//! - Five years after the end of the conduct everything adverse ends (征信业管理条例 art. 16).
//!
//! The answer holds for the as-of day it was asked for. The end that a source reports is evidence,
//! not the answer: [`Publication::check_reported_end`] says where the two differ.

use crate::fault::Sentence;
use crate::head::Interval;
use crate::heating::HeatingTier;
use crate::penalties::{PenaltyKinds, PenaltyScale, TrialClass};
use crate::periods::{ClassScope, EndsWith, Period, PeriodClass, PublicationPeriods, RunsOn};
use crate::severity::Ground;
use probity_types::{
    Category, CivilDate, DefaultConduct, PenaltyKind, Polarity, Severity, SubjectKind,
};
use serde::Serialize;

/// What the period is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordClass<'a> {
    /// A record of a class of the catalogue.
    Record {
        /// Its category.
        category: Category,
        /// Its class, for example `CF006`.
        entry: &'a str,
    },
    /// A membership of a list.
    List {
        /// Id of the list.
        id: &'a str,
    },
}

/// Whether the subject is on the list that the record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListState {
    /// No list is concerned.
    NotListed,
    /// Still listed on the as-of day.
    Listed,
    /// Removed; the first day off the list.
    RemovedOn(CivilDate),
}

/// One record and what is known about it on the as-of day.
#[derive(Debug, Clone, Copy)]
pub struct PublicationFacts<'a> {
    /// What it is.
    pub class: RecordClass<'a>,
    /// Kind of subject.
    pub subject_kind: SubjectKind,
    /// Adverse where the class or the single record is adverse.
    pub polarity: Polarity,
    /// Severity of the record.
    pub severity: Severity,
    /// Ground of the assessment.
    pub ground: Ground,
    /// Kinds of a penalty, empty for everything else.
    pub penalty_kinds: &'a [PenaltyKind],
    /// Conduct that put a judgment defaulter on the list.
    pub default_conduct: Option<DefaultConduct>,
    /// Trigger: day of the decision, recognition, listing or award.
    pub decided_on: CivilDate,
    /// Day on which the conduct ended.
    pub conduct_ended_on: Option<CivilDate>,
    /// Day of release from custody.
    pub released_on: Option<CivilDate>,
    /// Day from which a repair is effective.
    pub repaired_on: Option<CivilDate>,
    /// Day of full performance or payment.
    pub performed_on: Option<CivilDate>,
    /// First day after the record's own validity: end of a ban, of an honour, its revocation.
    pub own_end: Option<CivilDate>,
    /// Membership of the list behind it.
    pub listed: ListState,
    /// Day for which the answer is asked.
    pub as_of: CivilDate,
}

/// A later regime that is milder than the one of the trigger date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Milder {
    /// Its rule.
    pub rule: String,
    /// Its regime.
    pub regime: String,
    /// End under it, never before it came into force.
    pub end: Option<CivilDate>,
    /// Whether it shows the class at all.
    pub shown: bool,
    /// End under the rule of the trigger date alone.
    pub end_without: Option<CivilDate>,
    /// Whether the rule of the trigger date shows the class.
    pub shown_without: bool,
}

/// How long, and whether, a record is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publication {
    /// First day.
    pub start: CivilDate,
    /// First day after the last (half-open); `None` = no fixed end. Not before `start`.
    pub end: Option<CivilDate>,
    /// First day on which repair is possible.
    pub repair_from: CivilDate,
    /// Whether the public may see the class on the as-of day while it runs; settings can be
    /// stricter.
    pub shown: bool,
    /// Rules that had a say, the governing one first. Empty where no regime covers the record and
    /// no ceiling applies.
    pub rules: Vec<String>,
    /// The mildest of the later regimes that are milder; [`Publication::rules`] names them all.
    pub milder: Option<Milder>,
}

impl Publication {
    /// Whether the record is within its period on a day. Nothing is ever "still" published by
    /// accident: the end is computed when it is read.
    pub fn runs_on(&self, day: CivilDate) -> bool {
        self.start <= day && self.end.is_none_or(|end| day < end)
    }

    /// Whether the public may see it on a day, settings aside.
    pub fn visible_on(&self, day: CivilDate) -> bool {
        self.shown && self.runs_on(day)
    }

    /// Compares the end that a source reported; `None` where it lies between minimum and end.
    pub fn check_reported_end(&self, reported: CivilDate) -> Option<Sentence> {
        let (min, end) = (self.repair_from, self.end?);
        if (min..=end).contains(&reported) {
            return None;
        }
        Some(Sentence::new(
            format!(
                "报送的公示截止期为 {reported}，按规定应在 {min} 至 {end} 之间；以计算结果为准"
            ),
            format!(
                "the reported end is {reported}, the rules give {min} to {end}; the computed end counts"
            ),
        ))
    }
}

/// The publication of one record on the as-of day.
pub fn publication(
    facts: &PublicationFacts<'_>,
    periods: &PublicationPeriods,
    penalties: &PenaltyKinds,
) -> Publication {
    let term = Term::of(facts, periods, penalties);
    let day = facts.as_of;
    let mut later: Vec<&Later<'_>> = term.later_on(day).collect();
    later.sort_by_key(|l| {
        let end = l.end.unwrap_or(CivilDate::MAX);
        (l.period.shown, end, &*l.period.id)
    });
    let governing = term.governing.iter().map(|period| &period.id);
    let mut rules: Vec<String> = governing.cloned().collect();
    rules.extend(later.iter().map(|later| later.period.id.clone()));
    let before = term.end_before_ceiling(day);
    if let Some(ceiling) = term.ceiling_on(day)
        && before.is_none_or(|end| ceiling < end)
    {
        rules.push(periods.ceiling.id.clone());
    }
    let min_months = term.governing.map_or(0, |period| period.min_months);
    Publication {
        start: term.start,
        end: term.end_on(day),
        repair_from: term.start.plus_months(min_months),
        shown: term.shown_on(day),
        rules,
        milder: later.first().map(|later| Milder {
            rule: later.period.id.clone(),
            regime: later.period.regime.clone(),
            end: later.end,
            shown: later.period.shown,
            end_without: term.own_end,
            shown_without: term.own_shown,
        }),
    }
}

/// When a record is published, for every as-of day at once: whoever asks about many days works it out once. It holds for
/// one severity, polarity and ground.
#[derive(Debug, Clone)]
pub struct Term<'a> {
    /// First day.
    pub start: CivilDate,
    governing: Option<&'a Period>,
    /// End under the rule of the trigger date alone, and whether that rule shows the class.
    own_end: Option<CivilDate>,
    own_shown: bool,
    /// Milder regimes that came later.
    later: Vec<Later<'a>>,
    /// Retention ceiling, and when that rule holds.
    ceiling: Option<(Interval, CivilDate)>,
    repaired_on: Option<CivilDate>,
}

/// A milder regime that came into force after the governing one.
#[derive(Debug, Clone)]
struct Later<'a> {
    /// First as-of day on which it has a say.
    since: CivilDate,
    period: &'a Period,
    end: Option<CivilDate>,
}

impl<'a> Term<'a> {
    /// Works it out; the as-of day of the facts plays no part.
    pub fn of(
        facts: &PublicationFacts<'_>,
        periods: &'a PublicationPeriods,
        penalties: &PenaltyKinds,
    ) -> Self {
        let matcher = Matcher {
            facts,
            periods: &periods.periods,
            penalties,
        };
        let start = facts.decided_on;
        let governing = matcher.best(|period| period.interval.contains(start));
        let own_end = governing.and_then(|period| term_end(period, facts));
        let own_shown = governing.map_or_else(|| shown_without_rule(facts), |period| period.shown);
        Self {
            start,
            governing,
            own_end,
            own_shown,
            later: milder(&matcher, governing, own_end, own_shown),
            ceiling: ceiling_end(&periods.ceiling, facts)
                .map(|end| (periods.ceiling.interval, end)),
            repaired_on: facts.repaired_on,
        }
    }

    fn later_on(&self, day: CivilDate) -> impl Iterator<Item = &Later<'a>> {
        self.later.iter().filter(move |later| later.since <= day)
    }

    fn ceiling_on(&self, day: CivilDate) -> Option<CivilDate> {
        let (interval, end) = self.ceiling?;
        interval.contains(day).then_some(end)
    }

    fn end_before_ceiling(&self, day: CivilDate) -> Option<CivilDate> {
        let later = self.later_on(day).filter_map(|later| later.end);
        later.chain(self.own_end).min()
    }

    /// First day after the last, asked for on a day; see [`Publication::end`].
    pub fn end_on(&self, day: CivilDate) -> Option<CivilDate> {
        let ends = [
            self.end_before_ceiling(day),
            self.ceiling_on(day),
            self.repaired_on,
        ];
        // Repair by right may come before the minimum; nothing ends before it began.
        earliest(ends).map(|end| end.max(self.start))
    }

    /// Whether the public may see the class, asked for on a day; see [`Publication::shown`].
    pub fn shown_on(&self, day: CivilDate) -> bool {
        self.own_shown && self.later_on(day).all(|later| later.period.shown)
    }
}

fn earliest<const N: usize>(days: [Option<CivilDate>; N]) -> Option<CivilDate> {
    days.into_iter().flatten().min()
}

/// Where no regime speaks: persons are not public, and neither is what is adverse by its class
/// only.
fn shown_without_rule(facts: &PublicationFacts<'_>) -> bool {
    let not_adverse_yet = facts.polarity == Polarity::Adverse && facts.severity == Severity::None;
    !facts.subject_kind.is_person() && !not_adverse_yet
}

/// End of a period for a record, half-open; `None` = no fixed end.
fn term_end(period: &Period, facts: &PublicationFacts<'_>) -> Option<CivilDate> {
    let mut end = period
        .max_months
        .map(|months| facts.decided_on.plus_months(months));
    match (period.runs_on, facts.listed) {
        (Some(RunsOn::OwnTerm), _) => {
            end = end.map(|end| facts.own_end.map_or(end, |own| own.max(end)))
        }
        (Some(RunsOn::Removal), ListState::Listed) => end = None,
        (Some(RunsOn::Removal), ListState::RemovedOn(day)) => end = end.map(|end| end.max(day)),
        (Some(RunsOn::Removal), ListState::NotListed) | (None, _) => {}
    }
    let removed = match facts.listed {
        ListState::RemovedOn(day) => Some(day),
        ListState::NotListed | ListState::Listed => None,
    };
    for word in &period.ends_with {
        end = match word {
            EndsWith::Performance => earliest([end, facts.performed_on]),
            EndsWith::Removal => earliest([end, removed]),
            EndsWith::Validity => earliest([end, facts.own_end]),
        };
    }
    // Whoever is off the list is no longer shown on it, whatever the regime.
    if matches!(facts.class, RecordClass::List { .. }) {
        end = earliest([end, removed]);
    }
    end
}

/// Five years from release, the end of the conduct or the decision. While a subject is listed the
/// conduct has not ended.
fn ceiling_end(ceiling: &Period, facts: &PublicationFacts<'_>) -> Option<CivilDate> {
    if facts.polarity != Polarity::Adverse || facts.listed == ListState::Listed {
        return None;
    }
    let from = facts
        .released_on
        .or(facts.conduct_ended_on)
        .unwrap_or(facts.decided_on);
    ceiling.max_months.map(|months| from.plus_months(months))
}

/// The regimes that came into force after the governing one and are milder. One can be shorter and another hide the class:
/// each has its effect.
fn milder<'a>(
    matcher: &Matcher<'a, '_>,
    governing: Option<&Period>,
    own_end: Option<CivilDate>,
    own_shown: bool,
) -> Vec<Later<'a>> {
    let facts = matcher.facts;
    let after = governing.map_or(CivilDate::MIN, |period| period.interval.first);
    let mut regimes: Vec<(&str, CivilDate)> = Vec::new();
    for period in matcher.periods {
        let Interval { first, last } = period.interval;
        if first <= after || last < facts.decided_on {
            continue;
        }
        match regimes.iter_mut().find(|(held, _)| *held == period.regime) {
            Some((_, since)) => *since = first.min(*since),
            None => regimes.push((&period.regime, first)),
        }
    }
    let candidates = regimes.into_iter().filter_map(|(regime, since)| {
        let period = matcher.best(|p| after < p.interval.first && p.regime == regime)?;
        // Before it came into force it could end nothing.
        let end = term_end(period, facts).map(|end| end.max(period.interval.first));
        let shorter = end.is_some_and(|end| own_end.is_none_or(|own| end < own));
        let hidden = own_shown && !period.shown && still_runs(own_end, period.interval.first);
        (shorter || hidden).then_some(Later { since, period, end })
    });
    candidates.collect()
}

fn still_runs(end: Option<CivilDate>, day: CivilDate) -> bool {
    end.is_none_or(|end| day < end)
}

/// Finds the period that speaks about a record.
struct Matcher<'a, 'f> {
    facts: &'f PublicationFacts<'f>,
    periods: &'a [Period],
    penalties: &'f PenaltyKinds,
}

impl<'a> Matcher<'a, '_> {
    /// The most specific matching period, among equals the newest; then the first of the text.
    fn best(&self, applies: impl Fn(&Period) -> bool) -> Option<&'a Period> {
        let mut best: Option<(u8, &Period)> = None;
        for period in self.periods.iter().filter(|p| applies(p)) {
            let Some(rank) = self.matches(period) else {
                continue;
            };
            let newer = |held: &Period| period.interval.first > held.interval.first;
            if best.is_none_or(|(top, held)| rank > top || (rank == top && newer(held))) {
                best = Some((rank, period));
            }
        }
        best.map(|(_, period)| period)
    }

    /// How specific a matching period is.
    fn matches(&self, period: &Period) -> Option<u8> {
        let rank = self.scope(period)?;
        (period.concerns(self.facts.subject_kind) && self.class(period)).then_some(rank)
    }

    fn scope(&self, period: &Period) -> Option<u8> {
        let general = period
            .scopes
            .iter()
            .filter_map(|scope| match (scope, self.facts.class) {
                (ClassScope::Every, _) => Some(0),
                (ClassScope::Adverse, _) => (self.facts.polarity == Polarity::Adverse).then_some(1),
                (ClassScope::List, RecordClass::List { id }) => match period.list.as_deref() {
                    None => Some(2),
                    Some(only) => (only == id).then_some(3),
                },
                (ClassScope::Category(of), RecordClass::Record { category, .. }) => {
                    (*of == category).then_some(2)
                }
                (ClassScope::List, RecordClass::Record { .. })
                | (ClassScope::Category(_), RecordClass::List { .. })
                | (ClassScope::Market, _) => None,
            });
        let named = match self.facts.class {
            RecordClass::Record { entry, .. } => period.entries.contains(entry).then_some(3),
            RecordClass::List { .. } => None,
        };
        general.chain(named).max()
    }

    fn class(&self, period: &Period) -> bool {
        let facts = self.facts;
        let tier = |wanted| facts.ground == Ground::LocalTier(wanted);
        let refuses = facts.default_conduct == Some(DefaultConduct::AbleRefuses);
        match period.class {
            PeriodClass::Any => true,
            PeriodClass::Ordinary => tier(HeatingTier::Ordinary),
            PeriodClass::MoreSerious => tier(HeatingTier::MoreSerious),
            PeriodClass::Serious => facts.severity == Severity::Serious,
            PeriodClass::General => {
                let takes_minor = !self.regime_has(period, PeriodClass::Minor);
                facts.severity == Severity::General
                    || (takes_minor && facts.severity == Severity::Minor)
            }
            PeriodClass::Minor => facts.severity == Severity::Minor,
            PeriodClass::Summary => facts.ground == Ground::SummaryPenalty,
            PeriodClass::WarningOrCriticismOnly => self.kinds_are(|k| {
                self.penalties.trial_class(k) == Some(TrialClass::WarningOrCriticismOnly)
            }),
            PeriodClass::WarningOnly => {
                self.kinds_are(|k| matches!(k, PenaltyKind::P1_01 | PenaltyKind::P2_01))
            }
            PeriodClass::CriticismOrLowerFine => {
                let light = |k| {
                    let scale = self.penalties.scale(k);
                    matches!(scale, Some(PenaltyScale::Minor | PenaltyScale::ByAmount))
                };
                let warning = |k| matches!(k, PenaltyKind::P1_01 | PenaltyKind::P2_01);
                facts.severity < Severity::Serious
                    && self.kinds_are(light)
                    && !self.kinds_are(warning)
            }
            PeriodClass::Other => !self.periods.iter().any(|sibling| {
                sibling.regime == period.regime
                    && sibling.class != PeriodClass::Other
                    && self.matches(sibling).is_some()
            }),
            PeriodClass::CanPayRefuses => refuses,
            PeriodClass::OtherGrounds => !refuses,
            PeriodClass::Positive => facts.polarity == Polarity::Positive,
            PeriodClass::Adverse => facts.polarity == Polarity::Adverse,
            PeriodClass::Neutral => facts.polarity == Polarity::Neutral,
        }
    }

    fn regime_has(&self, period: &Period, class: PeriodClass) -> bool {
        self.periods
            .iter()
            .any(|sibling| sibling.regime == period.regime && sibling.class == class)
    }

    /// Whether the penalty's kinds are known and all of this sort.
    fn kinds_are(&self, sort: impl Fn(PenaltyKind) -> bool) -> bool {
        let kinds = self.facts.penalty_kinds;
        !kinds.is_empty() && kinds.iter().all(|kind| sort(*kind))
    }
}

#[cfg(test)]
mod tests;
