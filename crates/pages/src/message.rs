//! The message catalogue: every word of the pages, in both languages.
//!
//! `messages.toml` holds one table per message, named `[section.key]`, with `zh` and `en`. It is compiled
//! in; the tests of this crate check that every message is complete, known and used.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Simplified Chinese, the first language.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both languages, the first one first.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The language that a `lang` parameter asks for; anything unknown is Chinese.
    pub fn from_parameter(value: Option<&str>) -> Self {
        match value {
            Some("en") => Self::En,
            _ => Self::Zh,
        }
    }

    /// The language tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language that the switch leads to.
    pub fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    zh: String,
    en: String,
}

static MESSAGES: LazyLock<BTreeMap<String, BTreeMap<String, Message>>> = LazyLock::new(|| {
    toml::from_str(include_str!("../messages.toml"))
        .expect("messages.toml is compiled in, and a test reads it")
});

/// The message `key` (`section.name`) in `lang`. A key that the catalogue does not hold comes back as it is.
pub fn t(lang: Lang, key: &str) -> &str {
    let message = key
        .split_once('.')
        .and_then(|(section, name)| MESSAGES.get(section)?.get(name));
    match (message, lang) {
        (Some(message), Lang::Zh) => &message.zh,
        (Some(message), Lang::En) => &message.en,
        (None, _) => key,
    }
}

/// The message with each `{name}` replaced by its value. Values are never searched for placeholders.
pub fn fill(lang: Lang, key: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut rest = t(lang, key);
    let mut text = String::with_capacity(rest.len() + 16);
    while let Some((before, tail)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = tail.split_once('}') else {
            text.push('{');
            rest = tail;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(&value.to_string()),
            None => text.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_values_are_not_searched_again() {
        let text = fill(Lang::En, "subject.days_left", &[("n", &"{n}")]);
        assert!(text.contains("{n}"));
        assert_eq!(text.matches("{n}").count(), 1);
    }

    #[test]
    fn an_unknown_key_comes_back_as_it_is() {
        assert_eq!(t(Lang::Zh, "no.such"), "no.such");
        assert_eq!(t(Lang::Zh, "plain"), "plain");
    }

    #[test]
    fn only_english_asked_for_is_english() {
        assert_eq!(Lang::from_parameter(Some("en")), Lang::En);
        assert_eq!(Lang::from_parameter(Some("EN")), Lang::Zh);
        assert_eq!(Lang::from_parameter(None), Lang::Zh);
    }
}
