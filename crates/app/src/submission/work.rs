//! A submitted file as the commands that it stands for, whatever it asks for.

use super::amend::{self, Amendments};
use crate::import::effects::{self, Effects};
use crate::import::{ImportError, Read, Summary, commands, read_file, sort_out};
use crate::ledger::Ledger;
use probity_domain::Command;
use probity_domain::command::Intake;
use probity_ingest::{Profile, Reading, RowError};
use probity_types::{BatchId, CivilDate, FileTag, Position, SubmissionKind};
use std::collections::BTreeSet;

/// What a file is read for.
#[derive(Debug, Clone)]
pub(super) struct Purpose<'a> {
    pub(super) kind: SubmissionKind,
    /// Import profile by id, none for the one whose headers fit.
    pub(super) profile: Option<&'a str>,
    /// Whose file it is: an agency amends its own records alone.
    pub(super) agency: &'a str,
    /// The batch that its rows will name.
    pub(super) batch: BatchId,
    /// Rows that are taken out.
    pub(super) without: &'a BTreeSet<u32>,
    /// Day and knowledge that it is read with.
    pub(super) moment: ReadAt,
}

/// When a file is read. What was approved is appended as it read at the review, also by a start on another day: the same
/// commands come of it, so that those which are there give their first receipts.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadAt {
    pub(super) today: CivilDate,
    /// The entry up to which records are known, none for everything.
    pub(super) known_at: Option<Position>,
}

/// A file read.
pub(super) struct Work {
    /// What was read, without its reports.
    pub(super) reading: Reading,
    /// Import profile by id and version, or the form of an amendment file.
    pub(super) profile: String,
    /// Commands with the rows that each stands for, in the order of their first rows.
    pub(super) commands: Vec<(Vec<u32>, Command)>,
    /// Subcategories and lists that the rows are about.
    pub(super) classes: BTreeSet<String>,
    /// Whether the file puts subjects on lists.
    pub(super) lists: bool,
}

/// A file rehearsed.
pub(super) struct Tried {
    pub(super) work: Work,
    pub(super) would: Summary,
    pub(super) effects: Effects,
    /// Faults that the register has against rows, as it stands now.
    pub(super) failing: Vec<RowError>,
}

pub(super) fn read_work(
    ledger: &Ledger,
    bytes: &[u8],
    file: FileTag,
    purpose: &Purpose<'_>,
) -> Result<Work, ImportError> {
    match purpose.kind {
        SubmissionKind::Report => read_reports(ledger, bytes, file, purpose),
        SubmissionKind::Correction | SubmissionKind::Withdrawal => {
            let Amendments {
                reading,
                commands,
                classes,
            } = amend::read_amendments(ledger, bytes, purpose)?;
            Ok(Work {
                reading,
                profile: amend::label(purpose.kind).to_owned(),
                commands,
                classes,
                lists: false,
            })
        }
    }
}

fn read_reports(
    ledger: &Ledger,
    bytes: &[u8],
    file: FileTag,
    purpose: &Purpose<'_>,
) -> Result<Work, ImportError> {
    let Read {
        profile,
        mut reading,
    } = read_file(ledger, bytes, purpose.profile, purpose.moment.today)?;
    let intake = Intake {
        batch: purpose.batch,
        file,
        absent: profile.absent.clone(),
    };
    let mut classes = BTreeSet::new();
    let mut lists = false;
    let mut kept = Vec::new();
    for (row, command) in commands(&mut reading, &intake) {
        match &command {
            Command::ReportRecord(report, _) => classes.insert(report.subcategory.clone()),
            Command::ReportListing(report, ..) => {
                lists = true;
                classes.insert(report.list.clone())
            }
            _ => false,
        };
        if !purpose.without.contains(&row) {
            kept.push((vec![row], command));
        }
    }
    Ok(Work {
        reading,
        profile: Profile::label(&profile),
        commands: kept,
        classes,
        lists,
    })
}

/// Rehearses a file on copies of decision state and views.
pub(super) fn try_out(
    ledger: &Ledger,
    bytes: &[u8],
    file: FileTag,
    purpose: &Purpose<'_>,
) -> Result<Tried, ImportError> {
    let mut work = read_work(ledger, bytes, file, purpose)?;
    let (answers, effects) = effects::rehearse(ledger, &work.commands)?;
    // Faults of a report lie in the file alone; an amendment does not read either where the register has moved.
    let unread: BTreeSet<u32> = match purpose.kind {
        SubmissionKind::Report => work.reading.errors.iter().map(|e| e.row).collect(),
        SubmissionKind::Correction | SubmissionKind::Withdrawal => BTreeSet::new(),
    };
    let all = std::mem::take(&mut work.commands);
    let (would, good) = sort_out(&mut work.reading, all, answers);
    work.commands = good;
    let failing = work.reading.errors.iter();
    let failing = failing.filter(|error| !unread.contains(&error.row));
    let failing = failing.cloned().collect();
    Ok(Tried {
        work,
        would,
        effects,
        failing,
    })
}
