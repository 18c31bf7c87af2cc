//! XK 行政许可.

use super::Scene;
use probity_types::{CivilDate, PermitChange, PermitKind, PermitStatus};

/// Terms of a permit, in years.
const TERMS_YEARS: [i32; 5] = [1, 3, 3, 5, 5];

pub(super) fn fill(scene: &mut Scene<'_>) {
    let class = scene.class().to_owned();
    let decided_on = scene.decided_on;
    let number = format!("演示{}-{:08}", scene.entry.code, scene.record);
    let kind = kind(&class);
    let (valid_from, valid_to) = term(scene, kind);
    let status = if valid_to < scene.today {
        PermitStatus::Invalid
    } else {
        PermitStatus::Valid
    };
    let document_no = scene.document_no('许');
    let values = &mut scene.values;
    values.text("document_name", "准予行政许可决定书");
    values.text("document_no", document_no);
    values.code("permit_kind", kind);
    values.text(
        "content",
        format!("准予{class}，许可编号{number}（演示数据）"),
    );
    values.date("decision_date", decided_on);
    values.date("valid_from", valid_from);
    values.date("valid_to", valid_to);
    values.code("status", status);
    if scene.dice.chance(2, 3) {
        scene.values.text("certificate_name", format!("{class}证"));
        scene.values.text("certificate_no", number);
    }
    if scene.dice.chance(1, 6) {
        let change = scene.dice.pick(&[
            PermitChange::Changed,
            PermitChange::Renewed,
            PermitChange::Renewed,
        ]);
        scene.values.code("change_kind", change);
    }
    if class.contains("资质") {
        let grade = scene.dice.pick(&["一级", "二级", "三级"]);
        scene.values.text("grade", grade);
    }
}

fn kind(class: &str) -> PermitKind {
    let kinds = [
        ("登记", PermitKind::Registration),
        ("备案", PermitKind::Registration),
        ("资质", PermitKind::Recognition),
        ("资格", PermitKind::Recognition),
        ("审批", PermitKind::Approval),
        ("批准", PermitKind::Approval),
        ("审核", PermitKind::Approval),
        ("开采", PermitKind::Franchise),
    ];
    kinds
        .iter()
        .find(|(word, _)| class.contains(word))
        .map_or(PermitKind::General, |(_, kind)| *kind)
}

/// Registrations are long-term; the rest run for some years, so that many of the early ones have expired.
fn term(scene: &mut Scene<'_>, kind: PermitKind) -> (CivilDate, CivilDate) {
    let from = scene.dice.day_after(scene.decided_on, 0, 10);
    let long_term = CivilDate::new(2099, 12, 31).unwrap_or(CivilDate::MAX);
    let to = if kind == PermitKind::Registration && scene.dice.chance(3, 4) {
        long_term
    } else {
        from.plus_years(scene.dice.pick(&TERMS_YEARS)).plus_days(-1)
    };
    (from, to)
}
