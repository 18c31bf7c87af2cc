//! One list as of any day: who is on it, why, on which basis, since when and by which steps.

use crate::mark::StateMark;
use crate::message::Lang;
use crate::shell::{Chrome, Crumb, Paging, Shell};
use crate::view::crumb;
use crate::{RenderError, View};
use askama::Template;
use probity_types::CodeList;
use probity_types::{ListColour, ListingProcedure};

/// One list.
#[derive(Debug, Clone)]
pub struct ListView {
    /// What surrounds the page.
    pub shell: Shell,
    /// Id of the list.
    pub id: String,
    /// Its name, in the page's language.
    pub name: String,
    /// Its kind.
    pub colour: ListColour,
    /// The authority that keeps it.
    pub authority: String,
    /// Law or document that it rests on.
    pub basis: String,
    /// How long a listing lasts, in months; none where no term is fixed.
    pub term_months: Option<u64>,
    /// What being on it leads to, in the page's language.
    pub measures: Vec<String>,
    /// Where in the list the page stands.
    pub paging: Paging,
    /// The members of this page, on the day shown.
    pub members: Vec<ListMember>,
    /// Persons on it on the day shown: counted, never named.
    pub persons: u64,
    /// Organisations that were on it on the day shown and whose publication has ended since: counted, not named.
    pub withheld: u64,
}

/// One member of a list.
#[derive(Debug, Clone)]
pub struct ListMember {
    /// Id of the subject; none where it is not in the register.
    pub subject_id: Option<String>,
    /// Its name as listed.
    pub name: String,
    /// Its code.
    pub code: Option<String>,
    /// Why it was listed; none where the source does not say.
    pub reason: Option<String>,
    /// The instrument and the basis of this listing.
    pub basis: String,
    /// The first day; none where it is not known.
    pub since: Option<String>,
    /// The day on which the term ends; none where none is set.
    pub until: Option<String>,
    /// Whether an objection is open.
    pub disputed: bool,
    /// How the listing came about.
    pub procedure: ListingProcedure,
    /// The steps of the procedure, in order.
    pub steps: Vec<ProcedureStep>,
    /// Position of the listing's entry.
    pub position: u64,
}

/// One step on the way to a listing.
#[derive(Debug, Clone)]
pub struct ProcedureStep {
    /// Which step.
    pub step: Step,
    /// Whether it was taken.
    pub state: StepState,
}

/// The steps on the way to a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// 认定依据: an instrument with legal effect.
    Finding,
    /// 事先告知.
    Notice,
    /// 陈述申辩.
    Statement,
    /// 认定决定.
    Decision,
    /// 送达.
    Service,
}

impl Step {
    /// Key of the step in the catalogue.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Finding => "step.finding",
            Self::Notice => "step.notice",
            Self::Statement => "step.statement",
            Self::Decision => "step.decision",
            Self::Service => "step.service",
        }
    }
}

/// Whether a step was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Taken.
    Done {
        /// The day, or the number of the instrument, where known.
        on: Option<String>,
    },
    /// The law does not ask for it here.
    NotRequired,
    /// Nothing is known about it. Reported and historical listings have such steps.
    Unknown,
}

#[derive(Template)]
#[template(path = "list.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a ListView,
}

impl ListView {
    /// Whether some listing of this page has a step that nothing is known about.
    fn has_unknown_steps(&self) -> bool {
        let mut steps = self.members.iter().flat_map(|member| &member.steps);
        steps.any(|step| step.state == StepState::Unknown)
    }
}

impl View for ListView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, _: Lang) -> String {
        self.name.clone()
    }
    fn trail(&self, chrome: &Chrome<'_>) -> Vec<Crumb> {
        vec![crumb(chrome, "lists.heading", "/lists")]
    }
    fn has_as_of_form(&self) -> bool {
        true
    }
    fn section(&self) -> &'static str {
        "lists"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page { p, v: self }.render()
    }
}
