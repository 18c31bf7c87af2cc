//! The catalogue: its categories, the classes of one, and everything about one class.

use crate::message::{Lang, fill, t};
use crate::shell::{Chrome, Crumb, Shell};
use crate::view::crumb;
use crate::{RenderError, View};
use askama::Template;
use probity_types::{FieldType, Polarity, Publicity};

/// What the catalogue says about itself.
#[derive(Debug, Clone, Default)]
pub struct CatalogueFacts {
    /// Its title, in the page's language.
    pub title: String,
    /// Id and version.
    pub version: String,
    /// Whether it is a proposal that nobody has decided yet.
    pub is_proposal: bool,
    /// Position of the entry that adopted it.
    pub adopted_at: u64,
}

/// A class as lists name it.
#[derive(Debug, Clone)]
pub struct ClassName {
    /// Its code.
    pub code: String,
    /// Its name, in the page's language.
    pub name: String,
}

/// A category with its classes.
#[derive(Debug, Clone)]
pub struct CategoryBlock {
    /// Its code and its name.
    pub category: ClassName,
    /// Its classes.
    pub classes: Vec<ClassName>,
}

/// The whole catalogue.
#[derive(Debug, Clone, Default)]
pub struct CatalogueView {
    /// What surrounds the page.
    pub shell: Shell,
    /// The catalogue.
    pub facts: CatalogueFacts,
    /// The categories with their classes.
    pub categories: Vec<CategoryBlock>,
    /// How many bureaus report.
    pub bureaus: u64,
}

impl CatalogueView {
    fn category_count(&self) -> u64 {
        self.categories.len() as u64
    }

    fn class_count(&self) -> u64 {
        self.categories.iter().map(|c| c.classes.len() as u64).sum()
    }
}

/// A class in the table of its category.
#[derive(Debug, Clone)]
pub struct ClassRow {
    /// Code and name.
    pub class: ClassName,
    /// Bureaus that report it, in the page's language.
    pub sources: Vec<String>,
    /// Who may see its records.
    pub publicity: Publicity,
    /// Whether they count against, for, or neither.
    pub polarity: Polarity,
    /// Fields that a record may carry.
    pub fields: u64,
}

/// One category.
#[derive(Debug, Clone)]
pub struct CatalogueCategoryView {
    /// What surrounds the page.
    pub shell: Shell,
    /// The catalogue.
    pub facts: CatalogueFacts,
    /// The category.
    pub category: ClassName,
    /// Its classes.
    pub classes: Vec<ClassRow>,
}

/// Whether a class needs a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldNeed {
    /// Always.
    Required,
    /// Where its condition holds.
    Conditional,
    /// Never.
    Optional,
}

impl FieldNeed {
    fn key(self) -> &'static str {
        match self {
            Self::Required => "catalogue.required",
            Self::Conditional => "catalogue.conditional",
            Self::Optional => "catalogue.optional",
        }
    }
}

/// A field in the table of a class.
#[derive(Debug, Clone)]
pub struct ClassField {
    /// What stands above its column in the form.
    pub header: String,
    /// Its name in events and answers.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Type of its values.
    pub field_type: FieldType,
    /// Whether the class needs it.
    pub need: FieldNeed,
    /// When it must be given, in the page's language; empty where nothing is said.
    pub condition: String,
    /// Code of the double-publicity standard; empty where it has none.
    pub standard_code: String,
    /// Values to choose from, by their Chinese names; empty where it takes free text.
    pub choices: Vec<String>,
}

/// Values that the table spells out; of longer lists it says how many there are.
const CHOICES_SHOWN_MAX: usize = 8;

impl ClassField {
    fn type_words(&self, lang: &Lang) -> String {
        let lang = *lang;
        match &self.field_type {
            FieldType::Text(max) => fill(lang, "catalogue.type_text", &[("n", max)]),
            FieldType::Date => t(lang, "catalogue.type_date").to_owned(),
            FieldType::Money => t(lang, "catalogue.type_money").to_owned(),
            FieldType::Integer => t(lang, "catalogue.type_integer").to_owned(),
            FieldType::Decimal => t(lang, "catalogue.type_decimal").to_owned(),
            FieldType::Boolean => t(lang, "catalogue.type_boolean").to_owned(),
            FieldType::Code(_) => t(lang, "catalogue.type_code").to_owned(),
            FieldType::Codes(_) => t(lang, "catalogue.type_codes").to_owned(),
            FieldType::Party => t(lang, "catalogue.type_party").to_owned(),
        }
    }

    fn choices_shown(&self) -> String {
        let shown = self.choices.iter().take(CHOICES_SHOWN_MAX).cloned();
        shown.collect::<Vec<_>>().join("；")
    }

    fn choices_more(&self) -> u64 {
        self.choices.len().saturating_sub(CHOICES_SHOWN_MAX) as u64
    }
}

/// A publication period that records of a class may come under.
#[derive(Debug, Clone)]
pub struct ClassPeriod {
    /// Which records, by the key of the rule.
    pub class: String,
    /// Whether the public may see them while it runs.
    pub is_shown: bool,
    /// Months after which publication ends; none where no term is fixed.
    pub max_months: Option<u64>,
    /// Source of the rule.
    pub source: String,
}

impl ClassPeriod {
    /// Which records, in words; those of every severity where the rule names none.
    fn words(&self) -> &'static str {
        match self.class.as_str() {
            "ordinary" | "general" => "period.general",
            "more_serious" | "serious" => "period.serious",
            "minor" => "period.minor",
            "summary" => "period.summary",
            "warning_or_criticism_only" | "warning_only" | "criticism_or_lower_fine" => {
                "period.warning"
            }
            "can_pay_refuses" => "period.refuses",
            "other" | "other_grounds" => "period.other",
            "positive" => "period.positive",
            "adverse" => "period.adverse",
            "neutral" => "period.neutral",
            _ => "period.any",
        }
    }
}

/// One class.
#[derive(Debug, Clone)]
pub struct CatalogueClassView {
    /// What surrounds the page.
    pub shell: Shell,
    /// The catalogue.
    pub facts: CatalogueFacts,
    /// Its category.
    pub category: ClassName,
    /// Code and name.
    pub class: ClassName,
    /// Its name in the other language.
    pub other_name: String,
    /// Bureaus that report it, in the page's language.
    pub sources: Vec<String>,
    /// Who may see its records.
    pub publicity: Publicity,
    /// Whether they count against, for, or neither.
    pub polarity: Polarity,
    /// Legal basis.
    pub basis: String,
    /// How far the basis was checked, in the words of the catalogue.
    pub basis_status: String,
    /// First and last decision date for which it may be reported, where it is not open.
    pub in_force: (Option<String>, Option<String>),
    /// The class that replaced it.
    pub replaced_by: Option<ClassName>,
    /// Periods that its records may come under today.
    pub periods: Vec<ClassPeriod>,
    /// Fields that a record may carry, in the order of the form.
    pub fields: Vec<ClassField>,
}

#[derive(Template)]
#[template(path = "catalogue.html")]
struct IndexPage<'a> {
    p: Chrome<'a>,
    v: &'a CatalogueView,
}

#[derive(Template)]
#[template(path = "catalogue_category.html")]
struct CategoryPage<'a> {
    p: Chrome<'a>,
    v: &'a CatalogueCategoryView,
}

#[derive(Template)]
#[template(path = "catalogue_class.html")]
struct ClassPage<'a> {
    p: Chrome<'a>,
    v: &'a CatalogueClassView,
}

impl View for CatalogueView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, lang: Lang) -> String {
        t(lang, "catalogue.heading").to_owned()
    }
    fn trail(&self, _: &Chrome<'_>) -> Vec<Crumb> {
        Vec::new()
    }
    fn has_as_of_form(&self) -> bool {
        true
    }
    fn section(&self) -> &'static str {
        "catalogue"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        IndexPage { p, v: self }.render()
    }
}

impl View for CatalogueCategoryView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, _: Lang) -> String {
        format!("{} {}", self.category.code, self.category.name)
    }
    fn trail(&self, chrome: &Chrome<'_>) -> Vec<Crumb> {
        vec![crumb(chrome, "catalogue.heading", "/catalogue")]
    }
    fn has_as_of_form(&self) -> bool {
        true
    }
    fn section(&self) -> &'static str {
        "catalogue"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        CategoryPage { p, v: self }.render()
    }
}

impl View for CatalogueClassView {
    fn shell(&self) -> &Shell {
        &self.shell
    }
    fn heading(&self, _: Lang) -> String {
        format!("{} {}", self.class.code, self.class.name)
    }
    fn trail(&self, chrome: &Chrome<'_>) -> Vec<Crumb> {
        let above = Crumb {
            text: self.category.name.clone(),
            href: chrome.catalogue(&self.category.code),
        };
        vec![crumb(chrome, "catalogue.heading", "/catalogue"), above]
    }
    fn has_as_of_form(&self) -> bool {
        true
    }
    fn section(&self) -> &'static str {
        "catalogue"
    }
    fn write(&self, p: Chrome<'_>) -> Result<String, RenderError> {
        ClassPage { p, v: self }.render()
    }
}
