//! The tree against its recursive definition, its proofs against every change that could be made to them, and the cases
//! of an independent implementation.

use probity_proof::tree::{
    EMPTY_ROOT, Frontier, HashSource, TreeHash, check_consistency, check_inclusion, complete_root,
    consistency, inclusion, leaf_hash, node_hash, root_at,
};
use proptest::prelude::*;
use serde_json::Value;
use std::convert::Infallible;
use std::path::Path;

/// RFC 6962, 2.1, word for word.
fn definition(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            node_hash(definition(&leaves[..middle]), definition(&leaves[middle..]))
        }
    }
}

/// Every complete subtree, by level.
struct Stored(Vec<Vec<TreeHash>>);

impl HashSource for Stored {
    type Error = Infallible;
    fn subtree(&self, level: u32, index: u64) -> Result<TreeHash, Infallible> {
        Ok(self.0[level as usize][index as usize])
    }
}

fn leaf(number: u64) -> TreeHash {
    leaf_hash(&number.to_be_bytes())
}

fn leaves(size: u64) -> Vec<TreeHash> {
    (0..size).map(leaf).collect()
}

/// A tree grown leaf by leaf, with the root at each size from 0.
fn grown(size: u64) -> (Stored, Vec<TreeHash>) {
    let (mut stored, mut edge) = (Stored(Vec::new()), Frontier::default());
    let mut roots = vec![edge.root()];
    for number in 0..size {
        edge.push_each(leaf(number), |level, index, hash| {
            let level = level as usize;
            if stored.0.len() == level {
                stored.0.push(Vec::new());
            }
            assert_eq!(
                stored.0[level].len() as u64,
                index,
                "subtrees come in order"
            );
            stored.0[level].push(hash);
        });
        roots.push(edge.root());
    }
    (stored, roots)
}

fn changed(hash: TreeHash, bit: u8) -> TreeHash {
    let mut bytes = hash.0;
    bytes[usize::from(bit >> 3)] ^= 1 << (bit & 7);
    TreeHash(bytes)
}

#[test]
fn the_empty_root_is_the_hash_of_nothing() {
    let hex = probity_types::hex(&EMPTY_ROOT.0);
    assert_eq!(
        hex,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        EMPTY_ROOT.to_string(),
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
    assert_eq!(EMPTY_ROOT.to_string().parse(), Ok(EMPTY_ROOT));
}

#[test]
fn a_tree_grown_leaf_by_leaf_is_the_one_of_the_definition() {
    let all = leaves(300);
    let (stored, roots) = grown(300);
    for size in 0..=300 {
        assert_eq!(roots[size], definition(&all[..size]), "size {size}");
        assert_eq!(
            root_at(&stored, size as u64),
            Ok(roots[size]),
            "size {size}"
        );
    }
}

#[test]
fn an_edge_taken_apart_goes_on_as_before() {
    let (_, roots) = grown(300);
    let mut edge = Frontier::default();
    for number in 0..300 {
        edge = Frontier::from_parts(edge.size(), edge.hashes().to_vec()).expect("its own parts");
        edge.push(leaf(number));
        assert_eq!(
            (edge.size(), edge.root()),
            (number + 1, roots[number as usize + 1])
        );
    }
    assert!(Frontier::from_parts(7, vec![EMPTY_ROOT; 2]).is_err());
    assert!(Frontier::from_parts(0, vec![EMPTY_ROOT]).is_err());
}

#[test]
fn every_leaf_of_every_tree_is_included() {
    let (stored, roots) = grown(300);
    for size in 1..=300 {
        for index in 0..size {
            let path = inclusion(&stored, index, size).expect("in the tree");
            let checked = check_inclusion(index, size, leaf(index), &path, roots[size as usize]);
            assert_eq!(checked, Ok(()), "{index} of {size}");
        }
    }
    assert!(inclusion(&stored, 5, 5).is_err());
    assert!(inclusion(&stored, 0, 0).is_err());
}

#[test]
fn every_tree_continues_every_smaller_one() {
    let (stored, roots) = grown(300);
    let root = |size: u64| roots[size as usize];
    for to in 1..=300 {
        for from in 1..=to {
            let path = consistency(&stored, from, to).expect("sizes of the tree");
            let checked = check_consistency(from, root(from), to, root(to), &path);
            assert_eq!(checked, Ok(()), "{from} to {to}");
        }
        assert_eq!(consistency(&stored, 0, to), Ok(Vec::new()));
    }
    assert!(consistency(&stored, 6, 5).is_err());
}

#[test]
fn each_element_of_an_inclusion_path_counts() {
    let (stored, roots) = grown(300);
    for size in (1..=70).chain([127, 128, 129, 255, 256, 257, 299]) {
        for index in 0..size {
            let path = inclusion(&stored, index, size).expect("in the tree");
            let root = roots[size as usize];
            let refused =
                |path: &[TreeHash]| check_inclusion(index, size, leaf(index), path, root).is_err();
            for at in 0..path.len() {
                let mut other = path.clone();
                other[at] = changed(other[at], at as u8);
                assert!(refused(&other), "{index} of {size}: element {at} changed");
                other.remove(at);
                assert!(refused(&other), "{index} of {size}: element {at} left out");
            }
            let longer = [&path[..], &[root]].concat();
            assert!(refused(&longer), "{index} of {size}: one more");
            assert!(check_inclusion(index, size, leaf(index + 1), &path, root).is_err());
            assert!(
                check_inclusion(index ^ 1, size, leaf(index), &path, root).is_err() || size == 1
            );
        }
    }
}

#[test]
fn each_element_of_a_consistency_path_counts() {
    let (stored, roots) = grown(300);
    let root = |size: u64| roots[size as usize];
    for to in (2..=40).chain([64, 127, 129, 255, 256, 299]) {
        for from in 1..to {
            let path = consistency(&stored, from, to).expect("sizes of the tree");
            let check = |path: &[TreeHash]| check_consistency(from, root(from), to, root(to), path);
            for at in 0..path.len() {
                let mut other = path.clone();
                other[at] = changed(other[at], 255);
                assert!(
                    check(&other).is_err(),
                    "{from} to {to}: element {at} changed"
                );
                other.remove(at);
                assert!(
                    check(&other).is_err(),
                    "{from} to {to}: element {at} left out"
                );
            }
            assert!(
                check(&[&path[..], &[root(to)]].concat()).is_err(),
                "{from} to {to}: one more"
            );
            assert!(check_consistency(from, changed(root(from), 9), to, root(to), &path).is_err());
            assert!(check_consistency(from, root(from), to, changed(root(to), 9), &path).is_err());
        }
    }
}

#[test]
fn an_error_names_the_field() {
    let (stored, roots) = grown(7);
    let path = inclusion(&stored, 3, 7).expect("in the tree");
    let field = |index, path: &[TreeHash], root| {
        check_inclusion(index, 7, leaf(3), path, root)
            .expect_err("wrong")
            .field
    };
    assert_eq!(field(7, &path, roots[7]), "index");
    assert_eq!(field(3, &path[1..], roots[7]), "path");
    assert_eq!(field(3, &path, roots[6]), "root");
    let path = consistency(&stored, 3, 7).expect("sizes of the tree");
    let field = |from, old, new, path: &[TreeHash]| {
        check_consistency(from, old, 7, new, path)
            .expect_err("wrong")
            .field
    };
    assert_eq!(field(0, EMPTY_ROOT, roots[7], &[]), "from");
    assert_eq!(field(8, roots[3], roots[7], &path), "from");
    assert_eq!(field(3, roots[3], roots[7], &[]), "path");
    assert_eq!(field(3, roots[2], roots[7], &path), "from_root");
    assert_eq!(field(3, roots[3], roots[6], &path), "to_root");
    assert_eq!(field(7, roots[6], roots[7], &[]), "to_root");
}

#[test]
fn a_leaf_in_the_shape_of_a_node_is_another_hash() {
    let (left, right) = (leaf(0), leaf(1));
    let node = node_hash(left, right);
    let shaped = leaf_hash(&[left.0, right.0].concat());
    assert_ne!(shaped, node);
    // With the node's prefix in its own bytes it is still hashed as a leaf.
    assert_ne!(leaf_hash(&[&[1][..], &left.0, &right.0].concat()), node);
    assert_ne!(check_inclusion(0, 1, shaped, &[], node), Ok(()));
}

#[test]
fn sizes_near_the_end_of_the_numbers_do_not_overflow() {
    let path = [EMPTY_ROOT; 64];
    for index in [0, 1, u64::MAX / 2, u64::MAX - 1] {
        for length in 0..=64 {
            assert!(
                check_inclusion(index, u64::MAX, EMPTY_ROOT, &path[..length], EMPTY_ROOT).is_err()
            );
        }
    }
    assert!(check_inclusion(u64::MAX, u64::MAX, EMPTY_ROOT, &path, EMPTY_ROOT).is_err());
    for from in [1, 1 << 63, u64::MAX - 1] {
        for length in 0..=64 {
            assert!(
                check_consistency(from, EMPTY_ROOT, u64::MAX, EMPTY_ROOT, &path[..length]).is_err()
            );
        }
    }
}

#[test]
fn a_complete_subtree_is_hashed_from_any_row_below_it() {
    let all = leaves(256);
    assert_eq!(complete_root(&all), Some(definition(&all)));
    assert_eq!(complete_root(&all[..1]), Some(all[0]));
    assert_eq!(complete_root(&all[..3]), None);
    assert_eq!(complete_root(&[]), None);
}

proptest! {
    #[test]
    fn trees_with_many_bits_in_their_sizes_prove_and_verify(to in 1u64..5_000, from in 1u64..5_000, index in 0u64..5_000) {
        let (from, index) = (1 + from % to, index % to);
        let (stored, roots) = grown(to);
        let path = inclusion(&stored, index, to).expect("in the tree");
        prop_assert_eq!(check_inclusion(index, to, leaf(index), &path, roots[to as usize]), Ok(()));
        let path = consistency(&stored, from, to).expect("sizes of the tree");
        prop_assert_eq!(check_consistency(from, roots[from as usize], to, roots[to as usize], &path), Ok(()));
    }
}

/// A hash in those cases, none where it is missing; some are words that stand for any hash.
fn any_hash(text: &Value) -> Option<TreeHash> {
    let text = text.as_str().filter(|text| !text.is_empty())?;
    let hash = TreeHash::parse("hash", text);
    Some(hash.unwrap_or_else(|_| leaf_hash(text.as_bytes())))
}

fn path_of(case: &Value) -> Option<Vec<TreeHash>> {
    let elements = case["proof"].as_array().map_or(&[][..], Vec::as_slice);
    elements
        .iter()
        .map(|text| text.as_str()?.parse().ok())
        .collect()
}

#[test]
fn the_cases_of_an_independent_implementation_are_accepted_and_refused_alike() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/merkle/rfc6962.json");
    let cases: Value =
        serde_json::from_slice(&std::fs::read(file).expect("checked in")).expect("JSON");
    let number = |case: &Value, field: &str| case[field].as_u64().expect("a number");
    let inclusion = cases["inclusion"].as_array().expect("a list");
    assert_eq!(inclusion.len(), 98);
    for case in inclusion {
        let (index, size) = (number(case, "leafIdx"), number(case, "treeSize"));
        let checked = || {
            let (leaf, root) = (any_hash(&case["leafHash"])?, any_hash(&case["root"])?);
            check_inclusion(index, size, leaf, &path_of(case)?, root).ok()
        };
        let holds = checked().is_some();
        assert_eq!(
            !holds,
            case["wantErr"].as_bool().expect("yes or no"),
            "{case}"
        );
    }
    let consistency = cases["consistency"].as_array().expect("a list");
    assert_eq!(consistency.len(), 98);
    for case in consistency {
        let (from, to) = (number(case, "size1"), number(case, "size2"));
        let checked = || {
            let (old, new) = (any_hash(&case["root1"])?, any_hash(&case["root2"])?);
            check_consistency(from, old, to, new, &path_of(case)?).ok()
        };
        let holds = checked().is_some();
        assert_eq!(
            !holds,
            case["wantErr"].as_bool().expect("yes or no"),
            "{case}"
        );
    }
}
