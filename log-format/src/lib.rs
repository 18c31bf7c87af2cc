//! Bytes of the log: what is hashed, what is stored, what is exported.
//!
//! SPEC.md beside this crate is normative; `schema/` lists every body's fields; `vectors/` holds golden files.
//! In scope: codec, events, frames, chain, sealing, segments, limits. Out of scope: I/O, clocks, key storage, meaning.

pub mod build;
pub mod chain;
pub mod codec;
mod context;
mod deflate;
pub mod events;
pub mod fields;
pub mod frame;
pub mod keytree;
pub mod leaf;
pub mod limits;
pub mod many;
pub mod scan;
pub mod schema;
pub mod seal;
pub mod segment;
pub mod upcast;
pub mod wire;

pub use chain::{Chain, ChainError};
pub use frame::{ActorKind, Frame, Header, Links};
pub use leaf::Leaf;
pub use seal::KeyId;
pub use wire::Hash;
