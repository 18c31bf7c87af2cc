//! Cases that people complained about, each by its name, through decision and views.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_city::{Scale, Step, city};
use probity_domain::Refusal;
use probity_domain::command::{Command, Intake, ListingSteps};
use probity_domain::report::{ListingReport, Provenance, RecordReport, SubjectClaim};
use probity_project::listings::ListingState;
use probity_project::{Moment, periods};
use probity_rules::Ground;
use probity_rules::heating::HeatingTier;
use probity_types::{
    CivilDate, Fen, FieldValue, InstrumentKind, ListingProcedure, Position, Role, Severity,
    SubjectKind, Text,
};
use std::collections::BTreeMap;
use support::{TestLog, today};

fn day(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// A made-up shop: an organisation of the city.
fn shop() -> SubjectClaim {
    let mut steps = city(2012, Scale::for_records(20), today());
    let shop = steps.find_map(|step| match step {
        Step::Subject(claim) if claim.kind == SubjectKind::SoleTrader => Some(claim),
        _ => None,
    });
    *shop.expect("the city has one")
}

fn listing(list: &str, procedure: ListingProcedure, on: &str) -> ListingReport {
    ListingReport {
        subject: shop(),
        list: list.to_owned(),
        procedure,
        authority: "演示认定单位".to_owned(),
        instrument_no: String::new(),
        basis: "演示依据".to_owned(),
        reason: "涉嫌使用伪造的印章（演示数据）".to_owned(),
        listed_on: Some(day(on)),
        until: None,
        source_unit: "演示来源单位".to_owned(),
        provenance: Provenance::default(),
    }
}

fn report(listing: ListingReport, steps: ListingSteps) -> Command {
    Command::ReportListing(Box::new(listing), steps, Intake::default())
}

/// A bookseller was listed in 2012 on suspicion of a forged seal. Without an instrument nobody is put on a list today; what was
/// done then stays in the register as history, and says what is not known about it.
#[test]
fn forged_seal_2012() {
    let mut log = TestLog::new(1);
    let entries = log.entries.len();
    // Notice, basis and a named decider do not replace the instrument.
    let steps = ListingSteps {
        instrument_kind: None,
        notice_served_on: Some(day("2026-05-01")),
        decider: "演示岗位01".to_owned(),
    };
    let own = |list| {
        report(
            listing(list, ListingProcedure::Own, "2026-06-01"),
            steps.clone(),
        )
    };
    for list in ["market-serious", "local-black-2014"] {
        let refused = log
            .submit(&own(list))
            .expect_err("a suspicion is no instrument");
        let Refusal::Listing { zh, en, .. } = &refused else {
            panic!("{refused:?}")
        };
        assert!(en.contains("a suspicion is none"), "{en}");
        assert!(zh.contains("嫌疑不是依据"), "{zh}");
    }
    assert_eq!(log.entries.len(), entries, "nothing is appended");
    // With the instrument the same listing would be right: it is the only thing that was missing.
    let mut complete = listing("market-serious", ListingProcedure::Own, "2026-06-01");
    complete.instrument_no = "演市监罚〔2026〕1号".to_owned();
    let with_instrument = ListingSteps {
        instrument_kind: Some(InstrumentKind::Penalty),
        ..steps.clone()
    };
    log.submit(&report(complete, with_instrument))
        .expect("complete");

    let then = listing(
        "local-black-2014",
        ListingProcedure::Historical,
        "2012-09-01",
    );
    let taken_over = log
        .submit(&report(then, ListingSteps::default()))
        .expect("history");
    let known_at = taken_over.last().copied();
    for views in [&log.views, &log.replayed().1] {
        let rows = views.listings().rows().iter();
        let mut old = rows.filter(|row| &*row.list == "local-black-2014");
        let row = old.next().expect("it shows");
        assert_eq!(row.procedure, ListingProcedure::Historical);
        assert_eq!(
            (row.has_instrument, row.notice_served_on),
            (false, None),
            "unknown stays unknown"
        );
        let state = |valid_on, known_at| row.state_at(&Moment { valid_on, known_at });
        assert_eq!(
            state(day("2012-10-01"), known_at),
            Some(ListingState::Listed)
        );
        assert_eq!(
            state(day("2012-08-31"), known_at),
            Some(ListingState::NotYet)
        );
        let before = known_at.map(|Position(at)| Position(at - 1));
        assert_eq!(
            state(day("2012-10-01"), before),
            None,
            "not known before it was taken over"
        );
    }
    assert_eq!(log.views.digest(), log.replayed().1.digest());
}

fn heating_debt(due: &str, paid_on: Option<&str>) -> RecordReport {
    let text = |value: &str| FieldValue::Text(Text::try_from(value).expect("short"));
    let code = |value: &str| FieldValue::Code(Text::try_from(value).expect("short"));
    let date = |value: &str| FieldValue::Date(day(value));
    let mut fields = BTreeMap::from([
        ("arrears_kind", code("heating")),
        (
            "account_no",
            text(&format!("演示户{due}{}", paid_on.unwrap_or(""))),
        ),
        ("period_from", date("2013-10-15")),
        ("period_to", date("2014-04-15")),
        ("due_date", date(due)),
        ("amount_current", FieldValue::Fen(Fen(200_000))),
        ("amount_total", FieldValue::Fen(Fen(200_000))),
        ("recognised_by", text("演示供热单位")),
        ("recognised_on", date(due)),
    ]);
    if let Some(paid_on) = paid_on {
        fields.insert("paid_on", date(paid_on));
    }
    RecordReport {
        subject: shop(),
        role: Role::Debtor,
        subcategory: "QF007".to_owned(),
        authority: "演示供热单位".to_owned(),
        authority_code: String::new(),
        source_unit: "演示来源单位".to_owned(),
        source_unit_code: String::new(),
        fields: fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        provenance: Provenance::default(),
    }
}

/// Due date, day asked for, tier by age. Source: the boundaries of the tiers of 2014, (0,6], (6,12], (12,∞) civil months.
const GOLDEN: [(&str, &str, HeatingTier); 12] = [
    ("2014-04-30", "2014-10-30", HeatingTier::Ordinary),
    ("2014-04-30", "2014-10-31", HeatingTier::MoreSerious),
    ("2014-04-30", "2015-04-30", HeatingTier::MoreSerious),
    ("2014-04-30", "2015-05-01", HeatingTier::Serious),
    ("2014-08-31", "2015-02-28", HeatingTier::Ordinary),
    ("2014-08-31", "2015-03-01", HeatingTier::MoreSerious),
    ("2014-12-26", "2014-12-26", HeatingTier::None),
    ("2014-12-26", "2014-12-27", HeatingTier::Ordinary),
    ("2015-02-28", "2015-08-28", HeatingTier::Ordinary),
    ("2015-02-28", "2015-08-29", HeatingTier::MoreSerious),
    ("2016-02-29", "2017-02-28", HeatingTier::MoreSerious),
    ("2016-02-29", "2017-03-01", HeatingTier::Serious),
];

/// What the register says about a debt on a day.
fn assessed(log: &TestLog, position: Position, on: &str) -> (Severity, Ground) {
    let rows = log.views.records().rows().iter();
    let mut found = rows.filter(|row| row.versions[0].position == position);
    let row = found.next().expect("it shows");
    let moment = Moment {
        valid_on: day(on),
        known_at: log.views.position(),
    };
    let (assessment, _) =
        periods::publication_at(log.views.policies(), row, moment).expect("known");
    (assessment.severity, assessment.ground)
}

#[test]
fn heating_tiers_of_2014_hold_on_their_own_days_and_on_no_other() {
    let mut log = TestLog::new(1);
    let debt = |log: &mut TestLog, report: RecordReport| {
        let report = Command::ReportRecord(Box::new(report), Intake::default());
        *log.submit(&report)
            .expect("a right report")
            .last()
            .expect("one entry")
    };
    let mut positions = BTreeMap::new();
    for (due, _, _) in GOLDEN {
        if !positions.contains_key(due) {
            positions.insert(due, debt(&mut log, heating_debt(due, None)));
        }
    }
    let mut held = 0;
    for (due, on, tier) in GOLDEN {
        let (severity, ground) = assessed(&log, positions[due], on);
        // The rule came into force on 2014-12-26: on the two days before it there was no tier.
        let expected = if day(on) < day("2014-12-26") {
            HeatingTier::None
        } else {
            tier
        };
        assert_eq!(severity, expected.severity(), "due {due}, on {on}");
        if expected == HeatingTier::None {
            assert_eq!(ground, Ground::Neutral, "due {due}, on {on}");
        } else {
            assert_eq!(ground, Ground::LocalTier(tier), "due {due}, on {on}");
            held += 1;
        }
    }
    assert_eq!(held, 9);
    // After its last day a debt is neutral until an instrument exists: the tiers are for replay only.
    let serious = Ground::LocalTier(HeatingTier::Serious);
    let due = positions["2014-04-30"];
    assert_eq!(
        assessed(&log, due, "2020-12-06"),
        (Severity::Serious, serious)
    );
    assert_eq!(
        assessed(&log, due, "2020-12-07"),
        (Severity::None, Ground::Neutral)
    );
    // Payment ends the tier on its day.
    let paid = debt(&mut log, heating_debt("2014-04-30", Some("2016-01-10")));
    assert_eq!(
        assessed(&log, paid, "2016-01-09"),
        (Severity::Serious, serious)
    );
    assert_eq!(
        assessed(&log, paid, "2016-01-10"),
        (Severity::None, Ground::Neutral)
    );
    assert_eq!(log.views.digest(), log.replayed().1.digest());
}
