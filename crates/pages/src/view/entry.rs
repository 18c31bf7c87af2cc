//! One entry of the log: what it says, who wrote it, its header, its sealed parts and its proof.

use crate::mark::RecordState;
use crate::message::{Lang, fill};
use crate::shell::{Chrome, Crumb, Shell};
use crate::view::{COMMANDS, Commands};
use crate::{RenderError, View};
use askama::Template;

/// One entry of the log.
#[derive(Debug, Clone)]
pub struct EntryView {
    /// What surrounds the page.
    pub shell: Shell,
    /// Its position.
    pub position: u64,
    /// Name of the event, in the page's language.
    pub event: String,
    /// When it was recorded, as people read it, with the zone.
    pub recorded_at: String,
    /// The day from which it holds.
    pub valid_from: Option<String>,
    /// Who recorded it: role and unit, in the page's language; none where it would say what is withheld.
    pub actor: Option<String>,
    /// The subject that it is about, where the reader may know it.
    pub subject: Option<SubjectRef>,
    /// What became of the record, as of the moment shown.
    pub states: Vec<RecordState>,
    /// Why the reader does not see what it says, where that is so.
    pub withheld: Option<Withheld>,
    /// The fields of the open part and of the sealed parts that the reader may see.
    pub fields: Vec<EntryField>,
    /// The file that it came from.
    pub provenance: Option<Provenance>,
    /// The entry that it answers.
    pub caused_by: Option<Answer>,
    /// The entries that answer it.
    pub answered_by: Vec<Answer>,
    /// The header.
    pub header: EntryHeader,
    /// The sealed parts.
    pub sealed_parts: Vec<SealedPart>,
    /// The proof, once a checkpoint covers the entry.
    pub proof: Option<EntryProof>,
}

/// Why an entry's content is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// It is about a person.
    Person,
    /// Its class is not public, or its publication has ended.
    NotPublic,
    /// It belongs to the running of the register.
    Internal,
}

impl Withheld {
    /// Key of the sentence in the catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Person => "entry.withheld_person",
            Self::NotPublic => "entry.withheld_not_public",
            Self::Internal => "entry.withheld_internal",
        }
    }
}

/// A subject to link to.
#[derive(Debug, Clone)]
pub struct SubjectRef {
    /// Id of the subject.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One field of an entry.
#[derive(Debug, Clone)]
pub struct EntryField {
    /// Name of the field, in the page's language.
    pub label: String,
    /// What it says.
    pub value: FieldValue,
    /// What it said before, in an entry that corrects another.
    pub was: Option<String>,
}

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// A value, formatted for people, masked where the rules ask for it.
    Shown(String),
    /// A hash or an id, hexadecimal and whole.
    Hash(String),
    /// It lies in a sealed part that this reader may not open.
    Sealed,
    /// Its key was destroyed.
    Erased,
    /// It was not filled in.
    Absent,
}

/// The file, sheet and row that an entry came from.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// Id of the batch.
    pub batch: String,
    /// Sheet, row and columns, in the page's language.
    pub place: String,
    /// Hash of the file as received; none where it is sealed.
    pub file_hash: Option<String>,
}

/// An entry at the other end of an answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its position.
    pub position: u64,
    /// Name of its event, in the page's language.
    pub event: String,
    /// When it was recorded.
    pub recorded_at: String,
}

/// The header of an entry. Hashes are hexadecimal and whole.
#[derive(Debug, Clone, Default)]
pub struct EntryHeader {
    /// Version of the format.
    pub format: u64,
    /// Event type and schema version, as in the specification; none where it would say what is withheld.
    pub event_type: Option<String>,
    /// Kind and id of the stream; none where it would say what is withheld.
    pub stream: Option<String>,
    /// Revision in the stream; none where it would say what is withheld.
    pub revision: Option<u64>,
    /// Hash of the entry.
    pub entry_hash: String,
    /// Hash of the entry before it.
    pub previous: String,
    /// Hash of the entry before it in the same stream.
    pub previous_in_stream: Option<String>,
    /// Commitment to the body.
    pub body_commitment: String,
}

/// A sealed part of an entry.
#[derive(Debug, Clone)]
pub struct SealedPart {
    /// Its number in the entry.
    pub number: u64,
    /// What kind of part, in the page's language.
    pub kind: String,
    /// Whether it can be opened.
    pub state: PartState,
    /// Its commitment; it stays after erasure.
    pub commitment: String,
}

/// Whether a sealed part can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartState {
    /// Opened for this reader.
    Opened,
    /// Sealed for this reader.
    Sealed,
    /// Its key was destroyed.
    Erased(Option<Erasure>),
}

/// What is known of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The day.
    pub on: String,
    /// Its basis.
    pub basis: String,
    /// Position of the entry that records it.
    pub position: u64,
}

/// The proof that the log holds the entry.
#[derive(Debug, Clone)]
pub struct EntryProof {
    /// Number of entries that the checkpoint covers.
    pub checkpoint_size: u64,
    /// Root hash of the checkpoint, base64.
    pub root: String,
    /// When it was signed, as people read it.
    pub signed_at: String,
    /// Names of the witnesses that countersigned it.
    pub witnesses: Vec<String>,
    /// Address of the entry with its proof as one file; none where it is not public.
    pub href: Option<String>,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a EntryView,
    commands: Commands,
}

impl View for EntryView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        fill(
            lang,
            "entry.heading",
            &[("n", &crate::format::grouped(self.position))],
        )
    }
    fn trail(&self, chrome: &Chrome<'_>) -> Vec<Crumb> {
        let subject = self.subject.as_ref();
        subject
            .map(|s| Crumb {
                text: s.name.clone(),
                href: chrome.subject(&s.id),
            })
            .into_iter()
            .collect()
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page {
            p,
            v: self,
            commands: COMMANDS,
        }
        .render()
    }
}
