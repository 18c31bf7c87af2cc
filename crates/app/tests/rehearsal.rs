//! A rehearsal says exactly what the commit then does: the same events but for the ids that are drawn, the same refusals, and
//! nothing changed by asking.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_app::verify::check_at_rest;
use probity_domain::command::{Erasable, Intake};
use probity_domain::{Command, Entry, NewEvent, PartContent, Refusal};
use probity_log::writer::Rehearsed;
use probity_log::{Outcome, Receipt, SubmitError};
use probity_types::{Position, RootId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::{Brings, Home, Loader, submit};

/// Every run of 32 hexadecimal digits: ids.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_hexdigit())
        .filter(|run| run.len() == 32)
}

/// The text with each id that was not known before replaced by a number, in order of appearance.
fn without_new_ids(text: &str, known: &BTreeSet<String>) -> String {
    let mut numbers = BTreeMap::new();
    let mut plain = text.to_owned();
    for id in ids(text).filter(|id| !known.contains(*id)) {
        let next = numbers.len();
        let number = *numbers.entry(id.to_owned()).or_insert(next);
        plain = plain.replace(id, &format!("new {number}"));
    }
    plain
}

fn told(events: &[NewEvent]) -> String {
    let one = |new: &NewEvent| {
        let parts = new
            .parts
            .iter()
            .map(|part| format!("{:?} {:?}", part.root, part.content));
        let parts: Vec<String> = parts.collect();
        format!(
            "{:?} {:?} {:?} {parts:?}\n",
            new.stream, new.caused_by, new.event
        )
    };
    events.iter().map(one).collect()
}

fn done(entries: &[Entry]) -> String {
    let one = |entry: &Entry| {
        let parts = entry.parts.iter().map(|part| match &part.content {
            PartContent::Opened(content) => format!("{:?} {content:?}", part.key.root),
            other => format!("{other:?}"),
        });
        let parts: Vec<String> = parts.collect();
        let header = &entry.header;
        format!(
            "{:?} {:?} {:?} {parts:?}\n",
            header.stream, header.caused_by, entry.event
        )
    };
    entries.iter().map(one).collect()
}

fn entries(ledger: &probity_app::Ledger, receipt: Receipt) -> Vec<Entry> {
    (receipt.first.0..=receipt.last.0)
        .map(|at| {
            ledger
                .entry(Position(at))
                .expect("readable")
                .expect("there")
        })
        .collect()
}

/// What happens to the next command of the city.
#[derive(Debug, Clone, Copy)]
enum Twist {
    None,
    Twice,
    NameOnly,
    OtherContent,
    UnknownClass,
    Empty,
    ErasePerson(u16),
    EraseRecord(u16),
}

fn twists() -> impl Strategy<Value = Vec<Twist>> {
    let one = prop_oneof![
        6 => Just(Twist::None),
        1 => Just(Twist::Twice),
        1 => Just(Twist::NameOnly),
        1 => Just(Twist::OtherContent),
        1 => Just(Twist::UnknownClass),
        1 => Just(Twist::Empty),
        1 => any::<u16>().prop_map(Twist::ErasePerson),
        1 => any::<u16>().prop_map(Twist::EraseRecord),
    ];
    proptest::collection::vec(one, 80)
}

struct Play<'a> {
    loader: Loader<'a>,
    known: BTreeSet<String>,
}

impl Play<'_> {
    /// Rehearses, checks that nothing changed, commits, compares.
    fn both(&mut self, command: Command, brings: Brings) {
        let ledger = self.loader.ledger;
        let before = (ledger.head(), ledger.views().digest());
        let rehearsed = ledger.log.rehearse_blocking(vec![command.clone()]);
        let rehearsed = rehearsed.expect("answers").pop().expect("one answer");
        assert_eq!((ledger.head(), ledger.views().digest()), before);
        let committed = submit(ledger, command.clone());
        match (&rehearsed, &committed) {
            (Ok(Rehearsed::Append(events)), Ok(receipt)) => {
                assert_eq!(receipt.outcome, Outcome::Appended);
                self.same(events, *receipt);
            }
            (Ok(Rehearsed::Park(events)), Ok(receipt)) => {
                assert_eq!(receipt.outcome, Outcome::Parked);
                self.same(events, *receipt);
            }
            (Ok(Rehearsed::AlreadyThere), Ok(receipt)) => {
                assert_eq!(receipt.outcome, Outcome::AlreadyThere);
            }
            (Err(refusal), Err(SubmitError::Refused(refused))) => assert_eq!(refusal, refused),
            (Err(Refusal::Erased), Err(SubmitError::Erased)) => {}
            other => panic!("{other:?}: {command:?}"),
        }
        if let Ok(receipt) = committed {
            self.loader.note(brings, receipt);
        } else if brings == Brings::Record {
            self.loader.records.push(Default::default());
        }
    }

    fn same(&mut self, events: &[NewEvent], receipt: Receipt) {
        let done = done(&entries(self.loader.ledger, receipt));
        let told = told(events);
        assert_eq!(
            without_new_ids(&told, &self.known),
            without_new_ids(&done, &self.known)
        );
        self.known.extend(ids(&done).map(str::to_owned));
    }

    fn erase(&mut self, what: Erasable) {
        let command = Command::Erase {
            what,
            authority: "test".to_owned(),
            legal_basis: "test".to_owned(),
            rows: Default::default(),
        };
        self.both(command, Brings::Nothing);
    }

    fn play(&mut self, twist: Twist) {
        match twist {
            Twist::ErasePerson(number) => {
                let person = {
                    let views = self.loader.ledger.views();
                    let rows = views.directory().rows().iter();
                    let persons: Vec<_> = rows.filter(|row| row.kind.is_person()).collect();
                    persons
                        .get(usize::from(number) % persons.len().max(1))
                        .map(|row| row.id)
                };
                if let Some(person) = person {
                    self.erase(Erasable::Root(RootId(person.0)));
                }
                return;
            }
            Twist::EraseRecord(number) => {
                let records = &self.loader.records;
                let record = records.get(usize::from(number) % records.len().max(1));
                if let Some(record) = record.copied() {
                    self.erase(Erasable::Record(record));
                }
                return;
            }
            _ => {}
        }
        let Some((brings, command)) = self.loader.next() else {
            return;
        };
        let Command::ReportRecord(report, intake) = &command else {
            self.both(command, brings);
            return;
        };
        let mut other = report.clone();
        match twist {
            Twist::NameOnly => other.subject.identifiers.clear(),
            Twist::OtherContent => other.source_unit.push('二'),
            Twist::UnknownClass => other.subcategory = "XK999".to_owned(),
            Twist::Empty => other.fields.clear(),
            Twist::Twice => {}
            _ => {
                self.both(command, brings);
                return;
            }
        }
        let other = Command::ReportRecord(other, intake.clone());
        self.both(command, brings);
        self.both(other, Brings::Nothing);
    }
}

proptest! {
    // Each case is a whole small ledger; PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: ProptestConfig::default().cases / 32, ..ProptestConfig::default()
    })]

    #[test]
    fn a_rehearsal_equals_the_commit(seed in 0..1_000u64, twists in twists()) {
        let home = Home::new();
        let ledger = home.in_memory();
        let loader = Loader::new(&ledger, seed, 60);
        let mut play = Play { loader, known: BTreeSet::new() };
        let half = twists.len() / 2;
        twists[..half].iter().for_each(|twist| play.play(*twist));
        let checked = check_at_rest(&ledger, None).expect("holds");
        twists[half..].iter().for_each(|twist| play.play(*twist));
        check_at_rest(&ledger, Some(&checked)).expect("holds");
        ledger.close();
    }
}

/// Many at once, as an import does it: each is decided as if those before it were there.
#[test]
fn a_rehearsal_of_many_equals_their_commits_one_by_one() {
    let home = Home::new();
    let ledger = home.in_memory();
    let mut loader = Loader::new(&ledger, 42, 60);
    let mut commands = Vec::new();
    while let Some((_, command)) = loader.next() {
        if let Command::ReportRecord(report, _) = &command {
            let mut name_only = report.clone();
            name_only.subject.identifiers.clear();
            commands.push(Command::ReportRecord(name_only.clone(), Intake::default()));
            commands.push(Command::ReportRecord(name_only, Intake::default()));
            commands.push(command.clone());
        }
        commands.push(command);
    }
    let rehearsed = ledger
        .log
        .rehearse_blocking(commands.clone())
        .expect("answers");
    let outcomes = |answer: &Result<Rehearsed, Refusal>| match answer {
        Ok(Rehearsed::Append(events)) => format!("append {}", events.len()),
        Ok(Rehearsed::Park(events)) => format!("park {}", events.len()),
        Ok(Rehearsed::AlreadyThere) => "there".to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    for (command, rehearsed) in commands.into_iter().zip(&rehearsed) {
        let committed = match submit(&ledger, command.clone()) {
            Ok(receipt) => {
                let count = receipt.last.0 - receipt.first.0 + 1;
                match receipt.outcome {
                    Outcome::Appended => format!("append {count}"),
                    Outcome::Parked => format!("park {count}"),
                    Outcome::AlreadyThere => "there".to_owned(),
                }
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(outcomes(rehearsed), committed, "{command:?}");
    }
    check_at_rest(&ledger, None).expect("holds");
    ledger.close();
}
