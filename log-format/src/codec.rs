//! Values to bytes and back. The only file that knows bincode.
//!
//! Profile: little-endian, fixed width, `u64` lengths, a byte limit, no trailing bytes. Decoding checks every range and
//! then encodes again and compares, so that one value has exactly one encoding.
//!
//! In scope: this profile. Out of scope: what the bytes mean (see `events`, `frame`).

use bincode::Options;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why bytes are not a value of the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// More bytes than the limit for this kind of value.
    #[error("{found} bytes, at most {max} are allowed")]
    TooLarge {
        /// Bytes found.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// Too short, trailing bytes, a number out of range, text that is not UTF-8, an unknown code.
    #[error("{what} does not decode: {why}")]
    Malformed {
        /// The type that was to be read.
        what: &'static str,
        /// What the decoder met.
        why: String,
    },
    /// The bytes decode, but another spelling of the same value is the right one.
    #[error("{what} is not in its one canonical encoding")]
    NotCanonical {
        /// The type that was read.
        what: &'static str,
    },
}

fn profile(limit: u64) -> impl Options + Copy {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .with_limit(limit)
        .reject_trailing_bytes()
}

/// The same without a limit: with one, bincode measures the value before it writes.
fn unlimited() -> impl Options + Copy {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .with_no_limit()
        .reject_trailing_bytes()
}

/// bincode names an end that comes too early by the reader's own error, which says nothing.
fn plain_words(error: &bincode::ErrorKind) -> String {
    match error {
        bincode::ErrorKind::Io(_) | bincode::ErrorKind::SizeLimit => {
            "the bytes end too early".to_owned()
        }
        other => other.to_string(),
    }
}

fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    name.rsplit("::").next().unwrap_or(name)
}

fn refused<T>(error: bincode::ErrorKind, limit: u64) -> CodecError {
    match error {
        bincode::ErrorKind::SizeLimit => CodecError::TooLarge {
            found: limit + 1,
            max: limit,
        },
        other => CodecError::Malformed {
            what: short_name::<T>(),
            why: other.to_string(),
        },
    }
}

/// Encodes a value.
///
/// # Errors
/// [`CodecError::TooLarge`] where the encoding passes `limit`.
pub fn encode<T: Serialize>(value: &T, limit: u64) -> Result<Vec<u8>, CodecError> {
    let encoded = profile(limit).serialize(value);
    encoded.map_err(|error| refused::<T>(*error, limit))
}

/// Bytes of a value's encoding, without making it.
///
/// # Errors
/// As [`encode`].
pub fn encoded_bytes<T: Serialize>(value: &T, limit: u64) -> Result<u64, CodecError> {
    let measured = profile(limit).serialized_size(value);
    measured.map_err(|error| refused::<T>(*error, limit))
}

/// Decodes a value, then encodes it again and compares.
///
/// # Errors
/// [`CodecError`] names the fault; nothing is repaired.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8], limit: u64) -> Result<T, CodecError> {
    let found = bytes.len() as u64;
    if found > limit {
        return Err(CodecError::TooLarge { found, max: limit });
    }
    let value: T = profile(limit)
        .deserialize(bytes)
        .map_err(|error| CodecError::Malformed {
            what: short_name::<T>(),
            why: plain_words(&error),
        })?;
    // Encoded onto the bytes themselves: the first difference ends it, so nothing is allocated and no limit is needed.
    let mut expected = Expected(bytes);
    let same = unlimited().serialize_into(&mut expected, &value);
    if same.is_err() || !expected.0.is_empty() {
        return Err(CodecError::NotCanonical {
            what: short_name::<T>(),
        });
    }
    Ok(value)
}

/// Takes the bytes that are expected and no others.
struct Expected<'a>(&'a [u8]);

impl std::io::Write for Expected<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let rest = self.0.strip_prefix(bytes);
        self.0 = rest.ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn trailing_bytes_and_short_input_are_refused() {
        let bytes = encode(&7u32, 16).expect("small");
        assert_eq!(bytes, [7, 0, 0, 0]);
        assert!(decode::<u32>(&[7, 0, 0, 0, 0], 16).is_err());
        assert!(decode::<u32>(&[7, 0, 0], 16).is_err());
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_allocation() {
        let mut bytes = u64::MAX.to_le_bytes().to_vec();
        bytes.push(b'a');
        assert!(decode::<String>(&bytes, 1024).is_err());
        assert_eq!(
            decode::<String>(&[0; 32], 16),
            Err(CodecError::TooLarge { found: 32, max: 16 })
        );
        let too_large = CodecError::TooLarge { found: 5, max: 4 };
        assert_eq!(encode(&"long text", 4), Err(too_large.clone()));
        assert_eq!(encoded_bytes(&"long text", 4), Err(too_large));
    }

    #[test]
    fn a_boolean_is_zero_or_one() {
        assert!(decode::<bool>(&[2], 16).is_err());
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = decode::<(u16, Option<u32>, String)>(&bytes, 64) {
                prop_assert_eq!(encoded_bytes(&value, 64), Ok(bytes.len() as u64));
                prop_assert_eq!(encode(&value, 64).expect("decoded"), bytes);
            }
        }
    }
}
