//! One flipped bit, or one file cut short, anywhere in a data folder: named, or shown to be harmless.
//!
//! Two folders: one cleanly closed, one left by kill −9 with frames that sled did not have yet. Each mutation is examined as
//! `probity verify` does. Harmless means: the same entries, the same head, the same digest of the views, every part opened.
//! One more outcome is right, for the second folder alone: the last group before the kill counts as torn.
//! Never a panic, never a process that dies or does not end, never fewer entries otherwise.
//!
//! Long run: `PROBITY_ROUNDS=5000 cargo test -p probity-tests --test crash flips -- --nocapture` (per folder).

use crate::ledger::{Home, Loader, copy};
use crate::power::child;
use crate::support::{Dice, rounds, scratch, seed};
use probity_app::verify::{Verified, VerifyError, verify};
use probity_app::{DataFolder, Ledger, OpenOptions, SEGMENT_BYTES_MIN};
use probity_tests::probity;
use probity_types::Position;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const BASE: &str = "PROBITY_FLIPS_BASE";
const FROM: &str = "PROBITY_FLIPS_FROM";
const TO: &str = "PROBITY_FLIPS_TO";
/// Mutations of the ordinary run, per folder.
const ROUNDS: u64 = 100;
/// Mutations that one process examines: one that dies or hangs is replaced.
const BATCH: u64 = 50;
/// For one mutation.
const PATIENCE: Duration = Duration::from_secs(60);

fn options() -> OpenOptions {
    let mut options = OpenOptions::default().with_segments_of(SEGMENT_BYTES_MIN);
    options.journal.engine.open_patience = PATIENCE / 4;
    options
}

/// Every file below a folder that has bytes, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.metadata().unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Changes one file of a folder; what was done.
fn mutate(folder: &Path, dice: &mut Dice) -> (String, String) {
    let files = files(folder);
    // A journal is mostly zeros and a folder mostly slabs: each part of it gets its share.
    let parts: [&dyn Fn(&str) -> bool; 4] = [
        &|name| name.starts_with("log/journal/"),
        &|name| name.starts_with("log/sled/metadata/"),
        &|name| name.starts_with("log/sled/slabs/"),
        &|name| !name.starts_with("log/sled/") && !name.starts_with("log/journal/"),
    ];
    let part = parts[dice.below(4) as usize];
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    let files: Vec<_> = files.into_iter().filter(|path| part(&name(path))).collect();
    let path = &files[dice.below(files.len() as u64) as usize];
    let mut bytes = std::fs::read(path).unwrap();
    let what = if dice.chance(25) {
        let length = dice.below(bytes.len() as u64) as usize;
        bytes.truncate(length);
        format!("cut to {length}")
    } else {
        let mut at = dice.below(bytes.len() as u64) as usize;
        if dice.chance(80) {
            // Where something is written.
            let rest = bytes[at..].iter().position(|byte| *byte != 0);
            let front = || bytes[..at].iter().rposition(|byte| *byte != 0);
            at = rest.map(|offset| at + offset).or_else(front).unwrap_or(at);
        }
        bytes[at] ^= 1 << dice.below(8);
        format!("bit at {at}")
    };
    std::fs::write(path, bytes).unwrap();
    (name(path), what)
}

/// What is right: after everything, and before the last frame of the journal.
struct Right {
    whole: Verified,
    torn: Option<(u64, String)>,
}

/// Number of entries before the last frame with entries, from the bytes of the segments.
fn before_last_frame(base: &Path) -> Option<u64> {
    let mut last = None;
    for place in 0..3 {
        let bytes = std::fs::read(base.join(format!("log/journal/segment-{place}"))).unwrap();
        for block in bytes
            .chunks(4_096)
            .filter(|block| block.starts_with(b"PBJFRM01"))
        {
            let number = |at: usize| u64::from_le_bytes(block[at..at + 8].try_into().unwrap());
            let count = u32::from_le_bytes(block[24..28].try_into().unwrap());
            if count > 0 {
                last = last.max(Some((number(8), number(16))));
            }
        }
    }
    last.map(|(_, first)| first)
}

impl Right {
    fn of(base: &Path) -> Self {
        let whole = verify(&DataFolder::at(base), &options()).unwrap();
        let opened = scratch();
        copy(base, opened.path());
        let folder = DataFolder::at(opened.path());
        let ledger = Ledger::open(&folder, &options(), Home::new().clock).unwrap();
        let torn = before_last_frame(base)
            .filter(|first| *first > 0)
            .map(|first| {
                let frame = ledger.frame(Position(first - 1)).unwrap().unwrap();
                (first, frame.entry_hash.to_string())
            });
        ledger.close();
        Self { whole, torn }
    }

    /// Whether the ledger opens and its views are the right ones.
    fn judge_opened(&self, folder: &DataFolder) -> Result<(), String> {
        let opened = std::panic::catch_unwind(|| {
            let ledger = Ledger::open(folder, &options(), Home::new().clock)
                .map_err(|error| format!("{error:?}"))?;
            let digest = ledger.views().digest();
            ledger.close();
            Ok(digest)
        });
        let digest = opened.unwrap_or_else(|_| Err("a panic when opened".to_owned()))?;
        match Some(digest) == self.whole.views_digest {
            true => Ok(()),
            false => Err("opened with other views".to_owned()),
        }
    }

    /// The kind of outcome; an error where it is a wrong one.
    fn judge(
        &self,
        name: &str,
        found: Result<Verified, VerifyError>,
    ) -> Result<&'static str, String> {
        let found = match found {
            Err(error) if error.to_string().is_empty() => {
                return Err("an error without a text".into());
            }
            Err(_) => return Ok("named"),
            Ok(found) => found,
        };
        let head = (found.entries, found.entry_hash.to_string());
        if self.torn.as_ref() == Some(&head) && name.starts_with("log/journal/") {
            return Ok("torn");
        }
        let same = |verified: &Verified| {
            (
                verified.entries,
                verified.entry_hash,
                verified.views_digest,
                verified.sealed_parts,
                verified.opened_parts,
            )
        };
        match same(&found) == same(&self.whole) {
            true => Ok("harmless"),
            false => Err(format!(
                "passed for whole: {found:?} instead of {:?}",
                self.whole
            )),
        }
    }
}

/// The child that examines: by itself it has nothing to do.
#[test]
fn child_examines_mutations() {
    let Some(base) = std::env::var_os(BASE) else {
        return;
    };
    let number = |name| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let (base, seed) = (Path::new(&base), seed());
    let right = Right::of(base);
    for mutation in number(FROM)..number(TO) {
        let mut dice = Dice::new(seed, 6_000_000 + mutation);
        let mutated = scratch();
        copy(base, mutated.path());
        let (name, what) = mutate(mutated.path(), &mut dice);
        println!("\nbegin {mutation} {name} {what}");
        let folder = DataFolder::at(mutated.path());
        let found = std::panic::catch_unwind(|| verify(&folder, &options()));
        let verdict = match found {
            Err(_) => Err("a panic".to_owned()),
            Ok(found) => right.judge(&name, found),
        };
        let verdict = match name.starts_with("views/") {
            // Views may be deleted: whatever lies there, the ledger opens and shows the same.
            true => verdict.and_then(|kind| right.judge_opened(&folder).map(|()| kind)),
            false => verdict,
        };
        match verdict {
            Ok(kind) => println!("\nend {mutation} {kind}"),
            Err(why) => println!("\nwrong {mutation} {name} {what}: {why}"),
        }
    }
}

#[derive(Debug, Default)]
struct Tally {
    kinds: BTreeMap<String, u64>,
    wrong: Vec<String>,
}

/// Examines mutations in processes of their own.
fn examine(base: &Path, from: u64, to: u64, tally: &mut Tally) {
    let mut next = from;
    while next < to {
        let mut child = child("flips::child_examines_mutations")
            .env(BASE, base)
            .env(FROM, next.to_string())
            .env(TO, to.min(next + BATCH).to_string())
            .env("PROBITY_SEED", seed().to_string())
            .env("TMPDIR", base.parent().unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let mut begun = None;
        let end = loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix("begin ") {
                        begun = Some(rest.to_owned());
                    } else if let Some(rest) = line.strip_prefix("end ") {
                        let kind = rest.split(' ').nth(1).unwrap();
                        *tally.kinds.entry(kind.to_owned()).or_default() += 1;
                        (begun, next) = (None, next + 1);
                    } else if let Some(rest) = line.strip_prefix("wrong ") {
                        tally.wrong.push(rest.to_owned());
                        (begun, next) = (None, next + 1);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => break "did not end",
                Err(mpsc::RecvTimeoutError::Disconnected) => break "died",
            }
        };
        let _ = child.kill();
        child.wait().unwrap();
        if let Some(begun) = begun {
            tally.wrong.push(format!("{begun}: the process {end}"));
            next += 1;
        }
    }
}

fn check_mutations(base: &Path, what: &str, from: u64) {
    let count = rounds(ROUNDS);
    let mut tally = Tally::default();
    examine(base, from, from + count, &mut tally);
    println!("{what}: {count} mutations: {:?}", tally.kinds);
    assert!(
        tally.wrong.is_empty(),
        "{}:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    for kind in ["named", "harmless"] {
        assert!(
            tally.kinds.contains_key(kind),
            "{what}: {kind} never happened"
        );
    }
}

/// A ledger with people, cleanly closed.
fn closed() -> tempfile::TempDir {
    let dir = scratch();
    let folder = DataFolder::at(&dir.path().join("data"));
    let ledger = Ledger::create(&folder, &options(), Home::new().clock).unwrap();
    Loader::new(&ledger, 7, 40).load();
    ledger.close();
    dir
}

#[test]
fn a_flipped_bit_in_a_closed_folder_is_named_or_harmless() {
    let dir = closed();
    check_mutations(&dir.path().join("data"), "closed", 0);
}

#[test]
fn a_flipped_bit_in_a_folder_left_by_kill_9_is_named_or_harmless() {
    let dir = crate::power::killed_ledger(900);
    check_mutations(&dir.path().join("data"), "killed", 1_000_000);
}

#[test]
fn the_program_names_a_mutation_or_finds_the_same_head() {
    let dir = closed();
    let base = dir.path().join("data");
    let right = verify(&DataFolder::at(&base), &options()).unwrap();
    let mut codes: BTreeMap<i32, u64> = BTreeMap::new();
    for mutation in 0..20 {
        let mut dice = Dice::new(seed(), 7_000_000 + mutation);
        let mutated = scratch();
        copy(&base, mutated.path());
        let what = mutate(mutated.path(), &mut dice);
        let mut command = Command::new(probity());
        command
            .args(["verify", "--json", "--data"])
            .arg(mutated.path());
        command
            .env("PATH", "")
            .env("RUST_LOG", "off")
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        let (out, said) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let code = output
            .status
            .code()
            .unwrap_or_else(|| panic!("{what:?}: {:?}", output.status));
        match code {
            0 => assert!(
                out.contains(&right.entry_hash.to_string()),
                "{what:?}: {out}"
            ),
            1 | 2 => assert!(
                !said.trim().is_empty() || !out.trim().is_empty(),
                "{what:?}: no reason"
            ),
            other => panic!("{what:?}: exit code {other}: {said}"),
        }
        assert!(!said.contains("panicked"), "{what:?}: {said}");
        *codes.entry(code).or_default() += 1;
    }
    println!("exit codes: {codes:?}");
}
