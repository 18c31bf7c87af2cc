//! `probity-verify bundle`: one record and everything that proves it.

use crate::fault::{Failure, Fault};
use crate::input::{self, Signed};
use crate::state::State;
use probity_format::events::Private;
use probity_format::frame::OPEN_PART_KIND;
use probity_format::upcast;
use probity_proof::bundle::{BUNDLE_BYTES_MAX, Verified, VerifiedPart};
use probity_proof::checkpoint::Opened;
use probity_proof::{Bundle, Note, Policy, ProofError, VerifierKey};
use serde_json::{Value, json};
use std::path::Path;

/// What held.
#[derive(Debug)]
pub struct BundleReport {
    verified: Verified,
    /// Number and body of each part that was shown.
    shown: Vec<(u8, Value)>,
}

/// Checks a bundle. The state is asked whether its checkpoint belongs to a fork; it is not moved on, because a bundle may
/// well be older than what was seen.
///
/// # Errors
/// [`Failure`].
pub fn run(
    path: &Path,
    key: &VerifierKey,
    policy: &Policy,
    state: &State,
) -> Result<BundleReport, Failure> {
    let bytes = input::read(path, BUNDLE_BYTES_MAX)?;
    let wrong = |fault: Fault| Failure::from(fault.in_file(path));
    let checked = Bundle::parse(&bytes).and_then(|bundle| {
        let verified = bundle.verify(key, policy)?;
        let note = Note::parse(bundle.checkpoint.as_bytes())?;
        Ok((verified, note))
    });
    let (verified, note) = checked.map_err(|e: ProofError| wrong(e.into()))?;
    let opened = Opened {
        checkpoint: verified.checkpoint.clone(),
        cosignatures: verified.cosignatures.clone(),
    };
    state
        .check_fork(key, &Signed { note, opened })
        .map_err(|failure| match failure {
            Failure::DoesNotHold(fault) => wrong(*fault),
            other => other,
        })?;
    let shown = verified.shown.iter().map(|part| {
        let body = read_part(&verified, part);
        body.map(|body| (part.number, body)).map_err(|mut fault| {
            fault.field = format!("parts[{}].opened.content: {}", part.number, fault.field);
            wrong(fault)
        })
    });
    let shown = shown.collect::<Result<_, _>>()?;
    Ok(BundleReport { verified, shown })
}

fn read_part(verified: &Verified, part: &VerifiedPart) -> Result<Value, Fault> {
    if part.kind != OPEN_PART_KIND {
        return Ok(Private::decode(part.kind, &part.content)?.to_json());
    }
    let header = &verified.header;
    let event = upcast::read_event(header.event_type, header.version, &part.content)?;
    event
        .check_open()
        .map_err(probity_format::frame::FrameError::from)?;
    Ok(json!({ event.name(): event.to_json() }))
}

impl BundleReport {
    /// As one JSON object.
    pub fn to_json(&self) -> Value {
        let Verified {
            header, checkpoint, ..
        } = &self.verified;
        let shown: Vec<Value> = self
            .shown
            .iter()
            .map(|(number, body)| json!({ "part": number, "body": body }))
            .collect();
        json!({
            "holds": true, "level": "opened by the bundle", "position": header.position,
            "recorded_at": header.recorded_at.to_string(), "entry_hash": self.verified.entry_hash,
            "parts": self.verified.parts, "shown": shown,
            "checkpoint": {
                "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root,
                "cosignatures": self.verified.cosignatures.len(),
            },
        })
    }

    /// As lines for people.
    pub fn to_text(&self) -> String {
        let Verified {
            header, checkpoint, ..
        } = &self.verified;
        let mut text = format!(
            "holds: entry {} of {}, recorded at {}, in the tree of {} entries that the log signed, {} cosignatures of the \
             policy\nparts: {} of {} shown\n",
            header.position,
            checkpoint.origin,
            header.recorded_at,
            checkpoint.size,
            self.verified.cosignatures.len(),
            self.shown.len(),
            self.verified.parts,
        );
        for (number, body) in &self.shown {
            text.push_str(&format!("part {number}: {body}\n"));
        }
        text
    }
}
