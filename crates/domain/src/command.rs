//! Commands: what somebody wants, in the imperative.

use crate::report::{ListingReport, RecordReport, RegisterReport, SubjectClaim};
use crate::submission::SubmissionCommand;
use probity_format::Hash;
use probity_format::events::{Details, Ground, RecordCore};
use probity_rules::PackKind;
use probity_types::{
    AccessKeyId, BatchId, CivilDate, EndReason, Fen, FieldValue, FileTag, ListingId, PendingId,
    PerformanceState, Position, QueryPurpose, RecipientId, RecordId, RootId, SubjectId, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// The file or submission that a report came in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intake {
    /// The batch, none for single reports.
    pub batch: BatchId,
    /// Keyed hash of the file.
    pub file: FileTag,
    /// Fields that the source lacks by its profile.
    pub absent: BTreeSet<String>,
}

/// A record as it stands now: read by the caller, checked by the decider against the revision it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentRecord {
    /// The entry that last changed it.
    pub revision: Position,
    /// The entry that recorded it.
    pub recorded_at: Position,
    /// Core that holds now.
    pub core: RecordCore,
    /// Details that hold now; none once erased.
    pub details: Option<Details>,
}

/// What is to become of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compensation {
    /// Repair what was always so: new value by field, none to empty the field.
    Correct(BTreeMap<String, Option<FieldValue>>),
    /// Entered wrongly.
    Void,
    /// The act was set aside, from the start (none) or from a date.
    Annul(Option<CivilDate>),
}

/// What an erasure destroys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasable {
    /// Everything sealed under a root: a whole person, a waiting report, a person named in an act.
    Root(RootId),
    /// What one key seals.
    Part {
        /// Its root.
        root: RootId,
        /// Its leaf.
        index: u64,
    },
    /// Everything sealed in the entries of one record, persons named in it included.
    Record(RecordId),
}

/// Full rows of subjects at earlier commitments (format §15): an erasure takes away what they could be computed from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EarlierRows {
    /// Position of the last commitment that was looked at, none where there was none.
    pub through: Option<Position>,
    /// By subject: commitment and row, wherever the row differs from the one before, oldest first.
    pub rows: BTreeMap<SubjectId, Vec<(Position, Hash)>>,
}

/// A state to be committed: computed from the log up to `as_of`, without anybody having waited for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitState {
    /// The last entry that the state has seen.
    pub as_of: Position,
    /// The day of the last DayStarted at or before it.
    pub date: CivilDate,
    /// Version of the rows.
    pub views: u16,
    /// Version of the rules' evaluator.
    pub evaluator: u16,
    /// Subjects in the state.
    pub subjects: u64,
    /// Root over open rows.
    pub open_root: Hash,
    /// Root over full rows.
    pub full_root: Hash,
}

/// A new key for checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateSigningKey {
    /// Its number: one more than that of the key before, the first is 1.
    pub number: u32,
    /// Ed25519 public key.
    pub key: [u8; 32],
    /// Until when the key before it signs as well.
    pub overlap_until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who decided: post or staff number.
    pub officer: String,
}

/// Which kind of policy text is adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// A pack of the rules: catalogue, code lists, periods, lists, penalty kinds, policy.
    Pack(PackKind),
    /// An import profile.
    ImportProfile,
}

/// A policy text to be adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopt {
    /// Its kind.
    pub kind: PolicyKind,
    /// Id, one per text that replaces itself by version.
    pub id: String,
    /// Version.
    pub version: String,
    /// Who adopts it: post or staff number.
    pub officer: String,
    /// The text; says itself from when to when it is in force.
    pub text: String,
}

/// An access key to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueKey {
    /// Public name of the key.
    pub key: AccessKeyId,
    /// What it is for.
    pub label: String,
    /// Whose it is.
    pub agency: String,
    /// Scopes, by word.
    pub scopes: BTreeSet<String>,
    /// Hash of its secret.
    pub secret_hash: [u8; 32],
    /// Last day, none = open.
    pub expires_on: Option<CivilDate>,
    /// A key of the demo city, known to everybody.
    pub demo: bool,
}

/// A recipient to be admitted, or its scope to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmitRecipient {
    /// Its id.
    pub recipient: RecipientId,
    /// Whose keys are its keys.
    pub agency: String,
    /// What for.
    pub purpose: QueryPurpose,
    /// On what basis.
    pub basis: String,
    /// Subcategories of the catalogue that it takes.
    pub subcategories: BTreeSet<String>,
    /// Lists whose memberships it takes.
    pub lists: BTreeSet<String>,
    /// Days within which it acknowledges a withdrawal.
    pub acknowledge_days: u32,
}

/// How far a recipient has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgeFeed {
    /// Who.
    pub recipient: RecipientId,
    /// The entry of its admission or of its last receipt.
    pub since: Position,
    /// Everything of its scope up to here is in its database.
    pub position: Position,
    /// What it took back or changed since its last receipt.
    pub withdrawals: BTreeSet<Position>,
}

/// A disclosure to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclose {
    /// To whom.
    pub recipient: RecipientId,
    /// What for.
    pub purpose: QueryPurpose,
    /// On what basis.
    pub basis: String,
    /// What was read: the operation's name.
    pub scope: String,
    /// About whom.
    pub subjects: BTreeSet<SubjectId>,
    /// Head that the answer was read at.
    pub read_at: Position,
}

/// A decision of a person about who a waiting report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPending {
    /// The waiting report.
    pub pending: PendingId,
    /// What it says, read from the log by the caller.
    pub report: RecordReport,
    /// Where it came from.
    pub intake: Intake,
    /// Whom it is about.
    pub subject: SubjectId,
    /// What agrees besides the name, by the words of [`crate::identity::ATTRIBUTES`].
    pub attributes: BTreeSet<String>,
    /// Who decided, by post or number.
    pub decider: String,
    /// Why.
    pub reasons: String,
}

/// What is to become of a quarantined report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecideQuarantine {
    /// The quarantined report.
    pub pending: PendingId,
    /// What it says, read from the log by the caller, where it is to be recorded; none where its key is to be destroyed.
    pub admitted: Option<(RecordReport, Intake)>,
    /// Who decided, by post or number.
    pub decider: String,
    /// Basis of the decision.
    pub legal_basis: String,
}

/// Everything that can be asked of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Begin the log.
    StartLog {
        /// Name of the log.
        origin: String,
    },
    /// Begin a day.
    StartDay(CivilDate),
    /// Accept a time that the clock rules refused.
    AcceptClock {
        /// The time.
        offered: Timestamp,
        /// Who accepts it.
        officer: String,
    },
    /// Register a subject, or find it.
    RegisterSubject(SubjectClaim),
    /// Take in one row of a register.
    ReportRegister(Box<RegisterReport>),
    /// Record that a subject bears another name from a day on.
    RenameSubject {
        /// The subject.
        subject: SubjectId,
        /// Its new name.
        name: String,
        /// From this day.
        effective_on: CivilDate,
    },
    /// Record that a waiting report is not about a subject.
    RejectCandidate {
        /// The waiting report.
        pending: PendingId,
        /// Who it is not.
        candidate: SubjectId,
        /// Who decided, by post or number.
        decider: String,
        /// Why.
        reasons: String,
    },
    /// Record whom a waiting report is about.
    LinkPending(Box<LinkPending>),
    /// Record that a credit code stands in its register although its check character does not hold.
    ConfirmCode {
        /// The code.
        value: String,
        /// Which register was looked at.
        register: String,
        /// When.
        checked_on: CivilDate,
        /// Who looked, by post or number.
        reviewer: String,
    },
    /// Decide about a quarantined report.
    DecideQuarantine(Box<DecideQuarantine>),
    /// Record a practice certificate of a person.
    RecordCertificate {
        /// The person.
        subject: SubjectId,
        /// Key-person group.
        group: String,
        /// Title of the certificate.
        title: String,
        /// Number.
        number: String,
        /// Issuer.
        issuer: String,
        /// Issued on.
        issued_on: CivilDate,
        /// Valid to.
        valid_to: Option<CivilDate>,
    },
    /// Record one act's share.
    ReportRecord(Box<RecordReport>, Intake),
    /// Record one membership of a list.
    ReportListing(Box<ListingReport>, ListingSteps, Intake),
    /// End a membership.
    EndListing {
        /// The membership.
        listing: ListingId,
        /// Why.
        reason: EndReason,
        /// Who decided.
        authority: String,
        /// Basis.
        legal_basis: String,
        /// From when.
        ended_on: CivilDate,
    },
    /// Compensate records of one act, or one record.
    Compensate {
        /// The records as they stand.
        records: Vec<CurrentRecord>,
        /// What is to become of them.
        action: Compensation,
        /// Who, why, on what basis.
        ground: Ground,
    },
    /// Record that a duty was performed.
    RecordPerformance {
        /// The record.
        record: RecordId,
        /// How far.
        performance: PerformanceState,
        /// From when.
        on: CivilDate,
        /// Amount paid.
        amount: Option<Fen>,
    },
    /// Take in a file.
    SubmitBatch {
        /// Its batch.
        batch: BatchId,
        /// Its keyed hash.
        file: FileTag,
        /// Its profile.
        profile: String,
        /// Who sent it.
        source_unit: String,
        /// Data rows.
        rows: u32,
        /// Rows that were refused before.
        refused: u32,
    },
    /// Close a batch: from now on its rows show.
    CompleteBatch {
        /// The batch.
        batch: BatchId,
        /// Rows recorded.
        imported: u32,
        /// Rows that were there already.
        already_there: u32,
        /// Rows that wait.
        parked: u32,
        /// Rows refused.
        refused: u32,
    },
    /// Something about a file that waits for review.
    Submission(Box<SubmissionCommand>),
    /// Adopt a policy text.
    Adopt(Box<Adopt>),
    /// Issue an access key.
    IssueKey(Box<IssueKey>),
    /// Revoke an access key.
    RevokeKey {
        /// The key.
        key: AccessKeyId,
        /// Why.
        reason: String,
    },
    /// Record a disclosure.
    Disclose(Box<Disclose>),
    /// Let an agency take the feed over into its own database.
    AdmitRecipient(Box<AdmitRecipient>),
    /// Record how far a recipient has come.
    AcknowledgeFeed(Box<AcknowledgeFeed>),
    /// Destroy keys of sealed parts.
    Erase {
        /// Which.
        what: Erasable,
        /// Who decided.
        authority: String,
        /// Basis.
        legal_basis: String,
        /// What nobody can compute any more afterwards.
        rows: EarlierRows,
    },
    /// Commit to a state.
    CommitState(Box<CommitState>),
    /// Let a new key sign checkpoints.
    RotateSigningKey(Box<RotateSigningKey>),
}

/// The steps before a listing, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListingSteps {
    /// Kind of instrument, by key of the code list `instrument_kind`; none where there is none.
    pub instrument_kind: Option<probity_types::InstrumentKind>,
    /// When the prior notice was served.
    pub notice_served_on: Option<CivilDate>,
    /// Post or staff number of who decided.
    pub decider: String,
}
