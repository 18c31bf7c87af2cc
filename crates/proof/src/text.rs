//! Small forms that several texts share: base64, decimal numbers.

use crate::error::ProofError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Standard base64 with padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads what [`to_base64`] writes; another spelling of the same bytes is refused.
pub(crate) fn from_base64(field: &str, text: &str) -> Result<Vec<u8>, ProofError> {
    STANDARD
        .decode(text)
        .map_err(|_| ProofError::new(field, "standard base64 with padding", shown(text)))
}

/// Reads a decimal number without sign or leading zeros.
pub(crate) fn from_decimal(field: &str, text: &str) -> Result<u64, ProofError> {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| {
        ProofError::new(field, "a decimal number without leading zeros", shown(text))
    })
}

/// Text as it is told in an error: quoted, and not without end.
pub(crate) fn shown(text: &str) -> String {
    const CHARS_MAX: usize = 80;
    if text.chars().count() <= CHARS_MAX {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(CHARS_MAX).collect();
    format!("{start:?} and more")
}
