//! Health, metrics, and what the interface says about itself.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::metrics::Progress;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use probity_api::{Bilingual, CheckView, HealthView, Light, ProblemType, ProblemView, ReadyView};
use probity_app::Ledger;
use probity_log::checkpoint::{Signing, Standing};

/// A commit that is in no checkpoint after so long is late: 5 s.
const LATE_US: i64 = 5_000_000;
/// Content type of the text form of OpenMetrics.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process runs.
pub async fn check_health(_: Call) -> Answer {
    Answer::of(&HealthView {
        is_alive: true,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn check(name: &str, passes: bool, zh: &str, en: &str) -> CheckView {
    CheckView {
        name: name.to_owned(),
        passes,
        detail: Bilingual::new(zh, en),
    }
}

/// The ledger can read and write.
pub async fn check_readiness(call: Call) -> Answer {
    let ledger = &call.service.ledger;
    let fault = ledger.log.fault();
    let position = ledger.views().position();
    let head = ledger.head().map(|(position, _)| position);
    let writes = match &fault {
        None => check("writer", true, "可以写入", "writes are taken"),
        Some(why) => check("writer", false, &format!("暂停写入：{why}"), why),
    };
    // Views move on in the writer's own thread, before anybody is answered.
    let lag = head != position;
    let views = if lag {
        check(
            "views",
            false,
            "视图落后于日志",
            "the views lag behind the log",
        )
    } else {
        check(
            "views",
            true,
            "视图与日志一致",
            "the views have reached the head",
        )
    };
    let standing = ledger.board().standing();
    let outside = [
        checkpoints(ledger, &standing),
        rewinding(&standing),
        witnesses(&standing),
    ];
    let is_ready = fault.is_none() && !lag;
    let light = match (is_ready, outside.iter().all(|check| check.passes)) {
        (false, _) => Light::Red,
        (true, false) => Light::Yellow,
        (true, true) => Light::Green,
    };
    let view = ReadyView {
        is_ready,
        light,
        position: position.unwrap_or_default(),
        checks: [writes, views].into_iter().chain(outside).collect(),
    };
    let status = if view.is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Answer::of(&view).status(status)
}

/// The last commit is in a signed checkpoint, or will be in a moment.
fn checkpoints(ledger: &Ledger, standing: &Standing) -> CheckView {
    let name = "checkpoints";
    let late_us = ledger.board().published().map(|published| {
        let waits = ledger.reader.head().next.0 > published.head.size;
        let since = ledger.clock.now().0 - published.signed_at.0;
        if waits { since } else { 0 }
    });
    match (&standing.signing, late_us) {
        (Signing::On, Some(late)) if late > LATE_US => check(
            name,
            false,
            "最近的提交尚未进入签名检查点",
            "the last commits are in no signed checkpoint yet",
        ),
        (Signing::On, _) => check(
            name,
            true,
            "检查点按时签名发布",
            "checkpoints are signed and published in time",
        ),
        (Signing::Starting, _) => check(
            name,
            true,
            "检查点即将开始签名",
            "checkpoints are about to be signed",
        ),
        (Signing::Waiting(why), _) => check(
            name,
            false,
            &format!("暂不签名检查点：{why}"),
            &format!("no checkpoint is signed for the time being: {why}"),
        ),
        (Signing::Stopped(why), _) => check(
            name,
            false,
            &format!("已停止签名检查点，须由人处理：{why}"),
            &format!("checkpoints are not signed until somebody has decided: {why}"),
        ),
    }
}

/// Whether somebody outside the folder would notice that it was rewound.
fn rewinding(standing: &Standing) -> CheckView {
    let (zh, en) = match (&standing.anchor, &standing.quorum) {
        (None, None) => (
            "未配置锚点和见证方：数据目录若被回退，无法察觉",
            "neither anchor nor witnesses are configured: a rewound data folder cannot be detected",
        ),
        (Some(_), None) => (
            "锚点记住最后签名的检查点",
            "an anchor remembers the last signed checkpoint",
        ),
        (None, Some(_)) => (
            "见证方记住最后签名的检查点",
            "witnesses remember the last signed checkpoint",
        ),
        (Some(_), Some(_)) => (
            "锚点和见证方记住最后签名的检查点",
            "an anchor and witnesses remember the last signed checkpoint",
        ),
    };
    check("rewinding", true, zh, en)
}

/// Whether the last checkpoint has its quorum.
fn witnesses(standing: &Standing) -> CheckView {
    let name = "witnesses";
    match &standing.quorum {
        None => check(name, true, "未配置见证方", "no witnesses are configured"),
        Some(quorum) if quorum.is_met => check(
            name,
            true,
            "见证方达到规定数量",
            "enough witnesses cosigned",
        ),
        Some(quorum) => {
            let silent: Vec<String> = quorum
                .silent
                .iter()
                .map(|(name, why)| format!("{name}: {why}"))
                .collect();
            let silent = silent.join("; ");
            check(
                name,
                false,
                &format!("见证方未达到规定数量：{silent}"),
                &format!("too few witnesses cosigned: {silent}"),
            )
        }
    }
}

/// Metrics.
pub async fn read_metrics(call: Call) -> Result<impl IntoResponse, Trouble> {
    let ledger = &call.service.ledger;
    let entries = |position: Option<probity_types::Position>| position.map_or(0, |p| p.0 + 1);
    let progress = Progress {
        entries: entries(ledger.head().map(|(position, _)| position)),
        views: entries(ledger.views().position()),
        waiting: ledger.reader.waiting(),
        faulty: ledger.log.fault().is_some(),
    };
    let text = call.service.metrics.text(progress);
    let text = text.map_err(Trouble::internal)?;
    Ok(([(header::CONTENT_TYPE, OPENMETRICS)], text))
}

/// The interface as OpenAPI.
pub async fn read_openapi(_: Call) -> Result<impl IntoResponse, Trouble> {
    let document = probity_api::openapi::document().map_err(Trouble::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document))
}

/// A type of problem.
pub async fn read_problem(call: Call) -> Result<Answer, Trouble> {
    let kind: Result<ProblemType, _> = call.text("code").parse();
    let kind = kind.map_err(|_| Trouble::of(ProblemType::NotFound))?;
    Ok(Answer::of(&ProblemView::from(kind)))
}
