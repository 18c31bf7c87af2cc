//! The front page.

use super::asof::recorded_at;
use super::trouble::Trouble;
use super::visit::{Page, Visit};
use axum::body::Body;
use axum::http::Response;
use probity_pages::{Figures, FrontView, Head, clock};
use probity_project::Views;
use probity_types::Database;

/// `GET /`
pub async fn show(visit: Visit) -> Response<Body> {
    visit.answer(build).await
}

fn build(visit: &Visit) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let figures = figures(&visit.ledger.views());
    let head = match visit.ledger.head() {
        Some((position, hash)) => recorded_at(&visit.ledger, Some(position))?.map(|time| Head {
            position: position.0,
            hash: hash.to_string(),
            recorded_at: clock(time),
        }),
        None => None,
    };
    let view = FrontView {
        shell: visit.shell(Some(&asked), &[]),
        figures,
        lists: Vec::new(),
        head,
    };
    visit.page(&view)
}

fn figures(views: &Views) -> Figures {
    let statistics = views.statistics();
    Figures {
        organisations: organisations(views),
        records: statistics.records.values().sum(),
        put_right: statistics.compensations,
        entries: views.position().map_or(0, |position| position.0 + 1),
    }
}

/// How many organisations are on file.
pub fn organisations(views: &Views) -> u64 {
    let subjects = &views.statistics().subjects;
    subjects
        .iter()
        .filter(|(database, _)| **database != Database::Person)
        .map(|(_, count)| count)
        .sum()
}
