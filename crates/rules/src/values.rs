//! Typed reading of a record's named values; a value of another type reads as absent.

use probity_types::{CivilDate, Fen, FieldValue, Text};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Values of one record by catalogue field name.
pub type FieldMap = BTreeMap<String, FieldValue>;

/// One value as a rule reads it: borrowed, whatever holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Free text.
    Text(&'a str),
    /// A civil date.
    Date(CivilDate),
    /// Money.
    Fen(Fen),
    /// A whole number.
    Integer(i64),
    /// A decimal number as its canonical text.
    Decimal(&'a str),
    /// Yes or no.
    Boolean(bool),
    /// A key of a code list.
    Code(&'a str),
    /// Several keys of a code list.
    Codes(Codes<'a>),
}

/// Several keys of a code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes<'a> {
    /// As a field value holds them.
    Held(&'a [Text<32>]),
    /// Packed: each key behind its length in bytes.
    Packed(&'a [u8]),
}

impl<'a> Codes<'a> {
    /// The keys in order. Packed bytes that are not keys end the list.
    pub fn keys(self) -> impl Iterator<Item = &'a str> {
        let (mut held, mut packed): (&'a [Text<32>], &'a [u8]) = match self {
            Self::Held(keys) => (keys, &[]),
            Self::Packed(bytes) => (&[], bytes),
        };
        std::iter::from_fn(move || {
            if let Some((key, rest)) = held.split_first() {
                held = rest;
                return Some(key.as_str());
            }
            let (length, rest) = packed.split_first()?;
            let (key, rest) = rest.split_at_checked(usize::from(*length))?;
            packed = rest;
            std::str::from_utf8(key).ok()
        })
    }
}

/// Where the values of one record come from: rules read them by name and never see all of them.
pub trait FieldSource: std::fmt::Debug {
    /// The value of a field, none where it is not given.
    fn value(&self, name: &str) -> Option<Value<'_>>;
}

impl FieldSource for FieldMap {
    fn value(&self, name: &str) -> Option<Value<'_>> {
        Some(match self.get(name)? {
            FieldValue::Text(text) => Value::Text(text.as_str()),
            FieldValue::Date(date) => Value::Date(*date),
            FieldValue::Fen(fen) => Value::Fen(*fen),
            FieldValue::Integer(number) => Value::Integer(*number),
            FieldValue::Decimal(text) => Value::Decimal(text.as_str()),
            FieldValue::Boolean(answer) => Value::Boolean(*answer),
            FieldValue::Code(key) => Value::Code(key.as_str()),
            FieldValue::Codes(keys) => Value::Codes(Codes::Held(keys)),
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a>(pub(crate) &'a dyn FieldSource);

impl<'a> Values<'a> {
    /// Whether the field carries anything: an empty text or set does not.
    pub(crate) fn given(self, name: &str) -> bool {
        match self.0.value(name) {
            None => false,
            Some(Value::Text(text) | Value::Decimal(text) | Value::Code(text)) => {
                !text.trim().is_empty()
            }
            Some(Value::Codes(codes)) => codes.keys().next().is_some(),
            Some(_) => true,
        }
    }

    pub(crate) fn date(self, name: &str) -> Option<CivilDate> {
        match self.0.value(name) {
            Some(Value::Date(date)) => Some(date),
            _ => None,
        }
    }

    pub(crate) fn fen(self, name: &str) -> Option<Fen> {
        match self.0.value(name) {
            Some(Value::Fen(fen)) => Some(fen),
            _ => None,
        }
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        match self.0.value(name) {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn boolean(self, name: &str) -> Option<bool> {
        match self.0.value(name) {
            Some(Value::Boolean(answer)) => Some(answer),
            _ => None,
        }
    }

    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        match self.0.value(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn key(self, name: &str) -> Option<&'a str> {
        match self.0.value(name) {
            Some(Value::Code(key)) => Some(key),
            _ => None,
        }
    }

    pub(crate) fn code<T: FromStr>(self, name: &str) -> Option<T> {
        self.key(name)?.parse().ok()
    }

    pub(crate) fn codes<T: FromStr>(self, name: &str) -> Vec<T> {
        match self.0.value(name) {
            Some(Value::Codes(codes)) => codes.keys().filter_map(|k| k.parse().ok()).collect(),
            _ => Vec::new(),
        }
    }
}

pub(crate) fn is_filled(value: &FieldValue) -> bool {
    match value {
        FieldValue::Text(text) => !text.trim().is_empty(),
        FieldValue::Decimal(text) | FieldValue::Code(text) => !text.trim().is_empty(),
        FieldValue::Codes(keys) => !keys.is_empty(),
        FieldValue::Date(_)
        | FieldValue::Fen(_)
        | FieldValue::Integer(_)
        | FieldValue::Boolean(_) => true,
    }
}
