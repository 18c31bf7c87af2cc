//! A record as a file that anybody checks offline.

use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::records::found_record;
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
    let (_, row, sight) = found_record(&call, id).await?;
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
