//! The catalogue and its use: every key known, complete and used; no words outside it.

use probity_pages::{Lang, t};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            found.push((path.clone(), fs::read_to_string(&path).expect("text")));
        }
    }
    found
}

fn catalogue() -> toml::Table {
    fs::read_to_string(root().join("messages.toml"))
        .expect("the catalogue")
        .parse()
        .expect("TOML")
}

fn keys() -> BTreeSet<String> {
    let names = |(section, messages): (&String, &toml::Value)| -> Vec<String> {
        let messages = messages.as_table().expect("a section holds messages");
        messages
            .keys()
            .map(|name| format!("{section}.{name}"))
            .collect()
    };
    catalogue().iter().flat_map(names).collect()
}

/// Every quoted text of the form `section.name` in templates and sources.
fn used() -> BTreeSet<String> {
    let sections: Vec<String> = catalogue().keys().cloned().collect();
    let mut used = BTreeSet::new();
    for (path, text) in files("templates")
        .into_iter()
        .chain(files("src"))
        .chain(files("src/view"))
    {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for quoted in text.split('"').skip(1) {
            let Some((section, name)) = quoted.split_once('.') else {
                continue;
            };
            let is_name =
                !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if sections.iter().any(|known| known == section)
                && is_name
                && !quoted.ends_with(".html")
            {
                used.insert(quoted.to_owned());
            }
        }
        assert!(
            !text.contains("|safe"),
            "{}: escaping stays on",
            path.display()
        );
    }
    used
}

#[test]
fn every_key_used_exists_and_every_key_is_used() {
    let (known, mut used) = (keys(), used());
    used.retain(|key| key != "error.html" && key != "entry.html");
    assert_eq!(
        used.difference(&known).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "unknown"
    );
    assert_eq!(
        known.difference(&used).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "unused"
    );
}

#[test]
fn every_message_is_complete_and_has_the_same_placeholders() {
    for key in keys() {
        let [zh, en] = Lang::ALL.map(|lang| t(lang, &key).to_owned());
        for text in [&zh, &en] {
            assert!(!text.trim().is_empty() && *text != key, "{key}");
        }
        let placeholders = |text: &str| -> BTreeSet<String> {
            text.split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(placeholders(&zh), placeholders(&en), "{key}");
        if key != "site.other_language" {
            assert!(zh.chars().any(is_han), "{key}: {zh}");
            assert!(!en.chars().any(is_han), "{key}: {en}");
        }
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// The template without its expressions, statements and comments.
fn without_code(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{']) {
        let (before, tail) = rest.split_at(at);
        plain.push_str(before);
        let end = match tail.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => "{",
        };
        let from = tail.find(end).map_or(tail.len(), |at| at + end.len());
        rest = &tail[from..];
    }
    plain + rest
}

#[test]
fn templates_hold_no_words() {
    for (path, text) in files("templates") {
        assert!(!text.chars().any(is_han), "{}", path.display());
        let plain = without_code(&text);
        for part in plain.split('<') {
            let (tag, shown) = part.split_once('>').unwrap_or(("", part));
            assert!(
                !shown.chars().any(char::is_alphabetic),
                "{}: {shown}",
                path.display()
            );
            for name in ["title", "aria-label", "placeholder", "alt", "data-label"] {
                let value = tag.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest);
                let value = value
                    .and_then(|rest| rest.split('"').next())
                    .unwrap_or_default();
                assert!(
                    !value.chars().any(char::is_alphabetic),
                    "{}: {value}",
                    path.display()
                );
            }
        }
    }
}
