//! Access keys: `pk_<id>_<secret>`; the ledger keeps a hash of the secret only.

use crate::ledger::Ledger;
use probity_domain::command::IssueKey;
use probity_domain::registry::KeyState;
use probity_domain::{Command, Entry};
use probity_format::events::Event;
use probity_format::frame::ActorKind;
use probity_log::{Outcome, Submission, SubmitError};
use probity_types::{AccessKeyId, CivilDate, unhex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// Context string of secret hashes.
const SECRET_CONTEXT: &str = "probity 2026 access key secret v1";

/// A key as its holder sends it.
#[derive(Clone, Copy)]
pub struct PresentedKey {
    /// Public name.
    pub id: AccessKeyId,
    secret: [u8; 32],
}

impl std::fmt::Debug for PresentedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PresentedKey({})", self.id)
    }
}

/// Who was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The key.
    pub key: AccessKeyId,
    /// Whose it is.
    pub agency: String,
    /// What it may do, by word.
    pub scopes: BTreeSet<String>,
}

fn hash(secret: &[u8; 32]) -> [u8; 32] {
    *blake3::Hasher::new_derive_key(SECRET_CONTEXT)
        .update(secret)
        .finalize()
        .as_bytes()
}

impl PresentedKey {
    /// Reads `pk_<32 hex>_<64 hex>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("pk_")?.split_once('_')?;
        Some(Self {
            id: id.parse().ok()?,
            secret: unhex(secret).ok()?,
        })
    }

    /// A new random key.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let (mut id, mut secret) = ([0; 16], [0; 32]);
        getrandom::fill(&mut id)?;
        getrandom::fill(&mut secret)?;
        Ok(Self {
            id: AccessKeyId(id),
            secret,
        })
    }

    /// A key that everybody can compute: for the demo city, marked so in the log.
    pub fn demo(name: &str) -> Self {
        let secret = *blake3::hash(format!("probity demo key {name}").as_bytes()).as_bytes();
        let mut id = [0; 16];
        id.copy_from_slice(
            &blake3::hash(format!("probity demo key id {name}").as_bytes()).as_bytes()[..16],
        );
        Self {
            id: AccessKeyId(id),
            secret,
        }
    }

    /// The key as its holder keeps it. Shown once.
    pub fn reveal(&self) -> String {
        format!("pk_{}_{}", self.id, probity_types::hex(&self.secret))
    }

    /// What the ledger keeps of the secret.
    pub fn secret_hash(&self) -> [u8; 32] {
        hash(&self.secret)
    }
}

/// What a new key is for.
#[derive(Debug, Clone)]
pub struct KeyOrder {
    /// What it is for.
    pub label: String,
    /// Whose it is.
    pub agency: String,
    /// Scopes by word.
    pub scopes: BTreeSet<String>,
    /// Last day.
    pub expires_on: Option<CivilDate>,
}

/// The command that issues a key.
pub fn issue_command(key: &PresentedKey, order: KeyOrder, demo: bool) -> Command {
    let KeyOrder {
        label,
        agency,
        scopes,
        expires_on,
    } = order;
    let secret_hash = key.secret_hash();
    Command::IssueKey(Box::new(IssueKey {
        key: key.id,
        label,
        agency,
        scopes,
        secret_hash,
        expires_on,
        demo,
    }))
}

/// Issues a key at the machine's own command line.
///
/// # Errors
/// [`SubmitError`].
pub fn issue_at_console(
    ledger: &Ledger,
    key: &PresentedKey,
    order: KeyOrder,
    demo: bool,
) -> Result<(), SubmitError> {
    let command = issue_command(key, order, demo);
    ledger
        .log
        .submit_blocking(Submission::internal(command, ActorKind::Operator))
        .map(|_| ())
}

/// Revokes a key at the machine's own command line; whether it was in force until now.
///
/// # Errors
/// [`SubmitError`]; an unknown key is refused.
pub fn revoke_at_console(
    ledger: &Ledger,
    key: AccessKeyId,
    reason: &str,
) -> Result<bool, SubmitError> {
    let command = Command::RevokeKey {
        key,
        reason: reason.to_owned(),
    };
    let receipt = ledger
        .log
        .submit_blocking(Submission::internal(command, ActorKind::Operator))?;
    Ok(receipt.outcome == Outcome::Appended)
}

/// A key as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldKey {
    /// Public name.
    pub id: AccessKeyId,
    /// What the log says of it; of its secret only a hash.
    pub state: KeyState,
    /// Whether it opens today.
    pub is_active: bool,
}

/// Every key, in the order in which they were issued.
///
/// # Errors
/// [`SubmitError`] where the writer cannot be asked.
pub fn list(ledger: &Ledger) -> Result<Vec<HeldKey>, SubmitError> {
    let today = ledger.today();
    let mut keys: Vec<HeldKey> = ledger.log.inspect_blocking(move |registry| {
        let held = |(id, state): (&AccessKeyId, &KeyState)| HeldKey {
            id: *id,
            state: state.clone(),
            is_active: is_active(state, today),
        };
        registry.keys().map(held).collect()
    })?;
    keys.sort_by_key(|key| key.state.issued_at);
    Ok(keys)
}

fn is_active(state: &KeyState, today: CivilDate) -> bool {
    state.revoked_at.is_none() && state.expires_on.is_none_or(|day| day >= today)
}

/// Recognises the holder of a key; none for an unknown, revoked or expired one, whatever the reason.
///
/// # Errors
/// [`SubmitError`] where the writer cannot be asked.
pub async fn recognise(
    ledger: &Ledger,
    presented: PresentedKey,
) -> Result<Option<Principal>, SubmitError> {
    let today = ledger.today();
    let known = ledger.known_keys();
    let version = known.version();
    if let Some(found) = known.look_up(version, presented, today) {
        return Ok(found);
    }
    let read = |registry: &probity_domain::Registry| {
        let keys = registry.keys().map(|(id, state)| (*id, state.clone()));
        keys.collect::<BTreeMap<_, _>>()
    };
    let keys = ledger.log.inspect(read).await?;
    let found = open(&keys, presented, today);
    known.replace(version, keys);
    Ok(found)
}

fn open(
    keys: &BTreeMap<AccessKeyId, KeyState>,
    presented: PresentedKey,
    today: CivilDate,
) -> Option<Principal> {
    let state = keys.get(&presented.id)?;
    let same = constant_time_equal(&state.secret_hash, &presented.secret_hash());
    (same && is_active(state, today)).then(|| Principal {
        key: presented.id,
        agency: state.agency.clone(),
        scopes: state.scopes.clone(),
    })
}

/// The keys as the writer last told them, so that not every request has to ask it. Every change of a key makes what was
/// told stale before the change is acknowledged.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    changes: AtomicU64,
    told: RwLock<Option<(u64, BTreeMap<AccessKeyId, KeyState>)>>,
}

impl KnownKeys {
    /// Takes note of committed entries.
    pub(crate) fn note(&self, entries: &[Entry]) {
        let is_change = |entry: &Entry| {
            matches!(
                entry.event,
                Event::AccessKeyIssued(_) | Event::AccessKeyRevoked(_)
            )
        };
        if entries.iter().any(is_change) {
            self.changes.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn version(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Who holds the key, or nobody; none where what was told is older than that version.
    fn look_up(
        &self,
        version: u64,
        presented: PresentedKey,
        today: CivilDate,
    ) -> Option<Option<Principal>> {
        let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
        let (of, keys) = told.as_ref()?;
        (*of == version).then(|| open(keys, presented, today))
    }

    /// Keeps what the writer told after that version was noted: it may know more, never less.
    fn replace(&self, version: u64, keys: BTreeMap<AccessKeyId, KeyState>) {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        if told.as_ref().is_none_or(|(of, _)| *of <= version) {
            *told = Some((version, keys));
        }
    }
}

/// blake3 compares its hashes in constant time.
fn constant_time_equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    blake3::Hash::from_bytes(*a) == blake3::Hash::from_bytes(*b)
}
