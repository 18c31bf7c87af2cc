//! cosignature/v1: what a witness signs, and how its time travels.
//!
//! The name of the witness is not signed: one key serves one name.

use crate::error::ProofError;

/// Latest time that a cosignature may carry, in seconds since 1970.
pub const TIME_MAX: u64 = i64::MAX as u64;
const TIME_BYTES: usize = 8;
const SIGNATURE_BYTES: usize = 64;

/// The signed bytes: the text of the checkpoint after a line that names the purpose and one with the time.
pub fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The blob of a signature line: time, big-endian, then the Ed25519 signature.
pub(crate) fn join(time: u64, signature: &[u8; SIGNATURE_BYTES]) -> Vec<u8> {
    [&time.to_be_bytes()[..], signature].concat()
}

/// Time and signature of a blob.
pub(crate) fn split(blob: &[u8]) -> Result<(u64, &[u8]), ProofError> {
    let whole = Some(blob).filter(|blob| blob.len() == TIME_BYTES + SIGNATURE_BYTES);
    let parts = whole.and_then(|blob| blob.split_first_chunk::<TIME_BYTES>());
    let (time, signature) = parts.ok_or_else(|| {
        ProofError::new(
            "signature",
            "8 bytes of time and 64 of signature",
            format!("{} bytes", blob.len()),
        )
    })?;
    let time = u64::from_be_bytes(*time);
    check_time(time)?;
    Ok((time, signature))
}

pub(crate) fn check_time(time: u64) -> Result<(), ProofError> {
    if time > TIME_MAX {
        return Err(ProofError::new("time", format!("at most {TIME_MAX}"), time));
    }
    Ok(())
}
