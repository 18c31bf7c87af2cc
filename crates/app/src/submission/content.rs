//! The submitted file itself: sealed in the log while the submission waits, destroyed when it is over.

use super::SubmissionError;
use crate::erase::{ErasureOrder, ErasureTarget};
use crate::ledger::Ledger;
use crate::write::WriteError;
use probity_domain::PartContent;
use probity_domain::submission::SubmissionState;
use probity_format::events::{Event, Private};
use probity_format::frame::ActorKind;
use probity_types::Position;

/// Why the content of a submission is destroyed, for its ErasureRecorded.
const BASIS: &str = "报送办结，原件不再留存 · the submission is over, its file is not kept";

/// The file as it was handed in.
///
/// # Errors
/// [`SubmissionError::ContentGone`] once it was destroyed.
pub(super) fn read_content(
    ledger: &Ledger,
    state: &SubmissionState,
) -> Result<Vec<u8>, SubmissionError> {
    let mut bytes = Vec::new();
    let (mut at, mut wanted) = (state.received_at, 0);
    loop {
        let entry = ledger.entry(at)?.ok_or(SubmissionError::ContentGone)?;
        match &entry.event {
            Event::SubmissionReceived(event) => wanted = event.bytes,
            Event::SubmissionContinued(_) => {}
            _ => return Err(SubmissionError::ContentGone),
        }
        for part in &entry.parts {
            match &part.content {
                PartContent::Opened(Private::File(file)) => bytes.extend_from_slice(&file.bytes),
                _ => return Err(SubmissionError::ContentGone),
            }
        }
        if entry.header.unit_index + 1 >= entry.header.unit_length {
            break;
        }
        at = at.next();
    }
    match bytes.len() as u64 == wanted {
        true => Ok(bytes),
        false => Err(SubmissionError::ContentGone),
    }
}

/// Destroys the file of a submission that is over; nothing to do where it is destroyed already.
pub(super) fn destroy_content(
    ledger: &Ledger,
    state: &SubmissionState,
) -> Result<Position, WriteError> {
    let order = ErasureOrder {
        target: ErasureTarget::File(state.content),
        authority: state.agency.clone(),
        legal_basis: BASIS.to_owned(),
    };
    let erased = ledger.erase_as(ActorKind::System, order)?;
    Ok(erased.receipt.last)
}
