//! What rules read of a record beyond its core, packed: a few dozen bytes where a map of names and values took close to a
//! thousand. Free text is reduced to its presence: rules ask whether an instrument is named, never what it says, and texts
//! stay in the log.

use hashbrown::HashTable;
use probity_format::events::FieldChange;
use probity_format::fields::FieldMap;
use probity_rules::{Codes, FieldSource, Value};
use probity_types::{CivilDate, Fen, FieldValue};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Names of the fields that a record has, in order; shared by all records with the same ones.
pub(crate) type Names = Arc<Box<[Box<str>]>>;

/// See the module.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    names: Names,
    /// Values in the order of the names: a tag, then what the tag says.
    values: Box<[u8]>,
}

const BLANK: u8 = 0;
const FILLED: u8 = 1;
const DATE: u8 = 2;
const FEN: u8 = 3;
const INTEGER: u8 = 4;
const DECIMAL: u8 = 5;
const NO: u8 = 6;
const YES: u8 = 7;
const CODE: u8 = 8;
const CODES: u8 = 9;

/// A text that is there stands for whatever it says.
const PRESENT: &str = "·";

fn put_text(out: &mut Vec<u8>, text: &str) {
    // At most 32 characters of at most four bytes.
    out.push(text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

fn put(out: &mut Vec<u8>, value: &FieldValue) {
    match value {
        FieldValue::Text(text) if text.trim().is_empty() => out.push(BLANK),
        FieldValue::Text(_) => out.push(FILLED),
        FieldValue::Date(day) => {
            out.push(DATE);
            out.extend_from_slice(&day.days().to_le_bytes());
        }
        FieldValue::Fen(fen) => {
            out.push(FEN);
            out.extend_from_slice(&fen.0.to_le_bytes());
        }
        FieldValue::Integer(number) => {
            out.push(INTEGER);
            out.extend_from_slice(&number.to_le_bytes());
        }
        FieldValue::Decimal(text) => {
            out.push(DECIMAL);
            put_text(out, text);
        }
        FieldValue::Boolean(answer) => out.push(if *answer { YES } else { NO }),
        FieldValue::Code(key) => {
            out.push(CODE);
            put_text(out, key);
        }
        FieldValue::Codes(keys) => {
            out.push(CODES);
            let bytes: usize = keys.iter().map(|key| 1 + key.len()).sum();
            // A list of codes is a few dozen keys at most: the format bounds a record's fields far below this.
            out.extend_from_slice(&(bytes as u32).to_le_bytes());
            keys.iter().for_each(|key| put_text(out, key));
        }
    }
}

fn text_at(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

/// The first value and the bytes behind it.
fn take(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let number = || {
        let (number, rest) = rest.split_first_chunk()?;
        Some((i64::from_le_bytes(*number), rest))
    };
    Some(match *tag {
        BLANK => (Value::Text(""), rest),
        FILLED => (Value::Text(PRESENT), rest),
        DATE => {
            let (days, rest) = rest.split_first_chunk()?;
            (
                Value::Date(CivilDate::from_days(i32::from_le_bytes(*days)).ok()?),
                rest,
            )
        }
        FEN => number().map(|(fen, rest)| (Value::Fen(Fen(fen)), rest))?,
        INTEGER => number().map(|(number, rest)| (Value::Integer(number), rest))?,
        DECIMAL => text_at(rest).map(|(text, rest)| (Value::Decimal(text), rest))?,
        NO => (Value::Boolean(false), rest),
        YES => (Value::Boolean(true), rest),
        CODE => text_at(rest).map(|(key, rest)| (Value::Code(key), rest))?,
        CODES => {
            let (length, rest) = rest.split_first_chunk()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (packed, rest) = rest.split_at_checked(length)?;
            (Value::Codes(Codes::Packed(packed)), rest)
        }
        _ => return None,
    })
}

impl Facts {
    /// Packs values; `shapes` shares the names.
    pub(crate) fn pack(shapes: &mut Shapes, fields: &FieldMap) -> Self {
        let mut values = Vec::with_capacity(fields.len() * 6);
        fields.values().for_each(|value| put(&mut values, value));
        Self {
            names: shapes.share(fields.keys().map(String::as_str)),
            values: values.into(),
        }
    }

    /// The same after a correction.
    #[must_use]
    pub(crate) fn corrected(&self, shapes: &mut Shapes, changes: &[FieldChange]) -> Self {
        let mut packed: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        let mut rest = &*self.values;
        for name in self.names.iter() {
            let before = rest;
            let Some((_, after)) = take(rest) else { break };
            rest = after;
            packed.insert(name, before[..before.len() - after.len()].to_vec());
        }
        for change in changes
            .iter()
            .filter(|c| !probity_domain::shape::is_core_field(&c.field))
        {
            let name = change.field.as_str();
            match &change.new {
                Some(value) => {
                    let mut bytes = Vec::new();
                    put(&mut bytes, value);
                    packed.insert(name, bytes);
                }
                None => {
                    packed.remove(name);
                }
            }
        }
        Self {
            names: shapes.share(packed.keys().copied()),
            values: packed.values().flatten().copied().collect(),
        }
    }

    /// From what [`Facts::names`] and [`Facts::values`] gave.
    pub(crate) fn from_parts(names: Names, values: &[u8]) -> Self {
        Self {
            names,
            values: values.into(),
        }
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    pub(crate) fn values(&self) -> &[u8] {
        &self.values
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let (mut names, mut rest) = (self.names.iter(), &*self.values);
        std::iter::from_fn(move || {
            let name = names.next()?;
            let (value, after) = take(rest)?;
            rest = after;
            Some((&**name, value))
        })
    }
}

impl FieldSource for Facts {
    fn value(&self, name: &str) -> Option<Value<'_>> {
        let place = self.names.iter().position(|held| **held == *name)?;
        self.iter().nth(place).map(|(_, value)| value)
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Sets of names that records have: a few hundred for millions of records.
#[derive(Clone, Default)]
pub(crate) struct Shapes(HashTable<Names>);

impl fmt::Debug for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shapes({})", self.0.len())
    }
}

fn hash<'a>(names: impl Iterator<Item = &'a str>) -> u64 {
    // FNV-1a over the names, each ended by a byte that no UTF-8 text has: names are the catalogue's, nobody chooses them
    // to collide, and nothing depends on the order of the table.
    names.fold(0xcbf2_9ce4_8422_2325, |state, name| {
        let bytes = name.bytes().chain([0xff]);
        bytes.fold(state, |state: u64, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    })
}

impl Shapes {
    pub(crate) fn share<'a>(&mut self, names: impl Iterator<Item = &'a str> + Clone) -> Names {
        let hash_of = |held: &Names| hash(held.iter().map(|name| &**name));
        let wanted = hash(names.clone());
        let same = |held: &Names| held.iter().map(|name| &**name).eq(names.clone());
        if let Some(held) = self.0.find(wanted, same) {
            return held.clone();
        }
        let new: Names = Arc::new(names.map(Box::from).collect());
        self.0.insert_unique(wanted, new.clone(), hash_of);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_types::Text;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = FieldValue> {
        let short = "[a-z_天]{0,8}".prop_map(|s| Text::try_from(s).expect("short"));
        prop_oneof![
            "[ a-z天]{0,20}".prop_map(|s| FieldValue::Text(Text::try_from(s).expect("short"))),
            (-40_000i32..40_000)
                .prop_map(|n| FieldValue::Date(CivilDate::from_days(n).expect("in range"))),
            any::<i64>().prop_map(|n| FieldValue::Fen(Fen(n))),
            any::<i64>().prop_map(FieldValue::Integer),
            short.clone().prop_map(FieldValue::Decimal),
            any::<bool>().prop_map(FieldValue::Boolean),
            short.clone().prop_map(FieldValue::Code),
            proptest::collection::vec(short, 0..4).prop_map(FieldValue::Codes),
        ]
    }

    proptest! {
        /// Rules read the same from packed facts as from the values themselves; of free text, that it is there.
        #[test]
        fn packed_facts_read_as_the_values_do(fields in proptest::collection::btree_map("[a-z]{1,5}", value(), 0..12)) {
            let mut shapes = Shapes::default();
            let facts = Facts::pack(&mut shapes, &fields);
            prop_assert_eq!(facts.iter().count(), fields.len());
            prop_assert_eq!(facts.value("no such field"), None);
            for name in fields.keys() {
                match (facts.value(name), fields.value(name)) {
                    (Some(Value::Text(packed)), Some(Value::Text(held))) => {
                        prop_assert_eq!(packed.is_empty(), held.trim().is_empty());
                    }
                    (Some(Value::Codes(packed)), Some(Value::Codes(held))) => {
                        prop_assert!(packed.keys().eq(held.keys()));
                    }
                    (packed, held) => prop_assert_eq!(packed, held),
                }
            }
            // The same names are held once.
            let again = Facts::pack(&mut shapes, &fields);
            prop_assert!(Arc::ptr_eq(&facts.names, &again.names));
            prop_assert_eq!(facts, again);
        }

        #[test]
        fn a_correction_sets_and_empties_fields(
            fields in proptest::collection::btree_map("[a-e]", value(), 0..5),
            changed in "[a-e]",
            new in proptest::option::of(value()),
        ) {
            let mut shapes = Shapes::default();
            let change = FieldChange {
                field: Text::try_from(changed.as_str()).expect("short"),
                old: fields.get(&changed).cloned(),
                new: new.clone(),
            };
            let corrected = Facts::pack(&mut shapes, &fields).corrected(&mut shapes, &[change]);
            let mut expected = fields;
            match new {
                Some(value) => expected.insert(changed, value),
                None => expected.remove(&changed),
            };
            prop_assert_eq!(corrected, Facts::pack(&mut shapes, &expected));
        }
    }
}
