//! The tree beside an embedded log, kept as the server keeps it: by a thread of its own, a page of committed entries at a
//! time, durable each time before its root could be signed.

use crate::lab::Run;
use probity_log::tree::{TileReader, Tree, TreeError};
use probity_store::LogReader;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the server looks for new entries.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// See the module. Dropping it stops the thread.
pub struct Follower {
    reader: Arc<dyn LogReader>,
    tiles: TileReader,
    is_stopping: Arc<AtomicBool>,
    /// None once it was told to stop.
    thread: Option<JoinHandle<Result<(), TreeError>>>,
}

impl Follower {
    /// A new tree in `dir` over the log that `reader` reads.
    ///
    /// # Errors
    /// The files, or a thread that does not start.
    pub fn start(dir: &Path, reader: Arc<dyn LogReader>) -> Run<Self> {
        let tree = Tree::anew(dir)?;
        let tiles = tree.reader();
        let is_stopping = Arc::new(AtomicBool::new(false));
        let (stopping, followed) = (Arc::clone(&is_stopping), Arc::clone(&reader));
        let thread = std::thread::Builder::new()
            .name("tree".to_owned())
            .spawn(move || follow(tree, &*followed, &stopping))?;
        Ok(Self {
            reader,
            tiles,
            is_stopping,
            thread: Some(thread),
        })
    }

    /// Committed entries that are no leaves yet.
    ///
    /// # Errors
    /// The thread has ended: what it says is told by [`Follower::stop`].
    pub fn behind(&self) -> Run<u64> {
        if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return Err("the tree's thread has ended".into());
        }
        Ok(self.reader.head().next.0.saturating_sub(self.tiles.size()))
    }

    /// Committed entries that the store behind the journal does not have yet.
    pub fn waiting(&self) -> u64 {
        self.reader.waiting()
    }

    /// Ends it with every committed entry a leaf.
    ///
    /// # Errors
    /// Why the tree stood still.
    pub fn stop(mut self) -> Run<()> {
        self.is_stopping.store(true, Ordering::Release);
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(done)) => Ok(done?),
            Some(Err(_)) => Err("the tree's thread has panicked".into()),
            None => Ok(()),
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Release);
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            eprintln!("bench: the tree's thread has panicked");
        }
    }
}

fn follow(
    mut tree: Tree,
    reader: &dyn LogReader,
    is_stopping: &AtomicBool,
) -> Result<(), TreeError> {
    let mut durable = 0;
    loop {
        // Asked before the log is read, so that the last round sees everything that was committed before the stop.
        let is_last = is_stopping.load(Ordering::Acquire);
        let head = tree.follow(reader)?;
        if head.size > durable {
            tree.sync()?;
            durable = head.size;
        }
        if is_last {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}
