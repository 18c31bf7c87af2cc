//! Histories written anew: every hash, link, sum and file is right, and the tree is one. Only what was signed before, or
//! the keys of the sealed parts, can tell. Where the attacker signs as well, the log's own key is in his hands.

use crate::base::Base;
use crate::cuts::two_persons;
use crate::forge::{Forged, forget, sign};
use crate::judges::{self, Said, Served, Watched};
use crate::table::{Finding, Row};
use probity_types::RequestTag;
use std::path::{Path, PathBuf};

/// An entry that the older checkpoint covers.
const OLD: usize = 100;

/// The rows.
pub fn rows() -> Vec<Row> {
    let row = |attack, ask| Row { attack, ask };
    vec![
        row(
            "re-chain from an old entry, new tree, nothing signed",
            |base, at| nothing_signed(base, at, &changed(base, OLD)),
        ),
        row(
            "re-chain a data folder from an old entry, nothing signed",
            folder_nothing_signed,
        ),
        row(
            "re-chain from an old entry, new tree, signed with the log's key",
            signed_old,
        ),
        row(
            "re-chain from an entry after the older checkpoint, signed with the log's key",
            signed_new,
        ),
        row("remove a person's entry and re-chain", |base, at| {
            let mut forged = Forged::of(base);
            let (one, _) = two_persons(base);
            forged.frames.remove(one);
            forged.rechain(one);
            let mut findings = without_keys(base, at, &forged);
            // Parts are bound to stream, key and content: those that are left still open.
            findings.push(judges::export(base, &at.join("export")).cannot_notice(&["holds"]));
            findings
        }),
        row(
            "swap two sealed bodies, part table and all, and re-chain",
            |base, at| {
                let mut forged = Forged::of(base);
                let (one, other) = two_persons(base);
                let (first, second) = (base.frame(one).sealed, base.frame(other).sealed);
                forged.change(one, |frame| frame.sealed = second);
                forged.change(other, |frame| frame.sealed = first);
                forged.rechain(one);
                let place = format!("position {one}");
                with_keys(base, at, &forged, &[&place, "sealed part"])
            },
        ),
    ]
}

/// Another history: one entry answers another request, everything after it is chained anew.
fn changed(base: &Base, at: usize) -> Forged {
    let mut forged = Forged::of(base);
    forged.change(at, |frame| frame.header.request = RequestTag([7; 16]));
    forged.rechain(at);
    forged
}

fn nothing_signed(base: &Base, at: &Path, forged: &Forged) -> Vec<Finding> {
    let export = forged.export(&at.join("export"));
    let state = at.join("state");
    vec![
        judges::log(base, &export, &base.newer, &state).notices(&["newer: field root"]),
        judges::log(base, &export, &base.older, &state).notices(&["older: field root"]),
        judges::reader(base, &export, &base.newer).notices(&["newer", "root"]),
        judges::reader(base, &export, &base.older).notices(&["older", "root"]),
        judges::export(base, &export).cannot_notice(&["holds"]),
    ]
}

fn folder_nothing_signed(base: &Base, at: &Path) -> Vec<Finding> {
    let data = changed(base, OLD).folder(base, &at.join("data"));
    let verified = judges::folder(&data);
    let watched = Watched::start(&data, &[]);
    let stopped = watched.stopped();
    drop(watched);
    forget(&data);
    vec![
        verified.notices(&["checkpoint/head", "field root", "signed before"]),
        stopped.notices(&["field root", "signed before", "nothing more is signed"]),
        judges::folder(&data).cannot_notice(&["holds"]),
    ]
}

/// The forged log as everybody can get it: export, checkpoint, tiles.
struct Published {
    export: PathBuf,
    checkpoint: PathBuf,
    served: Served,
}

fn publish(base: &Base, at: &Path, forged: &Forged) -> Published {
    let data = forged.folder(base, &at.join("data"));
    let log = at.join("served/log");
    judges::tree(&forged.frames).write_tiles(&log);
    let checkpoint = log.join("checkpoint");
    sign(&data, &checkpoint);
    Published {
        export: forged.export(&at.join("export")),
        checkpoint,
        served: Served::start(&at.join("served")),
    }
}

/// Who has seen nothing before cannot know better.
fn without_memory(base: &Base, at: &Path, forged: &Published) -> Vec<Finding> {
    let Published {
        export, checkpoint, ..
    } = forged;
    let (fresh, url) = (at.join("fresh"), &forged.served.url);
    vec![
        judges::log(base, export, checkpoint, &fresh).cannot_notice(&["holds"]),
        judges::reader(base, export, checkpoint).cannot_notice(&["holds"]),
        judges::go(base, url, &["-all"]).cannot_notice(&["all ok"]),
    ]
}

fn go_old(base: &Base, url: &str, old: &Path) -> Said {
    let said = judges::go(base, url, &["-old", &old.display().to_string()]);
    Said {
        who: "Go client (older checkpoint)",
        ..said
    }
}

fn signed_old(base: &Base, at: &Path) -> Vec<Finding> {
    let forged = publish(base, at, &changed(base, OLD));
    let Published {
        export,
        checkpoint,
        served,
    } = &forged;
    let state = at.join("compared");
    let growth = base.growth.display().to_string();
    let compared = judges::checkpoints(base, &base.newer, checkpoint, &state, &["--json"]);
    // Two signatures contradict each other: whoever has both can show it to anybody.
    let evidence = at.join("evidence.json");
    let fault: serde_json::Value =
        serde_json::from_str(compared.text.lines().next().unwrap_or_default()).expect("JSON");
    std::fs::write(&evidence, fault["fault"]["evidence"].to_string()).expect("written");
    let mut findings = vec![
        judges::log_seen(base, export, checkpoint, &base.newer, at)
            .notices(&["field root", "signed for this size before: a fork"]),
        judges::log_seen(base, export, checkpoint, &base.older, at).notices(&[
            "field root",
            "another root was seen for them before: a fork",
        ]),
        compared.notices(&["root", "a fork", "evidence"]),
        judges::fork(base, &evidence).proves(&["signed"]),
        judges::checkpoints(base, &base.older, checkpoint, &state, &["--proof", &growth])
            .notices(&["growth: field to_root"]),
        go_old(base, &served.url, &base.newer).notices(&["split view"]),
        go_old(base, &served.url, &base.older).notices(&["consistency"]),
    ];
    findings.extend(without_memory(base, at, &forged));
    findings
}

fn signed_new(base: &Base, at: &Path) -> Vec<Finding> {
    let (one, _) = two_persons(base);
    let forged = publish(base, at, &changed(base, one));
    let Published {
        export,
        checkpoint,
        served,
    } = &forged;
    let mut findings = vec![
        judges::log_seen(base, export, checkpoint, &base.newer, at)
            .notices(&["field root", "signed for this size before: a fork"]),
        go_old(base, &served.url, &base.newer).notices(&["split view"]),
        // The older checkpoint says nothing about what came after it.
        judges::log_seen(base, export, checkpoint, &base.older, at).cannot_notice(&["holds"]),
        go_old(base, &served.url, &base.older).cannot_notice(&["consistency ok"]),
    ];
    findings.extend(without_memory(base, at, &forged));
    findings
}

/// Sealed parts are bound to their stream and key: whoever opens them notices without any checkpoint.
fn with_keys(base: &Base, at: &Path, forged: &Forged, words: &[&str]) -> Vec<Finding> {
    let mut findings = without_keys(base, at, forged);
    let data = forged.folder(base, &at.join("data"));
    findings.extend([
        judges::export(base, &at.join("export")).notices(words),
        judges::folder(&data).notices(words),
    ]);
    findings
}

/// Who has no keys needs a checkpoint that covers the entry: with one that ends before it, all looks right.
fn without_keys(base: &Base, at: &Path, forged: &Forged) -> Vec<Finding> {
    let (export, fresh) = (forged.export(&at.join("export")), at.join("state"));
    vec![
        judges::log(base, &export, &base.newer, &fresh).notices(&["newer: field"]),
        judges::reader(base, &export, &base.newer).notices(&["newer"]),
        judges::log(base, &export, &base.older, &fresh).cannot_notice(&["holds"]),
        judges::reader(base, &export, &base.older).cannot_notice(&["holds"]),
    ]
}
