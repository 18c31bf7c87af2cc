//! Rows of fixed width to bytes and back, for snapshots and digests of state.
//!
//! In scope: little-endian bytes without padding; reading refuses what writing never writes. Out of scope: what is logged
//! or exported (that has its own format); whether the bytes are the ones that were written (whoever keeps them seals them).

use crate::table::ShortPosition;
use crate::{
    BatchId, CivilDate, CodeList, FileTag, ListingId, PendingId, Position, RecordId, RootId,
    StreamId, SubjectId, SubjectKind,
};
use std::io::{self, Read, Write};

/// Rows that are written or read in one go.
const ROWS_AT_ONCE: usize = 1_024;
/// Longest blob that is read: far above every one that is written.
const BLOB_BYTES_MAX: u64 = 1 << 30;

/// A value of fixed width.
pub trait Packed: Sized {
    /// Its width.
    const BYTES: usize;
    /// Appends exactly [`Self::BYTES`].
    fn pack(&self, out: &mut Vec<u8>);
    /// Takes exactly as many off the front; none where they are no such value.
    fn unpack(bytes: &mut &[u8]) -> Option<Self>;
}

impl<const N: usize> Packed for [u8; N] {
    const BYTES: usize = N;
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(*first)
    }
}

macro_rules! number {
    ($($type:ty),+) => {$(
        impl Packed for $type {
            const BYTES: usize = size_of::<Self>();
            fn pack(&self, out: &mut Vec<u8>) { out.extend_from_slice(&self.to_le_bytes()); }
            fn unpack(bytes: &mut &[u8]) -> Option<Self> { Packed::unpack(bytes).map(Self::from_le_bytes) }
        }
    )+};
}
number!(u8, u16, u32, u64, i64);

macro_rules! id {
    ($($type:ident),+) => {$(
        impl Packed for $type {
            const BYTES: usize = 16;
            fn pack(&self, out: &mut Vec<u8>) { self.0.pack(out); }
            fn unpack(bytes: &mut &[u8]) -> Option<Self> { Packed::unpack(bytes).map(Self) }
        }
    )+};
}
id!(
    SubjectId, RecordId, ListingId, PendingId, BatchId, FileTag, RootId, StreamId
);

impl Packed for Position {
    const BYTES: usize = 8;
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Packed::unpack(bytes).map(Self)
    }
}

impl Packed for ShortPosition {
    const BYTES: usize = 5;
    fn pack(&self, out: &mut Vec<u8>) {
        self.bytes().pack(out);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Packed::unpack(bytes).map(Self::from_bytes)
    }
}

impl Packed for bool {
    const BYTES: usize = 1;
    fn pack(&self, out: &mut Vec<u8>) {
        u8::from(*self).pack(out);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        match u8::unpack(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Packed for CivilDate {
    const BYTES: usize = 4;
    fn pack(&self, out: &mut Vec<u8>) {
        self.days().to_le_bytes().pack(out);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Self::from_days(i32::from_le_bytes(Packed::unpack(bytes)?)).ok()
    }
}

impl Packed for SubjectKind {
    const BYTES: usize = 2;
    fn pack(&self, out: &mut Vec<u8>) {
        self.number().pack(out);
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let number = u16::unpack(bytes)?;
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.number() == number)
    }
}

impl<T: Packed> Packed for Option<T> {
    const BYTES: usize = 1 + T::BYTES;
    fn pack(&self, out: &mut Vec<u8>) {
        self.is_some().pack(out);
        match self {
            Some(value) => value.pack(out),
            None => out.resize(out.len() + T::BYTES, 0),
        }
    }
    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        if bool::unpack(bytes)? {
            return T::unpack(bytes).map(Some);
        }
        let (none, rest) = bytes.split_at_checked(T::BYTES)?;
        *bytes = rest;
        none.iter().all(|byte| *byte == 0).then_some(None)
    }
}

macro_rules! tuple {
    ($(($($name:ident),+)),+) => {$(
        impl<$($name: Packed),+> Packed for ($($name,)+) {
            const BYTES: usize = 0 $(+ $name::BYTES)+;
            fn pack(&self, out: &mut Vec<u8>) {
                #[allow(non_snake_case)] // the macro names a value as its type
                let ($($name,)+) = self;
                $($name.pack(out);)+
            }
            fn unpack(bytes: &mut &[u8]) -> Option<Self> { Some(($($name::unpack(bytes)?,)+)) }
        }
    )+};
}
tuple!((A, B), (A, B, C));

/// Declares a row: a struct whose fields are packed in their order.
#[macro_export]
macro_rules! packed_row {
    ($($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$fdoc:meta])* $fvis:vis $field:ident: $type:ty,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis struct $name { $($(#[$fdoc])* $fvis $field: $type,)+ }
        impl $crate::pack::Packed for $name {
            const BYTES: usize = 0 $(+ <$type as $crate::pack::Packed>::BYTES)+;
            fn pack(&self, out: &mut Vec<u8>) { $($crate::pack::Packed::pack(&self.$field, out);)+ }
            fn unpack(bytes: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::pack::Packed::unpack(bytes)?,)+ })
            }
        }
    )+};
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the bytes are no state of this version",
    )
}

/// Writes one value.
///
/// # Errors
/// The writer's own.
pub fn write_one<T: Packed>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(T::BYTES);
    value.pack(&mut bytes);
    out.write_all(&bytes)
}

/// Reads one value.
///
/// # Errors
/// The reader's own, `InvalidData` for bytes that are no such value.
pub fn read_one<T: Packed>(from: &mut dyn Read) -> io::Result<T> {
    let mut bytes = vec![0; T::BYTES];
    from.read_exact(&mut bytes)?;
    T::unpack(&mut bytes.as_slice()).ok_or_else(malformed)
}

/// Writes a number of rows and the rows.
///
/// # Errors
/// The writer's own.
pub fn write_rows<T: Packed>(
    out: &mut dyn Write,
    count: usize,
    rows: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    write_one(out, &(count as u64))?;
    let mut bytes = Vec::with_capacity(ROWS_AT_ONCE * T::BYTES);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        bytes.clear();
        rows.by_ref()
            .take(ROWS_AT_ONCE)
            .for_each(|row| row.pack(&mut bytes));
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// Reads rows one after the other; `begin` is told how many come.
///
/// # Errors
/// As [`read_one`].
pub fn read_rows<T: Packed>(
    from: &mut dyn Read,
    begin: impl FnOnce(u64),
    mut each: impl FnMut(T),
) -> io::Result<()> {
    let mut left: u64 = read_one(from)?;
    if left > u64::from(u32::MAX) {
        return Err(malformed());
    }
    begin(left);
    let mut bytes = vec![0; ROWS_AT_ONCE * T::BYTES];
    while left > 0 {
        let rows = left.min(ROWS_AT_ONCE as u64);
        // At most ROWS_AT_ONCE.
        let bytes = &mut bytes[..rows as usize * T::BYTES];
        from.read_exact(bytes)?;
        let mut rest = &*bytes;
        for _ in 0..rows {
            each(T::unpack(&mut rest).ok_or_else(malformed)?);
        }
        left -= rows;
    }
    Ok(())
}

/// Writes bytes with their length.
///
/// # Errors
/// The writer's own.
pub fn write_blob(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    write_one(out, &(bytes.len() as u64))?;
    out.write_all(bytes)
}

/// Reads bytes with their length.
///
/// # Errors
/// As [`read_one`].
pub fn read_blob(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let length: u64 = read_one(from)?;
    if length > BLOB_BYTES_MAX {
        return Err(malformed());
    }
    let mut bytes = Vec::new();
    let read = from.take(length).read_to_end(&mut bytes)?;
    if read as u64 == length {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Writes text with its length.
///
/// # Errors
/// The writer's own.
pub fn write_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    write_blob(out, text.as_bytes())
}

/// Reads text with its length.
///
/// # Errors
/// As [`read_one`].
pub fn read_text(from: &mut dyn Read) -> io::Result<String> {
    String::from_utf8(read_blob(from)?).map_err(|_| malformed())
}

/// What a reader says of bytes that fit no state.
///
/// # Errors
/// `InvalidData` unless the condition holds.
pub fn demand(condition: bool) -> io::Result<()> {
    if condition { Ok(()) } else { Err(malformed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    packed_row! {
        /// A made-up row.
        struct Sample {
            id: RecordId,
            at: ShortPosition,
            kind: SubjectKind,
            day: Option<CivilDate>,
        }
    }

    fn sample(n: u8) -> Sample {
        Sample {
            id: RecordId([n; 16]),
            at: Position(n.into()).into(),
            kind: SubjectKind::SoleTrader,
            day: (n > 7).then_some(CivilDate::MIN),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_nothing_else_is() {
        let rows: Vec<Sample> = (0..=255).cycle().take(3_000).map(sample).collect();
        let mut bytes = Vec::new();
        write_rows(&mut bytes, rows.len(), rows.iter().copied()).expect("memory");
        write_text(&mut bytes, "失信").expect("memory");
        assert_eq!(Sample::BYTES, 16 + 5 + 2 + 5);
        let read = |bytes: &[u8]| {
            let (mut from, mut found, mut told) = (bytes, Vec::new(), 0);
            read_rows(
                &mut from,
                |count| told = count,
                |row: Sample| found.push(row),
            )?;
            let text = read_text(&mut from)?;
            demand(from.is_empty() && told == found.len() as u64)?;
            Ok::<_, io::Error>((found, text))
        };
        assert_eq!(read(&bytes).expect("whole"), (rows, "失信".to_owned()));
        for cut in [0, 7, 8, 30, bytes.len() - 1] {
            assert!(read(&bytes[..cut]).is_err(), "{cut}");
        }
        // A kind that does not exist, a flag that is neither, a value where there is none, a length beyond all limits.
        for (at, value) in [(8 + 22, 9), (8 + 23, 2), (8 + 24, 1), (7, 1)] {
            let mut other = bytes.clone();
            other[at] = value;
            assert!(read(&other).is_err(), "{at}");
        }
    }
}
