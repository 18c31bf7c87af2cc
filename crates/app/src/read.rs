//! Reading bodies for people: views say which entries matter, the log says what stands in them.

use crate::ledger::Ledger;
use crate::sight::Sight;
use crate::write::Caller;
use probity_domain::command::{CurrentRecord, Disclose};
use probity_domain::record::apply_changes;
use probity_domain::{Command, Entry, Refusal};
use probity_format::events::{Details, Event, RecordCore};
use probity_log::{Submission, SubmitError, WalkError};
use probity_project::{Moment, RecordRow};
use probity_types::{Position, QueryPurpose, RecipientId, RecordId, SubjectId};
use std::collections::BTreeSet;

/// A record as it reads at a moment.
#[derive(Debug, Clone)]
pub struct RecordContent {
    /// Core that holds.
    pub core: RecordCore,
    /// Details that hold; none where they are sealed to this process or erased.
    pub details: Option<Details>,
    /// Whether they were erased.
    pub is_erased: bool,
}

impl Ledger {
    /// Reads a record's entries up to a moment and puts its corrections in place.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn record_content(
        &self,
        row: &RecordRow,
        moment: &Moment,
    ) -> Result<Option<RecordContent>, WalkError> {
        self.content_from(row, moment, |position| self.entry(position))
    }

    /// The same as a reader may see it.
    ///
    /// # Errors
    /// [`WalkError`].
    pub fn record_seen(
        &self,
        row: &RecordRow,
        moment: &Moment,
        sight: Sight,
    ) -> Result<Option<RecordContent>, WalkError> {
        self.content_from(row, moment, |position| self.entry_seen(position, sight))
    }

    fn content_from(
        &self,
        row: &RecordRow,
        moment: &Moment,
        read: impl Fn(Position) -> Result<Option<Entry>, WalkError>,
    ) -> Result<Option<RecordContent>, WalkError> {
        let mut content: Option<RecordContent> = None;
        for version in row
            .versions
            .iter()
            .filter(|version| moment.knows(version.shown_from))
        {
            let Some(entry) = read(version.position)? else {
                return Ok(None);
            };
            let is_erased = entry.is_erased();
            if let Some(core) = entry.event.recorded() {
                content = Some(RecordContent {
                    core: core.clone(),
                    details: entry.details(),
                    is_erased,
                });
            } else if let (Event::RecordCorrected(event), Some(held)) =
                (&entry.event, content.as_mut())
            {
                held.core = event.core.clone();
                held.is_erased |= is_erased;
                held.details = match (held.details.take(), entry.changes()) {
                    (Some(details), Some(changes)) => {
                        apply_changes(row.category, &details, changes)
                    }
                    _ => None,
                };
            }
        }
        Ok(content)
    }

    /// A record as the decider wants it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown record, wrapped in [`SubmitError`]; [`WalkError`] where the log does not read.
    pub fn current_record(
        &self,
        id: RecordId,
    ) -> Result<Result<CurrentRecord, SubmitError>, WalkError> {
        let now = self.now();
        let row = self.views().records().get(&id).cloned();
        let missing = || {
            SubmitError::Refused(Refusal::NotFound {
                what: "record",
                id: id.to_string(),
            })
        };
        let Some(row) = row else {
            return Ok(Err(missing()));
        };
        let Some(content) = self.record_content(&row, &now)? else {
            return Ok(Err(missing()));
        };
        let recorded_at = row
            .versions
            .first()
            .map_or(row.revision, |version| version.position);
        let RecordContent { core, details, .. } = content;
        Ok(Ok(CurrentRecord {
            revision: row.revision,
            recorded_at,
            core,
            details,
        }))
    }

    /// Records of the same act, the given one first.
    ///
    /// # Errors
    /// As [`Ledger::current_record`].
    pub fn current_act(
        &self,
        id: RecordId,
    ) -> Result<Result<Vec<CurrentRecord>, SubmitError>, WalkError> {
        let first = match self.current_record(id)? {
            Ok(first) => first,
            Err(error) => return Ok(Err(error)),
        };
        let others: Vec<RecordId> = {
            let views = self.views();
            let tag = first
                .details
                .as_ref()
                .and_then(|details| views.act_tag(&first.core.authority, details));
            let rows = tag.map(|tag| {
                views
                    .records()
                    .of_act(&tag)
                    .map(|row| row.id)
                    .collect::<Vec<_>>()
            });
            rows.unwrap_or_default()
                .into_iter()
                .filter(|other| *other != id)
                .collect()
        };
        let mut records = vec![first];
        for other in others {
            match self.current_record(other)? {
                Ok(record) => records.push(record),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(records))
    }

    /// Records that restricted data is about to leave; durable before the answer does.
    ///
    /// # Errors
    /// [`SubmitError`]: nothing may be shown then.
    pub async fn disclose(
        &self,
        caller: &Caller,
        (purpose, basis): (QueryPurpose, &str),
        scope: &str,
        subjects: BTreeSet<SubjectId>,
    ) -> Result<Position, SubmitError> {
        let read_at = self.head().map_or(Position(0), |(position, _)| position);
        let command = Command::Disclose(Box::new(Disclose {
            recipient: RecipientId(caller.principal.key.0),
            purpose,
            basis: basis.to_owned(),
            scope: scope.to_owned(),
            subjects,
            read_at,
        }));
        let mut submission = Submission::internal(command, probity_format::ActorKind::AccessKey);
        submission.envelope.actor = caller.principal.key.0;
        let receipt = self.log.submit(submission).await?;
        Ok(receipt.last)
    }
}
