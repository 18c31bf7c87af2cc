//! House tasks, run as `cargo xtask <task>`.
//!
//! In scope: running the whole test suite on a bare machine, the tidy rules, the generated files,
//! the supply-chain check. Out of scope: anything the product needs at run time.

pub mod bench;
pub mod cli;
pub mod deny;
pub mod error;
pub mod generate;
pub mod measure;
pub mod setup;
pub mod shell;
pub mod suite;
pub mod tidy;
