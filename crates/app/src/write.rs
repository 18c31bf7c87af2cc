//! Writing: from a caller with a key and an idempotency key to a receipt.

use crate::keys::Principal;
use crate::ledger::{Ledger, keyed16};
use probity_domain::Command;
use probity_format::events::Event;
use probity_format::frame::ActorKind;
use probity_log::unit::Envelope;
use probity_log::{Receipt, Submission, SubmitError, WalkError};
use probity_types::{CommandId, ListingId, PendingId, Position, RecordId, RequestTag, SubjectId};

/// Who writes, under which key of their own.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The recognised holder.
    pub principal: Principal,
    /// The client's idempotency key.
    pub idempotency_key: String,
    /// The request as it came: method, path and body, so that a retry can be told from another request.
    pub request: Vec<u8>,
}

/// Why a write has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The writer said so.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The entries of the receipt do not read.
    #[error(transparent)]
    Read(#[from] WalkError),
    /// The rows that an erasure lists cannot be worked out.
    #[error(transparent)]
    State(probity_project::state_root::StateError),
    /// Nor can one without the key.
    #[error("the key ring holds no key of subject {0}")]
    RowKey(SubjectId),
}

/// What a write brought into being or changed, read back from the entries of its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The receipt.
    pub receipt: Receipt,
    /// The subject whose stream it is.
    pub subject: Option<SubjectId>,
    /// The record.
    pub record: Option<RecordId>,
    /// The membership.
    pub listing: Option<ListingId>,
    /// The waiting report.
    pub pending: Option<PendingId>,
    /// Whether that report is kept apart.
    pub quarantined: bool,
}

impl Ledger {
    /// Headers of a command that came over a key.
    pub fn envelope(&self, caller: &Caller) -> Envelope {
        let key = caller.principal.key.0;
        let command = keyed16(
            &self.secrets().idempotency,
            &[&key, caller.idempotency_key.as_bytes()],
        );
        let request = keyed16(&self.secrets().request, &[&caller.request]);
        Envelope {
            actor_kind: ActorKind::AccessKey,
            actor: key,
            command: CommandId(command),
            request: RequestTag(request),
        }
    }

    /// Submits a command for a caller.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn write(&self, caller: &Caller, command: Command) -> Result<Written, WriteError> {
        let submission = Submission {
            command,
            envelope: self.envelope(caller),
        };
        let receipt = self.log.submit(submission).await?;
        self.written(receipt)
    }

    /// Reads back what a receipt stands for: the same for the first answer and for every retry.
    ///
    /// # Errors
    /// [`WriteError::Read`].
    pub fn written(&self, receipt: Receipt) -> Result<Written, WriteError> {
        let mut written = Written {
            receipt,
            subject: None,
            record: None,
            listing: None,
            pending: None,
            quarantined: false,
        };
        if receipt.first.is_none() {
            return Ok(written);
        }
        for position in (receipt.first.0..=receipt.last.0).map(Position) {
            let Some(entry) = self.entry(position)? else {
                continue;
            };
            if entry.header.stream_kind == probity_format::events::StreamKind::Subject as u16 {
                written.subject = Some(SubjectId(entry.header.stream.0));
            }
            written.record = written.record.or(entry.event.record());
            match &entry.event {
                Event::ListingDecided(event) => written.listing = Some(event.listing),
                Event::ListingEnded(event) => written.listing = Some(event.listing),
                Event::RecordParked(event) => written.pending = Some(event.pending),
                Event::ReportQuarantined(event) => {
                    written.pending = Some(event.pending);
                    written.quarantined = true;
                }
                Event::RecordLinked(event) => written.pending = Some(event.pending),
                Event::CandidateRejected(event) => written.pending = Some(event.pending),
                Event::QuarantineDecided(event) => written.pending = Some(event.pending),
                _ => {}
            }
        }
        Ok(written)
    }
}
