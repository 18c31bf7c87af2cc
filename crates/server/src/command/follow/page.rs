//! A page of the feed, as the follower reads it.

use probity_types::{ListingId, Position, RecordId, SubjectId};
use serde::Deserialize;
use serde_json::{Map, Value};

/// One page.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) log: String,
    pub(super) before: Option<String>,
    pub(super) next: Position,
    pub(super) entry_hash: Option<String>,
    pub(super) frames: Vec<Frame>,
    pub(super) position: Position,
}

/// One frame. An unknown one stops the follower: it would be left out in silence.
#[derive(Debug, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub(super) enum Frame {
    Record {
        entry: Entry,
        subject: Subject,
        record: Box<Record>,
    },
    Listing {
        entry: Entry,
        subject: Subject,
        listing: Box<Listing>,
    },
    Erasure {
        entry: Entry,
        subject: Option<SubjectId>,
        records: Vec<RecordId>,
    },
    Batch {},
    Gap {
        from: Position,
        resumes_at: Position,
    },
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) position: Position,
    pub(super) is_withdrawal: bool,
}

#[derive(Deserialize)]
pub(super) struct Subject {
    pub(super) id: SubjectId,
    pub(super) kind: String,
    pub(super) name: Option<String>,
    identifiers: Vec<Identifier>,
}

#[derive(Deserialize)]
struct Identifier {
    value: String,
}

/// Shows the id only.
impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Subject").field(&self.id).finish()
    }
}

impl Subject {
    /// The first identifier; of a person masked.
    pub(super) fn code(&self) -> Option<&str> {
        self.identifiers.first().map(|held| held.value.as_str())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub(super) id: RecordId,
    pub(super) category: String,
    subcategory: Term,
    state: String,
    is_corrected: bool,
    is_erased: bool,
    pub(super) role: String,
    pub(super) authority: String,
    pub(super) decided_on: String,
    pub(super) effective_from: String,
    pub(super) effective_to: Option<String>,
    fields: Map<String, Value>,
    pub(super) revision: Position,
}

#[derive(Debug, Deserialize)]
struct Term {
    key: String,
}

impl Record {
    pub(super) fn subcategory(&self) -> &str {
        &self.subcategory.key
    }

    /// The word of the recipient's table for where the record stands.
    pub(super) fn state(&self) -> &'static str {
        match &*self.state {
            "voided" => "voided",
            "annulled" => "annulled",
            _ if self.is_erased => "erased",
            "ended" => "ended",
            _ if self.is_corrected => "corrected",
            _ => "in_force",
        }
    }

    /// Values by field name, without their labels.
    pub(super) fn fields(&self) -> Value {
        let value = |(name, view): (&String, &Value)| (name.clone(), view["value"].clone());
        Value::Object(self.fields.iter().map(value).collect())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    pub(super) id: ListingId,
    list: Term,
    state: String,
    pub(super) authority: String,
    pub(super) listed_on: Option<String>,
    pub(super) until: Option<String>,
    pub(super) ended_on: Option<String>,
    ended_position: Option<Position>,
}

impl Listing {
    pub(super) fn list(&self) -> &str {
        &self.list.key
    }

    /// The word of the recipient's table.
    pub(super) fn state(&self) -> &'static str {
        match &*self.state {
            "removed" => "ended",
            "term_over" => "ended",
            _ if self.ended_position.is_some() => "ended",
            _ => "in_force",
        }
    }
}
