//! A file that comes again: what is complete stays, what is new shows.

use probity_app::import::{Ending, ImportOrder, ImportReport, Importer, import};
use probity_app::{DataFolder, Ledger, OpenOptions, SEGMENT_BYTES_MIN};
use probity_format::ActorKind;
use probity_log::Clock;
use probity_types::{Category, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-03-04 12:00 in Asia/Shanghai.
const NOON: i64 = 1_772_596_800_000_000;
const DAY_US: i64 = 86_400_000_000;

/// A clock that stands until it is told to go on.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(NOON + self.0.load(Ordering::SeqCst))
    }

    fn monotonic_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct Stage {
    ledger: Ledger,
    clock: Arc<TestClock>,
    _scratch: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        let folder = DataFolder::at(&scratch.path().join("data"));
        let options = OpenOptions::default().with_segments_of(SEGMENT_BYTES_MIN);
        let ledger = Ledger::create(&folder, &options, clock.clone());
        Self {
            ledger: ledger.expect("a new ledger"),
            clock,
            _scratch: scratch,
        }
    }

    fn send(&self, file: &str, order: &ImportOrder) -> ImportReport {
        let importer = Importer {
            kind: ActorKind::Operator,
            id: [0; 16],
        };
        let report = import(&self.ledger, importer, file.as_bytes(), order, |_| {});
        let report = report.expect("the file reads");
        let s = report.summary;
        assert_eq!(
            s.rows,
            s.imported + s.refused + s.already_there + s.parked,
            "{s:?}"
        );
        report
    }

    fn shown(&self) -> u64 {
        let views = self.ledger.views();
        let shown = views.statistics().records.get(&Category::XK);
        shown.copied().unwrap_or(0)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.ledger.close();
    }
}

/// Two permits, the second decided the day after `NOON`.
fn permits() -> String {
    let head = "XK_XDR_LB,XK_XDR_MC,XK_XDR_SHXYM,XK_XDR_ZZJG,XK_XDR_GSZC,XK_XKWS,XK_WSH,XK_XKLB,XK_NR,XK_JDRQ,XK_YXQZ,XK_YXQZI,XK_XKJG,XK_XKJGDM,XK_ZT,XK_LYDW,XK_LYDWDM";
    let row = |name: &str, code: &str, number: u32, day: &str| {
        format!(
            "法人及非法人组织,{name},{code},,,准予登记通知书,虚登〔2026〕{number}号,登记,设立登记,{day},{day},2099-12-31,虚构市市场监督管理局,11650200YYYY000124,1,虚构市市场监督管理局,11650200YYYY000124"
        )
    };
    let first = row("虚构甲商贸有限公司", "91650203YYYY0008X2", 1, "2026-03-04");
    let second = row("虚构律师事务所", "31650203YYYY000470", 2, "2026-03-05");
    format!("{head}\n{first}\n{second}\n")
}

fn good_rows() -> ImportOrder {
    ImportOrder {
        accept_good_rows: true,
        may_list: true,
        may_register: true,
        ..ImportOrder::default()
    }
}

#[test]
fn a_row_that_was_refused_shows_when_the_same_file_comes_again_and_it_is_right() {
    let stage = Stage::new();
    let first = stage.send(&permits(), &good_rows());
    assert_eq!((first.summary.imported, first.summary.refused), (1, 1));
    assert_eq!(stage.shown(), 1);

    stage.clock.0.store(DAY_US, Ordering::SeqCst);
    let second = stage.send(&permits(), &good_rows());
    assert_eq!(
        (second.summary.imported, second.summary.already_there),
        (1, 1)
    );
    assert_ne!(first.batch, second.batch, "a batch of its own");
    assert_eq!(stage.shown(), 2, "what came second shows too");

    let third = stage.send(&permits(), &good_rows());
    assert_eq!(third.summary.already_there, 2);
    assert_eq!(
        third.summary.position, second.summary.position,
        "nothing changed"
    );
    assert_eq!(third.batch, None);
}

#[test]
fn a_row_refused_by_the_rules_is_named_by_its_cell_and_value() {
    let stage = Stage::new();
    let report = stage.send(&permits(), &ImportOrder::default());
    assert_eq!(report.ending, Ending::Refused);
    assert_eq!(report.summary.refused, 2, "whole or not at all");
    let [error] = report.errors.as_slice() else {
        panic!("{:?}", report.errors);
    };
    assert_eq!(
        (error.address().as_str(), error.header.as_str()),
        ("J3", "XK_JDRQ")
    );
    assert_eq!(error.value, "2026-03-05");
    assert_eq!(error.rule, "field.decision_date");
    assert!(!error.remedy_zh.is_empty() && !error.remedy_en.is_empty());
}

#[test]
fn a_rehearsal_says_what_a_commit_does_and_changes_nothing() {
    let stage = Stage::new();
    let head = stage.ledger.head();
    let rehearsed = stage.send(
        &permits(),
        &ImportOrder {
            rehearse: true,
            ..good_rows()
        },
    );
    assert_eq!(stage.ledger.head(), head);
    let committed = stage.send(&permits(), &good_rows());
    let counts = |report: &ImportReport| {
        let s = report.summary;
        (s.rows, s.imported, s.refused, s.already_there, s.parked)
    };
    assert_eq!(counts(&rehearsed), counts(&committed));
}
