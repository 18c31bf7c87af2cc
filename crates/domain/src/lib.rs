//! Deciders of the ledger: `decide(state, command) -> events`, `evolve(state, event) -> state`. Pure.

pub mod report;
