//! The tree beside the log: what its files are worth, and when the log is no longer the one that was signed.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_format::leaf::Leaf;
use probity_log::tree::{Tree, TreeError, TreeHead, check_tiles};
use probity_proof::tree::{Frontier, TreeHash, leaf_hash};
use std::path::Path;
use support::{InMemory, Running, World, open};

/// Entries beyond two tiles, so that a full tile has a root one level up.
const ENTRIES: u64 = 600;

fn grown(world: &World<InMemory>) -> Running {
    let running = world.begin();
    while running.entries() < ENTRIES {
        let number = running.entries() + 1;
        running.submit(&open(number)).expect("issued");
    }
    running
}

/// The head as it is by definition, out of what the writer showed.
fn defined(running: &Running) -> TreeHead {
    let mut frontier = Frontier::default();
    for entry in running.shown() {
        let leaf = Leaf {
            position: entry.header.position,
            recorded_at: entry.header.recorded_at,
            entry_hash: entry.hash,
        };
        frontier.push(leaf_hash(&leaf.encode()));
    }
    TreeHead {
        size: frontier.size(),
        root: frontier.root(),
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("a file");
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

#[test]
fn a_tree_follows_the_log_and_is_found_again() {
    let (world, scratch) = (
        World::<InMemory>::new(),
        tempfile::tempdir().expect("a folder"),
    );
    let running = grown(&world);
    let head = defined(&running);
    {
        let mut tree = Tree::open(scratch.path(), None).expect("opens");
        assert_eq!(tree.follow(&*running.reader).expect("follows"), head);
        tree.sync().expect("synced");
    }
    let mut again = Tree::open(scratch.path(), Some(head)).expect("opens");
    assert_eq!(again.head().expect("read"), head);
    running.submit(&open(9_000)).expect("issued");
    let next = again.follow(&*running.reader).expect("follows");
    assert_eq!(next, defined(&running));
    again
        .check(head)
        .expect("the earlier head is one of this tree");
    let tiles = again.reader();
    let found = check_tiles(&*running.reader, &tiles, next.size);
    assert_eq!(found.expect("compared"), None);
}

#[test]
fn a_tile_that_differs_from_the_log_is_found_wherever_it_lies() {
    let (world, scratch) = (
        World::<InMemory>::new(),
        tempfile::tempdir().expect("a folder"),
    );
    let running = grown(&world);
    for (file, at, leaf) in [
        ("entries", 51 * 300 + 20, 300),
        ("hashes-0", 32 * 7, 7),
        // A root is complete with its last leaf: of the third run of sixteen, of the second tile.
        ("hashes-4", 32 * 2 + 3, 47),
        ("hashes-8", 32 + 3, 511),
    ] {
        let mut tree = Tree::open(scratch.path(), None).expect("opens");
        let head = tree.follow(&*running.reader).expect("follows");
        flip(&scratch.path().join(file), at);
        let found = check_tiles(&*running.reader, &tree.reader(), head.size);
        assert_eq!(found.expect("compared"), Some(leaf), "{file}");
        let whole = Tree::remake(scratch.path(), &*running.reader).expect("made anew");
        let found = check_tiles(&*running.reader, &whole.reader(), head.size);
        assert_eq!(found.expect("compared"), None);
    }
}

#[test]
fn files_that_do_not_hash_to_the_persisted_head_are_thrown_away() {
    let (world, scratch) = (
        World::<InMemory>::new(),
        tempfile::tempdir().expect("a folder"),
    );
    let running = grown(&world);
    let head = {
        let mut tree = Tree::open(scratch.path(), None).expect("opens");
        tree.follow(&*running.reader).expect("follows")
    };
    flip(
        &scratch.path().join("hashes-0"),
        32 * (head.size as usize - 1),
    );
    let tree = Tree::open(scratch.path(), Some(head)).expect("opens");
    assert_eq!(tree.head().expect("read").size, 0);
    std::fs::remove_file(scratch.path().join("entries")).expect("removed");
    let tree = Tree::open(scratch.path(), Some(head)).expect("opens");
    assert_eq!(tree.head().expect("read").size, 0);
}

#[test]
fn a_log_that_contradicts_what_was_signed_is_an_alarm() {
    let (world, scratch) = (
        World::<InMemory>::new(),
        tempfile::tempdir().expect("a folder"),
    );
    let running = grown(&world);
    let mut tree = Tree::open(scratch.path(), None).expect("opens");
    let head = tree.follow(&*running.reader).expect("follows");
    let longer = TreeHead {
        size: head.size + 1,
        ..head
    };
    let rewound = tree.check(longer).expect_err("it is shorter");
    assert!(matches!(rewound, TreeError::Rewound { .. }) && rewound.is_alarm());
    let other = TreeHead {
        size: head.size - 1,
        root: TreeHash([7; 32]),
    };
    let diverged = tree.check(other).expect_err("it is another log");
    assert!(matches!(diverged, TreeError::Diverged { .. }) && diverged.is_alarm());
}
