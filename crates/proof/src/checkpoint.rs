//! Checkpoints: what a log says about itself, signed.
//!
//! ```text
//! origin
//! size
//! root, base64
//! extension lines, none or more
//! ```

use crate::error::{ProofError, same};
use crate::key::{SigningKey, VerifierKey, check_name};
use crate::note::{self, Note, Verified};
use crate::text::{from_decimal, shown};
use crate::tree::{EMPTY_ROOT, TreeHash};
use std::fmt;

/// A tree head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name: that of the key that signs.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Root of the tree over them.
    pub root: TreeHash,
    /// Further lines, signed and without meaning here.
    pub extensions: Vec<String>,
}

/// A checkpoint whose log signature verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Cosignatures by the keys that were asked for, one each.
    pub cosignatures: Vec<Verified>,
}

impl Checkpoint {
    /// Reads the text of a note.
    ///
    /// # Errors
    /// [`ProofError`] in `checkpoint`, `origin`, `size`, `root` or `extensions`.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let form = || ProofError::new("checkpoint", "lines of origin, size and root", shown(text));
        let mut lines = text.strip_suffix('\n').ok_or_else(form)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(form());
        };
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: from_decimal("size", size)?,
            root: TreeHash::parse("root", root)?,
            extensions: lines.map(str::to_owned).collect(),
        };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    fn check(&self) -> Result<(), ProofError> {
        check_name(&self.origin).map_err(|e| ProofError {
            field: "origin".to_owned(),
            ..e
        })?;
        let is_bad = |line: &&String| line.is_empty() || line.contains(|c: char| c < ' ');
        if let Some(line) = self.extensions.iter().find(is_bad) {
            return Err(ProofError::new(
                "extensions",
                "lines that are not empty",
                shown(line),
            ));
        }
        if self.size == 0 {
            same("root", EMPTY_ROOT, self.root)?;
        }
        Ok(())
    }

    /// Signs with the log's key.
    ///
    /// # Errors
    /// [`ProofError`] in `origin`, where the key has another name, or in a field that would not read back.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, ProofError> {
        self.check()?;
        same("origin", key.name(), self.origin.as_str())?;
        let text = self.to_string();
        let signature = key.sign(&text);
        Note::new(text, vec![signature])
    }

    /// Opens a note that the log signed, with the cosignatures by `witnesses`.
    ///
    /// # Errors
    /// [`ProofError`] in `signatures` where the log did not sign or a known key's signature fails, in `origin` where the
    /// checkpoint is another log's, or in a field of the checkpoint.
    pub fn open(
        note: &Note,
        log: &VerifierKey,
        witnesses: &[VerifierKey],
    ) -> Result<Opened, ProofError> {
        let mut keys = vec![log.clone()];
        keys.extend(witnesses.iter().filter(|key| *key != log).cloned());
        let mut verified = note::open(note, &keys)?;
        let by_log = verified.iter().position(|one| one.key == *log);
        let by_log = by_log.ok_or_else(|| {
            ProofError::new(
                "signatures",
                format!("a signature by {log}"),
                "cosignatures alone",
            )
        })?;
        verified.remove(by_log);
        let checkpoint = Self::parse(note.text())?;
        same("origin", log.name(), checkpoint.origin.as_str())?;
        Ok(Opened {
            checkpoint,
            cosignatures: verified,
        })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}
