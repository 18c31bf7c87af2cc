//! Measures a replay of one data folder, part by part: reading, decoding and chain, opening, decision state, and the
//! state as bytes. `cargo run --release -p probity-log --example replay -- FOLDER`, on a copy.

use probity_domain::{Registry, Tagger};
use probity_format::chain::Chain;
use probity_log::idempotency::Idempotency;
use probity_log::walk::decode;
use probity_log::{Opener, walk};
use probity_store::keyring::{IfAbsent, KeyRing, MasterKey};
use probity_store::{JournalOptions, JournalStore, LogReader, LogStore, PageLimit};
use probity_types::{LogId, Position};
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

type Failure = Box<dyn std::error::Error>;

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Nanoseconds that this thread was on a processor: others on the machine do not count.
struct Busy(u64);

impl Busy {
    fn now() -> Self {
        let read = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let first = read.split_whitespace().next();
        Self(first.and_then(|first| first.parse().ok()).unwrap_or(0))
    }
}

fn report(what: &str, since: Busy, entries: u64) {
    let took = Busy::now().0 - since.0;
    let each = took / entries.max(1);
    println!("{what:<28} {:>8} ms {each:>8} ns/entry", took / 1_000_000);
}

fn main() -> Result<(), Failure> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("which folder?")?);
    let log: LogId = std::fs::read_to_string(folder.join("log-id"))?
        .trim()
        .parse()?;
    let store = JournalStore::open(&folder.join("log"), log, JournalOptions::default())?;
    let master = MasterKey::from_file(&folder.join("master.key"), IfAbsent::Fail)?;
    let ring = KeyRing::open(&folder.join("keys"), log, master)?;
    let tagger = || Tagger::new(*ring.secret("look-up"));
    let (first, second, third) = (tagger(), tagger(), tagger());
    let opener = Opener::with_keys(log, Arc::new(RwLock::new(ring)));
    let reader = store.reader();
    let entries = reader.head().next.0;
    parts(&*reader, &opener, first)?;
    let before = resident_kib();
    let (mut registry, mut done) = (Registry::empty(second), Idempotency::default());
    let start = Busy::now();
    let walked = walk(&*reader, &opener, |entries| {
        for entry in entries {
            registry.evolve(entry);
            done.remember(&entry.header);
        }
    })?;
    report("walk with state", start, entries);
    println!("{:<28} {:>8} KiB", "grown by", resident_kib() - before);
    let start = Busy::now();
    let digest = registry.digest();
    report("digest", start, entries);
    let start = Busy::now();
    let copies = (registry.clone(), walked.chain().clone(), done.clone());
    report("copy", start, entries);
    let start = Busy::now();
    let mut sizes = Vec::new();
    let mut bytes = Vec::new();
    copies.0.write(&mut bytes)?;
    sizes.push(bytes.len());
    copies.1.write(&mut bytes)?;
    sizes.push(bytes.len() - sizes[0]);
    copies.2.write(&mut bytes)?;
    report("write", start, entries);
    println!(
        "{:<28} {:>8} bytes, of which state and chain {sizes:?}",
        "",
        bytes.len()
    );
    let start = Busy::now();
    let mut from = bytes.as_slice();
    let again = Registry::read(third, &mut from)?;
    let chain = Chain::read(&mut from)?;
    Idempotency::read(&mut from)?;
    report("read", start, entries);
    if !from.is_empty() || again.digest() != digest || chain != *walked.chain() {
        return Err("what was read is not what was written".into());
    }
    Ok(())
}

/// The same walk in steps.
fn parts(reader: &dyn LogReader, opener: &Opener, tagger: Tagger) -> Result<(), Failure> {
    let head = reader.head().next;
    let count = head.0;
    let start = Busy::now();
    let (mut pages, mut at) = (Vec::new(), 0);
    while at < count {
        let page = reader.page(Position(at), PageLimit::MOST)?;
        at += page.len() as u64;
        pages.push(page);
    }
    report("read pages", start, count);
    let bytes: Vec<_> = pages.iter().flatten().collect();
    let start = Busy::now();
    let mut frames = Vec::with_capacity(bytes.len());
    for (position, bytes) in (0..).zip(&bytes) {
        frames.push(decode(Position(position), bytes)?);
    }
    report("decode", start, count);
    let start = Busy::now();
    let mut chain = Chain::default();
    for (frame, bytes) in frames.iter().zip(&bytes) {
        chain.push(frame, bytes.len() as u64)?;
    }
    report("chain", start, count);
    let start = Busy::now();
    let mut entries = Vec::with_capacity(frames.len());
    for frame in &frames {
        entries.push(opener.open(frame)?);
    }
    report("events and parts", start, count);
    let start = Busy::now();
    let mut registry = Registry::empty(tagger);
    entries.iter().for_each(|entry| registry.evolve(entry));
    report("decision state", start, count);
    let start = Busy::now();
    let mut done = Idempotency::default();
    entries
        .iter()
        .for_each(|entry| done.remember(&entry.header));
    report("idempotency", start, count);
    Ok(())
}
