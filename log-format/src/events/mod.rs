//! The events: what each says, under which number, and in which stream it stands.
//!
//! Numbers are never reused. A changed body gets a new schema version; the old decoder stays in `upcast`.

pub mod bodies;
pub mod details;
pub mod parts;

pub use bodies::*;
pub use details::*;
pub use parts::*;

use crate::codec::{self, CodecError};
use crate::limits::OPEN_PART_BYTES_MAX;
use crate::wire::{Exposed, Place, Types, Wire};
use probity_types::{Category, RecordId, SubjectKind};

/// A stream's kind: which aggregate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum StreamKind {
    /// The log itself, days, clock.
    System = 1,
    /// Catalogue, packs, profiles.
    Policy = 2,
    /// One person or organisation.
    Subject = 3,
    /// One submission.
    Batch = 4,
    /// One record that fits no subject yet.
    Pending = 5,
    /// What was disclosed to whom.
    Recipient = 6,
    /// One access key.
    Account = 7,
}

impl StreamKind {
    /// Every kind in order of its number.
    pub const ALL: [Self; 7] = [
        Self::System,
        Self::Policy,
        Self::Subject,
        Self::Batch,
        Self::Pending,
        Self::Recipient,
        Self::Account,
    ];

    /// The word before the id: `subject/…`.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Policy => "policy",
            Self::Subject => "subject",
            Self::Batch => "batch",
            Self::Pending => "pending",
            Self::Recipient => "recipient",
            Self::Account => "account",
        }
    }

    /// The kind with this number.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u16 == number)
    }
}

macro_rules! events {
    ($($number:literal, $version:literal => $name:ident = $zh:literal, $en:literal;)+) => {
        /// One event's open body.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event { $(#[doc = concat!("Event type ", stringify!($number), ".")] $name($name),)+ }
        impl Event {
            /// Types with number, current schema version and name.
            pub const TYPES: &'static [(u16, u16, &'static str)] = &[$(($number, $version, stringify!($name))),+];
            /// The type's number.
            pub fn number(&self) -> u16 { match self { $(Self::$name(_) => $number,)+ } }
            /// The schema version that this build writes.
            pub fn version(&self) -> u16 { match self { $(Self::$name(_) => $version,)+ } }
            /// The type's name.
            pub fn name(&self) -> &'static str { match self { $(Self::$name(_) => stringify!($name),)+ } }
            /// The type in words, Chinese.
            pub fn zh(&self) -> &'static str { match self { $(Self::$name(_) => $zh,)+ } }
            /// The type in words, English.
            pub fn en(&self) -> &'static str { match self { $(Self::$name(_) => $en,)+ } }
            /// Encodes the open body.
            ///
            /// # Errors
            /// [`CodecError::TooLarge`].
            pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
                match self { $(Self::$name(body) => codec::encode(body, OPEN_PART_BYTES_MAX),)+ }
            }
            /// Bytes of that encoding, without making it.
            ///
            /// # Errors
            /// [`CodecError::TooLarge`].
            pub fn encoded_bytes(&self) -> Result<u64, CodecError> {
                match self { $(Self::$name(body) => codec::encoded_bytes(body, OPEN_PART_BYTES_MAX),)+ }
            }
            /// Decodes an open body of the current schema version; `upcast::read_event` takes every version.
            ///
            /// # Errors
            /// [`CodecError`], also for a type that this build does not know.
            pub fn decode(number: u16, bytes: &[u8]) -> Result<Self, CodecError> {
                match number {
                    $($number => codec::decode(bytes, OPEN_PART_BYTES_MAX).map(Self::$name),)+
                    _ => Err(CodecError::Malformed { what: "event type", why: format!("no event type {number}") }),
                }
            }
            /// The open body as a JSON value, for people and the feed.
            pub fn to_json(&self) -> serde_json::Value {
                match self { $(Self::$name(body) => serde_json::to_value(body).unwrap_or_default(),)+ }
            }
            /// Refuses a personal value in the open part.
            ///
            /// # Errors
            /// [`Exposed`] with the field's path.
            pub fn check_open(&self) -> Result<(), Exposed> {
                let place = match self.subject_kind() {
                    Some(kind) if kind.is_person() => Place::OpenPerson,
                    _ => Place::OpenOrganisation,
                };
                match self { $(Self::$name(body) => body.check_place(place),)+ }
            }
            pub(crate) fn shapes(types: &mut Types) -> Vec<(u16, u16, &'static str, String)> {
                vec![$(($number, $version, stringify!($name), <$name as Wire>::shape(types)),)+]
            }
        }
        $(impl From<$name> for Event { fn from(body: $name) -> Self { Self::$name(body) } })+
    };
}

events! {
    1, 1 => LogStarted = "日志开始", "log started";
    2, 1 => DayStarted = "新的一天开始", "day started";
    3, 1 => ClockAccepted = "时间确认", "clock accepted";
    4, 1 => StateCommitted = "状态承诺", "state committed";
    5, 1 => SigningKeyRotated = "签名密钥更换", "signing key rotated";
    10, 1 => SubjectRegistered = "主体登记", "subject registered";
    11, 1 => SubjectRenamed = "名称变更", "subject renamed";
    12, 1 => IdentifierAdded = "增加代码", "identifier added";
    13, 1 => CertificateRecorded = "执业证书", "certificate recorded";
    20, 1 => PermitRecorded = "行政许可", "permit recorded";
    21, 1 => PenaltyRecorded = "行政处罚", "penalty recorded";
    22, 1 => CoercionRecorded = "行政强制", "coercive measure recorded";
    23, 1 => AdjudicationRecorded = "行政裁决", "adjudication recorded";
    24, 1 => JudgmentRecorded = "司法判决", "judgment recorded";
    25, 1 => ArrearRecorded = "欠税欠费", "arrear recorded";
    26, 1 => HonourRecorded = "荣誉表彰", "honour recorded";
    30, 1 => PerformanceRecorded = "履行情况", "performance recorded";
    40, 1 => RecordCorrected = "更正", "record corrected";
    41, 1 => RecordVoided = "作废", "record voided";
    42, 1 => RecordAnnulled = "撤销", "record annulled";
    50, 1 => RecordParked = "待认领", "report parked";
    51, 1 => CandidateRejected = "排除候选", "candidate ruled out";
    52, 1 => RecordLinked = "认领", "report linked";
    53, 1 => CodeConfirmed = "代码核实", "code confirmed";
    55, 1 => ReportQuarantined = "隔离", "report quarantined";
    56, 1 => QuarantineDecided = "隔离处理", "quarantine decided";
    60, 1 => ListingDecided = "列入名单", "listing decided";
    61, 1 => ListingEnded = "移出名单", "listing ended";
    70, 1 => BatchSubmitted = "批次报送", "batch submitted";
    71, 1 => BatchCompleted = "批次完成", "batch completed";
    72, 1 => SubmissionReceived = "收到报送", "submission received";
    73, 1 => SubmissionContinued = "报送续件", "submission continued";
    74, 1 => SubmissionReviewed = "报送审核", "submission reviewed";
    75, 1 => SubmissionWithdrawn = "报送撤回", "submission withdrawn";
    76, 1 => RowsSettled = "逐行回执", "rows settled";
    80, 1 => CatalogueAdopted = "目录发布", "catalogue adopted";
    82, 1 => PolicyPackAdopted = "政策发布", "policy pack adopted";
    83, 1 => ImportProfileAdopted = "导入方案发布", "import profile adopted";
    100, 1 => AccessKeyIssued = "密钥签发", "access key issued";
    101, 1 => AccessKeyRevoked = "密钥吊销", "access key revoked";
    102, 1 => DisclosureMade = "查询留痕", "disclosure made";
    103, 2 => ErasureRecorded = "个人信息删除", "erasure recorded";
    110, 1 => RecipientAdmitted = "接收方登记", "recipient admitted";
    111, 1 => RecipientAcknowledged = "接收回执", "recipient acknowledged";
}

impl Event {
    /// The kind of subject the event is about, where it is about one.
    pub fn subject_kind(&self) -> Option<SubjectKind> {
        match self {
            Self::SubjectRegistered(e) => Some(e.subject_kind),
            Self::SubjectRenamed(e) => Some(e.subject_kind),
            Self::IdentifierAdded(e) => Some(e.subject_kind),
            Self::CertificateRecorded(_) => Some(SubjectKind::NaturalPerson),
            Self::PerformanceRecorded(e) => Some(e.subject_kind),
            Self::RecordVoided(e) => Some(e.subject_kind),
            Self::RecordAnnulled(e) => Some(e.subject_kind),
            Self::RecordParked(e) => Some(e.subject_kind),
            Self::CandidateRejected(e) => Some(e.subject_kind),
            Self::RecordLinked(e) => Some(e.subject_kind),
            Self::ListingDecided(e) => Some(e.subject_kind),
            Self::RecordCorrected(e) => Some(e.core.subject_kind),
            _ => self.recorded().map(|core| core.subject_kind),
        }
    }

    /// The core of one of the seven record events.
    pub fn recorded(&self) -> Option<&RecordCore> {
        match self {
            Self::PermitRecorded(e) => Some(&e.core),
            Self::PenaltyRecorded(e) => Some(&e.core),
            Self::CoercionRecorded(e) => Some(&e.core),
            Self::AdjudicationRecorded(e) => Some(&e.core),
            Self::JudgmentRecorded(e) => Some(&e.core),
            Self::ArrearRecorded(e) => Some(&e.core),
            Self::HonourRecorded(e) => Some(&e.core),
            _ => None,
        }
    }

    /// The category of one of the seven record events.
    pub fn category(&self) -> Option<Category> {
        match self {
            Self::PermitRecorded(_) => Some(Category::XK),
            Self::PenaltyRecorded(_) => Some(Category::CF),
            Self::CoercionRecorded(_) => Some(Category::QZ),
            Self::AdjudicationRecorded(_) => Some(Category::CJ),
            Self::JudgmentRecorded(_) => Some(Category::PJ),
            Self::ArrearRecorded(_) => Some(Category::QF),
            Self::HonourRecorded(_) => Some(Category::RY),
            _ => None,
        }
    }

    /// The details that stand in the open part of a record event.
    pub fn open_details(&self) -> Option<Details> {
        self.open_details_ref().map(DetailsRef::to_owned)
    }

    /// The same, lent.
    pub fn open_details_ref(&self) -> Option<DetailsRef<'_>> {
        match self {
            Self::PermitRecorded(e) => e.details.as_ref().map(DetailsRef::Permit),
            Self::PenaltyRecorded(e) => e.details.as_ref().map(DetailsRef::Penalty),
            Self::CoercionRecorded(e) => e.details.as_ref().map(DetailsRef::Coercion),
            Self::AdjudicationRecorded(e) => e.details.as_ref().map(DetailsRef::Adjudication),
            Self::JudgmentRecorded(e) => e.details.as_ref().map(DetailsRef::Judgment),
            Self::ArrearRecorded(e) => e.details.as_ref().map(DetailsRef::Arrear),
            Self::HonourRecorded(e) => e.details.as_ref().map(DetailsRef::Honour),
            _ => None,
        }
    }

    /// The record an event creates, changes or compensates.
    pub fn record(&self) -> Option<RecordId> {
        match self {
            Self::PerformanceRecorded(e) => Some(e.record),
            Self::RecordCorrected(e) => Some(e.core.record),
            Self::RecordVoided(e) => Some(e.record),
            Self::RecordAnnulled(e) => Some(e.record),
            _ => self.recorded().map(|core| core.record),
        }
    }
}

/// A record event of `category` with these details in the open part, or none there.
pub fn record_event(category: Category, core: RecordCore, details: Option<Details>) -> Event {
    macro_rules! build {
        ($event:ident, $variant:ident) => {
            Event::$event($event {
                core,
                details: details.and_then(|d| {
                    if let Details::$variant(inner) = d {
                        Some(inner)
                    } else {
                        None
                    }
                }),
            })
        };
    }
    match category {
        Category::XK => build!(PermitRecorded, Permit),
        Category::CF => build!(PenaltyRecorded, Penalty),
        Category::QZ => build!(CoercionRecorded, Coercion),
        Category::CJ => build!(AdjudicationRecorded, Adjudication),
        Category::PJ => build!(JudgmentRecorded, Judgment),
        Category::QF => build!(ArrearRecorded, Arrear),
        Category::RY => build!(HonourRecorded, Honour),
    }
}
