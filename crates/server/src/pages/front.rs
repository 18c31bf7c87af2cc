//! The front page.

use super::asof::recorded_at;
use super::lists;
use super::public::Public;
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

/// Lists that the front page names.
const LISTS_MAX: usize = 6;

fn build(visit: &Visit) -> Result<Page, Trouble> {
    let asked = visit.asked()?;
    let (figures, mut lists) = {
        let views = visit.ledger.views();
        let public = Public::of(visit, &views, asked.now);
        (
            figures(&views),
            lists::summaries(visit, &public, &asked.moment),
        )
    };
    lists.retain(|list| list.members > 0);
    lists.truncate(LISTS_MAX);
    let view = FrontView {
        shell: visit.shell(Some(&asked), &[]),
        figures,
        lists,
        head: head(visit)?,
    };
    visit.page(&view)
}

/// The newest entry of the log.
///
/// # Errors
/// [`Trouble::Internal`] where the log does not read.
pub fn head(visit: &Visit) -> Result<Option<Head>, Trouble> {
    let Some((position, hash)) = visit.ledger.head() else {
        return Ok(None);
    };
    let time = recorded_at(&visit.ledger, Some(position))?;
    Ok(time.map(|time| Head {
        position: position.0,
        hash: hash.to_string(),
        recorded_at: clock(time),
    }))
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
