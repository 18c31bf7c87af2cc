//! Progress for people who watch: on standard error, and only where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often a turning sign moves.
const TICK: Duration = Duration::from_millis(120);

/// A bar whose length comes later.
pub(super) fn bar(what: &'static str) -> ProgressBar {
    // The templates are constants; one that does not parse falls back to the plain bar.
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let bar = ProgressBar::new(0).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Moves a bar on.
pub(super) fn show(bar: &ProgressBar, done: u64, of: u64) {
    bar.set_length(of);
    bar.set_position(done);
}

/// A turning sign for work whose end is not known.
pub(super) fn waiting(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let sign = ProgressBar::new_spinner().with_message(what);
    sign.enable_steady_tick(TICK);
    match style {
        Ok(style) => sign.with_style(style),
        Err(_) => sign,
    }
}
