//! Files to reports: bytes and an import profile in, reports and row errors out.
//!
//! In scope: encodings, CSV, XLSX, old `.xls`, import profiles, the reading of values, the listing of every
//! fault with its cell address. Out of scope: what a report does to a subject or a record (`probity-domain`),
//! the registration of subjects, storage, and any repair of what a source wrote: a suggestion is text.
//!
//! ```text
//! bytes --read--> tables of cells --rows + profile + legal day--> reports | row errors | warnings
//! ```
//! A file is read whole or refused whole; a row is accepted whole or refused whole.

mod codes;
pub mod dates;
mod fields;
pub mod form;
pub mod profile;
pub mod read;
pub mod rows;
pub mod values;

pub use form::Form;
pub use profile::{
    Profile, ProfileError, builtin_profile, builtin_profiles, builtin_texts, detect_among,
    detect_profile,
};
pub use read::{FileForm, ReadError, ReadFile, Table, read};
pub use rows::{FileRefusal, Reading, RowError, Warning, read_rows, read_rows_with};
