//! Waiting reports as the use cases see them: read back from the log for whoever decides about them.

use crate::ledger::Ledger;
use crate::write::WriteError;
use probity_domain::command::Intake;
use probity_domain::pending::report_of;
use probity_domain::registry::PendingState;
use probity_domain::report::RecordReport;
use probity_domain::{Entry, Refusal};
use probity_ingest::Profile;
use probity_log::SubmitError;
use probity_types::{PendingId, Position, SubjectId};
use std::collections::BTreeSet;

impl Ledger {
    /// Where a waiting report stands, with the entry that holds it; none where there is none.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn waiting(
        &self,
        pending: PendingId,
    ) -> Result<Option<(PendingState, Entry)>, WriteError> {
        let state = self.log.inspect(move |registry| registry.pending(&pending));
        let Some(state) = state.await? else {
            return Ok(None);
        };
        Ok(self.entry(state.since)?.map(|entry| (state, entry)))
    }

    /// What a waiting report says, for a command that decides about it. Fields that its source lacks by the profile stay lacking.
    ///
    /// # Errors
    /// [`WriteError`]: no such report, a membership of a list, or erased content.
    pub async fn waiting_report(
        &self,
        pending: PendingId,
    ) -> Result<(RecordReport, Intake), WriteError> {
        let refused = |refusal| WriteError::Submit(SubmitError::Refused(refusal));
        let (_, entry) = self.waiting(pending).await?.ok_or_else(|| {
            refused(Refusal::NotFound {
                what: "waiting report",
                id: pending.to_string(),
            })
        })?;
        let (report, mut intake) = report_of(&entry).ok_or_else(|| refused(Refusal::Erased))?;
        intake.absent = self.absent_by(&report.provenance.profile).await?;
        Ok((report, intake))
    }

    /// Fields that an import profile declares absent, by its label.
    async fn absent_by(&self, label: &str) -> Result<BTreeSet<String>, WriteError> {
        let id = label.split(' ').next().unwrap_or_default().to_owned();
        let text = self.log.inspect(move |registry| {
            let held = registry.profile(&id);
            held.map(|(_, text)| text.to_owned())
        });
        let text = text.await?;
        let profile = text.and_then(|text| Profile::parse(&text).ok());
        Ok(profile.map(|profile| profile.absent).unwrap_or_default())
    }

    /// Subjects that the party of a report is not, with the entries that say so.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn ruled_out(
        &self,
        report: RecordReport,
    ) -> Result<Vec<(SubjectId, Position)>, WriteError> {
        let asked = self
            .log
            .inspect(move |registry| registry.ruled_out(&report));
        Ok(asked.await?)
    }

    /// The same for the rows of a file, in their order.
    pub(crate) fn ruled_out_rows(
        &self,
        reports: Vec<RecordReport>,
    ) -> Result<Vec<Vec<(SubjectId, Position)>>, SubmitError> {
        self.log.inspect_blocking(move |registry| {
            let rows = reports.iter();
            rows.map(|report| registry.ruled_out(report)).collect()
        })
    }
}
