//! What is counted about requests: operation, status, time. Never an address, name or number of a subject.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

fn seconds() -> Histogram {
    Histogram::new([
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0,
    ])
}

/// See the module.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Operation, Histogram, fn() -> Histogram>,
    entries: Gauge,
    views: Gauge,
    waiting: Gauge,
    faulty: Gauge,
}

/// How far the ledger is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Entries in the log.
    pub entries: u64,
    /// Entries that are in the views.
    pub views: u64,
    /// Committed entries that the store behind the journal does not have yet.
    pub waiting: u64,
    /// Whether writes are refused.
    pub faulty: bool,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("probity");
        let requests = Family::<Answered, Counter>::default();
        let durations =
            Family::<Operation, Histogram, fn() -> Histogram>::new_with_constructor(seconds);
        let (entries, views) = (Gauge::default(), Gauge::default());
        let (waiting, faulty) = (Gauge::default(), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register(
            "request_duration_seconds",
            "Time to the answer",
            durations.clone(),
        );
        registry.register("log_entries", "Entries in the log", entries.clone());
        registry.register(
            "views_entries",
            "Entries that are in the views",
            views.clone(),
        );
        registry.register(
            "log_waiting_entries",
            "Committed entries on their way from the journal into the store",
            waiting.clone(),
        );
        registry.register("log_faulty", "1 while writes are refused", faulty.clone());
        Self {
            registry,
            requests,
            durations,
            entries,
            views,
            waiting,
            faulty,
        }
    }

    /// Counts one answer.
    pub fn answered(&self, operation: &'static str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&Answered { operation, status })
            .inc();
        self.durations
            .get_or_create(&Operation { operation })
            .observe(took.as_secs_f64());
    }

    /// Everything counted, in the text form of OpenMetrics.
    ///
    /// # Errors
    /// The text could not be written.
    pub fn text(&self, progress: Progress) -> Result<String, std::fmt::Error> {
        let clamp = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.entries.set(clamp(progress.entries));
        self.views.set(clamp(progress.views));
        self.waiting.set(clamp(progress.waiting));
        self.faulty.set(i64::from(progress.faulty));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
