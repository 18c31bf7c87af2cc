//! The three files of the journal.

use super::frame::{BLOCK, encode_header};
use crate::folder::sync_folder;
use probity_types::LogId;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Segments in rotation: one is written, one is ready, one is being applied or free.
pub(crate) const SEGMENTS: u64 = 3;

/// One file.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    /// Its length.
    pub(crate) bytes: u64,
}

/// Name of the file that holds a generation.
pub(crate) fn name(generation: u64) -> String {
    format!("segment-{}", generation % SEGMENTS)
}

impl Segment {
    /// A new file of zeros with the header of a generation. Zeros are written, not only reserved: writing over them later
    /// changes no metadata, so that fdatasync has nothing else to wait for.
    pub(crate) fn create(folder: &Path, log: LogId, generation: u64, bytes: u64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let path = folder.join(name(generation));
        let mut file = options.write(true).create_new(true).open(path)?;
        file.write_all(&encode_header(log, generation, bytes))?;
        let zeros = vec![0; 1 << 20];
        let mut left = bytes.saturating_sub(BLOCK as u64);
        while left > 0 {
            let some = left.min(zeros.len() as u64);
            file.write_all(&zeros[..some as usize])?;
            left -= some;
        }
        file.sync_all()
    }

    /// Opens the file at a place of the rotation.
    pub(crate) fn open(folder: &Path, place: u64) -> io::Result<Self> {
        let path = folder.join(name(place));
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { file, bytes })
    }

    /// The whole file.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(self.bytes).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    /// Gives the file to a new generation, durably: frames of the old one are stale from here on.
    pub(crate) fn recycle(&self, log: LogId, generation: u64) -> io::Result<()> {
        self.file
            .write_all_at(&encode_header(log, generation, self.bytes), 0)?;
        self.file.sync_data()
    }

    /// Writes blocks at a boundary, durably.
    pub(crate) fn write(&self, offset: u64, blocks: &[u8]) -> io::Result<()> {
        self.file.write_all_at(blocks, offset)?;
        self.file.sync_data()
    }

    /// Overwrites everything behind the header with zeros, durably: an erased ciphertext must not stay here.
    pub(crate) fn wipe(&self) -> io::Result<()> {
        let zeros = vec![0; 1 << 20];
        let mut offset = BLOCK as u64;
        while offset < self.bytes {
            let some = (self.bytes - offset).min(zeros.len() as u64);
            self.file.write_all_at(&zeros[..some as usize], offset)?;
            offset += some;
        }
        self.file.sync_data()
    }
}

/// Makes the folder with its three files; whole or not at all under its final name.
pub(crate) fn create(folder: &Path, log: LogId, bytes: u64) -> io::Result<()> {
    let parent = folder
        .parent()
        .ok_or_else(|| io::Error::other("the journal needs a folder to lie in"))?;
    let making = parent.join("journal.new");
    if making.exists() {
        std::fs::remove_dir_all(&making)?;
    }
    std::fs::create_dir(&making)?;
    for generation in 0..SEGMENTS {
        Segment::create(&making, log, generation, bytes)?;
    }
    sync_folder(&making).map_err(io::Error::other)?;
    std::fs::rename(&making, folder)?;
    sync_folder(parent).map_err(io::Error::other)
}
