//! Red lists, blacklists, serious lists: from listing events only. Expiry holds at read time.

use crate::Moment;
use probity_domain::Entry;
use probity_format::events::Event;
use probity_types::{
    CivilDate, EndReason, ListColour, ListingId, ListingProcedure, Position, SubjectKind,
};
use std::collections::BTreeMap;

/// One membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListingRow {
    /// Id.
    pub id: ListingId,
    /// Index of its subject.
    pub subject: u32,
    /// Kind of its subject.
    pub subject_kind: SubjectKind,
    /// List.
    pub list: Box<str>,
    /// Colour of the list; none for an outside list that is not in the list table.
    pub colour: Option<ListColour>,
    /// How it came about.
    pub procedure: ListingProcedure,
    /// Deciding authority.
    pub authority: Box<str>,
    /// Legal basis as stated.
    pub basis: Box<str>,
    /// Listed on; none where unknown.
    pub listed_on: Option<CivilDate>,
    /// Last day of the term; none = open.
    pub until: Option<CivilDate>,
    /// When the notice was served; none where unknown.
    pub notice_served_on: Option<CivilDate>,
    /// Whether an instrument is named.
    pub has_instrument: bool,
    /// The entry that listed it.
    pub position: Position,
    /// From which entry on it shows.
    pub shown_from: Position,
    /// End: entry, day, reason.
    pub ended: Option<(Position, CivilDate, EndReason)>,
}

/// Where a membership stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingState {
    /// A member.
    Listed,
    /// Listed on a later day.
    NotYet,
    /// The term is over.
    TermOver,
    /// Removed.
    Removed(EndReason),
}

impl ListingRow {
    /// Where it stands; none where it is not known yet.
    pub fn state_at(&self, moment: &Moment) -> Option<ListingState> {
        if !moment.knows(self.shown_from) {
            return None;
        }
        if let Some((position, day, reason)) = self.ended
            && moment.knows(position)
            && day <= moment.valid_on
        {
            return Some(ListingState::Removed(reason));
        }
        if self.listed_on.is_some_and(|day| day > moment.valid_on) {
            return Some(ListingState::NotYet);
        }
        if self.until.is_some_and(|day| day < moment.valid_on) {
            return Some(ListingState::TermOver);
        }
        Some(ListingState::Listed)
    }

    /// Whether it is a membership in force.
    pub fn is_listed(&self, moment: &Moment) -> bool {
        self.state_at(moment) == Some(ListingState::Listed)
    }
}

/// Every membership, by id, by list, by subject.
#[derive(Debug, Clone, Default)]
pub struct Listings {
    rows: Vec<ListingRow>,
    by_id: BTreeMap<ListingId, u32>,
    by_list: BTreeMap<Box<str>, Vec<u32>>,
    by_subject: BTreeMap<u32, Vec<u32>>,
}

impl Listings {
    /// Every row.
    pub fn rows(&self) -> &[ListingRow] {
        &self.rows
    }

    /// One row by index.
    pub fn row(&self, index: u32) -> Option<&ListingRow> {
        self.rows.get(index as usize)
    }

    /// One membership.
    pub fn get(&self, id: &ListingId) -> Option<&ListingRow> {
        self.row(*self.by_id.get(id)?)
    }

    /// Lists that ever had a member, by id.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.by_list.keys().map(|list| &**list)
    }

    /// Indices of a list's memberships, oldest first.
    pub fn of_list(&self, list: &str) -> &[u32] {
        self.by_list.get(list).map_or(&[], Vec::as_slice)
    }

    /// A subject's memberships.
    pub fn of_subject(&self, subject: u32) -> impl Iterator<Item = &ListingRow> {
        self.by_subject
            .get(&subject)
            .into_iter()
            .flatten()
            .filter_map(|index| self.row(*index))
    }

    /// Adds a row and finds it from now on; its index.
    pub(crate) fn add(&mut self, row: ListingRow) -> u32 {
        let index = self.rows.len() as u32;
        self.by_id.insert(row.id, index);
        let of_list = self.by_list.entry(row.list.clone()).or_default();
        of_list.push(index);
        self.by_subject.entry(row.subject).or_default().push(index);
        self.rows.push(row);
        index
    }

    /// Moves on by a listing event; the index of the membership that changed.
    pub(crate) fn apply(
        &mut self,
        subject: u32,
        entry: &Entry,
        shown_from: Position,
    ) -> Option<u32> {
        let at = entry.header.position;
        match &entry.event {
            Event::ListingDecided(event) => Some(self.add(ListingRow {
                id: event.listing,
                subject,
                subject_kind: event.subject_kind,
                list: event.list.as_str().into(),
                colour: event.colour,
                procedure: event.procedure,
                authority: event.authority.as_str().into(),
                basis: event.basis.as_str().into(),
                listed_on: event.listed_on,
                until: event.until,
                notice_served_on: event.notice_served_on,
                has_instrument: !event.instrument_no.is_empty(),
                position: at,
                shown_from,
                ended: None,
            })),
            Event::ListingEnded(event) => {
                let index = *self.by_id.get(&event.listing)?;
                let row = self.rows.get_mut(index as usize)?;
                row.ended = Some((at, event.ended_on, event.reason));
                Some(index)
            }
            _ => None,
        }
    }
}
