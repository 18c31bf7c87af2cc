//! What surrounds every page: place, moment, language, breadcrumb, links.

use crate::format::{cut, grouped};
use crate::link::{AS_OF_PARAMETERS, address, encode};
use crate::message::{Lang, fill, t};
use crate::words::code_name;
use probity_types::CodeList;
use std::fmt::Display;

/// What the server knows about the request and the instance. Part of every view.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// Name of the place whose register this is, in the page's language.
    pub place: String,
    /// Name, address and telephone of the office that takes objections, in the page's language.
    pub contact: Option<String>,
    /// Whether the records were generated for a demonstration.
    pub demo: bool,
    /// The moment that the page shows; none where nothing could be read.
    pub as_of: Option<AsOf>,
    /// Path of the page, without parameters.
    pub path: String,
    /// Parameters of the request as decoded, without `lang`. Never put identity numbers here.
    pub query: Vec<(String, String)>,
    /// Where stylesheet and icon lie: `/assets` on the server.
    pub asset_base: String,
}

/// The moment that a page shows.
#[derive(Debug, Clone, Default)]
pub struct AsOf {
    /// Civil date whose state is shown, `2026-11-25`.
    pub valid_on: String,
    /// Until when the register's knowledge counts, as people read it.
    pub known_at: String,
    /// What the reader typed for it: a position or an instant, empty for everything known now.
    pub known_at_input: String,
    /// Position of the log at which the page was read.
    pub position: u64,
    /// Whether this is a moment other than today with everything known now.
    pub is_past: bool,
}

/// A page above the one shown.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// Name of the page.
    pub text: String,
    /// Its address.
    pub href: String,
}

/// Where in a long result the page stands. Pages count from 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paging {
    /// The page shown.
    pub page: u64,
    /// How many pages there are.
    pub pages: u64,
    /// How many rows there are over all pages.
    pub total: u64,
}

/// What the templates read besides their view: words, links, and the frame of the page.
pub struct Chrome<'a> {
    /// What the server said about the request.
    pub shell: &'a Shell,
    /// Language of the page.
    pub lang: Lang,
    /// The page's own name.
    pub heading: String,
    /// The pages above it.
    pub trail: Vec<Crumb>,
    /// Whether the moment shown can be changed on this page.
    pub as_of_form: bool,
    /// The entry of the main navigation that the page belongs to.
    pub section: &'static str,
}

impl<'a> Chrome<'a> {
    /// The frame of a page without breadcrumb.
    pub(crate) fn new(shell: &'a Shell, lang: Lang, heading: String) -> Self {
        Self {
            shell,
            lang,
            heading,
            trail: Vec::new(),
            as_of_form: false,
            section: "",
        }
    }

    /// A message.
    pub fn t<'k>(&self, key: &'k str) -> &'k str {
        t(self.lang, key)
    }

    /// A message with one value.
    pub fn f1(&self, key: &str, name: &str, value: impl Display) -> String {
        fill(self.lang, key, &[(name, &value)])
    }

    /// A message with a count: the first for many, the second for exactly one.
    pub fn c1(&self, many: &str, one: &str, count: &u64) -> String {
        let key = if *count == 1 { one } else { many };
        fill(self.lang, key, &[("n", &grouped(*count))])
    }

    /// A message with two values.
    pub fn f2(
        &self,
        key: &str,
        (first, first_value): &(&str, impl Display),
        (second, second_value): &(&str, impl Display),
    ) -> String {
        fill(
            self.lang,
            key,
            &[(*first, first_value), (*second, second_value)],
        )
    }

    /// A figure with thousands separators.
    pub fn n(&self, number: &u64) -> String {
        grouped(*number)
    }

    /// Name of a code in the page's language.
    pub fn name<C: CodeList>(&self, code: &C) -> String {
        code_name(self.lang, *code)
    }

    /// A long value in head, middle and tail.
    pub fn cut<'v>(&self, value: &'v str) -> (&'v str, &'v str, &'v str) {
        cut(value)
    }

    /// Title of the document.
    pub fn title(&self) -> String {
        format!("{} · {}", self.heading, self.site())
    }

    /// Name of the site.
    pub fn site(&self) -> String {
        self.f1("site.name", "place", &self.shell.place)
    }

    /// Address of a file beside the pages.
    pub fn asset(&self, name: &str) -> String {
        format!("{}/{name}", self.shell.asset_base)
    }

    /// Address that keeps the language only.
    pub fn plain(&self, path: &str) -> String {
        match path.split_once('#') {
            Some((path, fragment)) => format!("{}#{fragment}", self.plain(path)),
            None => address(path, std::iter::empty(), self.lang),
        }
    }

    /// Address that keeps the language and the moment shown.
    pub fn href(&self, path: &str) -> String {
        let moment = self
            .parameters()
            .filter(|(name, _)| AS_OF_PARAMETERS.contains(name));
        address(path, moment, self.lang)
    }

    /// Address of a subject's page.
    pub fn subject(&self, id: &str) -> String {
        self.href(&format!("/subjects/{}", encode(id)))
    }

    /// Address of a subject's timeline.
    pub fn timeline(&self, id: &str) -> String {
        self.href(&format!("/subjects/{}/timeline", encode(id)))
    }

    /// Address of an entry's page.
    pub fn entry(&self, position: &u64) -> String {
        self.href(&format!("/entries/{position}"))
    }

    /// Address of a list's page.
    pub fn list(&self, id: &str) -> String {
        self.href(&format!("/lists/{}", encode(id)))
    }

    /// Address of a category's or a class's page.
    pub fn catalogue(&self, code: &str) -> String {
        self.href(&format!("/catalogue/{}", encode(code)))
    }

    /// Address of a class's form.
    pub fn form(&self, code: &str) -> String {
        format!("/v1/catalogue/{}/template.xlsx", encode(code))
    }

    /// This page with one parameter set, or taken out by an empty value; begins at the first page again.
    pub fn with(&self, name: &str, value: &str) -> String {
        let kept = self
            .parameters()
            .filter(|(known, _)| *known != name && *known != "page");
        let set = Some((name, value)).filter(|(_, value)| !value.is_empty());
        address(&self.shell.path, kept.chain(set), self.lang)
    }

    /// This page at another page of its result.
    pub fn page(&self, page: u64) -> String {
        self.with("page", &page.to_string())
    }

    /// This page today, with everything known now.
    pub fn now(&self) -> String {
        let kept = self
            .parameters()
            .filter(|(name, _)| !AS_OF_PARAMETERS.contains(name) && *name != "page");
        address(&self.shell.path, kept, self.lang)
    }

    /// This page in the other language.
    pub fn other_language(&self) -> String {
        address(&self.shell.path, self.parameters(), self.lang.other())
    }

    /// Parameters that a form has to carry along besides its own fields.
    pub fn carried(&self, own: &[&str]) -> Vec<(String, String)> {
        let language = (self.lang == Lang::En).then_some(("lang", "en"));
        self.parameters()
            .filter(|(name, _)| !own.contains(name) && *name != "page")
            .chain(language)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Parameters that a search form carries along: the moment shown and the language.
    pub fn carried_to_search(&self) -> Vec<(String, String)> {
        let kept = |(name, _): &(String, String)| {
            name == "lang" || AS_OF_PARAMETERS.contains(&name.as_str())
        };
        self.carried(&[]).into_iter().filter(kept).collect()
    }

    fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.shell
            .query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| *name != "lang")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell() -> Shell {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Shell {
            path: "/subjects/s1".to_owned(),
            query: vec![
                pair("category", "CF"),
                pair("valid_on", "2020-01-01"),
                pair("page", "3"),
            ],
            ..Shell::default()
        }
    }

    #[test]
    fn links_keep_the_moment_and_the_language() {
        let shell = shell();
        let chrome = Chrome::new(&shell, Lang::En, String::new());
        assert_eq!(chrome.entry(&7), "/entries/7?valid_on=2020-01-01&lang=en");
        assert_eq!(chrome.plain("/#objection"), "/?lang=en#objection");
        assert_eq!(chrome.now(), "/subjects/s1?category=CF&lang=en");
        assert_eq!(
            chrome.other_language(),
            "/subjects/s1?category=CF&valid_on=2020-01-01&page=3"
        );
    }

    #[test]
    fn a_filter_begins_at_the_first_page_again() {
        let shell = shell();
        let chrome = Chrome::new(&shell, Lang::Zh, String::new());
        assert_eq!(
            chrome.with("category", ""),
            "/subjects/s1?valid_on=2020-01-01"
        );
        assert_eq!(
            chrome.page(4),
            "/subjects/s1?category=CF&valid_on=2020-01-01&page=4"
        );
        let carried = chrome.carried(&["valid_on", "known_at"]);
        assert_eq!(carried, [("category".to_owned(), "CF".to_owned())]);
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        let shell = Shell::default();
        let chrome = Chrome::new(&shell, Lang::Zh, String::new());
        assert_eq!(chrome.subject("../x?y"), "/subjects/..%2Fx%3Fy");
    }
}
