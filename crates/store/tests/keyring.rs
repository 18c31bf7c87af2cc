//! The key ring on disk: what is created stays, what is destroyed stays destroyed.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use probity_store::keyring::{
    DestroyError, EnsureError, Erasure, IfAbsent, KeyRing, KeyRingError, KeyState, MasterKey,
    MasterKeyError,
};
use probity_types::{LogId, RootId};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const LOG: LogId = LogId([5; 16]);

fn master() -> MasterKey {
    MasterKey::from_bytes([1; 32])
}

fn root(number: u32) -> RootId {
    let mut id = [0xa0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    RootId(id)
}

fn roots(count: u32) -> Vec<RootId> {
    (0..count).map(root).collect()
}

fn created(dir: &Path, count: u32) -> KeyRing {
    let mut ring = KeyRing::create(dir, LOG, master()).unwrap();
    ring.ensure(&roots(count)).unwrap();
    ring
}

fn open(dir: &Path) -> Result<KeyRing, KeyRingError> {
    KeyRing::open(dir, LOG, master())
}

fn ring_files(dir: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    names
        .filter(|p| {
            p.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("ring-")
        })
        .collect()
}

fn ring_file(dir: &Path) -> PathBuf {
    match &ring_files(dir)[..] {
        [one] => one.clone(),
        others => panic!("one generation expected: {others:?}"),
    }
}

fn is_key(state: &KeyState) -> bool {
    matches!(state, KeyState::Key(_))
}

#[test]
fn keys_and_secrets_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = created(dir.path(), 3);
    let keys: Vec<KeyState> = (0..3).map(|n| ring.key(root(n), n)).collect();
    let secret = ring.secret("look-up");
    ring.ensure(&[root(2), root(3), root(3)]).unwrap();
    assert_eq!(
        ring.roots(),
        4,
        "an existing root is kept, a repeated one created once"
    );
    drop(ring);
    let ring = open(dir.path()).unwrap();
    assert_eq!(
        (0..3).map(|n| ring.key(root(n), n)).collect::<Vec<_>>(),
        keys
    );
    assert!(keys.iter().all(is_key) && is_key(&ring.key(root(3), 0)));
    assert_ne!(ring.key(root(0), 0), ring.key(root(0), 1));
    assert_ne!(ring.key(root(0), 0), ring.key(root(1), 0));
    assert_eq!(ring.key(root(4), 0), KeyState::Unknown);
    assert_eq!(ring.secret("look-up"), secret);
    assert_ne!(ring.secret("request tag"), secret);
}

#[test]
fn no_key_and_no_secret_is_printed() {
    let dir = tempfile::tempdir().unwrap();
    let ring = created(dir.path(), 1);
    let KeyState::Key(key) = ring.key(root(0), 0) else {
        panic!()
    };
    let text = format!("{ring:?} {:?}", ring.key(root(0), 0));
    assert!(
        !text.contains(&format!("{:?}", &key[..4]).replace(['[', ']'], "")),
        "{text}"
    );
    assert!(text.contains("MasterKey(..)") && text.contains("Key(..)"));
}

#[test]
fn the_wrong_master_key_log_or_folder_has_its_own_error() {
    let dir = tempfile::tempdir().unwrap();
    let ring = created(dir.path(), 1);
    assert!(
        matches!(open(dir.path()), Err(KeyRingError::Folder(_))),
        "in use"
    );
    drop(ring);
    let wrong = KeyRing::open(dir.path(), LOG, MasterKey::from_bytes([2; 32]));
    assert!(matches!(wrong, Err(KeyRingError::WrongMasterKey { .. })));
    let other = KeyRing::open(dir.path(), LogId([6; 16]), master());
    assert!(matches!(other, Err(KeyRingError::WrongLog { .. })));
    let again = KeyRing::create(dir.path(), LOG, master());
    assert!(matches!(again, Err(KeyRingError::RingExists { .. })));
    let missing = dir.path().join("mistyped");
    assert!(matches!(open(&missing), Err(KeyRingError::NoRing { .. })));
    assert!(!missing.exists());
    open(dir.path()).unwrap();
}

#[test]
fn a_torn_last_frame_is_cut_off_wherever_it_was_torn() {
    let dir = tempfile::tempdir().unwrap();
    drop(created(dir.path(), 2));
    let file = ring_file(dir.path());
    let before = fs::read(&file).unwrap();
    let mut ring = open(dir.path()).unwrap();
    ring.ensure(&(10..60).map(root).collect::<Vec<_>>())
        .unwrap();
    drop(ring);
    let whole = fs::read(&file).unwrap();
    let mut torn: Vec<Vec<u8>> = (before.len() + 1..whole.len())
        .step_by(97)
        .map(|end| whole[..end].to_vec())
        .collect();
    // The file grew, but a sector, or nothing at all, arrived.
    let mut hole = whole.clone();
    hole[1_024..1_536].fill(0);
    torn.push(hole);
    let mut nothing = whole.clone();
    nothing[before.len()..].fill(0);
    torn.push(nothing);
    for (case, bytes) in torn.into_iter().enumerate() {
        fs::write(&file, &bytes).unwrap();
        let mut ring = open(dir.path()).unwrap_or_else(|e| panic!("case {case}: {e:?}"));
        assert_eq!(
            ring.cut_bytes(),
            (bytes.len() - before.len()) as u64,
            "case {case}"
        );
        assert_eq!(fs::read(&file).unwrap(), before, "case {case}");
        assert!(is_key(&ring.key(root(1), 0)), "case {case}");
        assert_eq!(ring.key(root(10), 0), KeyState::Unknown, "case {case}");
        ring.ensure(&[root(10)]).unwrap();
        drop(ring);
        assert!(
            is_key(&open(dir.path()).unwrap().key(root(10), 0)),
            "case {case}"
        );
    }
}

/// Also the last frame: a flipped bit there is not a torn write.
#[test]
fn a_flipped_bit_anywhere_is_named_with_file_and_offset() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = created(dir.path(), 3);
    ring.ensure(&(10..20).map(root).collect::<Vec<_>>())
        .unwrap();
    ring.destroy_one(root(1), 7).unwrap();
    ring.ensure(&[root(30)]).unwrap();
    drop(ring);
    for file in [ring_file(dir.path()), dir.path().join("destroyed")] {
        let good = fs::read(&file).unwrap();
        for place in (0..good.len()).step_by(7) {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << (place % 8);
            fs::write(&file, &bytes).unwrap();
            match open(dir.path()).map(|ring| ring.roots()) {
                Err(KeyRingError::Damaged {
                    file: named,
                    offset,
                    ..
                }) => {
                    assert_eq!(named, file.display().to_string());
                    assert!(offset <= place as u64, "{place}: {offset}");
                }
                Err(KeyRingError::WrongLog { .. }) => assert!((8..24).contains(&place)),
                other => panic!("{} byte {place}: {other:?}", file.display()),
            }
            assert_eq!(
                fs::read(&file).unwrap(),
                bytes,
                "byte {place}: damage is never repaired"
            );
        }
        fs::write(&file, &good).unwrap();
        open(dir.path()).unwrap();
    }
}

#[test]
fn a_zeroed_sector_in_front_of_a_good_frame_is_damage_not_a_torn_write() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = created(dir.path(), 100);
    ring.ensure(&[root(200)]).unwrap();
    drop(ring);
    let file = ring_file(dir.path());
    let mut bytes = fs::read(&file).unwrap();
    bytes[512..1_024].fill(0);
    fs::write(&file, &bytes).unwrap();
    assert!(matches!(
        open(dir.path()),
        Err(KeyRingError::Damaged { .. })
    ));
}

#[test]
fn a_destroyed_root_stays_destroyed_even_when_the_old_ring_is_copied_back() {
    let (dir, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ring = created(dir.path(), 3);
    let (kept, old) = (ring.key(root(0), 4), ring_file(dir.path()));
    drop(ring);
    let copy = backup.path().join("old");
    fs::copy(&old, &copy).unwrap();

    let mut ring = open(dir.path()).unwrap();
    ring.destroy(root(1)).unwrap();
    ring.destroy(root(1)).unwrap();
    ring.destroy_one(root(2), 9).unwrap();
    assert!(!old.exists(), "the old generation is gone");
    let check = |ring: &KeyRing| {
        assert_eq!(ring.key(root(0), 4), kept);
        assert_eq!(ring.key(root(1), 0), KeyState::Erased);
        assert_eq!(ring.key(root(2), 9), KeyState::Erased);
        assert!(is_key(&ring.key(root(2), 8)));
        assert_eq!(
            ring.destroyed(),
            [Erasure::Root(root(1)), Erasure::One(root(2), 9)]
        );
        assert_eq!(ring.roots(), 2);
    };
    check(&ring);
    assert!(matches!(
        ring.ensure(&[root(5), root(1)]),
        Err(EnsureError::Erased { .. })
    ));
    assert_eq!(
        ring.key(root(5), 0),
        KeyState::Unknown,
        "nothing was created"
    );
    drop(ring);
    check(&open(dir.path()).unwrap());

    // The old file beside the new one: the newest wins, the old one goes.
    fs::copy(&copy, &old).unwrap();
    check(&open(dir.path()).unwrap());
    assert!(!old.exists());

    // The old file instead of the new one, as after a restore: purged before it serves, on disk too.
    fs::remove_file(ring_file(dir.path())).unwrap();
    fs::copy(&copy, &old).unwrap();
    check(&open(dir.path()).unwrap());
    assert!(!old.exists());
    let current = ring_file(dir.path());
    assert!(current > old, "{} is a later generation", current.display());

    // An older list beside a newer ring: the ring's own mark holds, and the list learns it again.
    let list = dir.path().join("destroyed");
    let header = fs::read(&list).unwrap()[..24].to_vec();
    fs::write(&list, header).unwrap();
    let ring = open(dir.path()).unwrap();
    assert_eq!(ring.key(root(1), 0), KeyState::Erased);
    assert_eq!(ring.destroyed(), [Erasure::Root(root(1))]);
    drop(ring);
    fs::remove_file(&list).unwrap();
    assert!(
        matches!(open(dir.path()), Err(KeyRingError::Damaged { .. })),
        "a missing list"
    );
}

/// A crash after the list was synced, before the ring was written again.
#[test]
fn a_destruction_cut_short_by_a_crash_is_completed_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    drop(created(dir.path(), 2));
    let before = fs::read(ring_file(dir.path())).unwrap();
    let old = ring_file(dir.path());
    let mut ring = open(dir.path()).unwrap();
    ring.destroy(root(0)).unwrap();
    drop(ring);
    fs::remove_file(ring_file(dir.path())).unwrap();
    fs::write(&old, &before).unwrap();
    fs::write(dir.path().join("ring-0000000002.new"), &before[..60]).unwrap();
    let ring = open(dir.path()).unwrap();
    assert_eq!(ring.key(root(0), 0), KeyState::Erased);
    assert!(is_key(&ring.key(root(1), 0)));
    assert_eq!(
        ring_files(dir.path()).len(),
        1,
        "no scratch file, no old generation"
    );
    assert_ne!(ring_file(dir.path()), old);
}

#[test]
fn a_torn_record_of_the_list_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = created(dir.path(), 2);
    ring.destroy(root(0)).unwrap();
    drop(ring);
    let list = dir.path().join("destroyed");
    let good = fs::read(&list).unwrap();
    for tail in [vec![1; 20], vec![0; 37]] {
        fs::write(&list, [&good[..], &tail].concat()).unwrap();
        assert_eq!(
            open(dir.path()).unwrap().destroyed(),
            [Erasure::Root(root(0))]
        );
        assert_eq!(fs::read(&list).unwrap(), good);
    }
}

#[test]
fn another_master_key_makes_old_copies_unreadable_once_the_old_one_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = created(dir.path(), 2);
    let key = ring.key(root(0), 0);
    ring.change_master(MasterKey::from_bytes([2; 32])).unwrap();
    ring.ensure(&[root(7)]).unwrap();
    drop(ring);
    assert!(matches!(
        open(dir.path()),
        Err(KeyRingError::WrongMasterKey { .. })
    ));
    let ring = KeyRing::open(dir.path(), LOG, MasterKey::from_bytes([2; 32])).unwrap();
    assert_eq!(ring.key(root(0), 0), key);
    assert!(is_key(&ring.key(root(7), 0)));
}

#[test]
fn ten_thousand_roots_cost_about_fifty_bytes_each_and_ninety_when_created_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = KeyRing::create(dir.path(), LOG, master()).unwrap();
    let empty = ring.bytes_on_disk();
    ring.ensure(&roots(10_000)).unwrap();
    let together = (ring.bytes_on_disk() - empty) / 10_000;
    let before = ring.bytes_on_disk();
    (20_000..20_050).for_each(|n| ring.ensure(&[root(n)]).unwrap());
    let one_by_one = (ring.bytes_on_disk() - before) / 50;
    let before = ring.bytes_on_disk();
    ring.destroy_one(root(0), 3).unwrap();
    let punctured = ring.bytes_on_disk() - before + 50 * (one_by_one - together);
    println!("{together} bytes a person together, {one_by_one} one by one; a puncture {punctured}");
    assert!(together <= 50 && one_by_one <= 90 && punctured < 4_600);
    assert_eq!(ring.roots(), 10_050);
    assert_eq!(
        fs::metadata(ring_file(dir.path())).unwrap().len(),
        ring.bytes_on_disk()
    );
    drop(ring);
    assert_eq!(open(dir.path()).unwrap().roots(), 10_050);
}

#[test]
fn a_master_key_comes_from_a_file_a_variable_or_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master");
    let absent = MasterKey::from_file(&path, IfAbsent::Fail);
    assert!(matches!(absent, Err(MasterKeyError::Io { .. })));
    MasterKey::from_file(&path, IfAbsent::Create).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(text.trim().len(), 64);
    MasterKey::from_file(&path, IfAbsent::Create).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        text,
        "an existing key is never replaced"
    );
    let folder = dir.path().join("keys");
    drop(KeyRing::create(
        &folder,
        LOG,
        MasterKey::from_file(&path, IfAbsent::Fail).unwrap(),
    ));
    let command = format!("cat {}", path.display());
    KeyRing::open(&folder, LOG, MasterKey::from_command(&command).unwrap()).unwrap();
    let failing = MasterKey::from_command("exit 3");
    assert!(matches!(failing, Err(MasterKeyError::CommandFailed { .. })));
    let talking = MasterKey::from_command("echo hello");
    assert!(matches!(talking, Err(MasterKeyError::NotHex { .. })));
    let unset = MasterKey::from_env("PROBITY_NO_SUCH_VARIABLE");
    assert!(matches!(unset, Err(MasterKeyError::NotSet { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let open_to_others = MasterKey::from_file(&path, IfAbsent::Fail);
    assert!(matches!(
        open_to_others,
        Err(MasterKeyError::OpenToOthers { mode: 0o644, .. })
    ));
}

#[test]
fn a_destruction_without_room_is_told_before_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut ring = created(dir.path(), 2);
    // Far apart, so that no two share much of their path.
    let scattered = |n: u32| Erasure::One(root(0), n.wrapping_mul(0x9e37_79b9));
    // At least 136 always have room.
    let count = (136..1_000).find(|count| {
        let erasures: Vec<Erasure> = (0..*count).map(scattered).collect();
        ring.check_destroy(&erasures).is_err()
    });
    let count = count.unwrap();
    let erasures: Vec<Erasure> = (0..count).map(scattered).collect();
    assert!(
        ring.check_destroy(&erasures[1..]).is_ok(),
        "one less has room"
    );
    let error = ring.destroy_all(&erasures).unwrap_err();
    assert!(matches!(error, DestroyError::Puncture { .. }), "{error}");
    let check = ring.check_destroy(&erasures).unwrap_err();
    assert_eq!(check.to_string(), error.to_string());
    assert!(ring.destroyed().is_empty());
    assert!(is_key(&ring.key(root(0), 0)));
    // What was found to have room is destroyed; the whole root always has.
    ring.destroy_all(&erasures[1..]).unwrap();
    assert!(ring.check_destroy(&erasures).is_err());
    assert!(ring.check_destroy(&[Erasure::Root(root(0))]).is_ok());
    ring.destroy(root(0)).unwrap();
    assert!(ring.is_destroyed(root(0)) && !ring.is_destroyed(root(1)));
    assert!(!ring.is_destroyed(root(9)), "never known");
    assert!(ring.check_destroy(&erasures).is_ok(), "gone already");
}
