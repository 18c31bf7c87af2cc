//! The header row: found by its required headers after folding, stray first lines passed over.

use super::outcome::{FileRefusal, Place};
use crate::profile::{KindRule, Profile, aliases};
use crate::read::{Row, Table, column_letters};
use probity_names::fold_header;
use std::collections::{BTreeMap, BTreeSet};

/// Headers of one row by folded text.
pub(crate) struct HeaderRow {
    /// Row number of the file.
    pub number: u32,
    columns: BTreeMap<String, Vec<usize>>,
    shown: Vec<String>,
}

/// Columns of the file for every rule of the profile, in the profile's order.
pub(crate) struct Resolved {
    /// For each column rule: filled sources in order, then columns to append.
    pub columns: Vec<(Vec<usize>, Vec<usize>)>,
    /// For each identifier rule: value column and kind column.
    pub identifiers: Vec<(Option<usize>, Option<usize>)>,
    /// The column that says whether the act of a row still holds.
    pub standing: Option<usize>,
    /// Columns that no rule reads: letters and header.
    pub unused: Vec<(String, String)>,
}

impl HeaderRow {
    fn of(row: &Row) -> Self {
        let mut columns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let shown: Vec<String> = row
            .cells
            .iter()
            .map(|c| c.shown().trim().to_owned())
            .collect();
        for (column, text) in shown
            .iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty())
        {
            columns.entry(fold_header(text)).or_default().push(column);
        }
        Self {
            number: row.number,
            columns,
            shown,
        }
    }

    /// Number of its columns.
    pub(crate) fn width(&self) -> usize {
        self.shown.len()
    }

    /// The header of a column as it stands in the file.
    pub(crate) fn shown(&self, column: usize) -> &str {
        self.shown.get(column).map_or("", String::as_str)
    }

    /// Where each field stands; an identifier of a declared kind stands under `subject_code`.
    pub(crate) fn places(&self, profile: &Profile, resolved: &Resolved) -> BTreeMap<String, Place> {
        let fields = profile.columns.iter().map(|rule| rule.field.as_str());
        let sources = resolved
            .columns
            .iter()
            .map(|(sources, _)| sources.first().copied());
        let codes = resolved
            .identifiers
            .iter()
            .map(|(value, _)| ("subject_code", *value));
        let mut places = BTreeMap::new();
        for (field, column) in fields.zip(sources).chain(codes) {
            let Some(column) = column else { continue };
            places.entry(field.to_owned()).or_insert_with(|| Place {
                letters: column_letters(column),
                header: self.shown(column).to_owned(),
            });
        }
        places
    }

    fn missing(&self, profile: &Profile) -> Vec<String> {
        let groups = profile.required_headers();
        let known = profile.known_headers();
        let has = |name: &str| {
            self.columns.contains_key(name)
                || other_names(name, &known).any(|alias| self.columns.contains_key(alias))
        };
        let lacks = |names: &Vec<&str>| !names.iter().any(|name| has(name));
        groups
            .into_iter()
            .filter(|(_, names)| lacks(names))
            .map(|(title, _)| title.to_owned())
            .collect()
    }

    /// The column under one of these names; where there is none, under one of their other names.
    fn column(
        &self,
        names: &[String],
        known: &BTreeSet<&str>,
        field: &str,
    ) -> Result<Option<usize>, FileRefusal> {
        let mut met: Vec<usize> = names
            .iter()
            .filter_map(|n| self.columns.get(n))
            .flatten()
            .copied()
            .collect();
        if met.is_empty() {
            let others = names.iter().flat_map(|name| other_names(name, known));
            let others: BTreeSet<&str> = others.collect();
            let found = others.into_iter().filter_map(|n| self.columns.get(n));
            met.extend(found.flatten());
        }
        match met.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            several => Err(FileRefusal::HeaderTwice {
                field: field.to_owned(),
                columns: several.iter().map(|c| column_letters(*c)).collect(),
            }),
        }
    }

    /// How many columns the profile knows.
    fn known(&self, profile: &Profile) -> usize {
        let known = profile.known_headers();
        let is_known =
            |text: &str| known.contains(text) || aliases(text).any(|other| known.contains(other));
        self.columns.keys().filter(|text| is_known(text)).count()
    }
}

/// Other names of a header that the profile gives to no field of its own.
fn other_names<'a>(
    name: &str,
    known: &'a BTreeSet<&str>,
) -> impl Iterator<Item = &'static str> + 'a {
    aliases(name).filter(|alias| !known.contains(alias))
}

/// Finds the header row of a profile.
///
/// # Errors
/// [`FileRefusal::HeaderMissing`] with the closest row, what it lacks and what it has.
pub(crate) fn find_header(table: &Table, profile: &Profile) -> Result<HeaderRow, FileRefusal> {
    let mut closest: Option<(usize, HeaderRow, Vec<String>)> = None;
    let looked_at = table
        .rows
        .iter()
        .take_while(|row| row.number <= profile.header_rows_max);
    for row in looked_at.filter(|row| !row.is_blank()) {
        let header = HeaderRow::of(row);
        let missing = header.missing(profile);
        if missing.is_empty() {
            return Ok(header);
        }
        if closest
            .as_ref()
            .is_none_or(|(least, ..)| missing.len() < *least)
        {
            closest = Some((missing.len(), header, missing));
        }
    }
    let rows = profile.header_rows_max;
    Err(match closest {
        None => FileRefusal::HeaderMissing {
            rows,
            closest: 0,
            missing: Vec::new(),
            found: Vec::new(),
        },
        Some((_, header, missing)) => {
            let found = header
                .shown
                .iter()
                .filter(|t| !t.is_empty())
                .cloned()
                .collect();
            FileRefusal::HeaderMissing {
                rows,
                closest: header.number,
                missing,
                found,
            }
        }
    })
}

/// How well a table fits a profile: the columns it knows, none where a required header is missing.
pub(crate) fn fit(table: &Table, profile: &Profile) -> Option<usize> {
    let header = find_header(table, profile).ok()?;
    Some(header.known(profile))
}

/// Looks up every column of the profile.
///
/// # Errors
/// [`FileRefusal::HeaderTwice`] where two columns answer to one rule.
pub(crate) fn resolve(header: &HeaderRow, profile: &Profile) -> Result<Resolved, FileRefusal> {
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let known = profile.known_headers();
    let mut columns = Vec::new();
    for rule in &profile.columns {
        let mut find = |groups: &[Vec<String>]| -> Result<Vec<usize>, FileRefusal> {
            let mut found = Vec::new();
            for names in groups {
                found.extend(header.column(names, &known, &rule.field)?);
            }
            used.extend(&found);
            Ok(found)
        };
        columns.push((find(&rule.sources)?, find(&rule.append)?));
    }
    let mut identifiers = Vec::new();
    for rule in &profile.identifiers {
        let value = header.column(&rule.headers, &known, &rule.title)?;
        let kind = match &rule.kind {
            KindRule::Fixed(_) => None,
            KindRule::Column { headers, .. } => header.column(headers, &known, &rule.title)?,
        };
        used.extend(value.iter().chain(&kind));
        identifiers.push((value, kind));
    }
    let standing = match &profile.standing {
        Some(rule) => header.column(&rule.headers, &known, &rule.title)?,
        None => None,
    };
    used.extend(standing);
    let unused = header
        .shown
        .iter()
        .enumerate()
        .filter(|(c, text)| !used.contains(c) && !text.is_empty());
    let unused = unused
        .map(|(c, text)| (column_letters(c), text.clone()))
        .collect();
    Ok(Resolved {
        columns,
        identifiers,
        standing,
        unused,
    })
}
