//! What of a number or name may show (domain.md section 17).

use super::{CreditCode, resident};
use crate::IdentifierKind;

/// Characters left at each end of a citizen number, and at the end of other personal numbers.
const SHOWN: usize = 4;

/// The number as it may show on pages and in messages.
///
/// Citizen numbers and residence permits keep the first four and last four characters (`6502**********0019`), other
/// personal numbers at most the last four. Numbers of organisations show whole, unless a citizen number stands in their
/// column or begins them: the tax number of a sole trader is the owner's identity number with two digits more.
pub fn mask(kind: IdentifierKind, value: &str) -> String {
    match kind {
        IdentifierKind::CitizenId | IdentifierKind::HmtResidence => mask_ends(value),
        IdentifierKind::ForeignPermanent
        | IdentifierKind::Passport
        | IdentifierKind::OfficerCard
        | IdentifierKind::PracticeCertificate => mask_head(value),
        IdentifierKind::Uscc
        | IdentifierKind::OrgCode
        | IdentifierKind::RegistrationNo
        | IdentifierKind::TaxNo
        | IdentifierKind::InstitutionNo
        | IdentifierKind::SocialOrgNo
        | IdentifierKind::FinancialInstitution
        | IdentifierKind::PbocInstitution => {
            let normal = super::normalise(value);
            let person = normal.get(..18).is_some_and(may_be_citizen_number);
            if person {
                mask_ends(&normal)
            } else {
                value.to_owned()
            }
        }
    }
}

/// The name of a natural person as it may show: first character and two stars, whatever its length (阿**).
pub fn mask_name(name: &str) -> String {
    name.trim()
        .chars()
        .next()
        .map(|first| format!("{first}**"))
        .unwrap_or_default()
}

/// Also a number with a slip in it: it is still a person's. A right credit code is spared, unless it passes as a citizen
/// number as well.
fn may_be_citizen_number(text: &str) -> bool {
    resident::is_well_formed(text)
        || (resident::has_birth_date(text) && CreditCode::try_from(text).is_err())
}

/// First and last four, or [`mask_head`] where these would be more than two thirds of the text.
pub(super) fn mask_ends(value: &str) -> String {
    let count = value.chars().count();
    if count < SHOWN * 3 {
        return mask_head(value);
    }
    hide(value, SHOWN, count - SHOWN)
}

/// Last four, and never more than half.
fn mask_head(value: &str) -> String {
    let count = value.chars().count();
    hide(value, 0, count - SHOWN.min(count / 2))
}

fn hide(value: &str, from: usize, to: usize) -> String {
    value
        .chars()
        .enumerate()
        .map(|(at, c)| if (from..to).contains(&at) { '*' } else { c })
        .collect()
}
