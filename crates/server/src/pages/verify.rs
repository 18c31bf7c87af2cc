//! How anybody can check the register.

use super::front;
use super::trouble::Trouble;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::http::Response;
use probity_format::events::Event;
use probity_pages::{LogFacts, VerifyView};
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
        log: LogFacts {
            origin,
            ..LogFacts::default()
        },
        head: front::head(visit)?,
    };
    visit.page(&view)
}
