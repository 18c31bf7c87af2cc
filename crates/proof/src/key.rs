//! Keys of signed notes: names, key ids, verifier keys as text, signing keys from a seed.

use crate::cosignature;
use crate::error::ProofError;
use crate::note::NoteSignature;
use crate::text::{from_base64, shown, to_base64};
use ed25519_dalek::Signer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// What a key signs, by the type byte of the signed-note specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Ed25519 over the text of a note.
    Note = 1,
    /// Ed25519 over a checkpoint with the time at which it was seen: cosignature/v1.
    Cosignature = 4,
}

impl KeyKind {
    fn from_number(number: u8) -> Option<Self> {
        [Self::Note, Self::Cosignature]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
}

/// The four bytes that tell keys of one name apart. An identifier, not a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&probity_types::hex(&self.0))
    }
}

fn key_id(name: &str, kind: KeyKind, public: &[u8; 32]) -> KeyId {
    let hasher = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind as u8]);
    let hash: [u8; 32] = hasher.chain_update(public).finalize().into();
    KeyId([hash[0], hash[1], hash[2], hash[3]])
}

/// Checks the name of a key.
///
/// # Errors
/// [`ProofError`] in `name`: empty, a space, a plus sign or a control character.
pub fn check_name(name: &str) -> Result<(), ProofError> {
    let is_bad = |c: char| c.is_whitespace() || c == '+' || c < ' ';
    if name.is_empty() || name.contains(is_bad) {
        return Err(ProofError::new(
            "name",
            "a name without spaces and plus signs",
            shown(name),
        ));
    }
    Ok(())
}

/// The public half of a key: who signs, and how that is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Public(ed25519_dalek::VerifyingKey);

/// A key that signatures are checked with. As text: `name+key id+base64(type ‖ public key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: KeyId,
    public: Public,
}

impl VerifierKey {
    /// A key by its parts.
    ///
    /// # Errors
    /// [`ProofError`] in `name`, or in `public key` where the bytes are no point of the curve or one of small order,
    /// which verifies what nobody signed.
    pub fn new(name: &str, kind: KeyKind, public: &[u8; 32]) -> Result<Self, ProofError> {
        check_name(name)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(public)
            .ok()
            .filter(|key| !key.is_weak());
        let key = key.ok_or_else(|| {
            ProofError::new(
                "public key",
                "an Ed25519 public key",
                probity_types::hex(public),
            )
        })?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            id: key_id(name, kind, public),
            public: Public(key),
        })
    }

    /// Name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Key id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The public key: what a witness is told apart by.
    pub fn public(&self) -> [u8; 32] {
        self.public.0.to_bytes()
    }

    /// Whether a signature line claims to be by this key.
    pub fn is_named_by(&self, signature: &NoteSignature) -> bool {
        self.name == signature.name && self.id == signature.key_id
    }

    /// Checks a signature over a note's text; the time that a cosignature carries, in seconds since 1970.
    ///
    /// # Errors
    /// [`ProofError`] in `signature`.
    pub fn verify(&self, text: &str, signature: &NoteSignature) -> Result<Option<u64>, ProofError> {
        let blob = signature.blob.as_slice();
        match self.kind {
            KeyKind::Note => self.verify_raw(text.as_bytes(), blob).map(|()| None),
            KeyKind::Cosignature => {
                let (time, rest) = cosignature::split(blob)?;
                self.verify_raw(cosignature::message(time, text).as_bytes(), rest)?;
                Ok(Some(time))
            }
        }
    }

    fn verify_raw(&self, message: &[u8], signature: &[u8]) -> Result<(), ProofError> {
        let wrong =
            |found: &str| ProofError::new("signature", format!("a signature by {self}"), found);
        let signature = ed25519_dalek::Signature::from_slice(signature);
        let signature = signature.map_err(|_| wrong("bytes of another length or form"))?;
        let verified = self.public.0.verify_strict(message, &signature);
        verified.map_err(|_| wrong("one that does not verify"))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.kind as u8];
        bytes.extend_from_slice(&self.public());
        write!(f, "{}+{}+{}", self.name, self.id, to_base64(&bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = ProofError;

    /// Reads the text form.
    ///
    /// # Errors
    /// [`ProofError`] in `vkey`, `name`, `public key`, `key type` or `key id`.
    fn from_str(text: &str) -> Result<Self, ProofError> {
        let form = || ProofError::new("vkey", "name+key id+base64", shown(text));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form());
        };
        let bytes = from_base64("vkey", key)?;
        let (kind, public) = bytes.split_first().ok_or_else(form)?;
        let kind = KeyKind::from_number(*kind).ok_or_else(|| {
            ProofError::new("key type", "1 (Ed25519) or 4 (cosignature/v1)", kind)
        })?;
        let public = <&[u8; 32]>::try_from(public).map_err(|_| {
            ProofError::new("public key", "32 bytes", format!("{} bytes", public.len()))
        })?;
        let key = Self::new(name, kind, public)?;
        crate::error::same("key id", key.id.to_string(), id.to_owned())?;
        Ok(key)
    }
}

impl Serialize for VerifierKey {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifierKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A key that signs: name and Ed25519 secret, wiped from memory when dropped.
pub struct SigningKey {
    name: String,
    secret: ed25519_dalek::SigningKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.name)
    }
}

impl SigningKey {
    /// The key of a 32-byte seed, which must come from a good source and stays with the caller to be wiped.
    ///
    /// # Errors
    /// [`ProofError`] in `name`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, ProofError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            secret: ed25519_dalek::SigningKey::from_bytes(seed),
        })
    }

    /// Name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key that checks what this one signs.
    pub fn verifier(&self, kind: KeyKind) -> VerifierKey {
        let public = self.secret.verifying_key();
        VerifierKey {
            name: self.name.clone(),
            kind,
            id: key_id(&self.name, kind, public.as_bytes()),
            public: Public(public),
        }
    }

    /// Signs a note's text.
    pub fn sign(&self, text: &str) -> NoteSignature {
        let blob = self.secret.sign(text.as_bytes()).to_bytes().to_vec();
        self.signature(KeyKind::Note, blob)
    }

    /// Signs a checkpoint's text with the time at which it was seen, in seconds since 1970.
    ///
    /// # Errors
    /// [`ProofError`] in `time`, past 2⁶³ − 1.
    pub fn cosign(&self, text: &str, time: u64) -> Result<NoteSignature, ProofError> {
        cosignature::check_time(time)?;
        let signature = self
            .secret
            .sign(cosignature::message(time, text).as_bytes());
        let blob = cosignature::join(time, &signature.to_bytes());
        Ok(self.signature(KeyKind::Cosignature, blob))
    }

    fn signature(&self, kind: KeyKind, blob: Vec<u8>) -> NoteSignature {
        NoteSignature {
            name: self.name.clone(),
            key_id: key_id(&self.name, kind, self.secret.verifying_key().as_bytes()),
            blob,
        }
    }
}
