//! What anybody may see, judged by the rules of today and by what is known now, whatever moment a page shows: a record
//! whose publication has ended is not brought back by asking for last year.

use super::visit::Visit;
use probity_project::{ListingRow, Moment, RecordRow, SubjectRow, Views, periods};
use probity_rules::publication::ListState;
use probity_rules::severity::Ground;
use probity_rules::{
    AnchorDates, Assessment, Audience, Packs, PublicItem, Publication, PublicationFacts,
    PublicityProfile, RecordClass,
};
use probity_types::{
    Database, IdentifierKind, ListColour, Polarity, Position, Severity, SubjectId, SubjectKind,
    mask,
};

/// Endings of trade names. A sole trader's short name without any of them may be the owner's own (domain reference §17:
/// such names follow the person), and doubt hides.
const TRADE_ENDINGS: &str =
    "店厂部行馆坊社铺屋园吧堂楼院站心司城庄室场摊间阁斋苑居轩队点栈房所会团校市处棚";
/// Han characters that a person's name without a middle dot has at most.
const PLAIN_NAME_CHARS_MAX: usize = 4;

/// Whether the name of a trade may be a person's.
fn is_persons_name(name: &str) -> bool {
    let plain = name.trim();
    let is_dotted = plain.contains(['·', '•', '・', '．', '‧', '∙', '⋅']);
    let is_short = plain.chars().count() <= PLAIN_NAME_CHARS_MAX;
    let trades = plain
        .chars()
        .last()
        .is_some_and(|last| TRADE_ENDINGS.contains(last));
    (is_dotted || is_short) && !trades
}

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
    profile: Option<&'a PublicityProfile>,
}

impl<'a> Public<'a> {
    /// Looks at the views as a visitor may.
    pub fn of(visit: &Visit, views: &'a Views, now: Moment) -> Self {
        let known_at = now.known_at.unwrap_or(Position(0));
        let packs = views
            .policies()
            .packs(known_at, &AnchorDates::on(now.valid_on))
            .ok();
        let profile = packs.and_then(|packs| packs.profile(visit.profile()));
        Self {
            views,
            now,
            packs,
            profile,
        }
    }

    /// Whether an item of a database is open to everybody. Persons never are.
    pub fn sees(&self, database: Database, item: PublicItem) -> bool {
        let open = |profile: &PublicityProfile| {
            profile.audience(database, item, self.now.valid_on) == Audience::Public
        };
        database != Database::Person && self.profile.is_some_and(open)
    }

    /// A subject by its id; none for persons as for ids that nobody has.
    pub fn subject(&self, id: &SubjectId) -> Option<(u32, &'a SubjectRow)> {
        let index = self.views.directory().index(id)?;
        Some((index, self.subject_at(index)?))
    }

    /// A subject by its index; none for persons, nor for sole traders who trade under a person's name.
    pub fn subject_at(&self, index: u32) -> Option<&'a SubjectRow> {
        let row = self.views.directory().row(index)?;
        let named = row.kind == SubjectKind::SoleTrader && row.name().is_some_and(is_persons_name);
        let open = !row.kind.is_person() && !named && row.erased_at.is_none();
        (open && self.sees(row.kind.database(), PublicItem::Basic)).then_some(row)
    }

    /// Whether the grade of such subjects is open.
    pub fn sees_grade(&self, kind: SubjectKind) -> bool {
        self.sees(kind.database(), PublicItem::Grade)
    }

    /// A record's assessment and publication today; none where it is not, or no longer, public.
    pub fn record(&self, row: &RecordRow) -> Option<(Assessment, Publication)> {
        let version = row.version_at(&self.now)?;
        if row.subject_kind.is_person() || version.summary_procedure {
            return None;
        }
        let today = self.now.valid_on;
        let entry = self.packs.as_ref()?.catalogue.entry(&row.subcategory)?;
        let audience = self
            .profile?
            .record_audience(entry, row.subject_kind, today);
        if audience != Audience::Public {
            return None;
        }
        let found = periods::publication_at(self.views.policies(), row, self.now)?;
        found.1.visible_on(today).then_some(found)
    }

    /// Whether a membership is public today: in force, of an open list, within its publication.
    pub fn listing(&self, row: &ListingRow) -> bool {
        let Some(colour) = row.colour.filter(|_| !row.subject_kind.is_person()) else {
            return false;
        };
        let open = self.sees(row.subject_kind.database(), PublicItem::List(colour));
        open && row.is_listed(&self.now) && self.listing_runs(row, colour)
    }

    fn listing_runs(&self, row: &ListingRow, colour: ListColour) -> bool {
        let today = self.now.valid_on;
        let (polarity, severity, ground) = match colour {
            ListColour::Serious | ListColour::Black => {
                (Polarity::Adverse, Severity::Serious, Ground::SeriousList)
            }
            ListColour::Red => (Polarity::Positive, Severity::None, Ground::Neutral),
            ListColour::Notice | ListColour::Board => {
                (Polarity::Neutral, Severity::None, Ground::Neutral)
            }
        };
        let facts = PublicationFacts {
            class: RecordClass::List { id: &row.list },
            subject_kind: row.subject_kind,
            polarity,
            severity,
            ground,
            penalty_kinds: &[],
            default_conduct: None,
            // Where the day is unknown the rules of today are asked; the membership itself is in force.
            decided_on: row.listed_on.unwrap_or(today),
            conduct_ended_on: None,
            released_on: None,
            repaired_on: None,
            performed_on: None,
            own_end: row.until.map(|day| day.plus_days(1)),
            listed: ListState::Listed,
            as_of: today,
        };
        self.packs
            .is_some_and(|packs| packs.publication(&facts).visible_on(today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_under_a_persons_name_is_recognised() {
        for name in ["张三", "欧阳小明", "阿依努尔·买买提", "吐尔逊"] {
            assert!(is_persons_name(name), "{name}");
        }
        for name in [
            "老王面馆",
            "张三牛肉面店",
            "克拉玛依区鑫鑫超市",
            "阿依努尔·买买提拌面馆",
        ] {
            assert!(!is_persons_name(name), "{name}");
        }
    }
}
