//! A row's report to the server. [`submit`] is the one place that knows which route takes it.

use super::profile::Profile;
use super::rows::{Report, Row, keyed, request_name};
use super::state::{Pushed, Reject, RejectFault};
use crate::command::Failed;
use crate::command::patient::{Answered, Patient};
use probity_types::CodeList;
use serde_json::{Value, json};
use ureq::http::StatusCode;

/// What became of one row.
pub(super) enum Outcome {
    /// It is in the register now.
    Recorded(Pushed),
    /// It was there already, with the same content.
    AlreadyThere(Pushed),
    /// The row had changed and so has the record.
    Corrected(Pushed),
    /// It was not taken, and says why.
    Rejected(Reject),
}

/// Sends what a row says, or what changed in it since it was pushed before.
///
/// # Errors
/// The server is out of reach, or takes nothing from this key.
pub(super) fn send(
    server: &Patient,
    profile: &Profile,
    secret: &[u8; 32],
    (row, before): (&Row, Option<&Pushed>),
) -> Result<Outcome, Failed> {
    let report = match row.report(profile) {
        Ok(report) => report,
        Err(fault) => {
            // The fault's place tells this state of the row from the mended one.
            let content = keyed(secret, &json!([fault.field, fault.rule]));
            let fault = RejectFault {
                field: fault.field,
                rule: fault.rule.to_owned(),
                remedy_zh: fault.zh,
                remedy: fault.en,
            };
            return Ok(rejected(row.key, content, vec![fault]));
        }
    };
    let content = keyed(secret, &report.body);
    let about = match &profile.record {
        Some(_) => &report.body["subject"],
        None => &report.body,
    };
    let pushed = Pushed {
        key: row.key,
        subject: keyed(secret, about),
        content,
        record: None,
        revision: 0,
    };
    let Some(before) = before else {
        return submit(server, profile, &report, pushed);
    };
    if before.content == pushed.content {
        return Ok(Outcome::AlreadyThere(before.clone()));
    }
    match before.record {
        // A changed registration is told to the register, which knows names and numbers by their dates.
        None => submit(server, profile, &report, pushed),
        Some(record) if before.subject == pushed.subject => {
            let pushed = Pushed {
                record: Some(record),
                ..pushed
            };
            correct(server, profile, &report, (before, pushed))
        }
        Some(_) => {
            let zh = "该行改为另一主体：请作废原记录，并以新行报送";
            let en = "the row names another subject now: void the record, and report it as a row of its own";
            Ok(one_fault(
                &pushed,
                "subject",
                "source.subject_changed",
                [zh, en],
            ))
        }
    }
}

/// Reports a record, or registers a subject.
fn submit(
    server: &Patient,
    profile: &Profile,
    report: &Report,
    pushed: Pushed,
) -> Result<Outcome, Failed> {
    let path = match profile.record {
        Some(_) => "/v1/records",
        None => "/v1/subjects",
    };
    let name = request_name(profile, pushed.key, path, &report.body);
    let answered = server.post(path, &name, &[], &report.body)?;
    let Some(pushed) = taken(&answered, &pushed)? else {
        return refused(&answered, &pushed);
    };
    let is_there = answered.body["outcome"] == "already_there";
    Ok(if is_there {
        Outcome::AlreadyThere(pushed)
    } else {
        Outcome::Recorded(pushed)
    })
}

/// Corrects the record that the row was, on top of the revision that this source last saw.
fn correct(
    server: &Patient,
    profile: &Profile,
    report: &Report,
    (before, pushed): (&Pushed, Pushed),
) -> Result<Outcome, Failed> {
    let (Some(map), Some(record)) = (&profile.record, before.record) else {
        return Err(Failed::not_run("a correction without a record"));
    };
    let ground = &map.correction;
    let body = json!({
        "action": "correct",
        "scope": "record",
        "changes": report.changes,
        "reason": ground.reason.key(),
        "authority": report.authority,
        "instrument_no": report.instrument_no,
        "legal_basis": ground.legal_basis,
    });
    let path = format!("/v1/records/{record}/compensations");
    let name = request_name(profile, pushed.key, &path, &json!([before.revision, body]));
    let seen = format!("\"{}\"", before.revision);
    let answered = server.post(&path, &name, &[("If-Match", &seen)], &body)?;
    if answered.status == StatusCode::PRECONDITION_FAILED {
        let zh = "登记系统中该记录已另行变更：请查看其历史后人工更正";
        let en = "the record was changed in the register by others: see its history and correct it by hand";
        return Ok(one_fault(&pushed, "record", "revision.conflict", [zh, en]));
    }
    match taken(&answered, &pushed)? {
        Some(corrected) => Ok(Outcome::Corrected(Pushed {
            record: Some(record),
            ..corrected
        })),
        None => refused(&answered, &pushed),
    }
}

/// The row as it stands in the register; none where it was not taken.
fn taken(answered: &Answered, pushed: &Pushed) -> Result<Option<Pushed>, Failed> {
    if !matches!(answered.status, StatusCode::OK | StatusCode::CREATED) {
        return Ok(None);
    }
    let unreadable =
        || Failed::not_run("服务器的回执无法读取 · the server's receipt does not read");
    let revision = answered.body["revision"].as_u64().ok_or_else(unreadable)?;
    let record = match &answered.body["record"] {
        Value::String(id) => Some(id.parse().map_err(|_| unreadable())?),
        _ => None,
    };
    Ok(Some(Pushed {
        record,
        revision,
        ..pushed.clone()
    }))
}

/// A refusal of this row; anything else ends the run.
fn refused(answered: &Answered, pushed: &Pushed) -> Result<Outcome, Failed> {
    match answered.status {
        StatusCode::ACCEPTED => {
            let zh = "待人工处理：仅有名称，或与已有记录的内容不一致";
            let en = "it waits for a person: a name alone, or other content than the record that is there";
            Ok(one_fault(pushed, "", "record.parked", [zh, en]))
        }
        StatusCode::BAD_REQUEST
        | StatusCode::CONFLICT
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNPROCESSABLE_ENTITY => Ok(rejected(
            pushed.key,
            pushed.content.clone(),
            faults(&answered.body),
        )),
        _ => Err(answered.failed()),
    }
}

/// The faults that a problem lists, or the problem itself.
fn faults(problem: &Value) -> Vec<RejectFault> {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let fault = |error: &Value| {
        let meant = text(error, "expected");
        let told = |detail: String| match &*meant {
            "" => detail,
            meant => format!("{detail} ({meant})"),
        };
        RejectFault {
            field: text(error, "field"),
            rule: text(error, "rule"),
            remedy_zh: told(text(error, "detail_zh")),
            remedy: told(text(error, "detail")),
        }
    };
    let listed = problem["errors"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !listed.is_empty() {
        return listed.iter().map(fault).collect();
    }
    vec![RejectFault {
        field: String::new(),
        rule: text(problem, "code"),
        remedy_zh: text(problem, "detail_zh"),
        remedy: text(problem, "detail"),
    }]
}

fn rejected(key: i64, content: String, faults: Vec<RejectFault>) -> Outcome {
    Outcome::Rejected(Reject {
        key,
        content,
        faults,
    })
}

fn one_fault(pushed: &Pushed, field: &str, rule: &str, [zh, en]: [&str; 2]) -> Outcome {
    let fault = RejectFault {
        field: field.to_owned(),
        rule: rule.to_owned(),
        remedy_zh: zh.to_owned(),
        remedy: en.to_owned(),
    };
    rejected(pushed.key, pushed.content.clone(), vec![fault])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_without_a_list_of_errors_is_one_fault() {
        let listed = json!({"errors": [{"field": "fine", "rule": "money.form", "detail": "say it", "expected": "12.00"}]});
        let found = faults(&listed);
        assert_eq!((found.len(), &*found[0].remedy), (1, "say it (12.00)"));
        let bare = json!({"code": "identity-conflict", "detail": "two subjects"});
        assert_eq!(faults(&bare)[0].rule, "identity-conflict");
    }
}
