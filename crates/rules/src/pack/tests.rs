use super::*;

fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn shipped() -> PolicySet {
    PolicySet::builtin().unwrap_or_else(|error| panic!("{error}"))
}

/// The shipped policy under another version, with start points and an interval of the grade.
fn second_policy(start_points: &str, grade_from: &str) -> String {
    let text = PACKS[5]
        .text
        .replacen("version = \"1\"", "version = \"2\"", 1);
    let (before, grade) = text.split_once("[grade]").expect("the grade table");
    let grade = grade
        .replacen(
            "start_points = 1000",
            &format!("start_points = {start_points}"),
            1,
        )
        .replacen(
            "valid_from = \"1949-10-01\"",
            &format!("valid_from = \"{grade_from}\""),
            1,
        );
    format!("{before}[grade]{grade}")
}

fn start(set: &PolicySet, known_at: u64, as_of: &str) -> i64 {
    let packs = set.packs(Position(known_at), &AnchorDates::on(date(as_of)));
    packs
        .unwrap_or_else(|error| panic!("{error}"))
        .grade
        .start_points
}

#[test]
fn every_shipped_pack_is_adopted() {
    let set = shipped();
    assert_eq!(set.adopted().count(), PACKS.len());
    for as_of in ["1949-10-01", "2012-06-28", "2026-11-25"] {
        set.packs(Position(0), &AnchorDates::on(date(as_of)))
            .unwrap_or_else(|e| panic!("{e}"));
    }
    let dates = AnchorDates::on(date("1949-09-30"));
    assert!(set.packs(Position(0), &dates).is_err());
}

#[test]
fn the_newest_pack_known_at_the_position_applies() {
    let mut set = shipped();
    let text = second_policy("900", "2026-01-01");
    set.adopt(Position(50), PackKind::Policy, "karamay-policy", "2", &text)
        .expect("adopted");
    assert_eq!(start(&set, 49, "2026-11-25"), 1000);
    assert_eq!(start(&set, 50, "2026-11-25"), 900);
    // The newer pack does not cover that day: the older one still answers.
    assert_eq!(start(&set, 50, "2025-12-31"), 1000);
}

#[test]
fn each_topic_goes_by_its_own_anchor() {
    let set = shipped();
    let dates = |decided, as_of| AnchorDates::new(date(decided), date(as_of));
    let heating = |d: AnchorDates| {
        set.packs(Position(0), &d)
            .unwrap_or_else(|e| panic!("{e}"))
            .heating
            .is_some()
    };
    assert!(heating(dates("2013-01-01", "2015-01-01")));
    assert!(!heating(dates("2015-01-01", "2021-01-01")));
}

#[test]
fn an_adoption_that_does_not_fit_changes_nothing() {
    let mut set = PolicySet::default();
    let catalogue = PACKS[2].text;
    let adopt = |set: &mut PolicySet, at, kind, id: &str, version: &str, text: &str| {
        set.adopt(Position(at), kind, id, version, text)
            .map(|_| ())
            .expect_err("refused")
            .to_string()
    };
    let said = adopt(
        &mut set,
        1,
        PackKind::Catalogue,
        "karamay-catalogue",
        "1",
        catalogue,
    );
    assert!(said.starts_with("adopt code lists first"), "{said}");
    let mut set = shipped();
    let before = set.clone();
    let said = adopt(
        &mut set,
        1,
        PackKind::Catalogue,
        "karamay-catalogue",
        "1",
        catalogue,
    );
    assert!(said.ends_with("a change needs a new version"), "{said}");
    let said = adopt(
        &mut set,
        1,
        PackKind::Catalogue,
        "karamay-catalogue",
        "2",
        catalogue,
    );
    assert!(said.contains("not karamay-catalogue 2"), "{said}");
    let said = adopt(
        &mut set,
        1,
        PackKind::Lists,
        "karamay-lists",
        "2",
        "list = 1",
    );
    assert!(said.starts_with("lists: line 1"), "{said}");
    let huge = " ".repeat(PACK_BYTES_MAX + 1);
    let said = adopt(&mut set, 1, PackKind::Lists, "karamay-lists", "2", &huge);
    assert!(said.contains("at most 1048576"), "{said}");
    assert_eq!(set, before);
    let text = second_policy("900", "2026-01-01");
    set.adopt(Position(7), PackKind::Policy, "karamay-policy", "2", &text)
        .expect("adopted");
    let said = adopt(&mut set, 6, PackKind::Policy, "karamay-policy", "3", &text);
    assert!(said.contains("in the order of the log"), "{said}");
}

#[test]
fn the_header_of_a_shipped_pack_says_what_the_adoption_says() {
    for pack in PACKS {
        let header = format!(
            "kind = \"{}\"\nid = \"{}\"\nversion = \"{}\"",
            pack.kind, pack.id, pack.version
        );
        assert!(pack.text.contains(&header), "{}", pack.id);
    }
}
