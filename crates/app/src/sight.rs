//! Who sees what: one screen between the views and every answer, for pages, interface and feed alike.
//!
//! What the publicity profile opens about organisations is public; nothing about persons is. Publication is asked for
//! today and for everything known today, whatever moment a reader asks about: a record whose publication has ended does
//! not come back because somebody asks about a day on which it ran.

use crate::ledger::Ledger;
use probity_project::{ListingRow, Moment, RecordRow, RecordState, SubjectRow, Views, periods};
use probity_rules::publication::ListState;
use probity_rules::severity::Ground;
use probity_rules::{
    AnchorDates, Audience, Packs, PublicItem, Publication, PublicationFacts, PublicityProfile,
    RecordClass,
};
use probity_types::{
    Category, Database, EndReason, ListColour, Polarity, Publicity, Severity, SubjectKind,
};
use std::collections::BTreeMap;

/// Endings of trade names. A sole trader's short name without any of them may be the owner's own, and doubt hides.
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

/// For whom an answer is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// For everybody.
    Public,
    /// For a recipient whose purpose and basis are on record.
    Disclosed,
}

/// What a reader may see of the views. Holds no lock of its own: it lives as long as the views are read.
#[derive(Debug)]
pub struct Screen<'v> {
    views: &'v Views,
    sight: Sight,
    now: Moment,
    packs: Option<Packs<'v>>,
    profile: Option<&'v PublicityProfile>,
}

impl<'v> Screen<'v> {
    /// The screen of one answer. `profile` is the id of the publicity profile in use; where no adopted policy has it,
    /// nothing is public.
    pub fn new(views: &'v Views, sight: Sight, profile: &str, now: Moment) -> Self {
        let packs = now.known_at.and_then(|known_at| {
            let dates = AnchorDates::on(now.valid_on);
            views.policies().packs(known_at, &dates).ok()
        });
        Self {
            views,
            sight,
            now,
            packs,
            profile: packs.and_then(|packs| packs.profile(profile)),
        }
    }

    /// For whom it is.
    pub fn sight(&self) -> Sight {
        self.sight
    }

    /// The views behind it.
    pub fn views(&self) -> &'v Views {
        self.views
    }

    /// Today with everything known now.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Packs in force today; none where the register has adopted none.
    pub fn packs(&self) -> Option<&Packs<'v>> {
        self.packs.as_ref()
    }

    /// Whether an item of a database is open to this reader. Nothing about persons is public.
    pub fn opens(&self, database: Database, item: PublicItem) -> bool {
        match self.sight {
            Sight::Disclosed => true,
            // Belt and braces: no profile opens persons, and if one did, this would not.
            Sight::Public if database == Database::Person => false,
            Sight::Public => self.profile.is_some_and(|profile| {
                profile.audience(database, item, self.now.valid_on) == Audience::Public
            }),
        }
    }

    /// Whether a subject is shown at all. A sole trader who trades under a person's name follows the person (domain
    /// reference §17).
    pub fn shows(&self, subject: &SubjectRow) -> bool {
        let is_personal = self.sight == Sight::Public
            && subject.kind == SubjectKind::SoleTrader
            && subject.name().is_some_and(is_persons_name);
        !is_personal && self.opens(subject.kind.database(), PublicItem::Basic)
    }

    /// Whether its grade is shown.
    pub fn shows_grade(&self, subject: &SubjectRow) -> bool {
        self.shows(subject) && self.opens(subject.kind.database(), PublicItem::Grade)
    }

    /// Whether a membership is shown at a moment. In public: those of open colours on days on which they held; never one
    /// that turned out to be wrong, nor one that was repaired, which ends its publication for good.
    pub fn shows_listing(&self, row: &ListingRow, moment: &Moment) -> bool {
        if self.sight == Sight::Disclosed {
            return row.state_at(moment).is_some();
        }
        let is_closed = row.ended.is_some_and(|(_, _, reason)| {
            matches!(
                reason,
                EndReason::Objection | EndReason::Annulled | EndReason::Repair
            )
        });
        let open_colour = row
            .colour
            .filter(|colour| self.opens(row.subject_kind.database(), PublicItem::List(*colour)));
        open_colour.is_some_and(|colour| {
            !is_closed && row.is_listed(moment) && self.listing_runs(row, colour, moment)
        })
    }

    /// Whether the publication of a membership runs on a day: the five-year ceiling holds for lists too.
    fn listing_runs(&self, row: &ListingRow, colour: ListColour, moment: &Moment) -> bool {
        let (polarity, severity, ground) = match colour {
            ListColour::Serious | ListColour::Black => {
                (Polarity::Adverse, Severity::Serious, Ground::SeriousList)
            }
            ListColour::Red => (Polarity::Positive, Severity::None, Ground::Neutral),
            ListColour::Notice | ListColour::Board => {
                (Polarity::Neutral, Severity::None, Ground::Neutral)
            }
        };
        let day = moment.valid_on;
        let facts = PublicationFacts {
            class: RecordClass::List { id: &row.list },
            subject_kind: row.subject_kind,
            polarity,
            severity,
            ground,
            penalty_kinds: &[],
            default_conduct: None,
            // Where the day of listing is unknown the rules of the day are asked: the membership itself holds.
            decided_on: row.listed_on.unwrap_or(day),
            conduct_ended_on: None,
            released_on: None,
            repaired_on: None,
            performed_on: None,
            own_end: row.until.map(|day| day.plus_days(1)),
            listed: ListState::Listed,
            as_of: day,
        };
        self.packs
            .as_ref()
            .is_some_and(|packs| packs.publication(&facts).visible_on(day))
    }

    /// Whether a record is shown. In public: open classes, while their publication runs; never what was voided or
    /// annulled (administrative penalty law, art. 48: an annulled penalty is withdrawn), and never a summary penalty.
    pub fn shows_record(&self, row: &RecordRow) -> bool {
        if self.sight == Sight::Disclosed {
            return true;
        }
        let Some(version) = row.version_at(&self.now) else {
            return false;
        };
        let is_gone = matches!(
            row.state_at(&self.now),
            None | Some(RecordState::Voided | RecordState::Annulled)
        );
        !is_gone
            && !row.subject_kind.is_person()
            && !version.summary_procedure
            && self.record_audience(row, version.publicity) == Audience::Public
            && self
                .publication(row)
                .is_some_and(|publication| publication.visible_on(self.now.valid_on))
    }

    /// Who may see a record: the strictest of the setting, of its class today, and of its class when it came in.
    fn record_audience(&self, row: &RecordRow, at_intake: Publicity) -> Audience {
        let entry = self
            .packs
            .as_ref()
            .and_then(|packs| packs.catalogue.entry(&row.subcategory));
        let (Some(profile), Some(entry)) = (self.profile, entry) else {
            return Audience::Internal;
        };
        let today = profile.record_audience(entry, row.subject_kind, self.now.valid_on);
        match at_intake {
            Publicity::Public | Publicity::PublicOrganisations => today,
            Publicity::Restricted => today.max(Audience::Authorised),
            Publicity::Internal => Audience::Internal,
        }
    }

    /// The publication of a record, as known now; none where no policy speaks of it.
    pub fn publication(&self, row: &RecordRow) -> Option<Publication> {
        periods::publication_at(self.views.policies(), row, self.now).map(|(_, found)| found)
    }

    /// A subject's records that are shown and known at a moment, oldest first.
    pub fn records<'a>(
        &'a self,
        subject: u32,
        moment: &'a Moment,
    ) -> impl DoubleEndedIterator<Item = &'v RecordRow> + 'a {
        let rows = self.views.records().of_subject(subject).iter();
        rows.filter_map(|index| self.views.records().row(*index))
            .filter(|row| row.version_at(moment).is_some() && self.shows_record(row))
    }

    /// How many records are shown by category, voided ones left out, and how many of them are disputed.
    pub fn counts(&self, subject: u32, moment: &Moment) -> (BTreeMap<Category, u64>, u64) {
        if self.sight == Sight::Disclosed {
            let status = self.views.status(subject, *moment);
            return (status.records, status.disputed);
        }
        let (mut records, mut disputed) = (BTreeMap::new(), 0);
        let is_today = *moment == self.now && self.views.day() == self.now.valid_on;
        if let (true, Some(row)) = (is_today, self.views.directory().row(subject)) {
            // The present is kept ready; any other moment is worked out record by record.
            let day = self.now.valid_on;
            for (category, (count, of_them)) in self.views.published().of(subject, day) {
                if self.opens(row.kind.database(), PublicItem::Records(category)) {
                    records.insert(category, count);
                    disputed += of_them;
                }
            }
            return (records, disputed);
        }
        for row in self.records(subject, moment) {
            *records.entry(row.category).or_insert(0) += 1;
            disputed += u64::from(row.is_disputed(moment));
        }
        (records, disputed)
    }

    /// A subject's memberships that are shown and known at a moment.
    pub fn listings<'a>(
        &'a self,
        subject: u32,
        moment: &'a Moment,
    ) -> impl Iterator<Item = &'v ListingRow> + 'a {
        let rows = self.views.listings().of_subject(subject);
        rows.filter(|row| self.shows_listing(row, moment))
    }
}

impl Ledger {
    /// The screen of one answer, over views that the caller holds.
    pub fn screen<'v>(&self, views: &'v Views, sight: Sight) -> Screen<'v> {
        let now = Moment {
            valid_on: self.today(),
            known_at: views.position(),
        };
        Screen::new(views, sight, self.publicity(), now)
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
