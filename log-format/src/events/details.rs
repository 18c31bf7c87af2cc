//! Typed details of the seven categories. Source of fields and lengths: domain reference §5, after the 双公示 standard
//! (发改办财金〔2018〕424号) for permits and penalties and the laws named at each category.

use crate::fields::{Decimal, FieldError, FieldMap, Party, details_struct};
use crate::wire::{Exposed, Place, Set, Wire, wire_codes};
use probity_types::{
    AdjudicationRole, ArrearsKind, AwardLevel, Category, CivilDate, ClosingKind, CoercionMeasure,
    CoercionNature, DefaultConduct, Fen, InstrumentKind, JudicialDocument, LitigationRole,
    PenaltyKind, PenaltyProcedure, PerformanceState, PermitChange, PermitKind, PermitStatus,
    QuantityUnit, Text,
};

wire_codes! {
    AdjudicationRole, ArrearsKind, AwardLevel, Category, ClosingKind, CoercionMeasure, CoercionNature, DefaultConduct,
    InstrumentKind, JudicialDocument, LitigationRole, PenaltyKind, PenaltyProcedure, PerformanceState, PermitChange,
    PermitKind, PermitStatus, QuantityUnit,
}

details_struct! {
    /// XK 行政许可, administrative permit.
    pub struct PermitDetails {
        document_name: Text<64> = "行政许可决定文书名称";
        document_no: Text<64> = "行政许可决定文书号";
        permit_kind: PermitKind = "许可类别";
        certificate_name: Text<64> = "许可证书名称";
        certificate_no: Text<64> = "许可编号";
        content: Text<4000> = "许可内容";
        valid_from: CivilDate = "有效期自";
        valid_to: CivilDate = "有效期至";
        status: PermitStatus = "当前状态";
        change_kind: PermitChange = "变更类型";
        grade: Text<64> = "等级或资质级别";
    }
    /// CF 行政处罚, administrative penalty. Money is reported in 万元 and held in fen.
    pub struct PenaltyDetails {
        document_no: Text<128> = "行政处罚决定书文号";
        violation_type: Text<2000> = "违法行为类型";
        facts: Text<4000> = "违法事实";
        grounds: Text<2000> = "处罚依据";
        penalty_kinds: Set<PenaltyKind, 16> = "处罚类别";
        content: Text<4000> = "处罚内容";
        fine: Fen = "罚款金额";
        confiscated: Fen = "没收违法所得、没收非法财物的金额";
        licence_affected: Text<200> = "暂扣或吊销证照名称及编号";
        procedure: PenaltyProcedure = "处罚程序";
        penalty_valid_to: CivilDate = "处罚有效期";
        publication_end_reported: CivilDate = "公示截止期";
        performed_on: CivilDate = "执行完成日期";
        corrected_on: CivilDate = "改正日期";
    }
    /// QZ 行政强制, administrative coercion. Source of kinds: 行政强制法 art. 9 and 12.
    pub struct CoercionDetails {
        document_no: Text<128> = "决定书文号";
        measure: CoercionMeasure = "强制种类";
        nature: CoercionNature = "性质";
        grounds: Text<2000> = "法律依据";
        object: Text<2000> = "对象及数量";
        amount: Fen = "涉及金额";
        from: CivilDate = "起始日期";
        to: CivilDate = "截止日期";
        extended_to: CivilDate = "延长至";
        lifted_on: CivilDate = "解除日期";
        basis_document_no: Text<128> = "所依据决定文号";
        court_case_no: Text<64> = "申请法院执行案号";
    }
    /// CJ 行政裁决, administrative adjudication.
    pub struct AdjudicationDetails {
        document_no: Text<128> = "裁决书文号";
        applicant: Party = "申请人";
        respondent: Party = "被申请人";
        role: AdjudicationRole = "主体在裁决中的地位";
        matter: Text<2000> = "裁决事项";
        result: Text<4000> = "裁决结果";
        duty: Text<2000> = "应履行义务";
        duty_deadline: CivilDate = "履行期限";
        performed_on: CivilDate = "履行完成日期";
        grounds: Text<2000> = "裁决依据";
    }
    /// PJ 法院判决, court judgment. A role in a case begins and ends.
    pub struct JudgmentDetails {
        case_no: Text<64> = "案号";
        court: Text<200> = "法院名称";
        court_code: Text<18> = "法院代码";
        cause: Text<200> = "案由或罪名";
        document_kind: JudicialDocument = "文书种类";
        role: LitigationRole = "诉讼地位";
        role_from: CivilDate = "地位起始日期";
        role_to: CivilDate = "地位终止日期";
        effective_on: CivilDate = "生效日期";
        duty: Text<2000> = "生效法律文书确定的义务";
        amount: Fen = "标的金额";
        performance: PerformanceState = "履行情况";
        enforcement_basis_no: Text<64> = "执行依据文号";
        enforcement_basis_unit: Text<200> = "作出执行依据单位";
        filed_on: CivilDate = "立案日期";
        conduct: DefaultConduct = "失信行为具体情形";
        listed_on: CivilDate = "发布日期";
        listing_until: CivilDate = "纳入期限截止";
        closed_on: CivilDate = "结案日期";
        closing_kind: ClosingKind = "结案方式";
    }
    /// QF 欠税欠费, arrears. Money is reported in 元 and held in fen.
    pub struct ArrearDetails {
        arrears_kind: ArrearsKind = "欠缴类型";
        account_no: Text<64> = "户号或缴费识别号";
        premises: Text<200> = "房屋坐落";
        period_from: CivilDate = "欠费所属期起";
        period_to: CivilDate = "欠费所属期止";
        due_date: CivilDate = "应缴截止日期";
        amount_current: Fen = "当期欠缴金额";
        amount_total: Fen = "累计欠缴金额";
        late_fee: Fen = "滞纳金";
        quantity: Decimal = "欠缴量";
        quantity_unit: QuantityUnit = "计量单位";
        demanded_on: CivilDate = "催缴送达日期";
        recognised_by: Text<200> = "认定部门";
        instrument_kind: InstrumentKind = "生效法律文书种类";
        instrument_no: Text<128> = "生效法律文书文号";
        paid_on: CivilDate = "缴清日期";
        paid_amount: Fen = "已缴金额";
    }
    /// RY 荣誉, honour.
    pub struct HonourDetails {
        award_name: Text<200> = "荣誉名称";
        award_level: AwardLevel = "荣誉级别";
        document_no: Text<128> = "表彰文件号";
        awarding_body: Text<200> = "认定机关";
        content: Text<2000> = "荣誉事由";
        valid_to: CivilDate = "有效期至";
        rank: i64 = "排名";
        score: Decimal = "评分";
        consent: bool = "本人同意记录";
        revoked_on: CivilDate = "撤销日期";
        revocation_reason: Text<2000> = "撤销原因";
    }
}

macro_rules! details_enum {
    ($($variant:ident($type:ident) = $category:ident;)+) => {
        /// Details of one record, by category.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Details { $(#[doc = concat!("Details of a record of category ", stringify!($category), ".")] $variant($type),)+ }
        impl Details {
            /// Reads details of `category` out of named values.
            ///
            /// # Errors
            /// [`FieldError`] for the first value that does not fit.
            pub fn from_fields(category: Category, fields: FieldMap) -> Result<Self, FieldError> {
                match category { $(Category::$category => $type::from_fields(fields).map(Self::$variant),)+ }
            }
            /// Every value by field name.
            pub fn to_fields(&self) -> FieldMap {
                match self { $(Self::$variant(details) => details.to_fields(),)+ }
            }
            /// The category these details belong to.
            pub fn category(&self) -> Category {
                match self { $(Self::$variant(_) => Category::$category,)+ }
            }
            /// Refuses a personal value where it must not stand.
            ///
            /// # Errors
            /// [`Exposed`] with the field's path.
            pub fn check_place(&self, place: Place) -> Result<(), Exposed> {
                match self { $(Self::$variant(details) => details.check_place(place),)+ }
            }
            /// The same, lent.
            pub fn lent(&self) -> DetailsRef<'_> {
                match self { $(Self::$variant(details) => DetailsRef::$variant(details),)+ }
            }
        }
        /// Details where they stand: in an event or in a part.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum DetailsRef<'a> { $(#[doc = concat!("Details of a record of category ", stringify!($category), ".")] $variant(&'a $type),)+ }
        impl DetailsRef<'_> {
            /// One value by field name, as [`DetailsRef::to_fields`] has it.
            pub fn value(self, name: &str) -> Option<probity_types::FieldValue> {
                match self { $(Self::$variant(details) => details.value(name),)+ }
            }
            /// Every value by field name.
            pub fn to_fields(self) -> FieldMap {
                match self { $(Self::$variant(details) => details.to_fields(),)+ }
            }
            /// A copy of its own.
            pub fn to_owned(self) -> Details {
                match self { $(Self::$variant(details) => Details::$variant(details.clone()),)+ }
            }
        }
        impl serde::Serialize for DetailsRef<'_> {
            /// As the details themselves, without saying of which category they are.
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(details) => details.serialize(s),)+ }
            }
        }
    };
}

details_enum! {
    Permit(PermitDetails) = XK;
    Penalty(PenaltyDetails) = CF;
    Coercion(CoercionDetails) = QZ;
    Adjudication(AdjudicationDetails) = CJ;
    Judgment(JudgmentDetails) = PJ;
    Arrear(ArrearDetails) = QF;
    Honour(HonourDetails) = RY;
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_types::FieldValue;

    #[test]
    fn details_read_back_from_their_fields() {
        let mut fields = FieldMap::new();
        fields.insert(
            "document_no".into(),
            FieldValue::Text(Text::try_from("克食罚〔2024〕1号").expect("short")),
        );
        fields.insert("fine".into(), FieldValue::Fen(Fen(500_000)));
        fields.insert(
            "penalty_kinds".into(),
            FieldValue::Codes(vec![Text::try_from("P2-03").expect("short")]),
        );
        fields.insert(
            "batch_no".into(),
            FieldValue::Text(Text::try_from("A1").expect("short")),
        );
        let details = Details::from_fields(Category::CF, fields.clone()).expect("fits");
        assert_eq!(details.to_fields(), fields);
        for name in [
            "document_no",
            "fine",
            "penalty_kinds",
            "batch_no",
            "note",
            "conduct_date",
            "none",
        ] {
            assert_eq!(
                details.lent().value(name).as_ref(),
                fields.get(name),
                "{name}"
            );
        }
        let Details::Penalty(penalty) = details else {
            panic!("a penalty")
        };
        assert_eq!(penalty.extra.len(), 1);
    }

    #[test]
    fn a_wrong_type_names_its_field() {
        let fields = FieldMap::from([("fine".to_owned(), FieldValue::Boolean(true))]);
        let error = Details::from_fields(Category::CF, fields).expect_err("wrong type");
        assert_eq!(error.to_string(), "fine: an amount of money");
    }

    #[test]
    fn a_party_that_may_be_a_person_does_not_stand_in_the_open() {
        let named = |name: &str| {
            let value = FieldValue::Text(Text::try_from(name).expect("short"));
            Details::from_fields(
                Category::CJ,
                FieldMap::from([("applicant".to_owned(), value)]),
            )
            .expect("fits")
        };
        assert!(
            named("测试甲能源有限公司")
                .check_place(Place::OpenOrganisation)
                .is_ok()
        );
        assert!(
            named("测试乙")
                .check_place(Place::OpenOrganisation)
                .is_err()
        );
        assert!(named("测试乙").check_place(Place::Sealed).is_ok());
    }
}
