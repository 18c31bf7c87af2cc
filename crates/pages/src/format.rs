//! Figures and hashes as people read them.

use crate::message::{Lang, fill};
use probity_types::{CivilDate, Fen, Timestamp, shanghai_time};

/// A day with its weekday.
pub fn weekday(lang: Lang, day: CivilDate) -> String {
    // 1970-01-01 was a Thursday.
    let key = match (day.days() + 3).rem_euclid(7) {
        0 => "weekday.monday",
        1 => "weekday.tuesday",
        2 => "weekday.wednesday",
        3 => "weekday.thursday",
        4 => "weekday.friday",
        5 => "weekday.saturday",
        _ => "weekday.sunday",
    };
    fill(lang, key, &[("day", &day)])
}

/// An instant as the clock in Shanghai showed it, to the second.
pub fn clock(instant: Timestamp) -> String {
    let (day, [hour, minute, second]) = shanghai_time(instant);
    format!("{day} {hour:02}:{minute:02}:{second:02}")
}

/// An amount of money in yuan.
pub fn money(amount: Fen) -> String {
    let sign = if amount.0 < 0 { "−" } else { "" };
    let fen = amount.0.unsigned_abs();
    format!("{sign}¥{}.{:02}", grouped(fen / 100), fen % 100)
}

/// A whole number with thousands separators.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The text with its first letter as a capital: code lists write theirs for the middle of a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Length from which a value is shortened in the middle, and what stays of it on each side.
const SHORTENED_FROM_CHARS: usize = 25;
const KEPT_CHARS: usize = 8;

/// A long value cut into head, middle and tail; the page hides the middle until it is asked for.
/// A short value is all head.
pub fn cut(value: &str) -> (&str, &str, &str) {
    let bounds: Vec<usize> = value.char_indices().map(|(at, _)| at).collect();
    if bounds.len() < SHORTENED_FROM_CHARS {
        return (value, "", "");
    }
    let (head, tail) = (bounds[KEPT_CHARS], bounds[bounds.len() - KEPT_CHARS]);
    (&value[..head], &value[head..tail], &value[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (29_542, "29,542"),
            (2_520_000, "2,520,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn days_instants_and_money_read_as_people_write_them() {
        let day: CivilDate = "2026-11-25".parse().expect("a day");
        assert_eq!(weekday(Lang::Zh, day), "2026-11-25 周三");
        assert_eq!(
            weekday(Lang::En, CivilDate::from_days(-1).expect("a day")),
            "Wed 1969-12-31"
        );
        assert_eq!(
            clock(Timestamp(1_795_601_107_000_000)),
            "2026-11-25 18:05:07"
        );
        assert_eq!(money(Fen(123_456_705)), "¥1,234,567.05");
        assert_eq!(money(Fen(-5)), "−¥0.05");
    }

    #[test]
    fn the_first_letter_becomes_a_capital() {
        assert_eq!(capitalised("court judgment"), "Court judgment");
        assert_eq!(capitalised(""), "");
    }

    #[test]
    fn a_hash_is_cut_without_losing_a_character() {
        let hash = "0123456789abcdef".repeat(4);
        let (head, middle, tail) = cut(&hash);
        assert_eq!((head, tail), ("01234567", "89abcdef"));
        assert_eq!(format!("{head}{middle}{tail}"), hash);
        assert_eq!(cut("short"), ("short", "", ""));
        let han = "信".repeat(30);
        let (head, middle, tail) = cut(&han);
        assert_eq!(format!("{head}{middle}{tail}"), han);
    }
}
