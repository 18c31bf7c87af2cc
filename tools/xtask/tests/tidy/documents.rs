//! Planted violations: specification, messages, commands in documents.

use xtask::tidy::Rule;

use crate::planted::check;

const SPEC: &str = "log-format/SPEC.md";
const LIMITS: &str = "log-format/src/limits.rs";

fn check_spec(spec: &str, limits: &str, expected: &[(Rule, &str, usize)]) {
    check(&[(SPEC, spec), (LIMITS, limits)], expected);
}

#[test]
fn constants_of_specification_and_code_are_equal() {
    let limits =
        "pub const BODY_MAX: usize = 1 << 20;\npub const UNIT_MAX: u64 = 2 * BODY_MAX as u64;\n";
    let spec = "| name | value |\n|---|---|\n| `BODY_MAX` | 1,048,576 bytes |\n\
        | UNIT_MAX | 2_097_152 | a unit |\n";
    check_spec(spec, limits, &[]);
}

#[test]
fn a_constant_that_differs_or_stands_alone_is_named() {
    let limits = "pub const BODY_MAX: u32 = 7;\n";
    check_spec(
        "| BODY_MAX | 8 |\n",
        limits,
        &[(Rule::SpecConstant, SPEC, 1)],
    );
    check_spec("nothing\n", limits, &[(Rule::SpecConstant, LIMITS, 1)]);
    check_spec(
        "| BODY_MAX | 7 |\n| OTHER_MAX | 1 |\n",
        limits,
        &[(Rule::SpecConstant, SPEC, 2)],
    );
}

const MESSAGES: &str = "crates/server/messages.toml";

fn check_messages(messages: &str, code: &str, template: &str, expected: &[(Rule, &str, usize)]) {
    let files = [
        (MESSAGES, messages),
        ("crates/server/src/a.rs", code),
        ("crates/server/templates/a.html", template),
    ];
    check(&files, expected);
}

#[test]
fn messages_exist_in_both_languages() {
    let good = "[a]\nzh = \"甲\"\nen = \"a\"\n\n[b.c]\nzh = \"乙{n}\"\nen = \"{n} b\"\n";
    check_messages(
        good,
        "fn f() { t(\"a\"); t(lang, \"b.c\"); }",
        "<p>{{ t(\"a\") }}</p>",
        &[],
    );
    let here = |line| [(Rule::Message, MESSAGES, line)];
    check_messages("[a]\nzh = \"甲\"\n", "", "", &here(1));
    check_messages("\n[a]\nzh = \"甲\"\nen = \" \"\n", "", "", &here(2));
    check_messages("[a]\n", "", "", &[here(1), here(1)].concat());
    check_messages("[a]\nzh = \"{n}\"\nen = \"{m}\"\n", "", "", &here(1));
    check_messages("[a\n", "", "", &here(1));
}

#[test]
fn messages_that_are_used_exist() {
    let one = "[a]\nzh = \"甲\"\nen = \"a\"\n";
    check_messages(
        one,
        "\nfn f() { t(\"b\"); }",
        "",
        &[(Rule::Message, "crates/server/src/a.rs", 2)],
    );
    let template = [(Rule::Message, "crates/server/templates/a.html", 1)];
    check_messages(one, "", "{% if x %}{{ self.t(\"b\") }}", &template);
    check_messages(one, "#[test]\nfn f() { t(\"b\"); }", "a t(\"b\")", &[]);
}

#[test]
fn the_pages_have_a_catalogue_of_their_own() {
    let files = [
        (
            "crates/pages/messages.toml",
            "[a.b]\nzh = \"甲{n}\"\nen = \"a {n}\"\n",
        ),
        (
            "crates/pages/src/a.rs",
            "fn f() { fill(lang, \"a.b\", &[]); t(l, \"a.c\"); }",
        ),
        (
            "crates/pages/templates/a.html",
            "{{ p.f1(\"a.b\", \"n\", v) }}\n{{ p.t(\"a.d\") }}\n",
        ),
    ];
    let expected = [
        (Rule::Message, "crates/pages/src/a.rs", 1),
        (Rule::Message, "crates/pages/templates/a.html", 2),
    ];
    check(&files, &expected);
}

const SERVER: &str = "#[derive(Debug, clap::Subcommand)]\npub enum Command {\n/// Serve.\n\
    Serve { port: u16 },\n\
    #[command(name = \"state\")]\nRows(Rows),\nCheckLog,\n}";

fn check_readme(line: &str, expected: &[(Rule, &str, usize)]) {
    let readme = format!("# Planted\n\n`cargo xtask nothing`\n\n```sh\n{line}\n```\n");
    check(
        &[("README.md", &readme), ("crates/server/src/cli.rs", SERVER)],
        expected,
    );
}

#[test]
fn commands_in_documents_exist() {
    for line in [
        "cargo xtask test --fast",
        "$ RUST_LOG=info probity serve --port 80 && ./target/release/probity check-log",
        "probity state --at 7 | probity --help # probity nothing",
        "cargo run --release -p probity -- serve",
        "cargo build --release",
    ] {
        check_readme(line, &[]);
    }
}

#[test]
fn commands_that_do_not_exist_are_named() {
    for line in [
        "cargo xtask frobnicate",
        "sudo probity frobnicate",
        "true; ./target/debug/probity rows",
        "cargo run -p probity -- frobnicate",
    ] {
        check_readme(line, &[(Rule::Command, "README.md", 6)]);
    }
}
