//! What is wrong with a pack: every fault, each with its place, its field and what would be right.

use crate::head::{Interval, PackKind};
use probity_types::CivilDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// One sentence in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sentence {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Sentence {
    /// A sentence from its two texts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// One fault of a pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pack}: {place}, field {field}: {found}; right would be {right}")]
pub struct PackFault {
    /// Which kind of pack.
    pub pack: PackKind,
    /// Which entry, for example `entry CF006`; the line for a text that is not TOML.
    pub place: String,
    /// Which field of it.
    pub field: String,
    /// What stands there.
    pub found: String,
    /// What would be right.
    pub right: String,
}

/// Every fault of one pack; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFaults(pub Vec<PackFault>);

/// Faults that one message spells out; the rest are counted.
const FAULTS_SHOWN_MAX: usize = 8;

impl fmt::Display for PackFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().take(FAULTS_SHOWN_MAX).enumerate() {
            if place > 0 {
                f.write_str(" | ")?;
            }
            fault.fmt(f)?;
        }
        match self.0.len().checked_sub(FAULTS_SHOWN_MAX) {
            Some(more @ 1..) => write!(f, " | and {more} more faults"),
            Some(0) | None => Ok(()),
        }
    }
}

impl std::error::Error for PackFaults {}

/// Keys of a table that no rule reads. `serde(flatten)` cannot refuse them, so they are collected.
pub(crate) type Rest = BTreeMap<String, toml::Value>;

/// Collects the faults of one pack while it is read.
pub(crate) struct Collector {
    pack: PackKind,
    faults: Vec<PackFault>,
}

impl Collector {
    pub(crate) fn new(pack: PackKind) -> Self {
        Self {
            pack,
            faults: Vec::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        place: &str,
        field: &str,
        found: impl Into<String>,
        right: impl Into<String>,
    ) {
        self.faults.push(PackFault {
            pack: self.pack,
            place: place.to_owned(),
            field: field.to_owned(),
            found: found.into(),
            right: right.into(),
        });
    }

    /// A value read from text, or a fault that repeats the parser's own words.
    pub(crate) fn read<T>(&mut self, place: &str, field: &str, text: &str, right: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(place, field, format!("{text:?}: {error}"), right);
                None
            }
        }
    }

    /// Unknown keys are faults: a misspelt rule must not be silently without effect.
    pub(crate) fn no_more(&mut self, place: &str, rest: &Rest) {
        for key in rest.keys() {
            self.push(
                place,
                key,
                "an unknown key",
                "a key that this kind of pack knows",
            );
        }
    }

    /// A text that must not be empty.
    pub(crate) fn filled(&mut self, place: &str, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.push(place, field, "empty", "a text that people can read");
        }
    }

    /// Inclusive dates; an empty text is open.
    pub(crate) fn interval(&mut self, place: &str, first: &str, last: &str) -> Interval {
        let mut read = |field: &str, text: &str, open: CivilDate| -> CivilDate {
            if text.is_empty() {
                return open;
            }
            self.read(place, field, text, "YYYY-MM-DD or empty")
                .unwrap_or(open)
        };
        let interval = Interval {
            first: read("valid_from", first, CivilDate::MIN),
            last: read("valid_to", last, CivilDate::MAX),
        };
        if interval.first > interval.last {
            let found = format!("{} lies after {}", interval.first, interval.last);
            self.push(place, "valid_from", found, "a first day not after the last");
        }
        interval
    }

    pub(crate) fn into_faults(self) -> PackFaults {
        PackFaults(self.faults)
    }

    pub(crate) fn finish<T>(self, value: T) -> Result<T, PackFaults> {
        if self.faults.is_empty() {
            Ok(value)
        } else {
            Err(PackFaults(self.faults))
        }
    }
}

/// Reads the TOML of a pack into its raw form; a fault names the line.
pub(crate) fn read_toml<T: serde::de::DeserializeOwned>(
    pack: PackKind,
    text: &str,
) -> Result<T, PackFaults> {
    toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(0, |before| {
                before.bytes().filter(|b| *b == b'\n').count() + 1
            });
        let mut faults = Collector::new(pack);
        let place = format!("line {line}");
        faults.push(
            &place,
            "(text)",
            error.message(),
            "TOML with the keys of this kind of pack",
        );
        PackFaults(faults.faults)
    })
}
