//! What writes have in common: whom a report is about, and receipts.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use axum::http::StatusCode;
use probity_api::{FieldProblem, IDENTIFIERS_MAX, ReceiptOutcome, ReceiptView, SubjectRequest};
use probity_app::remarks::Remark;
use probity_app::write::Written;
use probity_domain::report::{IdentifierClaim, SubjectClaim};
use probity_log::Outcome;
use probity_types::identifiers::normalise;

/// Whom a report is about.
///
/// # Errors
/// More identifiers than a subject has.
pub fn subject_claim(request: SubjectRequest) -> Result<SubjectClaim, Trouble> {
    if request.identifiers.len() > IDENTIFIERS_MAX {
        let en = format!("at most {IDENTIFIERS_MAX} identifiers");
        let zh = format!("代码最多 {IDENTIFIERS_MAX} 个");
        return Err(Call::invalid(vec![FieldProblem::new(
            "subject.identifiers",
            "list.too_long",
            en,
            zh,
        )]));
    }
    let claim = |identifier: &probity_api::IdentifierRequest| IdentifierClaim {
        kind: identifier.kind,
        value: normalise(&identifier.value),
    };
    Ok(SubjectClaim {
        kind: request.kind,
        identifiers: request.identifiers.iter().map(claim).collect(),
        name: request.name,
        birth_date: request.birth_date,
        region: request.region,
        industry: request.industry,
    })
}

/// A receipt as the interface writes it.
pub fn receipt_view(written: &Written) -> ReceiptView {
    let receipt = &written.receipt;
    ReceiptView {
        position: receipt.last,
        positions: [receipt.first, receipt.last],
        entry_hash: receipt.entry_hash.to_string(),
        recorded_at: receipt.recorded_at,
        revision: receipt.last,
        outcome: match receipt.outcome {
            Outcome::Appended => ReceiptOutcome::Recorded,
            Outcome::Parked => ReceiptOutcome::Parked,
            Outcome::AlreadyThere => ReceiptOutcome::AlreadyThere,
        },
        replayed: receipt.replayed,
        record: written.record,
        subject: written.subject,
        listing: written.listing,
        pending: written.pending,
        warnings: Vec::new(),
    }
}

/// A warning as the interface writes it.
pub fn warning(remark: &Remark) -> FieldProblem {
    let en = format!("{}; {}", remark.en, remark.remedy_en);
    let zh = format!("{}；{}", remark.zh, remark.remedy_zh);
    FieldProblem::new(&remark.field, &remark.rule, en, zh)
}

/// The status of a receipt: created, accepted to wait, or there already.
pub fn status(written: &Written) -> StatusCode {
    match written.receipt.outcome {
        Outcome::Appended => StatusCode::CREATED,
        Outcome::Parked => StatusCode::ACCEPTED,
        Outcome::AlreadyThere => StatusCode::OK,
    }
}

/// The answer to a write.
pub fn receipt(written: &Written) -> Answer {
    Answer::of(&receipt_view(written))
        .status(status(written))
        .revision(written.receipt.last)
}
