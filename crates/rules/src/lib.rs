//! Policy packs and their evaluators.
//!
//! In scope: the law as data (catalogue, code lists, penalty kinds, publication periods, lists,
//! local policy), loaded with every fault named, and pure functions over it: field checks,
//! severity, publication, heating tiers of 2014, listing rules, publicity, the public credit grade,
//! working-day calendars, clocks and due dates.
//! Each answer names the rules that produced it.
//!
//! Out of scope: clocks (time comes in as [`probity_types::CivilDate`]), I/O, the log, who may do
//! what, identifiers. Nothing here is a float, nothing iterates a hash map.
//!
//! How the packs fit together: [`pack::PolicySet`] holds what was adopted and when it became known;
//! it answers with [`pack::Packs`], the set that applies to a record's dates at a log position.

pub mod builtin;
pub mod calendar;
pub mod catalogue;
pub mod clock;
pub mod codebook;
pub mod conditions;
pub mod fault;
pub mod fields;
pub mod grade;
pub mod grade_table;
pub mod head;
pub mod heating;
pub mod hits;
pub mod listing;
pub mod lists;
pub mod pack;
pub mod penalties;
pub mod periods;
pub mod policy;
pub mod publication;
pub mod publicity;
pub mod review;
pub mod severity;
mod severity_rules;
pub mod sources;
mod turning;
mod values;

/// Counts up whenever the same facts under the same packs can give another answer: states that were committed under another
/// number are not comparable.
pub const EVALUATOR_VERSION: u16 = 1;

pub use calendar::{CalendarPack, Calendars, NoCalendar, Uncovered};
pub use catalogue::{
    Catalogue, CatalogueField, Entry, EntryRefusal, Named, Requirement, Sensitivity, SeverityRule,
};
pub use clock::{
    Clock, ClockBook, DueDate, Lateness, Revised, TermError, TermLength, due, lateness,
};
pub use codebook::Codebook;
pub use fault::{PackFault, PackFaults, Sentence};
pub use fields::{FieldCheck, FieldFault, FieldRule};
pub use grade::{ClassHits, Effect, Grade, GradeInput, Hit, POSITIONS_MAX, Reason};
pub use grade_table::{GradeTable, GradeValue};
pub use head::{Anchor, AnchorDates, Confidence, Interval, PackHead, PackKind, RuleHead};
pub use heating::{HeatingRefusal, HeatingRule, HeatingTier};
pub use hits::{HitClass, HitFacts, Standing, hit_class, listing_class};
pub use listing::{ListingProposal, ListingRefusal, ListingStep, ListingTerms, check_listing};
pub use lists::{ListDefinition, ListTable};
pub use pack::{AdoptError, NoPack, PackName, PackNameError, Packs, PolicySet};
pub use penalties::{PenaltyEra, PenaltyKinds, PenaltyScale, TrialClass};
pub use periods::{Period, PublicationPeriods};
pub use policy::{PolicyPack, Topic};
pub use publication::{Milder, Publication, PublicationFacts, RecordClass, Term, publication};
pub use publicity::{Audience, PublicItem, PublicityProfile};
pub use review::ReviewRule;
pub use severity::{Assessment, Ground, RecordFacts, RuleReason, Verdict};
pub use sources::{Delivery, Frequency, Overdue, SourcePoint, SourceRegister};
pub use turning::TurningDays;
pub use values::{Codes, FieldMap, FieldSource, Value};
