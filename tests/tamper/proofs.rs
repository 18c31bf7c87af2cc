//! Every element of every proof changed, one at a time.

use crate::base::Base;
use crate::judges::{self, Leaves, Said, library, signed};
use crate::table::{Finding, Row};
use probity_proof::bundle::Bundle;
use probity_proof::proof_text::ProofText;
use probity_proof::tree::{check_consistency, check_inclusion, leaf_hash, node_hash};
use probity_proof::{Policy, ProofError, TreeHash};
use std::collections::BTreeMap;
use std::path::Path;

const WHO: &str = "probity-proof (library)";

/// The rows.
pub fn rows() -> Vec<Row> {
    let row = |attack, ask| Row { attack, ask };
    vec![
        row("change each element of inclusion proofs", inclusion_rows),
        row(
            "change each element of consistency proofs",
            consistency_rows,
        ),
        row("change each byte of tlog-proof files", proof_files),
        row("pass a node for a leaf", |base, _| leaf_as_node(base)),
        row(
            "sizes with many 1-bits and around powers of two",
            |base, _| many_bits(base),
        ),
        row("change each part of a bundle", bundles),
    ]
}

/// What came of many changed proofs: exit status 1 where each was refused; how often in which field.
struct Tally {
    refused: BTreeMap<String, u64>,
    accepted: Vec<String>,
}

impl Tally {
    fn new() -> Self {
        Self {
            refused: BTreeMap::new(),
            accepted: Vec::new(),
        }
    }

    fn note<T>(&mut self, what: impl Into<String>, found: Result<T, ProofError>) {
        match found {
            Ok(_) => self.accepted.push(what.into()),
            Err(error) => {
                let field = error.field.split('[').next().unwrap_or_default().to_owned();
                *self.refused.entry(field).or_default() += 1;
            }
        }
    }

    fn said(self) -> Said {
        let text = format!("refused in {:?}", self.refused);
        library(
            WHO,
            match self.accepted.is_empty() {
                true => Err(text),
                false => Ok(format!("ACCEPTED: {:?}", self.accepted)),
            },
        )
    }
}

/// A path with each element flipped, dropped, doubled, or swapped with its neighbour, and one more at the end.
fn altered(path: &[TreeHash]) -> Vec<(String, Vec<TreeHash>)> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        for byte in [0, 31] {
            let mut flipped = path.to_vec();
            flipped[at].0[byte] ^= 1;
            all.push((format!("path[{at}] byte {byte}"), flipped));
        }
        let mut dropped = path.to_vec();
        dropped.remove(at);
        all.push((format!("path[{at}] dropped"), dropped));
        let mut doubled = path.to_vec();
        doubled.insert(at, path[at]);
        all.push((format!("path[{at}] doubled"), doubled));
        if at + 1 < path.len() {
            let mut swapped = path.to_vec();
            swapped.swap(at, at + 1);
            all.push((format!("path[{at}] swapped"), swapped));
        }
    }
    let mut longer = path.to_vec();
    longer.push(TreeHash([0; 32]));
    all.push(("one more".to_owned(), longer));
    all
}

fn other(hash: TreeHash) -> TreeHash {
    let mut other = hash;
    other.0[7] ^= 0x80;
    other
}

/// Changes everything of an inclusion proof that holds.
fn inclusion_of(
    tally: &mut Tally,
    (index, size): (u64, u64),
    leaf: TreeHash,
    path: &[TreeHash],
    root: TreeHash,
) {
    check_inclusion(index, size, leaf, path, root).expect("unchanged it holds");
    for (what, path) in altered(path) {
        tally.note(
            format!("{index} of {size}: {what}"),
            check_inclusion(index, size, leaf, &path, root),
        );
    }
    let at = |what: &str| format!("{index} of {size}: {what}");
    tally.note(
        at("leaf"),
        check_inclusion(index, size, other(leaf), path, root),
    );
    tally.note(
        at("root"),
        check_inclusion(index, size, leaf, path, other(root)),
    );
    for wrong in [index.wrapping_sub(1), index + 1, index ^ 2, size] {
        // With one leaf there is no other place.
        if wrong != index {
            tally.note(at("index"), check_inclusion(wrong, size, leaf, path, root));
        }
    }
}

fn inclusion_rows(base: &Base, _: &Path) -> Vec<Finding> {
    let (mut tally, leaves) = (Tally::new(), judges::tree(&base.frames));
    for (position, text) in &base.proofs {
        let proof = ProofText::parse(text.as_bytes()).expect("a proof");
        let entry = &leaves.entries[*position as usize];
        let opened = proof
            .verify(entry, &base.key(), &Policy::none())
            .expect("it holds");
        let place = (proof.index, opened.checkpoint.size);
        inclusion_of(
            &mut tally,
            place,
            leaf_hash(entry),
            &proof.path,
            opened.checkpoint.root,
        );
    }
    vec![tally.said().notices(&["index", "path", "root"])]
}

fn consistency_of(
    tally: &mut Tally,
    (from, to): (u64, u64),
    roots: (TreeHash, TreeHash),
    path: &[TreeHash],
) {
    check_consistency(from, roots.0, to, roots.1, path).expect("unchanged it holds");
    let at = |what: &str| format!("{from} to {to}: {what}");
    for (what, path) in altered(path) {
        tally.note(
            at(&what),
            check_consistency(from, roots.0, to, roots.1, &path),
        );
    }
    tally.note(
        at("from_root"),
        check_consistency(from, other(roots.0), to, roots.1, path),
    );
    tally.note(
        at("to_root"),
        check_consistency(from, roots.0, to, other(roots.1), path),
    );
    tally.note(
        at("roots swapped"),
        check_consistency(from, roots.1, to, roots.0, path),
    );
    for wrong in [from - 1, from + 1, to, to + 1] {
        if wrong != from {
            tally.note(
                at("from"),
                check_consistency(wrong, roots.0, to, roots.1, path),
            );
        }
    }
}

fn consistency_rows(base: &Base, at: &Path) -> Vec<Finding> {
    let (mut tally, leaves) = (Tally::new(), judges::tree(&base.frames));
    let (from, to, path) = &base.consistency;
    consistency_of(
        &mut tally,
        (*from, *to),
        (leaves.root(*from), leaves.root(*to)),
        path,
    );
    let mut findings = vec![
        tally
            .said()
            .notices(&["from", "from_root", "path", "to_root"]),
    ];
    // The same through the program: one hash after the other.
    let text = std::fs::read_to_string(&base.growth).expect("a proof");
    let lines: Vec<&str> = text.lines().collect();
    let file = at.join("proof");
    let ask = |lines: &[&str]| {
        std::fs::write(&file, lines.join("\n") + "\n").expect("written");
        let proof = file.display().to_string();
        let state = at.join("state");
        let _ = std::fs::remove_file(&state);
        judges::checkpoints(base, &base.older, &base.newer, &state, &["--proof", &proof])
    };
    findings.push(ask(&lines).stays_true(&["holds"]));
    for number in 0..lines.len() {
        let mut forged = lines.clone();
        forged[number] = lines[(number + 1) % lines.len()];
        findings.push(ask(&forged).notices(&["proof: field", "root"]));
    }
    findings.push(ask(&lines[1..]).notices(&["proof: field path"]));
    findings
}

fn proof_files(base: &Base, _: &Path) -> Vec<Finding> {
    let (mut tally, leaves) = (Tally::new(), judges::tree(&base.frames));
    let key = base.key();
    for (position, text) in &base.proofs {
        let entry = &leaves.entries[*position as usize];
        for at in 0..signed(text).len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let found =
                ProofText::parse(&bytes).and_then(|p| p.verify(entry, &key, &Policy::none()));
            tally.note(format!("proof of {position}, byte {at}"), found);
        }
        let mut wrong = entry.clone();
        wrong[30] ^= 1;
        let proof = ProofText::parse(text.as_bytes()).expect("a proof");
        tally.note("another entry", proof.verify(&wrong, &key, &Policy::none()));
    }
    vec![tally.said().notices(&["path", "root", "signatures"])]
}

/// An inner node's two hashes as an entry, and an entry's hash as a node.
fn leaf_as_node(base: &Base) -> Vec<Finding> {
    let (mut tally, leaves) = (Tally::new(), judges::tree(&base.frames));
    let hashes = &leaves.hashes;
    let root = leaves.root(256);
    let path = leaves.path(0, 256);
    let mut node = hashes[0].0.to_vec();
    node.extend_from_slice(&hashes[1].0);
    tally.note(
        "a node as a leaf, path as it was",
        check_inclusion(0, 256, leaf_hash(&node), &path, root),
    );
    tally.note(
        "a node as a leaf of half the tree",
        check_inclusion(0, 128, leaf_hash(&node), &path[1..], root),
    );
    // A path that leaves out the last level does lead to the root from a node, at half the size: the size is signed.
    let inner = node_hash(hashes[0], hashes[1]);
    check_inclusion(0, 128, inner, &path[1..], root).expect("that is how trees are");
    tally.note(
        "the same at the signed size",
        check_inclusion(0, 256, inner, &path[1..], root),
    );
    vec![tally.said().notices(&["path", "root"])]
}

fn many_bits(base: &Base) -> Vec<Finding> {
    let (mut tally, leaves): (_, Leaves) = (Tally::new(), judges::tree(&base.frames));
    for size in [
        1, 2, 3, 7, 8, 31, 63, 64, 65, 127, 128, 129, 251, 255, 256, 257,
    ] {
        let root = leaves.root(size);
        for index in [0, size / 3, size / 2, size.saturating_sub(2), size - 1] {
            let path = leaves.path(index, size);
            inclusion_of(
                &mut tally,
                (index, size),
                leaves.hashes[index as usize],
                &path,
                root,
            );
        }
        for to in [size + 1, size * 2 - 1, 255, 256, leaves.hashes.len() as u64] {
            if to > size && to <= leaves.hashes.len() as u64 {
                let path = leaves.growth(size, to);
                consistency_of(&mut tally, (size, to), (root, leaves.root(to)), &path);
            }
        }
    }
    vec![tally.said().notices(&["from_root", "path", "to_root"])]
}

/// Every string, number and list element of a JSON value, changed one at a time.
fn changes(value: &serde_json::Value) -> Vec<(String, serde_json::Value)> {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let one = |(name, inner): (&String, &Value)| {
                let with = |(path, changed): (String, Value)| {
                    let mut whole = fields.clone();
                    whole.insert(name.clone(), changed);
                    (format!(".{name}{path}"), Value::Object(whole))
                };
                changes(inner).into_iter().map(with).collect::<Vec<_>>()
            };
            fields.iter().flat_map(one).collect()
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (number, inner) in items.iter().enumerate() {
                for (path, changed) in changes(inner) {
                    let mut whole = items.clone();
                    whole[number] = changed;
                    all.push((format!("[{number}]{path}"), Value::Array(whole)));
                }
                let mut dropped = items.clone();
                dropped.remove(number);
                all.push((format!("[{number}] dropped"), Value::Array(dropped)));
            }
            all
        }
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or_default();
            vec![(String::new(), Value::from(number + 1))]
        }
        Value::String(text) => {
            // The first character, one in the middle, the last but a few: padding comes at the end.
            let end = signed(text).len();
            let places = [0, end / 2, end.saturating_sub(6)];
            let change = |at: usize| {
                let mut bytes = text.clone().into_bytes();
                bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
                let changed = String::from_utf8_lossy(&bytes).into_owned();
                (format!(" character {at}"), Value::String(changed))
            };
            places
                .into_iter()
                .filter(|at| *at < end)
                .map(change)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn bundles(base: &Base, at: &Path) -> Vec<Finding> {
    let mut tally = Tally::new();
    let bytes = std::fs::read(&base.bundle).expect("a bundle");
    let value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let verify = |value: &serde_json::Value| {
        let bundle = Bundle::parse(value.to_string().as_bytes())?;
        bundle.verify(&base.key(), &Policy::none())
    };
    verify(&value).expect("unchanged it holds");
    let changed = changes(&value);
    for (what, value) in &changed {
        tally.note(what.as_str(), verify(value));
    }
    let (file, state) = (at.join("bundle.json"), at.join("state"));
    let ask = |what: &str| {
        let (_, value) = changed
            .iter()
            .find(|(name, _)| name == what)
            .expect("that change");
        std::fs::write(&file, value.to_string()).expect("written");
        judges::bundle(base, &file, &state)
    };
    vec![
        judges::bundle(base, &base.bundle, &state).stays_true(&["holds"]),
        tally.said().notices(&["index", "path", "root", "parts"]),
        ask(".index").notices(&["bundle.json: field index"]),
        ask(".path[0] character 0").notices(&["bundle.json: field root"]),
        ask(".parts[0].opened.content character 0").notices(&["bundle.json: field parts[0]"]),
    ]
}
