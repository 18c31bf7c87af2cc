//! Memberships of lists.

use super::term;
use probity_api::{ListState, ListingView, Term};
use probity_project::listings::ListingState;
use probity_project::{ListingRow, Moment, Views};
use probity_rules::AnchorDates;

/// A list by its names in force on the day; its id stands for an outside list that no policy knows.
pub fn list_term(views: &Views, list: &str, moment: &Moment) -> Term {
    let packs = moment.known_at.and_then(|known_at| {
        let dates = AnchorDates::on(moment.valid_on);
        views.policies().packs(known_at, &dates).ok()
    });
    let found = packs.and_then(|packs| Some(term(list, &packs.lists.list(list)?.name)));
    found.unwrap_or_else(|| Term {
        key: list.to_owned(),
        zh: list.to_owned(),
        en: list.to_owned(),
    })
}

/// One membership at a moment; none where it was not known then.
pub fn listing(views: &Views, row: &ListingRow, moment: &Moment) -> Option<ListingView> {
    let state = row.state_at(moment)?;
    let ended = row.ended.filter(|(position, ..)| moment.knows(*position));
    let is_over = matches!(state, ListingState::Removed(_));
    Some(ListingView {
        id: row.id,
        list: list_term(views, &row.list, moment),
        colour: row.colour,
        state: match state {
            ListingState::Listed => ListState::Listed,
            ListingState::NotYet => ListState::NotYet,
            ListingState::TermOver => ListState::TermOver,
            ListingState::Removed(_) => ListState::Removed,
        },
        procedure: row.procedure,
        authority: row.authority.to_string(),
        basis: row.basis.to_string(),
        listed_on: row.listed_on,
        until: row.until,
        notice_served_on: row.notice_served_on,
        ended_on: ended.filter(|_| is_over).map(|(_, day, _)| day),
        end_reason: ended
            .filter(|_| is_over)
            .map(|(_, _, reason)| Term::from(reason)),
        listed_position: row.position,
        ended_position: ended.map(|(position, ..)| position),
        revision: ended.map_or(row.position, |(position, ..)| position),
    })
}
