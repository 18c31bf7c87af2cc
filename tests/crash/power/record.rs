//! What the preloaded library wrote down: see tools/powercut.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// One thing that happened, in the order of the page cache.
#[derive(Debug, Clone)]
pub enum Happened {
    Create {
        inode: u64,
        path: String,
    },
    Write {
        inode: u64,
        path: String,
        offset: u64,
        bytes: Vec<u8>,
    },
    Truncate {
        inode: u64,
        length: u64,
    },
    Rename {
        from: String,
        to: String,
    },
    Link {
        from: String,
        to: String,
    },
    Remove {
        path: String,
    },
    Mkdir {
        path: String,
    },
    SyncBegin {
        inode: u64,
        thread: u64,
        path: String,
    },
    SyncEnd {
        inode: u64,
        thread: u64,
    },
    Said(String),
    Blind {
        path: String,
        what: String,
    },
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken.to_vec())
    }

    fn u64(&mut self) -> Option<u64> {
        self.bytes(8)
            .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
    }

    fn length(&mut self) -> Option<usize> {
        self.bytes(4)
            .map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()) as usize)
    }

    fn text(&mut self, count: usize) -> Option<String> {
        self.bytes(count)
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    /// The next record; none at the end, which a kill may have cut short.
    fn next(&mut self) -> Option<Happened> {
        let kind = self.bytes(1)?[0];
        let (inode, a, _) = (self.u64()?, self.u64()?, self.u64()?);
        let lengths = [self.length()?, self.length()?, self.length()?];
        let path = self.text(lengths[0])?;
        let second = self.text(lengths[1])?;
        let bytes = self.bytes(lengths[2])?;
        let text = || String::from_utf8(bytes.clone()).unwrap();
        Some(match kind {
            1 => Happened::Create { inode, path },
            2 => Happened::Write {
                inode,
                path,
                offset: a,
                bytes,
            },
            3 => Happened::Truncate { inode, length: a },
            4 => Happened::Rename {
                from: path,
                to: second,
            },
            5 | 7 => Happened::Remove { path },
            6 => Happened::Mkdir { path },
            8 => Happened::SyncBegin {
                inode,
                thread: a,
                path,
            },
            9 => Happened::SyncEnd { inode, thread: a },
            10 => Happened::Link {
                from: path,
                to: second,
            },
            11 => Happened::Said(text()),
            12 => Happened::Blind { path, what: text() },
            other => panic!("record of kind {other}"),
        })
    }
}

/// Everything that was recorded.
pub fn read(path: &Path) -> Vec<Happened> {
    let bytes = std::fs::read(path).unwrap();
    let mut reader = Reader(&bytes);
    std::iter::from_fn(|| reader.next()).collect()
}

/// The library, built once a test process.
pub fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build
            .args(["build", "--quiet", "--package", "probity-powercut"])
            .current_dir(probity_tests::root());
        assert!(build.status().unwrap().success(), "the library builds");
        let target = std::env::var_os("CARGO_TARGET_DIR");
        let target = target.map_or(probity_tests::root().join("target"), PathBuf::from);
        target.join("debug/libprobity_powercut.so")
    })
}

/// This test program once more, as a child that runs one test of it. Without a path: sled runs `sync` at each opening, which
/// waits for everything that the machine writes, and nothing here may rest on it.
pub fn child(test: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("PATH", "")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    child
}

/// The same, with everything below `root` recorded in `log`.
pub fn recorded_child(test: &str, root: &Path, log: &Path) -> Command {
    let mut child = child(test);
    child
        .env("PROBITY_POWERCUT_ROOT", root.canonicalize().unwrap())
        .env("PROBITY_POWERCUT_LOG", log)
        .env("LD_PRELOAD", library());
    child
}

/// How a child ends; none where it has to be ended after this long.
pub fn ended_in_time(child: &mut Command, patience: Duration) -> Option<ExitStatus> {
    let mut child = child.stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if begun.elapsed() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
