//! Batches: a file taken in as a whole. Its rows show only once it is complete.

use crate::command::Intake;
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Refusal, text};
use crate::registry::{BatchState, Registry};
use crate::report::Provenance;
use probity_format::events::{BatchCompleted, BatchSubmitted, Event, Origin, StreamKind};

/// Where a fact stood, for its event.
pub(crate) fn origin(intake: &Intake, provenance: &Provenance) -> Result<Origin, Refusal> {
    Ok(Origin {
        batch: intake.batch,
        file: intake.file,
        sheet: text("sheet", &provenance.sheet)?,
        row: provenance.row,
        profile: text("profile", &provenance.profile)?,
    })
}

pub(crate) fn decide_submit(
    registry: &Registry,
    body: BatchSubmitted,
) -> Result<Decision, Refusal> {
    crate::submission::check_approved(registry, body.batch)?;
    // A file may come again, under a corrected profile say: then as a batch of its own.
    match registry.batches.get(&body.batch) {
        Some(state) if registry.files.contains_key(&body.file) => {
            Ok(Decision::AlreadyThere(state.submitted_at))
        }
        Some(_) => Err(Refusal::Batch {
            batch: body.batch,
            state: "submitted already, with another file",
        }),
        None => Ok(Decision::Append(vec![NewEvent::open(
            StreamKind::Batch,
            body.batch.0,
            body,
        )])),
    }
}

pub(crate) fn decide_complete(
    registry: &Registry,
    body: BatchCompleted,
) -> Result<Decision, Refusal> {
    match registry.batches.get(&body.batch) {
        None => Err(Refusal::Batch {
            batch: body.batch,
            state: "unknown",
        }),
        Some(BatchState {
            completed_at: Some(at),
            ..
        }) => Ok(Decision::AlreadyThere(*at)),
        Some(BatchState {
            submitted_at,
            completed_at: None,
        }) => {
            let event =
                NewEvent::open(StreamKind::Batch, body.batch.0, body).caused_by(*submitted_at);
            Ok(Decision::Append(vec![event]))
        }
    }
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let at = entry.header.position;
    match &entry.event {
        Event::BatchSubmitted(event) => {
            registry.batches.insert(
                event.batch,
                BatchState {
                    submitted_at: at,
                    completed_at: None,
                },
            );
            registry.files.insert(event.file, event.batch);
        }
        Event::BatchCompleted(event) => {
            if let Some(state) = registry.batches.get_mut(&event.batch) {
                state.completed_at = Some(at);
            }
        }
        _ => {}
    }
}
