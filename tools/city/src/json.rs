//! Steps as JSON, one object a line, for people and scripts. Not a format that anything reads back.

use crate::step::{Certificate, Grounds, Step};
use probity_domain::report::{ListingReport, RecordReport, SubjectClaim};
use probity_types::{CivilDate, FieldValue};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One object under construction.
struct Object(String);

impl Object {
    fn new(step: &str) -> Self {
        Self(format!("{{\"step\":{}", quoted(step)))
    }

    /// A member whose value is JSON already.
    fn raw(mut self, name: &str, json: &str) -> Self {
        // Writing to a string does not fail.
        let _ = write!(self.0, ",{}:{json}", quoted(name));
        self
    }

    fn text(self, name: &str, text: &str) -> Self {
        self.raw(name, &quoted(text))
    }

    fn day(self, name: &str, day: Option<CivilDate>) -> Self {
        let json = day.map_or_else(|| "null".to_owned(), |day| quoted(&day.to_string()));
        self.raw(name, &json)
    }

    fn grounds(self, grounds: &Grounds) -> Self {
        self.text("reason", grounds.reason.to_string().as_str())
            .text("authority", &grounds.authority)
            .text("instrument_no", &grounds.instrument_no)
            .text("legal_basis", &grounds.legal_basis)
    }

    fn end(self) -> String {
        self.0 + "}"
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn map<'a>(members: impl Iterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> = members
        .map(|(name, json)| format!("{}:{json}", quoted(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn subject(claim: &SubjectClaim) -> String {
    let identifiers = claim
        .identifiers
        .iter()
        .map(|i| (i.kind.to_string(), quoted(&i.value)));
    let identifiers: BTreeMap<String, String> = identifiers.collect();
    let optional =
        |text: &Option<String>| text.as_deref().map_or_else(|| "null".to_owned(), quoted);
    map([
        ("kind", quoted(&claim.kind.to_string())),
        ("name", quoted(&claim.name)),
        (
            "identifiers",
            map(identifiers
                .iter()
                .map(|(kind, value)| (kind.as_str(), value.clone()))),
        ),
        (
            "birth_date",
            claim
                .birth_date
                .map_or_else(|| "null".to_owned(), |day| quoted(&day.to_string())),
        ),
        ("region", optional(&claim.region)),
        ("industry", optional(&claim.industry)),
    ]
    .into_iter())
}

/// Money as fen, so that no reader makes a float of it; everything else as a person reads it.
fn value(value: &FieldValue) -> String {
    match value {
        FieldValue::Fen(fen) => fen.0.to_string(),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Boolean(answer) => answer.to_string(),
        FieldValue::Text(_)
        | FieldValue::Date(_)
        | FieldValue::Decimal(_)
        | FieldValue::Code(_)
        | FieldValue::Codes(_) => quoted(&value.to_string()),
    }
}

fn record(report: &RecordReport) -> String {
    Object::new("record")
        .text("subcategory", &report.subcategory)
        .text("role", &report.role.to_string())
        .raw("subject", &subject(&report.subject))
        .text("authority", &report.authority)
        .text("authority_code", &report.authority_code)
        .text("source_unit", &report.source_unit)
        .raw(
            "fields",
            &map(report
                .fields
                .iter()
                .map(|(name, v)| (name.as_str(), value(v)))),
        )
        .end()
}

fn listing(report: &ListingReport, notice: Option<CivilDate>, decider: &str) -> String {
    Object::new("listing")
        .text("list", &report.list)
        .text("procedure", &report.procedure.to_string())
        .raw("subject", &subject(&report.subject))
        .text("authority", &report.authority)
        .text("instrument_no", &report.instrument_no)
        .text("basis", &report.basis)
        .text("reason", &report.reason)
        .day("listed_on", report.listed_on)
        .day("until", report.until)
        .day("notice_served_on", notice)
        .text("decider", decider)
        .end()
}

fn certificate(certificate: &Certificate) -> String {
    Object::new("certificate")
        .raw("person", &subject(&certificate.person))
        .text("group", &certificate.group)
        .text("title", &certificate.title)
        .text("number", &certificate.number)
        .text("issuer", &certificate.issuer)
        .day("issued_on", Some(certificate.issued_on))
        .day("valid_to", certificate.valid_to)
        .end()
}

/// One step as one line of JSON, without the line's end.
pub fn line(step: &Step) -> String {
    match step {
        Step::Subject(claim) => Object::new("subject").raw("subject", &subject(claim)).end(),
        Step::Certificate(held) => certificate(held),
        Step::Record(report) => record(report),
        Step::Listing(report, steps) => listing(report, steps.notice_served_on, &steps.decider),
        Step::Correct {
            record,
            changes,
            grounds,
        } => {
            let new = |v: &Option<FieldValue>| v.as_ref().map_or_else(|| "null".to_owned(), value);
            let changes = map(changes.iter().map(|(name, v)| (name.as_str(), new(v))));
            Object::new("correct")
                .raw("record", &record.to_string())
                .raw("changes", &changes)
                .grounds(grounds)
                .end()
        }
        Step::Annul {
            record,
            from,
            grounds,
        } => Object::new("annul")
            .raw("record", &record.to_string())
            .day("from", *from)
            .grounds(grounds)
            .end(),
        Step::Void { record, grounds } => Object::new("void")
            .raw("record", &record.to_string())
            .grounds(grounds)
            .end(),
        Step::Perform {
            record,
            performance,
            on,
            amount,
        } => Object::new("perform")
            .raw("record", &record.to_string())
            .text("performance", &performance.to_string())
            .day("on", Some(*on))
            .raw(
                "amount",
                &amount.map_or_else(|| "null".to_owned(), |fen| fen.0.to_string()),
            )
            .end(),
        Step::EndListing {
            listing,
            reason,
            authority,
            legal_basis,
            ended_on,
        } => Object::new("end_listing")
            .raw("listing", &listing.to_string())
            .text("reason", &reason.to_string())
            .text("authority", authority)
            .text("legal_basis", legal_basis)
            .day("ended_on", Some(*ended_on))
            .end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_control_characters_are_escaped() {
        assert_eq!(quoted("演\"示\\\n"), "\"演\\\"示\\\\\\u000a\"");
    }

    #[test]
    fn an_emptied_field_shows_as_null_and_money_as_fen() {
        let changes = BTreeMap::from([
            (
                "fine".to_owned(),
                Some(FieldValue::Fen(probity_types::Fen(12_345))),
            ),
            ("remedy_state".to_owned(), None),
        ]);
        let grounds = Box::new(Grounds {
            reason: probity_types::CompensationReason::SourceCorrection,
            authority: "a".to_owned(),
            instrument_no: "b".to_owned(),
            legal_basis: "c".to_owned(),
        });
        let shown = line(&Step::Correct {
            record: 7,
            changes,
            grounds,
        });
        assert!(
            shown.starts_with(
                r#"{"step":"correct","record":7,"changes":{"fine":12345,"remedy_state":null},"#
            ),
            "{shown}"
        );
    }
}
