//! Checkpoints of a ledger: which keys sign, whom they are shown to, and proofs out of the tree below them.

use crate::folder::DataFolder;
use crate::ledger::Ledger;
use probity_log::WalkError;
use probity_log::checkpoint::{
    Anchor, Board, LogKey, Parts, PersistedError, PersistedHead, Published, Publishing, Signers,
    Transport, Witnesses,
};
use probity_log::tree::TileReader;
use probity_proof::key::KeyKind;
use probity_proof::policy::Policy;
use probity_proof::proof_text::ProofText;
use probity_proof::tree::{consistency, inclusion};
use probity_proof::{Note, ProofError, SigningKey, TreeHash, VerifierKey};
use probity_types::{Position, Timestamp};
use std::path::PathBuf;
use std::sync::Arc;

/// Context of the seeds of signing keys.
const SIGNING_CONTEXT: &str = "probity 2026 checkpoint signing key v1";
/// Context of the seed of the log's own cosigner.
const COSIGNING_CONTEXT: &str = "probity 2026 checkpoint cosigning key v1";

/// Whom checkpoints are shown to.
#[derive(Default)]
pub struct CheckpointOptions {
    /// File outside the data folder that remembers the last signed head.
    pub anchor: Option<PathBuf>,
    /// A missing anchor is a beginning, whatever was there before.
    pub is_new_anchor: bool,
    /// Witnesses and how many of them are enough, with the way to them.
    pub witnesses: Option<(Policy, Box<dyn Transport>)>,
}

impl std::fmt::Debug for CheckpointOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckpointOptions")
            .field("anchor", &self.anchor)
            .field("has_witnesses", &self.witnesses.is_some())
            .finish_non_exhaustive()
    }
}

/// Why no checkpoints are signed at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The log's own name cannot be found.
    #[error(transparent)]
    Log(#[from] WalkError),
    /// What was signed last cannot be found.
    #[error(transparent)]
    Persisted(#[from] PersistedError),
    /// The log's name is no name of a key.
    #[error("the log's name cannot sign")]
    Name(#[from] ProofError),
    /// The thread.
    #[error("the thread cannot be made")]
    Thread(#[from] std::io::Error),
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// No checkpoint covers it yet.
    #[error("no checkpoint covers it yet")]
    NotYet,
    /// A number that no tree has.
    #[error("field {field}: expected at most {max}, found {found}")]
    Range {
        /// Parameter.
        field: &'static str,
        /// Largest that would be right.
        max: u64,
        /// What was asked for.
        found: u64,
    },
    /// The tiles.
    #[error("a tile cannot be read: {0}")]
    Tiles(String),
}

/// A signing key as others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSigningKey {
    /// Its number.
    pub number: u32,
    /// The key.
    pub vkey: VerifierKey,
    /// The entry that names it, none for the first.
    pub since: Option<Position>,
    /// Until when it signs; none for the newest.
    pub until: Option<Timestamp>,
}

fn seed(context: &'static str, secret: &[u8; 32], number: u32) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    hasher.update(secret).update(&number.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// Path from a leaf to the root of the tree of `size` leaves.
///
/// # Errors
/// [`ProveError`].
pub fn prove_inclusion(
    tiles: &TileReader,
    position: Position,
    size: u64,
) -> Result<Vec<TreeHash>, ProveError> {
    if position.0 >= size {
        return Err(ProveError::Range {
            field: "position",
            max: size.saturating_sub(1),
            found: position.0,
        });
    }
    inclusion(tiles, position.0, size).map_err(|error| ProveError::Tiles(error.to_string()))
}

/// Path from an earlier tree to a later one.
///
/// # Errors
/// [`ProveError`].
pub fn prove_consistency(
    tiles: &TileReader,
    from: u64,
    to: u64,
) -> Result<Vec<TreeHash>, ProveError> {
    if from > to {
        return Err(ProveError::Range {
            field: "from",
            max: to,
            found: from,
        });
    }
    consistency(tiles, from, to).map_err(|error| ProveError::Tiles(error.to_string()))
}

impl Ledger {
    /// Begins to publish checkpoints; they show on the ledger's board. Ends when what it returns is dropped.
    ///
    /// # Errors
    /// [`CheckpointError`]: nothing is signed then.
    pub fn publish_checkpoints(
        &self,
        options: CheckpointOptions,
    ) -> Result<Publishing, CheckpointError> {
        let origin = self.origin()?;
        let persisted = PersistedHead::open(&self.folder().checkpoint(), self.id)?;
        let was_anchored = persisted.last().is_some_and(|last| last.is_anchored);
        let signers = self.signers(&origin)?;
        let newest = self.vkey()?;
        let may_begin = options.is_new_anchor || !was_anchored;
        let anchor = options.anchor.as_deref();
        let anchor = anchor.map(|path| Anchor::at(path, &origin, may_begin));
        let witnesses = options.witnesses;
        let witnesses =
            witnesses.map(|(policy, transport)| Witnesses::new(policy, newest, transport));
        let parts = Parts {
            reader: self.reader.clone(),
            clock: self.clock.clone(),
            signers,
            persisted,
            tiles: self.folder().tiles(),
            evidence: self.folder().checkpoint(),
            anchor,
            witnesses,
        };
        Ok(Publishing::start(parts, self.board().clone())?)
    }

    fn signing_key(&self, origin: &str, number: u32) -> Result<SigningKey, ProofError> {
        SigningKey::from_seed(origin, &seed(SIGNING_CONTEXT, &self.secrets().signing, number))
    }

    fn cosigner(&self, origin: &str) -> Result<SigningKey, ProofError> {
        SigningKey::from_seed(origin, &seed(COSIGNING_CONTEXT, &self.secrets().signing, 0))
    }

    fn signers(&self, origin: &str) -> Result<Signers, ProofError> {
        let known = self.known_signing_keys(origin)?;
        let keys = known.iter().map(|known| {
            Ok(LogKey {
                key: self.signing_key(origin, known.number)?,
                until: known.until,
            })
        });
        Ok(Signers {
            origin: origin.to_owned(),
            keys: keys.collect::<Result<_, ProofError>>()?,
            cosigner: self.cosigner(origin)?,
        })
    }

    fn known_signing_keys(&self, origin: &str) -> Result<Vec<KnownSigningKey>, ProofError> {
        Ok(vec![KnownSigningKey {
            number: 0,
            vkey: self.signing_key(origin, 0)?.verifier(KeyKind::Note),
            since: None,
            until: None,
        }])
    }

    /// Every signing key so far, the newest last, and the log's own cosigner.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn signing_keys(&self) -> Result<(Vec<KnownSigningKey>, VerifierKey), CheckpointError> {
        let origin = self.origin()?;
        let cosigner = self.cosigner(&origin)?.verifier(KeyKind::Cosignature);
        Ok((self.known_signing_keys(&origin)?, cosigner))
    }

    /// The newest signing key.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn vkey(&self) -> Result<VerifierKey, CheckpointError> {
        let (mut keys, cosigner) = self.signing_keys()?;
        // There is always a first key.
        Ok(keys.pop().map_or(cosigner, |key| key.vkey))
    }

    /// The last published checkpoint, and the tiles below it.
    ///
    /// # Errors
    /// [`ProveError::NotYet`].
    pub fn proven(&self) -> Result<(Arc<Published>, TileReader), ProveError> {
        let board: &Board = self.board();
        let published = board.published().ok_or(ProveError::NotYet)?;
        let tiles = board.tiles().ok_or(ProveError::NotYet)?;
        Ok((published, tiles))
    }

    /// An entry's proof as a C2SP `tlog-proof` file.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn tlog_proof(&self, position: Position) -> Result<String, ProveError> {
        let (published, tiles) = self.proven()?;
        let path = prove_inclusion(&tiles, position, published.head.size)?;
        let note = Note::parse(published.note.as_bytes());
        let note = note.map_err(|error| ProveError::Tiles(error.to_string()))?;
        let text = ProofText {
            extra: None,
            index: position.0,
            path,
            checkpoint: note,
        };
        Ok(text.to_string())
    }
}

impl DataFolder {
    /// What was signed last.
    pub fn checkpoint(&self) -> PathBuf {
        self.root().join("checkpoint")
    }

    /// The tree's tiles.
    pub fn tiles(&self) -> PathBuf {
        self.views().join("tiles")
    }
}
