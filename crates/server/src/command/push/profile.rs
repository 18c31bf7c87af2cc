//! What of an agency's database becomes a report, and how: a file beside the command.

use crate::command::Failed;
use probity_types::{CodeList, CompensationReason, IdentifierKind, Role, SubjectKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Most rows that are read at once.
pub(super) const BATCH_ROWS_MAX: u32 = 1000;
/// Largest profile that is read.
const PROFILE_BYTES_MAX: u64 = 1 << 20;

/// A push profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// Names the profile in request names: never changed once used.
    pub(super) id: String,
    /// What it is, Chinese.
    pub(super) title_zh: String,
    /// The same in English.
    pub(super) title_en: String,
    /// Reporting agency.
    pub(super) source_unit: String,
    /// Its credit code, empty where it has none.
    #[serde(default)]
    pub(super) source_unit_code: String,
    /// A query of one parameter, `$1`: rows whose cursor lies behind it.
    pub(super) query: String,
    /// Column that rises in the order in which rows are committed, `bigint`.
    pub(super) cursor: String,
    /// Column that names the row for ever, `bigint`, and no identity number.
    pub(super) key: String,
    /// Rows read at once.
    pub(super) batch: u32,
    /// Who is registered, or whom the record is about.
    pub(super) subject: SubjectMap,
    /// The record; left out where the rows only register subjects.
    pub(super) record: Option<RecordMap>,
}

/// Where a value comes from: a column, or the same for every row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    /// Column of the query.
    pub(super) column: Option<String>,
    /// A constant.
    pub(super) value: Option<String>,
    /// How a column or constant is written.
    #[serde(default)]
    pub(super) form: Form,
    /// What the column says and what is reported for it; anything else is refused.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
}

/// How a value is written in the source. Units of money are declared, never guessed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// Text, dates, codes, decimals.
    #[default]
    Text,
    /// Money in yuan.
    Yuan,
    /// Money in ten thousand yuan.
    WanYuan,
    /// Money in fen.
    Fen,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// Several codes, split by ; or ；.
    List,
}

/// Who a row is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectMap {
    /// Kind: a constant, or a column with values.
    pub(super) kind: Source,
    pub(super) name: Source,
    pub(super) region: Option<Source>,
    pub(super) birth_date: Option<Source>,
    /// Each with its declared kind; an empty cell has no identifier.
    pub(super) identifiers: Vec<IdentifierMap>,
}

/// One identifier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierMap {
    pub(super) kind: IdentifierKind,
    pub(super) column: String,
}

/// What a row says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordMap {
    pub(super) subcategory: String,
    pub(super) role: Role,
    pub(super) authority: Source,
    pub(super) authority_code: Option<Source>,
    /// By field name of the catalogue.
    pub(super) fields: BTreeMap<String, Source>,
    /// What a changed row is corrected on.
    pub(super) correction: Correction,
}

/// Ground of a correction.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Correction {
    pub(super) reason: CompensationReason,
    pub(super) legal_basis: String,
    /// Number of the instrument: a constant or a column.
    pub(super) instrument_no: Source,
}

fn wrong(path: &Path, why: &dyn std::fmt::Display) -> Failed {
    let path = path.display();
    Failed::not_run(format!(
        "{path}：方案无法使用 · the profile cannot be used: {why}"
    ))
}

/// Reads a file of TOML up to the bound of a profile.
///
/// # Errors
/// It is not there, too large, or not of the form.
pub(in crate::command) fn read_toml<T: serde::de::DeserializeOwned>(
    path: &Path,
) -> Result<T, Failed> {
    let size = std::fs::metadata(path).map_err(|e| wrong(path, &e))?.len();
    if size > PROFILE_BYTES_MAX {
        return Err(wrong(path, &format!("{size} > {PROFILE_BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| wrong(path, &e))?;
    toml::from_str(&text).map_err(|e| wrong(path, &e))
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// It does not read, or says what cannot be.
    pub(super) fn read(path: &Path) -> Result<Self, Failed> {
        let profile: Self = read_toml(path)?;
        profile.check().map_err(|why| wrong(path, &why))?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), String> {
        if !(1..=BATCH_ROWS_MAX).contains(&self.batch) {
            return Err(format!("batch: 1 to {BATCH_ROWS_MAX} rows"));
        }
        if !self.query.contains("$1") {
            return Err("query: it takes the cursor as $1".to_owned());
        }
        for (place, source) in self.sources() {
            if source.column.is_some() == source.value.is_some() {
                return Err(format!("{place}: name a column or a value, one of the two"));
            }
        }
        let kind = &self.subject.kind;
        let kinds = kind.value.iter().chain(kind.values.values());
        for word in kinds {
            if word.parse::<SubjectKind>().is_err() {
                return Err(format!("subject.kind: {word} is no kind of subject"));
            }
        }
        Ok(())
    }

    /// Every value with its place in the profile.
    fn sources(&self) -> Vec<(String, &Source)> {
        let subject = &self.subject;
        let mut all = vec![
            ("subject.kind".to_owned(), &subject.kind),
            ("subject.name".to_owned(), &subject.name),
        ];
        all.extend(
            subject
                .region
                .iter()
                .map(|s| ("subject.region".to_owned(), s)),
        );
        all.extend(
            subject
                .birth_date
                .iter()
                .map(|s| ("subject.birth_date".to_owned(), s)),
        );
        if let Some(record) = &self.record {
            all.push(("record.authority".to_owned(), &record.authority));
            all.extend(
                record
                    .authority_code
                    .iter()
                    .map(|s| ("record.authority_code".to_owned(), s)),
            );
            all.push((
                "record.correction.instrument_no".to_owned(),
                &record.correction.instrument_no,
            ));
            all.extend(
                record
                    .fields
                    .iter()
                    .map(|(name, s)| (format!("record.fields.{name}"), s)),
            );
        }
        all
    }

    /// Every column that the profile names, with the place where it does.
    pub(super) fn columns(&self) -> Vec<(String, &str)> {
        let mut columns = vec![
            ("cursor".to_owned(), self.cursor.as_str()),
            ("key".to_owned(), self.key.as_str()),
        ];
        for (place, source) in self.sources() {
            columns.extend(source.column.as_deref().map(|column| (place, column)));
        }
        for identifier in &self.subject.identifiers {
            let place = format!("subject.identifiers.{}", identifier.kind.key());
            columns.push((place, identifier.column.as_str()));
        }
        columns
    }
}
