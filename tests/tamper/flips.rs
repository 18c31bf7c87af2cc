//! One changed bit, wherever it lies: in an export, a data folder, keys, what was derived, what was signed.

use crate::base::{Base, copy};
use crate::judges::{self, Said, Watched, library};
use crate::table::{Finding, Row};
use probity_format::segment::{Layout, Manifest};
use probity_proof::Policy;
use probity_verify::fault::Failure;
use probity_verify::log::{Bodies, LogTask};
use probity_verify::state::State;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Sampled flips in each of journal and engine of a data folder.
const SAMPLES: u64 = 6;

/// The rows.
pub fn rows() -> Vec<Row> {
    let row = |attack, ask| Row { attack, ask };
    vec![
        row(
            "flip a bit at every structural boundary of an export",
            boundaries,
        ),
        row("flip sampled bits of an export", sampled),
        row("flip sampled bits of a manifest", manifest),
        row(
            "flip sampled bits of the journal and of sled's files",
            folder,
        ),
        row("flip a bit of each key file", keys),
        row("flip a bit of the log's id", |base, at| {
            let data = copied(base, at);
            // A digit stays a digit: 3 and 2, a and 'b' ^ 3 = a.
            let mut text = std::fs::read(data.join("log-id")).expect("there");
            text[4] = if text[4] == b'0' { b'1' } else { b'0' };
            std::fs::write(data.join("log-id"), text).expect("written");
            vec![
                judges::folder(&data).notices_or_refuses(&["log"]),
                judges::refused(&data).refuses(&["log"]),
            ]
        }),
        row("flip a bit of the served views' digest", |base, at| {
            let data = copied(base, at);
            let path = data.join("views/digest.json");
            let text = std::fs::read_to_string(&path).expect("there");
            let mut digest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            digest["digest"] = "0".repeat(64).into();
            std::fs::write(&path, digest.to_string()).expect("written");
            vec![judges::folder(&data).notices(&["views/digest.json", "field digest"])]
        }),
        row("flip a bit of each file of the snapshot", snapshot),
        row(
            "flip a bit of both slots of the head that was signed",
            |base, at| {
                let data = copied(base, at);
                let path = data.join("checkpoint/head");
                for slot in [0, 4_096] {
                    flip(&path, slot + 20, 1);
                }
                let watched = Watched::start(&data, &[]);
                let stopped = watched.stopped();
                drop(watched);
                vec![
                    stopped.notices(&["field check", "neither slot is whole"]),
                    judges::folder(&data).refuses(&["checkpoint/head", "neither slot is whole"]),
                ]
            },
        ),
    ]
}

/// xorshift64*, seeded by `PROBITY_SEED` or the clock.
struct Dice(u64);

fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let given = std::env::var("PROBITY_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = given.unwrap_or_else(|| now.expect("after 1970").as_micros() as u64);
        println!("PROBITY_SEED={seed}");
        seed
    })
}

impl Dice {
    fn new(stream: u64) -> Self {
        Self((seed() ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % end
    }
}

fn flip(path: &Path, at: usize, mask: u8) {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes[at] ^= mask;
    std::fs::write(path, bytes).expect("written");
}

fn copied(base: &Base, at: &Path) -> PathBuf {
    let data = at.join("data");
    copy(&base.data, &data);
    data
}

/// The offline verifier as a library: thousands of runs, none of which starts a program.
fn examine(base: &Base, export: &Path, at: &Path) -> Result<(), Failure> {
    let task = LogTask {
        folder: export,
        checkpoint: &base.newer,
        key: &base.key(),
        policy: &Policy::none(),
        bodies: Bodies::None,
    };
    let mut state = State::load(&at.join("nothing-seen"))?;
    probity_verify::log::run(&task, &mut state)?;
    std::fs::remove_file(at.join("nothing-seen")).map_err(|e| Failure::CouldNotRun(e.to_string()))
}

/// Offsets at which something begins or ends in a segment.
fn places(bytes: &[u8]) -> Vec<usize> {
    let layout = Layout::parse(bytes).expect("a segment");
    // Magic, log, first, entries, previous; the file's own hash.
    let mut places = vec![
        0,
        7,
        8,
        23,
        24,
        31,
        32,
        39,
        40,
        71,
        bytes.len() - 32,
        bytes.len() - 1,
    ];
    for raw in layout.frames() {
        let raw = raw.expect("a frame");
        let (from, end) = (raw.offset as usize, raw.offset as usize + raw.bytes.len());
        // Its length, format, position, the end of the header, the salt, the body, the hash.
        places.extend([
            from - 8,
            from - 1,
            from,
            from + 1,
            from + 112,
            from + 113,
            from + 129,
        ]);
        places.extend([end - 33, end - 32, end - 1]);
    }
    places
}

fn boundaries(base: &Base, at: &Path) -> Vec<Finding> {
    let export = at.join("export");
    copy(&base.export, &export);
    let (mut wrong, mut flips) = (Vec::new(), 0);
    for (number, named) in base.manifest.segments.iter().enumerate() {
        let path = export.join(&named.file);
        let good = std::fs::read(&path).expect("readable");
        let places = places(&good);
        // Of the middle segments every ninth place: their frames are like the others.
        let step = if number == 0 || number + 1 == base.manifest.segments.len() {
            1
        } else {
            9
        };
        for place in places.into_iter().step_by(step) {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << (place % 8);
            std::fs::write(&path, &bytes).expect("written");
            flips += 1;
            match examine(base, &export, at) {
                Err(Failure::DoesNotHold(fault)) if fault.file == path.display().to_string() => {}
                other => wrong.push(format!("{} byte {place}: {other:?}", named.file)),
            }
        }
        std::fs::write(&path, &good).expect("written");
    }
    vec![tally("probity-verify log (library)", flips, &wrong).notices(&["flips named"])]
}

fn tally(who: &'static str, flips: u64, wrong: &[String]) -> Said {
    library(
        who,
        match wrong.is_empty() {
            true => Err(format!("{flips} flips named")),
            false => Ok(format!("NOT NAMED: {wrong:?}")),
        },
    )
}

fn sampled(base: &Base, at: &Path) -> Vec<Finding> {
    let (mut dice, export) = (Dice::new(1), at.join("export"));
    copy(&base.export, &export);
    let mut findings = Vec::new();
    for _ in 0..3 {
        let named =
            &base.manifest.segments[dice.below(base.manifest.segments.len() as u64) as usize];
        let path = export.join(&named.file);
        let good = std::fs::read(&path).expect("readable");
        flip(
            &path,
            dice.below(good.len() as u64) as usize,
            1 << dice.below(8),
        );
        findings.extend([
            judges::log(base, &export, &base.newer, &at.join("state"))
                .notices(&[&named.file, "field"]),
            judges::reader(base, &export, &base.newer).notices(&[&named.file]),
            judges::export(base, &export).notices(&[&named.file]),
        ]);
        std::fs::write(&path, good).expect("written");
    }
    findings
}

fn manifest(base: &Base, at: &Path) -> Vec<Finding> {
    let (mut dice, export) = (Dice::new(2), at.join("export"));
    copy(&base.export, &export);
    let path = export.join("manifest.json");
    let good = std::fs::read(&path).expect("readable");
    let (mut wrong, mut flips) = (Vec::new(), 0);
    for _ in 0..100 {
        let (place, bit) = (dice.below(good.len() as u64) as usize, dice.below(8));
        let mut bytes = good.clone();
        bytes[place] ^= 1 << bit;
        // Other white space, or a digit in capitals, is the same manifest.
        if serde_json::from_slice::<Manifest>(&bytes).is_ok_and(|found| found == base.manifest) {
            continue;
        }
        std::fs::write(&path, &bytes).expect("written");
        flips += 1;
        if !matches!(examine(base, &export, at), Err(Failure::DoesNotHold(_))) {
            wrong.push(format!("byte {place} bit {bit}"));
        }
    }
    vec![tally("probity-verify log (library)", flips, &wrong).notices(&["flips named"])]
}

/// Every file below a folder that has bytes.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.metadata().expect("there").len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn folder(base: &Base, at: &Path) -> Vec<Finding> {
    let head = base.manifest.entry_hash.to_string();
    let mut dice = Dice::new(3);
    let mut findings = Vec::new();
    for part in ["log/journal", "log/sled/metadata", "log/sled/slabs", "log"] {
        let files = files(&base.data.join(part));
        for _ in 0..SAMPLES / 2 {
            let data = copied(base, at);
            let file = &files[dice.below(files.len() as u64) as usize];
            let bytes = std::fs::read(file).expect("readable");
            // Where something is written: a journal is mostly zeros.
            let written: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
            let place = match written.is_empty() {
                true => 0,
                false => written[dice.below(written.len() as u64) as usize],
            };
            flip(
                &data.join(file.strip_prefix(&base.data).expect("below")),
                place,
                1 << dice.below(8),
            );
            let said = judges::folder(&data);
            // Named, or nothing that counts: then the head is the same.
            findings.push(match said.code {
                0 => said.stays_true(&["holds", &head]),
                _ => said.notices_or_refuses(&["log"]),
            });
            std::fs::remove_dir_all(&data).expect("removed");
        }
    }
    findings
}

fn keys(base: &Base, at: &Path) -> Vec<Finding> {
    let mut dice = Dice::new(4);
    let mut findings = Vec::new();
    for file in files(&base.data.join("keys")) {
        let data = copied(base, at);
        let name = file.strip_prefix(&base.data).expect("below");
        let length = file.metadata().expect("there").len();
        flip(
            &data.join(name),
            dice.below(length) as usize,
            1 << dice.below(8),
        );
        findings.extend([
            judges::folder(&data).notices_or_refuses(&["keys"]),
            judges::refused(&data).refuses(&["key"]),
        ]);
        std::fs::remove_dir_all(&data).expect("removed");
    }
    let data = copied(base, at);
    let path = data.join("master.key");
    let mut text = std::fs::read(&path).expect("readable");
    text[9] = if text[9] == b'0' { b'1' } else { b'0' };
    std::fs::write(&path, text).expect("written");
    findings.push(judges::folder(&data).refuses(&["keys"]));
    findings
}

/// What a snapshot is wrong in is said, and the answers come from the log.
fn snapshot(base: &Base, at: &Path) -> Vec<Finding> {
    let pages = ["/v1/head", "/v1/entries/100", "/v1/entries/20/tlog-proof"];
    // The log's own cosignature says when it was made.
    let answers = |watched: &Watched| {
        pages.map(|page| {
            let text = watched.server.get(page).text;
            text.split("\u{2014} ").next().map(str::to_owned)
        })
    };
    let (mut dice, data) = (Dice::new(5), at.join("true"));
    copy(&base.data, &data);
    let expected = {
        let watched = Watched::start(&data, &[]);
        probity_tests::tools::until("a proof", || watched.server.get(pages[2]).status == 200);
        answers(&watched)
    };
    let mut findings = Vec::new();
    for name in ["state", "records", "views"] {
        let data = copied(base, at);
        let path = data.join("views").join(name);
        let length = path.metadata().expect("the snapshot is there").len();
        flip(&path, dice.below(length) as usize, 1 << dice.below(8));
        let watched = Watched::start(&data, &[]);
        probity_tests::tools::until("a proof", || watched.server.get(pages[2]).status == 200);
        assert_eq!(answers(&watched), expected, "{name}");
        findings.push(watched.says("the snapshot").stays_true(&["replayed"]));
        drop(watched);
        std::fs::remove_dir_all(&data).expect("removed");
    }
    findings
}
