//! The city as a stream of steps: register, certificates, then records and listings in the order of their dates, with the
//! later changes some hundred records behind. Only counters and the changes under way lie in memory.

use crate::books::{Books, Bureau, WeightedClass};
use crate::dice::{Dice, Purpose};
use crate::later::later;
use crate::listings;
use crate::organisations::Organisations;
use crate::people::People;
use crate::record::{self, Serials, World};
use crate::scale::Scale;
use crate::step::Step;
use probity_types::CivilDate;
use std::collections::{BTreeMap, VecDeque};

/// First year of records (the platform went on trial on 2012-06-28; what lay before was taken over).
const FIRST_YEAR: i16 = 2012;
/// Longest time between conduct and decision, in years: persons are of age that long before the first record.
const CONDUCT_YEARS_MAX: i32 = 3;
/// Records between two listings.
const RECORDS_PER_LISTING: u64 = 50;
/// How many records after its own a later step comes at most.
const LATER_RECORDS_MAX: u64 = 400;

/// Where the stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Organisations(u64),
    Persons(u64),
    Records,
    Rest,
}

/// The steps of a made-up city, one by one.
#[derive(Debug, Clone)]
pub struct City {
    seed: u64,
    scale: Scale,
    today: CivilDate,
    first: CivilDate,
    books: Books,
    bureaus: BTreeMap<String, Bureau>,
    classes: Vec<WeightedClass>,
    organisations: Organisations,
    people: People,
    stage: Stage,
    records: u64,
    listings: u64,
    serials: Serials,
    ready: VecDeque<Step>,
    /// Later steps by the number of records after which they come, then in the order in which they arose.
    waiting: BTreeMap<(u64, u64), Step>,
    waited: u64,
}

impl City {
    pub(crate) fn new(seed: u64, scale: Scale, today: CivilDate, books: Books) -> Self {
        let first = CivilDate::new(FIRST_YEAR, 1, 1).unwrap_or(today).min(today);
        let people = People::new(
            seed,
            scale.persons_made(),
            first.plus_years(-CONDUCT_YEARS_MAX),
            today,
        );
        Self {
            seed,
            scale,
            today,
            first,
            bureaus: books.bureaus(),
            classes: books.weighted_classes(),
            organisations: Organisations::new(seed, scale, &books),
            books,
            people,
            stage: Stage::Organisations(0),
            records: 0,
            listings: 0,
            serials: Serials::default(),
            ready: VecDeque::new(),
            waiting: BTreeMap::new(),
            waited: 0,
        }
    }

    /// The packs that the city goes by.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Later steps under way: what the stream holds in memory beside its counters.
    pub fn steps_in_memory(&self) -> usize {
        self.waiting.len() + self.ready.len()
    }

    fn next_step(&mut self) -> Option<Step> {
        loop {
            if let Some(step) = self.ready.pop_front() {
                return Some(step);
            }
            if let Some(step) = self.pop_waiting() {
                return Some(step);
            }
            match self.stage {
                Stage::Organisations(next) if next < self.scale.organisations_made() => {
                    self.stage = Stage::Organisations(next + 1);
                    return Some(Step::Subject(Box::new(self.organisations.claim(next))));
                }
                Stage::Organisations(_) => self.stage = Stage::Persons(0),
                Stage::Persons(next) if next < self.scale.persons_made() => {
                    self.stage = Stage::Persons(next + 1);
                    if next < u64::from(self.scale.key_persons) {
                        let made = self.people.certificates(&self.books, next);
                        self.ready
                            .extend(made.into_iter().map(|c| Step::Certificate(Box::new(c))));
                    }
                    return Some(Step::Subject(Box::new(self.people.claim(next))));
                }
                Stage::Persons(_) => self.stage = Stage::Records,
                Stage::Records if self.records < self.scale.records => self.make_records(),
                Stage::Records => self.stage = Stage::Rest,
                Stage::Rest => return None,
            }
        }
    }

    /// The next later step whose time has come; at the end all of them.
    fn pop_waiting(&mut self) -> Option<Step> {
        let entry = self.waiting.first_entry()?;
        let (due, _) = *entry.key();
        (due <= self.records || self.stage == Stage::Rest).then(|| entry.remove())
    }

    /// Day of the record with this ordinal: they run from the first day to today, thicker from year to year.
    fn day_of(&self, record: u64, dice: &mut Dice) -> CivilDate {
        let days = u64::from((self.today.days() - self.first.days()).unsigned_abs());
        let year = |day: u64| 2 + (day / 365).min(10);
        let total: u64 = (0..=days / 365).map(|y| year(y * 365)).sum();
        let scaled =
            u128::from(record) * u128::from(total) * 365 / u128::from(self.scale.records.max(1));
        let mut left = u64::try_from(scaled).unwrap_or(0);
        let mut day = 0;
        while day + 365 <= days && left >= year(day) * 365 {
            left -= year(day) * 365;
            day += 365;
        }
        let day = i32::try_from(day + left / year(day)).unwrap_or(0);
        let jitter = i32::try_from(dice.between(-20, 20)).unwrap_or(0);
        self.first
            .plus_days(day + jitter)
            .clamp(self.first, self.today)
    }

    /// One record, sometimes the other party's share of the same act, and a listing every now and then.
    fn make_records(&mut self) {
        let ordinal = self.records;
        let mut dice = Dice::new(self.seed, Purpose::Record, ordinal.wrapping_add(1 << 60));
        let day = self.day_of(ordinal, &mut dice);
        let weights = self.classes.iter().map(|class| {
            if class.interval.contains(day) {
                class.weight
            } else {
                0
            }
        });
        let class = self.classes.get(dice.weighted(weights));
        let entry = class.and_then(|class| self.books.catalogue.entry(&class.code));
        let world = World {
            seed: self.seed,
            books: &self.books,
            bureaus: &self.bureaus,
            organisations: &self.organisations,
            people: &self.people,
            today: self.today,
        };
        let mut made = Vec::new();
        if let Some(entry) = entry
            && let Some(report) = record::make(world, entry, ordinal, day, &mut self.serials)
        {
            let other = record::companion(world, entry, ordinal, &report);
            made.push(report);
            made.extend(other.filter(|_| ordinal + 1 < self.scale.records));
        }
        let membership = if (ordinal / RECORDS_PER_LISTING + 1) * RECORDS_PER_LISTING
            <= ordinal + made.len() as u64
        {
            listings::make(world, self.listings, day)
        } else {
            None
        };
        if made.is_empty() {
            // A catalogue without usable classes makes no records; the stream still ends.
            self.records = self.scale.records;
        }
        for report in made {
            if let Some(step) = later(self.seed, self.records, &report, self.today) {
                self.postpone(step, &mut dice);
            }
            self.ready.push_back(Step::Record(Box::new(report)));
            self.records += 1;
        }
        if let Some(membership) = membership {
            self.listings += 1;
            self.ready.push_back(membership.step);
            if let Some(end) = membership.end {
                self.postpone(end, &mut dice);
            }
        }
    }

    fn postpone(&mut self, step: Step, dice: &mut Dice) {
        let due = self.records + 2 + dice.below(LATER_RECORDS_MAX);
        self.waiting.insert((due, self.waited), step);
        self.waited += 1;
    }
}

impl Iterator for City {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.next_step()
    }
}
