//! The tour of the README and the whole of docs/OPERATING.md and docs/AUDITING.md, run as they stand there: every command, its exit code, and the
//! word that is named beside it. Only the folder `/tmp/tour` and the port are exchanged, so that a test leaves nothing behind and disturbs nobody.

use probity_tests::{probity, root};
use std::fmt::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

const TOUR: &str = "## A tour";
const FOLDER: &str = "/tmp/tour";
const ADDRESS: &str = "127.0.0.1:8080";
const MARK: &str = "# → ";

/// One line of the tour.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    command: String,
    word: Option<String>,
    exit: i32,
}

/// What the README shows a reader to type.
fn tour() -> Vec<Step> {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    tour_of(&readme)
}

fn tour_of(readme: &str) -> Vec<Step> {
    let tour = readme.split_once(TOUR).expect("the README has a tour").1;
    steps(tour.split("\n## ").next().unwrap_or(tour))
}

fn document(name: &str) -> Vec<Step> {
    let text = std::fs::read_to_string(root().join("docs").join(name));
    steps(&text.expect("the document"))
}

/// What an operator types.
fn operating() -> Vec<Step> {
    document("OPERATING.md")
}

/// What an auditor types.
fn auditing() -> Vec<Step> {
    document("AUDITING.md")
}

/// Commands of the fenced blocks, in order.
fn steps(text: &str) -> Vec<Step> {
    let (mut steps, mut is_fenced) = (Vec::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
            continue;
        }
        if !is_fenced || line.trim().is_empty() {
            continue;
        }
        let (command, said) = line.split_once(MARK).unwrap_or((line, ""));
        let (word, exit) = match said.rsplit_once(" (exit ") {
            Some((word, exit)) => (word, exit.trim_end_matches(')').parse().expect("a number")),
            None => (said, 0),
        };
        steps.push(Step {
            command: command.trim().to_owned(),
            word: Some(word.trim().to_owned()).filter(|word| !word.is_empty()),
            exit,
        });
    }
    steps
}

/// A port that nobody uses at this moment.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

#[test]
fn every_command_of_the_tour_does_what_the_readme_says() {
    let steps = tour();
    assert!(steps.len() >= 15, "{steps:?}");
    carry_out(&steps);
}

#[test]
fn every_command_of_the_operator_does_what_the_document_says() {
    let steps = operating();
    assert!(steps.len() >= 15, "{steps:?}");
    carry_out(&steps);
}

#[test]
fn every_command_of_the_auditor_does_what_the_document_says() {
    let steps = auditing();
    assert!(steps.len() >= 20, "{steps:?}");
    carry_out(&steps);
}

/// Types the commands into one shell and compares what they do.
fn carry_out(steps: &[Step]) {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("tour").display().to_string();
    std::fs::create_dir(&folder).expect("a folder");
    let address = free_address();
    // One shell for all, as a reader has it: variables, jobs and the working folder carry over.
    let mut script = String::from("set -u\n");
    for (number, step) in steps.iter().enumerate() {
        let command = step
            .command
            .replace(FOLDER, &folder)
            .replace(ADDRESS, &address);
        let out = scratch
            .path()
            .join(number.to_string())
            .display()
            .to_string();
        let place = if command.ends_with('&') {
            command.replacen('&', &format!("> {out} 2>&1 &"), 1)
        } else {
            format!("{{ {command}; }} > {out} 2>&1")
        };
        let _ = writeln!(script, "{place}\necho $? > {out}.exit");
    }
    let program = probity().parent().expect("a folder").display().to_string();
    build_verifier();
    let path = std::env::var("PATH").expect("a path");
    let ran = Command::new("bash")
        .args(["-c", &script])
        .current_dir(root())
        .env("PATH", format!("{program}:{path}"))
        .env("RUST_LOG", "warn")
        .status();
    assert!(ran.expect("bash runs").success(), "the shell went through");
    for (number, step) in steps.iter().enumerate() {
        let read = |name: String| {
            let path = Path::new(scratch.path()).join(name);
            std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{step:?}: {e}"))
        };
        let said = read(number.to_string());
        let exit: i32 = read(format!("{number}.exit"))
            .trim()
            .parse()
            .expect("a code");
        assert_eq!(exit, step.exit, "{step:?}: {said}");
        if let Some(word) = &step.word {
            assert!(said.contains(word.as_str()), "{step:?}: {said}");
        }
    }
}

/// The offline verifier beside the program.
fn build_verifier() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--package", "probity-verify"])
        .current_dir(root());
    assert!(build.status().expect("cargo runs").success(), "it builds");
}

#[test]
fn every_command_that_prints_something_names_a_word_of_it() {
    let silent = |step: &&Step| {
        let command = &step.command;
        let says_nothing = ["export ", "kill ", "mv "];
        says_nothing.iter().any(|start| command.starts_with(start))
            || command.ends_with('&')
            || command.contains(" > ")
    };
    let unchecked: Vec<_> = tour()
        .into_iter()
        .chain(operating())
        .chain(auditing())
        .filter(|step| step.word.is_none() && !silent(&step))
        .collect();
    assert!(unchecked.is_empty(), "{unchecked:?}");
}

#[test]
fn word_and_exit_code_are_read_from_beside_the_command() {
    let readme = "# X\n## A tour\n```sh\na b   # → c d (exit 1)\ne\n```\nprose\n```sh\nf  # → g\n```\n## More\n```sh\nh\n```\n";
    let step = |command: &str, word: Option<&str>, exit| Step {
        command: command.to_owned(),
        word: word.map(str::to_owned),
        exit,
    };
    let expected = [
        step("a b", Some("c d"), 1),
        step("e", None, 0),
        step("f", Some("g"), 0),
    ];
    assert_eq!(tour_of(readme), expected);
}
