//! Open bodies of the events. Field order is the encoding; see `schema/` for the same lists in machine-readable form.

use super::details::{
    AdjudicationDetails, ArrearDetails, CoercionDetails, HonourDetails, JudgmentDetails,
    PenaltyDetails, PermitDetails,
};
use super::parts::{FieldChange, HeldIdentifier, Identity, ParkedContent};
use crate::limits::POLICY_TEXT_CHARS_MAX;
use crate::wire::{Hash, List, Set, wire_codes, wire_struct};
use probity_types::{
    AccessKeyId, BatchId, CivilDate, CompensationReason, EndReason, Fen, FileTag, IdentifierKind,
    ListColour, ListingId, ListingProcedure, LogId, ParkReason, PendingId, PerformanceState,
    Polarity, Position, Publicity, QueryPurpose, RecipientId, RecordId, RemedyState, ReviewStage,
    Role, RootId, RowOutcome, Severity, SubjectId, SubjectKind, SubmissionKind, Text, Timestamp,
};

wire_codes! {
    CompensationReason, EndReason, ListColour, ListingProcedure, ParkReason, Polarity, Publicity, QueryPurpose, RemedyState,
    Role, Severity, SubjectKind, SubmissionKind, ReviewStage, RowOutcome,
}

wire_struct! {
    /// Where in a submission a fact stood.
    pub struct Origin {
        open batch: BatchId = "批次";
        open file: FileTag = "文件标签";
        open sheet: Text<64> = "工作表";
        open row: u32 = "行";
        open profile: Text<96> = "导入方案";
    }
    /// What every record has in common (domain reference §5.0). Holds nothing that names a person.
    pub struct RecordCore {
        open record: RecordId = "记录编号";
        open subject_kind: SubjectKind = "主体类别";
        open role: Role = "角色";
        open subcategory: Text<16> = "子类";
        open authority: Text<200> = "决定机关";
        open authority_code: Text<18> = "决定机关代码";
        open source_unit: Text<200> = "数据来源单位";
        open source_unit_code: Text<18> = "数据来源单位代码";
        open region: Text<9> = "行政区划";
        open decided_on: CivilDate = "决定日期";
        open effective_from: CivilDate = "生效自";
        open effective_to: Option<CivilDate> = "有效至";
        open duty_deadline: Option<CivilDate> = "履行期限";
        open performed_on: Option<CivilDate> = "履行完成日期";
        open severity: Severity = "失信程度";
        open polarity: Polarity = "性质";
        open publicity: Publicity = "公开属性";
        open summary_procedure: bool = "简易程序";
        open remedy_state: Option<RemedyState> = "复议诉讼状态";
        open origin: Origin = "出处";
    }
    /// The log begins. Always position 0.
    pub struct LogStarted {
        open log: LogId = "日志编号";
        open origin: Text<128> = "日志名称";
    }
    /// 状态承诺: what the log up to `as_of` says about every subject on `date`, as two roots (SPEC.md §15).
    pub struct StateCommitted {
        open as_of: Position = "截至位置";
        open date: CivilDate = "日期";
        open views: u16 = "视图版本";
        open evaluator: u16 = "规则引擎版本";
        open packs: Hash = "政策包哈希";
        open subjects: u64 = "主体数";
        open open_root: Hash = "公开根";
        open full_root: Hash = "完整根";
    }
    /// 签名密钥更换: from here on checkpoints are signed by this key as well, and by it alone after `overlap_until`.
    pub struct SigningKeyRotated {
        open number: u32 = "序号";
        open key: Hash = "公钥";
        open overlap_until: Timestamp = "重叠至";
        open reason: Text<200> = "原因";
        open officer: Text<64> = "经办人";
    }
    /// A new Shanghai day began; appended before the first unit of that day.
    pub struct DayStarted {
        open day: CivilDate = "日期";
    }
    /// An officer accepted a time that the clock rules had refused.
    pub struct ClockAccepted {
        open offered: Timestamp = "时间";
        open officer: Text<64> = "人员";
    }
    /// 主体登记: a subject came into the register.
    pub struct SubjectRegistered {
        open subject_kind: SubjectKind = "主体类别";
        open region: Text<9> = "行政区划";
        open industry: Text<32> = "行业";
        subject identity: Option<Identity> = "身份";
    }
    /// 名称变更: from a date, the subject bears another name.
    pub struct SubjectRenamed {
        open subject_kind: SubjectKind = "主体类别";
        open effective_on: CivilDate = "生效日期";
        subject name: Option<Text<200>> = "名称";
    }
    /// A further identifier of a subject became known.
    pub struct IdentifierAdded {
        open subject_kind: SubjectKind = "主体类别";
        subject identifier: Option<HeldIdentifier> = "代码";
    }
    /// 职业资格证书: a person holds a practice certificate and belongs to a key-person group.
    pub struct CertificateRecorded {
        open group: Text<32> = "重点人群";
        open title: Text<64> = "证书名称";
        open issuer: Text<200> = "发证机关";
        open issued_on: CivilDate = "发证日期";
        open valid_to: Option<CivilDate> = "有效期至";
        person number: Option<Text<64>> = "证书编号";
    }
    /// 行政许可 recorded.
    pub struct PermitRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<PermitDetails> = "许可信息";
    }
    /// 行政处罚 recorded.
    pub struct PenaltyRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<PenaltyDetails> = "处罚信息";
    }
    /// 行政强制 recorded.
    pub struct CoercionRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<CoercionDetails> = "强制信息";
    }
    /// 行政裁决 recorded.
    pub struct AdjudicationRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<AdjudicationDetails> = "裁决信息";
    }
    /// 法院判决 recorded.
    pub struct JudgmentRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<JudgmentDetails> = "判决信息";
    }
    /// 欠税欠费 recorded.
    pub struct ArrearRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<ArrearDetails> = "欠缴信息";
    }
    /// 荣誉 recorded.
    pub struct HonourRecorded {
        open core: RecordCore = "共同信息";
        subject details: Option<HonourDetails> = "荣誉信息";
    }
    /// 履行: what an act demanded was paid, served or done, from its date on. A new fact, not a correction.
    pub struct PerformanceRecorded {
        open record: RecordId = "记录编号";
        open subject_kind: SubjectKind = "主体类别";
        open performance: PerformanceState = "履行情况";
        open on: CivilDate = "日期";
        subject amount: Option<Fen> = "金额";
    }
    /// Who compensates a record, and why.
    pub struct Ground {
        open reason: CompensationReason = "原因";
        open authority: Text<200> = "作出单位";
        open instrument_no: Text<128> = "文书号";
        open legal_basis: Text<500> = "法律依据";
        open evidence: Set<FileTag, 16> = "证据";
    }
    /// 更正: repairs what was always so. The core is the one that holds from now on, for every day it speaks of.
    pub struct RecordCorrected {
        open core: RecordCore = "更正后的共同信息";
        open ground: Ground = "依据";
        subject changes: Option<List<FieldChange, 32>> = "更正内容";
    }
    /// 作废: entered wrongly, no such fact or not this subject.
    pub struct RecordVoided {
        open record: RecordId = "记录编号";
        open subject_kind: SubjectKind = "主体类别";
        open ground: Ground = "依据";
    }
    /// 撤销: the act itself was set aside, from the start or from a date, as the instrument says.
    pub struct RecordAnnulled {
        open record: RecordId = "记录编号";
        open subject_kind: SubjectKind = "主体类别";
        open from: Option<CivilDate> = "自何日起";
        open ground: Ground = "依据";
    }
    /// 待认领: a report that fits no subject yet, or contradicts a record, waits for a person.
    pub struct RecordParked {
        open pending: PendingId = "待认领编号";
        open reason: ParkReason = "原因";
        open subject_kind: SubjectKind = "主体类别";
        open subcategory: Text<64> = "子类或名单";
        open source_unit: Text<200> = "数据来源单位";
        open namesakes: u32 = "同名人数";
        open conflicts_with: RecordId = "相抵触的记录";
        open origin: Origin = "出处";
        subject content: Option<ParkedContent> = "内容";
    }
    /// 排除候选: a waiting report is not about this subject. Whoever looked says why; the next report of the same act obeys it.
    pub struct CandidateRejected {
        open pending: PendingId = "待认领编号";
        open subject_kind: SubjectKind = "主体类别";
        open candidate: SubjectId = "候选主体";
        open decider: Text<64> = "决定人职务或工号";
        subject reasons: Option<Text<4000>> = "理由";
    }
    /// 认领: a person decided that a waiting report is about this subject, on attributes that do not hang on each other.
    pub struct RecordLinked {
        open pending: PendingId = "待认领编号";
        open subject_kind: SubjectKind = "主体类别";
        open subject: SubjectId = "主体";
        open record: RecordId = "记录编号";
        open attributes: Set<Text<32>, 8> = "相符的独立信息";
        open decider: Text<64> = "决定人职务或工号";
        subject reasons: Option<Text<4000>> = "理由";
    }
    /// 代码核实: a named reviewer found a credit code in the register although its check character does not hold.
    pub struct CodeConfirmed {
        open kind: IdentifierKind = "代码类型";
        open value: Text<18> = "代码";
        open register: Text<200> = "核对的登记簿";
        open checked_on: CivilDate = "核对日期";
        open reviewer: Text<64> = "核对人职务或工号";
    }
    /// 隔离: a report that must not be kept in the open, such as one about somebody under age. Nothing of it stands in clear.
    pub struct ReportQuarantined {
        open pending: PendingId = "隔离编号";
        open source_unit: Text<200> = "数据来源单位";
        open origin: Origin = "出处";
    }
    /// 隔离处理: what became of a quarantined report. Where it was refused, its key is destroyed in the same unit.
    pub struct QuarantineDecided {
        open pending: PendingId = "隔离编号";
        open admitted: bool = "准予入库";
        open decider: Text<64> = "决定人职务或工号";
        open legal_basis: Text<500> = "法律依据";
    }
    /// 列入: a subject was put on a list. No rule lists anyone by itself.
    pub struct ListingDecided {
        open listing: ListingId = "名单事项编号";
        open list: Text<64> = "名单";
        open colour: Option<ListColour> = "名单类别";
        open subject_kind: SubjectKind = "主体类别";
        open procedure: ListingProcedure = "认定方式";
        open authority: Text<200> = "认定单位";
        open source_unit: Text<200> = "数据来源单位";
        open instrument_no: Text<128> = "依据文书";
        open basis: Text<2000> = "法律依据";
        open notice_served_on: Option<CivilDate> = "告知送达日期";
        open decider: Text<64> = "决定人职务或工号";
        open listed_on: Option<CivilDate> = "列入日期";
        open until: Option<CivilDate> = "期限截止";
        open origin: Origin = "出处";
        subject reason: Option<Text<4000>> = "列入事由";
    }
    /// 移出: a membership ended.
    pub struct ListingEnded {
        open listing: ListingId = "名单事项编号";
        open list: Text<64> = "名单";
        open reason: EndReason = "移出原因";
        open authority: Text<200> = "决定单位";
        open legal_basis: Text<500> = "法律依据";
        open ended_on: CivilDate = "移出日期";
    }
    /// A file or bulk submission was taken in; its rows show only after [`BatchCompleted`].
    pub struct BatchSubmitted {
        open batch: BatchId = "批次";
        open file: FileTag = "文件标签";
        open profile: Text<96> = "导入方案";
        open source_unit: Text<200> = "数据来源单位";
        open rows: u32 = "行数";
        open refused: u32 = "拒绝行数";
    }
    /// Every row of a batch was dealt with.
    pub struct BatchCompleted {
        open batch: BatchId = "批次";
        open imported: u32 = "已入库";
        open already_there: u32 = "已存在";
        open parked: u32 = "待认领";
        open refused: u32 = "已拒绝";
    }
    /// 收到报送: a clerk of an agency handed a file in, to be reviewed by somebody else. The file itself lies in the sealed parts
    /// of this event and of the [`SubmissionContinued`] of the same unit, under a root of its own; it is erased when the
    /// submission is over.
    pub struct SubmissionReceived {
        open batch: BatchId = "批次";
        open kind: SubmissionKind = "报送种类";
        open file: FileTag = "文件标签";
        open submitter: AccessKeyId = "报送人密钥";
        open agency: Text<200> = "报送单位";
        open profile: Text<96> = "导入方案";
        open rows: u32 = "行数";
        open refused: u32 = "拒绝行数";
        open classes: Set<Text<64>, 256> = "子类与名单";
        open platform: bool = "须经平台审核";
        open content: RootId = "原件密钥根";
        open bytes: u64 = "原件字节数";
    }
    /// More of the file of the same unit.
    pub struct SubmissionContinued {
        open batch: BatchId = "批次";
        open number: u32 = "序号";
    }
    /// A row that a review took out.
    pub struct RejectedRow {
        open row: u32 = "行";
        open rule: Text<64> = "规则";
        open reason: Text<200> = "原因";
    }
    /// 审核: another person than the submitter decided. Without approved rows the whole is rejected, for `reason`.
    pub struct SubmissionReviewed {
        open batch: BatchId = "批次";
        open stage: ReviewStage = "审核层级";
        open reviewer: AccessKeyId = "审核人密钥";
        open agency: Text<200> = "审核单位";
        open approved: u32 = "通过行数";
        open rejected: List<RejectedRow, 4096> = "退回行";
        open reason: Text<200> = "原因";
    }
    /// 报送人撤回: taken back before it was decided.
    pub struct SubmissionWithdrawn {
        open batch: BatchId = "批次";
        open submitter: AccessKeyId = "报送人密钥";
        open reason: Text<200> = "原因";
    }
    /// What became of one row: `position` names the entry that records it, or the earlier one that did.
    pub struct SettledRow {
        open row: u32 = "行";
        open outcome: RowOutcome = "结果";
        open position: Position = "位置";
        open rule: Text<64> = "规则";
        open decided_on: Option<CivilDate> = "决定日期";
    }
    /// 逐行回执: what became of the rows of an approved file; several of these where there are many.
    pub struct RowsSettled {
        open batch: BatchId = "批次";
        open rows: List<SettledRow, 4096> = "行";
    }
    /// A policy text was adopted by an officer.
    pub struct Adoption {
        open id: Text<64> = "编号";
        open version: Text<32> = "版本";
        open officer: Text<64> = "人员";
        open effective_from: CivilDate = "施行日期";
        open effective_to: Option<CivilDate> = "失效日期";
        open text_hash: Hash = "正文哈希";
        open text: Text<POLICY_TEXT_CHARS_MAX> = "正文";
    }
    /// 目录 adopted.
    pub struct CatalogueAdopted {
        open adoption: Adoption = "发布";
    }
    /// 政策包 adopted: grade table, periods, lists, publicity.
    pub struct PolicyPackAdopted {
        open kind: Text<32> = "种类";
        open adoption: Adoption = "发布";
    }
    /// 导入方案 adopted.
    pub struct ImportProfileAdopted {
        open adoption: Adoption = "发布";
    }
    /// An access key was issued. Only a hash of its secret is kept.
    pub struct AccessKeyIssued {
        open key: AccessKeyId = "密钥编号";
        open label: Text<64> = "名称";
        open agency: Text<200> = "单位";
        open scopes: Set<Text<32>, 32> = "权限";
        open secret_hash: Hash = "密钥哈希";
        open expires_on: Option<CivilDate> = "失效日期";
        open demo: bool = "演示";
    }
    /// An access key was revoked.
    pub struct AccessKeyRevoked {
        open key: AccessKeyId = "密钥编号";
        open reason: Text<200> = "原因";
    }
    /// 披露: restricted data left the register; durable before the answer does.
    pub struct DisclosureMade {
        open recipient: RecipientId = "接收方";
        open purpose: QueryPurpose = "用途";
        open basis: Text<500> = "依据";
        open scope: Text<64> = "范围";
        open subjects: Set<SubjectId, 256> = "主体";
        open read_at: Position = "读取位置";
    }
    /// A subject's full row (SPEC.md §15) from one commitment on.
    pub struct CommittedRow {
        open commitment: Position = "状态承诺位置";
        open row: Hash = "状态行";
    }
    /// 删除: the key of one sealed part, or of all of a person's, is destroyed after this event. `rows`: the full row of the
    /// subject at each earlier commitment at which it changed, since nobody can compute it again.
    pub struct ErasureRecorded {
        open root: RootId = "密钥根";
        open index: Option<u64> = "密钥序号";
        open positions: Set<Position, 4096> = "位置";
        open authority: Text<200> = "决定单位";
        open legal_basis: Text<500> = "法律依据";
        open rows: List<CommittedRow, 4096> = "以前的状态行";
    }
    /// 接收方: an agency takes the feed over into a database of its own, for one purpose and these classes alone. Said again, the
    /// newest holds.
    pub struct RecipientAdmitted {
        open recipient: RecipientId = "接收方";
        open agency: Text<200> = "单位";
        open purpose: QueryPurpose = "用途";
        open basis: Text<500> = "依据";
        open subcategories: Set<Text<16>, 256> = "信息类别";
        open lists: Set<Text<64>, 64> = "名单";
        open acknowledge_days: u32 = "回执期限（日）";
    }
    /// 回执: the recipient's database holds everything of its scope up to a position; `withdrawals` names what it took back or
    /// changed since its last receipt.
    pub struct RecipientAcknowledged {
        open recipient: RecipientId = "接收方";
        open position: Position = "位置";
        open withdrawals: Set<Position, 4096> = "已执行的更正与撤回";
    }
}
