//! Code lists: the pack `codes.toml`, the lists that `probity-types` fixes in code, and two
//! national tables known by their form only.

use crate::fault::{Collector, PackFaults, Sentence, read_toml};
use crate::head::{PackHead, PackKind, RawHead};
use probity_types as types;
use probity_types::CodeList as _;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One code list of the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOfCodes {
    /// Legal basis or standard.
    pub basis: String,
    /// Key to names, in the order of the keys.
    pub codes: BTreeMap<String, Sentence>,
}

/// The code lists in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codebook {
    /// What the pack says about itself.
    pub head: PackHead,
    lists: BTreeMap<String, ListOfCodes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBook {
    pack: RawHead,
    list: Vec<RawList>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawList {
    name: String,
    basis: String,
    codes: Vec<RawCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCode {
    code: String,
    zh: String,
    en: String,
}

/// National tables that are too long to ship and are checked by form only.
const SHAPED_LISTS: [&str; 2] = ["gbt2260", "gbt4754"];

impl Codebook {
    /// Reads and checks a pack of kind `codes`.
    ///
    /// # Errors
    /// [`PackFaults`] names every double, empty or over-long key and every missing name.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawBook = read_toml(PackKind::Codes, text)?;
        let mut faults = Collector::new(PackKind::Codes);
        let head = raw.pack.check(PackKind::Codes, &mut faults);
        let mut lists = BTreeMap::new();
        for list in raw.list {
            let place = format!("list {}", list.name);
            let mut codes = BTreeMap::new();
            for code in list.codes {
                let at = format!("{place}, code {}", code.code);
                if code.code.is_empty() || code.code.chars().count() > 32 {
                    faults.push(&at, "code", "a key of that length", "1 to 32 characters");
                }
                faults.filled(&at, "zh", &code.zh);
                faults.filled(&at, "en", &code.en);
                let names = Sentence::new(code.zh, code.en);
                if codes.insert(code.code, names).is_some() {
                    faults.push(&at, "code", "stands twice", "each key once in its list");
                }
            }
            let list_of_codes = ListOfCodes {
                basis: list.basis,
                codes,
            };
            if lists.insert(list.name, list_of_codes).is_some() {
                faults.push(&place, "name", "stands twice", "each list once");
            }
        }
        faults.finish(Self { head, lists })
    }

    /// One list of the pack by its name.
    pub fn list(&self, name: &str) -> Option<&ListOfCodes> {
        self.lists.get(name)
    }

    /// Names of a key, from the pack or else from the fixed lists.
    pub fn names(&self, list: &str, key: &str) -> Option<Sentence> {
        if let Some(found) = self.lists.get(list) {
            return found.codes.get(key).cloned();
        }
        fixed_codes(list)?
            .into_iter()
            .find(|(k, ..)| *k == key)
            .map(|(_, zh, en)| Sentence::new(zh, en))
    }

    /// Every key of a list with its names, from the pack or else from the fixed lists; `None` where the list is known by
    /// its form only, or not at all.
    pub fn list_names(&self, list: &str) -> Option<Vec<(String, Sentence)>> {
        if let Some(found) = self.lists.get(list) {
            let pair = |(key, names): (&String, &Sentence)| (key.clone(), names.clone());
            return Some(found.codes.iter().map(pair).collect());
        }
        let codes = fixed_codes(list)?.into_iter();
        let pair = |(key, zh, en): Code| (key.to_owned(), Sentence::new(zh, en));
        Some(codes.map(pair).collect())
    }

    /// Whether any list of that name can be checked here.
    pub fn knows(&self, list: &str) -> bool {
        self.lists.contains_key(list) || fixed_codes(list).is_some() || SHAPED_LISTS.contains(&list)
    }

    /// Whether the key stands in the list; `None` where the list is unknown.
    pub fn holds(&self, list: &str, key: &str) -> Option<bool> {
        if let Some(found) = self.lists.get(list) {
            return Some(found.codes.contains_key(key));
        }
        if let Some(codes) = fixed_codes(list) {
            return Some(codes.iter().any(|(known, ..)| *known == key));
        }
        match list {
            "gbt2260" => Some(is_region(key)),
            "gbt4754" => Some(is_industry_class(key)),
            _ => None,
        }
    }

    /// What a key of this list looks like, for a message: its keys, or the form.
    pub fn allowed(&self, list: &str) -> String {
        let keys: Vec<&str> = match self.lists.get(list) {
            Some(found) => found.codes.keys().map(String::as_str).collect(),
            None => fixed_codes(list)
                .unwrap_or_default()
                .into_iter()
                .map(|(k, ..)| k)
                .collect(),
        };
        match list {
            "gbt2260" => "6 or 9 digits".to_owned(),
            "gbt4754" => "A–T with up to 4 digits".to_owned(),
            _ => keys.join(" "),
        }
    }
}

/// Region of GB/T 2260: 6 digits, or 9 with the street.
fn is_region(key: &str) -> bool {
    matches!(key.len(), 6 | 9) && key.bytes().all(|b| b.is_ascii_digit())
}

/// Class of GB/T 4754-2017: a section letter, then up to four digits, or the digits alone.
fn is_industry_class(key: &str) -> bool {
    let digits = key
        .strip_prefix(|c: char| ('A'..='T').contains(&c))
        .unwrap_or(key);
    !key.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit())
}

type Code = (&'static str, &'static str, &'static str);

macro_rules! fixed {
    ($list:ident: $($name:ident)+) => {
        $(if $list == types::$name::LIST {
            return Some(types::$name::ALL.iter().map(|c| (c.key(), c.zh(), c.en())).collect());
        })+
    };
}

/// Keys and names of a list that the program fixes in code.
pub(crate) fn fixed_codes(list: &str) -> Option<Vec<Code>> {
    fixed!(list: Category Database SubjectKind IdentifierKind Polarity Severity Publicity Role
        ListColour ListingProcedure CompensationReason EndReason ParkReason PermitKind PermitStatus
        PermitChange PenaltyProcedure RemedyState CoercionMeasure CoercionNature AdjudicationRole
        JudicialDocument LitigationRole PerformanceState DefaultConduct ClosingKind ArrearsKind
        InstrumentKind QuantityUnit AwardLevel QueryPurpose PenaltyKind);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PACKS;

    fn shipped() -> Codebook {
        Codebook::parse(PACKS[0].text).unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn the_pack_and_the_fixed_lists_hold_the_same_keys_and_names() {
        let book = shipped();
        let mut both = 0;
        for (name, list) in &book.lists {
            let Some(fixed) = fixed_codes(name) else {
                continue;
            };
            both += 1;
            assert_eq!(fixed.len(), list.codes.len(), "{name}");
            for (key, zh, en) in fixed {
                assert_eq!(
                    list.codes.get(key),
                    Some(&Sentence::new(zh, en)),
                    "{name} {key}"
                );
            }
        }
        assert!(both >= 18, "only {both} lists stand in both places");
    }

    #[test]
    fn a_list_known_by_its_form_takes_only_that_form() {
        let book = shipped();
        for (list, key, right) in [
            ("gbt2260", "650203", true),
            ("gbt2260", "650203001", true),
            ("gbt2260", "6502", false),
            ("gbt4754", "H62", true),
            ("gbt4754", "Z1", false),
        ] {
            assert_eq!(book.holds(list, key), Some(right), "{list} {key}");
        }
        assert_eq!(book.holds("no_such_list", "x"), None);
    }

    #[test]
    fn a_double_key_is_named_with_its_list() {
        let text = PACKS[0]
            .text
            .replace("code = \"invalid\"", "code = \"valid\"");
        let faults = Codebook::parse(&text).expect_err("valid stands twice");
        assert_eq!(faults.0[0].place, "list permit_status, code valid");
    }
}
