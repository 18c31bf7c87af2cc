//! Search results. Organisations only: a person is never found here.

use crate::message::{Lang, t};
use crate::shell::{Chrome, Crumb, Paging, Shell};
use crate::{RenderError, View};
use askama::Template;
use probity_types::{Database, SubjectKind};

/// The page of search results.
#[derive(Debug, Clone)]
pub struct SearchView {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was searched for. Leave it empty for [`SearchState::LooksPersonal`].
    pub asked: String,
    /// What came of it.
    pub state: SearchState,
    /// How many organisations were searched.
    pub searched: u64,
    /// Where in the result the page stands.
    pub paging: Paging,
    /// The subjects found, the best match first.
    pub hits: Vec<SearchHit>,
}

/// What came of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchState {
    /// At least one subject was found.
    Found,
    /// The search ran and found nobody.
    NotFound,
    /// Nothing was searched: too few characters.
    TooShort {
        /// How many characters a search needs.
        least: u64,
    },
    /// Nothing was searched: this looks like an identity number.
    LooksPersonal,
}

/// One subject found.
#[derive(Debug, Clone)]
pub struct SearchHit {
    /// Id of the subject.
    pub subject_id: String,
    /// Its present name.
    pub name: String,
    /// Its present code, where it has one.
    pub code: Option<String>,
    /// What it is.
    pub kind: SubjectKind,
    /// The database that holds it.
    pub database: Database,
    /// Name of its district, in the page's language; none where it is not known.
    pub region: Option<String>,
    /// Whether it still exists; none where nothing is known about it.
    pub status: Option<SubjectStatus>,
    /// Why it was found.
    pub matched: Match,
    /// How many other subjects carry the same name.
    pub namesakes: u64,
}

/// Why a subject was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The whole present name.
    Name,
    /// The present name without region and legal form.
    NameCore,
    /// A part of the present name.
    NamePart,
    /// A name that it carried earlier.
    FormerName {
        /// The name.
        name: String,
        /// The last day on which it carried it, where known.
        until: Option<String>,
    },
    /// A present code.
    Code,
    /// A code that it had earlier.
    FormerCode {
        /// The code.
        code: String,
    },
}

/// Whether a subject still exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubjectStatus {
    /// It exists.
    #[default]
    Active,
    /// It was closed or deregistered.
    Closed,
    /// It was merged into another subject.
    Merged,
}

impl SubjectStatus {
    /// Key of the status in the catalogue.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Active => "subject.status_active",
            Self::Closed => "subject.status_closed",
            Self::Merged => "subject.status_merged",
        }
    }
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a SearchView,
}

impl View for SearchView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        let key = match self.state {
            SearchState::Found => "search.heading",
            SearchState::NotFound => "search.heading_none",
            SearchState::TooShort { .. } | SearchState::LooksPersonal => "search.heading_not_run",
        };
        t(lang, key).to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page { p, v: self }.render()
    }
}
