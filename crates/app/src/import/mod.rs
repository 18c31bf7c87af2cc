//! Files in: read, rehearse, then append row by row; whole or not at all unless the sender says otherwise.
//!
//! Nothing is appended before every row was read and decided in rehearsal. The batch and each row have ids derived from
//! the file, so that a crash in the middle is resumed by sending the file again.

mod append;
pub mod effects;
pub(crate) mod rows;

use crate::ledger::Ledger;
use crate::remarks::Remark;
use append::{Append, Sending};
use effects::Effects;
use probity_domain::Command;
use probity_domain::command::{Intake, ListingSteps};
use probity_domain::report::Report;
use probity_format::events::Event;
use probity_format::frame::ActorKind;
use probity_ingest::form::{class_of_profile, marked_class};
use probity_ingest::{
    FileRefusal, Profile, ReadError, ReadFile, Reading, RowError, Warning, detect_among, read,
    read_rows_with,
};
use probity_log::SubmitError;
use probity_log::writer::Rehearsed;
use probity_types::{BatchId, CivilDate};
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
    /// What it would do to others; empty unless it was a rehearsal.
    pub effects: Effects,
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
    /// The form of a class that is not in the catalogue.
    #[error(
        "the file is a form of {code}, which the catalogue in force does not have; fetch the form of a class that it has"
    )]
    UnknownForm {
        /// As its marker says.
        code: String,
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
    /// The log does not read.
    #[error(transparent)]
    Walk(#[from] probity_log::WalkError),
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
            Self::UnknownForm { .. } => "form.unknown_class",
            Self::NoProfile { .. } => "profile.none_fits",
            Self::Profile { .. } => "profile.faulty",
            Self::MayNotList => "scope.lists_write",
            Self::MayNotRegister => "scope.subjects_write",
            Self::Submit(_) | Self::Walk(_) => "writer",
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
            Self::UnknownForm { code } => {
                format!("文件为子类 {code} 的填报表，现行目录没有该子类；请下载现行子类的填报表")
            }
            Self::NoProfile { known } => {
                format!("没有与表头相符的导入方案，请用 --profile 指定：{known}")
            }
            Self::Profile { id, why } => format!("导入方案 {id} 无法载入：{why}"),
            Self::MayNotList => "文件内容为名单事项，该密钥没有 lists:write 权限".to_owned(),
            Self::MayNotRegister => "文件内容为主体登记，该密钥没有 subjects:write 权限".to_owned(),
            Self::Submit(error) => error.to_string(),
            Self::Walk(error) => error.to_string(),
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

/// The profile of a form, by the catalogue in force: of the class that was asked for by the profile's id, else of the one
/// that a table's marker names.
fn form_profile(
    ledger: &Ledger,
    wanted: Option<&str>,
    file: &ReadFile,
) -> Option<Result<Profile, ImportError>> {
    let mut marked = file
        .tables
        .iter()
        .filter_map(|table| Some((marked_class(table)?, Some(table.sheet.as_str()))));
    let (code, sheet) = match wanted {
        None => marked.next()?,
        Some(id) => {
            let code = class_of_profile(id)?;
            let sheet = marked.find(|(marked, _)| *marked == code);
            (code, sheet.and_then(|(_, sheet)| sheet))
        }
    };
    let Some(form) = ledger.form(&code) else {
        return Some(Err(ImportError::UnknownForm { code }));
    };
    Some(form.profile(sheet).map_err(|e| ImportError::Profile {
        id: form.profile_id(),
        why: e.to_string(),
    }))
}

/// The profile that was asked for, or that of the form that the file is, or the one among those in the log whose headers
/// fit best.
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
    let is_adopted = |wanted: &str| adopted.iter().any(|(id, _)| id == wanted);
    if !wanted.is_some_and(is_adopted)
        && let Some(profile) = form_profile(ledger, wanted, file)
    {
        return profile;
    }
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

/// A file as its profile reads it.
pub(crate) struct Read {
    pub(crate) profile: Profile,
    pub(crate) reading: Reading,
}

pub(crate) fn read_file(
    ledger: &Ledger,
    bytes: &[u8],
    profile: Option<&str>,
    today: CivilDate,
) -> Result<Read, ImportError> {
    let file = read(bytes)?;
    let profile = choose_profile(ledger, profile, &file)?;
    let confirmed: BTreeSet<String> = ledger.log.inspect_blocking(|registry| {
        let codes = registry.confirmed_codes();
        codes.map(str::to_owned).collect()
    })?;
    let is_confirmed = |code: &str| confirmed.contains(code);
    let reading = read_rows_with(&file, &profile, today, &is_confirmed)?;
    Ok(Read { profile, reading })
}

/// The commands of the rows that read well, in the order of the file.
pub(crate) fn commands(reading: &mut Reading, intake: &Intake) -> Vec<(u32, Command)> {
    let reports = std::mem::take(&mut reading.reports).into_iter();
    let command = |(row, report)| match report {
        Report::Record(report) => (row, Command::ReportRecord(report, intake.clone())),
        Report::Register(report) => (row, Command::ReportRegister(report)),
        Report::Listing(report) => {
            let steps = ListingSteps::default();
            (row, Command::ReportListing(report, steps, intake.clone()))
        }
    };
    reports.map(command).collect()
}

fn prepare(ledger: &Ledger, bytes: &[u8], order: &ImportOrder) -> Result<Prepared, ImportError> {
    let Read {
        profile,
        mut reading,
    } = read_file(ledger, bytes, order.profile.as_deref(), ledger.today())?;
    let sending = Sending::next(ledger, ledger.file_tag(bytes), &profile)?;
    let intake = Intake {
        batch: sending.batch,
        file: sending.file,
        absent: profile.absent.clone(),
    };
    let commands = commands(&mut reading, &intake);
    Ok(Prepared {
        profile,
        reading,
        sending,
        commands,
    })
}

/// What a rehearsal expects of a file: its sums, the rows that go in, whose grade or lists change.
type Expected = (Summary, Vec<(u32, Command)>, Effects);

/// Decides every row on a copy of the decision state: what would become of it, the rows that go in, and the faults of
/// the others.
fn rehearse(
    ledger: &Ledger,
    reading: &mut Reading,
    commands: Vec<(u32, Command)>,
    wants_effects: bool,
) -> Result<Expected, SubmitError> {
    let commands: Vec<(Vec<u32>, Command)> = commands
        .into_iter()
        .map(|(row, command)| (vec![row], command))
        .collect();
    let (answers, effects) = match wants_effects {
        true => effects::rehearse(ledger, &commands)?,
        false => {
            let all = commands.iter().map(|(_, command)| command.clone());
            let answers = ledger.log.rehearse_blocking(all.collect())?;
            (answers, Effects::default())
        }
    };
    let (would, good) = sort_out(reading, commands, answers);
    let single = |(rows, command): (Vec<u32>, Command)| Some((*rows.first()?, command));
    let good = good.into_iter().filter_map(single).collect();
    Ok((would, good, effects))
}

/// Counts what would become of the rows, notes the faults of those that are refused, and gives back the others.
pub(crate) fn sort_out(
    reading: &mut Reading,
    commands: Vec<(Vec<u32>, Command)>,
    answers: Vec<effects::Answer>,
) -> (Summary, Vec<(Vec<u32>, Command)>) {
    let mut would = Summary {
        rows: reading.rows,
        refused: reading.refused,
        ..Summary::default()
    };
    let mut good = Vec::with_capacity(commands.len());
    for ((rows, command), answer) in commands.into_iter().zip(answers) {
        let count = rows.len() as u64;
        match answer {
            Ok(Rehearsed::Append(_)) => would.imported += count,
            Ok(Rehearsed::Park(events)) => {
                would.parked += count;
                let mut events = events.iter().map(|event| &event.event);
                if events.any(|event| matches!(event, Event::ReportQuarantined(_))) {
                    for row in &rows {
                        rows::remark(reading, *row, vec![Remark::quarantined()]);
                    }
                }
            }
            Ok(Rehearsed::AlreadyThere) => would.already_there += count,
            Err(refusal) => {
                would.refused += count;
                for row in rows {
                    let faults = rows::refused(reading, row, &command, &refusal);
                    reading.errors.extend(faults);
                }
                continue;
            }
        }
        good.push((rows, command));
    }
    reading
        .errors
        .sort_by(|a, b| (a.row, &a.column).cmp(&(b.row, &b.column)));
    (would, good)
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
    let (would, good, effects) = rehearse(ledger, &mut reading, commands, order.rehearse)?;
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
        effects,
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
