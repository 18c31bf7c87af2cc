//! People whom an organisation's record names never stand in its open part: not when it is reported, not when it is corrected.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_city::{Loaded, Scale, Step, city};
use probity_domain::command::{Command, Compensation, Intake};
use probity_domain::report::RecordReport;
use probity_format::events::{Event, Ground};
use probity_types::{CompensationReason, FieldValue, Text};
use std::collections::BTreeMap;
use support::{TestLog, today};

const PERSON: &str = "阿依努尔·买买提";
const FIRM: &str = "克拉玛依演示管理有限公司";

fn text(value: &str) -> FieldValue {
    FieldValue::Text(Text::try_from(value).expect("short"))
}

/// A judgment about a firm, with a field that names who answers for it.
fn report() -> RecordReport {
    let judgment = |step| match step {
        Step::Record(report) => {
            let fits = report.subcategory == "PJ009" && !report.subject.kind.is_person();
            fits.then_some(*report)
        }
        _ => None,
    };
    city(5, Scale::for_records(6_000), today())
        .find_map(judgment)
        .expect("the city has one")
}

/// What the last entry says in the open, and the record it is about.
fn said(log: &TestLog) -> (String, Event) {
    let entries = log.as_stored();
    let last = entries.last().expect("an entry");
    (last.event.to_json().to_string(), last.event.clone())
}

#[test]
fn whoever_answers_for_a_firm_is_sealed_and_a_firm_is_not() {
    for (name, is_open) in [(PERSON, false), (FIRM, true)] {
        let mut log = TestLog::new(3);
        let mut report = report();
        report
            .fields
            .insert("responsible_person".to_owned(), text(name));
        log.submit(&Command::ReportRecord(Box::new(report), Intake::default()))
            .expect("recorded");
        let (open, event) = said(&log);
        assert_eq!(open.contains(name), is_open, "{open}");
        let entries = log.as_stored();
        let entry = entries.last().expect("an entry");
        let details = entry.details().expect("opened");
        assert_eq!(
            details.to_fields().get("responsible_person"),
            Some(&text(name))
        );

        let record = event.record().expect("a record");
        let current = log.current(record).expect("there");
        let other = if is_open { PERSON } else { FIRM };
        let changes = BTreeMap::from([("responsible_person".to_owned(), Some(text(other)))]);
        let ground = Ground {
            reason: CompensationReason::SourceCorrection,
            authority: Text::try_from("演示机关").expect("short"),
            instrument_no: Text::default(),
            legal_basis: Text::default(),
            evidence: Default::default(),
        };
        let action = Compensation::Correct(changes);
        log.submit(&Command::Compensate {
            records: vec![current],
            action,
            ground,
        })
        .expect("corrected");
        let (open, _) = said(&log);
        assert!(!open.contains(PERSON), "{open}");
    }
}
