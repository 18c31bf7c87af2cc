//! The table of lists and boards. Source: `packs/lists.toml`, domain reference §12.

use crate::fault::{Collector, PackFaults, Sentence, read_toml};
use crate::head::{Confidence, Interval, PackHead, PackKind, RawHead};
use probity_types::{CivilDate, ListColour};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The four fields open to a serious-dishonesty list. Source: 国办发〔2020〕49号; code list `list_field`.
const SERIOUS_FIELDS: [&str; 4] = ["life", "order", "refusal", "defence"];

/// Longest term of a list, in months: the five years of 征信业管理条例 art. 16.
const TERM_MONTHS_MAX: i32 = 60;

/// One list or board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDefinition {
    /// Its id, for example `judgment-defaulters`.
    pub id: String,
    /// What kind of list it is.
    pub colour: ListColour,
    /// Its name.
    pub name: Sentence,
    /// Field of a serious list, empty for the others.
    pub field: String,
    /// Bureau or body that decides.
    pub decided_by: String,
    /// Legal basis in words.
    pub basis: String,
    /// Decision dates for which it is in force.
    pub interval: Interval,
    /// Term in months; `None` = no fixed term.
    pub term_months: Option<i32>,
    /// Way of early exit, in words; empty where unknown.
    pub early_exit: String,
    /// How well the table's figures are founded.
    pub confidence: Confidence,
}

impl ListDefinition {
    /// End of a listing's term, half-open; `None` = no fixed term.
    pub fn term_end(&self, listed_on: CivilDate) -> Option<CivilDate> {
        self.term_months.map(|months| listed_on.plus_months(months))
    }
}

/// The lists in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTable {
    /// What the pack says about itself.
    pub head: PackHead,
    lists: BTreeMap<String, ListDefinition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    pack: RawHead,
    list: Vec<RawList>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawList {
    id: String,
    colour: String,
    name_zh: String,
    name_en: String,
    field: String,
    decided_by: String,
    basis: String,
    valid_from: String,
    valid_to: String,
    term_months: i32,
    early_exit: String,
    confidence: String,
}

impl ListTable {
    /// Reads and checks a pack of kind `lists`.
    ///
    /// # Errors
    /// [`PackFaults`]: among others a serious list outside the four fields or without a basis.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        let raw: RawTable = read_toml(PackKind::Lists, text)?;
        let mut faults = Collector::new(PackKind::Lists);
        let head = raw.pack.check(PackKind::Lists, &mut faults);
        let mut lists = BTreeMap::new();
        for list in raw.list {
            let place = format!("list {}", list.id);
            if let Some(definition) = read_list(list, &place, &mut faults)
                && lists.insert(definition.id.clone(), definition).is_some()
            {
                faults.push(&place, "id", "stands twice", "each list once");
            }
        }
        faults.finish(Self { head, lists })
    }

    /// One list by its id.
    pub fn list(&self, id: &str) -> Option<&ListDefinition> {
        self.lists.get(id)
    }

    /// Every list, in order of id.
    pub fn lists(&self) -> impl Iterator<Item = &ListDefinition> {
        self.lists.values()
    }
}

fn read_list(raw: RawList, place: &str, faults: &mut Collector) -> Option<ListDefinition> {
    faults.filled(place, "name_zh", &raw.name_zh);
    faults.filled(place, "name_en", &raw.name_en);
    faults.filled(place, "basis", &raw.basis);
    faults.filled(place, "decided_by", &raw.decided_by);
    if !(0..=TERM_MONTHS_MAX).contains(&raw.term_months) {
        let right = format!("0 (no fixed term) to {TERM_MONTHS_MAX}");
        faults.push(place, "term_months", raw.term_months.to_string(), right);
    }
    if raw.id.starts_with("reported-") {
        faults.push(
            place,
            "id",
            "begins with reported-",
            "that prefix is kept for lists outside the table",
        );
    }
    let interval = faults.interval(place, &raw.valid_from, &raw.valid_to);
    let confidence = faults.read(place, "confidence", &raw.confidence, "one of these")?;
    let colour = faults.read(place, "colour", &raw.colour, "a colour")?;
    if colour == ListColour::Serious && !SERIOUS_FIELDS.contains(&raw.field.as_str()) {
        faults.push(
            place,
            "field",
            format!("{:?}", raw.field),
            SERIOUS_FIELDS.join(" "),
        );
    }
    Some(ListDefinition {
        id: raw.id,
        colour,
        name: Sentence::new(raw.name_zh, raw.name_en),
        field: raw.field,
        decided_by: raw.decided_by,
        basis: raw.basis,
        interval,
        term_months: (raw.term_months > 0).then_some(raw.term_months),
        early_exit: raw.early_exit,
        confidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::PACKS;

    #[test]
    fn the_shipped_table_loads_and_knows_its_terms() {
        let table = ListTable::parse(PACKS[3].text).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(table.lists().count(), 23);
        let day = "2022-08-31".parse().expect("a date");
        let end = |id| {
            table
                .list(id)
                .and_then(|l| l.term_end(day))
                .map(|d| d.to_string())
        };
        assert_eq!(end("migrant-wages").as_deref(), Some("2025-08-31"));
        assert_eq!(end("cooked-food-black").as_deref(), Some("2022-09-30"));
        assert_eq!(end("integrity-stars"), None);
    }

    #[test]
    fn a_serious_list_outside_the_four_fields_is_a_fault() {
        let text = PACKS[3]
            .text
            .replacen("field = \"refusal\"", "field = \"manners\"", 1);
        let said = ListTable::parse(&text)
            .expect_err("not one of the four")
            .to_string();
        assert!(
            said.contains("list judgment-defaulters, field field"),
            "{said}"
        );
    }
}
