//! Why the rules say no. One variant, one code, one sentence in each language with what would be right.

use probity_types::{
    AccessKeyId, BatchId, CivilDate, DateError, IdentifierKind, ListingId, PendingId, Position,
    RecordId, SubjectId,
};

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Field name of the catalogue, or `subject_code`, `subject_name`, `list` …
    pub field: String,
    /// Stable code of the rule, for example `field.required`.
    pub rule: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What to do, in Chinese.
    pub remedy_zh: String,
    /// The same in English.
    pub remedy_en: String,
}

impl Fault {
    /// A fault of a field: code, then what is wrong and what to do, each in Chinese and English.
    pub fn new(
        field: impl Into<String>,
        rule: impl Into<String>,
        (zh, en): (impl Into<String>, impl Into<String>),
        (remedy_zh, remedy_en): (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
            zh: zh.into(),
            en: en.into(),
            remedy_zh: remedy_zh.into(),
            remedy_en: remedy_en.into(),
        }
    }
}

/// A command is refused; nothing is appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Fields do not pass the catalogue.
    #[error("{} fault(s) in the report, first: {}", .0.len(), .0.first().map_or("", |f| f.en.as_str()))]
    Faults(Vec<Fault>),
    /// No such subcategory in the catalogue in force.
    #[error(
        "the catalogue in force on {on} has no subcategory {code:?}; see /v1/catalogue for those it has"
    )]
    UnknownSubcategory {
        /// As given.
        code: String,
        /// Decision date.
        on: CivilDate,
    },
    /// No policy covers the date.
    #[error("no {what} has been adopted that covers {on}")]
    NoPolicy {
        /// Which kind.
        what: &'static str,
        /// The date.
        on: CivilDate,
    },
    /// The identifiers belong to different subjects.
    #[error("the identifiers belong to {} different subjects; a person has to decide which is right", .0.len())]
    IdentifiersDiffer(Vec<SubjectId>),
    /// The identifier belongs to a subject of another kind.
    #[error("the identifier belongs to a subject of another kind than {declared}")]
    KindDiffers {
        /// As declared.
        declared: &'static str,
    },
    /// A kind of identifier that this kind of subject cannot have.
    #[error("a {kind} cannot identify this kind of subject")]
    IdentifierKindUnfit {
        /// Kind.
        kind: IdentifierKind,
    },
    /// An adverse record about somebody who was under 18.
    #[error("no adverse record is kept about a person who was under 18 at the time of the conduct")]
    Minor,
    /// Summary-procedure penalty about a natural person.
    #[error("a summary-procedure penalty about a natural person is not collected")]
    SummaryAboutPerson,
    /// A waiting report in another state.
    #[error("the report {pending} is {state}")]
    PendingState {
        /// The report.
        pending: PendingId,
        /// What it is, in English.
        state: &'static str,
        /// The same in Chinese.
        zh: &'static str,
    },
    /// A person found before that this is somebody else.
    #[error(
        "position {0} says that this report is not about this subject; a link needs that decision set aside"
    )]
    CandidateRejected(Position),
    /// Nothing has that id.
    #[error("there is no {what} {id}")]
    NotFound {
        /// Kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Somebody else was faster.
    #[error("the record was changed at position {actual}; you saw {expected}")]
    Conflict {
        /// The record.
        record: RecordId,
        /// Seen by the caller.
        expected: Position,
        /// As it is.
        actual: Position,
    },
    /// A compensated record takes no further change.
    #[error("the record was {state} at position {at}; it takes no further change")]
    AlreadyCompensated {
        /// `voided` or `annulled`.
        state: &'static str,
        /// When.
        at: Position,
    },
    /// The content was erased.
    #[error("the content of this record was erased; it cannot be corrected")]
    Erased,
    /// A listing that the list table does not allow.
    #[error("{en}")]
    Listing {
        /// Stable code.
        rule: &'static str,
        /// Chinese.
        zh: String,
        /// English.
        en: String,
    },
    /// Already ended.
    #[error("the listing ended on {on}")]
    ListingEnded {
        /// The listing.
        listing: ListingId,
        /// When.
        on: CivilDate,
    },
    /// A batch out of order.
    #[error("batch {batch} is {state}")]
    Batch {
        /// The batch.
        batch: BatchId,
        /// What it is.
        state: &'static str,
    },
    /// A submission that was decided already, or not yet.
    #[error("submission {batch}: {en}")]
    Submission {
        /// The submission.
        batch: BatchId,
        /// Where it stands, in Chinese.
        zh: &'static str,
        /// The same in English.
        en: &'static str,
    },
    /// The same person twice.
    #[error(
        "whoever handed the file in, or reviewed it before, cannot review it: the key and its label have to be another person's"
    )]
    FourEyes,
    /// Somebody of another agency.
    #[error("the submission is another agency's, or another clerk's")]
    OtherAgency,
    /// A key that is not in force, or lacks the scope.
    #[error("the key is not in force or lacks the scope {scope}")]
    KeyUnfit {
        /// The scope.
        scope: &'static str,
    },
    /// A policy text that does not load.
    #[error("the {what} does not load: {why}")]
    PolicyText {
        /// Kind.
        what: &'static str,
        /// Reason.
        why: String,
    },
    /// An id is taken.
    #[error("access key {0} exists already")]
    KeyExists(AccessKeyId),
    /// A text too long for its field, or a value that does not fit.
    #[error("{field}: {why}")]
    Value {
        /// Field.
        field: &'static str,
        /// Reason.
        why: String,
    },
    /// The log has begun already, or has not begun.
    #[error("the log has {0}")]
    LogState(&'static str),
    /// The rows that come with an erasure do not cover the states committed so far: take them again, and try again.
    #[error(
        "the erasure does not list the rows of every committed state, first that of position {commitment}; list them and try again"
    )]
    RowsMissing {
        /// The commitment, none where there is no state to list.
        commitment: Position,
    },
    /// A date that cannot be.
    #[error("{field}: {error}")]
    Date {
        /// Field.
        field: &'static str,
        /// Reason.
        error: DateError,
    },
}

impl Refusal {
    /// Stable code, the last part of the problem's type URI.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Faults(_) => "invalid-report",
            Self::UnknownSubcategory { .. } => "unknown-subcategory",
            Self::NoPolicy { .. } => "no-policy",
            Self::IdentifiersDiffer(_) => "identifiers-differ",
            Self::KindDiffers { .. } => "subject-kind-differs",
            Self::IdentifierKindUnfit { .. } => "identifier-kind-unfit",
            Self::Minor => "minor",
            Self::PendingState { .. } => "pending-state",
            Self::CandidateRejected(_) => "candidate-rejected",
            Self::SummaryAboutPerson => "summary-about-person",
            Self::NotFound { .. } => "not-found",
            Self::Conflict { .. } => "revision-conflict",
            Self::AlreadyCompensated { .. } => "already-compensated",
            Self::Erased => "erased",
            Self::Listing { .. } => "listing-refused",
            Self::ListingEnded { .. } => "listing-ended",
            Self::Batch { .. } => "batch-state",
            Self::Submission { .. } => "submission-state",
            Self::FourEyes => "four-eyes",
            Self::OtherAgency | Self::KeyUnfit { .. } => "forbidden",
            Self::PolicyText { .. } => "policy-text",
            Self::KeyExists(_) => "key-exists",
            Self::Value { .. } => "invalid-value",
            Self::LogState(_) | Self::RowsMissing { .. } => "log-state",
            Self::Date { .. } => "invalid-date",
        }
    }

    /// The same in Chinese, for people.
    pub fn zh(&self) -> String {
        match self {
            Self::Faults(faults) => {
                let first = faults.first().map_or("", |f| f.zh.as_str());
                format!("报送内容有 {} 处错误，第一处：{first}", faults.len())
            }
            Self::UnknownSubcategory { code, on } => {
                format!("{on} 施行的目录中没有子类“{code}”，请核对目录后重新填写")
            }
            Self::NoPolicy { on, .. } => format!("没有覆盖 {on} 的已发布政策，请先发布"),
            Self::IdentifiersDiffer(_) => "所填代码分属不同主体，需人工核定后再报送".to_owned(),
            Self::KindDiffers { .. } => "该代码登记的主体类别与所填不同，请核对主体类别".to_owned(),
            Self::IdentifierKindUnfit { .. } => {
                "该类主体不能使用此种代码，请核对代码类型".to_owned()
            }
            Self::Minor => "行为发生时未满十八周岁，不记录失信信息".to_owned(),
            Self::PendingState { zh, .. } => format!("该报送{zh}"),
            Self::CandidateRejected(at) => format!("位置 {at} 已认定该报送与此主体无关，不能认领"),
            Self::SummaryAboutPerson => "对自然人的简易程序处罚不予归集".to_owned(),
            Self::NotFound { id, .. } => format!("没有找到 {id}，请核对编号"),
            Self::Conflict { actual, .. } => {
                format!("该记录已在位置 {actual} 发生变化，请刷新后重试")
            }
            Self::AlreadyCompensated { at, .. } => {
                format!("该记录已在位置 {at} 作废或撤销，不能再变更")
            }
            Self::Erased => "该记录内容已删除，不能更正".to_owned(),
            Self::Listing { zh, .. } => zh.clone(),
            Self::ListingEnded { on, .. } => format!("该名单事项已于 {on} 移出"),
            Self::Batch { .. } => "批次状态不允许此操作".to_owned(),
            Self::Submission { zh, .. } => format!("该报送{zh}，不能进行此操作"),
            Self::FourEyes => {
                "报送人或前一审核人不得审核同一报送，须由持另一密钥的另一人审核".to_owned()
            }
            Self::OtherAgency => "该报送属于其他单位或其他报送人".to_owned(),
            Self::KeyUnfit { scope } => format!("密钥已失效，或没有 {scope} 权限"),
            Self::PolicyText { why, .. } => format!("政策文本无法载入：{why}"),
            Self::KeyExists(_) => "该密钥编号已存在".to_owned(),
            Self::Value { field, why } => format!("{field}：{why}"),
            Self::LogState(_) => "日志状态不允许此操作".to_owned(),
            Self::RowsMissing { commitment } => {
                format!("删除未列明位置 {commitment} 状态承诺中的状态行，请重试")
            }
            Self::Date { field, .. } => format!("{field}：没有这一天，请按 年-月-日 填写"),
        }
    }
}

/// Text for a field, or the refusal that names the field.
pub(crate) fn text<const MAX: u32>(
    field: &'static str,
    value: &str,
) -> Result<probity_types::Text<MAX>, Refusal> {
    if let Some(found) = crate::texts::hidden(value) {
        return Err(Refusal::Faults(vec![crate::texts::hidden_fault(
            field, found,
        )]));
    }
    value
        .try_into()
        .map_err(|e: probity_types::TextError| Refusal::Value {
            field,
            why: e.to_string(),
        })
}
