//! Power cuts under a whole ledger: key ring, log, decisions, views.
//!
//! The child loads made-up cities from several threads; natural persons' names go into sealed parts, so that an entry without
//! its key would show. Each folder that is left must open, hold every receipt, and verify with every part opened.

use super::disk::{Disk, Ignored, Survives};
use super::record::{Happened, child, ended_in_time, read, recorded_child};
use crate::ledger::Loader;
use crate::support::{Dice, rounds, scratch, seed};
use probity_app::verify::verify;
use probity_app::{DataFolder, Ledger, OpenOptions, SEGMENT_BYTES_MIN};
use probity_format::frame::ActorKind;
use probity_log::{Clock, Submission};
use probity_types::{Position, Timestamp};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const FOLDER: &str = "PROBITY_CRASH_LEDGER";
const SEED: &str = "PROBITY_CRASH_CITY";
const CHECKED: &str = "PROBITY_CRASH_LEDGER_CHECKED";
const CHILD: &str = "power::ledger::child_loads_cities_until_killed";
const PATIENCE: Duration = Duration::from_secs(120);
const THREADS: u64 = 4;
const ROUNDS: u64 = 3;
const CUTS: u64 = 4;
const CONTROL_CUTS: u64 = 60;

/// Noon in Asia/Shanghai on 2026-06-30, for ever.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_782_792_000_000_000)
    }
    fn monotonic_us(&self) -> i64 {
        0
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::default().with_segments_of(SEGMENT_BYTES_MIN);
    options.journal.engine.reopen_every = 400;
    options
}

fn open(dir: &Path) -> Result<Ledger, String> {
    let folder = DataFolder::at(dir);
    let opened = match folder.is_ledger() {
        true => Ledger::open(&folder, &options(), Arc::new(Noon)),
        false => Ledger::create(&folder, &options(), Arc::new(Noon)),
    };
    opened.map_err(|error| format!("it does not open: {error:?}"))
}

/// The child: by itself it has nothing to do.
#[test]
fn child_loads_cities_until_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let ledger = open(&Path::new(&dir).join("data")).unwrap();
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let ledger = ledger.clone();
            std::thread::spawn(move || {
                let mut loader = Loader::new(&ledger, seed * THREADS + number, 5_000);
                while let Some((brings, command)) = loader.next() {
                    let submission = Submission::internal(command, ActorKind::Operator);
                    let Ok(receipt) = ledger.log.submit_blocking(submission) else {
                        continue;
                    };
                    let text = format!("\nreceipt {} {}\n", receipt.last, receipt.entry_hash);
                    std::io::stdout().lock().write_all(text.as_bytes()).unwrap();
                    loader.note(brings, receipt);
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

type Receipts = BTreeMap<u64, String>;

fn take(receipts: &mut Receipts, said: &str) {
    for line in said.lines() {
        if let ["receipt", position, hash] = line.split(' ').collect::<Vec<_>>()[..] {
            receipts.insert(position.parse().unwrap(), hash.to_owned());
        }
    }
}

fn check_folder(dir: &Path, receipts: &Receipts) -> Result<(), String> {
    let data = dir.join("data");
    let ledger = match open(&data) {
        // Nothing was promised, and the folder does not pass for a ledger.
        Err(_) if receipts.is_empty() => return Ok(()),
        opened => opened?,
    };
    for (position, hash) in receipts {
        let frame = ledger
            .frame(Position(*position))
            .map_err(|error| format!("{error:?}"))?;
        let found = frame.map(|frame| frame.entry_hash.to_string());
        if found.as_ref() != Some(hash) {
            return Err(format!("receipt for {position}: {hash}, found {found:?}"));
        }
    }
    ledger.close();
    drop(ledger);
    let verified =
        verify(&DataFolder::at(&data), &options()).map_err(|error| format!("{error:?}"))?;
    match verified.sealed_parts {
        0 => Ok(()),
        parts => Err(format!("{parts} parts lost their keys")),
    }
}

/// The child that checks: by itself it has nothing to do.
#[test]
fn child_checks_a_ledger() {
    let Some(dir) = std::env::var_os(CHECKED) else {
        return;
    };
    let dir = Path::new(&dir);
    let mut receipts = Receipts::new();
    take(
        &mut receipts,
        &std::fs::read_to_string(dir.join("receipts")).unwrap(),
    );
    let verdict = std::panic::catch_unwind(|| check_folder(dir, &receipts));
    let verdict = verdict.unwrap_or_else(|_| Err("a panic".to_owned()));
    std::fs::write(dir.join("verdict"), verdict.err().unwrap_or_default()).unwrap();
}

fn check_in_time(dir: &Path, receipts: &Receipts) -> Result<(), String> {
    let lines = receipts
        .iter()
        .map(|(position, hash)| format!("receipt {position} {hash}\n"));
    std::fs::write(dir.join("receipts"), lines.collect::<String>()).unwrap();
    let status = ended_in_time(
        child("power::ledger::child_checks_a_ledger").env(CHECKED, dir),
        PATIENCE,
    );
    let status = status.ok_or("it never opens")?;
    let verdict = std::fs::read_to_string(dir.join("verdict"));
    match verdict
        .map_err(|_| format!("the process that opened it died: {status}"))?
        .as_str()
    {
        "" => Ok(()),
        why => Err(why.to_owned()),
    }
}

/// What kill −9 leaves of a ledger that was being written to: its `data` folder.
pub fn killed_ledger(receipts: usize) -> tempfile::TempDir {
    let root = scratch();
    let mut child = child(CHILD)
        .env(FOLDER, root.path())
        .env(SEED, "1")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let count = lines
        .by_ref()
        .filter(|line| line.starts_with("receipt "))
        .take(receipts)
        .count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(count, receipts, "the child died alone");
    root
}

struct Run {
    before: Disk,
    happened: Vec<Happened>,
}

fn run_and_kill(dice: &mut Dice) -> Run {
    let (root, record) = (scratch(), scratch());
    let record = record.path().join("record");
    let before = Disk::of(root.path());
    let mut child = recorded_child(CHILD, root.path(), &record)
        .env(FOLDER, root.path())
        .env(SEED, dice.below(1 << 20).to_string())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let most = usize::try_from(3_000 + dice.below(500)).unwrap();
    let receipts = lines
        .by_ref()
        .filter(|line| line.starts_with("receipt "))
        .take(most)
        .count();
    std::thread::sleep(Duration::from_micros(dice.below(20_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(receipts, most, "the child died alone");
    Run {
        before,
        happened: read(&record),
    }
}

/// Cuts the power at a number of moments, the last of them the kill; the first complaint.
fn cut(run: &Run, moments: &[usize], ignored: Ignored<'_>, dice: &mut Dice) -> Result<(), String> {
    let (mut disk, mut receipts) = (run.before.clone(), Receipts::new());
    for number in 0..=run.happened.len() {
        for _ in moments.iter().filter(|moment| **moment == number) {
            let (survives, left) = (Survives::random(dice), scratch());
            disk.cut(survives, dice, left.path());
            let place = format!("at record {number} of {}, {survives:?}", run.happened.len());
            check_in_time(left.path(), &receipts).map_err(|why| format!("{place}: {why}"))?;
        }
        if let Some(happened) = run.happened.get(number) {
            disk.take(happened, ignored);
            if let Happened::Said(text) = happened {
                take(&mut receipts, text);
            }
        }
    }
    Ok(())
}

#[test]
fn every_receipt_of_a_ledger_survives_a_power_cut_with_its_keys() {
    let (seed, rounds) = (seed(), rounds(ROUNDS));
    for round in 0..rounds {
        let mut dice = Dice::new(seed, 3_000 + round);
        let run = run_and_kill(&mut dice);
        let (rotations, reopens) = super::turns(&run.happened, "data/log/floor");
        let mut moments: Vec<_> = (1..CUTS)
            .map(|_| dice.below(run.happened.len() as u64) as usize)
            .collect();
        moments.push(run.happened.len());
        let verdict = cut(&run, &moments, &|_| false, &mut dice);
        println!(
            "round {round}: {rotations} rotations, {reopens} reopenings, {} records, {CUTS} cuts",
            run.happened.len()
        );
        verdict.unwrap_or_else(|why| panic!("round {round}: {why}"));
        assert!(rotations >= 3 && reopens >= 1, "the run was too short");
    }
}

#[test]
fn a_key_ring_that_is_not_synced_before_its_entry_is_noticed() {
    let mut dice = Dice::new(seed(), 4_000);
    let run = run_and_kill(&mut dice);
    for (name, ignored) in [
        (
            "key ring",
            (&|s: &super::disk::Synced<'_>| !s.is_folder && s.path.starts_with("data/keys/"))
                as Ignored<'_>,
        ),
        ("folder of the keys", &|s| {
            s.is_folder && s.path.starts_with("data/keys")
        }),
        ("folder of the ledger", &|s| s.is_folder && s.path == "data"),
    ] {
        let noticed = (1..=CONTROL_CUTS).find_map(|number| {
            let moment = dice.below(run.happened.len() as u64) as usize;
            let why = cut(&run, &[moment], ignored, &mut dice).err()?;
            Some((number, why))
        });
        let (number, why) =
            noticed.unwrap_or_else(|| panic!("{name}: switched off, and nothing noticed"));
        println!(
            "{name}: noticed at cut {number}: {}",
            why.chars().take(160).collect::<String>()
        );
    }
}
