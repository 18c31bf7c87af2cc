//! A small tree on disk with one thing wrong, or nothing.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use xtask::tidy::{self, Rule};

static TREES: AtomicUsize = AtomicUsize::new(0);

/// A tree in a folder of its own, gone when dropped.
struct Planted(PathBuf);

impl Planted {
    fn new(files: &[(&str, &str)]) -> Self {
        let number = TREES.fetch_add(1, Ordering::Relaxed);
        let root = env::temp_dir().join(format!("probity-tidy-{}-{number}", process::id()));
        for (path, text) in files {
            let path = root.join(path);
            let folder = path.parent().expect("a file has a folder");
            fs::create_dir_all(folder).expect("the temporary folder can be written");
            fs::write(&path, text).expect("the temporary folder can be written");
        }
        Self(root)
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        // Nothing depends on the folder being gone: its name is not used again.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The tree has exactly these violations, as `(rule, path, line)`.
pub fn check(files: &[(&str, &str)], expected: &[(Rule, &str, usize)]) {
    let tree = Planted::new(files);
    let report = tidy::check(&tree.0).expect("the tree can be read");
    let found: Vec<(Rule, &str, usize)> = report
        .findings
        .iter()
        .map(|f| (f.rule, f.path.as_str(), f.line))
        .collect();
    let texts: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "\n{}\nfiles: {files:?}", texts.join("\n"));
}

/// One file with these violations, as `(rule, line)`.
pub fn check_file(path: &str, text: &str, expected: &[(Rule, usize)]) {
    let expected: Vec<(Rule, &str, usize)> = expected
        .iter()
        .map(|(rule, line)| (*rule, path, *line))
        .collect();
    check(&[(path, text)], &expected);
}
