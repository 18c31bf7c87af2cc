//! Properties of the chain and the decoders: any single change is refused and named, nothing panics.

#[path = "../examples/vectors/generate/mod.rs"]
#[allow(dead_code)] // this test needs the small log alone
mod generate;

use generate::bodies;
use generate::sample::Form;
use generate::world::{Draft, LOG, World, day};
use probity_format::events::{Event, Private, StreamKind};
use probity_format::frame::{Frame, SealedPart};
use probity_format::{Chain, Hash, keytree, segment, upcast};
use probity_types::{Position, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Bodies are costly to make and never change.
static RENAMED: LazyLock<[Event; 2]> =
    LazyLock::new(|| [Form::Organisation, Form::Person].map(|form| bodies::event(11, form)));
static NAME: LazyLock<Private> = LazyLock::new(|| bodies::part(2));

fn draft(choice: u8) -> Draft {
    let stream = 0xa0 + choice % 3;
    match choice % 4 {
        0 => day(),
        1 => Draft::new(StreamKind::Subject, stream, RENAMED[0].clone()),
        2 => Draft::new(StreamKind::Subject, stream, RENAMED[1].clone())
            .with_part(0xb1, NAME.clone()),
        _ => Draft::new(StreamKind::Subject, stream, RENAMED[0].clone()).caused_by(0),
    }
}

/// A random log of 1 to 30 entries in units of 1 to 4.
fn logs() -> impl Strategy<Value = World> {
    vec(vec(any::<u8>(), 1..=4), 1..=8).prop_map(|units| {
        let mut world = World::default();
        world.append(vec![day()]);
        for unit in units {
            if world.frames.len() + unit.len() <= 30 {
                world.append(unit.into_iter().map(draft).collect());
            }
        }
        world
    })
}

fn with_part(frame: &mut Frame, change: impl FnOnce(&mut SealedPart)) {
    let mut parts = frame.sealed.to_vec();
    if let Some(part) = parts.first_mut() {
        change(part);
        frame.sealed = parts.try_into().expect("as many as before");
    } else {
        frame.open.salt[7] ^= 1;
    }
}

const FIELDS: u8 = 26;

/// Changes one field; every one of them is hashed or checked.
fn mutate(frame: &mut Frame, field: u8, by: u8) {
    let by = by.max(1);
    let header = &mut frame.header;
    match field % FIELDS {
        0 => header.format = header.format.wrapping_add(by),
        1 => header.position.0 ^= u64::from(by),
        2 => header.stream_kind ^= u16::from(by),
        3 => header.stream.0[usize::from(by) % 16] ^= by,
        4 => header.revision.0 ^= u64::from(by),
        5 => header.recorded_at = Timestamp(header.recorded_at.0 ^ i64::from(by)),
        6 => header.event_type ^= u16::from(by),
        7 => header.version ^= u16::from(by),
        8 => header.actor_kind ^= u16::from(by),
        9 => header.actor[usize::from(by) % 16] ^= by,
        10 => header.command.0[usize::from(by) % 16] ^= by,
        11 => header.unit_index ^= u32::from(by),
        12 => header.unit_length ^= u32::from(by),
        13 => header.request.0[usize::from(by) % 16] ^= by,
        14 => header.caused_by.0 ^= u64::from(by),
        15 => frame.open.salt[usize::from(by) % 16] ^= by,
        16 => frame.open.body.0[0] ^= by,
        17 => frame.open.body.0.push(by),
        18 => with_part(frame, |part| part.kind ^= u16::from(by)),
        19 => with_part(frame, |part| part.root.0[usize::from(by) % 16] ^= by),
        20 => with_part(frame, |part| part.index ^= u64::from(by)),
        21 => with_part(frame, |part| part.commitment.0[usize::from(by) % 32] ^= by),
        22 => with_part(frame, |part| part.sealed_hash.0[usize::from(by) % 32] ^= by),
        23 => with_part(frame, |part| {
            part.ciphertext.as_mut().expect("whole").0[4] ^= by
        }),
        24 => frame.sealed = Default::default(),
        _ => frame.entry_hash.0[usize::from(by) % 32] ^= by,
    }
}

/// Reads the frames as stored; the number of the first one that is refused.
fn first_refused(frames: &[Vec<u8>]) -> Option<usize> {
    let mut chain = Chain::default();
    for (number, bytes) in frames.iter().enumerate() {
        let Ok(frame) = Frame::decode(bytes) else {
            return Some(number);
        };
        if let Err(error) = chain.push(&frame, bytes.len() as u64) {
            assert_eq!(error.position, Position(number as u64), "{error}");
            return Some(number);
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_single_changed_field_is_refused_at_its_position(
        world in logs(), at: u16, field in 0..FIELDS, by: u8,
    ) {
        let mut frames = world.encoded(0..world.frames.len());
        prop_assert_eq!(first_refused(&frames), None);
        let at = usize::from(at) % frames.len();
        let mut frame = world.frames[at].clone();
        mutate(&mut frame, field, by);
        prop_assume!(frame != world.frames[at]);
        frames[at] = frame.encode().expect("within limits");
        prop_assert_eq!(first_refused(&frames), Some(at));
    }

    #[test]
    fn an_entry_left_out_doubled_or_swapped_is_refused(world in logs(), at: u16, way in 0..3u8) {
        let mut frames = world.encoded(0..world.frames.len());
        prop_assume!(frames.len() > 1);
        let at = usize::from(at) % (frames.len() - 1);
        match way {
            0 => drop(frames.remove(at)),
            1 => frames.insert(at, frames[at].clone()),
            _ => frames.swap(at, at + 1),
        }
        let expected = at + usize::from(way == 1);
        prop_assert_eq!(first_refused(&frames), Some(expected));
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..600), number: u8, version in 0..3u16) {
        let _ = Frame::decode(&bytes);
        let _ = segment::read(&bytes);
        let _ = Private::decode(u16::from(number % 20), &bytes);
        let _ = upcast::read_event(u16::from(number), version, &bytes);
        let _ = keytree::NodeSet::decode(&bytes);
        let mut framed = segment::SEGMENT_MAGIC.to_vec();
        framed.extend_from_slice(&bytes);
        prop_assert!(segment::read(&framed).is_err());
    }

    #[test]
    fn mutated_frames_and_segments_never_panic(
        world in logs(), changes in vec((any::<u32>(), any::<u8>()), 1..6), cut: u16,
    ) {
        let frames = world.encoded(0..world.frames.len());
        let file = segment::write(LOG, Position(0), Hash::default(), &frames).expect("small");
        for original in frames.iter().take(4).chain([&file]) {
            let mut bytes = original.clone();
            for (at, byte) in &changes {
                let at = *at as usize % bytes.len();
                bytes[at] = *byte;
            }
            if cut % 3 == 0 {
                bytes.truncate(usize::from(cut) % bytes.len());
            }
            if let Ok(frame) = Frame::decode(&bytes) {
                let _ = (frame.event(), frame.open_part(LOG, 1, &[0; 32]), Chain::default().push(&frame, 0));
            }
            if bytes != file {
                prop_assert!(segment::read(&bytes).is_err());
            }
        }
    }
}
