//! Values of the fields that a class has of its own, by their type; a few are known by name so that they read well.

use super::Scene;
use crate::values::date_of;
use crate::words::DISTRICTS;
use probity_rules::CatalogueField;
use probity_types::FieldType;

/// Cases in ten in which a class's own field is filled in.
const GIVEN_IN_TEN: u64 = 7;

pub(super) fn fill(scene: &mut Scene<'_>) {
    let entry = scene.entry;
    for field in entry.extra.values() {
        // What only a named human being can fill is left out: an organisation's record lies in the open.
        if field.name.ends_with("person") || !scene.dice.chance(GIVEN_IN_TEN, 10) {
            continue;
        }
        fill_field(scene, field);
    }
    // A class may come to require a field that its category does not fill; it gets a value of its type.
    for name in &entry.required {
        if !scene.values.0.contains_key(name)
            && let Some(field) = scene.books.catalogue.field_of(entry, name)
        {
            fill_field(scene, field);
        }
    }
    // A pair of dates is whole or not there.
    if let (Some(from), None) = (
        date_of(&scene.values.0, "restricted_from"),
        scene.values.0.get("restricted_to"),
    ) {
        scene.values.date("restricted_to", from.plus_years(1));
    }
}

fn fill_field(scene: &mut Scene<'_>, field: &CatalogueField) {
    let name = field.name.as_str();
    match &field.field_type {
        FieldType::Text(max) => {
            let text = text(scene, field, *max);
            scene.values.text(name, text);
        }
        FieldType::Date => {
            let day = date(scene, name);
            scene.values.date(name, day);
        }
        FieldType::Money => {
            let yuan = scene.dice.yuan(1_000);
            scene.values.yuan(name, yuan);
        }
        FieldType::Integer => {
            let number = integer(scene, name);
            scene.values.integer(name, number);
        }
        FieldType::Decimal => {
            let tenths = if name.contains("rate") {
                5
            } else {
                scene.dice.between(100, 90_000)
            };
            scene.values.tenths(name, tenths);
        }
        FieldType::Boolean => {
            let answer = scene.dice.chance(1, 2);
            scene.values.boolean(name, answer);
        }
        FieldType::Code(list) | FieldType::Codes(list) => {
            let throw = scene.dice.below(1 << 20);
            if let Some(key) = scene.books.key(list, throw) {
                scene.values.key(name, &key);
            }
        }
        FieldType::Party => {
            let firm = scene.organisations.firm_name(&mut scene.dice);
            scene.values.text(name, firm);
        }
    }
}

fn text(scene: &mut Scene<'_>, field: &CatalogueField, max: u32) -> String {
    let number = scene.dice.between(1, 999);
    let (year, month, _) = scene.decided_on.ymd();
    let (_, district) = scene.dice.pick(&DISTRICTS);
    match field.name.as_str() {
        "month" => format!("{year:04}-{month:02}"),
        "season" | "period" => format!("{}-{year}", year - 1),
        "place" | "location" | "address" | "premises" => format!("{district}演示路{number}号"),
        "project" => format!("演示{number}号工程"),
        "estate" => format!("演示{number}号小区"),
        "product" | "food" | "drug" => format!("演示{}{number}", field.name_zh),
        "batch" => format!("演示{year}{month:02}{number:03}"),
        "vehicle_no" => format!("新J·演{number:04}"),
        "language" => scene
            .dice
            .pick(&["普通话", "维吾尔语", "哈萨克语", "英语"])
            .to_owned(),
        name if name.ends_with("_no") || name.ends_with("_code") || max <= 32 => {
            format!("演示{year}-{number:05}")
        }
        _ => format!("演示{}{number}号", field.name_zh),
    }
}

fn date(scene: &mut Scene<'_>, name: &str) -> probity_types::CivilDate {
    let decided_on = scene.decided_on;
    match name {
        "founded_on" => scene.dice.day_after(decided_on, -3_000, -30),
        "applied_on" => scene.dice.day_after(decided_on, -60, 0),
        "restricted_from" => decided_on,
        "plan_completed_on" => scene.dice.day_after(decided_on, 400, 900),
        _ => scene.dice.day_after(decided_on, 30, 365),
    }
}

fn integer(scene: &mut Scene<'_>, name: &str) -> i64 {
    let (year, ..) = scene.decided_on.ymd();
    match name {
        "year" => i64::from(year),
        "deaths" | "injured" => scene.dice.between(0, 2),
        "detention_days" => scene.dice.between(1, 15),
        "months" | "overdue_instalments" => scene.dice.between(1, 24),
        _ => scene.dice.between(1, 120),
    }
}
