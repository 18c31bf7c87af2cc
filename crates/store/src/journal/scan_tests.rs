use super::super::frame::{encode_frame, encode_header, frame_bytes};
use super::*;
use crate::log_store::Head;

const LOG: LogId = LogId([7; 16]);
const SIZE: usize = 16 * BLOCK;

fn entries(from: u64, count: u64) -> Vec<Vec<u8>> {
    (from..from + count)
        .map(|n| n.to_le_bytes().to_vec())
        .collect()
}

/// Three files whose segments hold these frames: per generation the numbers of entries of its frames.
fn files(first_generation: u64, layout: [&[u64]; 3]) -> Vec<Vec<u8>> {
    let mut files = vec![vec![0; SIZE]; 3];
    let mut position = 0;
    for (generation, counts) in (first_generation..).zip(layout) {
        let file = &mut files[(generation % SEGMENTS) as usize];
        file[..BLOCK].copy_from_slice(&encode_header(LOG, generation, SIZE as u64));
        let (mut offset, mut bytes) = (BLOCK, Vec::new());
        for count in counts {
            let entries = entries(position, *count);
            position += count;
            let head = Head {
                next: Position(position),
                entry_hash: [1; 32],
            };
            let first = Position(position - count);
            encode_frame(LOG, generation, first, &entries, &head, &mut bytes);
            file[offset..offset + bytes.len()].copy_from_slice(&bytes);
            offset += frame_bytes(&entries) as usize;
        }
    }
    files
}

fn positions(found: &Found) -> Vec<(u64, u64)> {
    found
        .frames
        .iter()
        .map(|frame| (frame.first.0, frame.next()))
        .collect()
}

fn check_damage(files: &[Vec<u8>], expected: &str) {
    let damage = scan(LOG, files).expect_err("damage");
    assert!(damage.to_string().contains(expected), "{damage}");
}

#[test]
fn frames_come_in_order_across_segments() {
    let found = scan(LOG, &files(4, [&[2, 3], &[1], &[]])).expect("whole");
    assert_eq!(
        (positions(&found), found.newest),
        (vec![(0, 2), (2, 5), (5, 6)], 6)
    );
    let empty = scan(LOG, &files(0, [&[], &[], &[]])).expect("whole");
    assert_eq!((empty.frames.len(), empty.newest), (0, 2));
}

#[test]
fn a_torn_tail_is_cut() {
    let mut files = files(0, [&[2, 3, 4], &[], &[]]);
    files[0][3 * BLOCK + 80] ^= 1;
    let found = scan(LOG, &files).expect("a torn tail");
    assert_eq!(positions(&found), vec![(0, 2), (2, 5)]);
}

#[test]
fn the_remains_of_a_torn_write_are_passed_over_where_its_position_was_written_again() {
    let mut files = files(0, [&[2, 3], &[4], &[]]);
    // A frame of position 5 that was torn at the end of generation 0; generation 1 begins with position 5.
    let (mut bytes, head) = (
        Vec::new(),
        Head {
            next: Position(6),
            entry_hash: [1; 32],
        },
    );
    encode_frame(LOG, 0, Position(5), &entries(5, 1), &head, &mut bytes);
    bytes[70] ^= 1;
    files[0][3 * BLOCK..4 * BLOCK].copy_from_slice(&bytes);
    let found = scan(LOG, &files).expect("whole");
    assert_eq!(positions(&found), vec![(0, 2), (2, 5), (5, 9)]);
}

#[test]
fn a_file_that_was_cut_short_is_no_torn_tail() {
    // The story: a segment cut in its middle lost every frame behind the cut, and passed for a log that had ended there.
    let whole = files(4, [&[2], &[3, 1, 1], &[]]);
    for place in 0..3 {
        for length in [0, 100, 2 * BLOCK, 3 * BLOCK, SIZE - 1] {
            let mut files = whole.clone();
            files[place].truncate(length);
            check_damage(&files, "bytes, made with");
        }
    }
}

#[test]
fn damage_before_something_valid_is_named() {
    let whole = files(0, [&[2, 3, 4], &[5], &[]]);
    for (block, expected) in [
        (1, "do not read"),
        (2, "do not read"),
        (3, "are missing before position 9"),
    ] {
        let mut files = whole.clone();
        files[0][block * BLOCK + 40] ^= 1;
        check_damage(&files, expected);
    }
}

#[test]
fn only_the_next_segment_to_be_recycled_may_be_without_a_header() {
    let whole = files(4, [&[2], &[3], &[4]]);
    for generation in 4..7u64 {
        let mut files = whole.clone();
        files[(generation % SEGMENTS) as usize][20] ^= 1;
        match generation {
            // The oldest is the one that a crash can leave half written; its frames were applied before.
            4 => assert_eq!(
                positions(&scan(LOG, &files).expect("whole")),
                vec![(2, 5), (5, 9)]
            ),
            5 => check_damage(&files, "does not read"),
            _ => check_damage(&files, "a generation that no header names"),
        }
    }
    let mut two = whole.clone();
    two[0][20] ^= 1;
    two[1][20] ^= 1;
    check_damage(&two, "does not read");
    check_damage(
        &[whole[1].clone(), whole[0].clone(), whole[2].clone()],
        "another file",
    );
}

#[test]
fn no_single_flipped_bit_passes_for_fewer_entries_unless_it_could_be_a_torn_tail() {
    let whole = files(0, [&[2, 3], &[4, 1], &[2, 2]]);
    let all = positions(&scan(LOG, &whole).expect("whole"));
    for file in 0..3 {
        for byte in (0..3 * BLOCK).step_by(13) {
            let mut files = whole.clone();
            files[file][byte] ^= 0x10;
            let Ok(found) = scan(LOG, &files) else {
                continue;
            };
            let found = positions(&found);
            let is_torn_tail = found[..] == all[..all.len() - 1];
            let is_recycled = file == 0 && byte < BLOCK && found[..] == all[2..];
            assert!(
                found == all || is_torn_tail || is_recycled,
                "file {file} byte {byte}: {found:?}"
            );
        }
    }
}

#[test]
fn a_file_without_a_header_holds_nothing_that_the_store_behind_does_not_have() {
    let mut files = files(3, [&[2, 3], &[], &[]]);
    files[0][20] ^= 1;
    scan(LOG, &files).expect("one file may be without a header");
    check_headless(LOG, &files, Position(5)).expect("all of it is in the store");
    for head in [0, 2, 4] {
        let lost = check_headless(LOG, &files, Position(head)).expect_err("lost entries");
        let said = lost.to_string();
        assert!(
            said.contains("segment-0") || said.contains("segment 0"),
            "{said}"
        );
        assert!(said.contains("header of a segment in use"), "{said}");
    }
}
