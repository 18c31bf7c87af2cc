//! 统一社会信用代码: department, category, region, organisation code, check character (GB 32100-2015).
//!
//! ```text
//! place 1     2        3–8     9–17               18
//!       dept  category region  organisation code  check
//! ```

use super::finding::{CharacterSet, Finding, Lengths};
use super::organisation::{self, OrganisationCode};
use super::{Examination, code_text, codes_of, form_findings, province_is_known};
use crate::IdentifierKind;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// "Not yet assigned": many subjects share it, so it is never a key.
const PLACEHOLDER: &str = "00000000000000000X";

/// 统一社会信用代码, unified social credit code of an organisation or sole trader.
///
/// 18 upper-case characters, digits and letters without I, O, S, V, Z; compared byte by byte. Declared by the sender,
/// never guessed from the check character: about one citizen number in 31 passes as well.
///
/// Source: GB 32100-2015, check character `(31 − Σ vᵢ·3^(i−1) mod 31) mod 31`; the outer `mod 31` turns 31 into `0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode([u8; 18]);

code_text!(CreditCode);

impl TryFrom<&str> for CreditCode {
    type Error = Examination;
    /// Reads a code that is already normalised.
    ///
    /// # Errors
    /// [`Examination`] with every finding, each in the words the clerk will read.
    fn try_from(text: &str) -> Result<Self, Examination> {
        let bytes = <[u8; 18]>::try_from(text.as_bytes());
        codes_of(
            IdentifierKind::Uscc,
            text,
            findings(text),
            bytes.map(Self).ok(),
        )
    }
}

impl CreditCode {
    /// A code from its first 17 characters; the check character is computed.
    ///
    /// # Errors
    /// [`Examination`] where the body itself is wrong: length, character, department, or the organisation code inside it.
    pub fn with_check(body17: &str) -> Result<Self, Examination> {
        let sound = body17.len() == 17 && body17.chars().all(|c| CharacterSet::CreditCode.holds(c));
        let check = if sound {
            check_character(body17.as_bytes())
        } else {
            '0'
        };
        Self::try_from(format!("{body17}{check}").as_str())
    }

    /// A code from department, category and region (places 1 to 8, as `91650203`) and an organisation code.
    ///
    /// # Errors
    /// As [`CreditCode::with_check`]; also where the organisation code holds I, O, S, V or Z.
    pub fn from_parts(head8: &str, organisation: OrganisationCode) -> Result<Self, Examination> {
        Self::with_check(&format!("{head8}{}", organisation.as_str()))
    }

    /// Registering department and category, places 1 and 2, as `91`.
    pub fn department(&self) -> &str {
        self.as_str().split_at(2).0
    }

    /// Region of the registering authority, places 3 to 8 (GB/T 2260 at the time of issue).
    pub fn region(&self) -> &str {
        self.as_str().split_at(8).0.split_at(2).1
    }

    /// The organisation code at places 9 to 17.
    pub fn organisation_code(&self) -> &str {
        self.as_str().split_at(17).0.split_at(8).1
    }
}

fn value_of(byte: u8) -> Option<u32> {
    ALPHABET
        .iter()
        .zip(0..)
        .find(|(known, _)| **known == byte)
        .map(|(_, value)| value)
}

fn check_character(body17: &[u8]) -> char {
    let (mut sum, mut weight) = (0, 1);
    for byte in body17 {
        sum += value_of(*byte).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    // Without the outer `% 31` a sum that 31 divides asks for a character past the table (complaint P10).
    let value = (31 - sum % 31) % 31;
    ALPHABET
        .iter()
        .zip(0..)
        .find(|(_, at)| *at == value)
        .map_or('0', |(byte, _)| char::from(*byte))
}

/// Categories in use under each department. Those of 1, 5, 9 and Y are read from the standard's table as met in
/// public code, the others are general knowledge (domain.md 3.1).
fn categories(department: u8) -> &'static [u8] {
    match department {
        b'1' | b'5' | b'N' => b"1239",
        b'2' | b'4' | b'8' | b'A' => b"19",
        b'3' => b"123459",
        b'6' | b'7' => b"129",
        b'9' => b"123",
        b'Y' => b"1",
        _ => b"",
    }
}

pub(super) fn findings(value: &str) -> Vec<Finding> {
    if value == PLACEHOLDER {
        return vec![Finding::Placeholder];
    }
    let mut found = form_findings(
        value,
        Lengths::OneOf(&[18]),
        |_| CharacterSet::CreditCode,
        |place, allowed, suggestion| Finding::Alphabet {
            place,
            allowed,
            suggestion,
        },
    );
    // A sum over characters that have no value would name a check character that means nothing.
    let Ok(bytes) = <&[u8; 18]>::try_from(value.as_bytes()) else {
        return found;
    };
    if !found.is_empty() {
        return found;
    }
    let region = &bytes[2..8];
    if !region.iter().all(u8::is_ascii_digit) {
        found.push(Finding::RegionForm { from: 3, to: 8 });
    }
    let expected = check_character(&bytes[..17]);
    if char::from(bytes[17]) != expected {
        found.push(Finding::Check { expected });
    }
    let inner = organisation::check_character(&bytes[8..16]);
    if char::from(bytes[16]) != inner {
        found.push(Finding::InnerCheck { expected: inner });
    }
    if !categories(bytes[0]).contains(&bytes[1]) {
        found.push(Finding::Department);
    }
    // Only a code that is right otherwise: beside a real fault the warning would be noise. 10 is the national registry.
    if found.is_empty() && !region.starts_with(b"10") && !province_is_known(region) {
        found.push(Finding::RegionUnknown);
    }
    found
}

/// The one place where 8 for B or B for 8 would make everything right: a question for the clerk, never a repair.
pub(super) fn look_alike(value: &str) -> Option<(u32, char)> {
    let mut answer = None;
    for (place, (at, c)) in (1..).zip(value.char_indices()) {
        let meant = match c {
            'B' => '8',
            '8' => 'B',
            _ => continue,
        };
        let mut other = value.to_owned();
        other.replace_range(at..at + 1, meant.encode_utf8(&mut [0; 4]));
        if CreditCode::try_from(other.as_str()).is_ok() {
            if answer.is_some() {
                return None; // two readings are as good as none
            }
            answer = Some((place, meant));
        }
    }
    answer
}
