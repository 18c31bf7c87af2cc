//! The severity rules of the catalogue, one function each.
//! Source: `severity_rule` table of `packs/catalogue.toml`, domain reference §5 and §7.

use crate::fault::Sentence;
use crate::head::RuleHead;
use crate::penalties::PenaltyScale;
use crate::severity::{Assessment, Ground, RecordFacts, RemedyOpen, RuleReason, SeverityRules};
use crate::values::Values;
use probity_types::{
    AdjudicationRole, ArrearsKind, AwardLevel, CivilDate, CodeList as _, CoercionNature,
    InstrumentKind, LitigationRole, PenaltyKind, PenaltyProcedure, PerformanceState, Polarity,
    RemedyState, Severity,
};

/// A reason that names the class's own severity rule, in the version of the thresholds applied.
fn because(
    rules: &SeverityRules<'_>,
    facts: &RecordFacts<'_>,
    zh: String,
    en: String,
) -> RuleReason {
    RuleReason {
        rule: facts.entry.severity_rule.key().to_owned(),
        version: rules.policy.head.version.clone(),
        text: Sentence::new(zh, en),
    }
}

fn by_rule(head: &RuleHead, zh: String, en: String) -> RuleReason {
    RuleReason {
        rule: head.id.clone(),
        version: head.version.clone(),
        text: Sentence::new(zh, en),
    }
}

fn values<'a>(facts: &RecordFacts<'a>) -> Values<'a> {
    Values(facts.fields)
}

/// The first day on which everything was performed or paid, if that day has come.
fn performed_by(facts: &RecordFacts<'_>) -> Option<CivilDate> {
    let days = [
        facts.performed_on,
        values(facts).date("performed_on"),
        values(facts).date("paid_on"),
    ];
    days.into_iter()
        .flatten()
        .filter(|day| *day <= facts.as_of)
        .min()
}

fn remedy_is_open(facts: &RecordFacts<'_>) -> bool {
    let stated = values(facts).code("remedy_state");
    let open = matches!(
        stated,
        Some(RemedyState::ReviewOpen | RemedyState::LitigationOpen)
    );
    facts.remedy == RemedyOpen::Yes || open
}

pub(crate) fn neutral(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let (zh, en) = (
        "该类信息不计入失信",
        "records of this class never count against anybody",
    );
    Assessment::neutral(because(rules, facts, zh.into(), en.into()))
}

pub(crate) fn honour(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let stopped = |name: &str| values(facts).date(name);
    let neutral = |zh: String, en: String| Assessment::neutral(because(rules, facts, zh, en));
    if let Some(day) = stopped("revoked_on").filter(|day| *day <= facts.as_of) {
        return neutral(
            format!("该荣誉已于 {day} 撤销"),
            format!("the honour was revoked on {day}"),
        );
    }
    if let Some(day) = stopped("valid_to").filter(|day| *day < facts.as_of) {
        return neutral(
            format!("该荣誉有效期至 {day}"),
            format!("the honour was valid to {day}"),
        );
    }
    let Some(level) = values(facts).code::<AwardLevel>("award_level") else {
        let (zh, en) = (
            "荣誉级别不明，不计入",
            "the level of the honour is unknown, so it does not count",
        );
        return neutral(zh.into(), en.into());
    };
    let reason = because(
        rules,
        facts,
        format!("{}荣誉", level.zh()),
        format!("an honour of level {}", level.en()),
    );
    Assessment::new(
        Severity::None,
        Polarity::Positive,
        Ground::Honour(level),
        reason,
    )
}

pub(crate) fn penalty(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    if values(facts).code("procedure") == Some(PenaltyProcedure::Summary) {
        let zh = "简易程序处罚：轻微，仅供内部使用和专项报告，不计入等级";
        let en =
            "summary procedure: minor, internal, for the special report only, never in a grade";
        let reason = because(rules, facts, zh.into(), en.into());
        return Assessment::adverse(Severity::Minor, Ground::SummaryPenalty, reason);
    }
    let kinds: Vec<PenaltyKind> = values(facts).codes("penalty_kinds");
    let mut heaviest =
        Assessment::adverse(Severity::None, Ground::Penalty, unknown_kinds(rules, facts));
    for kind in kinds {
        let (severity, zh, en) = kind_severity(rules, facts, kind);
        if severity > heaviest.severity {
            heaviest.severity = severity;
            heaviest.reasons = vec![because(rules, facts, zh, en)];
        }
    }
    if heaviest.severity == Severity::None {
        // Unknown is not false and not the worst: the middle of the scale, and the reason says so.
        heaviest.severity = Severity::General;
    }
    if facts.decided_on < rules.policy.graded_from {
        let from = rules.policy.graded_from;
        let zh = format!("{from} 之前的决定没有法定分级，按同一尺度参照");
        let en =
            format!("decisions before {from} carry no statutory grade; the same scale is used");
        heaviest.reasons.push(by_rule(&rules.policy.head, zh, en));
    }
    heaviest
}

fn unknown_kinds(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> RuleReason {
    let zh = "处罚种类不明，按一般计";
    let en = "the kinds of penalty are unknown: taken as general";
    because(rules, facts, zh.into(), en.into())
}

fn kind_severity(
    rules: &SeverityRules<'_>,
    facts: &RecordFacts<'_>,
    kind: PenaltyKind,
) -> (Severity, String, String) {
    let (zh, en) = (kind.zh(), kind.en());
    match rules.penalties.scale(kind) {
        Some(PenaltyScale::Minor) => (
            Severity::Minor,
            format!("{zh}：轻微"),
            format!("{en}: minor"),
        ),
        Some(PenaltyScale::General) | None => (
            Severity::General,
            format!("{zh}：一般"),
            format!("{en}: general"),
        ),
        Some(PenaltyScale::Serious) => (
            Severity::Serious,
            format!("{zh}：严重"),
            format!("{en}: serious"),
        ),
        Some(PenaltyScale::ByAmount) => {
            let from = rules
                .policy
                .serious_fine(&facts.entry.code, facts.subject_kind);
            let fine = values(facts).fen("fine");
            let serious = fine.is_some_and(|fine| fine >= from);
            let severity = if serious {
                Severity::Serious
            } else {
                Severity::General
            };
            let zh = match fine {
                Some(fine) => format!("罚款 {fine} 元，严重的起点为 {from} 元：{}", severity.zh()),
                None => format!("罚款数额不明，严重的起点为 {from} 元：按一般计"),
            };
            let en = match fine {
                Some(fine) => format!("a fine of ¥{fine}, serious from ¥{from}: {}", severity.en()),
                None => format!("a fine of unknown amount, serious from ¥{from}: taken as general"),
            };
            (severity, zh, en)
        }
        Some(PenaltyScale::ByContent) => by_content(facts),
    }
}

/// One kind of the 1996 law covers suspension and revocation: the text decides, in doubt the
/// lighter.
fn by_content(facts: &RecordFacts<'_>) -> (Severity, String, String) {
    let says = |word: &str| {
        let text = |name| values(facts).text(name).unwrap_or_default();
        text("content").contains(word) || text("licence_affected").contains(word)
    };
    match (says("吊销"), says("暂扣")) {
        (true, false) => (
            Severity::Serious,
            "吊销证照：严重".into(),
            "a licence was revoked: serious".into(),
        ),
        (false, true) => (
            Severity::General,
            "暂扣证照：一般".into(),
            "a licence was suspended: general".into(),
        ),
        (true, true) | (false, false) => (
            Severity::General,
            "暂扣还是吊销不明，按一般计，请向来源单位核实".into(),
            "suspension or revocation is unclear: taken as general, ask the source".into(),
        ),
    }
}

pub(crate) fn enforcement(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    if values(facts).code("nature") == Some(CoercionNature::Precautionary) {
        let zh = "行政强制措施不是失信行为";
        let en = "a precautionary measure is not misconduct";
        return Assessment::neutral(because(rules, facts, zh.into(), en.into()));
    }
    let serious = facts.basis_severity == Some(Severity::Serious);
    let severity = if serious {
        Severity::Serious
    } else {
        Severity::General
    };
    let zh = format!("原决定未履行而被强制执行：{}", severity.zh());
    let en = format!(
        "enforced because the decision behind it was not performed: {}",
        severity.en()
    );
    Assessment::adverse(severity, Ground::Enforcement, because(rules, facts, zh, en))
}

pub(crate) fn duty(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let neutral = |zh: String, en: String| Assessment::neutral(because(rules, facts, zh, en));
    let role: Option<AdjudicationRole> = values(facts).code("role");
    if role.is_some_and(|role| role != AdjudicationRole::Respondent) {
        return neutral(
            "不是负有义务的一方".into(),
            "not the party that owes the duty".into(),
        );
    }
    let Some(deadline) = values(facts).date("duty_deadline") else {
        return neutral("没有履行期限".into(), "no deadline was set".into());
    };
    if facts.as_of <= deadline {
        return neutral(
            format!("履行期限至 {deadline}"),
            format!("the deadline is {deadline}"),
        );
    }
    if let Some(day) = performed_by(facts) {
        return neutral(format!("已于 {day} 履行"), format!("performed on {day}"));
    }
    if remedy_is_open(facts) {
        return neutral(
            "复议或诉讼尚未终结".into(),
            "a review or lawsuit is open".into(),
        );
    }
    let zh = format!("履行期限 {deadline} 已过而未履行：一般");
    let en = format!("the deadline {deadline} has passed without performance: general");
    Assessment::adverse(
        Severity::General,
        Ground::Unperformed,
        because(rules, facts, zh, en),
    )
}

pub(crate) fn judgment(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let neutral = |zh: String, en: String| Assessment::neutral(because(rules, facts, zh, en));
    let owes = |role: LitigationRole| match role {
        LitigationRole::Defendant
        | LitigationRole::EnforcementRespondent
        | LitigationRole::Guarantor
        | LitigationRole::Accused => true,
        LitigationRole::Plaintiff
        | LitigationRole::ThirdParty
        | LitigationRole::EnforcementApplicant => false,
    };
    if values(facts).code("role").is_some_and(|role| !owes(role)) {
        return neutral(
            "不是负有义务的一方".into(),
            "not the party that owes the duty".into(),
        );
    }
    let state: Option<PerformanceState> = values(facts).code("performance");
    if let Some(day) = performed_by(facts) {
        return neutral(format!("已于 {day} 履行"), format!("performed on {day}"));
    }
    if state == Some(PerformanceState::Full) {
        return neutral("已全部履行".into(), "fully performed".into());
    }
    if remedy_is_open(facts) {
        return neutral("诉讼尚未终结".into(), "a lawsuit is open".into());
    }
    let of_class = facts.entry.polarity == Polarity::Adverse;
    if state.is_none() && !of_class {
        return neutral(
            "履行情况不明，不计为失信".into(),
            "performance is unknown: not adverse".into(),
        );
    }
    let filed = values(facts)
        .date("filed_on")
        .is_some_and(|day| day <= facts.as_of);
    let effective_on = values(facts)
        .date("effective_on")
        .unwrap_or(facts.decided_on);
    let term_end = effective_on.plus_days(rules.policy.judgment_term_days);
    if !of_class && !filed && facts.as_of <= term_end {
        return neutral(
            format!("履行期限至 {term_end}"),
            format!("the term runs to {term_end}"),
        );
    }
    let zh = "生效义务逾期未履行：一般";
    let en = "an effective duty is unperformed after its term: general";
    Assessment::adverse(
        Severity::General,
        Ground::Unperformed,
        because(rules, facts, zh.into(), en.into()),
    )
}

pub(crate) fn criminal(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let zh = "刑事判决：严重，仅用于依据载明的报告类型";
    let en = "a criminal judgment: serious, only in report types whose basis names it";
    Assessment::adverse(
        Severity::Serious,
        Ground::Criminal,
        because(rules, facts, zh.into(), en.into()),
    )
}

pub(crate) fn serious_list(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let neutral = |zh: String, en: String| Assessment::neutral(because(rules, facts, zh, en));
    if let Some(day) = facts.delisted_on.filter(|day| *day <= facts.as_of) {
        return neutral(
            format!("已于 {day} 移出名单"),
            format!("removed from the list on {day}"),
        );
    }
    if let Some(day) = values(facts)
        .date("listing_until")
        .filter(|day| *day < facts.as_of)
    {
        return neutral(
            format!("纳入期限至 {day}"),
            format!("the term of the listing ended {day}"),
        );
    }
    let zh = "列入严重失信主体名单期间：严重";
    let en = "member of a serious-dishonesty list: serious while listed";
    Assessment::adverse(
        Severity::Serious,
        Ground::SeriousList,
        because(rules, facts, zh.into(), en.into()),
    )
}

pub(crate) fn arrears(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let neutral = |zh: String, en: String| Assessment::neutral(because(rules, facts, zh, en));
    if let Some(day) = performed_by(facts) {
        return neutral(format!("已于 {day} 缴清"), format!("paid in full on {day}"));
    }
    let v = values(facts);
    let instrument: Option<InstrumentKind> = v.code("instrument_kind");
    if let Some(kind) = instrument
        && v.given("instrument_no")
    {
        let zh = format!("欠缴已由生效法律文书（{}）确认：一般", kind.zh());
        let en = format!(
            "the debt is confirmed by an instrument with legal effect ({}): general",
            kind.en()
        );
        return Assessment::adverse(
            Severity::General,
            Ground::Unperformed,
            because(rules, facts, zh, en),
        );
    }
    if let (Some(ArrearsKind::Tax), Some(from), Some(total)) = (
        v.code("arrears_kind"),
        rules.policy.tax_notice_threshold,
        v.fen("amount_total"),
    ) && total >= from
    {
        let zh = format!("欠税 {total} 元，达到公告起点 {from} 元：一般");
        let en = format!("tax arrears of ¥{total}, at or above ¥{from}: general");
        return Assessment::adverse(
            Severity::General,
            Ground::Unperformed,
            because(rules, facts, zh, en),
        );
    }
    let zh = "没有生效法律文书，欠缴为中性记录";
    let en = "a debt is a neutral record until an instrument with legal effect exists";
    neutral(zh.into(), en.into())
}

pub(crate) fn heating(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let due_date = values(facts).date("due_date");
    let tier = rules.heating.zip(due_date).and_then(|(rule, due)| {
        Some((
            rule,
            rule.tier_on(due, performed_by(facts), facts.as_of).ok()?,
        ))
    });
    let Some((rule, tier)) = tier else {
        return arrears(rules, facts);
    };
    let severity = tier.severity();
    let zh = format!("2014年采暖欠费档次：{}。{}", severity.zh(), rule.note.zh);
    let en = format!("heating tier of 2014: {tier}. {}", rule.note.en);
    let reason = by_rule(&rule.head, zh, en);
    match severity {
        Severity::None => Assessment::neutral(reason),
        Severity::Minor | Severity::General | Severity::Serious => {
            Assessment::adverse(severity, Ground::LocalTier(tier), reason)
        }
    }
}

pub(crate) fn fund_loan(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    use crate::heating::HeatingTier as Tier;
    let overdue = values(facts).integer("overdue_instalments");
    let rule = rules
        .policy
        .fund_loan
        .as_ref()
        .filter(|r| r.head.interval.contains(facts.as_of));
    let (Some(rule), Some(overdue), None) = (rule, overdue, performed_by(facts)) else {
        return arrears(rules, facts);
    };
    let tier = if overdue >= rule.serious_from_instalments {
        Tier::Serious
    } else if overdue >= rule.general_from_instalments {
        Tier::MoreSerious
    } else if overdue > 0 {
        Tier::Ordinary
    } else {
        return arrears(rules, facts);
    };
    let zh = format!("公积金贷款逾期 {overdue} 期（分档为本系统设定，仅用于历史重现）");
    let en =
        format!("{overdue} instalments overdue (tiers are a choice of this register, replay only)");
    Assessment::adverse(
        tier.severity(),
        Ground::LocalTier(tier),
        by_rule(&rule.head, zh, en),
    )
}
