//! Signed notes: a text and the lines of those who signed it.
//!
//! ```text
//! text, ends in a line feed
//! (empty line)
//! — name base64(key id ‖ signature)         one line or more
//! ```

use crate::error::ProofError;
use crate::key::{KeyId, VerifierKey, check_name};
use crate::text::{from_base64, shown, to_base64};
use std::fmt;

/// Bytes of a whole note.
pub const NOTE_BYTES_MAX: usize = 1 << 20;
/// Signature lines of a note.
pub const SIGNATURES_MAX: usize = 128;
/// Bytes of one signature line: a post-quantum one takes about 5,000.
pub const SIGNATURE_LINE_BYTES_MAX: usize = 8_192;

const DASH: &str = "— ";

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// Which key of that name.
    pub key_id: KeyId,
    /// The signature, in the form of its key's type.
    pub blob: Vec<u8>,
}

impl NoteSignature {
    /// Reads one line, without its line feed.
    ///
    /// # Errors
    /// [`ProofError`] in `signature` or `name`.
    pub fn parse(line: &str) -> Result<Self, ProofError> {
        let form = || ProofError::new("signature", "— name base64", shown(line));
        if line.len() > SIGNATURE_LINE_BYTES_MAX {
            let expected = format!("at most {SIGNATURE_LINE_BYTES_MAX} bytes");
            return Err(ProofError::new(
                "signature",
                expected,
                format!("{} bytes", line.len()),
            ));
        }
        let rest = line.strip_prefix(DASH).ok_or_else(form)?;
        let (name, blob) = rest.split_once(' ').ok_or_else(form)?;
        check_name(name)?;
        let blob = from_base64("signature", blob)?;
        let (id, blob) = blob.split_first_chunk::<4>().ok_or_else(form)?;
        if blob.is_empty() {
            return Err(form());
        }
        Ok(Self {
            name: name.to_owned(),
            key_id: KeyId(*id),
            blob: blob.to_vec(),
        })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.0[..], &self.blob].concat();
        write!(f, "{DASH}{} {}", self.name, to_base64(&bytes))
    }
}

/// A note: parsed and written back, it is the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A signature that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose.
    pub key: VerifierKey,
    /// The time in it, seconds since 1970, where it is a cosignature.
    pub time: Option<u64>,
}

fn check_text(text: &str) -> Result<(), ProofError> {
    let is_control = |c: char| c < ' ' && c != '\n';
    if !text.ends_with('\n') || text.contains(is_control) {
        return Err(ProofError::new(
            "text",
            "lines without control characters, the last one ended",
            shown(text),
        ));
    }
    Ok(())
}

impl Note {
    /// A note by its parts.
    ///
    /// # Errors
    /// [`ProofError`] in `text` or `signatures`: nobody signed, or too many did.
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, ProofError> {
        check_text(&text)?;
        let count = signatures.len();
        if count == 0 || count > SIGNATURES_MAX {
            return Err(ProofError::new(
                "signatures",
                format!("1 to {SIGNATURES_MAX} lines"),
                count,
            ));
        }
        Ok(Self { text, signatures })
    }

    /// Reads a note. Nothing in it is to be believed before [`open`].
    ///
    /// # Errors
    /// [`ProofError`] in `note`, `text`, `signatures` or one of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > NOTE_BYTES_MAX {
            let expected = format!("at most {NOTE_BYTES_MAX} bytes");
            return Err(ProofError::new(
                "note",
                expected,
                format!("{} bytes", bytes.len()),
            ));
        }
        let all =
            str::from_utf8(bytes).map_err(|_| ProofError::new("note", "UTF-8", "other bytes"))?;
        let form = || ProofError::new("note", "a text, an empty line, signature lines", shown(all));
        // The text may hold empty lines: the last one ends it.
        let at = all.rfind("\n\n").ok_or_else(form)?;
        let (text, lines) = (&all[..=at], &all[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or_else(form)?;
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            if number == SIGNATURES_MAX {
                return Err(ProofError::new(
                    "signatures",
                    format!("1 to {SIGNATURES_MAX} lines"),
                    "more",
                ));
            }
            let signature = NoteSignature::parse(line);
            signatures.push(signature.map_err(|e| e.inside(&format!("signatures[{number}]")))?);
        }
        Self::new(text.to_owned(), signatures)
    }

    /// The signed text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, unchecked.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature; a line that is there already is not added again.
    ///
    /// # Errors
    /// [`ProofError`] in `signatures`: the note is full.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), ProofError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(ProofError::new(
                "signatures",
                format!("1 to {SIGNATURES_MAX} lines"),
                "more",
            ));
        }
        self.signatures.push(signature);
        Ok(())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Checks every signature by a known key. Lines by others are passed over; a key counts once, however often it signed.
///
/// # Errors
/// [`ProofError`] in `signatures[n]` where a known key's signature fails, in `signatures` where no known key signed, in
/// `keys` where two known keys cannot be told apart.
pub fn open(note: &Note, keys: &[VerifierKey]) -> Result<Vec<Verified>, ProofError> {
    let mut verified: Vec<Verified> = Vec::new();
    for (number, signature) in note.signatures.iter().enumerate() {
        let mut named = keys.iter().filter(|key| key.is_named_by(signature));
        let Some(key) = named.next() else { continue };
        if named.any(|other| other != key) {
            return Err(ProofError::new(
                "keys",
                "keys with ids of their own",
                format!("two with the id {}", key.id()),
            ));
        }
        let time = key.verify(&note.text, signature);
        let time = time.map_err(|e| ProofError {
            field: format!("signatures[{number}]"),
            ..e
        })?;
        if !verified.iter().any(|seen| seen.key == *key) {
            verified.push(Verified {
                key: key.clone(),
                time,
            });
        }
    }
    if verified.is_empty() {
        let known: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let expected = format!("a signature by one of [{}]", known.join(", "));
        return Err(ProofError::new("signatures", expected, "none"));
    }
    Ok(verified)
}
