//! Planted violations: words, lengths, leftovers.

use xtask::tidy::Rule;

use crate::planted::check_file;

/// A file of the pure package `domain`.
const PURE: &str = "crates/domain/src/a.rs";

#[test]
fn a_confined_library_is_named_in_one_place() {
    check_file("log-format/src/codec.rs", "use bincode::config;", &[]);
    check_file(
        "log-format/src/leaf.rs",
        "\nuse bincode::config;",
        &[(Rule::Confined, 2)],
    );
    check_file("crates/store/src/a.rs", "use sled::Db;", &[]);
    check_file(
        "crates/log/src/a.rs",
        "use sled::Db;",
        &[(Rule::Confined, 1)],
    );
    check_file("crates/server/src/a.rs", "use axum::Router;", &[]);
    check_file(
        "tests/e2e/a.rs",
        "use axum::Router;",
        &[(Rule::Confined, 1)],
    );
}

#[test]
fn comments_and_text_may_name_anything() {
    let text = "//! Like sled and axum, no f64, HashMap, SystemTime::now.\n\
        const A: &str = \"bincode f64 todo!\";\n";
    check_file(PURE, text, &[]);
}

#[test]
fn only_server_tools_and_tests_read_the_clock() {
    let clock = [(Rule::WallClock, 1)];
    for read in [
        "SystemTime::now()",
        "Instant::now()",
        "jiff::Timestamp::now()",
        "Zoned :: now()",
    ] {
        let text = format!("fn a() {{ {read}; }}");
        check_file("crates/log/src/a.rs", &text, &clock);
        check_file(PURE, &text, &clock);
        check_file("crates/server/src/a.rs", &text, &[]);
        check_file("tools/load/src/a.rs", &text, &[]);
        check_file("tests/e2e/a.rs", &text, &[]);
        check_file("crates/log/tests/a.rs", &text, &[]);
        check_file("crates/domain/tests/a.rs", &text, &clock);
    }
}

#[test]
fn pure_packages_have_no_floats() {
    check_file(PURE, "fn a(b: f64) {}", &[(Rule::PureFloat, 1)]);
    check_file(PURE, "const A: u8 = 1.5 as u8;", &[(Rule::PureFloat, 1)]);
    check_file(PURE, "fn a() { 0..1; p.0.1; }", &[]);
    check_file("crates/server/src/a.rs", "fn a(b: f64) {}", &[]);
    check_file(PURE, "#[cfg(test)]\nmod tests {\nfn a(b: f64) {}\n}", &[]);
}

#[test]
fn pure_packages_have_no_hash_order() {
    check_file(
        PURE,
        "use std::collections::HashMap;",
        &[(Rule::PureHash, 1)],
    );
    check_file(
        PURE,
        "use std::collections::{BTreeMap, HashSet};",
        &[(Rule::PureHash, 1)],
    );
    check_file(PURE, "use std::collections::BTreeMap;", &[]);
    check_file(
        "crates/server/src/a.rs",
        "use std::collections::HashMap;",
        &[],
    );
}

#[test]
fn pure_packages_do_not_unwrap() {
    check_file(PURE, "fn a() { b()\n.unwrap(); }", &[(Rule::PureUnwrap, 2)]);
    check_file(
        PURE,
        "fn a() { b.map(Option::unwrap); }",
        &[(Rule::PureUnwrap, 1)],
    );
    check_file(PURE, "fn a() { b().unwrap_or(1); unwrap(); }", &[]);
    check_file(PURE, "#[test]\nfn a() { b().unwrap(); }", &[]);
    check_file("crates/domain/tests/a.rs", "fn a() { b().unwrap(); }", &[]);
}

#[test]
fn a_test_module_in_its_own_file_is_test_code() {
    let with = |attribute: &str| {
        let lib = format!("{attribute}\nmod checks;");
        let files = [
            ("crates/domain/src/lib.rs", lib.as_str()),
            ("crates/domain/src/checks.rs", "fn a() { b().unwrap(); }"),
        ];
        let expected = [(Rule::PureUnwrap, "crates/domain/src/checks.rs", 1)];
        let is_test = attribute == "#[cfg(test)]";
        crate::planted::check(&files, if is_test { &[] } else { &expected });
    };
    with("#[cfg(test)]");
    with("#[cfg(unix)]");
}

#[test]
fn pure_packages_have_no_host_byte_order() {
    check_file(
        PURE,
        "fn a() { 1_u32.to_ne_bytes(); }",
        &[(Rule::PureEndian, 1)],
    );
    check_file(
        PURE,
        "#[test]\nfn a() { u32::from_ne_bytes(b); }",
        &[(Rule::PureEndian, 2)],
    );
    check_file(PURE, "fn a() { 1_u32.to_be_bytes(); }", &[]);
}

#[test]
fn pure_packages_do_no_io() {
    let io = [(Rule::PureIo, 1)];
    check_file(PURE, "use std::fs::File;", &io);
    check_file(PURE, "use std::{fmt, net::TcpStream};", &io);
    check_file(PURE, "fn a() { tokio::spawn(b); }", &io);
    check_file(
        PURE,
        "use std::{fmt, io};\nfn a(fs: u8) { f(b, net); }",
        &[],
    );
    check_file("log-format/tests/vectors.rs", "use std::fs;", &[]);
    check_file("log-format/examples/vectors.rs", "use std::fs;", &[]);
    check_file("crates/store/src/a.rs", "use std::fs;", &[]);
}

#[test]
fn written_types_have_sized_integers() {
    let written = "#[derive(Debug, Serialize)]\n#[serde(x)]\npub struct A {\n  b: Vec<usize>,\n}";
    check_file("log-format/src/a.rs", written, &[(Rule::EncodedUsize, 4)]);
    check_file(
        "log-format/src/a.rs",
        "#[derive(serde::Serialize)]\nstruct A(isize);",
        &[(Rule::EncodedUsize, 2)],
    );
    check_file(
        "log-format/src/a.rs",
        "#[derive(Serialize)]\nenum A { B { c: usize } }",
        &[(Rule::EncodedUsize, 2)],
    );
    check_file(
        "log-format/src/a.rs",
        "#[derive(Debug)]\nstruct A { b: usize }",
        &[],
    );
    check_file(
        "log-format/src/a.rs",
        "#[derive(Serialize)]\nstruct A { b: u64 }\nfn f(c: usize) {}",
        &[],
    );
}

#[test]
fn files_have_an_end() {
    let file = |lines: usize| "const A: u8 = 1;\n// why\n\n".repeat(lines);
    check_file(PURE, &file(600), &[]);
    check_file(PURE, &file(601), &[(Rule::FileLength, 1)]);
    check_file("crates/domain/tests/a.rs", &file(601), &[]);
    let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", file(599), file(100));
    check_file(PURE, &tested, &[]);
}

#[test]
fn functions_have_an_end() {
    let function = |lines: usize| {
        format!(
            "\nfn a(b: [u8; 2])\nwhere C: D {{\n{}}}\n",
            "e();\n// why\n".repeat(lines)
        )
    };
    check_file(PURE, &function(87), &[]);
    check_file(PURE, &function(88), &[(Rule::FunctionLength, 2)]);
    check_file(PURE, &format!("#[test]{}", function(88)), &[]);
}

#[test]
fn nothing_unfinished_is_committed() {
    let leftover = [(Rule::Leftover, 1)];
    check_file(PURE, "fn a() { todo!() }", &leftover);
    check_file(PURE, "fn a() { unimplemented!(\"b\") }", &leftover);
    check_file(PURE, "#[test]\nfn a() { dbg!(b); }", &[(Rule::Leftover, 2)]);
    check_file(
        "crates/log/tests/a.rs",
        "#[ignore = \"slow\"]\nfn a() {}",
        &leftover,
    );
    check_file(PURE, concat!("// TO", "DO: b"), &leftover);
    check_file(PURE, concat!("/* FIX", "ME */"), &leftover);
    check_file(
        "crates/server/static/a.js",
        concat!("// TO", "DO b"),
        &leftover,
    );
    check_file(PURE, "// todo is a word\nfn todo() { ignore(b); }", &[]);
}

#[test]
fn code_is_not_kept_in_comments() {
    check_file(
        PURE,
        "fn a() {\n// let b = c;\n// if b {\n// d();\n}",
        &[(Rule::CommentedCode, 2)],
    );
    check_file(PURE, "// let b = c;\n// if b {\nfn a() {}", &[]);
    check_file(PURE, "/// let b = c;\n/// if b {\n/// d();\nfn a() {}", &[]);
    check_file(
        PURE,
        "// one reason;\n// another reason,\n// and a third;\nfn a() {}",
        &[],
    );
}
