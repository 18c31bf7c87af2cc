//! One stream out of a compound file (MS-CFB), for the look over a workbook before it is decoded.
//!
//! Header 512 bytes, then sectors; FAT = next sector of every sector, found by 109 entries of the header and
//! a chain of DIFAT sectors; directory entries of 128 bytes; streams below 4,096 bytes lie in the mini
//! stream of the root entry. Real files break the order of directory names, so only what is needed is
//! read and entries are looked through one by one.

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
    let root = entries.iter().find(|entry| entry.get(66) == Some(&5))?;
    let entry = names.iter().find_map(|name| {
        entries
            .iter()
            .find(|e| e.get(66) == Some(&2) && is_named(e, name))
    })?;
    let start = u32_at(entry, 116)?;
    let length = usize::try_from(u32_at(entry, 120)?).ok()?;
    let mut body = if length < MINI_BELOW {
        file.mini_chain(root, start)?
    } else {
        file.chain(start)?
    };
    body.truncate(length);
    Some(body)
}

fn is_named(entry: &[u8], name: &str) -> bool {
    let length = u16_at(entry, 64).map_or(0, usize::from).saturating_sub(2);
    let units = entry.get(..length.min(64)).unwrap_or(&[]).chunks_exact(2);
    let text: Vec<u16> = units.map(|pair| u16_at(pair, 0).unwrap_or(0)).collect();
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
        let mut fat_sectors: Vec<u32> = self
            .bytes
            .get(0x4C..0x200)?
            .chunks_exact(4)
            .filter_map(|c| u32_at(c, 0))
            .collect();
        let mut next = u32_at(self.bytes, 0x44)?;
        for _ in 0..self.sectors_max() {
            if next >= FREE_FROM {
                break;
            }
            let mut numbers: Vec<u32> = self
                .sector(next)?
                .chunks_exact(4)
                .filter_map(|c| u32_at(c, 0))
                .collect();
            next = numbers.pop()?;
            fat_sectors.extend(numbers);
        }
        let mut fat = Vec::new();
        for number in fat_sectors
            .into_iter()
            .filter(|n| *n < FREE_FROM)
            .take(self.sectors_max())
        {
            fat.extend(
                self.sector(number)?
                    .chunks_exact(4)
                    .filter_map(|c| u32_at(c, 0)),
            );
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

    fn mini_chain(&self, root: &[u8], start: u32) -> Option<Vec<u8>> {
        let mini_stream = self.chain(u32_at(root, 116)?)?;
        let mini_fat = self.chain(u32_at(self.bytes, 0x3C)?)?;
        let mut out = Vec::new();
        let mut next = start;
        for _ in 0..=MINI_BELOW / MINI_SECTOR {
            if next >= FREE_FROM {
                return Some(out);
            }
            let at = usize::try_from(next).ok()?;
            let from = at.checked_mul(MINI_SECTOR)?;
            out.extend_from_slice(mini_stream.get(from..from.checked_add(MINI_SECTOR)?)?);
            next = u32_at(&mini_fat, at.checked_mul(4)?)?;
        }
        None
    }
}

/// Little-endian number at an offset.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}
