//! A revised calendar, adopted by event like every policy.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::Command;
use probity_domain::command::{Adopt, PolicyKind};
use probity_rules::clock::{ClockQuestion, revised};
use probity_rules::{PackKind, RecordClass, builtin};
use probity_types::{Category, CivilDate, Polarity, Position};
use support::{Home, submit};

fn date(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

/// The national calendar with a notice about 2027, made up.
fn with_2027() -> Command {
    let shipped = builtin::PACKS.iter().find(|pack| pack.id == "cn");
    let text = shipped.expect("it ships").text;
    let text = text.replacen("version = \"1\"", "version = \"2\"", 1)
        + "
[[notice]]
id = \"cn-2027\"
known_from = \"2026-06-30\"
covers_from = \"2027-01-01\"
covers_to = \"2027-12-31\"
source = \"made up for this test\"
confidence = \"design\"
[notice.rest]
\"元旦\" = [\"2027-01-01\", \"2027-01-02\", \"2027-01-03\"]
";
    Command::Adopt(Box::new(Adopt {
        kind: PolicyKind::Pack(PackKind::Calendar),
        id: "cn".to_owned(),
        version: "2".to_owned(),
        officer: "test".to_owned(),
        text,
    }))
}

/// P23: the answer before and after the adoption, both from the same log, also once it is opened again.
#[test]
fn a_revised_calendar_moves_due_dates_from_its_adoption_on_and_the_old_answer_stays() {
    let home = Home::new();
    let ledger = home.create();
    let before = ledger.views().position().expect("begun");
    let adopted = submit(&ledger, with_2027()).expect("adopted").last;
    assert!(before < adopted);
    let again = submit(&ledger, with_2027()).expect("already there").last;
    assert_eq!(again, adopted);
    let answers = |ledger: &probity_app::Ledger| {
        let views = ledger.views();
        let policies = views.policies();
        let question = ClockQuestion {
            regime: "dual-publicity-2018",
            class: RecordClass::Record {
                category: Category::CF,
                entry: "CF006",
            },
            polarity: Polarity::Adverse,
            stage: "publish",
            trigger: date("2026-12-28"),
        };
        let (book, _) = policies
            .clocks(adopted, question.trigger)
            .expect("shipped clocks");
        let clocks = book.applying(&question);
        let terms = clocks
            .iter()
            .map(|clock| clock.running(clock.id.clone(), question.trigger));
        let terms: Vec<_> = terms.map(|term| term.expect("in force")).collect();
        let known = |at: Position| policies.calendars(at, None);
        let changed = revised(terms, &known(before), &known(adopted)).expect("countable");
        let [(clock, both)] = &changed[..] else {
            panic!("{changed:?}");
        };
        (clock.clone(), both.clone())
    };
    let (clock, both) = answers(&ledger);
    assert_eq!(clock, "dual-publish");
    assert_eq!(
        (both.before.last_day, both.before.is_provisional()),
        (date("2027-01-06"), true)
    );
    assert_eq!(
        (both.after.last_day, both.after.is_provisional()),
        (date("2027-01-07"), false)
    );
    drop(ledger);
    assert_eq!(answers(&home.open()), (clock, both));
}
