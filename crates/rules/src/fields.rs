//! Checks of one record's values against its class: every fault, never only the first.
//! Source: domain reference §5 and the checks of §6. No sentence repeats a value that could be an
//! identity number: codes and texts are described, dates and counts are shown.

use crate::catalogue::{Catalogue, CatalogueField, Entry, Requirement};
use crate::codebook::Codebook;
use crate::fault::Sentence;
use crate::head::keyed;
use crate::penalties::PenaltyKinds;
use crate::values::{FieldMap, Values, is_filled};
use probity_types::{CivilDate, CodeList as _, FieldType, FieldValue, PenaltyKind, SubjectKind};
use std::collections::BTreeSet;

/// No decision is older than the state that made it. Source: check (D) of domain reference §6.
pub const DECISION_DATE_MIN: &str = "1949-10-01";

/// Common fields that a report carries in places of their own (whom, where, who decided, who
/// reported). They are typed if they stand among the values and never demanded there.
pub const CORE_FIELDS: [&str; 15] = [
    "subject_kind",
    "subject_name",
    "subject_code_type",
    "subject_code",
    "subject_org_code",
    "subject_registration_no",
    "subject_tax_no",
    "subject_institution_no",
    "subject_social_org_no",
    "subject_birth_date",
    "region_code",
    "authority",
    "authority_code",
    "source_unit",
    "source_unit_code",
];

/// Longest name of another party to an act, as for `subject_name`.
const PARTY_CHARACTERS_MAX: u32 = 200;

keyed! {
    /// Which check a value failed.
    FieldRule("rule of the field checks") {
        /// The class has no such field.
        Unknown = "field.unknown",
        /// A value of another type.
        Type = "field.type",
        /// Required and missing.
        Missing = "field.missing",
        /// Required because a condition holds, and missing.
        MissingConditional = "field.missing_conditional",
        /// More characters than the field takes.
        TooLong = "field.too_long",
        /// Not in the code list.
        NotInList = "field.not_in_list",
        /// Keys not sorted, or one of them twice.
        Order = "field.order",
        /// Not a decimal number in canonical form.
        Decimal = "field.decimal",
        /// A negative amount.
        Negative = "field.negative",
        /// A decision date before 1949-10-01 or after today.
        DecisionDate = "field.decision_date",
        /// An end before its beginning.
        Interval = "field.interval",
        /// A penalty kind that the law of the decision date does not know.
        Era = "field.era",
        /// The person declined to have the honour recorded.
        Declined = "field.declined",
    }
}

/// One fault of one value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldFault {
    /// Which check failed.
    pub rule: FieldRule,
    /// The field, by its name in the catalogue.
    pub field: String,
    /// What is wrong.
    pub fault: Sentence,
    /// What would be right.
    pub right: Sentence,
}

/// What the checks go by: the packs of the record's dates, and today.
#[derive(Debug, Clone, Copy)]
pub struct FieldCheck<'a> {
    /// Classes and fields.
    pub catalogue: &'a Catalogue,
    /// Code lists.
    pub codes: &'a Codebook,
    /// Penalty kinds, for conditions and eras.
    pub penalties: &'a PenaltyKinds,
    /// Today in Asia/Shanghai.
    pub today: CivilDate,
}

/// Pairs of fields that are the beginning and the end of something.
const INTERVALS: [(&str, &str); 7] = [
    ("valid_from", "valid_to"),
    ("from", "to"),
    ("to", "extended_to"),
    ("period_from", "period_to"),
    ("role_from", "role_to"),
    ("conduct_date", "conduct_ended_on"),
    ("restricted_from", "restricted_to"),
];

impl FieldCheck<'_> {
    /// Every fault of a record's values, sorted by field then rule; empty when all is right.
    ///
    /// `absent` names fields that the source's import profile declares it does not have: they are
    /// not demanded. A field that is given is checked all the same.
    pub fn check_fields(
        &self,
        entry: &Entry,
        subject_kind: SubjectKind,
        fields: &FieldMap,
        absent: &BTreeSet<String>,
    ) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        for (name, value) in fields {
            match self.catalogue.field_of(entry, name) {
                None => faults.push(unknown_field(name, entry)),
                Some(field) => self.check_value(field, value, &mut faults),
            }
        }
        self.check_missing(entry, subject_kind, fields, absent, &mut faults);
        self.check_dates(fields, &mut faults);
        self.check_era(fields, &mut faults);
        check_consent(subject_kind, fields, &mut faults);
        faults.sort_by(|a, b| (&a.field, a.rule).cmp(&(&b.field, b.rule)));
        faults
    }

    fn check_value(
        &self,
        field: &CatalogueField,
        value: &FieldValue,
        faults: &mut Vec<FieldFault>,
    ) {
        let mut too_long = |found: usize, max: u32| {
            if found > max as usize {
                faults.push(fault(
                    FieldRule::TooLong,
                    field,
                    (format!("{found} 个字符"), format!("{found} characters")),
                    (
                        format!("最多 {max} 个字符"),
                        format!("at most {max} characters"),
                    ),
                ));
            }
        };
        match (&field.field_type, value) {
            (FieldType::Text(max), FieldValue::Text(text)) => too_long(text.chars().count(), *max),
            (FieldType::Party, FieldValue::Text(text)) => {
                too_long(text.chars().count(), PARTY_CHARACTERS_MAX);
            }
            (FieldType::Date, FieldValue::Date(_))
            | (FieldType::Integer, FieldValue::Integer(_))
            | (FieldType::Boolean, FieldValue::Boolean(_)) => {}
            (FieldType::Money, FieldValue::Fen(fen)) if fen.0 < 0 => faults.push(fault(
                FieldRule::Negative,
                field,
                ("金额为负数", "the amount is negative"),
                ("零或正数，单位为分", "zero or more, in fen"),
            )),
            (FieldType::Money, FieldValue::Fen(_)) => {}
            (FieldType::Decimal, FieldValue::Decimal(text)) if !is_decimal(text) => {
                faults.push(fault(
                    FieldRule::Decimal,
                    field,
                    (
                        "不是规范的十进制数",
                        "not a decimal number in canonical form",
                    ),
                    (
                        "如 12.5 或 -3：无多余的零",
                        "as 12.5 or -3, without superfluous zeros",
                    ),
                ));
            }
            (FieldType::Decimal, FieldValue::Decimal(_)) => {}
            (FieldType::Code(list), FieldValue::Code(key)) => {
                self.check_keys(field, list, [&**key], faults)
            }
            (FieldType::Codes(list), FieldValue::Codes(keys)) => {
                self.check_keys(field, list, keys.iter().map(|k| &**k), faults);
                if !keys.windows(2).all(|pair| pair[0] < pair[1]) {
                    faults.push(fault(
                        FieldRule::Order,
                        field,
                        ("代码未排序或有重复", "keys out of order or given twice"),
                        ("按代码升序，每个一次", "ascending, each key once"),
                    ));
                }
            }
            (wanted, found) => faults.push(wrong_type(field, wanted, found)),
        }
    }

    fn check_keys<'k>(
        &self,
        field: &CatalogueField,
        list: &str,
        keys: impl IntoIterator<Item = &'k str>,
        faults: &mut Vec<FieldFault>,
    ) {
        let holds = |key: &str| {
            self.catalogue
                .holds(list, key)
                .or_else(|| self.codes.holds(list, key))
        };
        if keys.into_iter().all(|key| holds(key) == Some(true)) {
            return;
        }
        let allowed = match list {
            "industry" => join(self.catalogue.industries().map(|n| n.code.as_str())),
            "key_person_group" => join(self.catalogue.key_person_groups().map(|n| n.code.as_str())),
            _ => self.codes.allowed(list),
        };
        faults.push(fault(
            FieldRule::NotInList,
            field,
            (
                format!("代码不在代码表 {list} 中"),
                format!("not a key of the list {list}"),
            ),
            (format!("可用：{allowed}"), format!("one of: {allowed}")),
        ));
    }

    fn check_missing(
        &self,
        entry: &Entry,
        subject_kind: SubjectKind,
        fields: &FieldMap,
        absent: &BTreeSet<String>,
        faults: &mut Vec<FieldFault>,
    ) {
        for field in self.catalogue.fields_of(entry) {
            let name = field.name.as_str();
            let given = fields.get(name).is_some_and(is_filled);
            // A class's own field hides a common one of the same name. The field itself is asked for, not one like it:
            // comparing every text of every field was a tenth of the time that a record took.
            let hidden = || {
                let own = self.catalogue.field_of(entry, name);
                own.is_none_or(|own| !std::ptr::eq(own, field))
            };
            if given || absent.contains(name) || CORE_FIELDS.contains(&name) || hidden() {
                continue;
            }
            let required = entry.required.iter().any(|r| r == name)
                || field.requirement == Requirement::Required;
            let demanded = field.requirement == Requirement::Conditional
                && field.evaluable.is_some_and(|condition| {
                    condition.holds(entry, subject_kind, fields, self.penalties)
                });
            if required {
                faults.push(fault(
                    FieldRule::Missing,
                    field,
                    ("必填项缺失", "required and missing"),
                    (
                        format!("填写{}，或在导入配置中声明来源没有此列", field.name_zh),
                        "give it, or declare in the import profile that the source lacks the column".to_owned(),
                    ),
                ));
            } else if demanded {
                let condition = &field.condition;
                let condition_zh = field.evaluable.map_or("", |condition| condition.zh());
                faults.push(fault(
                    FieldRule::MissingConditional,
                    field,
                    (
                        format!("条件必填项缺失（{condition_zh}）"),
                        format!("required here ({condition}) and missing"),
                    ),
                    (format!("填写{}", field.name_zh), "give it".to_owned()),
                ));
            }
        }
    }

    fn check_dates(&self, fields: &FieldMap, faults: &mut Vec<FieldFault>) {
        let values = Values(fields);
        let first: CivilDate = DECISION_DATE_MIN.parse().unwrap_or(CivilDate::MIN);
        for name in ["decision_date", "recognised_on"] {
            let Some(date) = values.date(name).filter(|d| *d < first || *d > self.today) else {
                continue;
            };
            let today = self.today;
            faults.push(named_fault(
                FieldRule::DecisionDate,
                name,
                (
                    format!("决定日期为 {date}"),
                    format!("the decision is dated {date}"),
                ),
                (
                    format!("{DECISION_DATE_MIN} 至 {today} 之间"),
                    format!("from {DECISION_DATE_MIN} to {today}"),
                ),
            ));
        }
        for (begin, end) in INTERVALS {
            if let (Some(from), Some(to)) = (values.date(begin), values.date(end))
                && from > to
            {
                faults.push(named_fault(
                    FieldRule::Interval,
                    begin,
                    (
                        format!("起 {from} 晚于止 {to}"),
                        format!("{begin} {from} lies after {end} {to}"),
                    ),
                    (
                        format!("{begin} 不晚于 {end}"),
                        format!("{begin} not after {end}"),
                    ),
                ));
            }
        }
    }

    fn check_era(&self, fields: &FieldMap, faults: &mut Vec<FieldFault>) {
        let values = Values(fields);
        let Some(decided_on) = values.date("decision_date") else {
            return;
        };
        let kinds: Vec<PenaltyKind> = values.codes("penalty_kinds");
        let Some(era) = self.penalties.era(decided_on) else {
            return;
        };
        for kind in kinds
            .into_iter()
            .filter(|kind| !self.penalties.in_era(*kind, decided_on))
        {
            let prefix = if era.id == "1996" { "P1" } else { "P2" };
            faults.push(named_fault(
                FieldRule::Era,
                "penalty_kinds",
                (
                    format!("{decided_on} 时法律没有处罚种类 {kind}（{}）", kind.zh()),
                    format!(
                        "the law of {decided_on} knows no penalty kind {kind} ({})",
                        kind.en()
                    ),
                ),
                (
                    format!("{prefix} 开头的种类（{}）", era.basis),
                    format!("a kind that begins {prefix} ({})", era.basis),
                ),
            ));
        }
    }
}

/// A person may ask that honours are not recorded (Shenzhen art. 39 as pattern).
fn check_consent(subject_kind: SubjectKind, fields: &FieldMap, faults: &mut Vec<FieldFault>) {
    if subject_kind.is_person() && Values(fields).boolean("consent") == Some(false) {
        faults.push(named_fault(
            FieldRule::Declined,
            "consent",
            (
                "本人不同意记录该荣誉",
                "the person declined to have this honour recorded",
            ),
            ("不报送该条", "do not report it"),
        ));
    }
}

fn join<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    keys.collect::<Vec<_>>().join(" ")
}

type Pair<Z, E> = (Z, E);

fn named_fault<Z: Into<String>, E: Into<String>, Y: Into<String>, D: Into<String>>(
    rule: FieldRule,
    field: &str,
    said: Pair<Z, E>,
    right: Pair<Y, D>,
) -> FieldFault {
    FieldFault {
        rule,
        field: field.to_owned(),
        fault: Sentence::new(said.0, said.1),
        right: Sentence::new(right.0, right.1),
    }
}

fn fault<Z: Into<String>, E: Into<String>, Y: Into<String>, D: Into<String>>(
    rule: FieldRule,
    field: &CatalogueField,
    said: Pair<Z, E>,
    right: Pair<Y, D>,
) -> FieldFault {
    let zh = format!("{}：{}", field.name_zh, said.0.into());
    let en = format!("{}: {}", field.name, said.1.into());
    named_fault(rule, &field.name, (zh, en), right)
}

fn unknown_field(name: &str, entry: &Entry) -> FieldFault {
    // A header can hold anything: it is cut, so that no whole row lands in a message.
    let shown: String = name.chars().take(32).collect();
    named_fault(
        FieldRule::Unknown,
        &shown,
        (
            format!("类别 {} 没有此字段", entry.code),
            format!("class {} has no such field", entry.code),
        ),
        (
            "使用目录中的字段名，或去掉此列",
            "a field name of the catalogue, or no such column",
        ),
    )
}

fn wrong_type(field: &CatalogueField, wanted: &FieldType, found: &FieldValue) -> FieldFault {
    let found = match found {
        FieldValue::Text(_) => "text",
        FieldValue::Date(_) => "date",
        FieldValue::Fen(_) => "money",
        FieldValue::Integer(_) => "integer",
        FieldValue::Decimal(_) => "decimal",
        FieldValue::Boolean(_) => "boolean",
        FieldValue::Code(_) => "code",
        FieldValue::Codes(_) => "list of codes",
    };
    fault(
        FieldRule::Type,
        field,
        (
            format!("类型为 {found}"),
            format!("a value of type {found}"),
        ),
        (
            format!("类型应为 {wanted}"),
            format!("a value of type {wanted}"),
        ),
    )
}

/// Optional `-`, digits without leading zeros, optional `.` and digits without trailing zeros.
fn is_decimal(text: &str) -> bool {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match magnitude.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (magnitude, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|f| digits(f) && !f.ends_with('0'))
        && text != "-0"
}

#[cfg(test)]
mod tests;
