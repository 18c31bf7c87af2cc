//! Roots and proofs out of stored subtree hashes.

use super::{EMPTY_ROOT, TreeHash, node_hash, split};

/// Where hashes of complete subtrees come from: tiles, say.
pub trait HashSource {
    /// Why a hash cannot be had.
    type Error;

    /// Root of the complete subtree over the leaves `index << level` to `(index + 1) << level`.
    ///
    /// # Errors
    /// The source's own.
    fn subtree(&self, level: u32, index: u64) -> Result<TreeHash, Self::Error>;
}

/// Why a proof cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError<E> {
    /// A question about what the tree does not hold.
    #[error("field {field}: expected at most {max}, found {found}")]
    Range {
        /// Which argument.
        field: &'static str,
        /// The largest that would be right.
        max: u64,
        /// What was asked for.
        found: u64,
    },
    /// There is nothing to be proved about a tree without leaves.
    #[error("field size: expected at least 1, found 0")]
    Empty,
    /// The source failed.
    #[error(transparent)]
    Source(#[from] E),
}

/// Root over the leaves `from..to`; `from` is where a split put it, so every part of the range is aligned.
fn range<S: HashSource>(source: &S, from: u64, to: u64) -> Result<TreeHash, S::Error> {
    let mut joined: Option<TreeHash> = None;
    let (mut left, mut end) = (to - from, to);
    while left > 0 {
        let level = left.trailing_zeros();
        let hash = source.subtree(level, (end >> level) - 1)?;
        joined = Some(joined.map_or(hash, |right| node_hash(hash, right)));
        left -= 1 << level;
        end -= 1 << level;
    }
    Ok(joined.unwrap_or(EMPTY_ROOT))
}

/// Root of the tree over the first `size` leaves.
///
/// # Errors
/// The source's own.
pub fn root_at<S: HashSource>(source: &S, size: u64) -> Result<TreeHash, S::Error> {
    range(source, 0, size)
}

/// Proof that leaf `index` stands in the tree over the first `size` leaves, its sibling first.
///
/// # Errors
/// [`BuildError`]: no such leaf, or the source's own.
pub fn inclusion<S: HashSource>(
    source: &S,
    index: u64,
    size: u64,
) -> Result<Vec<TreeHash>, BuildError<S::Error>> {
    let last = size.checked_sub(1).ok_or(BuildError::Empty)?;
    if index > last {
        return Err(BuildError::Range {
            field: "index",
            max: last,
            found: index,
        });
    }
    let (mut path, mut from, mut to) = (Vec::new(), 0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range(source, middle, to)?);
            to = middle;
        } else {
            path.push(range(source, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Proof that the tree over the first `to` leaves continues the one over the first `from`. Empty where there is nothing
/// to show: nothing before, or nothing since.
///
/// # Errors
/// [`BuildError`]: `from` past `to`, or the source's own.
pub fn consistency<S: HashSource>(
    source: &S,
    from: u64,
    to: u64,
) -> Result<Vec<TreeHash>, BuildError<S::Error>> {
    if from > to {
        return Err(BuildError::Range {
            field: "from",
            max: to,
            found: from,
        });
    }
    let mut path = Vec::new();
    if from == 0 || from == to {
        return Ok(path);
    }
    let (mut start, mut end) = (0, to);
    while from < end {
        let middle = start + split(end - start);
        if from <= middle {
            path.push(range(source, middle, end)?);
            end = middle;
        } else {
            path.push(range(source, start, middle)?);
            start = middle;
        }
    }
    // The old tree's last subtree; where it is the whole old tree, the verifier has its root already.
    if start > 0 {
        path.push(range(source, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Root of a complete subtree out of the hashes below it, none where their number is no power of two.
pub fn complete_root(hashes: &[TreeHash]) -> Option<TreeHash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks_exact(2)
            .map(|pair| node_hash(pair[0], pair[1]))
            .collect();
    }
    row.first().copied()
}
