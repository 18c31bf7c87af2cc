//! Supply chain: licences, bans and sources of every dependency; advisories where their database
//! can be had.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::TaskError;
use crate::shell;

/// The release of cargo-deny that `deny.toml` is written for.
const VERSION: &str = "0.20.2";
/// How long fetching the advisory database may take before we call it unreachable.
const FETCH_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a running fetch is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Installs cargo-deny where it is missing, then checks.
///
/// # Errors
/// A dependency breaks a rule of `deny.toml`, or the tool cannot be had.
pub fn run(root: &Path) -> Result<(), TaskError> {
    install(root)?;
    let rules = ["deny", "check", "bans", "licenses", "sources"];
    let outcome = shell::run(&mut shell::cargo(root, &rules));
    advisories(root).and(outcome)
}

fn install(root: &Path) -> Result<(), TaskError> {
    let version = shell::cargo(root, &["deny", "--version"])
        .stderr(Stdio::null())
        .output();
    if version.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    println!("installing cargo-deny {VERSION}: this takes some minutes, once");
    // An unoptimised build is ready in half the time, and the check takes a second either way.
    let arguments = [
        "install",
        "cargo-deny",
        "--locked",
        "--debug",
        "--version",
        VERSION,
    ];
    shell::run(&mut shell::cargo(root, &arguments))
}

/// Known vulnerabilities. Without the database nothing is known, which is said and is no failure.
fn advisories(root: &Path) -> Result<(), TaskError> {
    let mut command = shell::cargo(root, &["deny", "check", "advisories"]);
    // Without a terminal git must not ask for anything.
    command.env("GIT_TERMINAL_PROMPT", "0");
    let Some((succeeded, report)) = run_within(&mut command, FETCH_TIMEOUT)? else {
        println!("advisories NOT CHECKED: fetching their database took too long");
        return Ok(());
    };
    let is_unreachable =
        report.contains("failed to fetch") || report.contains("failed to load advisory");
    if succeeded {
        print!("{report}");
        return Ok(());
    }
    if is_unreachable {
        println!("advisories NOT CHECKED: their database cannot be reached from here");
        return Ok(());
    }
    print!("{report}");
    Err(TaskError::Failed {
        command: shell::line(&command),
        status: "an advisory applies to a dependency".to_owned(),
    })
}

/// Runs with a time limit; `None` where it was reached, otherwise success and what was said on
/// standard error.
fn run_within(command: &mut Command, limit: Duration) -> Result<Option<(bool, String)>, TaskError> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let outcome = command.spawn().and_then(|child| wait_within(child, limit));
    outcome.map_err(|source| TaskError::Start {
        command: shell::line(command),
        source,
    })
}

fn wait_within(mut child: Child, limit: Duration) -> std::io::Result<Option<(bool, String)>> {
    let stderr = child.stderr.take();
    // Read beside the wait: a full pipe would stop the child.
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stderr.map(|mut pipe| pipe.read_to_string(&mut text));
        text
    });
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            let text = reader.join().unwrap_or_default();
            return Ok(Some((status.success(), text)));
        }
        thread::sleep(POLL_INTERVAL);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
