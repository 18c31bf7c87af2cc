//! A record as a file that anybody checks offline.

use crate::call::Call;
use crate::errors::Trouble;
use crate::moment::sight;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use probity_api::{BundleQuery, ProblemType};
use probity_app::bundles::BundleError;
use probity_types::RecordId;

impl From<BundleError> for Trouble {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Log(error) => error.into(),
            BundleError::Proof(error) => error.into(),
        }
    }
}

/// One entry of a record with everything that proves it.
pub async fn read_bundle(call: Call) -> Result<Response, Trouble> {
    let ledger = &call.service.ledger;
    let id: RecordId = call.parameter("id")?;
    let query: BundleQuery = call.query()?;
    let not_found = || Trouble::of(ProblemType::NotFound);
    let found = {
        let views = ledger.views();
        let row = views.records().get(&id);
        row.and_then(|row| Some((views.directory().row(row.subject)?.id, row.clone())))
    };
    let subject = found.as_ref().map(|(subject, _)| *subject);
    // As with the record itself: an unknown one is asked for like one about an unknown subject.
    let sight = sight(&call, subject.unwrap_or_default()).await?;
    let (_, row) = found.ok_or_else(not_found)?;
    {
        let views = ledger.views();
        if !ledger.screen(&views, sight).shows_record(&row) {
            drop(views);
            return Err(crate::moment::withheld(
                &call,
                probity_api::Scope::PersonsRead,
            ));
        }
    }
    let first = row.versions.first().map(|version| version.position);
    let position = query.position.or(first).ok_or_else(not_found)?;
    if !ledger.is_entry_of(&row, position)? {
        return Err(not_found());
    }
    let bundle = ledger.bundle(position, sight)?.ok_or_else(not_found)?;
    let kind = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"record-{id}-{position}.bundle.json\""),
        ),
    ];
    Ok((kind, bundle.to_json()).into_response())
}
