//! Planted violations: who may depend on whom.

use xtask::tidy::Rule;

use crate::planted::check;

/// Manifests of three packages; the one in `folder` gets the given sections.
fn check_manifest(folder: &str, sections: &str, expected: &[(Rule, usize)]) {
    let path = format!("{folder}/Cargo.toml");
    let text = format!("[package]\nname = \"planted\"\n{sections}");
    let expected: Vec<(Rule, &str, usize)> = expected
        .iter()
        .map(|(rule, line)| (*rule, path.as_str(), *line))
        .collect();
    let files = [
        (
            "crates/domain/Cargo.toml",
            "[package]\nname = \"probity-domain\"\n",
        ),
        (
            "crates/names/Cargo.toml",
            "[package]\nname = \"probity-names\"\n",
        ),
        (
            "tools/city/Cargo.toml",
            "[package]\nname = \"probity-city\"\n",
        ),
        (path.as_str(), text.as_str()),
    ];
    check(&files, &expected);
}

#[test]
fn right_may_depend_on_left() {
    let sections = "[dependencies]\nprobity-domain.workspace = true\nserde = \"1\"\n";
    check_manifest("crates/store", sections, &[]);
    check_manifest(
        "tests",
        "[dependencies]\nprobity-city.workspace = true\n",
        &[],
    );
    check_manifest(
        "tools/load",
        "[dependencies]\nprobity-city.workspace = true\n",
        &[],
    );
}

#[test]
fn left_may_not_depend_on_right() {
    let edge = [(Rule::CrateEdge, 4)];
    check_manifest(
        "crates/types",
        "[dependencies]\nprobity-domain.workspace = true\n",
        &edge,
    );
    check_manifest(
        "crates/types",
        "[build-dependencies]\nprobity-domain = { path = \"x\" }\n",
        &edge,
    );
    check_manifest(
        "crates/types",
        "[target.'cfg(unix)'.dependencies]\nprobity-domain = \"1\"\n",
        &edge,
    );
    check_manifest(
        "crates/types",
        "[dependencies]\nd = { package = \"probity-domain\" }\n",
        &edge,
    );
    check_manifest(
        "crates/rules",
        "[dependencies]\nprobity-city.workspace = true\n",
        &edge,
    );
}

#[test]
fn the_server_may_load_the_made_up_city() {
    check_manifest(
        "crates/server",
        "[dependencies]\nprobity-city.workspace = true\n",
        &[],
    );
}

#[test]
fn neighbours_of_one_rank_do_not_know_each_other() {
    let sections = "[dependencies]\nprobity-names.workspace = true\n";
    check_manifest("crates/rules", sections, &[(Rule::CrateEdge, 4)]);
}

#[test]
fn dev_dependencies_are_exempt_from_the_order() {
    check_manifest(
        "crates/types",
        "[dev-dependencies]\nprobity-domain.workspace = true\n",
        &[],
    );
}

#[test]
fn a_package_outside_the_order_is_named() {
    check_manifest("crates/novelty", "", &[(Rule::CrateEdge, 1)]);
}

#[test]
fn confined_libraries_are_dependencies_of_one_package() {
    let confined = [(Rule::Confined, 4)];
    check_manifest(
        "crates/log",
        "[dependencies]\nsled.workspace = true\n",
        &confined,
    );
    check_manifest("tests", "[dev-dependencies]\naxum = \"0.8\"\n", &confined);
    check_manifest(
        "crates/app",
        "[dependencies]\nbincode.workspace = true\n",
        &confined,
    );
    check_manifest(
        "crates/app",
        "[dependencies]\naxum-extra = \"1\"\n",
        &confined,
    );
    check_manifest(
        "crates/store",
        "[dependencies]\nsled.workspace = true\n",
        &[],
    );
    check_manifest(
        "crates/server",
        "[dependencies]\naxum.workspace = true\n",
        &[],
    );
    check_manifest(
        "log-format",
        "[dependencies]\nbincode.workspace = true\n",
        &[],
    );
}

#[test]
fn a_pure_package_depends_on_nothing_that_waits() {
    check_manifest(
        "crates/rules",
        "[dependencies]\ntokio.workspace = true\n",
        &[(Rule::PureIo, 4)],
    );
    check_manifest(
        "crates/rules",
        "[dev-dependencies]\ntokio.workspace = true\n",
        &[],
    );
    check_manifest(
        "crates/log",
        "[dependencies]\ntokio.workspace = true\n",
        &[],
    );
}
