//! Who may see what: dated settings per subject database, in named profiles. Source: design §5
//! (publicity is a setting), domain reference §17 (natural persons are not public).

use crate::catalogue::Entry;
use crate::fault::{Collector, Rest, Sentence};
use crate::head::{Interval, RawRule, RuleHead, keyed};
use probity_types::{
    Category, CivilDate, CodeList as _, Database, ListColour, Publicity, SubjectKind,
};
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

keyed! {
    /// Who may see something, from the widest to the narrowest.
    Audience("audience") {
        /// Everybody.
        Public = "public",
        /// With the subject's consent or for a statutory purpose.
        Authorised = "authorised",
        /// The source, handlers and auditors.
        Internal = "internal",
    }
}

/// What a publicity setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicItem {
    /// Name, codes, kind, region, industry.
    Basic,
    /// Records of a category.
    Records(Category),
    /// The public credit grade.
    Grade,
    /// Membership of lists of a colour.
    List(ListColour),
}

impl fmt::Display for PublicItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic => f.write_str("basic"),
            Self::Records(category) => category.fmt(f),
            Self::Grade => f.write_str("grade"),
            Self::List(colour) => write!(f, "list:{colour}"),
        }
    }
}

/// A text that is no [`PublicItem`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("known: basic, a category, grade, list: with a colour")]
pub struct PublicItemError;

impl FromStr for PublicItem {
    type Err = PublicItemError;
    fn from_str(text: &str) -> Result<Self, PublicItemError> {
        match (text, text.strip_prefix("list:")) {
            ("basic", _) => Ok(Self::Basic),
            ("grade", _) => Ok(Self::Grade),
            (_, Some(colour)) => colour.parse().map(Self::List).map_err(|_| PublicItemError),
            (category, None) => category
                .parse()
                .map(Self::Records)
                .map_err(|_| PublicItemError),
        }
    }
}

impl PublicItem {
    /// Everything that a complete profile has to settle.
    pub fn all() -> Vec<Self> {
        let records = Category::ALL.iter().map(|c| Self::Records(*c));
        let lists = ListColour::ALL.iter().map(|c| Self::List(*c));
        [Self::Basic, Self::Grade]
            .into_iter()
            .chain(records)
            .chain(lists)
            .collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    database: Database,
    audience: Audience,
    interval: Interval,
    items: Vec<PublicItem>,
}

/// One profile of settings, for example `default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicityProfile {
    /// Id, version, basis, interval.
    pub head: RuleHead,
    /// What it opens, in words.
    pub title: Sentence,
    settings: Vec<Setting>,
}

impl PublicityProfile {
    /// Who may see an item of a database on a day. What no setting names is internal.
    pub fn audience(&self, database: Database, item: PublicItem, on: CivilDate) -> Audience {
        let applies = |s: &&Setting| {
            s.database == database && s.interval.contains(on) && s.items.contains(&item)
        };
        self.settings
            .iter()
            .find(applies)
            .map_or(Audience::Internal, |s| s.audience)
    }

    /// Who may see records of a class about this kind of subject: the stricter of setting and
    /// class.
    pub fn record_audience(&self, entry: &Entry, kind: SubjectKind, on: CivilDate) -> Audience {
        let setting = self.audience(kind.database(), PublicItem::Records(entry.category), on);
        setting.max(class_audience(entry.publicity, kind))
    }
}

fn class_audience(publicity: Publicity, kind: SubjectKind) -> Audience {
    match publicity {
        Publicity::Public => Audience::Public,
        Publicity::PublicOrganisations if kind.is_person() => Audience::Authorised,
        Publicity::PublicOrganisations => Audience::Public,
        Publicity::Restricted => Audience::Authorised,
        Publicity::Internal => Audience::Internal,
    }
}

#[derive(Deserialize)]
pub(crate) struct RawProfile {
    #[serde(flatten)]
    head: RawRule,
    title_zh: String,
    title_en: String,
    settings: Vec<RawSetting>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSetting {
    database: String,
    audience: String,
    valid_from: String,
    valid_to: String,
    items: Vec<String>,
}

pub(crate) fn read_profile(raw: RawProfile, faults: &mut Collector) -> PublicityProfile {
    let place = format!("publicity {}", raw.head.id);
    faults.no_more(&place, &raw.rest);
    let mut settings = Vec::new();
    for setting in raw.settings {
        let database = faults.read(&place, "database", &setting.database, "a database");
        let audience = faults.read(&place, "audience", &setting.audience, "an audience");
        let interval = faults.interval(&place, &setting.valid_from, &setting.valid_to);
        let items: Vec<PublicItem> = setting
            .items
            .iter()
            .filter_map(|item| faults.read(&place, "items", item, "an item"))
            .collect();
        if let (Some(database), Some(audience)) = (database, audience) {
            settings.push(Setting {
                database,
                audience,
                interval,
                items,
            });
        }
    }
    faults.filled(&place, "title_zh", &raw.title_zh);
    faults.filled(&place, "title_en", &raw.title_en);
    let head = raw.head.check(&place, faults);
    PublicityProfile {
        head,
        title: Sentence::new(raw.title_zh, raw.title_en),
        settings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::shipped_policy;

    fn date(text: &str) -> CivilDate {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn check(profile: &str, database: Database, item: &str, on: &str, expected: Audience) {
        let policy = shipped_policy();
        let profile = policy.profile(profile).expect("shipped profile");
        let item = item.parse().expect("an item");
        assert_eq!(
            profile.audience(database, item, date(on)),
            expected,
            "{item} on {on}"
        );
    }

    #[test]
    fn each_profile_opens_what_it_says() {
        use Database::Enterprise;
        check(
            "karamay-2012",
            Enterprise,
            "basic",
            "2013-01-01",
            Audience::Public,
        );
        check(
            "karamay-2012",
            Enterprise,
            "CF",
            "2013-01-01",
            Audience::Authorised,
        );
        check(
            "karamay-2012",
            Enterprise,
            "basic",
            "2012-06-27",
            Audience::Internal,
        );
        check("default", Enterprise, "CF", "2026-05-01", Audience::Public);
        check(
            "default",
            Enterprise,
            "list:serious",
            "2026-05-01",
            Audience::Public,
        );
        check(
            "default",
            Enterprise,
            "grade",
            "2026-05-01",
            Audience::Authorised,
        );
        check(
            "open-organisations",
            Enterprise,
            "grade",
            "2026-05-01",
            Audience::Public,
        );
    }

    #[test]
    fn nothing_about_a_person_is_public_in_any_profile() {
        let policy = shipped_policy();
        for profile in &policy.publicity {
            for item in PublicItem::all() {
                let seen = profile.audience(Database::Person, item, date("2026-05-01"));
                assert_eq!(seen, Audience::Authorised, "{} {item}", profile.head.id);
            }
        }
    }

    #[test]
    fn every_profile_settles_every_item_of_every_database() {
        let policy = shipped_policy();
        assert_eq!(policy.publicity.len(), 3);
        for profile in &policy.publicity {
            for database in Database::ALL {
                for item in PublicItem::all() {
                    let seen = profile.audience(*database, item, date("2026-05-01"));
                    assert_ne!(
                        seen,
                        Audience::Internal,
                        "{} {database} {item}",
                        profile.head.id
                    );
                }
            }
        }
    }

    #[test]
    fn the_stricter_of_setting_and_class_counts() {
        let policy = shipped_policy();
        let catalogue = crate::Catalogue::parse(crate::builtin::PACKS[2].text).expect("loads");
        let open = policy.profile("open-organisations").expect("shipped");
        let seen = |code, kind| {
            let entry = catalogue.entry(code).expect("a class");
            open.record_audience(entry, kind, date("2026-05-01"))
        };
        assert_eq!(seen("CF001", SubjectKind::Enterprise), Audience::Public);
        assert_eq!(
            seen("CF001", SubjectKind::NaturalPerson),
            Audience::Authorised
        );
        assert_eq!(
            seen("PJ007", SubjectKind::NaturalPerson),
            Audience::Internal
        );
        assert_eq!(seen("QZ003", SubjectKind::Enterprise), Audience::Authorised);
    }
}
