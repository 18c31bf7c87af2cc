//! Copying a key ring that is in use: a copy opens, holds what was ensured before it, and brings no destroyed key back.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use probity_store::keyring::{
    Erasure, KeyRing, KeyRingError, KeyState, MasterKey, RingCopy, remove_copy,
};
use probity_types::{LogId, RootId};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

const LOG: LogId = LogId([5; 16]);

fn master() -> MasterKey {
    MasterKey::from_bytes([1; 32])
}

fn root(number: u32) -> RootId {
    let mut id = [0xa0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    RootId(id)
}

fn placed(copy: &RingCopy, dir: &Path) -> KeyRing {
    copy.place(dir).unwrap();
    KeyRing::open(dir, LOG, master()).unwrap()
}

#[test]
fn a_copy_opens_with_the_same_keys_and_secrets_and_does_not_touch_the_ring() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, other) = (dir.path().join("keys"), dir.path().join("other"));
    let mut ring = KeyRing::create(&keys, LOG, master()).unwrap();
    ring.ensure(&[root(1), root(2), root(3)]).unwrap();
    ring.destroy_one(root(2), 7).unwrap();
    ring.destroy(root(3)).unwrap();
    let copy = RingCopy::of(&keys, LOG).unwrap();
    ring.ensure(&[root(4)]).unwrap();
    let copied = placed(&copy, &other);
    assert_eq!(copied.key(root(1), 0), ring.key(root(1), 0));
    assert_eq!(copied.key(root(2), 7), KeyState::Erased);
    assert_eq!(copied.key(root(2), 8), ring.key(root(2), 8));
    assert_eq!(copied.key(root(3), 0), KeyState::Erased);
    assert_eq!(copied.key(root(4), 0), KeyState::Unknown, "ensured later");
    assert_eq!(copied.secret("look-up"), ring.secret("look-up"));
    let again = copy.place(&other).unwrap_err();
    assert!(matches!(again, KeyRingError::RingExists { .. }), "{again}");
}

#[test]
fn a_lent_ring_opens_the_same_parts_and_holds_no_secret_of_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, out) = (dir.path().join("keys"), dir.path().join("lent"));
    let mut ring = KeyRing::create(&keys, LOG, master()).unwrap();
    ring.ensure(&[root(1), root(2), root(3)]).unwrap();
    ring.destroy_one(root(2), 7).unwrap();
    ring.destroy(root(3)).unwrap();
    ring.lend(&out, MasterKey::from_bytes([2; 32])).unwrap();
    let wrong = KeyRing::open(&out, LOG, master()).unwrap_err();
    assert!(
        matches!(wrong, KeyRingError::WrongMasterKey { .. }),
        "{wrong}"
    );
    let lent = KeyRing::open(&out, LOG, MasterKey::from_bytes([2; 32])).unwrap();
    assert_eq!(lent.key(root(1), 0), ring.key(root(1), 0));
    assert_eq!(lent.key(root(2), 8), ring.key(root(2), 8));
    assert_eq!(lent.key(root(2), 7), KeyState::Erased);
    assert_eq!(lent.key(root(3), 0), KeyState::Erased);
    assert_eq!(lent.destroyed(), ring.destroyed());
    for purpose in ["checkpoint signing", "look-up", "idempotency"] {
        assert_ne!(lent.secret(purpose), ring.secret(purpose), "{purpose}");
    }
    drop(lent);
    let again = ring.lend(&out, MasterKey::from_bytes([3; 32])).unwrap_err();
    assert!(matches!(again, KeyRingError::RingExists { .. }), "{again}");
}

#[test]
fn an_older_copy_forgets_what_is_destroyed_again_and_is_wrapped_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, other) = (dir.path().join("keys"), dir.path().join("other"));
    let mut ring = KeyRing::create(&keys, LOG, master()).unwrap();
    ring.ensure(&[root(1), root(2)]).unwrap();
    let copy = RingCopy::of(&keys, LOG).unwrap();
    ring.destroy(root(1)).unwrap();
    let mut copied = placed(&copy, &other);
    assert!(
        matches!(copied.key(root(1), 0), KeyState::Key(_)),
        "older than the erasure"
    );
    copied
        .destroy_all(&[Erasure::Root(root(1)), Erasure::One(root(2), 3)])
        .unwrap();
    drop(copied);
    let copied = KeyRing::open(&other, LOG, master()).unwrap();
    assert_eq!(copied.key(root(1), 0), KeyState::Erased);
    assert_eq!(copied.key(root(2), 3), KeyState::Erased);
    let now = RingCopy::of(&other, LOG).unwrap();
    assert!(now.generation > copy.generation, "a fresh ring key");
}

#[test]
fn copies_made_while_keys_come_and_go_all_open_and_hold_what_came_before() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let mut ring = KeyRing::create(&keys, LOG, master()).unwrap();
    let ensured = AtomicU32::new(0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 1..=60 {
                ring.ensure(&[root(number)]).unwrap();
                ensured.store(number, Ordering::SeqCst);
                if number % 3 == 0 {
                    ring.destroy(root(number)).unwrap();
                }
            }
        });
        for number in 0.. {
            let before = ensured.load(Ordering::SeqCst);
            let copy = RingCopy::of(&keys, LOG).unwrap();
            let copied = placed(&copy, &dir.path().join(number.to_string()));
            for known in 1..=before {
                assert_ne!(
                    copied.key(root(known), 0),
                    KeyState::Unknown,
                    "{known} of {before}"
                );
            }
            if writer.is_finished() {
                break;
            }
        }
    });
}

#[test]
fn a_copy_of_another_log_or_with_a_changed_head_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    drop(KeyRing::create(&keys, LOG, master()).unwrap());
    let error = RingCopy::of(&keys, LogId([6; 16])).unwrap_err();
    assert!(matches!(error, KeyRingError::WrongLog { .. }), "{error}");
    let error = RingCopy::of(&dir.path().join("nowhere"), LOG).unwrap_err();
    assert!(matches!(error, KeyRingError::NoRing { .. }), "{error}");
    let mut copy = RingCopy::of(&keys, LOG).unwrap();
    copy.ring[50] ^= 1;
    let error = copy
        .check(Path::new("ring"), Path::new("destroyed"))
        .unwrap_err();
    assert!(matches!(error, KeyRingError::Damaged { .. }), "{error}");
}

#[test]
fn a_removed_copy_leaves_no_wrapped_key_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ring-copy");
    std::fs::write(&path, [7; 400]).unwrap();
    let held = std::fs::File::open(&path).unwrap();
    remove_copy(&path).unwrap();
    assert!(!path.exists());
    let bytes: Vec<u8> = std::io::Read::bytes(held).map(Result::unwrap).collect();
    assert!(bytes[..108].iter().all(|byte| *byte == 0));
}
