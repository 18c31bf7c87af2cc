//! What anybody may see: the same screen as that of the interface, asked the way pages ask.

use super::visit::Visit;
use probity_app::{Screen, Sight};
use probity_project::{ListingRow, Moment, RecordRow, SubjectRow, Views, periods};
use probity_rules::{Assessment, Packs, PublicItem, Publication};
use probity_types::{Database, IdentifierKind, SubjectId, SubjectKind, mask};

/// The code by which people know an organisation: its credit code, else the last one that became known.
pub fn main_code(row: &SubjectRow) -> Option<String> {
    let of_credit = row
        .identifiers
        .iter()
        .rev()
        .find(|held| held.kind == IdentifierKind::Uscc);
    let held = of_credit.or_else(|| row.identifiers.last())?;
    Some(mask(held.kind, &held.value))
}

/// The eyes of the public.
pub struct Public<'a> {
    /// What is looked at.
    pub views: &'a Views,
    /// Today with everything known now.
    pub now: Moment,
    /// Packs in force today; none where the register has adopted none.
    pub packs: Option<Packs<'a>>,
    screen: Screen<'a>,
}

impl<'a> Public<'a> {
    /// Looks at the views as a visitor may.
    pub fn of(visit: &Visit, views: &'a Views, now: Moment) -> Self {
        let screen = Screen::new(views, Sight::Public, visit.profile(), now);
        Self {
            views,
            now,
            packs: screen.packs().copied(),
            screen,
        }
    }

    /// Whether an item of a database is open to everybody. Persons never are.
    pub fn sees(&self, database: Database, item: PublicItem) -> bool {
        self.screen.opens(database, item)
    }

    /// A subject by its id; none for persons as for ids that nobody has.
    pub fn subject(&self, id: &SubjectId) -> Option<(u32, &'a SubjectRow)> {
        let index = self.views.directory().index(id)?;
        Some((index, self.subject_at(index)?))
    }

    /// A subject by its index; none for persons, nor for sole traders who trade under a person's name.
    pub fn subject_at(&self, index: u32) -> Option<&'a SubjectRow> {
        let row = self.views.directory().row(index)?;
        self.screen.shows(row).then_some(row)
    }

    /// Whether the grade of such subjects is open.
    pub fn sees_grade(&self, kind: SubjectKind) -> bool {
        self.sees(kind.database(), PublicItem::Grade)
    }

    /// A record's assessment and publication today; none where it is not, or no longer, public.
    pub fn record(&self, row: &RecordRow) -> Option<(Assessment, Publication)> {
        if !self.screen.shows_record(row) {
            return None;
        }
        periods::publication_at(self.views.policies(), row, self.now)
    }

    /// Whether a membership is public at a moment.
    pub fn listing(&self, row: &ListingRow, moment: &Moment) -> bool {
        self.screen.shows_listing(row, moment)
    }
}
