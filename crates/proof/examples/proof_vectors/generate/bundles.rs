//! Proof texts, bundles, forks, and the golden log against its checkpoints.

use super::world::{
    Golden, ORIGIN, Tree, checkpoint, cosigner, golden, leaf, log_key, signed, vkey, witness,
};
use super::{Cases, replaced, text_at, with};
use probity_format::Hash;
use probity_proof::bundle::{BUNDLE_VERSION, BundlePart};
use probity_proof::fork::{Difference, FORK_VERSION, LeafProof};
use probity_proof::proof_text::ProofText;
use probity_proof::tree::{EMPTY_ROOT, TreeHash, inclusion, leaf_hash, root_at};
use probity_proof::{Bundle, ForkEvidence};
use probity_types::{hex, unhex};
use serde_json::{Value, json};
use std::path::Path;

/// An entry of the golden log with two sealed parts.
const POSITION: usize = 11;

/// Adds the cases.
pub fn add(cases: &mut Cases) {
    let golden = golden();
    add_proof_texts(cases, &golden);
    add_bundles(cases, &golden);
    add_forks(cases);
    add_logs(cases, &golden);
}

fn policy() -> String {
    let keys = [1, 2].map(|number| cosigner(&witness(number)));
    format!(
        "witness w1 {}\nwitness w2 {}\ngroup q all w1 w2\nquorum q\n",
        keys[0], keys[1]
    )
}

fn head(golden: &Golden, size: u64, witnesses: &[u8]) -> String {
    let root = root_at(&golden.tree, size).expect("stored");
    signed(&checkpoint(size, root), witnesses).to_string()
}

fn add_proof_texts(cases: &mut Cases, golden: &Golden) {
    let size = golden.tree.size();
    let note = head(golden, size, &[1, 2]);
    let proof = ProofText {
        extra: None,
        index: POSITION as u64,
        path: inclusion(&golden.tree, POSITION as u64, size).expect("in the tree"),
        checkpoint: probity_proof::Note::parse(note.as_bytes()).expect("signed"),
    };
    let good = json!({
        "proof": proof.to_string(), "entry": hex(&leaf(&golden.frames[POSITION]).encode()),
        "log": vkey(&log_key()), "policy": policy(),
    });
    cases.good("a proof text", "proof_text", &good);
    let extra = ProofText {
        extra: Some(b"more".to_vec()),
        ..proof
    };
    cases.good(
        "a proof text with extra bytes",
        "proof_text",
        &with(&good, "/proof", json!(extra.to_string())),
    );
    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "proof_text", field, &inputs);
    wrong(
        "another first line",
        "proof",
        replaced(&good, "/proof", "@v1", "@v2"),
    );
    wrong(
        "no index",
        "proof",
        replaced(&good, "/proof", "index ", "number "),
    );
    wrong(
        "an index with a leading zero",
        "index",
        replaced(&good, "/proof", "index 11", "index 011"),
    );
    wrong(
        "another index",
        "root",
        replaced(&good, "/proof", "index 11", "index 10"),
    );
    let first = extra.path[0].to_string();
    wrong(
        "a short hash",
        "path[0]",
        replaced(&good, "/proof", &first, &first[4..]),
    );
    wrong(
        "a hash left out",
        "path",
        replaced(&good, "/proof", &format!("{first}\n"), ""),
    );
    wrong(
        "another entry",
        "root",
        with(
            &good,
            "/entry",
            json!(hex(&leaf(&golden.frames[12]).encode())),
        ),
    );
    wrong("a witness too few", "cosignatures", {
        let note = head(golden, size, &[1]);
        let (proof, _) = text_at(&good, "/proof")
            .split_once("\n\n")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .expect("both");
        with(&good, "/proof", json!(format!("{proof}\n\n{note}")))
    });
}

/// Salt and content of sealed part `number` of an entry, by the golden keys.
fn unsealed(golden: &Golden, number: usize) -> ([u8; 16], Vec<u8>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../log-format/vectors/log-keys.json");
    let keys: Value =
        serde_json::from_slice(&std::fs::read(file).expect("checked in")).expect("JSON");
    let is_it =
        |leaf: &&Value| leaf["position"] == json!(POSITION) && leaf["part"] == json!(number);
    let key = keys["leaves"]
        .as_array()
        .and_then(|all| all.iter().find(is_it))
        .expect("the part's key");
    let key = unhex(key["key"].as_str().expect("text")).expect("32 bytes");
    let log = keys["log"].as_str().expect("text").parse().expect("an id");
    golden.frames[POSITION]
        .open_part_bytes(log, number as u8, &key)
        .expect("opens")
}

fn bundle(golden: &Golden, show_sealed: bool) -> Bundle {
    let (frame, links, size) = (
        &golden.frames[POSITION],
        golden.links[POSITION],
        golden.tree.size(),
    );
    let mut parts = vec![BundlePart::open(&frame.open)];
    for (number, part) in (1..).zip(frame.sealed.iter()) {
        let (salt, content) = unsealed(golden, number);
        let shown = (show_sealed && number == 2).then_some((&salt, content.as_slice()));
        parts.push(BundlePart::sealed(part, shown));
    }
    Bundle {
        version: BUNDLE_VERSION,
        header: Bundle::header_text(&frame.header).expect("a header"),
        previous: links.previous,
        previous_in_stream: links.previous_in_stream,
        parts,
        index: POSITION as u64,
        size,
        path: inclusion(&golden.tree, POSITION as u64, size).expect("in the tree"),
        checkpoint: head(golden, size, &[1, 2]),
    }
}

fn add_bundles(cases: &mut Cases, golden: &Golden) {
    let case = |bundle: &Bundle| {
        let shown: Vec<Value> = (0..)
            .zip(&bundle.parts)
            .filter_map(|(number, part): (u8, _)| {
                let opened = part.opened.as_ref()?;
                Some(json!({ "number": number, "kind": part.kind, "content": opened.content }))
            })
            .collect();
        json!({
            "bundle": bundle, "vkey": vkey(&log_key()), "policy": policy(),
            "entry_hash": golden.frames[POSITION].entry_hash, "shown": shown,
        })
    };
    let good = case(&bundle(golden, true));
    cases.good("a bundle with one sealed part opened", "bundle", &good);
    cases.good(
        "a bundle with its sealed parts closed",
        "bundle",
        &case(&bundle(golden, false)),
    );
    let mut nothing = bundle(golden, false);
    nothing.parts[0].opened = None;
    cases.good(
        "a bundle that shows nothing but that it is there",
        "bundle",
        &case(&nothing),
    );

    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "bundle", field, &inputs);
    let zero = json!(Hash::default());
    wrong(
        "another version of the file",
        "version",
        with(&good, "/bundle/version", json!(2)),
    );
    let header = text_at(&good, "/bundle/header");
    wrong(
        "a header cut short",
        "header",
        with(&good, "/bundle/header", json!(header[2..])),
    );
    wrong(
        "another format",
        "header.format",
        with(
            &good,
            "/bundle/header",
            json!("02".to_owned() + &header[2..]),
        ),
    );
    // Byte 104 is the last of the request tag.
    let tag = json!(header[..208].to_owned() + "ff" + &header[210..]);
    wrong(
        "a header byte changed",
        "root",
        with(&good, "/bundle/header", tag),
    );
    wrong(
        "another entry before",
        "root",
        with(&good, "/bundle/previous", zero.clone()),
    );
    wrong(
        "another entry before in the stream",
        "root",
        with(&good, "/bundle/previous_in_stream", zero.clone()),
    );
    wrong(
        "a hash that is no hash",
        "bundle",
        with(&good, "/bundle/previous", json!("00")),
    );
    wrong("an unknown field", "bundle", {
        let mut other = good.clone();
        other["bundle"]["more"] = json!(1);
        other
    });
    for part in [0, 2] {
        let at = |field: &str| format!("/bundle/parts/{part}/{field}");
        let named = |field: &str| format!("parts[{part}].{field}");
        wrong(
            &format!("part {part}: another commitment"),
            &named("commitment"),
            with(&good, &at("commitment"), zero.clone()),
        );
        wrong(
            &format!("part {part}: another content"),
            &named("commitment"),
            with(&good, &at("opened/content"), json!("AAAA")),
        );
        wrong(
            &format!("part {part}: content that is no base64"),
            &named("opened.content"),
            with(&good, &at("opened/content"), json!("A")),
        );
        wrong(
            &format!("part {part}: another salt"),
            &named("commitment"),
            with(&good, &at("opened/salt"), json!("00".repeat(16))),
        );
        wrong(
            &format!("part {part}: a short salt"),
            &named("opened.salt"),
            with(&good, &at("opened/salt"), json!("00")),
        );
    }
    wrong(
        "a closed part with another commitment",
        "root",
        with(&good, "/bundle/parts/1/commitment", zero.clone()),
    );
    wrong(
        "a closed part of another kind",
        "root",
        with(&good, "/bundle/parts/1/kind", json!(3)),
    );
    wrong(
        "a closed part under another key",
        "root",
        with(&good, "/bundle/parts/1/leaf", json!(99)),
    );
    wrong(
        "another ciphertext",
        "root",
        with(&good, "/bundle/parts/1/sealed_hash", zero),
    );
    wrong(
        "a second open part",
        "parts[1].kind",
        with(&good, "/bundle/parts/1/kind", json!(0)),
    );
    wrong(
        "a sealed part in front",
        "parts[0].kind",
        with(&good, "/bundle/parts/0/kind", json!(1)),
    );
    wrong(
        "an open part with a ciphertext",
        "parts[0].sealed_hash",
        with(&good, "/bundle/parts/0/sealed_hash", json!(Hash([1; 32]))),
    );
    wrong(
        "an open part with a key",
        "parts[0].leaf",
        with(&good, "/bundle/parts/0/leaf", json!(1)),
    );
    let parts = good["bundle"]["parts"].as_array().expect("a list");
    wrong(
        "a part left out",
        "root",
        with(&good, "/bundle/parts", json!(parts[..2])),
    );
    wrong("no parts", "parts", with(&good, "/bundle/parts", json!([])));
    wrong(
        "another index",
        "index",
        with(&good, "/bundle/index", json!(12)),
    );
    wrong(
        "another size",
        "size",
        with(&good, "/bundle/size", json!(12)),
    );
    wrong(
        "a path element changed",
        "root",
        with(&good, "/bundle/path/1", json!(EMPTY_ROOT)),
    );
    wrong(
        "a path that is too short",
        "path",
        with(&good, "/bundle/path", json!([])),
    );
    wrong(
        "a checkpoint changed",
        "checkpoint.signatures[0]",
        replaced(&good, "/bundle/checkpoint", "\n\n", "\nmore\n\n"),
    );
    wrong(
        "a checkpoint that is none",
        "checkpoint.note",
        with(&good, "/bundle/checkpoint", json!("")),
    );
    wrong(
        "another log's key",
        "checkpoint.signatures",
        with(&good, "/vkey", json!(vkey(&witness(3)))),
    );
    wrong(
        "a checkpoint before the entry",
        "size",
        with(&good, "/bundle/checkpoint", json!(head(golden, 5, &[1, 2]))),
    );
    wrong(
        "a checkpoint that a witness has not seen",
        "checkpoint.cosignatures",
        with(
            &good,
            "/bundle/checkpoint",
            json!(head(golden, golden.tree.size(), &[1])),
        ),
    );
}

fn proof(tree: &Tree, index: u64, leaf: TreeHash) -> LeafProof {
    let path = inclusion(tree, index, tree.size()).expect("in the tree");
    LeafProof { leaf, path }
}

fn add_forks(cases: &mut Cases) {
    let honest = Tree::counting(21);
    let number = |n: u64| leaf_hash(&n.to_be_bytes());
    // Entry 5 was another one, and the log went on from there.
    let other_leaf = leaf_hash(b"another");
    let forked =
        |size: u64| Tree::of((0..size).map(|n| if n == 5 { other_leaf } else { number(n) }));
    let head = |tree: &Tree| {
        let root = root_at(tree, tree.size()).expect("stored");
        signed(&checkpoint(tree.size(), root), &[]).to_string()
    };
    let case = |tree: &Tree, difference: Option<Difference>| {
        let evidence = ForkEvidence {
            version: FORK_VERSION,
            first: head(&honest),
            second: head(tree),
            difference,
        };
        json!({ "evidence": evidence, "vkey": vkey(&log_key()) })
    };
    let same_size = case(&forked(21), None);
    cases.good("two roots of one size", "fork", &same_size);
    let longer = forked(30);
    let difference = Difference {
        index: 5,
        first: proof(&honest, 5, number(5)),
        second: proof(&longer, 5, other_leaf),
    };
    let two_sizes = case(&longer, Some(difference.clone()));
    cases.good("two sizes, one leaf that differs", "fork", &two_sizes);

    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "fork", field, &inputs);
    wrong("one checkpoint twice", "difference", case(&honest, None));
    wrong(
        "two sizes without a difference",
        "difference",
        case(&longer, None),
    );
    wrong(
        "a log that went on",
        "difference.second.root",
        case(&Tree::counting(30), Some(difference)),
    );
    wrong("a leaf that is the same", "difference", {
        let longer = Tree::counting(30);
        let difference = Difference {
            index: 5,
            first: proof(&honest, 5, number(5)),
            second: proof(&longer, 5, number(5)),
        };
        case(&longer, Some(difference))
    });
    wrong(
        "a path that does not lead there",
        "difference.first.root",
        with(
            &two_sizes,
            "/evidence/difference/first/path/0",
            json!(EMPTY_ROOT),
        ),
    );
    wrong(
        "a leaf past the end",
        "difference.first.index",
        with(&two_sizes, "/evidence/difference/index", json!(21)),
    );
    wrong(
        "a checkpoint that the log did not sign",
        "second.signatures[0]",
        replaced(&same_size, "/evidence/second", "\n\n", "\nmore\n\n"),
    );
    wrong(
        "a fork of another log",
        "first.signatures",
        with(&same_size, "/vkey", json!(vkey(&witness(1)))),
    );
    wrong(
        "another version of the evidence",
        "version",
        with(&same_size, "/evidence/version", json!(2)),
    );
}

fn add_logs(cases: &mut Cases, golden: &Golden) {
    let size = golden.tree.size();
    let case =
        |note: String| json!({ "folder": "log", "vkey": vkey(&log_key()), "checkpoint": note });
    cases.good(
        "a log and its newest checkpoint",
        "log",
        &case(head(golden, size, &[1])),
    );
    cases.good(
        "a log and an older checkpoint",
        "log",
        &case(head(golden, 30, &[])),
    );
    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "log", field, &inputs);
    let of = |size: u64, root: TreeHash| signed(&checkpoint(size, root), &[]).to_string();
    wrong(
        "a log and a checkpoint past its end",
        "size",
        case(of(size + 1, EMPTY_ROOT)),
    );
    wrong(
        "a log and the checkpoint of another history",
        "root",
        case(of(30, EMPTY_ROOT)),
    );
    wrong("a log and the checkpoint of another log", "origin", {
        let key = probity_proof::SigningKey::from_seed("other.example", &[1; 32]).expect("a name");
        let mut other = checkpoint(size, root_at(&golden.tree, size).expect("stored"));
        assert_eq!(other.origin, ORIGIN);
        other.origin = "other.example".to_owned();
        let note = other.sign(&key).expect("its own").to_string();
        with(&case(note), "/vkey", json!(vkey(&key)))
    });
}
