//! Opaque, versioned page cursors.
//!
//! Text: lower-case hexadecimal of version u8 = 1, list u8, then position u64 and offset u64, big-endian (18 bytes). Callers
//! give it back unchanged; a cursor of another list or version is refused, never guessed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const VERSION: u8 = 1;
const BYTES: usize = 18;

/// The list that a cursor belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum CursorList {
    /// Subjects found.
    Subjects = 1,
    /// A subject's timeline.
    Timeline = 2,
    /// A subject's records.
    Records = 3,
    /// Members of a list.
    Members = 4,
    /// Access keys.
    Keys = 5,
    /// Lists.
    Lists = 6,
    /// Recipients of the feed.
    Recipients = 7,
}

impl CursorList {
    const ALL: [Self; 7] = [
        Self::Subjects,
        Self::Timeline,
        Self::Records,
        Self::Members,
        Self::Keys,
        Self::Lists,
        Self::Recipients,
    ];
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The list it belongs to.
    pub list: CursorList,
    /// Position at which the first page was read: later pages are read at the same place, so that nothing shifts.
    pub known_at: u64,
    /// First item of the next page, in the order of the list.
    pub offset: u64,
}

/// Why a cursor is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Not a cursor at all.
    #[error(
        "not a page cursor; give back the value of `next` unchanged, or leave it out to begin again"
    )]
    Form,
    /// Of another version of the interface.
    #[error(
        "a page cursor of version {found}; this interface reads version {VERSION}; begin again without it"
    )]
    Version {
        /// As found.
        found: u8,
    },
    /// Of another list.
    #[error("a page cursor of another list; give back the value of `next` of this list")]
    OtherList,
}

impl Cursor {
    /// The text that stands in `next`.
    pub fn encode(&self) -> String {
        let mut bytes = vec![VERSION, self.list as u8];
        bytes.extend(self.known_at.to_be_bytes());
        bytes.extend(self.offset.to_be_bytes());
        probity_types::hex(&bytes)
    }

    /// Reads the text of `next`.
    ///
    /// # Errors
    /// [`CursorError::Form`], [`CursorError::Version`].
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let version: [u8; 1] = text
            .get(..2)
            .and_then(|head| probity_types::unhex(head).ok())
            .ok_or(CursorError::Form)?;
        if version != [VERSION] {
            return Err(CursorError::Version { found: version[0] });
        }
        let bytes: [u8; BYTES] = probity_types::unhex(text).map_err(|_| CursorError::Form)?;
        let number = |place: usize| {
            bytes[place..place + 8]
                .iter()
                .fold(0, |n: u64, b| n << 8 | u64::from(*b))
        };
        let list = CursorList::ALL
            .into_iter()
            .find(|list| *list as u8 == bytes[1]);
        Ok(Self {
            list: list.ok_or(CursorError::Form)?,
            known_at: number(2),
            offset: number(10),
        })
    }

    /// The cursor, where it belongs to `list`.
    ///
    /// # Errors
    /// [`CursorError::OtherList`].
    pub fn of(self, list: CursorList) -> Result<Self, CursorError> {
        if self.list == list {
            Ok(self)
        } else {
            Err(CursorError::OtherList)
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

impl FromStr for Cursor {
    type Err = CursorError;
    fn from_str(text: &str) -> Result<Self, CursorError> {
        Self::decode(text)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.encode())
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::decode(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURSOR: Cursor = Cursor {
        list: CursorList::Timeline,
        known_at: 41_250,
        offset: 200,
    };

    #[test]
    fn a_cursor_reads_back_from_its_text() {
        for list in CursorList::ALL {
            let cursor = Cursor { list, ..CURSOR };
            assert_eq!(cursor.encode().parse(), Ok(cursor));
        }
        assert_eq!(CURSOR.encode(), "0102000000000000a12200000000000000c8");
    }

    #[test]
    fn a_cursor_of_another_list_version_or_form_is_refused() {
        assert_eq!(CURSOR.of(CursorList::Keys), Err(CursorError::OtherList));
        let later = CURSOR.encode().replacen("01", "02", 1);
        assert_eq!(
            Cursor::decode(&later),
            Err(CursorError::Version { found: 2 })
        );
        for text in [
            "",
            "0",
            "xy",
            "0102",
            "01ff000000000000a12200000000000000c8",
            "０１",
        ] {
            assert_eq!(Cursor::decode(text), Err(CursorError::Form), "{text:?}");
        }
    }
}
