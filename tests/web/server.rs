//! The real program, serving the town.

use crate::town::{self, Town};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A running server with its data.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    /// What it serves.
    pub town: Town,
    _data: tempfile::TempDir,
}

/// One answer.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Header lines, in lower case.
    pub head: String,
    /// Body.
    pub body: String,
}

/// Root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from)
}

/// The program, built by cargo if it is not there yet.
fn probity() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--package", "probity"])
            .current_dir(root());
        assert!(
            build.status().expect("cargo runs").success(),
            "the program builds"
        );
        target().join("debug/probity")
    })
}

impl Server {
    /// Serves a new town; `demo` opens what a demonstration opens.
    pub fn start(demo: bool) -> Self {
        Self::start_with(demo, 0)
    }

    /// The same; the firm has so many permits more.
    pub fn start_with(demo: bool, further_permits: u32) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let folder = data.path().join("data");
        let town = town::build(&folder, demo, further_permits);
        let mut child = Command::new(probity())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&folder)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut first = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut first)
            .expect("a first line");
        let address = first
            .trim()
            .rsplit("http://")
            .next()
            .expect("an address")
            .to_owned();
        Self {
            child,
            address,
            town,
            _data: data,
        }
    }

    /// Address of a page.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn ask(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        Answer {
            status,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Gets a page as a browser asks for it, with further header lines.
    pub fn get_with(&self, path: &str, headers: &str) -> Answer {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html\r\n{headers}\r\n"
        ))
    }

    /// Gets a page as a browser asks for it.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, "")
    }

    /// Sends a JSON body with a key.
    pub fn post_json(&self, path: &str, key: &str, body: &str) -> Answer {
        let length = body.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
             Idempotency-Key: web\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Sends a form.
    pub fn post_form(&self, path: &str, form: &str) -> Answer {
        let length = form.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        ))
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

/// A value percent-encoded for an address or a form.
pub fn encode(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
