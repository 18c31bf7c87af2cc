//! Typed reading of a record's named values; a value of another type reads as absent.

use probity_types::{CivilDate, Fen, FieldValue};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Values of one record by catalogue field name.
pub type FieldMap = BTreeMap<String, FieldValue>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a>(pub(crate) &'a FieldMap);

impl<'a> Values<'a> {
    /// Whether the field carries anything: an empty text or set does not.
    pub(crate) fn given(self, name: &str) -> bool {
        self.0.get(name).is_some_and(is_filled)
    }

    pub(crate) fn date(self, name: &str) -> Option<CivilDate> {
        match self.0.get(name) {
            Some(FieldValue::Date(date)) => Some(*date),
            _ => None,
        }
    }

    pub(crate) fn fen(self, name: &str) -> Option<Fen> {
        match self.0.get(name) {
            Some(FieldValue::Fen(fen)) => Some(*fen),
            _ => None,
        }
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(FieldValue::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn boolean(self, name: &str) -> Option<bool> {
        match self.0.get(name) {
            Some(FieldValue::Boolean(answer)) => Some(*answer),
            _ => None,
        }
    }

    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        match self.0.get(name) {
            Some(FieldValue::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    }

    pub(crate) fn key(self, name: &str) -> Option<&'a str> {
        match self.0.get(name) {
            Some(FieldValue::Code(key)) => Some(key.as_str()),
            _ => None,
        }
    }

    pub(crate) fn code<T: FromStr>(self, name: &str) -> Option<T> {
        self.key(name)?.parse().ok()
    }

    pub(crate) fn codes<T: FromStr>(self, name: &str) -> Vec<T> {
        match self.0.get(name) {
            Some(FieldValue::Codes(keys)) => keys.iter().filter_map(|k| k.parse().ok()).collect(),
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
