//! The timeline of a subject: one lane per record, every answer drawn to the entry that it answers.

use crate::mark::{RecordState, StateMark};
use crate::message::{Lang, fill};
use crate::shell::{Chrome, Crumb, Paging, Shell};
use crate::{RenderError, View};
use askama::Template;
use probity_types::Category;

/// The timeline of a subject.
#[derive(Debug, Clone)]
pub struct TimelineView {
    /// What surrounds the page.
    pub shell: Shell,
    /// Id of the subject.
    pub subject_id: String,
    /// Its name on the day shown.
    pub subject_name: String,
    /// One lane per record, listing or case; the subject's own events first.
    pub lanes: Vec<Lane>,
    /// Where among the lanes the page stands.
    pub paging: Paging,
    /// Entries that were recorded after the moment shown and are therefore left out.
    pub later_entries: u64,
}

/// The events of one record, in the order in which the register learned them.
#[derive(Debug, Clone)]
pub struct Lane {
    /// What the lane is about: document number, list name, or the identity of the subject.
    pub title: String,
    /// The record's category; none for identity, listings and cases.
    pub category: Option<Category>,
    /// What became of it, as of the moment shown.
    pub states: Vec<RecordState>,
    /// The events.
    pub events: Vec<TimelineEvent>,
}

/// One event of a lane.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    /// Position of its entry.
    pub position: u64,
    /// Name of the event, in the page's language.
    pub name: String,
    /// One line about it, in the page's language.
    pub summary: Option<String>,
    /// The day from which it holds.
    pub valid_from: Option<String>,
    /// When it was recorded, as people read it.
    pub recorded_at: String,
    /// Who recorded it.
    pub actor: String,
    /// Its look.
    pub mark: StateMark,
    /// Whether it holds on the day shown.
    pub holds: bool,
    /// Position of the entry that it answers.
    pub answers: Option<u64>,
}

/// Rows of a lane that an arc can join; a longer lane shows its later answers as links only.
const ARC_ROWS_MAX: usize = 40;
/// Arcs that can lie beside one another.
const ARC_DEPTH_MAX: usize = 3;

/// A line from an answer to the entry that it answers. Rows count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Arc {
    from: usize,
    to: usize,
    depth: usize,
    mark: StateMark,
}

impl Lane {
    /// The lines of the lane. Each takes the innermost free place beside those that it overlaps.
    fn arcs(&self) -> Vec<Arc> {
        let mut arcs: Vec<Arc> = Vec::new();
        for (index, event) in self.events.iter().enumerate().take(ARC_ROWS_MAX) {
            let answered = event
                .answers
                .and_then(|position| self.events.iter().position(|e| e.position == position));
            let Some(answered) = answered.filter(|answered| *answered < index) else {
                continue;
            };
            let (from, to) = (answered + 1, index + 1);
            let taken = |depth: usize| {
                arcs.iter()
                    .any(|arc| arc.depth == depth && arc.from < to && from < arc.to)
            };
            let depth = (1..ARC_DEPTH_MAX)
                .find(|depth| !taken(*depth))
                .unwrap_or(ARC_DEPTH_MAX);
            arcs.push(Arc {
                from,
                to,
                depth,
                mark: event.mark,
            });
        }
        arcs
    }
}

impl TimelineView {
    /// Positions of the entries that answer this one.
    fn answered_by(&self, position: &u64) -> Vec<u64> {
        let events = self.lanes.iter().flat_map(|lane| &lane.events);
        events
            .filter(|event| event.answers == Some(*position))
            .map(|event| event.position)
            .collect()
    }
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct Page<'a> {
    p: Chrome<'a>,
    v: &'a TimelineView,
}

impl View for TimelineView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        fill(lang, "timeline.heading", &[("name", &self.subject_name)])
    }
    fn trail(&self, chrome: &Chrome<'_>) -> Vec<Crumb> {
        vec![Crumb {
            text: self.subject_name.clone(),
            href: chrome.subject(&self.subject_id),
        }]
    }
    fn has_as_of_form(&self) -> bool {
        true
    }
    fn section(&self) -> &'static str {
        "timeline"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        Page { p, v: self }.render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(answers: &[Option<u64>]) -> Lane {
        let event = |(index, answers): (usize, &Option<u64>)| TimelineEvent {
            position: index as u64 + 1,
            name: String::new(),
            summary: None,
            valid_from: None,
            recorded_at: String::new(),
            actor: String::new(),
            mark: StateMark::Neutral,
            holds: true,
            answers: *answers,
        };
        let events = answers.iter().enumerate().map(event).collect();
        Lane {
            title: String::new(),
            category: None,
            states: Vec::new(),
            events,
        }
    }

    #[test]
    fn overlapping_arcs_lie_beside_one_another() {
        let arcs = lane(&[None, Some(1), Some(1), Some(3)]).arcs();
        let expected = [
            Arc {
                from: 1,
                to: 2,
                depth: 1,
                mark: StateMark::Neutral,
            },
            Arc {
                from: 1,
                to: 3,
                depth: 2,
                mark: StateMark::Neutral,
            },
            Arc {
                from: 3,
                to: 4,
                depth: 1,
                mark: StateMark::Neutral,
            },
        ];
        assert_eq!(arcs, expected);
    }

    #[test]
    fn an_answer_to_another_lane_or_to_a_later_entry_has_no_arc() {
        assert!(lane(&[Some(2), Some(99), Some(3)]).arcs().is_empty());
    }

    #[test]
    fn a_long_lane_keeps_its_first_arcs() {
        let answers: Vec<Option<u64>> = (0..100u64).map(|i| i.checked_sub(1).map(|_| i)).collect();
        let arcs = lane(&answers).arcs();
        assert_eq!(arcs.len(), ARC_ROWS_MAX - 1);
        assert!(
            arcs.iter()
                .all(|arc| arc.to <= ARC_ROWS_MAX && arc.depth <= ARC_DEPTH_MAX)
        );
    }
}
