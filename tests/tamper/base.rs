//! The log that every row takes a copy of.

use crate::judges;
use probity_app::{DataFolder, Ledger, OpenOptions};
use probity_format::Frame;
use probity_format::segment::{self, Manifest};
use probity_proof::{Checkpoint, Note, TreeHash, VerifierKey};
use probity_tests::tools::{register, until};
use probity_tests::{Folder, WallClock, fixture, succeed};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries of a segment of the export.
pub const SEGMENT: usize = 64;
/// Persons that are registered; the first of them is erased at the end.
const PERSONS: u64 = 40;

/// Access keys that are issued after the erasure: the last entries.
pub const KEYS_AFTER: usize = 4;

/// See the module.
pub struct Base {
    folder: Folder,
    /// The data folder, closed, with a snapshot.
    pub data: PathBuf,
    /// The whole log, exported after the newer checkpoint.
    pub export: PathBuf,
    /// Checkpoint before the persons came.
    pub older: PathBuf,
    /// Checkpoint of everything.
    pub newer: PathBuf,
    /// Proof that the newer one continues the older one.
    pub growth: PathBuf,
    /// The log's key.
    pub vkey: String,
    /// What the manifest says.
    pub manifest: Manifest,
    /// The entries as stored.
    pub frames: Vec<Vec<u8>>,
    /// Proofs as the interface gave them, by position; before the erasure.
    pub proofs: Vec<(u64, String)>,
    /// A consistency proof as the interface gave it: sizes and path.
    pub consistency: (u64, u64, Vec<TreeHash>),
    /// Bundle of a person's registration.
    pub bundle: PathBuf,
}

/// The ledger itself writes the snapshot that a server writes from time to time.
fn save_snapshot(data: &Path) {
    let clock = Arc::new(WallClock::start());
    let folder = DataFolder::at(data);
    let ledger = Ledger::open(&folder, &OpenOptions::default(), clock).expect("opens");
    ledger.save_snapshot().expect("saves").expect("settled");
    ledger.close();
}

/// Reads an export's entries as they are stored.
pub fn frames(export: &Path) -> (Manifest, Vec<Vec<u8>>) {
    let text = std::fs::read(export.join("manifest.json")).expect("a manifest");
    let manifest: Manifest = serde_json::from_slice(&text).expect("JSON");
    let mut frames = Vec::new();
    for named in &manifest.segments {
        let bytes = std::fs::read(export.join(&named.file)).expect("readable");
        let layout = segment::Layout::parse(&bytes).expect("a segment");
        frames.extend(
            layout
                .frames()
                .map(|raw| raw.expect("a frame").bytes.to_vec()),
        );
    }
    (manifest, frames)
}

fn checkpoint(data: &str, out: &str, vkey: &str) {
    succeed(&["checkpoint", "--data", data, "--out", out, "--vkey", vkey]);
}

type Proofs = (Vec<(u64, String)>, (u64, u64, Vec<TreeHash>), String);

/// Registers the persons and asks for proofs, over HTTP.
fn over_http(folder: &Folder, key: &str, old_size: u64) -> Proofs {
    let server = folder.serve();
    let mut first = String::new();
    for number in 0..PERSONS {
        let reply = register(&server, key, number);
        let subject = reply.expect(201)["subject"]
            .as_str()
            .expect("an id")
            .to_owned();
        if number == 0 {
            first = subject;
        }
    }
    let entries = server.position() + 1;
    until("a checkpoint of everything", || {
        let note = server.get("/log/checkpoint").text;
        note.lines().nth(1) == Some(&entries.to_string())
    });
    let positions = [0, 1, 63, 64, 127, 200, 255, 256, entries - 2, entries - 1];
    let proofs = positions.map(|at| {
        let reply = server.get(&format!("/v1/entries/{at}/tlog-proof"));
        assert_eq!(reply.status, 200, "{}", reply.text);
        (at, reply.text)
    });
    let reply = server.get(&format!("/v1/consistency?from={old_size}&to={entries}"));
    let path = reply.expect(200)["path"].as_array().expect("a list").iter();
    let path =
        path.map(|hash| TreeHash::parse("path", hash.as_str().expect("a hash")).expect("a hash"));
    (proofs.to_vec(), (old_size, entries, path.collect()), first)
}

impl Base {
    /// Makes it: organisations with records, persons, two checkpoints, an erasure, an export.
    pub fn make() -> Self {
        // In memory: what a disk does is not the question here.
        let folder = Folder::begin_in(tempfile::tempdir_in("/dev/shm").expect("a folder"));
        let data = folder.data();
        let key = folder.key(&["subjects:write"]);
        succeed(&["import", &fixture("karamay-licences.xls"), "--data", &data]);
        let (older, newer, vkey) = (
            folder.beside("older"),
            folder.beside("newer"),
            folder.beside("vkey"),
        );
        checkpoint(&data, &older, &vkey);
        let size = |file: &str| {
            let text = std::fs::read_to_string(file).expect("a checkpoint");
            let size = text.lines().nth(1).and_then(|line| line.parse().ok());
            size.expect("a size")
        };
        let (proofs, consistency, erased) = over_http(&folder, &key, size(&older));
        let erase = [
            "erase",
            "--data",
            &data,
            "--person",
            &erased,
            "--authority",
            "测试机关",
        ];
        succeed(&[&erase[..], &["--legal-basis", "个人信息保护法第四十七条"]].concat());
        for _ in 0..KEYS_AFTER {
            folder.key(&["audit:read"]);
        }
        checkpoint(&data, &newer, &vkey);
        let (export, bundle) = (folder.beside("export"), folder.beside("bundle.json"));
        let arguments = ["export", "--data", &data, "--out", &export];
        succeed(&[&arguments[..], &["--segment-entries", &SEGMENT.to_string()]].concat());
        let (manifest, frames) = frames(Path::new(&export));
        let person = (frames.len() - KEYS_AFTER - 4).to_string();
        succeed(&[
            "bundle",
            "--data",
            &data,
            "--position",
            &person,
            "--out",
            &bundle,
        ]);
        save_snapshot(Path::new(&data));
        let growth = judges::tree(&frames).growth(size(&older), size(&newer));
        let growth_file = PathBuf::from(folder.beside("growth"));
        let lines: String = growth.iter().map(|hash| format!("{hash}\n")).collect();
        std::fs::write(&growth_file, lines).expect("written");
        Self {
            data: PathBuf::from(data),
            export: PathBuf::from(export),
            older: PathBuf::from(older),
            newer: PathBuf::from(newer),
            growth: growth_file,
            vkey: std::fs::read_to_string(vkey)
                .expect("a key")
                .trim()
                .to_owned(),
            bundle: PathBuf::from(bundle),
            folder,
            manifest,
            frames,
            proofs,
            consistency,
        }
    }

    /// A folder for one row.
    pub fn scratch(&self) -> tempfile::TempDir {
        let beside = PathBuf::from(self.folder.beside("rows"));
        std::fs::create_dir_all(&beside).expect("a folder");
        tempfile::tempdir_in(beside).expect("a folder")
    }

    /// The log's key.
    pub fn key(&self) -> VerifierKey {
        self.vkey.parse().expect("a key")
    }

    /// What a checkpoint says, its signature checked.
    pub fn opened(&self, checkpoint: &Path) -> (Note, Checkpoint) {
        let bytes = std::fs::read(checkpoint).expect("a checkpoint");
        let note = Note::parse(&bytes).expect("a note");
        let opened = Checkpoint::open(&note, &self.key(), &[]).expect("signed");
        (note, opened.checkpoint)
    }

    /// An entry.
    pub fn frame(&self, at: usize) -> Frame {
        Frame::decode(&self.frames[at]).expect("a frame")
    }

    /// Positions of entries with a sealed part that is not erased and whose unit is one entry.
    pub fn persons(&self) -> Vec<usize> {
        let is_one = |at: &usize| {
            let frame = self.frame(*at);
            frame.header.unit_length == 1
                && frame.sealed.iter().any(|part| part.ciphertext.is_some())
        };
        (0..self.frames.len()).filter(is_one).collect()
    }
}

/// Copies a file or a folder with everything below it.
pub fn copy(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp")
        .arg("-a")
        .args([from, to])
        .status();
    assert!(status.expect("cp runs").success());
}
