//! CF 行政处罚.

use super::Scene;
use probity_rules::penalties::Needs;
use probity_types::{CodeList as _, PenaltyKind, PenaltyProcedure, Publicity};

/// Combinations of kinds in both eras, with their weights; only those of the decision date's law come into question.
const MIXES: [(&[PenaltyKind], u64); 22] = [
    (&[PenaltyKind::P1_02], 50),
    (&[PenaltyKind::P1_01], 15),
    (&[PenaltyKind::P1_01, PenaltyKind::P1_02], 12),
    (&[PenaltyKind::P1_02, PenaltyKind::P1_03], 12),
    (&[PenaltyKind::P1_03], 3),
    (&[PenaltyKind::P1_02, PenaltyKind::P1_04], 3),
    (&[PenaltyKind::P1_02, PenaltyKind::P1_05], 3),
    (&[PenaltyKind::P1_07], 2),
    (&[PenaltyKind::P2_03], 50),
    (&[PenaltyKind::P2_01], 13),
    (&[PenaltyKind::P2_01, PenaltyKind::P2_03], 11),
    (&[PenaltyKind::P2_02], 4),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_04], 9),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_05], 4),
    (&[PenaltyKind::P2_06], 2),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_07], 1),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_08], 1),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_09], 1),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_10], 2),
    (&[PenaltyKind::P2_11], 1),
    (&[PenaltyKind::P2_03, PenaltyKind::P2_12], 1),
    (&[PenaltyKind::P2_14], 1),
];
/// Kinds that a summary decision can hold (行政处罚法 art. 51: a warning or a small fine).
const SMALL: [[PenaltyKind; 2]; 2] = [
    [PenaltyKind::P1_01, PenaltyKind::P1_02],
    [PenaltyKind::P2_01, PenaltyKind::P2_03],
];
/// Detention, of natural persons only; in classes that are shown by authorisation only.
const DETENTION: [PenaltyKind; 2] = [PenaltyKind::P1_06, PenaltyKind::P2_13];

/// How a violation came to light.
const FOUND: [&str; 5] = [
    "日常检查",
    "专项检查",
    "投诉举报核查",
    "双随机抽查",
    "上级交办",
];

pub(super) fn fill(scene: &mut Scene<'_>) {
    let summary = !scene.is_person() && scene.dice.chance(8, 100);
    let kinds = if summary {
        small_kind(scene)
    } else {
        kinds(scene)
    };
    let procedure = match (summary, scene.dice.chance(7, 100)) {
        (true, _) => PenaltyProcedure::Summary,
        (false, true) => PenaltyProcedure::Hearing,
        (false, false) => PenaltyProcedure::Ordinary,
    };
    let (class, conduct) = (scene.class().to_owned(), scene.conduct);
    let found = scene.dice.pick(&FOUND);
    let (document_no, basis, decided_on) =
        (scene.document_no('罚'), scene.basis(), scene.decided_on);
    let values = &mut scene.values;
    values.text("document_no", document_no);
    values.text("violation_type", class.as_str());
    values.text(
        "facts",
        format!("{conduct}经{found}发现，当事人存在{class}行为（演示数据）"),
    );
    values.text("grounds", basis);
    values.codes("penalty_kinds", &kinds);
    values.code("procedure", procedure);
    values.date("decision_date", decided_on);
    let content = amounts(scene, &kinds, summary);
    scene.values.text("content", content);
    let valid_months = scene.dice.pick(&[12, 12, 24, 36]);
    scene
        .values
        .date("penalty_valid_to", decided_on.plus_months(valid_months));
    let shown_months = scene.dice.pick(&[3, 6, 12, 12, 36]);
    scene.values.date(
        "publication_end_reported",
        decided_on.plus_months(shown_months),
    );
    if scene.dice.chance(7, 10)
        && let Some(performed) = scene.past_day(0, 60)
    {
        scene.values.date("performed_on", performed);
        if scene.dice.chance(1, 2) {
            scene.values.date("corrected_on", performed);
        }
    }
}

fn in_era(scene: &Scene<'_>, kind: &PenaltyKind) -> bool {
    scene.books.penalties.in_era(*kind, scene.decided_on)
}

fn small_kind(scene: &mut Scene<'_>) -> Vec<PenaltyKind> {
    let era = SMALL
        .iter()
        .find(|kinds| kinds.iter().all(|kind| in_era(scene, kind)))
        .copied();
    era.map(|kinds| vec![scene.dice.pick(&kinds)])
        .unwrap_or_default()
}

fn kinds(scene: &mut Scene<'_>) -> Vec<PenaltyKind> {
    let detains = scene.is_person() && scene.entry.publicity == Publicity::Restricted;
    if detains && scene.dice.chance(1, 4) {
        return DETENTION
            .iter()
            .copied()
            .filter(|kind| in_era(scene, kind))
            .collect();
    }
    let fitting: Vec<_> = MIXES
        .iter()
        .filter(|(kinds, _)| kinds.iter().all(|kind| in_era(scene, kind)))
        .collect();
    let at = scene
        .dice
        .weighted(fitting.iter().map(|(_, weight)| *weight));
    fitting
        .get(at)
        .map(|(kinds, _)| kinds.to_vec())
        .unwrap_or_default()
}

/// Fills in what each kind needs beside it, and says what was decided.
fn amounts(scene: &mut Scene<'_>, kinds: &[PenaltyKind], summary: bool) -> String {
    let mut decided = Vec::new();
    for kind in kinds {
        let said = match scene.books.penalties.needs(*kind) {
            Some(Needs::Fine) => {
                let yuan = fine(scene, summary);
                scene.values.yuan("fine", yuan);
                format!("{}人民币{yuan}元", kind.zh())
            }
            Some(Needs::Confiscated) => {
                let yuan = scene.dice.yuan(500);
                scene.values.yuan("confiscated", yuan);
                format!("{}，价值{yuan}元", kind.zh())
            }
            Some(Needs::Licence) => {
                let licence = format!("演示许可证 演示字第{:08}号", scene.record);
                scene.values.text("licence_affected", licence.as_str());
                // Until 2021 one kind stands for both; the text says which it is.
                let which = if kind.zh().starts_with("暂扣或者吊销") {
                    scene.dice.pick(&["暂扣", "吊销"])
                } else {
                    kind.zh()
                };
                format!("{which}：{licence}")
            }
            None => kind.zh().to_owned(),
        };
        decided.push(said);
    }
    format!("{}（演示数据）", decided.join("；"))
}

/// Yuan; a summary fine stays within the limit of its era.
fn fine(scene: &mut Scene<'_>, summary: bool) -> i64 {
    if summary {
        let era = scene.books.penalties.era(scene.decided_on);
        let limit = era.map_or(0, |era| {
            era.summary_limit_organisation.0 / crate::values::FEN_IN_YUAN
        });
        return scene.dice.between(1, (limit / 50).max(1)) * 50;
    }
    let hundreds = if scene.is_person() {
        scene.dice.yuan(2)
    } else {
        scene.dice.yuan(20)
    };
    hundreds.max(1) * 100
}
