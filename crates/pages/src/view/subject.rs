//! The page of one subject: who it is, its grade with reasons, its lists and its records.

use crate::mark::{RecordState, StateMark};
use crate::message::Lang;
use crate::shell::{Chrome, Crumb, Paging, Shell};
use crate::view::search::SubjectStatus;
use crate::{RenderError, View};
use askama::Template;
use probity_types::CodeList;
use probity_types::{
    Category, Database, IdentifierKind, ListColour, ListingProcedure, Polarity, SubjectKind,
};

/// The page of one subject.
#[derive(Debug, Clone)]
pub struct SubjectView {
    /// What surrounds the page.
    pub shell: Shell,
    /// Who the subject is.
    pub identity: IdentityBlock,
    /// Its grade.
    pub grade: Grade,
    /// The lists that it is or was on.
    pub listings: Vec<SubjectListing>,
    /// Its records.
    pub records: RecordTable,
}

/// Who the subject is.
#[derive(Debug, Clone)]
pub struct IdentityBlock {
    /// Id of the subject.
    pub id: String,
    /// Its name on the day shown.
    pub name: String,
    /// What it is.
    pub kind: SubjectKind,
    /// The database that holds it.
    pub database: Database,
    /// Name of its district, in the page's language.
    pub region: String,
    /// Name of its industry, in the page's language.
    pub industry: Option<String>,
    /// Whether it still exists.
    pub status: SubjectStatus,
    /// Id and name of the subject that it was merged into.
    pub merged_into: Option<(String, String)>,
    /// Its codes, present ones first.
    pub codes: Vec<DatedCode>,
    /// Names that it carried earlier.
    pub former_names: Vec<DatedName>,
}

/// A code of a subject and the days on which it held.
#[derive(Debug, Clone)]
pub struct DatedCode {
    /// Which kind of code.
    pub kind: IdentifierKind,
    /// The code.
    pub code: String,
    /// The first day.
    pub since: Option<String>,
    /// The day on which it ended.
    pub until: Option<String>,
}

/// A former name and the days on which it was carried.
#[derive(Debug, Clone)]
pub struct DatedName {
    /// The name.
    pub name: String,
    /// The first day.
    pub since: Option<String>,
    /// The day on which it ended.
    pub until: Option<String>,
}

/// The grade and what made it.
#[derive(Debug, Clone)]
pub struct Grade {
    /// The grade itself.
    pub state: GradeState,
    /// The rule set that was applied, with its version, in the page's language.
    pub rule_set: String,
    /// What counted.
    pub reasons: Vec<GradeReason>,
    /// What was looked at and did not count: disputed, repaired or ended records.
    pub not_counted: Vec<GradeReason>,
}

/// The grade itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GradeState {
    /// There is a grade.
    Graded {
        /// The grade's word, in the page's language.
        word: String,
        /// Its points, where the rule set counts points.
        points: Option<i64>,
        /// Its look.
        mark: StateMark,
    },
    /// There is too little to grade.
    Unrated,
    /// The grade is shown by authorisation only.
    ByAuthorisation,
}

/// One reason of a grade.
#[derive(Debug, Clone)]
pub struct GradeReason {
    /// Id of the rule with its version.
    pub rule: String,
    /// What the rule found, in the page's language.
    pub text: String,
    /// What it did to the grade, or why it did not count, in the page's language.
    pub effect: String,
    /// Its look.
    pub mark: StateMark,
    /// Position of the entry that it rests on.
    pub position: u64,
}

/// A list that the subject is or was on.
#[derive(Debug, Clone)]
pub struct SubjectListing {
    /// Id of the list.
    pub list_id: String,
    /// Name of the list, in the page's language.
    pub list_name: String,
    /// Its kind.
    pub colour: ListColour,
    /// The authority that listed.
    pub authority: String,
    /// How the listing came about.
    pub procedure: ListingProcedure,
    /// The first day.
    pub since: String,
    /// The day on which the term ends, where it has one.
    pub until: Option<String>,
    /// The day on which it ended.
    pub ended_on: Option<String>,
    /// Whether an objection is open.
    pub disputed: bool,
    /// Position of the listing's entry.
    pub position: u64,
}

/// The records of a subject: one page of them.
#[derive(Debug, Clone, Default)]
pub struct RecordTable {
    /// How many records there are in each category, over all states.
    pub categories: Vec<(Category, u64)>,
    /// What is shown of them.
    pub filter: RecordFilter,
    /// Where in the result the page stands.
    pub paging: Paging,
    /// The rows of this page.
    pub rows: Vec<RecordRow>,
    /// Whether there may be records that this reader may not see.
    pub has_restricted: bool,
    /// Why some records could not be read just now, in the page's language.
    pub partial: Option<String>,
}

/// What is shown of the records.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordFilter {
    /// Only this category.
    pub category: Option<Category>,
    /// Only records in this state.
    pub state: Option<RecordState>,
}

/// One record.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// Its category.
    pub category: Category,
    /// Name of its subcategory, in the page's language.
    pub subcategory: String,
    /// The document number, or what stands for it.
    pub document: String,
    /// One line about it: kinds of penalty, amount, honour.
    pub summary: Option<String>,
    /// The authority that decided.
    pub authority: String,
    /// The day of the decision.
    pub decided_on: String,
    /// Whether it can count for or against.
    pub polarity: Polarity,
    /// What became of it.
    pub states: Vec<RecordState>,
    /// How long it is shown.
    pub publication: Publication,
    /// Position of the record's first entry.
    pub position: u64,
}

impl RecordRow {
    /// Whether the record counts against the subject on the day shown. What was set aside, voided or
    /// repaired, or is over, does not look adverse any more.
    fn counts_against(&self) -> bool {
        self.polarity == Polarity::Adverse && self.states.contains(&RecordState::InForce)
    }
}

/// How long a record is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// Until a day.
    Until {
        /// The day, with its weekday, in the page's language.
        on: String,
        /// Days left from the day shown.
        days_left: u64,
        /// Whether the day rests on a calendar or an order not yet published.
        provisional: bool,
    },
    /// It ended on a day.
    Ended {
        /// The day.
        on: String,
    },
    /// No end is set.
    NoEnd,
    /// It is not shown to the public at all.
    NotPublic,
}

#[derive(Template)]
#[template(path = "subject.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a SubjectView,
    states: &'static [RecordState],
}

impl SubjectView {
    /// Whether the table shows less than all records.
    fn is_filtered(&self) -> bool {
        self.records.filter.category.is_some() || self.records.filter.state.is_some()
    }
    /// Whether the table shows this category alone.
    fn shows_only(&self, category: &Category) -> bool {
        self.records.filter.category == Some(*category)
    }
    /// Whether the filter names this state.
    fn has_state(&self, state: &RecordState) -> bool {
        self.records.filter.state == Some(*state)
    }
    /// All records over the categories.
    fn all_records(&self) -> u64 {
        self.records.categories.iter().map(|(_, count)| count).sum()
    }
}

impl View for SubjectView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, _: Lang) -> String {
        self.identity.name.clone()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn has_as_of_form(&self) -> bool {
        true
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page {
            p,
            v: self,
            states: &RecordState::ALL,
        }
        .render()
    }
}
