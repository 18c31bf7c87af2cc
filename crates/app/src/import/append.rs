//! Appending the rows of one file: a batch begins, its rows go in many at a time, it is complete.

use super::{Importer, Progress, Summary};
use crate::ledger::{Ledger, keyed16};
use probity_domain::Command;
use probity_ingest::Profile;
use probity_log::unit::Envelope;
use probity_log::{Outcome, Receipt, Submission, SubmitError};
use probity_types::{BatchId, CommandId, FileTag, RequestTag};
use std::collections::VecDeque;
use tokio::sync::oneshot;

/// Rows that may be on their way to the writer at once.
const IN_FLIGHT_MAX: usize = 1_024;

type Answer = oneshot::Receiver<Result<Receipt, SubmitError>>;

/// The batch of one sending of a file. A file can come again, say with a corrected profile: what is complete stays as it
/// was, and the rows that are new come in a batch of their own, because the rows of a batch show when it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sending {
    /// Keyed hash of the file.
    pub(super) file: FileTag,
    /// Id of the batch.
    pub(super) batch: BatchId,
    /// Whether it was begun and never completed: a crash in the middle, to be resumed.
    pub(super) is_open: bool,
}

impl Sending {
    /// The first sending of a file under a profile that is not complete.
    pub(super) fn next(
        ledger: &Ledger,
        file: FileTag,
        profile: &Profile,
    ) -> Result<Self, SubmitError> {
        let key = ledger.secrets().idempotency;
        let label = profile.label();
        ledger.log.inspect_blocking(move |registry| {
            let mut again: u64 = 0;
            loop {
                let pieces: [&[u8]; 4] =
                    [b"batch", &file.0, label.as_bytes(), &again.to_le_bytes()];
                let batch = BatchId(keyed16(&key, &pieces));
                match registry.batch(&batch) {
                    Some(state) if state.completed_at.is_some() => again += 1,
                    state => {
                        return Self {
                            file,
                            batch,
                            is_open: state.is_some(),
                        };
                    }
                }
            }
        })
    }
}

/// One file on its way into the log.
pub(super) struct Append<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) importer: Importer,
    pub(super) profile: &'a Profile,
    pub(super) sending: Sending,
}

impl Append<'_> {
    fn submission(&self, step: &str, row: u32, command: Command) -> Submission {
        let secrets = self.ledger.secrets();
        let Sending { file, batch, .. } = self.sending;
        let id = keyed16(
            &secrets.idempotency,
            &[b"row", &batch.0, step.as_bytes(), &row.to_le_bytes()],
        );
        let request = keyed16(
            &secrets.request,
            &[&file.0, step.as_bytes(), &row.to_le_bytes()],
        );
        let envelope = Envelope {
            actor_kind: self.importer.kind,
            actor: self.importer.id,
            command: CommandId(id),
            request: RequestTag(request),
        };
        Submission { command, envelope }
    }

    /// Appends the rows and counts what became of each.
    pub(super) fn run(
        &self,
        good: Vec<(u32, Command)>,
        would: Summary,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Summary, SubmitError> {
        // Counts are bounded by the reader's row limit, far below u32.
        let clamp = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let submit = Command::SubmitBatch {
            batch: self.sending.batch,
            file: self.sending.file,
            profile: self.profile.label(),
            source_unit: self.profile.origin.chars().take(200).collect(),
            rows: clamp(would.rows),
            refused: clamp(would.refused),
        };
        self.ledger
            .log
            .submit_blocking(self.submission("submit", 0, submit))?;
        let mut summary = Summary {
            rows: would.rows,
            refused: would.refused,
            ..Summary::default()
        };
        self.append_rows(good, &mut summary, progress)?;
        let complete = Command::CompleteBatch {
            batch: self.sending.batch,
            imported: clamp(summary.imported),
            already_there: clamp(summary.already_there),
            parked: clamp(summary.parked),
            refused: clamp(summary.refused),
        };
        let completed = self
            .ledger
            .log
            .submit_blocking(self.submission("complete", 0, complete))?;
        summary.position = completed.last.0;
        Ok(summary)
    }

    fn append_rows(
        &self,
        good: Vec<(u32, Command)>,
        summary: &mut Summary,
        progress: &mut impl FnMut(Progress),
    ) -> Result<(), SubmitError> {
        let of = good.len() as u64;
        let mut waiting: VecDeque<Answer> = VecDeque::new();
        let mut done = 0;
        let mut take = |answer: Answer, summary: &mut Summary| {
            done += 1;
            progress(Progress { done, of });
            count(summary, answer)
        };
        for (row, command) in good {
            let submission = self.submission("row", row, command);
            waiting.push_back(self.ledger.log.submit_waiting(submission)?);
            if waiting.len() >= IN_FLIGHT_MAX
                && let Some(answer) = waiting.pop_front()
            {
                take(answer, summary)?;
            }
        }
        waiting
            .into_iter()
            .try_for_each(|answer| take(answer, summary))
    }
}

/// Counts one row. A row that another command overtook since the rehearsal is refused or there already, and counted so.
fn count(summary: &mut Summary, answer: Answer) -> Result<(), SubmitError> {
    match answer
        .blocking_recv()
        .unwrap_or(Err(SubmitError::OutcomeUnknown))
    {
        Ok(receipt) => match receipt.outcome {
            Outcome::Appended => summary.imported += 1,
            Outcome::Parked => summary.parked += 1,
            Outcome::AlreadyThere => summary.already_there += 1,
        },
        Err(
            SubmitError::Refused(_) | SubmitError::Unencodable(_) | SubmitError::TooLarge { .. },
        ) => summary.refused += 1,
        Err(other) => return Err(other),
    }
    Ok(())
}
