//! Writes an export of many entries and a checkpoint of it, to measure the verifier with.
//!
//! `cargo run --release -p probity-verify --example make_log -- <folder> <entries> <streams> [sealed]`
//!
//! Bodies are golden penalties, one of 673 bytes to three of 214: 329 on average. With `sealed`, every second entry has a
//! sealed part of 300 bytes besides. Prints the log's verifier key.

use probity_format::events::{Event, StreamKind};
use probity_format::frame::{ActorKind, Frame, Header, Links, OpenPart, SealedPart};
use probity_format::limits::{FORMAT_VERSION, SEGMENT_ENTRIES_MAX};
use probity_format::segment::{self, Manifest, SegmentName};
use probity_format::wire::Bytes;
use probity_format::{Chain, Hash, Leaf, seal};
use probity_proof::key::KeyKind;
use probity_proof::tree::leaf_hash;
use probity_proof::{Checkpoint, Frontier, SigningKey};
use probity_types::*;
use serde_json::Value;
use std::error::Error;
use std::path::Path;

const ORIGIN: &str = "measure.probity.example/log";
const LOG: LogId = LogId([0x10; 16]);
const SEALED_BYTES: usize = 300;

/// A golden body by its name.
fn golden(name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../log-format/vectors/events.json");
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(file)?)?;
    let vector = vectors
        .iter()
        .find(|vector| vector["name"] == name)
        .ok_or("no such vector")?;
    let text = vector["bytes"]
        .as_str()
        .ok_or("the body is written in one piece")?;
    let digits = (0..text.len()).step_by(2);
    Ok(digits
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16))
        .collect::<Result<_, _>>()?)
}

/// Sixteen bytes that look drawn at random.
fn drawn(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&leaf_hash(&number.to_be_bytes()).0[..16]);
    bytes
}

fn header(
    position: u64,
    stream: (StreamKind, [u8; 16]),
    revision: Revision,
    event_type: u16,
) -> Header {
    Header {
        format: FORMAT_VERSION,
        position: Position(position),
        stream_kind: stream.0 as u16,
        stream: StreamId(stream.1),
        revision,
        recorded_at: Timestamp(1_767_225_600_000_000 + position as i64 * 1_000),
        event_type,
        version: 1,
        actor_kind: ActorKind::System as u16,
        actor: [0; 16],
        command: CommandId(drawn(position)),
        unit_index: 0,
        unit_length: 1,
        request: RequestTag(drawn(position)),
        caused_by: Position::NONE,
    }
}

fn sealed(position: u64) -> SealedPart {
    let ciphertext = drawn(position).repeat(SEALED_BYTES / 16 + 1);
    SealedPart {
        kind: 1,
        root: RootId(drawn(position)),
        index: 0,
        commitment: Hash(leaf_hash(&position.to_le_bytes()).0),
        sealed_hash: seal::sealed_hash(&ciphertext),
        ciphertext: Some(Bytes(ciphertext)),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, entries, streams, rest @ ..] = arguments.as_slice() else {
        return Err("make_log <folder> <entries> <streams> [sealed]".into());
    };
    let (folder, entries, streams) = (
        Path::new(folder),
        entries.parse::<u64>()?,
        streams.parse::<u64>()?,
    );
    let has_sealed = rest.iter().any(|word| word == "sealed");
    std::fs::create_dir_all(folder)?;
    let bodies = [
        golden("PenaltyRecorded, organisation")?,
        golden("PenaltyRecorded, person")?,
    ];
    let Event::LogStarted(mut started) = Event::decode(1, &golden("LogStarted, organisation")?)?
    else {
        return Err("type 1 is LogStarted".into());
    };
    (started.log, started.origin) = (LOG, Text::try_from(ORIGIN)?);
    let started = Event::LogStarted(started).encode()?;

    let (mut chain, mut tree, mut segments) = (Chain::default(), Frontier::default(), Vec::new());
    let (mut frames, mut first, mut before) = (Vec::new(), 0, Hash::default());
    for position in 0..entries {
        let (stream, event_type, body) = match position {
            0 => ((StreamKind::System, [0; 16]), 1, started.clone()),
            _ => {
                let stream = (
                    StreamKind::Subject,
                    drawn(position.wrapping_mul(7_919) % streams),
                );
                (stream, 21, bodies[usize::from(position % 4 > 0)].clone())
            }
        };
        let key = (stream.0 as u16, StreamId(stream.1));
        let header = header(position, stream, chain.stream(&key).next, event_type);
        let parts = if has_sealed && position % 2 == 1 {
            vec![sealed(position)]
        } else {
            Vec::new()
        };
        let mut frame = Frame {
            header,
            open: OpenPart {
                salt: drawn(position),
                body: Bytes(body),
            },
            sealed: parts.try_into()?,
            entry_hash: Hash::default(),
        };
        let digested = frame.digested();
        frame.entry_hash = chain.extend(&header, |links: &Links| {
            // A header of its fixed width always encodes.
            digested.compute_hash(links).unwrap_or_default()
        });
        let leaf = Leaf {
            position: header.position,
            recorded_at: header.recorded_at,
            entry_hash: frame.entry_hash,
        };
        tree.push(leaf_hash(&leaf.encode()));
        frames.push(frame.encode()?);
        if frames.len() as u64 == SEGMENT_ENTRIES_MAX || position + 1 == entries {
            let bytes = segment::write(LOG, Position(first), before, &frames)?;
            let mut hash = [0; 32];
            hash.copy_from_slice(&bytes[bytes.len() - 32..]);
            let file = format!("entries-{first:012}.seg");
            std::fs::write(folder.join(&file), bytes)?;
            segments.push(SegmentName {
                file,
                first: Position(first),
                entries: frames.len() as u64,
                hash: Hash(hash),
            });
            (first, before) = (position + 1, chain.hash());
            frames.clear();
        }
    }
    let manifest = Manifest {
        format: FORMAT_VERSION,
        log: LOG,
        origin: ORIGIN.to_owned(),
        entries,
        entry_hash: chain.hash(),
        segments,
    };
    std::fs::write(folder.join("manifest.json"), serde_json::to_vec(&manifest)?)?;
    let key = SigningKey::from_seed(ORIGIN, &[1; 32])?;
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: entries,
        root: tree.root(),
        extensions: Vec::new(),
    };
    std::fs::write(
        folder.join("checkpoint"),
        checkpoint.sign(&key)?.to_string(),
    )?;
    println!("{}", key.verifier(KeyKind::Note));
    Ok(())
}
