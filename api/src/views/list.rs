//! Lists and their members.

use super::Term;
use crate::cursor::Cursor;
use crate::schema::{Date, Id, PageCursor, codes};
use probity_types::{
    CivilDate, ListColour, ListingId, ListingProcedure, Position, SubjectId, SubjectKind,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A list that the policy in force knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListView {
    /// List id with its names.
    pub list: Term,
    /// What kind of list it is.
    #[schema(value_type = codes::ListColour)]
    pub colour: ListColour,
    /// Legal basis.
    pub basis: String,
    /// Authority that decides about it.
    pub authority: String,
    /// Whether its members are published.
    pub is_public: bool,
    /// Members on the day; null where the caller may not know.
    pub members: Option<u64>,
}

/// Every list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListsView {
    /// Lists in the order of the policy.
    pub items: Vec<ListView>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Day the answer speaks of.
    #[schema(value_type = Date)]
    pub valid_on: CivilDate,
    /// What the register knew.
    #[schema(value_type = u64)]
    pub known_at: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}

/// Where a membership stands on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// 在列, a member.
    Listed,
    /// 尚未列入, from a later day.
    NotYet,
    /// 期限届满, its term is over; no job has to run for that.
    TermOver,
    /// 已移出, removed by decision.
    Removed,
}

/// One membership of a list, as the subject's own pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListingView {
    /// The membership.
    #[schema(value_type = Id)]
    pub id: ListingId,
    /// List id with its names.
    pub list: Term,
    /// What kind of list it is; null where no policy in force knows it.
    #[schema(value_type = Option<codes::ListColour>)]
    pub colour: Option<ListColour>,
    /// Where it stands.
    pub state: ListState,
    /// How it came about.
    #[schema(value_type = codes::ListingProcedure)]
    pub procedure: ListingProcedure,
    /// Deciding authority, empty where unknown.
    pub authority: String,
    /// Legal basis, empty where unknown.
    pub basis: String,
    /// Day of listing, null where unknown.
    #[schema(value_type = Option<Date>)]
    pub listed_on: Option<CivilDate>,
    /// End of the term, null = open.
    #[schema(value_type = Option<Date>)]
    pub until: Option<CivilDate>,
    /// When the prior notice was served, null where unknown.
    #[schema(value_type = Option<Date>)]
    pub notice_served_on: Option<CivilDate>,
    /// First day off the list, where removed.
    #[schema(value_type = Option<Date>)]
    pub ended_on: Option<CivilDate>,
    /// Why it ended, where removed.
    pub end_reason: Option<Term>,
    /// Entry that listed.
    #[schema(value_type = u64)]
    pub listed_position: Position,
    /// Entry that removed.
    #[schema(value_type = Option<u64>)]
    pub ended_position: Option<Position>,
    /// Revision: last position that changed the membership. Send it in If-Match.
    #[schema(value_type = u64)]
    pub revision: Position,
}

/// A member of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListMember {
    /// The subject.
    #[schema(value_type = Id)]
    pub subject: SubjectId,
    /// Its kind.
    #[schema(value_type = codes::SubjectKind)]
    pub kind: SubjectKind,
    /// Its name; none where the personal data was erased.
    pub name: Option<String>,
    /// Its credit code, organisations only.
    pub credit_code: Option<String>,
    /// The membership.
    pub listing: ListingView,
}

/// A page of the members of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MembersView {
    /// List id with its names.
    pub list: Term,
    /// Members on the day, in the order in which they were listed.
    pub items: Vec<ListMember>,
    /// Cursor of the next page, null at the end.
    #[schema(value_type = Option<PageCursor>)]
    pub next: Option<Cursor>,
    /// Day the answer speaks of.
    #[schema(value_type = Date)]
    pub valid_on: CivilDate,
    /// What the register knew.
    #[schema(value_type = u64)]
    pub known_at: Position,
    /// Where it was read.
    #[schema(value_type = u64)]
    pub position: Position,
}
