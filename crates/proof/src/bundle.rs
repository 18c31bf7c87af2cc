//! One record with everything that proves it: one JSON file, checked without network and without keys.
//!
//! Opening walks from the content up: opened parts against their commitments, the part table to the body commitment, with
//! the header and the two links to the entry hash, the leaf, the path, the root that the log signed, the witnesses. A part
//! that is not opened keeps its row of the part table and says nothing.
//!
//! Text fields: `header`, `previous`, `previous_in_stream`, `commitment`, `sealed_hash`, `root`, `salt` are lower-case
//! hexadecimal as everywhere in the log format; `path` and `content` are base64; `checkpoint` is the signed note verbatim.

use crate::checkpoint::Checkpoint;
use crate::error::{ProofError, same};
use crate::key::VerifierKey;
use crate::note::{Note, Verified as Cosignature};
use crate::policy::Policy;
use crate::text::{from_base64, shown, to_base64};
use crate::tree::{TreeHash, check_inclusion, leaf_hash};
use probity_format::frame::{
    self, Digested, Header, OPEN_PART_KIND, OpenPart, PartRow, SealedPart,
};
use probity_format::leaf::Leaf;
use probity_format::limits::{FORMAT_VERSION, SEALED_PARTS_MAX};
use probity_format::seal::part_commitment;
use probity_format::{Hash, KeyId, Links, codec};
use probity_types::{RootId, hex, unhex};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the file.
pub const BUNDLE_VERSION: u8 = 1;
/// Largest file that is read: an entry's content in base64 with room for the rest.
pub const BUNDLE_BYTES_MAX: usize = 16 << 20;

/// A bundle as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_VERSION`].
    pub version: u8,
    /// The 113 stored header bytes of the entry.
    pub header: String,
    /// Entry hash of the position before.
    pub previous: Hash,
    /// Entry hash of the revision before in the stream.
    pub previous_in_stream: Hash,
    /// The part table, the open part first.
    pub parts: Vec<BundlePart>,
    /// Number of the leaf.
    pub index: u64,
    /// Leaves of the tree.
    pub size: u64,
    /// Inclusion path, the leaf's sibling first.
    pub path: Vec<TreeHash>,
    /// The checkpoint as it was signed, with its cosignatures.
    pub checkpoint: String,
}

/// One row of the part table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundlePart {
    /// Kind of its content, 0 for the open part.
    pub kind: u16,
    /// Root of its key, zero for the open part.
    pub root: RootId,
    /// Leaf of its key, 0 for the open part.
    pub leaf: u64,
    /// Commitment over its content.
    pub commitment: Hash,
    /// Hash over its ciphertext, zero for the open part.
    pub sealed_hash: Hash,
    /// Its content, where it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<OpenedContent>,
}

/// What a commitment binds, shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedContent {
    /// Salt of the commitment, 16 bytes.
    pub salt: String,
    /// The encoded body, base64.
    pub content: String,
}

/// A part that was shown and holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPart {
    /// Its number, 0 for the open part.
    pub number: u8,
    /// Kind of its content.
    pub kind: u16,
    /// The encoded body, to be decoded by event type or kind.
    pub content: Vec<u8>,
}

/// What a bundle proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The entry's header.
    pub header: Header,
    /// Its hash.
    pub entry_hash: Hash,
    /// Parts of the entry, shown or not.
    pub parts: u8,
    /// Parts that were shown.
    pub shown: Vec<VerifiedPart>,
    /// The checkpoint that includes it.
    pub checkpoint: Checkpoint,
    /// Who saw that checkpoint, by the policy's keys.
    pub cosignatures: Vec<Cosignature>,
}

/// Reads a file of one JSON value, an object wherever the format has one: serde also takes a list of the fields for it, which
/// other readers of the same file do not.
pub(crate) fn read_json<T: DeserializeOwned + Serialize>(
    field: &str,
    bytes: &[u8],
    max: usize,
) -> Result<T, ProofError> {
    if bytes.len() > max {
        return Err(ProofError::new(
            field,
            format!("at most {max} bytes"),
            format!("{} bytes", bytes.len()),
        ));
    }
    let wrong =
        |found: &dyn std::fmt::Display| ProofError::new(field, "JSON of this format", found);
    let read: T = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
    let stands: Value = serde_json::from_slice(bytes).map_err(|e| wrong(&e))?;
    let meant = serde_json::to_value(&read).map_err(|e| wrong(&e))?;
    if without_nulls(stands) != meant {
        return Err(wrong(&"another form of the same values"));
    }
    Ok(read)
}

/// The value without fields that are null: an option may be left out or null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// Writes a value as one JSON file, for people to read as well.
pub(crate) fn write_json<T: Serialize>(value: &T) -> String {
    // Texts, numbers and lists: nothing that JSON cannot say.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

impl BundlePart {
    /// The open part of an entry, shown.
    pub fn open(part: &OpenPart) -> Self {
        Self::of(part.row(), Some((&part.salt, &part.body.0)))
    }

    /// A sealed part, shown where its salt and content are handed in.
    pub fn sealed(part: &SealedPart, content: Option<(&[u8; 16], &[u8])>) -> Self {
        Self::of(part.row(), content)
    }

    fn of(row: PartRow, content: Option<(&[u8; 16], &[u8])>) -> Self {
        Self {
            kind: row.kind,
            root: row.key.root,
            leaf: row.key.index,
            commitment: row.commitment,
            sealed_hash: row.sealed_hash,
            opened: content.map(|(salt, content)| OpenedContent {
                salt: hex(salt),
                content: to_base64(content),
            }),
        }
    }

    fn row(&self) -> PartRow {
        PartRow {
            kind: self.kind,
            key: KeyId {
                root: self.root,
                index: self.leaf,
            },
            commitment: self.commitment,
            sealed_hash: self.sealed_hash,
        }
    }

    /// The content where it is shown and its commitment holds.
    fn verify(&self, number: u8) -> Result<Option<VerifiedPart>, ProofError> {
        same("kind", number == 0, self.kind == OPEN_PART_KIND).map_err(|e| ProofError {
            expected: "0 for the open part alone".to_owned(),
            found: self.kind.to_string(),
            ..e
        })?;
        if number == 0 {
            same("root", RootId::default(), self.root)?;
            same("leaf", 0, self.leaf)?;
            same("sealed_hash", Hash::default(), self.sealed_hash)?;
        }
        let Some(opened) = &self.opened else {
            return Ok(None);
        };
        let salt: [u8; 16] = unhex(&opened.salt).map_err(|_| {
            ProofError::new(
                "opened.salt",
                "16 bytes in hexadecimal",
                shown(&opened.salt),
            )
        })?;
        let content = from_base64("opened.content", &opened.content)?;
        let recomputed = part_commitment(self.kind, self.row().key, &salt, &content);
        same("commitment", recomputed, self.commitment)?;
        Ok(Some(VerifiedPart {
            number,
            kind: self.kind,
            content,
        }))
    }
}

impl Bundle {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ProofError`] in `bundle`.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        read_json("bundle", bytes, BUNDLE_BYTES_MAX)
    }

    /// The file.
    pub fn to_json(&self) -> String {
        write_json(self)
    }

    /// The stored header bytes as `header` has them.
    ///
    /// # Errors
    /// [`ProofError`] in `header`, for a header that does not encode.
    pub fn header_text(header: &Header) -> Result<String, ProofError> {
        let bytes = codec::encode(header, frame::HEADER_BYTES);
        let bytes = bytes.map_err(|e| ProofError::new("header", "113 bytes", e))?;
        Ok(hex(&bytes))
    }

    fn read_header(&self) -> Result<Header, ProofError> {
        let wrong = |found: &dyn std::fmt::Display| {
            ProofError::new("header", "113 bytes in hexadecimal", found)
        };
        let bytes: [u8; frame::HEADER_BYTES as usize] =
            unhex(&self.header).map_err(|_| wrong(&shown(&self.header)))?;
        let header: Header = codec::decode(&bytes, frame::HEADER_BYTES).map_err(|e| wrong(&e))?;
        same("header.format", FORMAT_VERSION, header.format)?;
        Ok(header)
    }

    fn verify_parts(&self) -> Result<(Hash, Vec<VerifiedPart>), ProofError> {
        let count = self.parts.len();
        let (open, sealed) = self
            .parts
            .split_first()
            .filter(|(_, sealed)| sealed.len() <= SEALED_PARTS_MAX as usize)
            .ok_or_else(|| {
                ProofError::new(
                    "parts",
                    format!("1 to {} parts", SEALED_PARTS_MAX + 1),
                    count,
                )
            })?;
        let mut shown = Vec::new();
        for (number, part) in (0u8..).zip(&self.parts) {
            let part = part.verify(number);
            shown.extend(part.map_err(|e| e.inside(&format!("parts[{number}]")))?);
        }
        let body = frame::body_commitment(open.row(), sealed.iter().map(BundlePart::row));
        Ok((body, shown))
    }

    /// Checks everything that the bundle holds against the log's key and the policy.
    ///
    /// A fault in header, links or part table shows in `root`: that is where they first meet something signed.
    ///
    /// # Errors
    /// [`ProofError`] names field, what would be right, and what stands there.
    pub fn verify(&self, log: &VerifierKey, policy: &Policy) -> Result<Verified, ProofError> {
        same("version", BUNDLE_VERSION, self.version)?;
        let header = self.read_header()?;
        let (body, shown) = self.verify_parts()?;
        let links = Links {
            previous: self.previous,
            previous_in_stream: self.previous_in_stream,
        };
        let unhashed = Digested {
            header,
            body,
            entry_hash: Hash::default(),
        };
        let entry_hash = unhashed
            .compute_hash(&links)
            .map_err(|e| ProofError::new("header", "an entry", e))?;
        let leaf = Leaf {
            position: header.position,
            recorded_at: header.recorded_at,
            entry_hash,
        };
        let note = Note::parse(self.checkpoint.as_bytes()).map_err(|e| e.inside("checkpoint"))?;
        let opened = policy
            .open(&note, log)
            .map_err(|e| e.inside("checkpoint"))?;
        let tree = opened.checkpoint;
        same("index", header.position.0, self.index)?;
        same("size", tree.size, self.size)?;
        check_inclusion(
            self.index,
            self.size,
            leaf_hash(&leaf.encode()),
            &self.path,
            tree.root,
        )?;
        Ok(Verified {
            header,
            entry_hash,
            parts: self.parts.len() as u8,
            shown,
            checkpoint: tree,
            cosignatures: opened.cosignatures,
        })
    }
}
