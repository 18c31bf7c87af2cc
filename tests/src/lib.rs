//! What end-to-end tests share: the real program, a real data folder, a real socket. Nothing here is a mock.

mod clock;
pub mod tools;

pub use clock::WallClock;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> String {
    root()
        .join("tests/fixtures")
        .join(name)
        .display()
        .to_string()
}

/// The program, built once a test process and as the test itself is: without optimisation, or for release.
///
/// # Panics
/// It does not build.
pub fn probity() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build
            .args(["build", "--quiet", "--package", "probity"])
            .current_dir(root());
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(
            build.status().expect("cargo runs").success(),
            "the program builds"
        );
        let target = std::env::var_os("CARGO_TARGET_DIR");
        target
            .map_or(root().join("target"), PathBuf::from)
            .join(if cfg!(debug_assertions) {
                "debug/probity"
            } else {
                "release/probity"
            })
    })
}

/// Runs the program to its end.
///
/// # Panics
/// It does not start.
pub fn run(arguments: &[&str]) -> Output {
    Command::new(probity())
        .args(arguments)
        .env("RUST_LOG", "error")
        .output()
        .expect("the program starts")
}

/// Runs the program and expects success; its standard output.
///
/// # Panics
/// It fails.
pub fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The last line of an output as JSON.
///
/// # Panics
/// It is none.
pub fn last_json(text: &str) -> Value {
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A data folder of its own, gone with the test.
#[derive(Debug)]
pub struct Folder {
    scratch: tempfile::TempDir,
}

impl Folder {
    /// A folder with an empty ledger.
    ///
    /// # Panics
    /// The program refuses.
    pub fn begin() -> Self {
        Self::begin_in(tempfile::tempdir().expect("a folder"))
    }

    /// The same in a place that the caller chose.
    ///
    /// # Panics
    /// The program refuses.
    pub fn begin_in(scratch: tempfile::TempDir) -> Self {
        let folder = Self { scratch };
        // Small segments: writing zeros is most of what beginning costs.
        succeed(&[
            "init",
            "--data",
            &folder.data(),
            "--segment-bytes",
            "1048576",
        ]);
        folder
    }

    /// Path of the data folder.
    pub fn data(&self) -> String {
        self.beside("data")
    }

    /// A path beside the data folder.
    pub fn beside(&self, name: &str) -> String {
        self.scratch.path().join(name).display().to_string()
    }

    /// A new key with these scopes.
    ///
    /// # Panics
    /// The program refuses.
    pub fn key(&self, scopes: &[&str]) -> String {
        let data = self.data();
        let mut arguments = vec!["keys", "issue", "--data", &data];
        arguments.extend(["--label", "test", "--agency", "测试机关"]);
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        let said = succeed(&arguments);
        let key = said.lines().find(|line| line.starts_with("pk_"));
        key.unwrap_or_else(|| panic!("no key in {said}")).to_owned()
    }

    /// Serves the folder, grades of organisations open.
    pub fn serve(&self) -> Server {
        Server::start(&self.data(), &["--publicity", "open-organisations"])
    }

    /// Checks the whole log: everything recomputed, views equal to a replay.
    ///
    /// # Panics
    /// It does not hold.
    pub fn check_log(&self) -> Value {
        let verified = last_json(&succeed(&["verify", "--data", &self.data(), "--json"]));
        assert_eq!(verified["views"], "equal", "{verified}");
        verified
    }
}

/// A running server, told to stop when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub base: String,
    agent: ureq::Agent,
}

/// One answer.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Body as JSON, null where it is none.
    pub json: Value,
    /// Body as text.
    pub text: String,
    /// Body as it came.
    pub bytes: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Reply {
    /// A header, empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// Expects a status; the JSON.
    ///
    /// # Panics
    /// Another status.
    pub fn expect(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{}", self.text);
        &self.json
    }

    /// Expects a problem of this status and code, as RFC 9457 writes it, with a Chinese and an English text.
    ///
    /// # Panics
    /// Another answer.
    pub fn problem(&self, status: u16, code: &str) -> &Value {
        assert_eq!(
            (self.status, self.json["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["type"], format!("/problems/{code}"));
        for member in ["title", "detail", "title_zh", "detail_zh"] {
            assert!(
                self.json[member]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{}",
                self.text
            );
        }
        &self.json
    }
}

impl Server {
    /// Serves a data folder on a free port.
    ///
    /// # Panics
    /// It does not come up.
    pub fn start(data: &str, more: &[&str]) -> Self {
        Self::start_logging(data, more, "warn", Stdio::inherit())
    }

    /// The same with a filter for its log, and where that goes.
    ///
    /// # Panics
    /// It does not come up.
    pub fn start_logging(data: &str, more: &[&str], filter: &str, log: Stdio) -> Self {
        Self::start_program(probity(), data, more, filter, log)
    }

    /// The same with another build of the program.
    ///
    /// # Panics
    /// It does not come up.
    pub fn start_program(
        program: &Path,
        data: &str,
        more: &[&str],
        filter: &str,
        log: Stdio,
    ) -> Self {
        let mut command = Command::new(program);
        command
            .args(["serve", "--data", data, "--listen", "127.0.0.1:0"])
            .args(more)
            .env("RUST_LOG", filter)
            .stderr(log);
        Self::start_command(command)
    }

    /// The same without a search path: sled runs the program `sync` at each opening, which waits for everything that the
    /// machine writes, whoever wrote it.
    ///
    /// # Panics
    /// It does not come up.
    pub fn start_alone(data: &str, more: &[&str]) -> Self {
        Self::start_with(data, more, &[])
    }

    /// The same with more in its environment.
    ///
    /// # Panics
    /// It does not come up.
    pub fn start_with(data: &str, more: &[&str], environment: &[(&str, &Path)]) -> Self {
        let mut command = Command::new(probity());
        command
            .args(["serve", "--data", data, "--listen", "127.0.0.1:0"])
            .args(more)
            .env("RUST_LOG", "error")
            .env("PATH", "")
            .envs(environment.iter().copied());
        Self::start_command(command)
    }

    fn start_command(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut base = None;
        let mut line = String::new();
        while base.is_none() && lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            base = line
                .split_whitespace()
                .find(|word| word.starts_with("http://"))
                .map(str::to_owned);
            line.clear();
        }
        // Whoever stops reading would stop a server that goes on writing.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        Self {
            child,
            base: base.expect("the server says where it listens"),
            agent: config.into(),
        }
    }

    /// Process id, for tests that kill.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// One request.
    ///
    /// # Panics
    /// No answer comes.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            let value = ureq::http::HeaderValue::from_bytes(value.as_bytes()).expect("a header");
            request = request.header(*name, value);
        }
        let request = request.body(body.to_vec()).expect("a request");
        let mut answer = self.agent.run(request).expect("an answer");
        let bytes = answer.body_mut().read_to_vec().expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Reply {
            bytes,
            status: answer.status().as_u16(),
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            headers: answer.headers().clone(),
            text,
        }
    }

    /// A read without a key.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], &[])
    }

    /// A read with a key, for a purpose on record.
    pub fn get_for(&self, key: &str, path: &str) -> Reply {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Probity-Purpose", "licence"),
            ("Probity-Basis", "行政许可审查"),
        ];
        self.send("GET", path, &headers, &[])
    }

    /// A write with a key and an idempotency key.
    pub fn post(&self, key: &str, idempotency: &str, path: &str, body: &Value) -> Reply {
        self.change(key, idempotency, None, path, body)
    }

    /// The same with the revision that was seen.
    pub fn change(
        &self,
        key: &str,
        idempotency: &str,
        seen: Option<&str>,
        path: &str,
        body: &Value,
    ) -> Reply {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![
            ("Authorization", bearer.as_str()),
            ("Idempotency-Key", idempotency),
            ("Content-Type", "application/json"),
        ];
        headers.extend(seen.map(|revision| ("If-Match", revision)));
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Last position of the log.
    ///
    /// # Panics
    /// The server names none.
    pub fn position(&self) -> u64 {
        self.get("/v1/head").expect(200)["position"]
            .as_u64()
            .expect("a position")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        let _ = self.child.wait();
    }
}
