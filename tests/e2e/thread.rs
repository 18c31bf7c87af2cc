//! One thread through everything: file → log → API → verify → export → independent reader.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The program, built by cargo if it is not there yet.
fn probity() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--quiet", "--package", "probity"])
        .current_dir(root());
    assert!(
        build.status().expect("cargo runs").success(),
        "the program builds"
    );
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    target.join("debug/probity")
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("RUST_LOG", "error")
        .output()
        .expect("the program starts")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(program: &Path, data: &str) -> Self {
        let mut child = Command::new(program)
            .args(["serve", "--data", data, "--listen", "127.0.0.1:0"])
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
        Self { child, address }
    }

    fn ask(&self, request: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .expect("a status");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ))
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n"
        );
        self.ask(&format!("{head}{headers}\r\n{body}"))
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

#[test]
fn a_permit_file_goes_in_and_everybody_can_check_it() {
    let program = probity();
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data").display().to_string();
    let file = root()
        .join("tests/fixtures/karamay-licences.xls")
        .display()
        .to_string();

    assert!(run(&program, &["init", "--data", &data]).status.success());
    let rehearsed = json(&run(
        &program,
        &["import", &file, "--data", &data, "--rehearse", "--json"],
    ));
    let first = json(&run(
        &program,
        &["import", &file, "--data", &data, "--json"],
    ));
    assert_eq!(
        (first["rows"].as_u64(), first["imported"].as_u64()),
        (Some(115), Some(115))
    );
    assert_eq!(
        rehearsed["imported"], first["imported"],
        "rehearsal equals commit"
    );
    let second = json(&run(
        &program,
        &["import", &file, "--data", &data, "--json"],
    ));
    assert_eq!(
        (
            second["imported"].as_u64(),
            second["already_there"].as_u64()
        ),
        (Some(0), Some(115))
    );
    assert_eq!(
        second["position"], first["position"],
        "a second import appends nothing"
    );

    let issued = run(
        &program,
        &[
            "keys",
            "issue",
            "--data",
            &data,
            "--label",
            "test",
            "--agency",
            "test",
            "--scope",
            "records:write",
        ],
    );
    let key = String::from_utf8_lossy(&issued.stdout).trim().to_owned();
    assert!(key.starts_with("pk_"), "{key}");
    {
        let server = Server::start(&program, &data);
        // 克拉玛依 stands in many names; the question comes percent-encoded.
        let (status, found) = server.get("/v1/subjects?q=%E5%85%8B%E6%8B%89%E7%8E%9B%E4%BE%9D");
        assert_eq!(status, 200);
        let id = found["items"][0]["id"].as_str().expect("a hit").to_owned();
        let (status, stands) = server.get(&format!("/v1/subjects/{id}/status"));
        assert_eq!(
            (status, stands["grade"]["grade"].as_str()),
            (200, Some("unrated")),
            "{stands}"
        );
        assert_eq!(stands["records"][0]["count"], 1);
        let refused = |path: &str, expected: u16, code: &str| {
            let (status, problem) = server.get(path);
            assert_eq!(
                (status, problem["code"].as_str()),
                (expected, Some(code)),
                "{path}: {problem}"
            );
        };
        refused("/v1/nothing", 404, "not-found");
        refused(
            "/v1/subjects?q=650202199003070019",
            400,
            "identity-number-in-address",
        );
        refused("/v1/entries/x", 400, "invalid-path");
        let written = |headers: &str, body: &str, expected: u16, code: &str| {
            let (status, problem) = server.post("/v1/records", headers, body);
            assert_eq!(
                (status, problem["code"].as_str()),
                (expected, Some(code)),
                "{body}: {problem}"
            );
        };
        let (_, before) = server.get("/v1/head");
        written("", "{}", 401, "unauthorized");
        written(
            &format!("Authorization: Bearer {key}\r\n"),
            "{}",
            400,
            "idempotency-key-required",
        );
        let both = format!("Authorization: Bearer {key}\r\nIdempotency-Key: a\r\n");
        written(&both, "{", 400, "malformed-json");
        let (_, after) = server.get("/v1/head");
        assert_eq!(
            before["position"], after["position"],
            "a refused request writes nothing"
        );
    }
    let verified = run(&program, &["verify", "--data", &data, "--json"]);
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    let verified = json(&verified);
    assert_eq!(
        (verified["level"].as_str(), verified["views"].as_str()),
        (Some("opened"), Some("equal"))
    );

    let out = scratch.path().join("export").display().to_string();
    assert!(
        run(&program, &["export", "--data", &data, "--out", &out])
            .status
            .success()
    );
    let reader = root().join("log-format/reader.py");
    let read = Command::new("python3")
        .arg(reader)
        .args([&out, "--quiet"])
        .output()
        .expect("python3 runs");
    let said =
        String::from_utf8_lossy(&read.stdout).into_owned() + &String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{said}");
    let head = verified["entry_hash"].as_str().expect("a hash");
    assert!(
        said.contains(head),
        "two programs agree on the head: {said}"
    );
}
