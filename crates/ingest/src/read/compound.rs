//! One stream out of a compound file (MS-CFB), for the look over a workbook before it is decoded.
//!
//! Header 512 bytes, then sectors; FAT = next sector of every sector, found by 109 entries of the
//! header and a chain of DIFAT sectors; directory entries of 128 bytes; streams below 4,096 bytes lie
//! in the mini stream of the first entry. Real files break the order of directory names (the licence
//! feed of Xinjiang does), so entries are looked through one by one.
//!
//! The decoder follows the same chains without asking whether they end, so every chain it will follow
//! is followed here first: one that loops or leaves the file refuses it.

const FREE_FROM: u32 = 0xFFFF_FFFA;
const ENTRY_BYTES: usize = 128;
const MINI_SECTOR: usize = 64;
const MINI_BELOW: usize = 4096;

struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
}

/// The bytes of the first stream that has one of the names; none where the file cannot be walked.
pub(super) fn stream(bytes: &[u8], names: &[&str]) -> Option<Vec<u8>> {
    let sector = match u16_at(bytes, 0x1E)? {
        9 => 512,
        12 => 4096,
        _ => return None,
    };
    let mut file = Compound {
        bytes,
        sector,
        fat: Vec::new(),
    };
    file.fat = file.read_fat()?;
    let directory = file.chain(u32_at(bytes, 0x30)?)?;
    let entries: Vec<&[u8]> = directory.chunks_exact(ENTRY_BYTES).collect();
    let root = entries.first()?;
    let has_mini = u32_at(bytes, 0x40)? > 0;
    let mini = if has_mini {
        Some((
            file.chain(u32_at(root, 116)?)?,
            file.chain(u32_at(bytes, 0x3C)?)?,
        ))
    } else {
        None
    };
    let entry = names
        .iter()
        .find_map(|name| entries.iter().find(|entry| is_named(entry, name)))?;
    let start = u32_at(entry, 116)?;
    let length = usize::try_from(u32_at(entry, 120)?).ok()?;
    // Files of version 4 hold the length in 64 bits, older ones leave rubbish in the upper half.
    if length > bytes.len() || (sector == 4096 && u32_at(entry, 124)? != 0) {
        return None;
    }
    let mut body = match (length < MINI_BELOW, mini) {
        (true, Some((mini_stream, mini_fat))) => {
            mini_chain(&mini_stream, &mini_fat, start, length)?
        }
        (true, None) => return None,
        (false, _) => file.chain(start)?,
    };
    body.truncate(length);
    Some(body)
}

/// Names are UTF-16 up to the first zero; the stored length is not to be trusted.
fn is_named(entry: &[u8], name: &str) -> bool {
    let units = entry
        .get(..64)
        .unwrap_or(&[])
        .chunks_exact(2)
        .filter_map(|pair| u16_at(pair, 0));
    let text: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&text).eq_ignore_ascii_case(name)
}

impl Compound<'_> {
    fn sector(&self, number: u32) -> Option<&[u8]> {
        let start = usize::try_from(number)
            .ok()?
            .checked_add(1)?
            .checked_mul(self.sector)?;
        // The last sector of a file may be cut short by the program that wrote it.
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|part| !part.is_empty())
    }

    /// No chain is longer than the file: a longer one is a loop.
    fn sectors_max(&self) -> usize {
        self.bytes.len() / self.sector + 1
    }

    fn read_fat(&self) -> Option<Vec<u32>> {
        let numbers = |part: &[u8]| {
            part.chunks_exact(4)
                .filter_map(|c| u32_at(c, 0))
                .collect::<Vec<u32>>()
        };
        let mut fat_sectors = numbers(self.bytes.get(0x4C..0x200)?);
        let mut next = u32_at(self.bytes, 0x44)?;
        for _ in 0..self.sectors_max() {
            if next >= FREE_FROM {
                break;
            }
            let mut more = numbers(self.sector(next)?);
            next = more.pop()?;
            fat_sectors.extend(more);
        }
        fat_sectors.retain(|number| *number < FREE_FROM);
        if fat_sectors.len() > self.sectors_max() {
            return None;
        }
        let mut fat = Vec::new();
        for number in fat_sectors {
            fat.extend(numbers(self.sector(number)?));
        }
        Some(fat)
    }

    fn chain(&self, start: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut next = start;
        for _ in 0..self.sectors_max() {
            if next >= FREE_FROM {
                return Some(out);
            }
            out.extend_from_slice(self.sector(next)?);
            next = *self.fat.get(usize::try_from(next).ok()?)?;
        }
        None
    }
}

fn mini_chain(mini_stream: &[u8], mini_fat: &[u8], start: u32, length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut next = start;
    while out.len() < length {
        if next >= FREE_FROM {
            return None;
        }
        let at = usize::try_from(next).ok()?;
        let from = at.checked_mul(MINI_SECTOR)?;
        let part = mini_stream.get(from..)?;
        out.extend_from_slice(
            part.get(..part.len().min(MINI_SECTOR))
                .filter(|p| !p.is_empty())?,
        );
        next = u32_at(mini_fat, at.checked_mul(4)?)?;
    }
    Some(out)
}

/// Little-endian number of 16 bits at an offset.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}

/// Little-endian number of 32 bits at an offset.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}
