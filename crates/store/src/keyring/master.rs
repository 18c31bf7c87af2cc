//! The master key: 32 bytes that wrap the ring key. It lives outside the folder of the ring, in a
//! file, an environment variable or behind a command (a password store, a hardware token).
//!
//! Whoever holds the master key and an old copy of a ring reads what that copy held. Erasure is
//! final once such copies are gone or the master key was changed
//! ([`KeyRing::change_master`](super::KeyRing::change_master)) and the old one destroyed.

use probity_types::{hex, unhex};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// Most bytes of output read from a key command or file: 64 digits and a line end, with room.
const TEXT_BYTES_MAX: usize = 4_096;

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// Not 64 lower-case hexadecimal digits.
    #[error("{origin} does not hold 64 lower-case hexadecimal digits")]
    NotHex {
        /// Where the text came from.
        origin: String,
    },
    /// Others may read the file.
    #[error("{path} may be read by others (mode {mode:03o}); run: chmod 600 {path}")]
    OpenToOthers {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The environment variable is not set, or not text.
    #[error("the environment variable {name} is not set")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// The command ended with a failure.
    #[error("the key command ended with {status}")]
    CommandFailed {
        /// How it ended.
        status: String,
    },
    /// No random bytes for a new key.
    #[error("the system gave no random bytes")]
    Random(#[source] getrandom::Error),
    /// The operating system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: String,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

/// What to do where the key file does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfAbsent {
    /// Write a new random key there: for the creation of a log only.
    Create,
    /// Fail: an existing ring cannot be opened with a new key.
    Fail,
}

/// 32 secret bytes, overwritten when dropped; never printed.
#[derive(Clone)]
pub struct MasterKey(pub(super) Zeroizing<[u8; 32]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

impl MasterKey {
    /// From bytes that the caller has.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a file of 64 hexadecimal digits that only its owner may read.
    ///
    /// # Errors
    /// `NotHex`, `OpenToOthers`, `Io` (also where it is absent and must not be created).
    pub fn from_file(path: &Path, if_absent: IfAbsent) -> Result<Self, MasterKeyError> {
        let name = path.display().to_string();
        let io = |action| {
            let path = name.clone();
            move |source| MasterKeyError::Io {
                action,
                path,
                source,
            }
        };
        match fs::metadata(path) {
            Ok(meta) if meta.mode() & 0o077 != 0 => Err(MasterKeyError::OpenToOthers {
                path: name,
                mode: meta.mode() & 0o777,
            }),
            Ok(_) => {
                let text = Zeroizing::new(fs::read_to_string(path).map_err(io("read"))?);
                Self::from_hex(&text, &name)
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound && if_absent == IfAbsent::Create => {
                let key = Self::random()?;
                key.write_new(path).map_err(io("create"))?;
                Ok(key)
            }
            Err(e) => Err(io("read")(e)),
        }
    }

    /// Reads the hexadecimal digits in the environment variable `name`.
    ///
    /// # Errors
    /// `NotSet`, `NotHex`.
    pub fn from_env(name: &str) -> Result<Self, MasterKeyError> {
        let text = std::env::var(name).map(Zeroizing::new);
        let text = text.map_err(|_| MasterKeyError::NotSet {
            name: name.to_owned(),
        })?;
        Self::from_hex(&text, name)
    }

    /// Runs `command` with `sh -c` and reads the hexadecimal digits it prints.
    ///
    /// # Errors
    /// `CommandFailed`, `NotHex`, `Io`.
    pub fn from_command(command: &str) -> Result<Self, MasterKeyError> {
        let output = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| MasterKeyError::Io {
                action: "run",
                path: "sh".into(),
                source,
            })?;
        if !output.status.success() {
            return Err(MasterKeyError::CommandFailed {
                status: output.status.to_string(),
            });
        }
        let printed = Zeroizing::new(output.stdout);
        let text = std::str::from_utf8(&printed).unwrap_or_default();
        Self::from_hex(text, "the output of the key command")
    }

    /// Reads 64 hexadecimal digits; `origin` names them in the error.
    ///
    /// # Errors
    /// `NotHex`.
    pub fn from_hex(text: &str, origin: &str) -> Result<Self, MasterKeyError> {
        let digits = text
            .get(..text.len().min(TEXT_BYTES_MAX))
            .unwrap_or_default()
            .trim();
        unhex(digits)
            .map(Self::from_bytes)
            .map_err(|_| MasterKeyError::NotHex {
                origin: origin.to_owned(),
            })
    }

    fn random() -> Result<Self, MasterKeyError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut key[..]).map_err(MasterKeyError::Random)?;
        Ok(Self(key))
    }

    /// Never overwrites: `create_new` also refuses a key that another process wrote meanwhile.
    fn write_new(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(hex(&self.0[..]))));
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        crate::folder::sync_parent(path).map_err(io::Error::other)
    }

    /// The key that wraps ring keys, so that the master key itself is used for nothing else.
    pub(super) fn wrapping_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key("probity 2026 ring wrap v1", &self.0[..]))
    }
}
