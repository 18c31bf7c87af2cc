//! The checked-in vectors against the code, and the code against the checked-in vectors.

#[path = "../examples/vectors/generate/mod.rs"]
mod generate;

use generate::bytes_of;
use probity_format::events::{Event, Private};
use probity_format::many::EntryHashes;
use probity_format::scan::Scanned;
use probity_format::segment::{Manifest, StoredFrame};
use probity_format::wire::Wire;
use probity_format::{Chain, Frame, Hash, Links, codec, keytree, segment, upcast};
use probity_types::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const REMEDY: &str = "write them again with: cargo xtask vectors";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(file: &str) -> Value {
    let path = folder().join("vectors").join(file);
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; {REMEDY}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}; {REMEDY}", path.display()))
}

/// Every vector of a file with its name; a file without vectors proves nothing.
fn vectors(file: &str) -> Vec<(String, Value)> {
    let Value::Array(vectors) = read(file) else {
        panic!("{file} is no list")
    };
    assert!(!vectors.is_empty(), "{file} is empty");
    let name = |v: &Value| {
        v["name"]
            .as_str()
            .expect("every vector has a name")
            .to_owned()
    };
    vectors
        .into_iter()
        .map(|v| (format!("{file}: {}", name(&v)), v))
        .collect()
}

fn number(vector: &Value, field: &str) -> Option<u16> {
    Some(u16::try_from(vector.get(field)?.as_u64()?).expect("u16"))
}

fn as_json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("plain values serialise")
}

#[test]
fn generated_files_are_the_checked_in_ones() {
    let differences = generate::differences(&folder());
    assert!(
        differences.is_empty(),
        "{REMEDY}\n{}",
        differences.join("\n")
    );
}

/// Body JSON and its bytes again, or the error, of one vector about an event or a part.
fn read_body(vector: &Value) -> Result<(Value, Vec<u8>), String> {
    let bytes = bytes_of(&vector["bytes"]);
    if let Some(kind) = number(vector, "kind") {
        let part = Private::decode(kind, &bytes).map_err(|e| e.to_string())?;
        return Ok((part.to_json(), part.encode().map_err(|e| e.to_string())?));
    }
    let (number, version) = (number(vector, "number"), number(vector, "version"));
    let (number, version) = (number.expect("number"), version.expect("version"));
    let event = upcast::read_event(number, version, &bytes).map_err(|e| e.to_string())?;
    event.check_open().map_err(|e| e.to_string())?;
    Ok((event.to_json(), event.encode().map_err(|e| e.to_string())?))
}

#[test]
fn good_bodies_decode_and_encode_to_the_same_bytes() {
    for file in ["events.json", "parts.json", "maximal.json"] {
        for (name, vector) in vectors(file) {
            let (body, bytes) = read_body(&vector).unwrap_or_else(|e| panic!("{name}: {e}"));
            // A version that is no longer written reads as today's body, and is not written back.
            let is_old = upcast::OLD.iter().any(|(old, version, _)| {
                number(&vector, "number") == Some(*old)
                    && number(&vector, "version") == Some(*version)
            });
            assert_eq!(bytes == bytes_of(&vector["bytes"]), !is_old, "{name}");
            if let Some(expected) = vector.get("body") {
                assert_eq!(&body, expected, "{name}");
            }
        }
    }
}

#[test]
fn every_event_type_and_part_kind_has_a_vector() {
    let found = |file: &str, field: &str| -> Vec<u16> {
        vectors(file)
            .iter()
            .filter_map(|(_, v)| number(v, field))
            .collect()
    };
    let events = found("events.json", "number");
    assert!(Event::TYPES.iter().all(|(n, _, _)| events.contains(n)));
    let versions: Vec<_> = vectors("events.json")
        .iter()
        .map(|(_, v)| (number(v, "number"), number(v, "version")))
        .collect();
    let has = |(n, version, _): &(u16, u16, &str)| versions.contains(&(Some(*n), Some(*version)));
    assert!(Event::TYPES.iter().chain(upcast::OLD).all(has));
    let kinds = found("parts.json", "kind");
    assert!(Private::KINDS.iter().all(|(kind, _)| kinds.contains(kind)));
}

#[test]
fn wrong_bodies_are_refused_with_the_error_that_is_written_down() {
    for (name, vector) in vectors("refused.json") {
        let error = read_body(&vector).expect_err(&name);
        assert_eq!(error, vector["error"], "{name}");
    }
}

fn check_codes<C: CodeList + Wire>(name: &str, vector: &Value) {
    let codes = vector["codes"].as_array().expect("codes");
    assert_eq!(codes.len(), C::ALL.len(), "{name}");
    for (code, row) in C::ALL.iter().zip(codes) {
        let bytes = bytes_of(&row["bytes"]);
        assert_eq!(codec::encode(code, 2).expect("two bytes"), bytes, "{name}");
        let read: C = codec::decode(&bytes, 2).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            (json!(read.number()), json!(read.key())),
            (row["number"].clone(), row["key"].clone())
        );
    }
    for bytes in vector["unknown"].as_array().expect("unknown") {
        assert!(
            codec::decode::<C>(&bytes_of(bytes), 2).is_err(),
            "{name}: {bytes}"
        );
    }
}

#[test]
fn every_code_of_every_list_reads_back() {
    for (name, vector) in vectors("codes.json") {
        macro_rules! lists {
            ($($list:ident)+) => {
                match vector["name"].as_str() {
                    $(Some(stringify!($list)) => check_codes::<$list>(&name, &vector),)+
                    other => panic!("no check for the list {other:?}"),
                }
            };
        }
        lists! {
            AdjudicationRole ArrearsKind AwardLevel ClosingKind CoercionMeasure CoercionNature CompensationReason
            DefaultConduct EndReason IdentifierKind InstrumentKind JudicialDocument ListColour ListingProcedure
            LitigationRole ParkReason PenaltyKind PenaltyProcedure PerformanceState PermitChange PermitKind
            PermitStatus Polarity Publicity QuantityUnit QueryPurpose RemedyState ReviewStage Role RowOutcome
            Severity SubjectKind SubmissionKind
        }
    }
}

#[test]
fn frames_decode_or_are_refused_as_written_down() {
    for (name, vector) in vectors("frames.json") {
        let bytes = bytes_of(&vector["bytes"]);
        let decoded = Frame::decode(&bytes).map_err(|e| e.to_string());
        if let Some(error) = vector.get("error") {
            assert_eq!(decoded.expect_err(&name), *error, "{name}");
            continue;
        }
        let frame = decoded.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(frame.encode().expect("decoded"), bytes, "{name}");
        let event = frame.event().map_err(|e| e.to_string());
        if let Some(error) = vector.get("event_error") {
            assert_eq!(event.expect_err(&name), *error, "{name}");
            continue;
        }
        assert_eq!(event.expect("right").to_json(), vector["body"], "{name}");
        assert_eq!(
            as_json(frame.body_commitment()),
            vector["body_commitment"],
            "{name}"
        );
        assert_eq!(as_json(frame.entry_hash), vector["entry_hash"], "{name}");
    }
}

#[test]
fn a_frame_scanned_where_it_lies_is_the_frame_that_decodes() {
    let (mut many, mut hashes) = (EntryHashes::default(), Vec::new());
    let is_right = |bytes: &[u8]| Scanned::parse(bytes).is_ok_and(|f| f.check_sealed().is_ok());
    for (name, vector) in vectors("frames.json") {
        let bytes = bytes_of(&vector["bytes"]);
        let decoded = Frame::decode(&bytes);
        assert_eq!(is_right(&bytes), decoded.is_ok(), "{name}");
        let Ok(frame) = decoded else { continue };
        let scanned = Scanned::parse(&bytes).expect("it decodes");
        let header = frame.header;
        assert_eq!(scanned.position(), header.position, "{name}");
        assert_eq!(scanned.stream_kind(), header.stream_kind, "{name}");
        assert_eq!(scanned.stream(), header.stream, "{name}");
        assert_eq!(scanned.revision(), header.revision, "{name}");
        assert_eq!(scanned.recorded_at(), header.recorded_at, "{name}");
        assert_eq!(scanned.event_type(), header.event_type, "{name}");
        assert_eq!(scanned.version(), header.version, "{name}");
        assert_eq!(scanned.unit_index(), header.unit_index, "{name}");
        assert_eq!(scanned.unit_length(), header.unit_length, "{name}");
        assert_eq!(scanned.caused_by(), header.caused_by, "{name}");
        assert_eq!(scanned.body(), frame.open.body.0, "{name}");
        assert_eq!(scanned.entry_hash(), frame.entry_hash, "{name}");
        let rows = scanned.sealed().map(|part| part.row);
        assert!(
            rows.eq(frame.sealed.iter().map(|part| part.row())),
            "{name}"
        );
        let links = Links {
            previous: Hash([1; 32]),
            previous_in_stream: Hash([2; 32]),
        };
        many.compute(&[(scanned, links)], &mut hashes);
        assert_eq!(Ok(hashes[0]), frame.compute_hash(&links), "{name}");
        // Every byte of the small ones; a large one differs from them by the length of its body alone.
        let tried = if bytes.len() < 4_096 { bytes.len() } else { 0 };
        for length in 0..tried {
            assert!(
                Scanned::parse(&bytes[..length]).is_err(),
                "{name}: {length} bytes"
            );
        }
        for at in 0..tried {
            let mut other = bytes.clone();
            other[at] ^= 0x81;
            assert_eq!(
                is_right(&other),
                Frame::decode(&other).is_ok(),
                "{name}: byte {at}"
            );
        }
    }
}

#[test]
fn chains_hold_or_break_as_written_down() {
    for (name, vector) in vectors("chains.json") {
        let mut chain = Chain::default();
        let frames = vector["frames"].as_array().expect("frames").iter();
        let walked: Result<Vec<()>, _> = frames
            .map(|bytes| {
                let bytes = bytes_of(bytes);
                let frame = Frame::decode(&bytes).expect("decodes");
                chain.push(&frame, bytes.len() as u64)
            })
            .collect();
        match (walked, vector.get("error")) {
            (Ok(_), None) => assert_eq!(as_json(chain.hash()), vector["head"], "{name}"),
            (Err(error), Some(expected)) => assert_eq!(error.to_string(), *expected, "{name}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn sealed_parts_open_or_not_as_written_down() {
    for (name, vector) in vectors("sealed.json") {
        let frame =
            Frame::decode(&bytes_of(&vector["bytes"])).unwrap_or_else(|e| panic!("{name}: {e}"));
        let log: LogId = vector["log"].as_str().expect("log").parse().expect("id");
        let key = unhex(vector["key"].as_str().expect("key")).expect("32 bytes");
        let part = vector["part"].as_u64().expect("part") as u8;
        match (frame.open_part(log, part, &key), vector.get("error")) {
            (Ok(content), None) => assert_eq!(content.to_json(), vector["content"], "{name}"),
            (Err(error), Some(expected)) => assert_eq!(error.to_string(), *expected, "{name}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn segments_read_or_are_refused_as_written_down() {
    for (name, vector) in vectors("segments.json") {
        match (
            segment::read(&bytes_of(&vector["bytes"])),
            vector.get("error"),
        ) {
            (Ok(read), None) => {
                let found = json!([
                    read.log,
                    read.first,
                    read.frames.len(),
                    read.previous,
                    read.hash
                ]);
                let expected =
                    ["log", "first", "entries", "previous", "hash"].map(|f| vector[f].clone());
                assert_eq!(found, json!(expected), "{name}");
            }
            (Err(error), Some(expected)) => assert_eq!(error.to_string(), *expected, "{name}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn leaf_keys_and_node_sets_are_as_written_down() {
    for (name, vector) in vectors("keytree.json") {
        match (
            keytree::NodeSet::decode(&bytes_of(&vector["bytes"])),
            vector.get("error"),
        ) {
            (Ok(set), None) => {
                let root = unhex(vector["root"].as_str().expect("root")).expect("32 bytes");
                for leaf in vector["leaves"].as_array().expect("leaves") {
                    let index = u32::try_from(leaf["index"].as_u64().expect("index")).expect("u32");
                    assert_eq!(
                        hex(&keytree::leaf_key_of_root(&root, index)),
                        leaf["key"],
                        "{name}"
                    );
                    assert_eq!(
                        json!(set.leaf_key(index).map(|key| hex(&key))),
                        leaf["after"],
                        "{name}"
                    );
                }
            }
            (Err(error), Some(expected)) => assert_eq!(error.to_string(), *expected, "{name}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn the_exported_log_reads_as_expected_and_its_sealed_parts_open() {
    let (expected, keys) = (read("log-expected.json"), read("log-keys.json"));
    let manifest: Manifest = serde_json::from_value(read("log/manifest.json")).expect("a manifest");
    let (mut chain, mut frames) = (Chain::default(), Vec::new());
    for name in &manifest.segments {
        let bytes = std::fs::read(folder().join("vectors/log").join(&name.file)).expect("listed");
        let segment = segment::read(&bytes).unwrap_or_else(|e| panic!("{}: {e}", name.file));
        let named = manifest.check_segment(name, &segment, &chain);
        named.unwrap_or_else(|e| panic!("{}: {e}", name.file));
        for StoredFrame { frame, bytes } in segment.frames {
            chain.push(&frame, bytes).expect("continues");
            frames.push(frame);
        }
    }
    manifest.check_form().expect("a right form");
    manifest.check_end(&chain).expect("right sums");
    let start = frames[0].event().expect("decodes");
    manifest.check_start(&start).expect("begins");
    let entries: Vec<Value> = frames.iter().map(generate::log::line).collect();
    assert_eq!(json!(entries), expected["entries"]);
    assert_eq!(generate::log::summary(&frames, 2), expected["summary"]);
    check_opened(&frames, manifest.log, &expected["opened"], &keys["leaves"]);
}

fn check_opened(frames: &[Frame], log: LogId, opened: &Value, leaves: &Value) {
    let (opened, leaves) = (
        opened.as_array().expect("list"),
        leaves.as_array().expect("list"),
    );
    let mut opened = opened.iter();
    let mut erased = 0;
    for leaf in leaves {
        let frame = &frames[leaf["position"].as_u64().expect("position") as usize];
        let part = leaf["part"].as_u64().expect("part") as u8;
        let Some(key) = leaf["key"].as_str() else {
            let error = frame
                .open_part(log, part, &Hash::default().0)
                .expect_err("erased");
            assert_eq!(error, probity_format::frame::PartError::Redacted);
            erased += 1;
            continue;
        };
        let content = frame
            .open_part(log, part, &unhex(key).expect("32 bytes"))
            .expect("opens");
        assert_eq!(
            content.to_json(),
            opened.next().expect("as many as keys")["content"]
        );
    }
    assert_eq!((erased, opened.next()), (1, None));
}
