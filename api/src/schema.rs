//! Schemas of values that other packages define: ids, dates, instants, hashes, code lists. Documentation only; no value
//! of these types exists.

use probity_types::CodeList;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A string schema of closed words, described word by word in both languages.
pub(crate) fn words_schema(
    about: &str,
    words: impl Iterator<Item = (&'static str, &'static str, &'static str)>,
) -> RefOr<Schema> {
    let mut keys = Vec::new();
    let mut text = format!("{about}\n");
    for (key, zh, en) in words {
        text.push_str(&format!("\n- `{key}` {zh}, {en}"));
        keys.push(key);
    }
    let object = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(keys));
    RefOr::T(object.description(Some(text)).build().into())
}

/// Gives a closed word list with `ALL` its schema.
macro_rules! code_schema {
    ($name:ident, $about:literal, $words:expr) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::schema::words_schema($about, $name::ALL.iter().map($words))
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}
pub(crate) use code_schema;

macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident { $pattern:expr, $format:expr, $example:literal })+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $name {}
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let pattern: Option<&str> = $pattern;
                let format: Option<&str> = $format;
                let object = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(pattern)
                    .format(format.map(|name| SchemaFormat::Custom(name.to_owned())))
                    .examples([serde_json::Value::from($example)])
                    .description(Some([$($doc),+].concat().trim()));
                RefOr::T(object.build().into())
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

texts! {
    /// Random 128-bit id: 32 lower-case hexadecimal digits. Never an identity number.
    Id { Some("^[0-9a-f]{32}$"), None, "5f0c2a7f8e1b4c3d9a6e7b8c9d0e1f20" }
    /// 32 bytes as 64 lower-case hexadecimal digits.
    HashHex { Some("^[0-9a-f]{64}$"), None, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262" }
    /// Civil date without zone; legal days begin and end in Asia/Shanghai.
    Date { Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), Some("date"), "2026-04-01" }
    /// Instant in UTC with microseconds.
    Instant { None, Some("date-time"), "2026-04-01T02:03:04.000005Z" }
    /// What the register knew: a position of the log, or an instant.
    KnownAt { Some("^([0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}T.+Z)$"), None, "41250" }
    /// Opaque place in a list; give it back unchanged to read on.
    PageCursor { Some("^[0-9a-f]{2,}$"), None, "0100000000000000c8" }
}

macro_rules! code_lists {
    ($($name:ident),+ $(,)?) => {
        /// Schemas of the code lists, each named as its list.
        pub mod codes {
            use super::*;
            $(
                #[doc = concat!("Schema of the code list ", stringify!($name), ".")]
                #[derive(Debug)]
                pub enum $name {}
                impl PartialSchema for $name {
                    fn schema() -> RefOr<Schema> {
                        type List = probity_types::$name;
                        let about = format!("A key of the code list `{}`.", List::LIST);
                        words_schema(&about, List::ALL.iter().map(|c| (c.key(), c.zh(), c.en())))
                    }
                }
                impl ToSchema for $name {
                    fn name() -> Cow<'static, str> {
                        Cow::Borrowed(stringify!($name))
                    }
                }
            )+
        }
    };
}

code_lists! {
    Category, CompensationReason, Database, EndReason, IdentifierKind, InstrumentKind, ListColour, ListingProcedure,
    ParkReason, Polarity, Publicity, QueryPurpose, RemedyState, Role, Severity, SubjectKind, SubmissionKind,
}
