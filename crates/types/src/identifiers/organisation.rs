//! 组织机构代码: eight characters and a check character (GB 11714).

use super::finding::{CharacterSet, Finding, Lengths};
use super::{Examination, code_text, codes_of, form_findings};
use crate::IdentifierKind;

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// 组织机构代码, organisation code: nine characters, kept without the hyphen.
///
/// Body of digits and upper-case letters (values 0 to 35), check digit or X. In use before the unified code and still
/// inside it, at places 9 to 17.
///
/// Source: GB 11714-1997, `11 − Σ mod 11` with weights 3 7 9 10 5 8 4 2; 10 becomes X, 11 becomes 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationCode([u8; 9]);

code_text!(OrganisationCode);

impl TryFrom<&str> for OrganisationCode {
    type Error = Examination;
    /// Reads a code with or without its hyphen.
    ///
    /// # Errors
    /// [`Examination`] with every finding. A misplaced hyphen is no error.
    fn try_from(text: &str) -> Result<Self, Examination> {
        let plain = without_hyphen(text);
        let bytes = <[u8; 9]>::try_from(plain.as_bytes());
        codes_of(
            IdentifierKind::OrgCode,
            text,
            findings(text),
            bytes.map(Self).ok(),
        )
    }
}

impl OrganisationCode {
    /// A code from its eight-character body; the check character is computed.
    ///
    /// # Errors
    /// [`Examination`] where the body has another length or another character.
    pub fn with_check(body8: &str) -> Result<Self, Examination> {
        let body = body8.as_bytes();
        let sound = body.len() == 8
            && body8
                .chars()
                .all(|c| CharacterSet::DigitsAndLetters.holds(c));
        let check = if sound { check_character(body) } else { '0' };
        Self::try_from(format!("{body8}{check}").as_str())
    }

    /// The usual print, `71092546-2`.
    pub fn with_hyphen(&self) -> String {
        let (body, check) = self.as_str().split_at(8);
        format!("{body}-{check}")
    }
}

/// The code without its single hyphen; more than one hyphen stays and is found by the checks.
pub(super) fn without_hyphen(text: &str) -> String {
    if text.matches('-').count() == 1 {
        text.replace('-', "")
    } else {
        text.to_owned()
    }
}

/// Check character of an eight-character body of digits and upper-case letters.
pub(super) fn check_character(body8: &[u8]) -> char {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte.saturating_sub(b'A')) + 10,
    };
    let sum: u32 = body8
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

pub(super) fn findings(value: &str) -> Vec<Finding> {
    let plain = without_hyphen(value);
    let mut found = form_findings(
        &plain,
        Lengths::OneOf(&[9]),
        |_| CharacterSet::DigitsAndLetters,
        |place, allowed, suggestion| Finding::Alphabet {
            place,
            allowed,
            suggestion,
        },
    );
    if found.is_empty() {
        let (body, check) = plain.as_bytes().split_at(8);
        let expected = check_character(body);
        if check.first().map(|byte| char::from(*byte)) != Some(expected) {
            found.push(Finding::Check { expected });
        }
        if plain.len() != value.len() && value.as_bytes().get(8) != Some(&b'-') {
            found.push(Finding::HyphenMisplaced);
        }
    }
    found
}
