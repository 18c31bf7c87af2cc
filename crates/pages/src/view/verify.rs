//! How anybody can check the register.

use crate::message::{Lang, t};
use crate::shell::{Chrome, Crumb, Shell};
use crate::view::front::Head;
use crate::view::{COMMANDS, Commands};
use crate::{CHECKER_SECURITY_POLICY, RenderError, View};
use askama::Template;

/// How anybody can check the register.
#[derive(Debug, Clone, Default)]
pub struct VerifyView {
    /// What surrounds the page.
    pub shell: Shell,
    /// The log as it stands.
    pub log: LogFacts,
    /// Its newest entry; none in an empty log.
    pub head: Option<Head>,
}

/// The log as it stands.
#[derive(Debug, Clone, Default)]
pub struct LogFacts {
    /// Name of the log, as in its checkpoints.
    pub origin: String,
    /// Number of entries that the last checkpoint covers.
    pub size: u64,
    /// Root hash of the last checkpoint, base64.
    pub root: String,
    /// When it was signed, as people read it; none before the first checkpoint.
    pub signed_at: Option<String>,
    /// The key that checks the signature.
    pub verifier_key: Option<String>,
    /// Names of the witnesses that countersigned it.
    pub witnesses: Vec<String>,
    /// Whether a copy of the checkpoint is kept outside the data folder.
    pub is_anchored: bool,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a VerifyView,
    commands: Commands,
}

impl View for VerifyView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        t(lang, "verify.heading").to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn section(&self) -> &'static str {
        "verify"
    }
    fn security_policy(&self) -> &'static str {
        CHECKER_SECURITY_POLICY
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page {
            p,
            v: self,
            commands: COMMANDS,
        }
        .render()
    }
}
