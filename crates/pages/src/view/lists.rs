//! The index of lists.

use crate::message::{Lang, t};
use crate::shell::{Chrome, Crumb, Shell};
use crate::{RenderError, View};
use askama::Template;
use probity_types::CodeList;
use probity_types::ListColour;

/// The index of lists.
#[derive(Debug, Clone, Default)]
pub struct ListsView {
    /// What surrounds the page.
    pub shell: Shell,
    /// The lists that the reader may see.
    pub lists: Vec<ListSummary>,
}

/// One list in the index.
#[derive(Debug, Clone)]
pub struct ListSummary {
    /// Id of the list.
    pub id: String,
    /// Its name, in the page's language.
    pub name: String,
    /// Its kind.
    pub colour: ListColour,
    /// The authority that keeps it.
    pub authority: String,
    /// Organisations on it on the day shown.
    pub members: u64,
}

#[derive(Template)]
#[template(path = "lists.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a ListsView,
}

impl View for ListsView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        t(lang, "lists.heading").to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
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
