//! fjall: one batch a group, its journal synced before the next.

use super::Contender;
use crate::lab::Run;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::path::Path;

/// See the module.
pub struct Fjall {
    database: Database,
    entries: Keyspace,
}

impl std::fmt::Debug for Fjall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fjall").finish_non_exhaustive()
    }
}

impl Fjall {
    /// A new database.
    ///
    /// # Errors
    /// What fjall says.
    pub fn create(folder: &Path) -> Run<Self> {
        let database = Database::builder(folder.join("fjall")).open()?;
        let entries = database.keyspace("entries", KeyspaceCreateOptions::default)?;
        Ok(Self { database, entries })
    }
}

impl Contender for Fjall {
    fn name(&self) -> &'static str {
        "fjall"
    }

    fn commit(&mut self, first: u64, frames: &[Vec<u8>]) -> Run<()> {
        let mut batch = self.database.batch();
        for (position, frame) in (first..).zip(frames) {
            batch.insert(&self.entries, position.to_be_bytes(), frame.as_slice());
        }
        batch.commit()?;
        self.database.persist(PersistMode::SyncData)?;
        Ok(())
    }
}
