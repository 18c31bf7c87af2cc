//! The front page: find an organisation, check a practitioner, lists, figures, objection, verification.

use crate::message::{Lang, t};
use crate::shell::{Chrome, Crumb, Shell};
use crate::view::lists::ListSummary;
use crate::{RenderError, View};
use askama::Template;
use probity_types::CodeList;

/// The front page.
#[derive(Debug, Clone, Default)]
pub struct FrontView {
    /// What surrounds the page.
    pub shell: Shell,
    /// The register in four figures.
    pub figures: Figures,
    /// The lists that the public may see.
    pub lists: Vec<ListSummary>,
    /// The newest entry of the log; none in an empty one.
    pub head: Option<Head>,
}

/// The register in four figures, as of the moment shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Organisations on file.
    pub organisations: u64,
    /// Records about them.
    pub records: u64,
    /// Records corrected, set aside, voided or repaired.
    pub put_right: u64,
    /// Entries of the log.
    pub entries: u64,
}

/// The newest entry of the log.
#[derive(Debug, Clone)]
pub struct Head {
    /// Its position.
    pub position: u64,
    /// Its hash, hexadecimal and whole.
    pub hash: String,
    /// When it was recorded, as people read it.
    pub recorded_at: String,
}

#[derive(Template)]
#[template(path = "front.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a FrontView,
}

impl View for FrontView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        t(lang, "front.heading").to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn section(&self) -> &'static str {
        "front"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page { p, v: self }.render()
    }
}
