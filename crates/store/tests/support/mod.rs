//! What the tests under faults share: numbers that a printed seed repeats, a fast place, copies of folders.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails by panicking, its helpers too; each test uses its own part of this"
)]

use std::path::Path;
use std::sync::OnceLock;

/// Random numbers that one printed seed repeats.
pub struct Dice(blake3::OutputReader);

impl Dice {
    /// The numbers of a seed; `salt` tells the rounds of one run apart.
    pub fn new(seed: u64, salt: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&seed.to_le_bytes())
            .update(&salt.to_le_bytes());
        Self(hasher.finalize_xof())
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit.max(1)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The seed of this run: `PROBITY_SEED`, otherwise a new one; printed once either way.
pub fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let given = std::env::var("PROBITY_SEED").ok();
        let seed = given.map(|text| text.parse().expect("PROBITY_SEED is a number"));
        let seed = seed.unwrap_or_else(|| getrandom::u64().unwrap());
        println!("PROBITY_SEED={seed}");
        seed
    })
}

/// Rounds of this run: `PROBITY_ROUNDS`, otherwise those of the ordinary test.
pub fn rounds(ordinary: u64) -> u64 {
    let given = std::env::var("PROBITY_ROUNDS").ok();
    given.map_or(ordinary, |text| {
        text.parse().expect("PROBITY_ROUNDS is a number")
    })
}

/// A folder in memory where the machine has one: what these tests show does not depend on the disk.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// Copies a folder and everything in it into another, which is made.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
