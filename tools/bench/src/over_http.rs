//! Over HTTP, the server in a process of its own: reports from 64 clients, status of a random subject; beside them the bare
//! server, which takes and returns the same bytes.

use crate::client::{Requests, Told, ask_each, ask_once, get, load};
use crate::lab::{Lab, Run, median, percentile, rate};
use crate::load::{City, key};
use crate::program::Server;
use crate::proofs;
use crate::reports::Reports;
use crate::row::{Row, Target};
use std::collections::BTreeMap;
use std::path::Path;

/// Clients that report.
pub const WRITERS: usize = 64;
/// Clients that read.
pub const READERS: usize = 16;
/// Subjects whose status is asked for in turn.
const SUBJECTS: usize = 20_000;
/// What append over HTTP has to be of the bare server, and of PostgreSQL.
const APPEND_RATIO: f64 = 0.3;
const POSTGRES_RATIO: f64 = 3.0;
/// What a status has to be of the bare server.
const STATUS_RATIO: f64 = 0.8;
/// Reports that are made ahead; each sending is another act.
pub const REPORTS: usize = 4_096;

/// Requests for the status of organisations, in an order that follows nothing.
fn status_requests(city: &City) -> Vec<Vec<u8>> {
    let bearer = format!("Bearer {}", key());
    let ids = &city.load.organisations;
    let count = ids.len().max(1);
    // A step that has no factor in common with the count passes every subject.
    let step = (count * 5 / 8..)
        .find(|step| gcd(*step, count) == 1)
        .unwrap_or(1);
    (0..SUBJECTS.min(count))
        .filter_map(|turn| ids.get(turn * step % count))
        .map(|id| {
            let path = format!("/v1/subjects/{id}/status");
            get(&path, &[("authorization", &bearer)])
        })
        .collect()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The bare server beside ours, with answers as long as ours.
struct Pair<'a> {
    ours: &'a Server,
    bare: Server,
    statuses: Requests,
}

impl<'a> Pair<'a> {
    fn start(folder: &Path, ours: &'a Server, city: &City, reports: &Requests) -> Run<Self> {
        let statuses = status_requests(city);
        let mut bodies = Vec::new();
        for request in statuses.iter().take(200) {
            let (status, body) = ask_once(ours.address, request)?;
            if status == 200 {
                bodies.push(body);
            }
        }
        // The answer of middle length stands for all.
        bodies.sort_by_key(Vec::len);
        let middle = bodies.get(bodies.len() / 2).ok_or("no status is public")?;
        let (status, written) = ask_once(ours.address, &reports.one())?;
        if status / 100 != 2 {
            let text = String::from_utf8_lossy(&written).into_owned();
            return Err(format!("a report is refused with {status}: {text}").into());
        }
        let files = [folder.join("read.json"), folder.join("written.json")];
        std::fs::write(&files[0], middle)?;
        std::fs::write(&files[1], written)?;
        Ok(Self {
            ours,
            bare: Server::bare(&files[0], &files[1])?,
            statuses: shown(ours, statuses)?,
        })
    }
}

/// Leaves out those whom the public does not see: their answer is another and shorter one.
fn shown(ours: &Server, requests: Vec<Vec<u8>>) -> Run<Requests> {
    let statuses = ask_each(ours.address, &requests)?;
    let pairs = requests.into_iter().zip(statuses);
    let public = pairs.filter(|(_, status)| *status == 200);
    Ok(Requests::numbered(
        public.map(|(request, _)| request).collect(),
        0,
    ))
}

/// Answers a second and the time that 99 of 100 stay below, round by round.
#[derive(Debug, Default)]
pub struct Rounds {
    rates: Vec<f64>,
    middle: Vec<f64>,
    slow: Vec<f64>,
}

impl Rounds {
    /// One more.
    pub fn add(&mut self, told: &Told) {
        self.rates.push(rate(told.good(), told.took));
        self.middle.push(f64::from(percentile(&told.times_us, 0.5)));
        self.slow.push(f64::from(percentile(&told.times_us, 0.99)));
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        median(&self.rates)
    }

    /// Time in µs that half of the answers stay below.
    pub fn middle(&self) -> f64 {
        median(&self.middle)
    }

    /// Time in µs that 99 of 100 stay below.
    pub fn slow(&self) -> f64 {
        median(&self.slow)
    }

    fn times(&self) -> String {
        format!("p50 {} µs, p99 {} µs", self.middle(), self.slow())
    }
}

/// Rows over HTTP. `postgres` is what 64 connections to PostgreSQL take, where that was measured.
///
/// # Errors
/// A server does not come up or refuses.
pub fn rows(lab: &Lab, ours: &Server, city: &City, postgres: Option<f64>) -> Run<Vec<Row>> {
    let mut reports = Reports::about(lab.size.city, 77);
    let reports = Requests::numbered(reports.requests(REPORTS)?, 0);
    let pair = Pair::start(&lab.folder, ours, city, &reports)?;
    let mut rows = status_rows(lab, &pair)?;
    rows.extend(append_rows(lab, &pair, &reports, postgres)?);
    rows.push(mixed_row(lab, &pair, &reports)?);
    drop(pair);
    rows.extend(proofs::inclusion_rows(lab, ours)?);
    rows.extend(proofs::lag_rows(lab, ours, &reports)?);
    Ok(rows)
}

fn status_rows(lab: &Lab, pair: &Pair<'_>) -> Run<Vec<Row>> {
    lab.say("status over HTTP");
    let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
    // Both meet warm caches.
    for server in [pair.ours, &pair.bare] {
        load(server.address, READERS, &pair.statuses, lab.size.round / 2)?;
    }
    for _ in 0..lab.size.rounds {
        for (server, rounds) in [(pair.ours, &mut ours), (&pair.bare, &mut bare)] {
            let told = load(server.address, READERS, &pair.statuses, lab.size.round)?;
            rounds.add(&told.all_good("status")?);
            lab.rest();
        }
    }
    let note = format!("{}; bare: {}", ours.times(), bare.times());
    let what = format!("status of a random organisation, {READERS} clients");
    let slow = ours.slow() / 1_000.0;
    Ok(vec![
        Row::new("status_http", &what, ours.rate(), "answers/s")
            .beside(bare.rate(), "bare axum")
            .target(Target::RatioAtLeast(STATUS_RATIO))
            .note(note),
        Row::new(
            "status_http_p99",
            "the same, 99 of 100 answered within",
            slow,
            "ms",
        )
        .beside(bare.slow() / 1_000.0, "bare axum"),
    ])
}

fn append_rows(
    lab: &Lab,
    pair: &Pair<'_>,
    reports: &Requests,
    postgres: Option<f64>,
) -> Run<Vec<Row>> {
    lab.say("append over HTTP");
    let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
    let mut statuses = BTreeMap::<u16, u64>::new();
    let mut refusal = None;
    for _ in 0..lab.size.rounds {
        let told = load(pair.ours.address, WRITERS, reports, lab.size.round)?;
        refusal = refusal.or_else(|| told.refusal.clone());
        for (status, count) in &told.statuses {
            *statuses.entry(*status).or_default() += count;
        }
        ours.add(&told);
        lab.rest();
        let again = reports.from(0);
        let told = load(pair.bare.address, WRITERS, &again, lab.size.round)?;
        bare.add(&told.all_good("the bare server")?);
        lab.rest();
    }
    let refused: u64 = statuses
        .iter()
        .filter(|(s, _)| **s / 100 != 2)
        .map(|(_, n)| n)
        .sum();
    let all: u64 = statuses.values().sum();
    if refused * 100 > all {
        let why = refusal.unwrap_or_default();
        return Err(format!("append over HTTP: answers by status: {statuses:?}; {why}").into());
    }
    let note = format!("{}; answers by status {statuses:?}", ours.times());
    let what = format!("report, validated, decided, durable, projected; {WRITERS} clients");
    let value = ours.rate();
    let mut rows = vec![
        Row::new("append_http_64", &what, value, "reports/s")
            .beside(bare.rate(), "bare axum")
            .target(Target::RatioAtLeast(APPEND_RATIO))
            .note(note),
    ];
    if let Some(postgres) = postgres {
        rows.push(
            Row::new("append_http_64_postgresql", "the same", value, "reports/s")
                .beside(
                    postgres,
                    "PostgreSQL, 64 connections, an event a transaction",
                )
                .target(Target::RatioAtLeast(POSTGRES_RATIO)),
        );
    }
    Ok(rows)
}

/// Reads while reports come in as fast as they can: the applier moves them into the store and reopens it meanwhile.
fn mixed_row(lab: &Lab, pair: &Pair<'_>, reports: &Requests) -> Run<Row> {
    lab.say("status while reports come in");
    let length = lab.size.round * 4;
    let address = pair.ours.address;
    let writing = reports.clone();
    let writer = std::thread::spawn(move || {
        let told = load(address, WRITERS, &writing, length);
        told.map(|told| told.good())
            .map_err(|error| error.to_string())
    });
    let told = load(address, 4, &pair.statuses, length)?.all_good("status")?;
    let written = writer.join().map_err(|_| "the writing client panicked")??;
    let slow = f64::from(percentile(&told.times_us, 0.99)) / 1_000.0;
    let slowest = told.times_us.last().copied().unwrap_or(0) / 1_000;
    let what = "status while 64 clients report, 99 of 100 answered within";
    Ok(
        Row::new("status_http_p99_under_load", what, slow, "ms").note(format!(
            "{} answers beside {written} reports in {} s; the slowest took {slowest} ms",
            told.good(),
            length.as_secs()
        )),
    )
}
