//! The ledger under faults: power cuts, kills, flipped bits, full disks, second processes.
//!
//! Every test prints its seed. `PROBITY_SEED` repeats a run, `PROBITY_ROUNDS` makes it long; the commands stand in the modules
//! and in docs/SAFETY.md.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod power;
#[path = "../../crates/store/tests/support/mod.rs"]
mod support;
