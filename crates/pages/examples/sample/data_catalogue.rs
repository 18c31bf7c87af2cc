//! A made-up catalogue.

use super::{say, shell};
use probity_pages::*;
use probity_types::{FieldType, Polarity, Publicity};

fn facts(lang: Lang) -> CatalogueFacts {
    CatalogueFacts {
        title: say(lang, "示例目录", "Sample catalogue"),
        version: "sample 1".to_owned(),
        is_proposal: true,
        adopted_at: 5,
    }
}

fn name(code: &str, name: String) -> ClassName {
    ClassName {
        code: code.to_owned(),
        name,
    }
}

fn penalties(lang: Lang) -> ClassName {
    name("CF", say(lang, "行政处罚", "Administrative penalty"))
}

fn food(lang: Lang) -> ClassName {
    name("CF006", say(lang, "食品安全违法", "Food safety offence"))
}

/// The whole of it.
pub fn index(lang: Lang) -> CatalogueView {
    CatalogueView {
        shell: shell(lang, "/catalogue"),
        facts: facts(lang),
        categories: vec![CategoryBlock {
            category: penalties(lang),
            classes: vec![food(lang)],
        }],
        bureaus: 38,
    }
}

/// One category.
pub fn category(lang: Lang) -> CatalogueCategoryView {
    CatalogueCategoryView {
        shell: shell(lang, "/catalogue/CF"),
        facts: facts(lang),
        category: penalties(lang),
        classes: vec![ClassRow {
            class: food(lang),
            sources: vec![
                say(lang, "示例市场局", "Sample market bureau"),
                say(lang, "示例农业局", "Sample farming bureau"),
            ],
            publicity: Publicity::PublicOrganisations,
            polarity: Polarity::Adverse,
            fields: 36,
        }],
    }
}

fn field(header: &str, name: &str, field_type: &str, need: FieldNeed) -> ClassField {
    ClassField {
        header: header.to_owned(),
        name: name.to_owned(),
        name_en: name.replace('_', " "),
        field_type: field_type.parse().unwrap_or(FieldType::Date),
        need,
        condition: String::new(),
        standard_code: String::new(),
        choices: Vec::new(),
    }
}

/// One class.
pub fn class(lang: Lang) -> CatalogueClassView {
    let kinds = (1..=11).map(|n| format!("示例种类{n}")).collect();
    CatalogueClassView {
        shell: shell(lang, "/catalogue/CF006"),
        facts: facts(lang),
        category: penalties(lang),
        class: food(lang),
        other_name: say(lang, "Food safety offence", "食品安全违法"),
        sources: vec![say(lang, "示例市场局", "Sample market bureau")],
        publicity: Publicity::PublicOrganisations,
        polarity: Polarity::Adverse,
        basis: "示例法".to_owned(),
        basis_status: "law named, article to be confirmed".to_owned(),
        in_force: (Some("2016-06-12".to_owned()), Some("2030-12-31".to_owned())),
        replaced_by: Some(name("CF007", say(lang, "其他", "Other"))),
        periods: vec![
            ClassPeriod {
                class: "general".to_owned(),
                is_shown: true,
                max_months: Some(12),
                source: "示例办法".to_owned(),
            },
            ClassPeriod {
                class: "summary".to_owned(),
                is_shown: false,
                max_months: None,
                source: "示例办法".to_owned(),
            },
        ],
        fields: vec![
            ClassField {
                standard_code: "CF_WSH".to_owned(),
                ..field("决定书文号", "document_no", "text:128", FieldNeed::Required)
            },
            ClassField {
                condition: say(lang, "处罚类别含罚款", "kind includes fine"),
                ..field("罚款金额（万元）", "fine", "money", FieldNeed::Conditional)
            },
            ClassField {
                choices: kinds,
                ..field(
                    "处罚类别",
                    "penalty_kinds",
                    "list:penalty_kind",
                    FieldNeed::Required,
                )
            },
            field("改正日期", "corrected_on", "date", FieldNeed::Optional),
        ],
    }
}
