//! redb: one durable transaction a group.

use super::Contender;
use crate::lab::Run;
use redb::{Database, Durability, TableDefinition};
use std::path::Path;

const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");

/// See the module.
#[derive(Debug)]
pub struct Redb {
    database: Database,
}

impl Redb {
    /// A new database.
    ///
    /// # Errors
    /// What redb says.
    pub fn create(folder: &Path) -> Run<Self> {
        let database = Database::create(folder.join("peer.redb"))?;
        Ok(Self { database })
    }
}

impl Contender for Redb {
    fn name(&self) -> &'static str {
        "redb"
    }

    fn commit(&mut self, first: u64, frames: &[Vec<u8>]) -> Run<()> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        {
            let mut entries = transaction.open_table(ENTRIES)?;
            for (position, frame) in (first..).zip(frames) {
                entries.insert(position, frame.as_slice())?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
