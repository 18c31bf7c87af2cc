//! Working-day calendars as data: what each official notice said, and from when it was known. Evaluation of a calendar as known at a
//! position of the log and on a day is in [`layers`]; terms are counted in [`crate::clock`].
//! Source: `packs/calendar-cn.toml`, `packs/calendar-cn-xj.toml`, domain reference §9 and §18.

mod layers;

pub use layers::{
    Calendar, CalendarVersion, Calendars, Day, NoCalendar, PackVersion, Uncovered, UncoveredWhy,
};

use crate::fault::{Collector, PackFaults, read_toml};
use crate::head::{Confidence, Interval, PackHead, PackKind, RawHead};
use probity_types::CivilDate;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One publication about days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Id, unique within its pack, for example `cn-2020-revised`.
    pub id: String,
    /// First day on which it was known.
    pub known_from: CivilDate,
    /// Days about which it leaves nothing open; none where it changes days of an earlier notice.
    pub covers: Option<Interval>,
    /// Where it was read.
    pub source: String,
    /// How well founded it is.
    pub confidence: Confidence,
    /// Days that it names.
    pub days: usize,
}

/// What one notice says about one day.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    /// Index of the notice.
    notice: usize,
    works: bool,
    /// The feast.
    name: String,
}

/// A calendar of working days. Its id is the pack's id, as clocks name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPack {
    /// What the pack says about itself.
    pub head: PackHead,
    /// Id of the calendar that answers for the days that no notice here names.
    pub lies_over: Option<String>,
    /// In the order in which they became known.
    notices: Vec<Notice>,
    /// What the notices say about each day, in their order.
    named: BTreeMap<CivilDate, Vec<Named>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    pack: RawHead,
    calendar: Option<RawLayer>,
    #[serde(default)]
    notice: Vec<RawNotice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayer {
    lies_over: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNotice {
    id: String,
    known_from: String,
    covers_from: String,
    covers_to: String,
    source: String,
    confidence: String,
    #[serde(default)]
    rest: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    work: BTreeMap<String, Vec<String>>,
}

impl CalendarPack {
    /// Reads and checks a pack of kind `calendar`.
    ///
    /// # Errors
    /// [`PackFaults`]; notices have to stand in the order in which they became known, and a notice names a day once.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawCalendar = read_toml(PackKind::Calendar, text)?;
        let mut faults = Collector::new(PackKind::Calendar);
        let mut pack = Self {
            head: raw.pack.check(PackKind::Calendar, &mut faults),
            lies_over: raw.calendar.map(|layer| layer.lies_over),
            notices: Vec::new(),
            named: BTreeMap::new(),
        };
        if pack.lies_over.as_ref() == Some(&pack.head.rule.id) {
            let right = "the id of another calendar";
            faults.push("calendar", "lies_over", "the calendar itself", right);
        }
        for notice in raw.notice {
            pack.read_notice(notice, &mut faults);
        }
        if pack.notices.is_empty() {
            faults.push("notice", "id", "no notice", "at least one");
        }
        faults.finish(pack)
    }

    fn read_notice(&mut self, raw: RawNotice, faults: &mut Collector) {
        let place = format!("notice {}", raw.id);
        faults.filled(&place, "id", &raw.id);
        faults.filled(&place, "source", &raw.source);
        if self.notices.iter().any(|known| known.id == raw.id) {
            faults.push(&place, "id", "stands twice", "each notice once");
        }
        let known_from: CivilDate = faults
            .read(&place, "known_from", &raw.known_from, "YYYY-MM-DD")
            .unwrap_or(CivilDate::MIN);
        if let Some(last) = self.notices.last().filter(|n| n.known_from > known_from) {
            let found = format!("{known_from}, after {} of {}", last.known_from, last.id);
            faults.push(&place, "known_from", found, "the order of becoming known");
        }
        let covers = read_covers(&raw, &place, faults);
        let confidence = faults
            .read(&place, "confidence", &raw.confidence, "one of these")
            .unwrap_or(Confidence::Design);
        let notice = self.notices.len();
        let mut days = 0;
        for (works, key, feasts) in [(false, "rest", &raw.rest), (true, "work", &raw.work)] {
            for (name, list) in feasts {
                faults.filled(&place, key, name);
                for text in list {
                    let Some(day) = faults.read(&place, key, text, "YYYY-MM-DD") else {
                        continue;
                    };
                    let said: &mut Vec<Named> = self.named.entry(day).or_default();
                    if said.last().is_some_and(|last| last.notice == notice) {
                        faults.push(&place, key, format!("{day} twice"), "each day once");
                        continue;
                    }
                    days += 1;
                    said.push(Named {
                        notice,
                        works,
                        name: name.clone(),
                    });
                }
            }
        }
        self.notices.push(Notice {
            id: raw.id,
            known_from,
            covers,
            source: raw.source,
            confidence,
            days,
        });
    }

    /// Every notice, in the order in which they became known.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

fn read_covers(raw: &RawNotice, place: &str, faults: &mut Collector) -> Option<Interval> {
    if raw.covers_from.is_empty() && raw.covers_to.is_empty() {
        return None;
    }
    let right = "YYYY-MM-DD, or both ends empty";
    let first = faults.read(place, "covers_from", &raw.covers_from, right)?;
    let last = faults.read(place, "covers_to", &raw.covers_to, right)?;
    if first > last {
        let found = format!("{first} lies after {last}");
        faults.push(
            place,
            "covers_from",
            found,
            "a first day not after the last",
        );
        return None;
    }
    Some(Interval { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PACKS;

    #[test]
    fn the_shipped_calendars_load() {
        for (place, notices, named) in [(6, 18, 506), (7, 5, 24)] {
            let pack =
                CalendarPack::parse(PACKS[place].text).unwrap_or_else(|faults| panic!("{faults}"));
            assert_eq!((pack.notices().len(), pack.named.len()), (notices, named));
        }
    }

    #[test]
    fn faults_name_the_notice_and_the_field() {
        for (from, to, expected) in [
            (
                "known_from = \"2012-12-10\"",
                "known_from = \"2011-12-05\"",
                "notice cn-2013, field known_from: 2011-12-05, after 2011-12-06 of cn-2012",
            ),
            (
                "known_from = \"2012-12-10\"",
                "known_from = \"2012-12-32\"",
                "notice cn-2013, field known_from",
            ),
            (
                "covers_to = \"2014-12-31\"",
                "covers_to = \"\"",
                "notice cn-2014, field covers_to",
            ),
            (
                "covers_to = \"2014-12-31\"",
                "covers_to = \"2013-12-31\"",
                "notice cn-2014, field covers_from: 2014-01-01 lies after 2013-12-31",
            ),
            (
                "id = \"cn-2013\"",
                "id = \"cn-2012\"",
                "notice cn-2012, field id: stands twice",
            ),
            (
                "\"劳动节\" = [\"2020-04-26\"",
                "\"劳动节\" = [\"2020-05-01\"",
                "notice cn-2020, field work: 2020-05-01 twice",
            ),
            ("[notice.rest]", "[notice.off]", "unknown field"),
        ] {
            let text = PACKS[6].text.replacen(from, to, 1);
            assert_ne!(text, PACKS[6].text, "{from}");
            let said = CalendarPack::parse(&text).expect_err("a fault").to_string();
            assert!(said.contains(expected), "{said}");
        }
        let over = PACKS[7]
            .text
            .replace("lies_over = \"cn\"", "lies_over = \"cn-xj\"");
        let said = CalendarPack::parse(&over).expect_err("itself").to_string();
        assert!(said.contains("the calendar itself"), "{said}");
    }
}
