//! Checkpoints and who signed them.

use crate::base::Base;
use crate::judges::{self, Said, library, signed};
use crate::table::{Finding, Row};
use probity_proof::key::KeyKind;
use probity_proof::{Checkpoint, Note, SigningKey};
use std::path::{Path, PathBuf};

/// The rows.
pub fn rows() -> Vec<Row> {
    let row = |attack, ask| Row { attack, ask };
    vec![
        row("change each byte of a checkpoint", bytes),
        row("hand out a stale checkpoint", stale),
        row("add a signature by a key that nobody knows", |base, at| {
            let (note, _) = base.opened(&base.newer);
            let stranger = key("stranger.example", 9).sign(note.text());
            let mut lines = note.signatures().to_vec();
            lines.insert(0, stranger);
            let file = write(
                at,
                &Note::new(note.text().to_owned(), lines)
                    .expect("a note")
                    .to_string(),
            );
            accepted(base, at, &file)
        }),
        row("repeat the log's signature", |base, at| {
            let (note, _) = base.opened(&base.newer);
            let line = note.signatures()[0].to_string();
            let file = write(at, &format!("{note}{line}\n"));
            accepted(base, at, &file)
        }),
        row("sign with a key of another log", |base, at| {
            let (note, _) = base.opened(&base.newer);
            let stranger = key(base.key().name(), 9).sign(note.text());
            let note = Note::new(note.text().to_owned(), vec![stranger]).expect("a note");
            refused(base, at, &write(at, &note.to_string()), &["signatures"])
        }),
        row(
            "the log's name and key id over another signature",
            |base, at| {
                let (note, checkpoint) = base.opened(&base.newer);
                let wrong = Checkpoint {
                    size: checkpoint.size - 1,
                    ..checkpoint
                };
                let note =
                    Note::new(wrong.to_string(), note.signatures().to_vec()).expect("a note");
                refused(base, at, &write(at, &note.to_string()), &["signatures[0]"])
            },
        ),
        row("one witness signs twice where two are wanted", witnesses),
    ]
}

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, &[seed; 32]).expect("a name")
}

fn write(at: &Path, text: &str) -> PathBuf {
    let file = at.join("forged");
    std::fs::write(&file, text).expect("written");
    file
}

/// Signatures by others are passed over, and one key counts once.
fn accepted(base: &Base, at: &Path, file: &Path) -> Vec<Finding> {
    vec![
        judges::log(base, &base.export, file, &at.join("state")).stays_true(&["holds"]),
        judges::reader(base, &base.export, file).stays_true(&["holds"]),
    ]
}

fn refused(base: &Base, at: &Path, file: &Path, words: &[&str]) -> Vec<Finding> {
    let state = at.join("state");
    vec![
        judges::log(base, &base.export, file, &state).notices(words),
        judges::reader(base, &base.export, file).notices(words),
        judges::checkpoints(base, &base.older, file, &state, &[]).notices(words),
    ]
}

fn bytes(base: &Base, _: &Path) -> Vec<Finding> {
    let whole = std::fs::read_to_string(&base.newer).expect("a checkpoint");
    let end = signed(&whole).len();
    let whole = whole.into_bytes();
    let mut accepted = Vec::new();
    for at in 0..end {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let opened = Note::parse(&bytes).and_then(|n| Checkpoint::open(&n, &base.key(), &[]));
            if opened.is_ok() {
                accepted.push((at, bit));
            }
        }
    }
    let flips = end * 8;
    let found = match accepted.is_empty() {
        true => Err(format!("{flips} flips refused")),
        false => Ok(format!("ACCEPTED: {accepted:?}")),
    };
    vec![library("probity-proof (library)", found).notices(&["flips refused"])]
}

fn stale(base: &Base, at: &Path) -> Vec<Finding> {
    let state = at.join("compared");
    let back = || judges::checkpoints(base, &base.newer, &base.older, &state, &[]);
    vec![
        judges::log_seen(base, &base.export, &base.older, &base.newer, at)
            .notices(&["older: field size", "which was seen before"]),
        back().notices(&["older: field size", "at least"]),
        // They remember nothing: an old checkpoint is a true one.
        judges::log(base, &base.export, &base.older, &at.join("fresh")).cannot_notice(&["holds"]),
        judges::reader(base, &base.export, &base.older).cannot_notice(&["holds"]),
    ]
}

fn witnesses(base: &Base, at: &Path) -> Vec<Finding> {
    let keys = [key("one.example", 1), key("two.example", 2)];
    let vkeys = keys
        .each_ref()
        .map(|key| key.verifier(KeyKind::Cosignature));
    let policy = at.join("policy");
    let text = format!(
        "witness one {}\nwitness two {}\ngroup both all one two\nquorum both\n",
        vkeys[0], vkeys[1]
    );
    std::fs::write(&policy, text).expect("written");
    let (note, _) = base.opened(&base.newer);
    let ask = |signers: &[(&SigningKey, u64)]| -> Said {
        let mut note = note.clone();
        for (key, time) in signers {
            note.add(key.cosign(note.text(), *time).expect("a time"))
                .expect("room");
        }
        let file = write(at, &note.to_string());
        let (file, policy) = (file, policy.display().to_string());
        let state = at.join("state");
        judges::checkpoints(base, &file, &file, &state, &["--policy", &policy])
    };
    vec![
        ask(&[(&keys[0], 1_700_000_000), (&keys[1], 1_700_000_000)]).stays_true(&["holds"]),
        ask(&[(&keys[0], 1_700_000_000), (&keys[0], 1_700_000_001)]).notices(&["quorum"]),
        ask(&[
            (&keys[0], 1_700_000_000),
            (&key("two.example", 3), 1_700_000_000),
        ])
        .notices(&["quorum"]),
    ]
}
