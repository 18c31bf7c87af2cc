//! Which files the platform reviews after the agency: dated settings by class of record or list. A choice of the city, so it
//! lies in its policy pack.

use crate::fault::{Collector, Rest};
use crate::head::{Interval, RawRule, RuleHead};
use probity_types::CivilDate;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    interval: Interval,
    classes: Vec<String>,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRule {
    /// Id, version, basis, interval.
    pub head: RuleHead,
    platform: Vec<Setting>,
}

impl ReviewRule {
    /// Whether files with rows of this subcategory, or of this list, go to the platform as well on a day.
    pub fn demands_platform(&self, class: &str, on: CivilDate) -> bool {
        let applies = |setting: &Setting| {
            setting.interval.contains(on) && setting.classes.iter().any(|held| held == class)
        };
        self.platform.iter().any(applies)
    }
}

#[derive(Deserialize)]
pub(crate) struct RawReview {
    #[serde(flatten)]
    head: RawRule,
    platform: Vec<RawSetting>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSetting {
    valid_from: String,
    valid_to: String,
    classes: Vec<String>,
}

pub(crate) fn read_review(raw: RawReview, faults: &mut Collector) -> ReviewRule {
    let place = "review";
    faults.no_more(place, &raw.rest);
    let mut platform = Vec::new();
    for setting in raw.platform {
        if setting.classes.is_empty() {
            let right = "at least one subcategory or list";
            faults.push(place, "classes", "nothing", right);
        }
        platform.push(Setting {
            interval: faults.interval(place, &setting.valid_from, &setting.valid_to),
            classes: setting.classes,
        });
    }
    ReviewRule {
        head: raw.head.check(place, faults),
        platform,
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::shipped_policy;

    #[test]
    fn the_platform_reviews_what_the_setting_names_from_its_day_on() {
        let policy = shipped_policy();
        let review = policy.review.expect("the shipped pack has the setting");
        let on = |day: &str| day.parse().expect("a day");
        assert!(review.demands_platform("PJ007", on("2026-06-30")));
        assert!(!review.demands_platform("PJ007", on("2022-12-31")));
        assert!(!review.demands_platform("CF006", on("2026-06-30")));
    }
}
