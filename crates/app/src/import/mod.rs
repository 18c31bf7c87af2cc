//! Files in: read, rehearse, then append row by row; whole or not at all unless the sender says otherwise.
//!
//! Nothing is appended before every row was read and decided in rehearsal. The batch and each row have ids derived from
//! the file, so that a crash in the middle is resumed by sending the file again.

mod append;
mod rows;

use crate::ledger::Ledger;
use crate::remarks::Remark;
use append::{Append, Sending};
use probity_domain::Command;
use probity_domain::command::{Intake, ListingSteps};
use probity_domain::report::Report;
use probity_format::events::Event;
use probity_format::frame::ActorKind;
use probity_ingest::{
    FileRefusal, Profile, ReadError, ReadFile, Reading, RowError, Warning, detect_among, read,
    read_rows_with,
};
use probity_log::SubmitError;
use probity_log::writer::Rehearsed;
use probity_types::BatchId;
use serde::Serialize;
use std::collections::BTreeSet;

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
    /// Whether the sender may register subjects. Without it a file of a register is refused.
    pub may_register: bool,
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
    /// A file of a register from a sender who may not register.
    #[error("the file is of a register of subjects; the key lacks the scope subjects:write")]
    MayNotRegister,
    /// The writer.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl ImportError {
    /// Stable code, such as `file.not_credit_data`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Read(error) => error.key(),
            Self::File(error) => error.key(),
            Self::UnknownProfile { .. } => "profile.unknown",
            Self::NoProfile { .. } => "profile.none_fits",
            Self::Profile { .. } => "profile.faulty",
            Self::MayNotList => "scope.lists_write",
            Self::MayNotRegister => "scope.subjects_write",
            Self::Submit(_) => "writer",
        }
    }

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
            Self::MayNotRegister => "文件内容为主体登记，该密钥没有 subjects:write 权限".to_owned(),
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
    sending: Sending,
    commands: Vec<(u32, Command)>,
}

/// The profile that was asked for, or the one among those in the log whose headers fit best.
fn choose_profile(
    ledger: &Ledger,
    wanted: Option<&str>,
    file: &ReadFile,
) -> Result<Profile, ImportError> {
    let adopted: Vec<(String, String)> = ledger.log.inspect_blocking(|registry| {
        let text = |id: &str| registry.profile(id).map(|(_, text)| text.to_owned());
        let ids = registry.profile_ids();
        ids.filter_map(|id| Some((id.to_owned(), text(id)?)))
            .collect()
    })?;
    let known = || {
        let ids = adopted.iter().map(|(id, _)| id.as_str());
        ids.collect::<Vec<_>>().join(" ")
    };
    let parse = |(id, text): &(String, String)| {
        Profile::parse(text).map_err(|e| ImportError::Profile {
            id: id.clone(),
            why: e.to_string(),
        })
    };
    if let Some(wanted) = wanted {
        let found = adopted.iter().find(|(id, _)| id == wanted);
        return parse(found.ok_or_else(|| ImportError::UnknownProfile {
            id: wanted.to_owned(),
            known: known(),
        })?);
    }
    // One that does not load is named when it is asked for; it must not keep the others from being found.
    let profiles: Vec<Profile> = adopted.iter().filter_map(|held| parse(held).ok()).collect();
    let found = file
        .tables
        .iter()
        .find_map(|table| detect_among(&profiles, table));
    found
        .cloned()
        .ok_or_else(|| ImportError::NoProfile { known: known() })
}

fn prepare(ledger: &Ledger, bytes: &[u8], order: &ImportOrder) -> Result<Prepared, ImportError> {
    let file = read(bytes)?;
    let profile = choose_profile(ledger, order.profile.as_deref(), &file)?;
    let confirmed: BTreeSet<String> = ledger.log.inspect_blocking(|registry| {
        let codes = registry.confirmed_codes();
        codes.map(str::to_owned).collect()
    })?;
    let is_confirmed = |code: &str| confirmed.contains(code);
    let mut reading = read_rows_with(&file, &profile, ledger.today(), &is_confirmed)?;
    let sending = Sending::next(ledger, ledger.file_tag(bytes), &profile)?;
    let intake = Intake {
        batch: sending.batch,
        file: sending.file,
        absent: profile.absent.clone(),
    };
    let commands = std::mem::take(&mut reading.reports)
        .into_iter()
        .map(|(row, report)| {
            let command = match report {
                Report::Record(report) => Command::ReportRecord(report, intake.clone()),
                Report::Register(report) => Command::ReportRegister(report),
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
        sending,
        commands,
    })
}

/// Decides every row on a copy of the decision state: what would become of it, the rows that go in, and the faults of
/// the others.
fn rehearse(
    ledger: &Ledger,
    reading: &mut Reading,
    commands: Vec<(u32, Command)>,
) -> Result<(Summary, Vec<(u32, Command)>), SubmitError> {
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
            Ok(Rehearsed::Park(events)) => {
                would.parked += 1;
                let mut events = events.iter().map(|event| &event.event);
                if events.any(|event| matches!(event, Event::ReportQuarantined(_))) {
                    rows::remark(reading, row, vec![Remark::quarantined()]);
                }
            }
            Ok(Rehearsed::AlreadyThere) => would.already_there += 1,
            Err(refusal) => {
                would.refused += 1;
                let faults = rows::refused(reading, row, &command, &refusal);
                reading.errors.extend(faults);
                continue;
            }
        }
        good.push((row, command));
    }
    reading
        .errors
        .sort_by(|a, b| (a.row, &a.column).cmp(&(b.row, &b.column)));
    Ok((would, good))
}

/// Keeps what is to be said beside the rows that go in.
fn remark_on(
    ledger: &Ledger,
    reading: &mut Reading,
    good: &[(u32, Command)],
) -> Result<(), SubmitError> {
    let reports = good.iter().filter_map(|(row, command)| match command {
        Command::ReportRecord(report, _) => Some((*row, &**report)),
        _ => None,
    });
    let (numbers, reports): (Vec<u32>, Vec<_>) = reports.unzip();
    for (row, report) in numbers.iter().zip(&reports) {
        rows::remark(reading, *row, ledger.register_remarks(report));
    }
    let asked = reports.into_iter().cloned().collect();
    let ruled_out = ledger.ruled_out_rows(asked)?;
    for (row, decided) in numbers.into_iter().zip(ruled_out) {
        let remarks = decided.into_iter();
        let remarks = remarks.map(|(subject, at)| Remark::ruled_out(subject, at));
        rows::remark(reading, row, remarks.collect());
    }
    reading.warnings.sort_by_key(|warning| warning.row);
    Ok(())
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
        sending,
        commands,
    } = prepare(ledger, bytes, order)?;
    let is_listing = |(_, command): &(u32, Command)| matches!(command, Command::ReportListing(..));
    if !order.may_list && commands.iter().any(is_listing) {
        return Err(ImportError::MayNotList);
    }
    let is_register = |(_, command): &(u32, Command)| matches!(command, Command::ReportRegister(_));
    if !order.may_register && commands.iter().any(is_register) {
        return Err(ImportError::MayNotRegister);
    }
    let (would, good) = rehearse(ledger, &mut reading, commands)?;
    remark_on(ledger, &mut reading, &good)?;
    let is_refused = would.refused > 0 && !order.accept_good_rows;
    let ending = match (order.rehearse, is_refused) {
        (true, _) => Ending::Rehearsed,
        (false, true) => Ending::Refused,
        (false, false) => Ending::Imported,
    };
    let nothing_new = would.imported + would.parked == 0 && !sending.is_open;
    let here = |counts: Summary| Summary {
        position: ledger.head().map_or(0, |(position, _)| position.0),
        ..counts
    };
    let summary = match ending {
        Ending::Rehearsed if !is_refused => here(would),
        // Refused whole: no row got in, or would, so every row counts as refused; the errors name those that are to blame.
        Ending::Rehearsed | Ending::Refused => here(Summary {
            rows: would.rows,
            refused: would.rows,
            ..Summary::default()
        }),
        Ending::Imported if nothing_new => here(would),
        Ending::Imported => {
            let append = Append {
                ledger,
                importer,
                profile: &profile,
                sending,
            };
            append.run(good, would, &mut progress)?
        }
    };
    Ok(ImportReport {
        ending,
        form: reading.form.name(),
        profile: profile.label(),
        batch: (ending == Ending::Imported && !nothing_new).then_some(sending.batch),
        errors: reading.errors,
        warnings: reading.warnings,
        summary,
    })
}

/// Rows with at least one error, for messages.
pub fn bad_rows(errors: &[RowError]) -> usize {
    errors
        .iter()
        .map(|error| (&error.sheet, error.row))
        .collect::<BTreeSet<_>>()
        .len()
}
