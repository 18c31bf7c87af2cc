//! Deciders of the ledger: `decide(state, command, facts) -> events`, `evolve(state, event) -> state`. Pure.
//!
//! In scope: what may be recorded, corrected, listed, adopted; which report finds which subject; when the same report is
//! there already. Out of scope: I/O, clocks, positions and hashes (the writer's), what people see (the views').
//! Time, ids and the log's own id come in as arguments; nothing here is a float or has hash-map order.

pub mod batch;
mod checks;
pub mod command;
pub mod committed;
pub mod draft;
pub mod entry;
pub mod erasure;
pub mod identity;
pub mod listing;
pub mod pending;
pub mod policy;
mod quarantine;
pub mod recipient;
pub mod record;
pub mod refusal;
mod register;
pub mod registry;
pub mod report;
mod rows;
pub mod shape;
pub mod snapshot;
pub mod source;
pub mod subject;
pub mod submission;
pub mod system;
mod texts;

pub use command::Command;
pub use draft::{Decision, NewEvent, NewPart};
pub use entry::{Entry, Part, PartContent};
pub use refusal::{Fault, Refusal};
pub use registry::Registry;
pub use source::{IdSource, Tagger};

use probity_format::events::{BatchCompleted, BatchSubmitted, CertificateRecorded};
use probity_types::{CivilDate, LogId};

/// What the world knew when a command was decided.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Civil day in Asia/Shanghai.
    pub today: CivilDate,
    /// The log's id.
    pub log: LogId,
    /// Ids for what comes into being.
    pub ids: &'a mut IdSource,
}

/// Decides one command.
///
/// # Errors
/// [`Refusal`] with what would be right; nothing is appended then.
pub fn decide(
    registry: &Registry,
    command: &Command,
    facts: &mut Facts<'_>,
) -> Result<Decision, Refusal> {
    let today = facts.today;
    let decision = decide_command(registry, command, facts)?;
    texts::check(decision, today)
}

fn decide_command(
    registry: &Registry,
    command: &Command,
    facts: &mut Facts<'_>,
) -> Result<Decision, Refusal> {
    let today = facts.today;
    if !registry.has_started() && !matches!(command, Command::StartLog { .. }) {
        // Position 0 belongs to the start (format §3.5).
        return Err(Refusal::LogState("not begun"));
    }
    match command {
        Command::StartLog { origin } => system::start_log(registry, facts.log, origin),
        Command::StartDay(day) => Ok(system::start_day(registry, *day)),
        Command::AcceptClock { offered, officer } => system::accept_clock(*offered, officer),
        Command::RegisterSubject(claim) => {
            subject::decide_register(registry, claim, today, facts.ids)
        }
        Command::ReportRegister(report) => register::decide(registry, report, today, facts.ids),
        Command::RenameSubject {
            subject,
            name,
            effective_on,
        } => subject::decide_rename(registry, *subject, name, *effective_on, today),
        Command::RejectCandidate {
            pending,
            candidate,
            decider,
            reasons,
        } => identity::decide_reject(registry, (*pending, *candidate), (decider, reasons)),
        Command::LinkPending(link) => identity::decide_link(registry, link, today, facts.ids),
        Command::ConfirmCode {
            value,
            register,
            checked_on,
            reviewer,
        } => {
            let words = (value.as_str(), register.as_str(), reviewer.as_str());
            identity::decide_confirm(registry, words, *checked_on, today)
        }
        Command::DecideQuarantine(command) => {
            quarantine::decide(registry, command, today, facts.ids)
        }
        Command::RecordCertificate {
            subject,
            group,
            title,
            number,
            issuer,
            issued_on,
            valid_to,
        } => {
            let body = CertificateRecorded {
                group: refusal::text("group", group)?,
                title: refusal::text("title", title)?,
                issuer: refusal::text("issuer", issuer)?,
                issued_on: *issued_on,
                valid_to: *valid_to,
                number: None,
            };
            subject::decide_certificate(registry, *subject, body, number)
        }
        Command::ReportRecord(report, intake) => {
            record::decide_report(registry, report, intake, today, facts.ids)
        }
        Command::ReportListing(report, steps, intake) => {
            listing::decide_report(registry, report, steps, intake, today, facts.ids)
        }
        Command::EndListing {
            listing,
            reason,
            authority,
            legal_basis,
            ended_on,
        } => listing::decide_end(
            registry,
            *listing,
            *reason,
            (authority, legal_basis),
            *ended_on,
            today,
        ),
        Command::Compensate {
            records,
            action,
            ground,
        } => record::decide_compensation(registry, records, action, ground, today),
        Command::RecordPerformance {
            record,
            performance,
            on,
            amount,
        } => record::decide_performance(registry, *record, *performance, *on, *amount),
        Command::SubmitBatch {
            batch,
            file,
            profile,
            source_unit,
            rows,
            refused,
        } => {
            let body = BatchSubmitted {
                batch: *batch,
                file: *file,
                profile: refusal::text("profile", profile)?,
                source_unit: refusal::text("source_unit", source_unit)?,
                rows: *rows,
                refused: *refused,
            };
            batch::decide_submit(registry, body)
        }
        Command::CompleteBatch {
            batch,
            imported,
            already_there,
            parked,
            refused,
        } => {
            let body = BatchCompleted {
                batch: *batch,
                imported: *imported,
                already_there: *already_there,
                parked: *parked,
                refused: *refused,
            };
            batch::decide_complete(registry, body)
        }
        Command::Submission(command) => submission::decide(registry, command, today, facts.ids),
        Command::Adopt(adopt) => policy::decide_adopt(registry, adopt),
        Command::IssueKey(issue) => system::issue_key(registry, issue),
        Command::RevokeKey { key, reason } => system::revoke_key(registry, *key, reason),
        Command::Disclose(disclose) => system::disclose(disclose),
        Command::AdmitRecipient(admission) => recipient::admit(admission),
        Command::AcknowledgeFeed(receipt) => recipient::acknowledge(receipt),
        Command::Erase {
            what,
            authority,
            legal_basis,
            rows,
        } => erasure::decide(registry, what, (authority, legal_basis), rows),
        Command::CommitState(command) => committed::decide_commit(registry, command),
        Command::RotateSigningKey(command) => committed::decide_rotate(registry, command),
    }
}
