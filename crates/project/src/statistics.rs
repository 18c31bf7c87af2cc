//! Numbers for the front page and for supervisors: kept as events come, never counted at read time.

use probity_types::{Category, Database};
use std::collections::BTreeMap;

/// Running totals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Subjects by database.
    pub subjects: BTreeMap<Database, u64>,
    /// Records by category.
    pub records: BTreeMap<Category, u64>,
    /// Listings ever decided.
    pub listings: u64,
    /// Compensating events.
    pub compensations: u64,
    /// Reports that wait for a person.
    pub parked: u64,
    /// Reports that were kept apart, such as adverse ones about minors.
    pub quarantined: u64,
    /// Disclosures.
    pub disclosures: u64,
    /// Batches completed.
    pub batches: u64,
    /// Erasures.
    pub erasures: u64,
}
