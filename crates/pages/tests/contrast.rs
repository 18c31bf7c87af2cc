//! Text and ground differ enough, in the light and in the dark scheme.
#![allow(clippy::float_arithmetic)] // WCAG defines contrast over reals; nothing here is recorded

use probity_pages::{CSS, StateMark};
use std::collections::BTreeMap;

/// Least contrast of text, WCAG 2.2 level AA.
const TEXT_MIN: f64 = 4.5;
/// Least contrast of the border of a field.
const BORDER_MIN: f64 = 3.0;

/// The colour tokens of the first `:root` block of the text.
fn tokens(css: &str) -> BTreeMap<&str, &str> {
    let block = css
        .split_once(":root {")
        .expect("a root block")
        .1
        .split_once('}')
        .expect("its end")
        .0;
    let token = |line: &'static str| {
        line.trim()
            .strip_prefix("--")?
            .trim_end_matches(';')
            .split_once(": ")
    };
    let block: &'static str = Box::leak(block.to_owned().into_boxed_str());
    block
        .lines()
        .filter_map(token)
        .filter(|(_, value)| value.starts_with('#'))
        .collect()
}

fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value =
            f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("hexadecimal")) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(first: &str, second: &str) -> f64 {
    let (first, second) = (luminance(first), luminance(second));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

#[test]
fn every_pair_of_text_and_ground_is_readable() {
    let dark = CSS
        .split_once("prefers-color-scheme: dark")
        .expect("a dark scheme")
        .1;
    for (scheme, tokens) in [("light", tokens(CSS)), ("dark", tokens(dark))] {
        let check = |text: &str, ground: &str, least: f64| {
            let found = contrast(tokens[text], tokens[ground]);
            assert!(found >= least, "{scheme}: {text} on {ground} is {found:.2}");
        };
        for ground in ["paper", "ground"] {
            for text in ["ink", "ink-soft", "accent"] {
                check(text, ground, TEXT_MIN);
            }
        }
        for mark in StateMark::ALL {
            check(mark.class(), &format!("{}-ground", mark.class()), TEXT_MIN);
            check(mark.class(), "paper", TEXT_MIN);
        }
        check("accent-ink", "accent", TEXT_MIN);
        check("ink", "accent-ground", TEXT_MIN);
        check("ink", "disputed-ground", TEXT_MIN);
        check("accent", "disputed-ground", TEXT_MIN);
        check("line-strong", "paper", BORDER_MIN);
    }
}

#[test]
fn the_measure_itself_is_right() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}
