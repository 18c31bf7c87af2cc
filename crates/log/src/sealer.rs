//! A group of placed entries: keys, then everything that does not ask the chain, then the chain.
//!
//! The middle is most of the work and the same on any thread, so a second one takes its share of a large group. What comes out
//! does not depend on who made what: every entry's salts are those of its place.

use crate::unit::{finish, prepare, roots};
use probity_domain::{Entry, IdSource};
use probity_format::Chain;
use probity_format::build::Unlinked;
use probity_store::keyring::{KeyRing, KeyState};
use probity_types::{LogId, RootId};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Mutex, PoisonError};

/// Entries that a thread takes at once.
const SHARE_ENTRIES: usize = 4;
/// A smaller group is sealed before a second thread has woken up.
const HELPED_ENTRIES_MIN: usize = 12;

/// Seals groups of one log.
#[derive(Debug)]
pub struct Sealer {
    log: LogId,
    /// None on a machine with one core, or that gives no thread.
    helper: Option<ThreadPool>,
}

/// What is left to do of a group.
struct Work<'a> {
    left: std::iter::Zip<
        std::slice::Chunks<'a, Entry>,
        std::slice::ChunksMut<'a, Option<Result<Unlinked, String>>>,
    >,
    salts: IdSource,
}

impl Sealer {
    /// Seals on this thread and on one more, where there is a core for it.
    pub fn new(log: LogId) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = || {
            let builder = ThreadPoolBuilder::new().num_threads(1);
            builder.thread_name(|_| "sealer".to_owned()).build().ok()
        };
        let helper = (cores > 1).then(pool).flatten();
        Self { log, helper }
    }

    /// Makes the keys of a group durable, then seals, hashes and encodes its entries in order; the chain moves on by them.
    ///
    /// A crash before this returns leaves orphan keys or none, which no entry rests on.
    ///
    /// # Errors
    /// What the key ring or a frame says; nothing may be appended to this chain then.
    pub fn seal_group(
        &self,
        entries: &mut [Entry],
        chain: &mut Chain,
        keys: &mut KeyRing,
        salts: &mut IdSource,
    ) -> Result<Vec<Vec<u8>>, String> {
        let mut needed: Vec<RootId> = entries.iter().flat_map(roots).collect();
        needed.sort_unstable();
        needed.dedup();
        keys.ensure(&needed).map_err(|e| format!("key ring: {e}"))?;
        let prepared = self.prepare_all(entries, keys, salts);
        let mut frames = Vec::with_capacity(entries.len());
        for (entry, unlinked) in entries.iter_mut().zip(prepared) {
            let unlinked = unlinked.ok_or("an entry that nobody sealed")??;
            frames.push(finish(entry, unlinked, chain));
        }
        Ok(frames)
    }

    fn prepare_all(
        &self,
        entries: &[Entry],
        keys: &KeyRing,
        salts: &mut IdSource,
    ) -> Vec<Option<Result<Unlinked, String>>> {
        let mut prepared: Vec<_> = entries.iter().map(|_| None).collect();
        let left = entries
            .chunks(SHARE_ENTRIES)
            .zip(prepared.chunks_mut(SHARE_ENTRIES));
        let work = Mutex::new(Work {
            left,
            salts: salts.clone(),
        });
        match &self.helper {
            Some(helper) if entries.len() >= HELPED_ENTRIES_MIN => helper.in_place_scope(|scope| {
                scope.spawn(|_| self.work_on(&work, keys));
                self.work_on(&work, keys);
            }),
            _ => self.work_on(&work, keys),
        }
        *salts = work
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .salts;
        prepared
    }

    /// Takes shares until none is left.
    fn work_on(&self, work: &Mutex<Work<'_>>, keys: &KeyRing) {
        let key = |root, index: u64| match keys.key(root, u32::try_from(index).ok()?) {
            KeyState::Key(key) => Some(*key),
            KeyState::Erased | KeyState::Unknown => None,
        };
        loop {
            let mut held = work.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((entries, places)) = held.left.next() else {
                return;
            };
            let mut salts = held.salts.clone();
            // One for each sealed part and one for the open one.
            let draws: usize = entries.iter().map(|entry| entry.parts.len() + 1).sum();
            held.salts = salts.after(draws as u64);
            drop(held);
            for (entry, place) in entries.iter().zip(places) {
                *place = Some(prepare(self.log, entry, key, || salts.draw()));
            }
        }
    }
}
