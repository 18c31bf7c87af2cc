//! `probity-verify fork`: evidence that a log signed two histories.

use crate::fault::{Failure, Fault};
use crate::input;
use probity_proof::fork::{FORK_BYTES_MAX, Fork};
use probity_proof::{ForkEvidence, VerifierKey};
use serde_json::{Value, json};
use std::path::Path;

/// Checks the evidence: that it holds means that the log did it.
///
/// # Errors
/// [`Failure`].
pub fn run(path: &Path, key: &VerifierKey) -> Result<Fork, Failure> {
    let bytes = input::read(path, FORK_BYTES_MAX)?;
    let fork = ForkEvidence::parse(&bytes).and_then(|evidence| evidence.verify(key));
    fork.map_err(|e| Fault::from(e).in_file(path).into())
}

/// As one JSON object.
pub fn to_json(fork: &Fork) -> Value {
    let head = |tree: &probity_proof::Checkpoint| json!({ "size": tree.size, "root": tree.root });
    json!({ "holds": true, "origin": fork.first.origin, "first": head(&fork.first), "second": head(&fork.second) })
}

/// As a line for people.
pub fn to_text(fork: &Fork) -> String {
    let (first, second) = (&fork.first, &fork.second);
    format!(
        "holds: {} signed two histories: size {} with root {}, and size {} with root {}\n",
        first.origin, first.size, first.root, second.size, second.root
    )
}
