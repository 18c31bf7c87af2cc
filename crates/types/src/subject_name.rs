//! Names of subjects as filed.
//!
//! In scope: what may stand in a name and which characters a person should look at. Out of scope: comparing and folding
//! names (`probity-names`).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Most characters of a name, counted as filed. Far above the 50 that domain.md section 19 asks for, because names of
/// branches carry the whole name of their parent.
pub const SUBJECT_NAME_CHARACTERS_MAX: u32 = 200;

/// Name of a person or organisation, 1 to 200 characters.
///
/// Kept twice: as filed (outer white space off, nothing else touched) for every page and report, and in NFC for
/// comparing. CJK compatibility ideographs stay themselves in both: NFC would swap them for look-alikes (complaint P21).
/// Every script and every plane is taken. Serialises as the text filed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectName {
    composed: String,
    filed: String,
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubjectNameError {
    /// Nothing but white space.
    #[error("a name has at least one character")]
    Empty,
    /// Over the limit.
    #[error("{found} characters, at most {max} are allowed", max = SUBJECT_NAME_CHARACTERS_MAX)]
    TooLong {
        /// Characters found.
        found: u64,
    },
    /// A control character, line separator or direction override, which hides or reorders what people read.
    #[error("the character at place {place} is a control character; remove it")]
    Control {
        /// Place, counted from 1.
        place: u32,
    },
}

/// A character that a person should look at; the name is taken all the same (complaint P20). Places count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameFlag {
    /// A private-use code: shows differently, or not at all, on other machines.
    PrivateUse {
        /// Where it stands.
        place: u32,
    },
    /// U+FFFD: some earlier program lost the character.
    Replacement {
        /// Where it stands.
        place: u32,
    },
    /// A question mark, the usual stand-in of programs that lost a character.
    QuestionMark {
        /// Where it stands.
        place: u32,
    },
    /// A character of no width, which makes two names look equal that are not.
    Invisible {
        /// Where it stands.
        place: u32,
    },
}

impl NameFlag {
    /// Where the character stands, counted from 1.
    pub fn place(self) -> u32 {
        match self {
            Self::PrivateUse { place }
            | Self::Replacement { place }
            | Self::QuestionMark { place }
            | Self::Invisible { place } => place,
        }
    }

    /// What to look at, in Chinese.
    pub fn zh(self) -> String {
        let what = match self {
            Self::PrivateUse { .. } => "为自造字编码，其他系统可能无法显示",
            Self::Replacement { .. } => "为替换符，原字已丢失",
            Self::QuestionMark { .. } => "为问号，原字可能已丢失",
            Self::Invisible { .. } => "为不可见字符",
        };
        format!("姓名或名称第 {} 位{what},请核对证件", self.place())
    }

    /// What to look at, in English.
    pub fn en(self) -> String {
        let what = match self {
            Self::PrivateUse { .. } => "a private-use code that other systems may not show",
            Self::Replacement { .. } => "a replacement character, the original is lost",
            Self::QuestionMark { .. } => "a question mark, the original may be lost",
            Self::Invisible { .. } => "invisible",
        };
        format!(
            "place {} of the name is {what}; check the document",
            self.place()
        )
    }
}

impl SubjectName {
    /// The name in NFC, for comparing.
    pub fn as_str(&self) -> &str {
        &self.composed
    }

    /// The name as filed, for showing.
    pub fn as_filed(&self) -> &str {
        &self.filed
    }

    /// Characters to look at, in order of their place in the text as filed.
    pub fn flags(&self) -> Vec<NameFlag> {
        (1..)
            .zip(self.filed.chars())
            .filter_map(|(place, c)| flag(place, c))
            .collect()
    }
}

fn flag(place: u32, c: char) -> Option<NameFlag> {
    match c {
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}' => {
            Some(NameFlag::PrivateUse { place })
        }
        '\u{fffd}' => Some(NameFlag::Replacement { place }),
        '?' | '\u{ff1f}' => Some(NameFlag::QuestionMark { place }),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}' => {
            Some(NameFlag::Invisible { place })
        }
        _ => None,
    }
}

fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// CJK compatibility ideographs, in the basic plane and in plane 2.
fn is_compatibility_ideograph(c: char) -> bool {
    matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

fn compose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(is_compatibility_ideograph) {
        let end = part
            .char_indices()
            .next_back()
            .filter(|(_, c)| is_compatibility_ideograph(*c));
        let (plain, kept) = part.split_at(end.map_or(part.len(), |(at, _)| at));
        out.extend(plain.nfc());
        out.push_str(kept);
    }
    out
}

impl TryFrom<&str> for SubjectName {
    type Error = SubjectNameError;
    fn try_from(text: &str) -> Result<Self, SubjectNameError> {
        let filed = text.trim();
        if filed.is_empty() {
            return Err(SubjectNameError::Empty);
        }
        let found = filed.chars().count() as u64;
        if found > u64::from(SUBJECT_NAME_CHARACTERS_MAX) {
            return Err(SubjectNameError::TooLong { found });
        }
        match (1..).zip(filed.chars()).find(|(_, c)| is_refused(*c)) {
            Some((place, _)) => Err(SubjectNameError::Control { place }),
            None => Ok(Self {
                composed: compose(filed),
                filed: filed.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for SubjectName {
    type Error = SubjectNameError;
    fn try_from(text: String) -> Result<Self, SubjectNameError> {
        Self::try_from(text.as_str())
    }
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.filed)
    }
}

impl fmt::Debug for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.filed, f)
    }
}

impl Serialize for SubjectName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.filed)
    }
}

impl<'de> Deserialize<'de> for SubjectName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> SubjectName {
        SubjectName::try_from(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn the_text_as_filed_is_kept_and_outer_white_space_is_not_part_of_it() {
        let filed = name("\u{3000}Rene\u{301} \t");
        assert_eq!(
            (filed.as_filed(), filed.as_str()),
            ("Rene\u{301}", "Ren\u{e9}")
        );
    }

    #[test]
    fn empty_names_long_names_and_control_characters_are_refused() {
        assert_eq!(
            SubjectName::try_from(" \u{3000}"),
            Err(SubjectNameError::Empty)
        );
        assert_eq!(
            SubjectName::try_from("王\u{7}五"),
            Err(SubjectNameError::Control { place: 2 })
        );
        assert_eq!(
            SubjectName::try_from("王\u{202e}五"),
            Err(SubjectNameError::Control { place: 2 })
        );
        assert!(SubjectName::try_from("字".repeat(200)).is_ok());
        assert_eq!(
            SubjectName::try_from("字".repeat(201)),
            Err(SubjectNameError::TooLong { found: 201 })
        );
    }

    /// P19: a Uyghur name of 25 Han characters with dots is stored whole, with the dots as filed.
    #[test]
    fn a_name_of_twenty_five_han_characters_with_dots_is_stored_whole() {
        let filed = "阿布都热合曼·买买提依明·吐尔逊·努尔买买提·阿布都热西提";
        assert_eq!(filed.chars().filter(|c| *c != '·').count(), 25);
        assert_eq!(name(filed).as_filed(), filed);
        assert_eq!(name(filed).flags(), []);
    }

    /// P20: the original stays, what cannot be trusted is flagged with its place.
    #[test]
    fn private_use_and_lost_characters_are_flagged_and_kept() {
        let filed = name("王\u{e863}\u{fffd}?");
        assert_eq!(
            filed.flags(),
            [
                NameFlag::PrivateUse { place: 2 },
                NameFlag::Replacement { place: 3 },
                NameFlag::QuestionMark { place: 4 }
            ]
        );
        assert_eq!(filed.as_filed(), "王\u{e863}\u{fffd}?");
    }

    /// P21: characters outside the common blocks are taken as they are, also in plane 2, without a look-alike swap.
    #[test]
    fn rare_characters_are_accepted_without_a_look_alike_swap() {
        for text in ["𡚸某", "㛃某", "\u{f9d1}某", "\u{2f804}某"] {
            assert_eq!(name(text).as_str(), text);
            assert_eq!(name(text).flags(), []);
        }
    }
}
