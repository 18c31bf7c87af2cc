//! PJ 法院判决.

use super::{Scene, role_of};
use crate::values::Values;
use crate::words::DISTRICTS;
use probity_rules::SeverityRule;
use probity_types::{
    ClosingKind, CodeList as _, DefaultConduct, JudicialDocument, LitigationRole, PerformanceState,
    Role,
};

/// What civil cases are about.
const CAUSES: [&str; 6] = [
    "买卖合同纠纷",
    "民间借贷纠纷",
    "劳动争议",
    "建设工程施工合同纠纷",
    "物业服务合同纠纷",
    "运输合同纠纷",
];
/// What criminal cases are about.
const CRIMES: [&str; 4] = [
    "拒不支付劳动报酬罪",
    "虚开增值税专用发票罪",
    "污染环境罪",
    "合同诈骗罪",
];
/// Years on the defaulter list (法释〔2017〕7号 art. 2).
const LISTED_YEARS: i32 = 2;

pub(super) fn fill(scene: &mut Scene<'_>) {
    let class = scene.class().to_owned();
    let criminal = scene.entry.severity_rule == SeverityRule::Criminal;
    let enforcement = class.contains("执行") || class.contains("限制消费");
    let role = role(scene, criminal, enforcement);
    scene.role = role_of(role.key());
    fill_case(scene, &class, criminal, enforcement);
    scene.values.code("document_kind", document(&class));
    scene.values.code("role", role);
    let owes = matches!(
        role,
        LitigationRole::Defendant | LitigationRole::EnforcementRespondent
    );
    if owes && (enforcement || scene.dice.chance(85, 100)) {
        fill_duty(scene);
    }
    if enforcement {
        let (year, ..) = scene.conduct.ymd();
        scene.values.text(
            "enforcement_basis_no",
            format!("（{year}）新0203演民初{:07}号", scene.record),
        );
        scene
            .values
            .text("enforcement_basis_unit", "克拉玛依区人民法院");
        let filed = scene.dice.day_after(scene.decided_on, -9, 0);
        scene.values.date("filed_on", filed);
    }
    if scene.entry.severity_rule == SeverityRule::SeriousList {
        let conduct = scene
            .dice
            .pick_from(DefaultConduct::ALL)
            .copied()
            .unwrap_or(DefaultConduct::Evade);
        scene.values.code("conduct", conduct);
        scene.values.date("listed_on", scene.decided_on);
        // Whoever is able to perform and refuses stays listed until it is done.
        if conduct != DefaultConduct::AbleRefuses {
            scene
                .values
                .date("listing_until", scene.decided_on.plus_years(LISTED_YEARS));
        }
    }
}

/// Court, case number, cause and dates.
fn fill_case(scene: &mut Scene<'_>, class: &str, criminal: bool, enforcement: bool) {
    let (year, ..) = scene.decided_on.ymd();
    let (district, name) = scene.dice.pick(&DISTRICTS);
    let city_court = scene.bureau.name.starts_with('市');
    let (court, code) = if city_court {
        (format!("克拉玛依{}", scene.bureau.name), "新02".to_owned())
    } else {
        (
            format!("{name}人民法院"),
            format!("新{}", district.trim_start_matches("65")),
        )
    };
    let (kind, causes) = match (criminal, enforcement) {
        (true, _) => ("刑初", &CRIMES[..]),
        (false, true) => ("执", &CAUSES[..]),
        (false, false) if class.contains("行政") => ("行初", &["行政处理决定纠纷"][..]),
        (false, false) if class.contains("破产") => ("破", &["申请破产清算"][..]),
        (false, false) => ("民初", &CAUSES[..]),
    };
    let cause = scene.dice.pick_from(causes).copied().unwrap_or_default();
    let decided_on = scene.decided_on;
    let role_from = scene.dice.day_after(decided_on, -200, -20);
    let effective_on = scene.dice.day_after(decided_on, 0, 15).min(scene.today);
    let values = &mut scene.values;
    // 演 in the kind of case: no court numbers its cases so.
    values.text(
        "case_no",
        format!("（{year}）{code}演{kind}{:05}号", scene.serial),
    );
    values.text("court", court);
    values.text("cause", cause);
    values.date("role_from", role_from);
    values.date("decision_date", decided_on);
    values.date("effective_on", effective_on);
}

fn role(scene: &mut Scene<'_>, criminal: bool, enforcement: bool) -> LitigationRole {
    if criminal {
        LitigationRole::Accused
    } else if enforcement {
        LitigationRole::EnforcementRespondent
    } else if scene.dice.chance(2, 3) {
        LitigationRole::Defendant
    } else {
        scene.dice.pick(&[
            LitigationRole::Plaintiff,
            LitigationRole::Plaintiff,
            LitigationRole::ThirdParty,
        ])
    }
}

fn document(class: &str) -> JudicialDocument {
    let kinds = [
        ("调解", JudicialDocument::Mediation),
        ("支付令", JudicialDocument::PaymentOrder),
        ("仲裁", JudicialDocument::Award),
        ("判决", JudicialDocument::Judgment),
        ("制裁", JudicialDocument::Decision),
        ("失信被执行人", JudicialDocument::Decision),
    ];
    kinds
        .iter()
        .find(|(word, _)| class.contains(word))
        .map_or(JudicialDocument::Ruling, |(_, kind)| *kind)
}

/// A duty to pay, and how far it was performed.
fn fill_duty(scene: &mut Scene<'_>) {
    let yuan = scene.dice.yuan(8_000);
    scene.values.text(
        "duty",
        format!("向对方当事人支付人民币{yuan}元（演示数据）"),
    );
    scene.values.yuan("amount", yuan);
    let performance = match scene.dice.below(10) {
        0..=3 => PerformanceState::None,
        4 => PerformanceState::Part,
        _ => PerformanceState::Full,
    };
    let closed = scene.past_day(30, 500);
    let (state, closing) = match (performance, closed) {
        (PerformanceState::Full, Some(day)) => {
            (PerformanceState::Full, Some((day, ClosingKind::Performed)))
        }
        (PerformanceState::Full | PerformanceState::None, None) => (PerformanceState::None, None),
        (PerformanceState::None, Some(day)) if scene.dice.chance(1, 3) => (
            PerformanceState::None,
            Some((day, ClosingKind::SuspendedNoAssets)),
        ),
        (open, Some(_) | None) => (open, None),
    };
    scene.values.code("performance", state);
    if let Some((day, kind)) = closing {
        scene.values.date("closed_on", day);
        scene.values.code("closing_kind", kind);
    }
}

/// A second organisation in the case: who stands surety for the one that owes.
pub(super) fn guarantor(first: Role, values: &mut Values) -> Option<Role> {
    if !matches!(first, Role::Defendant | Role::EnforcementRespondent) {
        return None;
    }
    values.code("role", LitigationRole::Guarantor);
    Some(Role::Guarantor)
}
