//! `probity-verify checkpoints`: whether one checkpoint continues another.

use crate::fault::{Failure, Fault};
use crate::input::{self, Signed};
use crate::state::State;
use probity_proof::tree::check_consistency;
use probity_proof::{ForkEvidence, Policy, VerifierKey};
use serde_json::{Value, json};
use std::path::Path;

/// Two checkpoints that were compared.
#[derive(Debug)]
pub struct Compared {
    old: Signed,
    new: Signed,
    is_kept: bool,
}

/// Checks that `new` continues `old`, with the proof where one is needed. Where `old` is what was seen last, `new` is kept.
///
/// # Errors
/// [`Failure`].
pub fn run(
    (old_path, new_path): (&Path, &Path),
    proof: Option<&Path>,
    key: &VerifierKey,
    policy: &Policy,
    state: &mut State,
) -> Result<Compared, Failure> {
    let old = input::checkpoint(old_path, key, policy)?;
    let new = input::checkpoint(new_path, key, policy)?;
    let place = |path: &Path| {
        let path = path.to_owned();
        move |failure: Failure| match failure {
            Failure::DoesNotHold(fault) => fault.in_file(&path).into(),
            other => other,
        }
    };
    state.check_fork(key, &old).map_err(place(old_path))?;
    state.check_fork(key, &new).map_err(place(new_path))?;
    state
        .check_growth(key, &new.opened.checkpoint)
        .map_err(place(new_path))?;
    compare(&old, &new, proof, key).map_err(place(new_path))?;
    let (from, to) = (&old.opened.checkpoint, &new.opened.checkpoint);
    let is_next = match state.seen(key)? {
        None => true,
        Some((_, seen)) => seen.size == from.size || seen.size == to.size,
    };
    if is_next {
        state.keep(key, &new.note)?;
    }
    Ok(Compared {
        old,
        new,
        is_kept: is_next,
    })
}

fn compare(
    old: &Signed,
    new: &Signed,
    proof: Option<&Path>,
    key: &VerifierKey,
) -> Result<(), Failure> {
    let (from, to) = (&old.opened.checkpoint, &new.opened.checkpoint);
    if to.size < from.size {
        return Err(Fault::new("size", format!("at least {}", from.size), to.size).into());
    }
    if to.size == from.size {
        if to.root == from.root {
            return Ok(());
        }
        let mut fault = Fault::new(
            "root",
            format!("{}, as the other one of this size: a fork", from.root),
            to.root,
        );
        let evidence = ForkEvidence::new(&old.note, &new.note, None, key).map_err(Fault::from)?;
        fault.evidence = serde_json::to_value(&evidence).ok().map(Box::new);
        return Err(fault.into());
    }
    if from.size == 0 {
        return Ok(());
    }
    let Some(path) = proof else {
        let why = format!(
            "sizes {} and {}: hand in the consistency proof with --proof",
            from.size, to.size
        );
        return Err(Failure::CouldNotRun(why));
    };
    let hashes = input::proof(path)?;
    let checked = check_consistency(from.size, from.root, to.size, to.root, &hashes);
    checked.map_err(|e| Fault::from(e).in_file(path).into())
}

impl Compared {
    /// As one JSON object.
    pub fn to_json(&self) -> Value {
        let (old, new) = (&self.old.opened.checkpoint, &self.new.opened.checkpoint);
        json!({
            "holds": true, "origin": new.origin, "old": { "size": old.size, "root": old.root },
            "new": { "size": new.size, "root": new.root }, "kept": self.is_kept,
        })
    }

    /// As lines for people.
    pub fn to_text(&self) -> String {
        let (old, new) = (&self.old.opened.checkpoint, &self.new.opened.checkpoint);
        let state = if self.is_kept {
            "the newer one is kept as seen"
        } else {
            "another checkpoint was seen last, so neither is kept"
        };
        format!(
            "holds: {} of size {} continues size {}\nstate: {state}\n",
            new.origin, new.size, old.size
        )
    }
}
