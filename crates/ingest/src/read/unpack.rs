//! What a workbook archive would unpack to, counted before it is decoded.

use super::ReadError;
use super::limits::{CELLS_MAX, UNPACKED_BYTES_MAX};
use super::workbook::damaged;
use std::io::{self, Cursor, Read, Write};

/// Unpacks every member into a counter: sizes in the directory of an archive can lie, and a small
/// archive can unpack to terabytes.
///
/// # Errors
/// A damaged archive, too many bytes, or a shared-string table that states more strings than cells
/// are read (the decoder takes memory for what is stated, and a failed allocation ends the program).
pub(super) fn check_archive(bytes: &[u8]) -> Result<(), ReadError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(damaged)?;
        let mut counts = StatedCounts::default();
        let unpacked =
            io::copy(&mut member.take(left.saturating_add(1)), &mut counts).map_err(damaged)?;
        left = left
            .checked_sub(unpacked)
            .ok_or(ReadError::UnpacksTooLarge {
                max_bytes: UNPACKED_BYTES_MAX,
            })?;
        if counts.most > CELLS_MAX as u64 {
            return Err(ReadError::TooManyCells {
                max: CELLS_MAX as u64,
            });
        }
    }
    Ok(())
}

const NAME: &[u8] = b"uniqueCount";

/// Finds the largest number behind the attribute `uniqueCount` in bytes that come in pieces.
#[derive(Default)]
struct StatedCounts {
    /// Bytes of the name that have been met.
    met: usize,
    value: u64,
    most: u64,
}

impl StatedCounts {
    fn take(&mut self, byte: u8) {
        if self.met == NAME.len() {
            match byte {
                b'0'..=b'9' => {
                    self.value = self
                        .value
                        .saturating_mul(10)
                        .saturating_add(u64::from(byte - b'0'));
                    self.most = self.most.max(self.value);
                    return;
                }
                b'=' | b'"' | b'\'' | b'+' | b' ' | b'\t' | b'\r' | b'\n' if self.value == 0 => {
                    return;
                }
                _ => {}
            }
            self.value = 0;
            self.met = 0;
        }
        // The first letter occurs once in the name, so a broken match can only begin anew.
        self.met = match NAME.get(self.met) {
            Some(next) if *next == byte => self.met + 1,
            _ => usize::from(NAME.first() == Some(&byte)),
        };
    }
}

impl Write for StatedCounts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.take(*byte);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_number_of_strings_is_found_wherever_the_pieces_break() {
        let stated = |pieces: &[&str]| {
            let mut counts = StatedCounts::default();
            for piece in pieces {
                counts.write_all(piece.as_bytes()).expect("never fails");
            }
            counts.most
        };
        assert_eq!(
            stated(&["<sst count=\"9\" unique", "Count=\"12", "34\">"]),
            1234
        );
        assert_eq!(
            stated(&["uuniqueCount = '99999999999999999999999'"]),
            u64::MAX
        );
        assert_eq!(stated(&["<sst count=\"9\"> uniqueCounter 5"]), 0);
    }
}
