//! Identifiers of one row. The kind is declared by the profile or by a column, never guessed.

use super::row::{RowReader, required};
use crate::fields::{LEGAL_PERSON, kind_of_credit_code};
use crate::profile::{IdentifierRule, InnerSpaces, KindRule, Need, OnFault};
use crate::values::{ValueFault, ValueNote, cell_text, fault};
use probity_domain::report::IdentifierClaim;
use probity_names::fold_header;
use probity_types::identifiers::{
    Examination, Finding, FindingSeverity, Identifier, examine, mask, normalise,
};
use probity_types::{CodeList, FieldValue, IdentifierKind, SubjectKind};

const REMEDY_ZH: &str = "请对照证照原件填写，不要猜测";
const REMEDY_EN: &str = "enter it as on the original document; do not guess";

/// Codes of findings as they stand in `rule`; stable because users' own scripts match on them.
fn rule_of(finding: &Finding) -> &'static str {
    match finding {
        Finding::Length { .. } => "identifier.length",
        Finding::Alphabet { .. } => "identifier.alphabet",
        Finding::Form { .. } => "identifier.form",
        Finding::RegionForm { .. } => "identifier.region-form",
        Finding::RegionUnknown => "identifier.region-unknown",
        Finding::Check { .. } => "identifier.check",
        Finding::InnerCheck { .. } => "identifier.inner-check",
        Finding::Department => "identifier.department",
        Finding::Placeholder => "identifier.placeholder",
        Finding::Date => "identifier.date",
        Finding::FutureDate => "identifier.future-date",
        Finding::Legacy15 => "identifier.legacy-15",
        Finding::Legacy13 => "identifier.legacy-13",
        Finding::HyphenMisplaced => "identifier.hyphen-misplaced",
        Finding::ExponentOrZeros => "identifier.exponent-or-zeros",
        Finding::Prefix => "identifier.prefix",
        Finding::CreditCodeInstead => "identifier.credit-code-instead",
    }
}

impl<'a> RowReader<'a> {
    /// Reads every identifier column, then settles the kind of subject and what it must have.
    pub(crate) fn read_identifiers(&mut self) {
        let rules = self
            .context
            .profile
            .identifiers
            .iter()
            .zip(&self.context.resolved.identifiers);
        for (rule, (column, kind_column)) in rules.clone() {
            self.read_identifier(rule, *column, *kind_column);
        }
        self.settle_kind();
        for (rule, (column, _)) in rules {
            let needed = rule.need == Need::Required
                || self
                    .kind
                    .is_some_and(|kind| rule.needed_for.contains(&kind));
            let blank = column.is_none_or(|c| self.row.cell(c).is_blank());
            if needed && blank && !self.has_kind_of(rule) {
                let field = field_of(rule);
                self.refuse(*column, field, &rule.title, String::new(), required());
            }
        }
        self.compare_codes();
    }

    /// A credit code that stood in the organisation-code column fills the need, too.
    fn has_kind_of(&self, rule: &IdentifierRule) -> bool {
        match &rule.kind {
            KindRule::Fixed(kind) => self.claims.iter().any(|claim| claim.kind == *kind),
            KindRule::Column { kinds, .. } => self
                .claims
                .iter()
                .any(|claim| kinds.values().any(|kind| *kind == claim.kind)),
        }
    }

    fn read_identifier(
        &mut self,
        rule: &'a IdentifierRule,
        column: Option<usize>,
        kind_column: Option<usize>,
    ) {
        let Some(at) = column else { return };
        let cell = self.row.cell(at);
        if cell.is_blank() {
            return;
        }
        let kind = match self.declared_kind(rule, kind_column) {
            Ok(kind) => kind,
            Err(found) => {
                let shown = kind_column.map_or_else(String::new, |c| self.row.cell(c).shown());
                self.refuse(kind_column, "subject_code_type", &rule.title, shown, found);
                return;
            }
        };
        match cell_text(cell) {
            Ok(None) => {}
            Ok(Some(text)) => self.examine_text(rule, kind, at, &text),
            // Never dropped silently, also where the column could be done without: the whole column is suspect.
            Err(found) => self.refuse(
                column,
                kind.key(),
                &rule.title,
                mask(kind, &cell.shown()),
                found,
            ),
        }
    }

    fn declared_kind(
        &self,
        rule: &IdentifierRule,
        kind_column: Option<usize>,
    ) -> Result<IdentifierKind, ValueFault> {
        let kinds = match &rule.kind {
            KindRule::Fixed(kind) => return Ok(*kind),
            KindRule::Column { kinds, .. } => kinds,
        };
        let text = kind_column
            .map(|c| self.row.cell(c).shown())
            .unwrap_or_default();
        let known = || kinds.keys().cloned().collect::<Vec<_>>().join("、");
        kinds.get(&fold_header(&text)).copied().ok_or_else(|| {
            let zh = format!("证件类型未声明或不在允许之列；允许：{}", known());
            let en = format!(
                "the kind of document is not declared or not known; allowed: {}",
                known()
            );
            fault(
                "identifier.kind",
                [&zh, &en, "请填写证件类型", "fill in the kind of document"],
            )
        })
    }

    fn examine_text(
        &mut self,
        rule: &IdentifierRule,
        kind: IdentifierKind,
        column: usize,
        text: &str,
    ) {
        let today = self.context.today;
        let normal = normalise(text);
        let close: String = normal.chars().filter(|c| !c.is_whitespace()).collect();
        // An officer card carries Chinese text and may hold a space.
        let spaced = close.len() != normal.len() && kind != IdentifierKind::OfficerCard;
        // With spaces taken out the other faults show as well; the value itself stays refused.
        let outcome = examine(kind, if spaced { &close } else { text }, today);
        let suggestion = suggestion(&outcome, spaced, today).map(|s| Box::from(mask(kind, &s)));
        let mut faults = Vec::new();
        if spaced && rule.inner_spaces == InnerSpaces::Remove {
            let (zh, en) = (
                "中间的空格已去除".to_owned(),
                "the spaces inside were taken out".to_owned(),
            );
            self.remark(
                Some(column),
                kind.key(),
                ValueNote {
                    rule: "identifier.inner-space-removed",
                    zh,
                    en,
                },
            );
        } else if spaced {
            let zh = "中间有空格";
            let texts = [zh, "has spaces inside", REMEDY_ZH, REMEDY_EN];
            faults.push(ValueFault {
                suggestion: suggestion.clone(),
                ..fault("identifier.inner-space", texts)
            });
        }
        let confirmed =
            outcome.only_outer_check() && (self.context.is_confirmed)(&outcome.normalised);
        if confirmed {
            let note = ValueNote {
                rule: "identifier.confirmed",
                zh: "外层校验码不符；审核人员已与登记簿核对".to_owned(),
                en: "the outer check fails; a reviewer found the code in its register".to_owned(),
            };
            self.remark(Some(column), kind.key(), note);
        } else {
            faults.extend(refusals(&outcome, suggestion.as_deref()));
        }
        if outcome.looks_like_citizen_number() {
            let zh = "该值同时符合公民身份号码的规则，请核对证件类型";
            let en = "this is also a well-formed citizen number, check the declared kind";
            self.remark(
                Some(column),
                kind.key(),
                ValueNote {
                    rule: "identifier.citizen-number",
                    zh: zh.into(),
                    en: en.into(),
                },
            );
        }
        let exponent = outcome.findings.contains(&Finding::ExponentOrZeros);
        if faults.is_empty() {
            self.accept(column, &outcome);
        } else if rule.fault == OnFault::Drop && !exponent {
            self.drop_identifier(kind, column, &faults);
        } else {
            for found in faults {
                self.refuse(
                    Some(column),
                    kind.key(),
                    &rule.title,
                    mask(kind, text),
                    found,
                );
            }
        }
    }

    fn accept(&mut self, column: usize, outcome: &Examination) {
        let (kind, text) = (outcome.kind, outcome.normalised.as_str());
        for finding in &outcome.findings {
            let note = ValueNote {
                rule: rule_of(finding),
                zh: finding.zh(),
                en: finding.en(),
            };
            self.remark(Some(column), kind.key(), note);
        }
        // The check turns a whole credit code in the organisation-code column into a credit code.
        let claim = match Identifier::check(kind, text, self.context.today) {
            Ok(checked) => IdentifierClaim {
                kind: checked.kind(),
                value: checked.value().to_owned(),
            },
            // Only a confirmed code comes here with a finding that refuses.
            Err(_) if outcome.only_outer_check() => IdentifierClaim {
                kind,
                value: text.to_owned(),
            },
            Err(_) => return,
        };
        match self.claims.iter().find(|c| c.kind == claim.kind) {
            None => self.claims.push(claim),
            Some(earlier) if *earlier == claim => {}
            Some(_) => {
                let zh = format!("本行有两个不同的{}", claim.kind.zh());
                let en = format!("the row has two different values of {}", claim.kind.en());
                let found = fault("identifier.conflict", [&zh, &en, REMEDY_ZH, REMEDY_EN]);
                self.refuse(
                    Some(column),
                    kind.key(),
                    claim.kind.zh(),
                    mask(kind, text),
                    found,
                );
            }
        }
    }

    fn drop_identifier(&mut self, kind: IdentifierKind, column: usize, faults: &[ValueFault]) {
        let join = |texts: Vec<&str>, by: &str| texts.join(by);
        let zh = join(faults.iter().map(|f| &*f.zh).collect(), "；");
        let en = join(faults.iter().map(|f| &*f.en).collect(), "; ");
        let note = ValueNote {
            rule: "identifier.dropped",
            zh: format!("{}有误，未采用：{zh}", kind.zh()),
            en: format!("{} is left out: {en}", kind.en()),
        };
        self.remark(Some(column), kind.key(), note);
    }

    /// 法人及非法人组织 becomes one of the four kinds of organisation by its credit code. Where the source has no column for
    /// the kind, a row without any identifier tells neither a person nor an organisation.
    fn settle_kind(&mut self) {
        let legal_person = match self.fields.get("subject_kind") {
            Some(FieldValue::Code(key)) => &**key == LEGAL_PERSON,
            _ => false,
        };
        let by_identifier = self.context.profile.kind_by_identifier && self.kind.is_none();
        if !legal_person && !by_identifier {
            return;
        }
        if by_identifier && self.claims.is_empty() {
            // A faulty identifier is an error of its own.
            if self.errors.is_empty() {
                let texts = [
                    "没有任何代码，无法判断主体是自然人还是机构",
                    "without any identifier nothing tells whether it is a person or an organisation",
                    "请补填统一社会信用代码或证件号码",
                    "add the credit code or the number of a document",
                ];
                let found = fault("subject_kind.untold", texts);
                self.refuse(None, "subject_kind", "", String::new(), found);
            }
            return;
        }
        let code = self.claims.iter().find(|c| c.kind == IdentifierKind::Uscc);
        self.kind = code.and_then(|c| kind_of_credit_code(&c.value));
        if self.kind.is_none() {
            self.kind = Some(SubjectKind::Enterprise);
            let note = ValueNote {
                rule: "subject_kind.assumed",
                zh: "没有统一社会信用代码可供判断机构类型，按企业处理".to_owned(),
                en: "no credit code tells the kind of organisation, enterprise is assumed"
                    .to_owned(),
            };
            self.remark(None, "subject_kind", note);
        }
    }

    /// An organisation code that differs from the one inside the credit code is a remark: two rows of
    /// real files were joined wrongly.
    fn compare_codes(&mut self) {
        let of = |kind| {
            self.claims
                .iter()
                .find(|c| c.kind == kind)
                .map(|c| c.value.clone())
        };
        let (Some(credit), Some(organisation)) =
            (of(IdentifierKind::Uscc), of(IdentifierKind::OrgCode))
        else {
            return;
        };
        if credit.get(8..17) != Some(organisation.as_str()) {
            let note = ValueNote {
                rule: "identifier.org-code-differs",
                zh: "组织机构代码与统一社会信用代码第9至17位不同".to_owned(),
                en: "the organisation code differs from places 9 to 17 of the credit code"
                    .to_owned(),
            };
            self.remark(None, IdentifierKind::OrgCode.key(), note);
        }
    }
}

fn field_of(rule: &IdentifierRule) -> &'static str {
    match &rule.kind {
        KindRule::Fixed(kind) => kind.key(),
        KindRule::Column { .. } => "subject_code",
    }
}

/// One fault per kind of finding, all places of it in one text.
fn refusals(outcome: &Examination, suggestion: Option<&str>) -> Vec<ValueFault> {
    let mut faults: Vec<ValueFault> = Vec::new();
    let refusing = outcome
        .findings
        .iter()
        .filter(|f| f.severity() == FindingSeverity::Refuse);
    for finding in refusing {
        let rule = rule_of(finding);
        match faults.iter_mut().find(|f| f.rule == rule) {
            Some(same) => {
                same.zh = format!("{}；{}", same.zh, finding.zh()).into();
                same.en = format!("{}; {}", same.en, finding.en()).into();
            }
            None => {
                let texts = [&finding.zh(), &finding.en(), REMEDY_ZH, REMEDY_EN];
                faults.push(ValueFault {
                    suggestion: suggestion.map(Into::into),
                    ..fault(rule, texts)
                });
            }
        }
    }
    faults
}

/// The value that may be meant: spaces out, look-alike characters replaced. Only a text that passes the
/// whole check, or the value without its spaces, is offered; nothing is ever applied.
fn suggestion(
    outcome: &Examination,
    spaced: bool,
    today: probity_types::CivilDate,
) -> Option<String> {
    let mut characters: Vec<char> = outcome.normalised.chars().collect();
    let places = outcome.findings.iter().filter_map(|finding| match finding {
        Finding::Alphabet {
            place, suggestion, ..
        }
        | Finding::Form {
            place, suggestion, ..
        } => suggestion.map(|meant| (*place, meant)),
        _ => None,
    });
    for (place, meant) in places.chain(outcome.suggestion()) {
        let at = usize::try_from(place).ok()?.checked_sub(1)?;
        *characters.get_mut(at)? = meant;
    }
    let candidate: String = characters.into_iter().collect();
    let changed = spaced || candidate != outcome.normalised;
    let passes = examine(outcome.kind, &candidate, today).is_accepted();
    if changed && (passes || spaced) {
        Some(candidate)
    } else {
        None
    }
}
