//! The severity rules of the catalogue, one function each.
//! Source: `severity_rule` table of `packs/catalogue.toml`, domain reference §5 and §7.

use crate::fault::Sentence;
use crate::head::RuleHead;
use crate::penalties::PenaltyScale;
use crate::severity::{Assessment, Ground, RecordFacts, RemedyOpen, RuleReason, SeverityRules};
use crate::values::Values;
use probity_types::{
    AdjudicationRole, ArrearsKind, AwardLevel, CivilDate, CodeList as _, CoercionNature, Fen,
    InstrumentKind, LitigationRole, PenaltyKind, PenaltyProcedure, PerformanceState, Polarity,
    RemedyState, Severity,
};

/// A reason that names the class's own severity rule, in the version of the thresholds applied. None where nobody reads it:
/// then its text is not put together either.
fn because(
    rules: &SeverityRules<'_>,
    facts: &RecordFacts<'_>,
    text: impl FnOnce() -> Sentence,
) -> Option<RuleReason> {
    rules.explains.then(|| RuleReason {
        rule: facts.entry.severity_rule.key().to_owned(),
        version: rules.policy.head.version.clone(),
        text: text(),
    })
}

/// A reason that names another rule.
fn by_rule(
    rules: &SeverityRules<'_>,
    head: &RuleHead,
    text: impl FnOnce() -> Sentence,
) -> Option<RuleReason> {
    rules.explains.then(|| RuleReason {
        rule: head.id.clone(),
        version: head.version.clone(),
        text: text(),
    })
}

/// The same for a record that does not count.
fn neutrally(
    rules: &SeverityRules<'_>,
    facts: &RecordFacts<'_>,
    text: impl FnOnce() -> Sentence,
) -> Assessment {
    Assessment::neutral(because(rules, facts, text))
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
    neutrally(rules, facts, || Sentence::new(zh, en))
}

pub(crate) fn honour(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let stopped = |name: &str| values(facts).date(name);
    if let Some(day) = stopped("revoked_on").filter(|day| *day <= facts.as_of) {
        return neutrally(rules, facts, || {
            Sentence::new(
                format!("该荣誉已于 {day} 撤销"),
                format!("the honour was revoked on {day}"),
            )
        });
    }
    if let Some(day) = stopped("valid_to").filter(|day| *day < facts.as_of) {
        return neutrally(rules, facts, || {
            Sentence::new(
                format!("该荣誉有效期至 {day}"),
                format!("the honour was valid to {day}"),
            )
        });
    }
    let Some(level) = values(facts).code::<AwardLevel>("award_level") else {
        let (zh, en) = (
            "荣誉级别不明，不计入",
            "the level of the honour is unknown, so it does not count",
        );
        return neutrally(rules, facts, || Sentence::new(zh, en));
    };
    let reason = because(rules, facts, || {
        Sentence::new(
            format!("{}荣誉", level.zh()),
            format!("an honour of level {}", level.en()),
        )
    });
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
        let reason = because(rules, facts, || Sentence::new(zh, en));
        return Assessment::adverse(Severity::Minor, Ground::SummaryPenalty, reason);
    }
    let mut heaviest: Option<(Severity, PenaltyKind)> = None;
    for kind in values(facts).codes::<PenaltyKind>("penalty_kinds") {
        let severity = kind_severity(rules, facts, kind);
        if heaviest.is_none_or(|(held, _)| severity > held) {
            heaviest = Some((severity, kind));
        }
    }
    let reason = because(rules, facts, || match heaviest {
        Some((_, kind)) => kind_reason(rules, facts, kind),
        None => Sentence::new(
            "处罚种类不明，按一般计",
            "the kinds of penalty are unknown: taken as general",
        ),
    });
    // Unknown is not false and not the worst: the middle of the scale, and the reason says so.
    let severity = heaviest.map_or(Severity::General, |(severity, _)| severity);
    let mut assessment = Assessment::adverse(severity, Ground::Penalty, reason);
    let from = rules.policy.graded_from;
    if facts.decided_on < from {
        assessment
            .reasons
            .extend(by_rule(rules, &rules.policy.head, || {
                Sentence::new(
                    format!("{from} 之前的决定没有法定分级，按同一尺度参照"),
                    format!(
                        "decisions before {from} carry no statutory grade; the same scale is used"
                    ),
                )
            }));
    }
    assessment
}

/// The fine of a penalty, and from which one on it is serious.
fn fine(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> (Option<Fen>, Fen) {
    let from = rules
        .policy
        .serious_fine(&facts.entry.code, facts.subject_kind);
    (values(facts).fen("fine"), from)
}

/// How severe a penalty of one kind is; never none.
fn kind_severity(
    rules: &SeverityRules<'_>,
    facts: &RecordFacts<'_>,
    kind: PenaltyKind,
) -> Severity {
    match rules.penalties.scale(kind) {
        Some(PenaltyScale::Minor) => Severity::Minor,
        Some(PenaltyScale::General) | None => Severity::General,
        Some(PenaltyScale::Serious) => Severity::Serious,
        Some(PenaltyScale::ByAmount) => match fine(rules, facts) {
            (Some(fine), from) if fine >= from => Severity::Serious,
            _ => Severity::General,
        },
        Some(PenaltyScale::ByContent) => match content(facts) {
            (true, false) => Severity::Serious,
            _ => Severity::General,
        },
    }
}

/// Why a penalty of one kind is as severe as [`kind_severity`] says.
fn kind_reason(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>, kind: PenaltyKind) -> Sentence {
    let (zh, en) = (kind.zh(), kind.en());
    match rules.penalties.scale(kind) {
        Some(PenaltyScale::Minor) => Sentence::new(format!("{zh}：轻微"), format!("{en}: minor")),
        Some(PenaltyScale::General) | None => {
            Sentence::new(format!("{zh}：一般"), format!("{en}: general"))
        }
        Some(PenaltyScale::Serious) => {
            Sentence::new(format!("{zh}：严重"), format!("{en}: serious"))
        }
        Some(PenaltyScale::ByAmount) => {
            let severity = kind_severity(rules, facts, kind);
            let (fine, from) = fine(rules, facts);
            match fine {
                Some(fine) => Sentence::new(
                    format!("罚款 {fine} 元，严重的起点为 {from} 元：{}", severity.zh()),
                    format!("a fine of ¥{fine}, serious from ¥{from}: {}", severity.en()),
                ),
                None => Sentence::new(
                    format!("罚款数额不明，严重的起点为 {from} 元：按一般计"),
                    format!("a fine of unknown amount, serious from ¥{from}: taken as general"),
                ),
            }
        }
        Some(PenaltyScale::ByContent) => match content(facts) {
            (true, false) => Sentence::new("吊销证照：严重", "a licence was revoked: serious"),
            (false, true) => Sentence::new("暂扣证照：一般", "a licence was suspended: general"),
            (true, true) | (false, false) => Sentence::new(
                "暂扣还是吊销不明，按一般计，请向来源单位核实",
                "suspension or revocation is unclear: taken as general, ask the source",
            ),
        },
    }
}

/// One kind of the 1996 law covers revocation and suspension: whether the text names the one and the other. The text
/// decides, in doubt the lighter.
fn content(facts: &RecordFacts<'_>) -> (bool, bool) {
    let says = |word: &str| {
        let text = |name| values(facts).text(name).unwrap_or_default();
        text("content").contains(word) || text("licence_affected").contains(word)
    };
    (says("吊销"), says("暂扣"))
}

pub(crate) fn enforcement(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    if values(facts).code("nature") == Some(CoercionNature::Precautionary) {
        let zh = "行政强制措施不是失信行为";
        let en = "a precautionary measure is not misconduct";
        return neutrally(rules, facts, || Sentence::new(zh, en));
    }
    let serious = facts.basis_severity == Some(Severity::Serious);
    let severity = if serious {
        Severity::Serious
    } else {
        Severity::General
    };
    let reason = because(rules, facts, || {
        Sentence::new(
            format!("原决定未履行而被强制执行：{}", severity.zh()),
            format!(
                "enforced because the decision behind it was not performed: {}",
                severity.en()
            ),
        )
    });
    Assessment::adverse(severity, Ground::Enforcement, reason)
}

pub(crate) fn duty(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let role: Option<AdjudicationRole> = values(facts).code("role");
    if role.is_some_and(|role| role != AdjudicationRole::Respondent) {
        return neutrally(rules, facts, || {
            Sentence::new("不是负有义务的一方", "not the party that owes the duty")
        });
    }
    let Some(deadline) = values(facts).date("duty_deadline") else {
        return neutrally(rules, facts, || {
            Sentence::new("没有履行期限", "no deadline was set")
        });
    };
    if facts.as_of <= deadline {
        return neutrally(rules, facts, || {
            Sentence::new(
                format!("履行期限至 {deadline}"),
                format!("the deadline is {deadline}"),
            )
        });
    }
    if let Some(day) = performed_by(facts) {
        return neutrally(rules, facts, || {
            Sentence::new(format!("已于 {day} 履行"), format!("performed on {day}"))
        });
    }
    if remedy_is_open(facts) {
        return neutrally(rules, facts, || {
            Sentence::new("复议或诉讼尚未终结", "a review or lawsuit is open")
        });
    }
    let reason = because(rules, facts, || {
        Sentence::new(
            format!("履行期限 {deadline} 已过而未履行：一般"),
            format!("the deadline {deadline} has passed without performance: general"),
        )
    });
    Assessment::adverse(Severity::General, Ground::Unperformed, reason)
}

pub(crate) fn judgment(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
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
        return neutrally(rules, facts, || {
            Sentence::new("不是负有义务的一方", "not the party that owes the duty")
        });
    }
    let state: Option<PerformanceState> = values(facts).code("performance");
    if let Some(day) = performed_by(facts) {
        return neutrally(rules, facts, || {
            Sentence::new(format!("已于 {day} 履行"), format!("performed on {day}"))
        });
    }
    if state == Some(PerformanceState::Full) {
        return neutrally(rules, facts, || {
            Sentence::new("已全部履行", "fully performed")
        });
    }
    if remedy_is_open(facts) {
        return neutrally(rules, facts, || {
            Sentence::new("诉讼尚未终结", "a lawsuit is open")
        });
    }
    let of_class = facts.entry.polarity == Polarity::Adverse;
    if state.is_none() && !of_class {
        return neutrally(rules, facts, || {
            Sentence::new(
                "履行情况不明，不计为失信",
                "performance is unknown: not adverse",
            )
        });
    }
    let filed = values(facts)
        .date("filed_on")
        .is_some_and(|day| day <= facts.as_of);
    let effective_on = values(facts)
        .date("effective_on")
        .unwrap_or(facts.decided_on);
    let term_end = effective_on.plus_days(rules.policy.judgment_term_days);
    if !of_class && !filed && facts.as_of <= term_end {
        return neutrally(rules, facts, || {
            Sentence::new(
                format!("履行期限至 {term_end}"),
                format!("the term runs to {term_end}"),
            )
        });
    }
    let zh = "生效义务逾期未履行：一般";
    let en = "an effective duty is unperformed after its term: general";
    Assessment::adverse(
        Severity::General,
        Ground::Unperformed,
        because(rules, facts, || Sentence::new(zh, en)),
    )
}

pub(crate) fn criminal(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    let zh = "刑事判决：严重，仅用于依据载明的报告类型";
    let en = "a criminal judgment: serious, only in report types whose basis names it";
    Assessment::adverse(
        Severity::Serious,
        Ground::Criminal,
        because(rules, facts, || Sentence::new(zh, en)),
    )
}

pub(crate) fn serious_list(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    if let Some(day) = facts.delisted_on.filter(|day| *day <= facts.as_of) {
        return neutrally(rules, facts, || {
            Sentence::new(
                format!("已于 {day} 移出名单"),
                format!("removed from the list on {day}"),
            )
        });
    }
    if let Some(day) = values(facts)
        .date("listing_until")
        .filter(|day| *day < facts.as_of)
    {
        return neutrally(rules, facts, || {
            Sentence::new(
                format!("纳入期限至 {day}"),
                format!("the term of the listing ended {day}"),
            )
        });
    }
    let zh = "列入严重失信主体名单期间：严重";
    let en = "member of a serious-dishonesty list: serious while listed";
    Assessment::adverse(
        Severity::Serious,
        Ground::SeriousList,
        because(rules, facts, || Sentence::new(zh, en)),
    )
}

pub(crate) fn arrears(rules: &SeverityRules<'_>, facts: &RecordFacts<'_>) -> Assessment {
    if let Some(day) = performed_by(facts) {
        return neutrally(rules, facts, || {
            Sentence::new(format!("已于 {day} 缴清"), format!("paid in full on {day}"))
        });
    }
    let v = values(facts);
    let instrument: Option<InstrumentKind> = v.code("instrument_kind");
    if let Some(kind) = instrument
        && v.given("instrument_no")
    {
        let reason = because(rules, facts, || {
            Sentence::new(
                format!("欠缴已由生效法律文书（{}）确认：一般", kind.zh()),
                format!(
                    "the debt is confirmed by an instrument with legal effect ({}): general",
                    kind.en()
                ),
            )
        });
        return Assessment::adverse(Severity::General, Ground::Unperformed, reason);
    }
    if let (Some(ArrearsKind::Tax), Some(from), Some(total)) = (
        v.code("arrears_kind"),
        rules.policy.tax_notice_threshold,
        v.fen("amount_total"),
    ) && total >= from
    {
        let reason = because(rules, facts, || {
            Sentence::new(
                format!("欠税 {total} 元，达到公告起点 {from} 元：一般"),
                format!("tax arrears of ¥{total}, at or above ¥{from}: general"),
            )
        });
        return Assessment::adverse(Severity::General, Ground::Unperformed, reason);
    }
    let zh = "没有生效法律文书，欠缴为中性记录";
    let en = "a debt is a neutral record until an instrument with legal effect exists";
    neutrally(rules, facts, || Sentence::new(zh, en))
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
    let reason = by_rule(rules, &rule.head, || {
        Sentence::new(
            format!("2014年采暖欠费档次：{}。{}", severity.zh(), rule.note.zh),
            format!("heating tier of 2014: {tier}. {}", rule.note.en),
        )
    });
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
    let reason = by_rule(rules, &rule.head, || {
        Sentence::new(
            format!("公积金贷款逾期 {overdue} 期（分档为本系统设定，仅用于历史重现）"),
            format!(
                "{overdue} instalments overdue (tiers are a choice of this register, replay only)"
            ),
        )
    });
    Assessment::adverse(tier.severity(), Ground::LocalTier(tier), reason)
}
