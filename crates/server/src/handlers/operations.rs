//! Health, metrics, and what the interface says about itself.

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::Trouble;
use crate::metrics::Progress;
use crate::moment::{Asked, moment};
use crate::show;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use probity_api::{
    AsOfQuery, Bilingual, CheckView, HealthView, ProblemType, ProblemView, ReadyView,
};
use probity_rules::AnchorDates;

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
    let rewinding = check(
        "rewinding",
        true,
        "未配置锚点和见证方：数据目录若被回退，无法察觉",
        "neither anchor nor witnesses are configured: a rewound data folder cannot be detected",
    );
    let view = ReadyView {
        is_ready: fault.is_none() && !lag,
        position: position.unwrap_or_default(),
        checks: vec![writes, views, rewinding],
    };
    let status = if view.is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Answer::of(&view).status(status)
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

/// The catalogue in force.
pub async fn read_catalogue(call: Call) -> Result<Answer, Trouble> {
    let ledger = &call.service.ledger;
    let asked = Asked::from(call.query::<AsOfQuery>()?);
    let moment = moment(ledger, asked).await?;
    let views = ledger.views();
    let packs = views
        .policies()
        .packs(show::known_at(&moment), &AnchorDates::on(moment.valid_on))
        .map_err(|none| {
            let zh = "该日期没有已发布的目录";
            Trouble::saying(ProblemType::NotFound, none.to_string(), zh)
        })?;
    Ok(Answer::of(&show::catalogue::catalogue(
        &views, &packs, &moment,
    )))
}
