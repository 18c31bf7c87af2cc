//! An entry as the domain reads it: header, event, and its sealed parts as far as keys open them.

use probity_format::events::{
    Details, DetailsRef, Event, FieldChange, HeldIdentifier, Identity, ParkedContent, Private,
};
use probity_format::{Hash, Header, KeyId};

/// What is known of a sealed part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)] // nearly every part is opened; a box would cost an allocation each
pub enum PartContent {
    /// Opened with its key.
    Opened(Private),
    /// No key at hand.
    Sealed,
    /// The key was destroyed by an erasure.
    Erased,
}

/// One sealed part of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Kind in the part table.
    pub kind: u16,
    /// Its key.
    pub key: KeyId,
    /// What is known of it.
    pub content: PartContent,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Header.
    pub header: Header,
    /// Entry hash.
    pub hash: Hash,
    /// Open body.
    pub event: Event,
    /// Sealed parts in order.
    pub parts: Vec<Part>,
}

impl Entry {
    fn opened(&self) -> impl Iterator<Item = &Private> {
        self.parts.iter().filter_map(|part| match &part.content {
            PartContent::Opened(content) => Some(content),
            PartContent::Sealed | PartContent::Erased => None,
        })
    }

    /// Whether any part was erased.
    pub fn is_erased(&self) -> bool {
        self.parts
            .iter()
            .any(|part| part.content == PartContent::Erased)
    }

    /// Whether any part is closed to this reader.
    pub fn is_sealed(&self) -> bool {
        self.parts
            .iter()
            .any(|part| part.content == PartContent::Sealed)
    }

    /// Who was registered: from the open part or an opened sealed one.
    pub fn identity(&self) -> Option<&Identity> {
        let Event::SubjectRegistered(event) = &self.event else {
            return None;
        };
        event.identity.as_ref().or_else(|| {
            self.opened().find_map(|part| {
                if let Private::Identity(identity) = part {
                    Some(identity)
                } else {
                    None
                }
            })
        })
    }

    /// The identifier that was added.
    pub fn identifier(&self) -> Option<&HeldIdentifier> {
        let Event::IdentifierAdded(event) = &self.event else {
            return None;
        };
        event.identifier.as_ref().or_else(|| {
            self.opened().find_map(|part| {
                if let Private::Identifier(held) = part {
                    Some(held)
                } else {
                    None
                }
            })
        })
    }

    /// The new name.
    pub fn new_name(&self) -> Option<&str> {
        let Event::SubjectRenamed(event) = &self.event else {
            return None;
        };
        let sealed = || {
            self.opened().find_map(|p| {
                if let Private::Name(n) = p {
                    Some(n.name.as_str())
                } else {
                    None
                }
            })
        };
        event
            .name
            .as_ref()
            .map(|name| name.as_str())
            .or_else(sealed)
    }

    /// Details of a record event as they stand in one part: without the names of persons that have a part of their own.
    pub fn own_details(&self) -> Option<Details> {
        self.own_details_ref().map(DetailsRef::to_owned)
    }

    /// The same, lent.
    pub fn own_details_ref(&self) -> Option<DetailsRef<'_>> {
        let open = self.event.open_details_ref();
        open.or_else(|| self.opened().find_map(Private::details_ref))
    }

    /// Whether names of persons stand in parts of their own.
    pub(crate) fn names_parties(&self) -> bool {
        self.opened().any(|part| matches!(part, Private::Party(_)))
    }

    /// Details of a record event; names of persons among the parties are put back where their parts are open.
    pub fn details(&self) -> Option<Details> {
        let details = self.own_details()?;
        if !self.names_parties() {
            return Some(details);
        }
        let mut fields = details.to_fields();
        for part in self.opened() {
            if let Private::Party(party) = part {
                let name = probity_types::Text::try_from(party.name.as_str()).unwrap_or_default();
                fields.insert(
                    party.field.as_str().to_owned(),
                    probity_types::FieldValue::Text(name),
                );
            }
        }
        Details::from_fields(details.category(), fields).ok()
    }

    /// Number of a certificate.
    pub fn certificate_number(&self) -> Option<&str> {
        self.opened().find_map(|p| {
            if let Private::Certificate(c) = p {
                Some(c.number.as_str())
            } else {
                None
            }
        })
    }

    /// Fields of a correction.
    pub fn changes(&self) -> Option<&[FieldChange]> {
        let Event::RecordCorrected(event) = &self.event else {
            return None;
        };
        let sealed = || {
            self.opened().find_map(|p| {
                if let Private::Changes(c) = p {
                    Some(&*c.changes)
                } else {
                    None
                }
            })
        };
        event.changes.as_deref().or_else(sealed)
    }

    /// What a parked report said.
    pub fn parked(&self) -> Option<&ParkedContent> {
        let sealed = || {
            self.opened().find_map(|p| {
                if let Private::Parked(c) = p {
                    Some(c)
                } else {
                    None
                }
            })
        };
        match &self.event {
            Event::RecordParked(event) => event.content.as_ref().or_else(sealed),
            Event::ReportQuarantined(_) => sealed(),
            _ => None,
        }
    }

    /// Why a subject was listed.
    pub fn listing_reason(&self) -> Option<&str> {
        let Event::ListingDecided(event) = &self.event else {
            return None;
        };
        let sealed = || {
            self.opened().find_map(|p| {
                if let Private::Reason(r) = p {
                    Some(r.reason.as_str())
                } else {
                    None
                }
            })
        };
        event
            .reason
            .as_ref()
            .map(|reason| reason.as_str())
            .or_else(sealed)
    }
}
