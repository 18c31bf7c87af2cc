//! 金融机构编码: institution code on a banking licence.

use super::finding::{CharacterSet, Finding, Lengths};
use super::{Examination, code_text, codes_of, form_findings};
use crate::IdentifierKind;

/// 金融机构编码, code of a financial institution on its licence: 15 characters, places 8 to 11 are region digits.
///
/// Example `S0014H365020001`: `6502` is Karamay. There is no check character, so a slip inside it goes unseen.
///
/// Source: published licence lists (`xinjiang-financial-licences.xls`); domain.md 3.5.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FinancialInstitutionCode([u8; 15]);

code_text!(FinancialInstitutionCode);

impl TryFrom<&str> for FinancialInstitutionCode {
    type Error = Examination;
    /// Reads a normalised code.
    ///
    /// # Errors
    /// [`Examination`] with every finding.
    fn try_from(text: &str) -> Result<Self, Examination> {
        let bytes = <[u8; 15]>::try_from(text.as_bytes());
        codes_of(
            IdentifierKind::FinancialInstitution,
            text,
            findings(text),
            bytes.map(Self).ok(),
        )
    }
}

impl FinancialInstitutionCode {
    /// The four region digits at places 8 to 11 (province and prefecture of GB/T 2260), as `6502`.
    pub fn region(&self) -> &str {
        self.as_str().split_at(11).0.split_at(7).1
    }
}

pub(super) fn findings(value: &str) -> Vec<Finding> {
    let mut found = form_findings(
        value,
        Lengths::OneOf(&[15]),
        |_| CharacterSet::DigitsAndLetters,
        |place, allowed, suggestion| Finding::Alphabet {
            place,
            allowed,
            suggestion,
        },
    );
    if found.is_empty() && !value.bytes().skip(7).take(4).all(|b| b.is_ascii_digit()) {
        found.push(Finding::RegionForm { from: 8, to: 11 });
    }
    found
}
