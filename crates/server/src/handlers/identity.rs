//! Who somebody is: names, certificates and codes that come later, and decisions about reports that wait.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::handlers::writes::{receipt, receipt_view, status, warning};
use probity_api::{
    CertificateRequest, ConfirmationRequest, LinkRequest, PendingStanding, PendingView,
    ProblemType, QuarantineRequest, RejectionRequest, RenameRequest, RuledOutView,
};
use probity_app::remarks::Remark;
use probity_app::write::Written;
use probity_domain::Command;
use probity_domain::command::{DecideQuarantine, LinkPending};
use probity_domain::pending::report_of;
use probity_format::events::Event;
use probity_types::{PendingId, SubjectId};

/// A subject bears another name from a day on.
pub async fn rename_subject(call: Call) -> Result<Answer, Trouble> {
    let subject: SubjectId = call.parameter("id")?;
    let request: RenameRequest = call.json()?;
    let command = Command::RenameSubject {
        subject,
        name: request.name,
        effective_on: request.effective_on,
    };
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// A practice certificate of a person.
pub async fn record_certificate(call: Call) -> Result<Answer, Trouble> {
    let subject: SubjectId = call.parameter("id")?;
    let request: CertificateRequest = call.json()?;
    let command = Command::RecordCertificate {
        subject,
        group: request.group,
        title: request.title,
        number: request.number,
        issuer: request.issuer,
        issued_on: request.issued_on,
        valid_to: request.valid_to,
    };
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// A reviewer found a credit code in its register.
pub async fn confirm_code(call: Call) -> Result<Answer, Trouble> {
    let request: ConfirmationRequest = call.json()?;
    let command = Command::ConfirmCode {
        value: request.value,
        register: request.register,
        checked_on: request.checked_on,
        reviewer: request.reviewer,
    };
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// A waiting report: why it waits and who was ruled out, never what it says.
pub async fn read_pending(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let id: PendingId = call.parameter("id")?;
    let found = ledger.waiting(id).await?;
    let (state, entry) = found.ok_or_else(|| Trouble::of(ProblemType::NotFound))?;
    let standing = match (state.settled_at, state.quarantined) {
        (Some(_), _) => PendingStanding::Settled,
        (None, true) => PendingStanding::Quarantined,
        (None, false) => PendingStanding::Waiting,
    };
    let (reason, subject_kind, source_unit, namesakes) = match &entry.event {
        Event::RecordParked(event) => (
            Some(event.reason),
            Some(event.subject_kind),
            event.source_unit.to_string(),
            event.namesakes,
        ),
        Event::ReportQuarantined(event) => (None, None, event.source_unit.to_string(), 0),
        _ => return Err(Trouble::internal("a waiting report is another event")),
    };
    let record = match state.settled_at {
        Some(at) => ledger.entry(at)?.and_then(|entry| match entry.event {
            Event::RecordLinked(event) => Some(event.record),
            _ => None,
        }),
        None => None,
    };
    let ruled_out = match report_of(&entry) {
        Some((report, _)) if !state.quarantined => ledger.ruled_out(report).await?,
        _ => Vec::new(),
    };
    let ruled_out = ruled_out.into_iter();
    Ok(Answer::of(&PendingView {
        id,
        standing,
        reason,
        subject_kind,
        source_unit,
        namesakes,
        ruled_out: ruled_out
            .map(|(subject, position)| RuledOutView { subject, position })
            .collect(),
        record,
        since: state.since,
        position: ledger.views().position().unwrap_or_default(),
    }))
}

/// A waiting report is about a subject.
pub async fn link_pending(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let pending: PendingId = call.parameter("id")?;
    let request: LinkRequest = call.json()?;
    let (report, intake) = ledger.waiting_report(pending).await?;
    let link = LinkPending {
        pending,
        report,
        intake,
        subject: request.subject,
        attributes: request.attributes,
        decider: request.decider,
        reasons: request.reasons,
    };
    let command = Command::LinkPending(Box::new(link));
    let written = ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// A waiting report is not about a subject.
pub async fn reject_candidate(call: Call) -> Result<Answer, Trouble> {
    let pending: PendingId = call.parameter("id")?;
    let request: RejectionRequest = call.json()?;
    let command = Command::RejectCandidate {
        pending,
        candidate: request.candidate,
        decider: request.decider,
        reasons: request.reasons,
    };
    let written = call.service.ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// What is to become of a quarantined report.
pub async fn decide_quarantine(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let pending: PendingId = call.parameter("id")?;
    let request: QuarantineRequest = call.json()?;
    let admitted = match request.admit {
        true => Some(ledger.waiting_report(pending).await?),
        false => None,
    };
    let command = DecideQuarantine {
        pending,
        admitted,
        decider: request.decider,
        legal_basis: request.legal_basis,
    };
    let command = Command::DecideQuarantine(Box::new(command));
    let written = ledger.write(&call.caller()?, command).await?;
    Ok(receipt(&written))
}

/// The answer to a report, with what a person should look at.
pub async fn reported(
    call: &Call,
    written: &Written,
    mut remarks: Vec<Remark>,
    report: probity_domain::report::RecordReport,
) -> Result<Answer, Trouble> {
    if written.quarantined {
        // Nothing else is said about it: not even what is odd about its fields.
        remarks = vec![Remark::quarantined()];
    } else {
        let decided = call.service.ledger.ruled_out(report).await?.into_iter();
        remarks.extend(decided.map(|(subject, at)| Remark::ruled_out(subject, at)));
    }
    let view = probity_api::ReceiptView {
        warnings: remarks.iter().map(warning).collect(),
        ..receipt_view(written)
    };
    Ok(Answer::of(&view)
        .status(status(written))
        .revision(written.receipt.last))
}
