//! What only shows over the whole of a catalogue: references, successors, names, rules given twice.

use super::load::RawSeverityRule;
use super::{Catalogue, Entry, SeverityRule};
use crate::fault::Collector;
use crate::head::Interval;
use probity_types::Category;
use std::collections::{BTreeMap, BTreeSet};

/// Words of one list that stand in it more than once.
pub(super) fn once(place: &str, field: &str, words: &[String], faults: &mut Collector) {
    let mut seen = BTreeSet::new();
    for word in words.iter().filter(|word| !seen.insert(word.as_str())) {
        faults.push(place, field, format!("{word:?} twice"), "each once");
    }
}

fn overlap(one: &Interval, other: &Interval) -> bool {
    one.first <= other.last && other.first <= one.last
}

/// The severity rules of the pack by id, with their meaning. A rule may stand again for other days, never for the same.
pub(super) fn severity_rules(
    rules: Vec<RawSeverityRule>,
    faults: &mut Collector,
) -> BTreeMap<String, String> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut intervals: BTreeMap<String, Vec<Interval>> = BTreeMap::new();
    for rule in rules {
        let place = format!("severity_rule {}", rule.id);
        let _: Option<SeverityRule> =
            faults.read(&place, "id", &rule.id, "a rule the program knows");
        faults.filled(&place, "meaning", &rule.meaning);
        let interval = faults.interval(&place, &rule.valid_from, &rule.valid_to);
        let earlier = intervals.entry(rule.id.clone()).or_default();
        if let Some(other) = earlier.iter().find(|other| overlap(other, &interval)) {
            let found = format!("{interval} overlaps {other}");
            faults.push(
                &place,
                "valid_from",
                found,
                "intervals without a common day",
            );
        }
        earlier.push(interval);
        known.insert(rule.id, rule.meaning);
    }
    known
}

/// A class that was replaced ends, and what replaces it is in force afterwards.
pub(super) fn successors(catalogue: &Catalogue, faults: &mut Collector) {
    for entry in catalogue.entries.values() {
        let place = format!("entry {}", entry.code);
        let Some(successor) = entry
            .replaced_by
            .as_ref()
            .and_then(|code| catalogue.entries.get(code))
        else {
            continue;
        };
        if entry.interval.last == Interval::ALWAYS.last {
            let right = "the last day of a class that was replaced";
            faults.push(&place, "valid_to", "empty", right);
            continue;
        }
        let next = entry.interval.last.plus_days(1);
        if !successor.interval.contains(next) {
            let found = format!(
                "{} is in force {}, not on {next}",
                successor.code, successor.interval
            );
            let right = "a class in force on the day after this one ended";
            faults.push(&place, "replaced_by", found, right);
        }
    }
}

/// Two classes of one category with one name and common days could not be told apart by whoever reports.
pub(super) fn names(catalogue: &Catalogue, faults: &mut Collector) {
    let mut by_name: BTreeMap<(Category, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in catalogue.entries.values() {
        let same = by_name
            .entry((entry.category, entry.name.zh.as_str()))
            .or_default();
        let clash = same
            .iter()
            .find(|other| overlap(&other.interval, &entry.interval));
        if let Some(other) = clash {
            let place = format!("entry {}", entry.code);
            let found = format!(
                "{:?} is also the name of {}, in force {}",
                entry.name.zh, other.code, other.interval
            );
            let right = "another name, or intervals without a common day";
            faults.push(&place, "name_zh", found, right);
        }
        same.push(entry);
    }
}

pub(super) fn references(
    catalogue: &Catalogue,
    licences: &[(String, String)],
    faults: &mut Collector,
) {
    for entry in catalogue.entries.values() {
        entry_references(catalogue, entry, faults);
    }
    for (group, licence) in licences {
        // Empty: the group's certificates have no class of their own.
        if !licence.is_empty() && !catalogue.entries.contains_key(licence) {
            let place = format!("key_person_group {group}");
            faults.push(
                &place,
                "licence_entry",
                format!("{licence:?}"),
                "an entry of this pack",
            );
        }
    }
}

fn entry_references(catalogue: &Catalogue, entry: &Entry, faults: &mut Collector) {
    let place = format!("entry {}", entry.code);
    for source in &entry.sources {
        if !catalogue.bureaus.contains_key(source) {
            faults.push(
                &place,
                "sources",
                format!("{source:?}"),
                "a bureau of this pack",
            );
        }
    }
    for (list, names) in [("required", &entry.required), ("optional", &entry.optional)] {
        for name in names {
            let group = catalogue.fields.get(&Some(entry.category));
            if !group.is_some_and(|fields| fields.contains_key(name)) {
                let right = format!("a field of category {}", entry.category);
                faults.push(&place, list, format!("{name:?}"), right);
            }
        }
    }
    if let Some(both) = entry.required.iter().find(|r| entry.optional.contains(r)) {
        let found = format!("{both:?} is required and optional");
        faults.push(&place, "optional", found, "one of the two");
    }
    if !catalogue
        .severity_rules
        .contains_key(entry.severity_rule.key())
    {
        let found = format!("{:?}", entry.severity_rule.key());
        faults.push(
            &place,
            "severity_rule",
            found,
            "a severity rule of this pack",
        );
    }
    for group in &entry.key_person_groups {
        if !catalogue.key_person_groups.contains_key(group) {
            faults.push(
                &place,
                "key_person_groups",
                format!("{group:?}"),
                "a group of this pack",
            );
        }
    }
    if let Some(successor) = &entry.replaced_by
        && (*successor == entry.code || !catalogue.entries.contains_key(successor))
    {
        faults.push(
            &place,
            "replaced_by",
            format!("{successor:?}"),
            "another entry of this pack",
        );
    }
}
