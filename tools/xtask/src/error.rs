//! Why a task did not succeed.

use std::path::PathBuf;
use std::{error, fmt, io};

/// Why a task did not succeed. The source, where there is one, is the next link of the chain and
/// not part of the text.
#[derive(Debug)]
#[non_exhaustive]
pub enum TaskError {
    /// A program could not be started at all.
    Start {
        /// The command line.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ran and reported failure.
    Failed {
        /// The command line.
        command: String,
        /// Exit status in words.
        status: String,
    },
    /// A file or folder could not be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that must be TOML is not.
    Toml {
        /// Which one.
        path: PathBuf,
        /// What the parser said.
        source: Box<toml::de::Error>,
    },
    /// A program's output is not the JSON it should be.
    Json {
        /// The command line.
        command: String,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// Checked-in files differ from what the code generates.
    Drift {
        /// The files, one per difference, with the kind of difference.
        differences: Vec<String>,
        /// The command that repairs it.
        remedy: &'static str,
    },
    /// Tidy found violations; they were printed.
    Untidy {
        /// How many.
        violations: usize,
    },
    /// Something the tests need is missing and could not be installed.
    Missing {
        /// What to install, in words.
        needed: String,
    },
    /// Steps of the suite failed; the summary was printed.
    Suite {
        /// Names of the failed steps.
        failed: Vec<&'static str>,
    },
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { command, .. } => write!(f, "`{command}` could not be started"),
            Self::Failed { command, status } => write!(f, "`{command}` failed: {status}"),
            Self::File { path, .. } => write!(f, "{} could not be read or written", path.display()),
            Self::Toml { path, .. } => write!(f, "{} is not the TOML it should be", path.display()),
            Self::Json { command, .. } => write!(f, "`{command}` did not print JSON"),
            Self::Drift {
                differences,
                remedy,
            } => {
                writeln!(f, "checked-in files differ from what the code generates:")?;
                for difference in differences {
                    writeln!(f, "  {difference}")?;
                }
                write!(
                    f,
                    "run `{remedy}` and look at the difference before committing it"
                )
            }
            Self::Untidy { violations } => {
                write!(f, "{violations} violation(s) of the house rules")
            }
            Self::Missing { needed } => f.write_str(needed),
            Self::Suite { failed } => write!(f, "failed: {}", failed.join(", ")),
        }
    }
}

impl error::Error for TaskError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Start { source, .. } | Self::File { source, .. } => Some(source),
            Self::Toml { source, .. } => Some(source),
            Self::Json { source, .. } => Some(source),
            Self::Failed { .. }
            | Self::Drift { .. }
            | Self::Untidy { .. }
            | Self::Missing { .. }
            | Self::Suite { .. } => None,
        }
    }
}
