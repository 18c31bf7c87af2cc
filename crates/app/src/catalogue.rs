//! The catalogue in use: forms of its classes, and the adoption of a new version.

use crate::ledger::Ledger;
use crate::policy::adopt;
use probity_domain::command::PolicyKind;
use probity_ingest::Form;
use probity_log::{Receipt, SubmitError};
use probity_project::Moment;
use probity_rules::{AnchorDates, NoPack, PackName, PackNameError, Packs};
use probity_types::Position;

/// Why a pack was not adopted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptPackError {
    /// The text does not say what it is.
    #[error(transparent)]
    Name(#[from] PackNameError),
    /// The register refuses it, or cannot write.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl Ledger {
    /// Does something with the packs that answer questions about a moment.
    ///
    /// # Errors
    /// [`NoPack`] names the first kind that nothing adopted by then covers.
    pub fn with_packs<T>(
        &self,
        moment: &Moment,
        work: impl FnOnce(&Packs<'_>) -> T,
    ) -> Result<T, NoPack> {
        let known_at = moment.known_at.unwrap_or(Position(0));
        let views = self.views();
        let dates = AnchorDates::on(moment.valid_on);
        let packs = views.policies().packs(known_at, &dates)?;
        Ok(work(&packs))
    }

    /// The form of a class as the catalogue has it today; none where it has no such class.
    pub fn form(&self, code: &str) -> Option<Form> {
        self.with_packs(&self.now(), |packs| Form::of(packs, code))
            .ok()?
    }

    /// Adopts a pack under the name that its text gives itself.
    ///
    /// # Errors
    /// [`AdoptPackError`] with every fault of the text; nothing is appended then.
    pub fn adopt_pack(
        &self,
        text: &str,
        officer: &str,
    ) -> Result<(PackName, Receipt), AdoptPackError> {
        let name = PackName::read(text)?;
        let kind = PolicyKind::Pack(name.kind);
        let receipt = adopt(self, kind, (&name.id, &name.version), officer, text)?;
        Ok((name, receipt))
    }
}
