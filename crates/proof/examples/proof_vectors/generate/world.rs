//! What the cases are made of: keys out of fixed seeds, a counting tree, the golden log.

use probity_format::leaf::Leaf;
use probity_format::{Frame, Links, segment};
use probity_proof::key::KeyKind;
use probity_proof::tree::{Frontier, HashSource, TreeHash, leaf_hash};
use probity_proof::{Checkpoint, Note, SigningKey, VerifierKey};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

/// Origin of the golden log.
pub const ORIGIN: &str = "vectors.probity.example/log";
/// Time of the first cosignature, seconds since 1970.
pub const TIME: u64 = 1_767_225_600;

/// The log's key.
pub fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).expect("a name")
}

/// The key of witness `number`.
pub fn witness(number: u8) -> SigningKey {
    let name = format!("witness{number}.example");
    SigningKey::from_seed(&name, &[0x10 + number; 32]).expect("a name")
}

/// The verifier key of a log's key.
pub fn vkey(key: &SigningKey) -> VerifierKey {
    key.verifier(KeyKind::Note)
}

/// The verifier key of a witness's key.
pub fn cosigner(key: &SigningKey) -> VerifierKey {
    key.verifier(KeyKind::Cosignature)
}

/// Subtrees by level and index.
#[derive(Default)]
pub struct Tree {
    subtrees: BTreeMap<(u32, u64), TreeHash>,
    edge: Frontier,
}

impl Tree {
    /// A tree over these leaves.
    pub fn of(leaves: impl Iterator<Item = TreeHash>) -> Self {
        let mut tree = Self::default();
        for leaf in leaves {
            let subtrees = &mut tree.subtrees;
            tree.edge.push_each(leaf, |level, index, hash| {
                subtrees.insert((level, index), hash);
            });
        }
        tree
    }

    /// A tree whose leaves are the numbers from 0, as eight bytes big-endian.
    pub fn counting(size: u64) -> Self {
        Self::of((0..size).map(|number| leaf_hash(&number.to_be_bytes())))
    }

    /// Leaves.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }
}

impl HashSource for Tree {
    type Error = Infallible;
    fn subtree(&self, level: u32, index: u64) -> Result<TreeHash, Infallible> {
        Ok(self.subtrees[&(level, index)])
    }
}

/// The golden log with its links and its tree.
pub struct Golden {
    /// Entries.
    pub frames: Vec<Frame>,
    /// What each entry links to.
    pub links: Vec<Links>,
    /// The tree over them.
    pub tree: Tree,
}

/// Reads the golden log.
pub fn golden() -> Golden {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../log-format/vectors/log");
    let mut frames = Vec::new();
    for file in ["entries-000000000000.seg", "entries-000000000024.seg"] {
        let bytes = std::fs::read(folder.join(file)).expect("checked in");
        let segment = segment::read(&bytes).expect("a right segment");
        frames.extend(segment.frames.into_iter().map(|stored| stored.frame));
    }
    let mut chain = probity_format::Chain::default();
    let mut links = Vec::new();
    for frame in &frames {
        chain.push(frame, 0).expect("a right chain");
        links.push(chain.last_links());
    }
    let tree = Tree::of(frames.iter().map(|frame| leaf_hash(&leaf(frame).encode())));
    Golden {
        frames,
        links,
        tree,
    }
}

/// The leaf of an entry.
pub fn leaf(frame: &Frame) -> Leaf {
    Leaf {
        position: frame.header.position,
        recorded_at: frame.header.recorded_at,
        entry_hash: frame.entry_hash,
    }
}

/// A checkpoint signed by the log, cosigned by the witnesses of these numbers, a second apart.
pub fn signed(checkpoint: &Checkpoint, witnesses: &[u8]) -> Note {
    let mut note = checkpoint.sign(&log_key()).expect("the log's own");
    for (number, time) in witnesses.iter().zip(TIME..) {
        let line = witness(*number).cosign(note.text(), time);
        note.add(line.expect("an early time")).expect("room");
    }
    note
}

/// A checkpoint of the golden log's origin.
pub fn checkpoint(size: u64, root: TreeHash) -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.to_owned(),
        size,
        root,
        extensions: Vec::new(),
    }
}
