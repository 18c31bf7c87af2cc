//! Identities and places in the log. Ids are random 128-bit values, never an identity number.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A text that is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 32 lower-case hexadecimal digits")]
pub struct IdError;

/// Lower-case hexadecimal text of bytes, as ids and hashes are printed everywhere.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

/// Reads exactly `N` bytes of lower-case hexadecimal text.
///
/// # Errors
/// [`IdError`] where the text has another length or another character.
pub fn unhex<const N: usize>(text: &str) -> Result<[u8; N], IdError> {
    let bytes = text.as_bytes();
    if bytes.len() != N * 2 {
        return Err(IdError);
    }
    let digit = |b: u8| match b {
        b'0'..=b'9' => Ok(b - b'0'),
        b'a'..=b'f' => Ok(b - b'a' + 10),
        _ => Err(IdError),
    };
    let mut out = [0; N];
    for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        *slot = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(out)
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; 16]);
        impl $name {
            /// All zero: stands for "none" where a field has a fixed width.
            pub const NONE: Self = Self([0; 16]);
            /// Whether this is the fixed value for "none".
            pub fn is_none(&self) -> bool { *self == Self::NONE }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&hex(&self.0)) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex(&self.0))
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> { unhex(text).map(Self) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() { s.serialize_str(&hex(&self.0)) } else { crate::fixed::serialize(&self.0, s) }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                if d.is_human_readable() {
                    String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
                } else {
                    crate::fixed::deserialize(d).map(Self)
                }
            }
        }
    )+};
}

id! {
    /// 信用主体: a person or organisation that records are about. One id over every register.
    SubjectId,
    /// One record: one party's share of one act.
    RecordId,
    /// One submitted file or bulk submission.
    BatchId,
    /// A record that fits no subject yet.
    PendingId,
    /// One membership of a list, from listing to delisting.
    ListingId,
    /// An API key's public name (never its secret).
    AccessKeyId,
    /// Whom data was disclosed to: an access key or a named recipient.
    RecipientId,
    /// A root in the key ring: one per person, and one per person named in somebody else's record.
    RootId,
    /// A stream's id within its kind.
    StreamId,
    /// The log's own id, chosen when it is created.
    LogId,
    /// Keyed hash of (API key id, idempotency key): names one command for ever.
    CommandId,
    /// Keyed hash over a request's bytes: tells a retry from another request under the same key.
    RequestTag,
    /// Keyed hash of a file's bytes.
    FileTag,
}

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);
        impl $name {
            /// The one after this.
            #[must_use]
            pub fn next(self) -> Self { Self(self.0 + 1) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    )+};
}

number! {
    /// An entry's place in the whole log: gapless, from 0.
    Position,
    /// An entry's place in its stream: gapless, from 0.
    Revision,
}

impl Position {
    /// Fixed value for "no position" in fixed-width fields.
    pub const NONE: Self = Self(u64::MAX);
    /// Whether this is the fixed value for "none".
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = SubjectId([0xa5; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn upper_case_and_short_ids_are_refused() {
        assert_eq!("A5".repeat(16).parse::<SubjectId>(), Err(IdError));
        assert_eq!("a5".repeat(15).parse::<SubjectId>(), Err(IdError));
    }
}
