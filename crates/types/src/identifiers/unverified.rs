//! Kinds without a published or known check: length and characters only.
//!
//! Lengths are those of domain.md 3.5; where it names none, the bounds only keep out what cannot be a number at all.

use super::finding::{CharacterSet, Finding, Lengths};
use super::form_findings;

/// 税务登记号: 15 (region and organisation code), 17, 18 or 20 characters.
pub(super) fn tax(value: &str) -> Vec<Finding> {
    check(
        value,
        Lengths::OneOf(&[15, 17, 18, 20]),
        CharacterSet::DigitsAndLetters,
    )
}

/// 事业单位证书号: 12 digits.
pub(super) fn institution(value: &str) -> Vec<Finding> {
    check(value, Lengths::OneOf(&[12]), CharacterSet::Digits)
}

/// 社会组织登记证号: at most 50 characters, often with Chinese text.
pub(super) fn social_organisation(value: &str) -> Vec<Finding> {
    check(value, Lengths::Between(1, 50), CharacterSet::Visible)
}

/// 机构信用代码 of the central bank (about 2012): 18 characters; its rule is open, so it is never tested as a credit code.
pub(super) fn pboc_institution(value: &str) -> Vec<Finding> {
    check(value, Lengths::OneOf(&[18]), CharacterSet::DigitsAndLetters)
}

/// 外国人永久居留身份证: 15 characters, or 18 on the card of 2023.
pub(super) fn foreign_permanent(value: &str) -> Vec<Finding> {
    check(
        value,
        Lengths::OneOf(&[15, 18]),
        CharacterSet::DigitsAndLetters,
    )
}

/// 护照 of any state.
pub(super) fn passport(value: &str) -> Vec<Finding> {
    check(
        value,
        Lengths::Between(5, 20),
        CharacterSet::DigitsAndLetters,
    )
}

/// 军官证, often with Chinese text.
pub(super) fn officer_card(value: &str) -> Vec<Finding> {
    check(value, Lengths::Between(4, 50), CharacterSet::Visible)
}

/// 执业证书编号 of any profession.
pub(super) fn practice_certificate(value: &str) -> Vec<Finding> {
    check(value, Lengths::Between(4, 50), CharacterSet::Visible)
}

fn check(value: &str, lengths: Lengths, allowed: CharacterSet) -> Vec<Finding> {
    form_findings(
        value,
        lengths,
        |_| allowed,
        |place, allowed, suggestion| Finding::Alphabet {
            place,
            allowed,
            suggestion,
        },
    )
}
