//! QF 欠税欠费.

use super::Scene;
use crate::books::named_in;
use crate::words::DISTRICTS;
use probity_types::{ArrearsKind, InstrumentKind, QuantityUnit, Role};

pub(super) fn fill(scene: &mut Scene<'_>) {
    let kind: ArrearsKind = named_in(scene.class()).unwrap_or(ArrearsKind::NonTax);
    scene.role = Role::Debtor;
    // The conduct of a debtor begins the day after the money was due.
    let due = scene.conduct.plus_days(-1);
    let period_to = scene.dice.day_after(due, -30, -15);
    let months = if kind == ArrearsKind::Heating {
        6
    } else {
        scene.dice.pick(&[1, 3, 3, 12])
    };
    let current = scene.dice.yuan(if scene.is_person() { 100 } else { 3_000 });
    let earlier = if scene.dice.chance(1, 3) {
        scene.dice.yuan(current.max(10))
    } else {
        0
    };
    let (body, decided_on) = (scene.bureau.name.clone(), scene.decided_on);
    let account = format!("演示户{:08}", scene.record);
    let values = &mut scene.values;
    values.code("arrears_kind", kind);
    values.text("account_no", account);
    values.date("period_from", period_to.plus_months(-months).plus_days(1));
    values.date("period_to", period_to);
    values.date("due_date", due);
    values.yuan("amount_current", current);
    values.yuan("amount_total", current + earlier);
    values.text("recognised_by", body);
    values.date("recognised_on", decided_on);
    if scene.dice.chance(1, 3) {
        let late = scene.dice.between(1, (current / 4).max(1));
        scene.values.yuan("late_fee", late);
    }
    fill_quantity(scene, kind);
    fill_steps(scene, kind, current + earlier);
}

/// What was used, for utilities; where, for those of a dwelling.
fn fill_quantity(scene: &mut Scene<'_>, kind: ArrearsKind) {
    let unit = match kind {
        ArrearsKind::Heating | ArrearsKind::Property | ArrearsKind::Rent => QuantityUnit::M2,
        ArrearsKind::Water | ArrearsKind::Gas | ArrearsKind::Waste => QuantityUnit::M3,
        ArrearsKind::Electricity => QuantityUnit::KWh,
        ArrearsKind::Tax
        | ArrearsKind::NonTax
        | ArrearsKind::Social
        | ArrearsKind::Medical
        | ArrearsKind::FundContribution
        | ArrearsKind::FundLoan
        | ArrearsKind::Fine => return,
    };
    let quantity = scene.dice.between(400, 2_500);
    scene.values.tenths("quantity", quantity);
    scene.values.code("quantity_unit", unit);
    let (_, district) = scene.dice.pick(&DISTRICTS);
    let (house, flat) = (scene.dice.between(1, 60), scene.dice.between(101, 604));
    scene
        .values
        .text("premises", format!("{district}演示小区{house}栋{flat}室"));
}

/// Demand, instrument, payment.
fn fill_steps(scene: &mut Scene<'_>, kind: ArrearsKind, total: i64) {
    let due = scene.conduct.plus_days(-1);
    let waited = (scene.decided_on.days() - due.days() - 1).max(1);
    if scene.dice.chance(3, 4) {
        let demanded = scene.dice.day_after(due, 1, waited);
        scene.values.date("demanded_on", demanded);
    }
    if scene.dice.chance(35, 100) {
        let instrument = match kind {
            ArrearsKind::Fine => InstrumentKind::Penalty,
            ArrearsKind::Tax | ArrearsKind::NonTax | ArrearsKind::Social | ArrearsKind::Medical => {
                InstrumentKind::AdminDecision
            }
            ArrearsKind::FundContribution
            | ArrearsKind::FundLoan
            | ArrearsKind::Heating
            | ArrearsKind::Water
            | ArrearsKind::Electricity
            | ArrearsKind::Gas
            | ArrearsKind::Property
            | ArrearsKind::Waste
            | ArrearsKind::Rent => scene
                .dice
                .pick(&[InstrumentKind::Judgment, InstrumentKind::PaymentOrder]),
        };
        scene.values.code("instrument_kind", instrument);
        let number = scene.document_no('缴');
        scene.values.text("instrument_no", number);
    }
    match scene.dice.below(10) {
        0..=3 => {
            if let Some(paid) = scene.past_day(0, 300) {
                scene.values.date("paid_on", paid);
                scene.values.yuan("paid_amount", total);
            }
        }
        4 => {
            let part = scene.dice.between(1, total.max(1));
            scene.values.yuan("paid_amount", part);
        }
        _ => {}
    }
}
