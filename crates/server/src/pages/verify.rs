//! How anybody can check the register.

use super::front;
use super::trouble::Trouble;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::http::Response;
use probity_format::events::Event;
use probity_log::checkpoint::Published;
use probity_pages::{LogFacts, VerifyView, clock};
use probity_proof::Note;
use probity_types::Position;

/// `GET /verify`
pub async fn show(visit: Visit) -> Response<Body> {
    visit.answer(build).await
}

fn build(visit: &Visit) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let origin = match visit.ledger.entry(Position(0))?.map(|entry| entry.event) {
        Some(Event::LogStarted(event)) => event.origin.as_str().to_owned(),
        _ => visit.ledger.id.to_string(),
    };
    let view = VerifyView {
        shell: visit.shell(Some(&asked), &[]),
        log: facts(visit, origin),
        head: front::head(visit)?,
    };
    visit.page(&view)
}

/// The log as the last checkpoint has it; its name alone before the first.
fn facts(visit: &Visit, origin: String) -> LogFacts {
    let board = visit.ledger.board();
    let mut facts = LogFacts {
        origin,
        is_anchored: board.standing().anchor.is_some(),
        ..LogFacts::default()
    };
    facts.verifier_key = visit
        .ledger
        .signing_keys()
        .ok()
        .map(|keys| keys.newest().to_string());
    if let Some(published) = board.published() {
        facts.size = published.head.size;
        facts.root = published.head.root.to_string();
        facts.signed_at = Some(clock(published.signed_at));
        facts.witnesses = witnesses(&published);
    }
    facts
}

/// Names of those who cosigned a checkpoint besides the log itself.
pub fn witnesses(published: &Published) -> Vec<String> {
    let note = Note::parse(published.note.as_bytes());
    let Ok(note) = note else { return Vec::new() };
    let origin = note.text().lines().next().unwrap_or_default();
    let names = note.signatures().iter().map(|line| line.name.clone());
    let mut names: Vec<String> = names.filter(|name| name != origin).collect();
    names.sort_unstable();
    names.dedup();
    names
}
