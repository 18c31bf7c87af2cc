//! The registry of problem types: one code, one status, one title and one sentence in each language.
//!
//! The type URI is `/problems/<code>`; `GET /problems/{code}` answers with the entry. Codes are never reused.

use crate::schema::code_schema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A text that is no code of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no problem type has this code; /v1/openapi.json lists those there are")]
pub struct ProblemTypeError;

macro_rules! problem_types {
    ($($variant:ident = $code:literal, $status:literal, $title_zh:literal, $title_en:literal,
        $about_zh:literal, $about_en:literal;)+) => {
        /// What kind of problem an answer reports.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemType { $(#[doc = concat!($title_zh, ". ", $about_en)] $variant,)+ }

        impl ProblemType {
            /// Every problem type, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Stable code, the last part of the type URI.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// Type URI of RFC 9457, relative to the server.
            pub fn uri(self) -> &'static str {
                match self { $(Self::$variant => concat!("/problems/", $code)),+ }
            }

            /// Short title in English; the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title_en),+ }
            }

            /// The same in Chinese.
            pub fn title_zh(self) -> &'static str {
                match self { $(Self::$variant => $title_zh),+ }
            }

            /// What it means and what to do, in English.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about_en),+ }
            }

            /// The same in Chinese.
            pub fn about_zh(self) -> &'static str {
                match self { $(Self::$variant => $about_zh),+ }
            }
        }
    };
}

problem_types! {
    MalformedJson = "malformed-json", 400, "请求内容不是有效的 JSON", "malformed JSON",
        "请求内容不是有效的 JSON，或字段名、取值形式与接口不符。请按说明中的位置更正。",
        "The body is not JSON, or a name or form in it is not one of the interface. Correct the place that the detail names.";
    UnsupportedMediaType = "unsupported-media-type", 415, "内容类型不支持", "unsupported media type",
        "请以 application/json 发送；文件导入发送文件原始字节。",
        "Send application/json; for an import, send the raw bytes of the file.";
    PayloadTooLarge = "payload-too-large", 413, "请求内容过大", "payload too large",
        "请求内容超过上限。请分批发送，或使用文件导入。",
        "The body is larger than the limit. Split it, or use the import of files.";
    InvalidPath = "invalid-path", 400, "地址中的编号无效", "invalid path",
        "地址中的编号形式不对。编号为 32 位小写十六进制，位置为整数。",
        "A part of the address has the wrong form. An id is 32 lower-case hexadecimal digits, a position a whole number.";
    InvalidQuery = "invalid-query", 400, "查询参数无效", "invalid query",
        "查询参数不存在或形式不对。请按说明更正。",
        "A query parameter is unknown or has the wrong form. Correct it as the detail says.";
    NotFound = "not-found", 404, "没有找到", "not found",
        "没有此项，或您无权知道其是否存在。请核对编号。",
        "There is nothing here, or you may not know whether there is. Check the id.";
    MethodNotAllowed = "method-not-allowed", 405, "不支持此方法", "method not allowed",
        "该地址不支持此方法。可用的方法见 Allow 标头。",
        "The address does not take this method. The header Allow names those it takes.";
    Unauthorized = "unauthorized", 401, "需要有效密钥", "unauthorized",
        "请在 Authorization 标头中以 Bearer 方式提供有效密钥。",
        "Send a valid key in the header Authorization, as Bearer.";
    Forbidden = "forbidden", 403, "密钥权限不足", "forbidden",
        "该密钥没有此操作所需的权限。",
        "The key does not have the scope that this operation needs.";
    PurposeRequired = "purpose-required", 400, "需要说明用途和依据", "purpose required",
        "查询个人信息须在 Probity-Purpose 与 Probity-Basis 标头中写明用途和依据。",
        "A read about persons names its purpose and its basis in the headers Probity-Purpose and Probity-Basis.";
    IdempotencyKeyRequired = "idempotency-key-required", 400, "需要幂等键", "idempotency key required",
        "写入操作须带 Idempotency-Key 标头。重试时使用同一值，即返回首次回执。",
        "A write names its Idempotency-Key. A retry with the same value returns the first receipt.";
    IdempotencyKeyReused = "idempotency-key-reused", 422, "幂等键已用于其他请求", "idempotency key reused",
        "该幂等键已用于另一请求。请换用新的值。",
        "The idempotency key was used for another request. Use a new one.";
    IfMatchRequired = "if-match-required", 428, "需要版本标头", "If-Match required",
        "变更须在 If-Match 标头中写明所见版本，即读取时返回的 ETag。",
        "A change names in If-Match the revision that you saw, as given by the ETag of the read.";
    RevisionConflict = "revision-conflict", 412, "内容已变化", "revision conflict",
        "您读取之后内容已变化。请查看 current 中的新条目后再决定。",
        "It was changed since you read it. See the newer entries in current, then decide again.";
    PositionAhead = "position-ahead", 412, "位置尚未到达", "position ahead",
        "所要求的位置在日志末端之后。current 给出目前的末端。",
        "The position asked for lies beyond the head of the log. current names the head.";
    IdentityNumberInAddress = "identity-number-in-address", 400, "地址中不得出现证件号码", "identity number in the address",
        "证件号码不得出现在地址中，请改用 POST /v1/subjects/search 在请求内容中提供。该地址未作记录。",
        "An identity number never stands in an address. Use POST /v1/subjects/search with the number in the body. The address was not logged.";
    TooManyRequests = "too-many-requests", 429, "请求过于频繁", "too many requests",
        "请求超过限额。请在 Retry-After 所示秒数后重试；持续获取变更请用 /v1/feed。",
        "More requests than the limit. Wait the seconds of Retry-After; to follow changes, use /v1/feed.";
    Busy = "busy", 503, "系统繁忙", "busy",
        "写入队列已满，未作任何记录。请在 Retry-After 所示秒数后以同一幂等键重试。",
        "The queue of writes is full; nothing was recorded. Wait the seconds of Retry-After and retry with the same idempotency key.";
    ClockRefused = "clock-refused", 503, "系统时间不可信", "clock refused",
        "系统时间与日志不符，暂停写入，须由负责人确认时间。未作任何记录。",
        "The clock contradicts the log, so writes are refused until an officer accepts the time. Nothing was recorded.";
    StorageFull = "storage-full", 507, "存储空间不足", "storage full",
        "服务器磁盘空间不足，暂停写入，须由运维腾出空间。未作任何记录。请稍后以同一幂等键重试。",
        "The disk of the ledger is nearly full, so writes are refused until its operator makes room. Nothing was recorded. Retry later with the same idempotency key.";
    OutcomeUnknown = "outcome-unknown", 503, "结果未知", "outcome unknown",
        "未能确认是否已写入。请稍后以同一幂等键重试，即可得知。",
        "Whether it was recorded is not known. Retry later with the same idempotency key to learn it.";
    Stopping = "stopping", 503, "系统正在停止", "stopping",
        "系统正在停止，未作任何记录。请稍后以同一幂等键重试。",
        "The ledger is stopping; nothing was recorded. Retry later with the same idempotency key.";
    NoCheckpoint = "no-checkpoint", 503, "尚无签名检查点", "no checkpoint yet",
        "尚未发布覆盖所请求内容的签名检查点。通常一秒内即有；若持续如此，/readyz 说明原因。",
        "No signed checkpoint covers what was asked for yet. There is one within a second as a rule; where there is not, /readyz says why.";
    Unwitnessed = "unwitnessed", 503, "见证方不足，暂停写入", "too few witnesses",
        "见证方长时间未达到规定数量，按配置暂停写入。未作任何记录。请稍后以同一幂等键重试。",
        "Too few witnesses have cosigned for too long, so writes are refused as configured. Nothing was recorded. Retry later with the same idempotency key.";
    UnitTooLarge = "unit-too-large", 413, "一次写入的内容过多", "unit too large",
        "一次写入的条目或字节超过上限。请拆分请求。",
        "More entries or bytes than one write may hold. Split the request.";
    Erased = "erased", 410, "内容已删除", "erased",
        "个人信息已按决定删除，不能再读取或更正。删除本身有记录可查。",
        "The personal content was erased by decision and can neither be read nor corrected. The erasure itself stands in the log.";
    Internal = "internal", 500, "内部错误", "internal error",
        "系统内部错误。联系运维时请提供 reference。",
        "A fault inside the ledger. Give the reference when you report it.";
    InvalidReport = "invalid-report", 422, "报送内容有误", "invalid report",
        "报送内容未通过目录校验。errors 逐项列出字段、规则与正确写法。",
        "The report does not pass the catalogue. errors lists each field with its rule and what would be right.";
    UnknownSubcategory = "unknown-subcategory", 422, "目录中没有此子类", "unknown subcategory",
        "决定日期当日施行的目录中没有此子类。可用子类见 /v1/catalogue。",
        "The catalogue in force on the decision date has no such subcategory. /v1/catalogue lists those it has.";
    NoPolicy = "no-policy", 422, "没有适用的政策", "no policy",
        "没有覆盖该日期的已发布政策。",
        "No policy has been adopted that covers the date.";
    IdentifiersDiffer = "identifiers-differ", 409, "代码分属不同主体", "identifiers differ",
        "所填代码分属不同主体，须由人工核定。",
        "The identifiers belong to different subjects; a person has to decide which is right.";
    SubjectKindDiffers = "subject-kind-differs", 409, "主体类别不一致", "subject kind differs",
        "该代码登记的主体类别与所填不同。",
        "The identifier belongs to a subject of another kind than declared.";
    IdentifierKindUnfit = "identifier-kind-unfit", 422, "代码类型不适用", "identifier kind unfit",
        "该类主体不能使用此种代码。",
        "This kind of identifier cannot identify this kind of subject.";
    Minor = "minor", 422, "未满十八周岁", "under 18",
        "行为发生时未满十八周岁，不记录失信信息。",
        "No adverse record is kept about a person who was under 18 at the time of the conduct.";
    PendingState = "pending-state", 409, "报送状态不符", "state of the report",
        "该报送已被认领、已处理或已被隔离，不能再作此决定。",
        "The report was linked, decided or quarantined, so this can no longer be decided about it.";
    CandidateRejected = "candidate-rejected", 409, "已排除的候选", "ruled out",
        "此前已认定该报送与此主体无关，不能认领。",
        "Somebody found before that the report is not about this subject; it cannot be linked to it.";
    SummaryAboutPerson = "summary-about-person", 422, "不予归集", "not collected",
        "对自然人的简易程序处罚不予归集。",
        "A summary-procedure penalty about a natural person is not collected.";
    AlreadyCompensated = "already-compensated", 409, "已作废或撤销", "already compensated",
        "该记录已作废或撤销，不能再变更。",
        "The record was voided or annulled; it takes no further change.";
    ListingRefused = "listing-refused", 422, "不能列入", "listing refused",
        "该列入不符合名单的规定。说明指出所缺条件。",
        "The rules of the list do not allow this listing. The detail names what is missing.";
    ListingEnded = "listing-ended", 409, "已移出", "listing ended",
        "该名单事项已经移出。",
        "The membership has ended already.";
    BatchState = "batch-state", 409, "批次状态不符", "batch state",
        "批次当前状态不允许此操作。",
        "The batch is not in a state that allows this.";
    SubmissionState = "submission-state", 409, "报送状态不符", "submission state",
        "该报送已经审核、退回或撤回，不能再进行此操作。",
        "The submission was decided, rejected or taken back already; this is no longer possible.";
    FourEyes = "four-eyes", 409, "须由另一人审核", "another person has to decide",
        "报送人和前一审核人不得审核同一报送，须由持另一密钥的另一人审核。",
        "Whoever handed the file in or reviewed it before cannot decide on it; another person with another key has to.";
    SubmissionMoved = "submission-moved", 409, "登记内容已变化", "the register moved",
        "报送之后登记内容已变化，所列各行现在将被拒绝。请退回这些行，或声明接受其不入库。未作任何决定。",
        "The register has changed since the file was handed in: the rows listed would be refused now. Take them out, or accept that they stay out. Nothing was decided.";
    SubmissionOver = "submission-over", 410, "报送已办结", "submission over",
        "该报送已办结，原件已销毁，不能再预演。逐行结果见回执。",
        "The submission is over and its file was destroyed; it cannot be rehearsed. The receipt tells what became of each row.";
    PolicyText = "policy-text", 422, "政策文本无法载入", "policy text",
        "政策文本无法载入。说明指出位置与原因。",
        "The policy text does not load. The detail names the place and the reason.";
    KeyExists = "key-exists", 409, "密钥编号已存在", "key exists",
        "该密钥编号已存在。",
        "An access key of this id exists already.";
    InvalidValue = "invalid-value", 422, "字段取值有误", "invalid value",
        "字段取值过长或不符合要求。errors 指出字段与正确写法。",
        "A value is too long or does not fit its field. errors names the field and what would be right.";
    LogState = "log-state", 409, "日志状态不符", "log state",
        "日志当前状态不允许此操作。",
        "The log is not in a state that allows this.";
    InvalidFile = "invalid-file", 422, "文件无法导入", "file cannot be imported",
        "文件无法读取、与导入方案不符，或不属于信用信息。未作任何记录，请按说明更正后重新发送。",
        "The file does not read, does not fit its import profile, or is no credit data. Nothing was recorded; correct it as the detail says.";
    InvalidDate = "invalid-date", 422, "日期有误", "invalid date",
        "日历上没有这一天，或日期不在可用范围。请按 年-月-日 填写。",
        "There is no such day, or it lies outside the range. Write YYYY-MM-DD.";
}

impl FromStr for ProblemType {
    type Err = ProblemTypeError;
    fn from_str(code: &str) -> Result<Self, ProblemTypeError> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.code() == code)
            .ok_or(ProblemTypeError)
    }
}

impl fmt::Display for ProblemType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for ProblemType {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for ProblemType {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

code_schema!(
    ProblemType,
    "Code of a problem type.",
    |kind: &ProblemType| (kind.code(), kind.title_zh(), kind.title())
);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_every_one_is_documented() {
        let codes: BTreeSet<_> = ProblemType::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ProblemType::ALL.len());
        for kind in ProblemType::ALL {
            assert_eq!(kind.code().parse(), Ok(*kind));
            assert!(
                kind.code()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{kind}"
            );
            assert!((400..=599).contains(&kind.status()), "{kind}");
            assert!(
                kind.about().ends_with('.') && kind.about_zh().ends_with('。'),
                "{kind}"
            );
            assert!(
                !kind.title().is_empty() && !kind.title_zh().is_empty(),
                "{kind}"
            );
            assert_eq!(kind.uri(), format!("/problems/{kind}"));
        }
    }

    /// Reads the rules' own text, so that a new refusal without a problem type fails here.
    #[test]
    fn every_refusal_of_the_rules_has_a_problem_type() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../crates/domain/src/refusal.rs"
        );
        let text = std::fs::read_to_string(path).unwrap();
        let body = text
            .split("fn code(&self)")
            .nth(1)
            .and_then(|rest| rest.split("fn zh").next());
        let codes: Vec<_> = body
            .unwrap()
            .lines()
            .filter_map(|line| line.split("=> \"").nth(1))
            .collect();
        assert!(codes.len() >= 20, "the list of codes was not found");
        for code in codes {
            let code = code.split('"').next().unwrap();
            assert!(
                code.parse::<ProblemType>().is_ok(),
                "{code} has no problem type"
            );
        }
    }
}
