//! A made-up organisation with records in every state, one without any, and a timeline.

use super::{earlier, say, shell};
use probity_pages::*;
use probity_types::{
    Category, Database, IdentifierKind, ListColour, ListingProcedure, Polarity, SubjectKind,
};

fn identity(lang: Lang) -> IdentityBlock {
    let code = |kind, code: &str, since: &str, until: Option<&str>| DatedCode {
        kind,
        code: code.to_owned(),
        since: Some(since.to_owned()),
        until: until.map(str::to_owned),
    };
    IdentityBlock {
        id: "s1".to_owned(),
        name: "示例油服有限公司".to_owned(),
        kind: SubjectKind::Enterprise,
        database: Database::Enterprise,
        region: Some(say(lang, "示例区", "Sample District")),
        industry: Some(say(
            lang,
            "石油石化与采矿",
            "Oil, petrochemicals and mining",
        )),
        status: Some(SubjectStatus::Active),
        merged_into: None,
        codes: vec![
            code(
                IdentifierKind::Uscc,
                "91650200SAMPLE0001",
                "2015-11-02",
                None,
            ),
            code(
                IdentifierKind::OrgCode,
                "SAMPLE000",
                "2008-04-01",
                Some("2015-11-02"),
            ),
        ],
        former_names: vec![DatedName {
            name: "示例油服技术站".to_owned(),
            since: Some("2008-04-01".to_owned()),
            until: Some("2018-03-31".to_owned()),
        }],
    }
}

fn grade(lang: Lang) -> Grade {
    let reason = |rule: &str, text, effect, mark, position| GradeReason {
        rule: Some(rule.to_owned()),
        text,
        effect,
        mark,
        positions: vec![position],
        more: u64::from(position == 2_588_031),
    };
    Grade {
        state: GradeState::Graded {
            word: say(lang, "良", "Good"),
            points: Some("84".to_owned()),
            mark: StateMark::InForce,
        },
        rule_set: say(
            lang,
            "示例评级规则 第 3 版",
            "sample grading rules, version 3",
        ),
        reasons: vec![
            reason(
                "G-12.3",
                say(
                    lang,
                    "2026-02-10 受到罚款，程度一般。",
                    "Fine on 2026-02-10, general severity.",
                ),
                say(lang, "减 20 分", "−20 points"),
                StateMark::Adverse,
                2_588_031,
            ),
            reason(
                "G-04.1",
                say(lang, "2025 年度纳税信用 A 级。", "Tax grade A for 2025."),
                say(lang, "加 4 分", "+4 points"),
                StateMark::InForce,
                2_455_870,
            ),
        ],
        not_counted: vec![
            reason(
                "G-12.3",
                say(
                    lang,
                    "2026-09-03 受到罚款，异议正在核查。",
                    "Fine on 2026-09-03; an objection is being checked.",
                ),
                say(lang, "有异议", "Disputed"),
                StateMark::Disputed,
                2_603_877,
            ),
            reason(
                "G-12.3",
                say(
                    lang,
                    "2024-05-20 受到警告，已经修复。",
                    "Warning on 2024-05-20; repaired.",
                ),
                say(lang, "已修复", "Repaired"),
                StateMark::PutRight,
                2_301_004,
            ),
        ],
    }
}

fn row(lang: Lang, category: Category, kind: [&str; 2], document: &str) -> RecordRow {
    RecordRow {
        category,
        subcategory: say(lang, kind[0], kind[1]),
        document: document.to_owned(),
        summary: None,
        authority: say(lang, "示例市市场监督管理局", "Sample City market bureau"),
        decided_on: "2026-02-10".to_owned(),
        polarity: Polarity::Neutral,
        states: vec![RecordState::InForce],
        publication: Publication::NoEnd,
        position: 2_588_031,
    }
}

fn penalties(lang: Lang) -> Vec<RecordRow> {
    let penalty = |document: &str, states, publication| RecordRow {
        polarity: Polarity::Adverse,
        states,
        publication,
        summary: Some(say(
            lang,
            "罚款 ¥1,200.00（0.12 万元）",
            "Fine ¥1,200.00 (0.12 万元)",
        )),
        ..row(
            lang,
            Category::CF,
            ["市场监管处罚", "Market supervision penalty"],
            document,
        )
    };
    let until = Publication::Until {
        on: say(lang, "2027-02-10 周三", "Wed 2027-02-10"),
        days_left: 77,
        provisional: false,
    };
    let provisional = Publication::Until {
        on: say(lang, "2027-09-03 周五", "Fri 2027-09-03"),
        days_left: 282,
        provisional: true,
    };
    let ended = |on: &str| Publication::Ended { on: on.to_owned() };
    vec![
        penalty(
            "示例市监罚〔2026〕31号",
            vec![RecordState::InForce, RecordState::Corrected],
            until,
        ),
        penalty(
            "示例市监罚〔2026〕118号",
            vec![RecordState::InForce, RecordState::Disputed],
            provisional,
        ),
        penalty(
            "示例市监罚〔2025〕9号",
            vec![RecordState::Annulled],
            ended("2025-08-19"),
        ),
        penalty(
            "示例市监罚〔2024〕77号",
            vec![RecordState::Repaired],
            ended("2025-05-20"),
        ),
        penalty(
            "示例市监罚〔2023〕5号",
            vec![RecordState::Voided],
            ended("2023-03-03"),
        ),
        penalty(
            "示例市监罚〔2022〕64号",
            vec![RecordState::PublicationEnded],
            ended("2023-07-01"),
        ),
    ]
}

fn records(lang: Lang) -> RecordTable {
    let mut rows = penalties(lang);
    rows.push(RecordRow {
        summary: Some(say(lang, "安全生产许可", "Work-safety permit")),
        ..row(
            lang,
            Category::XK,
            ["安全许可", "Safety permit"],
            "示例安许〔2024〕3号",
        )
    });
    rows.push(RecordRow {
        states: vec![RecordState::Ended],
        ..row(
            lang,
            Category::XK,
            ["排污许可", "Discharge permit"],
            "示例环许〔2019〕40号",
        )
    });
    rows.push(RecordRow {
        states: vec![RecordState::Suspended],
        publication: Publication::NotPublic,
        ..row(
            lang,
            Category::QF,
            ["欠缴社会保险费", "Social insurance arrears"],
            "示例社欠 2026-04",
        )
    });
    rows.push(RecordRow {
        polarity: Polarity::Positive,
        ..row(
            lang,
            Category::RY,
            ["诚信表彰", "Integrity award"],
            "示例表彰〔2025〕2号",
        )
    });
    RecordTable {
        categories: vec![
            (Category::XK, 18),
            (Category::CF, 6),
            (Category::QZ, 0),
            (Category::CJ, 0),
            (Category::PJ, 1),
            (Category::QF, 1),
            (Category::RY, 2),
        ],
        filter: RecordFilter::default(),
        paging: Paging {
            page: 1,
            pages: 3,
            total: 28,
        },
        rows,
        has_restricted: true,
        partial: None,
    }
}

/// An organisation with records in every state.
pub fn full(lang: Lang) -> SubjectView {
    let listing = |id: &str, name, colour, ended_on: Option<&str>| SubjectListing {
        list_id: id.to_owned(),
        list_name: name,
        colour,
        authority: say(lang, "示例市应急管理局", "Sample City emergency bureau"),
        procedure: ListingProcedure::Own,
        since: "2026-03-16".to_owned(),
        until: Some("2029-03-16".to_owned()),
        ended_on: ended_on.map(str::to_owned),
        disputed: ended_on.is_none(),
        position: 2_590_001,
    };
    SubjectView {
        shell: shell(lang, "/subjects/s1"),
        identity: identity(lang),
        grade: grade(lang),
        listings: vec![
            listing(
                "work-safety",
                say(lang, "安全生产严重失信主体名单", "Work-safety serious list"),
                ListColour::Serious,
                None,
            ),
            listing(
                "tax-a",
                say(lang, "纳税信用 A 级", "Tax grade A"),
                ListColour::Red,
                Some("2026-07-01"),
            ),
        ],
        records: records(lang),
    }
}

/// An organisation about which nothing is on file.
pub fn empty(lang: Lang) -> SubjectView {
    let grade = Grade {
        state: GradeState::Unrated,
        reasons: Vec::new(),
        not_counted: Vec::new(),
        ..grade(lang)
    };
    SubjectView {
        shell: earlier(shell(lang, "/subjects/s9")),
        identity: IdentityBlock {
            name: "样本新设<script>alert(1)</script>有限公司".to_owned(),
            status: Some(SubjectStatus::Merged),
            merged_into: Some(("s1".to_owned(), "示例油服有限公司".to_owned())),
            former_names: Vec::new(),
            ..identity(lang)
        },
        grade,
        listings: Vec::new(),
        records: RecordTable::default(),
    }
}

/// The timeline of the organisation with records.
pub fn timeline(lang: Lang) -> TimelineView {
    let event = |position, zh: &str, en: &str, mark, answers| TimelineEvent {
        position,
        name: say(lang, zh, en),
        summary: None,
        valid_from: Some("2026-02-10".to_owned()),
        recorded_at: "2026-02-12 11:04".to_owned(),
        actor: say(lang, "示例市市场监督管理局", "Sample City market bureau"),
        mark,
        holds: true,
        answers,
    };
    let first = Lane {
        title: "示例市监罚〔2026〕31号".to_owned(),
        category: Some(Category::CF),
        states: vec![RecordState::InForce, RecordState::Corrected],
        events: vec![
            TimelineEvent {
                summary: Some(say(
                    lang,
                    "罚款 ¥12,000.00（1.2 万元）",
                    "Fine ¥12,000.00 (1.2 万元)",
                )),
                holds: false,
                ..event(
                    2_588_031,
                    "记入行政处罚",
                    "Administrative penalty recorded",
                    StateMark::Adverse,
                    None,
                )
            },
            event(
                2_588_900,
                "提出异议",
                "Objection filed",
                StateMark::Disputed,
                Some(2_588_031),
            ),
            event(
                2_590_411,
                "异议成立：更正",
                "Objection decided: correct",
                StateMark::PutRight,
                Some(2_588_900),
            ),
            TimelineEvent {
                summary: Some(say(
                    lang,
                    "罚款金额：¥12,000.00 改为 ¥1,200.00",
                    "Fine: ¥12,000.00 becomes ¥1,200.00",
                )),
                ..event(
                    2_590_412,
                    "更正记录",
                    "Record corrected",
                    StateMark::PutRight,
                    Some(2_588_031),
                )
            },
            event(
                2_591_077,
                "罚款已缴清",
                "Fine paid",
                StateMark::InForce,
                None,
            ),
        ],
    };
    let second = Lane {
        title: "示例市监罚〔2026〕118号".to_owned(),
        category: Some(Category::CF),
        states: vec![RecordState::InForce, RecordState::Disputed],
        events: vec![
            event(
                2_603_877,
                "记入行政处罚",
                "Administrative penalty recorded",
                StateMark::Adverse,
                None,
            ),
            event(
                2_603_990,
                "提出异议",
                "Objection filed",
                StateMark::Disputed,
                Some(2_603_877),
            ),
        ],
    };
    let registered = Lane {
        title: say(lang, "主体登记", "Identity"),
        category: None,
        states: Vec::new(),
        events: vec![event(
            1_024,
            "登记主体",
            "Subject registered",
            StateMark::Neutral,
            None,
        )],
    };
    TimelineView {
        shell: earlier(shell(lang, "/subjects/s1/timeline")),
        subject_id: "s1".to_owned(),
        subject_name: "示例油服有限公司".to_owned(),
        lanes: vec![registered, first, second],
        paging: Paging {
            page: 1,
            pages: 2,
            total: 23,
        },
        later_entries: 3,
    }
}
