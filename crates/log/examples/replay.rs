//! Measures a replay of one data folder, part by part: reading, decoding and chain, opening, decision state, and the
//! state as bytes. `cargo run --release -p probity-log --example replay -- FOLDER [TIMES]`, on a copy. With TIMES the
//! entries are repeated under other ids, to see what the state of a larger city takes.

use probity_domain::{Entry, PartContent, Registry, Tagger};
use probity_format::chain::Chain;
use probity_format::events::{Event, Identity, Private};
use probity_log::idempotency::Idempotency;
use probity_log::walk::decode;
use probity_log::{Opener, walk};
use probity_store::keyring::{IfAbsent, KeyRing, MasterKey};
use probity_store::{JournalOptions, JournalStore, LogReader, LogStore, PageLimit};
use probity_types::{LogId, Position, StreamId};
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
    let mut state = State::empty(second);
    if let Some(times) = std::env::args().nth(2) {
        // Nothing before this frees memory that the state could take again unseen.
        let mut all = Vec::new();
        walk(&*reader, &opener, |entries| all.extend_from_slice(entries))?;
        let before = resident_kib();
        let start = Busy::now();
        for round in 0..times.parse()? {
            for entry in &all {
                state.take(&[under_other_ids(entry, round, entries)]);
            }
        }
        report("repeated", start, state.registry.next().0);
        let grown = resident_kib().saturating_sub(before);
        println!("{:<28} {grown:>8} KiB", "grown by");
    } else {
        parts(&*reader, &opener, first)?;
        let start = Busy::now();
        walk(&*reader, &opener, |entries| state.take(entries))?;
        report("walk with state, this thread", start, entries);
    }
    as_bytes(&state, third)
}

#[derive(Clone)]
struct State {
    registry: Registry,
    chain: Chain,
    done: Idempotency,
}

impl State {
    fn empty(tagger: Tagger) -> Self {
        Self {
            registry: Registry::empty(tagger),
            chain: Chain::default(),
            done: Idempotency::default(),
        }
    }

    fn take(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.registry.evolve(entry);
            self.chain.extend(&entry.header, |_| entry.hash);
            self.done.remember(&entry.header);
        }
    }
}

fn as_bytes(state: &State, tagger: Tagger) -> Result<(), Failure> {
    let entries = state.registry.next().0;
    let start = Busy::now();
    let digest = state.registry.digest();
    report("digest", start, entries);
    let start = std::time::Instant::now();
    let mut copy = state.clone();
    println!("{:<28} {:>8} us", "copy", start.elapsed().as_micros());
    let start = Busy::now();
    let mut bytes = Vec::new();
    state.registry.write(&mut bytes)?;
    let registry = bytes.len();
    state.chain.write(&mut bytes)?;
    let chain = bytes.len() - registry;
    state.done.write(&mut bytes)?;
    report("write", start, entries);
    let commands = bytes.len() - registry - chain;
    println!("{:<28} {registry} + {chain} + {commands}", "bytes");
    let start = Busy::now();
    let mut from = bytes.as_slice();
    copy.registry = Registry::read(tagger, &mut from)?;
    copy.chain = Chain::read(&mut from)?;
    copy.done = Idempotency::read(&mut from)?;
    report("read", start, entries);
    if !from.is_empty() || copy.registry.digest() != digest || copy.chain != state.chain {
        return Err("what was read is not what was written".into());
    }
    Ok(())
}

/// The same entry of another subject, under another command.
fn under_other_ids(entry: &Entry, round: u8, length: u64) -> Entry {
    let mut other = entry.clone();
    let turn = |id: &mut [u8; 16]| id.iter_mut().for_each(|byte| *byte ^= round);
    let header = &mut other.header;
    header.position.0 += u64::from(round) * length;
    turn(&mut header.command.0);
    if header.stream != StreamId::NONE {
        turn(&mut header.stream.0);
    }
    for part in &mut other.parts {
        turn(&mut part.key.root.0);
        if let PartContent::Opened(Private::Identity(identity)) = &mut part.content {
            rename(identity, round);
        }
    }
    match &mut other.event {
        Event::SubjectRegistered(event) => {
            if let Some(identity) = &mut event.identity {
                rename(identity, round);
            }
        }
        Event::PermitRecorded(event) => turn(&mut event.core.record.0),
        Event::PenaltyRecorded(event) => turn(&mut event.core.record.0),
        Event::CoercionRecorded(event) => turn(&mut event.core.record.0),
        Event::AdjudicationRecorded(event) => turn(&mut event.core.record.0),
        Event::JudgmentRecorded(event) => turn(&mut event.core.record.0),
        Event::ArrearRecorded(event) => turn(&mut event.core.record.0),
        Event::HonourRecorded(event) => turn(&mut event.core.record.0),
        Event::RecordCorrected(event) => turn(&mut event.core.record.0),
        Event::RecordVoided(event) => turn(&mut event.record.0),
        Event::RecordAnnulled(event) => turn(&mut event.record.0),
        Event::PerformanceRecorded(event) => turn(&mut event.record.0),
        Event::ListingDecided(event) => turn(&mut event.listing.0),
        Event::ListingEnded(event) => turn(&mut event.listing.0),
        Event::RecordParked(event) => turn(&mut event.pending.0),
        _ => {}
    }
    other
}

fn rename(identity: &mut Identity, round: u8) {
    let longer = format!("{}{round}", identity.name.as_str());
    identity.name = longer.try_into().unwrap_or_default();
    let held = identity.identifiers.iter().cloned();
    let held = held.map(|mut held| {
        let longer = format!("{}{round}", held.value.as_str());
        held.value = longer.try_into().unwrap_or_default();
        held
    });
    identity.identifiers = held.collect::<Vec<_>>().try_into().unwrap_or_default();
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
