//! Submissions: a file that a clerk of an agency hands in, and that somebody else of the agency decides on before any row of
//! it is appended.
//!
//! Enforced here: the submitter holds `records:submit`; whoever decides holds another key, whose label is another one too, of
//! the same agency with `records:review`, or `records:review-platform` where the classes in the file demand the platform; for
//! the platform's review the key differs from that of the agency's review as well. A label names one holder; that two labels
//! are not the same human being is for whoever issues keys.

use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Refusal, text};
use crate::registry::{KeyState, Registry};
use crate::source::IdSource;
use crate::subject::required;
use probity_format::events::{
    Event, Private, RejectedRow, RowsSettled, SealedFile, SettledRow, StreamKind,
    SubmissionContinued, SubmissionReceived, SubmissionReviewed, SubmissionWithdrawn,
};
use probity_format::limits::SEALED_PARTS_MAX;
use probity_format::wire::{List, Set};
use probity_types::{
    AccessKeyId, BatchId, CivilDate, FileTag, Position, ReviewStage, RootId, SubmissionKind,
};
use std::collections::BTreeSet;

/// Scope of whoever hands files in.
pub const SUBMIT_SCOPE: &str = "records:submit";
/// Scope of whoever decides on the files of the own agency.
pub const REVIEW_SCOPE: &str = "records:review";
/// Scope of whoever decides for the platform.
pub const PLATFORM_SCOPE: &str = "records:review-platform";
/// Bytes of a file in one sealed part.
pub const PIECE_BYTES_MAX: usize = 262_000;
/// Rows that one event settles, and rows that one review takes out.
pub const ROWS_MAX: usize = 4_096;

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubmissionStanding {
    /// Somebody of the agency has to decide.
    WaitsForAgency,
    /// The agency approved; the platform has to decide.
    WaitsForPlatform,
    /// Approved, whole or in part.
    Approved,
    /// Rejected whole.
    Rejected,
    /// Taken back by the submitter.
    Withdrawn,
}

impl SubmissionStanding {
    /// Every standing, by its number in a snapshot.
    pub const ALL: [Self; 5] = [
        Self::WaitsForAgency,
        Self::WaitsForPlatform,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// Stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::WaitsForAgency => "waits_for_agency",
            Self::WaitsForPlatform => "waits_for_platform",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// In Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::WaitsForAgency => "待本单位审核",
            Self::WaitsForPlatform => "待平台审核",
            Self::Approved => "已通过",
            Self::Rejected => "已退回",
            Self::Withdrawn => "已撤回",
        }
    }

    /// In English.
    pub fn en(self) -> &'static str {
        match self {
            Self::WaitsForAgency => "waits for review by the agency",
            Self::WaitsForPlatform => "waits for review by the platform",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whose review it waits for, none once it was decided.
    pub fn stage(self) -> Option<ReviewStage> {
        match self {
            Self::WaitsForAgency => Some(ReviewStage::Agency),
            Self::WaitsForPlatform => Some(ReviewStage::Platform),
            Self::Approved | Self::Rejected | Self::Withdrawn => None,
        }
    }
}

/// A submission's decision state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionState {
    /// What it asks for.
    pub kind: SubmissionKind,
    /// Keyed hash of the file.
    pub file: FileTag,
    /// Who handed it in.
    pub submitter: AccessKeyId,
    /// Of which agency.
    pub agency: String,
    /// Import profile, empty for corrections and withdrawals.
    pub profile: String,
    /// Data rows.
    pub rows: u32,
    /// Rows that the rehearsal at receipt refused.
    pub refused: u32,
    /// Whether the platform decides as well.
    pub platform: bool,
    /// Root under which the file is sealed.
    pub content: RootId,
    /// The entry that received it.
    pub received_at: Position,
    /// Where it stands.
    pub standing: SubmissionStanding,
    /// Reviews so far: entry and reviewer.
    pub reviews: Vec<(Position, AccessKeyId)>,
    /// Entries that say what became of its rows.
    pub settled: Vec<Position>,
    /// The last row among them, 0 before any.
    pub settled_through: u32,
}

/// A file to be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiveSubmission {
    /// What it asks for.
    pub kind: SubmissionKind,
    /// Who hands it in.
    pub submitter: AccessKeyId,
    /// Keyed hash of the file.
    pub file: FileTag,
    /// Import profile, empty for corrections and withdrawals.
    pub profile: String,
    /// Data rows.
    pub rows: u32,
    /// Rows among them that are refused.
    pub refused: u32,
    /// Subcategories and lists that the rows are about.
    pub classes: BTreeSet<String>,
    /// The file as it came.
    pub content: Vec<u8>,
}

/// A row to be taken out, with the rule where a rehearsal refused it, empty where the reviewer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Row of the file.
    pub row: u32,
    /// Rule, or empty.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewSubmission {
    /// The submission.
    pub batch: BatchId,
    /// Who decides.
    pub reviewer: AccessKeyId,
    /// Rows that are approved; 0 rejects the whole.
    pub approved: u32,
    /// Rows taken out, ascending.
    pub rejected: Vec<Rejection>,
    /// Why, where the whole is rejected.
    pub reason: String,
}

/// What can be asked about submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmissionCommand {
    /// Hand a file in.
    Receive(ReceiveSubmission),
    /// Decide on it.
    Review(ReviewSubmission),
    /// Take it back.
    Withdraw {
        /// The submission.
        batch: BatchId,
        /// Who takes it back.
        submitter: AccessKeyId,
        /// Why.
        reason: String,
    },
    /// Say what became of rows of an approved file.
    Settle {
        /// The submission.
        batch: BatchId,
        /// Its next rows, ascending.
        rows: Vec<SettledRow>,
    },
}

pub(crate) fn decide(
    registry: &Registry,
    command: &SubmissionCommand,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    match command {
        SubmissionCommand::Receive(receive) => decide_receive(registry, receive, today, ids),
        SubmissionCommand::Review(review) => decide_review(registry, review, today),
        SubmissionCommand::Withdraw {
            batch,
            submitter,
            reason,
        } => decide_withdraw(registry, *batch, *submitter, reason, today),
        SubmissionCommand::Settle { batch, rows } => decide_settle(registry, *batch, rows),
    }
}

/// The key in force with a scope.
fn holder<'r>(
    registry: &'r Registry,
    key: AccessKeyId,
    scope: &'static str,
    today: CivilDate,
) -> Result<&'r KeyState, Refusal> {
    let state = registry.key(&key);
    let holds = |state: &&KeyState| {
        state.revoked_at.is_none()
            && state.expires_on.is_none_or(|day| day >= today)
            && state.scopes.contains(scope)
    };
    state.filter(holds).ok_or(Refusal::KeyUnfit { scope })
}

fn found<'r>(registry: &'r Registry, batch: &BatchId) -> Result<&'r SubmissionState, Refusal> {
    let state = registry.submission(batch);
    state.ok_or_else(|| Refusal::NotFound {
        what: "submission",
        id: batch.to_string(),
    })
}

fn is_same_word(one: &str, other: &str) -> bool {
    one.trim() == other.trim()
}

/// Refuses the same holder twice: the same key, or a key with the same label.
fn four_eyes(
    registry: &Registry,
    (key, state): (AccessKeyId, &KeyState),
    earlier: AccessKeyId,
) -> Result<(), Refusal> {
    let label = registry.key(&earlier).map(|held| held.label.as_str());
    if key == earlier || label.is_some_and(|label| is_same_word(label, &state.label)) {
        return Err(Refusal::FourEyes);
    }
    Ok(())
}

fn decide_receive(
    registry: &Registry,
    receive: &ReceiveSubmission,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    let key = holder(registry, receive.submitter, SUBMIT_SCOPE, today)?;
    if key.agency.trim().is_empty() {
        return Err(required("agency", "报送单位"));
    }
    if receive.content.is_empty() {
        return Err(required("file", "文件"));
    }
    let waits = registry.submissions.values().find(|held| {
        held.standing.stage().is_some()
            && (held.file, held.kind) == (receive.file, receive.kind)
            && is_same_word(&held.agency, &key.agency)
    });
    if let Some(held) = waits {
        return Ok(Decision::AlreadyThere(held.received_at));
    }
    let platform = registry.platform_reviews(&receive.classes, today);
    let classes = receive.classes.iter().map(|class| text("classes", class));
    let batch = BatchId(ids.draw());
    let content = RootId(ids.draw());
    let body = SubmissionReceived {
        batch,
        kind: receive.kind,
        file: receive.file,
        submitter: receive.submitter,
        agency: text("agency", &key.agency)?,
        profile: text("profile", &receive.profile)?,
        rows: receive.rows,
        refused: receive.refused,
        classes: Set::from_unsorted(classes.collect::<Result<_, _>>()?).map_err(|e| {
            Refusal::Value {
                field: "classes",
                why: e.to_string(),
            }
        })?,
        platform,
        content,
        bytes: receive.content.len() as u64,
    };
    let mut events = vec![NewEvent::open(StreamKind::Batch, batch.0, body)];
    let pieces: Vec<&[u8]> = receive.content.chunks(PIECE_BYTES_MAX).collect();
    for (number, group) in pieces.chunks(SEALED_PARTS_MAX as usize).enumerate() {
        if number > 0 {
            // A unit holds far fewer than u32 counts.
            let number = number as u32;
            let more = SubmissionContinued { batch, number };
            events.push(NewEvent::open(StreamKind::Batch, batch.0, more));
        }
        for piece in group {
            let bytes = piece.to_vec().try_into().map_err(|_| Refusal::Value {
                field: "file",
                why: format!("at most {PIECE_BYTES_MAX} bytes in one part"),
            })?;
            if let Some(event) = events.pop() {
                events.push(event.with_part(content, Private::File(SealedFile { bytes })));
            }
        }
    }
    Ok(Decision::Append(events))
}

fn decided(state: &SubmissionState, batch: BatchId) -> Refusal {
    Refusal::Submission {
        batch,
        zh: state.standing.zh(),
        en: state.standing.en(),
    }
}

/// Whose review it is, and whether this holder may make it.
fn check_reviewer(
    registry: &Registry,
    (batch, state): (BatchId, &SubmissionState),
    reviewer: AccessKeyId,
    today: CivilDate,
) -> Result<(ReviewStage, String), Refusal> {
    let stage = state.standing.stage();
    let stage = stage.ok_or_else(|| decided(state, batch))?;
    let scope = match stage {
        ReviewStage::Agency => REVIEW_SCOPE,
        ReviewStage::Platform => PLATFORM_SCOPE,
    };
    let key = holder(registry, reviewer, scope, today)?;
    if stage == ReviewStage::Agency && !is_same_word(&key.agency, &state.agency) {
        return Err(Refusal::OtherAgency);
    }
    four_eyes(registry, (reviewer, key), state.submitter)?;
    for (_, earlier) in &state.reviews {
        four_eyes(registry, (reviewer, key), *earlier)?;
    }
    Ok((stage, key.agency.clone()))
}

fn decide_review(
    registry: &Registry,
    review: &ReviewSubmission,
    today: CivilDate,
) -> Result<Decision, Refusal> {
    let state = found(registry, &review.batch)?;
    let (stage, agency) = check_reviewer(registry, (review.batch, state), review.reviewer, today)?;
    if review.approved == 0 && review.reason.trim().is_empty() {
        return Err(required("reason", "退回原因"));
    }
    if review
        .rejected
        .iter()
        .any(|row| row.reason.trim().is_empty())
    {
        return Err(required("rejected.reason", "退回原因"));
    }
    if !review.rejected.is_sorted_by(|a, b| a.row < b.row) {
        return Err(Refusal::Value {
            field: "rejected",
            why: "each row once, ascending".to_owned(),
        });
    }
    let rejected = review.rejected.iter().map(|row| {
        Ok(RejectedRow {
            row: row.row,
            rule: text("rejected.rule", &row.rule)?,
            reason: text("rejected.reason", &row.reason)?,
        })
    });
    let rejected: Vec<RejectedRow> = rejected.collect::<Result<_, Refusal>>()?;
    let body = SubmissionReviewed {
        batch: review.batch,
        stage,
        reviewer: review.reviewer,
        agency: text("agency", &agency)?,
        approved: review.approved,
        rejected: list("rejected", rejected)?,
        reason: text("reason", &review.reason)?,
    };
    let event = NewEvent::open(StreamKind::Batch, review.batch.0, body);
    Ok(Decision::Append(vec![event.caused_by(state.received_at)]))
}

fn list<T>(field: &'static str, rows: Vec<T>) -> Result<List<T, 4096>, Refusal> {
    rows.try_into().map_err(|_| Refusal::Value {
        field,
        why: format!("at most {ROWS_MAX} rows; decide on the whole file instead"),
    })
}

fn decide_withdraw(
    registry: &Registry,
    batch: BatchId,
    submitter: AccessKeyId,
    reason: &str,
    today: CivilDate,
) -> Result<Decision, Refusal> {
    let state = found(registry, &batch)?;
    holder(registry, submitter, SUBMIT_SCOPE, today)?;
    if submitter != state.submitter {
        return Err(Refusal::OtherAgency);
    }
    if state.standing.stage().is_none() {
        return Err(decided(state, batch));
    }
    let body = SubmissionWithdrawn {
        batch,
        submitter,
        reason: text("reason", reason)?,
    };
    let event = NewEvent::open(StreamKind::Batch, batch.0, body);
    Ok(Decision::Append(vec![event.caused_by(state.received_at)]))
}

fn decide_settle(
    registry: &Registry,
    batch: BatchId,
    rows: &[SettledRow],
) -> Result<Decision, Refusal> {
    let state = found(registry, &batch)?;
    if state.standing != SubmissionStanding::Approved {
        return Err(decided(state, batch));
    }
    let first = rows.first().map_or(0, |row| row.row);
    if let Some(last) = state
        .settled
        .last()
        .filter(|_| first <= state.settled_through)
    {
        return Ok(Decision::AlreadyThere(*last));
    }
    if rows.is_empty() || !rows.is_sorted_by(|a, b| a.row < b.row) {
        return Err(Refusal::Value {
            field: "rows",
            why: "each row once, ascending, at least one".to_owned(),
        });
    }
    let rows = list("rows", rows.to_vec())?;
    let event = NewEvent::open(StreamKind::Batch, batch.0, RowsSettled { batch, rows });
    Ok(Decision::Append(vec![event.caused_by(state.received_at)]))
}

/// Whether a batch of this id may be taken in: one that is a submission has to be approved first.
pub(crate) fn check_approved(registry: &Registry, batch: BatchId) -> Result<(), Refusal> {
    match registry.submission(&batch) {
        Some(state) if state.standing != SubmissionStanding::Approved => Err(decided(state, batch)),
        _ => Ok(()),
    }
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let at = entry.header.position;
    match &entry.event {
        Event::SubmissionReceived(event) => {
            let state = SubmissionState {
                kind: event.kind,
                file: event.file,
                submitter: event.submitter,
                agency: event.agency.as_str().to_owned(),
                profile: event.profile.as_str().to_owned(),
                rows: event.rows,
                refused: event.refused,
                platform: event.platform,
                content: event.content,
                received_at: at,
                standing: SubmissionStanding::WaitsForAgency,
                reviews: Vec::new(),
                settled: Vec::new(),
                settled_through: 0,
            };
            registry.submissions.insert(event.batch, state);
        }
        Event::SubmissionReviewed(event) => {
            if let Some(state) = registry.submissions.get_mut(&event.batch) {
                state.reviews.push((at, event.reviewer));
                state.standing = match (event.approved, event.stage) {
                    (0, _) => SubmissionStanding::Rejected,
                    (_, ReviewStage::Agency) if state.platform => {
                        SubmissionStanding::WaitsForPlatform
                    }
                    _ => SubmissionStanding::Approved,
                };
            }
        }
        Event::SubmissionWithdrawn(event) => {
            if let Some(state) = registry.submissions.get_mut(&event.batch) {
                state.standing = SubmissionStanding::Withdrawn;
            }
        }
        Event::RowsSettled(event) => {
            if let Some(state) = registry.submissions.get_mut(&event.batch) {
                state.settled.push(at);
                let last = event.rows.last().map_or(0, |row| row.row);
                state.settled_through = state.settled_through.max(last);
            }
        }
        _ => {}
    }
}

impl Registry {
    /// One submission.
    pub fn submission(&self, batch: &BatchId) -> Option<&SubmissionState> {
        self.submissions.get(batch)
    }

    /// Every submission, by id.
    pub fn submissions(&self) -> impl Iterator<Item = (&BatchId, &SubmissionState)> {
        self.submissions.iter()
    }

    /// Whether the policy in force on a day has the platform decide on any of these classes.
    pub fn platform_reviews(&self, classes: &BTreeSet<String>, on: CivilDate) -> bool {
        let rule = self.policies.review(self.next, on);
        rule.is_some_and(|rule| classes.iter().any(|class| rule.demands_platform(class, on)))
    }
}
