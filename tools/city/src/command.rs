//! From a step to the command that a ledger takes.

use crate::step::{Grounds, Step};
use probity_domain::Command;
use probity_domain::command::{Compensation, CurrentRecord, Intake};
use probity_domain::report::SubjectClaim;
use probity_format::events::Ground;
use probity_types::{ListingId, RecordId, SubjectId, Text};

/// What a loader knows of the steps that it has loaded. None: the step did not get in, or is gone.
pub trait Loaded {
    /// The record with this ordinal.
    fn record(&self, ordinal: u64) -> Option<RecordId>;
    /// A record as it stands now.
    fn current(&self, record: RecordId) -> Option<CurrentRecord>;
    /// The membership with this ordinal.
    fn listing(&self, ordinal: u64) -> Option<ListingId>;
    /// A person registered before.
    fn person(&self, claim: &SubjectClaim) -> Option<SubjectId>;
}

fn ground(grounds: &Grounds) -> Option<Ground> {
    Some(Ground {
        reason: grounds.reason,
        authority: Text::try_from(grounds.authority.as_str()).ok()?,
        instrument_no: Text::try_from(grounds.instrument_no.as_str()).ok()?,
        legal_basis: Text::try_from(grounds.legal_basis.as_str()).ok()?,
        evidence: Default::default(),
    })
}

fn compensate(
    ordinal: u64,
    action: Compensation,
    grounds: &Grounds,
    loaded: &impl Loaded,
) -> Option<Command> {
    let current = loaded.current(loaded.record(ordinal)?)?;
    Some(Command::Compensate {
        records: vec![current],
        action,
        ground: ground(grounds)?,
    })
}

/// The command of a step; none where what it refers to is not there. `intake` says where reports come in.
pub fn command(step: Step, intake: Intake, loaded: &impl Loaded) -> Option<Command> {
    match step {
        Step::Subject(claim) => Some(Command::RegisterSubject(*claim)),
        Step::Certificate(held) => Some(Command::RecordCertificate {
            subject: loaded.person(&held.person)?,
            group: held.group,
            title: held.title,
            number: held.number,
            issuer: held.issuer,
            issued_on: held.issued_on,
            valid_to: held.valid_to,
        }),
        Step::Record(report) => Some(Command::ReportRecord(report, intake)),
        Step::Listing(report, steps) => Some(Command::ReportListing(report, steps, intake)),
        Step::Correct {
            record,
            changes,
            grounds,
        } => compensate(record, Compensation::Correct(changes), &grounds, loaded),
        Step::Annul {
            record,
            from,
            grounds,
        } => compensate(record, Compensation::Annul(from), &grounds, loaded),
        Step::Void { record, grounds } => compensate(record, Compensation::Void, &grounds, loaded),
        Step::Perform {
            record,
            performance,
            on,
            amount,
        } => Some(Command::RecordPerformance {
            record: loaded.record(record)?,
            performance,
            on,
            amount,
        }),
        Step::EndListing {
            listing,
            reason,
            authority,
            legal_basis,
            ended_on,
        } => Some(Command::EndListing {
            listing: loaded.listing(listing)?,
            reason,
            authority,
            legal_basis,
            ended_on,
        }),
    }
}
