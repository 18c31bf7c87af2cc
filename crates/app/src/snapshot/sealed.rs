//! A file of sealed pieces: nobody reads it without the key ring, and a torn, cut or changed one does not open.
//!
//! ```text
//! header = "PBSNAP01" ‖ log id 16 ‖ salt 32
//! piece  = length of the ciphertext u32 LE, highest bit set in the last one ‖ ciphertext
//! key    = derive_key("probity 2026 snapshot v1", secret ‖ header), one for each file because of its salt
//! nonce  = number of the piece, u64 LE ‖ 1 for the last one, else 0 ‖ zeros
//! ```
//!
//! The header is part of the key and the place of a piece part of its nonce: pieces of another log, file or place, and a
//! file that ends early, are refused by the cipher itself.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use probity_types::LogId;
use std::fs::File;
use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"PBSNAP01";
const HEADER_BYTES: usize = 8 + 16 + 32;
const PIECE_BYTES: usize = 1 << 20;
const TAG_BYTES: usize = 16;
const LAST: u32 = 1 << 31;

fn cipher(secret: &[u8; 32], header: &[u8; HEADER_BYTES]) -> ChaCha20Poly1305 {
    let mut hasher = blake3::Hasher::new_derive_key("probity 2026 snapshot v1");
    hasher.update(secret).update(header);
    ChaCha20Poly1305::new(hasher.finalize().as_bytes().into())
}

fn nonce(piece: u64, is_last: bool) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[..8].copy_from_slice(&piece.to_le_bytes());
    nonce[8] = u8::from(is_last);
    nonce
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Seals what is written.
pub(super) struct Sealing {
    file: File,
    cipher: ChaCha20Poly1305,
    held: Vec<u8>,
    pieces: u64,
}

impl Sealing {
    pub(super) fn begin(mut file: File, log: LogId, secret: &[u8; 32]) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8..24].copy_from_slice(&log.0);
        getrandom::fill(&mut header[24..]).map_err(io::Error::other)?;
        file.write_all(&header)?;
        Ok(Self {
            file,
            cipher: cipher(secret, &header),
            held: Vec::with_capacity(PIECE_BYTES + TAG_BYTES),
            pieces: 0,
        })
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        self.cipher
            .encrypt_in_place(&nonce(self.pieces, is_last), &[], &mut self.held)
            .map_err(|_| broken("a piece could not be sealed"))?;
        // A piece and its tag: far below the highest bit.
        let length = self.held.len() as u32 | if is_last { LAST } else { 0 };
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&self.held)?;
        self.held.clear();
        self.pieces += 1;
        Ok(())
    }

    /// Writes the last piece and makes the file durable.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.seal(true)?;
        self.file.sync_all()?;
        Ok(self.file.metadata()?.len())
    }
}

impl Write for Sealing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE_BYTES - self.held.len();
        let taken = bytes.len().min(room);
        self.held.extend_from_slice(&bytes[..taken]);
        if self.held.len() == PIECE_BYTES {
            self.seal(false)?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed.
pub(super) struct Opening {
    file: File,
    cipher: ChaCha20Poly1305,
    held: Vec<u8>,
    read: usize,
    pieces: u64,
    is_over: bool,
}

impl Opening {
    pub(super) fn begin(mut file: File, log: LogId, secret: &[u8; 32]) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header)?;
        if &header[..8] != MAGIC || header[8..24] != log.0 {
            return Err(broken("no snapshot of this log"));
        }
        Ok(Self {
            file,
            cipher: cipher(secret, &header),
            held: Vec::new(),
            read: 0,
            pieces: 0,
            is_over: false,
        })
    }

    fn open(&mut self) -> io::Result<()> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        let (is_last, length) = (length & LAST != 0, (length & !LAST) as usize);
        if !(TAG_BYTES..=PIECE_BYTES + TAG_BYTES).contains(&length) {
            return Err(broken("the length of a piece is none"));
        }
        self.read = 0;
        self.held.resize(length, 0);
        let opened = self.file.read_exact(&mut self.held).and_then(|()| {
            let nonce = nonce(self.pieces, is_last);
            let opened = self.cipher.decrypt_in_place(&nonce, &[], &mut self.held);
            opened.map_err(|_| broken("a piece does not open: changed, or of another key"))
        });
        // What did not open is not handed out.
        opened.inspect_err(|_| self.held.clear())?;
        self.pieces += 1;
        self.is_over = is_last;
        Ok(())
    }

    /// Whether everything was read, down to the end of the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let mut one = [0];
        let is_whole = self.read(&mut one)? == 0 && self.file.read(&mut one)? == 0;
        is_whole
            .then_some(())
            .ok_or_else(|| broken("more than a snapshot"))
    }
}

impl Read for Opening {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read == self.held.len() && !self.is_over {
            self.open()?;
        }
        let some = (self.held.len() - self.read).min(out.len());
        out[..some].copy_from_slice(&self.held[self.read..self.read + some]);
        self.read += some;
        Ok(some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: LogId = LogId([5; 16]);

    fn sealed(bytes: &[u8], path: &std::path::Path) {
        let file = File::create(path).expect("a file");
        let mut sealing = Sealing::begin(file, LOG, &[1; 32]).expect("begins");
        sealing.write_all(bytes).expect("writes");
        sealing.finish().expect("ends");
    }

    fn opened(path: &std::path::Path, log: LogId, secret: [u8; 32]) -> io::Result<Vec<u8>> {
        let mut opening = Opening::begin(File::open(path)?, log, &secret)?;
        let mut bytes = Vec::new();
        opening.read_to_end(&mut bytes)?;
        opening.finish()?;
        Ok(bytes)
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_and_log_alone() {
        let scratch = tempfile::tempdir().expect("a folder");
        let path = scratch.path().join("snapshot");
        for length in [
            0,
            1,
            PIECE_BYTES - 1,
            PIECE_BYTES,
            PIECE_BYTES + 1,
            3 * PIECE_BYTES,
        ] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            sealed(&bytes, &path);
            assert_eq!(opened(&path, LOG, [1; 32]).expect("opens"), bytes);
            assert!(opened(&path, LOG, [2; 32]).is_err());
            assert!(opened(&path, LogId([6; 16]), [1; 32]).is_err());
            let stored = std::fs::read(&path).expect("reads");
            let shown = stored
                .windows(40)
                .any(|part| bytes.len() > 40 && part == &bytes[..40]);
            assert!(!shown, "{length}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn a_flip_a_cut_and_an_addition_are_refused(
            length in 0..PIECE_BYTES / 16, at in any::<proptest::sample::Index>(), bit in 0..8u8,
        ) {
            let scratch = tempfile::tempdir().expect("a folder");
            let path = scratch.path().join("snapshot");
            sealed(&vec![7; length], &path);
            let stored = std::fs::read(&path).expect("reads");
            let at = at.index(stored.len());
            let mut flipped = stored.clone();
            flipped[at] ^= 1 << bit;
            for other in [flipped, stored[..at].to_vec(), [&stored[..], &[0]].concat()] {
                std::fs::write(&path, other).expect("writes");
                prop_assert!(opened(&path, LOG, [1; 32]).is_err());
            }
        }
    }
}
