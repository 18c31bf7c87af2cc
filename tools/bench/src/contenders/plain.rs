//! The floor: a zero-filled file, one write and one fdatasync a group.

use super::Contender;
use crate::lab::Run;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const FILE_BYTES: u64 = 64 * 1024 * 1024;
const BLOCK: usize = 4_096;

/// See the module. Nothing is hashed, sealed, encoded or read back: what a disk takes and nothing else.
#[derive(Debug)]
pub struct Plain {
    file: File,
    offset: u64,
    buffer: Vec<u8>,
}

impl Plain {
    /// A new file of zeros.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(path: &Path) -> Run<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        let zeros = vec![0; 1 << 20];
        for _ in 0..FILE_BYTES / zeros.len() as u64 {
            file.write_all(&zeros)?;
        }
        file.sync_all()?;
        Ok(Self {
            file,
            offset: 0,
            buffer: Vec::new(),
        })
    }
}

impl Contender for Plain {
    fn name(&self) -> &'static str {
        "zero-filled file + fdatasync"
    }

    fn commit(&mut self, _first: u64, frames: &[Vec<u8>]) -> Run<()> {
        self.buffer.clear();
        for frame in frames {
            self.buffer
                .extend_from_slice(&(frame.len() as u32).to_le_bytes());
            self.buffer.extend_from_slice(frame);
        }
        self.buffer
            .resize(self.buffer.len().next_multiple_of(BLOCK), 0);
        let bytes = self.buffer.len() as u64;
        if self.offset + bytes > FILE_BYTES {
            self.offset = 0;
        }
        self.file.write_all_at(&self.buffer, self.offset)?;
        self.file.sync_data()?;
        self.offset += bytes;
        Ok(())
    }
}
