//! Checkpoints of a ledger: which keys sign, whom they are shown to, and proofs out of the tree below them.

use crate::folder::DataFolder;
use crate::ledger::Ledger;
use probity_domain::Command;
use probity_domain::command::RotateSigningKey;
use probity_format::Hash;
use probity_format::frame::ActorKind;
use probity_log::checkpoint::{
    Anchor, Board, LogKey, Parts, PersistedError, PersistedHead, Published, Publishing, Signers,
    Transport, Witnesses,
};
use probity_log::tree::TileReader;
use probity_log::{Submission, SubmitError, WalkError};
use probity_proof::key::KeyKind;
use probity_proof::policy::Policy;
use probity_proof::proof_text::ProofText;
use probity_proof::tree::{consistency, inclusion};
use probity_proof::{Note, ProofError, SigningKey, TreeHash, VerifierKey};
use probity_types::{Position, Timestamp};
use std::path::{Path, PathBuf};
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
    /// The anchor would be put back together with the folder.
    #[error(
        "the anchor {} lies in the data folder {}: whoever puts the folder back puts it back as well; keep it on another file system",
        anchor.display(),
        folder.display()
    )]
    AnchorInside {
        /// The anchor.
        anchor: PathBuf,
        /// The data folder.
        folder: PathBuf,
    },
    /// The thread.
    #[error("the thread cannot be made")]
    Thread(#[from] std::io::Error),
    /// The ledger is stopping, or refuses.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The key ring is not the one with which the log's keys were made.
    #[error(
        "signing key {number}: field key: expected {expected}, as the log says, found {found} in the key ring"
    )]
    OtherRing {
        /// Number of the key.
        number: u32,
        /// As recorded.
        expected: Hash,
        /// As derived.
        found: Hash,
    },
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

/// Every key of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeys {
    /// Name of the log.
    pub origin: String,
    /// Signing keys, the newest last; never empty.
    pub keys: Vec<KnownSigningKey>,
    /// The log's own cosigner.
    pub cosigner: VerifierKey,
}

impl SigningKeys {
    /// The newest signing key.
    pub fn newest(&self) -> &VerifierKey {
        // The first key is always there.
        self.keys.last().map_or(&self.cosigner, |key| &key.vkey)
    }
}

/// Why and how a signing key is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationOrder {
    /// Hours for which the old key signs as well; 0 where it must not any more.
    pub overlap_hours: u32,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub officer: String,
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
        let known = self.read_signing_keys()?;
        let signers = self.signers(&origin, &known.keys)?;
        let newest = known.newest().clone();
        // Keys change only between one start and the next.
        let _ = self.known_signing().set(known);
        let may_begin = options.is_new_anchor || !was_anchored;
        let anchor = options.anchor.as_deref();
        if let Some(anchor) = anchor.filter(|path| self.folder().holds(path)) {
            let (anchor, folder) = (anchor.to_owned(), self.folder().root().to_owned());
            return Err(CheckpointError::AnchorInside { anchor, folder });
        }
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
        SigningKey::from_seed(
            origin,
            &seed(SIGNING_CONTEXT, &self.secrets().signing, number),
        )
    }

    fn cosigner(&self, origin: &str) -> Result<SigningKey, ProofError> {
        SigningKey::from_seed(origin, &seed(COSIGNING_CONTEXT, &self.secrets().signing, 0))
    }

    fn signers(&self, origin: &str, known: &[KnownSigningKey]) -> Result<Signers, ProofError> {
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

    /// Every signing key so far, the newest last, and the log's own cosigner. Blocks on the writer.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn read_signing_keys(&self) -> Result<SigningKeys, CheckpointError> {
        let origin = self.origin()?;
        let rotated = self
            .log
            .inspect_blocking(|registry| registry.signing_keys().to_vec())?;
        let mut keys = vec![KnownSigningKey {
            number: 0,
            vkey: self.signing_key(&origin, 0)?.verifier(KeyKind::Note),
            since: None,
            until: None,
        }];
        for held in rotated {
            let vkey = self
                .signing_key(&origin, held.number)?
                .verifier(KeyKind::Note);
            let found = Hash(vkey.public());
            if found != held.key {
                return Err(CheckpointError::OtherRing {
                    number: held.number,
                    expected: held.key,
                    found,
                });
            }
            // A later rotation ends the overlap of every key before it, where it is the earlier end.
            for before in &mut keys {
                let until = before
                    .until
                    .map_or(held.overlap_until, |until| until.min(held.overlap_until));
                before.until = Some(until);
            }
            keys.push(KnownSigningKey {
                number: held.number,
                vkey,
                since: Some(held.position),
                until: None,
            });
        }
        let cosigner = self.cosigner(&origin)?.verifier(KeyKind::Cosignature);
        Ok(SigningKeys {
            origin,
            keys,
            cosigner,
        })
    }

    /// Every signing key, as it was when checkpoints began to be published.
    ///
    /// # Errors
    /// [`ProveError::NotYet`] before that.
    pub fn signing_keys(&self) -> Result<&SigningKeys, ProveError> {
        self.known_signing().get().ok_or(ProveError::NotYet)
    }

    /// Puts a new signing key in the place of the newest one; both sign until the overlap is over. What signs already goes on
    /// until the next start. The old and the new key.
    ///
    /// # Errors
    /// [`CheckpointError`]; nothing has changed then.
    pub fn rotate_signing_key(
        &self,
        order: &RotationOrder,
    ) -> Result<(VerifierKey, VerifierKey), CheckpointError> {
        let known = self.read_signing_keys()?;
        let newest = known.newest().clone();
        let number = known.keys.last().map_or(0, |key| key.number) + 1;
        let vkey = self
            .signing_key(&known.origin, number)?
            .verifier(KeyKind::Note);
        let overlap_us = i64::from(order.overlap_hours) * 3_600_000_000;
        let command = Command::RotateSigningKey(Box::new(RotateSigningKey {
            number,
            key: vkey.public(),
            overlap_until: Timestamp(self.clock.now().0 + overlap_us),
            reason: order.reason.clone(),
            officer: order.officer.clone(),
        }));
        let submission = Submission::internal(command, ActorKind::Operator);
        self.log.submit_blocking(submission)?;
        Ok((newest, vkey))
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

    /// Whether a path, there already or not, leads into the folder.
    fn holds(&self, path: &Path) -> bool {
        let Ok(root) = self.root().canonicalize() else {
            return false;
        };
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let resolved = path.canonicalize().or_else(|_| parent.canonicalize());
        resolved.is_ok_and(|resolved| resolved.starts_with(root))
    }

    /// The tree's tiles.
    pub fn tiles(&self) -> PathBuf {
        self.views().join("tiles")
    }
}
