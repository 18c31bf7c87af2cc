use super::*;
use crate::builtin::PACKS;
use crate::policy::shipped_policy;

fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn judge(
    proposal: &ListingProposal<'_>,
    procedure: ListingProcedure,
) -> Result<ListingTerms, Vec<ListingRefusal>> {
    let table = ListTable::parse(PACKS[3].text).expect("the shipped table loads");
    check_listing(
        &table,
        &shipped_policy().listing,
        proposal,
        procedure,
        date("2026-11-25"),
    )
}

fn complete() -> ListingProposal<'static> {
    ListingProposal {
        list: "market-serious",
        instrument: Some(InstrumentKind::Penalty),
        basis: "市场监督管理总局令44号",
        notice_served_on: Some(date("2026-04-01")),
        decider: "市市场监督管理局",
        decided_on: Some(date("2026-05-31")),
    }
}

/// The refusals, by what they say.
fn check(proposal: &ListingProposal<'_>, procedure: ListingProcedure, expected: &[ListingRefusal]) {
    let refusals = judge(proposal, procedure).err().unwrap_or_default();
    assert_eq!(refusals, expected);
    assert!(refusals.iter().all(|r| !r.sentence().zh.is_empty()));
}

#[test]
fn a_complete_listing_of_our_own_is_accepted_with_its_term() {
    let terms = judge(&complete(), ListingProcedure::Own).expect("complete");
    assert_eq!(terms.term_end, Some(date("2029-05-31")));
    assert_eq!(
        (terms.colour, terms.unknown),
        (Some(ListColour::Serious), vec![])
    );
}

/// forged_seal_2012: a bookseller was listed in 2012 on suspicion of a forged seal, without an
/// instrument. Domain rule 3 refuses that today; what was done then is recorded as historical.
#[test]
fn forged_seal_2012_is_refused_today_and_accepted_as_history() {
    let suspicion = ListingProposal {
        list: "local-black-2014",
        basis: "涉嫌伪造印章",
        decided_on: Some(date("2012-09-01")),
        ..ListingProposal::default()
    };
    let mut today = complete();
    today.instrument = None;
    check(
        &today,
        ListingProcedure::Own,
        &[ListingRefusal::NoInstrument],
    );
    let refused = judge(&suspicion, ListingProcedure::Own).expect_err("suspicion is no instrument");
    assert!(
        refused.contains(&ListingRefusal::NoInstrument),
        "{refused:?}"
    );
    assert!(refused.contains(&ListingRefusal::OwnNotAllowed {
        colour: ListColour::Black
    }));
    let terms = judge(&suspicion, ListingProcedure::Historical).expect("history");
    let unknown = [
        ListingStep::Instrument,
        ListingStep::Notice,
        ListingStep::Decider,
    ];
    assert_eq!(terms.unknown, unknown);
}

#[test]
fn every_missing_step_is_named_at_once() {
    let bare = ListingProposal {
        list: "market-serious",
        decided_on: Some(date("2026-05-31")),
        ..ListingProposal::default()
    };
    let refusals = [
        ListingRefusal::NoInstrument,
        ListingRefusal::NoNotice,
        ListingRefusal::NoBasis,
        ListingRefusal::NoDecider,
    ];
    check(&bare, ListingProcedure::Own, &refusals);
}

#[test]
fn the_list_must_be_in_force_on_the_decision_date() {
    let mut early = complete();
    early.decided_on = Some(date("2021-08-31"));
    early.notice_served_on = Some(date("2021-08-01"));
    let said = judge(&early, ListingProcedure::Own).expect_err("from 2021-09-01 only");
    assert!(
        said[0]
            .to_string()
            .contains("in force 2021-09-01 to open, not on 2021-08-31")
    );
    early.decided_on = Some(date("2021-09-01"));
    assert!(judge(&early, ListingProcedure::Own).is_ok());
}

#[test]
fn the_notice_comes_before_the_decision() {
    let mut late = complete();
    late.notice_served_on = Some(date("2026-06-01"));
    let refusal = ListingRefusal::NoticeTooLate {
        served_on: date("2026-06-01"),
        decided_on: date("2026-05-31"),
    };
    check(&late, ListingProcedure::Own, &[refusal]);
}

#[test]
fn history_ends_on_2020_12_06() {
    let on = |day| ListingProposal {
        list: "local-black-2014",
        decided_on: Some(date(day)),
        ..ListingProposal::default()
    };
    assert!(judge(&on("2020-12-06"), ListingProcedure::Historical).is_ok());
    let refused = judge(&on("2020-12-07"), ListingProcedure::Historical).expect_err("too young");
    assert!(
        matches!(refused[0], ListingRefusal::NotHistorical { .. }),
        "{refused:?}"
    );
}

#[test]
fn a_list_outside_the_table_is_reported_under_its_prefix_only() {
    let on = |list| ListingProposal {
        list,
        ..ListingProposal::default()
    };
    let terms = judge(&on("reported-hami-fire"), ListingProcedure::Reported).expect("reported");
    assert_eq!((terms.colour, terms.term_end), (None, None));
    assert_eq!(terms.unknown, ListingStep::ALL);
    let unknown = |list: &str| ListingRefusal::UnknownList {
        list: list.to_owned(),
    };
    check(
        &on("hami-fire"),
        ListingProcedure::Reported,
        &[unknown("hami-fire")],
    );
    check(
        &on("reported-"),
        ListingProcedure::Reported,
        &[unknown("reported-")],
    );
    let dated = ListingProposal {
        decided_on: Some(date("2024-01-01")),
        ..on("reported-hami-fire")
    };
    check(
        &dated,
        ListingProcedure::Own,
        &[ListingRefusal::OwnOutsideTable],
    );
}

#[test]
fn a_decision_of_tomorrow_is_refused() {
    let mut ahead = complete();
    ahead.decided_on = Some(date("2026-11-26"));
    let refusal = ListingRefusal::Future {
        decided_on: date("2026-11-26"),
        as_of: date("2026-11-25"),
    };
    check(&ahead, ListingProcedure::Own, &[refusal]);
}
