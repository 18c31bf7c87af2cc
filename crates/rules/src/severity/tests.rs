use super::*;
use crate::builtin::PACKS;
use crate::catalogue::Catalogue;
use crate::policy::{PolicyPack, shipped_policy};
use probity_types::{Fen, FieldValue, Text};

fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn code(value: &str) -> FieldValue {
    FieldValue::Code(Text::try_from(value).expect("short"))
}

fn codes(values: &[&str]) -> FieldValue {
    FieldValue::Codes(
        values
            .iter()
            .map(|v| Text::try_from(*v).expect("short"))
            .collect(),
    )
}

fn day(value: &str) -> FieldValue {
    FieldValue::Date(date(value))
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(Text::try_from(value).expect("short"))
}

struct Case<'a> {
    entry: &'a str,
    fields: &'a [(&'a str, FieldValue)],
    decided_on: &'a str,
    as_of: &'a str,
}

fn assess_with(
    policy: &PolicyPack,
    case: &Case<'_>,
    more: impl FnOnce(&mut RecordFacts<'_>),
) -> Assessment {
    let catalogue = Catalogue::parse(PACKS[2].text).expect("loads");
    let penalties = PenaltyKinds::parse(PACKS[1].text).expect("loads");
    let fields: crate::FieldMap = case
        .fields
        .iter()
        .map(|(k, v)| ((*k).to_owned(), v.clone()))
        .collect();
    let mut facts = RecordFacts {
        entry: catalogue.entry(case.entry).expect("a class"),
        subject_kind: SubjectKind::Enterprise,
        fields: &fields,
        decided_on: date(case.decided_on),
        as_of: date(case.as_of),
        performed_on: None,
        remedy: RemedyOpen::No,
        basis_severity: None,
        delisted_on: None,
    };
    more(&mut facts);
    let rules = SeverityRules {
        penalties: &penalties,
        policy: &policy.severity,
        heating: policy.heating.as_ref(),
        explains: true,
    };
    let assessment = rules.assess(&facts);
    assert!(!assessment.reasons.is_empty());
    // Without reasons the answer is the same.
    let silent = SeverityRules {
        explains: false,
        ..rules
    };
    let unexplained = silent.assess(&facts);
    assert!(unexplained.reasons.is_empty());
    assert_eq!(unexplained.verdict(), assessment.verdict());
    assessment
}

fn check(
    entry: &str,
    fields: &[(&str, FieldValue)],
    (decided_on, as_of): (&str, &str),
    expected: (Severity, Polarity),
) {
    let case = Case {
        entry,
        fields,
        decided_on,
        as_of,
    };
    let found = assess_with(&shipped_policy(), &case, |_| {});
    assert_eq!(
        (found.severity, found.polarity),
        expected,
        "{entry} {fields:?} {as_of}: {:?}",
        found.reasons
    );
}

const NEUTRAL: (Severity, Polarity) = (Severity::None, Polarity::Neutral);
const MINOR: (Severity, Polarity) = (Severity::Minor, Polarity::Adverse);
const GENERAL: (Severity, Polarity) = (Severity::General, Polarity::Adverse);
const SERIOUS: (Severity, Polarity) = (Severity::Serious, Polarity::Adverse);
const POSITIVE: (Severity, Polarity) = (Severity::None, Polarity::Positive);

#[test]
fn the_heaviest_penalty_kind_decides() {
    let days = ("2026-05-06", "2026-06-01");
    check(
        "CF001",
        &[("penalty_kinds", codes(&["P2-01", "P2-02"]))],
        days,
        MINOR,
    );
    check(
        "CF001",
        &[("penalty_kinds", codes(&["P2-01", "P2-04"]))],
        days,
        GENERAL,
    );
    check(
        "CF001",
        &[("penalty_kinds", codes(&["P2-01", "P2-08"]))],
        days,
        SERIOUS,
    );
    check("CF001", &[], days, GENERAL);
}

#[test]
fn a_fine_is_serious_from_the_hearing_threshold_on() {
    let fined = |fen| {
        [
            ("penalty_kinds", codes(&["P2-03"])),
            ("fine", FieldValue::Fen(Fen(fen))),
        ]
    };
    let days = ("2026-05-06", "2026-06-01");
    check("CF001", &fined(9_999_999), days, GENERAL);
    check("CF001", &fined(10_000_000), days, SERIOUS);
    let fields = fined(1_000_000);
    let case = Case {
        entry: "CF002",
        fields: &fields,
        decided_on: days.0,
        as_of: days.1,
    };
    let person = assess_with(&shipped_policy(), &case, |f| {
        f.subject_kind = SubjectKind::NaturalPerson
    });
    assert_eq!(person.severity, Severity::Serious);
}

#[test]
fn summary_procedure_is_minor_and_never_counts() {
    let fields = [
        ("penalty_kinds", codes(&["P2-08"])),
        ("procedure", code("summary")),
    ];
    let case = Case {
        entry: "CF001",
        fields: &fields,
        decided_on: "2026-05-06",
        as_of: "2026-06-01",
    };
    let found = assess_with(&shipped_policy(), &case, |_| {});
    assert_eq!(
        (found.severity, found.ground),
        (Severity::Minor, Ground::SummaryPenalty)
    );
}

#[test]
fn the_one_licence_kind_of_1996_is_read_from_the_text() {
    let of = |content| {
        [
            ("penalty_kinds", codes(&["P1-05"])),
            ("content", text(content)),
        ]
    };
    let days = ("2013-05-06", "2013-06-01");
    check("CF001", &of("吊销营业执照"), days, SERIOUS);
    check("CF001", &of("暂扣许可证三个月"), days, GENERAL);
    check("CF001", &of("暂扣或者吊销许可证"), days, GENERAL);
    let fields = of("吊销营业执照");
    let case = Case {
        entry: "CF001",
        fields: &fields,
        decided_on: days.0,
        as_of: days.1,
    };
    let said = assess_with(&shipped_policy(), &case, |_| {}).reasons;
    assert!(
        said.last()
            .expect("reasons")
            .text
            .en
            .contains("no statutory grade"),
        "{said:?}"
    );
}

#[test]
fn coercion_is_adverse_only_as_enforcement() {
    let days = ("2026-05-06", "2026-06-01");
    check("QZ001", &[("nature", code("precautionary"))], days, NEUTRAL);
    check("QZ006", &[("nature", code("precautionary"))], days, NEUTRAL);
    check("QZ006", &[("nature", code("enforcement"))], days, GENERAL);
    let fields = [("nature", code("enforcement"))];
    let case = Case {
        entry: "QZ006",
        fields: &fields,
        decided_on: days.0,
        as_of: days.1,
    };
    let on_serious = assess_with(&shipped_policy(), &case, |f| {
        f.basis_severity = Some(Severity::Serious)
    });
    assert_eq!(on_serious.severity, Severity::Serious);
}

#[test]
fn an_adjudicated_duty_turns_adverse_the_day_after_its_deadline() {
    let fields = [
        ("role", code("respondent")),
        ("duty_deadline", day("2026-03-31")),
    ];
    check("CJ001", &fields, ("2026-01-05", "2026-03-31"), NEUTRAL);
    check("CJ001", &fields, ("2026-01-05", "2026-04-01"), GENERAL);
    let applicant = [
        ("role", code("applicant")),
        ("duty_deadline", day("2026-03-31")),
    ];
    check("CJ001", &applicant, ("2026-01-05", "2026-04-01"), NEUTRAL);
    let case = Case {
        entry: "CJ001",
        fields: &fields,
        decided_on: "2026-01-05",
        as_of: "2026-04-10",
    };
    let policy = shipped_policy();
    let late = assess_with(&policy, &case, |f| {
        f.performed_on = Some(date("2026-04-10"))
    });
    assert_eq!(late.polarity, Polarity::Neutral);
    let later = assess_with(&policy, &case, |f| {
        f.performed_on = Some(date("2026-04-11"))
    });
    assert_eq!(later.polarity, Polarity::Adverse);
    let sued = assess_with(&policy, &case, |f| f.remedy = RemedyOpen::Yes);
    assert_eq!(sued.polarity, Polarity::Neutral);
}

#[test]
fn a_judgment_counts_against_the_debtor_after_its_term_only() {
    let of = |role, state| {
        [
            ("role", code(role)),
            ("performance", code(state)),
            ("effective_on", day("2026-01-01")),
        ]
    };
    check(
        "PJ001",
        &of("defendant", "none"),
        ("2025-12-20", "2026-01-31"),
        NEUTRAL,
    );
    check(
        "PJ001",
        &of("defendant", "none"),
        ("2025-12-20", "2026-02-01"),
        GENERAL,
    );
    check(
        "PJ001",
        &of("defendant", "full"),
        ("2025-12-20", "2026-02-01"),
        NEUTRAL,
    );
    check(
        "PJ001",
        &of("plaintiff", "none"),
        ("2025-12-20", "2026-02-01"),
        NEUTRAL,
    );
    check(
        "PJ001",
        &[("role", code("defendant"))],
        ("2025-12-20", "2026-02-01"),
        NEUTRAL,
    );
}

#[test]
fn a_list_entry_is_serious_while_listed() {
    let fields = [("listing_until", day("2026-05-31"))];
    check("PJ009", &fields, ("2024-05-31", "2026-05-31"), SERIOUS);
    check("PJ009", &fields, ("2024-05-31", "2026-06-01"), NEUTRAL);
    let case = Case {
        entry: "PJ009",
        fields: &[],
        decided_on: "2024-05-31",
        as_of: "2026-05-01",
    };
    let gone = assess_with(&shipped_policy(), &case, |f| {
        f.delisted_on = Some(date("2026-05-01"))
    });
    assert_eq!(gone.polarity, Polarity::Neutral);
}

#[test]
fn arrears_are_neutral_until_an_instrument_exists_and_after_payment() {
    let days = ("2026-01-05", "2026-06-01");
    let tax = ("amount_total", FieldValue::Fen(Fen(900_000_000_000)));
    check(
        "QF001",
        &[("arrears_kind", code("tax")), tax],
        days,
        NEUTRAL,
    );
    let confirmed = [
        ("instrument_kind", code("judgment")),
        ("instrument_no", text("（2026）新0203民初1号")),
    ];
    check("QF008", &confirmed, days, GENERAL);
    check("QF008", &confirmed[..1], days, NEUTRAL);
    let paid: Vec<_> = confirmed
        .iter()
        .cloned()
        .chain([("paid_on", day("2026-06-01"))])
        .collect();
    check("QF008", &paid, days, NEUTRAL);
}

#[test]
fn heating_tiers_replay_inside_their_interval_and_never_after() {
    let fields = [("due_date", day("2014-12-31"))];
    check("QF007", &fields, ("2015-01-10", "2015-06-30"), MINOR);
    check("QF007", &fields, ("2015-01-10", "2015-07-01"), GENERAL);
    check("QF007", &fields, ("2015-01-10", "2016-01-01"), SERIOUS);
    check("QF007", &fields, ("2015-01-10", "2020-12-06"), SERIOUS);
    check("QF007", &fields, ("2015-01-10", "2020-12-07"), NEUTRAL);
    check(
        "QF006",
        &[("overdue_instalments", FieldValue::Integer(6))],
        ("2017-01-01", "2018-01-01"),
        SERIOUS,
    );
    check(
        "QF006",
        &[("overdue_instalments", FieldValue::Integer(6))],
        ("2017-01-01", "2021-01-01"),
        NEUTRAL,
    );
}

#[test]
fn an_honour_counts_until_it_is_revoked_or_over() {
    let fields = [
        ("award_level", code("city")),
        ("revoked_on", day("2026-05-01")),
    ];
    check("RY003", &fields, ("2020-05-01", "2026-04-30"), POSITIVE);
    check("RY003", &fields, ("2020-05-01", "2026-05-01"), NEUTRAL);
    let dated = [
        ("award_level", code("city")),
        ("valid_to", day("2026-05-01")),
    ];
    check("RY003", &dated, ("2020-05-01", "2026-05-01"), POSITIVE);
    check("RY003", &dated, ("2020-05-01", "2026-05-02"), NEUTRAL);
    check("RY003", &[], ("2020-05-01", "2026-05-02"), NEUTRAL);
}

#[test]
fn permits_are_neutral_and_crimes_serious() {
    check("XK001", &[], ("2020-05-01", "2026-05-02"), NEUTRAL);
    check("PJ006", &[], ("2020-05-01", "2026-05-02"), SERIOUS);
}
