//! The profiles that come with the product.

use super::{Profile, ProfileError};
use crate::read::Table;
use crate::rows::fit;

const SOURCES: [&str; 15] = [
    include_str!("../../profiles/arrears-heating.toml"),
    include_str!("../../profiles/court-enforcement.toml"),
    include_str!("../../profiles/double-publicity-penalties-2015.toml"),
    include_str!("../../profiles/double-publicity-penalties-2018.toml"),
    include_str!("../../profiles/double-publicity-permits-2015.toml"),
    include_str!("../../profiles/double-publicity-permits-2018.toml"),
    include_str!("../../profiles/ecommerce-dishonest.toml"),
    include_str!("../../profiles/finance-crime.toml"),
    include_str!("../../profiles/honours.toml"),
    include_str!("../../profiles/register-certificates.toml"),
    include_str!("../../profiles/register-names.toml"),
    include_str!("../../profiles/register-subjects.toml"),
    include_str!("../../profiles/trust-products.toml"),
    include_str!("../../profiles/work-safety.toml"),
    include_str!("../../profiles/xinjiang-financial-licences.toml"),
];

/// Every profile that comes with the product, by id.
///
/// # Errors
/// Never for a released build: a test loads every profile.
pub fn builtin_profiles() -> Result<Vec<Profile>, ProfileError> {
    SOURCES.iter().map(|text| Profile::parse(text)).collect()
}

/// The texts of the built-in profiles, as they are adopted.
pub fn builtin_texts() -> &'static [&'static str] {
    &SOURCES
}

/// One profile by id; none where no profile has it.
///
/// # Errors
/// As [`builtin_profiles`].
pub fn builtin_profile(id: &str) -> Result<Option<Profile>, ProfileError> {
    Ok(builtin_profiles()?
        .into_iter()
        .find(|profile| profile.id == id))
}

/// The id of the built-in profile that fits a table; see [`detect_among`].
pub fn detect_profile(table: &Table) -> Option<String> {
    let profiles = builtin_profiles().ok()?;
    detect_among(&profiles, table).map(|profile| profile.id.clone())
}

/// The profile whose required headers the table has; of several the one that knows most columns. None where no profile
/// fits, or two fit equally well: then a person chooses.
pub fn detect_among<'a>(profiles: &'a [Profile], table: &Table) -> Option<&'a Profile> {
    let mut fits: Vec<(usize, &Profile)> = profiles
        .iter()
        .filter_map(|profile| Some((fit(table, profile)?, profile)))
        .collect();
    fits.sort_by_key(|(known, _)| *known);
    let (most, profile) = fits.pop()?;
    match fits.pop() {
        Some((next, _)) if next == most => None,
        _ => Some(profile),
    }
}
