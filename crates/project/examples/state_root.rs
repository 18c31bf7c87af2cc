//! Measures a state root: `cargo run --release -p probity-project --example state_root -- RECORDS`. A made-up city of so many
//! records is decided in memory (2,520,000 take 6.5 GB); then all rows and both roots are computed, of the present and of
//! moments in the past.

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, reason = "needs the log alone")]
mod support;

use probity_city::{Scale, Step, city, command};
use probity_domain::command::Intake;
use probity_project::state_root::RowKey;
use probity_project::state_roots;
use probity_types::{Position, SubjectId};
use std::time::Instant;
use support::{TestLog, today};

fn measure(log: &TestLog, what: &str, as_of: Position) {
    let entry = |at: Position| {
        let entry = log.entries.get(at.0 as usize)?;
        Some((entry.header.revision, entry.hash))
    };
    let keys = |id: &SubjectId| RowKey::Leaf(*blake3::hash(&id.0).as_bytes());
    let began = Instant::now();
    let rows = log.views.state_rows(as_of, today(), &entry, &keys);
    let rows = rows.expect("a moment that is past");
    let took_ms = began.elapsed().as_millis();
    let began = Instant::now();
    let roots = state_roots(&rows);
    let roots_ms = began.elapsed().as_millis();
    let subjects = roots.subjects;
    println!("{what}: {subjects} subjects, rows {took_ms} ms, both roots {roots_ms} ms");
}

fn main() {
    let records = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let mut log = TestLog::new(1);
    let steps = city(
        650_200,
        Scale::for_records(records.unwrap_or(10_000)),
        today(),
    );
    for step in steps {
        // What names a record by its ordinal is left out: the test log reads everything to find one.
        let is_wanted = matches!(step, Step::Subject(_) | Step::Record(_) | Step::Listing(..));
        if let Some(command) = is_wanted
            .then(|| command(step, Intake::default(), &log))
            .flatten()
        {
            log.submit(&command).expect("the city is right");
        }
    }
    let head = log.views.position().expect("begun");
    println!("{} entries", head.next().0);
    measure(&log, "present", head);
    measure(
        &log,
        "1,000 entries before",
        Position(head.0.saturating_sub(1_000)),
    );
    measure(&log, "half of the entries before", Position(head.0 / 2));
}
