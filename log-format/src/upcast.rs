//! Old schema versions into today's events. Upcasting comes after every check and never feeds a hash.

use crate::codec::{self, CodecError};
use crate::events::{ErasureRecorded, Event};
use crate::limits::OPEN_PART_BYTES_MAX;
use crate::wire::{List, Set, Types, Wire, wire_struct};
use probity_types::{Position, RootId, Text};

wire_struct! {
    /// [`ErasureRecorded`] before states were committed: no rows.
    pub struct ErasureRecordedV1 {
        open root: RootId = "密钥根";
        open index: Option<u64> = "密钥序号";
        open positions: Set<Position, 4096> = "位置";
        open authority: Text<200> = "决定单位";
        open legal_basis: Text<500> = "法律依据";
    }
}

impl From<ErasureRecordedV1> for ErasureRecorded {
    fn from(old: ErasureRecordedV1) -> Self {
        Self {
            root: old.root,
            index: old.index,
            positions: old.positions,
            authority: old.authority,
            legal_basis: old.legal_basis,
            rows: List::default(),
        }
    }
}

const ERASURE_RECORDED: u16 = 103;

/// Type, version and name of every body that this build reads and no longer writes.
pub const OLD: &[(u16, u16, &str)] = &[(ERASURE_RECORDED, 1, "ErasureRecorded")];

pub(crate) fn shapes(types: &mut Types) -> Vec<(u16, u16, &'static str, String)> {
    let body = ErasureRecordedV1::shape(types);
    vec![(ERASURE_RECORDED, 1, "ErasureRecorded", body)]
}

/// Reads an open body of any schema version that was ever written.
///
/// # Errors
/// [`CodecError`], also for a version that this build does not know.
pub fn read_event(number: u16, version: u16, bytes: &[u8]) -> Result<Event, CodecError> {
    let known = Event::TYPES.iter().find(|(n, _, _)| *n == number);
    match known {
        Some((_, current, _)) if *current == version => Event::decode(number, bytes),
        Some(_) if (number, version) == (ERASURE_RECORDED, 1) => {
            let old = codec::decode::<ErasureRecordedV1>(bytes, OPEN_PART_BYTES_MAX)?;
            Ok(ErasureRecorded::from(old).into())
        }
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
