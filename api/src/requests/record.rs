//! Records, and what compensates them.

use super::SubjectRequest;
use crate::fields::FieldMap;
use crate::problem::FieldProblem;
use crate::schema::{Date, Id, codes};
use crate::value_schema::{ChangedValue, PlainValue};
use probity_types::{CivilDate, CompensationReason, FileTag, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most pieces of evidence of one compensation.
pub const EVIDENCE_MAX: usize = 16;

/// One record of the seven categories: one party's share of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordRequest {
    /// Whom it is about.
    pub subject: SubjectRequest,
    /// Role of the subject in the act.
    #[schema(value_type = codes::Role)]
    pub role: Role,
    /// Subcategory of the catalogue.
    #[schema(max_length = 16, example = "CF006")]
    pub subcategory: String,
    /// Name of the deciding authority.
    #[schema(max_length = 200)]
    pub authority: String,
    /// Its credit code, empty where the source lacks it.
    #[serde(default)]
    #[schema(max_length = 18)]
    pub authority_code: String,
    /// Name of the reporting agency.
    #[schema(max_length = 200)]
    pub source_unit: String,
    /// Its credit code, empty where the source lacks it.
    #[serde(default)]
    #[schema(max_length = 18)]
    pub source_unit_code: String,
    /// Values by field name of the catalogue: `document_no`, `decision_date`, `fine` and so on.
    #[schema(value_type = BTreeMap<String, PlainValue>)]
    pub fields: FieldMap,
}

/// What is to become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompensationAction {
    /// 更正, repair what was always so.
    Correct,
    /// 作废, entered wrongly: no such fact, or not this subject.
    Void,
    /// 撤销, the act itself was set aside, from the start or from a date.
    Annul,
}

/// How far a compensation reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompensationScope {
    /// This record alone.
    Record,
    /// The records of every party to the act, in one unit.
    Act,
}

/// Correct, void or annul a record. The record stays; the compensation is a new entry that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompensationRequest {
    /// What is to become of it.
    pub action: CompensationAction,
    /// How far it reaches.
    pub scope: CompensationScope,
    /// New values by field, `null` to empty a field. For `correct`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, ChangedValue>>, nullable = false)]
    pub changes: Option<FieldMap>,
    /// Day from which the act is set aside; left out = from the start. For `annul`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Date>, nullable = false)]
    pub from: Option<CivilDate>,
    /// Why.
    #[schema(value_type = codes::CompensationReason)]
    pub reason: CompensationReason,
    /// Who decided.
    #[schema(max_length = 200)]
    pub authority: String,
    /// Number of the instrument.
    #[schema(max_length = 128)]
    pub instrument_no: String,
    /// Legal basis.
    #[schema(max_length = 500)]
    pub legal_basis: String,
    /// Tags of the files that prove it.
    #[serde(default)]
    #[schema(value_type = Vec<Id>, max_items = 16)]
    pub evidence: Vec<FileTag>,
}

/// What a compensation asks for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// New values, not yet read by their types.
    Correct(&'a FieldMap),
    /// Entered wrongly.
    Void,
    /// Set aside from a day, none = from the start.
    Annul(Option<CivilDate>),
}

impl CompensationRequest {
    /// The change asked for.
    ///
    /// # Errors
    /// Every member that does not fit the action.
    pub fn change(&self) -> Result<Change<'_>, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut fault = |field: &str, rule: &str, [en, zh]: [&str; 2]| {
            problems.push(FieldProblem::new(field, rule, en, zh));
        };
        let is_correction = self.action == CompensationAction::Correct;
        match &self.changes {
            Some(changes) if is_correction && changes.0.is_empty() => {
                fault(
                    "changes",
                    "changes.empty",
                    ["name at least one field", "请至少写明一个字段"],
                );
            }
            None if is_correction => {
                let texts = [
                    "a correction names the fields to change",
                    "更正须写明要改的字段",
                ];
                fault("changes", "field.required", texts);
            }
            Some(_) if !is_correction => {
                let texts = [
                    "changes belong to a correction; leave them out",
                    "只有更正可写明字段，请删去",
                ];
                fault("changes", "field.unfit", texts);
            }
            Some(_) | None => {}
        }
        if self.from.is_some() && self.action != CompensationAction::Annul {
            let texts = [
                "a day belongs to an annulment; leave it out",
                "只有撤销可写明起始日期，请删去",
            ];
            fault("from", "field.unfit", texts);
        }
        if self.evidence.len() > EVIDENCE_MAX {
            fault(
                "evidence",
                "list.too_long",
                ["at most 16 files", "证据最多 16 件"],
            );
        }
        match (self.action, &self.changes) {
            _ if !problems.is_empty() => Err(problems),
            (CompensationAction::Correct, Some(changes)) => Ok(Change::Correct(changes)),
            (CompensationAction::Correct, None) => Err(problems),
            (CompensationAction::Void, _) => Ok(Change::Void),
            (CompensationAction::Annul, _) => Ok(Change::Annul(self.from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(members: Value, expected: Result<&str, &[(&str, &str)]>) {
        let mut request = json!({"scope": "record", "reason": "entered_wrongly", "authority": "克拉玛依市税务局",
            "instrument_no": "克税更〔2026〕1号", "legal_basis": "政府信息公开条例"});
        let object = request.as_object_mut().unwrap();
        object.extend(members.as_object().unwrap().clone());
        let request: CompensationRequest = serde_json::from_value(request).unwrap();
        match (request.change(), expected) {
            (Ok(change), Ok(text)) => {
                assert!(format!("{change:?}").starts_with(text), "{change:?}")
            }
            (Err(problems), Err(rules)) => {
                let found: Vec<_> = problems.iter().map(|p| (&*p.field, &*p.rule)).collect();
                assert_eq!(found, rules);
            }
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn each_action_takes_what_belongs_to_it() {
        check(
            json!({"action": "correct", "changes": {"fine": null}}),
            Ok("Correct"),
        );
        check(json!({"action": "void"}), Ok("Void"));
        check(json!({"action": "annul"}), Ok("Annul(None)"));
        check(
            json!({"action": "annul", "from": "2026-04-01"}),
            Ok("Annul(Some(2026-04-01))"),
        );
        check(
            json!({"action": "correct"}),
            Err(&[("changes", "field.required")]),
        );
        check(
            json!({"action": "correct", "changes": {}}),
            Err(&[("changes", "changes.empty")]),
        );
        let unfit: &[_] = &[("changes", "field.unfit"), ("from", "field.unfit")];
        check(
            json!({"action": "void", "changes": {}, "from": "2026-04-01"}),
            Err(unfit),
        );
    }
}
