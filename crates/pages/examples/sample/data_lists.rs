//! Made-up lists.

use super::{earlier, say, shell};
use probity_pages::*;
use probity_types::{ListColour, ListingProcedure};

/// The lists of the index.
pub fn summaries(lang: Lang) -> Vec<ListSummary> {
    let bureau = |zh: &str, en: &str| say(lang, zh, en);
    let list = |id: &str, name: String, colour, authority, members| ListSummary {
        id: id.to_owned(),
        name,
        colour,
        authority,
        members,
    };
    vec![
        list(
            "integrity-star",
            bureau("诚信之星", "Star of Integrity"),
            ListColour::Red,
            bureau("示例市信用办", "Sample City credit office"),
            128,
        ),
        list(
            "tax-a",
            bureau("纳税信用 A 级", "Tax grade A"),
            ListColour::Red,
            bureau("示例市税务局", "Sample City tax bureau"),
            1_406,
        ),
        list(
            "judgment-defaulters",
            bureau("失信被执行人名单", "Judgment defaulters"),
            ListColour::Serious,
            bureau("示例市人民法院", "Sample City court"),
            73,
        ),
        list(
            "work-safety",
            bureau("安全生产严重失信主体名单", "Work-safety serious list"),
            ListColour::Serious,
            bureau("示例市应急管理局", "Sample City emergency bureau"),
            4,
        ),
        list(
            "abnormal",
            bureau("经营异常名录", "List of abnormal operation"),
            ListColour::Notice,
            bureau("示例市市场监督管理局", "Sample City market bureau"),
            517,
        ),
        list(
            "city-2014",
            bureau("本市黑名单（历史）", "City blacklist (historical)"),
            ListColour::Black,
            bureau("示例市信用办", "Sample City credit office"),
            0,
        ),
    ]
}

/// The index.
pub fn index(lang: Lang) -> ListsView {
    ListsView {
        shell: shell(lang, "/lists"),
        lists: summaries(lang),
    }
}

fn frame(lang: Lang) -> ListView {
    ListView {
        shell: earlier(shell(lang, "/lists/work-safety")),
        id: "work-safety".to_owned(),
        name: say(lang, "安全生产严重失信主体名单", "Work-safety serious list"),
        colour: ListColour::Serious,
        authority: say(lang, "示例市应急管理局", "Sample City emergency bureau"),
        basis: say(
            lang,
            "《示例名单管理办法》第八条",
            "Sample Rules on Lists, art. 8",
        ),
        term_months: Some(36),
        persons: 0,
        withheld: 0,
        measures: vec![
            say(
                lang,
                "作为重点监管对象，增加检查次数",
                "Key supervision, more inspections",
            ),
            say(lang, "限制参加政府采购", "Limits on government procurement"),
        ],
        paging: Paging {
            page: 1,
            pages: 1,
            total: 0,
        },
        members: Vec::new(),
    }
}

/// A list without members.
pub fn empty(lang: Lang) -> ListView {
    frame(lang)
}

fn steps(states: [StepState; 5]) -> Vec<ProcedureStep> {
    let all = [
        Step::Finding,
        Step::Notice,
        Step::Statement,
        Step::Decision,
        Step::Service,
    ];
    all.into_iter()
        .zip(states)
        .map(|(step, state)| ProcedureStep { step, state })
        .collect()
}

/// A list with members of each procedure.
pub fn list(lang: Lang) -> ListView {
    let done = |on: &str| StepState::Done {
        on: Some(on.to_owned()),
    };
    let member = |name: &str, procedure, states| ListMember {
        subject_id: Some("s1".to_owned()),
        name: name.to_owned(),
        code: Some("91650200SAMPLE0001".to_owned()),
        reason: Some(say(
            lang,
            "发生较大生产安全事故，负有责任",
            "Responsible for a major work accident",
        )),
        basis: "示例应急罚〔2026〕12号".to_owned(),
        since: Some("2026-03-16".to_owned()),
        until: Some("2029-03-16".to_owned()),
        disputed: false,
        procedure,
        steps: steps(states),
        position: 2_588_031,
    };
    let own = [
        done("2026-01-20"),
        done("2026-02-02"),
        done("2026-02-11"),
        done("2026-03-16"),
        done("2026-03-18"),
    ];
    let reported = [
        done("2025-10-09"),
        StepState::Unknown,
        StepState::Unknown,
        done("2025-12-01"),
        StepState::NotRequired,
    ];
    let historical = [
        StepState::Unknown,
        StepState::Unknown,
        StepState::Unknown,
        StepState::Done { on: None },
        StepState::Unknown,
    ];
    let members = vec![
        member("示例油服有限公司", ListingProcedure::Own, own),
        ListMember {
            disputed: true,
            until: None,
            ..member(
                "样本危险货物运输有限公司",
                ListingProcedure::Reported,
                reported,
            )
        },
        ListMember {
            subject_id: None,
            code: None,
            reason: None,
            since: None,
            ..member("样本旧厂", ListingProcedure::Historical, historical)
        },
    ];
    ListView {
        paging: Paging {
            page: 1,
            pages: 1,
            total: 3,
        },
        members,
        persons: 12,
        withheld: 2,
        ..frame(lang)
    }
}
