//! 工商注册号: business registration number (GS 15-2006).

use super::finding::{CharacterSet, Finding, Lengths};
use super::{Examination, code_text, codes_of, form_findings};
use crate::IdentifierKind;

/// 工商注册号, business registration number: 15 digits, the last one a check digit.
///
/// Source: GS 15-2006 with the hybrid system MOD 11,10 of ISO 7064. Numbers of 13 digits from before 2007 have no
/// check digit and stay plain text (finding `legacy-13`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationNumber([u8; 15]);

code_text!(RegistrationNumber);

impl TryFrom<&str> for RegistrationNumber {
    type Error = Examination;
    /// Reads a number of 15 digits.
    ///
    /// # Errors
    /// [`Examination`] with every finding; thirteen digits are an error here.
    fn try_from(text: &str) -> Result<Self, Examination> {
        let bytes = <[u8; 15]>::try_from(text.as_bytes());
        codes_of(
            IdentifierKind::RegistrationNo,
            text,
            findings(text),
            bytes.map(Self).ok(),
        )
    }
}

impl RegistrationNumber {
    /// A number from its first 14 digits; the check digit is computed.
    ///
    /// # Errors
    /// [`Examination`] where the body has another length or a character other than a digit.
    pub fn with_check(body14: &str) -> Result<Self, Examination> {
        let sound = body14.len() == 14 && body14.bytes().all(|b| b.is_ascii_digit());
        let check = if sound {
            check_digit(body14.as_bytes())
        } else {
            '0'
        };
        Self::try_from(format!("{body14}{check}").as_str())
    }
}

fn check_digit(body14: &[u8]) -> char {
    let mut product = 10;
    for byte in body14 {
        let sum = match (product + u32::from(byte - b'0')) % 10 {
            0 => 10,
            sum => sum,
        };
        product = sum * 2 % 11;
    }
    char::from_digit((11 - product) % 10, 10).unwrap_or('0')
}

pub(super) fn findings(value: &str) -> Vec<Finding> {
    let mut found = form_findings(
        value,
        Lengths::OneOf(&[13, 15]),
        |_| CharacterSet::Digits,
        |place, allowed, suggestion| Finding::Form {
            place,
            allowed,
            suggestion,
        },
    );
    if !found.is_empty() {
        return found;
    }
    if value.len() == 13 {
        return vec![Finding::Legacy13];
    }
    let (body, check) = value.as_bytes().split_at(14);
    let expected = check_digit(body);
    if check.first().map(|byte| char::from(*byte)) != Some(expected) {
        found.push(Finding::Check { expected });
    }
    found
}
