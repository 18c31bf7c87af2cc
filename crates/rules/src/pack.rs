//! All adopted packs, and which of them applies to a case.
//!
//! The pack that applies is the newest one adopted at or before the `known_at` position whose
//! interval covers the anchor date (design §5). A policy pack is selected topic by topic, because
//! each topic has an anchor of its own: the grade goes by the as-of day, severity by the decision.

use crate::builtin::PACKS;
use crate::calendar::CalendarPack;
use crate::catalogue::{Catalogue, EntryRefusal};
use crate::clock::ClockBook;
use crate::codebook::Codebook;
use crate::fault::PackFaults;
use crate::fields::{FieldCheck, FieldFault};
use crate::grade_table::GradeTable;
use crate::head::{AnchorDates, PackHead, PackKind};
use crate::heating::HeatingRule;
use crate::listing::ListCriteria;
use crate::lists::ListTable;
use crate::penalties::PenaltyKinds;
use crate::periods::PublicationPeriods;
use crate::policy::{PolicyPack, SeverityPolicy, Topic};
use crate::publication::{Publication, PublicationFacts, Term, publication};
use crate::publicity::PublicityProfile;
use crate::review::ReviewRule;
use crate::severity::{Assessment, RecordFacts, SeverityRules, Verdict};
use crate::sources::SourceRegister;
use crate::values::FieldMap;
use probity_types::{CivilDate, Position, SubjectKind};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Largest text of one pack, checked before it is read. The shipped catalogue has 135 kB.
pub const PACK_BYTES_MAX: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Body {
    Catalogue(Arc<Catalogue>),
    Codes(Arc<Codebook>),
    Lists(Arc<ListTable>),
    Periods(Arc<PublicationPeriods>),
    Penalties(Arc<PenaltyKinds>),
    Policy(Arc<PolicyPack>),
    Calendar(Arc<CalendarPack>),
    Clocks(Arc<ClockBook>),
    Sources(Arc<SourceRegister>),
}

impl Body {
    fn head(&self) -> &PackHead {
        match self {
            Self::Catalogue(pack) => &pack.head,
            Self::Codes(pack) => &pack.head,
            Self::Lists(pack) => &pack.head,
            Self::Periods(pack) => &pack.head,
            Self::Penalties(pack) => &pack.head,
            Self::Policy(pack) => &pack.head,
            Self::Calendar(pack) => &pack.head,
            Self::Clocks(pack) => &pack.head,
            Self::Sources(pack) => &pack.head,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Adopted {
    position: Position,
    kind: PackKind,
    body: Body,
}

/// Why a pack is not adopted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// More text than a pack may have.
    #[error("the pack has {found} bytes, at most {PACK_BYTES_MAX} are allowed")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// The text is faulty.
    #[error("{0}")]
    Faulty(PackFaults),
    /// The text says another id or version than the adoption.
    #[error(
        "the text is {found_id} {found_version}, not {id} {version}; adopt it under its own name"
    )]
    OtherName {
        /// Id of the adoption.
        id: String,
        /// Version of the adoption.
        version: String,
        /// Id in the text.
        found_id: String,
        /// Version in the text.
        found_version: String,
    },
    /// The same version again.
    #[error("{kind} {id} {version} was adopted at {at}; a change needs a new version")]
    Twice {
        /// Kind of pack.
        kind: PackKind,
        /// Its id.
        id: String,
        /// Its version.
        version: String,
        /// Where it was adopted.
        at: Position,
    },
    /// Positions run backwards.
    #[error(
        "adopted at {position}, after a pack at {last}; packs are adopted in the order of the log"
    )]
    OutOfOrder {
        /// The position given.
        position: Position,
        /// The newest one held.
        last: Position,
    },
    /// A catalogue before any code lists.
    #[error("adopt code lists first: the catalogue names lists that nothing defines yet")]
    NoCodes,
    /// A calendar over one that is not adopted, or that itself lies over another.
    #[error("adopt calendar {over:?} first, one that lies over no other: {id} lies over it")]
    NoBase {
        /// The calendar to be adopted.
        id: String,
        /// The calendar that it lies over.
        over: String,
    },
    /// A source register before any catalogue.
    #[error(
        "adopt a catalogue first: the source register names bureaus and classes that nothing defines yet"
    )]
    NoCatalogue,
}

/// No pack of a kind applies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} adopted by {known_at} is in force on {date}")]
pub struct NoPack {
    /// The kind of pack, or the topic of a policy pack.
    pub what: &'static str,
    /// The position of the question.
    pub known_at: Position,
    /// The anchor date, of the question's as-of day where several packs have several anchors.
    pub date: CivilDate,
}

/// What a pack's text calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackName {
    /// Its kind.
    pub kind: PackKind,
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
}

/// A text without a head from which its kind, id and version can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no pack: {0}; right would be a table [pack] with kind, id and version")]
pub struct PackNameError(String);

impl PackName {
    /// Reads what a text calls itself; the rest of it is not looked at.
    ///
    /// # Errors
    /// [`PackNameError`] says what is missing.
    pub fn read(text: &str) -> Result<Self, PackNameError> {
        #[derive(serde::Deserialize)]
        struct Text {
            pack: Head,
        }
        #[derive(serde::Deserialize)]
        struct Head {
            kind: String,
            id: String,
            version: String,
        }
        let wrong = |error: &dyn std::fmt::Display| PackNameError(error.to_string());
        let Text { pack } = toml::from_str(text).map_err(|error| wrong(&error))?;
        let kind = pack.kind.parse().map_err(|error| wrong(&error))?;
        let Head { id, version, .. } = pack;
        Ok(Self { kind, id, version })
    }
}

/// Every pack adopted so far. Cheap to clone; the texts are shared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicySet {
    adopted: Vec<Adopted>,
}

/// The packs that apply to one case.
#[derive(Debug, Clone, Copy)]
pub struct Packs<'a> {
    /// Classes and fields.
    pub catalogue: &'a Catalogue,
    /// Code lists.
    pub codes: &'a Codebook,
    /// Lists and boards.
    pub lists: &'a ListTable,
    /// Publication periods.
    pub periods: &'a PublicationPeriods,
    /// Penalty kinds.
    pub penalties: &'a PenaltyKinds,
    /// Severity thresholds.
    pub severity: &'a SeverityPolicy,
    /// Heating tiers, where in force on the as-of day.
    pub heating: Option<&'a HeatingRule>,
    /// List criteria.
    pub listing: &'a ListCriteria,
    /// Publicity profiles.
    pub publicity: &'a [PublicityProfile],
    /// Grade table.
    pub grade: &'a GradeTable,
}

impl PolicySet {
    /// Adopts one pack at a log position.
    ///
    /// # Errors
    /// [`AdoptError`]; nothing changes then.
    pub fn adopt(
        &mut self,
        position: Position,
        kind: PackKind,
        id: &str,
        version: &str,
        text: &str,
    ) -> Result<&PackHead, AdoptError> {
        if text.len() > PACK_BYTES_MAX {
            return Err(AdoptError::TooLarge { found: text.len() });
        }
        if let Some(last) = self
            .adopted
            .last()
            .map(|a| a.position)
            .filter(|last| *last > position)
        {
            return Err(AdoptError::OutOfOrder { position, last });
        }
        let same = |a: &&Adopted| {
            let head = &a.body.head().rule;
            a.kind == kind && head.id == id && head.version == version
        };
        if let Some(earlier) = self.adopted.iter().find(same) {
            let (id, version, at) = (id.to_owned(), version.to_owned(), earlier.position);
            return Err(AdoptError::Twice {
                kind,
                id,
                version,
                at,
            });
        }
        let body = self.parse(kind, text)?;
        let rule = &body.head().rule;
        if rule.id != id || rule.version != version {
            return Err(AdoptError::OtherName {
                id: id.to_owned(),
                version: version.to_owned(),
                found_id: rule.id.clone(),
                found_version: rule.version.clone(),
            });
        }
        self.adopted.push(Adopted {
            position,
            kind,
            body,
        });
        let newest = self.adopted.len() - 1;
        Ok(self.adopted[newest].body.head())
    }

    fn parse(&self, kind: PackKind, text: &str) -> Result<Body, AdoptError> {
        let faulty = AdoptError::Faulty;
        Ok(match kind {
            PackKind::Catalogue => {
                let catalogue = Catalogue::parse(text).map_err(faulty)?;
                let codes = self.adopted.iter().rev().find_map(|a| match &a.body {
                    Body::Codes(codes) => Some(codes),
                    _ => None,
                });
                catalogue
                    .check_lists(codes.ok_or(AdoptError::NoCodes)?)
                    .map_err(faulty)?;
                Body::Catalogue(Arc::new(catalogue))
            }
            PackKind::Codes => Body::Codes(Arc::new(Codebook::parse(text).map_err(faulty)?)),
            PackKind::Lists => Body::Lists(Arc::new(ListTable::parse(text).map_err(faulty)?)),
            PackKind::PublicationPeriods => {
                Body::Periods(Arc::new(PublicationPeriods::parse(text).map_err(faulty)?))
            }
            PackKind::PenaltyKinds => {
                Body::Penalties(Arc::new(PenaltyKinds::parse(text).map_err(faulty)?))
            }
            PackKind::SourceRegister => {
                let register = SourceRegister::parse(text).map_err(faulty)?;
                let catalogue = self.adopted.iter().rev().find_map(|a| match &a.body {
                    Body::Catalogue(catalogue) => Some(catalogue),
                    _ => None,
                });
                register
                    .check_catalogue(catalogue.ok_or(AdoptError::NoCatalogue)?)
                    .map_err(faulty)?;
                Body::Sources(Arc::new(register))
            }
            PackKind::Policy => Body::Policy(Arc::new(PolicyPack::parse(text).map_err(faulty)?)),
            PackKind::Calendar => {
                let pack = CalendarPack::parse(text).map_err(faulty)?;
                self.check_base(&pack)?;
                Body::Calendar(Arc::new(pack))
            }
            PackKind::Clocks => Body::Clocks(Arc::new(ClockBook::parse(text).map_err(faulty)?)),
        })
    }

    fn check_base(&self, pack: &CalendarPack) -> Result<(), AdoptError> {
        let Some(over) = &pack.lies_over else {
            return Ok(());
        };
        let base = self
            .calendars_known_at(Position(u64::MAX))
            .filter(|(_, base)| base.head.rule.id == *over)
            .last();
        match base {
            Some((_, base)) if base.lies_over.is_none() => Ok(()),
            _ => Err(AdoptError::NoBase {
                id: pack.head.rule.id.clone(),
                over: over.clone(),
            }),
        }
    }

    /// The shipped packs, adopted at position 0. For tests and first starts; a running register
    /// adopts by event.
    ///
    /// # Errors
    /// [`AdoptError`] where a shipped text is faulty; a test proves that none is.
    pub fn builtin() -> Result<Self, AdoptError> {
        let mut set = Self::default();
        for pack in PACKS {
            set.adopt(Position(0), pack.kind, pack.id, pack.version, pack.text)?;
        }
        Ok(set)
    }

    /// Heads of every adopted pack with kind and position, in the order of the log.
    pub fn adopted(&self) -> impl Iterator<Item = (Position, PackKind, &PackHead)> {
        self.adopted
            .iter()
            .map(|a| (a.position, a.kind, a.body.head()))
    }

    pub(crate) fn periods_known_at(
        &self,
        known_at: Position,
    ) -> impl Iterator<Item = &PublicationPeriods> {
        self.known(known_at).filter_map(|body| match body {
            Body::Periods(pack) => Some(&**pack),
            _ => None,
        })
    }

    pub(crate) fn policies_known_at(
        &self,
        known_at: Position,
    ) -> impl Iterator<Item = &PolicyPack> {
        self.known(known_at).filter_map(|body| match body {
            Body::Policy(pack) => Some(&**pack),
            _ => None,
        })
    }

    pub(crate) fn calendars_known_at(
        &self,
        known_at: Position,
    ) -> impl Iterator<Item = (Position, &CalendarPack)> {
        let known = self.adopted.iter().filter(move |a| a.position <= known_at);
        known.filter_map(|a| match &a.body {
            Body::Calendar(pack) => Some((a.position, &**pack)),
            _ => None,
        })
    }

    pub(crate) fn clocks_known_at(
        &self,
        known_at: Position,
    ) -> impl Iterator<Item = (Position, &ClockBook)> {
        let known = self.adopted.iter().filter(move |a| a.position <= known_at);
        known.filter_map(|a| match &a.body {
            Body::Clocks(book) => Some((a.position, &**book)),
            _ => None,
        })
    }

    fn known(&self, known_at: Position) -> impl Iterator<Item = &Body> {
        let known = self.adopted.iter().filter(move |a| a.position <= known_at);
        known.map(|a| &a.body)
    }

    fn newest<'a, T>(
        &'a self,
        known_at: Position,
        applies: impl Fn(&'a Body) -> Option<T>,
    ) -> Option<T> {
        self.adopted
            .iter()
            .rev()
            .filter(|a| a.position <= known_at)
            .find_map(|a| applies(&a.body))
    }

    /// The source register in force on a day as known at a position; none where none was adopted.
    pub fn sources(&self, known_at: Position, on: CivilDate) -> Option<&SourceRegister> {
        self.newest(known_at, |body| match body {
            Body::Sources(pack) => pack.head.rule.interval.contains(on).then_some(&**pack),
            _ => None,
        })
    }

    /// The newest policy pack known at a position that rules on a topic for these dates.
    pub fn policy(
        &self,
        topic: Topic,
        known_at: Position,
        dates: &AnchorDates,
    ) -> Option<&PolicyPack> {
        self.newest(known_at, |body| match body {
            Body::Policy(pack) => {
                let rule = pack.topic(topic)?;
                let own = &pack.head.rule.interval;
                // The rule's own anchor decides; the pack's interval bounds the rule on the same
                // date.
                let covered = rule.covers(dates) && own.contains(dates.date(rule.anchor));
                covered.then_some(&**pack)
            }
            _ => None,
        })
    }

    /// Which files the platform reviews as well, as known at a position, on a day.
    pub fn review(&self, known_at: Position, on: CivilDate) -> Option<&ReviewRule> {
        let pack = self.policy(Topic::Review, known_at, &AnchorDates::on(on))?;
        pack.review.as_ref()
    }

    /// The packs that apply to a case with these dates, as known at a position.
    ///
    /// # Errors
    /// [`NoPack`] names the first kind or topic that nothing covers.
    pub fn packs(&self, known_at: Position, dates: &AnchorDates) -> Result<Packs<'_>, NoPack> {
        let none = |what| NoPack {
            what,
            known_at,
            date: dates.as_of,
        };
        macro_rules! newest {
            ($variant:ident, $kind:ident) => {
                self.newest(known_at, |body| match body {
                    Body::$variant(pack) => pack.head.rule.covers(dates).then_some(&**pack),
                    _ => None,
                })
                .ok_or_else(|| none(PackKind::$kind.key()))?
            };
        }
        let policy = |topic: Topic| {
            self.policy(topic, known_at, dates)
                .ok_or_else(|| none(topic.key()))
        };
        Ok(Packs {
            catalogue: newest!(Catalogue, Catalogue),
            codes: newest!(Codes, Codes),
            lists: newest!(Lists, Lists),
            periods: newest!(Periods, PublicationPeriods),
            penalties: newest!(Penalties, PenaltyKinds),
            severity: &policy(Topic::Severity)?.severity,
            heating: policy(Topic::Heating)
                .ok()
                .and_then(|pack| pack.heating.as_ref()),
            listing: &policy(Topic::Listing)?.listing,
            publicity: &policy(Topic::Publicity)?.publicity,
            grade: &policy(Topic::Grade)?.grade,
        })
    }
}

impl<'a> Packs<'a> {
    /// Every fault of a record's values; see [`FieldCheck::check_fields`].
    ///
    /// # Errors
    /// [`EntryRefusal`] where the class cannot be reported at all.
    pub fn check_fields(
        &self,
        code: &str,
        subject_kind: SubjectKind,
        fields: &FieldMap,
        absent: &BTreeSet<String>,
        (decided_on, today): (CivilDate, CivilDate),
    ) -> Result<Vec<FieldFault>, EntryRefusal> {
        let entry = self.catalogue.entry_for(code, subject_kind, decided_on)?;
        let Self {
            catalogue,
            codes,
            penalties,
            ..
        } = *self;
        let check = FieldCheck {
            catalogue,
            codes,
            penalties,
            today,
        };
        Ok(check.check_fields(entry, subject_kind, fields, absent))
    }

    /// Severity and polarity of a record, with the reasons.
    pub fn assess(&self, facts: &RecordFacts<'_>) -> Assessment {
        self.severity_rules(true).assess(facts)
    }

    /// The same without the reasons.
    pub fn judge(&self, facts: &RecordFacts<'_>) -> Verdict {
        self.severity_rules(false).assess(facts).verdict()
    }

    fn severity_rules(&self, explains: bool) -> SeverityRules<'a> {
        SeverityRules {
            penalties: self.penalties,
            policy: self.severity,
            heating: self.heating,
            explains,
        }
    }

    /// How long a record is published, for every as-of day; without the reasons.
    pub fn term(&self, facts: &PublicationFacts<'_>) -> Term<'a> {
        Term::of(facts, self.periods, self.penalties)
    }

    /// How long, and whether, a record is published.
    pub fn publication(&self, facts: &PublicationFacts<'_>) -> Publication {
        publication(facts, self.periods, self.penalties)
    }

    /// A publicity profile by its id.
    pub fn profile(&self, id: &str) -> Option<&'a PublicityProfile> {
        self.publicity.iter().find(|profile| profile.head.id == id)
    }
}

#[cfg(test)]
mod tests;
