//! Files that amend records: corrections (record, field, old value, new value) and withdrawals (record, reason). An agency
//! amends what it made itself: records that it reported or decided.
//!
//! A record is named by its id, or by the code of its subject and the number of its act.

use super::work::Purpose;
use crate::import::ImportError;
use crate::ledger::Ledger;
use probity_domain::Command;
use probity_domain::command::{Compensation, CurrentRecord};
use probity_domain::shape::to_fields;
use probity_format::events::Ground;
use probity_format::wire::Set;
use probity_ingest::read::{Row, column_letters};
use probity_ingest::rows::Place;
use probity_ingest::values::{Reader, ValueFault, cell_text, read_cell};
use probity_ingest::{FileRefusal, Reading, RowError, Table, read};
use probity_names::{fold, fold_header};
use probity_project::Moment;
use probity_rules::AnchorDates;
use probity_types::{
    CodeList, CompensationReason, FieldType, FieldValue, IdentifierKind, MoneyUnit, RecordId,
    SubmissionKind, Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows that may stand above the header.
const HEADER_ROWS_MAX: usize = 10;

/// Columns with the headers that they answer to.
const COLUMNS: [(&str, &[&str]); 9] = [
    ("record", &["记录编号", "record"]),
    (
        "subject_code",
        &["主体代码", "统一社会信用代码", "subject_code"],
    ),
    (
        "document_no",
        &["文书号", "决定书文号", "文号", "案号", "document_no"],
    ),
    ("field", &["字段", "更正字段", "field"]),
    ("old", &["原值", "原内容", "old"]),
    ("new", &["新值", "更正为", "更正后内容", "new"]),
    ("reason", &["原因", "reason"]),
    (
        "instrument_no",
        &["依据文书号", "依据文书", "instrument_no"],
    ),
    ("legal_basis", &["法律依据", "legal_basis"]),
];

/// Columns that each kind of file needs; a record is named in one of two ways besides.
fn needed(kind: SubmissionKind) -> &'static [&'static str] {
    match kind {
        SubmissionKind::Correction => &["field", "old", "new"],
        SubmissionKind::Withdrawal | SubmissionKind::Report => &["reason"],
    }
}

/// Name of the form, where an import profile would be named.
pub(super) fn label(kind: SubmissionKind) -> &'static str {
    match kind {
        SubmissionKind::Report => "",
        SubmissionKind::Correction => "correction-file/1",
        SubmissionKind::Withdrawal => "withdrawal-file/1",
    }
}

/// A file of amendments as commands.
pub(super) struct Amendments {
    pub(super) reading: Reading,
    pub(super) commands: Vec<(Vec<u32>, Command)>,
    pub(super) classes: BTreeSet<String>,
}

/// What is wrong with a cell: field, rule, both sentences.
struct Fault {
    field: &'static str,
    rule: String,
    zh: String,
    en: String,
}

impl Fault {
    fn new(field: &'static str, rule: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (rule, zh, en) = (rule.to_owned(), zh.into(), en.into());
        Self {
            field,
            rule,
            zh,
            en,
        }
    }

    fn of(field: &'static str, fault: ValueFault) -> Self {
        Self::new(field, fault.rule, fault.zh, fault.en)
    }
}

/// One row, read.
struct Amendment {
    record: CurrentRecord,
    change: Option<(String, Option<FieldValue>)>,
    ground: Ground,
}

type Columns = BTreeMap<&'static str, usize>;

struct AmendReader<'a> {
    ledger: &'a Ledger,
    purpose: &'a Purpose<'a>,
    columns: Columns,
}

pub(super) fn read_amendments(
    ledger: &Ledger,
    bytes: &[u8],
    purpose: &Purpose<'_>,
) -> Result<Amendments, ImportError> {
    let file = read(bytes)?;
    let (table, at, columns) = find_header(&file.tables, purpose.kind)?;
    let header = &table.rows[at];
    let place = |column: &usize| Place {
        letters: column_letters(*column),
        header: header.cell(*column).shown(),
    };
    let places = columns.iter();
    let mut reading = Reading {
        form: file.form,
        sheet: table.sheet.clone(),
        header_row: header.number,
        columns: places
            .map(|(name, column)| ((*name).to_owned(), place(column)))
            .collect(),
        rows: 0,
        refused: 0,
        reports: Vec::new(),
        errors: Vec::new(),
        warnings: Vec::new(),
        unlisted: 0,
    };
    let reader = AmendReader {
        ledger,
        purpose,
        columns,
    };
    let mut read = Vec::new();
    for row in table.rows[at + 1..].iter().filter(|row| !row.is_blank()) {
        reading.rows += 1;
        match reader.amendment(row)? {
            Ok(amendment) => read.push((row.number, amendment)),
            Err(fault) => {
                reading.refused += 1;
                reading.errors.push(row_error(&reading, row, fault));
            }
        }
    }
    let classes = read.iter();
    let classes = classes.map(|(_, it)| it.record.core.subcategory.as_str().to_owned());
    Ok(Amendments {
        classes: classes.collect(),
        commands: group(read, purpose),
        reading,
    })
}

fn find_header(
    tables: &[Table],
    kind: SubmissionKind,
) -> Result<(&Table, usize, Columns), FileRefusal> {
    let mut closest = (0, needed(kind).to_vec(), Vec::new());
    for table in tables {
        for (at, row) in table.rows.iter().take(HEADER_ROWS_MAX).enumerate() {
            let mut columns = Columns::new();
            let found = row.cells.iter().map(|cell| cell.shown());
            let found: Vec<String> = found.collect();
            for (column, header) in found.iter().enumerate() {
                let header = fold_header(header);
                let is_it = |names: &[&str]| names.iter().any(|name| fold_header(name) == header);
                if let Some((name, _)) = COLUMNS.iter().find(|(_, names)| is_it(names)) {
                    columns.entry(*name).or_insert(column);
                }
            }
            let has = |name: &&str| columns.contains_key(*name);
            let names_a_record = has(&"record") || (has(&"subject_code") && has(&"document_no"));
            let mut missing: Vec<&str> = needed(kind).to_vec();
            missing.retain(|name| !columns.contains_key(name));
            if !names_a_record {
                missing.push("record");
            }
            if missing.is_empty() {
                return Ok((table, at, columns));
            }
            if missing.len() < closest.1.len() || closest.0 == 0 {
                closest = (row.number, missing, found);
            }
        }
    }
    let (closest, missing, found) = closest;
    let first = |name: &&str| {
        let column = COLUMNS.iter().find(|(known, _)| known == name);
        column.map_or(*name, |(_, names)| names[0]).to_owned()
    };
    Err(FileRefusal::HeaderMissing {
        rows: HEADER_ROWS_MAX as u32,
        closest,
        missing: missing.iter().map(first).collect(),
        found,
    })
}

fn row_error(reading: &Reading, row: &Row, fault: Fault) -> RowError {
    let place = reading.columns.get(fault.field);
    RowError {
        sheet: reading.sheet.clone(),
        row: row.number,
        column: place.map_or_else(String::new, |place| place.letters.clone()),
        header: place.map_or_else(String::new, |place| place.header.clone()),
        field: fault.field.to_owned(),
        // What stands in these cells may be a person's.
        value: String::new(),
        rule: fault.rule,
        zh: fault.zh,
        en: fault.en,
        remedy_zh: "请按提示更正后重新报送".to_owned(),
        remedy_en: "correct it as told and send the file again".to_owned(),
        suggestion: None,
    }
}

/// Corrections of one record with the same ground are one command.
fn group(read: Vec<(u32, Amendment)>, purpose: &Purpose<'_>) -> Vec<(Vec<u32>, Command)> {
    let mut commands: Vec<(Vec<u32>, Command)> = Vec::new();
    for (row, amendment) in read {
        if purpose.without.contains(&row) {
            continue;
        }
        let Amendment {
            record,
            change,
            ground,
        } = amendment;
        if let Some((field, value)) = &change {
            let joined = commands
                .iter_mut()
                .find_map(|(rows, command)| match command {
                    Command::Compensate {
                        records,
                        action: Compensation::Correct(changes),
                        ground: held,
                    } if records
                        .first()
                        .is_some_and(|first| first.core.record == record.core.record)
                        && *held == ground
                        && !changes.contains_key(field) =>
                    {
                        Some((rows, changes))
                    }
                    _ => None,
                });
            if let Some((rows, changes)) = joined {
                rows.push(row);
                changes.insert(field.clone(), value.clone());
                continue;
            }
        }
        let action = match change {
            Some((field, value)) => Compensation::Correct(BTreeMap::from([(field, value)])),
            None => match ground.reason {
                CompensationReason::SetAside
                | CompensationReason::DeclaredUnlawful
                | CompensationReason::CourtDecision => Compensation::Annul(None),
                _ => Compensation::Void,
            },
        };
        let records = vec![record];
        let command = Command::Compensate {
            records,
            action,
            ground,
        };
        commands.push((vec![row], command));
    }
    commands
}

impl AmendReader<'_> {
    fn text(&self, row: &Row, name: &'static str) -> Result<String, Fault> {
        let Some(column) = self.columns.get(name) else {
            return Ok(String::new());
        };
        let text = cell_text(row.cell(*column)).map_err(|fault| Fault::of(name, fault))?;
        Ok(text.unwrap_or_default())
    }

    fn amendment(&self, row: &Row) -> Result<Result<Amendment, Fault>, ImportError> {
        let record = match self.record(row)? {
            Ok(record) => record,
            Err(fault) => return Ok(Err(fault)),
        };
        Ok(self.rest(row, record))
    }

    fn rest(&self, row: &Row, record: CurrentRecord) -> Result<Amendment, Fault> {
        let own = [&record.core.source_unit, &record.core.authority];
        if !own
            .iter()
            .any(|unit| fold(unit) == fold(self.purpose.agency))
        {
            let zh = "该记录不是本单位报送或作出的，只能由产生单位更正或撤回";
            let en = "the record was neither reported nor decided by this agency, which alone could amend it";
            return Err(Fault::new("record", "record.not_own", zh, en));
        }
        let change = match self.purpose.kind {
            SubmissionKind::Correction => Some(self.change(row, &record)?),
            SubmissionKind::Withdrawal | SubmissionKind::Report => None,
        };
        let ground = Ground {
            reason: self.reason(row)?,
            authority: self.bounded("record", self.purpose.agency)?,
            instrument_no: self.bounded("instrument_no", &self.text(row, "instrument_no")?)?,
            legal_basis: self.bounded("legal_basis", &self.text(row, "legal_basis")?)?,
            evidence: Set::default(),
        };
        Ok(Amendment {
            record,
            change,
            ground,
        })
    }

    fn bounded<const N: u32>(&self, field: &'static str, text: &str) -> Result<Text<N>, Fault> {
        Text::try_from(text).map_err(|error| {
            let zh = format!("超过 {N} 个字符");
            Fault::new(field, "text.too_long", zh, error.to_string())
        })
    }

    fn reason(&self, row: &Row) -> Result<CompensationReason, Fault> {
        let text = self.text(row, "reason")?;
        if text.is_empty() && self.purpose.kind == SubmissionKind::Correction {
            return Ok(CompensationReason::SourceCorrection);
        }
        let known = CompensationReason::ALL.iter().copied();
        let mut known = known.filter(|code| code.key() == text || code.zh() == text);
        known.next().ok_or_else(|| {
            let names = CompensationReason::ALL.iter();
            let names: Vec<String> = names
                .map(|c| format!("{}（{}）", c.zh(), c.key()))
                .collect();
            let names = names.join("、");
            let zh = format!("原因须为以下之一：{names}");
            let en = format!("the reason is one of: {names}");
            Fault::new("reason", "field.not_in_list", zh, en)
        })
    }

    /// The record that a row names, as it stands.
    fn record(&self, row: &Row) -> Result<Result<CurrentRecord, Fault>, ImportError> {
        let not_found = |field| {
            let zh = "没有找到这条记录，请核对编号，或核对主体代码和文书号";
            let en = "there is no such record; check the id, or subject code and document number";
            Fault::new(field, "record.not_found", zh, en)
        };
        let named = match self.text(row, "record") {
            Ok(named) => named,
            Err(fault) => return Ok(Err(fault)),
        };
        let named = named.trim().trim_start_matches("record/").to_owned();
        if !named.is_empty() {
            let Ok(id) = named.parse::<RecordId>() else {
                return Ok(Err(not_found("record")));
            };
            let read = self.current(id)?;
            return Ok(read.ok_or_else(|| not_found("record")));
        }
        let (code, number) = match (
            self.text(row, "subject_code"),
            self.text(row, "document_no"),
        ) {
            (Ok(code), Ok(number)) => (code, number),
            (Err(fault), _) | (_, Err(fault)) => return Ok(Err(fault)),
        };
        let mut found = Vec::new();
        for id in self.candidates(&code) {
            if let Some(record) = self.current(id)?
                && has_number(&record, &number)
            {
                found.push(record);
            }
        }
        Ok(match (found.len(), found.pop()) {
            (1, Some(record)) => Ok(record),
            (0, _) => Err(not_found("document_no")),
            _ => {
                let zh = "该主体有多条同文书号的记录，请填写记录编号";
                let en =
                    "several records of the subject bear this number; name the record by its id";
                Err(Fault::new("document_no", "record.several", zh, en))
            }
        })
    }

    /// A record as it stood when the file was decided on. One that was changed since then bears a revision that the decider
    /// does not find.
    fn current(&self, id: RecordId) -> Result<Option<CurrentRecord>, ImportError> {
        let Some(known_at) = self.purpose.moment.known_at else {
            return Ok(self.ledger.current_record(id)?.ok());
        };
        let moment = Moment {
            valid_on: self.purpose.moment.today,
            known_at: Some(known_at),
        };
        let row = self.ledger.views().records().get(&id).cloned();
        let Some(row) = row else {
            return Ok(None);
        };
        let Some(content) = self.ledger.record_content(&row, &moment)? else {
            return Ok(None);
        };
        let first = row.versions.first();
        Ok(Some(CurrentRecord {
            revision: row.revision.min(known_at),
            recorded_at: first.map_or(row.revision, |version| version.position),
            core: content.core,
            details: content.details,
        }))
    }

    fn candidates(&self, code: &str) -> Vec<RecordId> {
        let views = self.ledger.views();
        let directory = views.directory();
        let code = code.trim().to_uppercase();
        let kinds = IdentifierKind::ALL.iter();
        let holder = kinds
            .copied()
            .find_map(|kind| directory.by_identifier(&self.ledger.tagger, kind, &code));
        let index = holder.and_then(|row| directory.index(&row.id));
        let rows = index.map(|index| views.records().of_subject(index));
        let rows = rows.unwrap_or_default().iter();
        rows.filter_map(|row| Some(views.records().row(*row)?.id))
            .collect()
    }

    fn change(
        &self,
        row: &Row,
        record: &CurrentRecord,
    ) -> Result<(String, Option<FieldValue>), Fault> {
        let wanted = self.text(row, "field")?;
        let (field, field_type) = self.field(record, &wanted).ok_or_else(|| {
            let zh = "目录中该子类没有这个字段";
            Fault::new("field", "field.unknown", zh, "the class has no such field")
        })?;
        let old = self.value(row, "old", &field_type)?;
        let new = self.value(row, "new", &field_type)?;
        let now = to_fields(&record.core, record.details.as_ref());
        if now.get(&field) != old.as_ref() {
            let zh = "原值与登记内容不一致，请核对后重新填写";
            let en = "the old value is not what the register holds; check it";
            return Err(Fault::new("old", "correction.old_differs", zh, en));
        }
        Ok((field, new))
    }

    fn value(
        &self,
        row: &Row,
        name: &'static str,
        field_type: &FieldType,
    ) -> Result<Option<FieldValue>, Fault> {
        let Some(column) = self.columns.get(name) else {
            return Ok(None);
        };
        let mut reader = Reader::of(field_type, MoneyUnit::Yuan);
        reader.split = ";；";
        let read = read_cell(row.cell(*column), &reader).map_err(|fault| Fault::of(name, fault))?;
        Ok(read.map(|read| read.value))
    }

    fn field(&self, record: &CurrentRecord, wanted: &str) -> Option<(String, FieldType)> {
        let views = self.ledger.views();
        let dates = AnchorDates::on(record.core.decided_on);
        let packs = views.policies().packs(views.position()?, &dates).ok()?;
        let entry = packs.catalogue.entry(&record.core.subcategory)?;
        let mut fields = packs.catalogue.fields_of(entry);
        let field = fields.find(|field| field.name == wanted || field.name_zh == wanted)?;
        Some((field.name.clone(), field.field_type.clone()))
    }
}

fn has_number(record: &CurrentRecord, number: &str) -> bool {
    let fields = to_fields(&record.core, record.details.as_ref());
    ["document_no", "case_no"].iter().any(|name| {
        let held = fields.get(*name).map(ToString::to_string);
        held.is_some_and(|held| fold(&held) == fold(number))
    })
}
