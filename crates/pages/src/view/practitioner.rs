//! The practitioner query: name and certificate number in, the certificate out, and nothing else.
//!
//! Every failure gives the one same answer, so that nobody learns from it whether a person is on file.

use crate::mark::RecordState;
use crate::message::{Lang, t};
use crate::shell::{Chrome, Crumb, Shell};
use crate::{RenderError, View};
use askama::Template;

/// The practitioner query and its answer.
#[derive(Debug, Clone)]
pub struct PractitionerView {
    /// What surrounds the page.
    pub shell: Shell,
    /// What came of the query.
    pub outcome: PractitionerOutcome,
}

/// What came of a query.
#[derive(Debug, Clone)]
pub enum PractitionerOutcome {
    /// Nothing was asked yet.
    Asking,
    /// Name and number belong together.
    Found(Certificate),
    /// Every other case.
    NoAnswer,
}

/// A certificate. All that the public sees of a practitioner.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Name of the holder, masked as the rules ask.
    pub holder: String,
    /// Profession, in the page's language.
    pub profession: String,
    /// Number of the certificate.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// The day of issue.
    pub issued_on: String,
    /// The day on which it ends.
    pub valid_until: Option<String>,
    /// Where it stands on the day shown.
    pub state: RecordState,
}

#[derive(Template)]
#[template(path = "practitioner.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a PractitionerView,
}

impl View for PractitionerView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        t(lang, "practitioner.heading").to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn section(&self) -> &'static str {
        "practitioner"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page { p, v: self }.render()
    }
}
