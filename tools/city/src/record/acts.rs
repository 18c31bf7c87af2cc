//! QZ 行政强制, CJ 行政裁决, RY 荣誉.

use super::{Scene, role_of};
use crate::books::named_in;
use crate::people;
use crate::values::Values;
use probity_rules::SeverityRule;
use probity_types::{
    AdjudicationRole, AwardLevel, CodeList as _, CoercionMeasure, CoercionNature, Role,
};

/// Days that sealing and seizure last at most, and again for one extension (行政强制法 art. 25).
const SEALED_DAYS_MAX: i32 = 30;

/// QZ.
pub(super) fn fill_coercion(scene: &mut Scene<'_>) {
    let class = scene.class().to_owned();
    let enforcement = scene.entry.severity_rule == SeverityRule::EnforcementNonperformance;
    let (nature, default) = if enforcement {
        (
            CoercionNature::Enforcement,
            CoercionMeasure::OtherEnforcement,
        )
    } else {
        (CoercionNature::Precautionary, CoercionMeasure::OtherMeasure)
    };
    let measure = measure(&class).unwrap_or(default);
    let (document_no, basis, decided_on) =
        (scene.document_no('强'), scene.basis(), scene.decided_on);
    let items = scene.dice.between(1, 40);
    let values = &mut scene.values;
    values.text("document_no", document_no);
    values.code("measure", measure);
    values.code("nature", nature);
    values.text("grounds", basis);
    values.text("object", format!("{class}：涉案物品{items}件（演示数据）"));
    values.date("decision_date", decided_on);
    values.date("from", decided_on);
    if matches!(
        measure,
        CoercionMeasure::Freeze | CoercionMeasure::Transfer | CoercionMeasure::ExtraFine
    ) {
        let yuan = scene.dice.yuan(2_000);
        scene.values.yuan("amount", yuan);
    }
    if matches!(
        measure,
        CoercionMeasure::Seal | CoercionMeasure::Seize | CoercionMeasure::Freeze
    ) {
        fill_term(scene);
    }
    if enforcement {
        let (year, ..) = scene.conduct.ymd();
        let basis_no = format!(
            "克{}罚〔{year}〕演{:06}号",
            scene.bureau.short, scene.record
        );
        scene.values.text("basis_document_no", basis_no);
    }
    if measure == CoercionMeasure::Court {
        let (year, ..) = decided_on.ymd();
        scene.values.text(
            "court_case_no",
            format!("（{year}）新0203演执审{:06}号", scene.record),
        );
    }
}

/// The measure that the class is named after: its name begins as the measure's does.
fn measure(class: &str) -> Option<CoercionMeasure> {
    let begins = |measure: &&CoercionMeasure| {
        let first: String = measure.zh().chars().take(2).collect();
        class.starts_with(&first)
    };
    CoercionMeasure::ALL.iter().find(begins).copied()
}

/// End, sometimes an extension, mostly the day of lifting.
fn fill_term(scene: &mut Scene<'_>) {
    let to = scene.dice.day_after(scene.decided_on, 10, SEALED_DAYS_MAX);
    scene.values.date("to", to);
    let end = if scene.dice.chance(1, 8) {
        let extended = scene.dice.day_after(to, 5, SEALED_DAYS_MAX);
        scene.values.date("extended_to", extended);
        extended
    } else {
        to
    };
    if end <= scene.today && scene.dice.chance(9, 10) {
        scene.values.date("lifted_on", end);
    }
}

/// CJ. The other party is an organisation, now and then a person.
pub(super) fn fill_adjudication(scene: &mut Scene<'_>) {
    let class = scene.class().to_owned();
    let role = scene
        .dice
        .pick(&[AdjudicationRole::Applicant, AdjudicationRole::Respondent]);
    let other = if scene.dice.chance(3, 10) {
        people::name(&mut scene.dice)
    } else {
        scene.organisations.firm_name(&mut scene.dice)
    };
    let own = scene.subject.name.clone();
    let (applicant, respondent) = match role {
        AdjudicationRole::Applicant => (own, other),
        AdjudicationRole::Respondent | AdjudicationRole::ThirdParty => (other, own),
    };
    scene.role = role_of(role.key());
    let (document_no, basis, decided_on) =
        (scene.document_no('裁'), scene.basis(), scene.decided_on);
    let upheld = scene.dice.chance(2, 3);
    let values = &mut scene.values;
    values.text("document_no", document_no);
    values.text("applicant", applicant);
    values.text("respondent", respondent);
    values.code("role", role);
    values.text("matter", format!("{class}（演示事项）"));
    values.text(
        "result",
        if upheld {
            "支持申请人的请求（演示数据）"
        } else {
            "驳回申请人的请求（演示数据）"
        },
    );
    values.date("decision_date", decided_on);
    values.text("grounds", basis);
    if upheld {
        scene
            .values
            .text("duty", "被申请人于期限内履行裁决确定的义务（演示数据）");
        let deadline = scene.dice.day_after(decided_on, 15, 90);
        scene.values.date("duty_deadline", deadline);
        if scene.dice.chance(6, 10)
            && let Some(performed) = scene.past_day(5, 80)
        {
            scene.values.date("performed_on", performed);
        }
    }
}

/// The other organisation's share of an adjudication: its name in the place of the other party.
pub(super) fn other_side(first: Role, name: &str, values: &mut Values) -> Role {
    let (role, field) = if first == Role::Applicant {
        (AdjudicationRole::Respondent, "respondent")
    } else {
        (AdjudicationRole::Applicant, "applicant")
    };
    values.text(field, name);
    values.code("role", role);
    role_of(role.key())
}

/// RY.
pub(super) fn fill_honour(scene: &mut Scene<'_>) {
    let class = scene.class().to_owned();
    let levels = [
        AwardLevel::City,
        AwardLevel::City,
        AwardLevel::District,
        AwardLevel::Social,
    ];
    let named: Option<AwardLevel> = named_level(&class);
    let level = named.unwrap_or_else(|| scene.dice.pick(&levels));
    scene.role = Role::Recipient;
    let (document_no, body, decided_on) = (
        scene.document_no('奖'),
        scene.bureau.name.clone(),
        scene.decided_on,
    );
    let (year, ..) = decided_on.ymd();
    let values = &mut scene.values;
    values.text("award_name", format!("{year}年度{class}（演示）"));
    values.code("award_level", level);
    values.text("document_no", document_no);
    values.text("awarding_body", body);
    values.date("decision_date", decided_on);
    values.text("content", format!("在{class}评选中表现突出（演示数据）"));
    if scene.is_person() {
        scene.values.boolean("consent", true);
    }
    if scene.dice.chance(1, 3) {
        let years = scene.dice.pick(&[1, 2, 3]);
        scene.values.date("valid_to", decided_on.plus_years(years));
    }
    if class.contains('榜') {
        let rank = scene.dice.between(1, 3);
        scene.values.integer("rank", rank);
        let score = scene.dice.between(900, 1_000);
        scene.values.tenths("score", score);
    }
    if scene.dice.chance(1, 100)
        && let Some(revoked) = scene.past_day(60, 900)
    {
        scene.values.date("revoked_on", revoked);
        scene
            .values
            .text("revocation_reason", "不再符合评选条件（演示数据）");
    }
}

/// The level that the class is named after.
fn named_level(class: &str) -> Option<AwardLevel> {
    class
        .contains('级')
        .then(|| named_in(class))
        .flatten()
        .filter(|level: &AwardLevel| *level != AwardLevel::Social)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Books;
    use probity_types::Category;
    use std::collections::BTreeSet;

    #[test]
    fn a_coercion_class_begins_with_the_name_of_its_measure() {
        let books = Books::shipped().unwrap_or_else(|faults| panic!("{faults}"));
        let classes = books
            .catalogue
            .entries()
            .filter(|entry| entry.category == Category::QZ);
        let measures: Vec<_> = classes.map(|entry| measure(&entry.name.zh)).collect();
        let named: BTreeSet<_> = measures.iter().flatten().collect();
        // All but the demolition of unlawful buildings, which the law counts among the other measures.
        assert_eq!((measures.len(), named.len()), (12, 11), "{measures:?}");
    }
}
