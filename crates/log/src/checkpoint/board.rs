//! What everybody may see of the checkpoints: the last published one, whether signing goes on, and who watches.

use crate::tree::{TileReader, TreeHead};
use probity_types::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};

/// A checkpoint that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The signed note, with every cosignature.
    pub note: String,
    /// What it says.
    pub head: TreeHead,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Witnesses whose cosignature it carries.
    pub witnesses: u32,
}

/// Whether signing goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Signing {
    /// The tree is being brought up to the log, or anchor and witnesses are asked.
    #[default]
    Starting,
    /// Every commit is in a checkpoint soon after.
    On,
    /// For the time being not; it is tried again.
    Waiting(String),
    /// The log contradicts what was signed, or what somebody outside knows. A person has to decide.
    Stopped(String),
}

/// Whether enough witnesses cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// The last published checkpoint has it.
    pub is_met: bool,
    /// Since when it is missing.
    pub missing_since: Option<Timestamp>,
    /// Names of the witnesses that did not answer as they should, with what was wrong.
    pub silent: Vec<(String, String)>,
}

/// How the state stands at one moment.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Signing.
    pub signing: Signing,
    /// Where an anchor is in use.
    pub anchor: Option<String>,
    /// Where witnesses are.
    pub quorum: Option<Quorum>,
}

/// See the module. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Board {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    published: RwLock<Option<Arc<Published>>>,
    standing: RwLock<Standing>,
    tiles: RwLock<Option<TileReader>>,
}

impl Board {
    /// The last published checkpoint; none before the first.
    pub fn published(&self) -> Option<Arc<Published>> {
        let published = self.shared.published.read();
        published.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tiles and proofs; none before the tree is there.
    pub fn tiles(&self) -> Option<TileReader> {
        let tiles = self.shared.tiles.read();
        tiles.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How signing stands.
    pub fn standing(&self) -> Standing {
        let standing = self.shared.standing.read();
        standing.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says that nothing is signed, and why.
    pub fn refuse(&self, why: String) {
        self.stand(|standing| standing.signing = Signing::Stopped(why));
    }

    pub(super) fn publish(&self, published: Published) {
        let mut place = self
            .shared
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::new(published));
    }

    pub(super) fn serve(&self, tiles: TileReader) {
        let mut place = self
            .shared
            .tiles
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(tiles);
    }

    pub(super) fn stand(&self, change: impl FnOnce(&mut Standing)) {
        let mut standing = self
            .shared
            .standing
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut standing);
    }
}
