//! A walk through the pages with a real browser: by mouse, by keyboard, on a phone, enlarged, without script, in both
//! languages; every page is checked for accessibility and pictured.

use crate::answers::pages;
use crate::driver::{Browser, ENTER, TAB};
use crate::server::{Server, root, target};
use crate::town::{FINES, FIRM, PRACTITIONER};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Width of an office screen, of a phone, and of an office screen enlarged to 200 %, in CSS pixels.
pub const OFFICE: u32 = 1280;
pub const PHONE: u32 = 390;
const ENLARGED: u32 = OFFICE / 2;

/// Paths of a page in both languages.
fn languages(path: &str) -> [(&'static str, String); 2] {
    let sign = if path.contains('?') { '&' } else { '?' };
    [
        ("zh", path.to_owned()),
        ("en", format!("{path}{sign}lang=en")),
    ]
}

#[test]
fn a_citizen_finds_a_permit_holder_its_timeline_an_entry_and_a_list() {
    let server = Server::start(true);
    let browser = Browser::start(true);
    browser.open(&server.at("/"));
    browser.type_into(&browser.find("#q"), "克拉玛依金龙国民村镇银行");
    browser.click(&browser.find(".search button"));
    browser.wait_for_address("/search?q=");
    assert!(
        browser.text().contains("除地区和组织形式外，名称一致"),
        "the hit says why it was found"
    );
    browser.click(&browser.find(".hits h2 a"));
    browser.wait_for_address("/subjects/");
    let holder = browser.text();
    for shown in [
        "S0014H365020001",
        "行政许可",
        "金融许可证",
        "暂不评级",
        "没有查到不等于信用良好",
    ] {
        assert!(holder.contains(shown), "{shown}: {holder}");
    }

    browser.open(&server.at(&format!("/subjects/{}", server.town.firm)));
    browser.click(&browser.link("查看时间线"));
    browser.wait_for_address("/timeline");
    let timeline = browser.text();
    assert!(
        timeline.contains(FINES.0) && timeline.contains(FINES.1),
        "{timeline}"
    );
    browser.click(&browser.link("更正记录"));
    browser.wait_for_address("/entries/");
    assert!(browser.text().contains("本条哈希值"));
    browser.open(&server.at("/lists"));
    browser.click(&browser.link("安全生产严重失信主体名单"));
    browser.wait_for_address("/lists/work-safety");
    browser.click(&browser.link(FIRM));
    browser.wait_for_address("/subjects/");

    browser.click(&browser.find("a.language"));
    browser.wait_for_address("lang=en");
    let english = browser.text();
    assert!(
        english.contains("Administrative penalty") && english.contains("Credit grade"),
        "{english}"
    );
    browser.click(&browser.link("Timeline"));
    browser.wait_for_address("/timeline");
    assert!(
        browser.address().contains("lang=en"),
        "links keep the language"
    );
}

#[test]
fn the_keyboard_alone_is_enough() {
    let server = Server::start(false);
    let browser = Browser::start(true);
    browser.open(&server.at("/"));
    browser.press(TAB);
    let focused = "const e = document.activeElement, s = getComputedStyle(e); \
        return [e.id || e.getAttribute('href') || e.tagName, s.outlineStyle, parseFloat(s.outlineWidth), \
        e.getBoundingClientRect().left >= 0]";
    let mut order = Vec::new();
    while order.len() < 20 {
        let seen = browser.run(focused, &[]);
        let name = seen[0].as_str().expect("a name").to_owned();
        assert!(
            seen[1] == "solid" && seen[2].as_f64() >= Some(2.0) && seen[3] == true,
            "the focus on {name} is visible: {seen}"
        );
        order.push(name);
        if order.last().is_some_and(|name| name == "q") {
            break;
        }
        browser.press(TAB);
    }
    assert_eq!(
        order.first().map(String::as_str),
        Some("#main"),
        "the skip link comes first: {order:?}"
    );
    assert_eq!(
        order.last().map(String::as_str),
        Some("q"),
        "the search field is reached: {order:?}"
    );
    browser.type_into(&browser.find("#q"), "村镇银行");
    browser.press(ENTER);
    browser.wait_for_address("/search?q=");
    assert!(browser.text().contains("村镇银行"));
}

#[test]
fn nothing_needs_a_script() {
    let server = Server::start(true);
    let browser = Browser::start(false);
    browser.open(&server.at("/"));
    browser.type_into(&browser.find("#q"), FIRM);
    browser.click(&browser.find(".search button"));
    browser.wait_for_address("/search?q=");
    browser.click(&browser.link(FIRM));
    browser.wait_for_address("/subjects/");
    browser.click(&browser.link("查看时间线"));
    browser.wait_for_address("/timeline");
    assert!(browser.text().contains(FINES.1));
    browser.open(&server.at("/practitioner"));
    browser.type_into(&browser.find("#key-name"), PRACTITIONER.0);
    browser.type_into(&browser.find("#key-number"), PRACTITIONER.1);
    browser.click(&browser.find("main form button"));
    browser.find(".certificate");
    assert!(browser.text().contains("证书信息相符"));
    assert!(
        !browser.address().contains('='),
        "name and number are not in the address"
    );
    browser.picture(OFFICE, &picture("practitioner-found", "zh", OFFICE));
    browser.picture(PHONE, &picture("practitioner-found", "zh", PHONE));
    browser.open(&server.at("/verify"));
    assert!(
        browser
            .text()
            .contains("probity-verify bundle FILE --vkey KEY")
    );
}

/// Where a picture of a page lies.
pub fn picture(page: &str, language: &str, width: u32) -> PathBuf {
    root()
        .join("target/screenshots")
        .join(format!("{page}-{language}-{width}.png"))
}

#[test]
fn every_page_is_accessible_fits_every_window_and_shows_no_number_of_a_person() {
    let axe = axe();
    let server = Server::start(true);
    let browser = Browser::start(true);
    let mut faults = Vec::new();
    for (name, path) in pages(&server) {
        for (language, path) in languages(&path) {
            browser.resize(OFFICE, 900, 1);
            browser.open(&server.at(&path));
            let source = browser.source();
            let shown = server
                .town
                .secrets
                .iter()
                .filter(|secret| source.contains(secret.as_str()));
            faults.extend(shown.map(|secret| format!("{name} {language} shows {secret}")));
            for width in [OFFICE, ENLARGED, PHONE] {
                browser.resize(width, 900, 1);
                let mut found = overhang(&browser);
                if width != ENLARGED {
                    found.extend(violations(&browser, &axe));
                    browser.picture(width, &picture(name, language, width));
                }
                faults.extend(
                    found
                        .iter()
                        .map(|fault| format!("{name} {language} {width}: {fault}")),
                );
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Parts of the page that lie beside the window.
pub fn overhang(browser: &Browser) -> Vec<Value> {
    let found = browser.run(
        "const w = document.documentElement.clientWidth, scrolls = document.documentElement.scrollWidth > w; \
         const wide = [...document.querySelectorAll('body *')].filter(e => { \
           const r = e.getBoundingClientRect(); \
           return r.width > 1 && r.right > w + 1 && !e.closest('pre, .skip, thead') && getComputedStyle(e).position !== 'absolute'; }); \
         return (scrolls ? ['scrolls sideways'] : []).concat(wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120)))",
        &[],
    );
    found.as_array().expect("a list").clone()
}

/// What axe calls a violation: of WCAG 2 A and AA, and of good practice.
pub fn violations(browser: &Browser, axe: &str) -> Vec<Value> {
    browser.run(axe, &[]);
    let found = browser.run_async(
        "const done = arguments[arguments.length - 1]; \
         axe.run(document, { resultTypes: ['violations'] }).then(r => done(r.violations.map(v => \
           [v.id, v.impact, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' :: ' + n.failureSummary)])), \
           e => done([String(e)]))",
        &[],
    );
    found.as_array().expect("a list").clone()
}

/// The checker, installed from its package by `cargo xtask test`, or here where that has not run.
pub fn axe() -> String {
    let folder = target().join("web-tools");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        install(&folder);
    }
    std::fs::read_to_string(&script).unwrap_or_else(|e| panic!("{}: {e}", script.display()))
}

fn install(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(root().join("tests/web/tools").join(file), folder.join(file))
            .expect("copies");
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder);
    let done = npm.status().expect("npm; `cargo xtask test` installs it");
    assert!(done.success(), "axe-core is installed from its package");
}

/// What axe itself calls a violation is found: the check can fail.
#[test]
fn the_check_of_accessibility_finds_a_planted_fault() {
    let browser = Browser::start(true);
    browser.open("data:text/html,<title>x</title><img src=''><p>x");
    browser.run(&axe(), &[]);
    let found: Value = browser.run_async(
        "const done = arguments[arguments.length - 1]; axe.run(document).then(r => done(r.violations.map(v => v.id)))",
        &[],
    );
    assert!(found.to_string().contains("image-alt"), "{found}");
}
