//! Durable appends in groups of 1, 16 and 64: our store with everything that makes an entry one, beside the plain file and
//! other stores with the same frames.

use crate::contenders::{Contender, Fjall, Plain, Redb, postgres, postgres::Postgres};
use crate::follower::Follower;
use crate::lab::{Lab, Run, median, rate};
use crate::row::{Row, Target};
use crate::workload::{LOG, Workload, mean_bytes};
use probity_domain::{IdSource, NewEvent};
use probity_format::Chain;
use probity_format::frame::ActorKind;
use probity_log::unit::{self, Envelope, Tip};
use probity_store::keyring::{IfAbsent, KeyRing, MasterKey};
use probity_store::{JournalOptions, JournalStore, LogReader, LogStore, MemoryDisk, MemoryStore};
use probity_types::{CommandId, RequestTag, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Writers that wait for one commit.
pub const WRITERS: [usize; 3] = [1, 16, 64];
/// What a ratio to the plain file has to be.
const PLAIN_RATIO: f64 = 0.8;

/// Events a second that are made ahead; a machine that takes more ends its round early.
const EVENTS_PER_S: f64 = 160_000.0;

/// The writer's own steps on the writer's own store, without the domain: check, place, seal, chain, encode, append; the tree
/// is kept beside it.
pub struct Appender {
    /// Before the store: it is to be gone before the store is.
    follower: Option<Follower>,
    store: Box<dyn LogStore>,
    keys: KeyRing,
    chain: Chain,
    salts: IdSource,
    recorded_at: i64,
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appender").finish_non_exhaustive()
    }
}

impl Appender {
    /// An empty log in `folder` with keys for the workload.
    ///
    /// # Errors
    /// What store and key ring say.
    pub fn create(folder: &Path, workload: &Workload) -> Run<Self> {
        let store = JournalStore::create(&folder.join("log"), LOG, JournalOptions::default())?;
        let follower = Follower::start(&folder.join("tiles"), store.reader())?;
        let mut appender = Self::over(Box::new(store), folder, workload)?;
        appender.follower = Some(follower);
        Ok(appender)
    }

    /// The same over another store, and without a tree.
    ///
    /// # Errors
    /// What the key ring says.
    pub fn over(store: Box<dyn LogStore>, folder: &Path, workload: &Workload) -> Run<Self> {
        let master = MasterKey::from_file(&folder.join("master.key"), IfAbsent::Create)?;
        let mut keys = KeyRing::create(&folder.join("keys"), LOG, master)?;
        keys.ensure(&workload.roots())?;
        Ok(Self {
            follower: None,
            store,
            keys,
            chain: Chain::default(),
            salts: IdSource::new([9; 32]),
            recorded_at: 0,
        })
    }

    /// Entries so far.
    pub fn next(&self) -> u64 {
        self.chain.next().0
    }

    /// Reads what was appended.
    pub fn reader(&self) -> Arc<dyn LogReader> {
        self.store.reader()
    }

    /// How far tree and store lag; none where there is no tree.
    pub fn follower(&self) -> Option<&Follower> {
        self.follower.as_ref()
    }

    /// Makes one group durable; the frames as they were written.
    ///
    /// # Errors
    /// What the store says.
    pub fn append(&mut self, events: Vec<NewEvent>) -> Run<Vec<Vec<u8>>> {
        let mut tip = Tip::at(&self.chain);
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            let events = vec![event];
            unit::check(&events)?;
            let mut id = [0; 16];
            id[..8].copy_from_slice(&self.recorded_at.to_le_bytes());
            self.recorded_at += 1;
            let envelope = Envelope {
                actor_kind: ActorKind::AccessKey,
                actor: [1; 16],
                command: CommandId(id),
                request: RequestTag(id),
            };
            let at = Timestamp(self.recorded_at);
            entries.extend(unit::place(events, &envelope, at, &mut tip, &self.chain));
        }
        let (chain, keys, salts) = (&mut self.chain, &mut self.keys, &mut self.salts);
        let frames = unit::seal_group(LOG, &mut entries, chain, keys, salts)?;
        let new = probity_store::Head {
            next: self.chain.next(),
            entry_hash: self.chain.hash().0,
        };
        self.store.append(self.store.head(), &frames, new)?;
        Ok(frames)
    }

    /// Closes tree and log in order.
    ///
    /// # Errors
    /// What the tree or the store says.
    pub fn close(mut self) -> Run<()> {
        if let Some(follower) = self.follower.take() {
            follower.stop()?;
        }
        Ok(self.store.close()?)
    }
}

/// One round of ours: appends groups of `writers` until the time is over; the rate, and what was written.
fn our_round<'w>(
    appender: &mut Appender,
    events: &mut impl Iterator<Item = &'w NewEvent>,
    writers: usize,
    length: Duration,
) -> Run<(f64, Vec<Vec<Vec<u8>>>)> {
    // Copies are made ahead: a command of the interface owns its event as well.
    let ahead = (length.as_secs_f64() * EVENTS_PER_S) as usize / writers + 1;
    let mut groups: Vec<Vec<NewEvent>> = (0..ahead)
        .map(|_| events.by_ref().take(writers).cloned().collect())
        .collect();
    groups.reverse();
    let (mut written, mut count) = (Vec::with_capacity(ahead), 0);
    let began = Instant::now();
    while began.elapsed() < length {
        let Some(group) = groups.pop() else { break };
        count += group.len() as u64;
        written.push(appender.append(group)?);
    }
    Ok((rate(count, began.elapsed()), written))
}

/// One round of somebody else with what we wrote.
fn their_round(
    contender: &mut dyn Contender,
    groups: &[Vec<Vec<u8>>],
    first: u64,
    length: Duration,
) -> Run<(f64, u64)> {
    let (mut position, mut count) = (first, 0);
    let began = Instant::now();
    // All of ours, or as many as fit into the time of a slow one.
    for group in groups {
        contender.commit(position, group)?;
        position += group.len() as u64;
        count += group.len() as u64;
        if began.elapsed() > length * 2 {
            break;
        }
    }
    Ok((rate(count, began.elapsed()), count))
}

/// Everybody but us.
struct Others {
    all: Vec<(Box<dyn Contender>, u64)>,
    postgres: Option<(Postgres, u64)>,
}

impl Others {
    fn prepare(lab: &Lab, folder: &Path) -> Run<Self> {
        let plain: Box<dyn Contender> = Box::new(Plain::create(&folder.join("plain"))?);
        let mut all = vec![(plain, 0)];
        let mut database = None;
        if lab.size.has_peers {
            all.push((Box::new(Redb::create(folder)?), 0));
            all.push((Box::new(Fjall::create(folder)?), 0));
            match postgres::is_installed() {
                true => database = Some((Postgres::start(&folder.join("postgres"))?, 0)),
                false => lab.say("PostgreSQL 15 is not installed: its rows are left out"),
            }
        }
        Ok(Self {
            all,
            postgres: database,
        })
    }

    fn each(&mut self) -> impl Iterator<Item = (&mut dyn Contender, &mut u64)> {
        let all = self.all.iter_mut().map(|(one, next)| (&mut **one, next));
        let database = self.postgres.iter_mut();
        let database = database.map(|(one, next)| (one as &mut dyn Contender, next));
        all.map(|(one, next)| (one as &mut dyn Contender, next))
            .chain(database)
    }
}

/// Figures of all rounds at one number of writers.
struct Figures {
    writers: usize,
    ours: Vec<f64>,
    /// The plain file first.
    theirs: Vec<(&'static str, Vec<f64>)>,
    /// PostgreSQL from as many connections as there are writers.
    clients: Vec<f64>,
    frame_bytes: f64,
}

fn measure(
    lab: &Lab,
    writers: usize,
    appender: &mut Appender,
    others: &mut Others,
    workload: &Workload,
) -> Run<Figures> {
    lab.say(&format!("append, {writers} writers"));
    let mut events = workload.mixed();
    let names = others.each().map(|(one, _)| (one.name(), Vec::new()));
    let mut figures = Figures {
        writers,
        ours: Vec::new(),
        theirs: names.collect(),
        clients: Vec::new(),
        frame_bytes: 0.0,
    };
    for _ in 0..lab.size.rounds {
        let (rate, groups) = our_round(appender, &mut events, writers, lab.size.round)?;
        figures.ours.push(rate);
        figures.frame_bytes = mean_frame(&groups);
        lab.rest();
        for ((one, next), (_, rates)) in others.each().zip(&mut figures.theirs) {
            let (rate, count) = their_round(one, &groups, *next, lab.size.round)?;
            *next += count;
            rates.push(rate);
            lab.rest();
        }
        if let Some((database, _)) = &mut others.postgres {
            let frames = Arc::new(groups.into_iter().flatten().take(4_096).collect());
            let rate = database.clients(writers, &frames, lab.size.round)?;
            figures.clients.push(rate);
            lab.rest();
        }
    }
    Ok(figures)
}

impl Figures {
    fn rows(&self, body_bytes: f64) -> Vec<Row> {
        let Self { writers, .. } = self;
        let ours = median(&self.ours);
        let plain = self.theirs.first().map_or(0.0, |(_, rates)| median(rates));
        let name = format!("append_{writers}");
        let what = format!("durable append, groups of {writers}");
        let note = format!(
            "the tree is followed beside; bodies of {body_bytes:.0} B on average, half of them sealed; frames of {:.0} B; our rounds {}",
            self.frame_bytes,
            spread(&self.ours)
        );
        let first = Row::new(&name, &what, ours, "events/s")
            .beside(plain, "plain file")
            .target(Target::RatioAtLeast(PLAIN_RATIO))
            .note(note);
        let peer = |short: &str, what: &str, rate: f64| {
            let name = format!("peer_{short}_{writers}");
            Row::new(&name, what, rate, "events/s")
                .beside(plain, "plain file")
                .note(format!("ours is {:.1} × as fast", ours / rate.max(1.0)))
        };
        let mut rows = vec![first];
        for (name, rates) in self.theirs.iter().skip(1) {
            let short = name.split(' ').next().unwrap_or(name).to_lowercase();
            let what = format!("{name}, the same frames in groups of {writers}");
            rows.push(peer(&short, &what, median(rates)));
        }
        if !self.clients.is_empty() {
            let what = format!("PostgreSQL 15, {writers} connections, an event a transaction");
            rows.push(peer("postgresql_clients", &what, median(&self.clients)));
        }
        rows
    }
}

/// Rows `append_N`, and the peers' where they are measured. The second answer is what 64 connections to PostgreSQL take.
///
/// # Errors
/// What a store says.
pub fn rows(lab: &Lab, workload: &Workload) -> Run<(Vec<Row>, Option<f64>)> {
    let folder = lab.fresh("append")?;
    let mut appender = Appender::create(&folder, workload)?;
    let mut others = Others::prepare(lab, &folder)?;
    let (mut rows, mut clients) = (Vec::new(), None);
    let body_bytes = (mean_bytes(&workload.open)? + mean_bytes(&workload.sealed)?) / 2.0;
    for writers in WRITERS {
        let figures = measure(lab, writers, &mut appender, &mut others, workload)?;
        rows.extend(figures.rows(body_bytes));
        clients = (!figures.clients.is_empty()).then(|| median(&figures.clients));
    }
    appender.close()?;
    drop(others);
    std::fs::remove_dir_all(folder)?;
    Ok((rows, clients))
}

fn mean_frame(groups: &[Vec<Vec<u8>>]) -> f64 {
    let frames = || groups.iter().flatten();
    let bytes: usize = frames().map(Vec::len).sum();
    bytes as f64 / frames().count().max(1) as f64
}

/// Slowest and fastest round.
fn spread(rates: &[f64]) -> String {
    let low = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let high = rates.iter().copied().fold(0.0, f64::max);
    format!(
        "{} to {}",
        crate::row::figure(low),
        crate::row::figure(high)
    )
}

/// Row `append_cpu_64`: the same without a disk, on one core. It says how much of `append_64` is ours to make less.
///
/// # Errors
/// What the key ring says.
pub fn cpu_row(lab: &Lab, workload: &Workload) -> Run<Row> {
    lab.say("append without a disk");
    let folder = lab.fresh("cpu")?;
    let mut rates = Vec::new();
    for _ in 0..lab.size.rounds {
        let store = Box::new(MemoryStore::open(&MemoryDisk::default())?);
        let keys = folder.join(rates.len().to_string());
        std::fs::create_dir(&keys)?;
        let mut appender = Appender::over(store, &keys, workload)?;
        let mut events = workload.mixed();
        let (rate, _) = our_round(&mut appender, &mut events, 64, lab.size.round)?;
        rates.push(rate);
    }
    std::fs::remove_dir_all(folder)?;
    let what = "check, place, seal, chain, encode, in groups of 64, into memory";
    Ok(Row::new("append_cpu_64", what, median(&rates), "events/s"))
}

/// Rows of disk space: an open and a sealed event at rest, once the journal has nothing left.
///
/// # Errors
/// What a store says.
pub fn disk_rows(lab: &Lab, workload: &Workload) -> Run<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, what, events, most) in [
        ("disk_open", "an open event at rest", &workload.open, 300.0),
        (
            "disk_sealed",
            "a sealed event at rest",
            &workload.sealed,
            600.0,
        ),
    ] {
        lab.say(what);
        let folder = lab.fresh("disk")?;
        let mut appender = Appender::create(&folder, workload)?;
        let mut source = events.iter().cycle().cloned();
        while appender.next() < lab.size.disk_events {
            appender.append(source.by_ref().take(1_000).collect())?;
        }
        let count = appender.next() as f64;
        appender.close()?;
        let log = crate::lab::disk_bytes(&folder.join("log"), "journal")?;
        let tiles = crate::lab::disk_bytes(&folder.join("tiles"), "")?;
        let bytes = (log + tiles) as f64;
        let note = format!(
            "{} events with bodies of {:.0} B on average; tiles are {:.0} B of it; journal and snapshots apart",
            crate::row::figure(count),
            mean_bytes(events)?,
            tiles as f64 / count
        );
        rows.push(
            Row::new(name, what, bytes / count, "bytes")
                .target(Target::AtMost(most))
                .note(note),
        );
        std::fs::remove_dir_all(folder)?;
    }
    Ok(rows)
}
