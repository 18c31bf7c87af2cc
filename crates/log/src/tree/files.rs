//! The tree's hashes as files: one flat file for every fourth level, each hash at its own place.
//!
//! ```text
//! <dir>/entries      leaf entries as entry tiles carry them: length u16 BE ‖ 49 bytes, 51 each
//! <dir>/hashes-0     leaf hashes, 32 bytes each
//! <dir>/hashes-4k    roots of the complete subtrees of 16^k leaves
//! ```
//! A tile of any width is a run of every second of these files, so partial tiles of every size are there without being
//! stored. The files between cost two bytes an entry and spare a proof most of its hashing: out of whole tiles it would
//! take 255 hashes a tile.
//! Nothing here is ever the truth: files that do not hash to the persisted checkpoint are made anew from the log.

use probity_format::leaf::{LEAF_BYTES, Leaf};
use probity_proof::tile::{self, Tile, TileKind};
use probity_proof::tree::{HashSource, TreeHash, complete_root, leaf_hash};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Levels of the tree from one file to the next.
pub(super) const STEP: usize = 4;
/// Hashes of a file that make one of the next.
const RUN: u64 = 1 << STEP;
/// Files of hashes: enough for 16^10 entries.
const FILES: usize = 10;
/// Files from one level of tiles to the next.
const FILES_PER_TILE: usize = tile::TILE_HEIGHT as usize / STEP;
const HASH_BYTES: u64 = 32;
const TILE_WIDTH: u64 = tile::TILE_WIDTH as u64;
/// A leaf entry behind its length, as an entry tile holds it.
const STORED_BYTES: u64 = 2 + LEAF_BYTES as u64;

/// Reads tiles and complete subtrees; cheap to clone.
#[derive(Debug, Clone)]
pub struct TileReader {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    entries: File,
    hashes: [File; FILES],
    /// Leaves whose hashes are in the files.
    size: AtomicU64,
}

/// Writes them; one owner.
#[derive(Debug)]
pub(super) struct TileFiles {
    shared: Arc<Shared>,
    /// Hashes at the end of each file that do not make one of the next yet.
    open: [Vec<TreeHash>; FILES],
    size: u64,
}

fn name(file: usize) -> String {
    format!("hashes-{}", STEP * file)
}

fn short(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, what.to_owned())
}

/// Hashes that a file has of a tree of `size` leaves.
fn hashes_of(size: u64, file: usize) -> u64 {
    size >> (STEP * file)
}

impl TileFiles {
    /// Opens the files in `dir`, made where they are missing, as far as they hold `size` leaves; what is beyond is cut.
    /// None where they hold less.
    pub(super) fn open(dir: &Path, size: u64) -> io::Result<Option<Self>> {
        std::fs::create_dir_all(dir)?;
        let file = |name: &str| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(dir.join(name))
        };
        let entries = file("entries")?;
        let mut hashes = Vec::with_capacity(FILES);
        for number in 0..FILES {
            hashes.push(file(&name(number))?);
        }
        let hashes: [File; FILES] = hashes
            .try_into()
            .map_err(|_| short("a level has no file"))?;
        let mut is_whole = entries.metadata()?.len() >= size * STORED_BYTES;
        for (number, file) in hashes.iter().enumerate() {
            is_whole &= file.metadata()?.len() >= hashes_of(size, number) * HASH_BYTES;
        }
        if !is_whole {
            return Ok(None);
        }
        entries.set_len(size * STORED_BYTES)?;
        for (number, file) in hashes.iter().enumerate() {
            file.set_len(hashes_of(size, number) * HASH_BYTES)?;
        }
        let shared = Arc::new(Shared {
            entries,
            hashes,
            size: AtomicU64::new(size),
        });
        let reader = TileReader {
            shared: shared.clone(),
        };
        let mut open: [Vec<TreeHash>; FILES] = Default::default();
        for (file, hashes) in open.iter_mut().enumerate() {
            let count = hashes_of(size, file);
            let full = count - count % RUN;
            *hashes = reader.hashes(file, full, count - full)?;
        }
        Ok(Some(Self { shared, open, size }))
    }

    pub(super) fn reader(&self) -> TileReader {
        TileReader {
            shared: self.shared.clone(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Adds leaves; readers see them once all of their hashes are written.
    pub(super) fn append(&mut self, leaves: &[Leaf]) -> io::Result<()> {
        let mut stored = Vec::with_capacity(leaves.len() * STORED_BYTES as usize);
        let mut written: [Vec<u8>; FILES] = Default::default();
        for leaf in leaves {
            let bytes = leaf.encode();
            stored.extend_from_slice(&(LEAF_BYTES as u16).to_be_bytes());
            stored.extend_from_slice(&bytes);
            self.push(leaf_hash(&bytes), &mut written);
        }
        let before = self.size;
        self.shared
            .entries
            .write_all_at(&stored, before * STORED_BYTES)?;
        for (file, bytes) in written.iter().enumerate() {
            let at = hashes_of(before, file) * HASH_BYTES;
            if !bytes.is_empty() {
                self.shared.hashes[file].write_all_at(bytes, at)?;
            }
        }
        self.size += leaves.len() as u64;
        self.shared.size.store(self.size, Ordering::Release);
        Ok(())
    }

    /// One hash into the first file, and upwards the roots of the subtrees that it completes.
    fn push(&mut self, leaf: TreeHash, written: &mut [Vec<u8>; FILES]) {
        let mut hash = leaf;
        for (open, bytes) in self.open.iter_mut().zip(written) {
            bytes.extend_from_slice(&hash.0);
            open.push(hash);
            if (open.len() as u64) < RUN {
                return;
            }
            let Some(root) = complete_root(open) else {
                return;
            };
            open.clear();
            hash = root;
        }
    }

    /// Makes everything written so far durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.shared.entries.sync_data()?;
        for (number, file) in self.shared.hashes.iter().enumerate() {
            if hashes_of(self.size, number) > 0 {
                file.sync_data()?;
            }
        }
        Ok(())
    }
}

impl TileReader {
    /// Leaves whose hashes can be read.
    pub fn size(&self) -> u64 {
        self.shared.size.load(Ordering::Acquire)
    }

    fn hashes(&self, file: usize, from: u64, count: u64) -> io::Result<Vec<TreeHash>> {
        let file = self.shared.hashes.get(file);
        let file = file.ok_or_else(|| short("a level that no file holds"))?;
        let mut bytes = vec![0; (count * HASH_BYTES) as usize];
        file.read_exact_at(&mut bytes, from * HASH_BYTES)?;
        let hash = |chunk: &[u8]| {
            let mut hash = [0; 32];
            hash.copy_from_slice(chunk);
            TreeHash(hash)
        };
        Ok(bytes.chunks_exact(HASH_BYTES as usize).map(hash).collect())
    }

    /// A tile of a tree of `size` leaves as it is served; none where that tree has no such tile.
    ///
    /// # Errors
    /// The file.
    pub fn tile(&self, tile: &Tile, size: u64) -> io::Result<Option<Vec<u8>>> {
        let (file, number, each) = match tile.kind {
            TileKind::Entries => (Some(&self.shared.entries), 0, STORED_BYTES),
            TileKind::Hashes(level) => {
                let number = usize::from(level) * FILES_PER_TILE;
                (self.shared.hashes.get(number), number, HASH_BYTES)
            }
        };
        let (Some(file), true) = (file, size <= self.size()) else {
            return Ok(None);
        };
        let first = tile.index.checked_mul(TILE_WIDTH);
        let width = u64::from(tile.width);
        let last = first.and_then(|first| first.checked_add(width));
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        if width == 0 || last > hashes_of(size, number) {
            return Ok(None);
        }
        let mut bytes = vec![0; (width * each) as usize];
        file.read_exact_at(&mut bytes, first * each)?;
        Ok(Some(bytes))
    }

    /// The leaf entry at a position below the size; none past it.
    ///
    /// # Errors
    /// The file.
    pub fn leaf(&self, position: u64) -> io::Result<Option<[u8; LEAF_BYTES]>> {
        if position >= self.size() {
            return Ok(None);
        }
        let mut bytes = [0; LEAF_BYTES];
        self.shared
            .entries
            .read_exact_at(&mut bytes, position * STORED_BYTES + 2)?;
        Ok(Some(bytes))
    }
}

impl HashSource for TileReader {
    type Error = io::Error;

    fn subtree(&self, level: u32, index: u64) -> io::Result<TreeHash> {
        let file = (level as usize / STEP).min(FILES - 1);
        let run = level as usize - STEP * file;
        let count = 1_u64
            .checked_shl(run as u32)
            .ok_or_else(|| short("a subtree beyond every tree"))?;
        let from = index
            .checked_mul(count)
            .ok_or_else(|| short("a subtree beyond every tree"))?;
        complete_root(&self.hashes(file, from, count)?).ok_or_else(|| short("an empty subtree"))
    }
}
