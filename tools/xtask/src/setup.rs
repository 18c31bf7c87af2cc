//! What the tests need from the machine beyond a Rust toolchain: a browser with its driver, Chinese
//! type, Python, curl, Go, PostgreSQL, an independent witness, npm with the accessibility checker.
//!
//! Out of scope: the toolchain itself and a C compiler; without them this program would not run.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::TaskError;
use crate::shell;

/// One Debian package and how to see that it, or its like from elsewhere, is there.
struct Need {
    package: &'static str,
    purpose: &'static str,
    /// Any one of these programs will do.
    programs: &'static [&'static str],
    /// Or any one of these files.
    files: &'static [&'static str],
}

const NEEDS: &[Need] = &[
    Need {
        package: "chromium",
        purpose: "the browser of the page tests",
        programs: &["chromium", "chromium-browser", "google-chrome"],
        files: &[],
    },
    Need {
        package: "chromium-driver",
        purpose: "drives the browser",
        programs: &["chromedriver"],
        files: &["/usr/lib/chromium-browser/chromedriver"],
    },
    Need {
        package: "fonts-noto-cjk",
        purpose: "Chinese type in page pictures",
        programs: &[],
        files: &[
            "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
            "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
        ],
    },
    Need {
        package: "npm",
        purpose: "fetches the accessibility checker of the page tests",
        programs: &["npm"],
        files: &[],
    },
    Need {
        package: "python3",
        purpose: "runs the independent reader of the log",
        programs: &["python3"],
        files: &[],
    },
    Need {
        package: "golang-go",
        purpose: "builds the independent client of the log",
        programs: &["go"],
        files: &[],
    },
    Need {
        package: "golang-golang-x-mod-dev",
        purpose: "what the independent client is written on",
        programs: &[],
        files: &["/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go"],
    },
    Need {
        package: "curl",
        purpose: "asks the interface in the tour of the README",
        programs: &["curl"],
        files: &[],
    },
    Need {
        package: "postgresql-15",
        purpose: "the databases that share with the register in the tests",
        programs: &[],
        files: &["/usr/lib/postgresql/15/bin/postgres"],
    },
];

impl Need {
    fn is_met(&self) -> bool {
        self.programs.iter().any(|program| shell::on_path(program))
            || self.files.iter().any(|file| Path::new(file).exists())
    }
}

/// Installs what is missing, where this machine lets us; says what is needed where it does not.
///
/// # Errors
/// [`TaskError::Missing`] where something is still missing afterwards, or what npm says.
pub fn run(root: &Path) -> Result<(), TaskError> {
    packages()?;
    witness_tools(root)?;
    web_tools(root)
}

/// The independent witness, at the versions of the lock file: its own environment below the target folder.
fn witness_tools(root: &Path) -> Result<(), TaskError> {
    let folder = target(root).join("witness-tools");
    if folder.join("bin/aics-witness").is_file() {
        println!("the independent witness is there");
        return Ok(());
    }
    let python = new_python().or_else(|| {
        offer("python3-venv", "/usr/lib/python3/ensurepip");
        new_python()
    });
    let python = python.ok_or_else(|| TaskError::Missing {
        needed: "missing: Python 3.11 or newer with venv (runs the independent witness of the tests). Install it by other means, for \
             example with pyenv"
            .to_owned(),
    })?;
    shell::run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    let lock = root.join("tests/conformance/witness-requirements.txt");
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        // It asks for 3.12 and runs on Debian's 3.11 as well.
        "--ignore-requires-python",
        "-r",
    ]);
    shell::run(pip.arg(lock))
}

/// A Python that the witness runs on: on the path, or one of pyenv's.
fn new_python() -> Option<PathBuf> {
    let on_path = ["python3.14", "python3.13", "python3.12", "python3"].map(PathBuf::from);
    let home = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = home.map(|home| home.join("versions"));
    let versions = versions.and_then(|versions| std::fs::read_dir(versions).ok());
    let installed = versions.into_iter().flatten().flatten();
    let installed = installed.map(|version| version.path().join("bin/python3"));
    let all: Vec<PathBuf> = on_path.into_iter().chain(installed).collect();
    let first = |minor| all.iter().find(|python| is_new(python, minor)).cloned();
    first(12).or_else(|| first(11))
}

fn is_new(python: &Path, minor: u32) -> bool {
    let asks = format!("import sys, venv, ensurepip; sys.exit(sys.version_info < (3, {minor}))");
    let mut command = Command::new(python);
    command
        .args(["-c", &asks])
        .stderr(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from)
}

/// What the page tests take from npm, at the version and with the hash of the lock file. The tests fetch it themselves
/// where this has not run.
fn web_tools(root: &Path) -> Result<(), TaskError> {
    let folder = target(root).join("web-tools");
    if folder.join("node_modules/axe-core/axe.min.js").is_file() {
        println!("the accessibility checker is there");
        return Ok(());
    }
    let file_error = |path: &Path| {
        let path = path.to_owned();
        |source| TaskError::File { path, source }
    };
    std::fs::create_dir_all(&folder).map_err(file_error(&folder))?;
    for name in ["package.json", "package-lock.json"] {
        let from = root.join("tests/web/tools").join(name);
        std::fs::copy(&from, folder.join(name)).map_err(file_error(&from))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder);
    shell::run(&mut npm)
}

/// Installs a Debian package where it is missing and this machine lets us; what it is for can be left out.
pub fn offer(package: &str, file: &str) {
    if Path::new(file).exists() {
        return;
    }
    let installed = match obstacle() {
        Some(obstacle) => Err(obstacle.to_owned()),
        None => install(&[package]).map_err(|error| error.to_string()),
    };
    if let Err(why) = installed {
        eprintln!("{package} is not there: {why}; going on without it");
    }
}

fn packages() -> Result<(), TaskError> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !need.is_met()).collect();
    if missing.is_empty() {
        println!("browser, driver, Chinese type, Python and npm are there");
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let refusal = match obstacle() {
        Some(obstacle) => obstacle.to_owned(),
        None => match install(&packages) {
            Ok(()) => return Ok(()),
            Err(error) => error.to_string(),
        },
    };
    let list: Vec<String> = missing
        .iter()
        .map(|need| format!("{} ({})", need.package, need.purpose))
        .collect();
    Err(TaskError::Missing {
        needed: format!(
            "missing: {}; {refusal}. Install them by other means, on Debian as root: \
             apt-get update && apt-get install {}",
            list.join(", "),
            packages.join(" ")
        ),
    })
}

/// Why nothing can be installed here, if so.
fn obstacle() -> Option<&'static str> {
    if !shell::on_path("apt-get") {
        return Some("this system has no apt-get");
    }
    (!is_root()).then_some("installing needs root")
}

fn is_root() -> bool {
    let id = shell::output(Command::new("id").arg("-u"));
    id.is_ok_and(|id| id.trim_ascii() == b"0")
}

fn install(packages: &[&str]) -> Result<(), TaskError> {
    println!("installing {}", packages.join(" "));
    // A stale mirror list is no reason to stop: what is needed may be in the lists already.
    if let Err(error) = shell::run(Command::new("apt-get").args(["update", "-q"])) {
        println!("{error}; going on with the package lists as they are");
    }
    let mut install = Command::new("apt-get");
    install
        .args(["install", "-q", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    shell::run(&mut install)
}
