//! Identifiers of subjects: what the pure check of each kind finds, and the checked values.
//!
//! In scope: form, check characters, dates, masking, made-up values for tests. Out of scope: whether a number was ever
//! issued, and policy beyond [`FindingSeverity`] (who may confirm a code that fails, see [`Identifier::confirmed`]).
//!
//! The kind is declared by the sender and never guessed: some citizen numbers pass every check of a credit code.

mod credit_code;
mod examination;
mod financial;
mod finding;
mod mask;
mod organisation;
mod registration;
mod resident;
mod unverified;

pub use credit_code::CreditCode;
pub use examination::{Examination, Identifier, examine};
pub use financial::FinancialInstitutionCode;
pub use finding::{CharacterSet, Finding, FindingSeverity, Lengths};
pub use mask::{mask, mask_name};
pub use organisation::OrganisationCode;
pub use registration::RegistrationNumber;
pub use resident::ResidentId;

use crate::{CivilDate, IdentifierKind};
use unicode_normalization::UnicodeNormalization;

/// Text of a code that is ASCII by construction, and its serde form (a string).
macro_rules! code_text {
    ($name:ident) => {
        impl $name {
            /// The code itself.
            pub fn as_str(&self) -> &str {
                // Construction admits ASCII only.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
        impl std::str::FromStr for $name {
            type Err = Examination;
            fn from_str(text: &str) -> Result<Self, Examination> {
                Self::try_from(text)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(d)?;
                Self::try_from(text.as_str()).map_err(serde::de::Error::custom)
            }
        }
    };
}
use code_text;

/// Text as the checks want it: NFKC (full width becomes half), ASCII letters upper case, outer white space off.
///
/// Inner characters stay, also spaces: they are findings, not noise. Keep the text as filed beside it.
pub fn normalise(text: &str) -> String {
    let outer = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    let wide = text.trim_matches(outer).nfkc().collect::<String>();
    wide.trim_matches(outer).to_ascii_uppercase()
}

/// Every finding of the kind's pure check on exactly this text. [`examine`] normalises first.
///
/// A fault of form (length, characters) stops the sums, which would mean nothing; otherwise all findings are listed.
/// `today` is the legal day against which birth dates are held.
pub fn findings(kind: IdentifierKind, value: &str, today: CivilDate) -> Vec<Finding> {
    if is_exponent(value) {
        return vec![Finding::ExponentOrZeros];
    }
    let mut found = form_and_sums(kind, value, today);
    let eighteen = matches!(
        kind,
        IdentifierKind::Uscc | IdentifierKind::CitizenId | IdentifierKind::HmtResidence
    );
    if eighteen && lost_digits(value) {
        found.push(Finding::ExponentOrZeros);
    }
    found
}

fn form_and_sums(kind: IdentifierKind, value: &str, today: CivilDate) -> Vec<Finding> {
    match kind {
        IdentifierKind::Uscc => credit_code::findings(value),
        IdentifierKind::OrgCode if CreditCode::try_from(value).is_ok() => {
            vec![Finding::CreditCodeInstead]
        }
        IdentifierKind::OrgCode => organisation::findings(value),
        IdentifierKind::RegistrationNo => registration::findings(value),
        IdentifierKind::TaxNo => unverified::tax(value),
        IdentifierKind::InstitutionNo => unverified::institution(value),
        IdentifierKind::SocialOrgNo => unverified::social_organisation(value),
        IdentifierKind::FinancialInstitution => financial::findings(value),
        IdentifierKind::PbocInstitution => unverified::pboc_institution(value),
        IdentifierKind::CitizenId => resident::findings(value, today),
        IdentifierKind::HmtResidence => resident::permit_findings(value, today),
        IdentifierKind::ForeignPermanent => unverified::foreign_permanent(value),
        IdentifierKind::Passport => unverified::passport(value),
        IdentifierKind::OfficerCard => unverified::officer_card(value),
        IdentifierKind::PracticeCertificate => unverified::practice_certificate(value),
    }
}

/// Length and character findings in order of place: what every kind shares.
fn form_findings(
    value: &str,
    lengths: Lengths,
    allowed: impl Fn(u32) -> CharacterSet,
    fault: impl Fn(u32, CharacterSet, Option<char>) -> Finding,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let count = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
    if !lengths.allow(count) {
        found.push(Finding::Length {
            found: count,
            allowed: lengths,
        });
    }
    // Places past the longest form are told by the length, and an endless text makes no endless list.
    for (place, c) in (1..=lengths.most()).zip(value.chars()) {
        let set = allowed(place);
        if !set.holds(c) {
            found.push(fault(place, set, set.suggestion(c)));
        }
    }
    found
}

/// Makes the checked value where nothing refuses and the kind's full form is there.
fn codes_of<T>(
    kind: IdentifierKind,
    text: &str,
    findings: Vec<Finding>,
    value: Option<T>,
) -> Result<T, Examination> {
    let refused = findings
        .iter()
        .any(|finding| finding.severity() == FindingSeverity::Refuse);
    match value {
        Some(value) if !refused => Ok(value),
        Some(_) | None => Err(Examination {
            kind,
            normalised: text.to_owned(),
            findings,
        }),
    }
}

/// Whether the first two digits are a province of GB/T 2260, present or past.
fn province_is_known(region: &[u8]) -> bool {
    let province = region.iter().take(2).fold(0, |sum, byte| {
        sum * 10 + u32::from(byte.saturating_sub(b'0'))
    });
    matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
}

/// `4.40981E+17`: what a spreadsheet writes for a long number (complaint P14). The sign is asked for because letters and
/// digits alone, as in `1E10`, can be a passport.
fn is_exponent(value: &str) -> bool {
    let Some((head, tail)) = value.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = match head.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(head),
    };
    mantissa && tail.strip_prefix('+').is_some_and(digits)
}

/// Eighteen digits of which the last three are zeros: a spreadsheet keeps fifteen (complaint P15).
///
/// Not asked of the check character: what is left passes it in one case of eleven, also in the complaint itself. The few
/// right numbers that end so go through [`Identifier::confirmed`].
fn lost_digits(value: &str) -> bool {
    value.len() == 18 && value.bytes().all(|b| b.is_ascii_digit()) && value.ends_with("000")
}
