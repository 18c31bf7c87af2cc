//! The log's own affairs: beginning, days, clock, access keys, disclosures.

use crate::command::{Disclose, IssueKey};
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Refusal, text};
use crate::registry::{KeyState, Registry};
use probity_format::Hash;
use probity_format::events::{
    AccessKeyIssued, AccessKeyRevoked, ClockAccepted, DayStarted, DisclosureMade, Event,
    LogStarted, StreamKind,
};
use probity_format::wire::Set;
use probity_types::{AccessKeyId, CivilDate, LogId, Position, Text, Timestamp};

/// Stream id of the one `system` stream.
pub const SYSTEM_STREAM: [u8; 16] = [0; 16];

pub(crate) fn start_log(
    registry: &Registry,
    log: LogId,
    origin: &str,
) -> Result<Decision, Refusal> {
    if registry.started {
        return Err(Refusal::LogState("begun already"));
    }
    let body = LogStarted {
        log,
        origin: text("origin", origin)?,
    };
    Ok(Decision::Append(vec![NewEvent::open(
        StreamKind::System,
        SYSTEM_STREAM,
        body,
    )]))
}

/// Starts every missed day, one event each, up to `day`; after a long pause only the last 366 are told one by one.
pub(crate) fn start_day(registry: &Registry, day: CivilDate) -> Decision {
    let first = match registry.day {
        Some(last) if last >= day => return Decision::AlreadyThere(Position::NONE),
        Some(last) => last.plus_days(1).max(day.plus_days(-366)),
        None => day,
    };
    let days = (first.days()..=day.days()).filter_map(|d| CivilDate::from_days(d).ok());
    let event = |day| NewEvent::open(StreamKind::System, SYSTEM_STREAM, DayStarted { day });
    Decision::Append(days.map(event).collect())
}

pub(crate) fn accept_clock(offered: Timestamp, officer: &str) -> Result<Decision, Refusal> {
    let body = ClockAccepted {
        offered,
        officer: text("officer", officer)?,
    };
    Ok(Decision::Append(vec![NewEvent::open(
        StreamKind::System,
        SYSTEM_STREAM,
        body,
    )]))
}

pub(crate) fn issue_key(registry: &Registry, command: &IssueKey) -> Result<Decision, Refusal> {
    if registry.keys.contains_key(&command.key) {
        return Err(Refusal::KeyExists(command.key));
    }
    if command.label.trim().is_empty() {
        return Err(crate::subject::required("label", "密钥名称"));
    }
    let scopes = command
        .scopes
        .iter()
        .map(|scope| text("scopes", scope))
        .collect::<Result<Vec<Text<32>>, _>>()?;
    let body = AccessKeyIssued {
        key: command.key,
        label: text("label", &command.label)?,
        agency: text("agency", &command.agency)?,
        scopes: Set::from_unsorted(scopes).map_err(|e| Refusal::Value {
            field: "scopes",
            why: e.to_string(),
        })?,
        secret_hash: Hash(command.secret_hash),
        expires_on: command.expires_on,
        demo: command.demo,
    };
    Ok(Decision::Append(vec![NewEvent::open(
        StreamKind::Account,
        command.key.0,
        body,
    )]))
}

pub(crate) fn revoke_key(
    registry: &Registry,
    key: AccessKeyId,
    reason: &str,
) -> Result<Decision, Refusal> {
    let state = registry.keys.get(&key).ok_or_else(|| Refusal::NotFound {
        what: "access key",
        id: key.to_string(),
    })?;
    if let Some(at) = state.revoked_at {
        return Ok(Decision::AlreadyThere(at));
    }
    let body = AccessKeyRevoked {
        key,
        reason: text("reason", reason)?,
    };
    let event = NewEvent::open(StreamKind::Account, key.0, body).caused_by(state.issued_at);
    Ok(Decision::Append(vec![event]))
}

pub(crate) fn disclose(command: &Disclose) -> Result<Decision, Refusal> {
    let subjects = command.subjects.iter().copied().collect();
    let body = DisclosureMade {
        recipient: command.recipient,
        purpose: command.purpose,
        basis: text("basis", &command.basis)?,
        scope: text("scope", &command.scope)?,
        subjects: Set::from_unsorted(subjects).map_err(|e| Refusal::Value {
            field: "subjects",
            why: e.to_string(),
        })?,
        read_at: command.read_at,
    };
    Ok(Decision::Append(vec![NewEvent::open(
        StreamKind::Recipient,
        command.recipient.0,
        body,
    )]))
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    match &entry.event {
        Event::AccessKeyIssued(event) => {
            let state = KeyState {
                label: event.label.as_str().to_owned(),
                agency: event.agency.as_str().to_owned(),
                scopes: event.scopes.iter().map(|s| s.as_str().to_owned()).collect(),
                secret_hash: event.secret_hash.0,
                expires_on: event.expires_on,
                issued_at: entry.header.position,
                revoked_at: None,
                demo: event.demo,
            };
            registry.keys.insert(event.key, state);
        }
        Event::AccessKeyRevoked(event) => {
            if let Some(state) = registry.keys.get_mut(&event.key) {
                state.revoked_at = Some(entry.header.position);
            }
        }
        _ => {}
    }
}
