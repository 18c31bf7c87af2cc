//! What a soak loads: the embedded log in this process, or a server over HTTP.

use crate::appends::Appender;
use crate::client::{Requests, ask_once, get, load};
use crate::lab::{Lab, Run};
use crate::load::{City, load as load_city};
use crate::over_http::{REPORTS, WRITERS};
use crate::program::Server;
use crate::reports::Reports;
use crate::workload::Workload;
use probity_city::Scale;
use probity_domain::NewEvent;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Events that are waited for together, as in the row `append_64`.
pub const GROUP: usize = 64;
/// How often the lag is read while the log is loaded.
const LAG_EVERY: Duration = Duration::from_millis(100);
/// How long a paced load rests when it is ahead.
const BREATH: Duration = Duration::from_millis(1);

/// What one stretch of load was.
#[derive(Debug, Default, Clone, Copy)]
pub struct Loaded {
    /// Events that were acknowledged.
    pub events: u64,
    /// How long it took.
    pub took: Duration,
    /// Committed entries that the store behind the journal did not have, at most.
    pub waiting: u64,
    /// Committed entries that were no leaves, or in no published checkpoint, at most.
    pub behind: u64,
}

/// Something under load.
pub trait Source {
    /// Loads for that long.
    ///
    /// # Errors
    /// It refuses or stands still.
    fn load(&mut self, length: Duration) -> Run<Loaded>;

    /// Whose memory is told.
    fn process(&self) -> u32;

    /// Where it writes.
    fn folder(&self) -> &Path;
}

/// The log as the row `append_64` has it.
pub struct Log<'w> {
    appender: Appender,
    events: Box<dyn Iterator<Item = &'w NewEvent> + 'w>,
    /// Events a second at most.
    pace: Option<u32>,
    folder: PathBuf,
}

impl<'w> Log<'w> {
    /// An empty one.
    ///
    /// # Errors
    /// What the store says.
    pub fn create(folder: PathBuf, workload: &'w Workload, pace: Option<u32>) -> Run<Self> {
        Ok(Self {
            appender: Appender::create(&folder, workload)?,
            events: Box::new(workload.mixed()),
            pace,
            folder,
        })
    }

    /// Closes it in order.
    ///
    /// # Errors
    /// What tree or store say.
    pub fn close(self) -> Run<()> {
        self.appender.close()
    }

    fn lag(&self) -> Run<(u64, u64)> {
        let follower = self.appender.follower().ok_or("the log has no tree")?;
        Ok((follower.waiting(), follower.behind()?))
    }
}

impl Source for Log<'_> {
    fn load(&mut self, length: Duration) -> Run<Loaded> {
        let began = Instant::now();
        let (mut loaded, mut read_at) = (Loaded::default(), Duration::ZERO);
        while began.elapsed() < length {
            let at = began.elapsed();
            let due = |pace: u32| f64::from(pace) * at.as_secs_f64();
            if self
                .pace
                .is_some_and(|pace| loaded.events as f64 >= due(pace))
            {
                std::thread::sleep(BREATH);
            } else {
                let group = self.events.by_ref().take(GROUP).cloned().collect();
                self.appender.append(group)?;
                loaded.events += GROUP as u64;
            }
            if at >= read_at {
                let (waiting, behind) = self.lag()?;
                loaded.waiting = loaded.waiting.max(waiting);
                loaded.behind = loaded.behind.max(behind);
                read_at = at + LAG_EVERY;
            }
        }
        loaded.took = began.elapsed();
        Ok(loaded)
    }

    fn process(&self) -> u32 {
        std::process::id()
    }

    fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A server with a small city, which clients report to.
pub struct Http {
    server: Server,
    requests: Requests,
    city: City,
}

impl Http {
    /// Loads the city and starts the server.
    ///
    /// # Errors
    /// The city does not load, the server does not start.
    pub fn start(lab: &Lab, folder: &Path) -> Run<Self> {
        let scale = Scale::for_records(20_000);
        let data = folder.join("data");
        let city = City {
            load: load_city(&data, scale)?,
            data,
        };
        Ok(Self {
            requests: Requests::numbered(Reports::about(scale, 79).requests(REPORTS)?, 0),
            server: Server::probity(&lab.program, &city.data)?,
            city,
        })
    }

    /// Subjects of the city.
    pub fn subjects(&self) -> u64 {
        self.city.load.subjects
    }

    /// One of the server's own figures.
    fn metric(&self, name: &str) -> Run<u64> {
        let (_, text) = ask_once(self.server.address, &get("/metrics", &[]))?;
        let text = String::from_utf8(text)?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|number| number.trim().parse().ok());
        number.ok_or_else(|| format!("/metrics has no {name}").into())
    }

    /// Size of the last published checkpoint; 0 before the first.
    fn published(&self) -> Run<u64> {
        let (_, note) = ask_once(self.server.address, &get("/log/checkpoint", &[]))?;
        let note = String::from_utf8(note)?;
        let size = note.lines().nth(1).and_then(|size| size.parse().ok());
        Ok(size.unwrap_or(0))
    }
}

impl Source for Http {
    fn load(&mut self, length: Duration) -> Run<Loaded> {
        let told = load(self.server.address, WRITERS, &self.requests, length)?.all_good("soak")?;
        let published = self.published()?;
        Ok(Loaded {
            events: told.good(),
            took: told.took,
            waiting: self.metric("probity_log_waiting_entries ")?,
            behind: self
                .metric("probity_log_entries ")?
                .saturating_sub(published),
        })
    }

    fn process(&self) -> u32 {
        self.server.id()
    }

    fn folder(&self) -> &Path {
        &self.city.data
    }
}
