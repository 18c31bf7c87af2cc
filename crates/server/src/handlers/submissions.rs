//! Files that wait for review, over the interface.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::imports;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_api::{
    LatenessView, LatenessesView, Problem, ProblemType, ReviewDecision, ReviewRequest, Scope,
    SubmissionEnding as EndingView, SubmissionQuery, SubmissionReportView, SubmissionView,
    SubmissionWithdrawRequest, SubmissionsQuery, SubmissionsView, Term,
};
use probity_app::Ledger;
use probity_app::submission::receipt::{ReceiptRow, receipt};
use probity_app::submission::{
    ReviewOrder, SubmissionEnding, SubmissionError, SubmissionInfo, SubmissionOrder,
    SubmissionReport, find, is_visible, lateness, list, rehearse, review, submit, withdraw,
};
use probity_domain::submission::SubmissionStanding;
use probity_types::{BatchId, CodeList, Position, RowOutcome, SubmissionKind};

/// Seconds after which a place for another file is likely.
const RETRY_AFTER_SECONDS: u32 = 5;

impl From<SubmissionError> for Trouble {
    fn from(error: SubmissionError) -> Self {
        match error {
            SubmissionError::File(error) => imports::trouble(error),
            SubmissionError::Submit(error) => error.into(),
            SubmissionError::Write(error) => error.into(),
            SubmissionError::Read(error) => error.into(),
            SubmissionError::ContentGone => Self::of(ProblemType::SubmissionOver),
            SubmissionError::Moved(rows) => {
                let rows = rows.iter().map(imports::fault).collect();
                Self(Box::new(Problem::fields(
                    ProblemType::SubmissionMoved,
                    rows,
                )))
            }
            other => Self::internal(other),
        }
    }
}

/// Runs what waits for the writer beside the threads that answer.
pub async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SubmissionError> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(Trouble::internal)??)
}

/// Where a submission stands, as a term.
pub fn standing(standing: SubmissionStanding) -> Term {
    Term {
        key: standing.word().to_owned(),
        zh: standing.zh().to_owned(),
        en: standing.en().to_owned(),
    }
}

/// A report as the interface writes it.
pub fn report_view(report: &SubmissionReport) -> SubmissionReportView {
    SubmissionReportView {
        ending: match report.ending {
            SubmissionEnding::Received => EndingView::Received,
            SubmissionEnding::Rehearsed => EndingView::Rehearsed,
            SubmissionEnding::Refused => EndingView::Refused,
        },
        submission: report.batch,
        kind: report.kind.into(),
        form: report.form.clone(),
        profile: report.profile.clone(),
        errors: report.errors.iter().map(imports::fault).collect(),
        warnings: report.warnings.iter().map(imports::remark).collect(),
        duplicates: report
            .effects
            .duplicates
            .iter()
            .map(imports::duplicate)
            .collect(),
        changes: report.effects.changes.iter().map(imports::change).collect(),
        summary: imports::counts(&report.summary),
    }
}

fn view(
    ledger: &Ledger,
    info: &SubmissionInfo,
    report: Option<&SubmissionReport>,
) -> Result<SubmissionView, SubmissionError> {
    let state = &info.state;
    let received = ledger.frame(state.received_at)?;
    Ok(SubmissionView {
        id: info.batch,
        kind: state.kind.into(),
        state: standing(state.standing),
        agency: state.agency.clone(),
        submitter: state.submitter,
        profile: state.profile.clone(),
        rows: state.rows,
        refused: state.refused,
        needs_platform: state.platform,
        received_at: state.received_at,
        received_on: received
            .map(|frame| frame.header.recorded_at)
            .unwrap_or_default(),
        reviewers: state.reviews.iter().map(|(_, key)| *key).collect(),
        completed_at: info.completed_at,
        report: report.map(report_view),
    })
}

/// Hands a file in.
pub async fn submit_file(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let query: SubmissionQuery = call.query()?;
    let Some(_place) = call.service.limits.open_import() else {
        let problem = Problem::new(ProblemType::Busy).retry_after(RETRY_AFTER_SECONDS);
        return Err(Trouble(Box::new(problem)));
    };
    let caller = call.caller()?;
    let order = SubmissionOrder {
        kind: query.kind.unwrap_or(SubmissionKind::Report),
        profile: query.profile,
        rehearse: query.rehearse,
        accept_good_rows: query.accept_good_rows,
        may_list: caller.principal.scopes.contains(Scope::ListsWrite.word()),
    };
    let body = call.body.clone();
    let report = beside(move || submit(&ledger, &caller, &body, &order)).await?;
    let is_new = report.receipt.is_some_and(|receipt| {
        receipt.outcome == probity_log::Outcome::Appended && !receipt.replayed
    });
    let status = match is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok(Answer::of(&report_view(&report)).status(status))
}

/// The submission of the path, where the key may see it; else it is as if there were none.
async fn visible(call: &Call) -> Result<SubmissionInfo, Trouble> {
    let batch: BatchId = call.parameter("id")?;
    let ledger = call.service.ledger.clone();
    let info = beside(move || find(&ledger, batch)).await?;
    match is_visible(call.holder()?, &info.state) {
        true => Ok(info),
        false => Err(Trouble::of(ProblemType::NotFound)),
    }
}

/// Submissions that the key may see.
pub async fn list_submissions(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let query: SubmissionsQuery = call.query()?;
    let wanted = match &query.state {
        None => None,
        Some(word) => {
            let mut all = SubmissionStanding::ALL.into_iter();
            let found = all.find(|standing| standing.word() == word);
            Some(found.ok_or_else(|| Trouble::of(ProblemType::InvalidQuery))?)
        }
    };
    let principal = call.holder()?.clone();
    let items = beside(move || {
        let all = list(&ledger, &principal)?;
        let all = all.iter();
        all.filter(|info| wanted.is_none_or(|wanted| info.state.standing == wanted))
            .map(|info| view(&ledger, info, None))
            .collect::<Result<Vec<_>, _>>()
    });
    let items = items.await?;
    Ok(Answer::of(&SubmissionsView {
        items,
        next: None,
        position: position(&call.service.ledger),
    }))
}

fn position(ledger: &Ledger) -> Position {
    ledger.views().position().unwrap_or_default()
}

/// One submission; while it waits, with a rehearsal.
pub async fn read_submission(call: Call) -> Result<Answer, Trouble> {
    let info = visible(&call).await?;
    let ledger = call.service.ledger.clone();
    let found = beside(move || {
        let waits = info.state.standing.stage().is_some();
        let report = waits.then(|| rehearse(&ledger, &info)).transpose()?;
        view(&ledger, &info, report.as_ref())
    });
    Ok(Answer::of(&found.await?))
}

/// Decides on a submission.
pub async fn review_submission(call: Call) -> Result<Answer, Trouble> {
    let batch = visible(&call).await?.batch;
    let ledger = call.service.ledger.clone();
    let caller = call.caller()?;
    let request: ReviewRequest = call.json()?;
    let order = ReviewOrder {
        batch,
        reject_all: match request.decision {
            ReviewDecision::Approve => None,
            ReviewDecision::Reject => Some(request.reason),
        },
        rejected: request
            .rejected
            .into_iter()
            .map(|row| (row.row, row.reason))
            .collect(),
        accept_failing: request.accept_failing,
    };
    let done = beside(move || {
        let reviewed = review(&ledger, &caller, &order)?;
        view(&ledger, &reviewed.info, None)
    });
    Ok(Answer::of(&done.await?))
}

/// Takes a submission back.
pub async fn withdraw_submission(call: Call) -> Result<Answer, Trouble> {
    let batch = visible(&call).await?.batch;
    let ledger = call.service.ledger.clone();
    let caller = call.caller()?;
    let request: SubmissionWithdrawRequest = call.json()?;
    let done = beside(move || {
        let taken = withdraw(&ledger, &caller, batch, &request.reason)?;
        view(&ledger, &taken.info, None)
    });
    Ok(Answer::of(&done.await?))
}

/// A cell: always in quotes, and never the beginning of a formula.
fn cell(text: &str) -> String {
    let guard = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// The receipt as a table. Ids and hashes begin with a word, so that no spreadsheet takes their digits for a number.
pub fn receipt_csv(rows: &[ReceiptRow]) -> String {
    let head = [
        "行 row",
        "结果 outcome",
        "原因 reason",
        "记录编号 record",
        "位置 position",
        "条目哈希 entry hash",
        "证明 proof",
    ];
    let line = |cells: &[String]| cells.join(",") + "\r\n";
    let mut csv = "\u{feff}".to_owned() + &line(&head.map(cell));
    for row in rows {
        let outcome = match (row.is_rejected, row.outcome) {
            (true, _) => "审核退回 rejected".to_owned(),
            (false, outcome) => format!("{} {}", outcome.zh(), RowOutcome::key(outcome)),
        };
        let entry = row.entry.as_ref();
        let cells = [
            row.row.to_string(),
            outcome,
            row.why.clone(),
            row.record
                .map_or_else(String::new, |id| format!("record/{id}")),
            entry.map_or_else(String::new, |(at, _)| at.to_string()),
            entry.map_or_else(String::new, |(_, hash)| format!("blake3/{hash}")),
            entry.map_or_else(String::new, |(at, _)| format!("/v1/entries/{at}/proof")),
        ];
        csv.push_str(&line(&cells.map(|text| cell(&text))));
    }
    csv
}

/// The receipt of a submission.
pub async fn read_receipt(call: Call) -> Result<Response, Trouble> {
    let info = visible(&call).await?;
    let ledger = call.service.ledger.clone();
    let name = format!("attachment; filename=\"receipt-{}.csv\"", info.batch);
    let rows = beside(move || receipt(&ledger, &info)).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, receipt_csv(&rows)).into_response())
}

/// Lateness by agency: the key's own, for the platform all.
pub async fn list_lateness(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let principal = call.holder()?.clone();
    let counted = beside(move || lateness::by_agency(&ledger)).await?;
    let sees_all = principal
        .scopes
        .contains(Scope::RecordsReviewPlatform.word());
    let items = counted
        .into_iter()
        .filter(|(agency, _)| sees_all || agency.trim() == principal.agency.trim())
        .map(|(agency, counted)| LatenessView {
            agency,
            rows: counted.rows,
            late: counted.late,
            unknown: counted.unknown,
        });
    Ok(Answer::of(&LatenessesView {
        items: items.collect(),
        next: None,
        position: position(&call.service.ledger),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_taken_for_a_formula_or_ends_early() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("a\"b,c"), "\"a\"\"b,c\"");
    }
}
