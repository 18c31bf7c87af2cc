//! A calendar as it was known: the pack adopted by a position of the log, of it the notices known on a day, over the calendar below.

use super::{CalendarPack, Named, Notice};
use crate::fault::Sentence;
use crate::head::Interval;
use crate::pack::PolicySet;
use probity_types::{CivilDate, Position};
use serde::Serialize;

/// No adopted pack holds a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no calendar {id:?} adopted by {known_at} is in force on {on}")]
pub struct NoCalendar {
    /// Id asked for.
    pub id: String,
    /// The position of the question.
    pub known_at: Position,
    /// The trigger date.
    pub on: CivilDate,
}

/// Every calendar as known at a position and, where a day is given, on that day.
#[derive(Debug, Clone, Copy)]
pub struct Calendars<'a> {
    set: &'a PolicySet,
    known_at: Position,
    known_on: Option<CivilDate>,
}

impl PolicySet {
    /// The calendars adopted by `known_at`; with `known_on` only what notices had said by the end of that day.
    pub fn calendars(&self, known_at: Position, known_on: Option<CivilDate>) -> Calendars<'_> {
        Calendars {
            set: self,
            known_at,
            known_on,
        }
    }
}

impl<'a> Calendars<'a> {
    /// One calendar by its id, for terms that begin on `trigger`.
    ///
    /// # Errors
    /// [`NoCalendar`], also for one that it lies over.
    pub fn calendar(&self, id: &str, trigger: CivilDate) -> Result<Calendar<'a>, NoCalendar> {
        let mut layers: Vec<Layer<'a>> = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let found = self
                .set
                .calendars_known_at(self.known_at)
                .filter(|(_, pack)| {
                    let rule = &pack.head.rule;
                    rule.id == id && rule.interval.contains(trigger)
                })
                .last();
            // Adoption refuses a calendar over one that lies over another; a later version of the lower one could still do so.
            let deep = layers.len() > 1;
            let Some((adopted_at, pack)) = found.filter(|_| !deep) else {
                return Err(NoCalendar {
                    id: id.to_owned(),
                    known_at: self.known_at,
                    on: trigger,
                });
            };
            layers.push(Layer { adopted_at, pack });
            next = pack.lies_over.as_deref();
        }
        Ok(Calendar {
            layers,
            known_on: self.known_on,
        })
    }

    /// The id of every calendar known, each once, in the order of adoption.
    pub fn ids(&self) -> Vec<&'a str> {
        let mut ids: Vec<&str> = Vec::new();
        for (_, pack) in self.set.calendars_known_at(self.known_at) {
            let id = pack.head.rule.id.as_str();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }
}

#[derive(Debug, Clone, Copy)]
struct Layer<'a> {
    adopted_at: Position,
    pack: &'a CalendarPack,
}

/// One calendar with the one below it; see [`Calendars::calendar`].
#[derive(Debug, Clone)]
pub struct Calendar<'a> {
    /// The topmost first; never empty.
    layers: Vec<Layer<'a>>,
    known_on: Option<CivilDate>,
}

/// One day of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// Whether it is a working day.
    pub works: bool,
    /// Whether it is a Saturday or Sunday.
    pub is_weekend: bool,
    /// The feast and the id of the notice, where a notice names the day.
    pub named: Option<(&'a str, &'a str)>,
}

/// Days about which no notice is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Uncovered {
    /// Calendar that holds nothing about them.
    pub calendar: String,
    /// First of them.
    pub first: CivilDate,
    /// Last of them.
    pub last: CivilDate,
    /// Where they lie.
    pub why: UncoveredWhy,
}

/// Where days that no notice covers lie in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UncoveredWhy {
    /// After the last day that is covered: the notice is not known yet.
    Beyond,
    /// Between days that are covered.
    Gap,
    /// Before the first day that is covered.
    Before,
}

impl UncoveredWhy {
    /// The word that stands in answers.
    pub fn key(self) -> &'static str {
        match self {
            Self::Beyond => "beyond",
            Self::Gap => "gap",
            Self::Before => "before",
        }
    }
}

impl Uncovered {
    /// The reason in words.
    pub fn sentence(&self) -> Sentence {
        let (calendar, first, last) = (&self.calendar, self.first, self.last);
        let (zh, en) = match self.why {
            UncoveredWhy::Beyond => (
                "放假通知尚未收录",
                "no notice about these days is known yet",
            ),
            UncoveredWhy::Gap => ("放假通知缺失", "the notice about these days is missing"),
            UncoveredWhy::Before => ("早于日历收录范围", "the calendar begins after these days"),
        };
        Sentence::new(
            format!("日历 {calendar}：{first} 至 {last} {zh}，暂按每周五个工作日计算"),
            format!("calendar {calendar}, {first} to {last}: {en}; counted as plain weeks"),
        )
    }
}

/// One pack that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackVersion {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Where it was adopted.
    pub adopted_at: Position,
}

/// What of a calendar an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CalendarVersion {
    /// The packs, the calendar's own first, then the one below it.
    pub packs: Vec<PackVersion>,
    /// Ids of the notices that cover or name days of the span, in the same order.
    pub notices: Vec<String>,
    /// Only what notices had said by the end of this day; none = all that the packs hold.
    pub known_on: Option<CivilDate>,
}

/// 1970-01-01 was a Thursday; Monday is 0.
fn is_weekend(day: CivilDate) -> bool {
    (day.days() + 3).rem_euclid(7) >= 5
}

impl<'a> Layer<'a> {
    fn notices(&self, known_on: Option<CivilDate>) -> &'a [Notice] {
        let all = self.pack.notices();
        let known = known_on.map_or(all.len(), |on| all.partition_point(|n| n.known_from <= on));
        &all[..known]
    }

    fn named(&self, day: CivilDate, known: usize) -> Option<&'a Named> {
        let said = self.pack.named.get(&day)?;
        said.iter().rev().find(|named| named.notice < known)
    }

    /// Covered days as known, each interval beginning after the one before it ended.
    fn covered(&self, known_on: Option<CivilDate>) -> Vec<Interval> {
        let notices = self.notices(known_on).iter();
        let mut covers: Vec<Interval> = notices.filter_map(|notice| notice.covers).collect();
        covers.sort_by_key(|interval| (interval.first, interval.last));
        let mut merged: Vec<Interval> = Vec::new();
        for next in covers {
            match merged.last_mut() {
                Some(last) if next.first <= last.last.plus_days(1) => {
                    last.last = last.last.max(next.last);
                }
                _ => merged.push(next),
            }
        }
        merged
    }
}

impl<'a> Calendar<'a> {
    /// Whether a day works, and which notice says so. A day that no known notice names works Monday to Friday.
    pub fn day(&self, day: CivilDate) -> Day<'a> {
        let is_weekend = is_weekend(day);
        for layer in &self.layers {
            let notices = layer.notices(self.known_on);
            if let Some(named) = layer.named(day, notices.len()) {
                return Day {
                    works: named.works,
                    is_weekend,
                    named: Some((&named.name, &notices[named.notice].id)),
                };
            }
        }
        Day {
            works: !is_weekend,
            is_weekend,
            named: None,
        }
    }

    /// Days of a span, both ends inclusive, that a layer knows nothing about. Empty where nothing is open.
    pub fn uncovered(&self, first: CivilDate, last: CivilDate) -> Vec<Uncovered> {
        let mut open = Vec::new();
        for layer in &self.layers {
            let covered = layer.covered(self.known_on);
            let mut push = |from: CivilDate, to: CivilDate, why| {
                let (from, to) = (from.max(first), to.min(last));
                if from <= to {
                    open.push(Uncovered {
                        calendar: layer.pack.head.rule.id.clone(),
                        first: from,
                        last: to,
                        why,
                    });
                }
            };
            let Some((begin, end)) = covered.first().zip(covered.last()) else {
                push(first, last, UncoveredWhy::Beyond);
                continue;
            };
            push(first, begin.first.plus_days(-1), UncoveredWhy::Before);
            for (one, next) in covered.iter().zip(covered.iter().skip(1)) {
                let gap = (one.last.plus_days(1), next.first.plus_days(-1));
                push(gap.0, gap.1, UncoveredWhy::Gap);
            }
            push(end.last.plus_days(1), last, UncoveredWhy::Beyond);
        }
        open
    }

    /// What an answer about a span rests on, both ends inclusive.
    pub fn version(&self, first: CivilDate, last: CivilDate) -> CalendarVersion {
        let (mut packs, mut ids) = (Vec::new(), Vec::new());
        for layer in &self.layers {
            let rule = &layer.pack.head.rule;
            packs.push(PackVersion {
                id: rule.id.clone(),
                version: rule.version.clone(),
                adopted_at: layer.adopted_at,
            });
            let notices = layer.notices(self.known_on);
            let mut used: Vec<bool> = notices
                .iter()
                .map(|n| n.covers.is_some_and(|c| c.first <= last && first <= c.last))
                .collect();
            if first <= last {
                for said in layer.pack.named.range(first..=last).map(|(_, said)| said) {
                    for named in said.iter().filter(|named| named.notice < notices.len()) {
                        used[named.notice] = true;
                    }
                }
            }
            let used = notices.iter().zip(used).filter(|(_, used)| *used);
            ids.extend(used.map(|(notice, _)| notice.id.clone()));
        }
        CalendarVersion {
            packs,
            notices: ids,
            known_on: self.known_on,
        }
    }

    /// Notices of the calendar's own pack as known, without those of the calendar below.
    pub fn own_notices(&self) -> &'a [Notice] {
        let layer = self.layers.first();
        layer.map_or(&[], |layer| layer.notices(self.known_on))
    }

    /// The calendar's own pack and where it was adopted.
    pub fn own_pack(&self) -> Option<(Position, &'a CalendarPack)> {
        self.layers
            .first()
            .map(|layer| (layer.adopted_at, layer.pack))
    }

    /// Days that no layer leaves open, as intervals that do not touch.
    pub fn covered(&self) -> Vec<Interval> {
        let mut layers = self.layers.iter().map(|layer| layer.covered(self.known_on));
        let first = layers.next().unwrap_or_default();
        layers.fold(first, |above, below| {
            let meet = |one: &Interval| {
                let one = *one;
                below.iter().filter_map(move |other| {
                    let both = Interval {
                        first: one.first.max(other.first),
                        last: one.last.min(other.last),
                    };
                    (both.first <= both.last).then_some(both)
                })
            };
            above.iter().flat_map(meet).collect()
        })
    }
}
