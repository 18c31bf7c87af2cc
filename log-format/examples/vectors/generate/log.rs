//! A whole small log as it is exported: `vectors/log/`, the keys of its sealed parts, and what a reader makes of it.

use super::bodies;
use super::frames::redact;
use super::sample::Form;
use super::text;
use super::world::{Draft, LOG, ORIGIN, World, leaf_key, root_key};
use probity_format::events::{Event, StreamKind};
use probity_format::segment::{self, Manifest, SegmentName};
use probity_format::{Frame, Hash};
use probity_types::{FileTag, Position, RecordId, RootId, Text, hex};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Entries of the first segment.
const FIRST_SEGMENT: usize = 24;
/// The entry whose sealed part is erased.
const ERASED_AT: u64 = 19;
const ORGANISATION: u8 = 0xa0;
const PERSON: u8 = 0xb0;
const PERSON_ROOT: u8 = 0xb1;
const NAMED_PERSON_ROOT: u8 = 0xb2;

fn organisation(number: u16) -> Draft {
    Draft::new(
        StreamKind::Subject,
        ORGANISATION,
        bodies::event(number, Form::Organisation),
    )
}

fn person(number: u16, kind: u16) -> Draft {
    let event = bodies::event(number, Form::Person);
    Draft::new(StreamKind::Subject, PERSON, event).with_part(PERSON_ROOT, bodies::part(kind))
}

fn other(stream: StreamKind, id: u8, number: u16) -> Draft {
    Draft::new(stream, id, bodies::event(number, Form::Organisation))
}

fn started() -> Draft {
    let Event::LogStarted(mut body) = bodies::event(1, Form::Organisation) else {
        panic!("type 1 is LogStarted")
    };
    (body.log, body.origin) = (LOG, Text::try_from(ORIGIN).expect("short"));
    Draft::new(StreamKind::System, 0, body)
}

/// The voiding of the penalty at `position`: a compensation.
fn voided(position: u64, record: RecordId) -> Draft {
    let Event::RecordVoided(mut body) = bodies::event(41, Form::Organisation) else {
        panic!("type 41 is RecordVoided")
    };
    body.record = record;
    body.ground.evidence = vec![FileTag([3; 16]), FileTag([4; 16])]
        .try_into()
        .expect("sorted");
    Draft::new(StreamKind::Subject, ORGANISATION, body).caused_by(position)
}

fn erasure(frame: &Frame) -> Draft {
    let Event::ErasureRecorded(mut body) = bodies::event(103, Form::Organisation) else {
        panic!("type 103 is ErasureRecorded")
    };
    body.root = RootId([PERSON_ROOT; 16]);
    body.index = Some(frame.header.revision.0);
    body.positions = vec![frame.header.position].try_into().expect("one");
    body.rows = Vec::new().try_into().expect("none");
    Draft::new(StreamKind::System, 0, body).caused_by(frame.header.position.0)
}

/// The log with one entry redacted.
pub fn world() -> World {
    use StreamKind::{Account, Batch, Pending, Policy, Recipient, System};
    let mut world = World::default();
    world.append(vec![started()]);
    world.append(vec![other(System, 0, 2)]);
    world.append(vec![
        other(Policy, 0, 80),
        other(Policy, 0, 82),
        other(Policy, 0, 83),
    ]);
    world.append(vec![other(Account, 0x0a, 100)]);
    world.append(vec![other(Batch, 0x60, 70)]);
    world.append(vec![organisation(10), organisation(20)]);
    world.append(vec![organisation(21)]);
    let penalty = world.frames[9]
        .event()
        .expect("right")
        .record()
        .expect("a record");
    world.append(vec![organisation(22)]);
    let adjudication = organisation(23)
        .with_part(NAMED_PERSON_ROOT, bodies::part(16))
        .with_part(PERSON_ROOT, bodies::part(16));
    world.append(vec![
        adjudication,
        organisation(24),
        organisation(25),
        organisation(26),
    ]);
    world.append(vec![organisation(30)]);
    world.append(vec![person(10, 1), person(13, 4)]);
    world.append(vec![person(21, 6)]);
    world.append(vec![person(24, 9), person(25, 10), person(60, 14)]);
    world.append(vec![voided(9, penalty)]);
    world.append(vec![other(Pending, 0x50, 50)]);
    let parked = Draft::new(Pending, 0x51, bodies::event(50, Form::Person));
    world.append(vec![parked.with_part(PERSON_ROOT, bodies::part(13))]);
    world.append(vec![other(Batch, 0x60, 71)]);
    world.append(vec![other(System, 0, 3)]);
    world.append(vec![
        person(11, 2),
        person(12, 3),
        person(30, 15),
        person(40, 12).caused_by(19),
    ]);
    world.append(vec![
        person(20, 5),
        person(22, 7),
        person(23, 8),
        person(26, 11),
    ]);
    world.append(vec![
        organisation(11),
        organisation(12),
        organisation(40).caused_by(8),
    ]);
    world.append(vec![organisation(42).caused_by(10)]);
    world.append(vec![organisation(60)]);
    world.append(vec![organisation(61)]);
    world.append(vec![other(Recipient, 0x0c, 102)]);
    world.append(vec![other(Account, 0x0a, 101)]);
    world.append(vec![other(System, 0, 4)]);
    world.append(vec![other(System, 0, 5)]);
    let erasure = erasure(&world.frames[ERASED_AT as usize]);
    world.append(vec![erasure]);
    redact(&mut world.frames[ERASED_AT as usize]);
    world
}

/// One entry as `reader.py --json` prints it.
pub fn line(frame: &Frame) -> Value {
    let header = &frame.header;
    let event = frame.event().expect("a right event");
    let stream = StreamKind::from_number(header.stream_kind).expect("known");
    let actor = probity_format::ActorKind::from_number(header.actor_kind).expect("known");
    let caused_by = (!header.caused_by.is_none()).then_some(header.caused_by);
    let kinds = probity_format::events::Private::KINDS;
    let parts = (1..).zip(frame.sealed.iter()).map(|(number, part): (u8, _)| {
        let kind = kinds.iter().find(|(kind, _)| *kind == part.kind).map(|(_, name)| *name);
        let state = if part.ciphertext.is_some() { "sealed" } else { "erased" };
        json!({ "part": number, "kind": kind, "root": part.root, "index": part.index, "state": state })
    });
    json!({
        "position": header.position,
        "stream": format!("{}/{}", stream.word(), header.stream),
        "revision": header.revision,
        "recorded_at": header.recorded_at,
        "type": event.name(),
        "version": header.version,
        "actor": format!("{}/{}", actor.word(), hex(&header.actor)),
        "command": header.command,
        "unit_index": header.unit_index,
        "unit_length": header.unit_length,
        "request": header.request,
        "caused_by": caused_by,
        "body": event.to_json(),
        "parts": parts.collect::<Vec<_>>(),
        "entry_hash": frame.entry_hash,
    })
}

/// The last line of `reader.py --json`.
pub fn summary(frames: &[Frame], segments: usize) -> Value {
    let parts = || frames.iter().flat_map(|frame| frame.sealed.iter());
    let streams: std::collections::BTreeSet<_> = frames
        .iter()
        .map(|f| (f.header.stream_kind, f.header.stream))
        .collect();
    json!({
        "holds": true,
        "entries": frames.len(),
        "streams": streams.len(),
        "segments": segments,
        "sealed": parts().filter(|part| part.ciphertext.is_some()).count(),
        "erased": parts().filter(|part| part.ciphertext.is_none()).count(),
        "entry_hash": frames.last().map_or(Hash::default(), |frame| frame.entry_hash),
    })
}

fn opened(world: &World) -> Vec<Value> {
    let mut opened = Vec::new();
    for frame in &world.frames {
        for (number, part) in (1..).zip(frame.sealed.iter()) {
            if part.ciphertext.is_some() {
                let content = frame
                    .open_part(LOG, number, &leaf_key(part.key()))
                    .expect("opens");
                opened.push(json!({
                    "position": frame.header.position, "part": number, "content": content.to_json(),
                }));
            }
        }
    }
    opened
}

fn keys(world: &World) -> Value {
    let mut leaves = Vec::new();
    for frame in &world.frames {
        for (number, part) in (1u8..).zip(frame.sealed.iter()) {
            // The key of an erased part is gone; all others stay.
            let key = part
                .ciphertext
                .is_some()
                .then(|| hex(&leaf_key(part.key())));
            leaves.push(json!({
                "position": frame.header.position, "part": number,
                "root": part.root, "index": part.index, "key": key,
            }));
        }
    }
    let roots = [PERSON_ROOT, NAMED_PERSON_ROOT].map(|byte| RootId([byte; 16]));
    let roots = roots.map(|root| json!({ "root": root, "key": hex(&root_key(root)) }));
    json!({ "log": LOG, "roots": roots, "leaves": leaves })
}

fn export(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut manifest = Manifest {
        format: 1,
        log: LOG,
        origin: ORIGIN.to_owned(),
        entries: world.frames.len() as u64,
        entry_hash: world.chain.hash(),
        segments: Vec::new(),
    };
    let mut previous = Hash::default();
    for range in [0..FIRST_SEGMENT, FIRST_SEGMENT..world.frames.len()] {
        let first = Position(range.start as u64);
        let entries = range.len() as u64;
        let bytes =
            segment::write(LOG, first, previous, &world.encoded(range.clone())).expect("small");
        let hash = segment::read(&bytes).expect("just written").hash;
        let file = format!("entries-{:012}.seg", first.0);
        previous = world.frames[range.end - 1].entry_hash;
        files.insert(format!("vectors/log/{file}"), bytes);
        manifest.segments.push(SegmentName {
            file,
            first,
            entries,
            hash,
        });
    }
    let manifest = serde_json::to_value(manifest).expect("plain values serialise");
    files.insert(
        "vectors/log/manifest.json".to_owned(),
        text(&manifest).into_bytes(),
    );
    files
}

/// Export folder, keys and expected reading.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    let world = world();
    let mut files = export(&world);
    let heads: BTreeMap<String, Value> = world
        .frames
        .iter()
        .map(|frame| {
            let head = line(frame);
            let stream = head["stream"].as_str().expect("text").to_owned();
            (
                stream,
                json!({ "revision": head["revision"], "entry_hash": head["entry_hash"] }),
            )
        })
        .collect();
    let expected = json!({
        "entries": world.frames.iter().map(line).collect::<Vec<_>>(),
        "streams": heads,
        "opened": opened(&world),
        "summary": summary(&world.frames, 2),
    });
    files.insert(
        "vectors/log-expected.json".to_owned(),
        text(&expected).into_bytes(),
    );
    files.insert(
        "vectors/log-keys.json".to_owned(),
        text(&keys(&world)).into_bytes(),
    );
    files
}
