//! Query parameters. Unknown ones are refused, so that a misspelt filter never widens an answer.

use crate::cursor::Cursor;
use crate::problem::FieldProblem;
use crate::schema;
use probity_types::{Category, CivilDate, Position, Timestamp};
use serde::{Deserialize, Deserializer};
use std::str::FromStr;
use utoipa::IntoParams;

/// Items of a page where the caller names no limit.
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// Most items of a page.
pub const PAGE_ITEMS_MAX: u32 = 200;
/// Most characters of a search text, as of a name.
pub const SEARCH_CHARS_MAX: usize = 200;

/// What the register knew: everything up to a position, or up to an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownAt {
    /// Up to and with this entry.
    Position(Position),
    /// Entries recorded at or before this instant.
    Instant(Timestamp),
}

/// A text that is neither a position nor an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("known_at is a position (digits) or an instant such as 2026-04-01T02:03:04Z")]
pub struct KnownAtError;

impl FromStr for KnownAt {
    type Err = KnownAtError;
    fn from_str(text: &str) -> Result<Self, KnownAtError> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text
                .parse()
                .map(|n| Self::Position(Position(n)))
                .map_err(|_| KnownAtError);
        }
        text.parse().map(Self::Instant).map_err(|_| KnownAtError)
    }
}

impl<'de> Deserialize<'de> for KnownAt {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The number of items that a page holds.
///
/// # Errors
/// A limit of 0, or above [`PAGE_ITEMS_MAX`].
pub fn page_items(limit: Option<u32>) -> Result<u32, Vec<FieldProblem>> {
    match limit {
        None => Ok(PAGE_ITEMS_DEFAULT),
        Some(items @ 1..=PAGE_ITEMS_MAX) => Ok(items),
        Some(_) => Err(vec![
            FieldProblem::new(
                "limit",
                "limit.range",
                format!("a page holds 1 to {PAGE_ITEMS_MAX} items"),
                format!("每页为 1 至 {PAGE_ITEMS_MAX} 项"),
            )
            .expecting(format!("1 to {PAGE_ITEMS_MAX}")),
        ]),
    }
}

/// When a read speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// Civil date: what was in force on that day. Default: today in Asia/Shanghai.
    #[param(value_type = Option<schema::Date>)]
    pub valid_on: Option<CivilDate>,
    /// What the register knew. Default: the head of the log.
    #[param(value_type = Option<schema::KnownAt>)]
    pub known_at: Option<KnownAt>,
    /// Wait shortly until views have reached this position; 412 with the current head if they do not.
    #[param(value_type = Option<u64>)]
    pub min_position: Option<Position>,
}

/// A page of a list that depends on time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfPageQuery {
    /// Civil date on which states are given. Default: today in Asia/Shanghai.
    #[param(value_type = Option<schema::Date>)]
    pub valid_on: Option<CivilDate>,
    /// What the register knew. Default: the head of the log.
    #[param(value_type = Option<schema::KnownAt>)]
    pub known_at: Option<KnownAt>,
    /// Wait shortly until views have reached this position.
    #[param(value_type = Option<u64>)]
    pub min_position: Option<Position>,
    /// Value of `next` of the page before.
    #[param(value_type = Option<schema::PageCursor>)]
    pub cursor: Option<Cursor>,
    /// Items of a page, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A page of a subject's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordsQuery {
    /// Only records of this category.
    #[param(value_type = Option<schema::codes::Category>)]
    pub category: Option<Category>,
    /// Civil date: what was in force on that day. Default: today in Asia/Shanghai.
    #[param(value_type = Option<schema::Date>)]
    pub valid_on: Option<CivilDate>,
    /// What the register knew. Default: the head of the log.
    #[param(value_type = Option<schema::KnownAt>)]
    pub known_at: Option<KnownAt>,
    /// Wait shortly until views have reached this position.
    #[param(value_type = Option<u64>)]
    pub min_position: Option<Position>,
    /// Value of `next` of the page before.
    #[param(value_type = Option<schema::PageCursor>)]
    pub cursor: Option<Cursor>,
    /// Items of a page, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A search for organisations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubjectsQuery {
    /// Name, part of a name, or identifier of an organisation. An identity number of a person is refused here.
    #[param(max_length = 200)]
    pub q: String,
    /// Value of `next` of the page before.
    #[param(value_type = Option<schema::PageCursor>)]
    pub cursor: Option<Cursor>,
    /// Items of a page, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Wait shortly until views have reached this position.
    #[param(value_type = Option<u64>)]
    pub min_position: Option<Position>,
}

/// A page of a list that has no dates to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Value of `next` of the page before.
    #[param(value_type = Option<schema::PageCursor>)]
    pub cursor: Option<Cursor>,
    /// Items of a page, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Where the feed begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// First position wanted. Default: the next entry. SSE clients resume by Last-Event-ID as well.
    #[param(value_type = Option<u64>)]
    pub from: Option<Position>,
}

/// Which page of the feed a recipient reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedPageQuery {
    /// First position wanted: 0 for the first page, `next` of the page before for the others.
    #[param(value_type = u64)]
    pub from: Position,
    /// Positions that the page looks at, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Which tree an inclusion proof speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProofQuery {
    /// Entries of the tree, at most those of the last published checkpoint. Default: those of that checkpoint.
    pub size: Option<u64>,
}

/// Which entry of a record a bundle holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BundleQuery {
    /// Position of one of the record's entries. Default: the entry that recorded it.
    #[param(value_type = Option<u64>)]
    pub position: Option<Position>,
}

/// Which two trees a consistency proof joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// Entries of the earlier tree.
    pub from: u64,
    /// Entries of the later tree, at most those of the last published checkpoint. Default: those of that checkpoint.
    pub to: Option<u64>,
}

/// How a file is imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Import profile by id. Default: the one whose headers fit.
    pub profile: Option<String>,
    /// Read and check only; nothing is recorded.
    pub rehearse: bool,
    /// Record the good rows although others are refused. Without it, one refused row refuses the file.
    pub accept_good_rows: bool,
}

/// What a file that is handed in asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SubmissionQuery {
    /// What the file asks for. Default: `report`, new rows.
    #[param(value_type = Option<schema::codes::SubmissionKind>)]
    pub kind: Option<probity_types::SubmissionKind>,
    /// Import profile by id. Default: the one whose headers fit.
    pub profile: Option<String>,
    /// Read and check only; nothing is received.
    pub rehearse: bool,
    /// Hand the file in although rows are refused; they stay out.
    pub accept_good_rows: bool,
}

/// Which submissions are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubmissionsQuery {
    /// Only those that stand so: `waits_for_agency`, `waits_for_platform`, `approved`, `rejected`, `withdrawn`.
    pub state: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_at_is_a_position_or_an_instant() {
        assert_eq!("41250".parse(), Ok(KnownAt::Position(Position(41_250))));
        let instant = "2026-04-01T00:00:00Z".parse().unwrap();
        assert_eq!(
            "2026-04-01T00:00:00Z".parse(),
            Ok(KnownAt::Instant(instant))
        );
        for text in ["", "-1", "yesterday", "99999999999999999999"] {
            assert_eq!(text.parse::<KnownAt>(), Err(KnownAtError), "{text}");
        }
    }

    #[test]
    fn a_page_holds_one_to_two_hundred_items() {
        assert_eq!(page_items(None), Ok(50));
        assert_eq!(page_items(Some(200)), Ok(200));
        assert!(page_items(Some(0)).is_err() && page_items(Some(201)).is_err());
    }
}
