//! What is handed in: files with a bound on their length, keys, policies, checkpoints.
//!
//! A file that is missing or a key that is none means that nothing was examined. What a file says is examined.

use crate::fault::{Failure, Fault};
use probity_proof::checkpoint::Opened;
use probity_proof::key::KeyKind;
use probity_proof::{Note, Policy, ProofError, TreeHash, VerifierKey, note};
use std::io::Read;
use std::path::Path;

const POLICY_BYTES_MAX: usize = 1 << 20;
const PROOF_BYTES_MAX: usize = 1 << 16;

/// Reads a file that has at most `max` bytes; one byte more comes along, so that what is longer is refused as such.
///
/// # Errors
/// [`Failure::CouldNotRun`].
pub fn read(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let read = || {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(max as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|e: std::io::Error| Failure::CouldNotRun(format!("{}: {e}", path.display())))
}

/// Reads the key of a log.
///
/// # Errors
/// [`Failure::CouldNotRun`].
pub fn log_key(text: &str) -> Result<VerifierKey, Failure> {
    let not_run = |why: String| Failure::CouldNotRun(format!("--vkey: {why}"));
    let key: VerifierKey = text
        .parse()
        .map_err(|e: ProofError| not_run(e.to_string()))?;
    match key.kind() {
        KeyKind::Note => Ok(key),
        KeyKind::Cosignature => Err(not_run(
            "this is the key of a witness; the log's is of type 1".to_owned(),
        )),
    }
}

/// Reads a policy; none asks for no witness.
///
/// # Errors
/// [`Failure::CouldNotRun`].
pub fn policy(path: Option<&Path>) -> Result<Policy, Failure> {
    let Some(path) = path else {
        return Ok(Policy::none());
    };
    let bytes = read(path, POLICY_BYTES_MAX)?;
    let not_run = |why: String| Failure::CouldNotRun(format!("{}: {why}", path.display()));
    if bytes.len() > POLICY_BYTES_MAX {
        return Err(not_run(format!(
            "a policy has at most {POLICY_BYTES_MAX} bytes"
        )));
    }
    let text = String::from_utf8(bytes).map_err(|e| not_run(e.to_string()))?;
    Policy::parse(&text).map_err(|e| not_run(e.to_string()))
}

/// A checkpoint that the log signed, and enough witnesses.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The note.
    pub note: Note,
    /// What it says.
    pub opened: Opened,
}

/// Reads a checkpoint and checks its signatures.
///
/// # Errors
/// [`Failure`].
pub fn checkpoint(path: &Path, log: &VerifierKey, policy: &Policy) -> Result<Signed, Failure> {
    let bytes = read(path, note::NOTE_BYTES_MAX)?;
    let opened = Note::parse(&bytes).and_then(|note| {
        let opened = policy.open(&note, log)?;
        Ok(Signed { note, opened })
    });
    opened.map_err(|e| Fault::from(e).in_file(path).into())
}

/// Reads a consistency proof: one hash a line in base64, as tlog-witness sends it.
///
/// # Errors
/// [`Failure`].
pub fn proof(path: &Path) -> Result<Vec<TreeHash>, Failure> {
    let bytes = read(path, PROOF_BYTES_MAX)?;
    let wrong = |fault: Fault| Failure::from(fault.in_file(path));
    if bytes.len() > PROOF_BYTES_MAX {
        return Err(wrong(Fault::new(
            "path",
            format!("at most {PROOF_BYTES_MAX} bytes"),
            "more",
        )));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| wrong(Fault::new("path", "UTF-8", "other bytes")))?;
    let hashes = (0..)
        .zip(text.lines())
        .map(|(number, line): (u32, _)| TreeHash::parse(&format!("path[{number}]"), line));
    hashes
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(e.into()))
}
