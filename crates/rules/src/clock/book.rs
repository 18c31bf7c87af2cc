//! Clocks as data: one per deadline of each law, and which terms of a law count working days.
//! Source: `packs/clocks.toml`, domain reference §9.

use super::{CIVIL, TermLength, Unit};
use crate::fault::{Collector, PackFaults, read_toml};
use crate::head::{Confidence, Interval, PackHead, PackKind, RawHead, keyed};
use crate::periods::{ClassScope, read_classes};
use crate::publication::RecordClass;
use probity_types::{CivilDate, Polarity};
use serde::Deserialize;
use std::collections::BTreeSet;

keyed! {
    /// Which terms of a law, given in days, count working days.
    CountingRule("rule of counting") {
        /// All of them.
        All = "all",
        /// None.
        None = "none",
        /// Those of exactly the lengths listed.
        Listed = "listed",
        /// Those of at most one length.
        UpTo = "up_to",
    }
}

/// Which terms of one law count working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// The law, as clocks name it.
    pub regime: String,
    /// Trigger dates for which it is in force.
    pub interval: Interval,
    rule: CountingRule,
    lengths: Vec<u32>,
    /// The article.
    pub source: String,
    /// How well founded it is.
    pub confidence: Confidence,
}

impl Counting {
    /// The unit of a term of so many days.
    pub fn unit(&self, days: u32) -> Unit {
        let works = match self.rule {
            CountingRule::All => true,
            CountingRule::None => false,
            CountingRule::Listed => self.lengths.contains(&days),
            CountingRule::UpTo => self.lengths.iter().any(|most| days <= *most),
        };
        if works {
            Unit::WorkingDay
        } else {
            Unit::CalendarDay
        }
    }
}

/// One deadline of one law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Id, for example `dual-publish`.
    pub id: String,
    /// The law it belongs to.
    pub regime: String,
    /// Region whose law it is, or `CN`.
    pub jurisdiction: String,
    /// Trigger dates for which it is in force.
    pub interval: Interval,
    scopes: BTreeSet<ClassScope>,
    entries: BTreeSet<String>,
    /// What has to be done, for example `objection.accept`.
    pub stage: String,
    /// Who has to do it.
    pub party: String,
    /// What starts it, in words.
    pub trigger: String,
    /// How long it runs.
    pub term: TermLength,
    /// How long it runs once extended, in all.
    pub extended: Option<TermLength>,
    /// Condition of the extension, in words.
    pub extension_condition: Option<String>,
    /// What stops it, in words.
    pub tolling: Option<String>,
    /// What follows where it runs out, in words.
    pub on_breach: Option<String>,
    /// Legal source.
    pub source: String,
    /// How well founded it is.
    pub confidence: Confidence,
}

/// What a clock is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockQuestion<'a> {
    /// The law.
    pub regime: &'a str,
    /// The record or listing concerned.
    pub class: RecordClass<'a>,
    /// Whether it counts against the subject.
    pub polarity: Polarity,
    /// What has to be done.
    pub stage: &'a str,
    /// The day that starts the term.
    pub trigger: CivilDate,
}

impl Clock {
    /// How closely the clock names the class: entry 3, category or list 2, adverse 1, everything 0.
    fn tier(&self, question: &ClockQuestion<'_>) -> Option<u8> {
        let scope = |scope| self.scopes.contains(&scope);
        match question.class {
            RecordClass::Record { entry, .. } if self.entries.contains(entry) => Some(3),
            RecordClass::Record { category, .. } if scope(ClassScope::Category(category)) => {
                Some(2)
            }
            RecordClass::List { .. } if scope(ClassScope::List) => Some(2),
            _ if question.polarity == Polarity::Adverse && scope(ClassScope::Adverse) => Some(1),
            _ => scope(ClassScope::Every).then_some(0),
        }
    }
}

/// The clocks of all laws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockBook {
    /// What the pack says about itself.
    pub head: PackHead,
    clocks: Vec<Clock>,
    counting: Vec<Counting>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBook {
    pack: RawHead,
    #[serde(default)]
    counting: Vec<RawCounting>,
    clock: Vec<RawClock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCounting {
    regime: String,
    valid_from: String,
    valid_to: String,
    working_days: String,
    lengths: Vec<u32>,
    source: String,
    confidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClock {
    id: String,
    regime: String,
    jurisdiction: String,
    valid_from: String,
    valid_to: String,
    record_class: Vec<String>,
    stage: String,
    party: String,
    trigger: String,
    length: u32,
    unit: String,
    extension: Option<u32>,
    extension_unit: Option<String>,
    extension_condition: Option<String>,
    tolling: Option<String>,
    on_breach: Option<String>,
    calendar: String,
    source: String,
    confidence: String,
}

impl ClockBook {
    /// Reads and checks a pack of kind `clocks`.
    ///
    /// # Errors
    /// [`PackFaults`], also for a clock whose unit is not the one that its law's rule of counting gives.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawBook = read_toml(PackKind::Clocks, text)?;
        let mut faults = Collector::new(PackKind::Clocks);
        let head = raw.pack.check(PackKind::Clocks, &mut faults);
        let counting: Vec<Counting> = raw
            .counting
            .into_iter()
            .filter_map(|counting| read_counting(counting, &mut faults))
            .collect();
        let mut clocks: Vec<Clock> = Vec::new();
        for clock in raw.clock {
            let place = format!("clock {}", clock.id);
            if clocks.iter().any(|known| known.id == clock.id) {
                faults.push(&place, "id", "stands twice", "each clock once");
            }
            let Some(clock) = read_clock(clock, &place, &mut faults) else {
                continue;
            };
            for rule in counting.iter().filter(|rule| rule.regime == clock.regime) {
                let (term, right) = (&clock.term, rule.unit(clock.term.length()));
                if term.unit().is_days() && term.unit() != right {
                    let right = format!("{right}, by {}", rule.source);
                    faults.push(&place, "unit", term.unit().key(), right);
                }
            }
            clocks.push(clock);
        }
        faults.finish(Self {
            head,
            clocks,
            counting,
        })
    }

    /// Every clock, in the order of the text.
    pub fn clocks(&self) -> impl Iterator<Item = &Clock> {
        self.clocks.iter()
    }

    /// One clock by its id, in force or not.
    pub fn clock(&self, id: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.id == id)
    }

    /// The clocks that run: those of the law and stage in force on the trigger date that name the class most closely. Several
    /// where the law gives several parties a term, or several triggers.
    pub fn applying(&self, question: &ClockQuestion<'_>) -> Vec<&Clock> {
        let mut best: (u8, Vec<&Clock>) = (0, Vec::new());
        for clock in &self.clocks {
            let is_asked = clock.regime == question.regime
                && clock.stage == question.stage
                && clock.interval.contains(question.trigger);
            let Some(tier) = clock.tier(question).filter(|_| is_asked) else {
                continue;
            };
            if tier > best.0 {
                best = (tier, Vec::new());
            }
            if tier == best.0 {
                best.1.push(clock);
            }
        }
        best.1
    }

    /// The rule of counting of a law on a trigger date, where the law has one.
    pub fn counting(&self, regime: &str, trigger: CivilDate) -> Option<&Counting> {
        let mut rules = self.counting.iter();
        rules.find(|rule| rule.regime == regime && rule.interval.contains(trigger))
    }
}

fn read_counting(raw: RawCounting, faults: &mut Collector) -> Option<Counting> {
    let place = format!("counting {}", raw.regime);
    faults.filled(&place, "regime", &raw.regime);
    faults.filled(&place, "source", &raw.source);
    let right = "one of these";
    let interval = faults.interval(&place, &raw.valid_from, &raw.valid_to);
    let confidence = faults.read(&place, "confidence", &raw.confidence, right);
    let rule: CountingRule = faults.read(&place, "working_days", &raw.working_days, right)?;
    let fits = match rule {
        CountingRule::All | CountingRule::None => raw.lengths.is_empty(),
        CountingRule::Listed => !raw.lengths.is_empty(),
        CountingRule::UpTo => raw.lengths.len() == 1,
    };
    if !fits {
        let right = "none for all and none, one for up_to, at least one for listed";
        faults.push(&place, "lengths", format!("{:?}", raw.lengths), right);
    }
    Some(Counting {
        regime: raw.regime,
        interval,
        rule,
        lengths: raw.lengths,
        source: raw.source,
        confidence: confidence?,
    })
}

fn read_clock(raw: RawClock, place: &str, faults: &mut Collector) -> Option<Clock> {
    let right = "one of these";
    for (field, text) in [
        ("regime", &raw.regime),
        ("stage", &raw.stage),
        ("party", &raw.party),
        ("trigger", &raw.trigger),
        ("source", &raw.source),
    ] {
        faults.filled(place, field, text);
    }
    let (scopes, entries) = read_classes(&raw.record_class, place, faults);
    let interval = faults.interval(place, &raw.valid_from, &raw.valid_to);
    let confidence = faults.read(place, "confidence", &raw.confidence, right);
    let unit: Unit = faults.read(place, "unit", &raw.unit, right)?;
    let calendar = (raw.calendar != CIVIL).then_some(raw.calendar);
    let mut term = |field: &str, length: u32| match TermLength::new(length, unit, calendar.clone())
    {
        Ok(term) => Some(term),
        Err(error) => {
            faults.push(
                place,
                field,
                error.to_string(),
                "a term that can be counted",
            );
            None
        }
    };
    let first = term("length", raw.length);
    let extended = raw
        .extension
        .and_then(|more| term("extension", raw.length.saturating_add(more)));
    if raw.extension.is_some() && raw.extension_unit.as_deref() != Some(unit.key()) {
        let found = format!("{:?}", raw.extension_unit);
        faults.push(place, "extension_unit", found, unit.key());
    }
    Some(Clock {
        id: raw.id,
        regime: raw.regime,
        jurisdiction: raw.jurisdiction,
        interval,
        scopes,
        entries,
        stage: raw.stage,
        party: raw.party,
        trigger: raw.trigger,
        term: first?,
        extended,
        extension_condition: raw.extension_condition,
        tolling: raw.tolling,
        on_breach: raw.on_breach,
        source: raw.source,
        confidence: confidence?,
    })
}
