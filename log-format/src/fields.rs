//! Typed details of a record to and from named field values, so that files, API, corrections and pages speak of the same
//! fields by the same names (the catalogue's).

use crate::wire::{Exposed, Place, Set, Types, Wire, wire_struct};
use probity_types::{CivilDate, CodeList, Fen, FieldValue, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Why a named value does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The value has another type than the field.
    #[error("{field} takes {expected}")]
    Type {
        /// The field.
        field: String,
        /// What it takes.
        expected: String,
    },
    /// The value does not pass the field's own check.
    #[error("{field}: {why}")]
    Value {
        /// The field.
        field: String,
        /// The reason.
        why: String,
    },
    /// More fields beyond the typed ones than a record holds.
    #[error("at most {max} further fields")]
    TooMany {
        /// The maximum.
        max: u32,
    },
}

/// A field's Rust type to and from [`FieldValue`].
pub trait FieldCodec: Sized {
    /// The value as it travels.
    fn to_field(&self) -> FieldValue;
    /// Reads a value; `Err` says what the field takes.
    ///
    /// # Errors
    /// What the field takes, or what is wrong with the value.
    fn from_field(value: &FieldValue) -> Result<Self, String>;
}

impl<const MAX: u32> FieldCodec for Text<MAX> {
    fn to_field(&self) -> FieldValue {
        // Every text field is at most 4,000 characters long, see the types below.
        FieldValue::Text(Text::try_from(self.as_str()).unwrap_or_default())
    }
    fn from_field(value: &FieldValue) -> Result<Self, String> {
        match value {
            FieldValue::Text(text) => Self::try_from(text.as_str()).map_err(|e| e.to_string()),
            _ => Err(format!("text of at most {MAX} characters")),
        }
    }
}

macro_rules! simple_field {
    ($($type:ty = $variant:ident, $words:literal);+ $(;)?) => {$(
        impl FieldCodec for $type {
            fn to_field(&self) -> FieldValue { FieldValue::$variant(self.clone()) }
            fn from_field(value: &FieldValue) -> Result<Self, String> {
                match value { FieldValue::$variant(inner) => Ok(inner.clone()), _ => Err($words.to_owned()) }
            }
        }
    )+};
}

simple_field! {
    CivilDate = Date, "a date";
    Fen = Fen, "an amount of money";
    i64 = Integer, "a whole number";
    bool = Boolean, "yes or no";
}

/// A decimal number as canonical text; no float ever holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(pub Text<32>);

impl Wire for Decimal {
    fn shape(types: &mut Types) -> String {
        Text::<32>::shape(types)
    }
}

impl FieldCodec for Decimal {
    fn to_field(&self) -> FieldValue {
        FieldValue::Decimal(self.0.clone())
    }
    fn from_field(value: &FieldValue) -> Result<Self, String> {
        match value {
            FieldValue::Decimal(text) => Ok(Self(text.clone())),
            FieldValue::Integer(n) => Text::try_from(n.to_string())
                .map(Self)
                .map_err(|e| e.to_string()),
            _ => Err("a decimal number".to_owned()),
        }
    }
}

/// Every code list is a field type; called by `wire_codes!`, since a blanket implementation would overlap with the others.
macro_rules! code_field {
    ($name:ident) => {
        impl $crate::fields::FieldCodec for probity_types::$name {
            fn to_field(&self) -> probity_types::FieldValue {
                let key = probity_types::CodeList::key(*self);
                probity_types::FieldValue::Code(
                    probity_types::Text::try_from(key).unwrap_or_default(),
                )
            }
            fn from_field(value: &probity_types::FieldValue) -> Result<Self, String> {
                match value {
                    probity_types::FieldValue::Code(key) => key
                        .parse()
                        .map_err(|e: probity_types::CodeError| e.to_string()),
                    _ => Err(format!(
                        "a code of the list {}",
                        <Self as probity_types::CodeList>::LIST
                    )),
                }
            }
        }
    };
}

impl<C: CodeList + FromStr + Ord, const MAX: u32> FieldCodec for Set<C, MAX>
where
    C::Err: std::fmt::Display,
{
    fn to_field(&self) -> FieldValue {
        FieldValue::Codes(
            self.iter()
                .filter_map(|code| Text::try_from(code.key()).ok())
                .collect(),
        )
    }
    fn from_field(value: &FieldValue) -> Result<Self, String> {
        let FieldValue::Codes(keys) = value else {
            return Err(format!("codes of the list {}", C::LIST));
        };
        let codes = keys
            .iter()
            .map(|key| key.parse().map_err(|e: C::Err| e.to_string()));
        Self::from_unsorted(codes.collect::<Result<_, _>>()?).map_err(|e| e.to_string())
    }
}

wire_struct! {
    /// Another party to the act, by name only. A person's name is personal: it stands in a sealed part, never here.
    pub struct PartyName {
        open person: bool = "是否自然人";
        open name: Text<200> = "名称";
    }
    /// A value beyond the typed fields, as the catalogue's entry declares it.
    pub struct NamedValue {
        open name: Text<64> = "字段";
        open value: FieldValue = "值";
    }
}

/// [`PartyName`] with the check that the type alone cannot say: a person's name never stands in an open part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Party(pub PartyName);

impl Wire for Party {
    fn shape(types: &mut Types) -> String {
        PartyName::shape(types)
    }
    fn check_place(&self, place: Place) -> Result<(), Exposed> {
        if self.0.person && !self.0.name.is_empty() && place != Place::Sealed {
            return Err(Exposed {
                field: "name".to_owned(),
            });
        }
        Ok(())
    }
}

/// Endings that only names of organisations have; every other party is treated as a person, so that doubt seals.
const ORGANISATION_ENDINGS: [&str; 18] = [
    "公司",
    "厂",
    "局",
    "委员会",
    "政府",
    "中心",
    "银行",
    "支行",
    "学校",
    "医院",
    "协会",
    "合作社",
    "事务所",
    "法院",
    "集团",
    "大队",
    "研究院",
    "基金会",
];

impl FieldCodec for Party {
    fn to_field(&self) -> FieldValue {
        self.0.name.to_field()
    }
    fn from_field(value: &FieldValue) -> Result<Self, String> {
        let name = Text::<200>::from_field(value)?;
        let person = !ORGANISATION_ENDINGS
            .iter()
            .any(|ending| name.ends_with(ending));
        Ok(Self(PartyName { person, name }))
    }
}

/// Values by field name, sorted by name.
pub type FieldMap = BTreeMap<String, FieldValue>;

/// Reads one field out of the map, where it is there.
///
/// # Errors
/// [`FieldError`] naming the field.
pub fn take<T: FieldCodec>(fields: &mut FieldMap, field: &str) -> Result<Option<T>, FieldError> {
    let Some(value) = fields.remove(field) else {
        return Ok(None);
    };
    T::from_field(&value)
        .map(Some)
        .map_err(|why| FieldError::Value {
            field: field.to_owned(),
            why,
        })
}

/// Declares the typed details of one category: every field optional (a source may lack it and says so in its profile; the
/// catalogue decides what is needed), plus the values that only the catalogue's entry knows.
macro_rules! details_struct {
    ($($(#[$doc:meta])* pub struct $name:ident { $($field:ident: $type:ty = $zh:literal;)* })+) => {$(
        $crate::wire::wire_struct! {
            $(#[$doc])*
            pub struct $name {
                $(subject $field: Option<$type> = $zh;)*
                subject conduct_date: Option<probity_types::CivilDate> = "行为发生日期";
                subject conduct_ended_on: Option<probity_types::CivilDate> = "行为终止日期";
                subject note: Option<probity_types::Text<512>> = "备注";
                subject extra: $crate::wire::List<$crate::fields::NamedValue, 32> = "其他字段";
            }
        }
        impl $name {
            /// Reads the details out of named values; what no typed field takes becomes an extra field.
            ///
            /// # Errors
            /// [`FieldError`](crate::fields::FieldError) for the first value that does not fit.
            pub fn from_fields(mut fields: $crate::fields::FieldMap) -> Result<Self, $crate::fields::FieldError> {
                use $crate::fields::take;
                $(let $field = take(&mut fields, stringify!($field))?;)*
                let conduct_date = take(&mut fields, "conduct_date")?;
                let conduct_ended_on = take(&mut fields, "conduct_ended_on")?;
                let note = take(&mut fields, "note")?;
                let extra = $crate::fields::extras(fields)?;
                Ok(Self { $($field,)* conduct_date, conduct_ended_on, note, extra })
            }
            /// One value by field name, as [`Self::to_fields`] has it.
            pub fn value(&self, name: &str) -> Option<probity_types::FieldValue> {
                use $crate::fields::FieldCodec;
                let extra = self.extra.iter().rev().find(|named| named.name.as_str() == name);
                if let Some(named) = extra {
                    return Some(named.value.clone());
                }
                $(if name == stringify!($field) {
                    return self.$field.as_ref().map(|value| value.to_field());
                })*
                match name {
                    "conduct_date" => self.conduct_date.map(|date| date.to_field()),
                    "conduct_ended_on" => self.conduct_ended_on.map(|date| date.to_field()),
                    "note" => self.note.as_ref().map(|note| note.to_field()),
                    _ => None,
                }
            }
            /// Every value by field name.
            pub fn to_fields(&self) -> $crate::fields::FieldMap {
                use $crate::fields::FieldCodec;
                let mut fields = $crate::fields::FieldMap::new();
                $(if let Some(value) = &self.$field {
                    fields.insert(stringify!($field).to_owned(), value.to_field());
                })*
                if let Some(date) = self.conduct_date {
                    fields.insert("conduct_date".to_owned(), date.to_field());
                }
                if let Some(date) = self.conduct_ended_on {
                    fields.insert("conduct_ended_on".to_owned(), date.to_field());
                }
                if let Some(note) = &self.note {
                    fields.insert("note".to_owned(), note.to_field());
                }
                for named in self.extra.iter() {
                    fields.insert(named.name.as_str().to_owned(), named.value.clone());
                }
                fields
            }
        }
    )+};
}

/// Values that no typed field takes, in order of their names.
///
/// # Errors
/// [`FieldError`] where there are too many or a name is too long.
pub fn extras(fields: FieldMap) -> Result<crate::wire::List<NamedValue, 32>, FieldError> {
    let named = fields.into_iter().map(|(name, value)| {
        let why = |e: probity_types::TextError| FieldError::Value {
            field: name.clone(),
            why: e.to_string(),
        };
        Ok(NamedValue {
            name: Text::try_from(name.as_str()).map_err(why)?,
            value,
        })
    });
    let named = named.collect::<Result<Vec<_>, FieldError>>()?;
    named
        .try_into()
        .map_err(|_| FieldError::TooMany { max: 32 })
}

pub(crate) use {code_field, details_struct};
