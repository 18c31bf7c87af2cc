//! One view per page: what the server fills in, and the template that shows it.

pub mod catalogue;
pub mod entry;
pub mod error;
pub mod front;
pub mod list;
pub mod lists;
pub mod practitioner;
pub mod search;
pub mod subject;
pub mod timeline;
pub mod verify;

use crate::message::t;
use crate::shell::{Chrome, Crumb};

/// A page above the one shown, named by a message.
fn crumb(chrome: &Chrome<'_>, key: &str, path: &str) -> Crumb {
    Crumb {
        text: t(chrome.lang, key).to_owned(),
        href: chrome.href(path),
    }
}

/// Command lines of the "check this yourself" steps, as they are typed.
pub struct Commands {
    /// Writes the log as files.
    pub export: &'static str,
    /// Recomputes it with the independent reader.
    pub reader: &'static str,
    /// Recomputes the data folder with the program itself.
    pub verify: &'static str,
    /// Checks a proof file with the offline verifier.
    pub bundle: &'static str,
}

/// The commands of this version.
pub const COMMANDS: Commands = Commands {
    export: "probity export --data DATA --out DIR",
    verify: "probity verify --data DATA",
    bundle: "probity-verify bundle FILE --vkey KEY",
    reader: "python3 log-format/reader.py DIR",
};
