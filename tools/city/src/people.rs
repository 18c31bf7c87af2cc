//! Natural persons of the city, each made from its number alone.

use crate::books::{Books, claim};
use crate::dice::{Dice, Purpose};
use crate::step::Certificate;
use crate::words::{DISTRICTS, GIVEN, KAZAKH, NAMESAKES, RARE, STREETS, SURNAMES, UYGHUR};
use probity_domain::report::SubjectClaim;
use probity_types::identifiers::ResidentId;
use probity_types::{CivilDate, IdentifierKind, SubjectKind};

/// One person in so many belongs to the young, who come of age after the first record.
const YOUNG_IN: u64 = 5;
/// Years of age from which a person can be the subject of a record (domain reference §17).
const MAJORITY_YEARS: i32 = 18;
/// Sequence numbers of a citizen number in use here: without those that end in 00, because with a check digit 0 the
/// number would look as if a spreadsheet had cut it.
const SEQUENCES: u64 = 9 * 99;
/// A prime that spreads numbers over days, districts and sequences; it divides none of their counts.
const SPREAD: u64 = 7_919_993;

/// The persons of one city.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People {
    seed: u64,
    count: u64,
    /// First day of records: everybody but the young is of age by then.
    first: CivilDate,
    today: CivilDate,
}

impl People {
    pub(crate) fn new(seed: u64, count: u64, first: CivilDate, today: CivilDate) -> Self {
        Self {
            seed,
            count,
            first,
            today,
        }
    }

    /// Days of birth for a person's age group: first day and how many.
    fn births(&self, person: u64) -> (CivilDate, u64) {
        let of_age = |day: CivilDate| day.plus_years(-MAJORITY_YEARS);
        let (from, to) = if person % YOUNG_IN == YOUNG_IN - 1 {
            (
                of_age(self.first).plus_days(1),
                of_age(self.today).plus_days(-30),
            )
        } else {
            (
                CivilDate::new(1945, 1, 1).unwrap_or(self.first),
                of_age(self.first),
            )
        };
        (
            from,
            u64::from((to.days() - from.days()).max(1).unsigned_abs()),
        )
    }

    /// Birth date, district and sequence: no two persons of an age group share all three.
    fn place(&self, person: u64) -> (CivilDate, usize, u64) {
        let (from, days) = self.births(person);
        let districts = DISTRICTS.len() as u64;
        let places = days * districts * SEQUENCES;
        let at = (person.wrapping_mul(SPREAD).wrapping_add(self.seed % 1_000)) % places;
        let born = from.plus_days(i32::try_from(at / (districts * SEQUENCES)).unwrap_or(0));
        let sequence = at % SEQUENCES;
        // 0..891 onto 001..099, 101..199 and so on.
        (
            born,
            (at / SEQUENCES % districts) as usize,
            sequence / 99 * 100 + sequence % 99 + 1,
        )
    }

    /// The person as the register holds them.
    pub(crate) fn claim(&self, person: u64) -> SubjectClaim {
        let mut dice = Dice::new(self.seed, Purpose::Person, person);
        let (born, district, sequence) = self.place(person);
        let (year, month, day) = born.ymd();
        let (code, _) = DISTRICTS[district];
        // Digits of a date in the calendar always make a number.
        let number =
            ResidentId::with_check(&format!("{code}{year:04}{month:02}{day:02}{sequence:03}"));
        let number = number.map(|id| id.as_str().to_owned()).unwrap_or_default();
        let street = dice.pick_from(STREETS[district]).copied().unwrap_or(code);
        let region = if dice.chance(1, 3) { street } else { code };
        SubjectClaim {
            kind: SubjectKind::NaturalPerson,
            name: name(&mut dice),
            identifiers: vec![claim(IdentifierKind::CitizenId, number)],
            birth_date: Some(born),
            region: Some(region.to_owned()),
            industry: None,
        }
    }

    /// A person who was of age on that day.
    pub(crate) fn adult(&self, dice: &mut Dice, on: CivilDate) -> SubjectClaim {
        let person = dice.below(self.count);
        let claim = self.claim(person);
        let of_age = claim
            .birth_date
            .is_some_and(|born| born.plus_years(MAJORITY_YEARS) <= on);
        // The one before a young person is not young, and was of age when the first record was made.
        if of_age {
            claim
        } else {
            self.claim(person.saturating_sub(1))
        }
    }

    /// Practice certificates of a key person: one, sometimes two.
    pub(crate) fn certificates(&self, books: &Books, person: u64) -> Vec<Certificate> {
        let mut dice = Dice::new(self.seed, Purpose::Certificate, person);
        let groups: Vec<_> = books.catalogue.key_person_groups().collect();
        let how_many = if dice.chance(1, 10) { 2 } else { 1 };
        let first = dice.below(groups.len() as u64);
        let claim = self.claim(person);
        let mut made = Vec::new();
        for at in 0..how_many.min(groups.len() as u64) {
            let Some(group) = groups.get(((first + at) % groups.len() as u64) as usize) else {
                continue;
            };
            let qualified = claim.birth_date.unwrap_or(self.first).plus_years(22);
            let earliest = qualified.max(self.first.plus_years(-8)).min(self.today);
            let issued_on = dice.day_after(earliest, 0, self.today.days() - earliest.days());
            let valid_to = if dice.chance(1, 2) {
                Some(issued_on.plus_years(dice.pick(&[3, 5])))
            } else {
                None
            };
            made.push(Certificate {
                person: claim.clone(),
                group: group.code.clone(),
                title: format!("{}执业证书（演示）", group.name.zh),
                number: format!("演示{}{:07}", group.code, person),
                issuer: "演示发证机关".to_owned(),
                issued_on,
                valid_to,
            });
        }
        made
    }
}

/// A name, in most cases of Han, Uyghur or Kazakh form; some are shared by many, some hold a rare character.
pub(crate) fn name(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..=1 => dice.pick(&NAMESAKES).to_owned(),
        2 => format!(
            "{}{}{}",
            dice.pick(&SURNAMES),
            dice.pick(&GIVEN),
            dice.pick(&RARE)
        ),
        3..=19 => format!("{}·{}", dice.pick(&UYGHUR), dice.pick(&UYGHUR)),
        20..=25 => format!("{}·{}", dice.pick(&KAZAKH), dice.pick(&KAZAKH)),
        26..=40 => format!("{}{}", dice.pick(&SURNAMES), dice.pick(&GIVEN)),
        _ => format!(
            "{}{}{}",
            dice.pick(&SURNAMES),
            dice.pick(&GIVEN),
            dice.pick(&GIVEN)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_persons_share_a_number_at_full_scale_and_the_old_are_of_age() {
        let day = |year| CivilDate::new(year, 1, 1).unwrap_or_else(|e| panic!("{e}"));
        let people = People::new(1, 451_891, day(2009), day(2026));
        let places: Vec<_> = (0..people.count)
            .map(|person| people.place(person))
            .collect();
        assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len());
        assert!(
            places
                .iter()
                .all(|(_, _, sequence)| sequence % 100 != 0 && *sequence < 900)
        );
        for (person, (born, ..)) in (0..).zip(&places) {
            let is_young = person % YOUNG_IN == YOUNG_IN - 1;
            assert!(
                is_young || born.plus_years(MAJORITY_YEARS) <= day(2009),
                "{person}: {born}"
            );
            assert!(
                born.plus_years(MAJORITY_YEARS) <= day(2026),
                "{person}: {born}"
            );
        }
    }
}
