//! Tiles: the tree and the entries in files of up to 256, with the paths of C2SP tlog-tiles.

use crate::error::ProofError;
use crate::text::{from_decimal, shown};
use crate::tree::TreeHash;
use std::fmt;
use std::ops::Range;

/// Hashes of a full tile, entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Levels of the tree that one tile spans: log2 of [`TILE_WIDTH`].
pub const TILE_HEIGHT: u32 = 8;
/// Largest level of a path.
pub const LEVEL_MAX: u8 = 63;
/// Bytes of the largest entry that a bundle takes.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of one level of tiles; level 0 holds leaf hashes, each next one roots of full tiles below.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// One tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Its number on its level.
    pub index: u64,
    /// Hashes or entries in it, 1 to [`TILE_WIDTH`].
    pub width: u16,
}

impl Tile {
    /// The path below the log's prefix: `tile/0/x001/234`, `tile/entries/000.p/7`.
    pub fn path(&self) -> String {
        let level = match self.kind {
            TileKind::Hashes(level) => level.to_string(),
            TileKind::Entries => "entries".to_owned(),
        };
        let mut number = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            number = format!("x{:03}/{number}", rest % 1000);
            rest /= 1000;
        }
        if self.width == TILE_WIDTH {
            format!("tile/{level}/{number}")
        } else {
            format!("tile/{level}/{number}.p/{}", self.width)
        }
    }

    /// Reads a path; only the one spelling that [`Tile::path`] writes is right.
    ///
    /// # Errors
    /// [`ProofError`] in `tile`.
    pub fn parse(path: &str) -> Result<Self, ProofError> {
        let wrong = || {
            ProofError::new(
                "tile",
                "a path like tile/0/x001/234 or tile/entries/000.p/7",
                shown(path),
            )
        };
        let rest = path.strip_prefix("tile/").ok_or_else(wrong)?;
        let (level, rest) = rest.split_once('/').ok_or_else(wrong)?;
        let kind = if level == "entries" {
            TileKind::Entries
        } else {
            let level = from_decimal("tile", level).map_err(|_| wrong())?;
            let level = u8::try_from(level).ok().filter(|level| *level <= LEVEL_MAX);
            TileKind::Hashes(level.ok_or_else(wrong)?)
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((number, width)) => {
                let width = from_decimal("tile", width).map_err(|_| wrong())?;
                let width = u16::try_from(width).map_err(|_| wrong())?;
                (number, width)
            }
        };
        let mut index = 0u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let value: u64 = digits.parse().map_err(|_| wrong())?;
            index = index
                .checked_mul(1000)
                .and_then(|i| i.checked_add(value))
                .ok_or_else(wrong)?;
        }
        let tile = Self { kind, index, width };
        // Whatever else could be spelled differently is caught by spelling it again.
        let is_right = width > 0 && width <= TILE_WIDTH && tile.path() == path;
        is_right.then_some(tile).ok_or_else(wrong)
    }

    /// The tile that holds the root of a complete subtree in a tree of `size` leaves, and which of its hashes are the
    /// subtree's: one, or several whose root (`tree::complete_root`) it is. None where the tree has no such subtree.
    pub fn of_subtree(level: u32, index: u64, size: u64) -> Option<(Self, Range<usize>)> {
        let has_it = level < u64::BITS && index < size >> level;
        if !has_it {
            return None;
        }
        let (tile_level, within) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let first = index << within;
        let number = first / u64::from(TILE_WIDTH);
        let start = (first % u64::from(TILE_WIDTH)) as usize;
        let hashes = size >> (tile_level * TILE_HEIGHT);
        let width = (hashes - number * u64::from(TILE_WIDTH)).min(u64::from(TILE_WIDTH));
        let tile = Self {
            kind: TileKind::Hashes(tile_level as u8),
            index: number,
            width: width as u16,
        };
        Some((tile, start..start + (1 << within)))
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// Every tile of hashes of a tree of `size` leaves, level by level; none is empty.
pub fn tiles_for(size: u64) -> impl Iterator<Item = Tile> {
    tiles_between(0, size)
}

/// The tiles of hashes that a tree of `to` leaves has and the tree of `from` leaves has not, or narrower.
pub fn tiles_between(from: u64, to: u64) -> impl Iterator<Item = Tile> {
    let levels = (0..u64::BITS / TILE_HEIGHT).map(|level| level as u8);
    levels.flat_map(move |level| {
        let shift = u32::from(level) * TILE_HEIGHT;
        rows(TileKind::Hashes(level), from >> shift, to >> shift)
    })
}

/// The bundles of entries that a log of `to` entries has and the log of `from` entries has not, or narrower.
pub fn bundles_between(from: u64, to: u64) -> impl Iterator<Item = Tile> {
    rows(TileKind::Entries, from, to)
}

fn rows(kind: TileKind, from: u64, to: u64) -> impl Iterator<Item = Tile> {
    let width = u64::from(TILE_WIDTH);
    let first = from / width;
    let after = if from < to { to.div_ceil(width) } else { first };
    (first..after).map(move |index| Tile {
        kind,
        index,
        width: (to - index * width).min(width) as u16,
    })
}

/// The hashes of a tile.
///
/// # Errors
/// [`ProofError`] in `tile` where the length is not that of `width` hashes.
pub fn parse_hashes(bytes: &[u8], width: u16) -> Result<Vec<TreeHash>, ProofError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() != usize::from(width) {
        let expected = format!("{} bytes", u32::from(width) * 32);
        return Err(ProofError::new(
            "tile",
            expected,
            format!("{} bytes", bytes.len()),
        ));
    }
    Ok(hashes.iter().copied().map(TreeHash).collect())
}

/// The bytes of a tile of hashes.
pub fn encode_hashes(hashes: &[TreeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The entries of a bundle.
///
/// # Errors
/// [`ProofError`] in `entries`, with the byte where an entry is cut off, or more than a full bundle holds.
pub fn parse_entries(bytes: &[u8]) -> Result<Vec<&[u8]>, ProofError> {
    let (mut entries, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let cut = || {
            ProofError::new(
                "entries",
                format!("a whole entry at byte {at}"),
                format!("{} bytes", bytes.len()),
            )
        };
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(ProofError::new(
                "entries",
                format!("{TILE_WIDTH} entries"),
                "more",
            ));
        }
        let (length, after) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or_else(cut)?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

/// The bytes of a bundle of entries.
///
/// # Errors
/// [`ProofError`] in `entries` where one is longer than [`ENTRY_BYTES_MAX`], or there are too many.
pub fn encode_entries<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, ProofError> {
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(ProofError::new(
            "entries",
            format!("at most {TILE_WIDTH} entries"),
            entries.len(),
        ));
    }
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| {
            ProofError::new(
                "entries",
                format!("at most {ENTRY_BYTES_MAX} bytes"),
                format!("{} bytes", entry.len()),
            )
        })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}
