//! 公民身份号码 and the residence permits that share its form (GB 11643-1999).

use super::finding::{CharacterSet, Finding, Lengths};
use super::mask::mask_ends;
use super::{Examination, codes_of, form_findings, province_is_known};
use crate::{CivilDate, IdentifierKind};
use std::fmt;

/// Weights 2^(18−i) mod 11 of places 1 to 17.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// 公民身份号码, citizen identity number; also the 港澳台居民居住证, which begins with 81, 82 or 83.
///
/// 18 characters: 6 region at first issue, 8 birth date, 3 sequence (odd for men), 1 check. It identifies a person:
/// `Debug` and `Display` show only the mask, [`ResidentId::as_str`] the number.
///
/// Source: GB 11643-1999, Σ mod 11 into `1 0 X 9 8 7 6 5 4 3 2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId([u8; 18]);

impl ResidentId {
    /// Reads a normalised number of 18 characters.
    ///
    /// # Errors
    /// [`Examination`] with every finding; a birth date after `today` is one. Fifteen digits are refused here:
    /// [`ResidentId::from_legacy15`] derives their longer form.
    pub fn parse(text: &str, today: CivilDate) -> Result<Self, Examination> {
        let bytes = <[u8; 18]>::try_from(text.as_bytes());
        codes_of(
            IdentifierKind::CitizenId,
            text,
            findings(text, today),
            bytes.map(Self).ok(),
        )
    }

    /// A number from its 17-digit body; the check character is computed. Birth dates ahead are not looked for, because
    /// there is no day to compare with.
    ///
    /// # Errors
    /// [`Examination`] where the body has another length, a character other than a digit, or a date out of the calendar.
    pub fn with_check(body17: &str) -> Result<Self, Examination> {
        let sound = body17.len() == 17 && body17.bytes().all(|b| b.is_ascii_digit());
        let check = if sound {
            check_character(body17.as_bytes())
        } else {
            '0'
        };
        Self::parse(&format!("{body17}{check}"), CivilDate::MAX)
    }

    /// The 18-character form of a 15-digit number: 19 before the year, check character computed. Never reversed, since
    /// the same short form may stand for two people born a century apart.
    pub fn from_legacy15(text: &str) -> Option<Self> {
        if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (region, rest) = text.split_at(6);
        Self::with_check(&format!("{region}19{rest}")).ok()
    }

    /// The number itself. Never into addresses, logs, metrics, file names or error texts (domain.md section 17).
    pub fn as_str(&self) -> &str {
        // Construction admits ASCII only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Date of birth, places 7 to 14.
    pub fn birth_date(&self) -> CivilDate {
        birth_date(&self.0[6..14]).unwrap_or(CivilDate::MAX)
    }

    /// Region of first issue, places 1 to 6, in a historical table.
    pub fn region(&self) -> &str {
        self.as_str().split_at(6).0
    }

    /// Whether this is the number of a residence permit of Hong Kong, Macao or Taiwan residents.
    pub fn is_residence_permit(&self) -> bool {
        is_permit(&self.0)
    }
}

impl fmt::Display for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_ends(self.as_str()))
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResidentId({self})")
    }
}

fn is_permit(number: &[u8]) -> bool {
    [b"81", b"82", b"83"]
        .iter()
        .any(|head| number.starts_with(*head))
}

fn check_character(body17: &[u8]) -> char {
    let sum: u32 = body17
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    CHECKS
        .iter()
        .zip(0..)
        .find(|(_, at)| *at == sum % 11)
        .map_or('0', |(byte, _)| char::from(*byte))
}

/// The day in eight digits, where the calendar has it.
fn birth_date(digits8: &[u8]) -> Option<CivilDate> {
    let number = |part: &[u8]| {
        part.iter()
            .fold(0i16, |sum, byte| sum * 10 + i16::from(byte - b'0'))
    };
    let (year, rest) = digits8.split_at(4);
    let (month, day) = rest.split_at(2);
    CivilDate::new(
        number(year),
        i8::try_from(number(month)).ok()?,
        i8::try_from(number(day)).ok()?,
    )
    .ok()
}

/// Whether the text has the form, check character and calendar date of a citizen number, whatever it was declared as.
pub(super) fn is_well_formed(text: &str) -> bool {
    findings(text, CivilDate::MAX).is_empty()
}

/// Whether the text begins as a citizen number does, 17 digits with a birth date since 1900, right to the end or not.
pub(super) fn has_birth_date(text: &str) -> bool {
    let digits = text.len() == 18 && text.bytes().take(17).all(|b| b.is_ascii_digit());
    let century = text
        .get(6..8)
        .is_some_and(|century| matches!(century, "19" | "20"));
    digits && century && birth_date(&text.as_bytes()[6..14]).is_some()
}

pub(super) fn findings(value: &str, today: CivilDate) -> Vec<Finding> {
    // Fifteen characters are the short form, right or wrong; a length finding would ask for three invented digits.
    let lengths = Lengths::OneOf(&[15, 18]);
    let short = value.chars().count() == 15;
    let allowed = |place| {
        if place == 18 {
            CharacterSet::DigitsAndX
        } else {
            CharacterSet::Digits
        }
    };
    let mut found = form_findings(value, lengths, allowed, |place, allowed, suggestion| {
        Finding::Form {
            place,
            allowed,
            suggestion,
        }
    });
    if !found.is_empty() {
        return found;
    }
    let bytes = value.as_bytes();
    if short {
        let century = [b"19", &bytes[6..12]].concat();
        found.push(Finding::Legacy15);
        found.extend(birth_date(&century).is_none().then_some(Finding::Date));
    } else {
        let expected = check_character(&bytes[..17]);
        if char::from(bytes[17]) != expected {
            found.push(Finding::Check { expected });
        }
        match birth_date(&bytes[6..14]) {
            None => found.push(Finding::Date),
            Some(born) if born > today => found.push(Finding::FutureDate),
            Some(_) => {}
        }
    }
    if !is_permit(bytes) && !province_is_known(bytes) {
        found.push(Finding::RegionUnknown);
    }
    found
}

/// As [`findings`], for a value declared as a residence permit.
pub(super) fn permit_findings(value: &str, today: CivilDate) -> Vec<Finding> {
    let mut found = findings(value, today);
    found.retain(|finding| !matches!(finding, Finding::RegionUnknown));
    for finding in &mut found {
        // The permit exists since 2018 only, so it never had a short form.
        if *finding == Finding::Legacy15 {
            *finding = Finding::Length {
                found: 15,
                allowed: Lengths::OneOf(&[18]),
            };
        }
    }
    if !is_permit(value.as_bytes()) {
        found.push(Finding::Prefix);
    }
    found
}
