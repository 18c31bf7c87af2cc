//! Tables to reports, by a profile and the legal day.

mod build;
mod header;
mod identifiers;
mod outcome;
mod row;

pub use outcome::{FileRefusal, LISTED_MAX, Place, Reading, RowError, Warning};

pub(crate) use header::fit;

use crate::profile::{Profile, Target};
use crate::read::{ReadFile, Row, Table};
use header::{Resolved, find_header, resolve};
use probity_names::fold_header;
use probity_types::CivilDate;
use row::{Context, RowReader};

/// Reads every data row of the file with a profile. `today` is the legal day, against which birth dates
/// inside citizen numbers are held.
///
/// # Errors
/// [`FileRefusal`]: no row is read, because the file is no credit data or lacks a header.
pub fn read_rows(
    file: &ReadFile,
    profile: &Profile,
    today: CivilDate,
) -> Result<Reading, FileRefusal> {
    read_rows_with(file, profile, today, &|_| false)
}

/// The same where reviewers confirmed credit codes whose outer check fails: such a code is taken with a warning.
///
/// # Errors
/// As [`read_rows`].
pub fn read_rows_with(
    file: &ReadFile,
    profile: &Profile,
    today: CivilDate,
    is_confirmed: &dyn Fn(&str) -> bool,
) -> Result<Reading, FileRefusal> {
    if let Target::NotCreditData {
        reason_zh,
        reason_en,
    } = &profile.target
    {
        let (reason_zh, reason_en) = (reason_zh.clone(), reason_en.clone());
        return Err(FileRefusal::NotCreditData {
            reason_zh,
            reason_en,
        });
    }
    let table = chosen_table(file, profile)?;
    let header = find_header(table, profile)?;
    let resolved = resolve(&header, profile)?;
    let mut reading = Reading {
        form: file.form,
        sheet: table.sheet.clone(),
        header_row: header.number,
        columns: header.places(profile, &resolved),
        rows: 0,
        refused: 0,
        reports: Vec::new(),
        errors: Vec::new(),
        warnings: Vec::new(),
        unlisted: 0,
    };
    file_warnings(&mut reading, file, (profile, table), &resolved);
    let context = Context {
        profile,
        sheet: &table.sheet,
        header: &header,
        resolved: &resolved,
        today,
        is_confirmed,
    };
    for row in table
        .rows
        .iter()
        .filter(|row| row.number > header.number && !row.is_blank())
    {
        read_row(&mut reading, &context, row);
    }
    Ok(reading)
}

fn chosen_table<'a>(file: &'a ReadFile, profile: &Profile) -> Result<&'a Table, FileRefusal> {
    let filled = |table: &&Table| !table.rows.iter().all(Row::is_blank);
    let chosen = match &profile.sheet {
        // The text of a CSV file has no sheet name.
        Some(name) => file
            .tables
            .iter()
            .find(|t| t.sheet == *name || t.sheet.is_empty()),
        None => file.tables.iter().find(filled),
    };
    chosen.ok_or_else(|| FileRefusal::NoSheet {
        sheet: profile.sheet.clone().unwrap_or_default(),
        found: file.tables.iter().map(|t| t.sheet.clone()).collect(),
    })
}

/// What is not read is said: other sheets with rows, columns that no rule names.
fn file_warnings(
    reading: &mut Reading,
    file: &ReadFile,
    (profile, table): (&Profile, &Table),
    resolved: &Resolved,
) {
    let mut remark = |sheet: &str, column: &str, rule: &str, zh: String, en: String| {
        reading.warnings.push(Warning {
            sheet: sheet.to_owned(),
            row: 0,
            column: column.to_owned(),
            field: String::new(),
            rule: rule.to_owned(),
            zh,
            en,
        });
    };
    let others = file
        .tables
        .iter()
        .filter(|t| !profile.unread_sheets.contains(&t.sheet))
        .filter(|t| t.sheet != table.sheet && !t.rows.iter().all(Row::is_blank));
    for other in others {
        let zh = format!("工作表“{}”未读取", other.sheet);
        remark(
            &other.sheet,
            "",
            "sheet.unused",
            zh,
            format!("sheet {:?} is not read", other.sheet),
        );
    }
    for (column, header) in &resolved.unused {
        let zh = format!("{column}列“{header}”未使用");
        remark(
            &table.sheet,
            column,
            "column.unused",
            zh,
            format!("column {column} {header:?} is not used"),
        );
    }
}

fn read_row(reading: &mut Reading, context: &Context<'_>, row: &Row) {
    if is_totals(context.profile, row) {
        let warning = Warning {
            sheet: context.sheet.to_owned(),
            row: row.number,
            column: String::new(),
            field: String::new(),
            rule: "row.totals".to_owned(),
            zh: "合计行，未作为数据读取".to_owned(),
            en: "a totals row, not read as data".to_owned(),
        };
        list(&mut reading.warnings, vec![warning], &mut reading.unlisted);
        return;
    }
    reading.rows += 1;
    let mut reader = RowReader::new(context, row);
    reader.refuse_beyond_header();
    reader.read_columns();
    reader.read_identifiers();
    reader.read_standing();
    let built = if reader.errors.is_empty() {
        build::report(&mut reader)
    } else {
        None
    };
    match built {
        Some(report) if reader.errors.is_empty() => reading.reports.push((row.number, report)),
        Some(_) | None => reading.refused += 1,
    }
    list(&mut reading.errors, reader.errors, &mut reading.unlisted);
    list(
        &mut reading.warnings,
        reader.warnings,
        &mut reading.unlisted,
    );
}

/// A file of a million bad rows must not fill the memory with texts about them.
fn list<T>(listed: &mut Vec<T>, found: Vec<T>, unlisted: &mut u64) {
    let room = LISTED_MAX.saturating_sub(listed.len());
    *unlisted += found.len().saturating_sub(room) as u64;
    listed.extend(found.into_iter().take(room));
}

/// A row whose first filled cell is a word such as 合计 of the profile.
fn is_totals(profile: &Profile, row: &Row) -> bool {
    let Some(first) = row.cells.iter().find(|cell| !cell.is_blank()) else {
        return false;
    };
    let folded = fold_header(&first.shown());
    let word = folded.trim_end_matches([':', '：']);
    profile.totals.iter().any(|total| total == word)
}

#[cfg(test)]
mod dual_publicity_tests;
#[cfg(test)]
mod tests;
