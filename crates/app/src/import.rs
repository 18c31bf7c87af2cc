//! Files in: read, rehearse, then append row by row; whole or not at all unless the sender says otherwise.
//!
//! Nothing is appended before every row was read and decided in rehearsal. The batch and each row have ids derived from
//! the file, so that a crash in the middle is resumed by sending the file again.

use crate::ledger::{Ledger, keyed16};
use probity_domain::command::{Intake, ListingSteps};
use probity_domain::report::Report;
use probity_domain::{Command, Refusal};
use probity_format::frame::ActorKind;
use probity_ingest::{
    FileRefusal, Profile, ReadError, Reading, RowError, Warning, detect_profile, read, read_rows,
};
use probity_log::unit::Envelope;
use probity_log::writer::Rehearsed;
use probity_log::{Outcome, Receipt, Submission, SubmitError};
use probity_types::{BatchId, CommandId, FileTag, RequestTag};
use serde::Serialize;
use std::collections::{BTreeSet, VecDeque};
use tokio::sync::oneshot;

/// Rows that may be on their way to the writer at once.
const IN_FLIGHT_MAX: usize = 1_024;

/// What the sender wants.
#[derive(Debug, Clone, Default)]
pub struct ImportOrder {
    /// Profile id; none = the one whose headers fit.
    pub profile: Option<String>,
    /// Change nothing, only say what would happen.
    pub rehearse: bool,
    /// Append the good rows of a file with bad ones.
    pub accept_good_rows: bool,
    /// Whether the sender may put subjects on lists. Without it a file of memberships is refused.
    pub may_list: bool,
}

/// The counts of an import. `rows` is the sum of the four after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Data rows of the file.
    pub rows: u64,
    /// Recorded now.
    pub imported: u64,
    /// Refused.
    pub refused: u64,
    /// There already.
    pub already_there: u64,
    /// Waiting for a person.
    pub parked: u64,
    /// Last position of the log after the import.
    pub position: u64,
}

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Rows were appended, or all were there already.
    Imported,
    /// Only a rehearsal.
    Rehearsed,
    /// Refused whole because of its bad rows; nothing was appended.
    Refused,
}

/// What became of a file.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// How it ended.
    pub ending: Ending,
    /// Kind and encoding, as guessed.
    pub form: String,
    /// Profile that was used.
    pub profile: String,
    /// The batch; none where nothing was appended.
    pub batch: Option<BatchId>,
    /// Every fault of every bad row.
    pub errors: Vec<RowError>,
    /// Remarks.
    pub warnings: Vec<Warning>,
    /// The counts.
    pub summary: Summary,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The bytes are no readable table.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file does not fit its profile, or is no credit data.
    #[error(transparent)]
    File(#[from] FileRefusal),
    /// No such profile.
    #[error("no import profile {id:?} is adopted; there are: {known}")]
    UnknownProfile {
        /// As given.
        id: String,
        /// Those there are.
        known: String,
    },
    /// No profile fits the headers.
    #[error("no import profile fits the headers of this file; name one with --profile: {known}")]
    NoProfile {
        /// Those there are.
        known: String,
    },
    /// A profile in the log does not load.
    #[error("the import profile {id} does not load: {why}")]
    Profile {
        /// Its id.
        id: String,
        /// Why.
        why: String,
    },
    /// A file of memberships from a sender who may not list.
    #[error("the file puts subjects on lists; the key lacks the scope lists:write")]
    MayNotList,
    /// The writer.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl ImportError {
    /// The same in Chinese, for people.
    pub fn zh(&self) -> String {
        match self {
            Self::Read(error) => error.zh(),
            Self::File(error) => error.zh(),
            Self::UnknownProfile { id, known } => {
                format!("没有名为“{id}”的导入方案；现有：{known}")
            }
            Self::NoProfile { known } => {
                format!("没有与表头相符的导入方案，请用 --profile 指定：{known}")
            }
            Self::Profile { id, why } => format!("导入方案 {id} 无法载入：{why}"),
            Self::MayNotList => "文件内容为名单事项，该密钥没有 lists:write 权限".to_owned(),
            Self::Submit(error) => error.to_string(),
        }
    }
}

/// Who imports: for the headers.
#[derive(Debug, Clone, Copy)]
pub struct Importer {
    /// Kind of actor.
    pub kind: ActorKind,
    /// The actor.
    pub id: [u8; 16],
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows dealt with.
    pub done: u64,
    /// Rows to deal with.
    pub of: u64,
}

struct Prepared {
    profile: Profile,
    reading: Reading,
    file: FileTag,
    batch: BatchId,
    commands: Vec<(u32, Command)>,
}

fn choose_profile(
    ledger: &Ledger,
    wanted: Option<&str>,
    file: &probity_ingest::ReadFile,
) -> Result<Profile, ImportError> {
    let asked = wanted.map(str::to_owned);
    let detected = || file.tables.iter().find_map(detect_profile);
    let id = asked.or_else(detected);
    let (found, known) = {
        let id = id.clone();
        ledger.log.inspect_blocking(move |registry| {
            let known = registry.profile_ids().collect::<Vec<_>>().join(" ");
            let text = id
                .as_deref()
                .and_then(|id| registry.profile(id))
                .map(|(_, text)| text.to_owned());
            (text, known)
        })?
    };
    match (id, found) {
        (None, _) => Err(ImportError::NoProfile { known }),
        (Some(id), None) => Err(ImportError::UnknownProfile { id, known }),
        (Some(id), Some(text)) => Profile::parse(&text).map_err(|e| ImportError::Profile {
            id,
            why: e.to_string(),
        }),
    }
}

fn prepare(ledger: &Ledger, bytes: &[u8], order: &ImportOrder) -> Result<Prepared, ImportError> {
    let file = read(bytes)?;
    let profile = choose_profile(ledger, order.profile.as_deref(), &file)?;
    let mut reading = read_rows(&file, &profile, ledger.today())?;
    let tag = ledger.file_tag(bytes);
    let batch = keyed16(
        &ledger.secrets().idempotency,
        &[b"batch", &tag.0, profile.label().as_bytes()],
    );
    let batch = BatchId(batch);
    let intake = Intake {
        batch,
        file: tag,
        absent: profile.absent.clone(),
    };
    let commands = std::mem::take(&mut reading.reports)
        .into_iter()
        .map(|(row, report)| {
            let command = match report {
                Report::Record(report) => Command::ReportRecord(report, intake.clone()),
                Report::Listing(report) => {
                    Command::ReportListing(report, ListingSteps::default(), intake.clone())
                }
            };
            (row, command)
        });
    let commands = commands.collect();
    Ok(Prepared {
        profile,
        reading,
        file: tag,
        batch,
        commands,
    })
}

fn refused_rows(sheet: &str, row: u32, refusal: &Refusal) -> Vec<RowError> {
    let error = |field: &str, rule: String, zh: String, en: String| RowError {
        sheet: sheet.to_owned(),
        row,
        column: String::new(),
        header: String::new(),
        field: field.to_owned(),
        // The value stands in the file; what refuses it here may be about a person, so it is not repeated.
        value: String::new(),
        rule,
        zh,
        en,
        remedy_zh: "请按提示更正后重新报送".to_owned(),
        remedy_en: "correct it as told and send the file again".to_owned(),
        suggestion: None,
    };
    match refusal {
        Refusal::Faults(faults) => faults
            .iter()
            .map(|f| error(&f.field, f.rule.clone(), f.zh.clone(), f.en.clone()))
            .collect(),
        other => vec![error(
            "",
            other.code().to_owned(),
            other.zh(),
            other.to_string(),
        )],
    }
}

/// Takes a file in.
///
/// # Errors
/// [`ImportError`]: nothing was appended then. Bad rows are no error of this function but part of the report.
pub fn import(
    ledger: &Ledger,
    importer: Importer,
    bytes: &[u8],
    order: &ImportOrder,
    mut progress: impl FnMut(Progress),
) -> Result<ImportReport, ImportError> {
    let Prepared {
        profile,
        mut reading,
        file,
        batch,
        commands,
    } = prepare(ledger, bytes, order)?;
    let is_listing = |(_, command): &(u32, Command)| matches!(command, Command::ReportListing(..));
    if !order.may_list && commands.iter().any(is_listing) {
        return Err(ImportError::MayNotList);
    }
    let rehearsed = ledger.log.rehearse_blocking(
        commands
            .iter()
            .map(|(_, command)| command.clone())
            .collect(),
    )?;
    let mut would = Summary {
        rows: reading.rows,
        refused: reading.refused,
        ..Summary::default()
    };
    let mut good = Vec::with_capacity(commands.len());
    for ((row, command), answer) in commands.into_iter().zip(rehearsed) {
        match answer {
            Ok(Rehearsed::Append(_)) => would.imported += 1,
            Ok(Rehearsed::Park(_)) => would.parked += 1,
            Ok(Rehearsed::AlreadyThere) => would.already_there += 1,
            Err(refusal) => {
                would.refused += 1;
                reading
                    .errors
                    .extend(refused_rows(&reading.sheet, row, &refusal));
                continue;
            }
        }
        good.push((row, command));
    }
    reading
        .errors
        .sort_by(|a, b| (a.row, &a.column).cmp(&(b.row, &b.column)));
    let is_refused = would.refused > 0 && !order.accept_good_rows;
    let ending = match (order.rehearse, is_refused) {
        (true, _) => Ending::Rehearsed,
        (false, true) => Ending::Refused,
        (false, false) => Ending::Imported,
    };
    let mut summary = match ending {
        Ending::Rehearsed => would,
        // Refused whole: no row got in, so every row counts as refused; the errors name those that are to blame.
        Ending::Refused => Summary {
            rows: would.rows,
            refused: would.rows,
            ..Summary::default()
        },
        Ending::Imported if would.imported + would.parked == 0 && !is_open(ledger, file)? => would,
        Ending::Imported => {
            let append = Append {
                ledger,
                importer,
                profile: &profile,
                file,
                batch,
            };
            append.run(good, would, &mut progress)?
        }
    };
    summary.position = ledger.head().map_or(0, |(position, _)| position.0);
    Ok(ImportReport {
        ending,
        form: reading.form.name(),
        profile: profile.label(),
        batch: (ending == Ending::Imported && summary.imported + summary.parked > 0)
            .then_some(batch),
        errors: reading.errors,
        warnings: reading.warnings,
        summary,
    })
}

/// Whether a batch of this file was begun and never completed: a crash in the middle, to be resumed.
fn is_open(ledger: &Ledger, file: FileTag) -> Result<bool, SubmitError> {
    ledger.log.inspect_blocking(move |registry| {
        registry
            .batch_of_file(&file)
            .is_some_and(|(_, state)| state.completed_at.is_none())
    })
}

struct Append<'a> {
    ledger: &'a Ledger,
    importer: Importer,
    profile: &'a Profile,
    file: FileTag,
    batch: BatchId,
}

type Answer = oneshot::Receiver<Result<Receipt, SubmitError>>;

impl Append<'_> {
    fn submission(&self, step: &str, row: u32, command: Command) -> Submission {
        let secrets = self.ledger.secrets();
        let id = keyed16(
            &secrets.idempotency,
            &[b"row", &self.batch.0, step.as_bytes(), &row.to_le_bytes()],
        );
        let request = keyed16(
            &secrets.request,
            &[&self.file.0, step.as_bytes(), &row.to_le_bytes()],
        );
        let envelope = Envelope {
            actor_kind: self.importer.kind,
            actor: self.importer.id,
            command: CommandId(id),
            request: RequestTag(request),
        };
        Submission { command, envelope }
    }

    fn run(
        &self,
        good: Vec<(u32, Command)>,
        would: Summary,
        progress: &mut impl FnMut(Progress),
    ) -> Result<Summary, SubmitError> {
        // Counts are bounded by the reader's row limit, far below u32.
        let clamp = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let submit = Command::SubmitBatch {
            batch: self.batch,
            file: self.file,
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
        let of = good.len() as u64;
        let mut waiting: VecDeque<Answer> = VecDeque::new();
        let mut done = 0;
        for (row, command) in good {
            waiting.push_back(
                self.ledger
                    .log
                    .submit_waiting(self.submission("row", row, command))?,
            );
            if waiting.len() >= IN_FLIGHT_MAX
                && let Some(answer) = waiting.pop_front()
            {
                count(&mut summary, answer)?;
                done += 1;
                progress(Progress { done, of });
            }
        }
        for answer in waiting {
            count(&mut summary, answer)?;
            done += 1;
            progress(Progress { done, of });
        }
        let complete = Command::CompleteBatch {
            batch: self.batch,
            imported: clamp(summary.imported),
            already_there: clamp(summary.already_there),
            parked: clamp(summary.parked),
            refused: clamp(summary.refused),
        };
        self.ledger
            .log
            .submit_blocking(self.submission("complete", 0, complete))?;
        Ok(summary)
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

/// Rows with at least one error, for messages.
pub fn bad_rows(errors: &[RowError]) -> usize {
    errors
        .iter()
        .map(|error| (&error.sheet, error.row))
        .collect::<BTreeSet<_>>()
        .len()
}
