//! Proofs checked, as RFC 9162 (2.1.3.2 and 2.1.4.2) has them: the length of a path follows from the sizes, so every
//! element is consumed and none is made up.

use super::{TreeHash, node_hash};
use crate::error::{ProofError, same};

/// Levels on which the path to a leaf and the tree's right edge differ, and elements on the edge above them.
fn path_shape(index: u64, size: u64) -> (u32, u32) {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let border = index.checked_shr(inner).unwrap_or(0).count_ones();
    (inner, border)
}

/// Climbs by the inner elements: bit i of `index` says on which side the i-th stands.
fn climb(seed: TreeHash, inner: &[TreeHash], index: u64) -> TreeHash {
    let sides = (0..u64::BITS).map(|level| index >> level & 1 == 1);
    let steps = inner.iter().zip(sides);
    steps.fold(seed, |hash, (element, is_left)| {
        if is_left {
            node_hash(*element, hash)
        } else {
            node_hash(hash, *element)
        }
    })
}

/// Climbs by elements that all stand to the left.
fn climb_right<'a>(seed: TreeHash, elements: impl Iterator<Item = &'a TreeHash>) -> TreeHash {
    elements.fold(seed, |hash, element| node_hash(*element, hash))
}

fn check_length(expected: u32, path: &[TreeHash]) -> Result<(), ProofError> {
    let number = |n: u64| format!("{n} hashes");
    same(
        "path",
        number(u64::from(expected)),
        number(path.len() as u64),
    )
}

/// Checks that the leaf with hash `leaf` is number `index` in the tree of `size` leaves with that root.
///
/// # Errors
/// [`ProofError`] in `index`, `path` (its length) or `root`.
pub fn check_inclusion(
    index: u64,
    size: u64,
    leaf: TreeHash,
    path: &[TreeHash],
    root: TreeHash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::new(
            "index",
            format!("a number below {size}"),
            index,
        ));
    }
    let (inner, border) = path_shape(index, size);
    check_length(inner + border, path)?;
    let (inner, border) = path.split_at(inner as usize);
    same(
        "root",
        root,
        climb_right(climb(leaf, inner, index), border.iter()),
    )
}

/// Checks that the tree of `to` leaves continues the tree of `from` leaves.
///
/// From an empty tree there is nothing to check, and a caller who asks is told so: whoever has an empty tree takes any.
///
/// # Errors
/// [`ProofError`] in `from`, `path` (its length), `from_root` or `to_root`.
pub fn check_consistency(
    from: u64,
    from_root: TreeHash,
    to: u64,
    to_root: TreeHash,
    path: &[TreeHash],
) -> Result<(), ProofError> {
    if from == 0 || from > to {
        return Err(ProofError::new(
            "from",
            format!("a size from 1 to {to}"),
            from,
        ));
    }
    if from == to {
        check_length(0, path)?;
        return same("to_root", from_root, to_root);
    }
    let (inner, border) = path_shape(from - 1, to);
    let shift = from.trailing_zeros();
    let inner = inner - shift;
    // Where the old tree is complete its root is where the climb begins, otherwise the first element is.
    let (seed, rest, skipped) = match path.split_first() {
        _ if from.is_power_of_two() => (from_root, path, 0),
        Some((first, rest)) => (*first, rest, 1),
        None => (from_root, path, 1),
    };
    check_length(skipped + inner + border, path)?;
    let index = (from - 1) >> shift;
    let (inner, border) = rest.split_at(inner as usize);
    let in_old = (0..u64::BITS)
        .zip(inner)
        .filter(|(level, _)| index >> level & 1 == 1);
    let old = in_old.map(|(_, element)| element).chain(border);
    same("from_root", from_root, climb_right(seed, old))?;
    same(
        "to_root",
        to_root,
        climb_right(climb(seed, inner, index), border.iter()),
    )
}
