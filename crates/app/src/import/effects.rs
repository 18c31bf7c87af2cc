//! What a file would do to others: rows that are there already or contradict what is there, and subjects whose grade or lists
//! would change. Worked out on copies of the decision state and of the views; nothing is appended.

use crate::ledger::Ledger;
use probity_domain::{Command, Entry, NewEvent, Refusal};
use probity_format::events::{BatchCompleted, Event, StreamKind};
use probity_log::SubmitError;
use probity_log::writer::{Rehearsal, Rehearsed};
use probity_project::{Moment, Views};
use probity_types::identifiers::mask_name;
use probity_types::{BatchId, CivilDate, CodeList, ParkReason, RecordId, SubjectId, SubjectKind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Why a row brings nothing new by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKind {
    /// The same content is there, or stands further up in the file.
    AlreadyThere,
    /// The same record key with other content: held until a person says whether it is a correction or an error.
    CorrectionOrError,
    /// A name without an identifier: held until a person says whose it is.
    NameOnly,
}

/// A row that brings nothing new by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// Row of the file.
    pub row: u32,
    /// Why.
    pub kind: DuplicateKind,
    /// The record that it contradicts.
    pub record: Option<RecordId>,
}

/// How a subject stands, as far as a file can move it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Stand {
    /// Grade by key; none where no table is in force.
    pub grade: Option<String>,
    /// Lists that it is on.
    pub lists: BTreeSet<String>,
}

/// A subject whose grade or lists would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its id; none for one that the file would bring into the register.
    pub subject: Option<SubjectId>,
    /// Its name, masked where it may be a person's.
    pub name: String,
    /// Rows that are about it.
    pub rows: Vec<u32>,
    /// Before and after; withheld for natural persons, whose standing is read for a purpose on record only.
    pub stands: Option<(Stand, Stand)>,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Effects {
    /// Rows that bring nothing new by themselves.
    pub duplicates: Vec<Duplicate>,
    /// Subjects whose grade or lists would change.
    pub changes: Vec<Change>,
}

pub(crate) type Answer = Result<Rehearsed, Refusal>;

/// Rehearses commands, each with the rows that it stands for.
pub(crate) fn rehearse(
    ledger: &Ledger,
    commands: &[(Vec<u32>, Command)],
) -> Result<(Vec<Answer>, Effects), SubmitError> {
    let watched = ledger.clone();
    let all = commands.iter().map(|(_, command)| command.clone());
    let (rehearsal, views) = ledger
        .log
        .rehearse_beside_blocking(all.collect(), move || watched.views().clone())?;
    let Rehearsal { answers, entries } = rehearsal;
    let rows = |number: usize| commands.get(number).map_or(&[][..], |(rows, _)| rows);
    let mut effects = Effects::default();
    let mut touched: BTreeMap<SubjectId, Vec<u32>> = BTreeMap::new();
    for (number, answer) in answers.iter().enumerate() {
        effects.duplicates.extend(duplicates(answer, rows(number)));
        if let Ok(Rehearsed::Append(events)) = answer {
            for subject in events.iter().filter_map(subject_of) {
                let known = touched.entry(subject).or_default();
                known.extend(rows(number));
                known.sort_unstable();
                known.dedup();
            }
        }
    }
    effects.changes = changes(views, &entries, &touched, ledger.today());
    Ok((answers, effects))
}

fn subject_of(event: &NewEvent) -> Option<SubjectId> {
    (event.stream_kind == StreamKind::Subject).then_some(SubjectId(event.stream.0))
}

fn duplicates(answer: &Answer, rows: &[u32]) -> Vec<Duplicate> {
    let found = match answer {
        Ok(Rehearsed::AlreadyThere) => Some((DuplicateKind::AlreadyThere, None)),
        Ok(Rehearsed::Park(events)) => events.iter().find_map(|new| match &new.event {
            Event::RecordParked(event) => Some(match event.reason {
                ParkReason::NameOnly => (DuplicateKind::NameOnly, None),
                ParkReason::ConflictingContent => {
                    let record = event.conflicts_with;
                    let record = (!record.is_none()).then_some(record);
                    (DuplicateKind::CorrectionOrError, record)
                }
            }),
            _ => None,
        }),
        _ => None,
    };
    let one = |row: &u32| {
        found.map(|(kind, record)| Duplicate {
            row: *row,
            kind,
            record,
        })
    };
    rows.iter().filter_map(one).collect()
}

/// Shows the entries to a copy of the views, as they would show once their batch is complete.
fn shown(before: &Views, entries: &[Entry]) -> Views {
    let mut after = before.clone();
    entries.iter().for_each(|entry| after.apply(entry));
    let batches: BTreeSet<BatchId> = after.stage().open_batches().map(|(id, _)| id).collect();
    let waited: BTreeSet<BatchId> = before.stage().open_batches().map(|(id, _)| id).collect();
    let Some(last) = entries.last() else {
        return after;
    };
    let mut closing = last.clone();
    for batch in batches.difference(&waited) {
        closing.header.position = closing.header.position.next();
        closing.header.stream_kind = StreamKind::Batch as u16;
        closing.header.stream.0 = batch.0;
        closing.parts.clear();
        closing.event = Event::from(BatchCompleted {
            batch: *batch,
            imported: 0,
            already_there: 0,
            parked: 0,
            refused: 0,
        });
        after.apply(&closing);
    }
    after
}

fn stand(views: &Views, subject: Option<u32>, today: CivilDate) -> Stand {
    let moment = Moment {
        valid_on: today,
        known_at: views.position(),
    };
    let Some(subject) = subject else {
        return Stand::default();
    };
    let listed = views.listings().of_subject(subject);
    Stand {
        grade: views
            .grade(subject, moment)
            .map(|grade| grade.grade.key().to_owned()),
        lists: listed
            .filter(|row| row.is_listed(&moment))
            .map(|row| row.list.to_string())
            .collect(),
    }
}

fn changes(
    before: Views,
    entries: &[Entry],
    touched: &BTreeMap<SubjectId, Vec<u32>>,
    today: CivilDate,
) -> Vec<Change> {
    let after = shown(&before, entries);
    let mut changes = Vec::new();
    for (id, rows) in touched {
        let (was, is) = (before.directory().index(id), after.directory().index(id));
        let stands = (stand(&before, was, today), stand(&after, is, today));
        // Nothing counted before, and nothing counts now: an unrated newcomer is no change.
        let is_new_and_plain = was.is_none()
            && stands.1.lists.is_empty()
            && stands
                .1
                .grade
                .as_deref()
                .is_none_or(|grade| grade == "unrated");
        if stands.0 == stands.1 || is_new_and_plain {
            continue;
        }
        let Some(row) = is.and_then(|index| after.directory().row(index)) else {
            continue;
        };
        let name = row.name().unwrap_or_default();
        changes.push(Change {
            subject: was.map(|_| *id),
            name: match row.kind {
                SubjectKind::NaturalPerson => SubjectKind::NaturalPerson.zh().to_owned(),
                SubjectKind::SoleTrader => mask_name(name),
                _ => name.to_owned(),
            },
            rows: rows.clone(),
            stands: (!row.kind.is_person()).then_some(stands),
        });
    }
    changes.sort_by(|a, b| a.rows.cmp(&b.rows));
    changes
}
