//! The files of the workspace, read once.

use std::fs;
use std::path::{Path, PathBuf};

use super::source::Source;
use crate::error::TaskError;

/// Folders that hold nothing of ours, at any depth.
const SKIPPED: &[&str] = &[
    "target",
    "node_modules",
    "__pycache__",
    "probity-data",
    "screenshots",
];

/// The files of the workspace.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    paths: Vec<String>,
    sources: Vec<Source>,
}

impl Tree {
    /// Reads every Rust file and notes where the others are.
    ///
    /// # Errors
    /// [`TaskError::File`] for what cannot be read.
    pub fn read(root: &Path) -> Result<Self, TaskError> {
        let mut paths = Vec::new();
        collect(root, "", &mut paths)?;
        paths.sort();
        let mut sources = Vec::new();
        for path in paths.iter().filter(|path| path.ends_with(".rs")) {
            let full = root.join(path);
            let text = fs::read_to_string(&full)
                .map_err(|source| TaskError::File { path: full, source })?;
            sources.push(Source::new(path, &text));
        }
        mark_test_modules(&mut sources);
        Ok(Self {
            root: root.to_owned(),
            paths,
            sources,
        })
    }

    /// All files, from the workspace folder, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// All Rust files, in order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The text of one file, where it exists and is text.
    pub fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }
}

fn collect(root: &Path, folder: &str, paths: &mut Vec<String>) -> Result<(), TaskError> {
    let full = root.join(folder);
    let unreadable = |source| TaskError::File {
        path: full.clone(),
        source,
    };
    for entry in fs::read_dir(&full).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type().map_err(unreadable)?;
        let is_hidden = name.starts_with('.') && name != ".ci";
        if kind.is_dir() && !is_hidden && !SKIPPED.contains(&name.as_str()) {
            collect(root, &path, paths)?;
        } else if kind.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

/// `#[cfg(test)] mod name;` makes `name.rs` and everything in `name/` test code.
fn mark_test_modules(sources: &mut [Source]) {
    let modules: Vec<String> = sources
        .iter()
        .flat_map(|s| s.test_modules.clone())
        .collect();
    for source in sources {
        let is_within = |module: &String| {
            let rest = source.path.strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        if modules.iter().any(is_within) {
            source.mark_as_test();
        }
    }
}
