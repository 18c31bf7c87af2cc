//! Who may depend on whom: left may not depend on right.
//!
//! ```text
//! types → log-format → {rules, names, proof} → domain → {ingest, store} → log → project → app
//!       → api → pages → server → tools → tests
//! ```
//!
//! Dev-dependencies are exempt from the order; the libraries confined to one package are confined
//! there as well.

use std::collections::BTreeMap;

use super::{Finding, Rule, Tree};

/// Folders in order of rank; folders of one rank do not know each other.
const RANKS: &[&[&str]] = &[
    &["crates/types"],
    &["log-format"],
    &["crates/rules", "crates/names", "crates/proof"],
    &["crates/domain"],
    // The made-up city is part of the product: the server loads it on a first start.
    &["crates/ingest", "crates/store", "tools/city"],
    &["crates/log"],
    &["crates/project"],
    &["crates/app"],
    &["api"],
    &["crates/pages"],
    &["crates/server"],
];
/// Rank of everything under `tools/`; tools may share code with each other.
const TOOLS_RANK: usize = RANKS.len();
/// Rank of the package of end-to-end tests: above all, below none.
const TESTS_RANK: usize = TOOLS_RANK + 1;

/// Packages without I/O, clock, floats and hash order.
const PURE: &[&str] = &[
    "crates/types",
    "log-format",
    "crates/rules",
    "crates/names",
    "crates/proof",
    "crates/domain",
];

/// Libraries that do I/O, draw random numbers or wait: no dependency of a pure package.
const IMPURE_LIBRARIES: &[&str] = &["getrandom", "rand", "rustix", "tokio", "ureq"];

/// A library that one place alone may know.
#[derive(Debug)]
pub struct Confined {
    /// The library, as written in code.
    pub library: &'static str,
    /// The package that may depend on it.
    pub folder: &'static str,
    /// The file or folder that may name it.
    pub path: &'static str,
}

/// Libraries that one place alone may know, tests included.
pub const CONFINED: &[Confined] = &[
    Confined {
        library: "bincode",
        folder: "log-format",
        path: "log-format/src/codec.rs",
    },
    Confined {
        library: "sled",
        folder: "crates/store",
        path: "crates/store/",
    },
    Confined {
        library: "axum",
        folder: "crates/server",
        path: "crates/server/",
    },
];

/// A package's place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its folder.
    pub folder: String,
    rank: usize,
}

impl Place {
    /// Whether the package is one of the pure ones.
    pub fn is_pure(&self) -> bool {
        PURE.contains(&self.folder.as_str())
    }

    /// Whether the package may read the wall clock.
    pub fn has_clock(&self) -> bool {
        self.folder == "crates/server" || self.rank >= TOOLS_RANK
    }

    fn may_depend_on(&self, other: &Self) -> bool {
        other.rank < self.rank || (self.rank == TOOLS_RANK && other.rank == TOOLS_RANK)
    }
}

/// The place of the package that holds the file.
pub fn place_of(path: &str) -> Option<Place> {
    let in_folder = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|p| p.starts_with('/'))
    };
    for (rank, folders) in RANKS.iter().enumerate() {
        if let Some(folder) = folders.iter().find(|folder| in_folder(folder)) {
            return Some(Place {
                folder: (*folder).to_owned(),
                rank,
            });
        }
    }
    let (folder, rank) = match path.split('/').collect::<Vec<_>>()[..] {
        ["tools", tool, _, ..] => (format!("tools/{tool}"), TOOLS_RANK),
        ["tests", _, ..] => ("tests".to_owned(), TESTS_RANK),
        _ => return None,
    };
    Some(Place { folder, rank })
}

struct Manifest {
    path: String,
    text: String,
    name: String,
    place: Option<Place>,
    /// Dependencies and build dependencies.
    linked: Vec<String>,
    for_tests: Vec<String>,
}

/// Checks every `Cargo.toml` but that of the workspace.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut manifests = Vec::new();
    for path in tree.paths().filter(|path| path.ends_with("/Cargo.toml")) {
        let text = tree.text(path).unwrap_or_default();
        match text.parse::<toml::Table>() {
            Ok(table) => manifests.push(read(path, text, &table)),
            Err(error) => findings.push(Finding::new(
                Rule::CrateEdge,
                path,
                1,
                format!("not TOML: {}", error.message()),
                "repair the manifest",
            )),
        }
    }
    let places: BTreeMap<&str, &Place> = manifests
        .iter()
        .filter_map(|manifest| Some((manifest.name.as_str(), manifest.place.as_ref()?)))
        .collect();
    for manifest in &manifests {
        check_manifest(manifest, &places, &mut findings);
    }
    findings
}

fn read(path: &str, text: String, table: &toml::Table) -> Manifest {
    let name = table
        .get("package")
        .and_then(|p| p.get("name"))
        .and_then(|n| n.as_str());
    let mut sections = vec![table];
    if let Some(targets) = table.get("target").and_then(|t| t.as_table()) {
        sections.extend(targets.values().filter_map(|target| target.as_table()));
    }
    let names = |keys: &[&str]| -> Vec<String> {
        let mut names = Vec::new();
        for key in keys {
            for section in &sections {
                names.extend(
                    section
                        .get(*key)
                        .and_then(|d| d.as_table())
                        .into_iter()
                        .flat_map(dependency_names),
                );
            }
        }
        names
    };
    Manifest {
        path: path.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        place: place_of(path),
        linked: names(&["dependencies", "build-dependencies"]),
        for_tests: names(&["dev-dependencies"]),
        text,
    }
}

fn dependency_names(table: &toml::Table) -> Vec<String> {
    let name = |(key, value): (&String, &toml::Value)| {
        let renamed = value.get("package").and_then(|package| package.as_str());
        renamed.unwrap_or(key).to_owned()
    };
    table.iter().map(name).collect()
}

fn check_manifest(
    manifest: &Manifest,
    places: &BTreeMap<&str, &Place>,
    findings: &mut Vec<Finding>,
) {
    let Some(place) = &manifest.place else {
        findings.push(Finding::new(
            Rule::CrateEdge,
            &manifest.path,
            1,
            "this package has no place in the order of layers".to_owned(),
            "give its folder a rank in tools/xtask/src/tidy/layers.rs and in ARCHITECTURE.md",
        ));
        return;
    };
    for name in &manifest.linked {
        if let Some(other) = places.get(name.as_str())
            && !place.may_depend_on(other)
        {
            findings.push(Finding::new(
                Rule::CrateEdge,
                &manifest.path,
                line_of(&manifest.text, name),
                format!("{} may not depend on {}", place.folder, other.folder),
                "move what is needed to the left, or pass it in as an argument",
            ));
        }
        if place.is_pure() && IMPURE_LIBRARIES.contains(&name.as_str()) {
            findings.push(Finding::new(
                Rule::PureIo,
                &manifest.path,
                line_of(&manifest.text, name),
                format!("the pure package {} depends on {name}", place.folder),
                "take what the library gives as an argument",
            ));
        }
    }
    for name in manifest.linked.iter().chain(&manifest.for_tests) {
        let confined = CONFINED
            .iter()
            .find(|c| name == c.library || name.starts_with(&format!("{}-", c.library)));
        if let Some(confined) = confined
            && confined.folder != place.folder
        {
            findings.push(Finding::new(
                Rule::Confined,
                &manifest.path,
                line_of(&manifest.text, name),
                format!("{} depends on {name}", place.folder),
                "only one package knows this library: use what that package offers",
            ));
        }
    }
}

/// Line of the dependency in the manifest, for the message.
fn line_of(text: &str, name: &str) -> usize {
    let names = |line: &str| {
        line.trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
            || line.contains(&format!("\"{name}\""))
    };
    text.lines().position(names).map_or(1, |line| line + 1)
}
