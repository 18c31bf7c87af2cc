//! Names of codes and values of fields in the language of the page, from the catalogue and code lists in force.

use super::asof::Asked;
use super::visit::Visit;
use probity_format::fields::FieldMap;
use probity_pages::{
    Lang, capitalised, field_name, field_place, long_term, money, plain_name, yes_or_no,
};
use probity_rules::{AnchorDates, PolicySet, Sentence};
use probity_types::{CivilDate, FieldType, FieldValue, Position};

/// Speaks the words of the packs in force today. Holds the adopted packs themselves, which are shared and cheap to
/// clone, so that no lock is held while bodies are read.
pub struct Words {
    lang: Lang,
    policies: PolicySet,
    known_at: Position,
    today: CivilDate,
}

impl Words {
    /// The words in force today.
    pub fn of(visit: &Visit, asked: &Asked) -> Self {
        Self {
            lang: visit.lang,
            policies: visit.ledger.views().policies().clone(),
            known_at: asked.now.known_at.unwrap_or(Position(0)),
            today: asked.now.valid_on,
        }
    }

    fn packs(&self) -> Option<probity_rules::Packs<'_>> {
        self.policies
            .packs(self.known_at, &AnchorDates::on(self.today))
            .ok()
    }

    /// Language of the page.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A sentence of a pack.
    fn say(&self, sentence: &Sentence) -> String {
        say(self.lang, sentence)
    }

    /// Name of a class of records; its code where the catalogue no longer has it.
    pub fn subcategory(&self, code: &str) -> String {
        let found = self.packs().and_then(|packs| packs.catalogue.entry(code));
        found.map_or_else(|| code.to_owned(), |entry| self.say(&entry.name))
    }

    /// Name of an industry; none where it is not known.
    pub fn industry(&self, code: &str) -> Option<String> {
        let packs = self.packs()?;
        let found = packs
            .catalogue
            .industries()
            .find(|named| named.code == code)?;
        Some(self.say(&found.name))
    }

    /// Name of a list; its id where the table does not have it.
    pub fn list(&self, id: &str) -> String {
        let found = self.packs().and_then(|packs| packs.lists.list(id));
        found.map_or_else(|| id.to_owned(), |list| self.say(&list.name))
    }

    /// A day, or the word for one that lies so far off that it means no end.
    pub fn day(&self, day: CivilDate) -> String {
        if Self::is_long_term(day) {
            long_term(self.lang).to_owned()
        } else {
            day.to_string()
        }
    }

    /// Fields of a class that everybody may read about organisations, in the order of a page. Names of parties
    /// are left out: one may be a person.
    pub fn public_fields(&self, class: &str) -> Vec<String> {
        let packs = self.packs();
        let fields = packs.as_ref().and_then(|packs| {
            let entry = packs.catalogue.entry(class)?;
            let open = packs.catalogue.fields_of(entry).filter(|field| {
                // Fields that an entry adds say nothing of their own; the class itself is public then.
                let is_open = field.visibility.is_empty() || field.visibility.starts_with("public");
                is_open && field.field_type != FieldType::Party && field.name != "premises"
            });
            let mut names: Vec<String> = open.map(|field| field.name.clone()).collect();
            names.sort_by_key(|name| field_place(name));
            Some(names)
        });
        fields.unwrap_or_default()
    }

    /// Whether everybody may read this field of a record about an organisation. Fields common to all records are open
    /// where the catalogue does not say otherwise.
    pub fn is_public(&self, class: &str, name: &str) -> bool {
        let common = self.packs().and_then(|packs| {
            let mut fields = packs.catalogue.common_fields();
            fields
                .find(|field| field.name == name)
                .map(|field| field.visibility.starts_with("public"))
        });
        common.unwrap_or_else(|| self.public_fields(class).iter().any(|field| field == name))
    }

    /// Name of a field of a record of this class.
    pub fn field(&self, subcategory: &str, name: &str) -> String {
        if let Some(known) = field_name(self.lang, name) {
            return known.to_owned();
        }
        let packs = self.packs();
        let field = packs.as_ref().and_then(|packs| {
            let entry = packs.catalogue.entry(subcategory)?;
            packs.catalogue.field_of(entry, name)
        });
        match (self.lang, field) {
            (Lang::Zh, Some(field)) if !field.name_zh.is_empty() => field.name_zh.clone(),
            // The catalogue names its own fields in Chinese only; their keys are English words.
            _ => name.replace('_', " "),
        }
    }

    /// Whether a day lies so far off that it means no end.
    pub fn is_long_term(day: CivilDate) -> bool {
        day.ymd().0 >= LONG_TERM_YEAR
    }

    /// A value as people read it.
    pub fn value(&self, subcategory: &str, name: &str, value: &FieldValue) -> String {
        match value {
            FieldValue::Text(text) => text.as_str().to_owned(),
            FieldValue::Date(day) => self.day(*day),
            FieldValue::Fen(amount) => money(*amount),
            FieldValue::Integer(number) => number.to_string(),
            FieldValue::Decimal(text) => text.as_str().to_owned(),
            FieldValue::Boolean(answer) => yes_or_no(self.lang, *answer).to_owned(),
            FieldValue::Code(key) => self.code(subcategory, name, key.as_str()),
            FieldValue::Codes(keys) => {
                let names: Vec<String> = keys
                    .iter()
                    .map(|key| self.code(subcategory, name, key.as_str()))
                    .collect();
                names.join(match self.lang {
                    Lang::Zh => "、",
                    Lang::En => ", ",
                })
            }
        }
    }

    fn code(&self, subcategory: &str, name: &str, key: &str) -> String {
        let found = self.packs().and_then(|packs| {
            let entry = packs.catalogue.entry(subcategory)?;
            let list = match &packs.catalogue.field_of(entry, name)?.field_type {
                FieldType::Code(list) | FieldType::Codes(list) => list.clone(),
                _ => return None,
            };
            crate::show::list_name(&packs, &list, key)
        });
        found.map_or_else(
            || key.to_owned(),
            |names| match self.lang {
                Lang::Zh => names.zh,
                Lang::En => plain_name(&names.en),
            },
        )
    }
}

/// 2099-12-31 stands for "long-term" in the reports (domain reference §5.1).
const LONG_TERM_YEAR: i16 = 2099;

/// A sentence in the language of the page.
pub fn say(lang: Lang, sentence: &Sentence) -> String {
    match lang {
        Lang::Zh => sentence.zh.clone(),
        Lang::En => capitalised(&sentence.en),
    }
}

/// The text of a field; none where it is missing or empty.
pub fn text_of(fields: &FieldMap, name: &str) -> Option<String> {
    match fields.get(name)? {
        FieldValue::Text(text) if !text.is_empty() => Some(text.as_str().to_owned()),
        _ => None,
    }
}
