//! Made-up data for every page. No organisation, person, code or decision in it is real.

#[path = "data_catalogue.rs"]
mod catalogue;
#[path = "data_entry.rs"]
mod entry;
#[path = "data_lists.rs"]
mod lists;
#[path = "data_subject.rs"]
mod subject;

use probity_pages::*;
use probity_types::{Database, SubjectKind};

/// One page: the name of its file, and its HTML or the reason why there is none.
pub type Sample = (String, Result<String, RenderError>);

/// Every page in one language.
pub fn pages(lang: Lang) -> Vec<Sample> {
    let mut all = vec![
        page("front", &front(lang), lang),
        page("search", &search(lang), lang),
        page(
            "search-none",
            &search_none(lang, SearchState::NotFound),
            lang,
        ),
        page(
            "search-short",
            &search_none(lang, SearchState::TooShort { least: 2 }),
            lang,
        ),
        page(
            "search-personal",
            &search_none(lang, SearchState::LooksPersonal),
            lang,
        ),
        page("subject", &subject::full(lang), lang),
        page("subject-empty", &subject::empty(lang), lang),
        page("timeline", &subject::timeline(lang), lang),
        page("lists", &lists::index(lang), lang),
        page("list", &lists::list(lang), lang),
        page("list-empty", &lists::empty(lang), lang),
        page("catalogue", &catalogue::index(lang), lang),
        page("catalogue-category", &catalogue::category(lang), lang),
        page("catalogue-class", &catalogue::class(lang), lang),
        page("entry", &entry::record(lang), lang),
        page("entry-correction", &entry::correction(lang), lang),
        page("entry-withheld", &entry::withheld(lang), lang),
        page(
            "practitioner",
            &practitioner(lang, PractitionerOutcome::Asking),
            lang,
        ),
        page(
            "practitioner-found",
            &practitioner(lang, certificate(lang)),
            lang,
        ),
        page(
            "practitioner-none",
            &practitioner(lang, PractitionerOutcome::NoAnswer),
            lang,
        ),
        page("verify", &verify(lang), lang),
    ];
    for kind in ErrorKind::ALL {
        all.push(page(
            &format!("error-{}", kind.status()),
            &error(lang, kind),
            lang,
        ));
    }
    all
}

fn page<V: View>(name: &str, view: &V, lang: Lang) -> Sample {
    (name.to_owned(), render(view, lang))
}

/// The text in the page's language.
pub fn say(lang: Lang, zh: &str, en: &str) -> String {
    match lang {
        Lang::Zh => zh.to_owned(),
        Lang::En => en.to_owned(),
    }
}

/// What surrounds a page at `path`.
pub fn shell(lang: Lang, path: &str) -> Shell {
    Shell {
        place: say(lang, "示例市", "Sample City"),
        contact: Some(say(
            lang,
            "示例市信用服务窗口，示例路 1 号，电话 000-0000000",
            "Sample City credit office, 1 Sample Road, telephone 000-0000000",
        )),
        demo: true,
        as_of: Some(AsOf {
            valid_on: "2026-11-25".to_owned(),
            known_at: "2026-11-25 18:20:07".to_owned(),
            known_at_input: String::new(),
            position: 2_604_117,
            is_past: false,
        }),
        path: path.to_owned(),
        query: Vec::new(),
        asset_base: ".".to_owned(),
    }
}

/// The same at an earlier moment.
pub fn earlier(mut shell: Shell) -> Shell {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    shell.query.push(pair("valid_on", "2026-06-30"));
    shell.query.push(pair("known_at", "2604000"));
    shell.as_of = Some(AsOf {
        valid_on: "2026-06-30".to_owned(),
        known_at: "2026-11-20 10:02:41".to_owned(),
        known_at_input: "2604000".to_owned(),
        position: 2_604_117,
        is_past: true,
    });
    shell
}

/// A hash that looks like one.
pub fn hash(seed: u64) -> String {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..4).map(|_| format!("{:016x}", next())).collect()
}

fn front(lang: Lang) -> FrontView {
    let figures = Figures {
        organisations: 29_542,
        records: 2_520_318,
        put_right: 4_207,
        entries: 2_604_118,
    };
    FrontView {
        shell: shell(lang, "/"),
        figures,
        lists: lists::summaries(lang),
        head: Some(Head {
            position: 2_604_117,
            hash: hash(9),
            recorded_at: "2026-11-25 18:20:07".to_owned(),
        }),
    }
}

fn search(lang: Lang) -> SearchView {
    let mut shell = shell(lang, "/search");
    shell.query.push(("q".to_owned(), "示例油服".to_owned()));
    let hit = |id: &str, name: &str, code: Option<&str>, matched: Match| SearchHit {
        subject_id: id.to_owned(),
        name: name.to_owned(),
        code: code.map(str::to_owned),
        kind: SubjectKind::Enterprise,
        database: Database::Enterprise,
        region: Some(say(lang, "示例区", "Sample District")),
        status: Some(SubjectStatus::Active),
        matched,
        namesakes: 0,
    };
    let former = Match::FormerName {
        name: "示例油服技术站".to_owned(),
        until: Some("2018-03-31".to_owned()),
    };
    let hits = vec![
        SearchHit {
            namesakes: 2,
            ..hit(
                "s1",
                "示例油服有限公司",
                Some("91650200SAMPLE0001"),
                Match::Name,
            )
        },
        hit("s5", "示例市油服有限公司", None, Match::NameCore),
        hit(
            "s2",
            "示例油服第二工程有限公司",
            Some("91650200SAMPLE0002"),
            Match::NamePart,
        ),
        hit(
            "s3",
            "样本井下作业有限公司",
            Some("91650200SAMPLE0003"),
            former,
        ),
        SearchHit {
            kind: SubjectKind::SocialOrganisation,
            database: Database::SocialOrganisation,
            status: Some(SubjectStatus::Closed),
            ..hit("s4", "示例油服行业协会", None, Match::NamePart)
        },
    ];
    SearchView {
        shell,
        asked: "示例油服".to_owned(),
        state: SearchState::Found,
        searched: 29_542,
        paging: Paging {
            page: 1,
            pages: 3,
            total: 52,
        },
        hits,
    }
}

fn search_none(lang: Lang, state: SearchState) -> SearchView {
    let asked = if state == SearchState::LooksPersonal {
        ""
    } else {
        "不存在的样本公司"
    };
    SearchView {
        shell: shell(lang, "/search"),
        asked: asked.to_owned(),
        state,
        searched: 29_542,
        paging: Paging::default(),
        hits: Vec::new(),
    }
}

fn practitioner(lang: Lang, outcome: PractitionerOutcome) -> PractitionerView {
    PractitionerView {
        shell: shell(lang, "/practitioner"),
        outcome,
    }
}

fn certificate(lang: Lang) -> PractitionerOutcome {
    PractitionerOutcome::Found(Certificate {
        holder: "样**".to_owned(),
        profession: say(lang, "注册建造师", "Registered constructor"),
        number: "SAMPLE-0000-0001".to_owned(),
        issuer: say(
            lang,
            "示例市住房和城乡建设局",
            "Sample City housing and construction bureau",
        ),
        issued_on: "2021-05-10".to_owned(),
        valid_until: Some("2027-05-09".to_owned()),
        state: RecordState::InForce,
    })
}

fn error(lang: Lang, kind: ErrorKind) -> ErrorView {
    let retries = matches!(kind, ErrorKind::TooManyRequests | ErrorKind::Unavailable);
    let detail = (kind == ErrorKind::BadRequest).then(|| {
        say(
            lang,
            "“截至哪一天有效”填的是 2026-13-01，没有这一天。",
            "“Valid on which day” holds 2026-13-01, which is not a day.",
        )
    });
    let mut shell = shell(lang, "/somewhere");
    if kind == ErrorKind::Unavailable {
        shell.as_of = None;
    }
    ErrorView {
        shell,
        kind,
        detail,
        retry_after_seconds: retries.then_some(30),
        request_id: Some("req-0000-sample".to_owned()),
    }
}

fn verify(lang: Lang) -> VerifyView {
    VerifyView {
        shell: shell(lang, "/verify"),
        log: LogFacts {
            origin: "credit.sample.example/log".to_owned(),
            size: 2_604_096,
            root: hash(7),
            signed_at: Some("2026-11-25 18:20:00".to_owned()),
            verifier_key: Some(format!("credit.sample.example/log+0a1b2c3d+{}", hash(8))),
            witnesses: Vec::new(),
            is_anchored: false,
        },
        head: Some(Head {
            position: 2_604_117,
            hash: hash(9),
            recorded_at: "2026-11-25 18:20:07".to_owned(),
        }),
    }
}
