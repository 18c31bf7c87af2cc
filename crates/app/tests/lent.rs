//! Keys lent to an auditor: on record before they exist, good for a time, good for reading alone.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_app::lent::{Grant, LendError, LendOrder, check_term};
use probity_app::state::Place;
use probity_app::verify::{Level, Verified, VerifyError, verify_at};
use probity_app::{DataFolder, ErasureOrder, ErasureTarget, Ledger, OpenOptions};
use probity_format::events::Event;
use probity_types::{Position, QueryPurpose, RecordId, Timestamp};
use std::path::Path;
use support::{Home, Loader, day};

const DAY_US: i64 = 86_400_000_000;

fn order(until: &str) -> LendOrder {
    LendOrder {
        recipient: "克拉玛依市审计局".to_owned(),
        purpose: QueryPurpose::Audit,
        basis: "审计法第三十四条".to_owned(),
        until: day(until),
    }
}

fn export(ledger: &Ledger, out: &Path) {
    let origin = "probity.invalid/log";
    probity_log::export::export(&*ledger.reader, ledger.id, origin, out, |_| {}).expect("written");
}

fn examine(out: &Path, keys: &DataFolder) -> Result<Verified, VerifyError> {
    verify_at(
        Place::Export(out, Some(keys)),
        &OpenOptions::default(),
        None,
    )
}

/// A ledger in which a record was erased, its keys lent until a week from now, and its export.
struct Lent {
    home: Home,
    ledger: Ledger,
    grant: Grant,
    keys: DataFolder,
    out: std::path::PathBuf,
}

fn lent() -> Lent {
    let home = Home::new();
    let ledger = home.create();
    let records = Loader::new(&ledger, 17, 60).load();
    let record = {
        let views = ledger.views();
        let about_person = |id: &&RecordId| {
            let row = views.records().get(id);
            row.is_some_and(|row| row.subject_kind.is_person())
        };
        let found = records.iter().find(about_person);
        *found.expect("some are about persons")
    };
    let order_to_erase = ErasureOrder {
        target: ErasureTarget::Record(record),
        authority: "克拉玛依市信用中心".to_owned(),
        legal_basis: "个人信息保护法第四十七条".to_owned(),
    };
    ledger.erase_at_console(order_to_erase).expect("erased");
    let folder = home.path().join("lent");
    let until = probity_types::time::shanghai_day(Timestamp(ledger.clock.now().0 + 7 * DAY_US));
    let grant = ledger
        .lend_keys(order(&until.to_string()), &folder)
        .expect("lent");
    let out = home.path().join("out");
    export(&ledger, &out);
    let keys = DataFolder::at(&folder);
    Lent {
        home,
        ledger,
        grant,
        keys,
        out,
    }
}

#[test]
fn lent_keys_open_an_export_and_the_log_says_so_first() {
    let lent = lent();
    let held = examine(&lent.out, &lent.keys).expect("holds");
    assert_eq!(held.level, Level::Opened);
    assert!(held.opened_parts > 0 && held.erased_parts > 0, "{held:?}");
    let frame = lent.ledger.frame(lent.grant.disclosed_at).expect("read");
    match frame.expect("there").event().expect("known") {
        Event::DisclosureMade(event) => {
            assert_eq!(event.purpose, QueryPurpose::Audit);
            assert!(event.basis.as_str().contains("审计局"), "{event:?}");
            assert!(event.scope.as_str().contains(&lent.grant.until.to_string()));
        }
        other => panic!("{other:?}"),
    }
    // The ledger's own master key does not open them, nor do they open its ring.
    let master = lent.home.path().join("lent/master.key");
    let options = OpenOptions {
        master_key: Some(master),
        ..OpenOptions::default()
    };
    let own = verify_at(Place::Folder(&lent.home.folder()), &options, None);
    let refused = own.expect_err("another key");
    assert!(!refused.is_broken(), "{refused}");
}

#[test]
fn the_term_ends_and_cannot_be_moved() {
    let lent = lent();
    let now = lent.ledger.clock.now();
    let at = |days: i64| Timestamp(now.0 + days * DAY_US);
    let running = check_term(&lent.keys, at(7)).expect("runs on its last day");
    assert_eq!(running.as_ref(), Some(&lent.grant));
    let ended = check_term(&lent.keys, at(8)).expect_err("over");
    assert!(matches!(ended, LendError::Ended { .. }), "{ended}");

    let path = lent.keys.root().join("grant.json");
    let text = std::fs::read_to_string(&path).expect("there");
    let moved = text.replace(&lent.grant.until.to_string(), "2099-12-31");
    assert_ne!(text, moved);
    std::fs::write(&path, moved).expect("written");
    check_term(&lent.keys, at(8)).expect("as it says now");
    let refused = examine(&lent.out, &lent.keys).expect_err("another key");
    assert!(matches!(refused, VerifyError::Keys(_)), "{refused}");

    std::fs::write(&path, b"{}").expect("written");
    let refused = check_term(&lent.keys, now).expect_err("no grant");
    assert!(matches!(refused, LendError::Grant { .. }), "{refused}");
}

#[test]
fn nothing_is_lent_for_a_day_that_is_over_or_into_a_folder_that_is_not_empty() {
    let lent = lent();
    let before = lent.ledger.head();
    let out = lent.home.path().join("again");
    let refused = lent.ledger.lend_keys(order("2011-01-01"), &out);
    assert!(matches!(refused, Err(LendError::Past { .. })));
    let refused = lent.ledger.lend_keys(order("2099-01-01"), lent.keys.root());
    assert!(matches!(refused, Err(LendError::NotEmpty { .. })));
    assert_eq!(lent.ledger.head(), before, "nothing was disclosed either");
}

#[test]
fn keys_that_came_after_the_loan_are_missing_by_name() {
    let lent = lent();
    Loader::new(&lent.ledger, 18, 40).load();
    let out = lent.home.path().join("later");
    export(&lent.ledger, &out);
    let refused = examine(&out, &lent.keys).expect_err("newer persons");
    assert!(
        matches!(refused, VerifyError::KeysMissing { first, .. } if first > Position(0)),
        "{refused}"
    );
}
