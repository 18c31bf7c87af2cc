//! What the tests of calendars and due dates share.
#![allow(dead_code, reason = "each test binary uses its part")]

use probity_rules::builtin::{BuiltinPack, PACKS};
use probity_rules::clock::CIVIL;
use probity_rules::{DueDate, PolicySet, TermLength, due};
use probity_types::{CivilDate, Position};
use std::sync::OnceLock;

pub fn date(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

pub fn shipped() -> PolicySet {
    PolicySet::builtin().unwrap_or_else(|error| panic!("{error}"))
}

pub fn pack(id: &str) -> BuiltinPack {
    PACKS.into_iter().find(|pack| pack.id == id).unwrap()
}

pub fn length(length: u32, unit: &str, calendar: &str) -> TermLength {
    let calendar = (calendar != CIVIL).then(|| calendar.to_owned());
    TermLength::new(length, unit.parse().unwrap(), calendar).unwrap()
}

/// A due date in working days.
pub fn working(set: &PolicySet, days: u32, calendar: &str, trigger: &str) -> DueDate {
    let calendars = set.calendars(Position(0), None);
    due(
        &length(days, "working_day", calendar),
        date(trigger),
        &calendars,
    )
    .unwrap()
}

/// Rows of a file whose cells may stand in quotes, without its first.
pub fn rows(text: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let (mut cells, mut quoted) = (vec![String::new()], false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
        }
        cells
    };
    text.lines().skip(1).map(row).collect()
}

pub fn days(from: &str, to: &str) -> impl Iterator<Item = CivilDate> {
    (date(from).days()..=date(to).days()).map(|n| CivilDate::from_days(n).unwrap())
}

/// The shipped calendars and nothing else: the other packs take long to read.
pub fn calendars_alone() -> PolicySet {
    static SET: OnceLock<PolicySet> = OnceLock::new();
    let adopt = || {
        let mut set = PolicySet::default();
        for id in ["cn", "cn-xj"] {
            let pack = pack(id);
            set.adopt(Position(0), pack.kind, id, pack.version, pack.text)
                .unwrap();
        }
        set
    };
    SET.get_or_init(adopt).clone()
}
