//! Checks what a Probity log gave out, without the log: exports, bundles, pairs of checkpoints, evidence of forks.
//!
//! In scope: everything that can be recomputed without keys, against the public key of the log and a policy of witnesses;
//! the newest checkpoint seen of each log, so that a log cannot go back unnoticed. Out of scope: the network, opening
//! sealed parts, views and rules (`probity verify` recomputes those beside the log).

mod ahead;
pub mod bundle;
pub mod checkpoints;
pub mod fault;
pub mod fork;
pub mod input;
pub mod log;
pub mod state;
pub mod walk;
