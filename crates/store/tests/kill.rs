//! kill −9 of a real process, again and again: what was acknowledged is there, nothing is between.
//!
//! This shows the order of writes and acknowledgements, not the fsync: a killed process leaves the
//! page cache behind. The power-cut test is another one.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use probity_store::{Head, LogStore, PageLimit, SledOptions, SledStore};
use probity_types::Position;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const FOLDER: &str = "PROBITY_KILL_TEST_FOLDER";
const ROUNDS: u32 = 10;
/// Small, so that kills also meet the reopening.
const REOPEN_EVERY: u64 = 500;

fn entry(position: u64) -> Vec<u8> {
    let mut bytes = position.to_be_bytes().to_vec();
    bytes.resize(8 + (position * 131 % 900) as usize, position as u8);
    bytes
}

fn options() -> SledOptions {
    SledOptions {
        reopen_every: REOPEN_EVERY,
        ..SledOptions::default()
    }
}

/// The child: appends until it is killed and prints each position only after its append returned.
/// Without the variable, as an ordinary test, it has nothing to do.
#[test]
fn child_appends_until_killed() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut store = SledStore::open(Path::new(&dir), options()).unwrap();
    for round in 0_u64.. {
        let head = store.head();
        let from = head.next.0;
        let entries: Vec<Vec<u8>> = (from..from + 1 + round * 7 % 40).map(entry).collect();
        let next = Position(from + entries.len() as u64);
        let entry_hash = *blake3::hash(entries.last().unwrap()).as_bytes();
        store
            .append(head, &entries, Head { next, entry_hash })
            .unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nacknowledged {}", next.0 - 1).unwrap();
        out.flush().unwrap();
    }
}

/// Random numbers that one printed seed repeats.
struct Dice(blake3::OutputReader);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % limit
    }
}

#[test]
fn everything_acknowledged_before_a_kill_is_found_after_it() {
    let seed = std::env::var("PROBITY_SEED")
        .ok()
        .and_then(|s| s.parse().ok());
    let seed = seed.unwrap_or_else(|| getrandom::u64().unwrap());
    println!("PROBITY_SEED={seed}");
    let mut dice = Dice(
        blake3::Hasher::new()
            .update(&seed.to_le_bytes())
            .finalize_xof(),
    );
    let dir = tempfile::tempdir().unwrap();
    Box::new(SledStore::create(dir.path(), options()).unwrap())
        .close()
        .unwrap();
    let mut unacknowledged = 0;
    for round in 0..ROUNDS {
        let acknowledged = run_child_and_kill_it(dir.path(), &mut dice);
        // Opening takes the lock: the kernel released it with the process.
        let store = SledStore::open(dir.path(), options()).unwrap();
        let (head, reader) = (store.head(), store.reader());
        assert!(
            head.next.0 > acknowledged,
            "round {round}: {head:?} lost {acknowledged}"
        );
        unacknowledged += head.next.0 - acknowledged - 1;
        let mut at = 0;
        while at < head.next.0 {
            let page = reader.page(Position(at), PageLimit::MOST).unwrap();
            assert!(
                (at..).zip(&page).all(|(p, e)| *e == entry(p)),
                "round {round} from {at}"
            );
            at += page.len() as u64;
        }
        assert_eq!(
            head.entry_hash,
            *blake3::hash(&entry(head.next.0 - 1)).as_bytes()
        );
        println!(
            "round {round}: acknowledged {acknowledged}, found {}",
            head.next.0 - 1
        );
    }
    println!("{unacknowledged} entries were found that nobody was told of");
}

fn run_child_and_kill_it(dir: &Path, dice: &mut Dice) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_appends_until_killed", "--nocapture"])
        .env(FOLDER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let number = |line: String| line.strip_prefix("acknowledged ")?.parse::<u64>().ok();
    let after = 1 + dice.below(60) as usize;
    let mut last = lines
        .by_ref()
        .filter_map(number)
        .nth(after - 1)
        .expect("the child died alone");
    // Somewhere inside one of the next appends.
    let pause = std::time::Duration::from_micros(dice.below(3_000));
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had printed before it died was acknowledged as well.
    last = lines.filter_map(number).last().unwrap_or(last);
    last
}
