//! What every measurement needs: where files may lie, which program is measured, how long a run may take.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use probity_city::Scale;
use probity_log::Clock;
use probity_types::{CivilDate, Timestamp};

/// What a measurement answers.
pub type Run<T> = Result<T, Box<dyn Error>>;

/// How large a run is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// The made-up city that is loaded.
    pub city: Scale,
    /// Rounds of each measurement; medians of them are told.
    pub rounds: usize,
    /// Length of one round.
    pub round: Duration,
    /// Rest between two rounds, so that neither pays for what the other left behind.
    pub rest: Duration,
    /// Records of the import.
    pub import_records: u64,
    /// Events of each folder whose disk space is measured.
    pub disk_events: u64,
    /// Events of the export that is checked offline.
    pub verify_events: u64,
    /// Whether other stores are measured too.
    pub has_peers: bool,
}

impl Size {
    /// Everything within 50 s.
    pub fn quick() -> Self {
        Self {
            city: Scale::for_records(10_000),
            rounds: 3,
            round: Duration::from_millis(300),
            rest: Duration::from_millis(150),
            import_records: 10_000,
            disk_events: 20_000,
            verify_events: 50_000,
            has_peers: false,
        }
    }

    /// 480,000 subjects and some 2.5 million events.
    pub fn full() -> Self {
        Self {
            city: Scale {
                organisations: 51_000,
                persons: 429_000,
                records: 1_850_000,
                key_persons: 7_800,
            },
            rounds: 7,
            round: Duration::from_millis(1_500),
            rest: Duration::from_millis(400),
            import_records: 200_000,
            disk_events: 400_000,
            verify_events: 1_000_000,
            has_peers: true,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Lab {
    /// Folder for everything that is written; prepared cities stay in it.
    pub folder: PathBuf,
    /// The server as it is delivered.
    pub program: PathBuf,
    /// How large the run is.
    pub size: Size,
}

impl Lab {
    /// An empty folder of that name.
    ///
    /// # Errors
    /// What the file system says.
    pub fn fresh(&self, name: &str) -> Run<PathBuf> {
        let path = self.folder.join(name);
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Tells whoever watches; standard output is for the rows.
    pub fn say(&self, what: &str) {
        eprintln!("bench: {what}");
    }

    /// Lets what a round left behind come to rest.
    pub fn rest(&self) {
        std::thread::sleep(self.size.rest);
    }
}

/// The day on which the made-up city ends: a prepared folder must not depend on the day of the run.
///
/// # Panics
/// Never: it is a date.
pub fn city_day() -> CivilDate {
    CivilDate::new(2026, 6, 30).expect("a date")
}

/// The machine's clock.
#[derive(Debug)]
pub struct WallClock(Instant);

impl WallClock {
    /// From now on.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn monotonic_us(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Median of figures; 0 of none.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The share of figures that lie at or below the answer, 0 to 1.
pub fn percentile(sorted: &[u32], share: f64) -> u32 {
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted
        .get(place.saturating_sub(1).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0)
}

/// Things a second.
pub fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(1e-9)
}

/// Bytes that the files of a folder take on disk, leaving out folders of that name.
///
/// # Errors
/// What the file system says.
pub fn disk_bytes(folder: &Path, without: &str) -> Run<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // A file can go while we count: the store compacts.
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            if entry.file_name() != without {
                bytes += disk_bytes(&entry.path(), without)?;
            }
        } else {
            bytes += meta.blocks() * 512;
        }
    }
    Ok(bytes)
}

/// Resident memory of a process in bytes, and the highest it ever was.
///
/// # Errors
/// There is no such process.
pub fn memory(process: u32) -> Run<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        number.unwrap_or(0) * 1_024
    };
    Ok((kilobytes("VmRSS:"), kilobytes("VmHWM:")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles_are_of_what_was_measured() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!(percentile(&sorted, 0.5), 50);
        assert_eq!(percentile(&sorted, 0.99), 99);
        assert_eq!(percentile(&[7], 0.99), 7);
        assert_eq!(percentile(&[], 0.99), 0);
    }

    #[test]
    fn this_process_has_memory() {
        let (now, most) = memory(std::process::id()).expect("a process");
        assert!(now > 0 && most >= now);
    }
}
