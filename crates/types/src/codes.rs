//! Code lists of the field. Each code has a number (in the log), a key (in files and the API) and both names.
//!
//! Numbers are never reused and never change their meaning; a list grows at its end.
//! Source: the code lists of the 双公示 standard, the laws named at each list, and the product's own (see `docs/` of the
//! catalogue pack).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A key or number that its list does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not in the list {list}; allowed: {allowed}")]
pub struct CodeError {
    /// Name of the list.
    pub list: &'static str,
    /// What was given.
    pub found: String,
    /// Every key of the list, separated by spaces.
    pub allowed: String,
}

/// What every code list offers.
pub trait CodeList: Copy + Sized + 'static {
    /// The list's name, as in the catalogue's field types.
    const LIST: &'static str;
    /// Every code in order of its number.
    const ALL: &'static [Self];
    /// The number that stands in the log.
    fn number(self) -> u16;
    /// The key that stands in files and the API.
    fn key(self) -> &'static str;
    /// Simplified Chinese name.
    fn zh(self) -> &'static str;
    /// English name.
    fn en(self) -> &'static str;
}

/// One code with its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedCode {
    /// The key that stands in files and the API.
    pub key: &'static str,
    /// Simplified Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
}

fn named<C: CodeList>() -> Vec<NamedCode> {
    let name = |code: &C| NamedCode {
        key: code.key(),
        zh: code.zh(),
        en: code.en(),
    };
    C::ALL.iter().map(name).collect()
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $list:literal { $($variant:ident = $number:literal, $key:literal, $zh:literal, $en:literal;)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[allow(non_camel_case_types)] // penalty kinds carry the numbering of their era
        pub enum $name { $(#[doc = concat!($zh, ", ", $en, ".")] $variant = $number,)+ }
        impl CodeList for $name {
            const LIST: &'static str = $list;
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn number(self) -> u16 { self as u16 }
            fn key(self) -> &'static str { match self { $(Self::$variant => $key),+ } }
            fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }
            fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
        }
        impl TryFrom<u16> for $name {
            type Error = CodeError;
            fn try_from(number: u16) -> Result<Self, CodeError> {
                match number { $($number => Ok(Self::$variant),)+ _ => Err(unknown::<Self>(&number.to_string())) }
            }
        }
        impl FromStr for $name {
            type Err = CodeError;
            fn from_str(key: &str) -> Result<Self, CodeError> {
                match key { $($key => Ok(Self::$variant),)+ _ => Err(unknown::<Self>(key)) }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.key()) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() { s.serialize_str(self.key()) } else { s.serialize_u16(self.number()) }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                if d.is_human_readable() {
                    String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
                } else {
                    Self::try_from(u16::deserialize(d)?).map_err(serde::de::Error::custom)
                }
            }
        }
    )+

    /// Every list by the name of its type, as the schema of the log format has it, with its codes in order.
    pub fn every_list() -> Vec<(&'static str, Vec<NamedCode>)> {
        vec![$((stringify!($name), named::<$name>())),+]
    }
    };
}

fn unknown<C: CodeList>(found: &str) -> CodeError {
    let allowed = C::ALL.iter().map(|c| c.key()).collect::<Vec<_>>().join(" ");
    CodeError {
        list: C::LIST,
        found: found.chars().take(64).collect(),
        allowed,
    }
}

codes! {
    /// The seven categories of public credit information.
    Category = "category" {
        XK = 1, "XK", "行政许可", "administrative permit";
        CF = 2, "CF", "行政处罚", "administrative penalty";
        QZ = 3, "QZ", "行政强制", "administrative coercion";
        CJ = 4, "CJ", "行政裁决", "administrative adjudication";
        PJ = 5, "PJ", "法院判决", "court judgment";
        QF = 6, "QF", "欠税欠费", "arrears";
        RY = 7, "RY", "荣誉", "honour";
    }
    /// The four subject databases (四库).
    Database = "database" {
        Government = 1, "government", "政府", "government";
        SocialOrganisation = 2, "social_organisation", "社会组织", "social organisations";
        Enterprise = 3, "enterprise", "企业", "enterprises";
        Person = 4, "person", "个人", "persons";
    }
    /// 信用主体类别, what a subject is. Source: 双公示 type lists plus the four databases.
    SubjectKind = "subject_kind" {
        Enterprise = 1, "enterprise", "企业法人", "enterprise";
        SoleTrader = 2, "sole_trader", "个体工商户", "sole trader";
        Unincorporated = 3, "unincorporated", "非法人组织", "unincorporated organisation";
        SocialOrganisation = 4, "social_organisation", "社会组织", "social organisation";
        GovernmentBody = 5, "government_body", "机关和事业单位", "government body or public institution";
        NaturalPerson = 6, "natural_person", "自然人", "natural person";
    }
    /// 证件或代码类型, declared by the sender, never guessed from a check digit.
    IdentifierKind = "identifier_kind" {
        Uscc = 1, "uscc", "统一社会信用代码", "unified social credit code";
        OrgCode = 2, "org_code", "组织机构代码", "organisation code";
        RegistrationNo = 3, "registration_no", "工商注册号", "business registration number";
        TaxNo = 4, "tax_no", "税务登记号", "tax registration number";
        InstitutionNo = 5, "institution_no", "事业单位证书号", "public institution certificate number";
        SocialOrgNo = 6, "social_org_no", "社会组织登记证号", "social organisation registration number";
        FinancialInstitution = 7, "financial_institution", "金融机构编码", "financial institution code (15 characters, banking licence)";
        PbocInstitution = 8, "pboc_institution", "机构信用代码", "institution credit code of the central bank (about 2012, 18 characters; rule open: legacy, unverified, never tested as a credit code)";
        CitizenId = 9, "citizen_id", "公民身份号码", "citizen identity number";
        HmtResidence = 10, "hmt_residence", "港澳台居民居住证", "residence permit of Hong Kong, Macao and Taiwan residents";
        ForeignPermanent = 11, "foreign_permanent", "外国人永久居留身份证", "foreign permanent resident card";
        Passport = 12, "passport", "护照", "passport";
        OfficerCard = 13, "officer_card", "军官证", "officer card";
        PracticeCertificate = 14, "practice_certificate", "执业证书编号", "practice certificate number";
    }
    /// Whether a record can count against, for, or neither.
    Polarity = "polarity" {
        Adverse = 1, "adverse", "失信", "adverse";
        Neutral = 2, "neutral", "中性", "neutral";
        Positive = 3, "positive", "守信", "positive";
    }
    /// 失信程度. Source: NDRC order 36, in force 2026-04-01.
    Severity = "severity" {
        None = 1, "none", "不分级", "not graded";
        Minor = 2, "minor", "轻微", "minor";
        General = 3, "general", "一般", "general";
        Serious = 4, "serious", "严重", "serious";
    }
    /// Who may see a class of records.
    Publicity = "publicity" {
        Public = 1, "public", "公开", "public";
        PublicOrganisations = 2, "public_organisations", "组织公开、个人授权查询", "public for organisations, by authorisation for persons";
        Restricted = 3, "restricted", "授权查询", "by authorisation";
        Internal = 4, "internal", "内部使用", "internal";
    }
    /// The role in which an act concerns a subject.
    Role = "role" {
        Party = 1, "party", "行政相对人", "party to the act";
        Applicant = 2, "applicant", "申请人", "applicant";
        Respondent = 3, "respondent", "被申请人", "respondent";
        ThirdParty = 4, "third_party", "第三人", "third party";
        Plaintiff = 5, "plaintiff", "原告", "plaintiff";
        Defendant = 6, "defendant", "被告", "defendant";
        EnforcementApplicant = 7, "enforcement_applicant", "申请执行人", "enforcement applicant";
        EnforcementRespondent = 8, "enforcement_respondent", "被执行人", "person subject to enforcement";
        Guarantor = 9, "guarantor", "担保人", "guarantor";
        Accused = 10, "accused", "被告人", "accused";
        Debtor = 11, "debtor", "欠缴人", "debtor";
        Recipient = 12, "recipient", "获得者", "recipient";
        ResponsiblePerson = 13, "responsible_person", "责任人", "responsible person";
    }
    /// What kind of list a list is.
    ListColour = "list_colour" {
        Red = 1, "red", "红名单", "red list";
        Serious = 2, "serious", "严重失信主体名单", "serious-dishonesty list";
        Black = 3, "black", "黑名单", "blacklist";
        Notice = 4, "notice", "异常名录", "notice list";
        Board = 5, "board", "红黑榜", "score board";
    }
    /// How a listing came about. A listing of our own needs notice and a named decision; for the others unknown steps show as unknown.
    ListingProcedure = "listing_procedure" {
        Own = 1, "own", "本市认定", "decided here";
        Reported = 2, "reported", "外部机构认定", "reported by an outside body";
        Historical = 3, "historical", "历史记录", "historical";
    }
    /// Why a record is compensated.
    CompensationReason = "compensation_reason" {
        EnteredWrongly = 1, "entered_wrongly", "录入错误", "entered wrongly";
        WrongSubject = 2, "wrong_subject", "主体错误", "not this subject";
        NoSuchFact = 3, "no_such_fact", "事实不存在", "no such fact";
        SetAside = 4, "set_aside", "决定被撤销", "the act was set aside";
        DeclaredUnlawful = 5, "declared_unlawful", "决定被确认违法", "the act was declared unlawful";
        SourceCorrection = 6, "source_correction", "来源单位更正", "corrected by the source";
        CourtDecision = 7, "court_decision", "法院裁判", "court decision";
    }
    /// Why a listing ended.
    EndReason = "end_reason" {
        TermOver = 1, "term_over", "期限届满", "term over";
        ConditionMet = 2, "condition_met", "条件满足", "condition met";
        Repair = 3, "repair", "信用修复", "repair";
        Objection = 4, "objection", "异议成立", "objection upheld";
        Annulled = 5, "annulled", "依据被撤销", "basis annulled";
        Dissolved = 6, "dissolved", "主体消亡", "death or dissolution";
    }
    /// Why a record waits.
    ParkReason = "park_reason" {
        NameOnly = 1, "name_only", "仅有名称", "a name without an identifier";
        ConflictingContent = 2, "conflicting_content", "同一记录内容不同", "same record key, other content";
    }
    /// What a submitted file asks for.
    SubmissionKind = "submission_kind" {
        Report = 1, "report", "报送", "new rows";
        Correction = 2, "correction", "更正", "corrections of records";
        Withdrawal = 3, "withdrawal", "撤回", "withdrawals of records";
    }
    /// Whose review it is.
    ReviewStage = "review_stage" {
        Agency = 1, "agency", "本单位审核", "review by the agency";
        Platform = 2, "platform", "平台审核", "review by the platform";
    }
    /// What became of a row of a submitted file.
    RowOutcome = "row_outcome" {
        Appended = 1, "appended", "已入库", "recorded";
        AlreadyThere = 2, "already_there", "已存在", "there already";
        Parked = 3, "parked", "待认领", "waits for a person";
        Refused = 4, "refused", "已拒绝", "refused";
    }
    /// 许可类别. Source: 双公示 2018, XK_XKLB.
    PermitKind = "permit_kind" {
        General = 1, "general", "普通", "ordinary";
        Franchise = 2, "franchise", "特许", "franchise";
        Recognition = 3, "recognition", "认可", "recognition";
        Approval = 4, "approval", "核准", "approval";
        Registration = 5, "registration", "登记", "registration";
        Other = 6, "other", "其他", "other, with explanation";
    }
    /// 许可当前状态. Source: 双公示 2018, XK_ZT.
    PermitStatus = "permit_status" {
        Valid = 1, "valid", "有效", "valid (1)";
        Invalid = 2, "invalid", "无效", "invalid (2)";
    }
    /// 许可变更类型.
    PermitChange = "permit_change" {
        Granted = 1, "granted", "准予", "granted";
        Changed = 2, "changed", "变更", "changed";
        Renewed = 3, "renewed", "延续", "renewed";
        Suspended = 4, "suspended", "暂扣", "suspended";
        Withdrawn = 5, "withdrawn", "撤回", "withdrawn (law or facts changed)";
        Revoked = 6, "revoked", "撤销", "revoked (granted unlawfully)";
        Cancelled = 7, "cancelled", "注销", "cancelled (expired, dissolved)";
        Struck = 8, "struck", "吊销", "struck off as a penalty";
    }
    /// 处罚程序. Source: 行政处罚法 2021.
    PenaltyProcedure = "penalty_procedure" {
        Summary = 1, "summary", "简易程序", "summary procedure";
        Ordinary = 2, "ordinary", "普通程序", "ordinary procedure";
        Hearing = 3, "hearing", "听证程序", "with hearing";
    }
    /// 复议诉讼状态.
    RemedyState = "remedy_state" {
        None = 1, "none", "无", "none";
        ReviewOpen = 2, "review_open", "行政复议中", "administrative review open";
        LitigationOpen = 3, "litigation_open", "行政诉讼中", "litigation open";
        Upheld = 4, "upheld", "维持", "upheld";
        Changed = 5, "changed", "变更", "changed";
        Annulled = 6, "annulled", "撤销", "annulled";
        Unlawful = 7, "unlawful", "确认违法", "found unlawful";
        Void = 8, "void", "确认无效", "found void";
    }
    /// 强制种类. Source: 行政强制法 art. 9 and 12.
    CoercionMeasure = "coercion_measure" {
        Liberty = 1, "liberty", "限制公民人身自由", "restriction of liberty";
        Seal = 2, "seal", "查封", "sealing";
        Seize = 3, "seize", "扣押", "seizure";
        Freeze = 4, "freeze", "冻结", "freezing";
        OtherMeasure = 5, "other_measure", "其他强制措施", "other measure";
        ExtraFine = 6, "extra_fine", "加处罚款或滞纳金", "extra fine or late fee";
        Transfer = 7, "transfer", "划拨", "transfer of deposits";
        Auction = 8, "auction", "拍卖或处理", "auction or disposal";
        Restore = 9, "restore", "排除妨碍、恢复原状", "removal or restoration";
        Substitute = 10, "substitute", "代履行", "substitute performance";
        OtherEnforcement = 11, "other_enforcement", "其他强制执行", "other enforcement";
        Court = 12, "court", "申请法院强制执行", "application to the court";
    }
    /// 强制性质. A precautionary seizure is not misconduct.
    CoercionNature = "coercion_nature" {
        Precautionary = 1, "precautionary", "行政强制措施", "precautionary measure: never adverse";
        Enforcement = 2, "enforcement", "行政强制执行", "enforcement of an unperformed decision";
    }
    /// 裁决中的地位.
    AdjudicationRole = "adjudication_role" {
        Applicant = 1, "applicant", "申请人", "applicant";
        Respondent = 2, "respondent", "被申请人", "respondent";
        ThirdParty = 3, "third_party", "第三人", "third party";
    }
    /// 文书种类.
    JudicialDocument = "judicial_document" {
        Judgment = 1, "judgment", "判决书", "judgment";
        Ruling = 2, "ruling", "裁定书", "ruling";
        Mediation = 3, "mediation", "调解书", "mediation document";
        PaymentOrder = 4, "payment_order", "支付令", "payment order";
        Decision = 5, "decision", "决定书", "decision";
        Award = 6, "award", "仲裁裁决书", "arbitral award";
        NotarisedDebt = 7, "notarised_debt", "公证债权文书", "notarised debt instrument";
    }
    /// 诉讼地位.
    LitigationRole = "litigation_role" {
        Plaintiff = 1, "plaintiff", "原告", "plaintiff";
        Defendant = 2, "defendant", "被告", "defendant";
        ThirdParty = 3, "third_party", "第三人", "third party";
        EnforcementApplicant = 4, "enforcement_applicant", "申请执行人", "enforcement applicant";
        EnforcementRespondent = 5, "enforcement_respondent", "被执行人", "person subject to enforcement";
        Guarantor = 6, "guarantor", "担保人", "guarantor";
        Accused = 7, "accused", "被告人", "accused";
    }
    /// 履行情况.
    PerformanceState = "performance_state" {
        None = 1, "none", "全部未履行", "nothing performed";
        Part = 2, "part", "部分履行", "partly performed";
        Full = 3, "full", "全部履行", "fully performed";
    }
    /// 失信行为具体情形. Source: 法释〔2017〕7号 art. 1.
    DefaultConduct = "judgment_default_conduct" {
        Obstruct = 1, "obstruct", "妨碍、抗拒执行", "false evidence, violence or threats against enforcement";
        Evade = 2, "evade", "规避执行", "sham suits, hiding or moving assets";
        AssetReport = 3, "asset_report", "违反财产报告制度", "breach of the asset report duty";
        Consumption = 4, "consumption", "违反限制消费令", "breach of the consumption order";
        Settlement = 5, "settlement", "拒不履行执行和解协议", "settlement not performed without reason";
        AbleRefuses = 6, "able_refuses", "有履行能力而拒不履行", "able to perform but refuses";
    }
    /// 结案方式.
    ClosingKind = "closing_kind" {
        Performed = 1, "performed", "执行完毕", "performed";
        SuspendedNoAssets = 2, "suspended_no_assets", "终结本次执行", "suspended for lack of assets";
        Terminated = 3, "terminated", "终结执行", "terminated";
        Revoked = 4, "revoked", "销案", "case withdrawn";
        Refused = 5, "refused", "不予执行", "enforcement refused";
    }
    /// 欠缴类型.
    ArrearsKind = "arrears_kind" {
        Tax = 1, "tax", "欠税", "tax";
        NonTax = 2, "non_tax", "非税收入", "non-tax revenue";
        Social = 3, "social", "社会保险费", "social insurance";
        Medical = 4, "medical", "医疗保险费", "medical insurance";
        FundContribution = 5, "fund_contribution", "公积金缴存", "housing fund contribution";
        FundLoan = 6, "fund_loan", "公积金贷款", "housing fund loan";
        Heating = 7, "heating", "暖气费", "heating";
        Water = 8, "water", "水费", "water";
        Electricity = 9, "electricity", "电费", "electricity";
        Gas = 10, "gas", "燃气费", "gas";
        Property = 11, "property", "物业费", "property service";
        Waste = 12, "waste", "垃圾与污水处理费", "waste and sewage";
        Rent = 13, "rent", "公租房租金", "public housing rent";
        Fine = 14, "fine", "罚款", "administrative fine";
    }
    /// 生效法律文书种类. Source: 国办发〔2020〕49号.
    InstrumentKind = "instrument_kind" {
        Judgment = 1, "judgment", "生效判决裁定", "effective judgment or ruling";
        Award = 2, "award", "仲裁裁决", "arbitral award";
        PaymentOrder = 3, "payment_order", "支付令", "payment order";
        Penalty = 4, "penalty", "行政处罚决定", "penalty decision";
        Adjudication = 5, "adjudication", "行政裁决", "administrative adjudication";
        AdminDecision = 6, "admin_decision", "行政处理决定", "other administrative decision";
    }
    /// 计量单位.
    QuantityUnit = "quantity_unit" {
        M2 = 1, "m2", "平方米", "square metre";
        M3 = 2, "m3", "立方米", "cubic metre";
        KWh = 3, "kWh", "千瓦时", "kilowatt-hour";
        GJ = 4, "GJ", "吉焦", "gigajoule";
        Month = 5, "month", "月", "month";
    }
    /// 荣誉级别.
    AwardLevel = "award_level" {
        National = 1, "national", "国家级", "national";
        Regional = 2, "regional", "自治区级", "regional";
        City = 3, "city", "市级", "city";
        District = 4, "district", "区级", "district";
        Township = 5, "township", "街道乡镇级", "sub-district or town";
        Community = 6, "community", "村社区级", "village or community";
        Unit = 7, "unit", "本单位", "own unit";
        Social = 8, "social", "社会组织", "social organisation";
    }
    /// 查询用途.
    QueryPurpose = "query_purpose" {
        OwnFile = 1, "self", "本人查询", "own report";
        Procurement = 2, "procurement", "政府采购与招投标", "procurement";
        Licence = 3, "licence", "行政许可审查", "licensing";
        Supervision = 4, "supervision", "日常监管", "supervision";
        Award = 5, "award", "评优评先", "awards";
        Finance = 6, "finance", "信贷", "credit decision";
        Employment = 7, "employment", "招录任用", "recruitment, only where a law says so";
        HousingFund = 8, "housing_fund", "公积金业务", "housing fund";
        Judicial = 9, "judicial", "司法调查", "judicial inquiry";
        Audit = 10, "audit", "审计监督", "audit";
        Objection = 11, "objection", "异议处理", "objection handling";
    }
    /// 处罚类别. Source: 行政处罚法 art. 8 (to 2021-07-14) and art. 9 (from 2021-07-15).
    PenaltyKind = "penalty_kind" {
        P1_01 = 1, "P1-01", "警告", "warning";
        P1_02 = 2, "P1-02", "罚款", "fine";
        P1_03 = 3, "P1-03", "没收违法所得、没收非法财物", "confiscation of unlawful income or property";
        P1_04 = 4, "P1-04", "责令停产停业", "order to suspend production or business";
        P1_05 = 5, "P1-05", "暂扣或者吊销许可证、暂扣或者吊销执照", "suspension or revocation of a licence";
        P1_06 = 6, "P1-06", "行政拘留", "administrative detention";
        P1_07 = 7, "P1-07", "法律、行政法规规定的其他行政处罚", "other penalty laid down by law";
        P2_01 = 8, "P2-01", "警告", "warning";
        P2_02 = 9, "P2-02", "通报批评", "public criticism";
        P2_03 = 10, "P2-03", "罚款", "fine";
        P2_04 = 11, "P2-04", "没收违法所得", "confiscation of unlawful income";
        P2_05 = 12, "P2-05", "没收非法财物", "confiscation of unlawful property";
        P2_06 = 13, "P2-06", "暂扣许可证件", "suspension of a licence";
        P2_07 = 14, "P2-07", "降低资质等级", "downgrade of a qualification";
        P2_08 = 15, "P2-08", "吊销许可证件", "revocation of a licence";
        P2_09 = 16, "P2-09", "限制开展生产经营活动", "restriction of business activity";
        P2_10 = 17, "P2-10", "责令停产停业", "order to suspend production or business";
        P2_11 = 18, "P2-11", "责令关闭", "order to close";
        P2_12 = 19, "P2-12", "限制从业", "ban on an occupation";
        P2_13 = 20, "P2-13", "行政拘留", "administrative detention";
        P2_14 = 21, "P2-14", "法律、行政法规规定的其他行政处罚", "other penalty laid down by law";
    }
}

impl SubjectKind {
    /// The database a subject of this kind belongs to (四库).
    pub fn database(self) -> Database {
        match self {
            Self::Enterprise | Self::SoleTrader | Self::Unincorporated => Database::Enterprise,
            Self::SocialOrganisation => Database::SocialOrganisation,
            Self::GovernmentBody => Database::Government,
            Self::NaturalPerson => Database::Person,
        }
    }

    /// Whether the subject is a human being, whose data is sealed.
    pub fn is_person(self) -> bool {
        matches!(self, Self::NaturalPerson)
    }
}

impl IdentifierKind {
    /// Whether numbers of this kind identify a human being.
    pub fn is_personal(self) -> bool {
        match self {
            Self::CitizenId
            | Self::HmtResidence
            | Self::ForeignPermanent
            | Self::Passport
            | Self::OfficerCard
            | Self::PracticeCertificate => true,
            Self::Uscc
            | Self::OrgCode
            | Self::RegistrationNo
            | Self::TaxNo
            | Self::InstitutionNo
            | Self::SocialOrgNo
            | Self::FinancialInstitution
            | Self::PbocInstitution => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<
        C: CodeList
            + TryFrom<u16, Error = CodeError>
            + FromStr<Err = CodeError>
            + PartialEq
            + fmt::Debug,
    >() {
        for (place, code) in C::ALL.iter().enumerate() {
            assert_eq!(
                usize::from(code.number()),
                place + 1,
                "{}: numbers run from 1 without a gap",
                C::LIST
            );
            assert_eq!(C::try_from(code.number()), Ok(*code));
            assert_eq!(code.key().parse(), Ok(*code));
        }
        assert!(C::try_from(0).is_err());
    }

    #[test]
    fn every_code_reads_back_from_its_number_and_key() {
        check::<Category>();
        check::<SubjectKind>();
        check::<IdentifierKind>();
        check::<PenaltyKind>();
        check::<CoercionMeasure>();
        check::<ArrearsKind>();
        check::<AwardLevel>();
    }

    #[test]
    fn an_unknown_key_names_the_list_and_what_is_allowed() {
        let error = "bird".parse::<PermitStatus>().expect_err("no such code");
        assert_eq!(
            error.to_string(),
            "\"bird\" is not in the list permit_status; allowed: valid invalid"
        );
    }
}
