//! Who sees what: one screen between the views and every answer, for pages, interface and feed alike.
//!
//! What the publicity profile opens about organisations is public; nothing about persons is. Publication is asked for
//! today and for everything known today, whatever moment a reader asks about: a record whose publication has ended does
//! not come back because somebody asks about a day on which it ran.

use crate::ledger::Ledger;
use probity_project::{ListingRow, Moment, RecordRow, RecordState, SubjectRow, Views, periods};
use probity_rules::{AnchorDates, Audience, PublicItem, Publication, PublicityProfile};
use probity_types::{Category, EndReason, SubjectKind};
use std::collections::BTreeMap;

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

    fn opens(&self, kind: SubjectKind, item: PublicItem) -> bool {
        match self.sight {
            Sight::Disclosed => true,
            // Belt and braces: no profile opens persons, and if one did, this would not.
            Sight::Public if kind.is_person() => false,
            Sight::Public => self.profile.is_some_and(|profile| {
                profile.audience(kind.database(), item, self.now.valid_on) == Audience::Public
            }),
        }
    }

    /// Whether a subject is shown at all.
    pub fn shows(&self, subject: &SubjectRow) -> bool {
        self.opens(subject.kind, PublicItem::Basic)
    }

    /// Whether its grade is shown.
    pub fn shows_grade(&self, subject: &SubjectRow) -> bool {
        self.opens(subject.kind, PublicItem::Grade)
    }

    /// Whether a membership is shown at a moment. In public: those of open colours on days on which they hold, and never
    /// one that turned out to be wrong.
    pub fn shows_listing(&self, row: &ListingRow, moment: &Moment) -> bool {
        if self.sight == Sight::Disclosed {
            return row.state_at(moment).is_some();
        }
        let was_wrong = row.ended.is_some_and(|(_, _, reason)| {
            matches!(reason, EndReason::Objection | EndReason::Annulled)
        });
        let is_open = row
            .colour
            .is_some_and(|colour| self.opens(row.subject_kind, PublicItem::List(colour)));
        is_open && !was_wrong && row.is_listed(moment)
    }

    /// Whether a record is shown. In public: open classes, while their publication runs; never what was voided or
    /// annulled (administrative penalty law, art. 48: an annulled penalty is withdrawn).
    pub fn shows_record(&self, row: &RecordRow) -> bool {
        if self.sight == Sight::Disclosed {
            return true;
        }
        let open_class = matches!(
            row.version_at(&self.now).map(|version| version.publicity),
            Some(probity_types::Publicity::Public | probity_types::Publicity::PublicOrganisations)
        );
        open_class
            && self.opens(row.subject_kind, PublicItem::Records(row.category))
            && !matches!(
                row.state_at(&self.now),
                None | Some(RecordState::Voided | RecordState::Annulled)
            )
            && self
                .publication(row)
                .is_some_and(|publication| publication.visible_on(self.now.valid_on))
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
