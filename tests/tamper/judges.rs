//! Who is asked: the program, the offline verifier, the Python reader, the Go client, the server itself.

use crate::base::Base;
use probity_format::Leaf;
use probity_proof::tree::{HashSource, complete_root, consistency, leaf_hash, node_hash, root_at};
use probity_proof::{TreeHash, tile};
use probity_tests::tools::{goverify, until};
use probity_tests::{Server, probity, root, run};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What somebody said.
pub struct Said {
    /// Who.
    pub who: &'static str,
    /// Exit status.
    pub code: i32,
    /// Both outputs.
    pub text: String,
}

fn said(who: &'static str, output: &Output) -> Said {
    Said {
        who,
        code: output.status.code().unwrap_or(-1),
        text: probity_tests::tools::said(output),
    }
}

/// What a library said: a fault counts as exit status 1, as in the programs around it.
pub fn library(who: &'static str, found: Result<String, String>) -> Said {
    match found {
        Ok(text) => Said { who, code: 0, text },
        Err(text) => Said { who, code: 1, text },
    }
}

/// A note, or what ends in one, up to the end of its first signature line, which is the log's. Nobody is asked to know the
/// key of the line after it, the log's own cosigner, so that it is passed over whatever stands there.
pub fn signed(text: &str) -> &str {
    let mut lines = text.match_indices("\n\u{2014} ");
    let end = lines.nth(1).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// `probity verify` of a data folder.
pub fn folder(data: &Path) -> Said {
    said(
        "probity verify (folder)",
        &run(&["verify", "--data", &text(data)]),
    )
}

/// `probity verify` of an export, with the keys of the log.
pub fn export(base: &Base, export: &Path) -> Said {
    let (export, keys) = (text(export), text(&base.data));
    let output = run(&["verify", "--export", &export, "--keys", &keys]);
    said("probity verify (export, keys)", &output)
}

fn offline_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build
            .args(["build", "--quiet", "--package", "probity-verify"])
            .current_dir(root());
        assert!(
            build.status().expect("cargo runs").success(),
            "the verifier builds"
        );
        probity().with_file_name("probity-verify")
    })
}

fn offline(who: &'static str, base: &Base, arguments: &[&str]) -> Said {
    let mut command = Command::new(offline_program());
    command.args(arguments).args(["--vkey", &base.vkey]);
    said(who, &command.output().expect("the verifier starts"))
}

/// `probity-verify log`, with what it remembers in `state`.
pub fn log(base: &Base, export: &Path, checkpoint: &Path, state: &Path) -> Said {
    let (export, checkpoint, state) = (text(export), text(checkpoint), text(state));
    let arguments = [
        "log",
        &export,
        "--checkpoint",
        &checkpoint,
        "--state",
        &state,
    ];
    offline("probity-verify log", base, &arguments)
}

/// `probity-verify log` that has seen a checkpoint of the true log before.
pub fn log_seen(base: &Base, export: &Path, checkpoint: &Path, seen: &Path, at: &Path) -> Said {
    let state = at.join("seen");
    let _ = std::fs::remove_file(&state);
    let first = log(base, &base.export, seen, &state);
    assert_eq!(first.code, 0, "{}", first.text);
    let said = log(base, export, checkpoint, &state);
    Said {
        who: "probity-verify log (state)",
        ..said
    }
}

/// `probity-verify bundle`.
pub fn bundle(base: &Base, bundle: &Path, state: &Path) -> Said {
    let arguments = ["bundle", &text(bundle), "--state", &text(state)];
    offline("probity-verify bundle", base, &arguments)
}

/// `probity-verify checkpoints`, with more arguments.
pub fn checkpoints(base: &Base, old: &Path, new: &Path, state: &Path, more: &[&str]) -> Said {
    let (old, new, state) = (text(old), text(new), text(state));
    let arguments = ["checkpoints", &old, &new, "--state", &state];
    offline(
        "probity-verify checkpoints",
        base,
        &[&arguments[..], more].concat(),
    )
}

/// `probity-verify fork`.
pub fn fork(base: &Base, evidence: &Path) -> Said {
    offline("probity-verify fork", base, &["fork", &text(evidence)])
}

/// `reader.py verify`.
pub fn reader(base: &Base, export: &Path, checkpoint: &Path) -> Said {
    let output = Command::new("python3")
        .arg(root().join("log-format/reader.py"))
        .arg("verify")
        .arg(export)
        .arg("--checkpoint")
        .arg(checkpoint)
        .args(["--vkey", &base.vkey])
        .output();
    said("reader.py verify", &output.expect("python3 runs"))
}

/// The Go client against a server.
pub fn go(base: &Base, url: &str, more: &[&str]) -> Said {
    let output = probity_tests::tools::check(url, &base.vkey, more);
    said("Go client", &output)
}

/// Files below a folder, served as a log by the Go client's own server.
pub struct Served {
    child: Child,
    /// Where.
    pub url: String,
}

impl Served {
    /// Serves; the log lies under `log/` there.
    pub fn start(folder: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let address = format!("127.0.0.1:{}", port.expect("a free port").port());
        let child = Command::new(goverify())
            .arg("serve")
            .arg(folder)
            .arg(&address)
            .spawn()
            .expect("it starts");
        until("files are served", || {
            std::net::TcpStream::connect(&address).is_ok()
        });
        Self {
            child,
            url: format!("http://{address}"),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server on a copy, and what it wrote to its log.
pub struct Watched {
    /// The server.
    pub server: Server,
    log: PathBuf,
}

impl Watched {
    /// Serves.
    pub fn start(data: &Path, more: &[&str]) -> Self {
        let log = data.with_extension("stderr");
        let file = std::fs::File::create(&log).expect("a file");
        let server = Server::start_logging(&text(data), more, "warn", Stdio::from(file));
        Self { server, log }
    }

    /// What its log says once it says this.
    pub fn says(&self, words: &str) -> Said {
        let read = || std::fs::read_to_string(&self.log).expect("readable");
        until(words, || read().contains(words));
        library("the server (its log)", Ok(read()))
    }

    /// `/readyz` once signing has stopped: that counts as exit status 1.
    pub fn stopped(&self) -> Said {
        let check = || {
            let ready = self.server.get("/readyz").json;
            let checks = ready["checks"].as_array().expect("checks").iter();
            let mut named = checks.filter(|check| check["name"] == "checkpoints");
            named.next().expect("a check of that name").clone()
        };
        until("signing stops", || check()["passes"] == false);
        self.server
            .get("/log/checkpoint")
            .problem(503, "no-checkpoint");
        library(
            "the server (/readyz)",
            Err(check()["detail"]["en"].to_string()),
        )
    }
}

/// A server that must not come up: what it says instead.
pub fn refused(data: &Path) -> Said {
    let mut child = Command::new(probity())
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("RUST_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let began = Instant::now();
    while child.try_wait().expect("asked").is_none() {
        if began.elapsed() > Duration::from_secs(20) {
            child.kill().expect("it runs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    said(
        "the server (start)",
        &child.wait_with_output().expect("ended"),
    )
}

/// The tree over entries, in memory.
pub struct Leaves {
    /// Leaf entries.
    pub entries: Vec<Vec<u8>>,
    /// Their hashes.
    pub hashes: Vec<TreeHash>,
}

/// The tree over stored entries.
pub fn tree(frames: &[Vec<u8>]) -> Leaves {
    let leaf = |frame: &Vec<u8>| Leaf::of_stored(frame).expect("an entry").encode().to_vec();
    let entries: Vec<Vec<u8>> = frames.iter().map(leaf).collect();
    let hashes = entries.iter().map(|entry| leaf_hash(entry)).collect();
    Leaves { entries, hashes }
}

impl Leaves {
    /// Root at a size.
    pub fn root(&self, size: u64) -> TreeHash {
        let Ok(root) = root_at(self, size);
        root
    }

    /// Path from one size to another.
    pub fn growth(&self, from: u64, to: u64) -> Vec<TreeHash> {
        consistency(self, from, to).expect("sizes of this tree")
    }

    /// Path of a leaf.
    pub fn path(&self, index: u64, size: u64) -> Vec<TreeHash> {
        probity_proof::tree::inclusion(self, index, size).expect("a leaf of this tree")
    }

    /// Writes the tiles as a log serves them.
    pub fn write_tiles(&self, log: &Path) {
        let size = self.hashes.len() as u64;
        let width = tile::TILE_WIDTH as u64;
        for one in tile::tiles_for(size) {
            let bytes = match one.kind {
                tile::TileKind::Hashes(level) => {
                    let first = one.index * width;
                    let at = |n: u64| {
                        let Ok(hash) = self.subtree(8 * u32::from(level), first + n);
                        hash
                    };
                    let hashes: Vec<_> = (0..u64::from(one.width)).map(at).collect();
                    tile::encode_hashes(&hashes)
                }
                tile::TileKind::Entries => continue,
            };
            write(&log.join(one.path()), &bytes);
        }
        for one in tile::bundles_between(0, size) {
            let first = (one.index * width) as usize;
            let entries = &self.entries[first..first + usize::from(one.width)];
            write(
                &log.join(one.path()),
                &tile::encode_entries(entries).expect("short entries"),
            );
        }
    }
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("written");
}

impl HashSource for Leaves {
    type Error = Infallible;

    fn subtree(&self, level: u32, index: u64) -> Result<TreeHash, Infallible> {
        let from = (index << level) as usize;
        let leaves = &self.hashes[from..from + (1 << level)];
        let root = complete_root(leaves);
        // A power of two of leaves has a root.
        Ok(root.unwrap_or_else(|| node_hash(leaves[0], leaves[0])))
    }
}
