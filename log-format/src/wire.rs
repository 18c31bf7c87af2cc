//! What may stand in an event body, and where.
//!
//! Every body type is declared once, with a mark on each field: `open` (may stand in clear), `subject` (in clear only where
//! the subject is an organisation) or `person` (never in clear). From that one declaration come the encoding, the
//! machine-readable schema and the check that keeps personal data out of open parts.

use probity_types::{
    AccessKeyId, BatchId, CivilDate, CodeList, Fen, FieldValue, FileTag, ListingId, LogId,
    PendingId, Position, RecipientId, RecordId, Revision, RootId, SubjectId, Text, Timestamp,
};
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

/// Where a value is about to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An open part about an organisation.
    OpenOrganisation,
    /// An open part about a person.
    OpenPerson,
    /// A sealed part.
    Sealed,
}

/// A field's mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// May stand in clear.
    Open,
    /// In clear only where the subject is an organisation.
    Subject,
    /// Never in clear.
    Person,
}

impl Mark {
    /// The word in the schema.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Subject => "subject",
            Self::Person => "person",
        }
    }

    /// Whether a present value under this mark may be written at `place`.
    pub fn allows(self, place: Place) -> bool {
        match (self, place) {
            (Self::Open, _) | (_, Place::Sealed) | (Self::Subject, Place::OpenOrganisation) => true,
            (Self::Subject, Place::OpenPerson)
            | (Self::Person, Place::OpenOrganisation | Place::OpenPerson) => false,
        }
    }
}

/// A personal value in an open part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field} is personal and does not encode in an open part")]
pub struct Exposed {
    /// Path of the field, outermost first.
    pub field: String,
}

/// One field in the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldShape {
    /// Name.
    pub name: &'static str,
    /// Type in the grammar of SPEC.md.
    #[serde(rename = "type")]
    pub shape: String,
    /// `open`, `subject` or `person`.
    pub mark: &'static str,
    /// Chinese name.
    pub zh: &'static str,
}

/// One named type in the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeShape {
    /// Fields in order.
    Struct(Vec<FieldShape>),
    /// Codes with their numbers.
    Codes(BTreeMap<u16, &'static str>),
    /// Tagged alternatives in order of their `u32` tag.
    Union(Vec<(&'static str, String)>),
}

/// Named types met so far.
pub type Types = BTreeMap<String, TypeShape>;

/// A value that an event body may hold.
pub trait Wire: Serialize + DeserializeOwned {
    /// The type in the grammar of SPEC.md; named types are added to `types`.
    fn shape(types: &mut Types) -> String;

    /// Whether the value says nothing (an empty option): such a value exposes nobody.
    fn is_absent(&self) -> bool {
        false
    }

    /// Refuses a personal value where it must not stand.
    ///
    /// # Errors
    /// [`Exposed`] with the field's path.
    fn check_place(&self, _place: Place) -> Result<(), Exposed> {
        Ok(())
    }
}

macro_rules! plain {
    ($($type:ty => $shape:literal),+ $(,)?) => {$(
        impl Wire for $type {
            fn shape(_: &mut Types) -> String { $shape.to_owned() }
        }
    )+};
}

plain! {
    bool => "bool", u8 => "u8", u16 => "u16", u32 => "u32", u64 => "u64", i64 => "i64",
    CivilDate => "date", Timestamp => "timestamp", Fen => "fen", Position => "position", Revision => "revision",
    SubjectId => "id", RecordId => "id", BatchId => "id", PendingId => "id", ListingId => "id", AccessKeyId => "id",
    RecipientId => "id", RootId => "id", LogId => "id", FileTag => "id", Hash => "hash",
}

impl<const MAX: u32> Wire for Text<MAX> {
    fn shape(_: &mut Types) -> String {
        format!("text:{MAX}")
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn shape(types: &mut Types) -> String {
        format!("option<{}>", T::shape(types))
    }
    fn is_absent(&self) -> bool {
        self.as_ref().is_none_or(Wire::is_absent)
    }
    fn check_place(&self, place: Place) -> Result<(), Exposed> {
        self.as_ref()
            .map_or(Ok(()), |value| value.check_place(place))
    }
}

impl Wire for FieldValue {
    fn shape(types: &mut Types) -> String {
        let alternatives = [
            ("text", "text:4000"),
            ("date", "date"),
            ("fen", "fen"),
            ("integer", "i64"),
            ("decimal", "text:32"),
            ("boolean", "bool"),
            ("code", "text:32"),
            ("codes", "list<text:32>"),
        ];
        let union = alternatives
            .iter()
            .map(|(name, shape)| (*name, (*shape).to_owned()))
            .collect();
        types.insert("FieldValue".to_owned(), TypeShape::Union(union));
        "FieldValue".to_owned()
    }
}

/// Adds a code list to the schema.
pub(crate) fn code_shape<C: CodeList>(name: &str, types: &mut Types) -> String {
    let codes = C::ALL
        .iter()
        .map(|code| (code.number(), code.key()))
        .collect();
    types.insert(name.to_owned(), TypeShape::Codes(codes));
    name.to_owned()
}

/// 32 bytes of a hash, shown as lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&probity_types::hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() {
            s.collect_str(self)
        } else {
            // Two numbers have the bytes of thirty-two small ones.
            let (first, last) = self.0.split_at(16);
            let half = |half: &[u8]| half.try_into().map(u128::from_le_bytes).unwrap_or_default();
            (half(first), half(last)).serialize(s)
        }
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() {
            probity_types::unhex(&String::deserialize(d)?)
                .map(Self)
                .map_err(serde::de::Error::custom)
        } else {
            let (first, last) = <(u128, u128)>::deserialize(d)?;
            let mut bytes = [0; 32];
            bytes[..16].copy_from_slice(&first.to_le_bytes());
            bytes[16..].copy_from_slice(&last.to_le_bytes());
            Ok(Self(bytes))
        }
    }
}

/// At most `MAX` values in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T, const MAX: u32>(Vec<T>);

/// At most `MAX` values, sorted ascending, without doubles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set<T, const MAX: u32>(Vec<T>);

/// Why a list or set is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// More values than the field takes.
    #[error("{found} values, at most {max} are allowed")]
    TooMany {
        /// Values found.
        found: u64,
        /// The field's maximum.
        max: u32,
    },
    /// A set out of order or with a double.
    #[error("a set is sorted and holds no value twice")]
    Unsorted,
}

fn bounded<T>(values: Vec<T>, max: u32) -> Result<Vec<T>, ListError> {
    let found = values.len() as u64;
    if found > u64::from(max) {
        Err(ListError::TooMany { found, max })
    } else {
        Ok(values)
    }
}

impl<T, const MAX: u32> TryFrom<Vec<T>> for List<T, MAX> {
    type Error = ListError;
    fn try_from(values: Vec<T>) -> Result<Self, ListError> {
        bounded(values, MAX).map(Self)
    }
}

impl<T: Ord, const MAX: u32> TryFrom<Vec<T>> for Set<T, MAX> {
    type Error = ListError;
    fn try_from(values: Vec<T>) -> Result<Self, ListError> {
        let values = bounded(values, MAX)?;
        if values.windows(2).all(|pair| pair[0] < pair[1]) {
            Ok(Self(values))
        } else {
            Err(ListError::Unsorted)
        }
    }
}

impl<T: Ord, const MAX: u32> Set<T, MAX> {
    /// Sorts, drops doubles, then checks the maximum.
    ///
    /// # Errors
    /// [`ListError::TooMany`].
    pub fn from_unsorted(mut values: Vec<T>) -> Result<Self, ListError> {
        values.sort();
        values.dedup();
        bounded(values, MAX).map(Self)
    }
}

macro_rules! sequence {
    ($name:ident, $word:literal, $($bound:tt)*) => {
        impl<T, const MAX: u32> Default for $name<T, MAX> {
            fn default() -> Self { Self(Vec::new()) }
        }
        impl<T, const MAX: u32> Deref for $name<T, MAX> {
            type Target = [T];
            fn deref(&self) -> &[T] { &self.0 }
        }
        impl<T: Serialize, const MAX: u32> Serialize for $name<T, MAX> {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { self.0.serialize(s) }
        }
        impl<'de, T: Deserialize<'de> $($bound)*, const MAX: u32> Deserialize<'de> for $name<T, MAX> {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let values = read_at_most::<T, D>(d, MAX)?;
                Self::try_from(values).map_err(serde::de::Error::custom)
            }
        }
        impl<T: Wire $($bound)*, const MAX: u32> Wire for $name<T, MAX> {
            fn shape(types: &mut Types) -> String { format!("{}<{};{MAX}>", $word, T::shape(types)) }
            fn is_absent(&self) -> bool { self.0.is_empty() }
            fn check_place(&self, place: Place) -> Result<(), Exposed> {
                self.0.iter().try_for_each(|value| value.check_place(place))
            }
        }
    };
}

sequence!(List, "list",);
sequence!(Set, "set", + Ord);

/// Stops reading at the first value past the maximum, so that a forged length allocates nothing.
fn read_at_most<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
    max: u32,
) -> Result<Vec<T>, D::Error> {
    struct AtMost<T>(u32, std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for AtMost<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "at most {} values", self.0)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut values = Vec::new();
            while let Some(value) = seq.next_element()? {
                if values.len() as u64 >= u64::from(self.0) {
                    return Err(serde::de::Error::custom(format!(
                        "more than {} values",
                        self.0
                    )));
                }
                values.push(value);
            }
            Ok(values)
        }
    }
    d.deserialize_seq(AtMost(max, std::marker::PhantomData))
}

/// Raw bytes with a `u64` length before them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Buffer;
        impl Visitor<'_> for Buffer {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        d.deserialize_byte_buf(Buffer)
    }
}

/// Declares a body type: encoding, schema and place check from one list of fields.
macro_rules! wire_struct {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$fdoc:meta])* $mark:ident $field:ident: $type:ty = $zh:literal;)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($(#[$fdoc])* #[doc = $zh] pub $field: $type,)* }
        impl $crate::wire::Wire for $name {
            fn shape(types: &mut $crate::wire::Types) -> String {
                let name = stringify!($name).to_owned();
                if !types.contains_key(&name) {
                    let fields = vec![$($crate::wire::FieldShape {
                        name: stringify!($field),
                        shape: <$type as $crate::wire::Wire>::shape(types),
                        mark: $crate::wire::mark!($mark).word(),
                        zh: $zh,
                    },)*];
                    types.insert(name.clone(), $crate::wire::TypeShape::Struct(fields));
                }
                name
            }
            fn check_place(&self, place: $crate::wire::Place) -> Result<(), $crate::wire::Exposed> {
                $(
                    let field = stringify!($field);
                    if !$crate::wire::Wire::is_absent(&self.$field) && !$crate::wire::mark!($mark).allows(place) {
                        return Err($crate::wire::Exposed { field: field.to_owned() });
                    }
                    self.$field.check_place(place)
                        .map_err(|inner| $crate::wire::Exposed { field: format!("{field}.{}", inner.field) })?;
                )*
                let _ = place;
                Ok(())
            }
        }
    )+};
}

macro_rules! mark {
    (open) => {
        $crate::wire::Mark::Open
    };
    (subject) => {
        $crate::wire::Mark::Subject
    };
    (person) => {
        $crate::wire::Mark::Person
    };
}

macro_rules! wire_codes {
    ($($name:ident),+ $(,)?) => {$(
        impl $crate::wire::Wire for probity_types::$name {
            fn shape(types: &mut $crate::wire::Types) -> String { $crate::wire::code_shape::<Self>(stringify!($name), types) }
        }
        $crate::fields::code_field!($name);
    )+};
}

pub(crate) use {mark, wire_codes, wire_struct};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};

    wire_struct! {
        /// A made-up body.
        pub struct Sample {
            open number: u16 = "号";
            subject name: Option<Text<8>> = "名";
            person secret: Option<Text<8>> = "密";
        }
    }

    fn sample(name: Option<&str>, secret: Option<&str>) -> Sample {
        let text = |t: &str| Text::try_from(t).expect("short");
        Sample {
            number: 1,
            name: name.map(text),
            secret: secret.map(text),
        }
    }

    #[test]
    fn a_personal_field_does_not_stand_in_an_open_part() {
        let exposed = |field: &str| {
            Err(Exposed {
                field: field.to_owned(),
            })
        };
        assert_eq!(
            sample(Some("a"), None).check_place(Place::OpenOrganisation),
            Ok(())
        );
        assert_eq!(
            sample(Some("a"), None).check_place(Place::OpenPerson),
            exposed("name")
        );
        assert_eq!(
            sample(None, Some("b")).check_place(Place::OpenOrganisation),
            exposed("secret")
        );
        assert_eq!(
            sample(Some("a"), Some("b")).check_place(Place::Sealed),
            Ok(())
        );
        assert_eq!(sample(None, None).check_place(Place::OpenPerson), Ok(()));
    }

    #[test]
    fn a_set_out_of_order_does_not_decode() {
        let ok = encode(&vec![1u16, 2, 3], 64).expect("small");
        let unsorted = encode(&vec![2u16, 1, 3], 64).expect("small");
        let double = encode(&vec![1u16, 1, 3], 64).expect("small");
        assert!(decode::<Set<u16, 3>>(&ok, 64).is_ok());
        assert!(decode::<Set<u16, 3>>(&unsorted, 64).is_err());
        assert!(decode::<Set<u16, 3>>(&double, 64).is_err());
        assert!(decode::<Set<u16, 2>>(&ok, 64).is_err());
        assert!(decode::<List<u16, 3>>(&unsorted, 64).is_ok());
    }
}
