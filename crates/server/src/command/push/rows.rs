//! Rows of a source table, and the reports that they become.

use super::profile::{Form, Profile, RecordMap, Source};
use crate::command::Failed;
use crate::command::database::{Database, told};
use probity_types::CodeList;
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, Column, Executor, Row as _, SqlSafeStr, Statement};
use std::collections::BTreeMap;

/// Context string of request names.
const REQUEST_CONTEXT: &str = "probity 2026 push request v1";
/// Context string of what the state keeps of a row.
const ROW_CONTEXT: &str = "probity 2026 push row v1";

/// One row: every column as text, as PostgreSQL writes it.
pub(super) struct Row {
    /// Where it stands in the order of changes.
    pub(super) cursor: i64,
    /// Which row of the source it is.
    pub(super) key: i64,
    values: BTreeMap<String, Option<String>>,
}

/// Why a row cannot become a report. It names the field and the rule, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) rule: &'static str,
    pub(super) zh: String,
    pub(super) en: String,
}

/// What a row asks of the register.
pub(super) struct Report {
    /// Body of the report, or of the registration.
    pub(super) body: Value,
    /// Fields with the empty ones as null: the changes of a correction.
    pub(super) changes: Value,
    /// Number of the instrument of a correction.
    pub(super) instrument_no: String,
    /// Deciding authority.
    pub(super) authority: String,
}

fn text_of(profile: &Profile) -> String {
    let query = profile.query.trim().trim_end_matches(';');
    let quoted = |name: &str| format!("q.\"{}\"", name.replace('"', "\"\""));
    let (cursor, key) = (quoted(&profile.cursor), quoted(&profile.key));
    // As text through JSON: exact for numeric, ISO for dates, and the same for every type.
    format!(
        "SELECT {cursor}::bigint, {key}::bigint, \
         (SELECT jsonb_object_agg(cell.key, cell.value)::text FROM jsonb_each_text(to_jsonb(q)) AS cell) \
         FROM ({query}) AS q ORDER BY {cursor} LIMIT $2"
    )
}

/// Checks that the query runs and has every column of the profile.
///
/// # Errors
/// What is missing.
pub(super) fn check(database: &mut Database, profile: &Profile) -> Result<(), Failed> {
    let query = profile.query.trim().trim_end_matches(';').to_owned();
    let Database {
        runtime,
        connection,
    } = database;
    let prepared = runtime.block_on(connection.prepare(AssertSqlSafe(query).into_sql_str()));
    let statement = prepared.map_err(|error| told(&error))?;
    let has = |name: &str| {
        statement
            .columns()
            .iter()
            .any(|column| column.name() == name)
    };
    let missing: Vec<String> = profile
        .columns()
        .into_iter()
        .filter(|(_, column)| !has(column))
        .map(|(place, column)| format!("{column} ({place})"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    Err(Failed::not_run(format!(
        "查询结果缺少列 · the query has no column {missing}"
    )))
}

/// The next rows behind a cursor.
///
/// # Errors
/// The database gave none.
pub(super) fn after(
    database: &mut Database,
    profile: &Profile,
    cursor: i64,
) -> Result<Vec<Row>, Failed> {
    let Database {
        runtime,
        connection,
    } = database;
    let rows = sqlx::query(AssertSqlSafe(text_of(profile)))
        .bind(cursor)
        .bind(i64::from(profile.batch))
        .fetch_all(connection);
    let rows = runtime.block_on(rows).map_err(|error| told(&error))?;
    rows.iter()
        .map(|row| {
            let cursor = row.try_get(0).map_err(|error| told(&error))?;
            let key = row.try_get(1).map_err(|error| told(&error))?;
            let text: String = row.try_get(2).map_err(|error| told(&error))?;
            let values = serde_json::from_str(&text).map_err(|_| {
                Failed::not_run("数据库的答复无法读取 · a row of the database does not read")
            })?;
            Ok(Row {
                cursor,
                key,
                values,
            })
        })
        .collect()
}

impl Row {
    fn cell(&self, column: &str) -> Option<&str> {
        let cell = self.values.get(column)?.as_deref()?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// What a source says for this row; none where the cell is empty.
    fn value<'a>(&'a self, field: &str, source: &'a Source) -> Result<Option<&'a str>, Fault> {
        let given = match (&source.column, &source.value) {
            (Some(column), _) => self.cell(column),
            (None, value) => value.as_deref(),
        };
        let Some(given) = given else { return Ok(None) };
        if source.values.is_empty() {
            return Ok(Some(given));
        }
        let mapped = source.values.get(given).map(String::as_str);
        let mapped = mapped.ok_or_else(|| Fault {
            field: field.to_owned(),
            rule: "source.value_unknown",
            zh: "方案未说明该取值的含义，请在 values 中补充".to_owned(),
            en: "the profile does not say what this value means; add it to values".to_owned(),
        })?;
        Ok(Some(mapped))
    }

    fn needed(&self, field: &str, source: &Source) -> Result<String, Fault> {
        let value = self.value(field, source)?;
        value.map(str::to_owned).ok_or_else(|| Fault {
            field: field.to_owned(),
            rule: "field.required",
            zh: "该列为空，请在来源库中补录".to_owned(),
            en: "the cell is empty; fill it in the source".to_owned(),
        })
    }

    /// The report that this row is.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) fn report(&self, profile: &Profile) -> Result<Report, Fault> {
        let subject = self.subject(profile)?;
        let Some(record) = &profile.record else {
            return Ok(Report {
                body: subject,
                changes: Value::Null,
                instrument_no: String::new(),
                authority: String::new(),
            });
        };
        self.record(profile, record, subject)
    }

    fn record(
        &self,
        profile: &Profile,
        record: &RecordMap,
        subject: Value,
    ) -> Result<Report, Fault> {
        let (mut fields, mut changes) = (Map::new(), Map::new());
        for (name, source) in &record.fields {
            let value = match self.value(name, source)? {
                Some(text) => written(name, source.form, text)?,
                None => Value::Null,
            };
            if !value.is_null() {
                fields.insert(name.clone(), value.clone());
            }
            changes.insert(name.clone(), value);
        }
        let authority = self.needed("authority", &record.authority)?;
        let code = match &record.authority_code {
            Some(source) => self.value("authority_code", source)?.unwrap_or_default(),
            None => "",
        };
        let instrument_no = self.value("instrument_no", &record.correction.instrument_no)?;
        let body = json!({
            "subject": subject,
            "role": record.role.key(),
            "subcategory": record.subcategory,
            "authority": authority,
            "authority_code": code,
            "source_unit": profile.source_unit,
            "source_unit_code": profile.source_unit_code,
            "fields": fields,
        });
        Ok(Report {
            body,
            changes: Value::Object(changes),
            instrument_no: instrument_no.unwrap_or_default().to_owned(),
            authority,
        })
    }

    fn subject(&self, profile: &Profile) -> Result<Value, Fault> {
        let map = &profile.subject;
        let mut identifiers = Vec::new();
        for identifier in &map.identifiers {
            let cell = self.cell(&identifier.column);
            identifiers
                .extend(cell.map(|value| json!({ "kind": identifier.kind.key(), "value": value })));
        }
        let mut subject = json!({
            "kind": self.needed("subject.kind", &map.kind)?,
            "name": self.needed("subject.name", &map.name)?,
            "identifiers": identifiers,
        });
        for (name, source) in [("region", &map.region), ("birth_date", &map.birth_date)] {
            let Some(source) = source else { continue };
            if let Some(value) = self.value(&format!("subject.{name}"), source)? {
                subject[name] = Value::from(value);
            }
        }
        Ok(subject)
    }
}

/// A value as the interface takes it.
fn written(field: &str, form: Form, text: &str) -> Result<Value, Fault> {
    let wrong = |rule: &'static str, zh: &str, en: &str| Fault {
        field: field.to_owned(),
        rule,
        zh: zh.to_owned(),
        en: en.to_owned(),
    };
    Ok(match form {
        Form::Text => Value::from(text),
        Form::Yuan => json!({ "yuan": text }),
        Form::WanYuan => json!({ "wan_yuan": text }),
        Form::Fen => {
            let fen: i64 = text
                .parse()
                .map_err(|_| wrong("money.form", "应为整数分", "a whole number of fen is right"))?;
            json!({ "fen": fen })
        }
        Form::Integer => {
            let number: i64 = text
                .parse()
                .map_err(|_| wrong("integer.form", "应为整数", "a whole number is right"))?;
            Value::from(number)
        }
        Form::Boolean => match text {
            "true" => Value::from(true),
            "false" => Value::from(false),
            _ => {
                return Err(wrong(
                    "boolean.form",
                    "应为 true 或 false",
                    "true or false is right",
                ));
            }
        },
        Form::List => text
            .split([';', '；'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect(),
    })
}

fn hashed(hasher: &mut blake3::Hasher, parts: &[&[u8]]) -> String {
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

/// Names a request after the profile, the row and what it says: the same row again is the same request.
pub(super) fn request_name(profile: &Profile, key: i64, path: &str, body: &Value) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(REQUEST_CONTEXT);
    let body = body.to_string();
    let parts = [
        profile.id.as_bytes(),
        &key.to_le_bytes(),
        path.as_bytes(),
        body.as_bytes(),
    ];
    hashed(&mut hasher, &parts)
}

/// What the state keeps of a content: keyed, because it may be about a person.
pub(super) fn keyed(secret: &[u8; 32], content: &Value) -> String {
    let key = blake3::derive_key(ROW_CONTEXT, secret);
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hashed(&mut hasher, &[content.to_string().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_goes_with_its_declared_unit_and_never_as_a_float() {
        assert_eq!(
            written("fine", Form::WanYuan, "1.500000").unwrap(),
            json!({"wan_yuan": "1.500000"})
        );
        assert_eq!(
            written("fine", Form::Fen, "150").unwrap(),
            json!({"fen": 150})
        );
        assert_eq!(
            written("fine", Form::Fen, "1.5").unwrap_err().rule,
            "money.form"
        );
    }

    #[test]
    fn several_codes_of_one_cell_are_split() {
        let list = written("penalty_kinds", Form::List, "P2-01；P2-03; ").unwrap();
        assert_eq!(list, json!(["P2-01", "P2-03"]));
    }
}
