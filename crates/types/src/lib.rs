//! Checked values of the public-credit field.
//!
//! In scope: ids, positions, civil dates, instants, money, code lists, field values, identifiers.
//! A value that exists is right: construction goes through `TryFrom` or a parser with a typed error.
//! Out of scope: I/O, clocks, storage, rules that change with the law (those are data, see `probity-rules`).

pub mod codes;
pub mod fixed;
pub mod identifiers;
pub mod ids;
pub mod money;
pub mod pack;
pub mod subject_name;
pub mod table;
pub mod text;
pub mod time;
pub mod value;

pub use codes::*;
pub use identifiers::{
    CreditCode, Examination, FinancialInstitutionCode, Finding, FindingSeverity, Identifier,
    OrganisationCode, RegistrationNumber, ResidentId, examine, mask, mask_name, normalise,
};
pub use ids::*;
pub use money::{Fen, MoneyError, MoneyUnit};
pub use subject_name::{NameFlag, SubjectName, SubjectNameError};
pub use text::{Text, TextError};
pub use time::{CivilDate, DateError, Timestamp, shanghai_day, shanghai_instant, shanghai_time};
pub use value::{FieldType, FieldValue};
