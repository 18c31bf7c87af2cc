//! Proofs about a log: built and verified, in the forms of C2SP, so that independent clients and witnesses can check them.
//!
//! In scope: the RFC 6962 tree and its proofs, tiles, signed notes, checkpoints, cosignatures, witness policies, the
//! messages to a witness, evidence of a fork, bundles that prove one record offline.
//! Out of scope: files, sockets, clocks, randomness. Seeds and times come in as arguments.

pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
mod error;
pub mod fork;
pub mod key;
pub mod note;
pub mod policy;
pub mod proof_text;
mod text;
pub mod tile;
pub mod tree;
pub mod witness;

pub use bundle::Bundle;
pub use checkpoint::Checkpoint;
pub use error::ProofError;
pub use fork::ForkEvidence;
pub use key::{SigningKey, VerifierKey};
pub use note::Note;
pub use policy::Policy;
pub use tile::Tile;
pub use tree::{Frontier, HashSource, TreeHash};
