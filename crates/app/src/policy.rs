//! The policies that a new ledger begins with, adopted by event like any other.

use crate::ledger::Ledger;
use probity_domain::Command;
use probity_domain::command::{Adopt, PolicyKind};
use probity_format::frame::ActorKind;
use probity_log::{Receipt, Submission, SubmitError};

/// Post that stands for the adoption of what ships with the product.
const BUILTIN_OFFICER: &str = "built-in";

/// Adopts one text under an id and a version.
pub(crate) fn adopt(
    ledger: &Ledger,
    kind: PolicyKind,
    (id, version): (&str, &str),
    officer: &str,
    text: &str,
) -> Result<Receipt, SubmitError> {
    let (id, version, text) = (id.to_owned(), version.to_owned(), text.to_owned());
    let command = Command::Adopt(Box::new(Adopt {
        kind,
        id,
        version,
        officer: officer.to_owned(),
        text,
    }));
    ledger
        .log
        .submit_blocking(Submission::internal(command, ActorKind::Operator))
}

/// Adopts catalogue, packs and import profiles that ship with the product. What is adopted already is left alone.
///
/// # Errors
/// [`SubmitError`].
pub fn adopt_builtin(ledger: &Ledger) -> Result<(), SubmitError> {
    for pack in probity_rules::builtin::PACKS {
        adopt(
            ledger,
            PolicyKind::Pack(pack.kind),
            (pack.id, pack.version),
            BUILTIN_OFFICER,
            pack.text,
        )?;
    }
    for text in probity_ingest::builtin_texts() {
        // A test of the ingest crate loads every profile that ships.
        if let Ok(profile) = probity_ingest::Profile::parse(text) {
            adopt(
                ledger,
                PolicyKind::ImportProfile,
                (&profile.id, &profile.version),
                BUILTIN_OFFICER,
                text,
            )?;
        }
    }
    Ok(())
}
