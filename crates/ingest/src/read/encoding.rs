//! Bytes of a text file to text: byte-order mark, strict UTF-8, strict GB18030, else refused (P16, P17).
//!
//! Strict means: no replacement characters, the first bad byte refuses the whole file. Not in scope:
//! UTF-16 (refused by name) and the guessing of any other code page.

use super::ReadError;
use encoding_rs::{DecoderResult, GB18030};

/// The encoding a text file was read in; shown before anything is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with a byte-order mark, the form "CSV UTF-8" saves.
    Utf8Bom,
    /// UTF-8 without a mark.
    Utf8,
    /// GB18030, which holds all of GBK and GB 2312.
    Gb18030,
}

impl Encoding {
    /// Name for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8Bom => "UTF-8 (BOM)",
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
        }
    }
}

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";
/// So many well-formed characters of three bytes before the first fault mark a damaged UTF-8 file.
/// GBK text practically never holds that many in a row, and reading a damaged UTF-8 file as GB18030
/// would give wrong characters without any error.
const UTF8_EVIDENCE_MIN: usize = 16;

/// Decodes the whole file.
///
/// # Errors
/// [`ReadError::BadByte`] with the first bad byte of the encoding that came furthest.
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), ReadError> {
    if let Some(rest) = bytes.strip_prefix(UTF8_BOM) {
        // The mark decides: no other encoding is tried.
        let text = std::str::from_utf8(rest)
            .map_err(|e| utf8_fault(rest, e.valid_up_to(), UTF8_BOM.len()))?;
        return checked(text.to_owned(), Encoding::Utf8Bom);
    }
    let utf8_end = match std::str::from_utf8(bytes) {
        Ok(text) => return checked(text.to_owned(), Encoding::Utf8),
        Err(error) => error.valid_up_to(),
    };
    if three_byte_characters(bytes, utf8_end) >= UTF8_EVIDENCE_MIN {
        return Err(utf8_fault(bytes, utf8_end, 0));
    }
    match decode_gb18030(bytes) {
        Ok(text) => checked(text, Encoding::Gb18030),
        Err((gb_end, _)) if gb_end < utf8_end => Err(utf8_fault(bytes, utf8_end, 0)),
        Err((gb_end, before)) => Err(fault_after(&before, gb_end, "GB18030")),
    }
}

/// Text with a NUL is a binary file or UTF-16, never a list.
fn checked(text: String, encoding: Encoding) -> Result<(String, Encoding), ReadError> {
    match text.find('\0') {
        None => Ok((text, encoding)),
        Some(at) => {
            let before = text.get(..at).unwrap_or("");
            let skipped = if encoding == Encoding::Utf8Bom {
                UTF8_BOM.len()
            } else {
                0
            };
            let offset = match encoding {
                Encoding::Utf8 | Encoding::Utf8Bom => at + skipped,
                Encoding::Gb18030 => GB18030.encode(before).0.len(),
            };
            Err(fault_after(before, offset, encoding.name()))
        }
    }
}

fn three_byte_characters(bytes: &[u8], end: usize) -> usize {
    bytes
        .iter()
        .take(end)
        .filter(|b| (0xE0..=0xEF).contains(*b))
        .count()
}

fn utf8_fault(bytes: &[u8], valid_up_to: usize, skipped: usize) -> ReadError {
    let before = bytes
        .get(..valid_up_to)
        .and_then(|b| std::str::from_utf8(b).ok())
        .unwrap_or("");
    fault_after(before, valid_up_to + skipped, "UTF-8")
}

fn fault_after(before: &str, offset: usize, encoding: &'static str) -> ReadError {
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() as u64 + 1;
    let column = before.get(line_start..).unwrap_or("").chars().count() as u64 + 1;
    ReadError::BadByte {
        offset: offset as u64,
        line,
        column,
        encoding,
    }
}

/// The text, or the offset of the first bad byte with the text before it.
fn decode_gb18030(bytes: &[u8]) -> Result<String, (usize, String)> {
    let end = strict_end(bytes);
    let decodable = bytes.get(..end).unwrap_or(bytes);
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut text = String::new();
    text.reserve(
        decoder
            .max_utf8_buffer_length_without_replacement(decodable.len())
            .unwrap_or(0),
    );
    let (result, read) = decoder.decode_to_string_without_replacement(decodable, &mut text, true);
    match result {
        DecoderResult::InputEmpty if end == bytes.len() => Ok(text),
        DecoderResult::InputEmpty => Err((end, text)),
        // The buffer was sized for the worst case; a full buffer is treated as a fault, not a panic.
        DecoderResult::OutputFull => Err((read, text)),
        DecoderResult::Malformed(bad, extra) => Err((
            read.saturating_sub(usize::from(bad) + usize::from(extra)),
            text,
        )),
    }
}

/// End of the part whose bytes have the form of GB18030. The decoder of the web standard is wider
/// than the standard: it takes a lone 0x80 for the euro sign.
fn strict_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(lead) = bytes.get(at) {
        let second = bytes.get(at + 1);
        at += match (lead, second) {
            (0x00..=0x7F, _) => 1,
            (0x81..=0xFE, Some(0x30..=0x39)) => 4,
            (0x81..=0xFE, Some(0x40..=0x7E | 0x80..=0xFE)) => 2,
            _ => return at,
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn the_guess_is_part_of_the_result() {
        let bom = [UTF8_BOM, "名称,1\n".as_bytes()].concat();
        assert_eq!(decode(&bom), Ok(("名称,1\n".to_owned(), Encoding::Utf8Bom)));
        assert_eq!(
            decode("名称".as_bytes()),
            Ok(("名称".to_owned(), Encoding::Utf8))
        );
        assert_eq!(
            decode(&gbk("企业名称,阿卜杜拉·买买提")).map(|d| d.1),
            Ok(Encoding::Gb18030)
        );
        assert_eq!(decode(b"\xA1\xA4").map(|d| d.0), Ok("·".to_owned()), "P19");
        assert_eq!(decode(b"").map(|d| d.1), Ok(Encoding::Utf8));
    }

    #[test]
    fn characters_of_four_bytes_and_of_plane_two_are_read() {
        let text = "姓名\u{20BB7}田,\u{3400}";
        assert_eq!(decode(&gbk(text)), Ok((text.to_owned(), Encoding::Gb18030)));
    }

    /// Complaint P17: a broken byte in line 300 imported 299 lines.
    #[test]
    fn the_first_bad_byte_is_named_by_offset_line_and_column() {
        let mut bytes = "企业名称,案号\n".repeat(299).into_bytes();
        bytes.extend("企业".as_bytes());
        let offset = bytes.len() as u64;
        bytes.extend(b"\xFF\xFE,1\n");
        let fault = ReadError::BadByte {
            offset,
            line: 300,
            column: 3,
            encoding: "UTF-8",
        };
        assert_eq!(decode(&bytes), Err(fault));

        let mut bytes = gbk(&"企业名称,案号\r\n".repeat(299));
        bytes.extend(gbk("企业"));
        let offset = bytes.len() as u64;
        bytes.extend(b"\xFF,1\r\n");
        let fault = ReadError::BadByte {
            offset,
            line: 300,
            column: 3,
            encoding: "GB18030",
        };
        assert_eq!(decode(&bytes), Err(fault));
    }

    #[test]
    fn what_the_web_decoder_forgives_is_refused() {
        assert!(matches!(
            decode(b"\xD6\xD0,\x80\n"),
            Err(ReadError::BadByte {
                offset: 3,
                column: 3,
                ..
            })
        ));
        assert!(matches!(
            decode(b"\xD6\xD0\xD6"),
            Err(ReadError::BadByte { offset: 2, .. })
        ));
        assert!(matches!(
            decode(b"a\0b"),
            Err(ReadError::BadByte { offset: 1, .. })
        ));
        assert!(matches!(
            decode(b"\xEF\xBB\xBFa\xFF"),
            Err(ReadError::BadByte {
                offset: 4,
                column: 2,
                ..
            })
        ));
    }
}
