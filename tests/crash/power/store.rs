//! Power cuts under the journalled store alone.

use super::disk::{Disk, Ignored, Survives};
use super::record::{Happened, child, ended_in_time, read, recorded_child};
use super::turns;
use crate::support::{Dice, rounds, scratch, seed};
use probity_store::{
    Head, JournalOptions, JournalStore, LogReader, LogStore, PageLimit, SEGMENT_BYTES_MIN,
    SledOptions, StoreError,
};
use probity_types::{LogId, Position};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

const LOG: LogId = LogId([5; 16]);
const FOLDER: &str = "PROBITY_CRASH_STORE";
const ENTRIES: &str = "PROBITY_CRASH_ENTRIES";
const CHECKED: &str = "PROBITY_CRASH_CHECKED";
/// Entries between two reopenings of sled.
const REOPEN_EVERY: u64 = 5_000;
const WRITERS: u32 = 6;
/// Longer than any opening takes here, shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(60);
/// Power cuts that are built from the record of one child: one at its death, the others at random moments.
const CUTS: usize = 4;
/// Children of the ordinary run.
const ROUNDS: u64 = 15;
/// Power cuts after which a barrier that is switched off has to have been noticed.
const CONTROL_CUTS: usize = 40;
/// Records after a telling moment within which the power is cut.
const NEAR: u64 = 6;

fn options() -> JournalOptions {
    JournalOptions {
        segment_bytes: SEGMENT_BYTES_MIN,
        engine: SledOptions {
            reopen_every: REOPEN_EVERY,
            open_patience: PATIENCE / 2,
            ..SledOptions::default()
        },
    }
}

/// An entry: hash of the one before, whose it is, and bytes that a redaction drops.
fn entry(before: [u8; 32], writer: u32, number: u64) -> Vec<u8> {
    let mut bytes = before.to_vec();
    bytes.extend_from_slice(&writer.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.resize(44 + (number * 131 % 700) as usize, writer as u8);
    bytes
}

const HEADER: usize = 44;

fn hash(entry: &[u8]) -> [u8; 32] {
    *blake3::hash(&entry[..HEADER]).as_bytes()
}

fn whose(entry: &[u8]) -> (u32, u64) {
    let writer = u32::from_le_bytes(entry[32..36].try_into().unwrap());
    (
        writer,
        u64::from_le_bytes(entry[36..HEADER].try_into().unwrap()),
    )
}

struct Waiting {
    writer: u32,
    number: u64,
    done: mpsc::Sender<()>,
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

/// One group: everything that waits, one append, and only then the promise.
fn commit(store: &mut JournalStore, group: Vec<Waiting>) {
    let head = store.head();
    let (mut before, mut entries) = (head.entry_hash, Vec::new());
    for waiting in &group {
        let entry = entry(before, waiting.writer, waiting.number);
        before = hash(&entry);
        entries.push(entry);
    }
    let next = Position(head.next.0 + entries.len() as u64);
    store
        .append(
            head,
            &entries,
            Head {
                next,
                entry_hash: before,
            },
        )
        .unwrap();
    let mut text = String::new();
    for (position, waiting) in (head.next.0..).zip(&group) {
        text += &format!("\nack {position} {} {}\n", waiting.writer, waiting.number);
    }
    say(&text);
    for waiting in group {
        // A writer that is gone needs no answer.
        let _ = waiting.done.send(());
    }
}

/// The child: appends from several threads until it is killed, or until there are so many entries; redacts now and then.
/// Without the variable, as an ordinary test, it has nothing to do.
#[test]
fn child_appends_until_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let most: u64 = std::env::var(ENTRIES).unwrap().parse().unwrap();
    let dir = Path::new(&dir).join("log");
    let mut store = match dir.join("sled").is_dir() {
        true => JournalStore::open(&dir, LOG, options()).unwrap(),
        false => JournalStore::create(&dir, LOG, options()).unwrap(),
    };
    let run = store.head().next.0;
    let (sender, receiver) = mpsc::channel();
    for writer in 0..WRITERS {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let (done, answered) = mpsc::channel();
            for number in run * 1_000.. {
                let done = done.clone();
                let asked = sender.send(Waiting {
                    writer,
                    number,
                    done,
                });
                if asked.is_err() || answered.recv().is_err() {
                    return;
                }
            }
        });
    }
    let mut redacted = false;
    // Each opening of sled writes this file anew.
    let floor = || {
        std::fs::metadata(dir.join("floor"))
            .map(|floor| floor.ino())
            .ok()
    };
    let mut opened = floor();
    while store.head().next.0 < most {
        let first = receiver.recv().unwrap();
        let group: Vec<_> = std::iter::once(first).chain(receiver.try_iter()).collect();
        commit(&mut store, group);
        if floor() != opened {
            opened = floor();
            say("\nreopened\n");
        }
        let head = store.head();
        if !redacted && head.next.0 - run > 3_000 {
            redacted = true;
            let position = Position(head.next.0 - 40);
            let old = store.reader().entry(position).unwrap().unwrap();
            store.redact(position, &old[..HEADER]).unwrap();
            say(&format!("\nredacted {position}\n"));
        }
    }
    say("\nclosing\n");
    Box::new(store).close().unwrap();
}

/// What was promised.
#[derive(Debug, Default, Clone)]
struct Promised {
    entries: BTreeMap<u64, (u32, u64)>,
    redacted: Vec<u64>,
}

impl Promised {
    fn read(path: &Path) -> Self {
        Self::from_lines(&std::fs::read_to_string(path).unwrap())
    }

    fn from_lines(text: &str) -> Self {
        let mut promised = Self::default();
        promised.take(text);
        promised
    }

    fn write(&self, path: &Path) {
        use std::fmt::Write;
        let mut text = String::new();
        for (position, (writer, number)) in &self.entries {
            writeln!(text, "ack {position} {writer} {number}").unwrap();
        }
        for position in &self.redacted {
            writeln!(text, "redacted {position}").unwrap();
        }
        std::fs::write(path, text).unwrap();
    }

    fn take(&mut self, said: &str) {
        for line in said.lines() {
            let words: Vec<_> = line.split(' ').collect();
            match words[..] {
                ["ack", position, writer, number] => {
                    let whose = (writer.parse().unwrap(), number.parse().unwrap());
                    self.entries.insert(position.parse().unwrap(), whose);
                }
                ["redacted", position] => self.redacted.push(position.parse().unwrap()),
                _ => {}
            }
        }
    }
}

/// Reads everything: gapless, chained, each writer's numbers once and in order, and all that was promised.
fn check(store: &JournalStore, promised: &Promised) -> Result<(), String> {
    let (head, reader) = (store.head(), store.reader());
    let mut latest: BTreeMap<u32, u64> = BTreeMap::new();
    let (mut at, mut before) = (0, [0; 32]);
    let mut missing = promised.entries.range(head.next.0..);
    if let Some((position, _)) = missing.next() {
        return Err(format!(
            "position {position} was acknowledged; the log ends at {}",
            head.next
        ));
    }
    while at < head.next.0 {
        let page = reader
            .page(Position(at), PageLimit::MOST)
            .map_err(|e| format!("{e:?}"))?;
        for entry in page {
            let (writer, number) = whose(&entry);
            if entry[..32] != before {
                return Err(format!("the chain breaks at {at}"));
            }
            if latest
                .insert(writer, number)
                .is_some_and(|last| number <= last)
            {
                return Err(format!(
                    "number {number} of writer {writer} at {at} is not the next"
                ));
            }
            if promised
                .entries
                .get(&at)
                .is_some_and(|whose| *whose != (writer, number))
            {
                return Err(format!("another entry than was acknowledged at {at}"));
            }
            if promised.redacted.contains(&at) && entry.len() > HEADER {
                return Err(format!("the redaction of {at} is gone"));
            }
            before = hash(&entry);
            at += 1;
        }
    }
    match before == head.entry_hash {
        true => Ok(()),
        false => Err("the head does not fit the last entry".to_owned()),
    }
}

/// Opens what a power cut left, checks it, appends, closes, and does so once more. What it holds in the end was read, so it
/// counts as promised from then on.
fn check_folder(dir: &Path, promised: &Promised) -> Result<Promised, String> {
    let log = dir.join("log");
    let mut holds = Promised::default();
    for _ in 0..2 {
        let opened = match JournalStore::open(&log, LOG, options()) {
            // Before the first promise a creation may have come to nothing, and is begun again.
            Err(StoreError::NoLog { .. } | StoreError::Folder(_))
                if promised.entries.is_empty() =>
            {
                JournalStore::create(&log, LOG, options())
            }
            opened => opened,
        };
        let mut store = opened.map_err(|error| format!("it does not open: {error:?}"))?;
        check(&store, promised)?;
        let head = store.head();
        let more = entry(head.entry_hash, WRITERS, head.next.0);
        let new = Head {
            next: head.next.next(),
            entry_hash: hash(&more),
        };
        store
            .append(head, &[more], new)
            .map_err(|error| format!("{error:?}"))?;
        holds = everything(store.reader().as_ref());
        Box::new(store)
            .close()
            .map_err(|error| format!("{error:?}"))?;
    }
    Ok(holds)
}

fn everything(reader: &dyn LogReader) -> Promised {
    let mut holds = Promised::default();
    for position in 0..reader.head().next.0 {
        let entry = reader.entry(Position(position)).unwrap().unwrap();
        holds.entries.insert(position, whose(&entry));
        if entry.len() == HEADER {
            holds.redacted.push(position);
        }
    }
    holds
}

/// The child that checks: by itself it has nothing to do.
#[test]
fn child_checks_a_folder() {
    let Some(dir) = std::env::var_os(CHECKED) else {
        return;
    };
    let dir = Path::new(&dir);
    let promised = Promised::read(&dir.join("promised"));
    let verdict = std::panic::catch_unwind(|| check_folder(dir, &promised));
    match verdict.unwrap_or_else(|_| Err("a panic".to_owned())) {
        Ok(holds) => holds.write(&dir.join("holds")),
        Err(why) => std::fs::write(dir.join("why"), why).unwrap(),
    }
}

/// Checks in a process of its own: one that never ends can be ended, and is named.
fn check_in_time(dir: &Path, promised: &Promised) -> Result<Promised, String> {
    promised.write(&dir.join("promised"));
    let mut child = child("power::store::child_checks_a_folder");
    let status = ended_in_time(child.env(CHECKED, dir), PATIENCE);
    let status = status.ok_or("it never opens")?;
    let taken = |name| {
        let path = dir.join(name);
        path.exists().then(|| {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            text
        })
    };
    drop(taken("promised"));
    match (taken("why"), taken("holds")) {
        (Some(why), _) => Err(why),
        (None, Some(text)) => Ok(Promised::from_lines(&text)),
        (None, None) => Err(format!("the process that opened it died: {status}")),
    }
}

/// The record of one child, and what it began with.
struct Run {
    before: Disk,
    promised: Promised,
    happened: Vec<Happened>,
}

/// A folder, and what it has to hold.
struct Base {
    dir: tempfile::TempDir,
    promised: Promised,
}

impl Base {
    fn empty() -> Self {
        let promised = Promised::default();
        Self {
            dir: scratch(),
            promised,
        }
    }
}

/// Runs a child and kills it at a random moment once it has written so many entries.
fn run_and_kill(base: &Base, dice: &mut Dice) -> Run {
    let record = scratch();
    let record = record.path().join("record");
    let before = Disk::of(base.dir.path());
    let mut child = recorded_child(CHILD, base.dir.path(), &record)
        .env(FOLDER, base.dir.path())
        .env(ENTRIES, u64::MAX.to_string())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    // Sled lags behind the journal: it is reopened when *it* has so many.
    let mut left = REOPEN_EVERY + dice.below(2_500);
    let (mut acknowledged, mut is_reopened) = (0, false);
    let enough = lines.any(|line| {
        acknowledged += u64::from(line.starts_with("ack "));
        if line == "reopened" && !is_reopened {
            is_reopened = true;
            left = left.max(acknowledged + dice.below(1_500));
        }
        is_reopened && acknowledged >= left
    });
    std::thread::sleep(Duration::from_micros(dice.below(4_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(enough, "the child died alone");
    Run {
        before,
        promised: base.promised.clone(),
        happened: read(&record),
    }
}

const FLOOR: &str = "log/floor";
const CHILD: &str = "power::store::child_appends_until_killed";

/// Cuts the power at these records, with some syncs taken for not made; the verdicts, with the last folder.
fn cut(
    run: &Run,
    moments: &[usize],
    ignored: Ignored<'_>,
    dice: &mut Dice,
) -> (Vec<Result<(), String>>, Base) {
    let (mut disk, mut promised) = (run.before.clone(), run.promised.clone());
    let (mut verdicts, mut base) = (Vec::new(), Base::empty());
    for number in 0..=run.happened.len() {
        for _ in moments.iter().filter(|moment| **moment == number) {
            let survives = Survives::random(dice);
            base = Base::empty();
            disk.cut(survives, dice, base.dir.path());
            let verdict = check_in_time(base.dir.path(), &promised);
            let verdict = verdict.map_err(|why| {
                format!(
                    "at record {number} of {}, {survives:?}: {why}",
                    run.happened.len()
                )
            });
            verdicts.push(verdict.map(|holds| base.promised = holds));
        }
        if let Some(happened) = run.happened.get(number) {
            disk.take(happened, ignored);
            if let Happened::Said(text) = happened {
                promised.take(text);
            }
        }
    }
    (verdicts, base)
}

fn random_moments(run: &Run, count: usize, dice: &mut Dice) -> Vec<usize> {
    (0..count)
        .map(|_| dice.below(run.happened.len() as u64) as usize)
        .collect()
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let (seed, rounds) = (seed(), rounds(ROUNDS));
    let mut base = Base::empty();
    let mut cuts = 0;
    for round in 0..rounds {
        let mut dice = Dice::new(seed, round);
        // A new folder now and then: its creation meets power cuts too. Otherwise one that lived through some.
        if base.promised.entries.len() > 25_000 || dice.chance(30) {
            base = Base::empty();
        }
        let run = run_and_kill(&base, &mut dice);
        let (rotations, reopens) = turns(&run.happened, FLOOR);
        let mut moments = random_moments(&run, CUTS - 1, &mut dice);
        moments.push(run.happened.len());
        let (verdicts, left) = cut(&run, &moments, &|_| false, &mut dice);
        println!(
            "round {round}: {} entries before, {} after; {rotations} rotations, {reopens} reopenings, {} records, {} cuts",
            run.promised.entries.len(),
            left.promised.entries.len(),
            run.happened.len(),
            verdicts.len(),
        );
        for verdict in verdicts {
            verdict.unwrap_or_else(|why| panic!("round {round}: {why}"));
            cuts += 1;
        }
        assert!(rotations >= 3 && reopens >= 1, "the run was too short");
        base = left;
    }
    println!("{rounds} children killed, {cuts} power cuts, nothing lost");
}

#[test]
fn the_record_holds_every_change_that_the_store_makes() {
    let (root, record) = (scratch(), scratch());
    let record = record.path().join("record");
    let mut disk = Disk::of(root.path());
    let ended = recorded_child(CHILD, root.path(), &record)
        .env(FOLDER, root.path())
        .env(ENTRIES, (REOPEN_EVERY + 2_500).to_string())
        .output()
        .unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let happened = read(&record);
    happened
        .iter()
        .for_each(|happened| disk.take(happened, &|_| false));
    let rebuilt = scratch();
    disk.cut(Survives::All, &mut Dice::new(0, 0), rebuilt.path());
    let differs = std::process::Command::new("diff")
        .arg("-r")
        .args([root.path(), rebuilt.path()])
        .output()
        .unwrap();
    assert!(
        differs.status.success(),
        "{}",
        String::from_utf8_lossy(&differs.stdout)
    );
    let (rotations, reopens) = turns(&happened, FLOOR);
    assert!(rotations >= 3 && reopens >= 1);
    println!(
        "{} records, {rotations} rotations, {reopens} reopenings",
        happened.len()
    );
}

/// Syncs of one kind are taken for not made; what is left must be found wanting, or the other tests show nothing.
fn check_control(name: &str, ignored: Ignored<'_>, near: impl Fn(&Happened) -> bool, runs: &[Run]) {
    let mut dice = Dice::new(seed(), 1_000);
    let (mut cuts, mut first) = (0, None);
    for run in runs.iter().cycle().take(CONTROL_CUTS) {
        let places = run.happened.iter().enumerate();
        let places: Vec<_> = places
            .filter(|(_, happened)| near(happened))
            .map(|(at, _)| at)
            .collect();
        let moment = match places.len() as u64 {
            0 => dice.below(run.happened.len() as u64) as usize,
            count => places[dice.below(count) as usize] + dice.below(NEAR) as usize,
        };
        cuts += 1;
        let (verdicts, _) = cut(run, &[moment.min(run.happened.len())], ignored, &mut dice);
        if let Some(why) = verdicts.into_iter().find_map(Result::err) {
            first = Some(why);
            break;
        }
    }
    let why = first
        .unwrap_or_else(|| panic!("{name}: switched off, and {cuts} power cuts did not notice"));
    println!(
        "{name}: noticed at cut {cuts}: {}",
        why.chars().take(160).collect::<String>()
    );
}

fn is_segment(path: &str) -> bool {
    path.contains("/segment-")
}

#[test]
fn each_barrier_that_is_switched_off_is_noticed() {
    let mut dice = Dice::new(seed(), 2_000);
    let fresh = run_and_kill(&Base::empty(), &mut dice);
    let (_, left) = cut(&fresh, &[fresh.happened.len()], &|_| false, &mut dice);
    let grown = [run_and_kill(&left, &mut dice)];
    let fresh = [fresh];
    let anywhere = |_: &Happened| false;
    let is_header = |happened: &Happened| matches!(happened, Happened::Write { path, offset: 0, .. } if path.starts_with("log/journal/"));
    let is_named = |name: &'static str| move |happened: &Happened| matches!(happened, Happened::Rename { to, .. } if to == name);
    check_control(
        "frame of the journal",
        &|s| is_segment(s.path) && !s.covers_front,
        anywhere,
        &grown,
    );
    check_control(
        "header of the next segment",
        &|s| is_segment(s.path) && s.covers_front,
        is_header,
        &grown,
    );
    check_control(
        "flush of sled",
        &|s| s.path.starts_with("log/sled/"),
        anywhere,
        &grown,
    );
    check_control(
        "folders of sled",
        &|s| s.is_folder && s.path.starts_with("log/sled"),
        anywhere,
        &grown,
    );
    check_control(
        "floor",
        &|s| s.path == "log/floor.new",
        is_named("log/floor"),
        &grown,
    );
    check_control(
        "folder of the log",
        &|s| s.is_folder && s.path == "log",
        anywhere,
        &fresh,
    );
    check_control(
        "files of a new journal",
        &|s| s.path.starts_with("log/journal.new/"),
        is_named("log/journal"),
        &fresh,
    );
    check_control(
        "files of a new sled",
        &|s| s.path == "log/sled/durability_cookie",
        anywhere,
        &fresh,
    );
}
