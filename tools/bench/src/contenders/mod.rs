//! Whoever makes the same encoded frames durable in the same groups: the plain file as the baseline, other stores as peers.

mod fjall;
mod plain;
pub mod postgres;
mod redb;

pub use fjall::Fjall;
pub use plain::Plain;
pub use redb::Redb;

use crate::lab::Run;

/// Makes groups of frames durable, one after the other.
pub trait Contender {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Makes one group durable; the frames follow those of the group before.
    ///
    /// # Errors
    /// What the store says.
    fn commit(&mut self, first: u64, frames: &[Vec<u8>]) -> Run<()>;
}
