//! Bodies that do not decode, one for each way to be wrong.

use super::pieces;
use super::sample::{Form, SCHEMA};
use probity_format::events::Private;
use probity_format::limits::{OPEN_PART_BYTES_MAX, POLICY_TEXT_CHARS_MAX, SEALED_PART_BYTES_MAX};
use probity_format::upcast;
use serde_json::{Value, json};

const DAY_STARTED: u16 = 2;
const SUBJECT_RENAMED: u16 = 11;
const RECORD_VOIDED: u16 = 41;
const CATALOGUE_ADOPTED: u16 = 80;
const ACCESS_KEY_ISSUED: u16 = 100;
const ACCESS_KEY_REVOKED: u16 = 101;
const ERASURE_RECORDED: u16 = 103;

const DAYS_MIN: i32 = -135_140;
const DAYS_MAX: i32 = 2_932_896;

fn text(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text].concat()
}

/// A renaming with these bytes for kind and option tag.
fn renamed(kind: u16, tag: u8, name: &[u8]) -> Vec<u8> {
    [
        &kind.to_le_bytes()[..],
        &20_000i32.to_le_bytes(),
        &[tag],
        name,
    ]
    .concat()
}

/// An erasure whose set of positions is this, length included; no rows.
fn erased(length: u64, positions: &[u64]) -> Vec<u8> {
    let positions: Vec<u8> = positions.iter().flat_map(|p| p.to_le_bytes()).collect();
    let (authority, basis) = (text(b"authority"), text(b"basis"));
    [
        &[1; 16][..],
        &[0],
        &length.to_le_bytes(),
        &positions,
        &authority,
        &basis,
        &0u64.to_le_bytes(),
    ]
    .concat()
}

/// A voiding whose evidence is this set, length included.
fn voided(length: u64, tags: &[u8]) -> Vec<u8> {
    let evidence: Vec<u8> = tags.iter().flat_map(|tag| [*tag; 16]).collect();
    let (short, empty) = (text(b"a"), text(b""));
    let subject = [&[1; 16][..], &1u16.to_le_bytes()].concat();
    let ground = [&1u16.to_le_bytes()[..], &short, &empty, &empty].concat();
    [&subject[..], &ground, &length.to_le_bytes(), &evidence].concat()
}

fn dates() -> Vec<(&'static str, u16, Vec<u8>)> {
    let day = |days: i32| days.to_le_bytes().to_vec();
    vec![
        ("date before 1600-01-01", DAY_STARTED, day(DAYS_MIN - 1)),
        ("date after 9999-12-31", DAY_STARTED, day(DAYS_MAX + 1)),
        ("date at the lowest number", DAY_STARTED, day(i32::MIN)),
        ("empty body", DAY_STARTED, Vec::new()),
        (
            "truncated by one byte",
            DAY_STARTED,
            day(20_000)[..3].to_vec(),
        ),
        (
            "trailing byte",
            DAY_STARTED,
            [&day(20_000)[..], &[0]].concat(),
        ),
    ]
}

fn texts() -> Vec<(&'static str, u16, Vec<u8>)> {
    let revoked = |reason: Vec<u8>| [&[1; 16][..], &reason].concat();
    let forged = |length: u64| [&length.to_le_bytes()[..], b"a"].concat();
    vec![
        (
            "text of one character too many",
            ACCESS_KEY_REVOKED,
            revoked(text("文".repeat(201).as_bytes())),
        ),
        (
            "text that is not UTF-8",
            ACCESS_KEY_REVOKED,
            revoked(text(&[0xff, 0xfe])),
        ),
        (
            "text with an encoded surrogate",
            ACCESS_KEY_REVOKED,
            revoked(text(&[0xed, 0xa0, 0x80])),
        ),
        (
            "text with an overlong encoding",
            ACCESS_KEY_REVOKED,
            revoked(text(&[0xc0, 0xaf])),
        ),
        (
            "text length past the end",
            ACCESS_KEY_REVOKED,
            revoked(forged(2)),
        ),
        (
            "text length of 2^64 - 1",
            ACCESS_KEY_REVOKED,
            revoked(forged(u64::MAX)),
        ),
    ]
}

fn tags() -> Vec<(&'static str, u16, Vec<u8>)> {
    let name = text("样例".as_bytes());
    let mut no_boolean = SCHEMA.body(SCHEMA.event(ACCESS_KEY_ISSUED), Form::Organisation);
    *no_boolean.last_mut().expect("not empty") = 2;
    vec![
        ("option tag 2", SUBJECT_RENAMED, renamed(1, 2, &name)),
        ("option tag 255", SUBJECT_RENAMED, renamed(1, 255, &name)),
        (
            "option said to be none with a value behind it",
            SUBJECT_RENAMED,
            renamed(1, 0, &name),
        ),
        (
            "option said to be there without a value",
            SUBJECT_RENAMED,
            renamed(1, 1, &[]),
        ),
        ("boolean 2", ACCESS_KEY_ISSUED, no_boolean),
        ("code 0", SUBJECT_RENAMED, renamed(0, 0, &[])),
        ("code past the list", SUBJECT_RENAMED, renamed(7, 0, &[])),
        (
            "code with its high byte set",
            SUBJECT_RENAMED,
            renamed(0x0101, 0, &[]),
        ),
    ]
}

fn sets() -> Vec<(&'static str, u16, Vec<u8>)> {
    let many: Vec<u64> = (0..=4096).collect();
    vec![
        (
            "set of numbers out of order",
            ERASURE_RECORDED,
            erased(2, &[5, 4]),
        ),
        (
            "set of numbers in byte order instead of number order",
            ERASURE_RECORDED,
            erased(2, &[256, 1]),
        ),
        ("set with a double", ERASURE_RECORDED, erased(2, &[4, 4])),
        (
            "set with one value too many",
            ERASURE_RECORDED,
            erased(4097, &many),
        ),
        (
            "set length past the end",
            ERASURE_RECORDED,
            erased(u64::MAX, &[4]),
        ),
        ("set of ids out of order", RECORD_VOIDED, voided(2, &[2, 1])),
        (
            "set of ids with a double",
            RECORD_VOIDED,
            voided(2, &[1, 1]),
        ),
    ]
}

fn limits() -> Vec<(&'static str, u16, Vec<u8>)> {
    let adopted = |chars: u32| {
        let sparse = SCHEMA.body(SCHEMA.event(CATALOGUE_ADOPTED), Form::Sparse);
        let policy = text("a".repeat(chars as usize).as_bytes());
        [&sparse[..sparse.len() - 8], &policy].concat()
    };
    vec![
        (
            "policy text of one character too many",
            CATALOGUE_ADOPTED,
            adopted(POLICY_TEXT_CHARS_MAX + 1),
        ),
        (
            "open part past OPEN_PART_BYTES_MAX",
            CATALOGUE_ADOPTED,
            vec![0; OPEN_PART_BYTES_MAX as usize + 1],
        ),
    ]
}

fn sealed() -> Vec<Value> {
    let list = |length: u64| [&text(b"")[..], &length.to_le_bytes()].concat();
    let held = [&1u16.to_le_bytes()[..], &text(b"1"), &[1]].concat();
    let identity = |count: usize| [&list(count as u64)[..], &held.repeat(count), &[0]].concat();
    let field = |tag: u32, value: &[u8]| {
        [
            &1u64.to_le_bytes()[..],
            &text(b"a"),
            &[0, 1],
            &tag.to_le_bytes(),
            value,
        ]
        .concat()
    };
    let cases = [
        ("list with one value too many", 1, identity(17)),
        ("list length past the end", 1, list(u64::MAX)),
        ("union tag past the alternatives", 12, field(8, &[0])),
        (
            "union tag with its high byte set",
            12,
            field(0x0100_0005, &[1]),
        ),
        ("union with a boolean of 2", 12, field(5, &[2])),
        (
            "sealed content past SEALED_PART_BYTES_MAX",
            2,
            vec![0; SEALED_PART_BYTES_MAX as usize + 1],
        ),
        ("unknown part kind", 99, Vec::new()),
        ("part kind of the open part", 0, Vec::new()),
    ];
    let vectors = cases.into_iter().map(|(name, kind, bytes): (_, u16, _)| {
        let error = Private::decode(kind, &bytes).expect_err(name).to_string();
        json!({ "name": name, "kind": kind, "bytes": pieces(&bytes), "error": error })
    });
    vectors.collect()
}

/// Every body that does not decode, with the error.
pub fn bodies() -> Vec<Value> {
    let current = [dates(), texts(), tags(), sets(), limits()];
    let current = current
        .into_iter()
        .flatten()
        .map(|(name, number, bytes)| (name, number, 1, bytes));
    let unknown = [
        ("unknown event type", 9_999, 1, Vec::new()),
        ("event type 0", 0, 1, Vec::new()),
        (
            "schema version 0",
            DAY_STARTED,
            0,
            20_000i32.to_le_bytes().to_vec(),
        ),
        (
            "schema version of a later build",
            DAY_STARTED,
            2,
            20_000i32.to_le_bytes().to_vec(),
        ),
    ];
    let vectors = current.chain(unknown).map(|(name, number, version, bytes)| {
        let error = upcast::read_event(number, version, &bytes).expect_err(name).to_string();
        json!({ "name": name, "number": number, "version": version, "bytes": pieces(&bytes), "error": error })
    });
    vectors.chain(sealed()).collect()
}
