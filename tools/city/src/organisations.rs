//! Organisations of the city, each made from its number alone.

use crate::books::{Books, claim, credit_code, organisation_code};
use crate::dice::{Dice, Purpose};
use crate::scale::Scale;
use crate::words::{
    DISTRICTS, PARTNERSHIPS, PUBLIC, SHOPS, SOCIAL, STREETS, TRADE_FIRST, TRADE_SECOND, TRADES,
};
use probity_domain::report::{IdentifierClaim, SubjectClaim};
use probity_types::identifiers::RegistrationNumber;
use probity_types::{CivilDate, IdentifierKind, SubjectKind};

/// The organisations of one city.
#[derive(Debug, Clone)]
pub(crate) struct Organisations {
    seed: u64,
    scale: Scale,
    industries: Vec<String>,
    /// Day from which the unified credit code is in use (domain reference §5.0: before it, older numbers).
    code_from: CivilDate,
}

impl Organisations {
    pub(crate) fn new(seed: u64, scale: Scale, books: &Books) -> Self {
        let industries = books
            .catalogue
            .industries()
            .map(|industry| industry.code.clone())
            .collect();
        let code_from = CivilDate::new(2015, 10, 1).unwrap_or(CivilDate::MIN);
        Self {
            seed,
            scale,
            industries,
            code_from,
        }
    }

    /// The organisation as the register holds it, with every number it ever had.
    pub(crate) fn claim(&self, organisation: u64) -> SubjectClaim {
        let kind = self.scale.kind_of(organisation);
        let rank = organisation - self.scale.organisations_of(kind).start;
        let mut dice = Dice::new(self.seed, Purpose::Organisation, organisation);
        let district = dice.below(DISTRICTS.len() as u64) as usize;
        let (code, _) = DISTRICTS[district];
        let street = dice.pick_from(STREETS[district]).copied().unwrap_or(code);
        let region = if dice.chance(1, 3) { street } else { code };
        // In step with the endings of the names, which stand in the order of the industries.
        let industry = (rank % TRADES.len() as u64) as usize;
        let (department, name) = department_and_name(kind, rank);
        let head = format!("{department}{code}");
        let has_industry = matches!(
            kind,
            SubjectKind::Enterprise | SubjectKind::SoleTrader | SubjectKind::Unincorporated
        );
        SubjectClaim {
            kind,
            name,
            identifiers: identifiers(kind, &head, organisation),
            birth_date: None,
            region: Some(region.to_owned()),
            industry: self
                .industries
                .get(industry)
                .filter(|_| has_industry)
                .cloned(),
        }
    }

    /// The organisation as a report of that day names it: by its credit code, before 2015-10 by the older numbers.
    pub(crate) fn claim_on(&self, organisation: u64, on: CivilDate) -> SubjectClaim {
        let mut claim = self.claim(organisation);
        let early = on < self.code_from;
        claim
            .identifiers
            .retain(|identifier| (identifier.kind == IdentifierKind::Uscc) != early);
        claim
    }

    /// A number of an organisation of one of the kinds; none where no kind is given.
    pub(crate) fn any_of(&self, dice: &mut Dice, kinds: &[SubjectKind]) -> Option<u64> {
        let sizes = kinds.iter().map(|kind| {
            let range = self.scale.organisations_of(*kind);
            range.end - range.start
        });
        let kind = kinds.get(dice.weighted(sizes))?;
        let range = self.scale.organisations_of(*kind);
        Some(range.start + dice.below(range.end - range.start))
    }

    /// An enterprise by turn: each once before one comes again.
    pub(crate) fn enterprise(&self, turn: u64) -> u64 {
        let range = self.scale.organisations_of(SubjectKind::Enterprise);
        range.start + turn % (range.end - range.start).max(1)
    }

    /// Name of some firm, as another party to an act.
    pub(crate) fn firm_name(&self, dice: &mut Dice) -> String {
        let firm = self.any_of(dice, &[SubjectKind::Enterprise]).unwrap_or(0);
        self.claim(firm).name
    }
}

fn identifiers(kind: SubjectKind, head: &str, organisation: u64) -> Vec<IdentifierClaim> {
    let mut identifiers = vec![claim(IdentifierKind::Uscc, credit_code(head, organisation))];
    if matches!(kind, SubjectKind::Enterprise | SubjectKind::SoleTrader) {
        // 9 after the region: a class of numbers that the registers of the city do not use.
        let number = RegistrationNumber::with_check(&format!("6502999{organisation:07}"));
        identifiers.push(claim(
            IdentifierKind::RegistrationNo,
            number.map(|n| n.to_string()).unwrap_or_default(),
        ));
    }
    if kind != SubjectKind::SoleTrader {
        identifiers.push(claim(
            IdentifierKind::OrgCode,
            organisation_code(organisation),
        ));
    }
    identifiers
}

/// Pairs of syllables; 40 and 41 have no common divisor, so all of them come before one comes again.
const PAIRS: u64 = TRADE_FIRST.len() as u64 * TRADE_SECOND.len() as u64;
/// Steps from one industry's first pair to the next one's, so that neighbours bear different names.
const PAIRS_APART: u64 = 97;

/// The `round`-th trade name of an industry; a number tells the ones after the last pair apart.
fn trade(round: u64, industry: u64) -> String {
    let pair = (round + industry * PAIRS_APART) % PAIRS;
    let first = TRADE_FIRST[(pair % TRADE_FIRST.len() as u64) as usize];
    let second = TRADE_SECOND[(pair % TRADE_SECOND.len() as u64) as usize];
    match round / PAIRS {
        0 => format!("{first}{second}"),
        again => format!("{first}{second}{}", again + 1),
    }
}

/// Department and category of the credit code, and a name that holds 演示 and no person's name.
fn department_and_name(kind: SubjectKind, rank: u64) -> (&'static str, String) {
    // Each ending in turn, and for each ending every trade name once: a name stands for one organisation.
    let turn = |endings: usize| {
        let ending = rank % endings as u64;
        (ending as usize, trade(rank / endings as u64, ending))
    };
    match kind {
        SubjectKind::Enterprise | SubjectKind::NaturalPerson => {
            let (which, trade) = turn(TRADES.len());
            (
                "91",
                format!("克拉玛依市演示·{trade}{}有限公司", TRADES[which]),
            )
        }
        SubjectKind::SoleTrader => {
            let (which, trade) = turn(SHOPS.len());
            ("92", format!("克拉玛依演示·{trade}{}", SHOPS[which]))
        }
        SubjectKind::Unincorporated => {
            let (which, trade) = turn(PARTNERSHIPS.len());
            let department = if which == 0 { "31" } else { "91" };
            (
                department,
                format!("克拉玛依演示·{trade}{}", PARTNERSHIPS[which]),
            )
        }
        SubjectKind::SocialOrganisation => {
            let (which, trade) = turn(SOCIAL.len());
            (
                ["51", "52", "53"][which],
                format!("克拉玛依市演示·{trade}{}", SOCIAL[which]),
            )
        }
        SubjectKind::GovernmentBody => {
            let (which, trade) = turn(PUBLIC.len());
            (
                ["11", "12"][which],
                format!("克拉玛依市演示·{trade}{}", PUBLIC[which]),
            )
        }
    }
}
