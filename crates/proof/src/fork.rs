//! Evidence that a log signed two histories, for anybody who has its key.

use crate::checkpoint::Checkpoint;
use crate::error::{ProofError, same};
use crate::key::VerifierKey;
use crate::note::Note;
use crate::tree::{TreeHash, check_inclusion};
use serde::{Deserialize, Serialize};

/// Version of the file.
pub const FORK_VERSION: u8 = 1;
/// Largest file that is read.
pub const FORK_BYTES_MAX: usize = 4 << 20;

/// One leaf in one of the two trees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafProof {
    /// Its hash.
    pub leaf: TreeHash,
    /// Inclusion path, the leaf's sibling first.
    pub path: Vec<TreeHash>,
}

/// A leaf that is another one in each tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Its number in both.
    pub index: u64,
    /// In the first tree.
    pub first: LeafProof,
    /// In the second tree.
    pub second: LeafProof,
}

/// Two checkpoints of one log that cannot both be true. Of one size, their roots differ; of two sizes, one leaf does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForkEvidence {
    /// [`FORK_VERSION`].
    pub version: u8,
    /// One checkpoint, as it was signed.
    pub first: String,
    /// The other one.
    pub second: String,
    /// What shows the difference where the sizes are not the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// A fork that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// One checkpoint.
    pub first: Checkpoint,
    /// The other one.
    pub second: Checkpoint,
}

impl ForkEvidence {
    /// Evidence out of two signed checkpoints, checked as whoever receives it will.
    ///
    /// # Errors
    /// As [`ForkEvidence::verify`].
    pub fn new(
        first: &Note,
        second: &Note,
        difference: Option<Difference>,
        log: &VerifierKey,
    ) -> Result<Self, ProofError> {
        let evidence = Self {
            version: FORK_VERSION,
            first: first.to_string(),
            second: second.to_string(),
            difference,
        };
        evidence.verify(log)?;
        Ok(evidence)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`ProofError`] in `evidence`.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        crate::bundle::read_json("evidence", bytes, FORK_BYTES_MAX)
    }

    /// The file.
    pub fn to_json(&self) -> String {
        crate::bundle::write_json(self)
    }

    /// Checks that the log signed both and that they cannot both be true.
    ///
    /// # Errors
    /// [`ProofError`]: in `first` or `second` where the log did not sign it, in `difference` where nothing is shown.
    pub fn verify(&self, log: &VerifierKey) -> Result<Fork, ProofError> {
        same("version", FORK_VERSION, self.version)?;
        let open = |field: &str, text: &str| {
            let note = Note::parse(text.as_bytes());
            let opened = note.and_then(|note| Checkpoint::open(&note, log, &[]));
            opened
                .map(|opened| opened.checkpoint)
                .map_err(|e| e.inside(field))
        };
        let (first, second) = (open("first", &self.first)?, open("second", &self.second)?);
        let fork = Fork { first, second };
        match &self.difference {
            Some(difference) => difference.check(&fork)?,
            None => {
                same("difference", fork.first.size, fork.second.size)?;
                if fork.first.root == fork.second.root {
                    return Err(ProofError::new(
                        "difference",
                        "two roots",
                        "the same root twice",
                    ));
                }
            }
        }
        Ok(fork)
    }
}

impl Difference {
    fn check(&self, fork: &Fork) -> Result<(), ProofError> {
        let check = |proof: &LeafProof, tree: &Checkpoint| {
            check_inclusion(self.index, tree.size, proof.leaf, &proof.path, tree.root)
        };
        check(&self.first, &fork.first).map_err(|e| e.inside("difference.first"))?;
        check(&self.second, &fork.second).map_err(|e| e.inside("difference.second"))?;
        if self.first.leaf == self.second.leaf {
            return Err(ProofError::new(
                "difference",
                "two leaves",
                "the same leaf twice",
            ));
        }
        Ok(())
    }
}
