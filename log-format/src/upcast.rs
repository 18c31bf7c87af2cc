//! Old schema versions into today's events. Upcasting comes after every check and never feeds a hash.

use crate::codec::CodecError;
use crate::events::Event;

/// Reads an open body of any schema version that was ever written.
///
/// # Errors
/// [`CodecError`], also for a version that this build does not know.
pub fn read_event(number: u16, version: u16, bytes: &[u8]) -> Result<Event, CodecError> {
    let known = Event::TYPES.iter().find(|(n, _, _)| *n == number);
    match known {
        Some((_, current, _)) if *current == version => Event::decode(number, bytes),
        Some((_, current, name)) => Err(CodecError::Malformed {
            what: "schema version",
            why: format!("{name} has versions 1 to {current}, not {version}"),
        }),
        None => Event::decode(number, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_version_or_type_is_named() {
        let error = read_event(2, 9, &[]).expect_err("no such version");
        assert!(
            error
                .to_string()
                .contains("DayStarted has versions 1 to 1, not 9"),
            "{error}"
        );
        assert!(read_event(9_999, 1, &[]).is_err());
    }
}
