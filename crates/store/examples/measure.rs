//! Measures the store and the key ring on this machine:
//! `cargo run --release -p probity-store --example measure -- [entries]`.

use probity_store::keyring::{KeyRing, MasterKey};
use probity_store::{Head, LogStore, PageLimit, SledOptions, SledStore};
use probity_types::{LogId, Position, RootId};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// Bodies as in the targets of the design, random so that compression does not flatter.
const ENTRY_BYTES: usize = 350;

fn main() -> Result<(), Box<dyn Error>> {
    let entries = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    appends(&dir.path().join("log"), entries)?;
    keys(&dir.path().join("keys"))
}

fn appends(dir: &Path, total: u64) -> Result<(), Box<dyn Error>> {
    let mut store = SledStore::create(dir, SledOptions::default())?;
    for (group, appends) in [(1_u64, 500_u64), (64, 200), (4_096, total / 4_096)] {
        let start = Instant::now();
        for _ in 0..appends {
            let head = store.head();
            let entries = (0..group)
                .map(|_| random_entry())
                .collect::<Result<Vec<_>, _>>()?;
            let new = Head {
                next: Position(head.next.0 + group),
                entry_hash: [1; 32],
            };
            store.append(head, &entries, new)?;
        }
        let ms = start.elapsed().as_millis().max(1);
        let per_second = u128::from(group * appends) * 1_000 / ms;
        println!("append, {group} entries a flush: {per_second} entries/s ({appends} flushes)");
    }
    let head = store.head();
    Box::new(store).close()?;
    println!(
        "on disk: {} bytes an entry of {ENTRY_BYTES}",
        folder_bytes(dir)? / head.next.0
    );
    let start = Instant::now();
    let store = SledStore::open(dir, SledOptions::default())?;
    println!(
        "open at {} entries: {} ms",
        head.next,
        start.elapsed().as_millis()
    );
    let (reader, start, mut at) = (store.reader(), Instant::now(), 0);
    while at < head.next.0 {
        at += reader.page(Position(at), PageLimit::MOST)?.len() as u64;
    }
    let us = start.elapsed().as_micros().max(1);
    println!(
        "read all, cold: {} entries/s",
        u128::from(at) * 1_000_000 / us
    );
    Ok(())
}

fn random_entry() -> Result<Vec<u8>, getrandom::Error> {
    let mut entry = vec![0; ENTRY_BYTES];
    getrandom::fill(&mut entry)?;
    Ok(entry)
}

fn folder_bytes(dir: &Path) -> std::io::Result<u64> {
    std::fs::read_dir(dir)?.try_fold(0, |sum, entry| {
        let entry = entry?;
        let meta = entry.metadata()?;
        Ok(sum
            + if meta.is_dir() {
                folder_bytes(&entry.path())?
            } else {
                meta.len()
            })
    })
}

fn keys(dir: &Path) -> Result<(), Box<dyn Error>> {
    const PERSONS: u128 = 480_000;
    let roots: Vec<RootId> = (0..PERSONS).map(|n| RootId(n.to_be_bytes())).collect();
    let master = MasterKey::from_bytes([1; 32]);
    let mut ring = KeyRing::create(dir, LogId([1; 16]), master.clone())?;
    let empty = ring.bytes_on_disk();
    let timed = |what: &str, start: Instant| println!("{what}: {} ms", start.elapsed().as_millis());
    let start = Instant::now();
    roots.chunks(256).try_for_each(|batch| ring.ensure(batch))?;
    timed("480,000 roots, 256 a sync", start);
    println!(
        "{} bytes a person",
        (ring.bytes_on_disk() - empty) / PERSONS as u64
    );
    let start = Instant::now();
    ring.destroy(roots[77])?;
    timed("destroy one of 480,000 (ring written again)", start);
    drop(ring);
    let start = Instant::now();
    let ring = KeyRing::open(dir, LogId([1; 16]), master)?;
    timed("open", start);
    let start = Instant::now();
    let found = (0..100_000).filter(|n| format!("{:?}", ring.key(roots[0], *n)) == "Key(..)");
    println!(
        "{} leaf keys: {} ms",
        found.count(),
        start.elapsed().as_millis()
    );
    Ok(())
}
