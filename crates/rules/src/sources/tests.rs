use super::*;
use crate::builtin::{PACKS, SOURCE_REGISTER};

fn shipped() -> SourceRegister {
    SourceRegister::parse(SOURCE_REGISTER.text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn day(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn the_shipped_register_has_the_totals_of_the_city_and_says_that_it_is_made_up() {
    let register = shipped();
    let totals = (
        register.points().len(),
        register.item_count(),
        register.data_item_count(),
    );
    assert_eq!(totals, (316, 2_997, 4_381));
    assert!(register.is_generated);
    let bureaus: BTreeSet<&str> = register
        .points()
        .iter()
        .map(|p| p.bureau.as_str())
        .collect();
    assert_eq!(bureaus.len(), 38);
    let classes: BTreeSet<&str> = register
        .points()
        .iter()
        .flat_map(|point| &point.deliveries)
        .map(|delivery| delivery.subcategory.as_str())
        .collect();
    assert_eq!(classes.len(), 133, "every class has a source");
    let catalogue = Catalogue::parse(PACKS[2].text).expect("the shipped catalogue loads");
    assert_eq!(register.check_catalogue(&catalogue), Ok(()));
}

#[test]
fn faults_name_the_point_the_field_and_what_would_be_right() {
    let check = |from: &str, to: &str, expected: &str| {
        let text = SOURCE_REGISTER.text.replacen(from, to, 1);
        assert_ne!(text, SOURCE_REGISTER.text, "{from} stands in the pack");
        let said = SourceRegister::parse(&text)
            .expect_err("a fault")
            .to_string();
        assert!(said.contains(expected), "{said}");
    };
    check(
        "items = 2997",
        "items = 2998",
        "field items: 2997 stand in the pack, 2998 are stated",
    );
    check(
        "\"SP002\"",
        "\"SP001\"",
        "point SP001, field code: stands twice",
    );
    check(
        "frequency = \"monthly\"",
        "frequency = \"hourly\"",
        "known: weekly monthly quarterly yearly",
    );
    check(
        "due_day = 10",
        "due_day = 40",
        "field due_day: 40; right would be 1 to 28",
    );
    let catalogue = Catalogue::parse(PACKS[2].text).expect("the shipped catalogue loads");
    let text = SOURCE_REGISTER
        .text
        .replacen("bureau = \"MSA\"", "bureau = \"MSX\"", 1);
    let other = SourceRegister::parse(&text).expect("the form is right");
    let said = other
        .check_catalogue(&catalogue)
        .expect_err("no such bureau")
        .to_string();
    assert!(
        said.contains("field bureau: \"MSX\"; right would be a bureau of the adopted catalogue"),
        "{said}"
    );
}

fn monthly(due_day: i32) -> Delivery {
    Delivery {
        subcategory: "CF006".to_owned(),
        frequency: Frequency::Monthly,
        due_day,
        items: vec![vec!["facts".to_owned()]],
    }
}

#[test]
fn a_delivery_is_overdue_from_the_day_after_its_due_date_until_it_comes() {
    let delivery = monthly(10);
    let began = day("2026-01-01");
    let missed = |last: Option<&str>, today: &str| {
        let found = delivery.missed(last.map(day), began, day(today));
        found.map(|(due_on, periods)| (due_on.to_string(), periods))
    };
    assert_eq!(
        missed(None, "2026-02-10"),
        None,
        "the due date itself is in time"
    );
    assert_eq!(
        missed(None, "2026-02-11"),
        Some(("2026-02-10".to_owned(), 1))
    );
    assert_eq!(
        missed(None, "2026-04-01"),
        Some(("2026-03-10".to_owned(), 2))
    );
    assert_eq!(missed(Some("2026-02-01"), "2026-02-28"), None);
    assert_eq!(
        missed(Some("2026-01-31"), "2026-02-28"),
        Some(("2026-02-10".to_owned(), 1)),
        "what came before the period ended is not about all of it"
    );
    assert_eq!(missed(Some("2026-03-20"), "2026-04-10"), None);
    assert_eq!(
        missed(Some("2026-03-20"), "2026-04-11"),
        Some(("2026-04-10".to_owned(), 1))
    );
    assert_eq!(
        missed(None, "2026-01-20"),
        None,
        "nothing is owed for what lies before the beginning"
    );
}

#[test]
fn periods_begin_where_people_let_them_begin() {
    let begin = |frequency: Frequency, on: &str| frequency.period_of(day(on)).to_string();
    assert_eq!(
        begin(Frequency::Weekly, "2026-12-06"),
        "2026-11-30",
        "a Sunday"
    );
    assert_eq!(
        begin(Frequency::Weekly, "2026-11-30"),
        "2026-11-30",
        "a Monday"
    );
    assert_eq!(begin(Frequency::Weekly, "1999-12-31"), "1999-12-27");
    assert_eq!(begin(Frequency::Monthly, "2026-02-28"), "2026-02-01");
    assert_eq!(begin(Frequency::Quarterly, "2026-06-30"), "2026-04-01");
    assert_eq!(begin(Frequency::Yearly, "2026-06-30"), "2026-01-01");
}

#[test]
fn overdue_deliveries_are_found_by_bureau_and_class() {
    let register = shipped();
    let (began, today) = (day("2026-01-01"), day("2026-11-25"));
    let all = register.overdue(&BTreeMap::new(), began, today);
    let deliveries: usize = register.points().iter().map(|p| p.deliveries.len()).sum();
    assert_eq!(all.len(), deliveries, "nothing came");
    let first = &all[0];
    let key = (
        first.point.bureau.clone(),
        first.delivery.subcategory.clone(),
    );
    let owed = all
        .iter()
        .filter(|o| (&o.point.bureau, &o.delivery.subcategory) == (&key.0, &key.1));
    let owed = owed.count();
    let delivered = BTreeMap::from([(key, today)]);
    assert_eq!(
        register.overdue(&delivered, began, today).len(),
        all.len() - owed
    );
}
