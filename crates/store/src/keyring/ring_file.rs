//! One generation of the ring on disk: `ring-<generation>`, appended to until a destruction
//! replaces it by the next generation under a fresh ring key.
//!
//! ```text
//! header   0  8   "PRBRING1"
//!          8  16  log id
//!          24 8   generation, u64 LE
//!          32 12  wrap nonce, random
//!          44 48  ring key sealed under derive_key("probity 2026 ring wrap v1", master key),
//!                 associated data = bytes 0..32
//!          92 16  check = first bytes of derive_key("probity 2026 ring header v1", bytes 0..92)
//! frame    0  4   length n of the sealed part, u32 LE
//!          4  4   check = first bytes of derive_key("probity 2026 ring frame v1",
//!                 generation u64 LE ‖ offset of the frame u64 LE ‖ length)
//!          8  12  nonce = first bytes of keyed BLAKE3(nonce key, offset u64 LE ‖ plaintext), with
//!                 nonce key = derive_key("probity 2026 ring nonce v1", ring key)
//!          20 n   ChaCha20-Poly1305 of slots; associated data = log id ‖ generation ‖ offset
//! slot     kind u8: 0 instance root: key (32)
//!                   1 root:          root id (16) ‖ key (32)
//!                   2 punctured:     root id (16) ‖ length u32 LE ‖ node set (keytree)
//!                   3 destroyed:     root id (16)
//! ```
//!
//! The nonce is synthetic, not a counter: after a torn frame is cut off, or a backup restored, the
//! same offset is written again with other keys, and a counter would then repeat under one ring key.
//!
//! The header check tells a damaged header from a wrong master key. The frame check, which binds
//! the offset, lets a reader find later frames: a bad frame with a good one behind it is damage; a
//! bad last one is torn only if part of it was never written. Each frame appended is synced before
//! the next is written, so no crash leaves a hole in front of a frame.

use super::error::KeyRingError;
use super::master::MasterKey;
use super::{damaged, ring_path};
use crate::folder::failed;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce};
use probity_types::LogId;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"PRBRING1";
const CLEAR_BYTES: usize = 32;
const CHECKED_BYTES: usize = 92;
/// Length of the header; frames start here.
pub(super) const HEADER_BYTES: usize = 108;
const FRAME_HEADER_BYTES: usize = 20;
const TAG_BYTES: usize = 16;
/// Longest plaintext of one frame: the writer starts a new frame at 256 KiB, and one slot, the
/// largest node set, may follow.
const FRAME_PLAIN_MAX: usize = 1024 * 1024;
const SECTOR_BYTES: usize = 512;

/// An open generation, at its end.
pub(super) struct RingFile {
    file: File,
    path: PathBuf,
    log_id: LogId,
    pub(super) generation: u64,
    ring_key: Zeroizing<[u8; 32]>,
    offset: u64,
}

impl std::fmt::Debug for RingFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "RingFile({}, {} bytes)",
            self.path.display(),
            self.offset
        )
    }
}

/// What reading a generation found.
pub(super) struct Loaded {
    pub(super) ring: RingFile,
    /// Plaintext of every whole frame, with its offset.
    pub(super) frames: Vec<(u64, Zeroizing<Vec<u8>>)>,
    /// Bytes of a torn last frame that were cut off.
    pub(super) cut_bytes: u64,
}

impl RingFile {
    /// Starts `generation` under the name `path`, with a fresh ring key; not synced yet.
    pub(super) fn create(
        path: &Path,
        log_id: LogId,
        generation: u64,
        master: &MasterKey,
    ) -> Result<Self, KeyRingError> {
        let mut ring_key = Zeroizing::new([0; 32]);
        let mut nonce = [0; 12];
        getrandom::fill(&mut ring_key[..]).map_err(KeyRingError::Random)?;
        getrandom::fill(&mut nonce).map_err(KeyRingError::Random)?;
        let mut header = [&MAGIC[..], &log_id.0, &generation.to_le_bytes()].concat();
        let sealed = seal(&master.wrapping_key(), &nonce, &ring_key[..], &header);
        let sealed = sealed.map_err(failed("seal", path))?;
        header.extend_from_slice(&nonce);
        header.extend_from_slice(&sealed);
        header.extend_from_slice(&header_check(&header));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(path).map_err(failed("create", path))?;
        file.write_all(&header).map_err(failed("write", path))?;
        let offset = HEADER_BYTES as u64;
        Ok(Self {
            file,
            path: path.to_owned(),
            log_id,
            generation,
            ring_key,
            offset,
        })
    }

    /// Reads a whole generation; cuts off a torn last frame.
    pub(super) fn load(
        dir: &Path,
        generation: u64,
        log_id: LogId,
        master: &MasterKey,
    ) -> Result<Loaded, KeyRingError> {
        let path = ring_path(dir, generation);
        let bytes = std::fs::read(&path).map_err(failed("read", &path))?;
        let ring_key = open_header(&bytes, &path, log_id, generation, master)?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(failed("open", &path))?;
        let offset = HEADER_BYTES as u64;
        let mut ring = Self {
            file,
            path,
            log_id,
            generation,
            ring_key,
            offset,
        };
        let mut frames = Vec::new();
        while (ring.offset as usize) < bytes.len() {
            match ring.open_frame(&bytes, ring.offset as usize) {
                Ok((plain, end)) => {
                    frames.push((ring.offset, plain));
                    ring.offset = end as u64;
                }
                Err(what) => {
                    ring.refuse_unless_torn(&bytes, what)?;
                    break;
                }
            }
        }
        let cut_bytes = bytes.len() as u64 - ring.offset;
        if cut_bytes > 0 {
            let cut = ring
                .file
                .set_len(ring.offset)
                .and_then(|()| ring.file.sync_all());
            cut.map_err(failed("cut the torn end of", &ring.path))?;
        }
        Ok(Loaded {
            ring,
            frames,
            cut_bytes,
        })
    }

    /// Appends one frame, durable before it returns.
    pub(super) fn append(&mut self, plain: &[u8]) -> io::Result<()> {
        self.write(plain)?;
        self.sync()
    }

    /// Makes everything written so far durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Writes one frame without syncing it: only for a file that has no name of its own yet.
    pub(super) fn write(&mut self, plain: &[u8]) -> io::Result<()> {
        if plain.len() > FRAME_PLAIN_MAX {
            return Err(io::Error::other(
                "a frame of the key ring outgrew its limit",
            ));
        }
        let nonce = self.nonce(plain);
        let sealed = seal(&self.ring_key, &nonce, plain, &self.associated(self.offset))?;
        // At most FRAME_PLAIN_MAX + TAG_BYTES, so the length fits.
        let length = (sealed.len() as u32).to_le_bytes();
        let frame = [
            &length[..],
            &self.frame_check(self.offset, length),
            &nonce,
            &sealed,
        ]
        .concat();
        self.file.write_all(&frame)?;
        self.offset += frame.len() as u64;
        Ok(())
    }

    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.offset
    }

    /// Follows the file to the name that `rename` gave it.
    pub(super) fn renamed(&mut self, path: PathBuf) {
        self.path = path;
    }

    fn associated(&self, offset: u64) -> Vec<u8> {
        [
            &self.log_id.0[..],
            &self.generation.to_le_bytes(),
            &offset.to_le_bytes(),
        ]
        .concat()
    }

    fn nonce(&self, plain: &[u8]) -> [u8; 12] {
        let key = Zeroizing::new(blake3::derive_key(
            "probity 2026 ring nonce v1",
            &*self.ring_key,
        ));
        let mut hasher = blake3::Hasher::new_keyed(&key);
        first(
            &hasher
                .update(&self.offset.to_le_bytes())
                .update(plain)
                .finalize(),
        )
    }

    fn frame_check(&self, offset: u64, length: [u8; 4]) -> [u8; 4] {
        let mut hasher = blake3::Hasher::new_derive_key("probity 2026 ring frame v1");
        hasher
            .update(&self.generation.to_le_bytes())
            .update(&offset.to_le_bytes());
        first(&hasher.update(&length).finalize())
    }

    /// The plaintext of the frame at `offset` and where it ends, or what is wrong with it.
    fn open_frame(
        &self,
        bytes: &[u8],
        offset: usize,
    ) -> Result<(Zeroizing<Vec<u8>>, usize), Fault> {
        let rest = &bytes[offset..];
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(Fault::Short)?;
        let (check, rest) = rest.split_first_chunk::<4>().ok_or(Fault::Short)?;
        if *check != self.frame_check(offset as u64, *length) {
            return Err(Fault::Header);
        }
        let (nonce, rest) = rest.split_first_chunk::<12>().ok_or(Fault::Short)?;
        let length = u32::from_le_bytes(*length) as usize;
        if !(TAG_BYTES..=FRAME_PLAIN_MAX + TAG_BYTES).contains(&length) {
            return Err(Fault::Header);
        }
        let sealed = rest.get(..length).ok_or(Fault::Short)?;
        let plain = unseal(
            &self.ring_key,
            nonce,
            sealed,
            &self.associated(offset as u64),
        );
        let plain = plain.ok_or(Fault::Sealed)?;
        Ok((plain, offset + FRAME_HEADER_BYTES + length))
    }

    /// Decides whether the bad frame at the end of `bytes` was torn by a crash.
    fn refuse_unless_torn(&self, bytes: &[u8], fault: Fault) -> Result<(), KeyRingError> {
        let offset = self.offset as usize;
        let later = (offset + 1..bytes.len()).any(|at| self.open_frame(bytes, at).is_ok());
        let torn = match fault {
            Fault::Short => true,
            Fault::Header | Fault::Sealed => has_unwritten_sector(bytes, offset),
        };
        if torn && !later {
            return Ok(());
        }
        let what = match fault {
            Fault::Short => "a frame is cut short, but others follow",
            Fault::Header => "a frame's length does not match its check",
            Fault::Sealed => "a frame does not open under the ring key",
        };
        Err(damaged(&self.path, self.offset, what))
    }
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    Short,
    Header,
    Sealed,
}

/// Whether a sector of `bytes[offset..]` holds zeros only: the file grew, its content did not
/// arrive. Sealed bytes do not look like that (four zero bytes: once in 2³²).
fn has_unwritten_sector(bytes: &[u8], offset: usize) -> bool {
    let first_end = (offset / SECTOR_BYTES + 1) * SECTOR_BYTES;
    let (head, tail) = bytes[offset..].split_at((first_end - offset).min(bytes.len() - offset));
    let zero = |part: &[u8]| part.len() >= 4 && part.iter().all(|byte| *byte == 0);
    zero(head) || tail.chunks(SECTOR_BYTES).any(zero)
}

/// Overwrites the header of a ring file, with the ring key that it wraps.
pub(super) fn overwrite_header(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&[0; HEADER_BYTES])?;
    file.sync_all()
}

/// The checked header of a ring file.
fn checked_header<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a [u8], KeyRingError> {
    let header = bytes
        .get(..HEADER_BYTES)
        .filter(|h| h.starts_with(MAGIC) && h[CHECKED_BYTES..] == header_check(h));
    header.ok_or_else(|| damaged(path, 0, "the header does not match its check"))
}

/// Log and generation that a ring file names in clear.
pub(super) fn header_of(bytes: &[u8], path: &Path) -> Result<(LogId, u64), KeyRingError> {
    let header = checked_header(bytes, path)?;
    let log = header[8..24].try_into().map_or(LogId::NONE, LogId);
    let generation = header[24..CLEAR_BYTES].try_into();
    Ok((log, generation.map(u64::from_le_bytes).unwrap_or_default()))
}

fn open_header(
    bytes: &[u8],
    path: &Path,
    log_id: LogId,
    generation: u64,
    master: &MasterKey,
) -> Result<Zeroizing<[u8; 32]>, KeyRingError> {
    let file = || path.display().to_string();
    let header = checked_header(bytes, path)?;
    let (clear, rest) = header.split_at(CLEAR_BYTES);
    let found = clear[8..24].try_into().map_or(LogId::NONE, LogId);
    if found != log_id {
        return Err(KeyRingError::WrongLog {
            file: file(),
            expected: log_id,
            found,
        });
    }
    if clear[24..] != generation.to_le_bytes() {
        return Err(damaged(
            path,
            24,
            "the generation is not the one in the file's name",
        ));
    }
    let (nonce, rest) = rest.split_at(12);
    let nonce = nonce
        .try_into()
        .map_err(|_| damaged(path, 32, "no nonce"))?;
    let sealed = &rest[..32 + TAG_BYTES];
    let key = unseal(&master.wrapping_key(), &nonce, sealed, clear)
        .and_then(|plain| <[u8; 32]>::try_from(&plain[..]).ok());
    key.map(Zeroizing::new)
        .ok_or_else(|| KeyRingError::WrongMasterKey { file: file() })
}

fn header_check(header: &[u8]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("probity 2026 ring header v1");
    first(&hasher.update(&header[..CHECKED_BYTES]).finalize())
}

fn first<const N: usize>(hash: &blake3::Hash) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&hash.as_bytes()[..N]);
    bytes
}

fn seal(key: &[u8; 32], nonce: &[u8; 12], msg: &[u8], aad: &[u8]) -> io::Result<Vec<u8>> {
    ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&Nonce::from(*nonce), Payload { msg, aad })
        .map_err(|_| io::Error::other("sealing failed"))
}

fn unseal(key: &[u8; 32], nonce: &[u8; 12], msg: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&Nonce::from(*nonce), Payload { msg, aad })
        .ok()
        .map(Zeroizing::new)
}
