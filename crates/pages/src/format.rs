//! Figures and hashes as people read them.

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
