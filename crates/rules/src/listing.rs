//! May this listing be recorded? Typed refusals, all of them at once.
//!
//! Source: domain rule 3 (no sanction without an instrument with legal effect and a basis in force
//! on the decision date), domain reference §12. A listing decided here needs notice and a named
//! decision; for reported and historical ones unknown steps show as unknown (design §4).

use crate::fault::{Collector, Rest, Sentence};
use crate::head::{Interval, RawRule, RuleHead, keyed};
use crate::lists::{ListDefinition, ListTable};
use probity_types::{CivilDate, InstrumentKind, ListColour, ListingProcedure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lists that an outside body keeps and our table does not name carry this prefix.
pub const REPORTED_PREFIX: &str = "reported-";

keyed! {
    /// A step that a listing must show.
    ListingStep("step of a listing") {
        /// An instrument with legal effect.
        Instrument = "instrument",
        /// Prior written notice, served.
        Notice = "notice",
        /// A legal basis.
        Basis = "basis",
        /// The person or body that decided, by name.
        Decider = "decider",
    }
}

/// What a colour of list demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListCriterion {
    /// Whether the city may decide such listings itself.
    pub own_decisions: bool,
    /// Steps that must be shown.
    pub steps: Vec<ListingStep>,
}

/// The list criteria of a policy pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCriteria {
    /// Id, version, basis, interval.
    pub head: RuleHead,
    /// First day whose listings can no longer be recorded as historical.
    pub historical_before: CivilDate,
    /// By colour.
    pub criteria: BTreeMap<ListColour, ListCriterion>,
}

/// A listing as proposed or reported. Absent means unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListingProposal<'a> {
    /// List id, of the table or with the prefix `reported-`.
    pub list: &'a str,
    /// The instrument with legal effect; absent on mere suspicion.
    pub instrument: Option<InstrumentKind>,
    /// Basis in words, empty where unknown.
    pub basis: &'a str,
    /// Day on which the prior notice was served.
    pub notice_served_on: Option<CivilDate>,
    /// Who decided, by name; empty where unknown.
    pub decider: &'a str,
    /// Day of the decision.
    pub decided_on: Option<CivilDate>,
}

/// What an accepted listing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListingTerms {
    /// Colour of the list; `None` for a reported list outside the table.
    pub colour: Option<ListColour>,
    /// End of the term, half-open; `None` = no fixed term or unknown.
    pub term_end: Option<CivilDate>,
    /// Steps that are unknown; empty for a listing decided here.
    pub unknown: Vec<ListingStep>,
    /// Id and version of the rule that was applied.
    pub rule: (String, String),
}

/// Why a listing is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingRefusal {
    /// Not in the table, and not marked as an outside list.
    #[error(
        "no list {list:?} is in the table; a list kept outside the table is reported as reported-…"
    )]
    UnknownList {
        /// What was given, at most 64 characters.
        list: String,
    },
    /// Our own listing on a list outside the table.
    #[error("a list outside the table can only be reported, never decided here")]
    OwnOutsideTable,
    /// The list was not in force on the decision date.
    #[error("the list {list} is in force {interval}, not on {decided_on}")]
    NotInForce {
        /// The list.
        list: String,
        /// When it is in force.
        interval: Interval,
        /// The decision date.
        decided_on: CivilDate,
    },
    /// The city cannot decide listings of this colour.
    #[error("{colour} lists are historical; nobody is listed on one by a new decision")]
    OwnNotAllowed {
        /// The colour.
        colour: ListColour,
    },
    /// No instrument with legal effect; a suspicion is none.
    #[error(
        "a listing rests on a judgment, award, payment order or administrative decision \
         with legal effect; a suspicion is none"
    )]
    NoInstrument,
    /// No notice was served before the decision.
    #[error(
        "the subject is told before: serve the notice with facts, basis, measures \
         and the right to a statement, then decide"
    )]
    NoNotice,
    /// The notice was served after the decision.
    #[error(
        "the notice was served on {served_on}, after the decision of {decided_on}; it comes first"
    )]
    NoticeTooLate {
        /// When it was served.
        served_on: CivilDate,
        /// When it was decided.
        decided_on: CivilDate,
    },
    /// No basis is named.
    #[error("name the law, regulation or central document that this listing rests on")]
    NoBasis,
    /// Nobody is named as the decider.
    #[error("a named person or body decides a listing, never a rule or a machine")]
    NoDecider,
    /// No decision date.
    #[error("give the day of the decision; the list in force on that day is the one that counts")]
    NoDecisionDate,
    /// The decision lies ahead.
    #[error("the decision is dated {decided_on}, after {as_of}")]
    Future {
        /// The decision date.
        decided_on: CivilDate,
        /// Today.
        as_of: CivilDate,
    },
    /// Too young to be historical.
    #[error("a decision of {decided_on} is not historical; only those before {before} are")]
    NotHistorical {
        /// The decision date.
        decided_on: CivilDate,
        /// First day that is not historical.
        before: CivilDate,
    },
}

/// Judges one listing. `as_of` is today in Asia/Shanghai.
///
/// # Errors
/// Every [`ListingRefusal`] that applies, never empty.
pub fn check_listing(
    table: &ListTable,
    criteria: &ListCriteria,
    proposal: &ListingProposal<'_>,
    procedure: ListingProcedure,
    as_of: CivilDate,
) -> Result<ListingTerms, Vec<ListingRefusal>> {
    let mut refusals = Vec::new();
    let list = find_list(table, proposal, procedure, &mut refusals);
    check_day(criteria, proposal, procedure, as_of, &mut refusals);
    if let (Some(list), Some(decided_on)) = (list, proposal.decided_on)
        && !list.interval.contains(decided_on)
    {
        let (list, interval) = (list.id.clone(), list.interval);
        refusals.push(ListingRefusal::NotInForce {
            list,
            interval,
            decided_on,
        });
    }
    let criterion = list.and_then(|list| criteria.criteria.get(&list.colour));
    let unknown = match procedure {
        ListingProcedure::Own => {
            if let Some(list) = list {
                check_own(list, criterion, proposal, &mut refusals);
            }
            Vec::new()
        }
        ListingProcedure::Reported | ListingProcedure::Historical => {
            let steps = criterion.map_or(ListingStep::ALL, |c| c.steps.as_slice());
            steps
                .iter()
                .copied()
                .filter(|step| !is_shown(*step, proposal))
                .collect()
        }
    };
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(ListingTerms {
        colour: list.map(|list| list.colour),
        term_end: list
            .zip(proposal.decided_on)
            .and_then(|(list, on)| list.term_end(on)),
        unknown,
        rule: (criteria.head.id.clone(), criteria.head.version.clone()),
    })
}

fn find_list<'t>(
    table: &'t ListTable,
    proposal: &ListingProposal<'_>,
    procedure: ListingProcedure,
    refusals: &mut Vec<ListingRefusal>,
) -> Option<&'t ListDefinition> {
    let found = table.list(proposal.list);
    if found.is_some() {
        return found;
    }
    let outside = proposal
        .list
        .strip_prefix(REPORTED_PREFIX)
        .is_some_and(|rest| !rest.is_empty());
    match procedure {
        ListingProcedure::Reported if outside => {}
        ListingProcedure::Own if outside => refusals.push(ListingRefusal::OwnOutsideTable),
        ListingProcedure::Own | ListingProcedure::Reported | ListingProcedure::Historical => {
            let list = proposal.list.chars().take(64).collect();
            refusals.push(ListingRefusal::UnknownList { list });
        }
    }
    None
}

fn check_day(
    criteria: &ListCriteria,
    proposal: &ListingProposal<'_>,
    procedure: ListingProcedure,
    as_of: CivilDate,
    refusals: &mut Vec<ListingRefusal>,
) {
    let Some(decided_on) = proposal.decided_on else {
        if procedure != ListingProcedure::Reported {
            refusals.push(ListingRefusal::NoDecisionDate);
        }
        return;
    };
    if decided_on > as_of {
        refusals.push(ListingRefusal::Future { decided_on, as_of });
    }
    if procedure == ListingProcedure::Historical && decided_on >= criteria.historical_before {
        let before = criteria.historical_before;
        refusals.push(ListingRefusal::NotHistorical { decided_on, before });
    }
}

fn check_own(
    list: &ListDefinition,
    criterion: Option<&ListCriterion>,
    proposal: &ListingProposal<'_>,
    refusals: &mut Vec<ListingRefusal>,
) {
    let steps = match criterion {
        Some(criterion) if criterion.own_decisions => criterion.steps.as_slice(),
        // No criterion for the colour is no permission.
        Some(_) | None => {
            refusals.push(ListingRefusal::OwnNotAllowed {
                colour: list.colour,
            });
            criterion.map_or(ListingStep::ALL, |c| c.steps.as_slice())
        }
    };
    for step in steps.iter().filter(|step| !is_shown(**step, proposal)) {
        refusals.push(match step {
            ListingStep::Instrument => ListingRefusal::NoInstrument,
            ListingStep::Notice => ListingRefusal::NoNotice,
            ListingStep::Basis => ListingRefusal::NoBasis,
            ListingStep::Decider => ListingRefusal::NoDecider,
        });
    }
    if let (Some(served_on), Some(decided_on)) = (proposal.notice_served_on, proposal.decided_on)
        && served_on > decided_on
    {
        refusals.push(ListingRefusal::NoticeTooLate {
            served_on,
            decided_on,
        });
    }
}

fn is_shown(step: ListingStep, proposal: &ListingProposal<'_>) -> bool {
    match step {
        ListingStep::Instrument => proposal.instrument.is_some(),
        ListingStep::Notice => proposal.notice_served_on.is_some(),
        ListingStep::Basis => !proposal.basis.trim().is_empty(),
        ListingStep::Decider => !proposal.decider.trim().is_empty(),
    }
}

impl ListingRefusal {
    /// The refusal for people, in both languages.
    pub fn sentence(&self) -> Sentence {
        let zh = match self {
            Self::UnknownList { list } => {
                format!("名单表中没有 {list:?}；表外名单须以 reported- 开头报送")
            }
            Self::OwnOutsideTable => "表外名单只能转载，不能由本市认定".to_owned(),
            Self::NotInForce {
                list,
                interval,
                decided_on,
            } => {
                format!("名单 {list} 的有效期为 {interval}，决定日期 {decided_on} 不在其中")
            }
            Self::OwnNotAllowed { colour } => {
                format!("{colour} 类名单为历史名单，不得作出新的列入决定")
            }
            Self::NoInstrument => {
                "列入须以生效判决裁定、仲裁裁决、支付令或行政决定为依据，嫌疑不是依据".to_owned()
            }
            Self::NoNotice => "须先送达告知书（事实、依据、措施、陈述申辩权），再作决定".to_owned(),
            Self::NoticeTooLate {
                served_on,
                decided_on,
            } => {
                format!("告知书 {served_on} 才送达，晚于 {decided_on} 的决定")
            }
            Self::NoBasis => "须写明所依据的法律、法规或党中央、国务院文件".to_owned(),
            Self::NoDecider => "列入由具名的人或单位决定，不由规则或机器决定".to_owned(),
            Self::NoDecisionDate => "须给出决定日期，以该日有效的名单为准".to_owned(),
            Self::Future { decided_on, as_of } => format!("决定日期 {decided_on} 晚于 {as_of}"),
            Self::NotHistorical { decided_on, before } => {
                format!("{decided_on} 的决定不是历史记录，{before} 之前的才是")
            }
        };
        Sentence::new(zh, self.to_string())
    }
}

#[derive(Deserialize)]
pub(crate) struct RawCriteria {
    #[serde(flatten)]
    head: RawRule,
    historical_before: String,
    criteria: Vec<RawCriterion>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCriterion {
    colour: String,
    own_decisions: bool,
    steps: Vec<String>,
}

pub(crate) fn read_criteria(raw: RawCriteria, faults: &mut Collector) -> ListCriteria {
    let place = "listing";
    let mut criteria = BTreeMap::new();
    for criterion in raw.criteria {
        let steps: Vec<ListingStep> = criterion
            .steps
            .iter()
            .filter_map(|step| faults.read(place, "steps", step, "a step"))
            .collect();
        let own_decisions = criterion.own_decisions;
        let colour: Option<ListColour> =
            faults.read(place, "colour", &criterion.colour, "a colour");
        let serious = matches!(colour, Some(ListColour::Serious | ListColour::Black));
        // Domain rule 3 stands above any pack: a pack cannot switch it off.
        if serious && ListingStep::ALL.iter().any(|step| !steps.contains(step)) {
            faults.push(
                place,
                "steps",
                "a step is missing",
                "instrument notice basis decider",
            );
        }
        if let Some(colour) = colour
            && criteria
                .insert(
                    colour,
                    ListCriterion {
                        own_decisions,
                        steps,
                    },
                )
                .is_some()
        {
            faults.push(place, "colour", "stands twice", "each colour once");
        }
    }
    let before = faults.read(
        place,
        "historical_before",
        &raw.historical_before,
        "YYYY-MM-DD",
    );
    faults.no_more(place, &raw.rest);
    ListCriteria {
        head: raw.head.check(place, faults),
        historical_before: before.unwrap_or(CivilDate::MIN),
        criteria,
    }
}

#[cfg(test)]
mod tests;
