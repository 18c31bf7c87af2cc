//! Full append load for a long time: does anything grow or slow down?

use crate::client::{Requests, load};
use crate::graph::{Line, graph};
use crate::lab::{Lab, Run, disk_bytes, memory};
use crate::load::{City, load as load_city};
use crate::over_http::{REPORTS, WRITERS};
use crate::program::Server;
use crate::reports::Reports;
use crate::row::figure;
use probity_city::Scale;
use std::path::Path;
use std::time::{Duration, Instant};

/// Time of one sample.
const SAMPLE: Duration = Duration::from_secs(10);
/// Free disk space at which a soak ends early.
const FREE_BYTES_MIN: u64 = 10 << 30;
/// What the last quarter may be more than the first, or less.
const FLAT: f64 = 0.1;

/// One sample.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at_s: f64,
    reports_per_s: f64,
    memory_mib: f64,
    waiting: f64,
    disk_mib_per_s: f64,
}

/// One figure of a sample.
type Figure = fn(&Sample) -> f64;

/// What is drawn and judged.
const SERIES: [(&str, Figure); 4] = [
    ("reports a second", |s| s.reports_per_s),
    ("resident memory, MiB", |s| s.memory_mib),
    ("committed entries not yet in the store behind", |s| {
        s.waiting
    }),
    ("disk, MiB a second", |s| s.disk_mib_per_s),
];

/// Runs the load and writes what came of it into `docs/`.
///
/// # Errors
/// The server refuses or goes down.
pub fn run(lab: &Lab, minutes: u64, docs: &Path, day: &str) -> Run<()> {
    let scale = Scale::for_records(20_000);
    let folder = lab.fresh("soak")?;
    let city = City {
        data: folder.join("data"),
        load: load_city(&folder.join("data"), scale)?,
    };
    let requests = Requests::numbered(Reports::about(scale, 79).requests(REPORTS)?, 0);
    let server = Server::probity(&lab.program, &city.data)?;
    let samples = sample(
        lab,
        &server,
        &city,
        &requests,
        Duration::from_secs(minutes * 60),
    )?;
    drop(server);
    std::fs::remove_dir_all(&folder)?;
    let verdict = verdict(&samples);
    println!("{verdict}");
    let lines = SERIES.map(|(label, of)| Line {
        label: label.to_owned(),
        points: samples.iter().map(|s| (s.at_s / 60.0, of(s))).collect(),
    });
    let picture = graph("minutes", &lines);
    std::fs::write(docs.join("soak.svg"), picture)?;
    let part = format!(
        "## Soak\n\nMachine: {}. Date: {day}. Command: `cargo xtask bench --soak {minutes}`. {WRITERS} clients report \
         over HTTP as fast as they are answered, into a ledger of {} subjects; client and server share the cores. \
         A sample is {} s.\n\n{verdict}\n\n![Rate, memory, lag and disk over time](soak.svg)",
        crate::report::machine(),
        figure(city.load.subjects as f64),
        SAMPLE.as_secs()
    );
    crate::report::write_part(&docs.join("benchmarks.md"), "soak", &part)
}

fn free_bytes(folder: &Path) -> Run<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail * stat.f_frsize)
}

fn sample(
    lab: &Lab,
    server: &Server,
    city: &City,
    requests: &Requests,
    length: Duration,
) -> Run<Vec<Sample>> {
    let began = Instant::now();
    let mut samples = Vec::new();
    let mut disk = disk_bytes(&city.data, "")?;
    while began.elapsed() < length {
        let told = load(server.address, WRITERS, requests, SAMPLE)?.all_good("soak")?;
        let now = disk_bytes(&city.data, "")?;
        let seconds = told.took.as_secs_f64();
        let grown = now as f64 - disk as f64;
        disk = now;
        let sample = Sample {
            at_s: began.elapsed().as_secs_f64(),
            reports_per_s: told.good() as f64 / seconds,
            memory_mib: memory(server.id())?.0 as f64 / 1_048_576.0,
            waiting: waiting(server)?,
            disk_mib_per_s: grown / seconds / 1_048_576.0,
        };
        lab.say(&format!(
            "{:>6.0} s: {:>6.0} reports/s, {:>6.0} MiB, {:>6.0} waiting, {:>6.2} MiB/s",
            sample.at_s,
            sample.reports_per_s,
            sample.memory_mib,
            sample.waiting,
            sample.disk_mib_per_s
        ));
        samples.push(sample);
        if free_bytes(&lab.folder)? < FREE_BYTES_MIN {
            lab.say("the disk is nearly full: ending early");
            break;
        }
    }
    Ok(samples)
}

/// How far the store behind lags, as the server's own figures say; 0 where they say nothing.
fn waiting(server: &Server) -> Run<f64> {
    let (_, text) = crate::client::ask_once(server.address, &crate::client::get("/metrics", &[]))?;
    let text = String::from_utf8(text)?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("probity_log_waiting_entries "));
    Ok(line
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0.0))
}

/// First quarter against last, for each of the four.
fn verdict(samples: &[Sample]) -> String {
    let quarter = (samples.len() / 4).max(1);
    let mean =
        |some: &[Sample], of: Figure| some.iter().map(of).sum::<f64>() / some.len().max(1) as f64;
    let (first, last) = (
        &samples[..quarter.min(samples.len())],
        &samples[samples.len().saturating_sub(quarter)..],
    );
    let reports: f64 = samples
        .iter()
        .map(|sample| sample.reports_per_s * SAMPLE.as_secs_f64())
        .sum();
    let mut out =
        String::from("| what | first quarter | last quarter | verdict |\n|---|---:|---:|---|\n");
    for (what, of) in SERIES {
        let (before, after) = (mean(first, of), mean(last, of));
        let change = (after - before) / before.max(1e-9);
        let verdict = match change {
            change if before == 0.0 && after == 0.0 || change.abs() <= FLAT => "flat".to_owned(),
            change => format!("not flat: {:+.0} %", change * 100.0),
        };
        out += &format!(
            "| {what} | {} | {} | {verdict} |\n",
            figure(before),
            figure(after)
        );
    }
    let grown = mean(last, |s| s.memory_mib) - mean(first, |s| s.memory_mib);
    let bytes = grown * 1_048_576.0 / (reports * 0.75).max(1.0);
    out + &format!(
        "\n{} reports in all; memory grew by {bytes:.0} bytes a report between the two quarters.",
        figure(reports)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_tells_flat_from_growing() {
        let sample = |place: u32| Sample {
            at_s: f64::from(place) * 10.0,
            reports_per_s: 1_000.0,
            memory_mib: 100.0 + f64::from(place),
            waiting: 0.0,
            disk_mib_per_s: 2.0,
        };
        let told = verdict(&(0..100).map(sample).collect::<Vec<_>>());
        assert!(
            told.contains("| reports a second | 1,000 | 1,000 | flat |"),
            "{told}"
        );
        assert!(
            told.contains("memory, MiB | 112 | 187 | not flat: +67 %"),
            "{told}"
        );
        assert!(told.contains("behind | 0 | 0 | flat |"), "{told}");
    }
}
