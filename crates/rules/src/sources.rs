//! The source register: which office delivers which items, how often and by when; and what is overdue.
//! Source: `packs/source-register.toml` (generated to the city's totals, marked so), domain reference §1.
//!
//! In scope: civil dates. Out of scope: days off, which move no due date here.

use crate::catalogue::Catalogue;
use crate::fault::{Collector, PackFaults, read_toml};
use crate::head::{PackHead, PackKind, RawHead, keyed};
use probity_types::CivilDate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

keyed! {
    /// How often an item is delivered.
    Frequency("frequency") {
        /// Every week; a week begins on Monday.
        Weekly = "weekly",
        /// Every calendar month.
        Monthly = "monthly",
        /// Every calendar quarter.
        Quarterly = "quarterly",
        /// Every calendar year.
        Yearly = "yearly",
    }
}

/// Days of a period by which the delivery about the period before has to be there.
const DUE_DAYS_MAX: i32 = 28;
/// Days of a week.
const WEEK_DAYS: i32 = 7;
/// 2000-01-03 was a Monday.
const A_MONDAY: &str = "2000-01-03";
/// Periods that one overdue delivery is counted over: nobody is helped by a larger number.
const PERIODS_MAX: u32 = 999;

/// What a source point delivers about one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Code of the class.
    pub subcategory: String,
    /// How often.
    pub frequency: Frequency,
    /// Day of the next period by which it is due, from 1.
    pub due_day: i32,
    /// Source items, each the fields that it holds.
    pub items: Vec<Vec<String>>,
}

/// A source point: an office or a system of a bureau that delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePoint {
    /// Its code.
    pub code: String,
    /// Code of its bureau.
    pub bureau: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// What it delivers.
    pub deliveries: Vec<Delivery>,
}

/// The register of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRegister {
    /// What the pack says about itself.
    pub head: PackHead,
    /// Whether a program made it up to fit published totals.
    pub is_generated: bool,
    points: Vec<SourcePoint>,
}

/// A delivery that is overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue<'a> {
    /// The source point.
    pub point: &'a SourcePoint,
    /// What it owes.
    pub delivery: &'a Delivery,
    /// The newest due date that passed without a delivery.
    pub due_on: CivilDate,
    /// How many due dates passed since the last delivery, at most 999.
    pub periods: u32,
    /// Day of the last delivery, where there was one.
    pub last: Option<CivilDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegister {
    pack: RawHead,
    meta: RawMeta,
    point: Vec<RawPoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMeta {
    is_generated: bool,
    points: usize,
    items: usize,
    data_items: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPoint {
    code: String,
    bureau: String,
    name_zh: String,
    name_en: String,
    deliveries: Vec<RawDelivery>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDelivery {
    subcategory: String,
    frequency: String,
    due_day: i32,
    items: Vec<Vec<String>>,
}

impl SourceRegister {
    /// Reads and checks a source register. Whether bureaus, classes and fields exist is a question to the catalogue of the
    /// day: [`SourceRegister::check_catalogue`].
    ///
    /// # Errors
    /// [`PackFaults`] names the point, the field and what would be right, for every fault.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawRegister = read_toml(PackKind::SourceRegister, text)?;
        let mut faults = Collector::new(PackKind::SourceRegister);
        let head = raw.pack.check(PackKind::SourceRegister, &mut faults);
        let mut codes = BTreeSet::new();
        let mut points = Vec::new();
        for point in raw.point {
            let place = format!("point {}", point.code);
            if !codes.insert(point.code.clone()) {
                faults.push(&place, "code", "stands twice", "each code once");
            }
            points.push(read_point(point, &place, &mut faults));
        }
        let register = Self {
            head,
            is_generated: raw.meta.is_generated,
            points,
        };
        for (field, stated, found) in [
            ("points", raw.meta.points, register.points.len()),
            ("items", raw.meta.items, register.item_count()),
            (
                "data_items",
                raw.meta.data_items,
                register.data_item_count(),
            ),
        ] {
            if stated != found {
                let said = format!("{found} stand in the pack, {stated} are stated");
                faults.push("meta", field, said, found.to_string());
            }
        }
        faults.finish(register)
    }

    /// Checks that every bureau, class and field that the register names stands in the catalogue.
    ///
    /// # Errors
    /// [`PackFaults`] names each that does not.
    pub fn check_catalogue(&self, catalogue: &Catalogue) -> Result<(), PackFaults> {
        let mut faults = Collector::new(PackKind::SourceRegister);
        for point in &self.points {
            let place = format!("point {}", point.code);
            if catalogue.bureau(&point.bureau).is_none() {
                let found = format!("{:?}", point.bureau);
                faults.push(&place, "bureau", found, "a bureau of the adopted catalogue");
            }
            for delivery in &point.deliveries {
                let Some(entry) = catalogue.entry(&delivery.subcategory) else {
                    let found = format!("{:?}", delivery.subcategory);
                    let right = "a class of the adopted catalogue";
                    faults.push(&place, "subcategory", found, right);
                    continue;
                };
                let unknown = delivery.items.iter().flatten();
                let unknown = unknown.filter(|name| catalogue.field_of(entry, name).is_none());
                for name in unknown {
                    let right = format!("a field of {}", entry.code);
                    faults.push(&place, "items", format!("{name:?}"), right);
                }
            }
        }
        faults.finish(())
    }

    /// The source points, in the order of the pack.
    pub fn points(&self) -> &[SourcePoint] {
        &self.points
    }

    /// How many source items there are over all points.
    pub fn item_count(&self) -> usize {
        let deliveries = self.points.iter().flat_map(|point| &point.deliveries);
        deliveries.map(|delivery| delivery.items.len()).sum()
    }

    /// How many data items there are over all source items.
    pub fn data_item_count(&self) -> usize {
        let deliveries = self.points.iter().flat_map(|point| &point.deliveries);
        deliveries.flat_map(|d| &d.items).map(Vec::len).sum()
    }

    /// What is overdue on a day, by the last delivery of each bureau and class; nothing is owed for periods that began before
    /// the register of credit records itself did.
    pub fn overdue(
        &self,
        delivered: &BTreeMap<(String, String), CivilDate>,
        began_on: CivilDate,
        today: CivilDate,
    ) -> Vec<Overdue<'_>> {
        let mut overdue = Vec::new();
        for point in &self.points {
            for delivery in &point.deliveries {
                let key = (point.bureau.clone(), delivery.subcategory.clone());
                let last = delivered.get(&key).copied();
                if let Some((due_on, periods)) = delivery.missed(last, began_on, today) {
                    overdue.push(Overdue {
                        point,
                        delivery,
                        due_on,
                        periods,
                        last,
                    });
                }
            }
        }
        overdue
    }
}

impl Delivery {
    /// The newest due date that passed without a delivery, and how many passed since the last one.
    fn missed(
        &self,
        last: Option<CivilDate>,
        began_on: CivilDate,
        today: CivilDate,
    ) -> Option<(CivilDate, u32)> {
        let mut newest = None;
        let mut periods = 0;
        let mut begin = self.frequency.period_of(today);
        // The delivery about a period is due some days after it ended, which is after the next one began.
        while periods < PERIODS_MAX {
            let about = self.frequency.period_of(begin.plus_days(-1));
            let due_on = begin.plus_days(self.due_day - 1);
            let is_delivered = last.is_some_and(|last| last >= begin);
            if about < began_on || is_delivered {
                break;
            }
            if due_on < today {
                newest = newest.or(Some(due_on));
                periods += 1;
            }
            begin = about;
        }
        newest.map(|due_on| (due_on, periods))
    }
}

impl Frequency {
    /// First day of the period that holds a day.
    fn period_of(self, day: CivilDate) -> CivilDate {
        let (_, month, in_month) = day.ymd();
        let first = day.plus_days(1 - i32::from(in_month));
        let months_before = |months: i8| first.plus_months(-i32::from(months));
        match self {
            Self::Weekly => {
                let monday: CivilDate = A_MONDAY.parse().unwrap_or(CivilDate::MIN);
                let into = (day.days() - monday.days()).rem_euclid(WEEK_DAYS);
                day.plus_days(-into)
            }
            Self::Monthly => first,
            Self::Quarterly => months_before((month - 1) % 3),
            Self::Yearly => months_before(month - 1),
        }
    }
}

fn read_point(raw: RawPoint, place: &str, faults: &mut Collector) -> SourcePoint {
    faults.filled(place, "name_zh", &raw.name_zh);
    faults.filled(place, "name_en", &raw.name_en);
    if raw.deliveries.is_empty() {
        faults.push(place, "deliveries", "empty", "at least one delivery");
    }
    let mut classes = BTreeSet::new();
    let mut deliveries = Vec::new();
    for delivery in raw.deliveries {
        let at = format!("{place}, delivery {}", delivery.subcategory);
        if !classes.insert(delivery.subcategory.clone()) {
            faults.push(
                &at,
                "subcategory",
                "stands twice",
                "each class once at a point",
            );
        }
        let right = "a frequency";
        let frequency: Option<Frequency> =
            faults.read(&at, "frequency", &delivery.frequency, right);
        let longest = match frequency {
            Some(Frequency::Weekly) => WEEK_DAYS,
            _ => DUE_DAYS_MAX,
        };
        if !(1..=longest).contains(&delivery.due_day) {
            let found = delivery.due_day.to_string();
            faults.push(&at, "due_day", found, format!("1 to {longest}"));
        }
        if delivery.items.is_empty() || delivery.items.iter().any(Vec::is_empty) {
            let right = "items with at least one field each";
            faults.push(&at, "items", "empty", right);
        }
        let mut fields = BTreeSet::new();
        for name in delivery.items.iter().flatten() {
            if !fields.insert(name) {
                let found = format!("{name:?} twice");
                faults.push(&at, "items", found, "each field once in a delivery");
            }
        }
        deliveries.extend(frequency.map(|frequency| Delivery {
            subcategory: delivery.subcategory,
            frequency,
            due_day: delivery.due_day,
            items: delivery.items,
        }));
    }
    SourcePoint {
        code: raw.code,
        bureau: raw.bureau,
        name_zh: raw.name_zh,
        name_en: raw.name_en,
        deliveries,
    }
}

#[cfg(test)]
mod tests;
