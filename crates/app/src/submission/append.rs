//! An approved file goes in row by row; each row of it is settled in the log, and then the file is destroyed.
//!
//! Every command has an id derived from the batch and its row: an append that a crash cut short is run again from the start,
//! rows that are there give their first receipts, and nothing is recorded twice.

use super::content::{destroy_content, read_content};
use super::work::{Purpose, ReadAt, Work, read_work};
use super::{SubmissionError, profile_id, state_of};
use crate::ledger::{Ledger, keyed16};
use probity_domain::Command;
use probity_domain::submission::{
    ROWS_MAX, SubmissionCommand, SubmissionStanding, SubmissionState,
};
use probity_format::events::{Event, SettledRow};
use probity_format::frame::ActorKind;
use probity_log::unit::Envelope;
use probity_log::{Outcome, Receipt, Submission, SubmitError};
use probity_types::{
    BatchId, CommandId, Position, RequestTag, RowOutcome, SubmissionKind, Text, shanghai_day,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tokio::sync::oneshot;

/// Rows that may be on their way to the writer at once.
const IN_FLIGHT_MAX: usize = 1_024;

type Answer = oneshot::Receiver<Result<Receipt, SubmitError>>;

/// Appends what is approved and not complete, and destroys the file of what is over.
///
/// # Errors
/// [`SubmissionError`]: the next call goes on.
pub(super) fn finish(ledger: &Ledger, batch: BatchId) -> Result<(), SubmissionError> {
    let (state, completed) = state_of(ledger, batch)?;
    if state.standing.stage().is_some() {
        return Ok(());
    }
    if state.standing == SubmissionStanding::Approved && completed.is_none() {
        let run = Run {
            ledger,
            batch,
            state: &state,
        };
        run.append()?;
    }
    destroy_content(ledger, &state)?;
    Ok(())
}

struct Run<'a> {
    ledger: &'a Ledger,
    batch: BatchId,
    state: &'a SubmissionState,
}

/// What became of the rows so far.
#[derive(Default)]
struct Settled {
    rows: BTreeMap<u32, SettledRow>,
}

fn settled(row: u32, outcome: RowOutcome, position: Position, rule: &str) -> SettledRow {
    SettledRow {
        row,
        outcome,
        position,
        // Rules are short words of ours.
        rule: Text::try_from(rule).unwrap_or_default(),
        decided_on: None,
    }
}

impl Run<'_> {
    fn submission(&self, step: &str, row: u32, command: Command) -> Submission {
        let secrets = self.ledger.secrets();
        let (batch, row) = (self.batch.0, row.to_le_bytes());
        let pieces: [&[u8]; 4] = [b"submission", &batch, step.as_bytes(), &row];
        let id = keyed16(&secrets.idempotency, &pieces);
        let request = keyed16(&secrets.request, &pieces);
        let reviewer = self.state.reviews.last().map(|(_, key)| key.0);
        let envelope = Envelope {
            actor_kind: ActorKind::AccessKey,
            actor: reviewer.unwrap_or(self.state.submitter.0),
            command: CommandId(id),
            request: RequestTag(request),
        };
        Submission { command, envelope }
    }

    /// Rows that reviews took out, and when the last one decided.
    fn decided(&self) -> Result<(BTreeSet<u32>, ReadAt), SubmissionError> {
        let mut rejected = BTreeSet::new();
        let mut moment = ReadAt {
            today: self.ledger.today(),
            known_at: None,
        };
        for (at, _) in &self.state.reviews {
            if let Some(entry) = self.ledger.entry(*at)?
                && let Event::SubmissionReviewed(event) = &entry.event
            {
                rejected.extend(event.rejected.iter().map(|row| row.row));
                moment = ReadAt {
                    today: shanghai_day(entry.header.recorded_at),
                    known_at: Some(*at),
                };
            }
        }
        Ok((rejected, moment))
    }

    fn append(&self) -> Result<(), SubmissionError> {
        let bytes = read_content(self.ledger, self.state)?;
        let (without, moment) = self.decided()?;
        let profile = profile_id(self.state);
        let purpose = Purpose {
            kind: self.state.kind,
            profile: (self.state.kind == SubmissionKind::Report).then_some(profile.as_str()),
            agency: &self.state.agency,
            batch: self.batch,
            without: &without,
            moment,
        };
        let work = read_work(self.ledger, &bytes, self.state.file, &purpose)?;
        let submit = Command::SubmitBatch {
            batch: self.batch,
            file: self.state.file,
            profile: work.profile.clone(),
            source_unit: self.state.agency.chars().take(200).collect(),
            rows: self.state.rows,
            refused: self.state.refused,
        };
        let log = &self.ledger.log;
        log.submit_blocking(self.submission("submit", 0, submit))?;
        let settled = self.append_rows(work, &without)?;
        self.settle(&settled)?;
        let count = |outcome| {
            let rows = settled.rows.values();
            let count = rows.filter(|row| row.outcome == outcome).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let rejected = u32::try_from(without.len()).unwrap_or(u32::MAX);
        let complete = Command::CompleteBatch {
            batch: self.batch,
            imported: count(RowOutcome::Appended),
            already_there: count(RowOutcome::AlreadyThere),
            parked: count(RowOutcome::Parked),
            refused: count(RowOutcome::Refused).saturating_add(rejected),
        };
        log.submit_blocking(self.submission("complete", 0, complete))?;
        Ok(())
    }

    fn append_rows(&self, work: Work, without: &BTreeSet<u32>) -> Result<Settled, SubmissionError> {
        let mut done = Settled::default();
        for error in &work.reading.errors {
            if !without.contains(&error.row) {
                let row = settled(error.row, RowOutcome::Refused, Position::NONE, &error.rule);
                done.rows.entry(error.row).or_insert(row);
            }
        }
        let mut waiting: VecDeque<(Vec<u32>, Answer)> = VecDeque::new();
        for (rows, command) in work.commands {
            let first = rows.first().copied().unwrap_or_default();
            let submission = self.submission("row", first, command);
            waiting.push_back((rows, self.ledger.log.submit_waiting(submission)?));
            if waiting.len() >= IN_FLIGHT_MAX
                && let Some((rows, answer)) = waiting.pop_front()
            {
                self.take(&rows, answer, &mut done)?;
            }
        }
        for (rows, answer) in waiting {
            self.take(&rows, answer, &mut done)?;
        }
        Ok(done)
    }

    /// Notes what became of one command. A row that another command overtook since the review is there already or refused,
    /// and told so.
    fn take(
        &self,
        rows: &[u32],
        answer: Answer,
        done: &mut Settled,
    ) -> Result<(), SubmissionError> {
        let answer = answer.blocking_recv();
        let (outcome, position, rule) = match answer.unwrap_or(Err(SubmitError::OutcomeUnknown)) {
            Ok(receipt) => {
                let outcome = match receipt.outcome {
                    Outcome::Appended => RowOutcome::Appended,
                    Outcome::Parked => RowOutcome::Parked,
                    Outcome::AlreadyThere => RowOutcome::AlreadyThere,
                };
                (outcome, receipt.last, String::new())
            }
            Err(SubmitError::Refused(refusal)) => {
                let rule = match &refusal {
                    probity_domain::Refusal::Faults(faults) => {
                        faults.first().map_or("", |fault| fault.rule.as_str())
                    }
                    other => other.code(),
                };
                (RowOutcome::Refused, Position::NONE, rule.to_owned())
            }
            Err(SubmitError::Unencodable(_)) => (
                RowOutcome::Refused,
                Position::NONE,
                "unencodable".to_owned(),
            ),
            Err(SubmitError::TooLarge { .. }) => {
                (RowOutcome::Refused, Position::NONE, "too-large".to_owned())
            }
            Err(SubmitError::Erased) => (RowOutcome::Refused, Position::NONE, "erased".to_owned()),
            Err(other) => return Err(other.into()),
        };
        let mut decided_on = None;
        if outcome == RowOutcome::Appended
            && let Some(entry) = self.ledger.entry(position)?
        {
            decided_on = entry.event.recorded().map(|core| core.decided_on);
        }
        for row in rows {
            let mut settled = settled(*row, outcome, position, &rule);
            settled.decided_on = decided_on;
            done.rows.insert(*row, settled);
        }
        Ok(())
    }

    fn settle(&self, settled: &Settled) -> Result<(), SubmissionError> {
        let rows: Vec<SettledRow> = settled.rows.values().cloned().collect();
        for (number, rows) in rows.chunks(ROWS_MAX).enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let command = Command::Submission(Box::new(SubmissionCommand::Settle {
                batch: self.batch,
                rows: rows.to_vec(),
            }));
            let submission = self.submission("settle", number, command);
            self.ledger.log.submit_blocking(submission)?;
        }
        Ok(())
    }
}
