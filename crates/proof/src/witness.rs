//! The messages between a log and a witness: `add-checkpoint` of C2SP tlog-witness.
//!
//! In scope: the body of the request, what an answer means. Out of scope: HTTP, retries, where the state lies.

use crate::checkpoint::Checkpoint;
use crate::error::{ProofError, same};
use crate::key::VerifierKey;
use crate::note::{self, Note, NoteSignature};
use crate::text::{from_decimal, shown};
use crate::tree::{TreeHash, check_consistency};
use std::fmt;

/// Hashes of a consistency proof that a request may carry.
pub const PROOF_HASHES_MAX: usize = 63;
/// Content type of a conflict's body.
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size that the witness saw last, 0 where that is not known.
    pub old: u64,
    /// Consistency proof from there, empty where `old` is 0.
    pub proof: Vec<TreeHash>,
    /// The checkpoint, signed by the log.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads a body, as a witness does.
    ///
    /// # Errors
    /// [`ProofError`] in `request`, `old`, `proof` or the note: the witness answers 400.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let text = str::from_utf8(bytes)
            .map_err(|_| ProofError::new("request", "UTF-8", "other bytes"))?;
        let form = || {
            ProofError::new(
                "request",
                "a size, a proof, an empty line, a checkpoint",
                shown(text),
            )
        };
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(form)?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .ok_or_else(form)?;
        let old = from_decimal("old", old)?;
        let mut proof = Vec::new();
        for (number, line) in lines.enumerate() {
            if number == PROOF_HASHES_MAX {
                return Err(ProofError::new(
                    "proof",
                    format!("at most {PROOF_HASHES_MAX} hashes"),
                    "more",
                ));
            }
            proof.push(TreeHash::parse(&format!("proof[{number}]"), line)?);
        }
        Ok(Self {
            old,
            proof,
            checkpoint: Note::parse(checkpoint.as_bytes())?,
        })
    }

    /// Checks the proof against what a witness saw last, as a witness does: from an empty tree the proof is empty and any
    /// tree is right.
    ///
    /// # Errors
    /// [`ProofError`] in `old`, `path`, `from_root` or `to_root`.
    pub fn check_growth(
        &self,
        seen: Option<&Checkpoint>,
        new: &Checkpoint,
    ) -> Result<(), ProofError> {
        same("old", seen.map_or(0, |seen| seen.size), self.old)?;
        match seen.filter(|seen| seen.size > 0) {
            Some(seen) => check_consistency(seen.size, seen.root, new.size, new.root, &self.proof),
            None => same("path", 0, self.proof.len() as u64),
        }
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It saw the checkpoint. Its signatures verified; lines by keys that we do not know are left out.
    Cosigned(Vec<NoteSignature>),
    /// It saw another size last: ask again from there.
    Conflict {
        /// The size that it saw last.
        size: u64,
    },
    /// It saw a larger tree than ours: this log lost entries, or somebody else signs with its key.
    Ahead {
        /// The size that it saw last.
        size: u64,
    },
    /// What it saw does not lead to our tree. An alarm: fetch its checkpoint and make evidence of it.
    Fork,
    /// It does not know this log.
    UnknownLog,
    /// It does not take our signature.
    Untrusted,
    /// It could not read the request.
    Malformed,
    /// Nothing that the protocol knows: a proxy's page, an overload.
    Unexpected {
        /// HTTP status.
        status: u16,
        /// What was wrong with it.
        why: String,
    },
}

/// Says what a status and body mean for a request. `witness` are the keys by which the witness may answer.
pub fn interpret(
    request: &AddCheckpoint,
    witness: &[VerifierKey],
    status: u16,
    body: &[u8],
) -> Answer {
    let unexpected = |why: String| Answer::Unexpected { status, why };
    let size = match Checkpoint::parse(request.checkpoint.text()) {
        Ok(checkpoint) => checkpoint.size,
        Err(error) => return unexpected(error.to_string()),
    };
    match status {
        200 => match read_cosignatures(request, witness, body) {
            Ok(signatures) => Answer::Cosigned(signatures),
            Err(error) => unexpected(error.to_string()),
        },
        400 => Answer::Malformed,
        403 => Answer::Untrusted,
        404 => Answer::UnknownLog,
        409 => match read_size(body) {
            // It agrees on the size and still refuses: the roots differ (tlog-witness before 1.1 answers so).
            Ok(seen) if seen == request.old && seen == size => Answer::Fork,
            Ok(seen) if seen > size => Answer::Ahead { size: seen },
            Ok(seen) if seen != request.old => Answer::Conflict { size: seen },
            Ok(seen) => unexpected(format!("a conflict about the size {seen}, which was sent")),
            Err(_) if request.old == size => Answer::Fork,
            Err(error) => unexpected(error.to_string()),
        },
        422 => Answer::Fork,
        _ => unexpected("a status that the protocol does not know".to_owned()),
    }
}

fn read_size(body: &[u8]) -> Result<u64, ProofError> {
    let text = str::from_utf8(body)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    from_decimal("size", text.unwrap_or_default())
}

fn read_cosignatures(
    request: &AddCheckpoint,
    witness: &[VerifierKey],
    body: &[u8],
) -> Result<Vec<NoteSignature>, ProofError> {
    let text = str::from_utf8(body).map_err(|_| ProofError::new("body", "UTF-8", "other bytes"))?;
    let lines = text
        .strip_suffix('\n')
        .ok_or_else(|| ProofError::new("body", "signature lines", shown(text)))?;
    let signatures = lines.split('\n').map(NoteSignature::parse);
    let signatures = signatures.collect::<Result<Vec<_>, _>>()?;
    let answer = Note::new(request.checkpoint.text().to_owned(), signatures)?;
    note::open(&answer, witness)?;
    let is_known = |line: &&NoteSignature| witness.iter().any(|key| key.is_named_by(line));
    Ok(answer
        .signatures()
        .iter()
        .filter(is_known)
        .cloned()
        .collect())
}
