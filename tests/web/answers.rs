//! What the pages answer, without a browser: status, headers, what is public and what never is.

use crate::server::{Server, encode};
use crate::town::{FINES, FIRM, HIDDEN, NEIGHBOURS, OWN_NAME, PRACTITIONER, code_of, credit_code};
use probity_app::keys::PresentedKey;
use probity_pages::{CHECKER_SECURITY_POLICY, CONTENT_SECURITY_POLICY, SCRIPT_NAMES};

/// Every page of the town.
pub fn pages(server: &Server) -> Vec<(&'static str, String)> {
    let town = &server.town;
    let subject = format!("/subjects/{}", town.firm);
    vec![
        ("front", "/".to_owned()),
        ("search", format!("/search?q={}", encode(NEIGHBOURS))),
        (
            "search-none",
            format!("/search?q={}", encode("没有这样的公司")),
        ),
        ("search-short", format!("/search?q={}", encode("测"))),
        ("search-personal", "/search?q=650202199003070019".to_owned()),
        ("subject", subject.clone()),
        ("subject-penalties", format!("{subject}?category=CF")),
        ("subject-none", format!("{subject}?state=repaired")),
        ("timeline", format!("{subject}/timeline")),
        (
            "timeline-before",
            format!("{subject}/timeline?known_at={}", town.before_correction),
        ),
        ("lists", "/lists".to_owned()),
        ("list", "/lists/work-safety".to_owned()),
        ("list-empty", "/lists/market-serious".to_owned()),
        ("entry", format!("/entries/{}", town.penalty)),
        ("entry-correction", format!("/entries/{}", town.correction)),
        ("entry-hidden", format!("/entries/{}", town.hidden)),
        ("entry-person", format!("/entries/{}", town.about_person)),
        ("entry-first", "/entries/0".to_owned()),
        ("practitioner", "/practitioner".to_owned()),
        ("catalogue", "/catalogue".to_owned()),
        ("catalogue-category", "/catalogue/CF".to_owned()),
        ("catalogue-class", "/catalogue/CF006".to_owned()),
        ("catalogue-list", "/catalogue/PJ009".to_owned()),
        ("verify", "/verify".to_owned()),
        ("error-404", "/no/such/page".to_owned()),
        ("error-400", format!("{subject}?valid_on=2026-13-01")),
    ]
}

fn with_english(path: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}lang=en")
}

#[test]
fn every_page_answers_with_its_policy_and_without_a_secret() {
    let server = Server::start(true);
    for (name, path) in pages(&server) {
        for path in [path.clone(), with_english(&path)] {
            let answer = server.get(&path);
            let expected = match name {
                "error-404" => 404,
                "error-400" | "search-personal" => 400,
                _ => 200,
            };
            assert_eq!(answer.status, expected, "{name}: {}", answer.body);
            let policy = match name {
                "verify" => CHECKER_SECURITY_POLICY,
                _ => CONTENT_SECURITY_POLICY,
            };
            for header in [
                &format!("content-security-policy: {policy}\r\n").to_ascii_lowercase(),
                "content-type: text/html; charset=utf-8",
                "x-content-type-options: nosniff",
                "cache-control: no-",
            ] {
                assert!(
                    answer.head.contains(header),
                    "{name}: {header} in {}",
                    answer.head
                );
            }
            for secret in &server.town.secrets {
                assert!(!answer.body.contains(secret.as_str()), "{name}: {secret}");
            }
            let person = server.town.person.to_string();
            assert!(!answer.body.contains(&person), "{name}: the id of a person");
            let shown = HIDDEN
                .iter()
                .find(|document| answer.body.contains(**document));
            // The practitioner's own page asks for nothing else; precautionary measures are shown where the class is open.
            assert_eq!(shown, None, "{name}");
        }
    }
}

#[test]
fn a_person_an_unknown_id_and_an_own_name_answer_alike() {
    let server = Server::start(true);
    let unknown = "0123456789abcdef0123456789abcdef";
    let town = &server.town;
    for tail in ["", "/timeline"] {
        let page = |id: &str| {
            let answer = server.get(&format!("/subjects/{id}{tail}"));
            (answer.status, answer.body.replace(id, "ID"))
        };
        let expected = page(unknown);
        assert_eq!(expected.0, 404);
        assert_eq!(page(&town.person.to_string()), expected);
        assert_eq!(page(&town.own_name.to_string()), expected);
        assert_eq!(
            page(&town.firm.to_string()).0,
            200,
            "the page is there for an organisation"
        );
    }
    let found = server.get(&format!("/search?q={}", encode(OWN_NAME)));
    assert!(found.body.contains("没有查到"), "nor is the name found");
}

#[test]
fn an_identity_number_is_refused_with_the_reason_and_never_repeated() {
    let server = Server::start(false);
    for number in [
        "650202199003070019",
        "65020319850615001X",
        "６５０２０２１９９００３０７００１９",
    ] {
        let answer = server.get(&format!("/search?q={}", encode(number)));
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("像身份证号"), "{}", answer.body);
        let found = server.get(&format!("/subjects/{}", encode(number)));
        assert_eq!(found.status, 404);
        for body in [answer.body, found.body] {
            assert!(
                !body.contains(number) && !body.contains(&encode(number)),
                "{body}"
            );
            assert!(!body.contains("1990") && !body.contains("1985"), "{body}");
        }
    }
}

#[test]
fn a_practitioner_is_found_by_both_and_every_failure_is_the_same() {
    let server = Server::start(false);
    let ask = |name: &str, number: &str| {
        server.post_form(
            "/practitioner",
            &format!("name={}&certificate={}", encode(name), encode(number)),
        )
    };
    let found = ask(PRACTITIONER.0, PRACTITIONER.1);
    assert_eq!(found.status, 200);
    for shown in ["阿**", PRACTITIONER.1, "会计师", "测试市财政局"] {
        assert!(found.body.contains(shown), "{shown}: {}", found.body);
    }
    assert!(
        !found.body.contains(PRACTITIONER.0) && !found.body.contains("/subjects/"),
        "{}",
        found.body
    );
    assert!(found.head.contains("cache-control: no-store"));
    let failures = [
        ("不存在", "无此证"),
        (PRACTITIONER.0, "无此证"),
        ("不存在", PRACTITIONER.1),
    ];
    let bodies = failures.map(|(name, number)| {
        let answer = ask(name, number);
        (answer.status, answer.body)
    });
    assert!(
        bodies.iter().all(|body| *body == bodies[0]),
        "unknown name, unknown number and mismatch"
    );
    assert_eq!(ask("", PRACTITIONER.1).status, 400);
}

#[test]
fn trying_names_for_a_certificate_number_comes_to_an_end() {
    let server = Server::start(false);
    let ask = |n: usize| {
        let name = encode(&format!("试{n}"));
        server.post_form(
            "/practitioner",
            &format!("name={name}&certificate={}", encode(PRACTITIONER.1)),
        )
    };
    let answers: Vec<_> = (0..7).map(ask).collect();
    assert!(answers.iter().take(6).all(|answer| answer.status == 200));
    let last = &answers[6];
    assert_eq!(last.status, 429);
    assert!(
        last.head.contains("retry-after: ") && last.body.contains("查询太频繁"),
        "{}",
        last.body
    );
}

#[test]
fn the_register_shows_grades_and_red_lists_only_where_its_profile_opens_them() {
    for (demo, shown) in [(false, false), (true, true)] {
        let server = Server::start(demo);
        let page = server.get(&format!("/subjects/{}", server.town.firm)).body;
        assert_eq!(page.contains("凭授权查看"), !shown, "grade");
        assert_eq!(page.contains("纳税信用A级名单"), shown, "red list");
        assert_eq!(page.contains("2025年度诚信示范单位"), shown, "honour");
        assert!(
            page.contains("安全生产严重失信主体名单"),
            "a serious list is open in both"
        );
        assert_eq!(
            server.get("/lists/tax-a").status,
            if shown { 200 } else { 404 }
        );
    }
}

#[test]
fn the_timeline_shows_what_was_known_before_a_correction_and_after() {
    let server = Server::start(true);
    let path = format!("/subjects/{}/timeline", server.town.firm);
    let after = server.get(&path).body;
    assert!(
        after.contains(&format!("罚款金额：{} 改为 {}", FINES.0, FINES.1)),
        "{after}"
    );
    assert!(
        after.contains("class=\"arc put-right"),
        "the correction is drawn to what it corrects"
    );
    let before = server
        .get(&format!(
            "{path}?known_at={}",
            server.town.before_correction
        ))
        .body;
    assert!(
        before.contains(FINES.0) && !before.contains(FINES.1),
        "{before}"
    );
    assert!(
        before.contains("在所选时间之后才存证"),
        "later entries are counted"
    );
    for (query, reason) in [
        ("valid_on=2026-02-30", "要填一个日期"),
        ("known_at=gestern", "要填时间"),
        ("known_at=99999999", "还没有写到"),
    ] {
        let answer = server.get(&format!("{path}?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(reason), "{query}: {}", answer.body);
    }
    assert_eq!(
        server.get(&format!("{path}?known_at=2020-01-01")).status,
        200,
        "before the log began"
    );
}

#[test]
fn a_list_names_organisations_and_only_counts_persons_and_what_ended() {
    let server = Server::start(true);
    let now = server.get("/lists/work-safety").body;
    assert!(now.contains(FIRM) && now.contains("测试商贸03号有限公司"));
    assert!(
        !now.contains("测试商贸04号有限公司"),
        "repaired and removed"
    );
    let day = server.town.while_listed;
    let then = server
        .get(&format!("/lists/work-safety?valid_on={day}"))
        .body;
    assert!(
        !then.contains("测试商贸04号有限公司"),
        "nor does an earlier day bring it back"
    );
    assert!(
        then.contains("所选日期另有 1 个组织在列"),
        "it is counted: {then}"
    );
    let court = server.get("/lists/judgment-defaulters").body;
    assert!(
        court.contains("另有 1 名个人") && court.contains("测试商贸05号有限公司"),
        "{court}"
    );
}

#[test]
fn an_entry_says_what_is_public_and_always_its_hash() {
    let server = Server::start(true);
    let town = &server.town;
    let entry = |position: u64| server.get(&format!("/entries/{position}")).body;
    let penalty = entry(town.penalty);
    assert!(
        penalty.contains(FIRM)
            && penalty.contains("测市监罚〔2026〕31号")
            && penalty.contains("更正记录")
    );
    let correction = entry(town.correction);
    assert!(
        correction.contains(FINES.0) && correction.contains(FINES.1),
        "{correction}"
    );
    for position in [town.hidden, town.about_person] {
        let page = entry(position);
        assert!(
            page.contains("本条哈希值") && page.contains("probity verify"),
            "{page}"
        );
        let says = [
            FIRM,
            "处罚",
            "PenaltyRecorded",
            "SubjectRegistered",
            "subject/",
        ];
        let says: Vec<_> = says.iter().filter(|text| page.contains(**text)).collect();
        assert!(says.is_empty(), "{position} says {says:?}");
    }
    assert_eq!(server.get("/entries/99999999").status, 404);
    assert_eq!(server.get("/entries/x").status, 404);
    let shown = entry(town.penalty);
    let json = server.get(&format!("/v1/entries/{}", town.penalty)).body;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let hash = json["entry_hash"].as_str().expect("a hash");
    let plain = shown
        .replace("<span class=\"mid\">", "")
        .replace("</span>", "");
    assert!(
        plain.contains(hash),
        "page and interface print the same hash"
    );
}

#[test]
fn stylesheet_and_icon_are_kept_and_programs_get_problem_documents() {
    let server = Server::start(false);
    let front = server.get("/").body;
    let href = |name: &str| {
        let before = front.split(name).next().expect("a page");
        format!("{}{name}", before.rsplit('"').next().expect("an address"))
    };
    let folder = href("probity.css").replace("probity.css", "");
    let scripts = SCRIPT_NAMES.iter().map(|name| (*name, "text/javascript"));
    let others = [
        ("probity.css", "text/css"),
        ("favicon.svg", "image/svg+xml"),
    ];
    for (name, kind) in others.into_iter().chain(scripts) {
        let path = format!("{folder}{name}");
        let asset = server.get(&path);
        assert_eq!(asset.status, 200, "{name}");
        assert!(
            asset.head.contains(&format!("content-type: {kind}")),
            "{}",
            asset.head
        );
        assert!(
            asset.head.contains("max-age=31536000, immutable"),
            "{}",
            asset.head
        );
        let tag = asset
            .head
            .split("etag: ")
            .nth(1)
            .and_then(|rest| rest.lines().next())
            .expect("a tag");
        assert_eq!(
            server
                .get_with(&path, &format!("If-None-Match: {tag}\r\n"))
                .status,
            304
        );
        let old = server.get(&format!("/assets/0/{name}"));
        assert!(
            old.status == 200 && old.head.contains("cache-control: no-cache"),
            "{}",
            old.head
        );
    }
    assert_eq!(server.get("/assets/0/secret.txt").status, 404);
    let page = server.get("/no/such/page");
    assert!(
        page.status == 404 && page.body.contains("没有这个页面"),
        "{}",
        page.body
    );
    let problem = server.get("/v1/no/such/thing");
    assert!(
        problem.status == 404 && problem.head.contains("application/problem+json"),
        "{}",
        problem.head
    );
}

/// A permit of the firm, as a clerk reports it.
pub fn permit(document_no: &str) -> String {
    let authority = code_of("11650200", 1);
    serde_json::json!({
        "subject": { "kind": "enterprise", "name": FIRM, "identifiers": [{ "kind": "uscc", "value": credit_code(1) }] },
        "role": "party", "subcategory": "XK003", "authority": "测试市市场监督管理局", "authority_code": authority,
        "source_unit": "测试市市场监督管理局", "source_unit_code": authority,
        "fields": {
            "document_name": "食品经营许可证", "document_no": document_no, "permit_kind": "general",
            "content": "预包装食品销售（测试数据）", "decision_date": "2026-11-01", "valid_from": "2026-11-01",
            "valid_to": "2031-10-31", "status": "valid",
        },
    })
    .to_string()
}

/// The records of a subject with many are worked out once; what is recorded afterwards shows at once all the same.
#[test]
fn a_subject_with_many_records_shows_a_new_one_at_once() {
    let server = Server::start_with(true, 510);
    let path = format!("/subjects/{}?category=XK", server.town.firm);
    let total = |count: u32| format!("共 {count} 条");
    let before = server.get(&path).body;
    assert!(
        before.contains(&total(512)) && before.contains("共 21 页"),
        "{before}"
    );
    assert_eq!(server.get(&path).body, before, "kept");
    let key = PresentedKey::demo("clerk").reveal();
    let written = server.post_json("/v1/records", &key, &permit("测食许〔2026〕999号"));
    assert_eq!(written.status, 201, "{}", written.body);
    let after = server.get(&path).body;
    assert!(
        after.contains(&total(513)) && after.contains("测食许〔2026〕999号"),
        "{after}"
    );
    let last = server.get(&format!("{path}&page=99")).body;
    assert!(
        last.contains("第 21 页，共 21 页"),
        "a page past the end is the last one"
    );
}
