//! Match keys: what two ways of writing the same name have in common.
//!
//! Only writing is folded (width, case, spaces, brackets, dashes, quotation marks, dots). Characters that look or sound
//! alike stay different: 阿布都 and 阿不都, 颜 and 闫 are candidates for a person to judge, never equals (P02, P19).

use probity_types::SubjectName;
use unicode_normalization::UnicodeNormalization;

/// The middle dot that every other form folds to, U+00B7 (`A1A4` in GB18030).
pub const MIDDLE_DOT: char = '\u{b7}';

/// Dots that stand between the parts of a Uyghur or Kazakh name and nowhere else (domain.md section 19).
fn is_middle_dot(c: char) -> bool {
    // · ・ ・(half width) • ‧ ∙ ⋅ and the Greek form that NFC turns into U+00B7
    matches!(
        c,
        '\u{b7}'
            | '\u{30fb}'
            | '\u{ff65}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{387}'
    )
}

/// Spaces and characters of no width.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
        )
}

/// Book marks and quotation marks. 〈 is here although scanned lists write it for 〔: without it the key is the same.
fn is_book_mark(c: char) -> bool {
    matches!(
        c,
        '《' | '》' | '〈' | '〉' | '「' | '」' | '『' | '』' | '"' | '\'' | '\u{2018}'
            ..='\u{201f}' | '«' | '»' | '`'
    )
}

fn bracket(c: char) -> char {
    match c {
        '[' | '{' | '【' | '〔' | '〖' | '〘' | '⟨' | '⦅' => '(',
        ']' | '}' | '】' | '〕' | '〗' | '〙' | '⟩' | '⦆' => ')',
        other => other,
    }
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{301c}' | '~'
    )
}

/// The match key of a name: NFKC width, lower case, no spaces, round brackets, one hyphen for any run of dashes, no book
/// or quotation marks, U+00B7 for every middle dot.
///
/// A full stop of either width is a middle dot where it stands between two characters other than ASCII (`阿布都．买买提`),
/// and stays a full stop in `1.5` and `co.,ltd`. A name written without its dots has another key; [`search_key`] and
/// [`compare`](crate::compare) bring the two together.
///
/// Folding a key again changes nothing. For comparing only: names show as filed.
pub fn fold(name: &str) -> String {
    if is_folded(name) {
        return name.to_owned();
    }
    fold_thoroughly(name)
}

/// Whether a name is its own key at a glance: characters that no step of folding touches, and no two dots in a row.
/// Most names of authorities and firms are.
fn is_folded(name: &str) -> bool {
    let untouched = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}' | 'a'..='z' | '0'..='9' | '(' | ')' | MIDDLE_DOT);
    name.chars().all(untouched) && !name.contains("\u{b7}\u{b7}")
}

fn fold_thoroughly(name: &str) -> String {
    let lower = name.nfkc().collect::<String>().to_lowercase();
    let mut kept = String::with_capacity(lower.len());
    for c in lower.nfkc() {
        if is_blank(c) || is_book_mark(c) {
            continue;
        }
        let c = match c {
            dot if is_middle_dot(dot) => MIDDLE_DOT,
            dash if is_dash(dash) => '-',
            other => bracket(other),
        };
        let repeated = matches!(c, '-' | MIDDLE_DOT) && kept.ends_with(c);
        if !repeated {
            kept.push(c);
        }
    }
    // What was taken out may bring a letter and its accent together.
    dots_between_names(&kept.nfc().collect::<Vec<char>>())
}

fn dots_between_names(characters: &[char]) -> String {
    let mut out = String::new();
    for (at, c) in characters.iter().enumerate() {
        let beyond_ascii = |at: Option<usize>| {
            let neighbour = at.and_then(|at| characters.get(at));
            neighbour.is_some_and(|c| !c.is_ascii() && c.is_alphabetic())
        };
        let between = *c == '.' && beyond_ascii(at.checked_sub(1)) && beyond_ascii(Some(at + 1));
        out.push(if between { MIDDLE_DOT } else { *c });
    }
    out
}

/// The match key of a subject's name, from the text as filed.
pub fn subject_key(name: &SubjectName) -> String {
    fold(name.as_filed())
}

/// The key under which a name is found: [`fold`] without middle dots, hyphens, brackets, commas and full stops, so that
/// a name typed without its dots finds the one filed with them (complaint P18). Letters, digits and every character of
/// every plane stay.
pub fn search_key(name: &str) -> String {
    let punctuation = |c: char| matches!(c, MIDDLE_DOT | '-' | '(' | ')' | ',' | '.' | '、' | '。');
    fold(name)
        .chars()
        .filter(|c| !punctuation(*c))
        .collect::<String>()
        .nfc()
        .collect()
}

/// The key of a table header: width, brackets and spaces only. Case stays, because headers as `XK_XKLB` and the words of
/// a template are compared with fixed texts.
pub fn fold_header(header: &str) -> String {
    header
        .nfkc()
        .filter(|c| !is_blank(*c))
        .map(bracket)
        .nfc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is taken for folded at a glance is folded, whatever stands beside what.
        #[test]
        fn a_glance_never_takes_for_folded_what_is_not(
            name in "[a-z0-9()·一-龥⼀ａＡ.（【 -]{0,12}",
        ) {
            prop_assert_eq!(fold(&name), fold_thoroughly(&name));
        }
    }

    #[test]
    fn names_of_authorities_are_folded_at_a_glance() {
        assert!(is_folded("克拉玛依市市场监督管理局"));
        assert!(is_folded("克拉玛依市演示·天山商贸有限公司"));
        for name in ["阿布都··买买提", "A", "甲 乙", "甲．乙", "（甲）"] {
            assert!(!is_folded(name), "{name}");
        }
    }

    /// P18: every form of the dot has one match key, and search also finds the form without.
    #[test]
    fn every_form_of_the_middle_dot_has_one_key() {
        for dot in ['·', '•', '・', '．', '‧', '∙', '⋅', '･'] {
            assert_eq!(
                fold(&format!("阿布都{dot}买买提")),
                "阿布都\u{b7}买买提",
                "{dot}"
            );
            assert_eq!(
                fold(&format!("阿布都 {dot} 买买提")),
                "阿布都\u{b7}买买提",
                "{dot}"
            );
            assert_eq!(
                search_key(&format!("阿布都{dot}买买提")),
                "阿布都买买提",
                "{dot}"
            );
        }
        assert_eq!(search_key("阿布都买买提"), "阿布都买买提");
    }

    #[test]
    fn a_full_stop_is_a_dot_between_names_only() {
        assert_eq!(fold("阿布都.买买提"), "阿布都·买买提");
        assert_eq!(
            (fold("１．５万吨"), fold("Test Co．，Ltd．")),
            ("1.5万吨".into(), "testco.,ltd.".into())
        );
    }

    /// P19: at least 25 Han characters with dots, and other spellings are no equals.
    #[test]
    fn a_long_name_keeps_every_character_and_another_spelling_stays_another_name() {
        let filed = "阿布都热合曼・买买提依明・吐尔逊・努尔买买提・阿布都热西提";
        assert_eq!(fold(filed), filed.replace('・', "·"));
        assert_eq!(search_key(filed).chars().count(), 25);
        assert_ne!(fold("阿布都"), fold("阿不都"));
        assert_ne!(search_key("颜某"), search_key("闫某"));
    }

    /// P21: characters of plane 2 and rare surnames are kept and found.
    #[test]
    fn characters_outside_the_common_blocks_are_kept_in_the_key() {
        for name in ["𡚸某", "㛃某", "𠮷田", "王\u{e863}"] {
            assert_eq!((fold(name), search_key(name)), (name.into(), name.into()));
        }
        assert_ne!(fold("𠮷田"), fold("吉田"));
    }

    #[test]
    fn width_case_spaces_brackets_dashes_and_book_marks_do_not_tell_names_apart() {
        for name in [
            "测试（甲）ＡＢＣ－1",
            "测试【甲】abc—1",
            "《测试》〔甲〕 Abc――1",
            " 测试(甲)aBc－－1\u{3000}",
        ] {
            assert_eq!(fold(name), "测试(甲)abc-1", "{name}");
        }
    }

    #[test]
    fn a_header_folds_width_brackets_and_spaces_and_keeps_its_case() {
        assert_eq!(fold_header(" 处罚金额 （万元）\n"), "处罚金额(万元)");
        assert_eq!(
            (fold_header("XK＿XKLB"), fold_header("行政·相对人")),
            ("XK_XKLB".into(), "行政·相对人".into())
        );
    }

    #[test]
    fn the_key_of_a_subject_comes_from_its_name_as_filed() {
        let name = SubjectName::try_from("测试（甲）").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(subject_key(&name), "测试(甲)");
    }

    proptest! {
        #[test]
        fn folding_a_key_again_changes_nothing(name in "\\PC{0,16}", han in "[一-龥．·•《》（）a-zA-Z .\u{301}-]{0,16}") {
            for text in [name, han] {
                prop_assert_eq!(fold(&fold(&text)), fold(&text));
                prop_assert_eq!(search_key(&search_key(&text)), search_key(&text));
                prop_assert_eq!(fold_header(&fold_header(&text)), fold_header(&text));
            }
        }
    }
}
