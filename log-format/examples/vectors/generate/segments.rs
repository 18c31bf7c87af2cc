//! Sealed parts, segment files and the key tree, good and wrong.

use super::frames::{redact, registration};
use super::pieces;
use super::world::{LOG, World, leaf_key, root_key};
use probity_format::frame::SealedPart;
use probity_format::limits::{FRAME_BYTES_MAX, SEGMENT_ENTRIES_MAX};
use probity_format::seal::{self, SealPlace};
use probity_format::wire::Bytes;
use probity_format::{Frame, Hash, keytree, segment};
use probity_types::{Position, RootId, hex};
use serde_json::{Value, json};

fn with_part(frame: &Frame, change: impl FnOnce(&mut SealedPart)) -> Frame {
    let mut frame = frame.clone();
    let mut parts = frame.sealed.to_vec();
    change(&mut parts[0]);
    frame.sealed = parts.try_into().expect("one part");
    frame
}

/// The frame with other content under the key; the hash of the ciphertext is right.
fn resealed(frame: &Frame, content: &[u8], committed: &[u8]) -> Frame {
    let header = frame.header;
    let place = SealPlace {
        log: LOG,
        stream_kind: header.stream_kind,
        stream: header.stream,
        event_type: header.event_type,
        version: header.version,
        part: 1,
    };
    with_part(frame, |part| {
        let salt = [0x5a; 16];
        part.commitment = seal::part_commitment(part.kind, part.key(), &salt, committed);
        let sealed = seal::seal(
            &leaf_key(part.key()),
            &place,
            &part.commitment,
            &salt,
            content,
        );
        part.sealed_hash = seal::sealed_hash(&sealed);
        part.ciphertext = Some(Bytes(sealed));
    })
}

/// Sealed parts: opened, and each way not to open.
pub fn sealed() -> Vec<Value> {
    let mut world = World::of_days(1);
    let frame = registration(&mut world);
    let key = leaf_key(frame.sealed[0].key());
    let content = super::bodies::part(1).encode().expect("within limits");
    let mut other_key = key;
    other_key[31] ^= 1;
    let mut moved = frame.clone();
    moved.header.stream = super::world::stream(0xb2);
    let mut redacted = frame.clone();
    redact(&mut redacted);
    let flipped = with_part(&frame, |part| {
        let sealed = part.ciphertext.as_mut().expect("not redacted");
        sealed.0[3] ^= 0x10;
        part.sealed_hash = seal::sealed_hash(&sealed.0);
    });
    let cut = with_part(&frame, |part| {
        let sealed = part.ciphertext.as_mut().expect("not redacted");
        sealed.0.truncate(10);
        part.sealed_hash = seal::sealed_hash(&sealed.0);
    });
    let long = [&content[..], &content, &content].concat();
    let cases = [
        ("opened", frame.clone(), key, 1),
        ("wrong key", frame.clone(), other_key, 1),
        ("moved to another stream", moved, key, 1),
        ("part that the entry does not have", frame.clone(), key, 2),
        ("part number of the open part", frame.clone(), key, 0),
        (
            "flipped bit in the ciphertext, hash made to fit",
            flipped,
            key,
            1,
        ),
        ("ciphertext cut short, hash made to fit", cut, key, 1),
        ("redacted after an erasure", redacted, key, 1),
        (
            "content that does not match its commitment",
            resealed(&frame, &content, b"other"),
            key,
            1,
        ),
        (
            "content that does not decode",
            resealed(&frame, &long, &long),
            key,
            1,
        ),
        (
            "kind changed",
            with_part(&frame, |part| part.kind = 2),
            key,
            1,
        ),
        (
            "leaf number changed",
            with_part(&frame, |part| part.index = 1),
            key,
            1,
        ),
    ];
    let vectors = cases.into_iter().map(|(name, frame, key, part)| {
        let mut vector = json!({
            "name": name, "log": LOG, "part": part, "key": hex(&key),
            "bytes": pieces(&frame.encode().expect("small")),
        });
        match frame.open_part(LOG, part, &key) {
            Ok(content) => vector["content"] = content.to_json(),
            Err(error) => vector["error"] = Value::from(error.to_string()),
        }
        vector
    });
    vectors.collect()
}

fn patched(bytes: &[u8], at: usize, patch: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + patch.len()].copy_from_slice(patch);
    bytes
}

/// Segment files: good ones, and each way to be wrong.
pub fn segments() -> Vec<Value> {
    let world = World::of_days(3);
    let frames = world.encoded(0..3);
    let good = segment::write(LOG, Position(0), Hash::default(), &frames).expect("small");
    let later =
        segment::write(LOG, Position(1), world.frames[0].entry_hash, &frames[1..]).expect("small");
    let empty = segment::write(LOG, Position(0), Hash::default(), &[]).expect("small");
    let mut vectors = Vec::new();
    for (name, bytes) in [
        ("three entries", &good),
        ("from position 1", &later),
        ("no entry", &empty),
    ] {
        let read = segment::read(bytes).expect(name);
        vectors.push(json!({
            "name": name, "bytes": pieces(bytes), "log": read.log, "first": read.first,
            "entries": read.frames.len(), "previous": read.previous, "hash": read.hash,
        }));
    }
    let length = frames[0].len();
    let hash_at = good.len() - 32;
    let without_last_frame = [&good[..hash_at - length - 8], &good[hash_at..]].concat();
    let cases = [
        ("empty file", Vec::new()),
        ("shorter than head and hash", good[..103].to_vec()),
        ("another magic", patched(&good, 7, b"2")),
        (
            "count past SEGMENT_ENTRIES_MAX",
            patched(&good, 32, &(SEGMENT_ENTRIES_MAX + 1).to_le_bytes()),
        ),
        ("count too small", patched(&good, 32, &2u64.to_le_bytes())),
        ("count too large", patched(&good, 32, &4u64.to_le_bytes())),
        (
            "frame length past FRAME_BYTES_MAX",
            patched(&good, 72, &(FRAME_BYTES_MAX + 1).to_le_bytes()),
        ),
        (
            "frame length past the end",
            patched(&good, 72, &4_000u64.to_le_bytes()),
        ),
        (
            "frame length one short",
            patched(&good, 72, &(length as u64 - 1).to_le_bytes()),
        ),
        ("frame missing", without_last_frame),
        (
            "cut inside the last frame",
            [&good[..hash_at - 5], &good[hash_at..]].concat(),
        ),
        ("file cut short", good[..good.len() - 1].to_vec()),
        (
            "byte left over",
            [&good[..hash_at], &[0], &good[hash_at..]].concat(),
        ),
        ("first position changed", patched(&good, 24, &[9])),
        ("log id changed", patched(&good, 8, &[0xff])),
        ("previous hash changed", patched(&good, 40, &[0xff])),
        (
            "file hash changed",
            patched(&good, hash_at, &[good[hash_at] ^ 1]),
        ),
        (
            "stream kind in a frame unknown",
            patched(&good, 72 + 8 + 9, &[0x77]),
        ),
    ];
    for (name, bytes) in cases {
        let error = segment::read(&bytes).expect_err(name).to_string();
        vectors.push(json!({ "name": name, "bytes": pieces(&bytes), "error": error }));
    }
    vectors
}

/// Leaves under a root, before and after puncturing, and node sets that do not decode.
pub fn keytree() -> Vec<Value> {
    let root = root_key(RootId([0xb1; 16]));
    let mut set = keytree::NodeSet::root(root);
    let punctured = [5, 6, 0x8000_0000];
    for index in punctured {
        set.puncture(index).expect("few punctures");
    }
    let indices = [
        0,
        1,
        5,
        6,
        7,
        15,
        16,
        0x7fff_ffff,
        0x8000_0000,
        0x0123_89af,
        u32::MAX,
    ];
    let leaves = indices.map(|index| {
        let after = set.leaf_key(index).map(|key| hex(&key));
        json!({ "index": index, "key": hex(&keytree::leaf_key_of_root(&root, index)), "after": after })
    });
    let bytes = set.encode();
    let mut vectors = vec![json!({
        "name": "leaves under one root, three of them punctured", "root": hex(&root),
        "leaves": leaves, "punctured": punctured, "bytes": pieces(&bytes),
    })];
    let cases = [
        ("node set of no bytes", Vec::new()),
        ("node set with a trailing byte", [&bytes[..], &[0]].concat()),
        ("node set cut short", bytes[..bytes.len() - 1].to_vec()),
        (
            "too many nodes",
            patched(&bytes, 0, &16_385u32.to_le_bytes()),
        ),
        ("depth past the leaves", patched(&bytes, 4, &[9])),
        (
            "first leaf that starts no subtree",
            patched(&bytes, 4, &[1, 1, 0, 0, 0]),
        ),
        ("node twice", {
            let mut b = bytes.clone();
            b.copy_within(4..41, 41);
            b
        }),
    ];
    for (name, bytes) in cases {
        let error = keytree::NodeSet::decode(&bytes)
            .expect_err(name)
            .to_string();
        vectors.push(json!({ "name": name, "bytes": pieces(&bytes), "error": error }));
    }
    vectors
}
