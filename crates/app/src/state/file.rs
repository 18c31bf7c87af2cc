//! Rows of one state as a text file: a line of JSON with the moment, one line per subject (id, open row, full row or `-`, in
//! hexadecimal, in the order of ids), a line of JSON with the roots. Two such files name the first subject that differs.

use probity_format::Hash;
use probity_project::{StateRoots, StateRow, state_roots};
use probity_types::{CivilDate, LogId, Position, SubjectId, unhex};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::io::{self, BufRead, Write};

/// The moment that the rows speak of, and what made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsHead {
    /// The log.
    pub log: LogId,
    /// The last entry that the state has seen.
    pub as_of: Position,
    /// The day.
    pub date: CivilDate,
    /// Version of the rows.
    pub views: u16,
    /// Version of the rules' evaluator.
    pub evaluator: u16,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct RowsFile {
    /// Its moment.
    pub head: RowsHead,
    /// Its rows.
    pub rows: Vec<StateRow>,
}

/// Why a file is none of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// It does not read.
    #[error("the file of rows does not read")]
    Read(#[from] io::Error),
    /// A line is of another form.
    #[error("line {line}: {why}")]
    Line {
        /// From 1.
        line: u64,
        /// What would be right.
        why: &'static str,
    },
    /// The two speak of different things.
    #[error("not comparable: field {field} is {first} in one file and {second} in the other")]
    NotComparable {
        /// Field of the first line.
        field: &'static str,
        /// In the first file.
        first: String,
        /// In the second file.
        second: String,
    },
}

/// The first difference of two states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The subject.
    pub subject: SubjectId,
    /// `subject` where only one has it, `open` or `full`.
    pub field: &'static str,
    /// In the first.
    pub first: String,
    /// In the second.
    pub second: String,
}

/// Writes rows, which stand in the order of ids, and gives their roots.
///
/// # Errors
/// The writer's own.
pub fn write_rows(
    out: &mut dyn Write,
    head: &RowsHead,
    rows: &[StateRow],
) -> io::Result<StateRoots> {
    writeln!(out, "{}", serde_json::to_string(head)?)?;
    for row in rows {
        let full = shown(row.full);
        writeln!(out, "{} {} {full}", row.subject, row.open)?;
    }
    let roots = state_roots(rows);
    writeln!(out, "{}", serde_json::to_string(&roots)?)?;
    out.flush()?;
    Ok(roots)
}

fn shown(full: Option<Hash>) -> String {
    full.map_or_else(|| "-".to_owned(), |full| full.to_string())
}

fn row(text: &str) -> Option<StateRow> {
    let mut words = text.split(' ');
    let (id, open, full) = (words.next()?, words.next()?, words.next()?);
    let full = match full {
        "-" => None,
        full => Some(Hash(unhex(full).ok()?)),
    };
    let row = StateRow {
        subject: SubjectId(unhex(id).ok()?),
        open: Hash(unhex(open).ok()?),
        full,
    };
    words.next().is_none().then_some(row)
}

/// Reads a file, and checks that its roots are those of its rows.
///
/// # Errors
/// [`RowsError`].
pub fn read_rows(from: &mut dyn BufRead) -> Result<RowsFile, RowsError> {
    let mut lines = from.lines();
    let fault = |line, why| RowsError::Line { line, why };
    let first = lines.next().ok_or(fault(1, "a line with the moment"))??;
    let head = serde_json::from_str(&first).map_err(|_| fault(1, "a line with the moment"))?;
    let mut rows: Vec<StateRow> = Vec::new();
    for (number, line) in (2..).zip(lines) {
        let line = line?;
        if line.starts_with('{') {
            let roots = serde_json::to_string(&state_roots(&rows)).map_err(io::Error::from)?;
            return match line == roots {
                true => Ok(RowsFile { head, rows }),
                false => Err(fault(number, "the roots are not those of the rows")),
            };
        }
        let row = row(&line).ok_or(fault(number, "subject, open row, full row"))?;
        if rows.last().is_some_and(|last| last.subject >= row.subject) {
            return Err(fault(number, "subjects ascend"));
        }
        rows.push(row);
    }
    Err(fault(0, "the file is cut off: its last line has the roots"))
}

/// Compares two files.
///
/// # Errors
/// [`RowsError::NotComparable`] where they speak of different moments, logs or versions.
pub fn compare(first: &RowsFile, second: &RowsFile) -> Result<Option<Difference>, RowsError> {
    let fields = |head: &RowsHead| {
        [
            ("log", head.log.to_string()),
            ("as_of", head.as_of.to_string()),
            ("date", head.date.to_string()),
            ("views", head.views.to_string()),
            ("evaluator", head.evaluator.to_string()),
        ]
    };
    for ((field, first), (_, second)) in fields(&first.head).into_iter().zip(fields(&second.head)) {
        if first != second {
            return Err(RowsError::NotComparable {
                field,
                first,
                second,
            });
        }
    }
    Ok(differs_from(&first.rows, &second.rows))
}

/// The first subject in which two states differ. A full row that one of them does not know is not compared.
pub fn differs_from(first: &[StateRow], second: &[StateRow]) -> Option<Difference> {
    let (mut ours, mut theirs) = (first.iter().peekable(), second.iter().peekable());
    let only = |subject, is_first: bool| {
        let (there, none) = ("there".to_owned(), "none".to_owned());
        let (first, second) = if is_first {
            (there, none)
        } else {
            (none, there)
        };
        Some(Difference {
            subject,
            field: "subject",
            first,
            second,
        })
    };
    loop {
        let (a, b) = match (ours.peek(), theirs.peek()) {
            (None, None) => return None,
            (Some(a), None) => return only(a.subject, true),
            (None, Some(b)) => return only(b.subject, false),
            (Some(a), Some(b)) => (**a, **b),
        };
        match a.subject.cmp(&b.subject) {
            Ordering::Less => return only(a.subject, true),
            Ordering::Greater => return only(b.subject, false),
            Ordering::Equal => {}
        }
        let differs = |field, first: String, second: String| {
            let subject = a.subject;
            (first != second).then_some(Difference {
                subject,
                field,
                first,
                second,
            })
        };
        let known = a.full.zip(b.full);
        let full = known.and_then(|(a, b)| differs("full", a.to_string(), b.to_string()));
        let found = differs("open", a.open.to_string(), b.open.to_string()).or(full);
        if found.is_some() {
            return found;
        }
        ours.next();
        theirs.next();
    }
}
