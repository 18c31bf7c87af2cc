//! The moment that a page shows: a day, and how much the register knew.

use super::trouble::Trouble;
use super::visit::Visit;
use probity_app::Ledger;
use probity_pages::{AsOf, BadValue, clock};
use probity_project::Moment;
use probity_types::{CivilDate, Position, Timestamp, shanghai_instant};

/// The moment asked for, and how the page shows it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The moment.
    pub moment: Moment,
    /// Today with everything known now: what may be public is judged by it, whatever moment is shown.
    pub now: Moment,
    /// For the bar of the page.
    pub shown: AsOf,
    /// For its links: only what was understood.
    pub parameters: Vec<(String, String)>,
}

/// Reads `valid_on` and `known_at` of the address.
///
/// # Errors
/// [`Trouble::BadRequest`], or [`Trouble::Internal`] where the log does not read.
pub fn asked(visit: &Visit) -> Result<Asked, Trouble> {
    let ledger = &visit.ledger;
    let now = ledger.now();
    let mut moment = now;
    let mut parameters = Vec::new();
    if let Some(day) = visit.parameter("valid_on") {
        moment.valid_on = day
            .parse()
            .map_err(|_| Trouble::BadRequest(BadValue::Day))?;
        parameters.push(("valid_on".to_owned(), moment.valid_on.to_string()));
    }
    let mut input = String::new();
    if let Some(text) = visit.parameter("known_at") {
        moment.known_at = known_at(ledger, text, now.known_at)?;
        input = text.to_owned();
        parameters.push(("known_at".to_owned(), input.clone()));
    }
    let shown = AsOf {
        valid_on: moment.valid_on.to_string(),
        known_at: recorded_at(ledger, moment.known_at)?.map_or_else(|| "—".to_owned(), clock),
        known_at_input: input,
        position: moment.known_at.map_or(0, |position| position.0),
        is_past: moment != now,
    };
    Ok(Asked {
        moment,
        now,
        shown,
        parameters,
    })
}

/// When an entry was recorded.
///
/// # Errors
/// [`Trouble::Internal`] where the log does not read.
pub fn recorded_at(
    ledger: &Ledger,
    position: Option<Position>,
) -> Result<Option<Timestamp>, Trouble> {
    let Some(position) = position else {
        return Ok(None);
    };
    Ok(ledger
        .entry(position)?
        .map(|entry| entry.header.recorded_at))
}

/// A position, or an instant as the clock in Shanghai shows it.
fn known_at(
    ledger: &Ledger,
    text: &str,
    head: Option<Position>,
) -> Result<Option<Position>, Trouble> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let position = text
            .parse()
            .map(Position)
            .map_err(|_| Trouble::BadRequest(BadValue::KnownAt))?;
        if Some(position) > head {
            return Err(Trouble::BadRequest(BadValue::Ahead));
        }
        return Ok(Some(position));
    }
    let instant = instant(text).ok_or(Trouble::BadRequest(BadValue::KnownAt))?;
    last_at(ledger, instant, head)
}

/// `2026-11-25`, the end of that day; `2026-11-25 18:00`, the end of that minute; or to the second.
fn instant(text: &str) -> Option<Timestamp> {
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, time.trim()),
        None => (text, "23:59:59"),
    };
    let day: CivilDate = day.parse().ok()?;
    let mut parts = [0, 0, 59];
    let given: Vec<&str> = time.split(':').collect();
    if !(2..=3).contains(&given.len()) {
        return None;
    }
    for (part, text) in parts.iter_mut().zip(&given) {
        let is_number = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
        *part = is_number.then(|| text.parse().ok()).flatten()?;
    }
    let second = shanghai_instant(day, parts)?;
    Some(Timestamp(second.0 + 999_999))
}

/// The last entry recorded at or before an instant; none before the first. Times never decrease along the log.
fn last_at(
    ledger: &Ledger,
    instant: Timestamp,
    head: Option<Position>,
) -> Result<Option<Position>, Trouble> {
    let (mut low, mut high) = (0, head.map_or(0, |head| head.0 + 1));
    while low < high {
        let middle = low + (high - low) / 2;
        match recorded_at(ledger, Some(Position(middle)))? {
            Some(time) if time <= instant => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low.checked_sub(1).map(Position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_as_shanghai_shows_it() {
        for (text, expected) in [
            ("2026-11-25", "2026-11-25T15:59:59.999999Z"),
            ("2026-11-25 18:00", "2026-11-25T10:00:59.999999Z"),
            ("2026-11-25T18:00:07", "2026-11-25T10:00:07.999999Z"),
            ("2026-11-25 8:05", "2026-11-25T00:05:59.999999Z"),
        ] {
            assert_eq!(
                instant(text).map(|at| at.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in [
            "yesterday",
            "2026-11-31",
            "2026-11-25 25:00",
            "2026-11-25 18",
            "2026-11-25 1:2:3:4",
            "2026-11-25 +8:00",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
