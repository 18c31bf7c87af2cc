//! tlog-proof: one entry's inclusion with the checkpoint it is included in, as one text.

use crate::checkpoint::Opened;
use crate::error::ProofError;
use crate::key::VerifierKey;
use crate::note::Note;
use crate::policy::Policy;
use crate::text::{from_base64, from_decimal, shown, to_base64};
use crate::tree::{TreeHash, check_inclusion, leaf_hash};
use std::fmt;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// Hashes of the longest path.
const PATH_HASHES_MAX: usize = 64;

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofText {
    /// What whoever made the proof added. Nothing vouches for it.
    pub extra: Option<Vec<u8>>,
    /// Number of the entry.
    pub index: u64,
    /// Inclusion path, the leaf's sibling first.
    pub path: Vec<TreeHash>,
    /// The checkpoint as it was signed.
    pub checkpoint: Note,
}

impl ProofText {
    /// Reads the text.
    ///
    /// # Errors
    /// [`ProofError`] in `proof`, `extra`, `index`, `path[n]`, or in the note.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let text =
            str::from_utf8(bytes).map_err(|_| ProofError::new("proof", "UTF-8", "other bytes"))?;
        let form = || {
            ProofError::new(
                "proof",
                "a tlog-proof with its checkpoint after an empty line",
                shown(text),
            )
        };
        let (head, note) = text.split_once("\n\n").ok_or_else(form)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(ProofError::new("proof", FIRST_LINE, shown(text)));
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra
            .map(|line| from_base64("extra", &line["extra ".len()..]))
            .transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = from_decimal("index", index.ok_or_else(form)?)?;
        let mut path = Vec::new();
        for (number, line) in lines.enumerate() {
            if number == PATH_HASHES_MAX {
                return Err(ProofError::new(
                    "path",
                    format!("at most {PATH_HASHES_MAX} hashes"),
                    "more",
                ));
            }
            path.push(TreeHash::parse(&format!("path[{number}]"), line)?);
        }
        Ok(Self {
            extra,
            index,
            path,
            checkpoint: Note::parse(note.as_bytes())?,
        })
    }

    /// Checks that the log included `entry`, and that enough witnesses saw the tree.
    ///
    /// # Errors
    /// [`ProofError`] in the field that does not hold.
    pub fn verify(
        &self,
        entry: &[u8],
        log: &VerifierKey,
        policy: &Policy,
    ) -> Result<Opened, ProofError> {
        let opened = policy.open(&self.checkpoint, log)?;
        let tree = &opened.checkpoint;
        check_inclusion(
            self.index,
            tree.size,
            leaf_hash(entry),
            &self.path,
            tree.root,
        )?;
        Ok(opened)
    }
}

impl fmt::Display for ProofText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", to_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
