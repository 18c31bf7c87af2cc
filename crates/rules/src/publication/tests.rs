use super::*;
use crate::builtin::PACKS;
use proptest::prelude::*;
use std::sync::LazyLock;

static PERIODS: LazyLock<PublicationPeriods> =
    LazyLock::new(|| PublicationPeriods::parse(PACKS[4].text).expect("shipped periods load"));
static PENALTIES: LazyLock<PenaltyKinds> =
    LazyLock::new(|| PenaltyKinds::parse(PACKS[1].text).expect("shipped kinds load"));

fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

const FINE: &[PenaltyKind] = &[PenaltyKind::P2_03];
const WARNING: &[PenaltyKind] = &[PenaltyKind::P2_01];
const REVOKED: &[PenaltyKind] = &[PenaltyKind::P2_08];

fn penalty(
    entry: &'static str,
    severity: Severity,
    kinds: &'static [PenaltyKind],
) -> PublicationFacts<'static> {
    PublicationFacts {
        class: RecordClass::Record {
            category: Category::CF,
            entry,
        },
        subject_kind: SubjectKind::Enterprise,
        polarity: Polarity::Adverse,
        severity,
        ground: Ground::Penalty,
        penalty_kinds: kinds,
        default_conduct: None,
        decided_on: date("2026-05-31"),
        conduct_ended_on: None,
        released_on: None,
        repaired_on: None,
        performed_on: None,
        own_end: None,
        listed: ListState::NotListed,
        as_of: date("2026-11-25"),
    }
}

/// End, whether shown, and the rules, as one line.
fn check(facts: &PublicationFacts<'_>, expected: &str) {
    let found = publication(facts, &PERIODS, &PENALTIES);
    let end = found.end.map_or("open".to_owned(), |end| end.to_string());
    let shown = if found.shown { "shown" } else { "hidden" };
    assert_eq!(
        format!("{end} {shown} {}", found.rules.join(" ")),
        expected,
        "{facts:?}"
    );
}

fn on(
    facts: PublicationFacts<'static>,
    decided_on: &str,
    as_of: &str,
) -> PublicationFacts<'static> {
    PublicationFacts {
        decided_on: date(decided_on),
        as_of: date(as_of),
        ..facts
    }
}

#[test]
fn order_36_gives_three_twelve_and_thirty_six_months() {
    check(
        &penalty("CF019", Severity::Minor, WARNING),
        "2026-08-31 hidden o36-minor",
    );
    check(
        &penalty("CF019", Severity::General, FINE),
        "2027-05-31 shown o36-general",
    );
    check(
        &penalty("CF019", Severity::Serious, REVOKED),
        "2029-05-31 shown o36-serious",
    );
}

#[test]
fn months_clamp_to_the_month_end_and_ends_are_half_open() {
    let facts = on(
        penalty("CF019", Severity::General, FINE),
        "2028-02-29",
        "2028-03-01",
    );
    let found = publication(&facts, &PERIODS, &PENALTIES);
    assert_eq!(found.end, Some(date("2029-02-28")));
    assert!(found.visible_on(date("2028-02-29")) && found.visible_on(date("2029-02-27")));
    assert!(!found.visible_on(date("2028-02-28")) && !found.visible_on(date("2029-02-28")));
}

#[test]
fn a_record_keeps_the_regime_of_its_trigger_date_while_nothing_milder_comes() {
    let general = penalty("CF019", Severity::General, FINE);
    check(
        &on(general, "2020-05-31", "2020-12-01"),
        "2021-05-31 shown n527-general",
    );
    check(
        &on(general, "2024-05-31", "2024-12-01"),
        "2027-05-31 shown t58-other",
    );
    let warning = penalty("CF019", Severity::Minor, WARNING);
    check(
        &on(warning, "2024-05-31", "2024-12-01"),
        "2029-05-31 hidden t58-warning ceiling-5y",
    );
    check(
        &on(warning, "2020-05-31", "2020-12-01"),
        "2021-05-31 shown n527-general",
    );
    let food = penalty("CF006", Severity::General, FINE);
    check(
        &on(food, "2024-05-31", "2024-12-01"),
        "2027-05-31 shown t58-sector",
    );
}

#[test]
fn a_later_milder_regime_applies_from_its_first_day_and_both_are_listed() {
    let general = penalty("CF019", Severity::General, FINE);
    let before = on(general, "2024-05-31", "2026-03-31");
    check(&before, "2027-05-31 shown t58-other");
    let after = on(general, "2024-05-31", "2026-04-01");
    check(&after, "2026-04-01 shown t58-other o36-general");
    let found = publication(&after, &PERIODS, &PENALTIES)
        .milder
        .expect("milder");
    assert_eq!(
        (found.end_without, found.end),
        (Some(date("2027-05-31")), Some(date("2026-04-01")))
    );
    check(
        &on(general, "2025-10-31", "2026-04-01"),
        "2026-10-31 shown t58-other o36-general",
    );
    let minor = penalty("CF001", Severity::Minor, &[PenaltyKind::P2_02]);
    check(
        &on(minor, "2026-05-31", "2026-06-01"),
        "2026-08-31 hidden ms-minor o36-minor",
    );
}

/// Of two later regimes one shortened the term and the other hid the class; taking only the second
/// made the record run on for years. Each has its effect.
#[test]
fn several_later_regimes_each_have_their_effect() {
    let warning = penalty("CF019", Severity::Minor, WARNING);
    let facts = on(warning, "2018-12-31", "2023-06-01");
    check(&facts, "2019-12-31 hidden t58-warning n527-general");
}

#[test]
fn a_harsher_later_regime_changes_nothing() {
    let general = penalty("CF019", Severity::General, FINE);
    check(
        &on(general, "2023-04-30", "2024-01-01"),
        "2024-04-30 shown n527-general",
    );
}

#[test]
fn a_ban_is_shown_as_long_as_it_lasts_but_never_past_the_ceiling() {
    let ban = penalty("CF001", Severity::Serious, &[PenaltyKind::P2_12]);
    let facts = |own_end| PublicationFacts {
        own_end: Some(date(own_end)),
        ..on(ban, "2022-01-31", "2023-01-01")
    };
    check(&facts("2024-01-31"), "2025-01-31 shown ms-other");
    check(&facts("2026-01-31"), "2026-01-31 shown ms-other");
    check(&facts("2032-01-31"), "2027-01-31 shown ms-other ceiling-5y");
}

#[test]
fn repair_ends_publication_even_before_the_minimum() {
    let general = penalty("CF019", Severity::General, FINE);
    let repaired = PublicationFacts {
        repaired_on: Some(date("2026-06-15")),
        ..general
    };
    check(&repaired, "2026-06-15 shown o36-general");
    let found = publication(&general, &PERIODS, &PENALTIES);
    assert_eq!(found.repair_from, date("2026-08-31"));
}

#[test]
fn persons_are_not_public_by_default() {
    let person = PublicationFacts {
        subject_kind: SubjectKind::NaturalPerson,
        ..penalty("CF019", Severity::General, FINE)
    };
    check(&person, "2029-05-31 hidden o36-person");
    check(
        &on(person, "2016-05-31", "2016-06-01"),
        "2021-05-31 hidden ceiling-5y",
    );
}

#[test]
fn five_years_after_the_conduct_everything_adverse_ends() {
    let old = on(
        penalty("CF019", Severity::Serious, REVOKED),
        "2016-05-31",
        "2018-01-01",
    );
    check(&old, "2021-05-31 shown ceiling-5y");
    let ended = PublicationFacts {
        conduct_ended_on: Some(date("2015-01-31")),
        ..old
    };
    check(&ended, "2020-01-31 shown ceiling-5y");
    let custody = PublicationFacts {
        released_on: Some(date("2017-06-30")),
        ..old
    };
    check(&custody, "2022-06-30 shown ceiling-5y");
}

#[test]
fn still_listed_at_the_end_runs_on_to_the_removal() {
    let serious = penalty("CF019", Severity::Serious, REVOKED);
    let listed = |listed| PublicationFacts { listed, ..serious };
    check(&listed(ListState::Listed), "open shown o36-serious");
    check(
        &listed(ListState::RemovedOn(date("2029-09-01"))),
        "2029-09-01 shown o36-serious",
    );
    check(
        &listed(ListState::RemovedOn(date("2027-09-01"))),
        "2029-05-31 shown o36-serious",
    );
}

#[test]
fn a_list_membership_ends_with_its_removal() {
    let listing = |id, listed| PublicationFacts {
        class: RecordClass::List { id },
        ground: Ground::SeriousList,
        listed,
        ..on(
            penalty("", Severity::Serious, &[]),
            "2023-05-31",
            "2024-01-01",
        )
    };
    check(
        &listing("migrant-wages", ListState::Listed),
        "2026-05-31 shown wages",
    );
    check(
        &listing("tax-major", ListState::Listed),
        "2026-05-31 shown tax-list",
    );
    check(
        &listing("tax-major", ListState::RemovedOn(date("2024-01-15"))),
        "2024-01-15 shown tax-list",
    );
    check(
        &listing("customs", ListState::RemovedOn(date("2024-01-15"))),
        "2028-05-31 shown ceiling-5y",
    );
}

#[test]
fn judgment_defaulters_have_two_years_or_no_fixed_term() {
    let entry = |conduct, listed| PublicationFacts {
        class: RecordClass::Record {
            category: Category::PJ,
            entry: "PJ009",
        },
        ground: Ground::SeriousList,
        default_conduct: Some(conduct),
        listed,
        ..on(
            penalty("", Severity::Serious, &[]),
            "2020-02-29",
            "2021-01-01",
        )
    };
    check(
        &entry(DefaultConduct::Evade, ListState::Listed),
        "2022-02-28 shown spc-2y",
    );
    check(
        &entry(DefaultConduct::AbleRefuses, ListState::Listed),
        "open shown spc-refuse",
    );
    let removed = ListState::RemovedOn(date("2020-06-01"));
    check(
        &entry(DefaultConduct::AbleRefuses, removed),
        "2020-06-01 shown spc-refuse",
    );
}

#[test]
fn heating_debts_of_2014_end_with_payment() {
    let debt = |tier, paid: Option<&str>| PublicationFacts {
        class: RecordClass::Record {
            category: Category::QF,
            entry: "QF007",
        },
        ground: Ground::LocalTier(tier),
        performed_on: paid.map(date),
        ..on(
            penalty("", HeatingTier::severity(tier), &[]),
            "2015-01-31",
            "2016-01-01",
        )
    };
    check(
        &debt(HeatingTier::Ordinary, None),
        "2020-01-31 hidden l14-ordinary ceiling-5y",
    );
    check(
        &debt(HeatingTier::Ordinary, Some("2015-03-01")),
        "2015-03-01 hidden l14-ordinary",
    );
    check(
        &debt(HeatingTier::MoreSerious, None),
        "2018-01-31 hidden l14-more",
    );
    check(
        &debt(HeatingTier::Serious, None),
        "2020-01-31 shown l14-serious",
    );
}

#[test]
fn permits_stay_and_honours_end_with_their_validity() {
    let of = |category, entry, polarity, own_end: Option<&str>| PublicationFacts {
        class: RecordClass::Record { category, entry },
        ground: Ground::Neutral,
        polarity,
        own_end: own_end.map(date),
        ..on(penalty("", Severity::None, &[]), "2015-01-31", "2016-01-01")
    };
    check(
        &of(Category::XK, "XK001", Polarity::Neutral, Some("2017-01-01")),
        "open shown licence",
    );
    check(
        &of(
            Category::RY,
            "RY003",
            Polarity::Positive,
            Some("2017-01-01"),
        ),
        "2017-01-01 shown honour",
    );
    check(
        &of(Category::RY, "RY003", Polarity::Positive, None),
        "open shown honour",
    );
    check(
        &of(Category::QF, "QF008", Polarity::Adverse, None),
        "2020-01-31 hidden ceiling-5y",
    );
}

#[test]
fn a_reported_end_is_evidence_only() {
    let found = publication(
        &penalty("CF019", Severity::General, FINE),
        &PERIODS,
        &PENALTIES,
    );
    assert_eq!(found.check_reported_end(date("2026-08-31")), None);
    assert_eq!(found.check_reported_end(date("2027-05-31")), None);
    let said = found
        .check_reported_end(date("2029-05-31"))
        .expect("too long");
    assert!(said.en.contains("2026-08-31 to 2027-05-31"), "{}", said.en);
}

fn any_facts() -> impl Strategy<Value = PublicationFacts<'static>> {
    let kinds = prop::sample::select(vec![FINE, WARNING, REVOKED]);
    let entry = prop::sample::select(vec!["CF001", "CF006", "CF016", "CF019"]);
    let severity =
        prop::sample::select(vec![Severity::Minor, Severity::General, Severity::Serious]);
    let person = any::<bool>();
    (
        kinds,
        entry,
        severity,
        person,
        0..6000i32,
        0..3000i32,
        prop::option::of(-300..3000i32),
    )
        .prop_map(
            |(kinds, entry, severity, person, decided, later, repaired)| {
                let decided_on = date("2012-06-28").plus_days(decided);
                PublicationFacts {
                    subject_kind: if person {
                        SubjectKind::NaturalPerson
                    } else {
                        SubjectKind::Enterprise
                    },
                    decided_on,
                    as_of: decided_on.plus_days(later).max(date("2013-03-15")),
                    repaired_on: repaired.map(|days| decided_on.plus_days(days)),
                    ..penalty(entry, severity, kinds)
                }
            },
        )
}

proptest! {
    #[test]
    fn nothing_adverse_outlives_five_years_or_its_repair(facts in any_facts()) {
        let found = publication(&facts, &PERIODS, &PENALTIES);
        let end = found.end.expect("adverse records end");
        prop_assert!(found.start <= end && end <= facts.decided_on.plus_months(60));
        if let Some(repaired) = facts.repaired_on {
            prop_assert!(end <= repaired.max(found.start));
        }
        prop_assert!(!found.runs_on(end));
        prop_assert_eq!(found.runs_on(end.plus_days(-1)), end > found.start);
        prop_assert!(!(facts.subject_kind.is_person() && found.shown));
    }

    #[test]
    fn later_knowledge_of_the_law_never_lengthens_a_publication(facts in any_facts(), more in 0..4000i32) {
        let now = publication(&facts, &PERIODS, &PENALTIES);
        let later = PublicationFacts { as_of: facts.as_of.plus_days(more), ..facts };
        let then = publication(&later, &PERIODS, &PENALTIES);
        prop_assert!(then.end <= now.end);
        prop_assert!(now.shown || !then.shown);
    }
}
