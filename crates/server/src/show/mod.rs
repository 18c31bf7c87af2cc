//! Rows of the views as the interface answers them. Who may see a row was decided before: these write what they get.

pub mod catalogue;
pub mod due_date;
pub mod entry;
pub mod listing;
pub mod record;
pub mod status;
pub mod subject;
pub mod timeline;

use probity_api::{Bilingual, Term};
use probity_project::Moment;
use probity_rules::Packs;
use probity_rules::fault::Sentence;
use probity_types::Position;

/// A sentence of the rules.
pub fn sentence(sentence: &Sentence) -> Bilingual {
    Bilingual::new(&sentence.zh, &sentence.en)
}

/// A key with the names that the rules give it.
pub fn term(key: &str, name: &Sentence) -> Term {
    Term {
        key: key.to_owned(),
        zh: name.zh.clone(),
        en: name.en.clone(),
    }
}

/// The position that an answer knew; [`crate::moment::moment`] never gives a moment before the log began.
pub fn known_at(moment: &Moment) -> Position {
    moment.known_at.unwrap_or(Position(0))
}

/// Names of a key of a code list. Industries and key-person groups are lists of the catalogue itself.
pub fn list_name(packs: &Packs<'_>, list: &str, key: &str) -> Option<Sentence> {
    packs.codes.names(list, key).or_else(|| {
        let held = packs.catalogue.list_names(list)?.into_iter();
        let mut held = held.filter(|(known, _)| known == key);
        held.next().map(|(_, names)| names)
    })
}
