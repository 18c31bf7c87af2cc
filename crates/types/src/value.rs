//! A field's value as it travels between files, API, events and pages.

use crate::{CivilDate, Fen, Text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One value of a record's field. The catalogue says which type a field takes.
///
/// In the log: a `u32` tag in the order below, then the payload. In JSON: `{"text": …}`, `{"date": …}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// Free text.
    Text(Text<4000>),
    /// A civil date.
    Date(CivilDate),
    /// Money in fen.
    Fen(Fen),
    /// A whole number.
    Integer(i64),
    /// A decimal number kept as its canonical text (no float): optional `-`, digits, optional `.` and digits.
    Decimal(Text<32>),
    /// Yes or no.
    Boolean(bool),
    /// A key of a code list.
    Code(Text<32>),
    /// Several keys of a code list, sorted, without doubles.
    Codes(Vec<Text<32>>),
}

/// The type that the catalogue declares for a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldType {
    /// `text:n`, at most n characters.
    Text(u32),
    /// `date`.
    Date,
    /// `money`, integer fen.
    Money,
    /// `integer`.
    Integer,
    /// `decimal`.
    Decimal,
    /// `boolean`.
    Boolean,
    /// `enum:list` or `code:list`.
    Code(String),
    /// `list:list`, several keys of a code list.
    Codes(String),
    /// `party`: the name of another party to the act.
    Party,
}

/// A type text that the catalogue grammar does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a field type; known: text:N date money integer decimal boolean enum:L code:L list:L party"
)]
pub struct FieldTypeError(pub String);

impl std::str::FromStr for FieldType {
    type Err = FieldTypeError;
    fn from_str(text: &str) -> Result<Self, FieldTypeError> {
        let unknown = || FieldTypeError(text.to_owned());
        match text.split_once(':') {
            None => match text {
                "date" => Ok(Self::Date),
                "money" => Ok(Self::Money),
                "integer" => Ok(Self::Integer),
                "decimal" => Ok(Self::Decimal),
                "boolean" => Ok(Self::Boolean),
                "party" => Ok(Self::Party),
                _ => Err(unknown()),
            },
            Some(("text", n)) => n.parse().map(Self::Text).map_err(|_| unknown()),
            Some(("enum" | "code", list)) => Ok(Self::Code(list.to_owned())),
            Some(("list", list)) => Ok(Self::Codes(list.to_owned())),
            Some(_) => Err(unknown()),
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(n) => write!(f, "text:{n}"),
            Self::Date => f.write_str("date"),
            Self::Money => f.write_str("money"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal => f.write_str("decimal"),
            Self::Boolean => f.write_str("boolean"),
            Self::Code(list) => write!(f, "enum:{list}"),
            Self::Codes(list) => write!(f, "list:{list}"),
            Self::Party => f.write_str("party"),
        }
    }
}

/// The value as a person reads it: dates as `YYYY-MM-DD`, money in yuan, keys joined by `;`.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(t) => f.write_str(t),
            Self::Date(d) => d.fmt(f),
            Self::Fen(fen) => fen.fmt(f),
            Self::Integer(n) => n.fmt(f),
            Self::Decimal(t) | Self::Code(t) => f.write_str(t),
            Self::Boolean(b) => b.fmt(f),
            Self::Codes(keys) => {
                f.write_str(&keys.iter().map(|k| &**k).collect::<Vec<_>>().join(";"))
            }
        }
    }
}
