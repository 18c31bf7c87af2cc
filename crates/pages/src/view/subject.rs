//! The page of one subject: who it is, its grade with reasons, its lists and its records.

use crate::mark::{RecordState, StateMark};
use crate::message::{Lang, fill, t};
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
    /// Name of its district, in the page's language; none where it is not known.
    pub region: Option<String>,
    /// Name of its industry, in the page's language.
    pub industry: Option<String>,
    /// Whether it still exists; none where nothing is known about it.
    pub status: Option<SubjectStatus>,
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
        /// Its points, where the rule set counts points, as people read them.
        points: Option<String>,
        /// Its look.
        mark: StateMark,
    },
    /// There is too little to grade.
    Unrated,
    /// The grade is shown by authorisation only.
    ByAuthorisation,
}

/// The grades of the national scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradeWord {
    /// 优.
    Excellent,
    /// 良.
    Good,
    /// 中.
    Fair,
    /// 差.
    Poor,
}

impl GradeWord {
    /// The word.
    pub fn text(self, lang: Lang) -> &'static str {
        let key = match self {
            Self::Excellent => "grade.excellent",
            Self::Good => "grade.good",
            Self::Fair => "grade.fair",
            Self::Poor => "grade.poor",
        };
        t(lang, key)
    }

    /// Its look: the two upper ones stand well, the lowest counts against.
    pub fn mark(self) -> StateMark {
        match self {
            Self::Excellent | Self::Good => StateMark::InForce,
            Self::Fair => StateMark::Neutral,
            Self::Poor => StateMark::Adverse,
        }
    }
}

/// What a rule did to a grade, or why something did not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradeEffect {
    /// Where the points begin; tenths of a point.
    Start(i64),
    /// Moved the points; tenths of a point.
    Tenths(i64),
    /// Gave this grade at once.
    Direct(GradeWord),
    /// Kept the subject out of this grade.
    Barred(GradeWord),
    /// Did not count: an objection is open.
    Disputed,
    /// Did not count: the act was set aside.
    Annulled,
}

impl GradeEffect {
    /// The effect in words.
    pub fn text(self, lang: Lang) -> String {
        let graded = |key, word: GradeWord| fill(lang, key, &[("grade", &word.text(lang))]);
        match self {
            Self::Start(tenths) => fill(lang, "grade.effect_points", &[("n", &points(tenths))]),
            Self::Tenths(tenths) => fill(lang, "grade.effect_points", &[("n", &signed(tenths))]),
            Self::Direct(word) => graded("grade.effect_direct", word),
            Self::Barred(word) => graded("grade.effect_barred", word),
            Self::Disputed => t(lang, "grade.effect_disputed").to_owned(),
            Self::Annulled => t(lang, "grade.effect_annulled").to_owned(),
        }
    }

    /// Its look.
    pub fn mark(self) -> StateMark {
        match self {
            Self::Tenths(tenths) if tenths < 0 => StateMark::Adverse,
            Self::Tenths(_) => StateMark::InForce,
            Self::Start(_) => StateMark::Neutral,
            Self::Direct(word) => word.mark(),
            Self::Barred(_) => StateMark::Adverse,
            Self::Disputed => StateMark::Disputed,
            Self::Annulled => StateMark::PutRight,
        }
    }
}

/// Tenths of a point as a decimal number with its sign.
fn signed(tenths: i64) -> String {
    let sign = if tenths < 0 { "−" } else { "+" };
    format!("{sign}{}", points(tenths.abs()))
}

/// Points that are counted in tenths, as people read them.
pub fn points(tenths: i64) -> String {
    let (sign, tenths) = (if tenths < 0 { "−" } else { "" }, tenths.unsigned_abs());
    match tenths % 10 {
        0 => format!("{sign}{}", tenths / 10),
        rest => format!("{sign}{}.{rest}", tenths / 10),
    }
}

/// One reason of a grade.
#[derive(Debug, Clone)]
pub struct GradeReason {
    /// Id of the rule with its version; none where no rule of the grade came into question.
    pub rule: Option<String>,
    /// What the rule found, in the page's language.
    pub text: String,
    /// What it did to the grade, or why it did not count, in the page's language.
    pub effect: String,
    /// Its look.
    pub mark: StateMark,
    /// Positions of the entries that it rests on, as far as the reader may open them.
    pub positions: Vec<u64>,
    /// How many further entries it rests on.
    pub more: u64,
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
        let stands = |state| matches!(state, &RecordState::InForce | &RecordState::Performed);
        self.polarity == Polarity::Adverse && self.states.iter().any(stands)
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
