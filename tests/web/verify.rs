//! The page that checks a proof file: in the browser, without a network, with the verdict of the log's own verifier.

use crate::driver::{Browser, TAB};
use crate::server::Server;
use crate::walk::{OFFICE, PHONE, axe, overhang, picture, violations};
use probity_app::keys::PresentedKey;
use probity_pages::script;
use probity_proof::key::KeyKind;
use probity_proof::{Bundle, Checkpoint, Policy, ProofError, SigningKey, TreeHash, VerifierKey};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Longest wait for a checkpoint, or for an answer of the page.
const PATIENCE: Duration = Duration::from_secs(20);
const OUTCOME: &str = "#outcome h2";

/// Waits until something is there.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A file that the server gives out, once a checkpoint covers it.
fn fetch(server: &Server, path: &str) -> String {
    until(path, || {
        let answer = server.get(path);
        (answer.status == 200).then_some(answer.body)
    })
}

/// Opens the page and waits until it checks files.
pub fn open(browser: &Browser, server: &Server, path: &str) {
    browser.open(&server.at(path));
    browser.find("#outcome[data-ready]");
}

/// Folder of the page's scripts.
pub fn modules(browser: &Browser) -> Value {
    browser.run(
        "return document.querySelector('script[type=module]').src.replace(/[/]page[.]js$/, '')",
        &[],
    )
}

/// Drops a file onto the page; heading of the answer, and the field that it names.
fn drop_file(browser: &Browser, text: &str) -> (String, Option<String>) {
    browser.run(
        "document.getElementById('outcome').replaceChildren(); \
         const data = new DataTransfer(); data.items.add(new File([arguments[0]], 'dropped.bundle.json')); \
         document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }))",
        &[json!(text)],
    );
    let heading = browser.text_of(&browser.find(OUTCOME));
    let field = browser.run(
        "const dt = [...document.querySelectorAll('#outcome dt')].find(e => ['不符的字段', 'Field'].includes(e.textContent)); \
         return dt ? dt.nextElementSibling.textContent : null",
        &[],
    );
    (heading, field.as_str().map(str::to_owned))
}

fn set(browser: &Browser, id: &str, text: &str) {
    browser.run(
        "document.getElementById(arguments[0]).value = arguments[1]",
        &[json!(id), json!(text)],
    );
}

/// What the log's own verifier says: the field that does not hold.
pub fn field_by_rust(text: &str, key: &VerifierKey) -> Option<String> {
    let checked =
        Bundle::parse(text.as_bytes()).and_then(|bundle| bundle.verify(key, &Policy::none()));
    checked.err().map(|ProofError { field, .. }| field)
}

#[test]
fn a_bundle_holds_without_a_server_and_with_one_byte_changed_names_the_field() {
    let server = Server::start(true);
    let browser = Browser::start(true);
    fetch(&server, "/log/checkpoint");
    browser.open(&server.at(&format!("/entries/{}", server.town.penalty)));
    let link = browser.link("取得可离线核验的证明文件");
    let href = browser.run(
        "return arguments[0].getAttribute('href')",
        &[link.reference()],
    );
    let bundle = fetch(&server, href.as_str().expect("an address"));
    let key: VerifierKey = fetch(&server, "/log/vkey").trim().parse().expect("a key");
    let penalty = server.town.penalty;
    browser.click(&browser.link("在浏览器里核对"));
    browser.wait_for_address("/verify");
    browser.find("#outcome[data-ready]");
    let given = browser.run("return document.getElementById('vkey').value", &[]);
    assert_eq!(given, json!(key.to_string()), "the key is filled in");
    // From here on there is nobody to ask, and the policy forbids asking.
    let sent = browser.run_async(
        "const done = arguments[0]; fetch('/healthz').then(() => done('sent'), () => done('refused'))",
        &[],
    );
    assert_eq!(sent, "refused");
    drop(server);
    let requests = "return performance.getEntriesByType('resource').length";
    let before = browser.run(requests, &[]);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("record.bundle.json");
    std::fs::write(&file, &bundle).expect("a file");
    browser.type_into(&browser.find("#bundle"), file.to_str().expect("a path"));
    assert_eq!(browser.text_of(&browser.find(OUTCOME)), "核对通过");
    let answer = browser.text();
    for shown in [
        "probity.invalid/test-town",
        "行政处罚",
        "测市监罚〔2026〕31号",
        "¥12,000.00",
        "决定日期",
        "第一次见到这个存证的检查点",
        "没有填见证人要求",
        "不能说明后来有没有更正",
        "record.bundle.json",
        &key.to_string(),
    ] {
        assert!(answer.contains(shown), "{shown}: {answer}");
    }
    assert!(answer.contains(&format!("第 {penalty} 号")), "{answer}");
    let focused = browser.run("return document.activeElement.id", &[]);
    assert_eq!(focused, "outcome", "what is read aloud next is the answer");
    assert_eq!(
        drop_file(&browser, &bundle).0,
        "核对通过",
        "dropped as well as picked"
    );
    assert!(
        browser.text().contains("完全相同"),
        "the checkpoint was remembered"
    );

    for (name, changed, expected) in changed(&bundle) {
        assert_eq!(
            field_by_rust(&changed, &key).as_deref(),
            Some(expected),
            "{name}: by the other verifier"
        );
        let (heading, field) = drop_file(&browser, &changed);
        assert_eq!(
            (heading.as_str(), field.as_deref()),
            ("核对不通过", Some(expected)),
            "{name}"
        );
    }
    assert_eq!(browser.run(requests, &[]), before, "nothing was asked for");
}

/// The bundle with one byte of each field changed, and the field that has to be named.
fn changed(bundle: &str) -> Vec<(String, String, &'static str)> {
    const FIELDS: &[(&str, &str)] = &[
        ("/version", "version"),
        ("/header", "header.format"),
        ("/previous", "root"),
        ("/previous_in_stream", "root"),
        ("/parts/0/kind", "parts[0].kind"),
        ("/parts/0/root", "parts[0].root"),
        ("/parts/0/leaf", "parts[0].leaf"),
        ("/parts/0/commitment", "parts[0].commitment"),
        ("/parts/0/sealed_hash", "parts[0].sealed_hash"),
        ("/parts/0/opened/salt", "parts[0].commitment"),
        ("/parts/0/opened/content", "parts[0].commitment"),
        ("/index", "index"),
        ("/size", "size"),
        ("/path/0", "root"),
    ];
    let mut all = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut Value), expected: &'static str| {
        let mut value: Value = serde_json::from_str(bundle).expect("JSON");
        change(&mut value);
        all.push((name.to_owned(), value.to_string(), expected));
    };
    for (pointer, expected) in FIELDS {
        let change = |value: &mut Value| {
            let place = value.pointer_mut(pointer).expect("a field");
            *place = match &*place {
                Value::String(text) => json!(other_byte(text, 1)),
                number => json!(number.as_u64().expect("a number") + 1),
            };
        };
        add(pointer, &change, expected);
    }
    // A byte of the position, of the time, of the actor; of the checkpoint's root, and of the signature's line.
    for (at, expected) in [(2, "index"), (2 * 35, "root"), (2 * 49, "root")] {
        let change = |value: &mut Value| {
            value["header"] = json!(other_byte(value["header"].as_str().expect("text"), at))
        };
        add(&format!("/header at {at}"), &change, expected);
    }
    let note = |at: fn(&str) -> usize| {
        move |value: &mut Value| {
            let text = value["checkpoint"].as_str().expect("text").to_owned();
            value["checkpoint"] = json!(other_byte(&text, at(&text)));
        }
    };
    add(
        "/checkpoint root",
        &note(|text| text.find("\n\n").expect("an end") - 10),
        "checkpoint.signatures[0]",
    );
    add(
        "/checkpoint signature",
        &note(|text| {
            let lines = text.find("\n\n").expect("an end") + 2;
            lines + text[lines..].find('\n').expect("a line") - 20
        }),
        "checkpoint.signatures[0]",
    );
    all
}

/// The text with the digit or letter at a place exchanged for another.
fn other_byte(text: &str, at: usize) -> String {
    let old = text.as_bytes()[at];
    let new = if old == b'0' { "1" } else { "0" };
    format!("{}{new}{}", &text[..at], &text[at + 1..])
}

/// A real bundle whose checkpoint a key of the test signed, for a log of the test's own.
fn resigned(bundle: &str, key: &SigningKey, change: impl Fn(&mut Checkpoint)) -> String {
    let bundle = Bundle::parse(bundle.as_bytes()).expect("a bundle");
    let note = probity_proof::Note::parse(bundle.checkpoint.as_bytes()).expect("a note");
    let mut checkpoint = Checkpoint::parse(note.text()).expect("a checkpoint");
    checkpoint.origin = key.name().to_owned();
    change(&mut checkpoint);
    checkpoint.sign(key).expect("signs").to_string()
}

#[test]
fn a_log_that_went_back_or_forked_is_told() {
    let server = Server::start(false);
    let browser = Browser::start(true);
    let record = bundle_of_penalty(&server);
    let key = SigningKey::from_seed("forked.invalid/log", &[7; 32]).expect("a key");
    let vkey = key.verifier(KeyKind::Note).to_string();
    let mut own: Value = serde_json::from_str(&record).expect("JSON");
    own["checkpoint"] = json!(resigned(&record, &key, |_| ()));
    let remember = |note: String| {
        let held = json!({ "vkey": vkey, "note": note }).to_string();
        browser.run(
            "localStorage.setItem('probity.verify.forked.invalid/log', arguments[0])",
            &[json!(held)],
        );
    };
    open(&browser, &server, "/verify");
    set(&browser, "vkey", &vkey);

    remember(resigned(&record, &key, |checkpoint| checkpoint.size += 9));
    assert_eq!(
        drop_file(&browser, &own.to_string()).0,
        "核对通过",
        "an old file is no fault"
    );
    assert!(
        browser.text().contains("比这个浏览器上次记下的小"),
        "{}",
        browser.text()
    );

    let other = resigned(&record, &key, |checkpoint| {
        checkpoint.root = TreeHash([9; 32])
    });
    remember(other.clone());
    assert_eq!(
        drop_file(&browser, &own.to_string()).0,
        "这个存证给出过两种历史"
    );
    let saved = browser.run(
        "return document.querySelector('#outcome a[download]').href",
        &[],
    );
    let evidence = browser.run(
        "return decodeURIComponent(arguments[0].slice(arguments[0].indexOf(',') + 1))",
        &[saved],
    );
    let evidence = evidence.as_str().expect("a file").to_owned();
    let parsed = probity_proof::ForkEvidence::parse(evidence.as_bytes()).expect("evidence");
    let fork = parsed
        .verify(&key.verifier(KeyKind::Note))
        .expect("it holds");
    assert_ne!(fork.first.root, fork.second.root);
    assert_eq!(
        drop_file(&browser, &evidence).0,
        "这个存证给出过两种历史",
        "the evidence checks here as well"
    );
    let kept = browser.run(
        "return localStorage.getItem('probity.verify.forked.invalid/log')",
        &[],
    );
    let kept: Value = serde_json::from_str(kept.as_str().expect("kept")).expect("JSON");
    assert_eq!(kept["note"], json!(other), "what was seen first stays");

    set(&browser, "policy", "quorum nobody");
    assert_eq!(
        drop_file(&browser, &own.to_string()).1.as_deref(),
        Some("policy.line 1.member")
    );
    set(&browser, "vkey", "no key");
    assert_eq!(
        drop_file(&browser, &own.to_string()).1.as_deref(),
        Some("log key.vkey")
    );
}

fn bundle_of_penalty(server: &Server) -> String {
    let page = until("the link", || {
        let page = server
            .get(&format!("/entries/{}", server.town.penalty))
            .body;
        page.contains("/bundle?position=").then_some(page)
    });
    let before = page.split("/bundle?position=").next().expect("a link");
    let path = before.rsplit('"').next().expect("an address");
    fetch(
        server,
        &format!("{path}/bundle?position={}", server.town.penalty),
    )
}

#[test]
fn a_newer_checkpoint_is_joined_to_the_one_seen_by_a_consistency_proof() {
    let server = Server::start(true);
    let browser = Browser::start(true);
    let size = |bundle: &str| -> u64 {
        let value: Value = serde_json::from_str(bundle).expect("JSON");
        value["size"].as_u64().expect("a size")
    };
    let first = bundle_of_penalty(&server);
    open(&browser, &server, "/verify?lang=en");
    assert_eq!(drop_file(&browser, &first).0, "It holds");
    let key = PresentedKey::demo("clerk").reveal();
    let written = server.post_json(
        "/v1/records",
        &key,
        &crate::answers::permit("测食许〔2026〕777号"),
    );
    assert_eq!(written.status, 201, "{}", written.body);
    let second = until("a newer checkpoint", || {
        Some(bundle_of_penalty(&server)).filter(|bundle| size(bundle) > size(&first))
    });
    assert_eq!(drop_file(&browser, &second).0, "It holds");
    let href = browser.run(
        "return document.querySelector('#outcome .notice a').getAttribute('href')",
        &[],
    );
    let proof = fetch(&server, href.as_str().expect("an address"));
    assert_eq!(drop_file(&browser, &proof).0, "It continues");
    let mut wrong: Value = serde_json::from_str(&proof).expect("JSON");
    let element = wrong["path"][0].as_str().expect("an element").to_owned();
    wrong["path"][0] = json!(other_byte(&element, 3));
    let (heading, field) = drop_file(&browser, &wrong.to_string());
    assert_eq!(heading, "It does not hold");
    assert!(field.is_some_and(|field| field.ends_with("_root")));
}

#[test]
fn the_answer_is_accessible_fits_every_window_and_is_reached_by_keyboard() {
    let server = Server::start(true);
    let browser = Browser::start(true);
    let record = bundle_of_penalty(&server);
    let mut broken: Value = serde_json::from_str(&record).expect("JSON");
    broken["previous"] = json!("0".repeat(64));
    let checker = axe();
    let mut faults = Vec::new();
    for (language, path) in [("zh", "/verify"), ("en", "/verify?lang=en")] {
        for (name, file) in [
            ("verify-holds", record.clone()),
            ("verify-fails", broken.to_string()),
        ] {
            open(&browser, &server, path);
            drop_file(&browser, &file);
            for width in [OFFICE, OFFICE / 2, PHONE] {
                browser.resize(width, 900, 1);
                let mut found = overhang(&browser);
                found.extend(violations(&browser, &checker));
                browser.picture(width, &picture(name, language, width));
                faults.extend(
                    found
                        .iter()
                        .map(|fault| format!("{name} {language} {width}: {fault}")),
                );
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    open(&browser, &server, "/verify");
    let mut reached = Vec::new();
    while reached.len() < 40 && reached.last().is_none_or(|id| id != "check-again") {
        browser.press(TAB);
        let id = browser.run("return document.activeElement.id", &[]);
        reached.push(id.as_str().unwrap_or_default().to_owned());
    }
    for id in ["bundle", "vkey", "check-again"] {
        assert!(reached.iter().any(|seen| seen == id), "{id}: {reached:?}");
    }
}

/// The scripts are asked for with the page; none of them is asked for later.
#[test]
fn every_script_comes_with_the_page() {
    let server = Server::start(false);
    let browser = Browser::start(true);
    open(&browser, &server, "/verify");
    let loaded = browser.run(
        "return performance.getEntriesByType('resource').map(e => e.name.split('/').pop())",
        &[],
    );
    let loaded: Vec<&str> = loaded
        .as_array()
        .expect("names")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for name in probity_pages::SCRIPT_NAMES {
        assert!(
            script(name).is_some() && loaded.contains(name),
            "{name}: {loaded:?}"
        );
    }
}
