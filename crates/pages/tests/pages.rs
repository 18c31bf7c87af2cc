//! What every page promises, checked on the made-up pages in both languages.

#[path = "../examples/sample/data.rs"]
mod data;

use probity_pages::{
    CHECKER_SECURITY_POLICY, CONTENT_SECURITY_POLICY, CSS, FAVICON_SVG, Lang, SCRIPT_NAMES, script,
};

/// Page, stylesheet, icon and scripts together stay below this.
const WEIGHT_MAX_BYTES: usize = 150 * 1024;
/// Elements without content or end tag.
const VOID: [&str; 7] = ["meta", "link", "input", "br", "path", "use", "circle"];

fn each(check: impl Fn(&str, Lang, &str)) {
    for lang in Lang::ALL {
        for (name, page) in data::pages(lang) {
            let html = page.expect("the page renders");
            check(&format!("{name} {}", lang.tag()), lang, &html);
        }
    }
}

/// Every tag of the page, `<` and `>` not included.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter_map(|part| part.split('>').next())
        .collect()
}

fn named<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let is =
        |tag: &&str| tag.split(|c: char| c.is_whitespace() || c == '/').next() == Some(element);
    tags(html).into_iter().filter(is).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// The one page that checks files.
fn has_scripts(page: &str) -> bool {
    page.starts_with("verify ")
}

/// Whether an attribute begins with `on`. Quoted values are left out.
fn has_handler(tag: &str) -> bool {
    tag.split('"').step_by(2).any(|names| names.contains(" on"))
}

#[test]
fn every_page_has_the_landmarks_and_one_heading() {
    each(|page, lang, html| {
        assert!(html.starts_with("<!DOCTYPE html>"), "{page}");
        assert_eq!(
            attribute(named(html, "html")[0], "lang"),
            Some(lang.tag()),
            "{page}"
        );
        assert_eq!(named(html, "h1").len(), 1, "{page}: one h1");
        assert_eq!(named(html, "main").len(), 1, "{page}: one main");
        assert_eq!(named(html, "title").len(), 1, "{page}: one title");
        let body = html.split_once("<body>").expect("a body").1.trim_start();
        assert!(
            body.starts_with("<a class=\"skip\" href=\"#main\">"),
            "{page}: skip link first"
        );
        assert!(html.contains("class=\"crumbs\""), "{page}: breadcrumb");
        assert!(
            html.contains(&format!("hreflang=\"{}\"", lang.other().tag())),
            "{page}: switch"
        );
        assert!(
            html.contains("class=\"demo\""),
            "{page}: notice of made-up data"
        );
        let says_when = html.contains("<section class=\"as-of");
        assert_eq!(
            says_when,
            !page.starts_with("error-503"),
            "{page}: moment shown"
        );
    });
}

#[test]
fn every_page_is_well_formed() {
    each(|page, _, html| {
        let mut open: Vec<&str> = Vec::new();
        for tag in tags(html).into_iter().filter(|tag| !tag.starts_with('!')) {
            let name = tag
                .split(|c: char| c.is_whitespace())
                .next()
                .unwrap_or_default();
            if let Some(closed) = name.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{page}: {open:?}");
            } else if !tag.ends_with('/') && !VOID.contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{page}: {open:?}");
    });
}

#[test]
fn headings_never_skip_a_level() {
    each(|page, _, html| {
        let mut level = 0;
        for tag in tags(html) {
            let found = ["h1", "h2", "h3", "h4"]
                .iter()
                .position(|h| tag.split(' ').next() == Some(h));
            if let Some(found) = found.map(|index| index + 1) {
                assert!(found <= level + 1, "{page}: h{found} after h{level}");
                level = found;
            }
        }
    });
}

#[test]
fn ids_are_unique_and_every_reference_has_its_target() {
    each(|page, _, html| {
        let ids: Vec<&str> = tags(html)
            .into_iter()
            .filter_map(|tag| attribute(tag, "id"))
            .collect();
        for id in &ids {
            assert_eq!(
                ids.iter().filter(|other| other == &id).count(),
                1,
                "{page}: id {id}"
            );
        }
        for tag in tags(html) {
            let local = attribute(tag, "href").and_then(|href| href.strip_prefix('#'));
            let named = ["for", "aria-labelledby", "aria-describedby"];
            for target in named
                .iter()
                .filter_map(|name| attribute(tag, name))
                .flat_map(str::split_whitespace)
                .chain(local)
            {
                assert!(ids.contains(&target), "{page}: {target}");
            }
        }
    });
}

#[test]
fn every_field_has_a_label_and_every_header_cell_a_scope() {
    each(|page, _, html| {
        let labels: Vec<_> = named(html, "label")
            .into_iter()
            .filter_map(|l| attribute(l, "for"))
            .collect();
        for field in named(html, "input")
            .into_iter()
            .chain(named(html, "select"))
            .chain(named(html, "textarea"))
        {
            if attribute(field, "type") != Some("hidden") {
                let id = attribute(field, "id").expect("a field has an id");
                assert!(labels.contains(&id), "{page}: {id}");
            }
        }
        for cell in named(html, "th") {
            assert!(attribute(cell, "scope").is_some(), "{page}: {cell}");
        }
        for cell in named(html, "td") {
            assert!(attribute(cell, "data-label").is_some(), "{page}: {cell}");
        }
    });
}

#[test]
fn pages_hold_to_the_content_security_policy() {
    for policy in [CONTENT_SECURITY_POLICY, CHECKER_SECURITY_POLICY] {
        assert!(policy.starts_with("default-src 'none'"));
        assert!(
            !policy.contains("connect-src") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
    assert!(!CONTENT_SECURITY_POLICY.contains("script-src"));
    each(|page, _, html| {
        let scripts = named(html, "script");
        assert_eq!(scripts.len(), usize::from(has_scripts(page)), "{page}");
        for tag in scripts {
            let source = attribute(tag, "src").expect("no script stands in a page");
            let name = source.rsplit('/').next().expect("a name");
            assert!(
                !source.contains("//") && SCRIPT_NAMES.contains(&name),
                "{page}: {tag}"
            );
            assert!(html.contains(&format!("<{tag}></script>")), "{page}: {tag}");
        }
        for tag in tags(html) {
            assert!(!tag.starts_with("style"), "{page}: {tag}");
            assert!(!tag.contains(" style=\""), "{page}: {tag}");
            assert!(!has_handler(tag), "{page}: {tag}");
        }
        assert!(
            !html.contains("http://") && !html.contains("https://"),
            "{page}: outside address"
        );
    });
    assert!(!CSS.contains("url(") && !CSS.contains("@import"));
}

#[test]
fn what_others_wrote_is_escaped() {
    each(|page, _, html| {
        let scripts = usize::from(has_scripts(page));
        assert_eq!(html.matches("<script").count(), scripts, "{page}");
        if page.starts_with("subject-empty") {
            assert!(
                html.contains("&#60;script&#62;"),
                "{page}: the name is still shown"
            );
        }
    });
}

#[test]
fn links_keep_the_language() {
    each(|page, lang, html| {
        let links = named(html, "a")
            .into_iter()
            .filter(|tag| !tag.contains("hreflang"));
        for href in links.filter_map(|tag| attribute(tag, "href")) {
            let ours = href.starts_with('/') && !href.starts_with("/v1/");
            assert_eq!(
                href.contains("lang=en"),
                ours && lang == Lang::En,
                "{page}: {href}"
            );
        }
        for form in named(html, "form") {
            let keeps = html.contains("name=\"lang\" value=\"en\"") || form.contains("lang=en");
            assert_eq!(keeps, lang == Lang::En, "{page}: {form}");
        }
    });
}

#[test]
fn pages_are_light() {
    each(|page, _, html| {
        let scripts = SCRIPT_NAMES.iter().filter(|_| has_scripts(page));
        let scripts: usize = scripts.filter_map(|name| script(name)).map(str::len).sum();
        let weight = html.len() + CSS.len() + FAVICON_SVG.len() + scripts;
        assert!(weight <= WEIGHT_MAX_BYTES, "{page}: {weight} bytes");
    });
}

#[test]
fn nothing_found_never_reads_as_good() {
    let caution = |lang| match lang {
        Lang::Zh => "不等于",
        Lang::En => "ot found does not mean that",
    };
    each(|page, lang, html| {
        let main = html
            .split_once("<main")
            .expect("a main")
            .1
            .split_once("</main>")
            .expect("its end")
            .0;
        if ["search-none", "subject-empty", "practitioner-none"]
            .iter()
            .any(|name| page.starts_with(name))
        {
            assert!(main.contains(caution(lang)), "{page}");
        }
    });
}

#[test]
fn an_answer_is_drawn_to_the_entry_it_answers() {
    each(|page, _, html| {
        if page.starts_with("timeline") {
            assert_eq!(html.matches("class=\"arc ").count(), 4, "{page}");
            assert!(html.contains("arc put-right from-1 to-4 depth-2"), "{page}");
            assert!(html.contains("href=\"#entry-2588031\""), "{page}");
        }
    });
}

#[test]
fn the_whole_hash_is_in_the_page() {
    each(|page, _, html| {
        if page.starts_with("entry ") {
            let whole = data::hash(2_588_031);
            let text = html
                .replace("<span class=\"mid\">", "")
                .replace("</span>", "");
            assert!(text.contains(&whole), "{page}");
            for command in [
                "probity verify --data DATA",
                "probity export --data DATA --out DIR",
                "python3 log-format/reader.py DIR",
            ] {
                assert!(html.contains(command), "{page}: {command}");
            }
        }
    });
}
