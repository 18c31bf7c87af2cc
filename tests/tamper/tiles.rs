//! Forged tiles: those that anybody fetches, and those that the server keeps.

use crate::base::{Base, copy};
use crate::judges::{self, Served, Watched};
use crate::table::{Finding, Row};
use probity_proof::tree::leaf_hash;
use std::path::{Path, PathBuf};

/// Leaf that is forged, in the first full tile.
const LEAF: usize = 100;
/// Bytes of a leaf entry with its length before it, and of a hash.
const ENTRY: usize = 51;
const HASH: usize = 32;

/// The rows.
pub fn rows() -> Vec<Row> {
    let row = |attack, ask| Row { attack, ask };
    vec![
        row("no tile forged", |base, at| {
            let served = serve(base, at, |_| {});
            vec![judges::go(base, &served.url, &["-all", "-index", "100"]).stays_true(&["all ok"])]
        }),
        row("forge one hash tile", |base, at| {
            let served = serve(base, at, |log| flip(&log.join("tile/0/000"), LEAF * HASH));
            vec![judges::go(base, &served.url, &["-index", "101"]).notices(&["goverify: "])]
        }),
        row("forge one entry tile", |base, at| {
            let entry = |log: &Path| flip(&log.join("tile/entries/000"), LEAF * ENTRY + 20);
            let served = serve(base, at, entry);
            vec![
                judges::go(base, &served.url, &["-index", "100"]).notices(&["inclusion of 100"]),
                judges::go(base, &served.url, &["-all"]).notices(&["all: entries hash to"]),
            ]
        }),
        row(
            "forge an entry tile and the hash tile that agrees with it",
            |base, at| {
                let both = |log: &Path| {
                    let entries = log.join("tile/entries/000");
                    agree(&entries, &log.join("tile/0/000"));
                };
                let served = serve(base, at, both);
                vec![
                    judges::go(base, &served.url, &["-index", "100"]).notices(&["goverify: "]),
                    judges::go(base, &served.url, &["-all"]).notices(&["all: entries hash to"]),
                ]
            },
        ),
        row("forge a leaf in the server's own tiles", |base, at| {
            own(
                base,
                at,
                |tiles| flip(&tiles.join("entries"), LEAF * ENTRY + 20),
                DIFFER,
            )
        }),
        row("forge a leaf hash in the server's own tiles", |base, at| {
            own(
                base,
                at,
                |tiles| flip(&tiles.join("hashes-0"), LEAF * HASH),
                DIFFER,
            )
        }),
        row(
            "forge two of the server's own tiles that agree",
            |base, at| {
                let both = |tiles: &Path| agree(&tiles.join("entries"), &tiles.join("hashes-0"));
                own(base, at, both, DIFFER)
            },
        ),
        row(
            "forge all of the server's own tiles, each agreeing with the others",
            |base, at| {
                own(
                    base,
                    at,
                    everywhere,
                    "do not hash to the persisted checkpoint",
                )
            },
        ),
        row("cut the server's own tiles", |base, at| {
            let cut = |tiles: &Path| {
                let file = std::fs::OpenOptions::new()
                    .write(true)
                    .open(tiles.join("hashes-0"));
                file.expect("there").set_len(40).expect("cut");
            };
            own(base, at, cut, "")
        }),
    ]
}

const DIFFER: &str = "the tiles differ from the log";

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

/// Forges a leaf and writes its hash where the hashes are.
fn agree(entries: &Path, hashes: &Path) {
    flip(entries, LEAF * ENTRY + 20);
    let leaf = std::fs::read(entries).expect("readable");
    let hash = leaf_hash(&leaf[LEAF * ENTRY + 2..(LEAF + 1) * ENTRY]);
    let mut bytes = std::fs::read(hashes).expect("readable");
    bytes[LEAF * HASH..(LEAF + 1) * HASH].copy_from_slice(&hash.0);
    std::fs::write(hashes, bytes).expect("written");
}

/// The same, and every root above it as far as the first full tile.
fn everywhere(tiles: &Path) {
    agree(&tiles.join("entries"), &tiles.join("hashes-0"));
    let bytes = std::fs::read(tiles.join("hashes-0")).expect("readable");
    let hash = |chunk: &[u8]| probity_proof::TreeHash(chunk.try_into().expect("32 bytes"));
    let first: Vec<_> = bytes.chunks_exact(HASH).take(256).map(hash).collect();
    let root = |hashes: &[_]| probity_proof::tree::complete_root(hashes).expect("complete");
    let between: Vec<_> = first.chunks_exact(16).map(root).collect();
    let top = root(&between);
    let between: Vec<u8> = between.iter().flat_map(|hash| hash.0).collect();
    overwrite(&tiles.join("hashes-4"), &between);
    overwrite(&tiles.join("hashes-8"), &top.0);
}

/// The first bytes of a file.
fn overwrite(path: &Path, first: &[u8]) {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes[..first.len()].copy_from_slice(first);
    std::fs::write(path, bytes).expect("written");
}

/// The true checkpoint over tiles with a forgery among them.
fn serve(base: &Base, at: &Path, forge: impl FnOnce(&Path)) -> Served {
    let log = at.join("served/log");
    judges::tree(&base.frames).write_tiles(&log);
    std::fs::copy(&base.newer, log.join("checkpoint")).expect("copied");
    forge(&log);
    Served::start(&at.join("served"))
}

/// The server finds the forgery, says so unless files that are too short speak for themselves, makes its tiles anew from the
/// log, and the Go client finds nothing wrong with them.
fn own(base: &Base, at: &Path, forge: impl FnOnce(&Path), words: &'static str) -> Vec<Finding> {
    let data: PathBuf = at.join("data");
    copy(&base.data, &data);
    forge(&data.join("views/tiles"));
    let watched = Watched::start(&data, &[]);
    let told = watched.says(words);
    let base_url = &watched.server.base;
    let older = base.older.display().to_string();
    let arguments = ["-all", "-index", "100", "-old", &older];
    probity_tests::tools::until("right tiles", || {
        judges::go(base, base_url, &arguments).code == 0
    });
    let right = judges::go(base, base_url, &arguments).stays_true(&["all ok", "consistency ok"]);
    match words {
        "" => vec![right],
        _ => vec![told.stays_true(&[words]), right],
    }
}
