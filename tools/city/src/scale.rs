//! How large the city is.

use probity_types::{CodeList as _, SubjectKind};
use std::ops::Range;

/// Sizes of a made-up city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Organisations of all five kinds; at least one of each kind is made.
    pub organisations: u32,
    /// Natural persons; at least one is made.
    pub persons: u32,
    /// Records of the seven categories; listings and later changes come on top.
    pub records: u64,
    /// Persons with practice certificates, taken from the persons.
    pub key_persons: u32,
}

/// Share of each kind among organisations, in per mille; enterprises are chosen so that the full scale has 29,542.
const PER_MILLE: [(SubjectKind, u64); 5] = [
    (SubjectKind::Enterprise, 550),
    (SubjectKind::SoleTrader, 330),
    (SubjectKind::Unincorporated, 30),
    (SubjectKind::SocialOrganisation, 50),
    (SubjectKind::GovernmentBody, 40),
];

impl Scale {
    /// A city to show: small enough to load in a minute, large enough for every class to appear.
    pub fn demo() -> Self {
        Self {
            organisations: 3_000,
            persons: 10_000,
            records: 60_000,
            key_persons: 180,
        }
    }

    /// The published totals of the city: 29,542 enterprise files, 451,891 persons with basic information, 8,223 key
    /// persons, more than 2,520,000 records (domain reference §1).
    pub fn full() -> Self {
        Self {
            organisations: 53_713,
            persons: 451_891,
            records: 2_520_000,
            key_persons: 8_223,
        }
    }

    /// A city in the demo's proportions for this number of records.
    pub fn for_records(records: u64) -> Self {
        let part = |of: u64| u32::try_from((records / of).max(1)).unwrap_or(u32::MAX);
        Self {
            organisations: part(20).max(10),
            persons: part(6),
            records,
            key_persons: part(333),
        }
    }

    /// Numbers of the organisations of a kind; empty for natural persons.
    pub fn organisations_of(&self, kind: SubjectKind) -> Range<u64> {
        let mut first = 0;
        for (of, count) in self.counts() {
            if of == kind {
                return first..first + count;
            }
            first += count;
        }
        0..0
    }

    /// Kind of an organisation by its number.
    pub(crate) fn kind_of(&self, organisation: u64) -> SubjectKind {
        let holds = |kind: &&SubjectKind| self.organisations_of(**kind).contains(&organisation);
        SubjectKind::ALL
            .iter()
            .find(holds)
            .copied()
            .unwrap_or(SubjectKind::Enterprise)
    }

    /// Organisations that are made.
    pub fn organisations_made(&self) -> u64 {
        self.counts().iter().map(|(_, count)| count).sum()
    }

    /// Persons that are made.
    pub fn persons_made(&self) -> u64 {
        u64::from(self.persons.max(1))
    }

    fn counts(&self) -> [(SubjectKind, u64); 5] {
        PER_MILLE
            .map(|(kind, share)| (kind, (u64::from(self.organisations) * share / 1_000).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_scale_has_the_published_totals() {
        let full = Scale::full();
        let enterprises = full.organisations_of(SubjectKind::Enterprise);
        assert_eq!(enterprises.end - enterprises.start, 29_542);
        assert_eq!(
            (full.persons, full.key_persons, full.records),
            (451_891, 8_223, 2_520_000)
        );
    }

    #[test]
    fn every_kind_has_its_range_at_any_scale() {
        for scale in [
            Scale::demo(),
            Scale::full(),
            Scale {
                organisations: 0,
                persons: 0,
                records: 0,
                key_persons: 0,
            },
        ] {
            let mut next = 0;
            for (kind, _) in PER_MILLE {
                let range = scale.organisations_of(kind);
                assert!(
                    range.start == next && !range.is_empty(),
                    "{kind}: {range:?}"
                );
                assert_eq!(scale.kind_of(range.start), kind);
                assert_eq!(scale.kind_of(range.end - 1), kind);
                next = range.end;
            }
            assert_eq!(next, scale.organisations_made());
            assert!(
                scale
                    .organisations_of(SubjectKind::NaturalPerson)
                    .is_empty()
            );
        }
    }
}
