//! Files over the interface.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use probity_api::{
    ChangeView, DuplicateReason, DuplicateView, FieldProblem, ImportEnding, ImportQuery,
    ImportSummary, ImportView, Problem, ProblemType, StandView,
};
use probity_app::import::effects::{Change, Duplicate, DuplicateKind, Stand};
use probity_app::import::{
    Ending, ImportError, ImportOrder, ImportReport, Importer, Summary, import,
};
use probity_format::frame::ActorKind;
use probity_ingest::{RowError, Warning};
use probity_types::Position;

/// Seconds after which a place for another import is likely.
const RETRY_AFTER_SECONDS: u32 = 5;

/// A fault of a cell as the interface writes it.
pub fn fault(error: &RowError) -> FieldProblem {
    let en = format!("{}; {}", error.en, error.remedy_en);
    let zh = format!("{}；{}", error.zh, error.remedy_zh);
    let problem = FieldProblem::new(&error.field, &error.rule, en, zh).at_cell(
        &error.sheet,
        error.row,
        &error.column,
    );
    match &error.suggestion {
        Some(suggestion) => problem.expecting(suggestion.clone()),
        None => problem,
    }
}

/// A remark as the interface writes it.
pub fn remark(warning: &Warning) -> FieldProblem {
    FieldProblem::new(
        &warning.field,
        &warning.rule,
        warning.en.clone(),
        warning.zh.clone(),
    )
    .at_cell(&warning.sheet, warning.row, &warning.column)
}

fn view(report: &ImportReport) -> ImportView {
    let summary = &report.summary;
    ImportView {
        ending: match report.ending {
            Ending::Imported => ImportEnding::Imported,
            Ending::Rehearsed => ImportEnding::Rehearsed,
            Ending::Refused => ImportEnding::Refused,
        },
        batch: report.batch,
        form: report.form.clone(),
        profile: report.profile.clone(),
        errors: report.errors.iter().map(fault).collect(),
        warnings: report.warnings.iter().map(remark).collect(),
        duplicates: report.effects.duplicates.iter().map(duplicate).collect(),
        changes: report.effects.changes.iter().map(change).collect(),
        summary: counts(summary),
    }
}

/// Counts as the interface writes them.
pub fn counts(summary: &Summary) -> ImportSummary {
    ImportSummary {
        rows: summary.rows,
        imported: summary.imported,
        refused: summary.refused,
        already_there: summary.already_there,
        parked: summary.parked,
        position: Position(summary.position),
    }
}

/// A row that brings nothing new, as the interface writes it.
pub fn duplicate(found: &Duplicate) -> DuplicateView {
    DuplicateView {
        row: found.row,
        reason: match found.kind {
            DuplicateKind::AlreadyThere => DuplicateReason::AlreadyThere,
            DuplicateKind::CorrectionOrError => DuplicateReason::CorrectionOrError,
            DuplicateKind::NameOnly => DuplicateReason::NameOnly,
        },
        record: found.record,
    }
}

/// A subject whose standing would change, as the interface writes it.
pub fn change(change: &Change) -> ChangeView {
    let stand = |stand: &Stand| StandView {
        grade: stand.grade.clone(),
        lists: stand.lists.clone(),
    };
    ChangeView {
        subject: change.subject,
        name: change.name.clone(),
        rows: change.rows.clone(),
        before: change.stands.as_ref().map(|(before, _)| stand(before)),
        after: change.stands.as_ref().map(|(_, after)| stand(after)),
    }
}

/// An import that was not tried, as a problem.
pub fn trouble(error: ImportError) -> Trouble {
    let error = match error {
        ImportError::Submit(error) => return error.into(),
        ImportError::Walk(error) => return error.into(),
        other => other,
    };
    let (en, zh) = (error.to_string(), error.zh());
    Trouble::saying(ProblemType::InvalidFile, en, zh)
}

/// Takes a file in, whole or not at all unless the caller says otherwise.
pub async fn import_file(call: Call) -> Result<Answer, Trouble> {
    let ledger = call.service.ledger.clone();
    let query: ImportQuery = call.query()?;
    let Some(_place) = call.service.limits.open_import() else {
        let problem = Problem::new(ProblemType::Busy).retry_after(RETRY_AFTER_SECONDS);
        return Err(Trouble(Box::new(problem)));
    };
    let holder = call.holder()?;
    let importer = Importer {
        kind: ActorKind::AccessKey,
        id: holder.key.0,
    };
    let order = ImportOrder {
        profile: query.profile,
        rehearse: query.rehearse,
        accept_good_rows: query.accept_good_rows,
        may_register: holder
            .scopes
            .contains(probity_api::Scope::SubjectsWrite.word()),
        may_list: holder
            .scopes
            .contains(probity_api::Scope::ListsWrite.word()),
    };
    let body = call.body.clone();
    let run = move || import(&ledger, importer, &body, &order, |_| {});
    let report = tokio::task::spawn_blocking(run)
        .await
        .map_err(Trouble::internal)?;
    Ok(Answer::of(&view(&report.map_err(trouble)?)))
}
