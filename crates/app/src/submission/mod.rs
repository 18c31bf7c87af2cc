//! Submissions: a clerk's file is rehearsed and received, somebody else of the agency decides on it (and the platform, where
//! the policy demands it), and only then it is appended row by row. See `probity_domain::submission` for who may what.
//!
//! The file waits sealed in the log, under a key of its own: it survives a restart, travels with every backup, and is
//! destroyed by an ordinary erasure once the submission is over.

mod amend;
mod append;
mod content;
pub mod lateness;
pub mod receipt;
pub mod sample;
mod work;

use crate::import::effects::Effects;
use crate::import::{ImportError, Summary};
use crate::keys::Principal;
use crate::ledger::Ledger;
use crate::write::{Caller, WriteError};
use content::read_content;
use probity_domain::submission::{
    PLATFORM_SCOPE, REVIEW_SCOPE, ROWS_MAX, ReceiveSubmission, Rejection, ReviewSubmission,
    SUBMIT_SCOPE, SubmissionCommand, SubmissionStanding, SubmissionState,
};
use probity_domain::{Command, Refusal};
use probity_format::events::Event;
use probity_ingest::{RowError, Warning};
use probity_log::{Receipt, Submission, SubmitError, WalkError};
use probity_types::{BatchId, Position, SubmissionKind};
use std::collections::{BTreeMap, BTreeSet};
use work::{Purpose, ReadAt, Tried, try_out};

/// Reason of a row that the rehearsal refuses at the review.
const FAILS_NOW: &str = "审核时预演未通过 · refused by the rehearsal at the review";

/// Why something about a submission did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmissionError {
    /// The file does not read.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The writer said so.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// Writing or erasing.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The log does not read.
    #[error(transparent)]
    Read(#[from] WalkError),
    /// The file was destroyed.
    #[error("the file of the submission was destroyed when it was over")]
    ContentGone,
    /// Rows to be approved would be refused now.
    #[error("{} row(s) of the file would be refused now; take them out or accept that they are", .0.len())]
    Moved(Vec<RowError>),
}

impl From<Refusal> for SubmissionError {
    fn from(refusal: Refusal) -> Self {
        SubmitError::Refused(refusal).into()
    }
}

/// What a clerk wants.
#[derive(Debug, Clone)]
pub struct SubmissionOrder {
    /// What the file asks for.
    pub kind: SubmissionKind,
    /// Import profile by id; none = the one whose headers fit.
    pub profile: Option<String>,
    /// Change nothing, only say what would happen.
    pub rehearse: bool,
    /// Hand in a file with bad rows; they stay out.
    pub accept_good_rows: bool,
    /// Whether the clerk may put subjects on lists.
    pub may_list: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionEnding {
    /// It waits for review.
    Received,
    /// Only a rehearsal.
    Rehearsed,
    /// Refused whole for its bad rows.
    Refused,
}

/// What a rehearsal says about a file, and what became of it.
#[derive(Debug, Clone)]
pub struct SubmissionReport {
    /// How it ended.
    pub ending: SubmissionEnding,
    /// The submission, where it was received.
    pub batch: Option<BatchId>,
    /// Receipt of its reception.
    pub receipt: Option<Receipt>,
    /// What the file asks for.
    pub kind: SubmissionKind,
    /// Kind and encoding, as guessed.
    pub form: String,
    /// Profile that was used.
    pub profile: String,
    /// Faults by row and cell.
    pub errors: Vec<RowError>,
    /// Remarks.
    pub warnings: Vec<Warning>,
    /// What it would do to others.
    pub effects: Effects,
    /// The counts, as an import would tell them.
    pub summary: Summary,
}

/// A submission as it stands.
#[derive(Debug, Clone)]
pub struct SubmissionInfo {
    /// Its id, and that of its batch.
    pub batch: BatchId,
    /// What the log says of it.
    pub state: SubmissionState,
    /// The entry that completed its batch.
    pub completed_at: Option<Position>,
}

/// A decision.
#[derive(Debug, Clone, Default)]
pub struct ReviewOrder {
    /// The submission.
    pub batch: BatchId,
    /// Reject the whole, for this reason.
    pub reject_all: Option<String>,
    /// Rows to take out, with reasons.
    pub rejected: BTreeMap<u32, String>,
    /// Approve although rows would be refused now; they are taken out, and said to be.
    pub accept_failing: bool,
}

/// What came of a decision.
#[derive(Debug, Clone)]
pub struct Reviewed {
    /// Receipt of the decision.
    pub receipt: Receipt,
    /// The submission after it.
    pub info: SubmissionInfo,
}

pub(super) fn state_of(
    ledger: &Ledger,
    batch: BatchId,
) -> Result<(SubmissionState, Option<Position>), SubmitError> {
    let read = move |registry: &probity_domain::Registry| {
        let state = registry.submission(&batch)?.clone();
        let held = registry.batch(&batch);
        Some((state, held.and_then(|held| held.completed_at)))
    };
    let found = ledger.log.inspect_blocking(read)?;
    found.ok_or_else(|| {
        SubmitError::Refused(Refusal::NotFound {
            what: "submission",
            id: batch.to_string(),
        })
    })
}

/// One submission.
///
/// # Errors
/// There is none of this id.
pub fn find(ledger: &Ledger, batch: BatchId) -> Result<SubmissionInfo, SubmissionError> {
    let (state, completed_at) = state_of(ledger, batch)?;
    Ok(SubmissionInfo {
        batch,
        state,
        completed_at,
    })
}

/// Whether the holder of a key may see a submission: the agency that handed it in, and the platform where it decides.
pub fn is_visible(principal: &Principal, state: &SubmissionState) -> bool {
    let has = |scope: &str| principal.scopes.contains(scope);
    let is_own = principal.agency.trim() == state.agency.trim();
    (is_own && (has(SUBMIT_SCOPE) || has(REVIEW_SCOPE))) || (state.platform && has(PLATFORM_SCOPE))
}

/// Submissions that the holder of a key may see, newest first.
///
/// # Errors
/// [`SubmissionError`].
pub fn list(
    ledger: &Ledger,
    principal: &Principal,
) -> Result<Vec<SubmissionInfo>, SubmissionError> {
    let all = ledger.log.inspect_blocking(|registry| {
        let info = |(batch, state): (&BatchId, &SubmissionState)| SubmissionInfo {
            batch: *batch,
            state: state.clone(),
            completed_at: registry.batch(batch).and_then(|held| held.completed_at),
        };
        registry.submissions().map(info).collect::<Vec<_>>()
    });
    let mut all = all?;
    all.retain(|info| is_visible(principal, &info.state));
    all.sort_by_key(|info| std::cmp::Reverse(info.state.received_at));
    Ok(all)
}

/// Rehearses a file and, unless it is refused or only rehearsed, receives it for review.
///
/// # Errors
/// [`SubmissionError`]: nothing was received. Bad rows are part of the report.
pub fn submit(
    ledger: &Ledger,
    caller: &Caller,
    bytes: &[u8],
    order: &SubmissionOrder,
) -> Result<SubmissionReport, SubmissionError> {
    let file = ledger.file_tag(bytes);
    let purpose = Purpose {
        kind: order.kind,
        profile: order.profile.as_deref(),
        agency: &caller.principal.agency,
        batch: BatchId(file.0),
        without: &BTreeSet::new(),
        moment: now(ledger),
    };
    let Tried {
        work,
        would,
        effects,
        ..
    } = try_out(ledger, bytes, file, &purpose)?;
    if work.lists && !order.may_list {
        return Err(ImportError::MayNotList.into());
    }
    let is_refused = (would.refused > 0 && !order.accept_good_rows) || would.refused == would.rows;
    let ending = match (order.rehearse, is_refused) {
        (true, _) => SubmissionEnding::Rehearsed,
        (false, true) => SubmissionEnding::Refused,
        (false, false) => SubmissionEnding::Received,
    };
    let mut report = SubmissionReport {
        ending,
        batch: None,
        receipt: None,
        kind: order.kind,
        form: work.reading.form.name(),
        profile: work.profile,
        errors: work.reading.errors,
        warnings: work.reading.warnings,
        effects,
        summary: Summary {
            position: ledger.head().map_or(0, |(position, _)| position.0),
            ..would
        },
    };
    if ending != SubmissionEnding::Received {
        return Ok(report);
    }
    // Counts are bounded by the reader's row limit, far below u32.
    let clamp = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let receive = ReceiveSubmission {
        kind: order.kind,
        submitter: caller.principal.key,
        file,
        profile: report.profile.clone(),
        rows: clamp(would.rows),
        refused: clamp(would.refused),
        classes: work.classes,
        content: bytes.to_vec(),
    };
    let receipt = write(ledger, caller, SubmissionCommand::Receive(receive))?;
    report.batch = received_in(ledger, receipt)?;
    report.summary.position = receipt.last.0;
    report.receipt = Some(receipt);
    Ok(report)
}

fn write(
    ledger: &Ledger,
    caller: &Caller,
    command: SubmissionCommand,
) -> Result<Receipt, SubmitError> {
    ledger.log.submit_blocking(Submission {
        command: Command::Submission(Box::new(command)),
        envelope: ledger.envelope(caller),
    })
}

fn received_in(ledger: &Ledger, receipt: Receipt) -> Result<Option<BatchId>, WalkError> {
    let first = match receipt.first.is_none() {
        true => receipt.last,
        false => receipt.first,
    };
    let entry = ledger.entry(first)?;
    Ok(entry.and_then(|entry| match entry.event {
        Event::SubmissionReceived(event) => Some(event.batch),
        _ => None,
    }))
}

fn now(ledger: &Ledger) -> ReadAt {
    ReadAt {
        today: ledger.today(),
        known_at: None,
    }
}

fn purpose<'a>(
    ledger: &Ledger,
    info: &'a SubmissionInfo,
    profile: &'a str,
    without: &'a BTreeSet<u32>,
) -> Purpose<'a> {
    Purpose {
        kind: info.state.kind,
        profile: (info.state.kind == SubmissionKind::Report).then_some(profile),
        agency: &info.state.agency,
        // Rows of a batch that is a submission are refused before it is approved: rehearsed under another id.
        batch: BatchId(info.state.file.0),
        without,
        moment: now(ledger),
    }
}

/// Id of the import profile: its label without the version.
pub(super) fn profile_id(state: &SubmissionState) -> String {
    let label = &state.profile;
    let id = label.rsplit_once(' ').map_or(label.as_str(), |(id, _)| id);
    id.to_owned()
}

/// The rehearsal of a submission that waits, as the register stands now.
///
/// # Errors
/// [`SubmissionError::ContentGone`] once it is over.
pub fn rehearse(
    ledger: &Ledger,
    info: &SubmissionInfo,
) -> Result<SubmissionReport, SubmissionError> {
    let bytes = read_content(ledger, &info.state)?;
    let profile = profile_id(&info.state);
    let none = BTreeSet::new();
    let tried = try_out(
        ledger,
        &bytes,
        info.state.file,
        &purpose(ledger, info, &profile, &none),
    )?;
    Ok(SubmissionReport {
        ending: SubmissionEnding::Rehearsed,
        batch: Some(info.batch),
        receipt: None,
        kind: info.state.kind,
        form: tried.work.reading.form.name(),
        profile: tried.work.profile,
        errors: tried.work.reading.errors,
        warnings: tried.work.reading.warnings,
        effects: tried.effects,
        summary: Summary {
            position: ledger.head().map_or(0, |(position, _)| position.0),
            ..tried.would
        },
    })
}

/// Decides on a submission, and appends it where the decision is the last that was needed.
///
/// # Errors
/// [`SubmissionError`]. A decision that is in the log is finished by the next start where this call breaks off.
pub fn review(
    ledger: &Ledger,
    caller: &Caller,
    order: &ReviewOrder,
) -> Result<Reviewed, SubmissionError> {
    let info = find(ledger, order.batch)?;
    let review = match info.state.standing.stage() {
        // Decided: a retry finds its receipt by its key, anything else is refused by the decider.
        None => ReviewSubmission {
            batch: order.batch,
            reviewer: caller.principal.key,
            approved: 0,
            rejected: Vec::new(),
            reason: String::new(),
        },
        Some(_) => decision(ledger, caller, &info, order)?,
    };
    let receipt = write(ledger, caller, SubmissionCommand::Review(review))?;
    append::finish(ledger, order.batch)?;
    Ok(Reviewed {
        receipt,
        info: find(ledger, order.batch)?,
    })
}

fn decision(
    ledger: &Ledger,
    caller: &Caller,
    info: &SubmissionInfo,
    order: &ReviewOrder,
) -> Result<ReviewSubmission, SubmissionError> {
    let review = |approved, rejected, reason: &str| ReviewSubmission {
        batch: order.batch,
        reviewer: caller.principal.key,
        approved,
        rejected,
        reason: reason.to_owned(),
    };
    if let Some(reason) = &order.reject_all {
        return Ok(review(0, Vec::new(), reason));
    }
    let bytes = read_content(ledger, &info.state)?;
    let profile = profile_id(&info.state);
    let without: BTreeSet<u32> = order.rejected.keys().copied().collect();
    let none = BTreeSet::new();
    let all = work::read_work(
        ledger,
        &bytes,
        info.state.file,
        &purpose(ledger, info, &profile, &none),
    )?;
    let known: BTreeSet<u32> = all
        .commands
        .iter()
        .flat_map(|(rows, _)| rows)
        .copied()
        .collect();
    if let Some(row) = without.difference(&known).next() {
        let why = format!("row {row} is no row of the file that could be approved");
        let field = "rejected";
        return Err(Refusal::Value { field, why }.into());
    }
    let tried = try_out(
        ledger,
        &bytes,
        info.state.file,
        &purpose(ledger, info, &profile, &without),
    )?;
    let mut rejected: BTreeMap<u32, Rejection> = BTreeMap::new();
    for error in &tried.failing {
        rejected.entry(error.row).or_insert_with(|| Rejection {
            row: error.row,
            rule: error.rule.chars().take(64).collect(),
            reason: FAILS_NOW.to_owned(),
        });
    }
    if !rejected.is_empty() && !order.accept_failing {
        return Err(SubmissionError::Moved(tried.failing));
    }
    for (row, reason) in &order.rejected {
        let (row, rule, reason) = (*row, String::new(), reason.clone());
        rejected.insert(row, Rejection { row, rule, reason });
    }
    if rejected.len() > ROWS_MAX {
        let why = format!("at most {ROWS_MAX} rows are taken out; reject the whole file");
        let field = "rejected";
        return Err(Refusal::Value { field, why }.into());
    }
    let approved = known.len() - rejected.keys().filter(|row| known.contains(row)).count();
    let approved = u32::try_from(approved).unwrap_or(u32::MAX);
    let reason = match approved {
        0 => "没有可通过的行 · no row is left to approve",
        _ => "",
    };
    Ok(review(approved, rejected.into_values().collect(), reason))
}

/// Takes a submission back, by the clerk who handed it in.
///
/// # Errors
/// [`SubmissionError`].
pub fn withdraw(
    ledger: &Ledger,
    caller: &Caller,
    batch: BatchId,
    reason: &str,
) -> Result<Reviewed, SubmissionError> {
    let command = SubmissionCommand::Withdraw {
        batch,
        submitter: caller.principal.key,
        reason: reason.to_owned(),
    };
    let receipt = write(ledger, caller, command)?;
    append::finish(ledger, batch)?;
    Ok(Reviewed {
        receipt,
        info: find(ledger, batch)?,
    })
}

/// Goes on with what a stop cut short: approved files that are not complete, and files of submissions that are over. How many
/// there were.
///
/// # Errors
/// The first [`SubmissionError`]; what comes after it waits for the next call.
pub fn resume(ledger: &Ledger) -> Result<usize, SubmissionError> {
    let unfinished: Vec<BatchId> = ledger.log.inspect_blocking(|registry| {
        let is_unfinished = |(batch, state): &(&BatchId, &SubmissionState)| {
            let completed = registry.batch(batch).and_then(|held| held.completed_at);
            let waits = state.standing.stage().is_some();
            let lacks_rows = state.standing == SubmissionStanding::Approved && completed.is_none();
            !waits && (lacks_rows || registry.root_erased_at(state.content).is_none())
        };
        let unfinished = registry.submissions().filter(is_unfinished);
        unfinished.map(|(batch, _)| *batch).collect()
    })?;
    for batch in &unfinished {
        append::finish(ledger, *batch)?;
    }
    Ok(unfinished.len())
}
