//! The pages of the register, as HTML.
//!
//! In scope: what a page says, in which order, in which language and in which form. A page is a view
//! struct that the server fills with values already formatted for people, and [`render`] turns it into
//! one HTML document. Titles, breadcrumbs, links between pages and every word come from here.
//! Out of scope: HTTP, reading the log, deciding who may see what. A view holds only what its reader
//! may see; the templates hide nothing.
//!
//! Words live in `messages.toml`, forms in `assets/probity.css`. The pages need no script, no image and
//! no font from elsewhere, and work under [`CONTENT_SECURITY_POLICY`]. One page has scripts, [`script`]: they check what
//! its reader drops, and may open no connection ([`CHECKER_SECURITY_POLICY`]).

mod format;
mod link;
mod mark;
mod message;
mod script;
mod shell;
mod view;
mod words;

pub use format::{capitalised, clock, money, weekday};
pub use mark::{RecordState, StateMark};
pub use message::{Lang, fill, t};
pub use script::{SCRIPT_NAMES, script};
pub use shell::{AsOf, Chrome, Crumb, Paging, Shell};
pub use view::catalogue::{
    CatalogueCategoryView, CatalogueClassView, CatalogueFacts, CatalogueView, CategoryBlock,
    ClassField, ClassName, ClassPeriod, ClassRow, FieldNeed,
};
pub use view::entry::{
    Answer, EntryField, EntryHeader, EntryProof, EntryView, Erasure, FieldValue, PartState,
    Provenance, SealedPart, SubjectRef, Withheld,
};
pub use view::error::{ErrorKind, ErrorView};
pub use view::front::{Figures, FrontView, Head};
pub use view::list::{ListMember, ListView, ProcedureStep, Step, StepState};
pub use view::lists::{ListSummary, ListsView};
pub use view::practitioner::{Certificate, PractitionerOutcome, PractitionerView};
pub use view::search::{Match, SearchHit, SearchState, SearchView, SubjectStatus};
pub use view::subject::{
    DatedCode, DatedName, Grade, GradeEffect, GradeReason, GradeState, GradeWord, IdentityBlock,
    Publication, RecordFilter, RecordRow, RecordTable, SubjectListing, SubjectView, points,
};
pub use view::timeline::{Lane, TimelineEvent, TimelineView};
pub use view::verify::{LogFacts, VerifyView};
pub use words::{
    Actor, BadValue, absent, authority_name, change, change_sealed, code_name, event_name,
    field_name, field_place, identity_lane, long_term, part_name, place, place_in_file, plain_name,
    region_name, withheld_event, yes_or_no,
};

/// The stylesheet, served as `probity.css` below [`Shell::asset_base`].
pub const CSS: &str = include_str!("../assets/probity.css");

/// The mark as an icon, served as `favicon.svg` below [`Shell::asset_base`].
pub const FAVICON_SVG: &str = include_str!("../assets/favicon.svg");

/// Changes whenever stylesheet, icon or a script do: part of their address, so that browsers may keep them.
pub static ASSET_VERSION: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    // FNV-1a: tells versions apart, protects nothing.
    let scripts = SCRIPT_NAMES.iter().filter_map(|name| script(name));
    let bytes = CSS
        .bytes()
        .chain(FAVICON_SVG.bytes())
        .chain(scripts.flat_map(str::bytes));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
});

/// The policy that every page holds to; the server sends it with each of them.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of the page that checks files: its own scripts run, and may open no connection of any kind.
pub const CHECKER_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Why a page could not be written. Only a formatter that refuses to write causes it.
pub type RenderError = askama::Error;

/// A page: a view struct of this crate.
pub trait View {
    /// What surrounds the page.
    fn shell(&self) -> &Shell;
    /// The page's own name, for the title and the breadcrumb.
    fn heading(&self, lang: Lang) -> String;
    /// The pages above this one, the front page not included.
    fn trail(&self, chrome: &Chrome<'_>) -> Vec<Crumb>;
    /// Whether the reader may change the moment that the page shows.
    fn has_as_of_form(&self) -> bool {
        false
    }
    /// Which entry of the main navigation the page belongs to.
    fn section(&self) -> &'static str {
        ""
    }
    /// The policy under which browsers show the page.
    fn security_policy(&self) -> &'static str {
        CONTENT_SECURITY_POLICY
    }
    /// Writes the page. Called by [`render`], which prepares the chrome.
    fn write(&self, chrome: Chrome<'_>) -> Result<String, RenderError>;
}

/// The page as one HTML document in the language asked for.
pub fn render<V: View>(view: &V, lang: Lang) -> Result<String, RenderError> {
    let mut chrome = Chrome::new(view.shell(), lang, view.heading(lang));
    chrome.trail = view.trail(&chrome);
    chrome.as_of_form = view.has_as_of_form();
    chrome.section = view.section();
    view.write(chrome)
}
