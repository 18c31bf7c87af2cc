//! Reports as an agency sends them: JSON about subjects of the prepared city, half of them persons.

use crate::client::{MARK, request};
use crate::lab::{Run, city_day};
use crate::load::{SEED, key};
use probity_api::{FieldMap, IdentifierRequest, RecordRequest, SubjectRequest};
use probity_city::{Scale, Step, city};
use probity_domain::command::{Command, Intake};
use probity_domain::report::{RecordReport, SubjectClaim};
use probity_types::{FieldValue, SubjectKind};
use serde_json::{Value, json};

/// Subjects that the reports are about.
const SUBJECTS: usize = 2_000;

/// Endless reports about subjects of a prepared city, an enterprise and a person by turns.
pub struct Reports {
    records: probity_city::City,
    /// Enterprises and persons.
    claims: [Vec<SubjectClaim>; 2],
    made: usize,
}

impl std::fmt::Debug for Reports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reports")
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

impl Reports {
    /// Reports about the subjects of a city of this scale; each seed gives others.
    pub fn about(scale: Scale, seed: u64) -> Self {
        let (mut enterprises, mut persons) = (Vec::new(), Vec::new());
        for step in city(SEED, scale, city_day()) {
            let Step::Subject(claim) = step else { continue };
            let claims = match claim.kind {
                SubjectKind::Enterprise => &mut enterprises,
                SubjectKind::NaturalPerson => &mut persons,
                _ => continue,
            };
            if claims.len() < SUBJECTS && !was_minor(&claim) {
                claims.push(*claim);
            }
            if persons.len() == SUBJECTS {
                break;
            }
        }
        let scale = Scale {
            organisations: 2_000,
            persons: 2_000,
            records: u64::from(u32::MAX),
            key_persons: 0,
        };
        Self {
            records: city(seed, scale, city_day()),
            claims: [enterprises, persons],
            made: 0,
        }
    }

    fn next_report(&mut self) -> Run<Box<RecordReport>> {
        let sort = self.made % 2;
        let kind = [SubjectKind::Enterprise, SubjectKind::NaturalPerson][sort];
        let found = self.records.find_map(|step| match step {
            Step::Record(report) if report.subject.kind == kind => Some(report),
            _ => None,
        });
        let mut report = found.ok_or("the city has an end")?;
        let claims = &self.claims[sort];
        let place = (self.made / 2) % claims.len().max(1);
        report.subject = claims.get(place).ok_or("a city without subjects")?.clone();
        self.made += 1;
        Ok(report)
    }

    /// The next as a command.
    ///
    /// # Errors
    /// The city has no more.
    pub fn command(&mut self) -> Run<Command> {
        let report = self.next_report()?;
        Ok(Command::ReportRecord(report, Intake::default()))
    }

    /// The next as a request whose document number and idempotency key hold [`MARK`].
    ///
    /// # Errors
    /// The city has no more.
    pub fn request(&mut self) -> Run<Vec<u8>> {
        let report = loop {
            // Not every class has a number by which an act could be another.
            let mut report = self.next_report()?;
            if mark(&mut report)? {
                break report;
            }
        };
        let body = serde_json::to_vec(&as_request(*report))?;
        let bearer = format!("Bearer {}", key());
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", MARK),
        ];
        Ok(request("POST", "/v1/records", &headers, &body))
    }

    /// Many of them.
    ///
    /// # Errors
    /// The city has no more.
    pub fn requests(&mut self, count: usize) -> Run<Vec<Vec<u8>>> {
        (0..count).map(|_| self.request()).collect()
    }
}

/// Whether the person was under 18 at some act of the city: nothing adverse is recorded about those. The city's acts begin
/// in 2009; the year of birth stands in the person's number.
fn was_minor(claim: &SubjectClaim) -> bool {
    let number = claim.identifiers.first().map(|held| held.value.as_str());
    let year = number.and_then(|number| number.get(6..10)?.parse::<u16>().ok());
    claim.kind == SubjectKind::NaturalPerson && year.is_none_or(|year| year > 1990)
}

/// Gives the act a number that can be replaced by another; `false` where its class has none.
fn mark(report: &mut RecordReport) -> Run<bool> {
    let Some(FieldValue::Text(number)) = report.fields.get_mut("document_no") else {
        return Ok(false);
    };
    let marked = format!("演〔2026〕{MARK}号");
    *number = marked
        .as_str()
        .try_into()
        .map_err(|_| "a document number is too long")?;
    Ok(true)
}

fn value(value: &FieldValue) -> Value {
    match value {
        FieldValue::Fen(fen) => json!({ "fen": fen.0 }),
        FieldValue::Integer(number) => json!(number),
        FieldValue::Boolean(answer) => json!(answer),
        FieldValue::Codes(codes) => codes.iter().map(|code| code.to_string()).collect(),
        FieldValue::Text(_)
        | FieldValue::Date(_)
        | FieldValue::Decimal(_)
        | FieldValue::Code(_) => json!(value.to_string()),
    }
}

fn as_request(report: RecordReport) -> RecordRequest {
    let identifiers = report.subject.identifiers.into_iter();
    let fields = report.fields.iter();
    RecordRequest {
        subject: SubjectRequest {
            kind: report.subject.kind,
            name: report.subject.name,
            identifiers: identifiers
                .map(|held| IdentifierRequest {
                    kind: held.kind,
                    value: held.value,
                })
                .collect(),
            birth_date: report.subject.birth_date,
            region: report.subject.region,
            industry: report.subject.industry,
        },
        role: report.role,
        subcategory: report.subcategory,
        authority: report.authority,
        authority_code: report.authority_code,
        source_unit: report.source_unit,
        source_unit_code: report.source_unit_code,
        fields: FieldMap(
            fields
                .map(|(name, held)| (name.clone(), value(held)))
                .collect(),
        ),
    }
}
