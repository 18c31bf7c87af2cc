//! Listening, and stopping in order: what waits is answered, the log is closed, then the process ends.

use crate::demo::{self, DEMO_KEYS};
use crate::keeper;
use crate::router::router;
use crate::service::Service;
use probity_app::Ledger;
use probity_app::checkpoints::CheckpointOptions;
use probity_app::keys::PresentedKey;
use probity_app::ledger::PUBLICITY_DEFAULT;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

/// Start-up lines for whoever watches. A closed standard output is no reason to stop serving.
fn welcome(ledger: &Ledger, address: &str) {
    let mut lines = vec![format!("Probity listens on http://{address}")];
    if demo::is_demo(ledger) {
        lines.push(
            "This is the demo city: its data is made up, but for 115 published permits.".to_owned(),
        );
        for (name, scopes) in DEMO_KEYS {
            let key = PresentedKey::demo(name).reveal();
            lines.push(format!("demo key {name} ({}): {key}", scopes.join(" ")));
        }
    }
    lines.push("Try:".to_owned());
    lines.push(format!("  curl http://{address}/v1/head"));
    lines.push(format!(
        "  curl --get --data-urlencode q=银行 http://{address}/v1/subjects"
    ));
    lines.push(format!("  curl http://{address}/v1/lists/tax-a/members"));
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", lines.join("\n"));
}

/// Publicity profile of the demo city: grades, honours and red lists of organisations are open too.
const DEMO_PUBLICITY: &str = "open-organisations";

/// How a ledger is served.
pub struct Settings<'a> {
    /// Publicity profile, where the operator names one.
    pub publicity: Option<&'a str>,
    /// Entries after which a state is committed.
    pub state_every: u64,
    /// Whom checkpoints are shown to.
    pub checkpoints: CheckpointOptions,
    /// After how long without a quorum writes are refused; none for never.
    pub patience: Option<Duration>,
}

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// The address cannot be bound, or the runtime cannot start.
pub fn serve(ledger: Ledger, listen: &str, settings: Settings<'_>) -> io::Result<()> {
    let Settings {
        publicity,
        state_every,
        checkpoints,
        patience,
    } = settings;
    let chosen = publicity.or_else(|| demo::is_demo(&ledger).then_some(DEMO_PUBLICITY));
    let ledger = ledger.with_publicity(chosen.unwrap_or(PUBLICITY_DEFAULT));
    if !ledger.knows_publicity() {
        let why = format!(
            "没有名为“{0}”的公开方案 · no adopted policy has a publicity profile {0:?}",
            ledger.publicity()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind(listen))?;
    let address = listener.local_addr()?.to_string();
    welcome(&ledger, &address);
    // Reads go on where nothing can be signed: /readyz says why.
    let publishing = ledger.publish_checkpoints(checkpoints);
    let publishing = publishing.inspect_err(|error| {
        let why = probity_app::folder::describe(error);
        tracing::error!(why, "no checkpoints are signed");
        ledger.board().refuse(why);
    });
    if let Some(patience) = patience {
        let watched = ledger.clone();
        std::thread::Builder::new()
            .name("quorum".to_owned())
            .spawn(move || keeper::watch_quorum(&watched, patience))?;
    }
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let service = Service::new(ledger.clone(), stopping);
    let app = router(service).into_make_service_with_connect_info::<SocketAddr>();
    let unfinished = ledger.clone();
    std::thread::Builder::new()
        .name("submissions".to_owned())
        .spawn(move || keeper::resume_submissions(&unfinished))?;
    let kept = ledger.clone();
    std::thread::Builder::new()
        .name("keeper".to_owned())
        .spawn(move || keeper::keep(&kept, state_every))?;
    runtime.spawn(keeper::rebuild_on_signal(ledger.clone()));
    let served = runtime.block_on(async {
        axum::serve(listener, app)
            .with_graceful_shutdown(async move {
                stop_signal().await;
                // Streams do not end by themselves.
                let _ = stop.send(true);
            })
            .await
    });
    drop(publishing);
    ledger.close();
    served
}

async fn stop_signal() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
