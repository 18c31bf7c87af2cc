//! What every handler shares.

use crate::limits::Limits;
use crate::metrics::Metrics;
use probity_app::Ledger;
use std::sync::Arc;
use tokio::sync::watch;

/// See the module. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Service {
    /// The ledger that is served.
    pub ledger: Ledger,
    /// How often who may ask.
    pub limits: Arc<Limits>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Turns true when the process is to end: streams end then.
    pub stopping: watch::Receiver<bool>,
}

impl Service {
    /// A service over a ledger.
    pub fn new(ledger: Ledger, stopping: watch::Receiver<bool>) -> Self {
        Self {
            ledger,
            limits: Arc::new(Limits::new()),
            metrics: Arc::new(Metrics::new()),
            stopping,
        }
    }
}
