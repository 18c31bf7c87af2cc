//! Recipients of the feed: what an agency takes over into its own database, how far it has come, and which corrections,
//! withdrawals and erasures it has not acknowledged.
//!
//! Everything is read from the recipient's stream and from the views; nothing is kept beside them.

use crate::ledger::Ledger;
use crate::write::{Caller, WriteError, Written};
use probity_domain::Command;
use probity_domain::command::{AcknowledgeFeed, AdmitRecipient};
use probity_format::events::{ErasureRecorded, Event, RecipientAdmitted, StreamKind};
use probity_log::WalkError;
use probity_project::Views;
use probity_types::{Position, RecipientId, RecordId, StreamId, SubjectId, Timestamp};
use std::collections::BTreeSet;

/// Context string of recipient ids.
const RECIPIENT_CONTEXT: &str = "probity 2026 recipient v1";
/// The one stream of the log itself, in which erasures stand.
const SYSTEM_STREAM: StreamId = StreamId([0; 16]);

/// The recipient that an agency is: the same for each of its keys.
pub fn recipient_of(agency: &str) -> RecipientId {
    let hash = blake3::Hasher::new_derive_key(RECIPIENT_CONTEXT)
        .update(agency.trim().as_bytes())
        .finalize();
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_bytes()[..16]);
    RecipientId(id)
}

/// How far a recipient says it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Last position that it has applied.
    pub position: Position,
    /// When the receipt was recorded.
    pub at: Timestamp,
}

/// An admitted recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its id.
    pub id: RecipientId,
    /// Its admission as it holds now.
    pub admitted: RecipientAdmitted,
    /// The entry of that admission.
    pub admitted_at: Position,
    /// Its last receipt.
    pub acknowledged: Option<Acknowledged>,
}

impl Recipient {
    /// Whether it takes records of a subcategory.
    pub fn takes(&self, subcategory: &str) -> bool {
        let taken = &self.admitted.subcategories;
        taken.iter().any(|code| code.as_str() == subcategory)
    }

    /// Whether it takes memberships of a list.
    pub fn takes_list(&self, list: &str) -> bool {
        self.admitted.lists.iter().any(|id| id.as_str() == list)
    }
}

/// What an erasure took that a recipient holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedOf {
    /// Records of its scope whose content, or part of it, is gone.
    pub records: BTreeSet<RecordId>,
    /// The person, where who they are is gone too.
    pub subject: Option<SubjectId>,
}

/// Why a receipt is refused.
#[derive(Debug, thiserror::Error)]
pub enum AcknowledgeError {
    /// It says more than there is.
    #[error("the log has only come to position {head}")]
    Ahead {
        /// Last position.
        head: Position,
    },
    /// It says less than an earlier one.
    #[error("position {position} was acknowledged before; a receipt never goes back")]
    Back {
        /// The position of the last receipt.
        position: Position,
    },
    /// It does not name everything that was taken back on the way.
    #[error(
        "the correction, withdrawal or erasure at position {position} is not among those applied; apply it and name it"
    )]
    LeftOut {
        /// The first that is left out.
        position: Position,
    },
    /// The log does not read.
    #[error(transparent)]
    Read(#[from] WalkError),
    /// It was not written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Ledger {
    /// The recipient with this id; none where it was never admitted.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn recipient(&self, id: RecipientId) -> Result<Option<Recipient>, WalkError> {
        let positions = {
            let views = self.views();
            let kind = StreamKind::Recipient as u16;
            views.streams().of(kind, StreamId(id.0)).to_vec()
        };
        let (mut admitted, mut acknowledged) = (None, None);
        // A receipt names the admission that it stands under, so that few entries are read.
        let mut next = positions.len();
        while let Some(place) = next.checked_sub(1) {
            next = place;
            let Some(entry) = self.entry(positions[place])? else {
                continue;
            };
            match &entry.event {
                Event::RecipientAdmitted(event) if admitted.is_none() => {
                    admitted = Some((event.clone(), entry.header.position));
                }
                Event::RecipientAcknowledged(event) => {
                    acknowledged = Some(Acknowledged {
                        position: event.position,
                        at: entry.header.recorded_at,
                    });
                    if admitted.is_none() {
                        admitted = self.admission(entry.header.caused_by)?;
                    }
                    break;
                }
                _ => {}
            }
        }
        Ok(admitted.map(|(admitted, admitted_at)| Recipient {
            id,
            admitted,
            admitted_at,
            acknowledged,
        }))
    }

    fn admission(&self, at: Position) -> Result<Option<(RecipientAdmitted, Position)>, WalkError> {
        Ok(match self.entry(at)?.map(|entry| entry.event) {
            Some(Event::RecipientAdmitted(event)) => Some((event, at)),
            _ => None,
        })
    }

    /// Every recipient, by id.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn recipients(&self) -> Result<Vec<Recipient>, WalkError> {
        let ids: Vec<RecipientId> = {
            let views = self.views();
            let streams = views.streams().of_kind(StreamKind::Recipient as u16);
            streams.map(|(stream, _)| RecipientId(stream.0)).collect()
        };
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.recipient(id)?);
        }
        Ok(found)
    }

    /// Corrections, withdrawals, endings of memberships and erasures in a recipient's scope that came after a position, up
    /// to another, ascending.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn withdrawals(
        &self,
        recipient: &Recipient,
        after: Option<Position>,
        to: Position,
    ) -> Result<BTreeSet<Position>, WalkError> {
        let is_asked = |at: &Position| Some(*at) > after && *at <= to;
        let (mut found, erasures) = {
            let views = self.views();
            let erasures: Vec<Position> = views
                .streams()
                .of(StreamKind::System as u16, SYSTEM_STREAM)
                .iter()
                .copied()
                .filter(is_asked)
                .collect();
            (taken_back(&views, recipient, is_asked), erasures)
        };
        for position in erasures {
            let Some(entry) = self.entry(position)? else {
                continue;
            };
            if let Event::ErasureRecorded(event) = &entry.event
                && self.erased_of(recipient, event)?.is_some()
            {
                found.insert(position);
            }
        }
        Ok(found)
    }

    /// What an erasure took that a recipient holds.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn erased_of(
        &self,
        recipient: &Recipient,
        erasure: &ErasureRecorded,
    ) -> Result<Option<ErasedOf>, WalkError> {
        let mut records = BTreeSet::new();
        for position in erasure.positions.iter() {
            if let Some(record) = self
                .entry(*position)?
                .and_then(|entry| entry.event.record())
            {
                records.insert(record);
            }
        }
        let views = self.views();
        records.retain(|id| {
            let row = views.records().get(id);
            row.is_some_and(|row| recipient.takes(&row.subcategory))
        });
        let index = views.directory().index(&SubjectId(erasure.root.0));
        let erased = index.and_then(|index| {
            let row = views.directory().row(index)?;
            row.erased_at?;
            Some((index, row.id))
        });
        let is_listed = erased.is_some_and(|(index, _)| {
            let mut listings = views.listings().of_subject(index);
            listings.any(|row| recipient.takes_list(&row.list))
        });
        let concerns = !records.is_empty() || is_listed;
        Ok(concerns.then(|| ErasedOf {
            records,
            subject: erased.map(|(_, id)| id),
        }))
    }

    /// Admits an agency.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn admit_recipient(
        &self,
        caller: &Caller,
        admission: AdmitRecipient,
    ) -> Result<Written, WriteError> {
        let command = Command::AdmitRecipient(Box::new(admission));
        self.write(caller, command).await
    }

    /// Records a receipt that names everything that was taken back since the one before.
    ///
    /// # Errors
    /// [`AcknowledgeError`].
    pub async fn acknowledge_feed(
        &self,
        caller: &Caller,
        recipient: &Recipient,
        (position, withdrawals): (Position, BTreeSet<Position>),
    ) -> Result<Written, AcknowledgeError> {
        let head = self.views().position().unwrap_or_default();
        if position > head {
            return Err(AcknowledgeError::Ahead { head });
        }
        let before = recipient.acknowledged.map(|receipt| receipt.position);
        if let Some(before) = before.filter(|before| *before > position) {
            return Err(AcknowledgeError::Back { position: before });
        }
        let due = self.withdrawals(recipient, before, position)?;
        if let Some(first) = due.difference(&withdrawals).next() {
            return Err(AcknowledgeError::LeftOut { position: *first });
        }
        let command = Command::AcknowledgeFeed(Box::new(AcknowledgeFeed {
            recipient: recipient.id,
            since: recipient.admitted_at,
            position,
            withdrawals,
        }));
        Ok(self.write(caller, command).await?)
    }
}

/// What was corrected, voided, annulled or taken off a list, by the views.
fn taken_back(
    views: &Views,
    recipient: &Recipient,
    is_asked: impl Fn(&Position) -> bool,
) -> BTreeSet<Position> {
    let mut found = BTreeSet::new();
    for row in views.records().rows().iter() {
        if recipient.takes(&row.subcategory) {
            let corrected = row.versions.iter().skip(1).map(|version| version.position);
            found.extend(corrected.chain(row.ended_at()).filter(&is_asked));
        }
    }
    for row in views.listings().rows() {
        if recipient.takes_list(&row.list) {
            found.extend(row.ended.map(|(position, ..)| position).filter(&is_asked));
        }
    }
    found
}
