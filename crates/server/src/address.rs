//! An identity number belongs into a body: addresses are logged all over the world.

use crate::errors::Trouble;
use axum::http::Uri;
use probity_api::ProblemType;
use probity_types::identifiers::{examine, normalise};
use probity_types::{CivilDate, IdentifierKind};
use std::collections::BTreeMap;

/// Whether a text holds a run of 15 or 18 digits (the last may be X) that is no number of an organisation.
pub fn holds_identity_number(text: &str) -> bool {
    let text = normalise(text);
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut runs = packed.split(|c: char| !(c.is_ascii_alphanumeric()));
    runs.any(is_identity_number)
}

fn is_identity_number(run: &str) -> bool {
    let Some((last, digits)) = run.as_bytes().split_last() else {
        return false;
    };
    let shaped = matches!(run.len(), 15 | 18)
        && digits.iter().all(u8::is_ascii_digit)
        && (last.is_ascii_digit() || *last == b'X');
    let holds = |kind| examine(kind, run, CivilDate::MAX).is_accepted();
    if !shaped || holds(IdentifierKind::Uscc) {
        return false;
    }
    // One in ten old numbers of persons passes the check of registration numbers: where a birthday stands, privacy wins.
    !holds(IdentifierKind::RegistrationNo) || holds_birthday(run)
}

/// Whether a number of 15 digits reads as one of a person born in the last century.
fn holds_birthday(run: &str) -> bool {
    let Some(day) = run.get(6..12) else {
        return false;
    };
    let day = format!("19{}-{}-{}", &day[..2], &day[2..4], &day[4..]);
    day.parse::<CivilDate>().is_ok()
}

/// Refuses an address with an identity number in it.
///
/// # Errors
/// [`ProblemType::IdentityNumberInAddress`]; the answer repeats nothing.
pub fn check(uri: &Uri, parameters: &BTreeMap<String, String>) -> Result<(), Trouble> {
    // Ids are 32 hexadecimal digits and positions shorter than 15: neither can be taken for a number of a person.
    let query = uri.query().unwrap_or_default();
    let pairs: Result<axum::extract::Query<Vec<(String, String)>>, _> =
        axum::extract::Query::try_from_uri(uri);
    let in_query = pairs.map_or_else(
        |_| holds_identity_number(query),
        |pairs| {
            pairs
                .0
                .iter()
                .any(|(name, value)| holds_identity_number(name) || holds_identity_number(value))
        },
    );
    if in_query
        || parameters
            .values()
            .any(|value| holds_identity_number(value))
    {
        return Err(Trouble::of(ProblemType::IdentityNumberInAddress));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_are_seen_in_whatever_they_hide() {
        for text in [
            "11010519491231002X",
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105 19491231 002X",
            "张三 110105491231002",
            "证件:110105194912310021,",
        ] {
            assert!(holds_identity_number(text), "{text}");
        }
    }

    #[test]
    fn codes_of_organisations_and_names_pass() {
        for text in [
            "91650200H0Y9XYWA31",
            "克拉玛依市第一建筑公司",
            "650200050001231",
            "0123456789abcdef0123456789abcdef",
            "2026-11-25",
            "",
        ] {
            assert!(!holds_identity_number(text), "{text}");
        }
    }
}
