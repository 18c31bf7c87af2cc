//! A made-up city: subjects, records of all classes, listings and later changes, at any scale.
//!
//! In scope: a stream of steps and the commands they are, the same for the same seed, scale and day on every machine;
//! every step passes the checks of the packs that ship with the program. Out of scope: ids, the log. No clock, no
//! float, no random source of the system, nothing read from a hash map, no I/O in the library.
//!
//! Nothing in it is real. Organisation codes begin with YYYY, which is not issued; names of organisations and of source
//! units hold 演示, case numbers hold 演, and each record says so in its note. Names of persons are put together from common
//! parts; their citizen numbers pass the check of the standard and belong to nobody on purpose.
//!
//! ```
//! use probity_city::{Scale, Step, city};
//! let today = probity_types::CivilDate::new(2026, 6, 30)?;
//! let records = city(1, Scale::for_records(100), today).filter(|step| matches!(step, Step::Record(_)));
//! assert_eq!(records.count(), 100);
//! # Ok::<(), probity_types::DateError>(())
//! ```

mod books;
mod command;
mod dice;
pub mod json;
mod later;
mod listings;
mod organisations;
mod people;
mod record;
mod scale;
mod step;
mod timeline;
mod values;
mod words;

pub use books::Books;
pub use command::{Loaded, command};
pub use scale::Scale;
pub use step::{Certificate, Grounds, Step};
pub use timeline::City;

use probity_types::CivilDate;

/// The steps of a made-up city by the shipped packs, up to `today`.
///
/// # Panics
/// Where a shipped pack does not load; the tests of `probity-rules` load each of them.
pub fn city(seed: u64, scale: Scale, today: CivilDate) -> City {
    let books = Books::shipped().expect("shipped packs load: tested in probity-rules");
    city_by(seed, scale, today, books)
}

/// The same by other packs.
pub fn city_by(seed: u64, scale: Scale, today: CivilDate, books: Books) -> City {
    City::new(seed, scale, today, books)
}
