//! Publishes checkpoints: follow the log, persist the head, move the anchor on, sign, show it to the witnesses, publish.

use super::anchor::{Anchor, AnchorError};
use super::board::{Board, Published, Quorum, Signing};
use super::persisted::{Persisted, PersistedError, PersistedHead};
use super::witnesses::{Alarm, Witnesses};
use crate::clock::Clock;
use crate::describe;
use crate::tree::{Tree, TreeError, TreeHead};
use probity_proof::note::NoteSignature;
use probity_proof::tree::EMPTY_ROOT;
use probity_proof::{Checkpoint, Note, ProofError, SigningKey};
use probity_store::LogReader;
use probity_types::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// A quiet log cosigns its last checkpoint again after so long, with the time: 60 s.
pub const IDLE_US: i64 = 60_000_000;

/// A key of the log, and until when it signs.
#[derive(Debug)]
pub struct LogKey {
    /// Signs.
    pub key: SigningKey,
    /// The end of the overlap with the key after it; none for the newest.
    pub until: Option<Timestamp>,
}

/// Everything that signs.
#[derive(Debug)]
pub struct Signers {
    /// Name of the log.
    pub origin: String,
    /// Keys in the order of their numbers; the newest is last.
    pub keys: Vec<LogKey>,
    /// The log's own cosigner.
    pub cosigner: SigningKey,
}

/// What a publisher is made of.
pub struct Parts {
    /// The log.
    pub reader: Arc<dyn LogReader>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who signs.
    pub signers: Signers,
    /// What was signed last.
    pub persisted: PersistedHead,
    /// Folder of the tiles.
    pub tiles: PathBuf,
    /// Where evidence of a fork goes.
    pub evidence: PathBuf,
    /// The anchor, where there is one.
    pub anchor: Option<Anchor>,
    /// The witnesses, where there are any.
    pub witnesses: Option<Witnesses>,
}

/// Why no checkpoint was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The persisted head.
    #[error(transparent)]
    Persisted(#[from] PersistedError),
    /// The anchor.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// A witness contradicts the folder.
    #[error("witness {name}: {why}")]
    Witness {
        /// Which.
        name: String,
        /// What it means.
        why: String,
    },
    /// Too few witnesses answered to know that nothing newer was signed.
    #[error("too few witnesses answer to know that no newer checkpoint exists: {silent}")]
    Unsafe {
        /// Who does not, and why.
        silent: String,
    },
    /// The note could not be made.
    #[error(transparent)]
    Note(#[from] ProofError),
}

impl PublishError {
    /// Whether a person has to decide, rather than that it is tried again.
    pub fn is_alarm(&self) -> bool {
        match self {
            Self::Tree(error) => error.is_alarm(),
            Self::Anchor(error) => error.is_alarm(),
            Self::Persisted(error) => matches!(error, PersistedError::Damaged { .. }),
            Self::Witness { .. } => true,
            Self::Unsafe { .. } | Self::Note(_) => false,
        }
    }
}

/// See the module.
pub struct Publisher {
    parts: Parts,
    tree: Tree,
    board: Board,
    /// Anchor or witnesses were asked since the start, and nothing newer is known anywhere.
    is_cleared: bool,
    /// The last published head with its note's own signatures and those of the witnesses, and when it was last cosigned.
    last: Option<(TreeHead, Note, Timestamp)>,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.0 / 1_000_000).unwrap_or(0)
}

impl Publisher {
    /// Opens the tree as far as its files bear out what was persisted.
    ///
    /// # Errors
    /// [`PublishError::Tree`].
    pub fn open(parts: Parts, board: Board) -> Result<Self, PublishError> {
        let persisted = parts.persisted.last().map(|persisted| persisted.head);
        let tree = Tree::open(&parts.tiles, persisted)?;
        board.serve(tree.reader());
        board.stand(|standing| standing.anchor = parts.anchor.as_ref().map(Anchor::place));
        Ok(Self {
            parts,
            tree,
            board,
            is_cleared: false,
            last: None,
        })
    }

    /// The tree's files and how far they are to be trusted.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Throws the tiles away and makes them anew; what is served stays until the new ones are there. Keeps the board: the log
    /// may turn out to be another one than was signed.
    ///
    /// # Errors
    /// [`PublishError::Tree`].
    pub fn remake_tiles(&mut self) -> Result<(), PublishError> {
        let done = self.try_remake_tiles();
        self.tell(&done);
        done
    }

    fn try_remake_tiles(&mut self) -> Result<(), PublishError> {
        self.tree = Tree::remake(&self.parts.tiles, &*self.parts.reader)?;
        self.check_persisted()?;
        self.board.serve(self.tree.reader());
        Ok(())
    }

    /// One step: publishes what is new, says again what is not. Keeps the board.
    ///
    /// # Errors
    /// [`PublishError`]; nothing was published.
    pub fn step(&mut self) -> Result<(), PublishError> {
        let done = self.try_step();
        self.tell(&done);
        done
    }

    fn tell(&self, done: &Result<(), PublishError>) {
        let signing = match done {
            Ok(()) => Signing::On,
            Err(error) if error.is_alarm() => Signing::Stopped(describe(error)),
            Err(error) => Signing::Waiting(describe(error)),
        };
        self.board.stand(|standing| standing.signing = signing);
    }

    fn try_step(&mut self) -> Result<(), PublishError> {
        // The tiles bear out what was signed; whether the log still does is seen before anything is added or signed.
        if !self.is_cleared && !self.tree.ends_like(&*self.parts.reader)? {
            tracing::warn!("the tiles do not end as the log does there; they are made anew");
            self.try_remake_tiles()?;
        }
        let head = self.tree.follow(&*self.parts.reader)?;
        if !self.is_cleared {
            self.check_persisted()?;
            self.clear()?;
            self.is_cleared = true;
        }
        let now = self.parts.clock.now();
        match &self.last {
            Some((last, note, cosigned_at)) if *last == head => {
                if self.lacks_quorum() {
                    let note = note.clone();
                    self.witness(head, note, now)
                } else if now.0 - cosigned_at.0 >= IDLE_US {
                    self.cosign_again(now)
                } else {
                    Ok(())
                }
            }
            _ if head.size == 0 => Ok(()),
            _ => self.publish(head, now),
        }
    }

    /// The log still holds what was persisted before the last signature.
    fn check_persisted(&self) -> Result<(), PublishError> {
        if let Some(persisted) = self.parts.persisted.last() {
            self.tree.check(persisted.head)?;
        }
        Ok(())
    }

    /// Asks whoever stands outside the folder, before the first signature of this process. What is signed to ask was
    /// cleared for signing before, or is the empty tree: it says nothing new.
    fn clear(&mut self) -> Result<(), PublishError> {
        if let Some(anchor) = &self.parts.anchor {
            anchor.ask(&self.tree)?;
        }
        let persisted = self.parts.persisted.last().map(|persisted| persisted.head);
        let head = persisted.unwrap_or(TreeHead {
            size: 0,
            root: EMPTY_ROOT,
        });
        let Some(mut witnesses) = self.parts.witnesses.take() else {
            return Ok(());
        };
        let asked = self.ask_all(&mut witnesses, head);
        let is_safe = |silent: &[(String, String)]| witnesses.is_safe_without(silent);
        let safe = asked.map(|round| (is_safe(&round.silent), round));
        self.parts.witnesses = Some(witnesses);
        let (is_safe, round) = safe?;
        let may_go_on = is_safe || self.parts.anchor.is_some();
        self.refuse_alarms(&round.alarms, may_go_on)?;
        if may_go_on {
            return Ok(());
        }
        let silent: Vec<String> = round
            .silent
            .iter()
            .map(|(name, why)| format!("{name} ({why})"))
            .collect();
        Err(PublishError::Unsafe {
            silent: silent.join("; "),
        })
    }

    fn ask_all(
        &self,
        witnesses: &mut Witnesses,
        head: TreeHead,
    ) -> Result<super::witnesses::Round, PublishError> {
        let note = self.sign(head)?;
        let now = self.parts.clock.monotonic_us();
        Ok(witnesses.round(&note, head, &self.tree.reader(), now))
    }

    /// An alarm stops the signing where it comes with evidence, and where the others are too few without that witness. What
    /// one witness says against a quorum of others, and cannot show, stops nobody: else each of them could.
    fn refuse_alarms(&self, alarms: &[Alarm], is_outvoted: bool) -> Result<(), PublishError> {
        let stops = |alarm: &&Alarm| alarm.evidence.is_some() || !is_outvoted;
        let Some(alarm) = alarms.iter().find(stops) else {
            for Alarm { witness, why, .. } in alarms {
                tracing::error!(%witness, %why, "a witness stands against a quorum of others, without evidence");
            }
            return Ok(());
        };
        let mut why = alarm.why.clone();
        for (number, evidence) in alarms
            .iter()
            .filter_map(|a| a.evidence.as_ref())
            .enumerate()
        {
            let path = self.parts.evidence.join(format!("fork-{number}.json"));
            let written = std::fs::create_dir_all(&self.parts.evidence)
                .and_then(|()| std::fs::write(&path, evidence));
            match written {
                Ok(()) => why.push_str(&format!("; evidence: {}", path.display())),
                Err(error) => {
                    tracing::error!(%error, %evidence, "evidence of a fork was not written")
                }
            }
        }
        let name = alarm.witness.clone();
        Err(PublishError::Witness { name, why })
    }

    /// The note with the signature of every key in use, the newest first.
    fn sign(&self, head: TreeHead) -> Result<Note, PublishError> {
        let now = self.parts.clock.now();
        let checkpoint = Checkpoint {
            origin: self.parts.signers.origin.clone(),
            size: head.size,
            root: head.root,
            extensions: Vec::new(),
        };
        let signs = |key: &&LogKey| key.until.is_none_or(|until| now < until);
        let mut keys = self.parts.signers.keys.iter().rev().filter(signs);
        let newest = keys.next().ok_or_else(|| ProofError {
            field: "keys".to_owned(),
            expected: "a signing key".to_owned(),
            found: "none".to_owned(),
        })?;
        let mut note = checkpoint.sign(&newest.key)?;
        for older in keys {
            note.add(older.key.sign(note.text()))?;
        }
        Ok(note)
    }

    /// Order: tiles, persisted head, anchor, each durable; then the signature; then the witnesses; then everybody.
    fn publish(&mut self, head: TreeHead, now: Timestamp) -> Result<(), PublishError> {
        self.tree.sync()?;
        let is_anchored = self.parts.anchor.is_some();
        self.parts
            .persisted
            .persist(Persisted { head, is_anchored })?;
        if let Some(anchor) = &mut self.parts.anchor {
            anchor.advance(&self.tree, head)?;
        }
        let note = self.sign(head)?;
        self.witness(head, note, now)
    }

    /// Shows a signed note to the witnesses, then to everybody.
    fn witness(&mut self, head: TreeHead, note: Note, now: Timestamp) -> Result<(), PublishError> {
        let Some(mut all) = self.parts.witnesses.take() else {
            return self.show(head, note, 0, now);
        };
        let round = self.ask_all(&mut all, head);
        let round = round.map(|round| (all.is_met_by(note.text(), &round.signatures), round));
        self.parts.witnesses = Some(all);
        let (is_met, round) = round?;
        let refused = self.refuse_alarms(&round.alarms, is_met);
        // A refusal leaves the newest entries without a quorum too: whoever has to stop then, stops.
        self.note_quorum(is_met && refused.is_ok(), round.silent, now);
        refused?;
        let witnesses = round.signatures.len() as u32;
        let is_first = self.last.as_ref().is_none_or(|(last, ..)| *last != head);
        if is_first || is_met {
            let note = add_all(note, round.signatures)?;
            self.show(head, note, witnesses, now)?;
        }
        Ok(())
    }

    fn lacks_quorum(&self) -> bool {
        let quorum = self.board.standing().quorum;
        quorum.is_some_and(|quorum| !quorum.is_met)
    }

    fn note_quorum(&self, is_met: bool, silent: Vec<(String, String)>, now: Timestamp) {
        self.board.stand(|standing| {
            let before = standing.quorum.as_ref().and_then(|q| q.missing_since);
            let missing_since = (!is_met).then(|| before.unwrap_or(now));
            standing.quorum = Some(Quorum {
                is_met,
                missing_since,
                silent,
            });
        });
    }

    fn show(
        &mut self,
        head: TreeHead,
        note: Note,
        witnesses: u32,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        let mut shown = note.clone();
        let cosigner = &self.parts.signers.cosigner;
        shown.add(cosigner.cosign(note.text(), seconds(now))?)?;
        self.board.publish(Published {
            note: shown.to_string(),
            head,
            signed_at: now,
            witnesses,
        });
        self.last = Some((head, note, now));
        Ok(())
    }

    /// Nothing is new: the log says so, with the time.
    fn cosign_again(&mut self, now: Timestamp) -> Result<(), PublishError> {
        let Some((head, note, _)) = self.last.clone() else {
            return Ok(());
        };
        let witnesses = self.board.published().map_or(0, |last| last.witnesses);
        self.show(head, note, witnesses, now)
    }
}

fn add_all(mut note: Note, signatures: Vec<NoteSignature>) -> Result<Note, PublishError> {
    for signature in signatures {
        note.add(signature)?;
    }
    Ok(note)
}
