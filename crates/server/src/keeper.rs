//! What a running server does for itself: snapshots for a quick start, committed states, and views rebuilt beside the live
//! ones on demand.

use probity_app::Ledger;
use probity_app::rebuild::{Compared, rebuild_beside};
use std::time::{Duration, Instant};

/// Entries after which a state is committed, where the operator names no other number.
pub(crate) const STATE_EVERY: u64 = 100_000;
/// How often is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// How often is looked whether there are enough witnesses.
const LOOK_AT_QUORUM_EVERY: Duration = Duration::from_secs(1);
/// Entries since the last snapshot after which one is saved: what a start then replays takes seconds.
const ENTRIES_MAX: u64 = 100_000;

/// Saves a snapshot whenever enough came since the last one, and commits to a state whenever that is due. Blocks its thread;
/// ends with the process.
pub(crate) fn keep(ledger: &Ledger, state_every: u64) {
    loop {
        std::thread::sleep(LOOK_EVERY);
        save_snapshot(ledger);
        commit_state(ledger, state_every);
    }
}

/// Goes on with approved files that a stop cut short.
pub(crate) fn resume_submissions(ledger: &Ledger) {
    match probity_app::submission::resume(ledger) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "finished submissions that a stop had cut short"),
        Err(error) => {
            let why = probity_app::folder::describe(&error);
            tracing::error!(
                why,
                "a submission is not finished; the next start tries again"
            );
        }
    }
}

fn save_snapshot(ledger: &Ledger) {
    if ledger.unsaved_entries() < ENTRIES_MAX {
        return;
    }
    let began = Instant::now();
    match ledger.save_snapshot() {
        Ok(Some(saved)) => tracing::info!(
            entries = saved.entries,
            bytes = saved.bytes,
            took_ms = began.elapsed().as_millis(),
            "saved a snapshot"
        ),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "no snapshot was saved"),
    }
}

fn commit_state(ledger: &Ledger, every: u64) {
    let began = Instant::now();
    match ledger.commit_state_if_due(every) {
        Ok(Some(state)) => tracing::info!(
            position = %state.position,
            as_of = %state.as_of,
            subjects = state.subjects,
            took_ms = began.elapsed().as_millis(),
            "committed a state"
        ),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "no state was committed; tried again shortly"),
    }
}

/// Rebuilds the views on every SIGHUP, while the others are served.
pub(crate) async fn rebuild_on_signal(ledger: Ledger) {
    let hangup = tokio::signal::unix::SignalKind::hangup();
    let Ok(mut asked) = tokio::signal::unix::signal(hangup) else {
        return;
    };
    while asked.recv().await.is_some() {
        let ledger = ledger.clone();
        let work = tokio::task::spawn_blocking(move || rebuild(&ledger));
        // A panic was reported where it happened.
        let _ = work.await;
    }
}

/// Refuses writes while too few witnesses have cosigned for longer than `patience`. Blocks its thread; ends with the process.
pub(crate) fn watch_quorum(ledger: &Ledger, patience: Duration) {
    loop {
        std::thread::sleep(LOOK_AT_QUORUM_EVERY);
        let quorum = ledger.board().standing().quorum;
        let missing_us = quorum
            .and_then(|quorum| quorum.missing_since)
            .map(|since| ledger.clock.now().0 - since.0);
        let is_over = missing_us.is_some_and(|us| us > patience.as_micros() as i64);
        ledger
            .log
            .hold(is_over.then(|| "too few witnesses have cosigned for too long".to_owned()));
    }
}

fn rebuild(ledger: &Ledger) {
    let began = Instant::now();
    match rebuild_beside(ledger) {
        Ok(rebuilt) => {
            let took_ms = began.elapsed().as_millis();
            let (entries, digest) = (rebuilt.entries, rebuilt.digest);
            match rebuilt.compared {
                Compared::Different => tracing::error!(
                    entries,
                    %digest,
                    took_ms,
                    "the views that were served did not follow from the log; rebuilt ones have taken their place"
                ),
                Compared::Equal | Compared::Nothing => {
                    tracing::info!(entries, %digest, took_ms, "rebuilt the views: equal to those served");
                }
            }
        }
        Err(error) => {
            tracing::error!(%error, "the views could not be rebuilt; the old ones are served")
        }
    }
}
