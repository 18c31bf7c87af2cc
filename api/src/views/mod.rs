//! What the interface answers with.
//!
//! A read that depends on time prints `valid_on` (the day it speaks of), `known_at` (what the register knew) and
//! `position` (where it was read). A list has `items`, `next` (cursor or null) and `position`.

mod catalogue;
mod due_date;
mod entry;
mod head;
mod import;
mod key;
mod list;
mod pending;
mod proof;
mod receipt;
mod recipient;
mod record;
mod segment;
mod status;
mod subject;
mod submission;
mod timeline;

pub use catalogue::{
    CatalogueView, CategoryView, CodeListView, ColumnView, FieldDefinitionView, PeriodView,
    SubcategoryDetailView, SubcategoryView,
};
pub use due_date::{
    CalendarView, CalendarsView, ClockView, DayView, DueDateView, NoticeView, OpenDaysView,
    PackVersionView, RevisedDueDateView, SpanView,
};
pub use entry::{ActorView, EntryView, FeedItem, HowToCheck, PartState, PartView};
pub use head::{CheckView, HeadView, HealthView, Light, ProblemView, ReadyView};
pub use import::{ImportEnding, ImportSummary, ImportView};
pub use key::{KeyIssuedView, KeyView, KeysView};
pub use list::{ListMember, ListState, ListView, ListingView, ListsView, MembersView};
pub use pending::{
    LookupItem, LookupOutcome, LookupView, PendingStanding, PendingView, RuledOutView,
};
pub use proof::{ConsistencyView, InclusionView, SigningKeyView, SigningKeysView};
pub use receipt::{ReceiptOutcome, ReceiptView};
pub use recipient::{
    FeedEntry, FeedFrame, FeedPageView, FeedSubject, RecipientView, RecipientsView,
};
pub use record::{
    FieldView, PublicationView, RecordCategoryView, RecordPositions, RecordStanding,
    RecordSummaryView, RecordView, RecordsView,
};
pub use segment::{SegmentView, SegmentsView};
pub use status::{GradeView, ReasonEffect, ReasonView, StatusView, TableView};
pub use subject::{
    FormerNameView, IdentifierView, MatchField, MatchHow, MatchView, PractitionerView, Resolution,
    SubjectHit, SubjectView, SubjectsView,
};
pub use submission::{
    ChangeView, DuplicateReason, DuplicateView, LatenessView, LatenessesView, StandView,
    SubmissionEnding, SubmissionReportView, SubmissionView, SubmissionsView,
};
pub use timeline::{RecordRef, TimelineItem, TimelineView};

use probity_types::CodeList;
use serde::Serialize;
use utoipa::ToSchema;

/// A key with its name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Term {
    /// Stable key.
    pub key: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Bilingual {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl<C: CodeList> From<C> for Term {
    fn from(code: C) -> Self {
        Self {
            key: code.key().to_owned(),
            zh: code.zh().to_owned(),
            en: code.en().to_owned(),
        }
    }
}

impl Bilingual {
    /// A sentence.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}
