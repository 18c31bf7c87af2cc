//! Signed checkpoints: at most a moment after each commit, never of anything that is not durable, never against what was
//! signed before.
//!
//! In scope: what was signed last (`persisted`), whoever outside the folder remembers it (`anchor`, `witnesses`), the order
//! of steps (`publisher`), what everybody may see of it (`board`), the thread that does it. Out of scope: where keys come
//! from, HTTP.

pub mod anchor;
pub mod board;
pub mod persisted;
pub mod publisher;
pub mod witnesses;

pub use anchor::{Anchor, AnchorError};
pub use board::{Board, Published, Quorum, Signing, Standing};
pub use persisted::{Persisted, PersistedError, PersistedHead};
pub use publisher::{LogKey, Parts, PublishError, Publisher, Signers};
pub use witnesses::{Transport, Witnesses};

use crate::tree;
use probity_store::LogReader;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often is looked whether something is new: a commit is in a checkpoint within this and the time of one round.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a step that failed is left alone.
const REST: Duration = Duration::from_secs(2);

/// Publishes until it is dropped.
#[derive(Debug)]
pub struct Publishing {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Publishing {
    /// Begins. `parts` are made on the thread itself, since the tree may have to be read first.
    ///
    /// # Errors
    /// The thread cannot be made.
    pub fn start(parts: Parts, board: Board) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || publish(parts, board, &stopped))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic was told when it happened.
            let _ = thread.join();
        }
    }
}

fn publish(parts: Parts, board: Board, stopped: &Receiver<()>) {
    let reader = parts.reader.clone();
    let mut publisher = match Publisher::open(parts, board.clone()) {
        Ok(publisher) => publisher,
        Err(error) => {
            tracing::error!(%error, "no checkpoints are signed");
            board.stand(|standing| standing.signing = Signing::Stopped(error.to_string()));
            return;
        }
    };
    let checked = check_beside(&publisher, reader);
    let mut told: Option<String> = None;
    loop {
        let rest = match publisher.step() {
            Ok(()) => {
                told = None;
                LOOK_EVERY
            }
            Err(error) => {
                let why = error.to_string();
                if told.as_ref() != Some(&why) {
                    tracing::error!(%error, "no checkpoint is signed");
                    told = Some(why);
                }
                if error.is_alarm() {
                    // Nothing that happens in this process makes it right again.
                    return;
                }
                REST
            }
        };
        if checked.try_recv() == Ok(false)
            && let Err(error) = publisher.remake_tiles()
        {
            tracing::error!(%error, "the tiles could not be made anew");
            if error.is_alarm() {
                return;
            }
        }
        match stopped.recv_timeout(rest) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Compares the tiles that were there at the start with the log, while checkpoints go on; `false` where they differ.
fn check_beside(publisher: &Publisher, reader: Arc<dyn LogReader>) -> Receiver<bool> {
    let (tell, told) = channel();
    let (tiles, size) = (publisher.tree().reader(), publisher.tree().reader().size());
    let check = move || match tree::check_tiles(&*reader, &tiles, size) {
        Ok(None) => {
            let _ = tell.send(true);
        }
        Ok(Some(leaf)) => {
            tracing::warn!(leaf, "the tiles differ from the log; they are made anew");
            let _ = tell.send(false);
        }
        Err(error) => tracing::warn!(%error, "the tiles could not be compared with the log"),
    };
    let thread = std::thread::Builder::new()
        .name("tiles".to_owned())
        .spawn(check);
    if let Err(error) = thread {
        tracing::warn!(%error, "the tiles are not compared with the log");
    }
    told
}
