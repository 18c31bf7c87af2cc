//! The ledger under faults: power cuts, kills, flipped bits, full disks, second processes.
//!
//! Every test prints its seed. `PROBITY_SEED` repeats a run, `PROBITY_ROUNDS` makes it long; the commands stand in the modules
//! and in docs/SAFETY.md.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod clock;
mod flips;
mod full;
mod kill;
#[path = "../../crates/app/tests/support/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod ledger;
mod power;
mod readers;
#[path = "../../crates/store/tests/support/mod.rs"]
mod support;
