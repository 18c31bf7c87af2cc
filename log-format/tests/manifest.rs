//! What a manifest, its segments and the walk over them can disagree in: each is refused and named.

#[path = "../examples/vectors/generate/mod.rs"]
#[allow(dead_code)] // this test needs the small log alone
mod generate;

use generate::bodies;
use generate::sample::Form;
use generate::world::{Draft, LOG, ORIGIN, World, day, stored_bytes};
use probity_format::chain::{ChainFault, StartFault, check_start};
use probity_format::events::{Adoption, Event, LogStarted, PolicyPackAdopted, StreamKind};
use probity_format::limits::{POLICY_TEXT_CHARS_MAX, UNIT_BYTES_MAX};
use probity_format::segment::{self, Manifest, ManifestFault, Segment, SegmentName};
use probity_format::{Chain, Hash};
use probity_types::{CivilDate, LogId, Position, Text};

fn started(log: LogId, origin: &str) -> Event {
    let origin = Text::try_from(origin).expect("short");
    LogStarted { log, origin }.into()
}

/// A log of four entries in two segments, with its manifest.
fn export() -> (Manifest, Vec<Segment>) {
    let mut world = World::default();
    let first = Draft::new(StreamKind::System, 0, started(LOG, ORIGIN));
    world.append(vec![first]);
    world.append(vec![day(), day()]);
    world.append(vec![day()]);
    let mut names = Vec::new();
    let mut segments = Vec::new();
    for range in [0..2usize, 2..4] {
        let first = Position(range.start as u64);
        let before = range.start.checked_sub(1);
        let previous = before.map_or(Hash::default(), |n| world.frames[n].entry_hash);
        let bytes = segment::write(LOG, first, previous, &world.encoded(range)).expect("small");
        let segment = segment::read(&bytes).expect("right");
        names.push(SegmentName {
            file: format!("entries-{:012}.seg", first.0),
            first,
            entries: segment.frames.len() as u64,
            hash: segment.hash,
        });
        segments.push(segment);
    }
    let manifest = Manifest {
        format: 1,
        log: LOG,
        origin: ORIGIN.to_owned(),
        entries: 4,
        entry_hash: world.chain.hash(),
        segments: names,
    };
    (manifest, segments)
}

/// Checks everything, as a reader of an export does; the sentence of the first fault.
fn check(manifest: &Manifest, segments: &[Segment]) -> Result<(), String> {
    manifest.check_form().map_err(|e| e.to_string())?;
    let mut chain = Chain::default();
    for (named, segment) in manifest.segments.iter().zip(segments) {
        let right = manifest.check_segment(named, segment, &chain);
        right.map_err(|e| e.to_string())?;
        for stored in &segment.frames {
            let pushed = chain.push(&stored.frame, stored.bytes);
            pushed.map_err(|e| e.to_string())?;
            if stored.frame.header.position == Position(0) {
                let event = stored.frame.event().expect("decodes");
                manifest.check_start(&event).map_err(|e| e.to_string())?;
            }
        }
    }
    manifest.check_end(&chain).map_err(|e| e.to_string())
}

#[test]
fn an_export_as_written_holds() {
    let (manifest, segments) = export();
    assert_eq!(check(&manifest, &segments), Ok(()));
}

#[test]
fn every_field_of_the_manifest_is_held_against_the_segments() {
    type Change = fn(&mut Manifest);
    let cases: [(&str, Change); 10] = [
        ("field format: expected 1, found 2", |m| m.format = 2),
        ("field log: expected 11", |m| m.log = LogId([0x11; 16])),
        ("position 0: field origin: expected \"other\"", |m| {
            m.origin = "other".to_owned();
        }),
        ("field entries: expected 4, found 5", |m| m.entries = 5),
        ("field entry_hash: expected", |m| m.entry_hash.0[0] ^= 1),
        ("field first: expected 1, found 0", |m| {
            m.segments[0].first = Position(1);
        }),
        ("field entries: expected 3, found 2", |m| {
            m.segments[0].entries = 3;
        }),
        ("field hash: expected", |m| m.segments[1].hash.0[5] ^= 1),
        ("field entries: expected 2, found 4", |m| {
            m.segments.pop();
        }),
        ("segments[1]: field file: expected a plain file name", |m| {
            m.segments[1].file = "../entries".to_owned();
        }),
    ];
    for (expected, change) in cases {
        let (mut manifest, segments) = export();
        change(&mut manifest);
        let said = check(&manifest, &segments).expect_err(expected);
        assert!(said.starts_with(expected), "{said} instead of {expected}");
    }
}

#[test]
fn names_that_lead_out_of_the_folder_or_hide_are_refused() {
    for name in ["", ".", ".hidden", "a/b", "/etc/passwd", "..\\a", "a\0"] {
        let (mut manifest, _) = export();
        manifest.segments[0].file = name.to_owned();
        let fault = manifest.check_form().expect_err(name);
        let expected = ManifestFault::FileName {
            number: 0,
            found: name.to_owned(),
        };
        assert_eq!(fault, expected);
    }
}

#[test]
fn segments_in_another_order_or_from_another_log_are_refused() {
    let (mut manifest, mut segments) = export();
    manifest.segments.swap(0, 1);
    segments.swap(0, 1);
    let said = check(&manifest, &segments).expect_err("out of order");
    assert_eq!(said, "field first: expected 0, found 2");

    let (manifest, mut segments) = export();
    segments[1].previous.0[0] ^= 1;
    let said = check(&manifest, &segments).expect_err("another log before it");
    assert!(said.starts_with("field previous: "), "{said}");

    let (manifest, mut segments) = export();
    segments[1].log = LogId([0x66; 16]);
    let said = check(&manifest, &segments).expect_err("another log");
    assert!(said.starts_with("field log: expected 10"), "{said}");
}

#[test]
fn a_log_that_ends_inside_a_unit_is_refused_at_its_end() {
    let (mut manifest, mut segments) = export();
    segments.pop();
    manifest.segments.pop();
    // Entry 1 is the first of two.
    manifest.entries = 2;
    manifest.entry_hash = segments[0].frames[1].frame.entry_hash;
    let said = check(&manifest, &segments).expect_err("cut");
    assert_eq!(said, "position 2: the last unit is cut off");
}

#[test]
fn position_0_is_the_start_of_this_log() {
    let day = bodies::event(2, Form::Organisation);
    let fault = check_start(&day, LOG).expect_err("a day");
    assert_eq!(
        fault.to_string(),
        "position 0: field event type: expected LogStarted, found DayStarted"
    );
    let other = LogId([0x66; 16]);
    assert_eq!(
        check_start(&started(other, ORIGIN), LOG),
        Err(StartFault::OtherLog {
            expected: LOG,
            found: other
        })
    );
    assert_eq!(check_start(&started(LOG, ORIGIN), LOG), Ok(()));
}

/// A policy text of 500,000 characters of three bytes each.
fn large() -> Draft {
    let text = "条".repeat(POLICY_TEXT_CHARS_MAX as usize);
    let short = |text: &str| Text::try_from(text).expect("short");
    let adoption = Adoption {
        id: Text::try_from("large").expect("short"),
        version: Text::try_from("1").expect("short"),
        officer: Text::default(),
        effective_from: CivilDate::MIN,
        effective_to: None,
        text_hash: Hash::default(),
        text: Text::try_from(text).expect("at the limit"),
    };
    let kind = short("policy");
    Draft::new(StreamKind::Policy, 0, PolicyPackAdopted { kind, adoption })
}

#[test]
fn a_unit_is_refused_where_its_frames_outgrow_the_limit_together() {
    let mut world = World::default();
    let bytes = {
        let frame = world.build(&large(), (0, 1));
        stored_bytes(&frame)
    };
    let fitting = UNIT_BYTES_MAX / bytes;
    assert!((2..8).contains(&fitting), "the frames are large: {bytes}");
    for index in 0..fitting as u32 {
        let frame = world.build(&large(), (index, 100));
        world.chain.push(&frame, bytes).expect("within the limit");
    }
    let over = world.build(&large(), (fitting as u32, 100));
    let refused = world.chain.push(&over, bytes).expect_err("over the limit");
    let found = (fitting + 1) * bytes;
    assert_eq!(refused.fault, ChainFault::UnitBytes { found });
    assert_eq!(refused.position, Position(fitting));
    // The same frames as units of their own are right: the limit begins anew with each unit.
    let mut world = World::default();
    for _ in 0..=fitting {
        world.append(vec![large()]);
    }
}
