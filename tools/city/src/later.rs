//! What happens to a record after it was reported: corrected, annulled, voided, performed, or mostly nothing.

use crate::dice::{Dice, Purpose};
use crate::step::{Grounds, Step};
use crate::values::{date_of, fen_of, key_of, text_value};
use probity_domain::report::RecordReport;
use probity_types::{
    Category, CivilDate, CodeList as _, CompensationReason, Fen, FieldValue, PerformanceState,
};
use std::collections::BTreeMap;

/// Changes in 10,000 records.
const CORRECTED: u64 = 50;
const ANNULLED: u64 = 10;
const VOIDED: u64 = 10;
/// Records in 100 on whose open duty a performance is reported later.
const PERFORMED: u64 = 30;

/// At most one later step per record, so that no step meets a record that another has ended.
pub(crate) fn later(
    seed: u64,
    record: u64,
    report: &RecordReport,
    today: CivilDate,
) -> Option<Step> {
    let mut dice = Dice::new(seed, Purpose::Later, record);
    let category: Category = report.subcategory.get(..2)?.parse().ok()?;
    let decided = date_of(&report.fields, "decision_date")
        .or_else(|| date_of(&report.fields, "recognised_on"))?;
    let throw = dice.below(10_000);
    if throw < CORRECTED {
        return Some(Step::Correct {
            record,
            changes: changes(report, category)?,
            grounds: corrected(&mut dice, report, record),
        });
    }
    if throw < CORRECTED + ANNULLED {
        let set_aside = matches!(
            category,
            Category::XK | Category::CF | Category::QZ | Category::CJ | Category::PJ
        );
        if !set_aside {
            return Some(Step::Void {
                record,
                grounds: voided(&mut dice, report, record),
            });
        }
        let day = dice.day_after(decided, 30, 400);
        let from = if dice.chance(1, 3) {
            Some(day.min(today))
        } else {
            None
        };
        return Some(Step::Annul {
            record,
            from,
            grounds: annulled(&mut dice, report, record),
        });
    }
    if throw < CORRECTED + ANNULLED + VOIDED {
        return Some(Step::Void {
            record,
            grounds: voided(&mut dice, report, record),
        });
    }
    let amount = open_duty(report, category)?;
    let on = dice.day_after(decided, 10, 700);
    if on > today || !dice.chance(PERFORMED, 100) {
        return None;
    }
    let part = amount
        .filter(|_| dice.chance(1, 8))
        .map(|Fen(all)| Fen(all / 2));
    let performance = if part.is_some() {
        PerformanceState::Part
    } else {
        PerformanceState::Full
    };
    Some(Step::Perform {
        record,
        performance,
        on,
        amount: part.or(amount),
    })
}

/// The open duty of a record with the amount, where it is one of money; none where nothing is open.
fn open_duty(report: &RecordReport, category: Category) -> Option<Option<Fen>> {
    let fields = &report.fields;
    let done = |name: &str| fields.contains_key(name);
    match category {
        Category::CF if !done("performed_on") => {
            Some(fen_of(fields, "fine")).filter(Option::is_some)
        }
        Category::QF if !done("paid_on") => Some(fen_of(fields, "amount_total")),
        Category::CJ if done("duty_deadline") && !done("performed_on") => Some(None),
        Category::PJ
            if key_of(fields, "performance")
                .is_some_and(|key| key != PerformanceState::Full.key()) =>
        {
            Some(fen_of(fields, "amount"))
        }
        Category::XK
        | Category::CF
        | Category::QZ
        | Category::CJ
        | Category::PJ
        | Category::QF
        | Category::RY => None,
    }
}

/// What a correction changes: the fine or debt was a fifth less, an open remedy is over, or a text was wrong.
fn changes(
    report: &RecordReport,
    category: Category,
) -> Option<BTreeMap<String, Option<FieldValue>>> {
    let fields = &report.fields;
    let less = |Fen(fen): Fen| Some(FieldValue::Fen(Fen(fen - fen / 5)));
    let mut changes = BTreeMap::new();
    if fields.contains_key("remedy_state") {
        changes.insert("remedy_state".to_owned(), None);
    }
    for name in ["fine", "amount_total", "amount_current"] {
        if let Some(amount) = fen_of(fields, name) {
            changes.insert(name.to_owned(), less(amount));
        }
    }
    let text = match category {
        Category::XK | Category::CF | Category::RY => "content",
        Category::QZ => "object",
        Category::CJ => "matter",
        Category::PJ => "cause",
        Category::QF => "recognised_by",
    };
    if let (true, Some(FieldValue::Text(old))) = (changes.is_empty(), fields.get(text)) {
        changes.insert(
            text.to_owned(),
            Some(text_value(&format!("更正：{}", old.as_str()), 200)),
        );
    }
    Some(changes).filter(|changes| !changes.is_empty())
}

fn grounds(
    reason: CompensationReason,
    report: &RecordReport,
    word: &str,
    record: u64,
    basis: &str,
) -> Box<Grounds> {
    Box::new(Grounds {
        reason,
        authority: report.authority.clone(),
        instrument_no: format!("克演{word}〔{record:08}〕号"),
        legal_basis: format!("{basis}（演示数据）"),
    })
}

fn corrected(dice: &mut Dice, report: &RecordReport, record: u64) -> Box<Grounds> {
    let reason = dice.pick(&[
        CompensationReason::SourceCorrection,
        CompensationReason::EnteredWrongly,
    ]);
    grounds(reason, report, "更", record, "国办发〔2020〕49号")
}

fn voided(dice: &mut Dice, report: &RecordReport, record: u64) -> Box<Grounds> {
    let reasons = [
        CompensationReason::EnteredWrongly,
        CompensationReason::WrongSubject,
        CompensationReason::NoSuchFact,
    ];
    grounds(
        dice.pick(&reasons),
        report,
        "废",
        record,
        "国办发〔2020〕49号",
    )
}

fn annulled(dice: &mut Dice, report: &RecordReport, record: u64) -> Box<Grounds> {
    let reasons = [
        CompensationReason::SetAside,
        CompensationReason::DeclaredUnlawful,
        CompensationReason::CourtDecision,
    ];
    grounds(
        dice.pick(&reasons),
        report,
        "撤",
        record,
        "行政复议法；行政诉讼法",
    )
}
