//! Append load for a long time: does anything grow or slow down?
//!
//! The log alone has nothing that has to grow with it; the server remembers every identifier and key, so that its memory
//! grows with what it knows. Hence two soaks with the same samples.

mod cpu;
mod source;

use crate::graph::{Line, graph};
use crate::lab::{Lab, Run, disk_bytes, memory};
use crate::over_http::WRITERS;
use crate::row::figure;
use source::{GROUP, Http, Log, Source};
use std::path::Path;
use std::time::{Duration, Instant};

/// Time of one sample.
const SAMPLE: Duration = Duration::from_secs(10);
/// Free disk space at which a soak ends early.
const FREE_BYTES_MIN: u64 = 10 << 30;
/// What the last quarter may be more than the first, or less.
const FLAT: f64 = 0.1;

/// Where a soak is written down.
#[derive(Debug)]
pub struct Document<'a> {
    /// Folder of the documents.
    pub docs: &'a Path,
    /// Day of the run.
    pub day: &'a str,
}

/// One sample.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at_s: f64,
    events_per_s: f64,
    memory_mib: f64,
    waiting: f64,
    behind: f64,
    disk_mib_per_s: f64,
}

/// One figure of a sample.
type Figure = fn(&Sample) -> f64;

/// What is drawn and judged.
const SERIES: [(&str, Figure); 5] = [
    ("events a second", |s| s.events_per_s),
    ("resident memory, MiB", |s| s.memory_mib),
    ("committed entries not yet in the store behind", |s| {
        s.waiting
    }),
    ("committed entries not yet under a root", |s| s.behind),
    ("disk, MiB a second", |s| s.disk_mib_per_s),
];

/// Loads the embedded log and writes what came of it into the documents; `pace` is the most events a second.
///
/// # Errors
/// The log refuses or its tree stands still.
pub fn log(lab: &Lab, minutes: u64, pace: Option<u32>, document: &Document<'_>) -> Run<()> {
    let workload = crate::workload::Workload::make()?;
    let folder = lab.fresh("soak")?;
    let mut log = Log::create(folder.clone(), &workload, pace)?;
    let samples = sample(lab, &mut log, Duration::from_secs(minutes * 60))?;
    log.close()?;
    std::fs::remove_dir_all(&folder)?;
    let (speed, option) = match pace {
        None => ("as fast as they are acknowledged".to_owned(), String::new()),
        Some(pace) => (
            format!(
                "paced at {} events/s, so that all of it fits on the disk",
                figure(f64::from(pace))
            ),
            format!(" --pace {pace}"),
        ),
    };
    let about = format!(
        "Command: `cargo xtask bench --soak {minutes}{option}`. One writer appends groups of {GROUP} events, half of them \
         sealed, {speed}: keys, chain, journal and store as in the row `append_64`, the tree followed beside."
    );
    write(&samples, &about, ["Soak", "soak"], document)
}

/// The same over HTTP.
///
/// # Errors
/// The server refuses or goes down.
pub fn http(lab: &Lab, minutes: u64, document: &Document<'_>) -> Run<()> {
    let folder = lab.fresh("soak")?;
    let mut http = Http::start(lab, &folder)?;
    let samples = sample(lab, &mut http, Duration::from_secs(minutes * 60))?;
    let subjects = http.subjects();
    drop(http);
    std::fs::remove_dir_all(&folder)?;
    let about = format!(
        "Command: `cargo xtask bench --soak-http {minutes}`. {WRITERS} clients report over HTTP as fast as they are \
         answered, into a ledger of {} subjects; client and server share the cores.",
        figure(subjects as f64)
    );
    write(&samples, &about, ["Soak over HTTP", "soak-http"], document)
}

/// Draws and judges, under that title and into the part and the picture of that name.
fn write(
    samples: &Samples,
    about: &str,
    [title, name]: [&str; 2],
    document: &Document<'_>,
) -> Run<()> {
    let verdict = verdict(&samples.all);
    println!("{verdict}");
    let lines = SERIES.map(|(label, of)| Line {
        label: label.to_owned(),
        points: samples.all.iter().map(|s| (s.at_s / 60.0, of(s))).collect(),
    });
    let picture = graph("minutes", &lines);
    std::fs::write(document.docs.join(format!("{name}.svg")), picture)?;
    let part = format!(
        "## {title}\n\nMachine: {}; other programs on it took {:.0} % of its processor time meanwhile. Date: {}. {about} \
         A sample is {} s.{}\n\n{verdict}\n\n![Rate, memory, lag and disk over time]({name}.svg)",
        crate::report::machine(),
        samples.others * 100.0,
        document.day,
        SAMPLE.as_secs(),
        if samples.is_cut {
            " It ended early, because the disk had less than 10 GiB left."
        } else {
            ""
        }
    );
    crate::report::write_part(&document.docs.join("benchmarks.md"), name, &part)
}

fn free_bytes(folder: &Path) -> Run<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail * stat.f_frsize)
}

/// What a soak saw.
struct Samples {
    all: Vec<Sample>,
    /// Share of the machine's processor time that neither this program nor what it loads took.
    others: f64,
    /// Whether the disk was nearly full before the time was over.
    is_cut: bool,
}

fn sample(lab: &Lab, source: &mut dyn Source, length: Duration) -> Run<Samples> {
    let before = cpu::Times::now(source.process())?;
    let began = Instant::now();
    let (mut all, mut is_cut) = (Vec::new(), false);
    let mut disk = disk_bytes(source.folder(), "")?;
    while began.elapsed() < length {
        let loaded = source.load(SAMPLE)?;
        let now = disk_bytes(source.folder(), "")?;
        let seconds = loaded.took.as_secs_f64();
        let grown = now as f64 - disk as f64;
        disk = now;
        let sample = Sample {
            at_s: began.elapsed().as_secs_f64(),
            events_per_s: loaded.events as f64 / seconds,
            memory_mib: memory(source.process())?.0 as f64 / 1_048_576.0,
            waiting: loaded.waiting as f64,
            behind: loaded.behind as f64,
            disk_mib_per_s: grown / seconds / 1_048_576.0,
        };
        lab.say(&format!(
            "{:>6.0} s: {:>6.0} events/s, {:>6.0} MiB, {:>6.0} waiting, {:>6.0} not in the tree, {:>6.2} MiB/s",
            sample.at_s,
            sample.events_per_s,
            sample.memory_mib,
            sample.waiting,
            sample.behind,
            sample.disk_mib_per_s
        ));
        all.push(sample);
        if free_bytes(&lab.folder)? < FREE_BYTES_MIN {
            lab.say("the disk is nearly full: ending early");
            is_cut = true;
            break;
        }
    }
    let others = cpu::Times::now(source.process())?.others_since(&before);
    Ok(Samples {
        all,
        others,
        is_cut,
    })
}

/// First quarter against last, for each series.
fn verdict(samples: &[Sample]) -> String {
    let quarter = (samples.len() / 4).max(1);
    let mean =
        |some: &[Sample], of: Figure| some.iter().map(of).sum::<f64>() / some.len().max(1) as f64;
    let (first, last) = (
        &samples[..quarter.min(samples.len())],
        &samples[samples.len().saturating_sub(quarter)..],
    );
    let events: f64 = samples
        .iter()
        .map(|sample| sample.events_per_s * SAMPLE.as_secs_f64())
        .sum();
    let mut out = String::from(
        "| what | first quarter | last quarter | highest | verdict |\n|---|---:|---:|---:|---|\n",
    );
    for (what, of) in SERIES {
        let (before, after) = (mean(first, of), mean(last, of));
        let change = (after - before) / before.max(1e-9);
        let verdict = match change {
            change if before == 0.0 && after == 0.0 || change.abs() <= FLAT => "flat".to_owned(),
            change => format!("not flat: {:+.0} %", change * 100.0),
        };
        out += &format!(
            "| {what} | {} | {} | {} | {verdict} |\n",
            figure(before),
            figure(after),
            figure(samples.iter().map(of).fold(0.0, f64::max))
        );
    }
    let grown = mean(last, |s| s.memory_mib) - mean(first, |s| s.memory_mib);
    let bytes = grown * 1_048_576.0 / (events * 0.75).max(1.0);
    out + &format!(
        "\n{} events in {:.0} minutes; memory grew by {bytes:.1} bytes an event between the two quarters.",
        figure(events),
        samples.last().map_or(0.0, |sample| sample.at_s / 60.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_tells_flat_from_growing() {
        let sample = |place: u32| Sample {
            at_s: f64::from(place) * 10.0,
            events_per_s: 1_000.0,
            memory_mib: 100.0 + f64::from(place),
            waiting: 0.0,
            behind: 0.0,
            disk_mib_per_s: 2.0,
        };
        let told = verdict(&(0..100).map(sample).collect::<Vec<_>>());
        assert!(
            told.contains("| events a second | 1,000 | 1,000 | 1,000 | flat |"),
            "{told}"
        );
        assert!(
            told.contains("memory, MiB | 112 | 187 | 199 | not flat: +67 %"),
            "{told}"
        );
        assert!(told.contains("behind | 0 | 0 | 0 | flat |"), "{told}");
    }
}
