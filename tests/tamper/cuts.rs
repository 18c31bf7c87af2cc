//! Entries cut off, taken out, swapped, doubled; contents swapped and replaced. The attacker makes all hashes of files and
//! all sums of the manifest right again, and leaves the chain as it was.

use crate::base::{Base, KEYS_AFTER};
use crate::forge::{Forged, forget};
use crate::judges::{self, Watched};
use crate::table::{Finding, Row};
use std::path::Path;

/// An entry in the middle of the organisations' part, and the one after it.
const MIDDLE: usize = 100;

/// The rows.
pub fn rows() -> Vec<Row> {
    let row = |attack, ask| Row { attack, ask };
    vec![
        row("cut the last 3 entries (export)", cut_export),
        row("cut the last 3 entries (data folder)", cut_folder),
        row("cut off the last erasure and all after it", cut_erasure),
        row("remove an entry in the middle", |base, at| {
            let mut forged = Forged::of(base);
            forged.frames.remove(MIDDLE);
            everybody(base, at, &forged, &["position 100", "position"])
        }),
        row("swap two entries", |base, at| {
            let mut forged = Forged::of(base);
            forged.frames.swap(MIDDLE, MIDDLE + 1);
            everybody(base, at, &forged, &["position 100", "position"])
        }),
        row("double an entry", |base, at| {
            let mut forged = Forged::of(base);
            forged
                .frames
                .insert(MIDDLE + 1, base.frames[MIDDLE].clone());
            everybody(base, at, &forged, &["position 101", "position"])
        }),
        row("swap the ciphertexts of two entries", |base, at| {
            let (one, other) = two_persons(base);
            let mut forged = Forged::of(base);
            let (first, second) = (base.frame(one).sealed, base.frame(other).sealed);
            forged.change(one, |frame| frame.sealed = with_ciphertext(&first, &second));
            forged.change(other, |frame| {
                frame.sealed = with_ciphertext(&second, &first)
            });
            let place = format!("position {one}");
            everybody(base, at, &forged, &[&place, "sealed"])
        }),
        row(
            "swap the sealed parts of two entries, part table and all",
            |base, at| {
                let (one, other) = two_persons(base);
                let mut forged = Forged::of(base);
                let (first, second) = (base.frame(one).sealed, base.frame(other).sealed);
                forged.change(one, |frame| frame.sealed = second);
                forged.change(other, |frame| frame.sealed = first);
                let place = format!("position {one}");
                everybody(base, at, &forged, &[&place, "entry hash"])
            },
        ),
        row(
            "replace an open body by another of the same length",
            |base, at| {
                let (one, body) = same_length(base);
                let mut forged = Forged::of(base);
                forged.change(one, |frame| frame.open.body = body);
                let place = format!("position {one}");
                everybody(base, at, &forged, &[&place, "entry hash"])
            },
        ),
        row("replace a commitment by another", |base, at| {
            let (one, _) = two_persons(base);
            let mut forged = Forged::of(base);
            let mut parts = base.frame(one).sealed.to_vec();
            parts[0].commitment.0[5] ^= 1;
            forged.change(one, |frame| {
                frame.sealed = parts.try_into().expect("as many")
            });
            let place = format!("position {one}");
            everybody(base, at, &forged, &[&place, "entry hash"])
        }),
        row("drop a ciphertext that no erasure names", |base, at| {
            let (one, _) = two_persons(base);
            let mut forged = Forged::of(base);
            let mut parts = base.frame(one).sealed.to_vec();
            parts[0].ciphertext = None;
            forged.change(one, |frame| {
                frame.sealed = parts.try_into().expect("as many")
            });
            let place = format!("position {one}");
            everybody(base, at, &forged, &[&place, "sealed part"])
        }),
    ]
}

type Parts = probity_format::wire::List<
    probity_format::frame::SealedPart,
    { probity_format::limits::SEALED_PARTS_MAX },
>;

fn with_ciphertext(parts: &Parts, other: &Parts) -> Parts {
    let mut parts = parts.to_vec();
    parts[0].ciphertext.clone_from(&other[0].ciphertext);
    parts.try_into().expect("as many")
}

/// An entry, and another open body of its type that is as long as its own.
fn same_length(base: &Base) -> (usize, probity_format::wire::Bytes) {
    let one = base.frame(MIDDLE);
    let is_like = |frame: &probity_format::Frame| {
        let (mine, body) = (&one.open.body.0, &frame.open.body.0);
        frame.header.event_type == one.header.event_type && mine.len() == body.len() && mine != body
    };
    let mut others = (MIDDLE + 1..base.frames.len()).map(|at| base.frame(at));
    let other = others.find(is_like).expect("another organisation");
    (MIDDLE, other.open.body)
}

/// Two persons with sealed parts, far from each other.
pub fn two_persons(base: &Base) -> (usize, usize) {
    let persons = base.persons();
    (persons[2], persons[20])
}

/// Everybody who reads entries says the same, with a true checkpoint and without.
fn everybody(base: &Base, at: &Path, forged: &Forged, words: &[&str]) -> Vec<Finding> {
    let export = forged.export(&at.join("export"));
    let data = forged.folder(base, &at.join("data"));
    let findings = vec![
        judges::export(base, &export).notices(words),
        judges::log(base, &export, &base.newer, &at.join("state")).notices(words),
        judges::reader(base, &export, &base.newer).notices(words),
        judges::folder(&data).notices(words),
    ];
    // What the folder remembers of its views would end the start before the log is read.
    forget(&data);
    let refused = judges::refused(&data);
    findings
        .into_iter()
        .chain([refused.refuses(&words[..1])])
        .collect()
}

fn cut_export(base: &Base, at: &Path) -> Vec<Finding> {
    let mut forged = Forged::of(base);
    forged.frames.truncate(base.frames.len() - 3);
    let export = forged.export(&at.join("export"));
    let size = format!("{}", base.frames.len());
    vec![
        judges::log(base, &export, &base.newer, &at.join("state")).notices(&[
            "newer: field size",
            "at most",
            &size,
        ]),
        judges::reader(base, &export, &base.newer).notices(&["newer", "size", &size]),
        judges::log_seen(base, &export, &base.older, &base.newer, at)
            .notices(&["older: field size", "which was seen before"]),
        judges::log(base, &export, &base.older, &at.join("state")).cannot_notice(&["holds"]),
        judges::reader(base, &export, &base.older).cannot_notice(&["holds"]),
        judges::export(base, &export).cannot_notice(&["holds"]),
    ]
}

fn cut_folder(base: &Base, at: &Path) -> Vec<Finding> {
    let mut forged = Forged::of(base);
    forged.frames.truncate(base.frames.len() - 3);
    let data = forged.folder(base, &at.join("data"));
    let verified = judges::folder(&data);
    let watched = Watched::start(&data, &[]);
    let stopped = watched.stopped();
    drop(watched);
    forget(&data);
    vec![
        verified.notices(&["checkpoint/head", "entries", "a checkpoint was signed"]),
        stopped.notices(&[
            "entries",
            "a checkpoint was signed",
            "nothing more is signed",
        ]),
        // With what the folder remembers gone as well; outside.rs has the anchor and the witnesses.
        judges::folder(&data).cannot_notice(&["holds"]),
    ]
}

fn cut_erasure(base: &Base, at: &Path) -> Vec<Finding> {
    let mut forged = Forged::of(base);
    forged.frames.truncate(base.frames.len() - KEYS_AFTER - 1);
    everybody(base, at, &forged, &["position", "sealed part"])
}
