//! One row: every cell is read and every fault kept; only then is it decided whether the row stands.

use super::header::{HeaderRow, Resolved};
use super::outcome::{RowError, Warning};
use crate::profile::{ColumnRule, Era, KindRule, Need, Profile};
use crate::read::{Cell, Row, column_letters};
use crate::values::{Reader, ValueFault, ValueNote, cell_text, fault, read_cell, read_text};
use probity_domain::report::IdentifierClaim;
use probity_names::fold_header;
use probity_types::identifiers::{mask, mask_name};
use probity_types::{CivilDate, FieldType, FieldValue, IdentifierKind, SubjectKind};
use std::collections::BTreeMap;

/// What stays the same over all rows of a table.
pub(crate) struct Context<'a> {
    pub profile: &'a Profile,
    pub sheet: &'a str,
    pub header: &'a HeaderRow,
    pub resolved: &'a Resolved,
    pub today: CivilDate,
    /// Whether a reviewer found a credit code in its register.
    pub is_confirmed: &'a dyn Fn(&str) -> bool,
}

/// A row in the making.
pub(crate) struct RowReader<'a> {
    pub context: &'a Context<'a>,
    pub row: &'a Row,
    pub fields: BTreeMap<String, FieldValue>,
    pub claims: Vec<IdentifierClaim>,
    pub errors: Vec<RowError>,
    pub warnings: Vec<Warning>,
    /// Kind of subject once it is known.
    pub kind: Option<SubjectKind>,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(context: &'a Context<'a>, row: &'a Row) -> Self {
        let (errors, warnings) = (Vec::new(), Vec::new());
        let told = context.profile.kind_by_identifier;
        let kind = match context.profile.subject_kind {
            None if told && has_personal_number(context, row) => Some(SubjectKind::NaturalPerson),
            given => given,
        };
        Self {
            context,
            row,
            fields: BTreeMap::new(),
            claims: Vec::new(),
            errors,
            warnings,
            kind,
        }
    }

    /// Reads every column rule whose eras do not hang on a date, then those that do.
    pub(crate) fn read_columns(&mut self) {
        let rules = self
            .context
            .profile
            .columns
            .iter()
            .zip(&self.context.resolved.columns);
        let (dated, plain): (Vec<_>, Vec<_>) = rules.partition(|(rule, _)| rule.dated_by.is_some());
        // The kind of subject first: it decides what is masked in every later message.
        let (kind, others): (Vec<_>, Vec<_>) = plain
            .into_iter()
            .partition(|(r, _)| r.field == "subject_kind");
        for (rule, (sources, append)) in kind.into_iter().chain(others).chain(dated) {
            self.read_column(rule, sources, append);
        }
        for (field, value) in &self.context.profile.constants {
            self.fields.insert(field.clone(), value.clone());
        }
    }

    fn read_column(&mut self, rule: &'a ColumnRule, sources: &[usize], append: &[usize]) {
        let filled = sources
            .iter()
            .copied()
            .find(|c| !self.row.cell(*c).is_blank());
        let Some(column) = filled else {
            if rule.need == Need::Required {
                let column = sources.first().copied();
                self.refuse(column, &rule.field, &rule.title, String::new(), required());
            }
            return;
        };
        let Some(values) = self.era(rule) else { return };
        let reader = Reader {
            field_type: &rule.field_type,
            unit: rule.unit,
            values: values.map(|e| &e.values),
            split: &rule.split,
        };
        let cell = self.row.cell(column);
        let read = if append.is_empty() {
            read_cell(cell, &reader)
        } else {
            self.joined(cell, append)
                .and_then(|text| read_text(&text, &reader).map(Some))
        };
        match read {
            Ok(None) => {}
            Ok(Some(read)) => {
                for note in read.notes {
                    self.remark(Some(column), &rule.field, note);
                }
                self.keep(rule, read.value);
            }
            Err(found) => {
                let shown = self.shown(rule, cell);
                self.refuse(Some(column), &rule.field, &rule.title, shown, found);
            }
        }
    }

    fn keep(&mut self, rule: &ColumnRule, value: FieldValue) {
        if let ("subject_kind", FieldValue::Code(key)) = (rule.field.as_str(), &value) {
            // `legal_person` is no kind yet: the credit code tells it, see `fields`.
            self.kind = key.parse().ok();
        }
        self.fields.insert(rule.field.clone(), value);
    }

    /// The value map that holds for this row: `Some(None)` = no map, `None` = not to be told because
    /// the date it hangs on is refused or missing, which is an error of its own.
    fn era(&mut self, rule: &'a ColumnRule) -> Option<Option<&'a Era>> {
        let Some(dated_by) = &rule.dated_by else {
            return Some(rule.eras.first());
        };
        let date = match self.fields.get(dated_by) {
            Some(FieldValue::Date(date)) => *date,
            _ => return None,
        };
        let era = rule
            .eras
            .iter()
            .find(|era| era.valid_from <= date && date <= era.valid_to);
        if era.is_none() {
            let zh = format!("{date}没有适用的代码表");
            let en = format!("no code list was in force on {date}");
            let found = fault("code.no_era", [&zh, &en, "请核对日期", "check the date"]);
            self.refuse(None, &rule.field, &rule.title, String::new(), found);
            return None;
        }
        Some(era)
    }

    fn joined(&self, first: &Cell, append: &[usize]) -> Result<String, ValueFault> {
        let mut parts = Vec::new();
        for cell in std::iter::once(first).chain(append.iter().map(|c| self.row.cell(*c))) {
            parts.extend(cell_text(cell)?);
        }
        Ok(parts.join("；"))
    }

    /// Whether the subject is or may be a human being: then names and numbers show masked. A kind that
    /// could not be read counts as one; sole traders often trade under their own name (domain.md §17).
    fn may_be_person(&self) -> bool {
        match self.kind {
            None => !matches!(self.fields.get("subject_kind"), Some(FieldValue::Code(_))),
            Some(SubjectKind::NaturalPerson | SubjectKind::SoleTrader) => true,
            Some(
                SubjectKind::Enterprise
                | SubjectKind::Unincorporated
                | SubjectKind::SocialOrganisation
                | SubjectKind::GovernmentBody,
            ) => false,
        }
    }

    fn shown(&self, rule: &ColumnRule, cell: &Cell) -> String {
        let text = cell.shown();
        let of_subject = matches!(rule.field.as_str(), "subject_name" | "subject_birth_date");
        if rule.personal || (of_subject && self.may_be_person()) {
            return mask_name(&text);
        }
        // A citizen number may stand anywhere by mistake (complaint P09).
        let text = mask(IdentifierKind::Uscc, &text);
        if rule.field_type == FieldType::Date {
            text
        } else {
            text.chars().take(200).collect()
        }
    }

    /// Whether the act of the row still holds, where the source says so.
    pub(crate) fn read_standing(&mut self) {
        let (Some(rule), Some(column)) = (
            &self.context.profile.standing,
            self.context.resolved.standing,
        ) else {
            return;
        };
        let shown = self.row.cell(column).shown();
        let word = fold_header(&shown);
        if word.is_empty() || rule.stands.contains(&word) {
            return;
        }
        if rule.disputed.contains(&word) {
            let note = ValueNote {
                rule: "act.disputed",
                zh: "来源标注为有异议：按有效读取，请关注异议结果".to_owned(),
                en: "the source marks it as disputed: it is read as it stands, watch the outcome"
                    .to_owned(),
            };
            self.remark(Some(column), "standing", note);
            return;
        }
        let found = if rule.revoked.contains(&word) {
            fault(
                "act.revoked",
                [
                    "来源标注为已撤销",
                    "the source marks the act as revoked",
                    "不要报送已撤销的决定；已入库的请用撤销办理",
                    "do not report a revoked act; where it is recorded, annul the record",
                ],
            )
        } else {
            fault(
                "act.standing",
                [
                    "无法识别的当前状态",
                    "a state of the act that the standard does not know",
                    "请按标准填写当前状态",
                    "give one of the states of the standard",
                ],
            )
        };
        let shown: String = shown.chars().take(32).collect();
        self.refuse(Some(column), "standing", &rule.title, shown, found);
    }

    /// A filled cell behind the last header: most often a stray comma that moved every value after it by one column.
    pub(crate) fn refuse_beyond_header(&mut self) {
        let width = self.context.header.width();
        let mut beyond = self.row.cells.iter().enumerate().skip(width);
        let Some((column, _)) = beyond.find(|(_, cell)| !cell.is_blank()) else {
            return;
        };
        let found = ValueFault {
            rule: "row.too_many_cells",
            zh: format!("本行比表头多出单元格，表头共 {width} 列").into(),
            en: format!("the row has more cells than the header, which has {width}").into(),
            remedy_zh: "检查是否多了一个分隔符，各值是否错列".into(),
            remedy_en: "look for a separator too many, and whether the values moved by a column"
                .into(),
            suggestion: None,
        };
        self.refuse(Some(column), "", "", String::new(), found);
    }

    /// Keeps a fault; the row will be refused.
    pub(crate) fn refuse(
        &mut self,
        column: Option<usize>,
        field: &str,
        title: &str,
        value: String,
        found: ValueFault,
    ) {
        let header = column.map_or(title, |c| self.context.header.shown(c));
        self.errors.push(RowError {
            sheet: self.context.sheet.to_owned(),
            row: self.row.number,
            column: column.map_or_else(String::new, column_letters),
            header: header.to_owned(),
            field: field.to_owned(),
            value,
            rule: found.rule.to_owned(),
            zh: found.zh.into_string(),
            en: found.en.into_string(),
            remedy_zh: found.remedy_zh.into_string(),
            remedy_en: found.remedy_en.into_string(),
            suggestion: found.suggestion.map(String::from),
        });
    }

    /// Keeps a remark.
    pub(crate) fn remark(&mut self, column: Option<usize>, field: &str, note: ValueNote) {
        self.warnings.push(Warning {
            sheet: self.context.sheet.to_owned(),
            row: self.row.number,
            column: column.map_or_else(String::new, column_letters),
            field: field.to_owned(),
            rule: note.rule.to_owned(),
            zh: note.zh,
            en: note.en,
        });
    }
}

/// Whether a column of numbers that only persons have is filled.
fn has_personal_number(context: &Context<'_>, row: &Row) -> bool {
    let rules = context.profile.identifiers.iter();
    let mut columns = rules.zip(&context.resolved.identifiers);
    columns.any(|(rule, (column, _))| {
        let personal = matches!(&rule.kind, KindRule::Fixed(kind) if kind.is_personal());
        personal && column.is_some_and(|column| !row.cell(column).is_blank())
    })
}

/// A value that must be given is missing.
pub(crate) fn required() -> ValueFault {
    fault(
        "field.required",
        ["未填写", "no value is given", "请填写", "fill it in"],
    )
}
