//! Views: what people and systems see, rebuilt from the log alone.
//!
//! In scope: subject directory, search, records with their life, lists, grades, timeline index, statistics; every answer
//! for any `valid_on` and `known_at`. Out of scope: bodies (they stay in the log and are read when shown), names and
//! numbers of persons (only keyed tags are held), who may see what.
//!
//! Deterministic: indexed vectors and ordered maps only. A view and its position move together, under one lock.

mod counts;
mod day_counts;
mod digest;
pub mod directory;
pub mod facts;
pub mod grade;
mod heads;
pub mod listings;
pub mod moment;
pub mod periods;
pub mod published;
pub mod records;
pub mod search;
pub mod slim;
pub mod snapshot;
pub mod stage;
pub mod state_root;
pub mod statistics;
pub mod status;
pub mod streams;
pub mod timeline;
pub mod views;

pub use directory::{Directory, NameRow, SubjectRow};
pub use listings::{ListingRow, Listings};
pub use moment::Moment;
pub use records::{RecordRow, RecordState, Records, Version};
pub use search::{Hit, MatchField};
pub use state_root::{StateRoots, StateRow, state_roots};
pub use status::Status;
pub use views::Views;
