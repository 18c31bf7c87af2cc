//! What the city goes by: the catalogue, code lists, penalty kinds and lists of the shipped packs. No class, field or list
//! is named in this crate where the packs can name it.

use probity_domain::report::IdentifierClaim;
use probity_rules::builtin::PACKS;
use probity_rules::{
    Catalogue, Codebook, Entry, Interval, ListDefinition, ListTable, PackFaults, PackKind,
    PenaltyKinds,
};
use probity_types::identifiers::{CreditCode, OrganisationCode};
use probity_types::{Category, CivilDate, IdentifierKind, ListColour, SubjectKind};
use std::collections::BTreeMap;

/// Characters of an organisation code that also stand in a credit code.
const CODE_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Beginning of every made-up organisation code: such codes are not issued (note at the vectors of the field's
/// `identifiers.toml`).
pub(crate) const NOT_ISSUED: &str = "YYYY";
/// Place of the bureaus among the numbers of made-up organisation codes, counted down from the last one.
const LAST_CODE: u64 = 31 * 31 * 31 * 31 - 1;
/// Ends the name of every source unit, so that nobody takes a record for a real one.
const MARK: &str = "（演示数据）";

/// Share of each category among the records, in per mille: mostly permits, arrears and penalties.
const PER_MILLE: [(Category, u64); 7] = [
    (Category::XK, 400),
    (Category::QF, 230),
    (Category::CF, 210),
    (Category::PJ, 70),
    (Category::RY, 50),
    (Category::QZ, 30),
    (Category::CJ, 10),
];

/// An authority: a bureau of the catalogue with a made-up code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bureau {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) credit_code: String,
    /// Two characters for document numbers.
    pub(crate) short: String,
}

/// A class of the catalogue with its share of the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WeightedClass {
    pub(crate) code: String,
    pub(crate) interval: Interval,
    pub(crate) weight: u64,
}

impl Bureau {
    /// The unit that reports for this bureau.
    pub(crate) fn source_unit(&self) -> String {
        format!("{}{MARK}", self.name)
    }
}

/// The packs, read.
#[derive(Debug, Clone)]
pub struct Books {
    /// Classes and fields.
    pub catalogue: Catalogue,
    /// Code lists.
    pub codes: Codebook,
    /// Penalty kinds.
    pub penalties: PenaltyKinds,
    /// Lists.
    pub lists: ListTable,
}

fn text_of(kind: PackKind) -> &'static str {
    PACKS
        .iter()
        .find(|pack| pack.kind == kind)
        .map_or("", |pack| pack.text)
}

impl Books {
    /// The packs that ship with the program.
    ///
    /// # Errors
    /// [`PackFaults`] where a shipped pack does not load, which the tests of `probity-rules` exclude.
    pub fn shipped() -> Result<Self, PackFaults> {
        Ok(Self {
            catalogue: Catalogue::parse(text_of(PackKind::Catalogue))?,
            codes: Codebook::parse(text_of(PackKind::Codes))?,
            penalties: PenaltyKinds::parse(text_of(PackKind::PenaltyKinds))?,
            lists: ListTable::parse(text_of(PackKind::Lists))?,
        })
    }

    /// Every bureau that reports a class or decides a list, by its code.
    pub(crate) fn bureaus(&self) -> BTreeMap<String, Bureau> {
        let sources = self.catalogue.entries().flat_map(|entry| &entry.sources);
        let deciders = self.lists.lists().map(|list| &list.decided_by);
        let mut codes: Vec<&String> = sources.chain(deciders).collect();
        codes.sort();
        codes.dedup();
        let named = codes
            .into_iter()
            .filter_map(|code| self.catalogue.bureau(code));
        let bureau = |(at, named): (u64, &probity_rules::catalogue::Named)| {
            let name = named.name.zh.clone();
            let short = name
                .strip_prefix('市')
                .unwrap_or(&name)
                .chars()
                .take(2)
                .collect();
            let credit_code = credit_code("11650200", LAST_CODE - at);
            (
                named.code.clone(),
                Bureau {
                    code: named.code.clone(),
                    name,
                    credit_code,
                    short,
                },
            )
        };
        (0..).zip(named).map(bureau).collect()
    }

    /// Classes with their weights, heaviest first within a category.
    pub(crate) fn weighted_classes(&self) -> Vec<WeightedClass> {
        let mut classes = Vec::new();
        for (category, share) in PER_MILLE {
            let of = |entry: &&Entry| entry.category == category && !entry.subjects.is_empty();
            let entries: Vec<&Entry> = self.catalogue.entries().filter(of).collect();
            let weight = |rank: u64| 4 + 40 / (rank + 1);
            let sum: u64 = (0..entries.len() as u64).map(weight).sum();
            // A common scale keeps the shares of the categories whatever the number of their classes.
            let scaled = |rank| weight(rank) * share * 10_000 / sum.max(1);
            classes.extend((0..).zip(entries).map(|(rank, entry)| WeightedClass {
                code: entry.code.clone(),
                interval: entry.interval,
                weight: scaled(rank),
            }));
        }
        classes
    }

    /// Lists of a colour that are in force on a day.
    pub(crate) fn lists_on(&self, colour: ListColour, day: CivilDate) -> Vec<&ListDefinition> {
        let fits = |list: &&ListDefinition| list.colour == colour && list.interval.contains(day);
        self.lists.lists().filter(fits).collect()
    }

    /// A key of a code list, by a throw of the dice.
    pub(crate) fn key(&self, list: &str, throw: u64) -> Option<String> {
        let nth = |keys: Vec<String>| {
            let at = throw.checked_rem(keys.len() as u64)?;
            keys.into_iter().nth(at as usize)
        };
        match list {
            "industry" => nth(self
                .catalogue
                .industries()
                .map(|n| n.code.clone())
                .collect()),
            "key_person_group" => nth(self
                .catalogue
                .key_person_groups()
                .map(|n| n.code.clone())
                .collect()),
            "gbt4754" => Some(format!("C{}", 13 + throw % 30)),
            "gbt2260" => Some("650203".to_owned()),
            _ => nth(self
                .codes
                .allowed(list)
                .split(' ')
                .filter(|key| !key.is_empty())
                .map(str::to_owned)
                .collect()),
        }
    }
}

/// Made-up organisation code of the `number`-th body; numbers run over 31⁴ bodies.
pub(crate) fn organisation_code(number: u64) -> String {
    let digit = |place: u32| char::from(CODE_ALPHABET[(number / 31_u64.pow(place) % 31) as usize]);
    let body: String = NOT_ISSUED.chars().chain((0..4).rev().map(digit)).collect();
    // Eight characters of the right set always make a code; an empty one would fail every test of this crate.
    OrganisationCode::with_check(&body)
        .map(|code| code.as_str().to_owned())
        .unwrap_or_default()
}

/// Made-up credit code with this department, category and region.
pub(crate) fn credit_code(head8: &str, number: u64) -> String {
    let code = CreditCode::with_check(&format!("{head8}{}", organisation_code(number)));
    code.map(|code| code.as_str().to_owned())
        .unwrap_or_default()
}

/// An identifier as declared.
pub(crate) fn claim(kind: IdentifierKind, value: impl Into<String>) -> IdentifierClaim {
    IdentifierClaim {
        kind,
        value: value.into(),
    }
}

/// Kinds of organisation, as a class lists them.
pub(crate) fn organisation_kinds(entry: &Entry) -> Vec<SubjectKind> {
    entry
        .subjects
        .iter()
        .copied()
        .filter(|kind| !kind.is_person())
        .collect()
}

/// The code of a list that a class is named after: the class's name holds the code's whole name, else its first two
/// characters, else its last two.
pub(crate) fn named_in<C: probity_types::CodeList>(name: &str) -> Option<C> {
    let first = |zh: &str| zh.chars().take(2).collect::<String>();
    let last = |zh: &str| {
        zh.chars()
            .skip(zh.chars().count().saturating_sub(2))
            .collect::<String>()
    };
    let find = |fits: &dyn Fn(&str) -> bool| C::ALL.iter().find(|code| fits(code.zh())).copied();
    find(&|zh| name.contains(zh))
        .or_else(|| find(&|zh| name.contains(&first(zh))))
        .or_else(|| find(&|zh| name.contains(&last(zh))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_types::ArrearsKind;
    use std::collections::BTreeSet;

    fn shipped() -> Books {
        Books::shipped().unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn made_up_codes_pass_and_are_not_issued() {
        for number in [0, 1, 30, 31, 29_542, LAST_CODE - 40, LAST_CODE] {
            let code = credit_code("91650203", number);
            assert!(
                code.starts_with("91650203YYYY") && CreditCode::try_from(code.as_str()).is_ok(),
                "{code}"
            );
        }
        assert_ne!(organisation_code(1), organisation_code(32));
    }

    #[test]
    fn every_class_has_a_bureau_with_a_code_of_its_own() {
        let books = shipped();
        let bureaus = books.bureaus();
        for entry in books.catalogue.entries() {
            assert!(
                entry.sources.iter().all(|code| bureaus.contains_key(code)),
                "{}",
                entry.code
            );
        }
        let codes: BTreeSet<&str> = bureaus.values().map(|b| b.credit_code.as_str()).collect();
        assert_eq!(codes.len(), bureaus.len());
    }

    #[test]
    fn what_a_class_is_about_is_read_from_its_name() {
        let books = shipped();
        let of = |category| {
            books
                .catalogue
                .entries()
                .filter(move |e| e.category == category)
        };
        let arrears: BTreeSet<ArrearsKind> = of(Category::QF)
            .filter_map(|e| named_in(&e.name.zh))
            .collect();
        assert_eq!(arrears.len(), of(Category::QF).count(), "{arrears:?}");
    }
}
