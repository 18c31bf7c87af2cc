//! The independent client and the independent witness, as the machine step of the tests installed them.

use crate::{Reply, Server, root};
use probity_types::identifiers::ResidentId;
use serde_json::json;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or(root().join("target"), PathBuf::from)
}

/// Text of an output.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The Go client, built from `tests/conformance/goverify` with Debian's packages alone.
pub fn goverify() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let out = target().join("goverify");
        std::fs::create_dir_all(&out).expect("a folder");
        let program = out.join("goverify");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg("main.go")
            .current_dir(root().join("tests/conformance/goverify"))
            .env("GO111MODULE", "off")
            .env("GOPATH", "/usr/share/gocode")
            .env("GOPROXY", "off")
            .env("GOFLAGS", "")
            .env("CGO_ENABLED", "0")
            .env("GOCACHE", out.join("cache"))
            .output()
            .expect("go is there: `cargo xtask test` installs it");
        assert!(built.status.success(), "{}", said(&built));
        program
    })
}

/// Runs the Go client against a server.
pub fn check(base: &str, vkey: &str, more: &[&str]) -> Output {
    Command::new(goverify())
        .args(["verify", "-url", &format!("{base}/log"), "-vkey", vkey])
        .args(more)
        .output()
        .expect("it starts")
}

/// A witness that somebody else wrote (PyPI `aics-witness`), with its own database and key.
pub struct Witness {
    folder: tempfile::TempDir,
    server: Option<Child>,
    address: String,
    /// Its key.
    pub vkey: String,
}

fn program() -> PathBuf {
    let program = target().join("witness-tools/bin/aics-witness");
    assert!(
        program.is_file(),
        "{} is missing: `cargo xtask test` installs it",
        program.display()
    );
    program
}

impl Witness {
    /// A witness that knows a log by its key, and listens.
    pub fn start(name: &str, origin: &str, log: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = format!("127.0.0.1:{}", port.expect("a free port").port());
        let mut witness = Self {
            folder,
            server: None,
            address,
            vkey: String::new(),
        };
        let made = witness.run(&["init", "--name", name]);
        let vkey = made
            .split_whitespace()
            .find(|word| word.starts_with(&format!("{name}+")));
        witness.vkey = vkey
            .unwrap_or_else(|| panic!("no key in {made}"))
            .to_owned();
        witness.run(&["add-log", "--origin", origin, "--vkey", log]);
        witness.listen();
        witness
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(program())
            .args(&arguments[..1])
            .args(["--config", "witness.json"])
            .args(&arguments[1..])
            .current_dir(self.folder.path())
            .output()
            .expect("it starts");
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    }

    /// Begins to listen, again where it was stopped.
    pub fn listen(&mut self) {
        let child = Command::new(program())
            .args([
                "serve",
                "--config",
                "witness.json",
                "--listen",
                &self.address,
            ])
            .current_dir(self.folder.path())
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        self.server = Some(child.expect("it starts"));
        until("the witness listens", || {
            std::net::TcpStream::connect(&self.address).is_ok()
        });
    }

    /// Stops listening; what it saw stays.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.server.take() {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
        }
    }

    /// Its line in a policy.
    pub fn line(&self, name: &str) -> String {
        format!("witness {name} {} http://{}\n", self.vkey, self.address)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Registers a made-up person: one more entry, or a few.
pub fn register(server: &Server, key: &str, number: u64) -> Reply {
    let (day, sequence) = (number / 900 % 28 + 1, number % 900 + 1);
    let body = format!("650203199003{day:02}{sequence:03}");
    let id = ResidentId::with_check(&body).expect("a made-up number");
    let body = json!({
        "kind": "natural_person", "name": format!("见证{number}"),
        "identifiers": [{"kind": "citizen_id", "value": id.as_str()}],
    });
    server.post(key, &format!("r{number}"), "/v1/subjects", &body)
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: never");
        std::thread::sleep(Duration::from_millis(50));
    }
}
