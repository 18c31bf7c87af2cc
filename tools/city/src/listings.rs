//! Memberships of lists: red lists, the city's black lists of 2014 to 2020 as history, and serious lists, reported by
//! others or decided here with instrument, notice and decider.

use crate::books::{Books, Bureau};
use crate::dice::{Dice, Purpose};
use crate::record::World;
use crate::step::Step;
use probity_domain::command::ListingSteps;
use probity_domain::report::{ListingReport, Provenance, SubjectClaim};
use probity_rules::ListDefinition;
use probity_types::{
    CivilDate, EndReason, InstrumentKind, ListColour, ListingProcedure, SubjectKind,
};

/// First year of the black lists that are taken over as history (the trial rules of 2014-12-26).
const HISTORY_FROM_YEAR: i16 = 2014;
/// Kinds of subject on a list of organisations.
const FIRMS: [SubjectKind; 2] = [SubjectKind::Enterprise, SubjectKind::SoleTrader];

/// Colours with their weights: red lists are long, the others short.
const COLOURS: [(ListColour, u64); 4] = [
    (ListColour::Red, 60),
    (ListColour::Serious, 22),
    (ListColour::Black, 12),
    (ListColour::Notice, 6),
];

/// A membership as reported, with its end where it has ended.
pub(crate) struct Membership {
    pub(crate) step: Step,
    pub(crate) end: Option<Step>,
}

/// The `listing`-th membership, of a list that was in force on that day; none where there is no such list.
pub(crate) fn make(world: World<'_>, listing: u64, on: CivilDate) -> Option<Membership> {
    let mut dice = Dice::new(world.seed, Purpose::Listing, listing);
    let list = choose(world.books, &mut dice, on)?;
    let bureau = world.bureaus.get(&list.decided_by);
    let subject = subject(world, list, listing, on, &mut dice)?;
    let procedure = procedure(list, bureau, &mut dice);
    let (year, ..) = on.ymd();
    let instrument = format!("克演列〔{year}〕{listing:06}号");
    let has_steps = procedure != ListingProcedure::Historical;
    let steps = match procedure {
        ListingProcedure::Own => ListingSteps {
            instrument_kind: Some(
                dice.pick(&[InstrumentKind::Penalty, InstrumentKind::AdminDecision]),
            ),
            notice_served_on: Some(dice.day_after(on, -60, -15)),
            decider: format!("演示岗位{:02}", dice.between(1, 12)),
        },
        // Of what others decided, the kind of instrument is known at best.
        ListingProcedure::Reported if list.colour == ListColour::Serious => ListingSteps {
            instrument_kind: Some(InstrumentKind::AdminDecision),
            ..ListingSteps::default()
        },
        ListingProcedure::Reported | ListingProcedure::Historical => ListingSteps::default(),
    };
    let report = ListingReport {
        subject,
        list: list.id.clone(),
        procedure,
        authority: bureau.map_or_else(|| "演示认定单位".to_owned(), |bureau| bureau.name.clone()),
        instrument_no: if has_steps { instrument } else { String::new() },
        basis: list.basis.clone(),
        reason: format!("符合{}的列入条件（演示数据）", list.name.zh),
        listed_on: Some(on),
        until: list.term_end(on),
        source_unit: bureau.map_or_else(
            || "演示来源单位（演示数据）".to_owned(),
            Bureau::source_unit,
        ),
        provenance: Provenance::default(),
    };
    let end = end(world, list, &report, listing, &mut dice);
    Some(Membership {
        step: Step::Listing(Box::new(report), steps),
        end,
    })
}

fn choose<'a>(books: &'a Books, dice: &mut Dice, on: CivilDate) -> Option<&'a ListDefinition> {
    let (year, ..) = on.ymd();
    let lists_of = |colour: ListColour| {
        if colour == ListColour::Black && year < HISTORY_FROM_YEAR {
            Vec::new()
        } else {
            books.lists_on(colour, on)
        }
    };
    let weight = |(colour, weight): &(ListColour, u64)| {
        if lists_of(*colour).is_empty() {
            0
        } else {
            *weight
        }
    };
    let (colour, _) = COLOURS.get(dice.weighted(COLOURS.iter().map(weight)))?;
    dice.pick_from(&lists_of(*colour)).copied()
}

/// A list decided by a bureau of the city can be our own; the black lists of old are history.
fn procedure(list: &ListDefinition, bureau: Option<&Bureau>, dice: &mut Dice) -> ListingProcedure {
    match list.colour {
        ListColour::Black => ListingProcedure::Historical,
        ListColour::Serious if bureau.is_some() && dice.chance(1, 2) => ListingProcedure::Own,
        ListColour::Serious | ListColour::Red | ListColour::Notice | ListColour::Board => {
            ListingProcedure::Reported
        }
    }
}

/// Lists of the court, of the forces and of honour hold persons as well; all others organisations only.
fn subject(
    world: World<'_>,
    list: &ListDefinition,
    listing: u64,
    on: CivilDate,
    dice: &mut Dice,
) -> Option<SubjectClaim> {
    let of_persons = list.field == "defence";
    let of_both =
        list.field == "refusal" || (list.colour == ListColour::Red && list.term_months.is_none());
    if of_persons || (of_both && dice.chance(1, 2)) {
        return Some(world.people.adult(dice, on));
    }
    let social = [SubjectKind::SocialOrganisation];
    let kinds: &[SubjectKind] = if list.name.zh.contains("社会组织") {
        &social
    } else {
        &FIRMS
    };
    let organisation = if list.colour == ListColour::Black {
        // History has no instrument number: list, day and subject alone must tell two memberships apart.
        world.organisations.enterprise(listing)
    } else {
        world.organisations.any_of(dice, kinds)?
    };
    Some(world.organisations.claim_on(organisation, on))
}

/// Some leave before their term is over, some are taken off when it is; for the rest the term ends by itself.
fn end(
    world: World<'_>,
    list: &ListDefinition,
    report: &ListingReport,
    listing: u64,
    dice: &mut Dice,
) -> Option<Step> {
    let listed_on = report.listed_on?;
    let times = match list.colour {
        ListColour::Serious | ListColour::Notice => 35,
        ListColour::Black => 25,
        ListColour::Red | ListColour::Board => 3,
    };
    let day = dice.day_after(listed_on, 90, 900);
    let reason = match report.until {
        Some(until) if day >= until => EndReason::TermOver,
        Some(_) | None if list.colour == ListColour::Red => EndReason::Annulled,
        Some(_) | None => dice.pick(&[
            EndReason::ConditionMet,
            EndReason::Repair,
            EndReason::Objection,
        ]),
    };
    let ended_on = report.until.map_or(day, |until| day.min(until));
    if ended_on > world.today || !dice.chance(times, 100) {
        return None;
    }
    Some(Step::EndListing {
        listing,
        reason,
        authority: report.authority.clone(),
        legal_basis: format!("{}（演示数据）", list.basis),
        ended_on,
    })
}
