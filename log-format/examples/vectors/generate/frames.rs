//! Single frames and short chains, good and wrong.

use super::bodies;
use super::pieces;
use super::sample::Form;
use super::world::{Draft, LOG, World, day, stored_bytes};
use probity_format::build::build;
use probity_format::codec;
use probity_format::events::{CertificateRecorded, Event, StreamKind};
use probity_format::frame::Links;
use probity_format::limits::{FRAME_BYTES_MAX, OPEN_PART_BYTES_MAX, UNIT_EVENTS_MAX};
use probity_format::wire::Bytes;
use probity_format::{Chain, Frame, Hash};
use probity_types::{IdentifierKind, Position, Revision, SubjectKind, Text, Timestamp};
use serde_json::{Value, json};

/// A person's registration with the identity sealed: the smallest frame with a sealed part.
pub fn registration(world: &mut World) -> Frame {
    let event = bodies::event(10, Form::Person);
    let draft = Draft::new(StreamKind::Subject, 0xb0, event).with_part(0xb1, bodies::part(1));
    world.build(&draft, (0, 1))
}

fn good() -> Vec<(&'static str, Frame)> {
    let mut world = World::of_days(1);
    let open = world.build(&day(), (0, 1));
    let sealed = registration(&mut world);
    let mut redacted = sealed.clone();
    redact(&mut redacted);
    vec![
        ("open part alone", open),
        ("one sealed part", sealed),
        ("one sealed part, redacted", redacted),
    ]
}

/// Drops every ciphertext.
pub fn redact(frame: &mut Frame) {
    let mut parts = frame.sealed.to_vec();
    parts.iter_mut().for_each(|part| part.ciphertext = None);
    frame.sealed = parts.try_into().expect("as many as before");
}

fn changed(frame: &Frame, change: impl FnOnce(&mut Frame)) -> Vec<u8> {
    let mut frame = frame.clone();
    change(&mut frame);
    codec::encode(&frame, u64::MAX).expect("no limit")
}

/// Offset of the count of sealed parts: header, salt, length, body.
fn count_offset(frame: &Frame) -> usize {
    113 + 16 + 8 + frame.open.body.0.len()
}

fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let mut world = World::of_days(1);
    let open = world.build(&day(), (0, 1));
    let sealed = registration(&mut world);
    let (plain, with_part) = (changed(&open, |_| ()), changed(&sealed, |_| ()));
    let mut tag = with_part.clone();
    // Count 8, then kind 2, root 16, leaf 8, commitment 32, sealed hash 32 lie before the tag.
    tag[count_offset(&sealed) + 8 + 90] = 2;
    let nine = {
        let row = &with_part[count_offset(&sealed) + 8..with_part.len() - 32];
        let (before, after) = (
            &with_part[..count_offset(&sealed)],
            &with_part[with_part.len() - 32..],
        );
        [before, &9u64.to_le_bytes(), &row.repeat(9), after].concat()
    };
    let mut forged = plain.clone();
    forged[129..137].copy_from_slice(&u64::MAX.to_le_bytes());
    let flipped = changed(&sealed, |frame| {
        let mut parts = frame.sealed.to_vec();
        parts[0].ciphertext.as_mut().expect("not redacted").0[20] ^= 1;
        frame.sealed = parts.try_into().expect("one part");
    });
    vec![
        ("empty", Vec::new()),
        ("truncated by one byte", plain[..plain.len() - 1].to_vec()),
        ("cut inside the header", plain[..60].to_vec()),
        ("trailing byte", [&plain[..], &[0]].concat()),
        ("open body length of 2^64 - 1", forged),
        ("format 0", changed(&open, |f| f.header.format = 0)),
        (
            "format of a later build",
            changed(&open, |f| f.header.format = 2),
        ),
        (
            "stream kind 0",
            changed(&open, |f| f.header.stream_kind = 0),
        ),
        (
            "stream kind past the list",
            changed(&open, |f| f.header.stream_kind = 8),
        ),
        ("actor kind 0", changed(&open, |f| f.header.actor_kind = 0)),
        (
            "actor kind past the list",
            changed(&open, |f| f.header.actor_kind = 5),
        ),
        (
            "unit length 0",
            changed(&open, |f| f.header.unit_length = 0),
        ),
        (
            "unit index not below the unit length",
            changed(&open, |f| f.header.unit_index = 1),
        ),
        (
            "unit past UNIT_EVENTS_MAX",
            changed(&open, |f| f.header.unit_length = UNIT_EVENTS_MAX + 1),
        ),
        ("ciphertext tag 2", tag),
        ("nine sealed parts", nine),
        ("flipped bit in a ciphertext", flipped),
        (
            "frame past FRAME_BYTES_MAX",
            [&[1][..], &vec![0; FRAME_BYTES_MAX as usize]].concat(),
        ),
    ]
}

/// Bodies that a frame may carry by its bytes, but that are no right open part. They do not build either.
fn exposed() -> Vec<(&'static str, Event)> {
    let renamed = match bodies::event(11, Form::Organisation) {
        Event::SubjectRenamed(mut e) => {
            e.subject_kind = SubjectKind::NaturalPerson;
            e
        }
        other => panic!("{other:?}"),
    };
    let certificate = match bodies::event(13, Form::Person) {
        Event::CertificateRecorded(e) => CertificateRecorded {
            number: Some(Text::try_from("样例号").expect("short")),
            ..e
        },
        other => panic!("{other:?}"),
    };
    let registered = match bodies::event(10, Form::Organisation) {
        Event::SubjectRegistered(mut e) => {
            let identity = e.identity.as_mut().expect("organisation");
            let mut identifiers = identity.identifiers.to_vec();
            identifiers[1].kind = IdentifierKind::CitizenId;
            identity.identifiers = identifiers.try_into().expect("two");
            e
        }
        other => panic!("{other:?}"),
    };
    let adjudication = match bodies::event(23, Form::Organisation) {
        Event::AdjudicationRecorded(mut e) => {
            let details = e.details.as_mut().expect("organisation");
            details.applicant.as_mut().expect("full").0.person = true;
            e
        }
        other => panic!("{other:?}"),
    };
    let penalty = match (
        bodies::event(21, Form::Organisation),
        bodies::event(21, Form::Person),
    ) {
        (Event::PenaltyRecorded(mut e), Event::PenaltyRecorded(person)) => {
            e.core = person.core;
            e
        }
        other => panic!("{other:?}"),
    };
    vec![
        ("name of a person", renamed.into()),
        ("certificate number", certificate.into()),
        (
            "identifier of a person under an organisation",
            registered.into(),
        ),
        ("party that is a person", adjudication.into()),
        ("details about a person", penalty.into()),
    ]
}

fn event_vectors() -> Vec<Value> {
    let mut world = World::of_days(1);
    let frame = world.build(&day(), (0, 1));
    let carrying = |number: u16, version: u16, body: Vec<u8>| {
        let mut frame = frame.clone();
        (frame.header.event_type, frame.header.version) = (number, version);
        frame.open.body = Bytes(body);
        frame.entry_hash = frame.compute_hash(&Links::default()).expect("hashes");
        frame
    };
    let short = 20_000i32.to_le_bytes().to_vec();
    let cases = [
        ("unknown event type", 9_999, 1, short.clone()),
        ("unknown schema version", 2, 7, short.clone()),
        ("body that does not decode", 2, 1, short[..3].to_vec()),
        (
            "open body past OPEN_PART_BYTES_MAX",
            80,
            1,
            vec![0; OPEN_PART_BYTES_MAX as usize + 1],
        ),
    ];
    let mut vectors = Vec::new();
    for (name, number, version, body) in cases {
        let frame = carrying(number, version, body);
        let error = frame.event().expect_err(name).to_string();
        let bytes = pieces(&frame.encode().expect("small"));
        vectors.push(json!({ "name": name, "bytes": bytes, "event_error": error }));
    }
    for (name, event) in exposed() {
        let frame = carrying(
            event.number(),
            event.version(),
            event.encode().expect("within limits"),
        );
        let header = world.header(&Draft::new(StreamKind::System, 0, event.clone()), (0, 1));
        let built = build(LOG, header, &event, [0; 16], &[], &Links::default());
        let (error, on_build) = (frame.event().expect_err(name), built.expect_err(name));
        let bytes = pieces(&frame.encode().expect("small"));
        vectors.push(json!({
            "name": format!("exposed: {name}"), "bytes": bytes,
            "event_error": error.to_string(), "build_error": on_build.to_string(),
        }));
    }
    vectors
}

/// Frames by themselves: good ones, ones that do not decode, ones whose event is refused.
pub fn frames() -> Vec<Value> {
    let mut vectors = Vec::new();
    for (name, frame) in good() {
        vectors.push(json!({
            "name": name, "bytes": pieces(&frame.encode().expect("small")),
            "body_commitment": frame.body_commitment(), "entry_hash": frame.entry_hash,
            "body": frame.event().expect("right").to_json(),
        }));
    }
    for (name, bytes) in refused() {
        let error = Frame::decode(&bytes).expect_err(name).to_string();
        vectors.push(json!({ "name": name, "bytes": pieces(&bytes), "error": error }));
    }
    vectors.extend(event_vectors());
    vectors
}

/// Changes to the third entry of a chain of three; each is hashed anew over its true links unless it says otherwise.
fn chain_faults() -> Vec<(&'static str, Vec<Frame>)> {
    let mut world = World::of_days(2);
    let right = world.build(&day(), (0, 1));
    let links = world
        .chain
        .links(&(right.header.stream_kind, right.header.stream));
    let rehashed = |change: &dyn Fn(&mut Frame)| {
        let mut frame = right.clone();
        change(&mut frame);
        let links = world
            .chain
            .links(&(frame.header.stream_kind, frame.header.stream));
        frame.entry_hash = frame.compute_hash(&links).expect("hashes");
        frame
    };
    let linked = |previous: Hash, previous_in_stream: Hash| {
        let mut frame = right.clone();
        let links = Links {
            previous,
            previous_in_stream,
        };
        frame.entry_hash = frame.compute_hash(&links).expect("hashes");
        frame
    };
    let earlier = Hash([0x11; 32]);
    let last = vec![
        (
            "wrong previous hash",
            linked(earlier, links.previous_in_stream),
        ),
        (
            "wrong previous hash in the stream",
            linked(links.previous, earlier),
        ),
        (
            "position skipped",
            rehashed(&|f| f.header.position = Position(3)),
        ),
        (
            "position repeated",
            rehashed(&|f| f.header.position = Position(1)),
        ),
        (
            "revision skipped",
            rehashed(&|f| f.header.revision = Revision(3)),
        ),
        (
            "revision repeated",
            rehashed(&|f| f.header.revision = Revision(1)),
        ),
        (
            "first revision of a stream not 0",
            rehashed(&|f| f.header.stream = super::world::stream(9)),
        ),
        (
            "time going back",
            rehashed(&|f| f.header.recorded_at = Timestamp(f.header.recorded_at.0 - 1_500_002)),
        ),
        (
            "unit that begins at index 1",
            rehashed(&|f| (f.header.unit_index, f.header.unit_length) = (1, 2)),
        ),
        (
            "caused_by itself",
            rehashed(&|f| f.header.caused_by = f.header.position),
        ),
        (
            "caused_by in the future",
            rehashed(&|f| f.header.caused_by = Position(7)),
        ),
        ("stored entry hash changed", {
            let mut f = right.clone();
            f.entry_hash.0[0] ^= 1;
            f
        }),
        ("salt changed", {
            let mut f = right.clone();
            f.open.salt[0] ^= 1;
            f
        }),
        ("body changed", {
            let mut f = right.clone();
            f.open.body.0[0] ^= 1;
            f
        }),
        ("event type changed", {
            let mut f = right.clone();
            f.header.event_type = 3;
            f
        }),
    ];
    let mut cases: Vec<(&str, Vec<Frame>)> = last
        .into_iter()
        .map(|(name, f)| (name, [&world.frames[..], &[f]].concat()))
        .collect();
    cases.push((
        "entry left out",
        vec![world.frames[0].clone(), right.clone()],
    ));
    cases.push((
        "entries swapped",
        vec![world.frames[1].clone(), world.frames[0].clone()],
    ));
    cases.extend(unit_faults());
    cases
}

/// Units of three whose middle entry is wrong.
fn unit_faults() -> Vec<(&'static str, Vec<Frame>)> {
    let with_second = |unit: (u32, u32)| {
        let mut world = World::default();
        let first = world.build(&day(), (0, 3));
        let bytes = stored_bytes(&first);
        world.chain.push(&first, bytes).expect("a unit begins");
        world.frames.push(first);
        let mut header = world.header(&day(), (0, 3));
        (header.unit_index, header.unit_length) = unit;
        let second = world.build_with(header, &day());
        vec![world.frames[0].clone(), second]
    };
    vec![
        ("unit index gap", with_second((2, 3))),
        ("unit index repeated", with_second((0, 3))),
        ("unit cut short by the next one", with_second((0, 1))),
        ("unit length changed within the unit", with_second((1, 4))),
    ]
}

/// Short chains: two good ones, the others refused at their last entry.
pub fn chains() -> Vec<Value> {
    let encoded = |frames: &[Frame]| -> Vec<Value> {
        frames
            .iter()
            .map(|f| pieces(&f.encode().expect("small")))
            .collect()
    };
    let mut unit = World::of_days(1);
    unit.append(vec![day(), day(), day()]);
    let sealed = registration(&mut unit);
    unit.chain
        .push(&sealed, stored_bytes(&sealed))
        .expect("continues");
    unit.frames.push(sealed);
    let mut vectors = vec![json!({
        "name": "a unit of three, then a sealed part", "frames": encoded(&unit.frames), "head": unit.chain.hash(),
    })];
    unit.frames.iter_mut().for_each(redact);
    vectors.push(json!({
        "name": "the same after redaction", "frames": encoded(&unit.frames), "head": unit.chain.hash(),
    }));
    for (name, frames) in chain_faults() {
        let mut chain = Chain::default();
        let (last, before) = frames.split_last().expect("not empty");
        for frame in before.iter().filter(|_| name != "entries swapped") {
            chain.push(frame, stored_bytes(frame)).expect(name);
        }
        let refused = if name == "entries swapped" {
            &before[0]
        } else {
            last
        };
        let refused = chain.push(refused, stored_bytes(refused));
        let error = refused.expect_err(name).to_string();
        vectors.push(json!({ "name": name, "frames": encoded(&frames), "error": error }));
    }
    vectors
}
