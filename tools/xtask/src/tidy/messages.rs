//! Every message in both languages, and every message that is used.
//!
//! `messages.toml`, or several files in `messages/`, of the packages below hold tables `[key] zh =
//! "…" en = "…"`; code and templates use them as `t("key")`, `t(lang, "key")` or with values to
//! fill in.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{self, Kind, Token};
use super::{Finding, Rule, Tree};

/// Packages that speak to people.
const HOMES: [&str; 2] = ["crates/pages/", "crates/server/"];
const LANGUAGES: [&str; 2] = ["zh", "en"];
/// Functions whose first literal is a key: plain, and with values.
const CALLS: [&str; 4] = ["t", "f1", "f2", "fill"];

/// Checks the catalogue and its users; a note where there is no catalogue yet.
pub fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let is_catalogue = |path: &&str| {
        let place = within_home(path).unwrap_or_default();
        place == "messages.toml" || (place.starts_with("messages/") && place.ends_with(".toml"))
    };
    let catalogues: Vec<&str> = tree.paths().filter(is_catalogue).collect();
    if catalogues.is_empty() {
        notes.push("no messages.toml is there yet: messages not checked".to_owned());
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut keys = BTreeSet::new();
    for path in catalogues {
        let text = tree.text(path).unwrap_or_default();
        match text.parse::<toml::Table>() {
            Ok(table) => {
                let mut messages = BTreeMap::new();
                flatten("", &table, &mut messages);
                for (key, message) in messages {
                    check_message(path, &text, &key, message, &mut findings);
                    keys.insert(key);
                }
            }
            Err(error) => {
                let found = format!("not TOML: {}", error.message());
                let remedy = "repair the catalogue";
                findings.push(Finding::new(Rule::Message, path, 1, found, remedy));
            }
        }
    }
    check_users(tree, &keys, &mut findings);
    findings
}

/// The rest of a path in one of the packages that speak to people.
fn within_home(path: &str) -> Option<&str> {
    HOMES.iter().find_map(|home| path.strip_prefix(home))
}

/// A table with a value that is no table is a message; any other is a folder of messages.
fn flatten<'a>(
    prefix: &str,
    table: &'a toml::Table,
    messages: &mut BTreeMap<String, &'a toml::Table>,
) {
    for (name, value) in table {
        let Some(inner) = value.as_table() else {
            continue;
        };
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        if inner.is_empty() || inner.values().any(|value| !value.is_table()) {
            messages.insert(key.clone(), inner);
        }
        flatten(&key, inner, messages);
    }
}

fn check_message(
    path: &str,
    text: &str,
    key: &str,
    message: &toml::Table,
    findings: &mut Vec<Finding>,
) {
    let line = text
        .lines()
        .position(|line| names_table(line, key))
        .map_or(1, |line| line + 1);
    let mut fault = |found: String, remedy| {
        findings.push(Finding::new(Rule::Message, path, line, found, remedy));
    };
    let wording = |language: &str| message.get(language).and_then(|value| value.as_str());
    for language in LANGUAGES {
        if wording(language).is_none_or(|text| text.trim().is_empty()) {
            fault(
                format!("`{key}` has no {language}"),
                "write it in both languages",
            );
        }
    }
    if let [Some(zh), Some(en)] = LANGUAGES.map(wording)
        && placeholders(zh) != placeholders(en)
    {
        fault(
            format!("`{key}` has other placeholders in zh than in en"),
            "use the same names in both languages",
        );
    }
}

fn names_table(line: &str, key: &str) -> bool {
    let header = line
        .trim()
        .strip_prefix('[')
        .and_then(|line| line.split(']').next());
    header.is_some_and(|header| header.replace(['"', '\''], "") == key)
}

fn placeholders(wording: &str) -> BTreeSet<&str> {
    let after = wording.split('{').skip(1);
    after
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

fn check_users(tree: &Tree, keys: &BTreeSet<String>, findings: &mut Vec<Finding>) {
    let mut check_tokens = |path: &str, tokens: &[Token]| {
        for (key, line) in uses(tokens) {
            if !keys.contains(&key) {
                findings.push(Finding::new(
                    Rule::Message,
                    path,
                    line,
                    format!("no message `{key}`"),
                    "add it to the catalogue in both languages",
                ));
            }
        }
    };
    for source in tree
        .sources()
        .iter()
        .filter(|source| within_home(&source.path).is_some())
    {
        let outside_tests: Vec<Token> = source
            .tokens()
            .iter()
            .filter(|token| !source.is_test(token.line))
            .cloned()
            .collect();
        check_tokens(&source.path, &outside_tests);
    }
    let is_template =
        |path: &&str| within_home(path).is_some_and(|place| place.starts_with("templates/"));
    for path in tree.paths().filter(is_template) {
        let text = tree.text(path).unwrap_or_default();
        for (number, line) in (1..).zip(text.lines()) {
            for expression in expressions(line) {
                let mut tokens = lexer::lex(expression).tokens;
                tokens.iter_mut().for_each(|token| token.line = number);
                check_tokens(path, &tokens);
            }
        }
    }
}

/// What stands in `{{ … }}` and `{% … %}` of one template line.
fn expressions(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        let parts = line.split(open).skip(1);
        found.extend(parts.map(|part| part.split(close).next().unwrap_or(part)));
    }
    found
}

/// Keys and lines of `t("key")` and `t(something, "key")`.
fn uses(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let is_call = pair[0].kind == Kind::Word
            && CALLS.contains(&pair[0].text.as_str())
            && pair[1].text == "(";
        if !is_call {
            continue;
        }
        let is_end =
            |token: &&Token| token.kind == Kind::Mark && matches!(token.text.as_str(), "(" | ")");
        let arguments = tokens[at + 2..].iter().take_while(|token| !is_end(token));
        let key = arguments.into_iter().find(|token| token.kind == Kind::Text);
        found.extend(key.map(|key| (key.text.clone(), key.line)));
    }
    found
}
