//! Running other programs: start, wait, and an error that repeats the command line.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::TaskError;

/// The folder of the workspace, two levels above this package.
pub fn workspace_root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package).to_owned()
}

/// `cargo` with the given arguments in the workspace folder; the same cargo that runs this task.
pub fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root);
    command
}

/// Runs to the end with the terminal of the caller.
///
/// # Errors
/// [`TaskError::Start`] where the program is not there, [`TaskError::Failed`] where it reports
/// failure.
pub fn run(command: &mut Command) -> Result<(), TaskError> {
    let status = command.status().map_err(|source| TaskError::Start {
        command: line(command),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(TaskError::Failed {
        command: line(command),
        status: status.to_string(),
    })
}

/// Runs to the end and returns standard output; standard error goes to the terminal of the caller.
///
/// # Errors
/// As [`run`].
pub fn output(command: &mut Command) -> Result<Vec<u8>, TaskError> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| TaskError::Start {
            command: line(command),
            source,
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(TaskError::Failed {
        command: line(command),
        status: output.status.to_string(),
    })
}

/// Whether the program is found on `PATH`.
pub fn on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The command line as a person would type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let mut line = name.to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
