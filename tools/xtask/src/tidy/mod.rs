//! House rules that neither the compiler nor clippy knows.
//!
//! Each family of rules is one file and one function from the tree to findings; what is allowed in
//! spite of a rule is listed with its reason in `tools/xtask/tidy-exceptions.toml`. Comments and
//! literals are taken away before words are looked for, so that a comment may name what the code
//! may not.

pub mod commands;
pub mod exceptions;
pub mod layers;
pub mod leftovers;
pub mod lengths;
pub mod lexer;
pub mod messages;
pub mod pure;
pub mod source;
pub mod spec;
pub mod tree;
pub mod words;

use std::fmt;
use std::path::Path;

use crate::error::TaskError;
pub use tree::Tree;

/// A house rule. Its name is what the exception list uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Left may not depend on right.
    CrateEdge,
    /// bincode, sled and axum are each known to one place.
    Confined,
    /// Only server, tools and tests read the wall clock.
    WallClock,
    /// A pure package has no floats.
    PureFloat,
    /// A pure package has no hash order.
    PureHash,
    /// A pure package does not panic on what it is given.
    PureUnwrap,
    /// A pure package writes the same bytes on every machine.
    PureEndian,
    /// A pure package does no I/O.
    PureIo,
    /// An encoded type has sized integers.
    EncodedUsize,
    /// A file holds one idea.
    FileLength,
    /// A function holds one idea.
    FunctionLength,
    /// Nothing unfinished is committed.
    Leftover,
    /// History lives in git, not in comments.
    CommentedCode,
    /// The specification's constants equal the code's.
    SpecConstant,
    /// Every message exists in both languages.
    Message,
    /// Documents name only commands that exist.
    Command,
    /// Every exception is needed and has a reason. No exception to this one.
    Exception,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 17] = [
        Self::CrateEdge,
        Self::Confined,
        Self::WallClock,
        Self::PureFloat,
        Self::PureHash,
        Self::PureUnwrap,
        Self::PureEndian,
        Self::PureIo,
        Self::EncodedUsize,
        Self::FileLength,
        Self::FunctionLength,
        Self::Leftover,
        Self::CommentedCode,
        Self::SpecConstant,
        Self::Message,
        Self::Command,
        Self::Exception,
    ];

    /// The rule's name in messages and in the exception list.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrateEdge => "crate-edge",
            Self::Confined => "confined",
            Self::WallClock => "wall-clock",
            Self::PureFloat => "pure-float",
            Self::PureHash => "pure-hash",
            Self::PureUnwrap => "pure-unwrap",
            Self::PureEndian => "pure-endian",
            Self::PureIo => "pure-io",
            Self::EncodedUsize => "encoded-usize",
            Self::FileLength => "file-length",
            Self::FunctionLength => "function-length",
            Self::Leftover => "leftover",
            Self::CommentedCode => "commented-code",
            Self::SpecConstant => "spec-constant",
            Self::Message => "message",
            Self::Command => "command",
            Self::Exception => "exception",
        }
    }
}

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// File, from the workspace folder.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Which rule.
    pub rule: Rule,
    /// What was found.
    pub found: String,
    /// What would be right.
    pub remedy: &'static str,
}

impl Finding {
    /// One violation.
    pub fn new(rule: Rule, path: &str, line: usize, found: String, remedy: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            found,
            remedy,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            rule,
            found,
            remedy,
        } = self;
        write!(f, "{path}:{line}: {}: {found}; {remedy}", rule.name())
    }
}

/// What tidy has to say about a tree.
#[derive(Debug, Default)]
pub struct Report {
    /// Violations, in order of path and line. Each one fails the check.
    pub findings: Vec<Finding>,
    /// What could not be checked yet, or comes near a limit. None fails the check.
    pub notes: Vec<String>,
}

/// Checks every rule on the workspace in `root`.
///
/// # Errors
/// A file that cannot be read.
pub fn check(root: &Path) -> Result<Report, TaskError> {
    let tree = Tree::read(root)?;
    let mut notes = Vec::new();
    let families = [
        layers::check(&tree),
        words::check(&tree),
        pure::check(&tree),
        lengths::check(&tree, &mut notes),
        leftovers::check(&tree),
        spec::check(&tree, &mut notes),
        messages::check(&tree, &mut notes),
        commands::check(&tree, &mut notes),
    ];
    let mut findings = exceptions::apply(&tree, families.concat())?;
    findings.sort();
    findings.dedup();
    Ok(Report { findings, notes })
}

/// Checks and prints: the task `cargo xtask tidy`.
///
/// # Errors
/// [`TaskError::Untidy`] where a rule is violated.
pub fn run(root: &Path) -> Result<(), TaskError> {
    let report = check(root)?;
    for note in &report.notes {
        println!("note: {note}");
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    match report.findings.len() {
        0 => {
            println!("tidy: {} rules hold", Rule::ALL.len());
            Ok(())
        }
        violations => Err(TaskError::Untidy { violations }),
    }
}
