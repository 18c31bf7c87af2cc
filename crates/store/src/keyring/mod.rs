//! The key ring: one 32-byte root per person, and what makes a destroyed key stay destroyed.
//!
//! ```text
//! keys/LOCK               our flock
//! keys/ring-0000000007    the current generation, see ring_file.rs
//! keys/destroyed          the list of destroyed keys, see destroyed.rs
//! ```
//!
//! **Order.** Keys that a batch of entries needs are synced ([`KeyRing::ensure`]) before the batch
//! is: an orphan key is harmless, an entry without its key is lost. For an erasure the event is
//! committed first, then [`KeyRing::destroy`] adds to the list (synced), then the ring is written
//! again without the key. A crash between any two steps is completed by the next start.
//!
//! **What erasure means here.** The new generation has a fresh ring key; the header of the old file
//! (its wrapped ring key) is overwritten before the file is removed. A copy of the *whole* old file
//! still opens with the master key: backups older than an erasure are purged when they are
//! restored, by the list, and become unreadable only when the master key was changed and the old
//! one destroyed.
//!
//! The ring is not synchronised: its owner, the writer, keeps it behind a lock.

mod copy;
mod destroyed;
mod error;
mod lend;
mod master;
mod ring_file;
mod slots;

pub use copy::{RingCopy, remove_copy, write_private};
pub use error::{DestroyError, EnsureError, KeyRingError};
pub use master::{IfAbsent, MasterKey, MasterKeyError};

use crate::folder::{FolderLock, create_folder, failed, sync_folder};
use destroyed::DestroyedFile;
use probity_types::{LogId, RootId};
use ring_file::{Loaded, RingFile, overwrite_header};
use slots::Slots;
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const RING_PREFIX: &str = "ring-";
const FILE_DESTROYED: &str = "destroyed";
const SCRATCH_SUFFIX: &str = ".new";
/// A new frame starts once one holds this much, so that a rewrite works in bounded pieces.
const FRAME_TARGET_BYTES: usize = 256 * 1024;

/// The answer to "give me this event's key".
#[derive(Clone, PartialEq, Eq)]
pub enum KeyState {
    /// The key; overwritten when dropped.
    Key(Zeroizing<[u8; 32]>),
    /// The key was destroyed: the content it sealed is gone, and that is not a fault.
    Erased,
    /// The ring never held this root, or lost it. Where an entry names it, the ring is too old.
    Unknown,
}

impl std::fmt::Debug for KeyState {
    /// Names the state, never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key(..)",
            Self::Erased => "Erased",
            Self::Unknown => "Unknown",
        })
    }
}

/// What is destroyed: all keys under a root, or one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Erasure {
    /// Everything sealed for one person.
    Root(RootId),
    /// The key of one event: root and index (the revision in its stream).
    One(RootId, u32),
}

impl Erasure {
    /// Whose keys.
    #[must_use]
    pub fn root(&self) -> RootId {
        match self {
            Self::Root(root) | Self::One(root, _) => *root,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct KeyRing {
    dir: PathBuf,
    log_id: LogId,
    master: MasterKey,
    ring: RingFile,
    destroyed: DestroyedFile,
    slots: Slots,
    cut_bytes: u64,
    poisoned: bool,
    _lock: FolderLock,
}

impl KeyRing {
    /// Creates a ring with a new instance root and no persons, durable before it returns.
    ///
    /// # Errors
    /// `RingExists`, `Folder`, `Random`.
    pub fn create(dir: &Path, log_id: LogId, master: MasterKey) -> Result<Self, KeyRingError> {
        create_folder(dir)?;
        let lock = FolderLock::take(dir)?;
        if !generations(dir)?.is_empty() {
            return Err(KeyRingError::RingExists {
                path: dir.display().to_string(),
            });
        }
        let destroyed = DestroyedFile::create(dir, log_id)?;
        let mut instance = Zeroizing::new([0; 32]);
        getrandom::fill(&mut instance[..]).map_err(KeyRingError::Random)?;
        let slots = Slots::new(instance);
        let generation = destroyed.generation + 1;
        let ring = write_generation(dir, log_id, &master, generation, &slots)?;
        let dir = dir.to_owned();
        let (cut_bytes, poisoned) = (0, false);
        Ok(Self {
            dir,
            log_id,
            master,
            ring,
            destroyed,
            slots,
            cut_bytes,
            poisoned,
            _lock: lock,
        })
    }

    /// Opens the newest generation, purges it by the list of destroyed keys, and completes what a
    /// crash interrupted.
    ///
    /// # Errors
    /// `NoRing`, `WrongMasterKey`, `WrongLog`, `Damaged` (file and offset), `Folder`.
    pub fn open(dir: &Path, log_id: LogId, master: MasterKey) -> Result<Self, KeyRingError> {
        let no_ring = || KeyRingError::NoRing {
            path: dir.display().to_string(),
        };
        if !dir.is_dir() {
            return Err(no_ring());
        }
        let lock = FolderLock::take(dir)?;
        let newest = generations(dir)?.last().copied().ok_or_else(no_ring)?;
        let Loaded {
            ring,
            frames,
            cut_bytes,
        } = RingFile::load(dir, newest, log_id, &master)?;
        if cut_bytes > 0 {
            tracing::warn!(
                cut_bytes,
                "cut a torn frame off the key ring; no entry rests on it"
            );
        }
        let slots = Slots::read(&frames, &ring_path(dir, newest))?;
        let destroyed = DestroyedFile::open(dir, log_id)?;
        let dir = dir.to_owned();
        let poisoned = false;
        let mut opened = Self {
            dir,
            log_id,
            master,
            ring,
            destroyed,
            slots,
            cut_bytes,
            poisoned,
            _lock: lock,
        };
        opened.purge()?;
        remove_other_files(&opened.dir, opened.ring.generation)?;
        Ok(opened)
    }

    /// Applies the list to the ring and the ring's tombstones to the list: either may come from an
    /// older backup than the other.
    fn purge(&mut self) -> Result<(), KeyRingError> {
        let mut revived = false;
        for erasure in &self.destroyed.erasures {
            let root = erasure.root();
            revived |= self
                .slots
                .destroy(*erasure)
                .map_err(|source| KeyRingError::Puncture { root, source })?;
        }
        let listed: std::collections::BTreeSet<Erasure> =
            self.destroyed.erasures.iter().copied().collect();
        let unlisted: Vec<Erasure> = self
            .slots
            .tombstones()
            .filter(|e| !listed.contains(e))
            .collect();
        if !unlisted.is_empty() {
            let appended = self.destroyed.append(&unlisted, self.ring.generation);
            appended.map_err(failed("append to the list of destroyed keys in", &self.dir))?;
        }
        // A record is written under the generation it ends. A ring that old was never rewritten,
        // or was copied back: its ring key opens the destroyed keys.
        if revived || self.ring.generation <= self.destroyed.generation {
            self.next_generation()?;
        }
        Ok(())
    }

    /// Makes sure that every root has a key; new ones are random and on disk when this returns.
    ///
    /// # Errors
    /// `Erased` and `Random` (nothing created), `Unknown` (fatal), `Poisoned`.
    pub fn ensure(&mut self, roots: &[RootId]) -> Result<(), EnsureError> {
        if self.poisoned {
            return Err(EnsureError::Poisoned);
        }
        if let Some(root) = roots
            .iter()
            .copied()
            .find(|root| self.slots.is_destroyed(*root))
        {
            return Err(EnsureError::Erased { root });
        }
        let mut new: Vec<RootId> = roots
            .iter()
            .copied()
            .filter(|root| !self.slots.contains(*root))
            .collect();
        new.sort_unstable();
        new.dedup();
        let mut keys = Zeroizing::new(vec![0; new.len() * 32]);
        getrandom::fill(&mut keys).map_err(EnsureError::Random)?;
        let (keys, _) = keys.as_chunks::<32>();
        let added: Vec<(RootId, &[u8; 32])> = new.into_iter().zip(keys).collect();
        // A crash before the last frame is synced: orphan keys or none, and no entry rests on them.
        for frame in slots::frames_of_roots(&added) {
            self.ring.append(&frame).map_err(|error| {
                self.poisoned = true;
                EnsureError::Unknown(error)
            })?;
        }
        self.slots.extend(&added);
        Ok(())
    }

    /// The key of one event.
    #[must_use]
    pub fn key(&self, root: RootId, index: u32) -> KeyState {
        self.slots.key(root, index)
    }

    /// Destroys everything under `root`, for ever. Repeating it is harmless; a root that the ring
    /// does not know is listed all the same, so that a newer ring cannot bring it.
    ///
    /// # Errors
    /// `Unknown` (fatal), `Poisoned`.
    pub fn destroy(&mut self, root: RootId) -> Result<(), DestroyError> {
        self.destroy_all(&[Erasure::Root(root)])
    }

    /// Destroys the key of one event; all others under the root stay.
    ///
    /// # Errors
    /// `Puncture` (limit reached, nothing destroyed), `Unknown` (fatal), `Poisoned`.
    pub fn destroy_one(&mut self, root: RootId, index: u32) -> Result<(), DestroyError> {
        self.destroy_all(&[Erasure::One(root, index)])
    }

    /// Destroys many keys for the price of one rewrite of the ring.
    ///
    /// # Errors
    /// As [`destroy_one`](Self::destroy_one).
    pub fn destroy_all(&mut self, erasures: &[Erasure]) -> Result<(), DestroyError> {
        if self.poisoned {
            return Err(DestroyError::Poisoned);
        }
        let listed: std::collections::BTreeSet<Erasure> =
            self.destroyed.erasures.iter().copied().collect();
        let new: Vec<Erasure> = erasures
            .iter()
            .copied()
            .filter(|e| !listed.contains(e))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        // On a copy: a limit that is reached must leave everything as it was.
        let mut slots = self.slots.clone();
        for erasure in &new {
            let root = erasure.root();
            slots
                .destroy(*erasure)
                .map_err(|source| DestroyError::Puncture { root, source })?;
        }
        self.poisoned = true; // until both steps are on disk
        // A crash before this line's end: not destroyed; start-up repeats the committed erasure.
        let appended = self.destroyed.append(&new, self.ring.generation);
        let place = failed("append to the list of destroyed keys in", &self.dir);
        appended.map_err(|error| DestroyError::Unknown(place(error).into()))?;
        // A crash from here on: the next opening purges by the list.
        self.slots = slots;
        self.next_generation().map_err(DestroyError::Unknown)?;
        self.poisoned = false;
        Ok(())
    }

    /// Whether [`destroy_all`](Self::destroy_all) would find room for these: asked before the event that orders them is
    /// committed, because a committed erasure has to be completed.
    ///
    /// # Errors
    /// `Puncture` (limit reached), `Poisoned`. Nothing is changed either way.
    pub fn check_destroy(&self, erasures: &[Erasure]) -> Result<(), DestroyError> {
        if self.poisoned {
            return Err(DestroyError::Poisoned);
        }
        let mut slots = self.slots.only(erasures.iter().map(Erasure::root));
        for erasure in erasures {
            let root = erasure.root();
            slots
                .destroy(*erasure)
                .map_err(|source| DestroyError::Puncture { root, source })?;
        }
        Ok(())
    }

    /// Whether the ring has this root, destroyed or not. Where an entry names one that it has not, the ring is too old.
    #[must_use]
    pub fn knows(&self, root: RootId) -> bool {
        self.slots.contains(root)
    }

    /// Whether a root was destroyed whole.
    #[must_use]
    pub fn is_destroyed(&self, root: RootId) -> bool {
        self.slots.is_destroyed(root)
    }

    /// Every destruction, in the order in which it was recorded.
    #[must_use]
    pub fn destroyed(&self) -> &[Erasure] {
        &self.destroyed.erasures
    }

    /// A secret of this instance for one purpose, derived from the instance root:
    /// `derive_key("probity 2026 instance secret v1", instance root ‖ purpose)`.
    #[must_use]
    pub fn secret(&self, purpose: &'static str) -> Zeroizing<[u8; 32]> {
        let mut hasher = blake3::Hasher::new_derive_key("probity 2026 instance secret v1");
        hasher
            .update(self.slots.instance())
            .update(purpose.as_bytes());
        Zeroizing::new(*hasher.finalize().as_bytes())
    }

    /// Wraps the ring under another master key, in a new generation with a fresh ring key.
    ///
    /// # Errors
    /// As [`open`](Self::open). The ring is poisoned then; open it with whichever key fits.
    pub fn change_master(&mut self, master: MasterKey) -> Result<(), KeyRingError> {
        self.poisoned = true;
        self.master = master;
        self.next_generation()?;
        self.poisoned = false;
        Ok(())
    }

    /// Roots that have keys; destroyed ones are not counted.
    #[must_use]
    pub fn roots(&self) -> usize {
        self.slots.living()
    }

    /// Bytes of the current generation on disk.
    #[must_use]
    pub fn bytes_on_disk(&self) -> u64 {
        self.ring.bytes()
    }

    /// Bytes of a torn last frame that opening cut off: keys of a batch that was never
    /// acknowledged. Worth a line in the log of the start.
    #[must_use]
    pub fn cut_bytes(&self) -> u64 {
        self.cut_bytes
    }

    /// Writes the ring whole into the next generation and removes the current one.
    fn next_generation(&mut self) -> Result<(), KeyRingError> {
        let generation = self.ring.generation.max(self.destroyed.generation) + 1;
        self.ring = write_generation(
            &self.dir,
            self.log_id,
            &self.master,
            generation,
            &self.slots,
        )?;
        remove_other_files(&self.dir, generation)
    }
}

/// Name of a generation's file.
fn ring_path(dir: &Path, generation: u64) -> PathBuf {
    dir.join(format!("{RING_PREFIX}{generation:010}"))
}

fn damaged(path: &Path, offset: u64, what: &'static str) -> KeyRingError {
    KeyRingError::Damaged {
        file: path.display().to_string(),
        offset,
        what,
    }
}

/// Generations present, ascending. Scratch files are none.
fn generations(dir: &Path) -> Result<Vec<u64>, KeyRingError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed("list", dir))? {
        let name = entry.map_err(failed("list", dir))?.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(RING_PREFIX));
        found.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Writes, syncs, renames, syncs the folder. A crash before the rename is durable leaves the old
/// generation in force; after it, the new one: the newest name wins, and only whole files have one.
fn write_generation(
    dir: &Path,
    log_id: LogId,
    master: &MasterKey,
    generation: u64,
    slots: &Slots,
) -> Result<RingFile, KeyRingError> {
    let path = ring_path(dir, generation);
    let scratch = dir.join(format!("{RING_PREFIX}{generation:010}{SCRATCH_SUFFIX}"));
    let mut ring = RingFile::create(&scratch, log_id, generation, master)?;
    for frame in slots.frames() {
        ring.write(&frame).map_err(failed("write", &scratch))?;
    }
    ring.sync().map_err(failed("sync", &scratch))?;
    fs::rename(&scratch, &path).map_err(failed("rename", &scratch))?;
    sync_folder(dir)?;
    ring.renamed(path);
    Ok(ring)
}

/// Removes older generations and scratch files, their wrapped ring keys overwritten first: a name
/// that is gone says nothing about the blocks.
fn remove_other_files(dir: &Path, current: u64) -> Result<(), KeyRingError> {
    let keep = ring_path(dir, current);
    let mut removed = false;
    for entry in fs::read_dir(dir).map_err(failed("list", dir))? {
        let path = entry.map_err(failed("list", dir))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let scratch = name.ends_with(SCRATCH_SUFFIX);
        if path != keep && (name.starts_with(RING_PREFIX) || scratch) {
            overwrite_header(&path).map_err(failed("overwrite", &path))?;
            fs::remove_file(&path).map_err(failed("remove", &path))?;
            removed = true;
        }
    }
    if removed {
        sync_folder(dir)?;
    }
    Ok(())
}
