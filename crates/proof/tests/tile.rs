//! Tiles: paths, which ones a tree has, what lies in them.

use probity_proof::tile::{
    TILE_WIDTH, Tile, TileKind, bundles_between, encode_entries, encode_hashes, parse_entries,
    parse_hashes, tiles_between, tiles_for,
};
use probity_proof::tree::{Frontier, TreeHash, complete_root, leaf_hash};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn paths(tiles: impl Iterator<Item = Tile>) -> Vec<String> {
    tiles.map(|tile| tile.path()).collect()
}

#[test]
fn the_numbers_of_the_specification() {
    let all: Vec<Tile> = tiles_for(70_000).collect();
    let on = |level| {
        all.iter()
            .filter(move |tile| tile.kind == TileKind::Hashes(level))
    };
    assert_eq!(on(0).filter(|tile| tile.width == TILE_WIDTH).count(), 273);
    assert_eq!(on(1).filter(|tile| tile.width == TILE_WIDTH).count(), 1);
    let partial = paths(all.iter().copied().filter(|tile| tile.width < TILE_WIDTH));
    assert_eq!(
        partial,
        ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
    assert_eq!(paths(tiles_for(256)), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(paths(tiles_for(0)), [""; 0]);
    assert_eq!(
        paths(bundles_between(0, 300)),
        ["tile/entries/000", "tile/entries/001.p/44"]
    );
    let tile = Tile {
        kind: TileKind::Hashes(0),
        index: 1_234_067,
        width: TILE_WIDTH,
    };
    assert_eq!(tile.path(), "tile/0/x001/x234/067");
}

#[test]
fn a_path_has_one_spelling() {
    for wrong in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/00/000",
        "tile/64/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/+01",
        "tile/entry/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/1.p/1",
        "tile/-1/000",
    ] {
        assert!(Tile::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_new_is_what_was_not_there_before() {
    let all = |size| tiles_for(size).collect::<Vec<_>>();
    for (from, to) in [
        (0, 0),
        (0, 1),
        (255, 256),
        (256, 257),
        (1, 70_000),
        (65_535, 65_537),
        (70_000, 70_000),
    ] {
        let old = all(from);
        let new: Vec<Tile> = all(to)
            .into_iter()
            .filter(|tile| !old.contains(tile))
            .collect();
        assert_eq!(
            tiles_between(from, to).collect::<Vec<_>>(),
            new,
            "{from} to {to}"
        );
    }
}

#[test]
fn every_complete_subtree_is_found_in_its_tile() {
    const SIZE: u64 = 66_300;
    let mut tiles: BTreeMap<(TileKind, u64), Vec<TreeHash>> = BTreeMap::new();
    let (mut edge, mut subtrees) = (Frontier::default(), Vec::new());
    for number in 0..SIZE {
        edge.push_each(leaf_hash(&number.to_be_bytes()), |level, index, hash| {
            subtrees.push((level, index, hash));
            if level % 8 == 0 {
                let kind = TileKind::Hashes((level / 8) as u8);
                tiles.entry((kind, index / 256)).or_default().push(hash);
            }
        });
    }
    let widths: Vec<(TileKind, u64, u16)> = tiles
        .iter()
        .map(|((k, i), h)| (*k, *i, h.len() as u16))
        .collect();
    let expected: Vec<(TileKind, u64, u16)> = tiles_for(SIZE)
        .map(|t| (t.kind, t.index, t.width))
        .collect();
    assert_eq!(widths, expected);
    for (level, index, hash) in subtrees {
        let (tile, part) = Tile::of_subtree(level, index, SIZE).expect("complete");
        let hashes = &tiles[&(tile.kind, tile.index)];
        assert_eq!(hashes.len(), usize::from(tile.width));
        assert_eq!(
            complete_root(&hashes[part]),
            Some(hash),
            "level {level}, index {index}"
        );
    }
    assert_eq!(Tile::of_subtree(0, SIZE, SIZE), None);
    assert_eq!(Tile::of_subtree(17, 0, SIZE), None);
    assert_eq!(Tile::of_subtree(64, 0, u64::MAX), None);
}

#[test]
fn bundles_are_read_as_they_were_written_and_not_otherwise() {
    let entries = [&b"one"[..], b"", &[7; 65_535]];
    let bytes = encode_entries(&entries).expect("short enough");
    assert_eq!(&bytes[..7], b"\0\x03one\0\0");
    assert_eq!(parse_entries(&bytes), Ok(entries.to_vec()));
    assert_eq!(parse_entries(&[]), Ok(vec![]));
    assert_eq!(
        parse_entries(&bytes[..bytes.len() - 1])
            .expect_err("cut")
            .field,
        "entries"
    );
    assert!(parse_entries(&[0]).is_err());
    assert!(encode_entries(&[[0; 65_536]]).is_err());
    assert!(encode_entries(&[[0; 1]; 257]).is_err());
    assert!(parse_entries(&[0; 2 * 257]).is_err());
    assert_eq!(parse_entries(&[0; 2 * 256]).map(|all| all.len()), Ok(256));
    let hashes = [leaf_hash(b"a"), leaf_hash(b"b")];
    assert_eq!(
        parse_hashes(&encode_hashes(&hashes), 2),
        Ok(hashes.to_vec())
    );
    assert!(parse_hashes(&encode_hashes(&hashes), 1).is_err());
    assert!(parse_hashes(&encode_hashes(&hashes)[..63], 2).is_err());
}

proptest! {
    #[test]
    fn a_path_reads_back(level in 0u8..=63, is_entries: bool, index: u64, width in 1u16..=256) {
        let kind = if is_entries { TileKind::Entries } else { TileKind::Hashes(level) };
        let tile = Tile { kind, index, width };
        prop_assert_eq!(Tile::parse(&tile.path()), Ok(tile));
    }

    #[test]
    fn what_reads_is_spelled_the_same(path in "tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,2}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = Tile::parse(&path) {
            prop_assert_eq!(tile.path(), path);
        }
    }
}
