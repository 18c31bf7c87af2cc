//! Asking the witnesses: each sees that the log only grows, and says so with its cosignature.
//!
//! In scope: what is asked and in which order, which answers count, what an alarm is. Out of scope: HTTP (a [`Transport`]),
//! the messages themselves (`probity_proof::witness`).

use crate::tree::{TileReader, TreeHead};
use probity_proof::fork::ForkEvidence;
use probity_proof::note::{self, NoteSignature, Verified};
use probity_proof::policy::{Policy, PolicyWitness};
use probity_proof::tree::consistency;
use probity_proof::witness::{AddCheckpoint, Answer, interpret};
use probity_proof::{Checkpoint, Note, VerifierKey};
use std::io;

/// Requests to one witness in one round: the first may tell the size from which to ask again.
const TRIES_MAX: u32 = 3;
/// After a failure a witness is left alone for so long: 10 s.
const REST_US: i64 = 10_000_000;

/// The way to a witness.
pub trait Transport: Send + Sync {
    /// `POST <url>/add-checkpoint`: status and body.
    ///
    /// # Errors
    /// No answer.
    fn add_checkpoint(&self, url: &str, body: String) -> io::Result<(u16, Vec<u8>)>;

    /// The last checkpoint that the witness saw of this log, from its monitoring address; none where it does not say.
    fn last_checkpoint(&self, url: &str, origin: &str) -> Option<Vec<u8>>;
}

/// What a witness said that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The witness.
    pub witness: String,
    /// What it means, for whoever has to decide.
    pub why: String,
    /// Two checkpoints of the log that contradict each other, where the witness hands its own out.
    pub evidence: Option<String>,
}

/// What a round brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Cosignatures that verified.
    pub signatures: Vec<NoteSignature>,
    /// Witnesses that gave none, and what was wrong.
    pub silent: Vec<(String, String)>,
    /// Contradictions.
    pub alarms: Vec<Alarm>,
}

#[derive(Debug)]
struct Witness {
    row: PolicyWitness,
    /// Size that it saw last, as far as it told.
    seen: u64,
    /// Monotonic time before which it is not asked again, and what was wrong last.
    rests: Option<(i64, String)>,
}

/// See the module.
pub struct Witnesses {
    policy: Policy,
    log: VerifierKey,
    all: Vec<Witness>,
    transport: Box<dyn Transport>,
}

impl std::fmt::Debug for Witnesses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witnesses")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

enum Asked {
    Cosigned(Vec<NoteSignature>),
    Silent(String),
    Alarm(Alarm),
}

impl Witnesses {
    /// The witnesses of a policy. Those without an address are never asked.
    pub fn new(policy: Policy, log: VerifierKey, transport: Box<dyn Transport>) -> Self {
        let witness = |row: &PolicyWitness| Witness {
            row: row.clone(),
            seen: 0,
            rests: None,
        };
        let all = policy.witnesses().iter().map(witness).collect();
        Self {
            policy,
            log,
            all,
            transport,
        }
    }

    /// Whether these signature lines under a text are enough for the quorum.
    pub fn is_met_by(&self, text: &str, signatures: &[NoteSignature]) -> bool {
        let opened = Note::new(text.to_owned(), signatures.to_vec())
            .and_then(|note| note::open(&note, &self.policy.witness_keys()));
        self.policy.is_met_by(&opened.unwrap_or_default())
    }

    /// Whether every quorum has a member among those that answered: then no checkpoint with a quorum is unknown to all of
    /// them.
    pub fn is_safe_without(&self, silent: &[(String, String)]) -> bool {
        let is_silent = |row: &PolicyWitness| silent.iter().any(|(name, _)| *name == row.name);
        let rows = self.policy.witnesses().iter();
        let missing: Vec<Verified> = rows
            .filter(|row| is_silent(row))
            .map(|row| Verified {
                key: row.key.clone(),
                time: None,
            })
            .collect();
        self.policy.quorum().is_some() && !self.policy.is_met_by(&missing)
    }

    /// Shows a signed checkpoint to every witness, side by side. `now_us` is monotonic.
    pub fn round(&mut self, note: &Note, head: TreeHead, tiles: &TileReader, now_us: i64) -> Round {
        let (transport, log) = (&*self.transport, &self.log);
        let asked: Vec<(String, Asked)> = std::thread::scope(|scope| {
            let ask = |witness: &mut Witness| {
                let asked = witness.ask_unless_resting(transport, log, note, head, tiles, now_us);
                (witness.row.name.clone(), asked)
            };
            let threads: Vec<_> = self
                .all
                .iter_mut()
                .map(|witness| scope.spawn(move || ask(witness)))
                .collect();
            let ended = threads.into_iter().filter_map(|thread| thread.join().ok());
            ended.collect()
        });
        let mut round = Round::default();
        for (name, asked) in asked {
            match asked {
                Asked::Cosigned(signatures) => round.signatures.extend(signatures),
                Asked::Silent(why) => round.silent.push((name, why)),
                Asked::Alarm(alarm) => {
                    round.silent.push((name, alarm.why.clone()));
                    round.alarms.push(alarm);
                }
            }
        }
        round
    }
}

impl Witness {
    fn ask_unless_resting(
        &mut self,
        transport: &dyn Transport,
        log: &VerifierKey,
        note: &Note,
        head: TreeHead,
        tiles: &TileReader,
        now_us: i64,
    ) -> Asked {
        if let Some((until, why)) = &self.rests
            && now_us < *until
        {
            return Asked::Silent(why.clone());
        }
        let asked = self.ask(transport, log, note, head, tiles);
        self.rests = match &asked {
            Asked::Silent(why) => Some((now_us + REST_US, why.clone())),
            Asked::Cosigned(_) | Asked::Alarm(_) => None,
        };
        asked
    }

    fn ask(
        &mut self,
        transport: &dyn Transport,
        log: &VerifierKey,
        note: &Note,
        head: TreeHead,
        tiles: &TileReader,
    ) -> Asked {
        let Some(url) = self.row.url.clone() else {
            return Asked::Silent("the policy names no address".to_owned());
        };
        for _ in 0..TRIES_MAX {
            let old = self.seen.min(head.size);
            let proof = match consistency(tiles, old, head.size) {
                Ok(proof) => proof,
                Err(error) => return Asked::Silent(error.to_string()),
            };
            let request = AddCheckpoint {
                old,
                proof,
                checkpoint: note.clone(),
            };
            let (status, body) = match transport.add_checkpoint(&url, request.to_string()) {
                Ok(answer) => answer,
                Err(error) => return Asked::Silent(error.to_string()),
            };
            let keys = [self.row.key.clone()];
            return match interpret(&request, &keys, status, &body) {
                Answer::Cosigned(signatures) => {
                    self.seen = head.size;
                    Asked::Cosigned(signatures)
                }
                Answer::Conflict { size } => {
                    self.seen = size;
                    continue;
                }
                Answer::Ahead { size } => Asked::Alarm(self.ahead(size, head)),
                Answer::Fork => Asked::Alarm(self.fork(transport, &url, log, note)),
                Answer::UnknownLog => Asked::Silent("it does not know this log (404)".to_owned()),
                Answer::Untrusted => Asked::Silent("it does not take our key (403)".to_owned()),
                Answer::Malformed => {
                    Asked::Silent("it could not read the request (400)".to_owned())
                }
                Answer::Unexpected { status, why } => {
                    Asked::Silent(format!("status {status}: {why}"))
                }
            };
        }
        Asked::Silent("it named another size each time".to_owned())
    }

    fn ahead(&self, size: u64, head: TreeHead) -> Alarm {
        let why = format!(
            "it has seen {size} entries, this folder has signed {}: the folder was rewound, or another server runs on a copy of it",
            head.size
        );
        Alarm {
            witness: self.row.name.clone(),
            why,
            evidence: None,
        }
    }

    /// What the witness saw does not lead here. Its own copy beside ours is evidence for anybody, where both are of one
    /// size and it hands its copy out.
    fn fork(&self, transport: &dyn Transport, url: &str, log: &VerifierKey, note: &Note) -> Alarm {
        let theirs = Checkpoint::parse(note.text())
            .ok()
            .and_then(|ours| transport.last_checkpoint(url, &ours.origin))
            .and_then(|bytes| Note::parse(&bytes).ok());
        let evidence = theirs.and_then(|theirs| ForkEvidence::new(&theirs, note, None, log).ok());
        Alarm {
            witness: self.row.name.clone(),
            why: "what it has seen does not lead to this tree: the log was changed, or another server signs with its key"
                .to_owned(),
            evidence: evidence.map(|evidence| evidence.to_json()),
        }
    }
}
