//! Every command that the documents show exists.
//!
//! Looked at: fenced blocks of README.md, CONTRIBUTING.md and docs/*.md. A command is `cargo xtask
//! <task>` or `probity <command>`; what the server knows is read from its clap types.

use std::collections::BTreeSet;

use super::lexer::Kind;
use super::source::Source;
use super::{Finding, Rule, Tree};
use crate::cli;

const SERVER: &str = "crates/server/src/";

/// Checks the documents; a note where README.md or the server's commands are not there yet.
pub fn check(tree: &Tree, notes: &mut Vec<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let tasks: BTreeSet<String> = cli::task_names().into_iter().collect();
    let server = server_commands(tree);
    if tree.text("README.md").is_none() {
        notes.push("README.md is not there yet: its commands not checked".to_owned());
    }
    if server.is_empty() {
        notes.push(format!(
            "{SERVER} has no clap commands yet: `probity …` not checked"
        ));
    }
    let is_document = |path: &&str| {
        matches!(*path, "README.md" | "CONTRIBUTING.md")
            || (path.starts_with("docs/") && path.ends_with(".md"))
    };
    for path in tree.paths().filter(is_document) {
        for (line, command) in fenced_commands(&tree.text(path).unwrap_or_default()) {
            let (known, shown) = match command {
                Shown::Task(name) => (tasks.contains(&name), format!("cargo xtask {name}")),
                Shown::Server(name) => (
                    server.is_empty() || server.contains(&name),
                    format!("probity {name}"),
                ),
            };
            if !known {
                findings.push(Finding::new(
                    Rule::Command,
                    path,
                    line,
                    format!("there is no `{shown}`"),
                    "show a command that exists",
                ));
            }
        }
    }
    findings
}

enum Shown {
    Task(String),
    Server(String),
}

fn fenced_commands(document: &str) -> Vec<(usize, Shown)> {
    let mut found = Vec::new();
    let mut is_fenced = false;
    for (number, line) in (1..).zip(document.lines()) {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_fenced {
            let code = line.split(" #").next().unwrap_or(line);
            let parts = code.split(['|', ';', '&', '(', ')', '`']);
            found.extend(
                parts
                    .filter_map(shown_command)
                    .map(|command| (number, command)),
            );
        }
    }
    found
}

/// The command of one simple shell command, after prompt, settings of variables and sudo.
fn shown_command(part: &str) -> Option<Shown> {
    let is_before =
        |word: &&str| matches!(*word, "$" | "#" | "sudo" | "exec") || word.contains('=');
    let words: Vec<&str> = part.split_whitespace().skip_while(is_before).collect();
    let name = |after: usize| {
        let word = words.get(after)?;
        word.starts_with(|c: char| c.is_ascii_lowercase())
            .then(|| (*word).to_owned())
    };
    let program = words.first()?.rsplit('/').next()?;
    if program == "probity" {
        return name(1).map(Shown::Server);
    }
    if program != "cargo" {
        return None;
    }
    if words.get(1) == Some(&"xtask") {
        return name(2).map(Shown::Task);
    }
    let runs_server = words
        .windows(2)
        .any(|pair| matches!(pair, ["-p" | "--package" | "--bin", "probity"]));
    let arguments = words.iter().position(|word| *word == "--")?;
    runs_server.then(|| name(arguments + 1).map(Shown::Server))?
}

/// The variants of every enum of the server that derives `Subcommand`, as clap names them.
fn server_commands(tree: &Tree) -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    for source in tree
        .sources()
        .iter()
        .filter(|source| source.path.starts_with(SERVER))
    {
        for derive in source.find(&["derive", "("]) {
            let close = source.closing(derive + 1);
            let names = &source.tokens()[derive..close];
            if names.iter().any(|token| token.text == "Subcommand") {
                let body = source.body(close + 2);
                commands.extend(body.into_iter().flat_map(|body| variants(source, body)));
            }
        }
    }
    commands
}

fn variants(source: &Source, body: usize) -> Vec<String> {
    let tokens = source.tokens();
    let end = source.closing(body);
    let (mut names, mut own_name, mut at) = (Vec::new(), None, body + 1);
    while at < end {
        let token = &tokens[at];
        match (token.kind, token.text.as_str()) {
            (Kind::Mark, "[") => {
                let close = source.closing(at);
                let attribute = &tokens[at..close];
                let name = attribute
                    .windows(3)
                    .find(|w| w[0].text == "name" && w[1].text == "=");
                own_name = name.map(|name| name[2].text.clone()).or(own_name);
                at = close;
            }
            (Kind::Mark, "{" | "(") => at = source.closing(at),
            (Kind::Word, _) => names.push(own_name.take().unwrap_or_else(|| kebab(&token.text))),
            _ => {}
        }
        at += 1;
    }
    names
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}
