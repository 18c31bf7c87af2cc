//! Leaves, inclusion, consistency.

use super::world::{Tree, golden, leaf};
use super::{Cases, with};
use probity_proof::tree::{EMPTY_ROOT, consistency, inclusion, leaf_hash, root_at};
use probity_types::hex;
use serde_json::{Value, json};

/// Adds the cases.
pub fn add(cases: &mut Cases) {
    add_leaves(cases);
    add_inclusion(cases);
    add_consistency(cases);
}

fn add_leaves(cases: &mut Cases) {
    let golden = golden();
    let inputs = |number: usize| {
        let leaf = leaf(&golden.frames[number]);
        let entry = leaf.encode();
        json!({
            "position": leaf.position, "recorded_at": leaf.recorded_at.0, "entry_hash": leaf.entry_hash,
            "entry": hex(&entry), "hash": leaf_hash(&entry),
        })
    };
    cases.good("leaf of the first entry", "leaf", &inputs(0));
    let good = inputs(25);
    cases.good("leaf of a later entry", "leaf", &good);
    let entry = super::text_at(&good, "/entry");
    cases.wrong(
        "leaf cut short",
        "leaf",
        "leaf",
        &with(&good, "/entry", json!(entry[..96])),
    );
    cases.wrong(
        "leaf with a byte too many",
        "leaf",
        "leaf",
        &with(&good, "/entry", json!(entry.clone() + "00")),
    );
    let version = json!("02".to_owned() + &entry[2..]);
    cases.wrong(
        "leaf of another version",
        "leaf",
        "leaf version",
        &with(&good, "/entry", version),
    );
    cases.wrong(
        "leaf of another position",
        "leaf",
        "position",
        &with(&good, "/position", json!(26)),
    );
    cases.wrong(
        "leaf of another time",
        "leaf",
        "recorded_at",
        &with(&good, "/recorded_at", json!(1)),
    );
    let hash = golden.frames[24].entry_hash;
    cases.wrong(
        "leaf of another entry",
        "leaf",
        "entry_hash",
        &with(&good, "/entry_hash", json!(hash)),
    );
    cases.wrong(
        "leaf with another hash",
        "leaf",
        "hash",
        &with(&good, "/hash", json!(EMPTY_ROOT)),
    );
}

fn included(tree: &Tree, index: u64, size: u64) -> Value {
    let path = inclusion(tree, index, size).expect("in the tree");
    json!({
        "index": index, "size": size, "leaf": leaf_hash(&index.to_be_bytes()), "path": path,
        "root": root_at(tree, size).expect("stored"),
    })
}

fn add_inclusion(cases: &mut Cases) {
    let tree = Tree::counting(300);
    for (index, size) in [
        (0, 1),
        (0, 2),
        (1, 2),
        (0, 3),
        (2, 3),
        (3, 7),
        (6, 7),
        (7, 8),
        (20, 21),
        (16, 31),
        (30, 31),
        (0, 255),
        (254, 255),
        (255, 256),
        (256, 257),
        (127, 300),
        (299, 300),
    ] {
        cases.good(
            &format!("leaf {index} of {size}"),
            "inclusion",
            &included(&tree, index, size),
        );
    }
    let good = included(&tree, 3, 7);
    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "inclusion", field, &inputs);
    wrong(
        "a leaf past the end",
        "index",
        with(&good, "/index", json!(7)),
    );
    wrong("no tree at all", "index", with(&good, "/size", json!(0)));
    wrong(
        "another leaf's number",
        "root",
        with(&good, "/index", json!(2)),
    );
    wrong(
        "another leaf",
        "root",
        with(&good, "/leaf", json!(EMPTY_ROOT)),
    );
    wrong(
        "another root",
        "root",
        with(&good, "/root", json!(EMPTY_ROOT)),
    );
    wrong(
        "the root of another size",
        "root",
        with(&good, "/root", json!(root_at(&tree, 6).expect("stored"))),
    );
    let path = good["path"].as_array().expect("a list").clone();
    for at in 0..path.len() {
        let pointer = format!("/path/{at}");
        wrong(
            &format!("element {at} changed"),
            "root",
            with(&good, &pointer, json!(EMPTY_ROOT)),
        );
    }
    wrong(
        "an element left out",
        "path",
        with(&good, "/path", json!(path[1..])),
    );
    wrong(
        "an element too many",
        "path",
        with(&good, "/path", json!([&path[..], &path[..1]].concat())),
    );
    wrong("no element", "path", with(&good, "/path", json!([])));
    // The two hashes below a node as one entry: its leaf hash differs from the node by the prefix alone.
    let pair = [0u64, 1]
        .map(|number| leaf_hash(&number.to_be_bytes()).0)
        .concat();
    let root = root_at(&tree, 2).expect("stored");
    let node = json!({ "index": 0, "size": 1, "path": [], "root": root, "leaf": leaf_hash(&pair) });
    wrong("a leaf in the shape of a node", "root", node);
}

fn continued(tree: &Tree, from: u64, to: u64) -> Value {
    let path = consistency(tree, from, to).expect("sizes of the tree");
    let root = |size| root_at(tree, size).expect("stored");
    json!({ "from": from, "from_root": root(from), "to": to, "to_root": root(to), "path": path })
}

fn add_consistency(cases: &mut Cases) {
    let tree = Tree::counting(300);
    for (from, to) in [
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 4),
        (3, 7),
        (4, 7),
        (6, 8),
        (7, 8),
        (8, 8),
        (21, 31),
        (128, 300),
        (255, 256),
        (256, 300),
        (299, 300),
    ] {
        cases.good(
            &format!("{from} leaves, then {to}"),
            "consistency",
            &continued(&tree, from, to),
        );
    }
    let good = continued(&tree, 3, 7);
    let mut wrong =
        |name: &str, field: &str, inputs: Value| cases.wrong(name, "consistency", field, &inputs);
    wrong("from nothing", "from", with(&good, "/from", json!(0)));
    wrong(
        "a tree that shrinks",
        "from",
        with(&good, "/from", json!(8)),
    );
    wrong(
        "another old root",
        "from_root",
        with(&good, "/from_root", json!(EMPTY_ROOT)),
    );
    wrong(
        "another new root",
        "to_root",
        with(&good, "/to_root", json!(EMPTY_ROOT)),
    );
    let path = good["path"].as_array().expect("a list").clone();
    // Of 3 leaves in 7: leaf 2, leaf 3, the first two, the last three. The second and the last are in the new tree alone.
    for (at, field) in ["from_root", "to_root", "from_root", "to_root"]
        .into_iter()
        .enumerate()
    {
        let pointer = format!("/path/{at}");
        wrong(
            &format!("element {at} changed"),
            field,
            with(&good, &pointer, json!(EMPTY_ROOT)),
        );
    }
    wrong(
        "an element left out",
        "path",
        with(&good, "/path", json!(path[1..])),
    );
    wrong(
        "an element too many",
        "path",
        with(&good, "/path", json!([&path[..], &path[..1]].concat())),
    );
    wrong("no element", "path", with(&good, "/path", json!([])));
    let same = continued(&tree, 7, 7);
    wrong(
        "one size, two roots",
        "to_root",
        with(&same, "/to_root", json!(EMPTY_ROOT)),
    );
    wrong(
        "one size, an element",
        "path",
        with(&same, "/path", json!([EMPTY_ROOT])),
    );
}
